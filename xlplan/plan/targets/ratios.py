"""Ratios over time: an annual ratio is the ratio of sums, and months follow one factor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.exact.bounds import project
from xlplan.plan.exact.units import numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from xlplan.plan.exact.units import Bools, Floats


#: Ratios and bases up to this count as zero; their products would leave the range of doubles.
TINY = 1e-100


def weighted_ratio(values: ArrayLike, base: ArrayLike) -> Floats:
    """Return Σ(base·value) ÷ Σ base over the last axis: annual CVR is orders ÷ UV.

    Raises:
        InputError: The base adds up to zero.
    """
    ratios, sizes = numbers(values), numbers(base, "基数")
    total = sizes.sum(axis=-1)
    if (total == 0).any():
        raise InputError("比率的基数合计为 0，年比率没有意义", "先填上基数（如各月 UV）")
    return np.asarray((ratios * sizes).sum(axis=-1) / total)


def scale_ratio(  # noqa: PLR0913  # all but three are named options
    values: ArrayLike,
    base: ArrayLike,
    target: ArrayLike,
    *,
    held: ArrayLike | None = None,
    lower: float = 0.0,
    upper: float = np.inf,
) -> Floats:
    """Multiply monthly ratios by one common factor so that the ratio of sums hits a target.

    Months at a bound stay there and the others share one factor. Ratios that are all zero
    become equal.

    Args:
        values: (…, d) ratios, for example monthly CVR.
        base: (…, d) what they are ratios of, for example monthly UV.
        target: (…) Σ(base·value) ÷ Σ base afterwards.
        held: Bool, broadcastable; months to keep (given, or with actuals).
        lower: Least ratio.
        upper: Greatest ratio, for example 1 for a conversion rate.

    Raises:
        InfeasibleError: Held months or bounds make the target impossible; ``reachable``
            gives the ratios that can be met.
        InputError: Negative values, or a base that adds up to zero.
    """
    ratios, sizes = np.broadcast_arrays(numbers(values), numbers(base, "基数"))
    shape = ratios.shape
    ratios, sizes = np.atleast_2d(ratios), np.atleast_2d(sizes)
    if min(ratios.min(initial=0), sizes.min(initial=0)) < 0:
        raise InputError("比率和基数不能为负", "检查负数")
    ratios, sizes = (np.where(part > TINY, part, 0.0) for part in (ratios, sizes))
    free = np.ones(ratios.shape, dtype=bool)
    if held is not None:
        free &= ~np.broadcast_to(np.atleast_2d(np.asarray(held, dtype=bool)), ratios.shape)
    weighted_ratio(ratios, sizes)  # refuses a base of zero
    flat = free & ~(ratios * sizes * free).any(axis=1, keepdims=True)
    ratios = np.where(flat, 1.0, ratios)
    kept = np.where(free, 0.0, ratios * sizes).sum(axis=1)
    rest = np.atleast_1d(numbers(target, "目标比率")) * sizes.sum(axis=1) - kept
    _check_reach(sizes, free, kept, rest, (lower, upper))
    with np.errstate(invalid="ignore"):
        high = np.where(sizes > 0, sizes * upper, 0.0)
    parts, active = project(np.where(free, ratios * sizes, 0.0), rest, sizes * lower, high, free)
    factor = _factor(parts, ratios * sizes, active)
    scaled = np.clip(ratios * factor[:, None], lower, upper)
    np.divide(parts, sizes, out=scaled, where=sizes > 0)
    return np.where(free, scaled, ratios).reshape(shape)


def _check_reach(
    sizes: Floats, free: Bools, kept: Floats, rest: Floats, bounds: tuple[float, float]
) -> None:
    room, total = np.where(free, sizes, 0.0).sum(axis=1), sizes.sum(axis=1)
    low = room * bounds[0]
    high = np.where(room > 0, room * bounds[1] if np.isfinite(bounds[1]) else np.inf, 0.0)
    slack = 1e-12 * total * np.maximum(1.0, np.abs(rest / total))
    bad = np.flatnonzero((rest < low - slack) | (rest > high + slack))
    if bad.size:
        row = bad[0]
        reach = (kept[row] + low[row]) / total[row], (kept[row] + high[row]) / total[row]
        raise InfeasibleError(
            f"年比率 {(kept[row] + rest[row]) / total[row]:.6g} 达不到："
            f"在锁定和上下限之内只能是 {reach[0]:.6g} 到 {reach[1]:.6g}",
            "改年比率，或放开锁定的月份",
            locks=[int(place) for place in np.flatnonzero(~free[row])],
            reachable=(float(reach[0]), float(reach[1])),
        )


def _factor(parts: Floats, before: Floats, active: Bools) -> Floats:
    """Return each row's common factor, read off the cells that are not at a bound."""
    old = np.where(active, before, 0.0).sum(axis=1)
    new = np.where(active, parts, 0.0).sum(axis=1)
    factor: Floats = np.divide(new, old, out=np.ones(old.shape), where=old > 0)
    return factor


def ramp(
    base: ArrayLike, target: float, *, start: float | None = None, end: float | None = None
) -> Floats:
    """Return monthly ratios on a straight line whose ratio of sums is the target.

    Args:
        base: (d,) what they are ratios of.
        target: Σ(base·ratio) ÷ Σ base.
        start: First month's ratio; the last then follows from the target.
        end: Last month's ratio; the first then follows. With both, the line from start to
            end is multiplied by one factor; with neither, every month is the target.

    Raises:
        InfeasibleError: The line would go below zero.
        InputError: The base adds up to zero.
    """
    sizes = numbers(base, "基数")
    place = np.linspace(0.0, 1.0, sizes.size) if sizes.size > 1 else np.ones(sizes.size)
    if start is not None and end is not None:
        return scale_ratio(start + (end - start) * place, sizes, target)
    if start is None and end is None:
        weighted_ratio(sizes, sizes)
        return np.full(sizes.shape, float(target))
    if end is not None:
        return ramp(sizes[::-1], target, start=end)[::-1]
    first, lever = float(start or 0.0), float(weighted_ratio(place, sizes))
    line = first + (target - first) / (lever or 1.0) * place
    if line.min() < 0 or (lever == 0 and first != target):
        raise InfeasibleError(
            f"从 {first:g} 开始的直线到年底会低于 0（年比率 {target:g}）",
            "把首月改得离年比率近一些",
        )
    return line
