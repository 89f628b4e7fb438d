"""1月 … 12月 as sheets of the book."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from xlplan.sheets.base.names import MONTHS, month_name
from xlplan.sheets.base.sheet import Frame, Piece, Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Cell, Page, Spot
    from xlplan.sheets.base.sheet import Reading, View
    from xlplan.sheets.month.derived import MonthAt
    from xlplan.sheets.state.book import BookState


def _page(month: int, view: View) -> Page:
    from xlplan.sheets.month.derived import month_as_built
    from xlplan.sheets.month.held_row import show_locks
    from xlplan.sheets.month.page import month_page

    year, tables = view.year, view.at.tables
    page, at = month_page(year, month, tables, "", view.doubts), month_as_built(year, month)
    return show_locks(page, year, at, year.scopes[0], tables.plan, view.marks)


def _found(month: int, reading: Reading) -> MonthAt:
    from xlplan.sheets.base.find import find_keys
    from xlplan.sheets.month.derived import SPECIAL, MonthAt, month_columns
    from xlplan.sheets.month.rows import month_rows

    name, year = month_name(month), reading.year
    keys = find_keys(name, reading.cells[name])
    labels = {row.key: row.label for row in month_rows(year.settings)}
    keys.need_rows(labels | dict.fromkeys(SPECIAL, "表头"))
    keys.need_columns({one.key: one.key[2:] for one in month_columns(year.year, month)})
    first = min(column for key, column in keys.columns.items() if key.startswith("d:"))
    scope, *lookup = (keys.rows[key] for key in SPECIAL)
    return MonthAt(name, keys.rows, keys.columns, (scope, first), *lookup)


def _built(month: int, state: BookState) -> MonthAt:
    from xlplan.sheets.month.derived import month_as_built

    return month_as_built(state.year, month)


def _frame(month: int, state: BookState) -> Frame:
    from xlplan.sheets.month.derived import special_rows
    from xlplan.sheets.month.page import month_frame

    page, at = month_frame(state.year, month)
    return Frame(page, {**at.rows, **special_rows(at)}, at.columns)


def _lines(month: int, reading: Reading) -> MonthAt:
    return _built(month, reading.state)


def _cells(month: int, view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.month.derived import MonthView

    scope = view.scopes[month_name(month)]
    return MonthView(view.year, month, scope, view.at.months[month], view.at.tables).cells()


def _held(month: int, view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.month.held_row import held_cells

    at, scope = view.at.months[month], view.scopes[month_name(month)]
    return held_cells(view.year, at, scope, view.at.tables.plan, view.marks)


def _doubtful(month: int, view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.month.doubt_row import doubt_cells

    at, scope = view.at.months[month], view.scopes[month_name(month)]
    return doubt_cells(view.year, at, scope, view.at.tables.actual, view.doubts)


def _sheet(month: int) -> Sheet:
    of = ("plan", "actuals", "settings", "calendar", "last")
    return Sheet(
        month_name(month),
        partial(_page, month),
        find=partial(_found, month),
        built=partial(_built, month),
        frame=partial(_frame, month),
        lines=partial(_lines, month),
        cells=(
            Piece(of, partial(_cells, month), month),
            Piece(("holds",), partial(_held, month), month),
            Piece(("doubts",), partial(_doubtful, month), month),
        ),
        selects=True,
    )


MONTH_SHEETS = tuple(_sheet(month) for month in MONTHS)
