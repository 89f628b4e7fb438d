"""A method on totals of weeks, months or stores; below them days keep their proportions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InputError
from xlplan.plan.change.methods import METHODS, apply_method
from xlplan.plan.exact.solver import Rules, solve
from xlplan.plan.exact.topdown import share_down
from xlplan.plan.exact.units import from_units, to_units
from xlplan.record import bundle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xlplan.plan.change.grid import Grid
    from xlplan.plan.exact.units import Bools, Floats, Ints

#: What users call the level a method works on.
LEVELS = {"日": "day", "周": "week", "月": "month", "季": "quarter", "店": "store"}
#: Methods that share a total: what they share it by.
_WEIGHTS: dict[str, Callable[[Floats, Floats | None], Floats | None]] = {
    "proportional": lambda cells, _: cells,
    "percent": lambda cells, _: cells,
    "times": lambda cells, _: cells,
    "add": lambda cells, _: cells,
    "like": lambda _, reference: reference,
    "like_percent": lambda _, reference: reference,
}
#: Methods that make sense on cells of zero only with a shape.
_NEEDS_SHAPE = {"proportional": "like", "add": "like"}


def nodes_of(grid: Grid, rows: Sequence[tuple[str, str]], mask: Bools, by: str) -> Ints | None:
    """Return the node number of each cell of a region at a level; None when cells are nodes.

    Raises:
        InputError: There is no such level.
    """
    level = LEVELS.get(by, by) or "day"
    if level == "day":
        return None
    days = grid.year.calendar.days
    if level == "store":
        time = np.zeros(grid.days, dtype=np.int64)
    elif level in ("week", "month", "quarter"):
        labels = days["week_part" if level == "week" else level].to_numpy()
        time = np.unique(labels, return_inverse=True)[1]
    else:
        raise InputError(f"没有层级“{by}”", f"可以是：{'、'.join(LEVELS)}")
    row = np.arange(len(rows))[:, None] * (int(time.max()) + 1)
    return np.asarray(np.unique((row + time[None, :])[mask], return_inverse=True)[1])


def spread_nodes(  # noqa: PLR0913  # as `apply_method`, with nodes
    method: str,
    cells: Floats,
    amount: float,
    nodes: Ints | None,
    *,
    reference: Floats | None,
    shape: Floats,
    held: Bools,
    bounds: tuple[Floats, Floats] | None,
    tree: Sequence[Ints],
    unit: float,
) -> Floats:
    """Change (n,) cells by a method, on their own or on the totals of nodes.

    Args:
        method: See `xlplan.plan.change.methods`.
        cells: (n,) present values.
        amount: What the method needs.
        nodes: (n,) node of each cell, or None.
        reference: (n,) for the like methods.
        shape: (n,) what stands in where all free cells are zero.
        held: (n,) cells that stay.
        bounds: Least and greatest values, (n,) each.
        tree: (n,) groups to round through, widest first.
        unit: The smallest step.

    Raises:
        InputError, InfeasibleError, SignError: As `apply_method`.
    """
    if method not in METHODS:
        raise InputError(f"没有分摊方法“{method}”", f"可用：{'、'.join(METHODS)}")
    low, high = bounds or (None, None)
    area = _Area(cells, shape, held, low, high, unit)
    if nodes is None:
        return area.each(method, amount, reference, tree)
    return area.by_nodes(method, amount, reference, nodes)


@bundle
class _Area:
    """The (n,) cells that one spread may change, and what limits them (see `spread_nodes`)."""

    cells: Floats
    shape: Floats
    held: Bools
    low: Floats | None
    high: Floats | None
    unit: float

    def each(
        self, method: str, amount: float, reference: Floats | None, tree: Sequence[Ints]
    ) -> Floats:
        """Change cells on their own; without bounds the rounding goes down the tree."""
        blank = not np.where(self.held, 0.0, self.cells).any() and reference is None
        if blank and method in _NEEDS_SHAPE:
            amount += float(self.cells.sum()) if method == "add" else 0.0
            method, reference = "like", self.shape
        made = apply_method(
            method, self.cells, amount,
            reference=reference, held=self.held, lower=self.low, upper=self.high, unit=self.unit,
        )  # fmt: skip
        if self.low is not None:
            return made
        weights = _WEIGHTS[method](self.cells, reference) if method in _WEIGHTS else None
        return made if weights is None else self._from_top(made, weights, tree)

    def by_nodes(
        self, method: str, amount: float, reference: Floats | None, nodes: Ints
    ) -> Floats:
        """Change the totals of nodes; their cells follow in proportion."""
        count = int(nodes.max()) + 1
        sums = np.bincount(nodes, self.cells, count)
        shut = np.bincount(nodes, ~self.held, count) == 0
        least = np.bincount(nodes, np.where(self.held, self.cells, 0.0), count)
        totals = apply_method(
            method, np.round(sums, 2), amount,
            reference=None if reference is None else np.bincount(nodes, reference, count),
            held=shut, lower=least if (least[~shut] > 0).any() else None, unit=self.unit,
        )  # fmt: skip
        rules = Rules(np.where(self.held, self.cells, np.nan), self.low, self.high, self.unit)
        return _down(self.cells, totals, nodes, self.shape, rules)

    def _from_top(self, made: Floats, weights: Floats, tree: Sequence[Ints]) -> Floats:
        """Round a spread again from the top: the same total, every level within one unit."""
        free = ~self.held
        if not free.any() or weights[free].min() < 0:
            return made
        total = int(to_units(made[free], self.unit).sum())
        if total < 0:
            return made
        after = made.copy()
        shared = share_down(total, weights[free], [level[free] for level in tree])
        after[free] = from_units(shared, self.unit)
        return after


def _down(cells: Floats, totals: Floats, nodes: Ints, shape: Floats, rules: Rules) -> Floats:
    """Give each node's total to its cells in proportion."""
    made = cells.copy()
    for node, total in enumerate(totals):
        here = nodes == node
        keep = np.asarray(rules.held)[here]
        if np.isnan(keep).any():
            free = np.where(np.isnan(keep), cells[here], 0.0)
            weights = cells[here] if free.any() else shape[here]
            low, high = (
                None if b is None else np.asarray(b)[here] for b in (rules.lower, rules.upper)
            )
            made[here] = solve(total, weights, Rules(keep, low, high, rules.unit, keep_sign=True))
    return made
