"""Tables with both margins given: proportional fitting and controlled rounding.

`fit_margins` is iterative proportional fitting (RAS; Deming & Stephan 1940): the unique
table nearest to the seed in the sense of KL. `round_table` is controlled rounding
(Bacharach 1966): whole units with every row and column exact, each cell floor or ceiling.
Both finish by moving amounts between columns along paths (`xlplan.plan.exact.paths`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.exact.paths import settle
from xlplan.plan.exact.rounding import largest_remainder
from xlplan.plan.exact.units import from_units, numbers, ratio, to_units

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from xlplan.plan.exact.units import Floats, Ints

#: Rounds of scaling before the rest is moved along paths (only margins that force a cell
#: of the seed towards zero need more).
ROUNDS = 2000
#: Largest difference to a margin, as a part of the grand total.
CLOSE = 1e-13


def fit_margins(seed: ArrayLike, rows: ArrayLike, columns: ArrayLike) -> Floats:
    """Scale a table to given row and column totals; zeros stay zero.

    Args:
        seed: (m, n), not negative.
        rows: (m,) totals, not negative.
        columns: (n,) totals, not negative, with the same sum as ``rows``.

    Returns:
        (m, n); sums differ from the margins by about 1e-13 of the grand total at most.

    Raises:
        InfeasibleError: The sums differ, or rows with seed only in certain columns need
            more than those columns hold; ``locks`` are ("row", i) and ("column", j).
        InputError: Negative or missing values, or shapes that do not fit.
    """
    table, right, below = _table(seed, rows, columns)
    if min(table.min(initial=0), right.min(initial=0), below.min(initial=0)) < 0:
        raise InputError("按两边合计拟合时不能有负数", "退款等按正数填")
    grand = right.sum()
    _check_sums(grand, below.sum(), 1e-9 * grand)
    table[(right == 0)[:, None] | (below == 0)] = 0
    _check_empty(table, right, below)
    if grand:
        support = np.where(table > 0, np.inf, 0.0)
        table = scale(table / table.max(), right, below, CLOSE * grand)
        limits = np.zeros(table.shape), support
        settle(table, below, limits, table.copy(), 10 * CLOSE * grand)
    return table


def round_table(values: ArrayLike, rows: ArrayLike, columns: ArrayLike, unit: float = 1) -> Floats:
    """Round a table to whole units with every row and every column total exact.

    Starts from the largest remainder of each row and moves single units between columns,
    so every cell is the floor or the ceiling of its value.

    Args:
        values: (m, n) amounts that add up to about the margins (see `fit_margins`).
        rows: (m,) totals.
        columns: (n,) totals with the same sum.
        unit: The smallest step.

    Raises:
        InfeasibleError: No choice of floors and ceilings meets the margins.
        InputError: Missing values or shapes that do not fit.
    """
    step, per = ratio(unit)
    table, right, below = _table(values, rows, columns)
    quotas, right_units, below_units = (
        table * per / step,
        to_units(right, unit),
        to_units(below, unit),
    )
    _check_sums(float(right_units.sum()), float(below_units.sum()), 0)
    near = np.rint(quotas)
    quotas = np.where(np.abs(quotas - near) <= 1e-9, near, quotas)
    return from_units(round_units(quotas, right_units, below_units), unit)


def round_units(quotas: Floats, right: Ints, below: Ints) -> Floats:
    """Round (m, n) quotas to floor or ceiling with integer margins (see `round_table`)."""
    floor, ceiling = np.floor(quotas), np.ceil(quotas)
    bad = (floor.sum(axis=1) > right) | (ceiling.sum(axis=1) < right)
    if bad.any():
        rows = [int(row) for row in np.flatnonzero(bad)]
        raise InfeasibleError(
            f"第 {rows[0] + 1} 行各格取整后凑不到行合计 {right[rows[0]]}",
            "先用 fit_margins 让各格合计与行、列合计一致",
            locks=[("row", row) for row in rows],
        )
    whole = largest_remainder(quotas, right, ceiling > floor)
    settle(whole, below.astype(np.float64), (floor, ceiling), quotas - floor)
    return whole


def _table(
    values: ArrayLike, rows: ArrayLike, columns: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    table = numbers(values).copy()
    right, below = numbers(rows, "行合计"), numbers(columns, "列合计")
    if table.ndim != 2 or table.shape != (*right.shape, *below.shape):
        raise InputError(
            f"表是 {table.shape}，行合计 {right.shape}，列合计 {below.shape}，对不上",
            "每行一个行合计，每列一个列合计",
        )
    return table, right, below


def _check_sums(right: float, below: float, close: float) -> None:
    if abs(right - below) > close:
        raise InfeasibleError(
            f"行合计之和 {right:.12g} 与列合计之和 {below:.12g} 不相等",
            "先让两边的总数一致（例如按比例调整其中一边）",
        )


def _check_empty(table: Floats, right: Floats, below: Floats) -> None:
    """Refuse a positive total over cells that must all be zero."""
    for axis, name, kind, totals in ((1, "行", "row", right), (0, "列", "column", below)):
        empty = np.flatnonzero((table.max(axis=axis, initial=0) == 0) & (totals > 0))
        if empty.size:
            raise InfeasibleError(
                f"第 {empty[0] + 1} {name}合计为 {totals[empty[0]]:g}，但没有可以落的格",
                f"给这一{name}的格填上参考值，或把它的合计改为 0",
                locks=[(kind, int(place)) for place in empty],
            )


def scale(seed: Floats, right: Floats, below: Floats, close: float) -> Floats:
    """Alternate column and row scaling; on return the rows are exact.

    Args:
        seed: (m, n).
        right: (m,) row totals, NaN where a row may be anything.
        below: (n,) column totals, NaN where a column may be anything.
        close: Largest difference that still counts as met.
    """
    table = seed
    for _ in range(ROUNDS):
        table = table * _factors(below, table.sum(axis=0))
        table *= _factors(right, table.sum(axis=1))[:, None]
        if not (np.abs(table.sum(axis=0) - below) > close).any():
            break
    return table


def _factors(wanted: Floats, present: Floats) -> Floats:
    factors = np.divide(wanted, present, out=np.zeros(wanted.shape), where=present > 0)
    return np.where(np.isnan(wanted), 1.0, factors)
