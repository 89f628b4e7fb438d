"""From daily sales targets and monthly ratios to daily orders, visitors, spend and refunds.

GMV of every day is given. Monthly curves say how AOV, CVR, 费用占比 and 退款率 move over the
year; each is multiplied by one common factor so that the annual ratio, a ratio of sums, is
hit: orders = Σ gmv ÷ aov, visitors = Σ orders ÷ cvr. Counts are whole and money is whole fen
at every level: year, then months, then channels, then days, each by largest remainder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InputError
from xlplan.metrics.money import CENT
from xlplan.plan.exact.levels import down, sums_by
from xlplan.plan.exact.solver import SpreadRules, solve
from xlplan.plan.exact.units import excel_round, from_units, numbers, to_units
from xlplan.plan.fill.windows import stretched
from xlplan.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from dataclasses import KW_ONLY

    from numpy.typing import ArrayLike

    from xlplan.plan.exact.units import Bools, Floats, Ints
    from xlplan.plan.fill.windows import Stretches, Window

#: Dimensions of channel shares that differ by store.
_BY_STORE = 3


@record
class Curves:
    """Monthly ratios, each (m,) or (s, m); only their shape counts where an annual one is given.

    Attributes:
        aov: 客单价, gmv ÷ orders.
        cvr: 转化率, orders ÷ uv.
        spend_ratio: 费用占比, spend ÷ gmv (1 ÷ 整店投产); flat if omitted.
        refund_rate: 退款率, refund amount ÷ gmv; flat if omitted.
        shares: Weights of the channels in the spend, (k,) or broadcastable to (s, m, k).
        cpc: Yuan for one paid visitor of each channel, same shape.
    """

    _: KW_ONLY
    aov: ArrayLike
    cvr: ArrayLike
    spend_ratio: ArrayLike | None = None
    refund_rate: ArrayLike | None = None
    shares: ArrayLike | None = None
    cpc: ArrayLike | None = None


@record
class Annual:
    """Annual targets: a total or a ratio of sums; a scalar is for all stores together, (s,) each.

    A total beats the ratio it would follow from. Without either, the curve is taken as it is.
    """

    _: KW_ONLY
    aov: ArrayLike | None = None
    cvr: ArrayLike | None = None
    spend_ratio: ArrayLike | None = None
    refund_rate: ArrayLike | None = None
    orders: ArrayLike | None = None
    uv: ArrayLike | None = None
    spend: ArrayLike | None = None
    refund_amount: ArrayLike | None = None


@record
class Money:
    """Campaigns that get a given share of a store's spend.

    Attributes:
        store: Its name, for messages.
        windows: The campaigns.
        given: (m,) months whose spend was given and stays.
    """

    store: str
    windows: Sequence[Window]
    given: Bools


@record
class DayDrivers:
    """Daily plan values, (s, d) each.

    Attributes:
        orders: Whole orders.
        uv: Whole visitors.
        spend: Yuan; the sum over the channels.
        refund_amount: Yuan.
        channel_spend: (k, s, d) yuan; k = 0 without shares.
        channel_uv: (k, s, d) whole paid visitors; zero without cpc.
    """

    orders: Floats
    uv: Floats
    spend: Floats
    refund_amount: Floats
    channel_spend: Floats
    channel_uv: Floats


def plan_drivers(  # noqa: PLR0913  # all but four are named options
    gmv: ArrayLike,
    months: ArrayLike,
    curves: Curves,
    annual: Annual | None = None,
    *,
    uv_given: ArrayLike | None = None,
    money: Mapping[int, Money] | None = None,
) -> DayDrivers:
    """Plan orders, visitors, spend and refunds for every day.

    Args:
        gmv: (s, d) or (d,) daily targets in yuan, not negative.
        months: (d,) month of each day; curves follow the sorted labels.
        curves: Monthly ratios.
        annual: Annual targets.
        uv_given: (s, m) monthly visitors that are fixed, NaN where not; the other months
            share what is left of the annual figure.
        money: Store number → campaigns that get a given share of its spend.

    Raises:
        InfeasibleError: Given visitors exceed the annual ones, or shares of spend contradict.
        InputError: Negative sales, a ratio that is not positive, shapes that do not fit.
    """
    goals, year = annual or Annual(), _read(gmv, months)
    orders = year.months(year.gmv / _positive(curves.aov, "客单价"), _orders(goals, year), unit=1)
    uv = year.months(
        orders / _positive(curves.cvr, "转化率"), _uv(goals, orders), unit=1, held=uv_given
    )
    refund = year.share(curves.refund_rate, goals.refund_rate, goals.refund_amount)
    spend = year.share(curves.spend_ratio, goals.spend_ratio, goals.spend)
    by_channel, paid_uv = _channels(year, spend, curves)
    daily = year.days(spend, CENT) if curves.shares is None else _total(by_channel)
    for store, asked in (money or {}).items():
        mine, paid, daily[store] = _with_campaigns(
            year, store, spend[store : store + 1], curves, asked
        )
        if len(by_channel):
            by_channel[:, store], paid_uv[:, store] = mine, paid
    return DayDrivers(
        orders=year.days(orders, 1),
        uv=year.days(uv, 1),
        spend=daily,
        refund_amount=year.days(refund, CENT),
        channel_spend=by_channel,
        channel_uv=paid_uv,
    )


def _read(gmv: ArrayLike, months: ArrayLike) -> _Year:
    """Return the daily targets of a year with the month of each day."""
    sales = np.atleast_2d(to_units(gmv, CENT))
    if sales.min(initial=0) < 0:
        raise InputError("日目标销售额不能为负", "检查负的日目标")
    month = np.unique(np.asarray(months), return_inverse=True)[1]
    if month.shape != sales.shape[1:]:
        raise InputError(f"日目标有 {sales.shape[1]} 天，月份有 {month.size} 个", "每天一个月份")
    return _Year(sales.astype(np.float64), month, from_units(sums_by(sales, month), CENT))


def _with_campaigns(
    year: _Year, store: int, spend: Floats, curves: Curves, asked: Money
) -> tuple[Floats, Floats, Floats]:
    """Return a store's spend and paid visitors by channel, and its spend a day, campaigns first."""
    one = _Year(year.sales[store : store + 1], year.month, year.gmv[store : store + 1])
    parts = stretched(asked.store, spend[0], one.sales[0], year.month, asked.windows, asked.given)
    mine, paid = _channels(one, spend, _of_store(curves, store), parts)
    days = (
        _total(mine)[0]
        if len(mine)
        else one.days(parts.money[None, :], CENT, groups=parts.group)[0]
    )
    return (mine[:, 0], paid[:, 0], days) if len(mine) else (mine, paid, days)


@record
class _Year:
    """Daily sales in fen, the month of each day, monthly sales in yuan."""

    sales: Floats
    month: Ints
    gmv: Floats

    def months(
        self,
        weights: Floats,
        total: Floats | None,
        unit: float,
        held: ArrayLike | None = None,
    ) -> Floats:
        """Share a total per store, one over all stores, or the weights' own sums."""
        goal = excel_round(weights.sum(axis=1) / unit) * unit if total is None else total
        keep = None if held is None else np.broadcast_to(np.asarray(held, float), self.gmv.shape)
        if goal.ndim:
            return solve(goal, weights, SpreadRules(held=keep, unit=unit))
        flat = None if keep is None else keep.reshape(-1)
        return solve(goal, weights.reshape(-1), SpreadRules(held=flat, unit=unit)).reshape(
            weights.shape
        )

    def share(
        self, curve: ArrayLike | None, ratio: ArrayLike | None, total: ArrayLike | None
    ) -> Floats:
        """Return monthly yuan that are a part of sales."""
        if total is None and ratio is not None:
            total = _over_stores(self.gmv, ratio) * numbers(ratio, "年比率")
        flat = 0.0 if total is None else 1.0
        rates = numbers(flat if curve is None else curve, "月比率")
        if rates.min(initial=0) < 0:
            raise InputError("费用占比和退款率不能为负", "按正数填")
        return self.months(self.gmv * rates, None if total is None else numbers(total), CENT)

    def days(
        self,
        amounts: Floats,
        unit: float,
        weights: Floats | None = None,
        groups: Ints | None = None,
    ) -> Floats:
        """Share amounts of months (or groups) over their days, in proportion to sales by default."""
        base = self.sales if weights is None else weights
        parents = self.month if groups is None else groups
        return from_units(down(to_units(amounts, unit), base, parents), unit)


def _orders(goals: Annual, year: _Year) -> Floats | None:
    if goals.orders is not None or goals.aov is None:
        return None if goals.orders is None else numbers(goals.orders)
    return _quotient(_over_stores(year.gmv, goals.aov), goals.aov, "年客单价")


def _uv(goals: Annual, orders: Floats) -> Floats | None:
    if goals.uv is not None or goals.cvr is None:
        return None if goals.uv is None else numbers(goals.uv)
    return _quotient(_over_stores(orders, goals.cvr), goals.cvr, "年转化率")


def _over_stores(monthly: Floats, target: ArrayLike) -> Floats:
    """Add up a year for each store, or for all when the target is a single number."""
    sums = monthly.sum(axis=1)
    return sums if np.ndim(target) else np.asarray(sums.sum())


def _quotient(above: Floats, below: ArrayLike, what: str) -> Floats:
    return np.asarray(excel_round(above / _positive(below, what)), dtype=np.float64)


def _positive(values: ArrayLike, what: str) -> Floats:
    array = numbers(values, what)
    if array.min(initial=1) <= 0:
        raise InputError(f"{what}要大于 0", f"补上每个月的{what}")
    return array


def _channels(
    year: _Year, spend: Floats, curves: Curves, parts: Stretches | None = None
) -> tuple[Floats, Floats]:
    """Split spend over channels, then over days; paid visitors follow the spend.

    Args:
        year: The stores.
        spend: (s, m) their monthly spend.
        curves: Shares and costs.
        parts: The stretches that a single store's spend lies in instead of whole months.
    """
    if curves.shares is None:
        return np.zeros((0, *year.sales.shape)), np.zeros((0, *year.sales.shape))
    shares = numbers(curves.shares, "渠道占比")
    if parts is not None:
        shares = np.broadcast_to(shares, (*spend.shape, shares.shape[-1]))[:, parts.month]
    money = spend if parts is None else parts.money[None, :]
    groups = None if parts is None else parts.group
    split = np.moveaxis(solve(money, shares, SpreadRules(unit=CENT)), -1, 0)
    daily = np.array([year.days(part, CENT, groups=groups) for part in split])
    if curves.cpc is None:
        return daily, np.zeros(daily.shape)
    price = np.broadcast_to(_positive(curves.cpc, "点击单价"), (*spend.shape, len(split)))
    monthly = np.array(
        [from_units(sums_by(to_units(day, CENT), year.month), CENT) for day in daily]
    )
    clicks = excel_round(monthly / np.moveaxis(price, -1, 0))
    paid = [year.days(part, 1, day) for part, day in zip(clicks, daily, strict=True)]
    return daily, np.array(paid)


def _of_store(curves: Curves, store: int) -> Curves:
    """Return the channel curves of one store."""

    def mine(values: ArrayLike | None) -> ArrayLike | None:
        array = None if values is None else np.asarray(values)
        return array[store : store + 1] if array is not None and array.ndim == _BY_STORE else array

    return replace(curves, shares=mine(curves.shares), cpc=mine(curves.cpc))


def _total(by_channel: Floats) -> Floats:
    return from_units(to_units(by_channel, CENT).sum(axis=0), CENT)
