"""The engine of `xlplan.plan.spread`: check, share and round many rows of cells at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InputError
from xlplan.metrics.money import CENT
from xlplan.plan.exact.bounds import project, proportional
from xlplan.plan.exact.refusals import Rows
from xlplan.plan.exact.rounding import Scratch, largest_remainder
from xlplan.plan.exact.units import numbers, ratio, to_units
from xlplan.record import record

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from xlplan.plan.exact.units import Bools, Floats, Ints

#: Cells handled at once: what one step works on stays in the processor's cache.
CHUNK = 80_000


@record
class SpreadRules:
    """What a spread must respect besides its totals.

    Attributes:
        held: Values to keep, NaN where free; broadcastable to the cells.
        lower: Least values.
        upper: Greatest values.
        unit: The smallest step.
        keep_sign: The weights are existing values that must keep their sign.
    """

    held: ArrayLike | None = None
    lower: ArrayLike | None = None
    upper: ArrayLike | None = None
    unit: float = CENT
    keep_sign: bool = False


def solve(total: ArrayLike, weights: ArrayLike, rules: SpreadRules) -> Floats:
    """Spread totals (…) over weights (…, d) by the rules; see `xlplan.plan.spread.spread`."""
    cells = _Cells.read(total, np.asarray(weights, dtype=np.float64), rules)
    done: Floats = np.empty(cells.weights.shape)
    step, per = ratio(cells.unit)
    size = max(1, CHUNK // max(cells.shape[-1], 1))
    scratch = Scratch(min(size, len(done)), cells.shape[-1])
    for start in range(0, len(done), size):
        part = slice(start, start + size)
        whole = _whole_units(cells.rows(part, scratch), scratch)
        np.divide(whole if step == 1 else whole * step, per, out=done[part])
        span, places = cells.held_in(part)
        done[part].reshape(-1)[places] = cells.values[span]
    return done.reshape(cells.shape)


def _whole_units(rows: Rows, scratch: Scratch) -> Floats:
    rows.check()
    if rows.bounds is None:
        room = scratch.quotas[: len(rows.total)]
        quotas = proportional(rows.weights, rows.rest, rows.free, out=room)
        return largest_remainder(quotas, rows.rest, scratch=scratch)
    lower, upper = rows.bounds
    quotas, active = project(rows.weights, rows.rest, lower, upper, rows.free)
    return largest_remainder(quotas, rows.rest, active & (np.floor(quotas) < upper), scratch)


@record
class _Cells:
    """A whole spread with one axis of rows; totals and bounds in units.

    Attributes:
        places: (k,) flat positions of the held cells, ascending.
        values: (k,) what they hold.
        kept: (k,) the same in units.
    """

    shape: tuple[int, ...]
    weights: Floats
    total: Ints
    places: Ints
    values: Floats
    kept: Ints
    lower: Floats | None
    upper: Floats | None
    unit: float
    keep_sign: bool

    @classmethod
    def read(cls, total: ArrayLike, weights: Floats, rules: SpreadRules) -> _Cells:
        goal = to_units(total, rules.unit)
        shape = _shape(goal, weights)
        places, values = _held(rules.held, shape)
        unit = unit_of_holds(values, rules.unit)
        goal = np.broadcast_to(goal * round(rules.unit / unit), shape[:-1]).reshape(-1)
        return cls(
            shape=shape,
            weights=_table(weights, shape),
            total=goal,
            places=places,
            values=values,
            kept=to_units(values, unit),
            lower=_inward(rules.lower, unit, np.ceil, shape),
            upper=_inward(rules.upper, unit, np.floor, shape),
            unit=unit,
            keep_sign=rules.keep_sign,
        )

    def rows(self, part: slice, scratch: Scratch) -> Rows:
        """Return some rows ready to solve; they live in the scratch arrays until the next call."""
        total = self.total[part]
        weights, free, fixed = self._free(part, scratch)
        if not (np.abs(weights.sum(axis=1)) < 1e290).all():
            numbers(weights, "权重")
        return Rows(
            weights=weights,
            free=free,
            total=total,
            rest=total - fixed,
            bounds=self._bounds(part),
            unit=self.unit,
            lead=self.shape[:-1],
            first=part.start,
            keep_sign=self.keep_sign,
        )

    def _free(self, part: slice, scratch: Scratch) -> tuple[Floats, Bools, Ints | int]:
        """Return the weights without held cells, which cells are free, and the held sums."""
        weights = self.weights[part]
        free = scratch.free[: len(weights)]
        if not self.places.size:
            return weights, free, 0
        span, places = self.held_in(part)
        room = scratch.quotas[: len(weights)]
        np.copyto(room, weights)
        room.reshape(-1)[places] = 0.0
        free.fill(True)
        free.reshape(-1)[places] = False
        rows = places // weights.shape[1]
        fixed = np.bincount(rows, weights=self.kept[span], minlength=len(weights))
        return room, free, fixed.astype(np.int64)

    def held_in(self, part: slice) -> tuple[slice, Ints]:
        """Return which held cells lie in some rows, and where in them."""
        width = self.shape[-1]
        near, far = np.searchsorted(self.places, (part.start * width, part.stop * width))
        return slice(near, far), self.places[near:far] - part.start * width

    def _bounds(self, part: slice) -> tuple[Floats, Floats] | None:
        """Return both bounds; an upper one alone means not below zero."""
        if self.upper is None:
            if self.lower is None:
                return None
            return self.lower[part], np.broadcast_to(np.inf, self.lower[part].shape)
        upper = self.upper[part]
        if self.lower is not None:
            return self.lower[part], upper
        least = np.where(self.total[part] >= 0, 0.0, -np.inf)
        return np.broadcast_to(least[:, None], upper.shape), upper


def _shape(goal: Ints, weights: Floats) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes((*goal.shape, 1), weights.shape or (1,))
    except ValueError:
        raise InputError(
            f"合计是 {goal.shape}，各格是 {weights.shape}，行数对不上", "每行一个合计"
        ) from None


def _table(array: Floats, shape: tuple[int, ...]) -> Floats:
    """Return a view with all leading axes as one."""
    try:
        wide = np.broadcast_to(array, shape)
    except ValueError:
        raise InputError(
            f"锁定或上下限是 {array.shape}，各格是 {shape}，对不上", "与各格逐一对应，或只给一个数"
        ) from None
    return wide.reshape(math.prod(shape[:-1]), shape[-1])


def _held(held: ArrayLike | None, shape: tuple[int, ...]) -> tuple[Ints, Floats]:
    """Return the flat positions and values of the cells that hold a number."""
    if held is None:
        return np.empty(0, dtype=np.int64), np.empty(0)
    table = _table(np.asarray(held, dtype=np.float64), shape)
    places = np.flatnonzero(table == table)  # noqa: PLR0124  # only NaN differs from itself
    return places, table.reshape(-1)[places]


def unit_of_holds(values: Floats, unit: float) -> float:
    """Return the coarsest of unit, unit/10 … unit/10⁴ that every value is a multiple of."""
    for digits in range(5):
        fine = unit / 10.0**digits
        step, per = ratio(fine)
        scaled = values * per / step
        if (np.abs(scaled - np.rint(scaled)) <= 1e-6).all():
            return fine
    return unit


def _inward(
    bound: ArrayLike | None, unit: float, towards: np.ufunc, shape: tuple[int, ...]
) -> Floats | None:
    """Return a bound in units, the nearest whole unit inside it."""
    if bound is None:
        return None
    step, per = ratio(unit)
    scaled = numbers_or_inf(bound) * per / step
    near = np.rint(scaled)
    with np.errstate(invalid="ignore"):
        exact = np.abs(scaled - near) <= 1e-9 * np.maximum(1, np.abs(scaled))
    return _table(np.where(exact, near, towards(scaled)), shape)


def numbers_or_inf(values: ArrayLike) -> Floats:
    """Return bounds as floats; infinities mean no bound.

    Raises:
        InputError: A bound is missing (NaN).
    """
    array = np.asarray(values, dtype=np.float64)
    if np.isnan(array).any():
        raise InputError("上下限里有空值", "没有上限填 inf，没有下限填 -inf")
    return array
