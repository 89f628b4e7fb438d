"""Allocation of a promotion budget: the last yuan earns the same in every channel (PLANNING h)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.ads.curves import REACH, Curve, NotEnoughData, break_even_roi, fit_curve
from xlplan.plan.exact.rounding import round_to_sum

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.plan.exact.units import Floats

__all__ = ["Allocation", "Curve", "NotEnoughData", "allocate", "break_even_roi", "fit_curve"]

_ROUNDS = 200
_CENT = 0.01


class Allocation(dict[str, float]):
    """Channel → spend, to the fen.

    Attributes:
        response: Sales it brings.
        marginal_roi: What the last yuan brings where no floor or cap is in the way; NaN when they are
            everywhere.
        unspent: Budget that is left, because of caps or the least ROI.
        why_unspent: In Chinese; "" when nothing is left.
    """

    def __init__(
        self, spend: Mapping[str, float], curves: Mapping[str, Curve], marginal_roi: float
    ) -> None:
        super().__init__(spend)
        self.response = sum(curves[name].response(value) for name, value in spend.items())
        self.marginal_roi = marginal_roi
        self.unspent, self.why_unspent = 0.0, ""

    @property
    def spent(self) -> float:
        """Money spent in all."""
        return float(sum(self.values()))

    @property
    def average_roi(self) -> float:
        """Sales ÷ spend; NaN without spend."""
        return self.response / self.spent if self.spent > 0 else float("nan")


def allocate(  # noqa: PLR0913  # all but two are named options
    curves: Mapping[str, Curve | Sequence[float]],
    budget: float,
    *,
    floor: Mapping[str, float] | float | None = None,
    cap: Mapping[str, float] | float | None = None,
    min_marginal_roi: float | None = None,
    min_average_roi: float | None = None,
) -> Allocation:
    """Return the spend by channel that brings the most sales.

    A fitted curve is trusted within half to one and a half times its past spend, unless `floor` or
    `cap` says otherwise for the channel.

    Args:
        curves: Channel → curve, or its (a, b).
        budget: Money there is, for as long as a period of the curves.
        floor: Least spend, by channel or for each.
        cap: Most spend, by channel or for each.
        min_marginal_roi: Stop where the last yuan would bring less.
        min_average_roi: Stop where all of it would bring less on average.

    Raises:
        InputError: No channel, a negative budget, a floor over its cap, an unknown channel.
        InfeasibleError: The floors need more than the budget.
    """
    made = {
        name: one if isinstance(one, Curve) else Curve(one[0], one[1])
        for name, one in curves.items()
    }
    if not made or not (np.isfinite(budget) and budget >= 0):
        raise InputError("没有渠道，或预算不是不小于 0 的数", "至少一个渠道、一个预算")
    low = np.array([_bound(floor, name, made, 1 - REACH, 0.0) for name in made])
    high = np.array([_bound(cap, name, made, 1 + REACH, np.inf) for name in made])
    low = np.where(_given(floor, made), low, np.minimum(low, high))
    _check(made, floor, cap, low, high)
    low = _afforded(made, low, budget, _given(floor, made))
    spend, marginal = _optimum(made, budget, low, high, min_marginal_roi)
    if min_average_roi is not None:
        spend, marginal = _until_average(made, spend, low, high, marginal, min_average_roi)
    total = float(np.floor(spend.sum() / _CENT + 1e-6) * _CENT)
    whole = round_to_sum(spend, round(total, 2), _CENT)
    result = Allocation(dict(zip(made, whole.tolist(), strict=True)), made, marginal)
    _tell_rest(result, budget, min_marginal_roi, min_average_roi)
    return result


def _given(bound: Mapping[str, float] | float | None, made: Mapping[str, Curve]) -> np.ndarray:
    if bound is None or isinstance(bound, int | float):
        return np.full(len(made), bound is not None)
    return np.array([name in bound for name in made])


def _bound(
    bound: Mapping[str, float] | float | None,
    name: str,
    made: Mapping[str, Curve],
    reach: float,
    free: float,
) -> float:
    if isinstance(bound, int | float):
        return float(bound)
    if bound is not None and name in bound:
        return float(bound[name])
    past = made[name].past
    return past * reach if past > 0 else free


def _check(
    made: Mapping[str, Curve],
    floor: Mapping[str, float] | float | None,
    cap: Mapping[str, float] | float | None,
    low: Floats,
    high: Floats,
) -> None:
    for bound in (floor, cap):
        strange = [] if bound is None or isinstance(bound, int | float) else [n for n in bound if n not in made]  # fmt: skip
        if strange:
            raise InputError(f"没有渠道“{strange[0]}”", f"现有：{'、'.join(made)}")
    for name, least, most in zip(made, low, high, strict=True):
        if not 0 <= least <= most:
            raise InputError(f"{name} 的下限 {least:,.2f} 高于上限 {most:,.2f}", "改其中一个")


def _afforded(made: Mapping[str, Curve], low: Floats, budget: float, given: np.ndarray) -> Floats:
    """Return the floors; those nobody gave shrink when the budget is smaller than past spend."""
    asked = float(low[given].sum())
    if asked > budget + _CENT / 2:
        named = "、".join(f"{n} {v:,.2f}" for n, v, g in zip(made, low, given, strict=True) if g)
        raise InfeasibleError(
            f"各渠道下限合计 {asked:,.2f}，超过预算 {budget:,.2f}：{named}",
            "降低下限，或加预算",
            reachable=(asked, float("inf")),
        )
    own = float(low[~given].sum())
    share = min(1.0, (budget - asked) / own) if own > 0 else 1.0
    return np.where(given, low, low * share)


def _optimum(
    made: Mapping[str, Curve], budget: float, low: Floats, high: Floats, least: float | None
) -> tuple[Floats, float]:
    """Return the spends at which all free channels have one marginal ROI, and that ROI."""

    def at(marginal: float) -> Floats:
        with np.errstate(over="ignore"):
            free = np.array([curve.spend_at(marginal) for curve in made.values()])
        return np.asarray(np.minimum(np.maximum(free, low), high), dtype=np.float64)

    if least is not None and at(least).sum() <= budget:
        return at(least), least
    under, over = 1e-12, 1e12  # between a yuan that brings nothing and one that brings everything
    for _ in range(_ROUNDS):
        middle = float(np.sqrt(under * over))
        under, over = (middle, over) if at(middle).sum() > budget else (under, middle)
    spend = at(over)
    free = (spend > low + 1e-9) & (spend < high - 1e-9)
    rest = budget - spend.sum()
    if free.any() and abs(rest) > 0:
        spend[free] += rest * spend[free] / spend[free].sum()
    return spend, over if free.any() else float("nan")


def _until_average(  # noqa: PLR0913, PLR0917  # one step of allocate, cut out
    made: Mapping[str, Curve],
    spend: Floats,
    low: Floats,
    high: Floats,
    marginal: float,
    least: float,
) -> tuple[Floats, float]:
    """Spend less until all of it brings at least so much on average."""

    def average(values: Floats) -> float:
        brought = sum(c.response(v) for c, v in zip(made.values(), values, strict=True))
        return brought / values.sum() if values.sum() > 0 else float("inf")

    if average(spend) >= least:
        return spend, marginal
    less, more = float(low.sum()), float(spend.sum())
    if average(low) < least:
        return low, float("nan")
    for _ in range(_ROUNDS):
        middle = (less + more) / 2
        found, roi = _optimum(made, middle, low, high, None)
        if average(found) >= least:
            less, spend, marginal = middle, found, roi
        else:
            more = middle
    return spend, marginal


def _tell_rest(
    result: Allocation, budget: float, marginal: float | None, average: float | None
) -> None:
    rest = round(budget - result.spent, 2)
    if rest < _CENT:
        return
    result.unspent = rest
    why = "各渠道都到上限"
    if average is not None and result.average_roi < average * (1 + 1e-6):
        why = f"再花平均 ROI 会低于 {average:g}"
    elif marginal is not None and result.marginal_roi == marginal:
        why = f"再花边际 ROI 会低于 {marginal:g}"
    result.why_unspent = f"余 {rest:,.2f} 没有分：{why}"


def share_short(spend: Mapping[str, float], favoured: Sequence[str], share: float) -> float:
    """Return how much more the favoured must get to have their share of all (预算 60 % 投 A 类).

    Args:
        spend: Name → money.
        favoured: The names that are to have the share together.
        share: Part of the total, 0 to 1.

    Returns:
        Money to move to them from the others; 0 when they have it.
    """
    have = sum(spend.get(name, 0.0) for name in favoured)
    return max(0.0, round(share * sum(spend.values()) - have, 2))
