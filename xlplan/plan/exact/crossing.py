"""A table whose last row and last column may be anything: fitted and rounded, both margins exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.exact.margins import CLOSE, fit_margins, round_units, scale
from xlplan.plan.exact.paths import settle
from xlplan.plan.exact.rounding import largest_remainder

if TYPE_CHECKING:
    from xlplan.plan.exact.units import Bools, Floats, Ints


def seed_of(base: Floats, taken: Bools, rows: Ints, columns: Ints) -> Floats:
    """Return the free leaves' values; own sets that are all zero count as equal."""
    if base[taken].min(initial=0) < 0:
        raise InputError("交叉的合计下不能有负数", "退款等按正数填")
    seed = base.copy()
    for sets in (rows, columns):
        sums = np.bincount(sets, weights=np.where(taken, seed, 0.0))
        seed[taken & (sums[sets] == 0)] = 1.0
    return seed


def whole_table(seed: Floats, right: Ints, below: Ints) -> Floats:
    """Fit and round a table whose last row and last column may be anything."""
    grand = float(max(right.sum(), below.sum(), 1))
    loose = scale(seed, np.append(right, np.nan), np.append(below, np.nan), CLOSE * grand)
    spare = _spare(loose, int(right.sum()), int(below.sum()), corner=bool(seed[:, -1].any()))
    rows, columns = np.append(right, spare), np.append(below, spare + right.sum() - below.sum())
    return round_near(fit_margins(loose, rows, columns), rows, columns)


def round_near(fitted: Floats, rows: Ints, columns: Ints) -> Floats:
    """Round a table that nearly has these margins to whole units that have them; zeros stay zero.

    Raises:
        InfeasibleError: No whole units in the cells that are not zero meet the margins.
    """
    try:
        return round_units(fitted, rows, columns)
    except InfeasibleError:  # the fit is off by more than a cell's distance to its floor
        table = largest_remainder(fitted, rows)
        limits = np.zeros(fitted.shape), np.where(fitted > 0, np.inf, 0.0)
        settle(table, columns.astype(np.float64), limits, fitted)
        return table


def _spare(table: Floats, right: int, below: int, *, corner: bool) -> int:
    """Return the whole-unit total of the last row: what the columns need beyond the rows."""
    if not corner and below < right:
        raise InfeasibleError("合计互相矛盾")
    if not corner:
        return below - right
    return max(round(float(table[-1].sum())), below - right, 0)
