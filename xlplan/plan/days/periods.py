"""Spans of days by name: 全年, Q3, 9月, 第36周, 2027-W36, 9月9日, 9月1日-9月15日, or a campaign."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import TYPE_CHECKING

from xlplan.errors import InputError
from xlplan.record import record
from xlplan.regex import regex

if TYPE_CHECKING:
    from xlplan.plan.calendar import Calendar

FORMS = "全年、上半年、Q3、9月、9月上旬、第36周（2027-W36）、9月9日、2027-09-09、9月1日-9月15日，或“活动”表里的活动名"
_QUARTER = regex(r"(?:q|第)?([1-4一二三四])(?:季度|季)?|q([1-4])", re.IGNORECASE)
_THIRD = regex(r"(\d{1,2})月(?:份)?([上中下])旬")
_MONTH = regex(r"(\d{1,2})月(?:份)?")
_WEEK = regex(r"(?:(\d{4})-?)?(?:w|第)(\d{1,2})(?:周)?|(\d{1,2})周", re.IGNORECASE)
_DAY = regex(r"(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})[日号]?")
_RANGE = regex(r"(.+?)\s*(?:到|至|~|—|–|\.\.|(?<=[日号月])-)\s*(.+)")
_YEAR = regex(r"(\d{4})年(?=.)")
_HALVES = {"上半年": (1, 6), "下半年": (7, 12)}


@record
class Period:
    """Days from `first` to `last`, and what people call them."""

    first: date
    last: date
    label: str

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1


def parse_period(text: str, calendar: Calendar) -> Period:
    """Return the days a text means; empty means the whole year.

    Raises:
        InputError: It is none of the forms, or lies outside the year.
    """
    plain = unicodedata.normalize("NFKC", str(text)).strip()
    year = calendar.year
    if plain in ("", "全年", "年", str(year), f"{year}年"):
        return months(year, 1, 12, "全年")
    outside = InputError(f"“{text}”不在 {year} 年之内", f"请写 {year} 年里的日子，先写早的一天")
    if said := _YEAR.match(plain):
        if int(said[1]) != year:
            raise outside
        plain = plain[said.end() :]
    if plain in _HALVES:
        return months(year, *_HALVES[plain], plain)
    found = _named(plain, calendar) or _dated(plain, calendar) or _campaign(plain, calendar)
    if found is None:
        raise InputError(f"看不懂期间“{text}”", f"可以写：{FORMS}")
    if found.first.year != year or found.last.year != year or found.last < found.first:
        raise outside
    return found


def months(year: int, first: int, last: int, label: str = "") -> Period:
    """Return whole months."""
    end = date(year + last // 12, last % 12 + 1, 1) - timedelta(days=1)
    return Period(date(year, first, 1), end, label or f"{first}月")


def quarter(year: int, number: int) -> Period:
    """Return a quarter."""
    return months(year, 3 * number - 2, 3 * number, f"Q{number}")


def day(at: date) -> Period:
    """Return one day."""
    return Period(at, at, f"{at.month}月{at.day}日")


def between(first: date, last: date) -> Period:
    """Return the days between two dates, by the shortest name they have."""
    if first == last:
        return day(first)
    for start in range(1, 13):
        for size, label in ((1, f"{start}月"), (3, f"Q{(start + 2) // 3}"), (12, "全年")):
            whole = start % size == 1 % size and start + size - 1 <= 12
            if whole and months(first.year, start, start + size - 1) == Period(
                first, last, f"{start}月"
            ):
                return Period(first, last, label)
    return Period(first, last, f"{first.month}月{first.day}日–{last.month}月{last.day}日")


def _named(text: str, calendar: Calendar) -> Period | None:
    if found := _MONTH.fullmatch(text):
        month = int(found[1])
        return months(calendar.year, month, month) if 1 <= month <= 12 else None
    if (found := _THIRD.fullmatch(text)) and 1 <= int(found[1]) <= 12:
        return _third(calendar.year, int(found[1]), "上中下".find(found[2]))
    if found := _WEEK.fullmatch(text):
        mine = found[1] in (None, str(calendar.year))
        return _week(int(found[2] or found[3]), calendar) if mine else None
    if len(text) > 1 and (found := _QUARTER.fullmatch(text)):
        digit = found[1] or found[2]
        return quarter(calendar.year, "一二三四".find(digit) + 1 or int(digit))
    return None


def _third(year: int, month: int, number: int) -> Period:
    """Return 上旬, 中旬 or 下旬 of a month: ten days each, the last what is left."""
    end = months(year, month, month).last if number == 2 else date(year, month, 10 * number + 10)
    return Period(date(year, month, 10 * number + 1), end, f"{month}月{'上中下'[number]}旬")


def _week(number: int, calendar: Calendar) -> Period | None:
    """Return the days of an ISO week that lie in the year."""
    days = calendar.days
    mine = days.index[(days["iso_week"] == number) & (days["iso_year"] == calendar.year)]
    if not len(mine):
        return None
    return Period(mine[0].date(), mine[-1].date(), f"第{number}周")


def _dated(text: str, calendar: Calendar) -> Period | None:
    if at := _day(text, calendar.year):
        return day(at)
    found = _RANGE.fullmatch(text)
    if not found:
        return None
    ends = [
        _named(part.strip(), calendar) or _one(part.strip(), calendar) for part in found.groups()
    ]
    if ends[0] is None or ends[1] is None:
        return None
    return between(ends[0].first, ends[1].last)


def _one(text: str, calendar: Calendar) -> Period | None:
    at = _day(text, calendar.year)
    return day(at) if at else None


def _day(text: str, year: int) -> date | None:
    found = _DAY.fullmatch(text)
    if not found:
        return None
    try:
        return date(int(found[1] or year), int(found[2]), int(found[3]))
    except ValueError:
        return None


def _campaign(text: str, calendar: Calendar) -> Period | None:
    for event in calendar.events:
        if event.enabled and event.name == text:
            start = max(event.start, date(calendar.year, 1, 1))
            return Period(start, min(event.end, date(calendar.year, 12, 31)), event.name)
    return None
