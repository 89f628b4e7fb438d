"""Top-down spreading with holds, bounds and exact sums (PLANNING a, b, c).

One formula behind all of it: minimise Σ x·ln(x/weight) subject to the total, the held
cells and the bounds; then round to whole units by largest remainder. Refusals raise and
return nothing; the inputs are never changed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InputError
from xlplan.metrics.money import CENT
from xlplan.plan.exact.margins import fit_margins, round_table
from xlplan.plan.exact.progressions import growth, straight_line
from xlplan.plan.exact.refusals import SignError
from xlplan.plan.exact.rounding import round_to_sum
from xlplan.plan.exact.solver import SpreadRules, numbers_or_inf, solve, unit_of_holds
from xlplan.plan.exact.units import excel_round, from_units, numbers, to_units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from xlplan.plan.exact.units import Floats

__all__ = [
    "SignError",
    "absorb",
    "additive_equal",
    "breakback",
    "by_absolute",
    "excel_round",
    "fit_margins",
    "growth",
    "round_table",
    "round_to_sum",
    "spread",
    "straight_line",
]


def spread(  # noqa: PLR0913  # all but two are named options
    total: ArrayLike,
    weights: ArrayLike,
    *,
    held: ArrayLike | None = None,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    unit: float = CENT,
) -> Floats:
    """Spread totals over cells in proportion to weights.

    Weights that are all zero count as equal. Each total is first rounded to the unit as
    Excel rounds; the cells then add up to it exactly. A cell of weight 0 gets nothing
    unless every free cell has weight 0. Ties go to the earlier cell.

    Args:
        total: Scalar, or (…) one for each row of weights.
        weights: (d,) or (…, d).
        held: Broadcastable to the cells: the value to keep, NaN where free. Held values
            come back untouched; if they are finer than the unit, so are the other cells.
        lower: Least value of a cell (default 0 if only ``upper`` is given).
        upper: Greatest value of a cell.
        unit: The smallest step: `CENT` for money, 1 for counts.

    Returns:
        Array shaped (…, d).

    Raises:
        InfeasibleError: Holds or bounds contradict the total; ``locks`` are positions.
        SignError: Mixed weights that add up to zero or have the opposite sign.
        InputError: A value is missing, infinite or too large.
    """
    return solve(total, weights, SpreadRules(held, lower, upper, unit))


def breakback(  # noqa: PLR0913  # all but two are named options
    cells: ArrayLike,
    total: ArrayLike,
    *,
    held: ArrayLike | None = None,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    unit: float = CENT,
) -> Floats:
    """Change the total of existing cells: the free ones follow in proportion.

    As IBM TM1, Oracle and Anaplan do it: subtract the held cells, scale the others; cells
    that are all zero share equally. Existing values never change sign.

    Args:
        cells: (d,) or (…, d) present values.
        total: Scalar or (…), the new total including held cells.
        held: Bool, broadcastable to the cells.
        lower: Least value of a cell.
        upper: Greatest value of a cell.
        unit: The smallest step.

    Raises:
        InfeasibleError: Holds or bounds contradict the total.
        SignError: Signs would flip, or the free cells add up to zero without being zero.
        InputError: A value is missing, infinite or too large.
    """
    base = numbers(cells)
    rules = SpreadRules(_values_held(base, held), lower, upper, unit, keep_sign=True)
    return solve(total, base, rules)


def absorb(
    cells: ArrayLike,
    edits: Mapping[int, float],
    *,
    held: ArrayLike | None = None,
    unit: float = CENT,
) -> Floats:
    """Edit some of (d,) cells while their total is held: the free siblings absorb the change.

    An edited cell may itself be held; it takes the new value.

    Raises:
        InfeasibleError: No sibling is free, or the edits exceed the total.
    """
    before = numbers(cells)
    after, fixed = before.copy(), np.zeros(before.shape, dtype=bool)
    if held is not None:
        fixed |= np.asarray(held, dtype=bool)
    for index, value in edits.items():
        after[index], fixed[index] = value, True
    return breakback(after, math.fsum(before), held=fixed, unit=unit)


def additive_equal(  # noqa: PLR0913  # all but two are named options
    cells: ArrayLike,
    total: float,
    *,
    held: ArrayLike | None = None,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    unit: float = CENT,
) -> Floats:
    """Reach a new total by adding the same amount to every free one of (d,) cells."""
    base = numbers(cells)
    rules = SpreadRules(_values_held(base, held), lower, upper, unit)
    return _add(base, np.ones(base.shape), total, rules)


def by_absolute(  # noqa: PLR0913  # all but two are named options
    cells: ArrayLike,
    total: float,
    *,
    held: ArrayLike | None = None,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    unit: float = CENT,
) -> Floats:
    """Reach a new total by adding to every free one of (d,) cells in proportion to its size."""
    base = numbers(cells)
    return _add(
        base, np.abs(base), total, SpreadRules(_values_held(base, held), lower, upper, unit)
    )


def _add(base: Floats, shares: Floats, total: float, rules: SpreadRules) -> Floats:
    """Spread the change of the total over shares and add it to the cells, in whole units."""
    fixed = None if rules.held is None else np.asarray(rules.held, dtype=np.float64)
    fine = unit_of_holds(base, rules.unit)
    goal = to_units(total, rules.unit) * round(rules.unit / fine) - to_units(base, fine).sum()
    change_rules = SpreadRules(
        held=None if fixed is None else np.subtract(fixed, base),
        lower=None if rules.lower is None else numbers_or_inf(rules.lower) - base,
        upper=None if rules.upper is None else numbers_or_inf(rules.upper) - base,
        unit=fine,
    )
    change = solve(from_units(goal, fine), shares, change_rules)
    after = from_units(to_units(base, fine) + to_units(change, fine), fine)
    return after if fixed is None else np.where(np.isnan(fixed), after, fixed)


def _values_held(base: Floats, held: ArrayLike | None) -> Floats | None:
    """Turn a bool mask into values to keep, NaN where free."""
    if held is None:
        return None
    mask = np.asarray(held)
    if mask.dtype != np.bool_:
        raise InputError("锁定标记必须是逐格的是/否", "用 True/False 标出锁定的格")
    return np.where(mask, base, np.nan)
