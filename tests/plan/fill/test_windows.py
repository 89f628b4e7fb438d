"""Shares of promotion money: every one met to the fen whatever overlaps, or refused by name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from xlplan.errors import InfeasibleError
from xlplan.plan.fill.windows import Window, stretched

MONTH = np.repeat(np.arange(12), (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31))
SALES = 1000.0 + np.arange(365) % 7 * 100
FREE = np.zeros(12, dtype=bool)


def monthly(seed):
    cents = np.random.default_rng(seed).integers(10_000, 900_000, 12)
    return cents / 100


def fen(found, first, last):
    """Fen of the days first … last, when both ends are ends of stretches."""
    inside = np.unique(found.group[first : last + 1])
    return int(np.rint(found.money[inside].sum() * 100))


@st.composite
def asked(draw):
    """Stretches that some way of spending meets: their shares are read off it."""
    spent = np.random.default_rng(draw(st.integers(0, 10**6))).gamma(0.5, 1.0, 365)
    shares = spent / spent.sum()
    windows = []
    for number in range(draw(st.integers(1, 5))):
        first = draw(st.integers(0, 360))
        last = draw(st.integers(first, 364))
        windows.append(Window(f"活动{number}", first, last, float(shares[first : last + 1].sum())))
    return windows


@settings(max_examples=60, deadline=None)
@given(windows=asked(), seed=st.integers(0, 99))
@example(windows=[Window("几乎全年", 0, 358, 0.9944528548570004)], seed=0)
def test_every_share_that_can_be_met_is_met_to_the_fen(windows, seed):
    money = monthly(seed)
    total = int(np.rint(money.sum() * 100))
    found = stretched("甲店", money, SALES, MONTH, windows, FREE)
    assert found.money.min() >= 0
    assert fen(found, 0, 364) == total
    for one in windows:
        # two ends a fen apart from what a third asks may differ by that fen
        assert abs(fen(found, one.first, one.last) - total * one.share) < 1.01


def test_the_rest_of_the_year_keeps_its_proportions_and_months_that_were_given_their_money():
    money, kept = monthly(1), FREE.copy()
    kept[[1, 2]] = True
    found = stretched("甲店", money, SALES, MONTH, [Window("店庆", 200, 209, 0.4)], kept)
    assert fen(found, 200, 209) == round(0.4 * money.sum() * 100)
    assert [fen(found, 31, 58), fen(found, 59, 89)] == [round(money[1] * 100), round(money[2] * 100)]  # fmt: skip
    april, may = fen(found, 90, 119), fen(found, 120, 150)
    assert april / may == pytest.approx(money[3] / money[4], rel=1e-5)


@pytest.mark.parametrize(
    ("windows", "named"),
    [
        (
            [Window("甲", 0, 9, 0.6), Window("乙", 20, 29, 0.6)],
            "甲 60.00%、乙 60.00%，合计 120.00%",
        ),
        ([Window("外", 100, 120, 0.1), Window("内", 105, 110, 0.2)], "外 10.00%、内 20.00%"),
        ([Window("甲", 0, 9, 0.3), Window("甲二", 0, 9, 0.4)], "合不上的是 甲、甲二"),
    ],
)
def test_shares_that_no_way_of_spending_meets_are_refused(windows, named):
    with pytest.raises(InfeasibleError) as refused:
        stretched("甲店", monthly(2), SALES, MONTH, windows, FREE)
    assert named in refused.value.message


def test_a_campaign_on_days_without_sales_has_its_money_all_the_same():
    sales = SALES.copy()
    sales[200:210] = 0
    found = stretched("甲店", monthly(3), sales, MONTH, [Window("关门促销", 200, 209, 0.1)], FREE)
    assert fen(found, 200, 209) == round(0.1 * monthly(3).sum() * 100)
