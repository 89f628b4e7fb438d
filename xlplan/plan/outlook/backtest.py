"""How well a month's landing would have been foreseen: every past month, from four of its days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InputError
from xlplan.plan.outlook.dayweights import OPEN, learned_weights
from xlplan.plan.outlook.landing import land
from xlplan.plan.outlook.saleshistory import SalesHistory
from xlplan.record import bundle, record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Days of the month from which its end is foreseen.
SEEN_FROM = (7, 14, 21, 25)
#: Days of history before the first month that is foreseen.
WARM_UP = 56
#: A month of which more than this share of days is unknown is left out.
_UNKNOWN = 0.2


@record
class Foreseen:
    """One forecast of a past month and what came of it.

    Attributes:
        month: Its first day.
        seen_from: Day of the month at whose end it was made.
        actual: What the month came to.
        low: Lower end of the band.
        high: Upper end of the band.
        estimates: Method → landing.
    """

    month: date
    seen_from: int
    actual: float
    low: float
    high: float
    estimates: dict[str, float]

    def error(self, method: str) -> float:
        """Return the error of a method as a part of the actual."""
        return self.estimates[method] / self.actual - 1

    @property
    def inside(self) -> bool:
        """Whether the band held it."""
        return self.low <= self.actual <= self.high


@bundle
class Backtest:
    """All forecasts of all whole months, and what stands in the way of better ones.

    Attributes:
        forecasts: One for each month and day it was seen from.
        skipped: Months left out, with the reason.
        unexpected: Campaigns nobody said what to expect of when they came first.
    """

    forecasts: Sequence[Foreseen]
    skipped: Sequence[str] = ()
    unexpected: Sequence[str] = ()

    @property
    def months(self) -> list[date]:
        """The months foreseen."""
        return sorted({each.month for each in self.forecasts})

    @property
    def coverage(self) -> float:
        """Share of actuals inside the band that claims 80 %."""
        return float(np.mean([each.inside for each in self.forecasts]))

    def error(self, method: str, seen_from: int) -> float:
        """Return the mean absolute error of a method from one day, as a part of the actual."""
        mine = [abs(each.error(method)) for each in self.forecasts if each.seen_from == seen_from]
        return float(np.mean(mine))


def backtest(history: SalesHistory) -> Backtest:
    """Foresee every whole month after the first 56 days from its 7th, 14th, 21st and 25th.

    Each forecast knows only the days before it, besides closed days and the dates of campaigns.
    Days that are not known count for nobody: neither as sales to come nor as zeros.

    Raises:
        InputError: There is no whole month to foresee.
    """
    blank = np.flatnonzero(np.isnan(history.values))
    absent = {history.first + timedelta(days=int(place)) for place in blank} - history.closed
    even = SalesHistory(history.first, history.values, history.closed | absent, history.events)
    found, skipped, unexpected = list[Foreseen](), list[str](), dict[str, None]()
    for first, last in whole_months(history):
        why = _unusable(history, first, last, absent)
        if why:
            skipped.append(f"{first:%Y-%m}（{why}）")
            continue
        for seen_from in SEEN_FROM:
            made, missing = _foreseen(even, first, last, seen_from)
            found.append(made)
            unexpected.update(dict.fromkeys(missing))
    if not found:
        raise InputError(*_nothing(history, skipped))
    return Backtest(found, skipped, list(unexpected))


def _nothing(history: SalesHistory, skipped: Sequence[str]) -> tuple[str, str]:
    days = len(history.values)
    if skipped:
        return f"没有一个月能回测：{'、'.join(skipped)}", "补上缺的日子；停业日写进停业表"
    return (
        f"{history.first} 至 {history.last} 共 {days} 天，前 {WARM_UP} 天之后没有一个完整的月，无法回测",
        "给更长的每日销售：至少 56 天，再加一个完整的自然月",
    )


def whole_months(history: SalesHistory) -> list[tuple[date, date]]:
    """Return first and last day of the whole months after the first 56 days."""
    start = history.first + timedelta(days=WARM_UP)
    first = start.replace(day=1)
    if first < start:
        first = _next(first)
    found = []
    while (last := _next(first) - timedelta(days=1)) <= history.last:
        found.append((first, last))
        first = _next(first)
    return found


def _next(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _unusable(history: SalesHistory, first: date, last: date, absent: set[date]) -> str:
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    gone = sum(day in absent for day in days)
    if gone > _UNKNOWN * len(days):
        return f"缺 {gone} 天"
    total = np.nansum(history.values[history.place(first) : history.place(last) + 1])
    return "" if total > 0 else "全月销售额不大于 0"


def _foreseen(
    history: SalesHistory, first: date, last: date, seen_from: int
) -> tuple[Foreseen, list[str]]:
    begin, end = history.place(first), history.place(last)
    known = history.until(first + timedelta(days=seen_from - 1))
    weights = learned_weights(known, end + 1)
    landing = land(known.values, weights, begin, end)
    so_far, total = weights.values[begin : len(known.values)].sum(), weights.values[begin:].sum()
    simple = {name: method(known, begin, end) for name, method in _SIMPLE.items()}
    to_date = landing.known * total / so_far if so_far > OPEN else landing.known
    estimates = {"xlplan": landing.middle, **simple, "to_date": float(to_date)}
    actual = float(np.nansum(history.values[begin : end + 1]))
    made = Foreseen(first, seen_from, actual, landing.low, landing.high, estimates)
    return made, _first_time(weights.unexpected, known, first, last)


def _first_time(names: Sequence[str], known: SalesHistory, first: date, last: date) -> list[str]:
    """Return the campaigns of a month that nobody said anything of."""
    inside = {event.name for event in known.events if first <= event.day <= last}
    return [name for name in names if name in inside]


def linear(known: SalesHistory, begin: int, end: int) -> float:
    """Return the run-rate: what is known times days of the month over days gone."""
    gone = len(known.values) - begin
    return float(np.nansum(known.values[begin:])) * (end - begin + 1) / gone


def weekday_profile(known: SalesHistory, begin: int, end: int) -> float:
    """Return what is known and the mean of the last 56 days' weekdays for every day to come."""
    count = len(known.values)
    shut, day = known.shut(end + 1), known.weekdays(end + 1)
    recent = np.arange(max(0, count - WARM_UP), count)
    recent = recent[~np.isnan(known.values[recent]) & ~shut[recent]]
    each = np.bincount(day[recent], known.values[recent], minlength=7)
    mean = each / np.maximum(np.bincount(day[recent], minlength=7), 1)
    ahead = np.where(shut[count:], 0.0, mean[day[count:]])
    return float(np.nansum(known.values[begin:]) + ahead.sum())


_SIMPLE: dict[str, Callable[[SalesHistory, int, int], float]] = {
    "linear": linear,
    "weekday": weekday_profile,
}
#: Method → what people call it.
METHOD_NAMES = {
    "xlplan": "xlplan（日权重 × 近况水平）",
    "linear": "按天数外推",
    "weekday": "近 56 天星期均值",
    "to_date": "本月累计 ÷ 已过权重",
}
