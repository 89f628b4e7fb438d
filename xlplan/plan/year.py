"""A plan year as one value: settings, targets, calendar, plan and actuals of all stores."""

from __future__ import annotations

from dataclasses import field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from xlplan.metrics import SEED_CHANNELS, Add, registry
from xlplan.metrics.platforms import platforms_of
from xlplan.plan.days.lastyear import against
from xlplan.plan.exact.units import from_cents, to_cents
from xlplan.record import bundle, record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from xlplan.metrics import Registry
    from xlplan.plan.calendar import Calendar
    from xlplan.plan.targets.targets import Targets

#: The name that stands for all stores together.
TOTAL = "合计"


@record
class Settings:
    """Conventions of a book; each is an input on 年度目标.

    Attributes:
        day_convention: ``calendar`` (real days) or ``30`` (a month has 30 days, DOMAIN R15).
        aov_base: ``orders`` or ``buyers``, for 客单价 and 转化率 alike.
        refund_base: ``units``, ``amount`` or ``orders`` for 退款率.
        channels: Channel keys that have rows, in order.
        show_excluded: Whether the 补单 rows are visible.
        maturity_days: Refunds of younger days are 未成熟.
        staff_first: Metrics, by label, for which 店员 stands before exports; 全部 for all.
        tolerance: Relative difference between two sources that is reported.
        platforms: ``甲店=天猫、乙店=京东`` where a store's name does not say it.
        campaign_money: Whether 预算占比 on 活动 moves promotion money (books of 0.1.0 had it filled in
            with figures that moved nothing).
    """

    day_convention: Literal["calendar", "30"] = "calendar"
    aov_base: str = "orders"
    refund_base: str = "units"
    channels: tuple[str, ...] = SEED_CHANNELS
    show_excluded: bool = False
    maturity_days: int = 7
    staff_first: str = ""
    tolerance: float = 0.01
    platforms: str = ""
    campaign_money: bool = False

    @property
    def registry(self) -> Registry:
        """The metrics under these conventions (other channels' money goes to 其他推广)."""
        keys = tuple(dict.fromkeys((*self.channels, "other")))
        return registry(channels=keys, aov_base=self.aov_base, refund_base=self.refund_base)

    def day_count(self, days: int) -> int:
        """Return how many days a month of `days` days counts for in 日目标."""
        return 30 if self.day_convention == "30" else days


def plan_columns(metrics: Registry) -> list[str]:
    """Return the base metrics that a plan holds per day (flows that are not computed)."""
    ends = "_target"
    return [
        m.name.removesuffix(ends)
        for m in metrics.metrics.values()
        if m.name.endswith(ends) and m.formula is None
    ]


def actual_columns(metrics: Registry) -> list[str]:
    """Return the base metrics that actuals hold per day."""
    return [
        m.name
        for m in metrics.metrics.values()
        if m.formula is None
        and not (m.past or m.name.endswith("_target"))
        and m.add is not Add.DISTINCT
    ]


def day_grid(stores: Sequence[str], year: int) -> pd.MultiIndex:
    """Return the full (store, date) index of a year, store by store."""
    days = pd.date_range(f"{year}-01-01", f"{year}-12-31", name="date")
    return pd.MultiIndex.from_product([stores, days], names=["store", "date"])


#: The sales planned for days (and stores) whose actual sales are known: progress is measured
#: against these, so that a day nobody reported is missing and not a day without sales.
DUE = "gmv_due"


@bundle
class Year:
    """Everything the plan book says.

    Attributes:
        targets: What the year should reach.
        calendar: Days, events, weights.
        settings: Conventions.
        stores: Store names in order.
        plan: Index (store, date) over the whole year, columns `plan_columns`; NaN is not planned.
        actuals: The same index, columns `actual_columns`; NaN is not known.
        last: Last year's actuals by (store, date) over that year; None when nothing is known.
    """

    targets: Targets
    calendar: Calendar
    settings: Settings
    stores: tuple[str, ...]
    plan: pd.DataFrame
    actuals: pd.DataFrame
    notes: dict[str, str] = field(default_factory=dict)
    last: pd.DataFrame | None = None

    @property
    def year(self) -> int:
        """The calendar year."""
        return self.calendar.year

    @property
    def scopes(self) -> list[str]:
        """What a store selector offers: 合计 first when there are several stores."""
        return [TOTAL, *self.stores] if len(self.stores) > 1 else list(self.stores)

    @cached_property
    def metrics(self) -> Registry:
        """The registry under this book's settings."""
        return self.settings.registry

    @cached_property
    def platforms(self) -> dict[str, str]:
        """Store → platform, "" where nobody knows."""
        return platforms_of(self.stores, self.settings.platforms)

    def day_weights(self, scope: str) -> NDArray[np.float64]:
        """Return (days,) the day weights of a store; of 合计, those of its stores by planned sales."""
        calendar = self.calendar
        if scope != TOTAL or not calendar.own:
            return calendar.of(scope).days["weight"].to_numpy(np.float64)
        sales = [self.plan["gmv"].xs(store, level="store").sum() for store in self.stores]
        share = np.nan_to_num(np.array(sales, dtype=np.float64))
        share = share if share.sum() > 0 else np.ones(len(self.stores))
        rows = np.vstack([self.day_weights(store) for store in self.stores])
        return np.asarray(share @ rows / share.sum(), dtype=np.float64)

    @cached_property
    def planned(self) -> Cube:
        """The plan of every scope."""
        return Cube.of(self.plan, self.scopes, plan_columns(self.metrics))

    @cached_property
    def actual(self) -> Cube:
        """The actuals of every scope, `DUE` and what last year says of the days."""
        cube = Cube.of(self.actuals, self.scopes, actual_columns(self.metrics))
        known = ~np.isnan(self.actuals["gmv"].to_numpy(dtype=np.float64))
        due = np.where(known, self.plan["gmv"].to_numpy(dtype=np.float64), np.nan)
        comparable = pd.DatetimeIndex(self.calendar.days["comparable"])
        past = against(self.actuals, self.plan, self.last, comparable)
        for name, values in {DUE: due, **past}.items():
            table = values.reshape(len(self.stores), -1)
            cube.values[name] = _summed(table) if TOTAL in cube.scopes else table
        return cube

    @property
    def as_of(self) -> date | None:
        """The last day with actual sales (截止日); None before the first."""
        known = np.flatnonzero(~np.isnan(self.actual.values["gmv"][0]))
        return (
            date.fromordinal(date(self.year, 1, 1).toordinal() + int(known[-1]))
            if known.size
            else None
        )


@bundle
class Cube:
    """Daily values by scope: each array has shape (scopes, days)."""

    scopes: list[str]
    values: dict[str, NDArray[np.float64]]

    @classmethod
    def of(cls, frame: pd.DataFrame, scopes: list[str], names: list[str]) -> Cube:
        """Take the named columns of a (store, date) frame, with 合计 when `scopes` has it."""
        kept = frame.reindex(columns=names)
        count = len(scopes) - (TOTAL in scopes)
        values = {}
        for name in names:
            stores = kept[name].to_numpy(dtype=np.float64).reshape(count, -1)
            values[name] = _summed(stores) if TOTAL in scopes else stores
        return cls(scopes, values)

    def of_scope(self, scope: str) -> dict[str, NDArray[np.float64]]:
        """Return metric → values by day of one scope."""
        row = self.scopes.index(scope)
        return {name: values[row] for name, values in self.values.items()}


def _summed(stores: NDArray[np.float64]) -> NDArray[np.float64]:
    known = ~np.isnan(stores)
    # adding decimals as floats drifts, so whole fen are added
    added = from_cents(to_cents(stores).sum(axis=0))
    return np.vstack([np.where(known.any(axis=0), added, np.nan), stores])
