"""What every spread must keep, whatever the numbers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from xlplan.errors import InfeasibleError, InputError, PlanError
from xlplan.plan.spread import (
    SignError,
    absorb,
    additive_equal,
    breakback,
    by_absolute,
    excel_round,
    growth,
    round_to_sum,
    spread,
    straight_line,
)

whole_weights = st.lists(st.integers(0, 1000), min_size=1, max_size=30)
fast = settings(max_examples=80, deadline=None)


def fen(cells) -> list[int]:
    return np.rint(np.asarray(cells) * 100).astype(np.int64).tolist()


def largest_remainder(total: int, weights: list[int]) -> list[int]:
    """The definition, in exact fractions."""
    exact = [Fraction(weight) for weight in (weights if any(weights) else [1] * len(weights))]
    quotas = [total * weight / sum(exact) for weight in exact]
    units = [quota.__floor__() for quota in quotas]
    order = sorted(range(len(units)), key=lambda i: (units[i] - quotas[i], i))
    for place in order[: total - sum(units)]:
        units[place] += 1
    return units


@fast
@given(st.integers(0, 10**9), whole_weights)
def test_a_spread_is_the_largest_remainder_of_exact_fractions(total, weights):
    assert spread(total, weights, unit=1).tolist() == largest_remainder(total, weights)


@fast
@given(st.integers(0, 10**13), st.lists(st.floats(0, 1e12), min_size=1, max_size=60))
def test_money_adds_up_to_the_fen_and_closed_days_get_nothing(total, weights):
    assume(any(weights))
    cells = spread(total / 100, weights)
    assert sum(fen(cells)) == round(total / 100 * 100)
    assert all(cell == 0 for cell, weight in zip(cells, weights, strict=True) if weight == 0)


@fast
@given(st.integers(0, 10**7), whole_weights, st.integers(0, 9))
def test_every_cell_is_within_a_unit_of_its_quota_at_any_scale(total, weights, power):
    assume(any(weights))
    cells = spread(total, weights, unit=1)
    quotas = np.array(weights) * (total / sum(weights))
    assert (np.abs(cells - quotas) < 1).all()
    assert (spread(total, np.array(weights) * 2.0**power, unit=1) == cells).all()


@fast
@given(st.integers(0, 10**6), whole_weights, st.randoms())
def test_order_only_matters_for_ties(total, weights, random):
    rests = {w: Fraction(total * w, sum(weights) or 1) % 1 for w in set(weights)}
    assume(len(set(rests.values())) == len(rests))  # no tie between different weights
    order = list(range(len(weights)))
    random.shuffle(order)
    shuffled = spread(total, [weights[i] for i in order], unit=1)
    assert sorted(shuffled) == sorted(spread(total, weights, unit=1))


@fast
@given(st.integers(0, 10**6), whole_weights)
def test_a_heavier_cell_never_gets_less(total, weights):
    cells = spread(total, weights, unit=1)
    for a in range(len(weights)):
        for b in range(len(weights)):
            assert weights[a] <= weights[b] or cells[a] >= cells[b]


@fast
@given(st.data())
def test_held_cells_are_untouched_and_rows_are_independent(data):
    rows, days = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 8))
    cell = st.one_of(st.just(np.nan), st.integers(0, 10**6).map(lambda units: units / 100))
    held = np.array(data.draw(st.lists(cell, min_size=rows * days, max_size=rows * days)))
    held = held.reshape(rows, days)
    held[:, 0] = np.nan
    weights = np.array(data.draw(st.lists(st.integers(0, 9), min_size=days, max_size=days)))
    total = (np.nansum(np.rint(held * 100), axis=1) + data.draw(st.integers(0, 10**6))) / 100
    before = weights.copy(), held.copy(), total.copy()
    table = spread(total, weights, held=held)
    for row in range(rows):
        assert (spread(total[row], weights, held=held[row]) == table[row]).all()
    kept = ~np.isnan(held)
    assert (table[kept] == held[kept]).all()
    assert fen(table) == fen(table.round(2))
    assert [sum(row) for row in fen(table)] == fen(total)
    for now, then in zip((weights, held, total), before, strict=True):
        np.testing.assert_array_equal(now, then)


@fast
@given(st.data())
def test_bounds_are_kept_and_free_cells_share_one_factor(data):
    n = data.draw(st.integers(1, 10))

    def row(low: int, high: int):
        return np.array(data.draw(st.lists(st.integers(low, high), min_size=n, max_size=n)))

    weights, lower = row(1, 100), row(0, 40)
    upper = lower + row(0, 60)
    total = data.draw(st.integers(int(lower.sum()), int(upper.sum())))
    cells = spread(total, weights, lower=lower, upper=upper, unit=1)
    assert cells.sum() == total
    assert ((lower <= cells) & (cells <= upper)).all()
    inside = np.flatnonzero((lower < cells) & (cells < upper))
    low, high = (cells[inside] - 1) / weights[inside], (cells[inside] + 1) / weights[inside]
    assert low.max(initial=0) <= high.min(initial=np.inf)
    with pytest.raises(InfeasibleError) as refusal:
        spread(int(upper.sum()) + 1, weights, lower=lower, upper=upper, unit=1)
    assert refusal.value.reachable == (lower.sum(), upper.sum())


def test_clamping_both_sides_finds_the_optimum():
    cells = spread(100, [1, 1, 8], lower=[20, 0, 0], upper=[50, 50, 75], unit=1)
    assert cells.tolist() == [20, 9, 71]


def test_an_upper_bound_alone_does_not_let_a_cell_go_below_zero():
    with pytest.raises(InfeasibleError) as refusal:
        spread(5, [1, 1], held=[10, np.nan], upper=100)
    assert refusal.value.locks == [0]


def test_cells_of_no_weight_take_what_bounds_leave_over():
    assert spread(12, [1, 0, 0], upper=[4, 9, 9], unit=1).tolist() == [4, 4, 4]


def test_a_total_below_the_held_cells_is_refused_with_the_row_and_the_reach():
    held = [[np.nan, np.nan], [101.0, np.nan]]
    with pytest.raises(InfeasibleError, match="第 2 行") as refusal:
        spread([1, 100], [[1, 1], [2, 2]], held=held)
    assert refusal.value.locks == [(1, 0)]
    assert refusal.value.reachable == (101, np.inf)


@pytest.mark.parametrize(
    ("cells", "total"), [([100, -20], -40), ([100, 20], -40), ([-1, -2], 3), ([1e9, 1 - 1e9], 5e6)]
)
def test_sign_flips_are_refused(cells, total):
    with pytest.raises(SignError):
        breakback(cells, total)


def test_a_negative_amount_may_be_spread_over_a_pattern():
    assert spread(-10, [1, 2, 2], unit=1).tolist() == [-2, -4, -4]
    assert breakback([-10, -30], -80).tolist() == [-20, -60]
    assert breakback([100, -20], 40).tolist() == [50, -10]


def test_unchanged_totals_change_nothing():
    cells = [0.01, 12.34, 0.0, 9060000.07]
    assert breakback(cells, sum(cells)).tolist() == cells


def test_a_hold_finer_than_the_unit_still_lets_the_total_be_exact():
    assert spread(100, [1, 1, 1], held=[10.4, np.nan, np.nan], unit=1).tolist() == [
        10.4,
        44.8,
        44.8,
    ]


def test_the_offers_respect_holds_and_bounds():
    lock = np.array([True, False, False])
    assert additive_equal([1, 2, 3], 12, held=lock).tolist() == [1, 5, 6]
    assert by_absolute([1, -2, 3], 12, held=lock).tolist() == [1, 2, 9]
    assert additive_equal([1, 2, 3], 12, upper=[2, 9, 9]).tolist() == [2, 4.5, 5.5]


def test_absorbing_refuses_when_no_sibling_is_free():
    with pytest.raises(InfeasibleError) as refusal:
        absorb([10, 20], {0: 15}, held=[False, True])
    assert refusal.value.reachable == (35, 35)


@pytest.mark.parametrize(
    "call",
    [
        lambda: spread(np.nan, [1, 2]),
        lambda: spread(1, [1, np.nan]),
        lambda: spread(1, [1, np.inf]),
        lambda: spread(1e14, [1, 2]),
        lambda: spread(1, [1, 2], unit=0),
        lambda: spread([1, 2, 3], [[1, 2], [3, 4]]),
        lambda: spread(1, [1, 2], held=[1, 2, 3]),
        lambda: spread(1, [1, 2], upper=[np.nan, 1]),
        lambda: spread(1, [1, -2], upper=5),
        lambda: breakback([1, 2], 3, held=[0, 1]),
        lambda: spread(1, []),
        lambda: straight_line(1, 0, last_over_first=1),
        lambda: growth(1, 3, rate=-1),
        lambda: growth(1, 400, rate=1e9),
        lambda: round_to_sum([1, -1], 5),
    ],
)
def test_unusable_values_are_refused_as_plan_errors(call):
    with pytest.raises(PlanError):
        call()


def test_the_position_of_a_missing_weight_is_said():
    with pytest.raises(InputError, match="2"):
        spread(10, [1.0, np.nan, 3.0])


def test_nothing_is_spread_over_no_cells():
    assert spread(0, []).shape == (0,)
    assert spread([], np.ones((0, 3))).shape == (0, 3)


@pytest.mark.parametrize(
    ("value", "digits", "rounded"),
    [
        (1.005, 2, 1.01),
        (2.675, 2, 2.68),
        (0.285, 2, 0.29),
        (-1.005, 2, -1.01),
        (2.5, 0, 3),
        (-2.5, 0, -3),
        (1250, -2, 1300),
        (0.1 + 0.2, 1, 0.3),
        (2.4999, 0, 2),
        (1e300, 2, 1e300),
        (4503599627370497.0, 0, 4503599627370497.0),
    ],
)
def test_rounding_is_excels(value, digits, rounded):
    assert excel_round(value, digits) == rounded


def test_no_cell_is_minus_zero():
    assert not np.signbit(spread(-3, [0, 1, 2], unit=1)[0])
    assert not np.signbit(excel_round(-0.3))


def test_totals_are_read_as_decimals():
    assert fen(spread(0.1 + 0.2, [1, 1])) == [15, 15]
    assert fen(spread(1.005, [1, 1])) == [51, 50]
    assert spread(9060000.00, np.ones(365)).sum() == pytest.approx(9060000, abs=1e-6)
    assert spread(1000, [1, 1, 1], unit=100).tolist() == [400, 300, 300]
    assert spread(1, [1, 1, 1], unit=0.05).tolist() == [0.35, 0.35, 0.3]


@fast
@given(st.integers(0, 10**6), st.integers(1, 24), st.floats(0, 5))
def test_progressions_keep_their_total_and_rise_steadily(total, n, ratio):
    line = straight_line(total, n, last_over_first=ratio)
    curve = growth(total, n, rate=ratio - 0.9)
    assert line.sum() == total
    assert curve.sum() == total
    step = np.diff(line)
    assert step.max(initial=0) - step.min(initial=0) <= max(4, abs(step).max(initial=0) * 2)


def test_growth_multiplies():
    assert growth(700, 3, rate=1).tolist() == [100, 200, 400]
    assert straight_line(600, 3, last_over_first=3).tolist() == [100, 200, 300]


@fast
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_rounding_to_a_sum_moves_no_value_by_a_unit(values):
    total = round(sum(values))
    rounded = round_to_sum(values, total)
    assert rounded.sum() == total
    assert (np.abs(rounded - values) < 1 + 1e-6).all()


def test_rounding_to_another_sum_scales_first():
    assert round_to_sum([1.2, 2.3, 3.4], 70).tolist() == [12, 23, 35]
