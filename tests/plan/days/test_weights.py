"""The factors of a day's weight and who has the last word."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from xlplan.errors import InputError
from xlplan.plan.calendar import calendar
from xlplan.plan.days.events import Event
from xlplan.plan.days.weights import FACTORS, MAKEUP, Shape

FLAT = Shape(weekday=(1,) * 7, month=(1,) * 12, holiday={"中秋": 0.5, "国庆节": 0.6, MAKEUP: 1.4})


def test_a_raw_weight_is_the_product_of_its_factors():
    days = calendar(2026).days
    np.testing.assert_allclose(days["raw_weight"], days[list(FACTORS)].prod(axis=1))


def test_holidays_and_makeup_days_take_their_own_index():
    days = calendar(2026, events=(), shape=FLAT).days
    assert (days.loc["2026-09-25":"2026-09-27", "raw_weight"] == 0.5).all()
    assert (days.loc[days["is_makeup"], "raw_weight"] == 1.4).all()
    assert days.loc["2026-04-05", "raw_weight"] == 1


def test_where_an_event_speaks_the_holiday_index_is_silent():
    days = calendar(2026, shape=FLAT).days
    assert days.loc["2026-10-01", ["holiday_factor", "event_factor"]].tolist() == [1.0, 1.3]
    assert days.loc["2026-09-25", "holiday_factor"] == 0.5


def test_events_on_the_same_day_multiply():
    at = dt.date(2026, 8, 18)
    events = [
        Event(name, at, at, at, lift={0: times}) for name, times in (("甲", 2.0), ("乙", 1.5))
    ]
    assert calendar(2026, events=events, shape=FLAT).days.loc["2026-08-18", "raw_weight"] == 3


def test_the_default_after_dip_lies_below_an_ordinary_day():
    days = calendar(2026).days
    assert 0.4 <= days.loc["2026-06-21", "event_factor"] <= 0.6
    assert 0.4 <= days.loc["2026-11-12", "event_factor"] <= 0.6


@pytest.mark.parametrize(
    "wrong",
    [
        {"weekday": (1, 1, 1)},
        {"weekday": (0,) * 7},
        {"weekday": (1, 1, 1, 1, 1, 1, -1)},
        {"month": (1.0,) * 11},
        {"month": (float("nan"),) * 12},
        {"closed_weekdays": frozenset({0})},
    ],
)
def test_an_impossible_shape_is_refused(wrong):
    with pytest.raises(InputError):
        Shape(**wrong)


@pytest.mark.parametrize("year", [0, 1969, 20226])
def test_a_mistyped_year_is_refused_in_chinese(year):
    with pytest.raises(InputError, match="年份"):
        calendar(year)
