"""The spread methods by name, for the 分摊 dialog and the typed shorthand (PLANNING a)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InputError
from xlplan.plan.exact.progressions import growth_shape, line_shape
from xlplan.plan.exact.refusals import SignError
from xlplan.plan.exact.solver import Rules, solve
from xlplan.plan.exact.units import from_units, numbers, to_units
from xlplan.plan.spread import additive_equal, by_absolute, round_to_sum
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from xlplan.plan.exact.units import Bools, Floats


@record
class _Job:
    cells: Floats
    held: Bools
    amount: float
    reference: Floats | None
    lower: ArrayLike | None
    upper: ArrayLike | None
    unit: float

    def spread(self, total: float, weights: Floats, *, keep_sign: bool = False) -> Floats:
        keep = np.where(self.held, self.cells, np.nan)
        rules = Rules(keep, self.lower, self.upper, self.unit, keep_sign=keep_sign)
        return solve(total, weights, rules)

    def total(self) -> float:
        """Present total, on the unit's grid so that adding to it stays exact."""
        return float(from_units(to_units(self.cells, self.unit).sum(), self.unit))

    def like(self) -> Floats:
        if self.reference is None or self.reference.shape != self.cells.shape:
            raise InputError("参照和要分摊的格数不一致", "选同样层级、同样期间的参照")
        return self.reference


def apply_method(  # noqa: PLR0913  # all but three are named options
    method: str,
    cells: ArrayLike,
    amount: float,
    *,
    reference: ArrayLike | None = None,
    held: ArrayLike | None = None,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    unit: float = 0.01,
) -> Floats:
    """Change (n,) cells by a named method; held cells never move.

    Args:
        method: One of `METHODS`.
        cells: (n,) present values.
        amount: What the method needs: the new total (proportional, equal, equal_nonzero,
            like, unassigned, additive_equal, by_absolute), the change of the total (add),
            the part 0.08 of +8 % (percent, like_percent), the factor (times), the value of
            every cell (repeat), last ÷ first (straight_line) or the rate (growth).
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
    if method not in METHODS:
        raise InputError(f"没有分摊方法“{method}”", f"可用：{'、'.join(METHODS)}")
    base = numbers(cells)
    fixed = np.zeros(base.shape, dtype=bool)
    if held is not None:
        fixed = fixed | np.asarray(held, dtype=bool)
    like = None if reference is None else numbers(reference, "参照")
    job = _Job(base, fixed, float(numbers(amount)), like, lower, upper, unit)
    return METHODS[method](job)


def _proportional(job: _Job) -> Floats:
    return job.spread(job.amount, job.cells, keep_sign=True)


def _equal(job: _Job) -> Floats:
    return job.spread(job.amount, np.ones(job.cells.shape))


def _equal_nonzero(job: _Job) -> Floats:
    return job.spread(job.amount, (job.cells != 0).astype(np.float64))


def _like(job: _Job) -> Floats:
    return job.spread(job.amount, job.like())


def _like_percent(job: _Job) -> Floats:
    return _each(job, job.like() * (1 + job.amount))


def _times(job: _Job) -> Floats:
    if job.amount < 0:
        raise SignError(f"乘以 {job.amount:g} 会使每一格变号", "检查正负号")
    return _each(job, job.cells * job.amount)


def _percent(job: _Job) -> Floats:
    return _times(replace(job, amount=1 + job.amount))


def _each(job: _Job, wanted: Floats) -> Floats:
    """Give every free cell its own value; their sum is rounded once, then shared out."""
    free = ~job.held
    total = float(from_units(to_units(wanted[free].sum(), job.unit), job.unit))
    if job.lower is not None or job.upper is not None:
        kept = float(from_units(to_units(job.cells[job.held], job.unit).sum(), job.unit))
        return job.spread(total + kept, np.where(free, wanted, 0.0))
    after = job.cells.copy()
    after[free] = round_to_sum(wanted[free], total, job.unit)
    return after


def _add(job: _Job) -> Floats:
    return job.spread(job.total() + job.amount, job.cells, keep_sign=True)


def _repeat(job: _Job) -> Floats:
    value = from_units(to_units(job.amount, job.unit), job.unit)
    return np.where(job.held, job.cells, value)


def _straight_line(job: _Job) -> Floats:
    return job.spread(job.total(), line_shape(job.cells.size, job.amount))


def _growth(job: _Job) -> Floats:
    return job.spread(job.total(), growth_shape(job.cells.size, job.amount))


def _unassigned(job: _Job) -> Floats:
    """Keep what was typed; share only the rest over the empty (zero) cells."""
    open_cells = (job.cells == 0) & ~job.held
    weights = np.ones(job.cells.shape) if job.reference is None else job.like()
    keep = np.where(open_cells, np.nan, job.cells)
    return solve(job.amount, weights, Rules(keep, job.lower, job.upper, job.unit))


def _additive_equal(job: _Job) -> Floats:
    return additive_equal(
        job.cells, job.amount, held=job.held, lower=job.lower, upper=job.upper, unit=job.unit
    )


def _by_absolute(job: _Job) -> Floats:
    return by_absolute(
        job.cells, job.amount, held=job.held, lower=job.lower, upper=job.upper, unit=job.unit
    )


#: Method name → what it does.
METHODS: dict[str, Callable[[_Job], Floats]] = {
    "proportional": _proportional,
    "equal": _equal,
    "equal_nonzero": _equal_nonzero,
    "like": _like,
    "like_percent": _like_percent,
    "percent": _percent,
    "times": _times,
    "add": _add,
    "repeat": _repeat,
    "straight_line": _straight_line,
    "growth": _growth,
    "unassigned": _unassigned,
    "additive_equal": _additive_equal,
    "by_absolute": _by_absolute,
}
