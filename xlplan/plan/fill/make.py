"""分解: from annual targets and the calendar to a plan for every store and day.

Sales go down year → quarter → month → day by day weights, months that were given
being held; orders, visitors, spend, channels and refunds follow by the driver tree.
Every level of every store is exact to the fen and the unit.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.metrics import FLOWS
from xlplan.metrics.money import CENT, MONEY_DIGITS
from xlplan.metrics.platforms import own_channel, platforms_of, sells_here
from xlplan.plan.drivers import Annual, Curves, plan_drivers, scale_ratio
from xlplan.plan.exact.levels import down, parents_of, spread_levels, sums_by
from xlplan.plan.exact.units import excel_round, from_cents, from_units, to_cents, to_units
from xlplan.plan.fill.daydrivers import Money
from xlplan.plan.fill.windows import windows_of
from xlplan.plan.spread import spread
from xlplan.plan.year import day_grid, plan_columns
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from xlplan.plan.calendar import Calendar
    from xlplan.plan.fill.refill import Present
    from xlplan.plan.targets.targets import Targets
    from xlplan.plan.year import Settings

    Floats = NDArray[np.float64]

MONTHS = 12
#: Shares of the visitors that do not come from paid channels.
UV_SHARES = ("organic_share", "social_share")
_NO_MONTHS = np.full(MONTHS, np.nan)


@record
class ChannelMix:
    """How spend is split over channels.

    Attributes:
        shares: Channel key → share of spend: one value, or (12,) by month; NaN is not given.
        cpc: Channel key → yuan per paid visitor, likewise.
    """

    shares: Mapping[str, Floats] = field(default_factory=dict)
    cpc: Mapping[str, Floats] = field(default_factory=dict)


def make_plan(  # noqa: PLR0913, PLR0917  # what a plan is made of
    targets: Targets,
    calendar: Calendar,
    settings: Settings,
    stores: Sequence[str],
    mix: ChannelMix | None = None,
    present: Present | None = None,
) -> pd.DataFrame:
    """Return the plan.

    Args:
        targets: Annual and monthly targets by store; what is missing stays unplanned unless an
            identity gives it (gmv = uv · cvr · aov, spend = gmv · spend_ratio).
        calendar: The year's days and weights.
        settings: Conventions and channels.
        stores: Store names in order.
        mix: Channel shares and costs per visit.
        present: The plan there is and its locks; free days make up for what may not move.

    Returns:
        Index (store, date) over the year, columns `plan_columns`; NaN is not planned.

    Raises:
        InfeasibleError: Given months exceed the year, or contradict an annual ratio.
        InputError: A target that planning cannot use.
    """
    goals = _Goals(targets, stores)
    month = calendar.days["month"].to_numpy() - 1
    gmv = _mask(_sales(goals, calendar, month), goals.known_sales)
    if present:
        gmv = present.bend({"gmv": gmv}, {"gmv": goals.gmv_months})["gmv"]
    sales = np.nan_to_num(gmv)
    money = _money(goals, calendar) if settings.campaign_money else {}
    columns = _drivers(goals, sales, month, settings, mix or ChannelMix(), money)
    if present:
        asked = {each.store: each.windows for each in money.values()}
        columns = present.bend(columns, {"uv": goals.months("uv")}, asked)
    columns["gmv"] = gmv
    names = plan_columns(settings.registry)
    empty = np.full(sales.shape, np.nan)
    data = {name: columns.get(name, empty).ravel() for name in names}
    return pd.DataFrame(data, index=day_grid(stores, calendar.year))


class _Goals:
    """Targets as arrays: annual (s,), monthly (s, 12); NaN where not given."""

    def __init__(self, targets: Targets, stores: Sequence[str]) -> None:
        self.stores, monthly = list(stores), targets.monthly
        self._annual = targets.annual["value"].to_dict()
        self._monthly = dict(zip(monthly.index, monthly.to_numpy(np.float64), strict=True))
        self.gmv_months = self.months("gmv")
        uv, cvr, aov = self.year("uv"), self.year("cvr"), self.year("aov")
        gmv = _first(self.year("gmv"), uv * cvr * aov, self.gmv_months.sum(axis=1))
        self.gmv = np.round(gmv, MONEY_DIGITS)
        self.known_sales = ~np.isnan(self.gmv)
        self.aov = _first(aov, _ratio(self.gmv, uv * cvr))
        self.orders = np.rint(_first(self.year("orders"), _ratio(self.gmv, self.aov)))
        self.uv = np.rint(_first(uv, _ratio(self.orders, cvr)))
        spend = _first(self.year("spend"), self.gmv * self.year("spend_ratio"))
        self.spend = np.round(spend, MONEY_DIGITS)
        self.roi, self.refund_rate = self.year("roi"), self.year("refund_rate")
        self.units_per_order = _first(self.year("units_per_order"), np.ones(len(stores)))

    def year(self, metric: str) -> Floats:
        """Return the annual targets of a metric."""
        found = [self._annual.get((store, metric), np.nan) for store in self.stores]
        return np.array(found, dtype=np.float64)

    def months(self, metric: str) -> Floats:
        """Return the monthly targets of a metric."""
        found = [self._monthly.get((store, metric), _NO_MONTHS) for store in self.stores]
        return np.array(found, dtype=np.float64).reshape(-1, MONTHS)


def _first(*choices: Floats) -> Floats:
    """Return the first choice that is known, store by store."""
    found = choices[0]
    for choice in choices[1:]:
        found = np.where(np.isnan(found), choice, found)
    return found


def _ratio(above: Floats, below: Floats) -> Floats:
    found: Floats = np.full(np.shape(above), np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found


def _sales(goals: _Goals, calendar: Calendar, month: NDArray[np.intp]) -> Floats:
    """Spread sales to days, all stores at once; unknown ones count zero until masked."""
    rows = [calendar.of(store).days["weight"].to_numpy(np.float64) for store in goals.stores]
    weights = np.vstack(rows)
    total = np.where(goals.known_sales, goals.gmv, 0.0)
    given = np.where(goals.known_sales[:, None], goals.gmv_months, np.nan)
    if np.isnan(given).all():
        return spread_levels(total, weights, [month // 3, month])
    monthly = spread(total, sums_by(weights, month), held=given)
    return _to_days(monthly, weights, month, CENT)


def _to_days(monthly: Floats, weights: Floats, month: NDArray[np.intp], unit: float) -> Floats:
    parents = parents_of(month, np.arange(month.size))
    return from_units(down(to_units(monthly, unit), weights, parents), unit)


def _money(goals: _Goals, calendar: Calendar) -> dict[int, Money]:
    """Return the campaigns with a share of their stores' promotion money (预算占比)."""
    given = ~np.isnan(_first(goals.months("spend"), goals.months("spend_ratio")))
    found = {
        number: Money(store, windows, given[number])
        for number, store in enumerate(goals.stores)
        if (windows := windows_of(calendar, store))
    }
    known = ~np.isnan(goals.spend) | given.all(axis=1)
    return {number: each for number, each in found.items() if known[number]}


def _drivers(  # noqa: PLR0913, PLR0917  # what drivers follow from
    goals: _Goals,
    sales: Floats,
    month: NDArray[np.intp],
    settings: Settings,
    mix: ChannelMix,
    money: Mapping[int, Money],
) -> dict[str, Floats]:
    gmv = from_cents(sums_by(to_cents(sales), month))
    aov, cvr, uv_given = _curves(goals, gmv)
    shares, cpc = _mix(settings, mix, platforms_of(goals.stores, settings.platforms))
    spend_ratio = _first(goals.months("spend_ratio"), _ratio(goals.months("spend"), gmv))
    flat_ratio = np.broadcast_to(_ratio(goals.spend, gmv.sum(axis=1))[:, None], gmv.shape)
    refund = _first(
        goals.months("refund_rate"), np.broadcast_to(goals.refund_rate[:, None], gmv.shape)
    )
    made = plan_drivers(
        sales,
        month,
        Curves(
            aov=np.where(np.isnan(aov), 1.0, aov),
            cvr=np.where(np.isnan(cvr), 1.0, cvr),
            spend_ratio=np.nan_to_num(_held_curve(spend_ratio, flat_ratio, gmv, goals.spend)),
            refund_rate=np.nan_to_num(refund),
            shares=shares,
            cpc=cpc,
        ),
        _annual(goals, gmv, aov, cvr),
        uv_given=np.where(np.isnan(cvr), np.nan, uv_given),
        money=money,
    )
    known_orders, known_uv = ~np.isnan(aov).any(axis=1), ~np.isnan(aov + cvr).any(axis=1)
    known_spend = ~np.isnan(_first(goals.spend, spend_ratio.sum(axis=1)))
    columns = {
        "orders": _mask(made.orders, known_orders),
        "uv": _mask(made.uv, known_uv),
        "refund_amount": _mask(made.refund_amount, ~np.isnan(refund).any(axis=1)),
    }
    for i, key in enumerate(_channel_keys(settings)):
        columns[f"spend_{key}"] = _mask(made.channel_spend[i], known_spend)
        if key != "other" or made.channel_spend[i].any():
            columns[f"uv_{key}"] = _mask(made.channel_uv[i], known_spend)
    rates = {
        "roi": _first(goals.months("roi"), _broad(goals.roi, gmv)),
        "units_per_order": _broad(goals.units_per_order, gmv),
        "refund_rate": refund,
        **{name: _first(goals.months(name), _broad(goals.year(name), gmv)) for name in UV_SHARES},
    }
    return columns | _shared_by_root(columns | {"spend": made.spend}, rates, month, settings)


def _mask(values: Floats, known: ArrayLike) -> Floats:
    return np.where(np.asarray(known)[:, None], values, np.nan)


def _curves(goals: _Goals, gmv: Floats) -> tuple[Floats, Floats, Floats]:
    """Return monthly 客单价, 转化率 and given UV: what is given is kept, the rest share a factor."""
    uv, cvr, aov = goals.months("uv"), goals.months("cvr"), goals.months("aov")
    aov = _first(aov, _ratio(gmv, uv * cvr))
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = _held_curve(
            1 / aov, _broad(1 / goals.aov, gmv), gmv, gmv.sum(axis=1) / goals.aov
        )
        aov = 1 / inverse
        orders = gmv * inverse
        cvr = _first(cvr, _ratio(orders, uv))
        wanted = _broad(_ratio(goals.uv, orders.sum(axis=1)), gmv)
        visits = _held_curve(1 / cvr, wanted, orders, goals.uv)
        return aov, 1 / visits, uv


def _broad(values: Floats, like: Floats) -> Floats:
    return np.asarray(np.broadcast_to(values[:, None], like.shape))


def _held_curve(given: Floats, flat: Floats, base: Floats, total: Floats) -> Floats:
    """Keep the given months; the others take one factor so that Σ base · ratio = total."""
    held = ~np.isnan(given)
    start = np.where(held, given, flat)
    todo = ~np.isnan(start).any(axis=1) & ~np.isnan(total) & held.any(axis=1) & ~held.all(axis=1)
    if not todo.any():
        return start
    target = total[todo] / base[todo].sum(axis=1)
    made = start.copy()
    made[todo] = scale_ratio(start[todo], base[todo], target, held=held[todo])
    return made


def _annual(goals: _Goals, gmv: Floats, aov: Floats, cvr: Floats) -> Annual:
    """Totals per store: the typed ones, else what the curves come to."""
    orders = np.nan_to_num(gmv / aov).sum(axis=1)
    visits = np.nan_to_num(gmv / aov / cvr).sum(axis=1)
    spend = _first(goals.spend, np.nansum(gmv * goals.months("spend_ratio"), axis=1))
    return Annual(
        orders=excel_round(np.nan_to_num(_first(_whole(goals.orders, aov), orders))),
        uv=excel_round(np.nan_to_num(_first(_whole(goals.uv, cvr), visits))),
        spend=excel_round(np.nan_to_num(spend), MONEY_DIGITS),
        refund_amount=excel_round(
            np.nan_to_num(gmv.sum(axis=1) * goals.refund_rate), MONEY_DIGITS
        ),
    )


def _whole(total: Floats, curve: Floats) -> Floats:
    """A typed total counts only where its curve is known in every month."""
    return np.where(np.isnan(curve).any(axis=1), np.nan, total)


def _channel_keys(settings: Settings) -> list[str]:
    """Return the channels with rows, and 其他推广 for stores that none of these is for."""
    return [*(key for key in settings.channels if key != "other"), "other"]


def _mix(
    settings: Settings, mix: ChannelMix, platforms: Mapping[str, str]
) -> tuple[Floats, Floats]:
    """Return shares (stores, 12, k) and costs (12, k) of the channels.

    A store spends on the channels of its platform only; they share what its others would get.
    """
    keys = _channel_keys(settings)
    cpc_of = {channel.key: channel.cpc for channel in settings.registry.channels}
    typed = np.stack([np.broadcast_to(mix.shares.get(k, np.nan), MONTHS) for k in keys], axis=1)
    shares = np.stack([_shares_at(keys, typed, platform) for platform in platforms.values()])
    costs = np.stack([np.broadcast_to(mix.cpc.get(k, np.nan), MONTHS) for k in keys], axis=1)
    default = np.array([cpc_of[key] for key in keys])
    return shares, np.where(np.nan_to_num(costs) > 0, costs, default)


def _shares_at(keys: Sequence[str], typed: Floats, platform: str) -> Floats:
    """Return (12, k) the shares of a store on a platform; its blank ones divide what is left."""
    here = np.array([sells_here(key, platform) for key in keys])
    own = np.array([own_channel(key, platform) for key in keys]) & bool(platform)
    rest = keys.index("other")
    # without a channel of its platform in the book, a store's money has no other name
    here[rest] = (bool(platform) and not own.any()) or bool(np.nan_to_num(typed[:, rest]).any())
    shares = np.where(here, typed, 0.0)
    blank = np.isnan(shares)
    left = np.clip(1 - np.nansum(shares, axis=1, keepdims=True), 0, None)
    count = np.maximum(blank.sum(axis=1, keepdims=True), 1)
    shares = np.where(blank, left / count, shares)
    # what was typed for other platforms' channels goes to its own, and not to those of everybody
    lost = np.nansum(typed[:, ~here], axis=1, keepdims=True)
    mine = shares[:, own].sum(axis=1, keepdims=True)
    grows = (lost > 0) & (mine > 0) & ~blank.any(axis=1, keepdims=True)
    factor = np.where(grows, 1 + lost / np.where(mine > 0, mine, 1.0), 1.0)
    shares = np.where(own, shares * factor, shares)
    return np.where(shares.sum(axis=1, keepdims=True) > 0, shares, here * 1.0)


def _shared_by_root(
    columns: Mapping[str, Floats],
    rates: Mapping[str, Floats],
    month: NDArray[np.intp],
    settings: Settings,
) -> dict[str, Floats]:
    """Return the flows whose days follow the flow they come from: each a monthly rate of it.

    The year's sum is exact: whole pieces, whole fen.
    """
    metrics, known = settings.registry, dict(columns)
    for driver in FLOWS:
        if driver.days_by == driver.root != "gmv":
            base, rate = known[driver.root], rates[driver.ratio]
            step = metrics[driver.name].unit.step
            made = _share_of(np.nan_to_num(base), rate, month, step)
            known[driver.name] = _mask(
                made, ~np.isnan(base).any(axis=1) & ~np.isnan(rate).any(axis=1)
            )
    return {name: values for name, values in known.items() if name not in columns}


def _share_of(base: Floats, rates: Floats, month: NDArray[np.intp], step: float) -> Floats:
    """Return a monthly rate of a daily base by day, in whole steps, the year's sum exact."""
    monthly = from_cents(sums_by(to_cents(base), month))
    amounts = np.nan_to_num(monthly * rates)
    total = excel_round(amounts.sum(axis=1), MONEY_DIGITS if step == CENT else 0)
    return _to_days(spread(total, amounts, unit=step), base, month, step)
