"""The daily sales a forecast is made from, with closed days and campaigns as people typed them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from xlplan.record import bundle, record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xlplan.plan.days.events import Event
    from xlplan.plan.exact.units import Bools, Floats, Ints

#: Days that must be known before anything is foreseen (three weeks).
LEAST_DAYS = 21


@record
class EventDay:
    """One day of one edition of a campaign.

    Attributes:
        name: The campaign; editions share it.
        anchor: The day offsets count from.
        offset: Days after the anchor.
        lift: Expected multiple of an ordinary day; NaN where nobody said.
    """

    name: str
    anchor: date
    offset: int
    lift: float = float("nan")

    @property
    def day(self) -> date:
        """The date."""
        return self.anchor + timedelta(days=self.offset)


@bundle
class SalesHistory:
    """Daily sales from a first day on.

    Attributes:
        first: Date of the first value.
        values: (days,) sales; NaN is not known, 0 is a day without sales.
        closed: Days without trade, past and to come.
        events: Days of campaigns, past and to come.
    """

    first: date
    values: Floats
    closed: frozenset[date] = frozenset()
    events: tuple[EventDay, ...] = ()

    @property
    def last(self) -> date:
        """Date of the last value."""
        return self.first + timedelta(days=len(self.values) - 1)

    def place(self, day: date) -> int:
        """Return the position of a date; beyond the last value when it is to come."""
        return (day - self.first).days

    def until(self, day: date) -> SalesHistory:
        """Return what was known at the end of a day."""
        return SalesHistory(
            self.first, self.values[: self.place(day) + 1], self.closed, self.events
        )

    def shut(self, days: int) -> Bools:
        """Return which of the first `days` days are closed."""
        start = self.first.toordinal()
        places = np.array([day.toordinal() - start for day in self.closed], dtype=np.int64)
        mask = np.zeros(days, dtype=bool)
        mask[places[(places >= 0) & (places < days)]] = True
        return mask

    def weekdays(self, days: int) -> Ints:
        """Return the weekday (0 is Monday) of the first `days` days."""
        return (self.first.weekday() + np.arange(days)) % 7

    @cached_property
    def known(self) -> int:
        """How many days are known and were open."""
        return int((~np.isnan(self.values) & ~self.shut(len(self.values))).sum())


def event_days(events: Iterable[Event]) -> tuple[EventDay, ...]:
    """Return the days of the enabled campaigns of a plan; a campaign without lifts has none expected."""
    found: list[EventDay] = []
    for event in events:
        if event.enabled and not event.lift:
            found += [
                EventDay(event.name, event.anchor, event.offset(day)) for day in event.days()
            ]
        elif event.enabled:
            found += [
                EventDay(event.name, event.anchor, k, lift) for k, lift in event.lift.items()
            ]
    return tuple(found)


def lacking(history: SalesHistory) -> str:
    """Return in Chinese what is missing before anything can be foreseen; "" when it is enough."""
    if history.known < LEAST_DAYS:
        short = LEAST_DAYS - history.known
        return f"只有 {history.known} 天实际，至少要 {LEAST_DAYS} 天才能预测，还差 {short} 天"
    recent = history.values[-3 * LEAST_DAYS :]
    if np.isnan(recent).all():
        return f"最近 {len(recent)} 天没有实际，没有可以外推的水平"
    if not np.nansum(recent) > 0:
        return "最近的实际全是 0，没有可以外推的水平"
    return ""


def joined(parts: Sequence[str], most: int = 5) -> str:
    """Return names joined by 、, the first few and how many in all."""
    more = f" 等 {len(parts)} 个" if len(parts) > most else ""
    return "、".join(parts[:most]) + more
