"""The same time of day beside every date: a clock that was shifted, or one to ask about."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from xlplan.record import record
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

_STAMPED = regex(r"(.*?[\d日号])[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(?:\+08:?00)?")
_DAY = 86_400
_NOON = dt.time(12)
#: Local midnight as programs in China write it: as UTC, and 43 seconds short, because old
#: libraries take Shanghai's time of before 1901 (UTC+8:05:43).
_NEXT_DAY = (dt.time(16), dt.time(15, 59, 17), dt.time(23, 59, 17), dt.time(15, 54, 17))
#: UTC's midnight on a clock in China, the same 43 seconds over, and noon: the day is the day.
_SAME_DAY = (dt.time(8), dt.time(8, 5, 43), dt.time(0, 0, 43), dt.time(0, 5, 43), _NOON)


@record
class Shift:
    """What a constant time of day says.

    Attributes:
        time: The time.
        days: What to add to each date: 0 or 1; None when it cannot be told.
    """

    time: dt.time
    days: int | None


def time_of(cell: object) -> dt.time | None:
    """Return the time of day of a date cell to the second, midnight for a plain date, None for others."""
    if isinstance(cell, dt.datetime):
        near = cell + dt.timedelta(milliseconds=500)
        return near.replace(microsecond=0).time()
    if isinstance(cell, dt.date):
        return dt.time()
    if isinstance(cell, float) and 36_000 < cell < 73_050:
        seconds = round(cell % 1 * _DAY) % _DAY
        return dt.time(seconds // 3600, seconds // 60 % 60, seconds % 60)
    if isinstance(cell, str) and (found := _STAMPED.fullmatch(cell.strip())):
        hour, minute, second = (int(part or 0) for part in found.group(2, 3, 4))
        return dt.time(hour, minute, second) if hour < 24 and max(minute, second) < 60 else None
    return None


def shift_of(cells: Iterable[object], *, rows_are_days: bool) -> Shift | None:
    """Return what the time beside all the dates of a column says; None when there is none.

    Args:
        cells: The date column.
        rows_are_days: Whether dates have no time of their own; orders, which have one, have a
            constant one only by a shifted clock, and then on several days.
    """
    times: set[dt.time] = set()
    days: set[str] = set()
    count = 0
    for cell in cells:
        time = time_of(cell)
        if time is None:
            continue
        count += 1
        times.add(time)
        days.add(str(cell)[:10])
        if len(times) > 1:
            return None
    if not times or times == {dt.time()}:
        return None
    (time,) = times
    shifted = 1 if time in _NEXT_DAY else 0 if time in _SAME_DAY else None
    enough = len(days) > 1 or (rows_are_days and shifted is not None)
    return Shift(time, shifted) if enough and (rows_are_days or count > 1) else None
