"""Campaigns as data: dates, phases, lift by day, budget share, lead times. All of it is editable.

A lift is how many times an ordinary day's sales a day of the event brings; it is
kept by offset (days from the anchor). Between two editions of an event, days
correspond phase by phase (`corresponding_day`), so a wave that starts earlier
this year still meets last year's wave.
"""

from __future__ import annotations

from dataclasses import field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from xlplan.errors import InputError
from xlplan.metrics.platforms import listed_platforms
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@record
class Phase:
    """A stretch of an event: name and first and last offset from the anchor, in days."""

    name: str
    start: int
    end: int

    @property
    def days(self) -> int:
        """Number of days."""
        return self.end - self.start + 1


@record
class LeadTime:
    """A task due some days before the event starts: T-7 规则同步客服."""

    days_before: int
    task: str


#: What people write of a campaign besides its days: who and what, and what no export says.
ABOUT_TEXTS = {"owner": "负责人", "hero": "主推款", "play": "玩法"}
ABOUT_NUMBERS = {
    "new_target": "新客目标",
    "presale_target": "预售占比目标",
    "presale": "预售占比实际",
    "member_target": "会员占比目标",
    "member": "会员占比实际",
}


@record
class Event:
    """One edition of a campaign.

    Attributes:
        name: What it is called; editions of different years share it.
        anchor: The day offsets count from (春节, 6/18, 11/11 …); its year names the edition.
        start: First day of sale.
        end: Last day of sale.
        phases: Stretches by offset; they may reach beyond start and end (预热, 回落).
        lift: Offset → multiplier of an ordinary day's weight; days not named count 1.
        budget_share: Share of the year's promotion money that its days from start to end get, 0 to 1;
            0 for what the sales of these days would get.
        lead_times: Tasks before the start.
        platform: Where it runs, such as 天猫、京东; "全平台" for everywhere.
        enabled: A disabled event is listed and moves nothing.
        provisional: The dates are a pattern, not an announcement (预估).
        stores: The stores that take part; empty for all of its platform.
        store_lift: Store → lifts of its own, by offset; days not named there have the event's.
        about: What else people wrote of it: `ABOUT_TEXTS` and `ABOUT_NUMBERS` by key.
    """

    name: str
    anchor: date
    start: date
    end: date
    phases: tuple[Phase, ...] = ()
    lift: Mapping[int, float] = field(default_factory=dict)
    budget_share: float = 0.0
    lead_times: tuple[LeadTime, ...] = ()
    platform: str = "全平台"
    enabled: bool = True
    provisional: bool = False
    stores: tuple[str, ...] = ()
    store_lift: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    about: Mapping[str, str | float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise InputError(f"活动“{self.name}”的结束日 {self.end} 早于开始日 {self.start}")
        if any(phase.end < phase.start for phase in self.phases):
            raise InputError(f"活动“{self.name}”有阶段的结束早于开始")
        lifts = [self.lift, *self.store_lift.values()]
        if not all(0 <= value < float("inf") for lift in lifts for value in lift.values()):
            raise InputError(f"活动“{self.name}”的倍数必须是不小于 0 的数")

    @property
    def label(self) -> str:
        """Its name, with who takes part where that is not everybody."""
        places = listed_platforms(self.platform)
        who = [*places, *(self.stores if len(self.stores) < 3 else (f"{len(self.stores)}店",))]
        return f"{self.name}（{'/'.join(who)}）" if who else self.name

    def of_store(self, store: str) -> Event:
        """Return the event with the lifts that hold for one store."""
        own = self.store_lift.get(store)
        return replace(self, lift={**self.lift, **own}, store_lift={}) if own else self

    @property
    def edition(self) -> int:
        """The year this edition belongs to."""
        return self.anchor.year

    @property
    def first(self) -> date:
        """First day the event touches, lead-in included."""
        return min(self.start, self.day(min(self._offsets(), default=0)))

    @property
    def last(self) -> date:
        """Last day the event touches, after-dip included."""
        return max(self.end, self.day(max(self._offsets(), default=0)))

    def _offsets(self) -> list[int]:
        ends = [offset for phase in self.phases for offset in (phase.start, phase.end)]
        own = (offset for lift in self.store_lift.values() for offset in lift)
        return [*ends, *self.lift, *own]

    def day(self, offset: int) -> date:
        """Return the date at an offset from the anchor."""
        return self.anchor + timedelta(days=offset)

    def offset(self, day: date) -> int:
        """Return how many days after the anchor a date is."""
        return (day - self.anchor).days

    def days(self) -> list[date]:
        """Return every day the event touches, in order."""
        first = self.first
        return [first + timedelta(days=i) for i in range((self.last - first).days + 1)]

    def phase(self, day: date) -> Phase | None:
        """Return the phase of a day: the first that holds it."""
        at = self.offset(day)
        return next((phase for phase in self.phases if phase.start <= at <= phase.end), None)

    def milestones(self) -> list[tuple[date, str]]:
        """Return the dates by which each lead-time task is due."""
        due = [(self.start - timedelta(days=lead.days_before), lead) for lead in self.lead_times]
        return sorted(
            (day, f"{self.name} T{-lead.days_before:+d} {lead.task}") for day, lead in due
        )


def _position(i: int, days: int, other: int) -> int:
    """Place day i of a phase of `days` in the same phase of `other` days.

    A shorter phase keeps offsets from its nearer end; a longer one is stretched.
    """
    if days > other:
        return round(i * (other - 1) / (days - 1))
    return i if 2 * i < days else other - days + i


def corresponding_day(day: date, target: Event, source: Event) -> date:
    """Return the day of `source` that plays the part `day` plays in `target`.

    Inside a phase that both have, first meets first and last meets last, and days
    between keep their offset from the nearer end (stretched where the phase is longer
    than it was); elsewhere days keep their offset from the anchor.
    """
    phase = target.phase(day)
    twin = next((p for p in source.phases if phase and p.name == phase.name), None)
    if phase is None or twin is None:
        return source.day(target.offset(day))
    i = target.offset(day) - phase.start
    return source.day(twin.start + _position(i, phase.days, twin.days))


def borrowed_lift(target: Event, source: Event) -> dict[int, float]:
    """Return the lifts of `source` at the offsets of `target` that play the same part."""
    lifts = {
        target.offset(day): source.lift.get(source.offset(corresponding_day(day, target, source)))
        for day in target.days()
        if target.phase(day) or not target.phases
    }
    return {offset: lift for offset, lift in lifts.items() if lift is not None}


def rescheduled(event: Event, phases: Sequence[Phase], *, start: date, end: date) -> Event:
    """Return the event with new dates and phases; its lifts move with the phases."""
    moved = replace(event, phases=tuple(phases), start=start, end=end, lift={}, provisional=False)
    return replace(moved, lift=borrowed_lift(moved, event))


def in_year(event: Event, year: int) -> Event:
    """Return the event on the same month and day of another year, marked 预估."""
    leap_day = (event.anchor.month, event.anchor.day) == (2, 29)
    anchor = event.anchor.replace(year=year, day=28 if leap_day else event.anchor.day)
    start, end = (anchor + (day - event.anchor) for day in (event.start, event.end))
    return replace(event, anchor=anchor, start=start, end=end, provisional=True)


def touching(events: Iterable[Event], year: int) -> tuple[Event, ...]:
    """Return the events with at least one day in the year, by first day."""
    found = [event for event in events if event.first.year <= year <= event.last.year]
    return tuple(sorted(found, key=lambda event: (event.first, event.name)))
