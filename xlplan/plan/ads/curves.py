"""Response curves R = a·S^b of a channel, fitted only where the weeks can tell b (FORECAST 4).

Spend follows demand: sales of a busy week must be divided by its day weights first, else b comes
out too large. Channels are never pooled. Where b cannot be told between 0 and 1, where residuals
hang together, or where there are fewer than twelve weeks, the fit is refused with what it lacks.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InputError
from xlplan.record import draft, record

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from xlplan.plan.exact.units import Floats

#: Weeks needed, one-sided 95 % bounds, and the largest lag-1 correlation of residuals.
LEAST_WEEKS, SURE, LARGEST_LAG = 12, 1.64, 0.4
#: The best spend goes with 1 ÷ (1 − b): 1 − b must be known to this part of itself.
_VAGUE = 0.5
#: A proposal stays within this part of past spend.
REACH = 0.5


@record
class Curve:
    """Response of one channel: sales = a · spend^b, per period of the data.

    Attributes:
        a: Scale.
        b: Elasticity, between 0 and 1.
        past: Mean past spend a period; 0 when the curve was not fitted.
        weeks: Periods it rests on.
        error: Standard error of b.
    """

    a: float
    b: float
    past: float = 0.0
    weeks: int = 0
    error: float = 0.0

    def __post_init__(self) -> None:
        if not (self.a > 0 and 0 < self.b < 1 and math.isfinite(self.a)):
            raise InputError(f"曲线 a={self.a}、b={self.b} 不成立", "a 大于 0，b 在 0 与 1 之间")

    def response(self, spend: float) -> float:
        """Return the sales of a spend."""
        return float(self.a * max(spend, 0.0) ** self.b)

    def average_roi(self, spend: float) -> float:
        """Return sales ÷ spend; NaN without spend."""
        return self.response(spend) / spend if spend > 0 else float("nan")

    def marginal_roi(self, spend: float) -> float:
        """Return the sales of the last yuan; infinite without spend."""
        return self.a * self.b * spend ** (self.b - 1) if spend > 0 else float("inf")

    def spend_at(self, marginal: float) -> float:
        """Return the spend at which the last yuan brings `marginal`."""
        return float((self.a * self.b / marginal) ** (1 / (1 - self.b)))


@draft
class NotEnoughData(InputError):  # noqa: N818  # a refusal, named by what it says
    """数据不足: the weeks cannot tell a channel's curve.

    Attributes:
        channel: The channel.
        weeks: Weeks with spend and sales.
        spread: Standard deviation of ln spend.
        low: Lower bound of b.
        high: Upper bound of b.
        weeks_needed: Weeks in all that would do with as much variation; None when more of the same
            weeks never would.
    """

    channel: str = ""
    weeks: int = 0
    spread: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    weeks_needed: int | None = None


@record
class _Line:
    """A straight line through logs."""

    start: float
    slope: float
    error: float
    noise: float
    spread: float
    lag: float


def fit_curve(
    spend: ArrayLike, response: ArrayLike, *, channel: str = "", weights: ArrayLike | None = None
) -> Curve:
    """Fit R = a·S^b to a channel's weeks, in time order, or refuse.

    Args:
        spend: (weeks,) money spent; weeks without spend or sales count as no evidence.
        response: (weeks,) sales.
        channel: Its name, for the refusal.
        weights: (weeks,) mean day weight of each week; the response is divided by it.

    Raises:
        NotEnoughData: The weeks cannot tell the curve; the message says what would.
        InputError: The numbers are not of equally many weeks, or negative.
    """
    paid, sales = (np.asarray(each, dtype=np.float64) for each in (spend, response))
    load = np.ones(paid.shape) if weights is None else np.asarray(weights, dtype=np.float64)
    if paid.ndim != 1 or not paid.shape == sales.shape == load.shape:
        raise InputError("花费、销售额与权重的周数对不上", "逐周一一对应")
    if (np.nan_to_num(paid) < 0).any() or (np.nan_to_num(load) < 0).any():
        raise InputError("花费或权重里有负数", "退回的推广费记在发生的那一周")
    with np.errstate(invalid="ignore"):
        used = (paid > 0) & (sales > 0) & (load > 0)
    paid, even = paid[used], sales[used] / load[used]
    if len(paid) < 4 or np.log(paid).std() < 1e-9:
        raise _unvaried(channel, paid)
    line = _line(np.log(paid), np.log(even))
    why = _doubts(line, len(paid))
    if why:
        raise _refused(channel, line, len(paid), why)
    # E[R] = exp(mean of the logs + half the noise) of a log-normal scatter
    scale = math.exp(line.start + line.noise**2 / 2)
    return Curve(scale, line.slope, float(paid.mean()), len(paid), line.error)


def _line(x: Floats, y: Floats) -> _Line:
    middle = x - x.mean()
    square = float((middle**2).sum())
    slope = float((middle * y).sum() / square)
    start = float(y.mean() - slope * x.mean())
    rest = y - start - slope * x
    noise = math.sqrt(float((rest**2).sum()) / max(len(x) - 2, 1))
    total = float((rest**2).sum())
    lag = float((rest[1:] * rest[:-1]).sum() / total) if total > 1e-18 else 0.0
    return _Line(start, slope, noise / math.sqrt(square), noise, float(x.std()), lag)


def _doubts(line: _Line, weeks: int) -> list[str]:
    low, high = line.slope - SURE * line.error, line.slope + SURE * line.error
    why = []
    if weeks < LEAST_WEEKS:
        why.append(f"只有 {weeks} 周，至少要 {LEAST_WEEKS} 周")
    if low <= 0:
        why.append("分不清花费有没有作用（弹性下限不大于 0）")
    if high >= 1:
        why.append("看不出效果递减（弹性上限不小于 1）")
    elif SURE * line.error > _VAGUE * (1 - line.slope):
        why.append("效果递减得多快说不准（1 − b 的误差过半），最优花费会差几倍")
    if abs(line.lag) >= LARGEST_LAG:
        why.append(f"残差前后相关 {line.lag:.2f}，有花费以外的东西在带动销售")
    return why


def weeks_needed(noise: float, slope: float, spread: float) -> int | None:
    """Return how many weeks would tell b from 0 and 1; None when no number of them would."""
    room = min(slope, 1 - slope)
    if room <= 0 or spread <= 0:
        return None
    return max(LEAST_WEEKS, math.ceil((SURE * noise / (room * spread)) ** 2))


def _refused(channel: str, line: _Line, weeks: int, why: list[str]) -> NotEnoughData:
    low, high = line.slope - SURE * line.error, line.slope + SURE * line.error
    need = weeks_needed(line.noise, line.slope, line.spread)
    if need is not None and SURE * line.error > _VAGUE * (1 - line.slope):
        vague = SURE * line.noise / (_VAGUE * (1 - line.slope) * line.spread)
        need = max(need, math.ceil(vague**2))
    more = None if need is None else max(need - weeks, 0)
    name = channel or "这个渠道"
    what = (
        f"{name} 数据不足：{weeks} 周，花费对数标准差 {line.spread:.2f}，"
        f"弹性 b 在 {low:.2f} 到 {high:.2f} 之间；{'；'.join(why)}"
    )
    return NotEnoughData(
        what,
        _remedy(more, need),
        channel=name,
        weeks=weeks,
        spread=line.spread,
        low=low,
        high=high,
        weeks_needed=need,
    )


def _remedy(more: int | None, need: int | None) -> str:
    vary = "有意让每周花费高低相差一倍左右、不跟着大促走"
    if more is None:
        return f"照现在这样花，再多几周也分不清；{vary}，至少 {LEAST_WEEKS} 周之后再看"
    if more == 0:
        return f"周数够了，缺的是与销售无关的花费变动：{vary}"
    return f"照现在的波动共需约 {need} 周，还差 {more} 周；{vary}会更快"


def _unvaried(channel: str, paid: Floats) -> NotEnoughData:
    name, weeks = channel or "这个渠道", len(paid)
    spread = float(np.log(paid).std()) if weeks else 0.0
    return NotEnoughData(
        f"{name} 数据不足：有花费又有销售的只有 {weeks} 周，花费对数标准差 {spread:.2f}，弹性 b 估不出来",
        f"至少 {LEAST_WEEKS} 周，还差 {max(LEAST_WEEKS - weeks, 0)} 周，且每周花费要有高有低",
        channel=name,
        weeks=weeks,
        spread=spread,
    )


def break_even_roi(margin: float, refund_rate: float = 0.0) -> float:
    """Return the ROI below which a sale costs more than it brings: 1 ÷ (margin × (1 − refunds)).

    Args:
        margin: Gross margin, part of sales.
        refund_rate: Part of sales that comes back.

    Raises:
        InputError: The margin is not between 0 and 1, or all of it comes back.
    """
    if not 0 < margin <= 1 or not 0 <= refund_rate < 1:
        raise InputError(
            f"毛利率 {margin:.2%}、退款率 {refund_rate:.2%} 算不出保本 ROI",
            "毛利率在 0 与 100% 之间，退款率小于 100%",
        )
    return 1 / (margin * (1 - refund_rate))
