"""The facade: one row a day, weights that never change a total, ISO weeks, any year."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.errors import InputError
from xlplan.plan.calendar import calendar, reweight, with_weights
from xlplan.plan.days.weights import Shape

WEEKDAY = (1, 1, 1.05, 1.1, 1.3, 1.6, 1.5)
TYPED = {1: 3, 2: 2, 3: 2, 10: 3, 11: 8, 12: 0.6, 13: 0.7}
A13 = {dt.date(2026, 11, day): times for day, times in TYPED.items()}


@pytest.fixture(scope="module")
def a13():
    shape = Shape(weekday=WEEKDAY, month=(1,) * 12)
    return calendar(2026, events=(), shape=shape, multipliers=A13)


@pytest.fixture(scope="module")
def plain():
    return calendar(2026)


def test_planning_case_a13_weights_a_november_of_5_million(a13):
    assert a13.weights(11, raw=True).sum() == pytest.approx(50.22, abs=1e-9)
    assert a13.unit_weight_value(5_000_000, 11, raw=True) == pytest.approx(99561.9275, abs=5e-5)
    money = a13.shares(11) * 5_000_000
    expected = {1: 448029, 4: 104540, 6: 129431, 11: 836320, 12: 65711, 13: 90601, 30: 99562}
    for day, yuan in expected.items():
        assert money[f"2026-11-{day:02d}"] == pytest.approx(yuan, abs=1)


def test_planning_case_a13_adds_up_by_iso_week(a13):
    raw = a13.week_weights(11, raw=True)
    assert list(raw.index) == [f"2026-W{week}-11" for week in range(44, 50)]
    assert raw.tolist() == pytest.approx([4.5, 10.55, 17.07, 8.55, 8.55, 1.0])
    weeks = raw * a13.unit_weight_value(5_000_000, 11, raw=True)
    assert weeks.tolist() == pytest.approx(
        [448029, 1050379, 1699522, 851254, 851254, 99562], abs=1
    )


def test_normalised_and_raw_weights_split_a_month_alike(a13):
    raw, weight = a13.weights(11, raw=True), a13.weights(11)
    np.testing.assert_allclose(raw / raw.sum(), weight / weight.sum(), rtol=1e-12)


def test_a_calendar_has_one_row_for_every_day_of_its_year():
    assert [len(calendar(year).days) for year in (2024, 2025)] == [366, 365]


def test_weights_average_one_over_the_year(plain):
    assert plain.days["weight"].mean() == pytest.approx(1)
    assert plain.month_shares().sum() == pytest.approx(1)
    assert plain.days["weight"].idxmax() == pd.Timestamp(2026, 11, 11)


def test_2026_has_53_iso_weeks_and_new_year_2027_is_in_the_last(plain):
    next_year = calendar(2027).days
    assert plain.days["iso_week"].max() == 53
    first = next_year.loc["2027-01-01"]
    assert (first["iso_year"], first["iso_week"], first["week_part"]) == (2026, 53, "2026-W53-01")
    assert next_year[next_year["iso_year"] == 2027]["iso_week"].max() == 52


@pytest.mark.parametrize("year", [2020, 2024, 2026, 2027, 2029])
def test_technical_weeks_are_monday_to_sunday_cut_at_month_ends_and_sort_by_time(year):
    days = calendar(year).days
    for _, part in days.groupby("week_part"):
        stamps = pd.DatetimeIndex(part.index)
        assert stamps.month.nunique() == 1
        assert len(part) == (stamps[-1] - stamps[0]).days + 1 <= 7
        assert part["weekday"].is_monotonic_increasing
    assert days["week_part"].is_monotonic_increasing
    cuts = (days["weekday"] == 1) | (pd.DatetimeIndex(days.index).day == 1)
    assert days["week_part"].nunique() == cuts.sum()


def test_weekdays_are_named_in_chinese(plain):
    row = plain.days.loc["2026-11-11"]
    assert (row["weekday"], row["weekday_cn"], row["quarter"]) == (3, "三", 4)


def test_a_year_whose_holidays_are_not_announced_works_and_says_so():
    found = calendar(2027)
    assert found.provisional
    assert any("2027" in p.what and "预估" in p.what for p in found.problems)
    assert found.days.loc["2027-02-06", "holiday"] == "春节"
    assert not calendar(2026).provisional
    assert calendar(2026).problems == ()


def test_a_multiplier_moves_money_between_days_and_not_the_total(plain):
    edited = reweight(plain, {dt.date(2026, 8, 18): 4})
    assert edited.shares().sum() == pytest.approx(1)
    before, after = plain.shares(8), edited.shares(8)
    assert after.sum() == pytest.approx(1)
    odds = after["2026-08-18"] / after["2026-08-17"]
    assert odds == pytest.approx(4 * before["2026-08-18"] / before["2026-08-17"])


def test_typing_1_takes_a_multiplier_back(plain):
    day = dt.date(2026, 8, 18)
    again = reweight(reweight(plain, {day: 4}), {day: 1})
    pd.testing.assert_frame_equal(again.days, plain.days)


def test_a_typed_weight_replaces_the_computed_one(plain):
    day = dt.date(2026, 11, 11)
    edited = with_weights(plain, {day: 2.5})
    assert edited.days.loc["2026-11-11", "raw_weight"] == 2.5
    assert edited.shares().sum() == pytest.approx(1)
    assert reweight(edited, {day: 3}).days.loc["2026-11-11", "raw_weight"] == 2.5


def test_editing_leaves_the_first_calendar_as_it_was(plain):
    before = plain.days.copy()
    reweight(plain, {dt.date(2026, 3, 3): 9})
    with_weights(plain, {dt.date(2026, 3, 3): 0})
    pd.testing.assert_frame_equal(plain.days, before)


def test_closed_days_weigh_nothing_until_they_are_opened():
    day, monday = dt.date(2026, 2, 17), dt.date(2026, 6, 15)
    found = calendar(
        2026, shape=Shape(closed_weekdays=frozenset({1})), closed=[day], opened=[monday]
    )
    days = found.days
    assert days.loc["2026-02-17", "closed"]
    assert (days.loc[days["closed"], "weight"] == 0).all()
    assert days["closed"].sum() == 52 - 1 + 1
    assert days.loc["2026-06-15", "weight"] > 0
    assert with_weights(found, {day: 1.5}).days.loc[
        "2026-02-17", ["closed", "raw_weight"]
    ].tolist() == [False, 1.5]


def test_a_month_closed_altogether_has_no_shares_and_no_unit_weight():
    shut = calendar(2026, closed=[d.date() for d in pd.date_range("2026-02-01", "2026-02-28")])
    assert shut.shares(2).sum() == 0
    assert math.isnan(shut.unit_weight_value(100, 2))
    assert shut.shares().sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("typed", "what"),
    [
        ({dt.date(2026, 5, 1): -1}, "2026-05-01"),
        ({dt.date(2026, 5, 1): math.nan}, "2026-05-01"),
        ({dt.date(2026, 5, 1): math.inf}, "2026-05-01"),
        ({dt.date(2025, 5, 1): 2}, "2025-05-01"),
    ],
)
def test_an_impossible_multiplier_is_refused_with_its_date(plain, typed, what):
    with pytest.raises(InputError, match=what):
        reweight(plain, typed)


def test_a_year_without_any_weight_is_refused(plain):
    nothing = {stamp.date(): 0.0 for stamp in plain.days.index}
    with pytest.raises(InputError, match="权重都是 0"):
        reweight(plain, nothing)


def test_event_names_and_phases_are_joined_on_shared_days(plain):
    row = plain.days.loc["2026-05-19"]
    assert row["event"] == "618、520"
    assert row["event_phase"] == "第一波、预热"


def test_a_disabled_event_moves_nothing_and_is_still_listed():
    double_11 = next(event for event in calendar(2026).events if event.name == "双11")
    found = calendar(2026, events=[replace(double_11, enabled=False)])
    assert found.days.loc["2026-11-11", ["event", "event_factor"]].tolist() == ["", 1.0]
    assert found.event_frame()["name"].tolist() == ["双11"]
    assert found.milestones().empty


def test_lead_times_become_dated_tasks(plain):
    tasks = plain.milestones().set_index("task")["date"]
    assert tasks["618 T-7 规则同步客服"] == dt.date(2026, 5, 3)
    assert tasks["618 T-3 锁库存"] == dt.date(2026, 5, 7)


def test_the_weights_lie_in_a_matrix_of_months_and_days(plain):
    matrix = plain.matrix()
    assert matrix.shape == (12, 31)
    assert matrix.isna().sum().sum() == 12 * 31 - 365
    assert matrix.loc[11, 11] == plain.days.loc["2026-11-11", "weight"]


def test_the_review_on_the_25th_rolls_to_a_working_day(plain):
    moved = [day for day in plain.review_days() if day.day != 25]
    assert [(day.month, day.day) for day in moved] == [
        (1, 26),
        (4, 24),
        (7, 24),
        (9, 24),
        (10, 26),
    ]


def test_last_years_shape_is_laid_over_this_year_by_comparable_day(plain):
    last = pd.Series(1.0, index=pd.date_range("2025-01-01", "2025-12-31"))
    last["2025-11-11"], last["2025-05-16"], last["2025-01-29"] = 9.0, 4.0, 0.2
    found = plain.last_year_weights(last)
    ordinary = found["2026-07-15"]
    assert found["2026-11-11"] / ordinary == pytest.approx(9)
    assert found["2026-05-13"] / ordinary == pytest.approx(4)
    assert found["2026-02-17"] / ordinary == pytest.approx(0.2)
    assert found.mean() == pytest.approx(1)


def test_days_last_year_does_not_know_take_the_calendars_weight(plain):
    half = pd.Series(5.0, index=pd.date_range("2025-07-01", "2025-12-31"))
    found = plain.last_year_weights(half)
    assert found.notna().all()
    assert found.mean() == pytest.approx(1)
    unknown = plain.days["comparable"] < "2025-07-01"
    ratio = (found / plain.days["weight"])[unknown]
    assert ratio.max() == pytest.approx(ratio.min())


@settings(max_examples=25, deadline=None)
@given(
    edits=st.dictionaries(
        st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31)),
        st.floats(0, 1e6, allow_subnormal=False),
        max_size=60,
    )
)
def test_whatever_multipliers_are_typed_shares_add_up_to_one(plain, edits):
    found = reweight(plain, edits)
    assert found.shares().sum() == pytest.approx(1)
    assert (found.days["weight"] >= 0).all()
    assert found.days["weight"].mean() == pytest.approx(1)


@pytest.mark.parametrize("year", [1999, *range(2004, 2037), 2100])
def test_any_year_has_a_calendar_in_which_every_day_has_a_comparable_day(year):
    days = calendar(year).days
    assert (pd.DatetimeIndex(days["comparable"]).year == year - 1).all()
    assert days["weight"].mean() == pytest.approx(1)
    assert days.drop(columns="typed_weight").notna().all().all()
