"""Public holidays of China: published where known, the statute's days (预估) where not.

Order of authority for a day: what the operator typed or imported, then
chinesecalendar for the years it knows, then the statute (全国年节及纪念日放假办法,
2024 revision) without 调休. No year raises.
"""

from __future__ import annotations

import json
from dataclasses import field
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import chinese_calendar
import pandas as pd

from xlplan.errors import InputError, Level, Problem, Where
from xlplan.plan.days.festivals import festival, known
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Names of chinesecalendar → names used here (those of the festival table).
_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋",
    "Anti-Fascist 70th Day": "抗战胜利日",
}
#: Statute of 2025: festival → first day's offset and number of days off.
_STATUTE = {
    "元旦": (0, 1),
    "春节": (-1, 4),
    "清明": (0, 1),
    "劳动节": (0, 2),
    "端午": (0, 1),
    "中秋": (0, 1),
    "国庆节": (0, 3),
}
#: No break is longer than this, so a year padded by it holds every break whole.
_PAD = 12


@record
class Announcement:
    """Days off and working weekends that somebody stated: an imported paper or typed days.

    Attributes:
        days: Date → (holiday name, off?); off is False for a 调休 working day.
        years: Years for which this is the whole official list; other days of such a
            year are plain weekdays and weekends, and the year is not provisional.
        problems: Entries that could not be used.
    """

    days: Mapping[date, tuple[str, bool]] = field(default_factory=dict)
    years: frozenset[int] = frozenset()
    problems: tuple[Problem, ...] = ()


@record
class _Day:
    name: str
    off: bool
    provisional: bool


def _bad(what: str) -> Problem:
    remedy = "对照国务院放假通知修改，或在日历表逐日填写"
    return Problem(Where(), what, Level.WARNING, remedy, "holiday-json")


def _short(name: str) -> str:
    return {"清明节": "清明", "端午节": "端午", "中秋节": "中秋", "国庆": "国庆节"}.get(name, name)


def _entry(entry: Any) -> tuple[date, tuple[str, bool]] | Problem:
    try:
        day, name, off = date.fromisoformat(entry["date"]), entry["name"], entry["isOffDay"]
    except (KeyError, TypeError, ValueError):
        return _bad(f"节假日条目看不懂：{json.dumps(entry, ensure_ascii=False)[:80]}")
    if not isinstance(off, bool) or not isinstance(name, str):
        return _bad(f"{day} 的 name 应为文字、isOffDay 应为 true 或 false")
    return day, (_short(name), off)


def _document(text: str) -> dict[str, Any]:
    document: dict[str, Any]
    try:
        document = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise InputError(
            "节假日文件不是有效的 JSON", remedy="请重新下载 holiday-cn 的年份文件"
        ) from error
    year = document.get("year") if isinstance(document, dict) else None
    if type(year) is not int or not isinstance(document.get("days"), list):
        raise InputError("节假日文件缺少 year 或 days", remedy="请使用 holiday-cn 格式的年份文件")
    return document


def holidays_from_json(text: str) -> Announcement:
    """Read one year of holiday-cn JSON (year, papers, days of name/date/isOffDay).

    A year without days is one that is not yet published: nothing is announced and a
    problem says so. Unreadable entries become problems, and then the year is not
    taken as complete.

    Raises:
        InputError: The text is not JSON, or not of this shape.
    """
    document = _document(text)
    entries = [_entry(entry) for entry in document["days"]]
    days = dict(entry for entry in entries if not isinstance(entry, Problem))
    problems = [entry for entry in entries if isinstance(entry, Problem)]
    if not entries:
        problems.append(_bad(f"{document['year']} 年放假安排尚未公布，文件里没有日期"))
    complete = bool(days) and not problems
    years = frozenset({document["year"]} if complete else ())
    return Announcement(days, years, tuple(problems))


def published(year: int) -> bool:
    """Return whether the installed chinesecalendar knows the year."""
    try:
        chinese_calendar.is_workday(date(year, 7, 1))
        chinese_calendar.is_workday(date(year, 12, 31))
    except NotImplementedError:
        return False
    return True


def _published_day(day: date) -> _Day:
    off, name = chinese_calendar.get_holiday_detail(day)
    return _Day(_NAMES.get(str(name), str(name)) if name else "", off, provisional=False)


def _statutory(year: int) -> dict[date, str]:
    """Days off by statute; one on a weekend moves to the next free working day (补假)."""
    off: dict[date, str] = {}
    owed: list[tuple[date, str]] = []
    for name, (offset, count) in _STATUTE.items():
        start = festival(name, year)
        days = [start + timedelta(days=offset + i) for i in range(count)] if start else []
        owed += [(days[-1], name) for day in days if day.weekday() >= 5 or day in off]
        off |= {day: off.get(day, name) for day in days}
    for last, name in owed:
        day = last + timedelta(days=1)
        while day.weekday() >= 5 or day in off:
            day += timedelta(days=1)
        off[day] = name
    return off


def _year_days(year: int) -> dict[date, _Day]:
    days = [stamp.date() for stamp in pd.date_range(f"{year}-01-01", f"{year}-12-31")]
    if published(year):
        return {day: _published_day(day) for day in days}
    off = _statutory(year)
    return {day: _Day(off.get(day, ""), day.weekday() >= 5 or day in off, True) for day in days}


@lru_cache(maxsize=64)
def _known_days(year: int) -> dict[date, _Day]:
    return _year_days(year)


def _announced(base: dict[date, _Day], said: Announcement) -> dict[date, _Day]:
    plain = {
        day: _Day("", day.weekday() >= 5, provisional=False)
        for day in base
        if day.year in said.years
    }
    typed = {
        day: _Day(name, off, provisional=False)
        for day, (name, off) in said.days.items()
        if day in base
    }
    return base | plain | typed


def _breaks(frame: pd.DataFrame) -> pd.Series:
    """Name every day of a run of days off that holds a named one (周末连休)."""
    named = frame["name"].where(frame["off"] & (frame["name"] != ""))
    run = (frame["off"] != frame["off"].shift()).cumsum()
    spread = named.groupby(run).ffill().groupby(run).bfill()
    return spread.where(frame["off"]).fillna("")


def _padded(year: int, announced: Iterable[Announcement]) -> dict[date, _Day]:
    days = _known_days(year - 1) | _known_days(year) | _known_days(year + 1)
    first, last = date(year, 1, 1), date(year, 12, 31)
    pad = timedelta(days=_PAD)
    near = {day: what for day, what in days.items() if first - pad <= day <= last + pad}
    for said in announced:
        near = _announced(near, said)
    return near


def holidays(year: int, announced: Iterable[Announcement] = ()) -> pd.DataFrame:
    """Return the holidays of a year, one row a day; never raises for any year.

    Columns: holiday (name of the break or of the 调休, or ""), is_holiday (a day of a
    break that holds a public holiday, weekends of the break included), is_workday,
    is_makeup (a weekend day worked for 调休), provisional (预估: the year's
    arrangement is not published).
    """
    said = tuple(announced)
    return _frame(year, said) if said else _known_frame(year).copy()


@lru_cache(maxsize=64)
def _known_frame(year: int) -> pd.DataFrame:
    return _frame(year, ())


def _frame(year: int, announced: tuple[Announcement, ...]) -> pd.DataFrame:
    known_days = _padded(year, announced)
    frame = pd.DataFrame(
        [(day.name, day.off, day.provisional) for day in known_days.values()],
        index=pd.DatetimeIndex(list(known_days), name="date"),
        columns=["name", "off", "provisional"],
    )
    breaks = _breaks(frame)
    makeup = ~frame["off"] & (pd.DatetimeIndex(frame.index).day_of_week >= 5)
    found = pd.DataFrame(
        {
            "holiday": breaks.where(frame["off"], frame["name"].where(makeup, "")),
            "is_holiday": breaks != "",
            "is_workday": ~frame["off"],
            "is_makeup": makeup,
            "provisional": frame["provisional"],
        }
    )
    return found[pd.DatetimeIndex(found.index).year == year]


def holiday_problems(year: int, frame: pd.DataFrame) -> list[Problem]:
    """Say aloud what is not known about a year's holidays."""
    found = []
    if frame["provisional"].any():
        what = f"{year} 年放假与调休安排未公布，日历按法定假日预估（无调休）"
        remedy = "公布后用 xlplan fill 计划表 --holidays 放假安排.json 存入，或升级 chinesecalendar 再分解一次，或在日历表“休/班”列改正"
        found.append(Problem(Where(), what, Level.INFO, remedy, "holiday-provisional"))
    if not known(year):
        what = f"{year} 年不在农历节日表内，春节、端午、中秋等日期未知"
        remedy = "在活动表、日历表填写这些日期"
        found.append(Problem(Where(), what, Level.INFO, remedy, "festival-unknown"))
    return found


def roll_to_workday(day: date, announced: Iterable[Announcement] = ()) -> date:
    """Return the nearest working day; of two equally near, the earlier.

    For the monthly review on the 25th (月度复盘), which is no working day five times in 2026.
    """
    said = tuple(announced)
    near = [day + timedelta(days=k) for k in sorted(range(-_PAD, _PAD + 1), key=_nearness)]
    years = pd.concat([holidays(year, said) for year in sorted({at.year for at in near})])
    working = years["is_workday"]
    return next((at for at in near if working[pd.Timestamp(at)]), day)


def _nearness(offset: int) -> tuple[int, int]:
    return abs(offset), offset
