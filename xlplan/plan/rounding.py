"""Exact sums under rounding: the largest remainder (Hamilton) method."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InputError
from xlplan.plan.units import from_units, numbers, ratio, to_units

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from xlplan.plan.units import Bools, Floats, Ints


def round_to_sum(values: ArrayLike, total: float, unit: float = 1) -> Floats:
    """Round values to whole units so that they add up to the total exactly.

    Values that do not add up to the total (by a unit or more) are first scaled to it.
    Each result differs from its (scaled) value by less than one unit; ties go to the
    earlier cell.

    Args:
        values: (n,) amounts.
        total: Their sum afterwards; rounded to the unit as Excel rounds.
        unit: The smallest step.

    Raises:
        InputError: Values cannot be scaled to the total, because they add up to zero.
    """
    step, per = ratio(unit)
    quotas = numbers(values) * per / step
    target = int(to_units(total, unit))
    if abs(quotas.sum() - target) >= 1:
        quotas = _scaled(quotas, target)
    return from_units(largest_remainder(quotas[None], np.array([target]))[0], unit)


def _scaled(quotas: Floats, target: int) -> Floats:
    base = float(quotas.sum())
    if abs(base) <= 1e-12 * np.abs(quotas).sum():
        raise InputError("各格合计为 0，无法按比例凑到合计", "改用平均分摊")
    return quotas * (target / base)


def largest_remainder(quotas: Floats, rest: Ints, eligible: Bools | None = None) -> Ints:
    """Round each row of quotas down, then give the missing units to the largest fractions.

    Fractions that double precision cannot tell apart count as equal; ties go to the
    earlier cell.

    Args:
        quotas: (n, d) in units; each row adds up to about ``rest``.
        rest: (n,) whole units each row must add up to.
        eligible: (n, d) cells that may receive a unit; all by default.

    Returns:
        (n, d) whole units; row sums equal ``rest`` wherever a row has an eligible cell.
    """
    whole = np.floor(quotas)
    if not quotas.shape[1]:
        return whole.astype(np.int64)
    short = rest - whole.sum(axis=1).astype(np.int64)
    key = _rank_keys(quotas - whole, rest)
    if eligible is not None:
        key[~eligible] = -1.0
    width = quotas.shape[1]
    open_cells = width if eligible is None else np.count_nonzero(eligible, axis=1)
    if ((short < 0) | (short > open_cells)).any():
        short = _share_evenly(whole, short, key >= 0)
    ordered = np.sort(key, axis=1)
    place = np.clip(width - short, 0, width - 1)
    least = np.take_along_axis(ordered, place[:, None], axis=1)
    least[short == 0] = np.inf
    whole += key >= least
    return whole.astype(np.int64)


def _rank_keys(fractions: Floats, rest: Ints) -> Floats:
    """Return distinct keys in the order of the fractions, the earlier cell first among equals.

    A key is the fraction in steps of the quotas' own precision, with the position in the
    low bits; being distinct, the k-th largest key of a row separates the winners at once.
    """
    width = fractions.shape[1]
    bits = max(width - 1, 1).bit_length()
    precision = np.clip(50 - np.frexp(rest.astype(np.float64))[1], 3, min(32, 52 - bits))
    fractions *= np.ldexp(1.0, precision)[:, None]
    np.rint(fractions, out=fractions)
    fractions *= 2.0**bits
    fractions += np.arange(width - 1, -1, -1.0)
    return fractions


def _share_evenly(whole: Floats, short: Ints, open_cells: Bools) -> Ints:
    """Take whole rounds of units over all open cells; return what is still short."""
    count = np.maximum(np.count_nonzero(open_cells, axis=1), 1)
    rounds = np.floor_divide(short, count)
    whole += rounds[:, None] * open_cells
    return np.asarray(np.where(open_cells.any(axis=1), short - rounds * count, 0), np.int64)
