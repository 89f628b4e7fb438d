"""Positions and dates as Excel writes them: A1 names, ranges, date serials.

Rows and columns are 1-based. A serial counts days from 1899-12-30 (from
1904-01-01 in books that use the 1904 system); serials 1–59 are one less than
that count, because Excel keeps the Lotus day 1900-02-29, which never was.
"""

from __future__ import annotations

import datetime as dt
from functools import cache, lru_cache
from typing import NamedTuple

from xlplan.regex import regex

MAX_ROW = 1_048_576
MAX_COL = 16_384
#: The first serial after 9999-12-31.
END_SERIAL = 2_958_466

_CELL = regex(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")
_EPOCH = {
    False: dt.datetime(1899, 12, 30),
    True: dt.datetime(1904, 1, 1),
}  # sheet dates have no zone
_SHIFT_1904 = 1462
_LOTUS_LEAP_DAY = 60


class CellRange(NamedTuple):
    """A block of cells, corners included, 1-based."""

    top: int
    left: int
    bottom: int
    right: int

    def holds(self, row: int, col: int) -> bool:
        """Whether the cell lies inside."""
        return self.top <= row <= self.bottom and self.left <= col <= self.right

    def overlaps(self, other: CellRange) -> bool:
        """Whether the two blocks share a cell."""
        apart = self.bottom < other.top or other.bottom < self.top
        return not (apart or self.right < other.left or other.right < self.left)

    def with_cell(self, row: int, col: int) -> CellRange:
        """Return the smallest block that also holds (row, col)."""
        return CellRange(
            min(self.top, row), min(self.left, col), max(self.bottom, row), max(self.right, col)
        )

    def __str__(self) -> str:
        first = cell_name(self.top, self.left)
        last = cell_name(self.bottom, self.right)
        return first if first == last else f"{first}:{last}"


@cache
def column_name(col: int) -> str:
    """Return the letters of column `col` (1 → A); ValueError outside the grid."""
    if not 1 <= col <= MAX_COL:
        raise ValueError(f"column {col} is outside the grid")
    letters = ""
    while col:
        col, rest = divmod(col - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@cache
def column_index(letters: str) -> int:
    """Return the number of a column given by letters (A → 1); ValueError outside the grid."""
    col = 0
    for letter in letters.upper():
        col = col * 26 + ord(letter) - 64
    if not 1 <= col <= MAX_COL:
        raise ValueError(f"column {letters} is outside the grid")
    return col


def cell_name(row: int, col: int) -> str:
    """Return the A1 name of a cell (2, 3 → C2)."""
    return f"{column_name(col)}{row}"


def parse_cell(name: str) -> tuple[int, int]:
    """Return (row, col) of an A1 name, dollars allowed; ValueError if it is none."""
    found = _CELL.fullmatch(name)
    if not found or int(found[2]) > MAX_ROW:
        raise ValueError(f"{name!r} is not a cell")
    return int(found[2]), column_index(found[1])


def parse_range(name: str) -> CellRange:
    """Return the block of ``A1:C3`` or ``A1``; ValueError if it is none."""
    first, _, last = name.partition(":")
    top, left = parse_cell(first)
    bottom, right = parse_cell(last) if last else (top, left)
    if bottom < top or right < left:
        raise ValueError(f"{name!r} is not a range")
    return CellRange(top, left, bottom, right)


def to_serial(day: dt.date, *, date1904: bool = False) -> float:
    """Return the serial of a date or datetime (naive; days, with the time as a fraction)."""
    if not isinstance(day, dt.datetime):
        day = dt.datetime(day.year, day.month, day.day)  # sheet dates have no zone
    gone = day.replace(tzinfo=None) - _EPOCH[date1904]
    serial = gone.days + gone.seconds / 86_400 + gone.microseconds / 86_400_000_000
    return serial - 1 if not date1904 and serial <= _LOTUS_LEAP_DAY else serial


def to_datetime(serial: float, *, date1904: bool = False) -> dt.datetime | None:
    """Return the moment of a serial to the millisecond, or None if there is none.

    There is none below 1 (0 in the 1904 system), from 2958466 on, and for the day 60.
    """
    first, end = (0, END_SERIAL - _SHIFT_1904) if date1904 else (1, END_SERIAL)
    if not first <= serial < end:
        return None
    if not date1904 and serial < _LOTUS_LEAP_DAY + 1:
        if serial >= _LOTUS_LEAP_DAY:
            return None
        serial += 1
    days = int(serial)
    milliseconds = round((serial - days) * 86_400_000)
    try:
        return _EPOCH[date1904] + dt.timedelta(days=days, milliseconds=milliseconds)
    except OverflowError:  # rounded up past 9999-12-31
        return None


@lru_cache(maxsize=4096)
def serial_to_date(serial: float, *, date1904: bool = False) -> dt.date | None:
    """Return the day of a serial, or None if there is none (see `to_datetime`)."""
    moment = to_datetime(serial, date1904=date1904)
    return None if moment is None else moment.date()
