"""日历 and 活动: weights as live formulas, edits read back, campaigns as typed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from xlplan.cells import Seen
from xlplan.plan.days.weights import Shape
from xlplan.sheets.days.page import (
    NOTHING_TYPED,
    TypedDays,
    calendar_page,
    days_as_built,
    make_calendar,
)
from xlplan.sheets.days.read import read_calendar, read_events
from xlplan.sheets.events import page as events_page

FIRST = date(2026, 5, 4)
TYPED = TypedDays(
    {FIRST: "班", date(2026, 5, 9): "休"},
    {date(2026, 6, 1): 2.0},
    {date(2026, 6, 2): 3.5},
    frozenset({date(2026, 1, 2)}),
)


@pytest.fixture(scope="module")
def calendar(one):
    return one.year.calendar


def at_of(calendar, day, key):
    at = days_as_built(calendar, Shape())
    return at.rows[f"d:{day}"], at.columns[key]


def value(page, calendar, day, key):
    return page.cells[at_of(calendar, day, key)].value


@pytest.fixture(scope="module")
def edited(one):
    calendar = make_calendar(2026, one.year.calendar.events, Shape(), TYPED)
    return calendar, calendar_page(calendar, Shape(), TYPED)


def test_day_weights_average_one(one_pages, calendar):
    days = [date(2026, 1, 1) + timedelta(days=i) for i in range(365)]
    weights = [value(one_pages["日历"], calendar, day, "weight") for day in days]
    assert sum(weights) / 365 == pytest.approx(1, abs=1e-12)


def test_raw_weights_multiply_the_factors_beside_them(one_pages, calendar):
    factors = ("month_factor", "weekday_factor", "holiday_factor", "event_factor")
    for day in (date(2026, 1, 1), date(2026, 6, 18), date(2026, 11, 11)):
        product = 1.0
        for key in factors:
            product *= value(one_pages["日历"], calendar, day, key)
        assert value(one_pages["日历"], calendar, day, "raw") == pytest.approx(product, rel=1e-12)


def test_campaign_days_weigh_more_and_makeup_days_are_workdays(one_pages, calendar):
    page = one_pages["日历"]
    assert value(page, calendar, date(2026, 11, 11), "weight") > 2
    assert value(page, calendar, date(2026, 9, 20), "holiday") == "调休上班"
    assert value(page, calendar, date(2026, 2, 17), "holiday") == "春节"


def test_a_typed_weight_stands_before_factors_and_a_closed_day_weighs_nothing(edited):
    calendar, page = edited
    assert value(page, calendar, date(2026, 6, 2), "raw") == 3.5
    assert value(page, calendar, date(2026, 1, 2), "weight") == 0
    raw = page.cells[at_of(calendar, date(2026, 6, 1), "raw")].formula
    shut, typed, multiplier = (
        page.cells[at_of(calendar, date(2026, 1, 2), key)].value
        for key in ("shut", "typed", "multiplier")
    )
    assert (shut, typed, multiplier) == ("√", None, None)
    assert raw.startswith("=IF(")


def test_edits_on_days_read_back_as_typed(edited, seen):
    _, page = edited
    found = read_calendar(seen(page), 2026)
    assert found.days == TYPED
    assert found.problems == []


def test_moved_rows_read_the_same(edited, seen):
    _, page = edited
    moved = {(row + 3, column + 1): cell for (row, column), cell in seen(page).items()}
    assert read_calendar(moved, 2026).days == TYPED


def test_shape_indices_read_back_and_zero_closes_a_weekday(calendar, seen):
    shape = Shape((1.1, 1, 1, 1, 0.9, 0, 1), (1,) * 11 + (1.5,), {"春节": 0.4}, frozenset({6}))
    made = make_calendar(2026, calendar.events, shape, NOTHING_TYPED)
    found = read_calendar(seen(calendar_page(made, shape)), 2026).shape
    assert list(found.weekday) == list(shape.weekday)
    assert list(found.month) == list(shape.month)
    assert found.holiday["春节"] == 0.4
    assert found.closed_weekdays == {6}


@pytest.mark.parametrize(
    ("key", "typed", "why"),
    [
        ("kind", "半天", "既不是“休”也不是“班”"),
        ("multiplier", -1, "调整倍数"),
        ("typed", "高", "指定权重"),
    ],
)
def test_what_cannot_be_meant_is_named_with_its_cell(edited, seen, key, typed, why):
    calendar, page = edited
    spot = at_of(calendar, date(2026, 7, 1), key)
    (problem,) = read_calendar(seen(page) | {spot: Seen(typed)}, 2026).problems
    assert why in problem.what
    assert problem.where.cell.endswith(str(spot[0]))


def test_a_year_that_is_not_announced_says_provisional(state_of):
    state = state_of(year=2028, days=0)
    page = calendar_page(state.year.calendar, state.shape)
    assert page.cells[2, 1].value.startswith("【预估】")
    marks = {cell.value for (_, column), cell in page.cells.items() if column == 18}
    assert "预估" in marks


def test_an_announced_year_makes_no_such_reservation(one_pages):
    assert "预估" not in one_pages["日历"].cells[2, 1].value


def test_campaigns_read_back_as_laid_out(one, one_pages, seen):
    events, problems = read_events(seen(one_pages["活动"]), 2026)
    wanted = [event for event in one.year.calendar.events if event.edition == 2026]
    assert problems == []
    assert [event.name for event in events] == [event.name for event in wanted]
    for found, event in zip(events, wanted, strict=True):
        assert (found.anchor, found.start, found.end) == (event.anchor, event.start, event.end)
        assert dict(found.lift) == pytest.approx(dict(event.lift))
        assert found.phases == event.phases
        assert found.lead_times == event.lead_times
        assert (found.enabled, found.provisional) == (event.enabled, event.provisional)


def typed_event(seen, page, row, texts):
    at = events_page.columns()
    return seen(page) | {(row, at[key]): Seen(text) for key, text in texts.items()}


def empty_row(page):
    at = events_page.columns()
    return next(r for r in range(5, 60) if page.cells[r, at["name"]].value is None)


def test_a_campaign_added_in_an_empty_row_counts(one_pages, seen):
    page = one_pages["活动"]
    texts = {"name": "店庆", "anchor": "2026-04-18", "enabled": "√", "phases": "预热 04-15~04-17"}
    events, problems = read_events(typed_event(seen, page, empty_row(page), texts), 2026)
    assert problems == []
    added = events[-1]
    assert (added.name, added.start, added.end) == ("店庆", date(2026, 4, 18), date(2026, 4, 18))
    assert (added.phases[0].name, added.phases[0].days) == ("预热", 3)


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        ({"name": "店庆"}, "没有锚点日"),
        ({"name": "店庆", "anchor": "2025-04-18"}, "不在 2026 年"),
        ({"name": "店庆", "anchor": "2026-04-18", "end": "2026-04-01"}, "早于开始日"),
        ({"name": "店庆", "anchor": "四月"}, "锚点日"),
    ],
)
def test_a_campaign_that_cannot_be_is_named(one_pages, seen, texts, why):
    page = one_pages["活动"]
    events, problems = read_events(typed_event(seen, page, empty_row(page), texts), 2026)
    assert "店庆" not in [event.name for event in events]
    assert any(why in problem.what for problem in problems)


@pytest.mark.parametrize(("name", "why"), [("618", "写了 2 行"), ("买一送一*", "找错")])
def test_a_name_that_formulas_could_not_tell_apart_is_asked_about(one_pages, seen, name, why):
    page = one_pages["活动"]
    texts = {"name": name, "anchor": "2026-04-18", "enabled": "√"}
    _, problems = read_events(typed_event(seen, page, empty_row(page), texts), 2026)
    assert any(why in problem.what and problem.where.cell for problem in problems)


def test_who_takes_part_what_it_gets_and_what_is_told_of_it_read_back(one_pages, seen):
    page = one_pages["活动"]
    texts = {"name": "店庆", "anchor": "2026-04-18", "enabled": "√", "platform": "天猫", "stores": "甲店，乙店", "budget": "12.5%", "owner": "小王", "presale": 0.4, "new_target": 900}  # fmt: skip
    events, problems = read_events(typed_event(seen, page, empty_row(page), texts), 2026)
    assert problems == []
    assert (events[-1].platform, events[-1].stores, events[-1].budget_share) == ("天猫", ("甲店", "乙店"), 0.125)  # fmt: skip
    assert events[-1].about == {"owner": "小王", "presale": 0.4, "new_target": 900.0}


def test_a_row_is_high_enough_for_its_longest_text(one_pages):
    page, at = one_pages["活动"], events_page.columns()
    for (row, column), cell in page.cells.items():
        if column == at["leads"] and row > 4 and cell.value:
            wide = sum(2 if char > "\u2e80" else 1 for char in cell.value)
            lines = -(-wide // events_page.HEADS["leads"][1])
            assert page.rows[row].size >= 14 * lines
