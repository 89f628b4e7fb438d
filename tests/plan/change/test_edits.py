"""Several edits at once: one set of constraints, whatever order they were typed in."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.exact.totals import solve_edits

CASES = {
    case["id"]: case
    for case in json.loads((Path(__file__).parents[1] / "planning_cases.json").read_text("utf-8"))
}
MONTHS = list(range(1, 13))
TIME = {"year": [2026] * 12, "quarter": [(m - 1) // 3 + 1 for m in MONTHS], "month": MONTHS}


def fen(cells):
    return np.rint(np.asarray(cells) * 100).astype(np.int64)


def test_a_held_quarter_total_stays_when_the_year_is_edited():
    case = CASES["C6"]["given"]
    totals = {("quarter", 1): sum(case["months"][:3]), ("year", 2026): case["year"]}
    assert solve_edits(case["months"], totals, levels=TIME).tolist() == CASES["C6"]["expect"]


def test_inside_a_held_quarter_an_edited_month_is_absorbed_by_its_siblings():
    months = [10, 20, 30, *[5.0] * 9]
    totals = {("quarter", 1): 60, ("year", 2026): 105}
    after = solve_edits(months, totals, levels=TIME, edits={0: 20})
    assert after.tolist() == [20, 16, 24, *[5.0] * 9]


def test_leaves_outside_every_fixed_total_stay():
    months = np.arange(1.0, 13.0)
    after = solve_edits(months, {("quarter", 2): 30}, levels=TIME)
    assert after.tolist() == [1, 2, 3, 8, 10, 12, 7, 8, 9, 10, 11, 12]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_nested_totals_are_exact_in_any_order(data):
    months = np.array(data.draw(st.lists(st.integers(0, 10**6), min_size=12, max_size=12))) / 100
    quarters = data.draw(st.lists(st.integers(1, 10**6), min_size=3, max_size=3))
    totals = {("quarter", i + 1): units / 100 for i, units in enumerate(quarters)}
    totals["year", 2026] = (sum(quarters) + data.draw(st.integers(0, 10**6))) / 100
    after = solve_edits(months, totals, levels=TIME)
    for quarter, units in enumerate(quarters):
        assert fen(after[3 * quarter : 3 * quarter + 3]).sum() == units
    assert fen(after).sum() == fen(totals["year", 2026])
    again = solve_edits(months, dict(reversed(totals.items())), levels=TIME)
    assert (after == again).all()


def test_an_impossible_parent_names_its_locks_and_the_least_total():
    totals = {("quarter", 1): 60, ("quarter", 2): 50, ("year", 2026): 100}
    with pytest.raises(InfeasibleError, match="quarter 1") as refusal:
        solve_edits(np.ones(12), totals, levels=TIME, held=np.arange(12) == 11)
    assert set(refusal.value.locks) == {("quarter", 1), ("quarter", 2), 11}
    assert refusal.value.reachable == (111, np.inf)
    assert "放开quarter 1" in refusal.value.remedy
    assert "quarter 2" not in refusal.value.remedy


def test_two_totals_for_the_same_leaves_must_agree():
    totals = {("year", 2026): 100, ("all", "x"): 90}
    with pytest.raises(InfeasibleError):
        solve_edits(np.ones(12), totals, levels={**TIME, "all": ["x"] * 12})
    totals["all", "x"] = 100
    assert fen(solve_edits(np.ones(12), totals, levels={**TIME, "all": ["x"] * 12})).sum() == 10000


def grid(stores: int):
    """Store × month leaves in one vector."""
    return {
        "store": [s for s in range(stores) for _ in MONTHS],
        "month": MONTHS * stores,
        "quarter": TIME["quarter"] * stores,
    }


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31))
def test_crossing_store_and_month_totals_are_exact_with_locks(seed):
    random = np.random.default_rng(seed)
    stores = int(random.integers(2, 6))
    leaves = random.integers(0, 10**6, stores * 12) / 100
    held = random.random(leaves.size) < 0.1
    goal = np.where(held, leaves, random.integers(1, 10**6, leaves.size) / 100)
    units = fen(goal).reshape(stores, 12)
    totals = {("store", s): units[s].sum() / 100 for s in range(stores) if random.random() < 0.8}
    totals |= {("month", m): units[:, m - 1].sum() / 100 for m in MONTHS if random.random() < 0.6}
    totals["quarter", 1] = units[:, :3].sum() / 100
    leaves = np.where(held, leaves, np.maximum(leaves, 0.01))
    after = solve_edits(leaves, totals, levels=grid(stores), held=held)
    done = fen(after).reshape(stores, 12)
    for (level, label), total in totals.items():
        mine = [here == label for here in grid(stores)[level]]
        assert done.ravel()[mine].sum() == fen(total)
    assert (after[held] == leaves[held]).all()
    assert (done >= 0).all()


def test_weeks_crossing_months_are_met_together():
    days = np.arange(59)
    levels = {"month": [1] * 31 + [2] * 28, "week": (days // 7).tolist()}
    totals = {("month", 1): 3200, ("month", 2): 2700, ("week", 4): 800}
    after = solve_edits(np.full(59, 100.0), totals, levels=levels)
    assert fen(after[:31]).sum() == 320000
    assert fen(after[31:]).sum() == 270000
    assert fen(after[28:35]).sum() == 80000


def test_crossing_totals_that_contradict_are_refused_by_name():
    levels = grid(2)
    totals = {("store", 0): 10, ("store", 1): 10} | {("month", m): 5 for m in MONTHS}
    with pytest.raises(InfeasibleError) as refusal:
        solve_edits(np.ones(24), totals, levels=levels)
    assert set(refusal.value.locks) <= set(totals)
    assert refusal.value.locks


def test_a_month_closed_in_the_only_open_store_is_named():
    leaves = np.ones(24)
    held = np.zeros(24, dtype=bool)
    leaves[12], held[12] = 0, True
    totals = {("store", 0): 12, ("month", 1): 20}
    with pytest.raises(InfeasibleError) as refusal:
        solve_edits(leaves, totals, levels=grid(2), held=held)
    assert ("month", 1) in refusal.value.locks


def test_three_crossing_directions_are_refused():
    levels = {
        "a": [0, 0, 0, 0, 1, 1, 1, 1],
        "b": [0, 0, 1, 1, 0, 0, 1, 1],
        "c": [0, 1, 0, 1, 0, 1, 0, 1],
    }
    totals = {(level, 0): 4 for level in "abc"}
    with pytest.raises(InputError, match="三个方向"):
        solve_edits(np.ones(8), totals, levels=levels)


def test_unknown_levels_and_labels_are_refused():
    for totals in ({("week", 1): 3}, {("month", 13): 3}, {}):
        with pytest.raises(InputError):
            solve_edits(np.ones(12), totals, levels=TIME)
