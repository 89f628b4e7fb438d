"""A plan book as the sheets of a new file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sheets import SHEETS
from xlplan.sheets.base.sheet import new_view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.cells import Page
    from xlplan.plan.year import Year
    from xlplan.sheets.base.sheet import Sheet
    from xlplan.sheets.base.tables import Tables
    from xlplan.sheets.state.book import BookState


def pages(state: BookState, sheets: Sequence[Sheet] = SHEETS) -> list[Page]:
    """Return all sheets of a new plan book, in order."""
    view = new_view(state, sheets)
    return [sheet.page(view) for sheet in sheets if not sheet.shown or sheet.shown(state)]


def built_tables(year: Year) -> Tables:
    """Return the hidden tables' positions in a freshly built book."""
    from xlplan.sheets.base.names import ACTUAL, PLAN
    from xlplan.sheets.base.tables import Tables, table_at
    from xlplan.sheets.month.doubt_row import with_doubts
    from xlplan.sheets.month.held_row import with_column

    actual = with_doubts(table_at(ACTUAL, year.actual))
    return Tables(with_column(table_at(PLAN, year.planned)), actual)
