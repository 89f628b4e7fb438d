"""Re-planning from an as-of day: pace, what is required, and the ways of going on (PLANNING f).

Days with actuals are never touched: they are what was planned for them. The days to come take the
gap by one of three modes, exact to the unit, inside locks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.exact.units import from_units, to_units
from xlplan.plan.outlook.landing import hit_probability
from xlplan.plan.spread import spread
from xlplan.record import record

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from xlplan.plan.exact.units import Bools, Floats

__all__ = ["Pace", "hit_probability", "pace", "replan", "uv_to_go"]

#: Mode → what people call it.
MODES = {"catch_up": "追赶", "as_planned": "按计划", "trend": "按趋势"}
#: How 追赶 shares the gap → what people call it.
SHARES = {"weights": "按权重", "equal": "平均", "capped": "按权重，不超过历史上限"}


@record
class Pace:
    """How far a period is and what the rest of it must bring.

    Attributes:
        target: Of the whole period.
        actual: Of the days known.
        plan_to_date: What the days known should have brought (by weights).
        days_known: Days with actuals.
        days_left: Days without, on which there is trade.
        days_missing: Days without actuals before the last known one; counted, never zero.
        unit_actual: 单位权重值 so far: actual ÷ Σ weights of the days known; NaN before the first.
        unit_required: What a day of weight 1 must bring from now on; NaN when none is left.
        run_rate: Landing at the pace so far.
        gap: Target − run rate; positive when it is missing.
    """

    target: float
    actual: float
    plan_to_date: float
    days_known: int
    days_left: int
    days_missing: int
    unit_actual: float
    unit_required: float
    run_rate: float
    gap: float

    @property
    def attainment(self) -> float:
        """Actual against what the same days should have brought."""
        return self.actual / self.plan_to_date if self.plan_to_date > 0 else float("nan")

    @property
    def stretch(self) -> float:
        """How many times the pace so far is required; NaN when it cannot be said."""
        return self.unit_required / self.unit_actual if self.unit_actual > 0 else float("nan")


def pace(
    target: float, actual: ArrayLike, weights: ArrayLike, *, plan: ArrayLike | None = None
) -> Pace:
    """Compare a period's days known with their part of the target, like with like.

    Args:
        target: Of the whole period.
        actual: (days,) NaN where not known.
        weights: (days,) day weights; 0 is a closed day.
        plan: (days,) the plan, where there is one: what the days known should have brought; by
            weights where it is not given.

    Raises:
        InputError: The target is missing, weights are negative or of another length.
    """
    done, weight = _read(actual, weights)
    if not np.isfinite(target):
        raise InputError("这段时间没有目标，算不出进度", "在“年度目标”里写上目标，再分解")
    known = ~np.isnan(done)
    so_far = float(weight[known].sum())
    last = int(np.flatnonzero(known)[-1]) if known.any() else -1
    ahead = ~known & (np.arange(len(done)) > last)
    missing = ~known & ~ahead & (weight > 0)
    left = float(weight[ahead].sum())
    brought = float(done[known].sum()) if known.any() else 0.0
    unit = brought / so_far if so_far > 0 else float("nan")
    rate = brought + unit * left if so_far > 0 else float("nan")
    return Pace(
        target=float(target),
        actual=brought,
        plan_to_date=_due(target, known, weight, plan),
        days_known=int(known.sum()),
        days_left=int((ahead & (weight > 0)).sum()),
        days_missing=int(missing.sum()),
        unit_actual=unit,
        unit_required=(float(target) - brought) / left if left > 0 else float("nan"),
        run_rate=rate,
        gap=float(target) - rate,
    )


def _due(target: float, known: Bools, weight: Floats, plan: ArrayLike | None) -> float:
    """Return what the days known should have brought."""
    if plan is not None:
        return float(np.nansum(np.asarray(plan, dtype=np.float64)[known]))
    total = float(weight.sum())
    return float(target) * float(weight[known].sum()) / total if total > 0 else float("nan")


def uv_to_go(
    target: float, cvr: float, aov: float, *, uv_so_far: float = 0.0, actual: float | None = None
) -> tuple[float, float]:
    """Return 本月所需UV and 本月UV缺口.

    Args:
        target: The month's sales target.
        cvr: 转化率; the plan's, or the recent one for the re-plan variant.
        aov: 客单价; likewise.
        uv_so_far: Visits known.
        actual: Sales known: then what is still needed for the rest (the re-plan variant), and the
            gap is that need itself; None for the whole month's need.

    Raises:
        InputError: 转化率 × 客单价 is not a positive number.
    """
    value = cvr * aov
    if not value > 0:
        raise InputError("转化率或客单价是 0 或没有，算不出所需 UV", "补上转化率与客单价")
    if actual is None:
        needed = target / value
        return needed, needed - uv_so_far
    needed = max(target - actual, 0.0) / value
    return needed, needed


def replan(  # noqa: PLR0913  # all but four are named options
    plan: ArrayLike,
    actual: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    mode: str,
    share: str = "weights",
    cap: ArrayLike | None = None,
    held: ArrayLike | None = None,
    target: float | None = None,
    unit: float = 0.01,
) -> Floats:
    """Return the new plan: actual days as they were, the days to come by a mode.

    catch_up: the days to come take the whole gap. as_planned: they stay. trend: they are multiplied by
    what was reached so far, actual ÷ plan of the days known.

    Args:
        plan: (days,) the plan there is.
        actual: (days,) NaN where not known.
        weights: (days,) day weights; None for the plan itself.
        mode: ``catch_up``, ``as_planned`` or ``trend``.
        share: Of catch_up: by ``weights``, ``equal``, or ``capped`` (by weights, none over its cap).
        cap: (days,) most of each day (``capped``).
        held: (days,) bool: locked days; they keep the plan.
        target: Of catch_up: what all days are to come to; None for the sum of the plan.
        unit: The smallest step.

    Returns:
        (days,): actual where it is known, the new plan elsewhere. Exact: of catch_up they add up
        to the target.

    Raises:
        InputError: An unknown mode or share, missing or negative weights, or no cap given.
        InfeasibleError: Locks or caps leave no room for the gap; `reachable` says what is possible.
    """
    base, done = _days(plan, actual, mode, share)
    known = ~np.isnan(done)
    last = int(np.flatnonzero(known)[-1]) if known.any() else -1
    late = np.arange(len(base)) > last
    kept = np.zeros(len(base), dtype=bool) if held is None else np.asarray(held, dtype=bool)
    free = late & ~kept
    result = np.where(known, done, np.where(late, np.nan_to_num(base), 0.0))
    if mode == "as_planned":
        return result
    if mode == "trend":
        return _trend(result, base, known, free, unit)
    goal = float(np.nansum(base)) if target is None else target
    need = goal - float(result[~free].sum())
    return _catch_up(result, need, free, _shape(base, weights, share), _most(cap, share), unit)


def _days(plan: ArrayLike, actual: ArrayLike, mode: str, share: str) -> tuple[Floats, Floats]:
    base, done = np.asarray(plan, dtype=np.float64), np.asarray(actual, dtype=np.float64)
    if base.shape != done.shape or base.ndim != 1:
        raise InputError("计划与实际的天数对不上", "两者逐日对应")
    if mode not in MODES or share not in SHARES:
        raise InputError(f"没有“{mode} {share}”这种重排", f"可以是：{'、'.join(MODES)}")
    return base, done


def _read(actual: ArrayLike, weights: ArrayLike) -> tuple[Floats, Floats]:
    done, weight = np.asarray(actual, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if done.shape != weight.shape or done.ndim != 1:
        raise InputError("实际与权重的天数对不上", "两者逐日对应")
    if not (np.isfinite(weight).all() and (weight >= 0).all()):
        raise InputError("权重必须是不小于 0 的数")
    return done, weight


def _shape(base: Floats, weights: ArrayLike | None, share: str) -> Floats:
    given = np.nan_to_num(base) if weights is None else np.asarray(weights, dtype=np.float64)
    if given.shape != base.shape or not np.isfinite(given).all() or (given < 0).any():
        raise InputError("权重必须逐日给出，且不小于 0")
    return (given > 0).astype(np.float64) if share == "equal" else given


def _most(cap: ArrayLike | None, share: str) -> Floats | None:
    if share != "capped":
        return None
    if cap is None:
        raise InputError("没有给每天的上限", "给出每天最多多少，或换一种追赶方式")
    return np.asarray(cap, dtype=np.float64)


def _trend(result: Floats, base: Floats, known: Bools, free: Bools, unit: float) -> Floats:
    """Multiply the days to come by what was reached, exact to the unit as a sum."""
    if not known.any():
        return result
    planned = float(np.nansum(base[known]))
    if planned <= 0:
        raise InputError("已过的日子没有计划，趋势无从比较", "先分解，或选追赶、按计划")
    factor = max(float(result[known].sum()), 0.0) / planned
    if free.any() and result[free].sum() > 0:
        total = from_units(to_units(result[free].sum() * factor, unit), unit)
        result[free] = spread(total, result[free], unit=unit)
    return result


def _catch_up(  # noqa: PLR0913, PLR0917  # one step of replan, cut out
    result: Floats, need: float, free: Bools, shape: Floats, most: Floats | None, unit: float
) -> Floats:
    """Give the gap to the free days."""
    open_days = free & (shape > 0)
    fixed = float(result[~free].sum())
    if not open_days.any():
        if abs(need - result[free].sum()) < unit / 2:
            return result
        raise InfeasibleError(
            f"余下没有可以动的日子，还差 {need - result[free].sum():,.2f}",
            "把差额放到以后的月份（本季、全年），或解开锁定",
            reachable=(fixed, fixed),
        )
    if need < 0:
        raise InfeasibleError(
            f"已经超过目标 {-need:,.2f}，余下的日子不能是负数",
            "选“按计划”或“按趋势”；多出来的可以算进更大的期间",
            reachable=(fixed, float("inf")),
        )
    upper = None if most is None else np.maximum(most[open_days], 0.0)
    if upper is not None and upper.sum() < need - unit / 2:
        raise InfeasibleError(
            f"余下各天都到上限也只有 {upper.sum():,.2f}，还需要 {need:,.2f}，差 {need - upper.sum():,.2f}",
            "放宽上限，把差额放到更大的期间，或下调目标",
            reachable=(fixed, fixed + float(upper.sum())),
        )
    result[free] = 0.0
    result[open_days] = spread(need, shape[open_days], upper=upper, unit=unit)
    return result
