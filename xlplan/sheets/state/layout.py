"""A plan book as the sheets of a new file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlplan.sheets import SHEETS
from xlplan.sheets.base.places import Later, Places
from xlplan.sheets.base.sheet import View

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
    return [sheet.page(view) for sheet in sheets]


def new_view(state: BookState, sheets: Sequence[Sheet] = SHEETS) -> View:
    """Return what the sheets of a new book are laid out from."""
    built = {sheet.name: sheet.built for sheet in sheets if sheet.built}

    def place(name: str) -> Any:
        return built[name](state)

    scopes = {sheet.name: state.year.scopes[0] for sheet in sheets if sheet.selects}
    there = Later[Any]([sheet.name for sheet in sheets], lambda _: {})
    return View(state, Places(list(built), place), scopes, there)


def built_tables(year: Year) -> Tables:
    """Return the hidden tables' positions in a freshly built book."""
    from xlplan.sheets.base.names import ACTUAL, PLAN
    from xlplan.sheets.base.tables import Tables, table_at
    from xlplan.sheets.month.held_row import with_column

    return Tables(with_column(table_at(PLAN, year.planned)), table_at(ACTUAL, year.actual))
