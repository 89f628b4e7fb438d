"""The calendar of a plan year: a row a day, with holidays, events, weights and comparable days.

`calendar(year)` works for any year. What is not published yet is provisional
(预估) and said so in `Calendar.problems`; everything can be replaced by what the
operator types or imports.
"""

from __future__ import annotations

from dataclasses import field, replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.errors import InputError
from xlplan.plan.days import alignment, weights
from xlplan.plan.days.event_table import editions
from xlplan.plan.days.event_text import event_frame
from xlplan.plan.days.events import Event, touching
from xlplan.plan.days.grains import grain_column
from xlplan.plan.days.history import daily
from xlplan.plan.days.holidays import Announcement, holiday_problems, holidays, roll_to_workday
from xlplan.plan.days.taking_part import joined_by, takes_part
from xlplan.plan.days.weights import Shape
from xlplan.record import bundle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xlplan.errors import Problem
    from xlplan.plan.days.learning import Learned
    from xlplan.plan.exact.units import Ints

WEEKDAYS = "一二三四五六日"
#: Years that dates can be computed for; what is known of them is another matter.
_FIRST, _LAST = 1970, 2199


@bundle
class Calendar:
    """A year of days and what is known about each.

    Attributes:
        year: The plan year.
        days: One row a day (DatetimeIndex `date`). weekday 1 to 7 · weekday_cn 一 to 日 ·
            iso_year, iso_week · week_part (the ISO week cut at month ends, such as
            2026-W44-11; sorts by time within a year) · month, quarter · holiday, is_holiday,
            is_workday, is_makeup (调休上班), provisional (预估) · event, event_phase (names
            joined by 、) · comparable (可比日期) · month_factor … multiplier (the factors),
            typed_weight, closed · raw_weight, and weight (日权重, mean 1 over the year).
        events: The events that touch the year, with the lifts in use.
        learned: What history taught, if any was given.
        problems: What is provisional, unknown or could not be learned.
        announced: Holidays typed or imported.
        own: Stores whose days differ from these → their calendars.
        shapes: Stores that have indices of their own → these.
    """

    year: int
    days: pd.DataFrame
    events: tuple[Event, ...] = ()
    learned: Learned | None = None
    problems: tuple[Problem, ...] = ()
    announced: tuple[Announcement, ...] = ()
    own: Mapping[str, Calendar] = field(default_factory=dict)
    shapes: Mapping[str, Shape] = field(default_factory=dict)

    def of(self, store: str) -> Calendar:
        """Return the calendar of a store."""
        return self.own.get(store, self)

    @property
    def provisional(self) -> bool:
        """Whether any day's holiday arrangement is an estimate (预估)."""
        return bool(self.days["provisional"].any())

    def month(self, month: int) -> pd.DataFrame:
        """Return the days of one month."""
        return self.days[self.days["month"] == month]

    def labels(self, grain: str) -> Ints:
        """Return which part of the year each day belongs to at a level, as ascending numbers."""
        column = grain_column(grain)
        if column:
            return np.asarray(np.unique(self.days[column].to_numpy(), return_inverse=True)[1])
        return np.arange(len(self.days)) * (grain == "day")

    def weights(self, month: int | None = None, *, raw: bool = False) -> pd.Series:
        """Return the day weights of the year or of one month; raw ones are not normalised."""
        days = self.days if month is None else self.month(month)
        return days["raw_weight" if raw else "weight"]

    def shares(self, month: int | None = None) -> pd.Series:
        """Return each day's share of the year or month; they add up to 1 (0 if all weigh 0)."""
        found = self.weights(month)
        total = found.sum()
        return found / total if total > 0 else found

    def month_shares(self) -> pd.Series:
        """Return the twelve shares of the year by day weights (index: month)."""
        return self.shares().groupby(self.days["month"]).sum()

    def week_weights(self, month: int | None = None, *, raw: bool = False) -> pd.Series:
        """Return the sum of weights of each technical week (index: week_part)."""
        found = self.weights(month, raw=raw)
        return found.groupby(self.days.loc[found.index, "week_part"], sort=False).sum()

    def matrix(self, *, raw: bool = False) -> pd.DataFrame:
        """Return the weights as 12 months × 31 days; days a month lacks are NaN."""
        found = self.weights(raw=raw)
        cells = pd.Series(
            found.to_numpy(), index=[self.days["month"], pd.DatetimeIndex(found.index).day]
        )
        return cells.unstack().rename_axis(index="month", columns="day")

    def unit_weight_value(
        self, total: float, month: int | None = None, *, raw: bool = False
    ) -> float:
        """Return 单位权重值: a total over the sum of the weights; NaN where all weigh 0."""
        divisor = float(self.weights(month, raw=raw).sum())
        return total / divisor if divisor > 0 else float("nan")

    def event_frame(self) -> pd.DataFrame:
        """Return the events as a table, one row an event."""
        return event_frame(self.events)

    def milestones(self) -> pd.DataFrame:
        """Return lead-time tasks that fall due in the year: date, task."""
        due = [item for event in self.events if event.enabled for item in event.milestones()]
        inside = sorted(item for item in due if item[0].year == self.year)
        return pd.DataFrame(inside, columns=["date", "task"])

    def review_days(self, day: int = 25) -> list[date]:
        """Return the twelve review days (每月25日), each rolled to the nearest working day."""
        return [roll_to_workday(date(self.year, m, day), self.announced) for m in range(1, 13)]

    def last_year_weights(self, history: pd.Series | pd.DataFrame) -> pd.Series:
        """Return last year's shape over this year's days by comparable date (mean 1)."""
        days = self.days
        return alignment.align(daily(history), days["comparable"], days["weight"])


@cache
def _skeleton(year: int) -> pd.DataFrame:
    index = pd.date_range(f"{year}-01-01", f"{year}-12-31", name="date")
    iso = index.isocalendar().astype("int64")
    days = pd.DataFrame(index=index)
    days["weekday"] = iso["day"]
    days["weekday_cn"] = [WEEKDAYS[day - 1] for day in iso["day"]]
    days["iso_year"], days["iso_week"] = iso["year"], iso["week"]
    days["week_part"] = [
        f"{y}-W{w:02d}-{m:02d}" for y, w, m in zip(iso["year"], iso["week"], index.month, strict=True)
    ]  # fmt: skip
    days["month"], days["quarter"] = index.month, index.quarter
    return days


def _named(index: pd.DatetimeIndex, events: Iterable[Event]) -> pd.DataFrame:
    """Return for each day the events on it and their phases, joined by 、."""
    names: dict[date, list[str]] = {}
    phases: dict[date, list[str]] = {}
    for event in events:
        for day in event.days() if event.enabled else ():
            phase = event.phase(day)
            names.setdefault(day, []).append(event.label)
            phases.setdefault(day, []).append(phase.name if phase else "")
    days = [stamp.date() for stamp in index]
    joined = {
        "event": ["、".join(names.get(day, ())) for day in days],
        "event_phase": ["、".join(filter(None, phases.get(day, ()))) for day in days],
    }
    return pd.DataFrame(joined, index=index)


def _closed(days: pd.DataFrame, closed: Iterable[date], opened: Iterable[date]) -> pd.Series:
    shut = days["closed"] | days.index.isin(pd.DatetimeIndex(list(closed)))
    return shut & ~days.index.isin(pd.DatetimeIndex(list(opened)))


def calendar(  # noqa: PLR0913  # what an operator may state, all optional and named
    year: int,
    *,
    events: Iterable[Event] | None = None,
    history: pd.Series | pd.DataFrame | Learned | None = None,
    announced: Sequence[Announcement] = (),
    shape: Shape | None = None,
    multipliers: Mapping[date, float] | None = None,
    closed: Iterable[date] = (),
    opened: Iterable[date] = (),
) -> Calendar:
    """Return the calendar of a year.

    Args:
        year: The plan year; any year works.
        events: Editions to use; None for the default table. Editions of the year before
            serve the comparable days, and defaults of the same names stand in for them.
        history: Daily values (Series by date, or DataFrame with date and value), or what
            `learn_weights` made of them; replaces the default shape and the events' lifts.
        announced: Holidays typed or imported (`holidays_from_json`), later ones winning.
        shape: Weekday, month and holiday indices; wins over history and defaults.
        multipliers: Date → factor typed by the operator (1 = no change).
        closed: Dates without sales, weight 0.
        opened: Dates with sales in spite of a closed weekday.

    Raises:
        InputError: The year is not a year, a typed number is impossible, or nothing has weight.
    """
    if not _FIRST <= year <= _LAST:
        raise InputError(f"年份 {year} 不在 {_FIRST} 至 {_LAST} 之间")
    said = tuple(announced)
    everything = editions((year - 1, year, year + 1), events)
    learned = None if history is None else _learned(history, everything, said)
    used = touching(everything, year)
    if learned:
        used = tuple(learned.taught(event) for event in used)
    off, last = holidays(year, said), holidays(year - 1, said)
    days = _skeleton(year).join(off)
    days = days.join(_named(pd.DatetimeIndex(days.index), used))
    days["comparable"] = alignment.comparable(off, last, everything)
    chosen = shape or (learned.shape if learned else Shape())
    days = days.join(weights.factors(days, used, chosen))
    days["closed"] = _closed(days, closed, opened)
    problems = (*holiday_problems(year, off), *(learned.problems if learned else ()))
    made = Calendar(year, weights.weighed(days), used, learned, problems, said)
    return reweight(made, multipliers) if multipliers else made


def _learned(
    history: pd.Series | pd.DataFrame | Learned,
    events: tuple[Event, ...],
    said: tuple[Announcement, ...],
) -> Learned:
    from xlplan.plan.days.learning import Learned, learn_weights

    if isinstance(history, Learned):
        return history
    return learn_weights(history, events=events, announced=said)


def for_store(calendar: Calendar, learned: Learned) -> Calendar:
    """Return a shared calendar with one store's learned profile (much cheaper than a new one).

    What the operator typed stays; weekdays the store never sells on are closed as well.
    """
    events = tuple(learned.taught(event) for event in calendar.events)
    found = weights.factors(calendar.days, events, learned.shape)
    own = {name: found[name] for name in weights.LEARNABLE}
    days = calendar.days.assign(**own, closed=calendar.days["closed"] | found["closed"])
    problems = (*calendar.problems, *learned.problems)
    days = weights.weighed(days)
    return replace(calendar, days=days, events=events, learned=learned, problems=problems)


def with_members(
    calendar: Calendar,
    stores: Sequence[str],
    platforms: Mapping[str, str],
    shapes: Mapping[str, Shape] | None = None,
    shape: Shape | None = None,
) -> Calendar:
    """Return a calendar in which only those who take part in an event feel it.

    Events that nobody takes part in move no day. Stores whose events, lifts or shape are not
    the common ones get a calendar of their own; what was typed on days holds for all.

    Args:
        calendar: With all events and the common shape.
        stores: The book's stores.
        platforms: Store → platform, "" where it is not known.
        shapes: Store → its weekday, month and holiday indices, where they differ.
        shape: The common indices.
    """
    usual, own = shape or Shape(), shapes or {}
    events = calendar.events
    everybody = tuple(e for e in events if any(takes_part(e, s, platforms) for s in stores))
    common = (
        calendar if len(everybody) == len(events) else _felt(calendar, everybody, usual, usual)
    )
    made: dict[str, Calendar] = {}
    alike: list[tuple[tuple[Event, ...], Shape, Calendar]] = []
    for store in stores:
        mine, indices = joined_by(events, store, platforms), own.get(store, usual)
        if mine == everybody and indices == usual:
            continue
        found = next((each for had, like, each in alike if had == mine and like == indices), None)
        if found is None:
            found = replace(_felt(calendar, mine, indices, usual), events=mine)
            alike.append((mine, indices, found))
        made[store] = found
    if len(stores) == 1 and made:
        return replace(made[stores[0]], events=events, shapes=own)
    return replace(common, own=made, shapes=own) if made else common


def _felt(calendar: Calendar, events: tuple[Event, ...], shape: Shape, usual: Shape) -> Calendar:
    """Return the calendar as it is with just these events and indices; what was typed stays."""
    days = calendar.days
    index = pd.DatetimeIndex(days.index)
    named = days.assign(**{str(k): v for k, v in _named(index, events).items()})
    found = weights.factors(named, events, shape)
    always = days["weekday"].isin(usual.closed_weekdays)
    typed = days["closed"] & ~always  # what people closed, and weekdays they did not open
    shut = typed | (found["closed"] & ~(always & ~days["closed"]))
    factors = {name: found[name] for name in weights.LEARNABLE}
    return replace(calendar, days=weights.weighed(named.assign(**factors, closed=shut)))


def reweight(calendar: Calendar, multipliers: Mapping[date, float]) -> Calendar:
    """Return the calendar with multipliers typed on some days; totals never change.

    A multiplier replaces the one typed before on that day; 1 takes it back.

    Raises:
        InputError: A multiplier is negative or not a number, or its date is not of the year.
    """
    typed = weights.on_days(calendar.days, multipliers, "倍数")
    return replace(calendar, days=weights.edited(calendar.days, "multiplier", typed))


def with_weights(calendar: Calendar, raw: Mapping[date, float]) -> Calendar:
    """Return the calendar with raw weights typed on some days in place of the computed ones.

    A positive weight opens a closed day; 0 closes it for sales.

    Raises:
        InputError: A weight is negative or not a number, or its date is not of the year.
    """
    typed = weights.on_days(calendar.days, raw, "权重")
    shut = calendar.days["closed"].copy()
    shut.loc[typed.index] = typed == 0
    days = calendar.days.assign(closed=shut)
    return replace(calendar, days=weights.edited(days, "typed_weight", typed))
