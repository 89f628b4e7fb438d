"""Money and counts as whole units: decimals in, int64 inside, decimals out.

A *unit* is the smallest step of a metric: 0.01 for money (fen), 1 for counts
and yuan. All sums of the planning core are made in whole units, so they are
exact; floats appear only at the edges.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xlplan.errors import InputError
from xlplan.metrics.money import CENT, CENTS_PER_YUAN

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

#: Above this many units a float no longer separates neighbouring quotas.
LARGEST = 10**15


@lru_cache(maxsize=64)
def ratio(unit: float) -> tuple[int, int]:
    """Return the unit as an exact (numerator, denominator), read as a decimal: 0.01 → (1, 100).

    Raises:
        InputError: The unit is not a positive number.
    """
    if not 0 < unit < np.inf:
        raise InputError(f"最小单位 {unit} 不是正数", "金额用 0.01，件数和人数用 1")
    return Decimal(str(float(unit))).as_integer_ratio()


def to_units(values: ArrayLike, unit: float = CENT) -> Ints:
    """Convert amounts to whole units, rounding as Excel's ROUND does.

    Raises:
        InputError: A value is missing, infinite, or beyond ±10^15 units.
    """
    array = numbers(values)
    step, per = ratio(unit)
    whole = _half_away(array * per / step)
    if np.abs(whole).max(initial=0) > LARGEST:
        raise InputError("数值太大，无法精确计算", "检查是否多打了几个零，或换用更大的最小单位")
    return whole.astype(np.int64)


def from_units(units: Ints | Floats, unit: float = CENT) -> Floats:
    """Convert whole units (int64, or floats without a fraction) to amounts; each is the double nearest to its decimal."""
    step, per = ratio(unit)
    scaled = units if step == 1 else units * step
    return np.true_divide(scaled, per)


def exact_sum(values: ArrayLike) -> float:
    """Return a sum of money or counts without drift; what is missing (NaN) adds nothing."""
    return float(to_cents(values).sum() / CENTS_PER_YUAN)


def to_cents(values: ArrayLike) -> Floats:
    """Return amounts in whole smallest steps of money, missing ones as 0."""
    return np.asarray(np.rint(np.nan_to_num(np.asarray(values, np.float64)) * CENTS_PER_YUAN))


def from_cents(cents: ArrayLike) -> Floats:
    """Return whole smallest steps of money as amounts."""
    return np.asarray(np.asarray(cents, np.float64) / CENTS_PER_YUAN)


def numbers(values: ArrayLike, what: str = "数值") -> Floats:
    """Return a float array in which every cell is a finite number.

    Raises:
        InputError: A cell is missing or infinite (1e290 and more); the message gives its position.
    """
    array = np.asarray(values, dtype=np.float64)
    bad = ~(np.abs(array) < 1e290)
    if bad.any():
        place = position(np.argwhere(bad)[0])
        raise InputError(f"{what}第 {place} 格不是数", "补上数值；没有就填 0")
    return array


def position(index: Sequence[int] | Ints) -> str:
    """Return a 0-based index as people count: (0, 2) → ``1 行 3``, (2,) → ``3``."""
    return " 行 ".join(str(int(i) + 1) for i in index)


@overload
def excel_round(values: float, digits: int = 0) -> float: ...
@overload
def excel_round(values: Sequence[float] | Floats, digits: int = 0) -> Floats: ...
def excel_round(values: ArrayLike, digits: int = 0) -> float | Floats:
    """Round half away from zero on 15 significant digits, as Excel's ROUND: 1.005 → 1.01.

    Args:
        values: A number or an array; NaN and infinities pass through.
        digits: Decimal places; negative rounds left of the point.
    """
    array = np.asarray(values, dtype=np.float64)
    up, down = 10.0 ** max(digits, 0), 10.0 ** max(-digits, 0)
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = array * up / down
        done = np.where(np.isfinite(scaled), _half_away(scaled) * down / up, array)
    return float(done) if done.ndim == 0 else done


def _half_away(values: Floats) -> Floats:
    """Round half away from zero; a value 1e-15 of itself below a half counts as the half."""
    size = np.abs(values)
    whole = np.floor(size)
    whole += size - whole >= 0.5 - np.minimum(size * 1e-15, 1e-3)
    return np.copysign(whole, values) + 0.0  # no negative zero
