"""Daily sales, campaigns and closed days out of plain files: read whole, or refused with the cell."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InputError, Level, Problem
from xlplan.metrics import METRICS
from xlplan.plan.outlook.saleshistory import EventDay, SalesHistory
from xlplan.record import record
from xlplan.sources.dates import parse_date, parse_span
from xlplan.sources.declare import split_unit
from xlplan.sources.numbers import parse_number
from xlplan.sources.readers.unpack import tables
from xlplan.sources.text import Unread, header, is_missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from xlplan.errors import Where
    from xlplan.sources.readers.raw import Table

#: More days than these between first and last are a mistyped date.
MOST_DAYS = 40 * 366
_DATES = ("日期", "date", "统计日期", "day", "ds", "时间")
_SALES = ("销售额", "sales", "revenue", "gmv", "value", "y", "数值", "金额")
_SHOWN = 8


@record
class _Columns:
    """A table whose header was found: where each wanted column stands, and its unit."""

    table: Table
    head: int
    places: dict[str, int]
    scales: dict[str, float]

    def rows(self) -> Iterator[tuple[int, dict[str, object]]]:
        """Return the rows under the header that say anything in the wanted columns."""
        for number in range(self.head + 1, len(self.table.rows)):
            row = self.table.rows[number]
            cells = {
                role: row[place] if place < len(row) else None
                for role, place in self.places.items()
            }
            if not all(is_missing(cell) for cell in cells.values()):
                yield number, cells

    def where(self, row: int, role: str) -> Where:
        return self.table.where(row, self.places[role])


def sales_history(
    path: Path, events: Path | None = None, closed: Path | None = None
) -> tuple[SalesHistory, list[str]]:
    """Return the daily sales of a file, and in Chinese what was read.

    Args:
        path: 日期, 销售额 (any column that means sales), a row a day; a day may be absent.
        events: 活动, 锚点日, 偏移, 倍数; the last may be empty where nobody expects anything.
        closed: 日期; days or spans without trade.

    Raises:
        InputError: A cell cannot be read, a day stands there twice, or there are no sales.
        FileError: A file cannot be read.
    """
    values, told = _sales(path)
    first, last = min(values), max(values)
    series = np.full((last - first).days + 1, np.nan)
    for day, value in values.items():
        series[(day - first).days] = value
    shut = _closed(closed, last) if closed else frozenset()
    known = tuple(_events(events)) if events else ()
    weekly = _silent_weekdays(first, series, shut)
    history = SalesHistory(first, series, shut | weekly, known)
    told += _echo(history, series, shut, weekly)
    return history, told


def _sales(path: Path) -> tuple[dict[date, float], list[str]]:
    columns = _columns(path, {"day": _DATES, "sales": _SALES})
    found: dict[date, float] = {}
    rows: dict[date, int] = {}
    problems: list[Problem] = []
    for number, cells in columns.rows():
        day = parse_date(cells["day"])
        value = parse_number(cells["sales"], scale=columns.scales["sales"])
        if isinstance(day, Unread) or day is None:
            what = day.what if isinstance(day, Unread) else "有销售额，没有日期"
            problems.append(Problem(columns.where(number, "day"), what, rule="day"))
        elif isinstance(value, Unread):
            problems.append(Problem(columns.where(number, "sales"), value.what, rule="number"))
        elif day in found or day in rows:
            what = f"{day} 在第 {rows[day] + 1} 行已经写过"
            problems.append(Problem(columns.where(number, "day"), what, rule="twice"))
        else:
            rows[day] = number
            if value is not None:
                found[day] = value.value
    _refuse(path, problems, "一天一行；几家店的先加成一列；合计行删掉")
    if not found:
        raise InputError(f"{path.name} 里没有一天的销售额", "需要“日期”“销售额”两列，一天一行")
    if (max(found) - min(found)).days > MOST_DAYS:
        raise InputError(
            f"{path.name} 的日期从 {min(found)} 到 {max(found)}", "看看是不是有日期写错了"
        )
    head = columns.table.rows[columns.head][columns.places["sales"]]
    return found, [f"{path.name}：读“{head}”列，{len(found)} 天，{min(found)} 至 {max(found)}"]


def _echo(
    history: SalesHistory, series: np.ndarray, shut: frozenset[date], weekly: frozenset[date]
) -> list[str]:
    told, open_days = [], ~history.shut(len(series))
    gone = int((np.isnan(series) & open_days).sum())
    if weekly:
        names = "、".join(
            f"周{'一二三四五六日'[k]}" for k in sorted({d.weekday() for d in weekly})
        )
        told.append(f"{names}从来没有数，按每周停业处理")
    if gone:
        told.append(f"缺 {gone} 天：不当作 0，也不参加比较")
    zero = int(((series == 0) & open_days).sum())
    if zero:
        told.append(f"有 {zero} 天销售额是 0 又没有写成停业，按营业而没卖出计")
    below = int((series < 0).sum())
    if below:
        told.append(f"有 {below} 天是负数：计入合计，学权重时按 0")
    if shut:
        told.append(f"停业 {len(shut)} 天")
    if history.events:
        editions = len({(event.name, event.anchor) for event in history.events})
        told.append(f"活动 {editions} 届，{len(history.events)} 个活动日")
    return told


def _silent_weekdays(first: date, series: np.ndarray, shut: frozenset[date]) -> frozenset[date]:
    """Return the days of weekdays that are nearly always absent, up to a year ahead."""
    count = len(series)
    day = (first.weekday() + np.arange(count)) % 7
    blank = np.isnan(series)
    silent = [
        k for k in range(7) if (day == k).sum() >= 4 and blank[day == k].mean() >= 0.9
    ]  # as `history.taken_apart` has it of zeros
    if len(silent) in (0, 7):
        return frozenset()
    ahead = (first + timedelta(days=i) for i in range(count + 366))
    known = {first + timedelta(days=int(i)) for i in np.flatnonzero(~blank)}
    return frozenset(
        d for d in ahead if d.weekday() in silent and d not in known and d not in shut
    )


def _events(path: Path) -> list[EventDay]:
    wanted = {
        "name": ("活动", "event", "name"),
        "anchor": ("锚点日", "锚点", "anchor", "日期"),
        "offset": ("偏移", "offset"),
        "lift": ("倍数", "lift", "预期倍数"),
    }
    columns = _columns(path, wanted)
    found: dict[tuple[str, date, int], EventDay] = {}
    problems: list[Problem] = []
    for number, cells in columns.rows():
        anchor, name = parse_date(cells["anchor"]), str(cells["name"] or "").strip()
        offset, lift = parse_number(cells["offset"]), parse_number(cells["lift"])
        bad = _event_trouble(name, anchor, offset, lift)
        if bad:
            role, what = bad
            problems.append(Problem(columns.where(number, role), what, rule="event"))
            continue
        at = int(offset.value) if offset else 0  # type: ignore[union-attr]
        key = (name, anchor, at)
        if key in found:
            what = f"{name} {anchor} 偏移 {at} 写了两次"
            problems.append(Problem(columns.where(number, "offset"), what, rule="twice"))
        expected = lift.value if lift else float("nan")  # type: ignore[union-attr]
        found[key] = EventDay(name, anchor, at, expected)  # type: ignore[arg-type,index]
    _refuse(
        path, problems, "活动,锚点日,偏移,倍数：偏移是整数（当天 0，前一天 -1），倍数大于 0 或留空"
    )
    return list(found.values())


def _event_trouble(
    name: str, anchor: object, offset: object, lift: object
) -> tuple[str, str] | None:
    if not name:
        return "name", "没有写活动名"
    for role, cell in (("anchor", anchor), ("offset", offset), ("lift", lift)):
        if isinstance(cell, Unread):
            return role, cell.what
    if anchor is None:
        return "anchor", f"{name} 没有锚点日"
    at = getattr(offset, "value", 0.0)
    if at != int(at) or abs(at) > 366:
        return "offset", f"偏移 {at:g} 不是一年以内的整天数"
    times = getattr(lift, "value", 1.0)
    if not 0 < times <= 1000:
        return "lift", f"倍数 {times:g} 不是大于 0 的合理倍数"
    return None


def _closed(path: Path, last: date) -> frozenset[date]:
    columns = _columns(path, {"day": _DATES})
    found: set[date] = set()
    problems = []
    for number, cells in columns.rows():
        span = parse_span(cells["day"])
        if isinstance(span, Unread) or span is None:
            what = span.what if isinstance(span, Unread) else "没有日期"
            problems.append(Problem(columns.where(number, "day"), what, rule="day"))
        elif len(span) > 400:
            what = f"停业 {len(span)} 天，看看是不是写错了"
            problems.append(Problem(columns.where(number, "day"), what, rule="day"))
        else:
            found |= {span.start + timedelta(days=i) for i in range(len(span))}
    _refuse(path, problems, "一行一个日期，或 2026-02-15~2026-02-20")
    return frozenset(day for day in found if day <= last + timedelta(days=800))


def _columns(path: Path, wanted: Mapping[str, Sequence[str]]) -> _Columns:
    """Return the first table of a file that has all wanted columns."""
    seen: list[str] = []
    for table in tables(path):
        for number, row in enumerate(table.rows[:10]):
            names = [split_unit(cell) for cell in row]
            places = {role: _place(role, names, options) for role, options in wanted.items()}
            if all(place is not None for place in places.values()):
                real = {role: place for role, place in places.items() if place is not None}
                return _Columns(table, number, real, {r: names[p][1] for r, p in real.items()})
            seen = seen or [header(cell) for cell in row if not is_missing(cell)]
    needed = "、".join(options[0] for options in wanted.values())
    raise InputError(
        f"{path.name} 里没有 {needed} 这几列；看到的是：{'、'.join(seen[:12]) or '空表'}",
        f"第一行写列名：{needed}",
    )


def _place(role: str, names: list[tuple[str, float]], options: Sequence[str]) -> int | None:
    plain = [name.lower() for name, _ in names]
    for option in options:
        if option in plain:
            return plain.index(option)
    if role != "sales":
        return None
    meant = [METRICS.find(name) for name in plain]
    return next((i for i, metric in enumerate(meant) if metric and metric.name == "gmv"), None)


def _refuse(path: Path, problems: list[Problem], remedy: str) -> None:
    if problems:
        listed = "\n".join(f"  · {problem}" for problem in problems[:_SHOWN])
        more = f"\n  · 还有 {len(problems) - _SHOWN} 处" if len(problems) > _SHOWN else ""
        raise InputError(
            f"{path.name} 有 {len(problems)} 处读不了，没有计算：\n{listed}{more}",
            remedy,
            problems=[*problems],
        )


def unexpected_problem(names: Sequence[str]) -> list[Problem]:
    """Return what is said of campaigns nobody expects anything of."""
    if not names:
        return []
    from xlplan.errors import Where

    what = f"没有见过、也没有写预期倍数的活动：{'、'.join(names)}；按平日计，没有猜"
    return [Problem(Where(), what, Level.WARNING, "写上预期倍数", "lift-missing")]
