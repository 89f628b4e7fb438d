"""Spreading down the time tree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.exact.levels import split_nested, spread_levels
from xlplan.plan.spread import spread

DAYS = np.arange("2026-01-01", "2027-01-01", dtype="datetime64[D]")
MONTH = DAYS.astype("datetime64[M]").astype(int) % 12 + 1
QUARTER = (MONTH - 1) // 3 + 1


def fen(amounts):
    return np.rint(np.asarray(amounts) * 100).astype(np.int64)


def by(groups, units):
    return np.array([units[:, groups == group].sum(axis=1) for group in np.unique(groups)]).T


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**31))
def test_every_level_is_the_rounded_share_of_the_level_above(seed):
    random = np.random.default_rng(seed)
    totals = random.integers(0, 10**10, 7) / 100
    weights = random.random((7, 365)) * (random.random(365) > 0.1)
    units = fen(spread_levels(totals, weights, [QUARTER, MONTH]))
    assert (units.sum(axis=1) == fen(totals)).all()
    quarters, months = by(QUARTER, units), by(MONTH, units)
    assert (quarters == fen(spread(totals, by(QUARTER, weights)))).all()
    for quarter in range(4):
        mine = slice(3 * quarter, 3 * quarter + 3)
        inside = spread(quarters[:, quarter] / 100, by(MONTH, weights)[:, mine])
        assert (months[:, mine] == fen(inside)).all()
    assert (units[weights == 0] == 0).all()


def test_a_day_differs_from_its_flat_share_by_little():
    weights = np.ones(365)
    days = spread_levels([1000.0], weights, [QUARTER, MONTH])
    assert np.abs(days - 1000 / 365).max() < 0.011


def test_held_days_are_kept_and_their_month_gets_the_rest():
    held = np.full((2, 365), np.nan)
    held[0, :31] = 10.0
    days = spread_levels([3650.0, 100.0], np.ones(365), [QUARTER, MONTH], held=held)
    assert (days[0, :31] == 10).all()
    assert fen(days).sum(axis=1).tolist() == [365000, 10000]
    with pytest.raises(InfeasibleError) as refusal:
        spread_levels([300.0, 100.0], np.ones(365), [QUARTER, MONTH], held=held)
    assert refusal.value.reachable == (310, np.inf)


def test_a_store_without_weights_shares_equally_by_day():
    days = spread_levels([365.0], np.zeros(365), [QUARTER, MONTH])
    assert (days == 1).all()


def test_company_months_and_store_years_are_both_exact():
    random = np.random.default_rng(5)
    totals = random.integers(10**7, 10**9, 20) / 100
    weights = random.random((20, 365)) + 0.3
    company = spread(fen(totals).sum() / 100, np.arange(3, 15))
    units = fen(spread_levels(totals, weights, [QUARTER, MONTH], company=company))
    assert (units.sum(axis=1) == fen(totals)).all()
    assert (by(MONTH, units).sum(axis=0) == fen(company)).all()
    assert (units > 0).all()


def test_company_totals_that_contradict_the_stores_are_refused():
    with pytest.raises(InfeasibleError):
        spread_levels([100.0], np.ones(365), [MONTH], company=np.ones(12))


def test_levels_that_cross_are_refused():
    weeks = np.arange(365) // 7
    with pytest.raises(InputError, match="跨月"):
        spread_levels([100.0], np.ones(365), [MONTH, weeks])
    with pytest.raises(InputError):
        spread_levels([100.0], -np.ones(365), [MONTH])


def test_months_split_over_categories_and_platforms_to_the_fen():
    months = [1000.01, 0.0, 7.77]
    parts = fen(split_nested(months, [5, 3, 2], [0.7, 0.3]))
    assert parts.shape == (3, 3, 2)
    assert parts.sum(axis=(1, 2)).tolist() == fen(months).tolist()
    categories = fen(spread(months, [5, 3, 2]))
    assert (parts.sum(axis=2) == categories).all()
