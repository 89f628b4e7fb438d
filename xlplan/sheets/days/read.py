"""Reading 日历 and 活动 back: shape, what was typed on days, and the campaigns."""

from __future__ import annotations

import re
from dataclasses import field
from datetime import date
from typing import TYPE_CHECKING

from xlplan.cells import address
from xlplan.errors import InputError, Level, Problem, Where
from xlplan.plan.days.event_text import leads_from_text, phases_from_text
from xlplan.plan.days.events import ABOUT_NUMBERS, ABOUT_TEXTS, Event
from xlplan.plan.days.weights import Shape
from xlplan.record import draft
from xlplan.regex import regex
from xlplan.sheets.base.find import KEY_MARK, find_keys, need_labels
from xlplan.sheets.days import page as calendar_page
from xlplan.sheets.days.page import (
    OFF,
    ON,
    OWN_SHAPE,
    SHAPE_MARK,
    CalendarAt,
    TypedDays,
    index_of,
)
from xlplan.sheets.events import page as events_page
from xlplan.sheets.targets.rows import YES
from xlplan.sources.dates import parse_date
from xlplan.sources.numbers import parse_number
from xlplan.sources.text import Unread, is_missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xlplan.cells import Seen, Spot, Value


@draft
class CalendarRead:
    """What 日历 says, where it stands, and what is wrong with it."""

    shape: Shape
    days: TypedDays
    at: CalendarAt
    problems: list[Problem] = field(default_factory=list)
    shapes: Mapping[str, Shape] = field(default_factory=dict)


#: Signs that mean something else where a formula looks a name up.
_PATTERN = regex(r"[*?~]|^[=<>]")


class _Reader:
    """Reads typed cells of one sheet, collecting problems."""

    def __init__(self, sheet: str, cells: Mapping[Spot, Seen], file: str) -> None:
        self.sheet, self.cells, self.file = sheet, cells, file
        self.problems: list[Problem] = []

    def value(self, row: int, column: int) -> Value:
        seen = self.cells.get((row, column))
        return None if seen is None or is_missing(seen.value) else seen.value

    def wrong(self, row: int, column: int, what: str, remedy: str) -> None:
        where = Where(self.file, self.sheet, address(row, column))
        self.problems.append(Problem(where, what, Level.ERROR, remedy, "数值"))

    def number(self, row: int, column: int, label: str) -> float | None:
        """Return a figure that is not negative; None when empty or wrong."""
        value = self.value(row, column)
        if value is None:
            return None
        number = parse_number(value)
        if isinstance(number, Unread) or number is None or number.value < 0:
            why = number.what if isinstance(number, Unread) else f"{label}不能是 {value}"
            self.wrong(row, column, f"{label}：{why}", "请填不小于 0 的数，或清空")
            return None
        return number.value

    def day(self, row: int, column: int, label: str) -> date | None:
        """Return a date; None when empty or wrong."""
        value = self.value(row, column)
        if value is None:
            return None
        found = parse_date(value)
        if isinstance(found, Unread) or found is None:
            why = found.what if isinstance(found, Unread) else f"“{value}”不是日期"
            self.wrong(row, column, f"{label}：{why}", "请填日期，如 2026-11-11")
            return None
        return found

    def text(self, row: int, column: int) -> str:
        value = self.value(row, column)
        return "" if value is None else str(value).strip()


def read_calendar(cells: Mapping[Spot, Seen], year: int, file: str = "") -> CalendarRead:
    """Read 日历 by its keys.

    Raises:
        StructureError: A key row or column is missing.
    """
    reader = _Reader(calendar_page.SHEET, cells, file)
    keys = find_keys(calendar_page.SHEET, cells)
    keys.need_columns({key: head for key, (head, _) in calendar_page.HEADS.items()})
    days = _days_of(year)
    keys.need_rows({f"d:{day}": str(day) for day in days})
    shape_keys = find_keys(calendar_page.SHEET, cells, SHAPE_MARK)
    mark = next(spot for spot, seen in cells.items() if seen.value == SHAPE_MARK)
    shape_keys.need_rows(calendar_page.SHAPE_LABELS)
    at = CalendarAt(
        {f"d:{day}": keys.rows[f"d:{day}"] for day in days},
        {key: keys.columns[key] for key in calendar_page.HEADS},
        shape_keys.rows,
        mark[1] - 1,
    )
    _need_same(reader, at, days)
    typed = _typed_days(reader, at, days)
    shape = _shape(reader, at)
    own = {
        key.removeprefix(OWN_SHAPE): made
        for key, column in keys.columns.items()
        if key.startswith(OWN_SHAPE) and (made := _shape(reader, at, column, shape)) != shape
    }
    return CalendarRead(shape, typed, at, reader.problems, own)


def _need_same(reader: _Reader, at: CalendarAt, days: Iterable[date]) -> None:
    """Refuse rows whose visible day or index is another row's than their hidden key says.

    Raises:
        StructureError: Sorted or pasted without the hidden keys.
    """
    shown = {}
    for day in days:
        found = parse_date(reader.value(at.rows[f"d:{day}"], at.columns["date"]))
        shown[f"d:{day}"] = (str(day), "" if isinstance(found, Unread) or not found else str(found))  # fmt: skip
    need_labels(reader.sheet, reader.file, at.rows, shown, at.columns["date"])
    column = at.shape_column - 1
    indices = {key: (calendar_page.shape_label(key), reader.text(row, column)) for key, row in at.shape_rows.items()}  # fmt: skip
    need_labels(reader.sheet, reader.file, at.shape_rows, indices, column)


def _days_of(year: int) -> list[date]:
    first = date(year, 1, 1).toordinal()
    return [date.fromordinal(n) for n in range(first, date(year + 1, 1, 1).toordinal())]


def _typed_days(reader: _Reader, at: CalendarAt, days: Iterable[date]) -> TypedDays:
    kind: dict[date, str] = {}
    multiplier: dict[date, float] = {}
    typed: dict[date, float] = {}
    shut: set[date] = set()
    for day in days:
        row = at.rows[f"d:{day}"]
        text = reader.text(row, at.columns["kind"])
        if text in (OFF, ON):
            kind[day] = text
        elif text:
            reader.wrong(
                row, at.columns["kind"], f"“{text}”既不是“休”也不是“班”", "请选“休”或“班”，或清空"
            )
        if reader.text(row, at.columns["shut"]) in (YES, "是", "停业"):
            shut.add(day)
        for key, found in (("multiplier", multiplier), ("typed", typed)):
            number = reader.number(row, at.columns[key], calendar_page.HEADS[key][0])
            if number is not None:
                found[day] = number
    return TypedDays(kind, multiplier, typed, frozenset(shut))


def _shape(reader: _Reader, at: CalendarAt, column: int = 0, common: Shape | None = None) -> Shape:
    """Return the indices of a column; a store's empty ones are the common ones."""
    values: dict[str, float] = {}
    for key, row in at.shape_rows.items():
        number = reader.number(row, column or at.shape_column, "形状指数")
        missing = 1.0 if common is None else index_of(common, key)
        values[key] = missing if number is None else number
    weekday = [values[f"weekday:{i}"] for i in range(1, 8)]
    closed = frozenset(i for i, value in enumerate(weekday, start=1) if value == 0)
    holiday = {key.partition(":")[2]: v for key, v in values.items() if key.startswith("holiday:")}
    month = [values[f"month:{m}"] for m in range(1, 13)]
    return Shape(weekday, month, holiday, closed)


def read_events(
    cells: Mapping[Spot, Seen], year: int, file: str = ""
) -> tuple[list[Event], list[Problem]]:
    """Read 活动: the campaigns that could be understood, and a Problem for each that could not.

    Raises:
        StructureError: A column's key is missing.
    """
    reader = _Reader(events_page.SHEET, cells, file)
    keys = find_keys(events_page.SHEET, cells)
    keys.need_columns({k: h for k, (h, _) in (events_page.HEADS | events_page.LIFT_HEADS).items()})
    first = next(spot[0] for spot, seen in cells.items() if seen.value == "xlplan:key") + 2
    last = max(row for row, _ in cells)
    lifts = _lifts(reader, keys.columns, range(first, last + 1))
    events = []
    for row in range(first, last + 1):
        name = reader.text(row, keys.columns["name"])
        if name:
            event = _event(reader, row, name, keys.columns, lifts.pop(name, _NO_LIFTS))
            if event and event.edition == year:
                events.append(event)
            elif event:
                reader.wrong(
                    row,
                    keys.columns["anchor"],
                    f"活动“{name}”的锚点日 {event.anchor} 不在 {year} 年",
                    f"请改为 {year} 年的日期",
                )
    _unclear_names(reader, events, keys.columns["name"])
    for name, (shared, own) in lifts.items():
        count = len(shared) + sum(map(len, own.values()))
        what = f"“{name}”的 {count} 行倍数没有对应的活动，已忽略"
        reader.problems.append(
            Problem(
                Where(file, events_page.SHEET),
                what,
                Level.WARNING,
                "请在左边补上这个活动，或删掉这些行",
                "活动",
            )
        )
    return events, reader.problems


def _unclear_names(reader: _Reader, events: Sequence[Event], column: int) -> None:
    """Refuse names that two campaigns share, or that formulas would take for a pattern."""
    rows: dict[str, list[int]] = {}
    for (row, at), seen in reader.cells.items():
        if at == column and seen.value is not None:
            rows.setdefault(str(seen.value).strip(), []).append(row)
    named = [event.name for event in events if event.enabled]
    for name in dict.fromkeys(named):
        row = max(rows[name])
        if named.count(name) > 1:
            what = f"活动“{name}”写了 {named.count(name)} 行，倍数和结果分不清是哪一行的"
            reader.wrong(row, column, what, f"名字要不同，如 {name}天猫、{name}京东")
        if _PATTERN.search(name):
            what = f"活动“{name}”的名字有 * ? ~，或以 = < > 开头，公式按名字会找错"
            reader.wrong(row, column, what, "去掉这些符号")


#: Lifts of an event by offset, and those of single stores.
_Lifts = tuple[dict[int, float], dict[str, dict[int, float]]]
_NO_LIFTS: _Lifts = ({}, {})


def _lifts(reader: _Reader, columns: Mapping[str, int], rows: Iterable[int]) -> dict[str, _Lifts]:
    found: dict[str, _Lifts] = {}
    for row in rows:
        name = reader.text(row, columns["lift:name"])
        offset = parse_number(reader.value(row, columns["lift:offset"]))
        lift = reader.number(row, columns["lift:value"], "倍数")
        if not name and lift is None:
            continue
        if isinstance(offset, Unread) or offset is None or offset.value != int(offset.value):
            reader.wrong(
                row,
                columns["lift:offset"],
                f"“{name}”的距锚点天数不是整数",
                "提前填负数，当天填 0，之后填正数",
            )
        elif lift is not None:
            shared, own = found.setdefault(name, ({}, {}))
            store = reader.text(row, columns["lift:store"])
            (own.setdefault(store, {}) if store else shared)[int(offset.value)] = lift
    return found


def _event(
    reader: _Reader, row: int, name: str, columns: Mapping[str, int], lifts: _Lifts
) -> Event | None:
    anchor = reader.day(row, columns["anchor"], f"活动“{name}”的锚点日")
    start = reader.day(row, columns["start"], f"活动“{name}”的开始日") or anchor
    end = reader.day(row, columns["end"], f"活动“{name}”的结束日") or anchor
    budget = _share(reader, row, columns["budget"], f"活动“{name}”的预算占比")
    if anchor is None or start is None or end is None:
        if reader.value(row, columns["anchor"]) is None:
            reader.wrong(
                row,
                columns["anchor"],
                f"活动“{name}”没有锚点日",
                "请填活动的主要日期，如 2026-11-11",
            )
        return None
    try:
        phases = phases_from_text(reader.text(row, columns["phases"]), anchor)
        leads = leads_from_text(reader.text(row, columns["leads"]))
        return Event(
            name, anchor, start, end, phases, lifts[0], budget, leads,
            reader.text(row, columns["platform"]) or "全平台",
            enabled=reader.text(row, columns["enabled"]) in (YES, "是"),
            provisional=bool(reader.text(row, columns["provisional"])),
            stores=listed_stores(reader.text(row, columns["stores"])), store_lift=lifts[1],
            about=_about(reader, row, columns, name),
        )  # fmt: skip
    except InputError as error:
        reader.wrong(
            row, columns["name"], f"活动“{name}”：{error.message}", error.remedy or "请改正这一行"
        )
        return None


def _share(reader: _Reader, row: int, column: int, label: str) -> float:
    """Return a share; above 1 is never divided by 100."""
    share = reader.number(row, column, label) or 0.0
    if share <= 1:
        return share
    remedy = f"如果想写 {share:g}%，请带上百分号；小数写法是 {share / 100:g}"
    reader.wrong(row, column, f"{label}为 {share:.0%}，超过 100%", remedy)
    return 0.0


def _about(
    reader: _Reader, row: int, columns: Mapping[str, int], name: str
) -> dict[str, str | float]:
    """Return what else is written of a campaign; empty cells are left out."""
    texts = {key: reader.text(row, columns[key]) for key in ABOUT_TEXTS}
    found: dict[str, str | float] = {key: text for key, text in texts.items() if text}
    for key, label in ABOUT_NUMBERS.items():
        if reader.value(row, columns[key]) is not None:
            what = f"活动“{name}”的{label}"
            if key == "new_target":
                found[key] = reader.number(row, columns[key], what) or 0.0
            else:
                found[key] = _share(reader, row, columns[key], what)
    return found


def listed_stores(text: str) -> tuple[str, ...]:
    """Return the store names of a cell, separated by 、 or commas; none for 全部."""
    names = [name.strip() for name in re.split(r"[、，,;；\n]+", text) if name.strip()]
    return () if names in (["全部"], ["各店"], ["所有"]) else tuple(dict.fromkeys(names))


def event_rows(cells: Mapping[Spot, Seen]) -> dict[str, str]:
    """Return the cell of each campaign's name on 活动."""
    keys = find_keys(events_page.SHEET, cells)
    first = next(spot[0] for spot, seen in cells.items() if seen.value == KEY_MARK) + 2
    column = keys.columns["name"]
    return {
        str(seen.value).strip(): address(row, column)
        for (row, at), seen in cells.items()
        if at == column and row >= first and seen.value is not None
    }
