"""可比日期: event to event, holiday to holiday, weekday to weekday; always exactly one."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.plan.calendar import calendar
from xlplan.plan.days.alignment import align, leading_events
from xlplan.plan.days.event_table import default_events
from xlplan.plan.days.events import Event, Phase


@pytest.fixture(scope="module")
def days():
    return calendar(2026).days


@pytest.mark.parametrize(
    ("day", "met"),
    [
        ("2026-02-17", "2025-01-29"),  # 春节 by the lunar calendar
        ("2026-02-16", "2025-01-28"),
        ("2026-01-24", "2025-01-05"),  # 年货节 moves with it
        ("2026-05-13", "2025-05-16"),  # 618 first wave
        ("2026-06-18", "2025-06-18"),
        ("2026-11-11", "2025-11-11"),
        ("2026-08-19", "2025-08-29"),  # 七夕
        ("2026-10-03", "2025-10-03"),
        ("2026-04-05", "2025-04-04"),  # 清明
        ("2026-09-25", "2025-10-06"),  # 中秋
        ("2026-07-15", "2025-07-16"),  # a Wednesday like any other
    ],
)
def test_a_day_meets_its_counterpart_of_last_year(days, day, met):
    assert days.loc[day, "comparable"] == pd.Timestamp(met)


def test_a_break_longer_or_earlier_than_last_years_stays_within_it(days):
    assert days.loc["2026-04-04", "comparable"] == pd.Timestamp("2025-04-04")


@pytest.mark.parametrize("year", [2024, 2025, 2026, 2027, 2030])
def test_ordinary_days_meet_an_ordinary_day_of_the_same_weekday(year):
    this, last = calendar(year).days, calendar(year - 1).days
    ordinary = this[(this["event"] == "") & ~this["is_holiday"]]
    met = last.loc[ordinary["comparable"]]
    assert (met["weekday"].to_numpy() == ordinary["weekday"].to_numpy()).all()
    assert (met["event"] == "").all()
    assert (met["holiday"] == "").all()


def test_without_any_event_or_holiday_a_day_meets_the_one_364_days_before():
    found = calendar(2026, events=()).days
    plain = found.loc["2026-06-22":"2026-09-10"]
    assert (
        (pd.DatetimeIndex(plain.index) - pd.DatetimeIndex(plain["comparable"])).days == 364
    ).all()


def test_the_last_days_of_december_still_meet_the_year_before(days):
    assert days.loc["2026-12-31", "comparable"] == pd.Timestamp("2025-12-25")
    assert (pd.DatetimeIndex(days["comparable"]).year == 2025).all()


def test_dates_edited_for_this_year_meet_last_years_dates():
    def wave(year, first):
        anchor, at = dt.date(year, 8, 18), dt.date(year, 8, first)
        phase = Phase("开场", (at - anchor).days, (at - anchor).days + 2)
        return Event("店庆", anchor, at, at + dt.timedelta(2), (phase,), {phase.start: 4.0})

    found = calendar(2026, events=[wave(2026, 3), wave(2025, 11)]).days
    assert found.loc["2026-08-03":"2026-08-05", "comparable"].tolist() == list(
        pd.date_range("2025-08-11", periods=3)
    )


def test_a_new_event_has_no_counterpart_and_falls_back_to_the_weekday():
    off = Event(
        "旧", dt.date(2025, 8, 18), dt.date(2025, 8, 18), dt.date(2025, 8, 18), enabled=False
    )
    new = Event(
        "旧", dt.date(2026, 8, 18), dt.date(2026, 8, 18), dt.date(2026, 8, 18), lift={0: 3.0}
    )
    assert calendar(2026, events=[off, new]).days.loc["2026-08-18", "comparable"] == pd.Timestamp(
        "2025-08-19"
    )


def test_the_event_that_moves_a_day_most_decides_where_it_meets():
    leading = leading_events(default_events(2026))
    assert leading[dt.date(2026, 5, 20)].name == "520"
    assert leading[dt.date(2026, 5, 17)].name == "618"


def test_aligned_weights_average_one_and_follow_last_year():
    year = pd.date_range("2026-01-01", "2026-01-04")
    met = pd.Series(pd.date_range("2025-01-02", "2025-01-05"), index=year)
    last = pd.Series([4.0, np.nan, -1.0, 8.0], index=pd.date_range("2025-01-02", "2025-01-05"))
    found = align(last, met, pd.Series([1.0, 2.0, 1.0, 1.0], index=year))
    assert found.tolist() == pytest.approx([4 / 5, 8 / 5, 0, 8 / 5])


def test_an_empty_history_aligns_to_the_calendars_own_weights():
    found = calendar(2026)
    aligned = found.last_year_weights(pd.Series(dtype=float))
    np.testing.assert_allclose(aligned, found.days["weight"])


@settings(max_examples=20, deadline=None)
@given(
    year=st.integers(2005, 2034),
    waves=st.lists(
        st.tuples(st.integers(-60, 40), st.integers(0, 30), st.floats(0, 9)), max_size=4
    ),
)
def test_whatever_the_events_every_day_has_one_comparable_day_in_the_year_before(year, waves):
    anchor = dt.date(year, 6, 18)
    events = [
        Event(
            f"节{i}",
            anchor,
            anchor + dt.timedelta(a),
            anchor + dt.timedelta(a + n),
            (Phase("波", a, a + n),),
            {a: x},
        )
        for i, (a, n, x) in enumerate(waves)
    ]
    met = calendar(year, events=events).days["comparable"]
    assert met.notna().all()
    assert (pd.DatetimeIndex(met).year == year - 1).all()
