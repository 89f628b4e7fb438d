"""_元数据: what the book says about itself, as key and value rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from xlplan import __version__
from xlplan.cells import Area, Cell, Page, Span, letters
from xlplan.errors import StructureError, Where
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from xlplan.cells import Seen, Spot
    from xlplan.plan.year import Cube, Year
    from xlplan.sheets.base.tables import TableAt, Tables
    from xlplan.sheets.state.book import BookState

SHEET = "_元数据"
#: Layout version; a book of another version is named, never guessed at.
SCHEMA = "2"
#: Key that says which program the book belongs to, such as ``xlplan 0.3.0``.
PROGRAM = "program"
_VERSION = regex(r"\d+(?:\.\d+)*")
#: Rows that the add-in reads through hidden names (``xlplan_`` + key), each what a button may
#: wait for. They are formulas, so that a button lights up as soon as the sheet says so.
HAS_PLAN, HAS_ACTUALS = "has_plan", "has_actuals"
#: The last step that can be undone; empty when there is none. Undoable actions write it.
UNDO = "undo"
#: The official list of holidays as brought in (holiday-cn JSON); absent when nobody did.
HOLIDAYS = "holidays"
#: Forecasts as they were issued, to be scored when their month is over; absent before the first.
FORECASTS = "forecasts"
#: The last review of 复盘, and what was last asked of 推广; absent before the first.
REVIEW, ADS = "review", "ads"
#: The sheets that came when they first held something, or were asked for; absent before the first.
SHEETS_HERE = "sheets"
_NAMED = {"schema": "version", UNDO: UNDO, HAS_PLAN: HAS_PLAN, HAS_ACTUALS: HAS_ACTUALS}


def meta_page(values: Mapping[str, str], year: Year, tables: Tables) -> Page:
    """Return the hidden page; its names say to the add-in that this is a plan book."""
    page = Page(SHEET, hidden=True)
    keys = {"schema": SCHEMA, **values, UNDO: "", HAS_PLAN: "", HAS_ACTUALS: ""}
    page.cells.update(meta_cells(keys))
    rows = {key: row for row, key in enumerate(keys, start=1)}
    page.cells.update(state_cells(year, tables, rows))
    page.columns |= {1: Span(18), 2: Span(60)}
    for key, name in _NAMED.items():
        page.names[f"xlplan_{name}"] = f"={SHEET}!{Area(rows[key], 2, rows[key], 2).fixed}"
    return page


def state_cells(year: Year, tables: Tables, rows: Mapping[str, int]) -> dict[Spot, Cell]:
    """Return the cells that say what the book holds, for the rows it has (older books lack them)."""
    held = {HAS_PLAN: (tables.plan, year.planned), HAS_ACTUALS: (tables.actual, year.actual)}
    return {
        (rows[key], 2): Cell(_any(cube), f"=COUNT({_numbers(table, cube)})>0")
        for key, (table, cube) in held.items()
        if key in rows
    }


def _any(cube: Cube) -> bool:
    import numpy as np  # not on top: workers that read returned files do without

    return not all(np.isnan(values).all() for values in cube.values.values())


def _numbers(table: TableAt, cube: Cube) -> str:
    """Return the block of a table that holds its metrics."""
    columns = [table.columns[name] for name in cube.values if name in table.columns]
    first, last = letters(min(columns)), letters(max(columns))
    return f"{table.sheet}!${first}$2:${last}${table.rows + 1}"


def meta_rows(cells: Mapping[Spot, Seen]) -> dict[str, int]:
    """Return key → row."""
    return {str(seen.value): row for (row, column), seen in cells.items() if column == 1}


def meta_cells(values: Mapping[str, str]) -> dict[Spot, Cell]:
    """Return the cells of the rows."""
    cells: dict[Spot, Cell] = {}
    for row, (key, value) in enumerate(values.items(), start=1):
        cells[row, 1], cells[row, 2] = Cell(key), Cell(value)
    return cells


def asked_for(state: BookState, sheet: str) -> bool:
    """Return whether a sheet came to a book before, or somebody asked for it."""
    return sheet in sheets_here(state.meta)


def sheets_here(values: Mapping[str, str]) -> list[str]:
    """Return the sheets that came to a book since it was made."""
    return [name for name in values.get(SHEETS_HERE, "").split("、") if name]


def came_cells(
    sheets: Collection[str], values: Mapping[str, str], rows: Mapping[str, int]
) -> dict[Spot, Cell]:
    """Return the cells that remember sheets that come, so that a lost one is missed.

    Args:
        sheets: Their names.
        values: What _元数据 says.
        rows: Where it says it.
    """
    if not sheets:
        return {}
    row = rows.get(SHEETS_HERE, max(rows.values(), default=0) + 1)
    named = dict.fromkeys([*sheets_here(values), *sheets])
    return {(row, 1): Cell(SHEETS_HERE), (row, 2): Cell("、".join(named))}


def read_meta(cells: Mapping[Spot, Seen], file: str = "") -> dict[str, str]:
    """Return the key and value rows.

    Raises:
        StructureError: The rows are of another layout version.
    """
    found = rows_of(cells)
    if "store" in found and "seal" in found:
        raise StructureError(
            f"这是分发给“{found['store']}”的门店表，不是计划总表",
            "收回门店表请运行 xlplan collect 总表 文件夹",
            Where(file, SHEET),
        )
    if found.get("schema") != SCHEMA:
        version = found.get("schema", "未知")
        raise StructureError(
            f"这个文件是版本 {version} 的计划表，本程序支持版本 {SCHEMA}",
            remedy="请用生成它的 xlplan 版本打开，或重新运行 xlplan new 生成后导入",
            where=Where(file, SHEET),
        )
    if version_of(found) > number_of(__version__):
        raise StructureError(
            f"这个文件由 {found['program']} 生成，比本程序（xlplan {__version__}）新",
            f"请先升级：pip install -U xlplan（需要 {found['program'].removeprefix('xlplan ')} 或更新的版本）",
            Where(file, SHEET),
        )
    _require_whole(found, file)
    return found


def _require_whole(found: Mapping[str, str], file: str) -> None:
    """Refuse a book that no longer says which year, stores and channels it is about."""
    year = found.get("year", "")
    lost = [
        key for key in ("stores", "channels") if not _is_list(found.get(key, ""), key == "stores")
    ]
    if not (year.isdecimal() and 1990 <= int(year) <= 2100):
        lost.insert(0, "year")
    if lost:
        raise StructureError(
            f"隐藏表“{SHEET}”里的 {'、'.join(lost)} 不见了或被改过，不知道这份计划是哪一年、哪些店的",
            "请从“备份”文件夹恢复；隐藏表不要手工修改",
            Where(file, SHEET),
        )


def _is_list(text: str, needed: bool) -> bool:  # noqa: FBT001  # of names, at least one of them
    try:
        names = json.loads(text)
    except ValueError:
        return False
    return (
        isinstance(names, list)
        and all(isinstance(name, str) and name for name in names)
        and len(set(names)) == len(names)
        and bool(names or not needed)
    )


def version_of(about: Mapping[str, str]) -> tuple[int, ...]:
    """Return the version of the program that a book belongs to; the first when it does not say."""
    return number_of(about.get(PROGRAM, "").removeprefix("xlplan "))


def number_of(version: str) -> tuple[int, ...]:
    """Return a version for comparing (``0.2.0`` → 0, 2, 0)."""
    found = _VERSION.match(version)
    return tuple(map(int, found[0].split("."))) if found else (0, 1, 0)


def rows_of(cells: Mapping[Spot, Seen]) -> dict[str, str]:
    """Return every key and its value as text, whatever the layout."""
    told = {row: seen.value for (row, column), seen in cells.items() if column == 2}
    return {
        str(seen.value): "" if told.get(row) is None else str(told[row])
        for (row, column), seen in cells.items()
        if column == 1 and seen.value is not None
    }
