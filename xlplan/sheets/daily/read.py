"""Reading 日报 back: what staff typed, by (store, date), wherever they sorted the rows to."""

from __future__ import annotations

from dataclasses import field
from datetime import date
from typing import TYPE_CHECKING

from xlplan.cells import address
from xlplan.errors import Level, Problem, Where
from xlplan.metrics import Unit
from xlplan.record import draft
from xlplan.sheets.base.find import find_keys
from xlplan.sheets.daily.page import (
    FIXED,
    HEAD_ROW,
    KEY_ROW,
    NOTE,
    SHEET,
    SOURCE,
    DailyAt,
    input_metrics,
)
from xlplan.sources.dates import parse_date
from xlplan.sources.numbers import parse_amount
from xlplan.sources.text import Unread, is_missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Seen, Spot, Value
    from xlplan.metrics import Metric, Registry

#: (store, date) → metric → value as typed and understood.
Typed = dict[tuple[str, date], dict[str, "Value"]]


@draft
class DailyRead:
    """What 日报 says, where each row stands, and what is wrong with it."""

    typed: Typed
    at: DailyAt
    file: str = ""
    problems: list[Problem] = field(default_factory=list)
    origins: dict[tuple[str, date], str] = field(default_factory=dict)


def read_daily(
    cells: Mapping[Spot, Seen], metrics: Registry, stores: list[str], year: int, file: str = ""
) -> DailyRead:
    """Read 日报 by its keys; rows may be sorted, moved or added by staff.

    Raises:
        StructureError: A column's key is missing.
    """
    keys = find_keys(SHEET, cells)
    inputs = {name: metrics[name] for name in input_metrics(metrics)}
    keys.need_columns(FIXED | {name: metric.label for name, metric in inputs.items()})
    first = (
        next(spot[0] for spot, s in cells.items() if s.value == "xlplan:key")
        + HEAD_ROW
        - KEY_ROW
        + 1
    )
    read = DailyRead({}, DailyAt({}, keys.columns), file)
    rows: dict[tuple[str, date], int] = {}
    filled = _filled(cells, first, {keys.columns[name]: name for name in inputs})
    for row in sorted(filled):
        pair = _pair(cells, row, read, (stores, year))
        if pair is None:
            continue
        if pair in rows:
            what = f"{pair[0]} {pair[1]} 有两行（第 {rows[pair]}、{row} 行），后一行没有读"
            read.problems.append(
                Problem(
                    Where(file, SHEET, address(row, 1)), what, Level.ERROR, "请合并成一行", "重复"
                )
            )
            continue
        rows[pair] = row
        values = _values(filled[row], row, read, inputs) if filled[row] else {}
        note = cells.get((row, keys.columns.get(NOTE, 0)))
        if note is not None and not is_missing(note.value):
            values[NOTE] = str(note.value)
        if values:
            read.typed[pair] = values
        said = cells.get((row, keys.columns.get(SOURCE, 0)))
        if said is not None and said.value is not None:
            read.origins[pair] = str(said.value)
    read.at = DailyAt(rows, keys.columns)
    return read


def _pair(
    cells: Mapping[Spot, Seen],
    row: int,
    read: DailyRead,
    known: tuple[list[str], int],
) -> tuple[str, date] | None:
    stores, year = known
    columns = read.at.columns
    store_seen = cells.get((row, columns["store"]))
    date_seen = cells.get((row, columns["date"]))
    if store_seen is None and date_seen is None:
        return None
    where = Where(read.file, SHEET, address(row, columns["date"]))
    day = parse_date(date_seen.value) if date_seen else None
    store = str(store_seen.value).strip() if store_seen and store_seen.value is not None else ""
    if isinstance(day, Unread) or day is None:
        what = f"第 {row} 行的日期无法识别"
    elif day.year != year:
        what = f"第 {row} 行的日期 {day} 不在 {year} 年"
    elif store not in stores:
        what = f"第 {row} 行的店铺“{store}”不在本计划里"
    else:
        return store, day
    remedy = f"日期写成 {year}-09-01；店铺是：{'、'.join(stores)}"
    read.problems.append(Problem(where, what, Level.ERROR, remedy, "行"))
    return None


def _filled(
    cells: Mapping[Spot, Seen], first: int, names: Mapping[int, str]
) -> dict[int, dict[str, Value]]:
    """Return the inputs of every row from the first: most are empty in most rows."""
    filled: dict[int, dict[str, Value]] = {}
    for (row, column), seen in cells.items():
        if row >= first:
            inputs = filled.setdefault(row, {})
            if column in names:
                inputs[names[column]] = seen.value
    return filled


def _values(
    filled: Mapping[str, Value],
    row: int,
    read: DailyRead,
    inputs: Mapping[str, Metric],
) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, metric in inputs.items():
        value = filled.get(name)
        if is_missing(value):
            continue
        number, label = parse_amount(value, unit=metric.unit), metric.label
        where = Where(read.file, SHEET, address(row, read.at.columns[name]))
        if isinstance(number, Unread) or number is None:
            why = number.what if isinstance(number, Unread) else "没有数"
            read.problems.append(
                Problem(where, f"{label}：{why}", Level.ERROR, "请填数字；没有数据请留空", "数值")
            )
        elif number.value < 0 and metric.unit is Unit.COUNT:
            read.problems.append(
                Problem(
                    where,
                    f"{label}不能是负数 {number.value:g}",
                    Level.ERROR,
                    "请填不小于 0 的整数",
                    "数值",
                )
            )
        else:
            found[name] = number.value
    return found
