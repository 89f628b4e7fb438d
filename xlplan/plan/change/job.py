"""What a spread method works on, and the steps that methods are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xlplan.errors import InputError
from xlplan.plan.exact.refusals import SignError
from xlplan.plan.exact.solver import SpreadRules, solve
from xlplan.plan.exact.units import from_units, to_units
from xlplan.plan.spread import round_to_sum
from xlplan.record import record

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from xlplan.plan.exact.units import Bools, Floats


@record
class Job:
    """What a method works on: (n,) cells, an amount, and what may not change.

    Attributes:
        cells: (n,) present values.
        held: (n,) cells that stay.
        amount: What the method needs.
        reference: (n,) values of a reference, or None.
        lower: Least value of a cell.
        upper: Greatest value of a cell.
        unit: The smallest step.
    """

    cells: Floats
    held: Bools
    amount: float
    reference: Floats | None
    lower: ArrayLike | None
    upper: ArrayLike | None
    unit: float

    @property
    def ones(self) -> Floats:
        """Equal weights."""
        return np.ones(self.cells.shape)

    @property
    def limits(self) -> dict[str, Any]:
        """What may not change, as `xlplan.plan.spread` takes it."""
        return {"held": self.held, "lower": self.lower, "upper": self.upper, "unit": self.unit}

    def spread(self, total: float, weights: Floats, *, keep_sign: bool = False) -> Floats:
        """Share a total out by weights; held cells are part of it."""
        keep = np.where(self.held, self.cells, np.nan)
        rules = SpreadRules(keep, self.lower, self.upper, self.unit, keep_sign=keep_sign)
        return solve(total, weights, rules)

    def total(self) -> float:
        """Return the present total, on the unit's grid so that adding to it stays exact."""
        return float(from_units(to_units(self.cells, self.unit).sum(), self.unit))

    def like(self) -> Floats:
        """Return the reference.

        Raises:
            InputError: There is none, or it does not fit.
        """
        if self.reference is None or self.reference.shape != self.cells.shape:
            raise InputError("参照和要分摊的格数不一致", "选同样层级、同样期间的参照")
        return self.reference

    def each(self, wanted: Floats) -> Floats:
        """Give every free cell its own value; their sum is rounded once, then shared out."""
        free = ~self.held
        total = float(from_units(to_units(wanted[free].sum(), self.unit), self.unit))
        if self.lower is not None or self.upper is not None:
            kept = float(from_units(to_units(self.cells[self.held], self.unit).sum(), self.unit))
            return self.spread(total + kept, np.where(free, wanted, 0.0))
        after = self.cells.copy()
        after[free] = round_to_sum(wanted[free], total, self.unit)
        return after

    def times(self, factor: float) -> Floats:
        """Multiply every free cell.

        Raises:
            SignError: The factor is below zero.
        """
        if factor < 0:
            raise SignError(f"乘以 {factor:g} 会使每一格变号", "检查正负号")
        return self.each(self.cells * factor)

    def repeat(self, value: float) -> Floats:
        """Give every free cell the same value."""
        whole = from_units(to_units(value, self.unit), self.unit)
        return np.where(self.held, self.cells, whole)

    def fill_empty(self, total: float) -> Floats:
        """Reach a total by cells that are zero, equally or in the shape of the reference."""
        open_cells = (self.cells == 0) & ~self.held
        weights = self.ones if self.reference is None else self.like()
        keep = np.where(open_cells, np.nan, self.cells)
        return solve(total, weights, SpreadRules(keep, self.lower, self.upper, self.unit))
