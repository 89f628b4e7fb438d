"""Exact sums under rounding: the largest remainder (Hamilton) method."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InputError
from xlplan.plan.exact.units import from_units, numbers, ratio, to_units

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from xlplan.plan.exact.units import Bools, Floats, Ints


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


class Scratch:
    """Arrays used again for every chunk of rows: fresh memory costs more than the sums in it."""

    def __init__(self, rows: int, width: int) -> None:
        self.quotas, self.whole, self.key, self.ordered = np.empty((4, rows, width))
        self.free = np.ones((rows, width), dtype=bool)


def largest_remainder(
    quotas: Floats, rest: Ints, eligible: Bools | None = None, scratch: Scratch | None = None
) -> Floats:
    """Round each row of quotas down, then give the missing units to the largest fractions.

    Fractions that double precision cannot tell apart count as equal; ties go to the
    earlier cell.

    Args:
        quotas: (n, d) in units; each row adds up to about ``rest``.
        rest: (n,) whole units each row must add up to.
        eligible: (n, d) cells that may receive a unit; the others' quotas must be whole.
            By default every cell whose quota is not 0.
        scratch: Room to work in; the result lives there.

    Returns:
        (n, d) whole numbers as floats; row sums equal ``rest`` wherever a row has an
        eligible cell.
    """
    count, width = quotas.shape
    room = scratch or Scratch(count, width)
    whole, ordered = room.whole[:count], room.ordered[:count]
    np.floor(quotas, out=whole)
    if not width:
        return whole
    short = rest - whole.sum(axis=1).astype(np.int64)
    key = _rank_keys(np.subtract(quotas, whole, out=room.key[:count]), rest)
    least = _least_winner(key, ordered, short)
    if (least < 1).any():
        key[~(quotas != 0 if eligible is None else eligible)] = -1.0
        least = _least_winner(key, ordered, _share_evenly(whole, short, key >= 0))
    whole += key >= least[:, None]
    return whole


def _least_winner(key: Floats, ordered: Floats, short: Ints) -> Floats:
    """Return each row's ``short``-th largest key, −1 where there are not so many."""
    count, width = key.shape
    np.copyto(ordered, key)
    ordered.sort(axis=1)
    least: Floats = ordered[np.arange(count), np.clip(width - short, 0, width - 1)]
    least[short == 0] = np.inf
    least[(short < 0) | (short > width)] = -1.0
    return least


def _rank_keys(fractions: Floats, rest: Ints) -> Floats:
    """Turn fractions, in place, into distinct keys of the same order, earlier cells first.

    The whole part of a key is the fraction in steps of the quotas' own precision, the rest
    is the position; being distinct, the k-th largest key of a row separates the winners at
    once. Keys below 1 belong to cells without a fraction.
    """
    width = fractions.shape[1]
    bits = width.bit_length()
    precision = np.clip(50 - np.frexp(rest.astype(np.float64))[1], 3, min(32, 52 - bits))
    fractions *= np.ldexp(1.0, precision)[:, None]
    np.rint(fractions, out=fractions)
    fractions += np.arange(width - 1, -1, -1.0) / 2.0**bits
    return fractions


def _share_evenly(whole: Floats, short: Ints, open_cells: Bools) -> Ints:
    """Take whole rounds of units over all open cells; return what is still short."""
    count = np.maximum(np.count_nonzero(open_cells, axis=1), 1)
    rounds = np.floor_divide(short, count)
    whole += rounds[:, None] * open_cells
    return np.asarray(np.where(open_cells.any(axis=1), short - rounds * count, 0), np.int64)
