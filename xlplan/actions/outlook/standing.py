"""Where a store stands on an as-of day: its actuals, its plan and the one set of day weights."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.errors import InputError, Level, Problem, Where
from xlplan.plan.days.periods import Period, months
from xlplan.plan.outlook.dayweights import DayWeights, Doubt, doubt_of
from xlplan.plan.outlook.saleshistory import SalesHistory, event_days
from xlplan.plan.year import TOTAL
from xlplan.record import bundle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.plan.exact.units import Floats
    from xlplan.plan.year import Year
    from xlplan.sheets.state.book import BookState


@bundle
class Standing:
    """One scope on one day.

    Attributes:
        year: The year with plan and actuals.
        scope: A store, or 合计.
        as_of: Last day that is looked at.
        sales: (days,) actual sales net of exclusions, NaN where not known or after `as_of`.
        plan: (days,) planned sales, NaN where not planned.
        weights: Day weights of the calendar on the months' planned levels (`shaped_weights`).
    """

    year: Year
    scope: str
    as_of: date
    sales: Floats
    plan: Floats
    weights: DayWeights

    @property
    def count(self) -> int:
        """How many days of the year are past, the as-of day included."""
        return (self.as_of - date(self.year.year, 1, 1)).days + 1

    @property
    def past(self) -> Floats:
        """(count,) sales up to the as-of day."""
        return self.sales[: self.count]

    @cached_property
    def history(self) -> SalesHistory:
        """The days past as a history, closed days by their weight."""
        first = date(self.year.year, 1, 1)
        shut = np.flatnonzero(self.weights.values == 0)
        closed = frozenset(first + timedelta(days=int(day)) for day in shut)
        return SalesHistory(first, self.past, closed)

    def inside(self, period: Period) -> slice:
        """Return the days of a period as positions in the year."""
        start = date(self.year.year, 1, 1)
        return slice((period.first - start).days, (period.last - start).days + 1)

    def unit_weights(self, period: Period) -> Floats:
        """Return the weights of a period, scaled so that they add up to the calendar's."""
        inside = self.inside(period)
        mine, plain = self.weights.values[inside], self.year.day_weights(self.scope)
        total = mine.sum()
        return mine * (plain[inside].sum() / total) if total > 0 else mine

    def target(self, period: Period) -> float:
        """Return the plan of a period; NaN when nothing of it is planned."""
        mine = self.plan[self.inside(period)]
        return float("nan") if np.isnan(mine).all() else float(np.nansum(mine))

    def known(self, metric: str) -> Floats:
        """Return (days,) actuals of a metric up to the as-of day."""
        values = np.array(self.year.actual.of_scope(self.scope)[metric])
        values[self.count :] = np.nan
        return values

    def planned(self, metric: str) -> Floats:
        """Return (days,) the plan of a metric; NaN everywhere when it is not planned."""
        found = self.year.planned.of_scope(self.scope)
        return np.array(found[metric]) if metric in found else np.full(len(self.plan), np.nan)

    @cached_property
    def spend(self) -> tuple[Floats, Floats]:
        """(days,) actual and (days,) planned promotion money, all channels."""
        names = [f"spend_{channel.key}" for channel in self.year.metrics.channels]
        return tuple(_added([get(name) for name in names]) for get in (self.known, self.planned))  # type: ignore[return-value]


def _added(rows: list[Floats]) -> Floats:
    table = np.vstack(rows)
    known = ~np.isnan(table)
    return np.where(known.any(axis=0), np.where(known, table, 0.0).sum(axis=0), np.nan)


def standings(state: BookState, as_of: date | None = None) -> list[Standing]:
    """Return every scope of a book on an as-of day, 合计 first when there are several stores.

    Raises:
        InputError: There are no actuals yet, or the day is not of the year or before all of them.
    """
    year = state.year
    last = year.as_of
    if last is None:
        raise InputError(
            f"{year.year} 年还没有实际，没有可以外推的数",
            "先导入实际（xlplan import），至少三周后才能预测",
        )
    day = min(as_of, last) if as_of else last
    if day.year != year.year:
        raise InputError(f"{as_of} 不在 {year.year} 年", f"写 {year.year} 年里的日子")
    seen = _seen_before(state)
    made = [_standing(year, scope, day, seen) for scope in year.scopes]
    if np.isnan(made[0].past).all():
        first = np.flatnonzero(~np.isnan(year.actual.values["gmv"][0]))[0]
        start = date(year.year, 1, 1) + timedelta(days=int(first))
        raise InputError(f"{day} 之前还没有实际", f"第一天实际是 {start}")
    return made


def _standing(year: Year, scope: str, day: date, seen: Mapping[str, int]) -> Standing:
    actual, plan = year.actual.of_scope(scope), year.planned.of_scope(scope)["gmv"]
    sales = actual["gmv"] - np.nan_to_num(actual["gmv_excluded"])
    count = (day - date(year.year, 1, 1)).days + 1
    sales = np.where(np.arange(len(sales)) < count, sales, np.nan)
    weight, sure = shaped_weights(year, plan, scope), _doubts(year, scope, seen)
    return Standing(year, scope, day, sales, plan, DayWeights(weight, np.ones(7), sure))


def shaped_weights(year: Year, plan: Floats, scope: str = TOTAL) -> Floats:
    """Return the calendar's day weights on the months' planned levels; mean as the calendar's.

    A day of a month twice as large as planned for another weighs twice as much, whatever was done
    to single days of the plan. A month in which nothing is planned to sell weighs nothing.

    Args:
        year: The year.
        plan: (days,) planned sales of a scope.
        scope: The scope.
    """
    weight = year.day_weights(scope)
    month = year.calendar.days["month"].to_numpy() - 1
    known = ~np.isnan(plan)
    asked = np.bincount(month, np.nan_to_num(plan), minlength=12)
    load = np.bincount(month, weight * known, minlength=12)
    if not (asked > 0).any():
        return weight
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.where(load > 0, asked / load, np.nan)
    level = np.where(np.isnan(level), np.nanmean(level), level)
    shaped = weight * level[month]
    return np.asarray(shaped * weight.sum() / shaped.sum(), dtype=np.float64)


def _doubts(year: Year, scope: str, seen: Mapping[str, int]) -> tuple[Doubt, ...]:
    first = date(year.year, 1, 1)
    lifts: dict[tuple[str, date], dict[int, float]] = {}
    for event in event_days(year.calendar.of(scope).events):
        place = (event.day - first).days
        if 0 <= place < len(year.calendar.days):
            lifts.setdefault((event.name, event.anchor), {})[place] = event.lift
    return tuple(doubt_of(name, days, seen.get(name, 0)) for (name, _), days in lifts.items())


def _seen_before(state: BookState) -> dict[str, int]:
    """Return how many editions of each campaign the book knows sales of: last year's, if kept."""
    from xlplan.sheets.history.kept import LAST_YEAR

    kept = [v for v in state.versions if v.kind == LAST_YEAR]
    return {event.name: 1 for event in state.year.calendar.events} if kept else {}


def last_year(state: BookState, scope: str) -> Floats | None:
    """Return (days,) last year's sales on comparable days, or None when the book keeps none."""
    from xlplan.actions.change.references import aligned
    from xlplan.sheets.history.kept import LAST_YEAR, kept_plan

    kept = [v for v in state.versions if v.kind == LAST_YEAR]
    if not kept:
        return None
    try:
        laid = aligned(kept_plan(kept[-1]), state)["gmv"]
    except (InputError, KeyError):
        return None
    table = laid.unstack("store")
    names = [scope] if scope != TOTAL else list(state.year.stores)
    if not set(names) <= set(table.columns):
        return None
    found = table[names].sum(axis=1, min_count=len(names))
    return np.asarray(found.reindex(pd.DatetimeIndex(state.year.calendar.days.index)), np.float64)


def month_at(standing: Standing) -> Period:
    """Return the month that is to be foreseen: of the day after the as-of day."""
    year, last = standing.year.year, date(standing.year.year, 12, 31)
    ahead = min(standing.as_of + timedelta(days=1), last)
    return months(year, ahead.month, ahead.month, f"{ahead.month}月")


def from_tomorrow(as_of: date) -> list[Problem]:
    """Return a warning when the actuals are later than today."""
    today = date.today()
    if as_of <= today:
        return []
    what = f"实际到 {as_of}，晚于今天 {today}；按它计算，看看是不是日期写错了"
    return [Problem(Where(), what, Level.WARNING, rule="future")]
