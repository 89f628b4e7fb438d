"""Events: phases, corresponding days, the default table, text and back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.errors import InputError
from xlplan.plan.days.event_table import default_events, editions
from xlplan.plan.days.event_text import (
    EVENT_COLUMNS,
    event_frame,
    lead_text,
    leads_from_text,
    phase_text,
    phases_from_text,
    profile_frame,
)
from xlplan.plan.days.events import (
    Event,
    LeadTime,
    Phase,
    borrowed_lift,
    corresponding_day,
    in_year,
    rescheduled,
    touching,
)

NAMES = {"元旦", "年货节", "春节", "情人节", "38焕新", "51", "520", "618", "88会员节", "七夕"}
NAMES |= {"99划算节", "920会员节", "国庆", "双11", "双12"}


def day(text):
    return dt.date.fromisoformat(text)


def find(name, year):
    return next(event for event in default_events(year) if event.name == name)


def test_a_default_year_holds_the_campaigns_of_the_trade():
    assert {event.name for event in default_events(2026)} == NAMES
    assert sum(event.budget_share for event in default_events(2026)) < 1


@pytest.mark.parametrize(
    ("name", "year", "start", "end"),
    [
        ("618", 2025, "2025-05-13", "2025-06-20"),
        ("618", 2026, "2026-05-10", "2026-06-20"),
        ("双11", 2025, "2025-10-15", "2025-11-14"),
        ("年货节", 2026, "2026-01-24", "2026-02-08"),
        ("38焕新", 2026, "2026-03-01", "2026-03-08"),
        ("99划算节", 2025, "2025-09-04", "2025-09-09"),
        ("920会员节", 2026, "2026-09-17", "2026-09-20"),
        ("双12", 2026, "2026-12-08", "2026-12-12"),
    ],
)
def test_the_known_campaign_dates_are_in_the_table(name, year, start, end):
    event = find(name, year)
    assert (event.start, event.end) == (day(start), day(end))


def test_campaigns_that_follow_the_spring_festival_move_with_it():
    for name in ("年货节", "春节"):
        gap = find(name, 2025).start - day("2025-01-29")
        assert find(name, 2026).start - day("2026-02-17") == gap
        assert find(name, 2028).start - day("2028-01-26") == gap


def test_dates_that_are_only_a_pattern_are_provisional():
    assert find("双11", 2026).provisional
    assert not find("双11", 2025).provisional
    assert find("618", 2026).provisional
    assert not find("618", 2025).provisional
    assert all(event.provisional for event in default_events(2027))


def test_lifts_are_the_documented_defaults():
    assert max(find("双11", 2026).lift.values()) == find("双11", 2026).lift[0] == 8
    assert max(find("618", 2026).lift.values()) == find("618", 2026).lift[0] == 5
    assert min(find("春节", 2026).lift.values()) == 0.4


@pytest.mark.parametrize("year", range(2004, 2036))
def test_every_year_has_a_table_whose_phases_hold_every_lift(year):
    for event in default_events(year):
        inside = {k for p in event.phases for k in range(p.start, p.end + 1)}
        assert set(event.lift) == inside
        assert len(inside) == sum(p.days for p in event.phases)
        assert event.first <= event.start <= event.end <= event.last


def test_the_first_wave_of_618_meets_last_years_first_wave():
    this, last = find("618", 2026), find("618", 2025)
    assert corresponding_day(day("2026-05-13"), this, last) == day("2025-05-16")
    assert corresponding_day(day("2026-05-21"), this, last) == day("2025-05-30")
    assert corresponding_day(day("2026-06-18"), this, last) == day("2025-06-18")
    assert corresponding_day(day("2026-05-19"), this, last) == day("2025-05-26")


def test_a_longer_phase_is_stretched_over_the_shorter_one_in_order():
    short = Event(
        "节", day("2025-06-18"), day("2025-06-01"), day("2025-06-05"), (Phase("波", -17, -13),)
    )
    long = Event(
        "节", day("2026-06-18"), day("2026-06-01"), day("2026-06-10"), (Phase("波", -17, -8),)
    )
    met = [corresponding_day(at, long, short) for at in long.days()]
    assert (met[0], met[-1]) == (short.start, short.end)
    assert met == sorted(met)
    assert set(met) == set(short.days())


def test_without_a_common_phase_days_keep_their_offset_from_the_anchor():
    this = Event("节", day("2026-08-18"), day("2026-08-16"), day("2026-08-18"))
    last = Event(
        "节", day("2025-08-08"), day("2025-08-06"), day("2025-08-08"), (Phase("预热", -2, 0),)
    )
    assert corresponding_day(day("2026-08-17"), this, last) == day("2025-08-07")


def test_moving_an_event_takes_its_lifts_along():
    event = find("618", 2026)
    phases = [Phase("第一波", -30, -25), Phase("狂欢", -1, 0)]
    moved = rescheduled(event, phases, start=day("2026-05-19"), end=day("2026-06-18"))
    assert moved.lift[-30] == event.lift[-36] == 2.6
    assert moved.lift[0] == 5
    assert set(moved.lift) == {*range(-30, -24), -1, 0}
    assert not moved.provisional


def test_an_edition_borrows_the_lifts_of_another():
    this, last = find("双11", 2026), find("双11", 2025)
    assert borrowed_lift(this, last) == dict(sorted(last.lift.items()))


def test_an_event_of_another_year_keeps_month_and_day_and_is_provisional():
    leap = Event("闰日", day("2024-02-29"), day("2024-02-28"), day("2024-03-01"))
    moved = in_year(leap, 2026)
    assert (moved.anchor, moved.start, moved.end) == (
        day("2026-02-28"),
        day("2026-02-27"),
        day("2026-03-01"),
    )
    assert moved.provisional


def test_editions_stand_in_for_years_that_were_not_given():
    own = Event("店庆", day("2026-08-18"), day("2026-08-18"), day("2026-08-18"), lift={0: 3.0})
    found = editions((2025, 2026), [own, find("618", 2026)])
    assert [(event.name, event.anchor) for event in found if event.name == "店庆"] == [
        ("店庆", day("2025-08-18")),
        ("店庆", day("2026-08-18")),
    ]
    assert find("618", 2025) in found
    assert {event.name for event in found} == {"店庆", "618"}
    assert editions((2025, 2026), []) == ()


def test_an_event_that_starts_in_december_touches_both_years():
    over = Event("跨年", day("2027-01-01"), day("2026-12-30"), day("2027-01-02"))
    assert touching([over], 2026) == touching([over], 2027) == (over,)
    assert touching([over], 2025) == ()


@pytest.mark.parametrize(
    "change",
    [
        {"end": day("2026-06-01")},
        {"phases": (Phase("倒", 3, 1),)},
        {"lift": {0: -1.0}},
        {"lift": {0: float("nan")}},
        {"lift": {0: float("inf")}},
    ],
)
def test_an_impossible_event_is_refused_by_name(change):
    event = Event("节", day("2026-06-18"), day("2026-06-10"), day("2026-06-18"))
    with pytest.raises(InputError, match="节"):
        replace(event, **change)


@pytest.mark.parametrize("event", default_events(2028), ids=lambda event: event.name)
def test_phases_and_lead_times_survive_being_written_in_a_cell(event):
    assert phases_from_text(phase_text(event.anchor, event.phases), event.anchor) == event.phases
    assert leads_from_text(lead_text(event.lead_times)) == event.lead_times


def test_lead_times_are_written_as_operators_write_them():
    assert (
        lead_text([LeadTime(7, "规则同步客服"), LeadTime(-8, "确认停发")])
        == "T-7 规则同步客服；T+8 确认停发"
    )


def test_people_write_dates_in_several_ways():
    anchor = day("2026-11-11")
    assert phases_from_text("预售：10月15日至10月19日; 当日 11.11", anchor) == (
        Phase("预售", -27, -23),
        Phase("当日", 0, 0),
    )


@pytest.mark.parametrize("text", ["预售", "预售 13-40~13-41", "预售 05-12~05-10", "05-10~05-12"])
def test_a_phase_that_cannot_be_read_is_refused(text):
    with pytest.raises(InputError):
        phases_from_text(text, day("2026-06-18"))


def test_a_lead_time_that_cannot_be_read_is_refused_with_its_text():
    with pytest.raises(InputError, match="提前七天"):
        leads_from_text("提前七天 锁库存")


def test_events_and_profiles_are_tables():
    events = default_events(2026)
    table, profile = event_frame(events), profile_frame(events)
    assert tuple(table.columns) == EVENT_COLUMNS
    assert len(table) == len(events)
    peak = profile.set_index(["name", "date"]).loc[("双11", day("2026-11-11"))]
    assert (peak["offset"], peak["phase"], peak["lift"]) == (0, "狂欢", 8)
    assert list(event_frame([]).columns) == list(EVENT_COLUMNS)


@settings(max_examples=60, deadline=None)
@given(
    target=st.tuples(st.integers(-40, 0), st.integers(0, 30)),
    source=st.tuples(st.integers(-40, 0), st.integers(0, 30)),
)
def test_phases_of_any_length_correspond_end_to_end_in_order(target, source):
    def event(year, start, days):
        anchor = dt.date(year, 6, 18)
        phase = Phase("波", start, start + days)
        return Event(
            "节",
            anchor,
            anchor + dt.timedelta(start),
            anchor + dt.timedelta(start + days),
            (phase,),
        )

    this, last = event(2026, *target), event(2025, *source)
    met = [corresponding_day(at, this, last) for at in this.days() if this.phase(at)]
    assert met == sorted(met)
    assert met[0] == last.start
    assert met[-1] == last.end or len(met) == 1
