"""The engine of `xlplan.plan.spread`: check, share and round many rows of cells at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InputError
from xlplan.plan.bounds import project, proportional
from xlplan.plan.refusals import Rows
from xlplan.plan.rounding import largest_remainder
from xlplan.plan.units import from_units, ratio, to_units

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from xlplan.plan.units import Bools, Floats, Ints

#: Cells handled at once: the temporaries of one step stay in the processor's cache.
CHUNK = 40_000


@dataclass(frozen=True, slots=True)
class Rules:
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
    unit: float = 0.01
    keep_sign: bool = False


def solve(total: ArrayLike, weights: Floats, rules: Rules) -> Floats:
    """Spread totals (…) over weights (…, d) by the rules; see `xlplan.plan.spread.spread`."""
    cells = _flat(total, weights, rules)
    done = np.empty(cells.weights.shape)
    step = max(1, CHUNK // max(cells.weights.shape[-1], 1))
    for start in range(0, len(done), step):
        part = slice(start, start + step)
        rows = cells.rows(part)
        done[part] = from_units(_whole_units(rows), cells.unit)
        if cells.held is not None:
            np.copyto(done[part], cells.held[part], where=~rows.free)
    return done.reshape(cells.shape)


@dataclass(frozen=True, slots=True)
class _Cells:
    """A whole spread as two-dimensional arrays; bounds and totals in units."""

    shape: tuple[int, ...]
    weights: Floats
    total: Ints
    held: Floats | None
    lower: Floats | None
    upper: Floats | None
    unit: float
    keep_sign: bool

    def rows(self, part: slice) -> Rows:
        weights, total = self.weights[part], self.total[part]
        rest, free = total, np.ones(weights.shape, dtype=bool)
        if self.held is not None:
            free = np.isnan(self.held[part])
            rest = total - _held_units(self.held[part], ~free, self.unit)
            weights = weights * free
        return Rows(
            weights=weights,
            free=free,
            total=total,
            rest=rest,
            bounds=self._bounds(part),
            unit=self.unit,
            lead=self.shape[:-1],
            first=part.start,
            keep_sign=self.keep_sign,
        )

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


def _flat(total: ArrayLike, weights: Floats, rules: Rules) -> _Cells:
    goal = to_units(total, rules.unit)
    shape = _shape(goal, weights)
    held = _table(rules.held, shape)
    unit = rules.unit if held is None else unit_of_holds(held[~np.isnan(held)], rules.unit)
    goal = np.broadcast_to(goal * round(rules.unit / unit), shape[:-1]).reshape(-1)
    return _Cells(
        shape=shape,
        weights=_rows_of(weights, shape),
        total=goal,
        held=held,
        lower=_table(_inward(rules.lower, unit, np.ceil), shape),
        upper=_table(_inward(rules.upper, unit, np.floor), shape),
        unit=unit,
        keep_sign=rules.keep_sign,
    )


def _shape(goal: Ints, weights: Floats) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes((*goal.shape, 1), weights.shape or (1,))
    except ValueError:
        raise InputError(
            f"合计是 {goal.shape}，各格是 {weights.shape}，行数对不上", "每行一个合计"
        ) from None


def _table(values: ArrayLike | None, shape: tuple[int, ...]) -> Floats | None:
    return None if values is None else _rows_of(np.asarray(values, np.float64), shape)


def _rows_of(array: Floats, shape: tuple[int, ...]) -> Floats:
    """Return a view with all leading axes as one."""
    try:
        wide = np.broadcast_to(array, shape)
    except ValueError:
        raise InputError(
            f"锁定或上下限是 {array.shape}，各格是 {shape}，对不上", "与各格逐一对应，或只给一个数"
        ) from None
    return wide.reshape(math.prod(shape[:-1]), shape[-1])


def _held_units(held: Floats, kept: Bools, unit: float) -> Ints:
    """Return each row's sum of held values, in units."""
    values = to_units(held[kept], unit).astype(np.float64)
    rows = np.repeat(np.arange(len(held)), np.count_nonzero(kept, axis=1))
    return np.bincount(rows, weights=values, minlength=len(held)).astype(np.int64)


def _whole_units(rows: Rows) -> Ints:
    rows.check()
    if rows.bounds is None:
        quotas = proportional(rows.weights, rows.rest, rows.free)
        return largest_remainder(quotas, rows.rest, quotas != 0)
    lower, upper = rows.bounds
    quotas, active = project(rows.weights, rows.rest, lower, upper, rows.free)
    return largest_remainder(quotas, rows.rest, active & (np.floor(quotas) < upper))


def unit_of_holds(values: Floats, unit: float) -> float:
    """Return the coarsest of unit, unit/10 … unit/10⁴ that every value is a multiple of."""
    for digits in range(5):
        fine = unit / 10.0**digits
        step, per = ratio(fine)
        scaled = values * per / step
        if (np.abs(scaled - np.rint(scaled)) <= 1e-6).all():
            return fine
    return unit


def _inward(bound: ArrayLike | None, unit: float, towards: np.ufunc) -> Floats | None:
    """Return a bound in units, the nearest whole unit inside it."""
    if bound is None:
        return None
    step, per = ratio(unit)
    scaled = numbers_or_inf(bound) * per / step
    near = np.rint(scaled)
    with np.errstate(invalid="ignore"):
        exact = np.abs(scaled - near) <= 1e-9 * np.maximum(1, np.abs(scaled))
    return np.where(exact, near, towards(scaled))


def numbers_or_inf(values: ArrayLike) -> Floats:
    """Return bounds as floats; infinities mean no bound.

    Raises:
        InputError: A bound is missing (NaN).
    """
    array = np.asarray(values, dtype=np.float64)
    if np.isnan(array).any():
        raise InputError("上下限里有空值", "没有上限填 inf，没有下限填 -inf")
    return array
