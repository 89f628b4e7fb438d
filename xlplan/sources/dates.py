"""The one date grammar: what day, or span of days, a cell says.

Business dates come from cells; a date in a file name is only the collection day.
Nothing is guessed: a year, or the order of ``09-01-26``, is declared or the cell is refused.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from calendar import monthrange
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from xlplan.record import record
from xlplan.regex import regex
from xlplan.sources.text import Unread, clean, error_cell, has_strange_digits, is_error, is_missing

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Order of day, month, year in dates such as ``09-01-26``; ``ymd`` refuses them.
Order = Literal["ymd", "mdy", "dmy"]

_EPOCH = dt.date(1899, 12, 30)
_SHIFT_1904 = 1462
_FIRST, _LAST = dt.date(2000, 1, 1), dt.date(2099, 12, 31)
_DAYS = "一二三四五六日"

_WEEKDAY = regex(r" *(?:\(?(?:周|星期|礼拜)([一二三四五六日天])\)?|\(([一二三四五六日天])\)) *")
_TIME = regex(r"(?<=[\d日号])[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)? *(Z|[+-]\d{2}:?\d{2})?$")
_FORMS = (
    regex(r"(?P<y>\d{4})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})"),
    regex(r"(?P<y>\d{4}|\d{2})年 ?(?P<m>\d{1,2})月 ?(?P<d>\d{1,2})[日号]?"),
    regex(r"(?P<y>20\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:\d{6})?"),
    regex(r"(?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"),
    regex(r"(?P<m>\d{1,2})月 ?(?P<d>\d{1,2})[日号]?"),
    regex(r"(?P<d>\d{1,2})[日号]"),
)
_ORDERED = {
    "mdy": regex(r"(?P<m>\d{1,2})(?P<s>[-/.])(?P<d>\d{1,2})(?P=s)(?P<y>\d{4}|\d{2})"),
    "dmy": regex(r"(?P<d>\d{1,2})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<y>\d{4}|\d{2})"),
}
_MONTHS = (
    regex(r"(?P<y>20\d{2})[-/.](?P<m>\d{1,2})"),
    regex(r"(?:(?P<y>\d{4}|\d{2})年 ?)?(?P<m>\d{1,2})月(?:份)?"),
    regex(r"(?P<y>20\d{2})(?P<m>\d{2})"),
)
_STAMP = regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?: [0-9]{1,2}:[0-9]{2}:[0-9]{2})?")
_SPLIT = regex(r" *(?:~|至|到|\u2013|\u2014|--) *| +- +|-")


@record
class Span:
    """First and last day, both included; a single day is a span of one."""

    start: dt.date
    end: dt.date

    def __len__(self) -> int:
        return (self.end - self.start).days + 1


@record
class DateHints:
    """What the place around a cell says about its dates.

    Attributes:
        year: Year of dates written without one.
        month: Month of dates written as ``3日``.
        order: Declared order of all-digit dates with a two-digit year.
        date1904: Serial numbers count from 1904 (workbooks made on old Macs).
    """

    year: int | None = None
    month: int | None = None
    order: Order = "ymd"
    date1904: bool = False


_NO_HINTS = DateHints()


def parse_date(cell: object, hints: DateHints = _NO_HINTS) -> dt.date | Unread | None:
    """Read a cell that names one day; None when missing, a reason when it is not one day."""
    span = parse_span(cell, hints)
    if isinstance(span, Span):
        if span.start == span.end:
            return span.start
        return Unread("many_days", f"「{clean(cell)}」是 {len(span)} 天的区间，不是一天")
    return span


def parse_span(cell: object, hints: DateHints = _NO_HINTS) -> Span | Unread | None:
    """Read a cell that names a day, a month or a range of days."""
    if is_missing(cell):
        return None
    if isinstance(cell, dt.date):
        return _one(cell.date() if isinstance(cell, dt.datetime) else cell)
    if isinstance(cell, bool):
        return Unread("boolean", f"「{str(cell).upper()}」是逻辑值，不是日期")
    if isinstance(cell, int | float):
        return _from_number(float(cell), hints)
    if isinstance(cell, str) and _STAMP.fullmatch(cell):
        return _from_stamp(cell[:10])
    return _from_raw(clean(cell), hints)


@lru_cache(maxsize=4096)
def _from_stamp(day: str) -> Span | Unread:
    """Read the day of ``2026-09-01`` and ``2026-09-01 10:00:30``: most cells of most exports."""
    try:
        return _one(dt.date.fromisoformat(day))
    except ValueError:
        return Unread("no_such_day", f"没有「{day}」这一天")


@lru_cache(maxsize=4096)
def _from_raw(text: str, hints: DateHints) -> Span | Unread:
    if is_error(text):
        return error_cell(text)
    if has_strange_digits(text):
        return Unread("strange_digit", f"「{text}」含特殊数字字符")
    return _from_text(unicodedata.normalize("NFKC", text), hints)


def day_headers(
    cells: Sequence[object], hints: DateHints = _NO_HINTS
) -> list[dt.date | Unread | None]:
    """Read a header row of days, where ``9.1`` typed as a *number* is also a day.

    9.1 may be 1 or 10 September; such numbers are read only when the whole run of
    two or more cells is consecutive days that way, else each is refused.
    """
    read = [parse_date(cell, hints) for cell in cells]
    choices = [_choices(cell, day, hints) for cell, day in zip(cells, read, strict=True)]
    filled = [index for index, options in enumerate(choices) if options]
    if len(filled) < 2 or filled[-1] - filled[0] + 1 != len(filled):
        return read
    first = filled[0]
    for start in choices[first]:
        if all(start + dt.timedelta(index - first) in choices[index] for index in filled):
            return [
                start + dt.timedelta(index - first) if index in filled else day
                for index, day in enumerate(read)
            ]
    return read


def _choices(cell: object, day: object, hints: DateHints) -> list[dt.date]:
    if isinstance(day, dt.date):
        return [day]
    if isinstance(cell, bool) or not isinstance(cell, int | float) or not 1 < cell < 13:
        return []
    month, _, tail = f"{cell:.2f}".partition(".")
    days = {int(tail), int(tail[0])} if tail.endswith("0") else {int(tail)}
    read = [parse_date(f"{month}月{number}日", hints) for number in sorted(days)]
    return [found for found in read if isinstance(found, dt.date)]


def _from_number(value: float, hints: DateHints) -> Span | Unread:
    if math.isfinite(value):
        if value.is_integer() and 200_000 <= value <= 99_999_999:
            return _from_text(str(int(value)), hints)
        # Half a second of float noise before midnight belongs to the next day.
        day = math.floor(value + 5e-6) + (_SHIFT_1904 if hints.date1904 else 0)
        if (_FIRST - _EPOCH).days <= day <= (_LAST - _EPOCH).days:
            return _one(_EPOCH + dt.timedelta(day))
    return Unread("not_a_date", f"数字 {value!r} 不是日期，请写成 2026-09-01 的样子")


def _from_text(text: str, hints: DateHints) -> Span | Unread:
    bare, weekday = _take_weekday(text)
    if (zone := _TIME.search(bare)) and zone[1] not in (None, "+08:00", "+0800"):
        return Unread("time_zone", f"「{text}」不是北京时间")
    bare = _TIME.sub("", bare).strip()
    span = _day(bare, hints) or _month(bare, hints) or _range(bare, hints)
    if span is None and re.fullmatch(r"\d{5}", bare):
        return _from_number(float(bare), hints)
    if span is None:
        return Unread("not_a_date", f"「{text}」不是可识别的日期")
    return _check_weekday(span, weekday, text)


def _take_weekday(text: str) -> tuple[str, str]:
    found = _WEEKDAY.search(text)
    if not found or found.span() == (0, len(text)):
        return text, ""
    return _WEEKDAY.sub(" ", text, count=1).strip(), (found[1] or found[2]).replace("天", "日")


def _check_weekday(span: Span | Unread, weekday: str, text: str) -> Span | Unread:
    if isinstance(span, Span) and weekday and _DAYS[span.start.weekday()] != weekday:
        real = _DAYS[span.start.weekday()]
        return Unread("weekday", f"「{text}」：{span.start} 是周{real}，不是周{weekday}")
    return span


def _day(text: str, hints: DateHints) -> Span | Unread | None:
    forms = (*_FORMS, _ORDERED[hints.order]) if hints.order in _ORDERED else _FORMS
    for form in forms:
        if found := form.fullmatch(text):
            return _build(text, found.groupdict(), hints)
    if any(form.fullmatch(text) for form in _ORDERED.values()):
        return Unread("ambiguous", f"「{text}」的年月日顺序不明，请声明顺序或写成 2026-09-01")
    return None


def _month(text: str, hints: DateHints) -> Span | Unread | None:
    for form in _MONTHS:
        if found := form.fullmatch(text):
            first = _build(text, {**found.groupdict(), "d": "1"}, hints)
            if isinstance(first, Unread):
                return first
            start = first.start
            return Span(start, start.replace(day=monthrange(start.year, start.month)[1]))
    return None


def _build(text: str, parts: dict[str, str | None], hints: DateHints) -> Span | Unread:
    year, month = parts.get("y") or hints.year, parts.get("m") or hints.month
    if not year or not month:
        return Unread("no_year", f"「{text}」没有写{'月份' if year else '年份'}，表里也看不出来")
    number = int(year) + 2000 if int(year) < 100 else int(year)
    try:
        day = dt.date(number, int(month), int(parts["d"] or 0))
    except ValueError:
        return Unread("no_such_day", f"没有「{text}」这一天")
    return _one(day)


def _one(day: dt.date) -> Span | Unread:
    if not _FIRST <= day <= _LAST:
        return Unread("out_of_range", f"日期 {day} 不在 2000 到 2099 年之间")
    return Span(day, day)


def _range(text: str, hints: DateHints) -> Span | Unread | None:
    sides = [side.strip() for side in _SPLIT.split(text)]
    if len(sides) != 2:
        sides = [side.strip() for side in re.split(r" *[~至到] *| +- +", text)]
    if len(sides) != 2 or (start := _day(_TIME.sub("", sides[0]), hints)) is None:
        return None
    if isinstance(start, Unread):
        return start
    near = replace(hints, year=start.start.year, month=start.start.month)
    end = _day(_TIME.sub("", sides[1]), near)
    if isinstance(end, Span) and end.end < start.start:
        return Unread("reversed", f"「{text}」起止日期颠倒")
    return Span(start.start, end.end) if isinstance(end, Span) else end
