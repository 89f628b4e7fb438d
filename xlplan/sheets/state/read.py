"""Reading a plan book: inputs by their keys, hidden tables by their headers, nothing by place."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.errors import StructureError, Where
from xlplan.plan.targets.targets import to_targets
from xlplan.plan.year import Year, actual_columns, day_grid, plan_columns
from xlplan.record import record
from xlplan.sheets.base.find import find_keys
from xlplan.sheets.base.lists import LOG, PROBLEMS, log_at, problems_at, read_problems
from xlplan.sheets.base.tables import (
    ACTUAL,
    DATE,
    EPOCH,
    PLAN,
    STORE,
    TableAt,
    Tables,
    found_at,
    with_new_columns,
)
from xlplan.sheets.checks.page import BookAt
from xlplan.sheets.compare.page import SHEET as COMPARE
from xlplan.sheets.daily import page as daily_page
from xlplan.sheets.days import page as calendar_page
from xlplan.sheets.events import page as events_page
from xlplan.sheets.hidden import meta
from xlplan.sheets.hidden.sources import SOURCES, read_sources, sources_found
from xlplan.sheets.history.page import UNDO, VERSIONS, read_entries, read_versions
from xlplan.sheets.holds.page import SHEET as HOLDS
from xlplan.sheets.month.derived import MonthAt, default_at, sheet_name
from xlplan.sheets.month.rows import month_rows
from xlplan.sheets.parts import page as split_page
from xlplan.sheets.parts.read_agreed import with_agreed
from xlplan.sheets.state.book import MONTHS, BookState
from xlplan.sheets.state.inputs import read_inputs
from xlplan.sheets.targets import page as targets_page
from xlplan.sheets.year import derived as year_cells
from xlplan.sheets.year.derived import YearAt, year_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Book, Seen, Spot
    from xlplan.errors import Problem
    from xlplan.plan.targets.claims import Claim
    from xlplan.sheets.base.lists import ListAt
    from xlplan.sheets.daily.page import DailyAt
    from xlplan.sheets.days.page import CalendarAt
    from xlplan.sheets.state.inputs import Inputs
    from xlplan.sheets.targets.page import TargetsAt

    Cells = Mapping[Spot, Seen]


@record
class Places:
    """Where everything stands in the book that was read."""

    targets: TargetsAt
    calendar: CalendarAt
    daily: DailyAt
    book: BookAt
    sources: TableAt
    split: split_page.SplitAt
    problems: ListAt
    log: ListAt
    meta: Mapping[str, int]


@record
class BookRead:
    """A plan book as read.

    Attributes:
        state: What it says.
        at: Where things stand.
        cells: The cells of each sheet, for comparing with what should be there.
        claims: The targets as statements, for 体检.
        problems: What could not be understood, with cells.
        scopes: Sheet → the store its selector shows.
    """

    state: BookState
    at: Places
    cells: Mapping[str, Cells]
    claims: Sequence[Claim]
    problems: Sequence[Problem]
    scopes: Mapping[str, str]


def read_state(book: Book) -> BookRead:
    """Read a plan book.

    Raises:
        StructureError: It is not a plan book, or a sheet, key row or key column is missing.
    """
    _need_sheets(book)
    cells = {name: book.read(name) for name in book.sheets()}
    about = meta.read_meta(cells[meta.SHEET], book.name)
    inputs = read_inputs(cells, about, book.name)
    tables = Tables(found_at(PLAN, cells[PLAN]), found_at(ACTUAL, cells[ACTUAL]))
    year = _year(inputs, tables, cells)
    tables = tables._replace(actual=with_new_columns(tables.actual, year.actual.values))
    split_at = split_page.found_at(cells[split_page.SHEET])
    splits, split_at, odd_rows = with_agreed(cells, year, split_at, book.name)
    at, scopes = _places(inputs, tables, split_at, year, cells)
    state = BookState(
        year,
        inputs.targets.typed,
        inputs.days.shape,
        inputs.days.days,
        inputs.daily.typed,
        about,
        read_problems(cells[PROBLEMS]),
        sources=read_sources(at.sources, cells[SOURCES]),
        origins=inputs.daily.origins,
        holds=inputs.holds,
        versions=read_versions(cells[VERSIONS]),
        journal=read_entries(cells[UNDO]),
        splits=splits,
    )
    problems = [*inputs.problems, *odd_rows]
    return BookRead(state, at, cells, inputs.targets.claims, problems, scopes)


def _year(inputs: Inputs, tables: Tables, cells: Mapping[str, Cells]) -> Year:
    settings, stores, number = inputs.targets.typed.settings, inputs.stores, inputs.year
    planned, actual = plan_columns(settings.registry), actual_columns(settings.registry)
    return Year(
        to_targets(inputs.targets.claims, number, day_convention=settings.day_convention),
        inputs.calendar,
        settings,
        tuple(stores),
        read_table(tables.plan, cells[PLAN], planned, stores, number),
        read_table(tables.actual, cells[ACTUAL], actual, stores, number),
        _notes(cells[year_cells.SHEET]),
    )


def _places(
    inputs: Inputs,
    tables: Tables,
    split_at: split_page.SplitAt,
    year: Year,
    cells: Mapping[str, Cells],
) -> tuple[Places, dict[str, str]]:
    """Return where everything stands, and the store each sheet's selector shows."""
    months, scopes = _months(year, cells)
    year_at, scopes[year_cells.SHEET] = _year_at(year, cells)
    scopes[split_page.SHEET] = _scope(year, cells[split_page.SHEET], split_at.scope)
    places = Places(
        inputs.targets.at,
        inputs.days.at,
        inputs.daily.at,
        BookAt(months, year_at, tables, split_at),
        sources_found(cells[SOURCES]),
        split_at,
        problems_at(cells[PROBLEMS]),
        log_at(cells[LOG]),
        meta.meta_rows(cells[meta.SHEET]),
    )
    return places, scopes


def read_table(
    at: TableAt, cells: Cells, names: list[str], stores: list[str], year: int
) -> pd.DataFrame:
    """Return a hidden table as a (store, date) frame over the whole year."""
    index = day_grid(stores, year)
    first, count = date(year, 1, 1), len(index) // len(stores)
    block = {store: i * count for i, store in enumerate(stores)}
    place: dict[int, int] = {}
    store_at, date_at = at.columns[STORE], at.columns[DATE]
    for (row, column), seen in cells.items():
        if column == store_at and row > 1 and seen.value in block:
            day = cells[row, date_at].value
            number = day.toordinal() if isinstance(day, date) else int(float(str(day))) + EPOCH
            place[row] = block[str(seen.value)] + number - first.toordinal()
    values = np.full((len(index), len(names)), np.nan)
    column_of = {at.columns[name]: i for i, name in enumerate(names) if name in at.columns}
    for (row, column), seen in cells.items():
        if column in column_of and row in place and isinstance(seen.value, int | float):
            values[place[row], column_of[column]] = seen.value
    return pd.DataFrame(values, index=index, columns=names)


def _need_sheets(book: Book) -> None:
    sheets = set(book.sheets())
    needed = [
        targets_page.SHEET, calendar_page.SHEET, events_page.SHEET, year_cells.SHEET, split_page.SHEET,
        *map(sheet_name, MONTHS), daily_page.SHEET, PROBLEMS, LOG, PLAN, ACTUAL, SOURCES,
        HOLDS, COMPARE, UNDO, VERSIONS, meta.SHEET,
    ]  # fmt: skip
    missing = [name for name in needed if name not in sheets]
    if not missing:
        return
    if meta.SHEET in sheets:
        meta.read_meta(book.read(meta.SHEET), book.name)  # says so when it is a store workbook
    if meta.SHEET in missing and PLAN in missing:
        raise StructureError(
            f"{book.name} 不是 xlplan 的计划表", "用 xlplan new 新建一份", Where(book.name)
        )
    raise StructureError(
        f"找不到工作表：{'、'.join(missing)}",
        f"如果改了表名，请改回“{missing[0]}”；如果删掉了，请从“备份”文件夹恢复",
        Where(book.name),
    )


def _months(year: Year, cells: Mapping[str, Cells]) -> tuple[dict[int, MonthAt], dict[str, str]]:
    found: dict[int, MonthAt] = {}
    scopes: dict[str, str] = {}
    labels = {row.key: row.label for row in month_rows(year.settings)}
    for month in MONTHS:
        name = sheet_name(month)
        keys = find_keys(name, cells[name])
        keys.need_rows(
            labels | dict.fromkeys(("row:scope", "row:plan", "row:actual", "row:date"), "表头")
        )
        keys.need_columns({key: key[2:] for key in default_at(year, month).columns})
        first = min(column for key, column in keys.columns.items() if key.startswith("d:"))
        found[month] = MonthAt(
            name, keys.rows, keys.columns, (keys.rows["row:scope"], first),
            keys.rows["row:plan"], keys.rows["row:actual"], keys.rows["row:date"],
        )  # fmt: skip
        scopes[name] = _scope(year, cells[name], found[month].scope)
    return found, scopes


def _year_at(year: Year, cells: Mapping[str, Cells]) -> tuple[YearAt, str]:
    sheet = cells[year_cells.SHEET]
    keys = find_keys(year_cells.SHEET, sheet)
    keys.need_rows({row.key: row.label for row in year_rows(year.metrics)} | {"row:scope": "店铺"})
    keys.need_columns({key: key for key in year_cells.COLUMNS})
    at = YearAt(keys.rows, keys.columns, (keys.rows["row:scope"], keys.columns["m:1"]))
    return at, _scope(year, sheet, at.scope)


def _scope(year: Year, cells: Cells, spot: Spot) -> str:
    """Return the store the selector shows; an unknown one falls back to the first choice."""
    seen = cells.get(spot)
    text = str(seen.value).strip() if seen and seen.value is not None else ""
    return text if text in year.scopes else year.scopes[0]


def _notes(cells: Cells) -> dict[str, str]:
    keys = find_keys(year_cells.SHEET, cells)
    found = {}
    for row_key, row in keys.rows.items():
        for column_key, column in keys.columns.items():
            seen = cells.get((row, column))
            if row_key.startswith("text:") and seen and seen.value is not None:
                found[f"{row_key}|{column_key}"] = str(seen.value)
    return found
