"""可比日期: which day of the year before a day is to be compared with.

Event days meet the same part of last year's edition of the event, holidays the
same offset from the festival, other days the nearest same weekday (364 days
before) that is neither event nor holiday last year. Every day has exactly one.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.plan.days.events import Event, corresponding_day
from xlplan.plan.days.festivals import festival

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

#: Weeks to look around the same weekday of last year, nearest first, earlier first.
_WEEKS = sorted(range(-8, 9), key=lambda week: (abs(week), week))


def _force(event: Event, day: date) -> tuple[float, int]:
    """Rank the claim of an event on a day: how far it moves sales, then how near its anchor is."""
    lift = max(event.lift.get(event.offset(day), 1.0), 1e-6)
    return abs(float(np.log(lift))), -abs(event.offset(day))


def leading_events(events: Iterable[Event]) -> dict[date, Event]:
    """Return for each event day the enabled event that moves it most."""
    leading: dict[date, Event] = {}
    for event in events:
        for day in event.days() if event.enabled else ():
            if day not in leading or _force(event, day) > _force(leading[day], day):
                leading[day] = event
    return leading


def _same_weekday(day: date, taken: Callable[[date], bool]) -> date:
    """Return the nearest same weekday of the year before that is not taken."""
    base = day - timedelta(days=364)
    near = (base + timedelta(weeks=week) for week in _WEEKS)
    inside = (at for at in near if at.year == day.year - 1)
    first = next(inside)
    return next((at for at in chain([first], inside) if not taken(at)), first)


def _by_event(day: date, event: Event | None, last: dict[tuple[str, int], Event]) -> date | None:
    twin = last.get((event.name, event.edition - 1)) if event else None
    if event is None or twin is None:
        return None
    return corresponding_day(day, event, twin)


def _by_offset(day: date, name: str) -> date | None:
    """Return the day at the same offset from the same festival, one year before."""
    pairs = ((festival(name, day.year + k), festival(name, day.year + k - 1)) for k in (0, 1))
    known = ((this, last) for this, last in pairs if this and last)
    offsets = [(abs((day - this).days), last + (day - this)) for this, last in known]
    return min(offsets)[1] if offsets else None


def _by_holiday(day: date, name: str, last: Mapping[date, str]) -> date | None:
    """Return the day of last year's break that stands as far from the festival, or nearest to it."""
    at = _by_offset(day, name)
    if at is None or at in last:
        return at
    return min((d for d in last if last[d] == name), key=lambda d: abs(d - at), default=at)


def comparable(
    this: pd.DataFrame, last: pd.DataFrame, events: Sequence[Event]
) -> pd.DatetimeIndex:
    """Return each day's comparable day, always a day of the year before.

    Args:
        this: The year's holidays (see `holidays.holidays`).
        last: Those of the year before.
        events: Editions of this year and of the year before; only enabled ones count.
    """
    leading = leading_events(events)
    editions = {(event.name, event.edition): event for event in events if event.enabled}
    breaks, makeups = _names(last[last["is_holiday"]]), _names(last[last["is_makeup"]])

    def taken(at: date) -> bool:
        return at in leading or at in breaks or at in makeups

    def one(day: date, name: str) -> date:
        by_event = _by_event(day, leading.get(day), editions)
        by_holiday = _by_holiday(day, name, breaks) if name else None
        found = (at for at in (by_event, by_holiday) if at and at.year == day.year - 1)
        return next(found, None) or _same_weekday(day, taken)

    names = _names(this.assign(holiday=this["holiday"].where(this["is_holiday"], "")))
    return pd.DatetimeIndex([one(day, name) for day, name in names.items()])


def _names(days: pd.DataFrame) -> dict[date, str]:
    dates = [stamp.date() for stamp in pd.DatetimeIndex(days.index)]
    return dict(zip(dates, days["holiday"], strict=True))


def align(history: pd.Series, comparable_days: pd.Series, fallback: pd.Series) -> pd.Series:
    """Return last year's shape laid over this year's days, as weights that average 1.

    Args:
        history: Values by date; missing days are NaN or absent, negative ones count 0.
        comparable_days: Date → its comparable day (the column of the calendar).
        fallback: Date → weight, used (scaled) where the comparable day has no value.
    """
    last = history.reindex(pd.DatetimeIndex(comparable_days)).clip(lower=0)
    values = pd.Series(last.to_numpy(dtype=float), index=comparable_days.index)
    seen = values.notna()
    base = fallback[seen].sum()
    scale = values[seen].sum() / base if base > 0 else 1.0
    filled = values.fillna(fallback * (scale if scale > 0 else 1.0))
    return filled / filled.mean()
