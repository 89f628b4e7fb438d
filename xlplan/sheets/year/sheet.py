"""年度规划 as a sheet of the book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sheets.base.names import YEAR
from xlplan.sheets.base.sheet import Frame, Piece, Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Cell, Page, Spot
    from xlplan.sheets.base.sheet import Reading, View
    from xlplan.sheets.state.book import BookState
    from xlplan.sheets.year.derived import YearAt


def _page(view: View) -> Page:
    from xlplan.sheets.month.held_row import open_plan
    from xlplan.sheets.year.page import year_page

    return open_plan(year_page(view.year, view.at.tables), view.year, view.at.year.rows)


def _found(reading: Reading) -> YearAt:
    from xlplan.sheets.base.find import find_keys
    from xlplan.sheets.year.derived import COLUMNS, TEXT_ROWS, YearAt, year_rows

    keys = find_keys(YEAR, reading.cells[YEAR])
    # what people write in may be missing: a book gets those rows when it is brought up
    rows = {row.key: row.label for row in year_rows(reading.year.metrics) if not row.is_typed}
    rows |= dict(TEXT_ROWS)
    keys.need_rows(rows | {"row:scope": "店铺"})
    keys.need_columns({key: key for key in COLUMNS})
    return YearAt(keys.rows, keys.columns, (keys.rows["row:scope"], keys.columns["m:1"]))


def _built(state: BookState) -> YearAt:
    from xlplan.sheets.year.page import year_as_built

    return year_as_built(state.year)


def _frame(state: BookState) -> Frame:
    from xlplan.sheets.year.page import year_frame

    page, at = year_frame(state.year)
    return Frame(page, at.rows, at.columns)


def _notes(reading: Reading) -> dict[str, str]:
    """Return what people write there, as text: row key and column key → text; names of own rows too."""
    from xlplan.sheets.base.find import find_keys
    from xlplan.sheets.year.derived import FREE, TEXT

    cells = reading.cells[YEAR]
    keys = find_keys(YEAR, cells)
    said = {}
    label = {"label": min(keys.columns.values(), default=3) - 1}
    for row_key, row in keys.rows.items():
        columns = {**keys.columns, **(label if row_key.startswith(FREE) else {})}
        for column_key, column in columns.items() if row_key.startswith((TEXT, FREE)) else ():
            seen = cells.get((row, column))
            if seen and seen.value not in (None, ""):
                said[f"{row_key}|{column_key}"] = str(seen.value)
    return said


def _cells(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.year.derived import YearView

    return YearView(view.year, view.scopes[YEAR], view.at.year, view.at.tables).cells()


YEAR_SHEET = Sheet(
    YEAR,
    _page,
    find=_found,
    built=_built,
    frame=_frame,
    lines=lambda reading: _built(reading.state),
    read={"notes": _notes},
    cells=(Piece(("plan", "actuals", "settings", "last", "calendar"), _cells),),
    selects=True,
)
