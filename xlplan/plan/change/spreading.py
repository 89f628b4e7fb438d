"""A spread method at work: on cells, or on totals of weeks, months or stores.

Below such totals days keep their proportions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.metrics.money import CENT, MONEY_DIGITS
from xlplan.plan.change.job import Job
from xlplan.plan.change.methods import METHODS, SharedBy, method_of
from xlplan.plan.days.grains import shared_grain
from xlplan.plan.exact.solver import SpreadRules, solve
from xlplan.plan.exact.topdown import share_down
from xlplan.plan.exact.units import from_units, numbers, to_units
from xlplan.record import bundle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from xlplan.plan.change.grid import Grid
    from xlplan.plan.change.methods import Method
    from xlplan.plan.exact.units import Bools, Floats, Ints


def apply_method(  # noqa: PLR0913  # all but three are named options
    name: str,
    cells: ArrayLike,
    amount: float,
    *,
    reference: ArrayLike | None = None,
    held: ArrayLike | None = None,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    unit: float = CENT,
) -> Floats:
    """Change (n,) cells by a named method; held cells never move.

    Args:
        name: One of `METHODS`.
        cells: (n,) present values.
        amount: What the method needs (`xlplan.plan.change.methods.AmountKind`).
        reference: (n,) for the like methods, and as weights for unassigned.
        held: (n,) bool.
        lower: Least value of a cell.
        upper: Greatest value of a cell.
        unit: The smallest step.

    Raises:
        InputError: Unknown method, missing reference.
        InfeasibleError: Holds or bounds contradict the total.
        SignError: Signs would flip, or the cells add up to zero without being zero.
    """
    base = numbers(cells)
    fixed = np.zeros(base.shape, dtype=bool)
    if held is not None:
        fixed = fixed | np.asarray(held, dtype=bool)
    like = None if reference is None else numbers(reference, "参照")
    job = Job(base, fixed, float(numbers(amount)), like, lower, upper, unit)
    return method_of(name).work(job)


def nodes_of(grid: Grid, rows: Sequence[tuple[str, str]], mask: Bools, by: str) -> Ints | None:
    """Return the node number of each cell of a region at a level; None when cells are nodes.

    Raises:
        InputError: There is no such level.
    """
    if shared_grain(by) in ("", "day"):
        return None
    time = grid.year.calendar.labels(by)
    row = np.arange(len(rows))[:, None] * (int(time.max()) + 1)
    return np.asarray(np.unique((row + time[None, :])[mask], return_inverse=True)[1])


def spread_nodes(  # noqa: PLR0913  # as `apply_method`, with nodes
    name: str,
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
        name: The method (`xlplan.plan.change.methods.METHODS`).
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
    method = method_of(name)
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
        self, method: Method, amount: float, reference: Floats | None, tree: Sequence[Ints]
    ) -> Floats:
        """Change cells on their own; without bounds the rounding goes down the tree."""
        blank = not np.where(self.held, 0.0, self.cells).any() and reference is None
        if blank and method.needs_shape:
            amount = method.total(float(self.cells.sum()), amount)
            method, reference = METHODS["like"], self.shape
        made = apply_method(
            method.name, self.cells, amount,
            reference=reference, held=self.held, lower=self.low, upper=self.high, unit=self.unit,
        )  # fmt: skip
        if self.low is not None:
            return made
        bases = {SharedBy.CELLS: self.cells, SharedBy.REFERENCE: reference}
        weights = bases.get(method.by)
        return made if weights is None else self._from_top(made, weights, tree)

    def by_nodes(
        self, method: Method, amount: float, reference: Floats | None, nodes: Ints
    ) -> Floats:
        """Change the totals of nodes; their cells follow in proportion."""
        count = int(nodes.max()) + 1
        sums = np.bincount(nodes, self.cells, count)
        shut = np.bincount(nodes, ~self.held, count) == 0
        least = np.bincount(nodes, np.where(self.held, self.cells, 0.0), count)
        totals = apply_method(
            method.name, np.round(sums, MONEY_DIGITS), amount,
            reference=None if reference is None else np.bincount(nodes, reference, count),
            held=shut, lower=least if (least[~shut] > 0).any() else None, unit=self.unit,
        )  # fmt: skip
        rules = SpreadRules(
            np.where(self.held, self.cells, np.nan), self.low, self.high, self.unit
        )
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


def _down(cells: Floats, totals: Floats, nodes: Ints, shape: Floats, rules: SpreadRules) -> Floats:
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
            made[here] = solve(
                total, weights, SpreadRules(keep, low, high, rules.unit, keep_sign=True)
            )
    return made
