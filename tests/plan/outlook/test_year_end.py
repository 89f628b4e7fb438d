"""Year-end by last year or by the plan's shape, and forecasts scored when their month is over."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from xlplan.errors import InputError
from xlplan.plan.outlook.scoring import Issued, Score, scores
from xlplan.plan.outlook.year_end import year_end

NAN = float("nan")


def half(done=182, value=120.0):
    return np.r_[np.full(done, value), np.full(365 - done, NAN)]


def test_the_rest_of_last_year_times_the_growth_so_far():
    last = np.r_[np.full(182, 100.0), np.full(183, 300.0)]
    found = year_end(half(), np.full(365, 1.0), last)
    assert found.basis == "last_year"
    assert found.growth == pytest.approx(1.2)
    assert found.middle == pytest.approx(182 * 120 + 183 * 360)
    assert found.low < found.middle < found.high


def test_without_last_year_the_plans_shape_serves_and_it_is_said():
    found = year_end(half(), np.full(365, 100.0))
    assert found.middle == pytest.approx(365 * 120)
    assert "没有去年" in found.note


def test_missing_days_are_in_neither_side_of_the_growth():
    actual = half()
    actual[10:20] = NAN
    assert year_end(actual, np.full(365, 100.0)).growth == pytest.approx(1.2)


def test_nothing_known_or_nothing_to_compare_with_is_refused():
    with pytest.raises(InputError):
        year_end(np.full(365, NAN), np.ones(365))
    with pytest.raises(InputError):
        year_end(half(), np.full(365, NAN))


def issued(store, month, day, low, middle, high):
    return Issued(store, month, date(2026, month, day), low, middle, high)


def test_forecasts_are_scored_by_store_once_their_month_is_over():
    rows = [
        issued("甲", 3, 7, 80, 110, 130),
        issued("甲", 3, 14, 105, 120, 130),
        issued("甲", 3, 7, 80, 90, 130),  # issued again: the last one counts
        issued("乙", 3, 7, 80, 100, 130),
        issued("甲", 4, 7, 80, 100, 130),  # not over
    ]
    found = scores(rows, {("甲", 3): 100.0, ("乙", 3): 200.0})
    assert found[0] == Score("甲", 2, pytest.approx(0.15), pytest.approx(0.05), 0.5)
    assert found[1] == Score("乙", 1, 0.5, -0.5, 0.0)
