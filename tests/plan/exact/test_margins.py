"""Tables with both margins given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.spread import fit_margins, round_table, spread

fast = settings(max_examples=60, deadline=None)


@st.composite
def feasible(draw):
    """A seed with zeros, and margins that a table with the same zeros has."""
    m, n = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    inside = np.array(draw(st.lists(st.integers(0, 50), min_size=m * n, max_size=m * n)))
    inside = inside.reshape(m, n)
    factors = draw(st.lists(st.integers(1, 9), min_size=n, max_size=n))
    return inside * np.array(factors), inside


@fast
@given(feasible())
def test_fitting_meets_both_margins_and_keeps_zeros(case):
    seed, inside = case
    rows, columns = inside.sum(axis=1), inside.sum(axis=0)
    table = fit_margins(seed, rows, columns)
    grand = max(rows.sum(), 1)
    assert table.sum(axis=1) == pytest.approx(rows, abs=1e-11 * grand)
    assert table.sum(axis=0) == pytest.approx(columns, abs=1e-11 * grand)
    assert (table[seed == 0] == 0).all()
    assert (table >= 0).all()


def test_fitting_keeps_the_odds_of_the_seed():
    seed = np.array([[1.0, 2.0], [3.0, 5.0]])
    table = fit_margins(seed, [30, 70], [40, 60])
    odds = seed[0, 0] * seed[1, 1] / (seed[0, 1] * seed[1, 0])
    assert table[0, 0] * table[1, 1] / (table[0, 1] * table[1, 0]) == pytest.approx(odds)


def test_margins_that_force_a_cell_to_zero_are_met():
    table = fit_margins([[1, 1], [1, 0]], [1, 1], [1, 1])
    assert table == pytest.approx(np.array([[0, 1], [1, 0]]), abs=1e-12)


def test_rows_that_only_fit_into_a_small_column_are_named():
    seed = [[1, 1, 1], [1, 0, 0], [1, 0, 0]]
    with pytest.raises(InfeasibleError) as refusal:
        fit_margins(seed, [1, 5, 5], [3, 4, 4])
    assert refusal.value.locks == [("row", 1), ("row", 2), ("column", 0)]


@pytest.mark.parametrize(
    ("seed", "rows", "columns"),
    [
        ([[1, 1], [1, 1]], [1, 2], [1, 1]),
        ([[1, 1], [0, 0]], [1, 1], [1, 1]),
        ([[1, 0], [1, 0]], [1, 1], [1, 1]),
    ],
)
def test_margins_without_an_answer_are_refused(seed, rows, columns):
    with pytest.raises(InfeasibleError):
        fit_margins(seed, rows, columns)


def test_negative_or_misshapen_tables_are_refused():
    with pytest.raises(InputError):
        fit_margins([[1, -1]], [0], [1, -1])
    with pytest.raises(InputError):
        round_table([[1, 2]], [1, 2], [3])


@fast
@given(st.integers(1, 8), st.integers(1, 8), st.integers(0, 2**31))
def test_whole_tables_exist_for_whole_margins(m, n, seed):
    random = np.random.default_rng(seed)
    rows = random.integers(0, 200, m)
    columns = spread(rows.sum(), random.random(n), unit=1)
    values = fit_margins(random.random((m, n)) + 0.01, rows, columns)
    table = round_table(values, rows, columns)
    assert (table.sum(axis=1) == rows).all()
    assert (table.sum(axis=0) == columns).all()
    assert (table >= np.floor(values + 1e-9)).all()
    assert (table <= np.ceil(values - 1e-9)).all()


def test_a_long_exchange_is_found_when_no_direct_one_exists():
    values = np.array([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [1.0, 0.0, 1.0]])
    table = round_table(values, [1, 1, 2], [1, 1, 2])
    assert table.sum(axis=0).tolist() == [1, 1, 2]
    assert table.sum(axis=1).tolist() == [1, 1, 2]
    table = round_table(values, [1, 1, 2], [2, 1, 1])
    assert table.sum(axis=0).tolist() == [2, 1, 1]


def test_margins_out_of_reach_of_floors_and_ceilings_are_refused():
    with pytest.raises(InfeasibleError):
        round_table([[0.5, 0.0], [0.0, 0.5]], [1, 0], [0, 1])
    with pytest.raises(InfeasibleError):
        round_table([[1.0, 2.0]], [4], [2, 2])


def test_money_tables_are_exact_to_the_fen():
    random = np.random.default_rng(3)
    rows = random.integers(10**6, 10**8, 40) / 100
    columns = spread(np.rint(rows * 100).sum() / 100, random.random(12) + 0.2)
    values = fit_margins(random.random((40, 12)) + 0.2, rows, columns)
    table = np.rint(round_table(values, rows, columns, unit=0.01) * 100)
    assert (table.sum(axis=1) == np.rint(rows * 100)).all()
    assert (table.sum(axis=0) == np.rint(columns * 100)).all()
    assert np.abs(table / 100 - values).max() < 0.01 + 1e-6
