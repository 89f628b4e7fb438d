"""Progressions with a fixed total: a straight line and constant growth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InputError
from xlplan.plan.exact.rounding import round_to_sum

if TYPE_CHECKING:
    from xlplan.plan.exact.units import Floats


def straight_line(total: float, n: int, *, last_over_first: float, unit: float = 1) -> Floats:
    """Split a total over n cells that rise (or fall) by equal steps (TM1 ``SL``).

    Args:
        total: Their sum, exact.
        n: Number of cells, at least 1.
        last_over_first: Last cell ÷ first cell before rounding; not negative.
        unit: The smallest step.

    Raises:
        InputError: n is below 1 or the ratio is negative.
    """
    return round_to_sum(_with_total(line_shape(n, last_over_first), total), total, unit)


def growth(total: float, n: int, *, rate: float, unit: float = 1) -> Floats:
    """Split a total over n cells, each (1 + rate) times the one before (TM1 ``GR``).

    Raises:
        InputError: n is below 1 or the rate is −100 % or less.
    """
    return round_to_sum(_with_total(growth_shape(n, rate), total), total, unit)


def line_shape(n: int, last_over_first: float) -> Floats:
    """Return n weights from 1 to ``last_over_first`` in equal steps."""
    if n < 1 or not 0 <= last_over_first < np.inf:
        raise InputError(
            f"等差分摊不成立：{n} 格，末格为首格的 {last_over_first} 倍",
            "格数至少为 1，倍数不能为负",
        )
    return np.linspace(1.0, last_over_first, n)


def growth_shape(n: int, rate: float) -> Floats:
    """Return n weights 1, (1 + rate), (1 + rate)² and so on."""
    if n < 1 or not -1 < rate < np.inf:
        raise InputError(
            f"等比分摊不成立：{n} 格，增长率 {rate}", "格数至少为 1，增长率大于 -100%"
        )
    with np.errstate(over="raise"):
        try:
            return np.power(1.0 + rate, np.arange(n))
        except FloatingPointError:
            raise InputError(f"增长率 {rate} 太大", "检查是否把百分数当成了倍数") from None


def _with_total(shape: Floats, total: float) -> Floats:
    return shape * (total / float(shape.sum()))
