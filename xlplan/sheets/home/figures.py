"""What 首页 shows, in numbers: the periods on a day, what today must bring, months, missing days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from xlplan.plan import rollup
from xlplan.plan.days.periods import Period, months, quarter
from xlplan.plan.year import DUE, TOTAL
from xlplan.record import bundle, record

if TYPE_CHECKING:
    from xlplan.plan.exact.units import Floats
    from xlplan.plan.year import Year

NO_DATA = "暂无实际"
_NOTHING = float("nan")


def clock() -> date:
    """Return today."""
    return date.today()


@record
class Moment:
    """The days that 首页 is about.

    Attributes:
        today: Today.
        as_of: Last day with actuals; None before the first.
        ahead: The day after it: which month and quarter are shown.
        day: The day to act on: today, or the first without actuals; None when the year is over.
    """

    today: date
    as_of: date | None
    ahead: date
    day: date | None

    def span(self, name: str) -> Period:
        """Return a period of `xlplan.sheets.home.layout.PERIODS`.

        Before there are actuals the latest day is today, or the first or last of the year.
        """
        year, month = self.ahead.year, self.ahead.month
        if name == "latest":
            day = self.as_of or self.ahead
            return Period(day, day, "")
        if name == "month":
            return months(year, month, month, f"{month}月")
        return (
            quarter(year, (month + 2) // 3) if name == "quarter" else months(year, 1, 12, "全年")
        )


def moment(year: Year, today: date) -> Moment:
    """Return the days that 首页 is about, seen on a day."""
    first, last = date(year.year, 1, 1), date(year.year, 12, 31)
    as_of = year.as_of
    inside = max(first, min(today, last))
    if as_of is None:
        return Moment(today, None, inside, inside if today <= last else None)
    day = max(today, as_of + timedelta(days=1))
    return Moment(today, as_of, min(as_of + timedelta(days=1), last), day if day <= last else None)


@record
class Reached:
    """A scope's figures of some days; NaN where there is nothing to say.

    Attributes:
        target: Planned sales.
        due: Planned sales of the days (and stores) whose actuals are known.
        sold: Net sales of those days.
    """

    target: float
    due: float
    sold: float

    @property
    def rate(self) -> float:
        """达成率: like for like."""
        return divided(self.sold, self.due)

    @property
    def gap(self) -> float:
        """What is missing (below zero) or over."""
        return self.sold - self.due


def divided(a: float, b: float) -> float:
    """Return a quotient, NaN where there is none."""
    return a / b if b and not np.isnan(b) else _NOTHING


@bundle
class Sales:
    """A scope's daily sales."""

    year: Year
    plan: Floats
    due: Floats
    net: Floats

    def inside(self, period: Period) -> slice:
        """Return the days of a period as positions in the year."""
        start = date(self.year.year, 1, 1)
        return slice((period.first - start).days, (period.last - start).days + 1)

    def of(self, period: Period) -> Reached:
        """Return the figures of a period."""
        days = self.inside(period)
        return Reached(*(rollup.total(each[days]) for each in (self.plan, self.due, self.net)))


def sales(year: Year, scope: str) -> Sales:
    """Return a scope's daily sales: planned, due, net."""
    actual = year.actual.of_scope(scope)
    sold = year.metrics["gmv_net"].formula
    assert sold is not None  # noqa: S101 - the registry defines it
    net = sold.evaluate({name: actual[name] for name in sold.names})
    return Sales(year, year.planned.of_scope(scope)["gmv"], actual[DUE], net)


def factor(days: Sales, at: Moment) -> float:
    """Return how many times its plan each day left of a month must bring to reach its target.

    What the days known are short of is shared over the days from the one to act on by their plan,
    which follows the day weights. Days without actuals before it are taken as planned, not as zero.
    """
    if at.day is None:
        return 1.0
    month = days.of(months(at.day.year, at.day.month, at.day.month))
    end = months(at.day.year, at.day.month, at.day.month).last
    left = rollup.total(days.plan[days.inside(Period(at.day, end, ""))])
    if not left > 0:
        return 1.0
    short = np.nan_to_num(month.due) - np.nan_to_num(month.sold)
    return max(0.0, 1.0 + float(short) / left)


def planned_on(year: Year, scope: str, day: date) -> dict[str, float]:
    """Return the plan of a day: sales, UV, promotion money of all channels."""
    place = (day - date(year.year, 1, 1)).days
    plan = {name: float(values[place]) for name, values in year.planned.of_scope(scope).items()}
    spend = np.array([plan[name] for name in spend_columns(year) if name in plan])
    return {"gmv": plan["gmv"], "uv": plan["uv"], "spend": rollup.total(spend)}


def spend_columns(year: Year) -> list[str]:
    """Return the plan's columns of promotion money."""
    return [
        f"spend_{channel.key}"
        for channel in year.metrics.channels
        if f"spend_{channel.key}" in year.planned.values
    ]


def last_known(year: Year, row: int) -> date | None:
    """Return the last day with actuals of a scope."""
    known = np.flatnonzero(~np.isnan(year.actual.values["gmv"][row]))
    return date(year.year, 1, 1) + timedelta(days=int(known[-1])) if known.size else None


def missing_days(year: Year, row: int) -> int | str:
    """Return how many days with a target have no actuals, from a store's first day to the as-of day.

    合计 adds its stores; a store without any actuals says so.
    """
    known = ~np.isnan(year.actual.values["gmv"][row])
    if year.scopes[row] == TOTAL and row == 0 and len(year.scopes) > 1:
        counted = [missing_days(year, i) for i in range(1, len(year.scopes))]
        return sum(n for n in counted if isinstance(n, int))
    if not known.any() or year.as_of is None:
        return NO_DATA
    first, last = int(np.flatnonzero(known)[0]), year.as_of.timetuple().tm_yday
    planned = np.nan_to_num(year.planned.values["gmv"][row]) > 0
    return int((planned & ~known)[first:last].sum())
