"""Spreading down the time tree: year → quarter → month → day, every store at once.

Each level is rounded against the rounded level above it, so every quarter, month and day
is a whole number of units and every sum is exact; a company total is the sum of its stores.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from xlplan.errors import InputError
from xlplan.metrics.money import CENT
from xlplan.plan.exact.margins import fit_margins, round_table
from xlplan.plan.exact.refusals import Rows
from xlplan.plan.exact.solver import SpreadRules, solve
from xlplan.plan.exact.units import from_units, numbers, to_units

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from xlplan.plan.exact.units import Bools, Floats, Ints


_Table = TypeVar("_Table", "Floats", "Ints")


def spread_levels(  # noqa: PLR0913  # all but three are named options
    totals: ArrayLike,
    weights: ArrayLike,
    levels: Sequence[ArrayLike],
    *,
    held: ArrayLike | None = None,
    company: ArrayLike | None = None,
    unit: float = CENT,
) -> Floats:
    """Spread store totals to days, level by level.

    Args:
        totals: (s,) one total for each store.
        weights: (s, d) or (d,) day weights, not negative.
        levels: Group of each day, (d,) labels, coarsest level first (quarters, months);
            each level must be nested in the one before. The day level is implied.
        held: (s, d) days to keep, NaN where free.
        company: Totals of the last level's groups over all stores (in the order of their
            sorted labels), when the company gives months and stores give years: the crossing
            margins are fitted by IPF and rounded with both exact. By default each store
            follows its own weights.
        unit: The smallest step.

    Returns:
        (s, d).

    Raises:
        InfeasibleError: Holds exceed a total, or company and store totals contradict.
        InputError: Negative weights, or levels that are not nested.
    """
    goal = to_units(totals, unit)
    grid = numbers(weights, "权重")
    shape = (goal.size, grid.shape[-1])
    keep = np.full(shape, np.nan) if held is None else np.broadcast_to(held, shape)
    free = np.isnan(keep)
    kept = to_units(np.where(free, 0.0, keep), unit)
    tree = _tree(levels, shape[1])
    open_weights = _open_weights(grid, free)
    rest = goal - kept.sum(axis=1)
    Rows(open_weights, free, goal, rest, None, unit, (goal.size,), 0, keep_sign=False).check()
    if company is None:
        units, parent = rest[:, None], np.zeros(shape[1], dtype=np.int64)
    else:
        parent, tree = tree[-1], tree[-1:]
        groups = to_units(company, unit) - sums_by(kept, parent).sum(axis=0)
        units = _cross(rest, groups, sums_by(open_weights, parent))
    for child in (*tree, np.arange(shape[1])):
        units = down(units, sums_by(open_weights, child), parents_of(parent, child))
        parent = child
    return from_units(units + kept, unit)


def split_nested(amounts: ArrayLike, *shares: ArrayLike, unit: float = CENT) -> Floats:
    """Split amounts over one dimension, each part over the next, exact at every step.

    Args:
        amounts: (…) for example months.
        shares: (k,) weights of each dimension in turn (categories, platforms), or
            broadcastable to (…, k).
        unit: The smallest step.

    Returns:
        (…, k₁, k₂, …).
    """
    parts = numbers(amounts)
    for share in shares:
        parts = solve(parts, numbers(share, "占比"), SpreadRules(unit=unit))
    return parts


def _open_weights(weights: Floats, free: Bools) -> Floats:
    """Return the weights of free days; a store without any shares equally by day."""
    if weights.min(initial=0) < 0:
        raise InputError("日权重不能为负", "休息日填 0")
    grid = np.where(free, weights, 0.0)
    none = ~grid.any(axis=1)
    grid[none] = free[none]
    return grid


def _tree(levels: Sequence[ArrayLike], days: int) -> list[Ints]:
    """Return the levels as group numbers 0 … g−1, checked to be nested."""
    tree = [np.unique(np.asarray(level), return_inverse=True)[1] for level in levels]
    for upper, lower in pairwise(tree):
        if len({*zip(upper.tolist(), lower.tolist(), strict=True)}) > lower.max() + 1:
            raise InputError("时间层级不是逐级包含的", "周会跨月，先把跨月的周拆成两段")
    if any(level.shape != (days,) for level in tree):
        raise InputError(f"每个层级都要给出 {days} 天各自所属的组", "检查天数")
    return tree


def sums_by(values: _Table, groups: Ints) -> _Table:
    """Add up the columns of (s, d) values by group: (s, g)."""
    members = groups[:, None] == np.arange(groups.max(initial=-1) + 1)
    added: _Table = values @ members.astype(values.dtype)
    return added


def parents_of(parent: Ints, child: Ints) -> Ints:
    """Return the parent group of each child group."""
    found = np.empty(child.max(initial=-1) + 1, dtype=np.int64)
    found[child] = parent
    return found


def down(units: Ints, weights: Floats, parents: Ints) -> Ints:
    """Spread each parent group's units over its child groups, all stores at once.

    Parents with as many children (months of as many days) go together.
    """
    lower = np.zeros(weights.shape, dtype=np.int64)
    sizes = np.bincount(parents, minlength=units.shape[1])
    for size in np.unique(sizes):
        groups = np.flatnonzero(sizes == size)
        children = np.stack([np.flatnonzero(parents == group) for group in groups])
        shared = solve(units[:, groups], weights[:, children], SpreadRules(unit=1))
        lower[:, children] = shared.astype(np.int64)
    return lower


def _cross(rest: Ints, groups: Ints, seed: Floats) -> Ints:
    share = seed / np.maximum(seed.sum(axis=1, keepdims=True), 1e-300)
    fitted = fit_margins(share * rest[:, None], rest, groups)
    return round_table(fitted, rest, groups).astype(np.int64)
