"""On which day a duty falls due: off days never get work, and a make-up day does.

What is due on a day off moves: a weekday's task to the nearest working day of its week in the
same month (of two equally near the earlier; where there is none it falls away), a day of the month to the working day before. Days on which a campaign
itself opens, and weekend duty, stay where they are.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from xlplan.record import record
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

WEEKDAYS = "周一 周二 周三 周四 周五 周六 周日".split()
_DAY = regex(r"(\d{1,2})日(次日)?")
_DAY_OF = timedelta(days=1)


@record
class Due:
    """A day on which something is due, and the day it would be but for days off."""

    day: date
    meant: date

    @property
    def why(self) -> str:
        """Why it is not on its own day; "" when it is."""
        return "" if self.day == self.meant else f"{self.meant:%m-%d} 休"


def works(days: pd.DataFrame) -> Callable[[date], bool]:
    """Return whether the team works on a day.

    Args:
        days: The year's days (`Calendar.days`): published holidays, make-up days, closed days. A
            day outside the year counts by its weekday.
    """
    open_days = dict(
        zip(
            (stamp.date() for stamp in days.index),
            (days["is_workday"] & ~days["closed"].astype(bool)).tolist(),
            strict=True,
        )
    )
    return lambda day: bool(open_days.get(day, day.weekday() < 5))


def month_days(year: int, month: int) -> list[date]:
    """Return the days of a month."""
    first = date(year, month, 1)
    count = (date(year + month // 12, month % 12 + 1, 1) - first).days
    return [first + timedelta(days=n) for n in range(count)]


def before(day: date, works: Callable[[date], bool]) -> date:
    """Return the day, or the working day before it (within three weeks)."""
    for back in range(21):
        if works(day - timedelta(days=back)):
            return day - timedelta(days=back)
    return day


def after(day: date, works: Callable[[date], bool]) -> date:
    """Return the day, or the working day after it (within three weeks)."""
    for ahead in range(21):
        if works(day + timedelta(days=ahead)):
            return day + timedelta(days=ahead)
    return day


def in_week(day: date, works: Callable[[date], bool]) -> date | None:
    """Return the nearest working day of the day's week (Monday to Sunday) in its month, if any."""
    monday = day - timedelta(days=day.weekday())
    week = [each for n in range(7) if (each := monday + timedelta(days=n)).month == day.month]
    return min(filter(works, week), key=lambda each: (abs((each - day).days), each), default=None)


def weekly(year: int, month: int, when: str, works: Callable[[date], bool]) -> Iterator[Due]:
    """Yield the days of a month on which a weekday's task is due.

    A task belongs to the month of its own weekday. ``周末`` is due on Sundays, and on a make-up
    Sunday too.

    Args:
        year: The year.
        month: Its month.
        when: ``周一`` … ``周日`` or ``周末``.
        works: Whether the team works on a day.
    """
    for day in month_days(year, month):
        if when == "周末" and day.weekday() == 6:
            yield Due(day, day)
        elif WEEKDAYS[day.weekday()] == when:
            found = in_week(day, works)
            if found is not None:
                yield Due(found, day)


def monthly(year: int, month: int, when: str, works: Callable[[date], bool]) -> Due:
    """Return the day of a month on which a monthly task is due.

    Args:
        year: The year.
        month: Its month.
        when: ``月初`` (first working day), ``月底`` (last one), ``25日`` (that day or the working day
            before) or ``25日次日`` (the working day after that one).
        works: Whether the team works on a day.

    Raises:
        ValueError: Another word.
    """
    listed = month_days(year, month)
    if when == "月初":
        return Due(after(listed[0], works), listed[0])
    if when == "月底":
        return Due(before(listed[-1], works), listed[-1])
    match = _DAY.fullmatch(when)
    if match is None:
        raise ValueError(when)
    meant = listed[min(int(match[1]), len(listed)) - 1]
    due = before(meant, works)
    if match[2]:
        return Due(after(due + _DAY_OF, works), meant + _DAY_OF)
    return Due(due, meant)


def week_ends(year: int, month: int, works: Callable[[date], bool]) -> list[tuple[date, int]]:
    """Return (last working day, how many working days) of each week's part of a month."""
    weeks: dict[int, list[date]] = {}
    for day in month_days(year, month):
        if works(day):
            weeks.setdefault((day - timedelta(days=day.weekday())).toordinal(), []).append(day)
    return [(listed[-1], len(listed)) for listed in weeks.values()]
