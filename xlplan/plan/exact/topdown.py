"""Rounding from the top: store, quarter, month, day, each against the rounded level above.

Largest remainder over all days at once would leave a month a few units off its share; level by
level every store, quarter and month is within one unit of it (PLANNING b).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.plan.exact.solver import SpreadRules, solve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.plan.exact.units import Floats, Ints

_WHOLE = SpreadRules(unit=1)


def share_down(total: int, weights: Floats, tree: Sequence[Ints]) -> Ints:
    """Share whole units over (n,) weights, not negative, through the levels of a tree.

    Args:
        total: Units to share, not negative.
        weights: (n,); all zero count as equal.
        tree: (n,) group of each cell, widest level first; each level nested in the one before.

    Returns:
        (n,) whole units that add up to the total.
    """
    shares = weights if weights.any() else np.ones(weights.shape)
    return _shared(total, shares, [np.asarray(level) for level in tree])


def _shared(total: int, weights: Floats, tree: list[Ints]) -> Ints:
    while tree and (tree[0] == tree[0][0]).all():
        tree = tree[1:]
    if not tree or not total:
        return np.asarray(solve(total, weights, _WHOLE)).astype(np.int64)
    names, group = np.unique(tree[0], return_inverse=True)
    sums = np.bincount(group, weights, names.size)
    parts = solve(total, sums, _WHOLE).astype(np.int64)
    made = np.zeros(weights.shape, dtype=np.int64)
    order = np.argsort(group, kind="stable")
    for part, here in zip(parts, np.split(order, np.cumsum(np.bincount(group))[:-1]), strict=True):
        if part:
            made[here] = _shared(int(part), weights[here], [level[here] for level in tree[1:]])
    return made
