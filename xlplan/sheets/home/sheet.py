"""首页 as a sheet of the book."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlplan.sheets.base.names import HOME
from xlplan.sheets.base.sheet import Piece, Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Cell, Page, Seen, Spot
    from xlplan.sheets.base.sheet import Reading, View
    from xlplan.sheets.home.base import Shown
    from xlplan.sheets.home.layout import HomeAt
    from xlplan.sheets.state.book import BookState


def shown_of(view: View) -> Shown:
    """Return what 首页 is made from."""
    from xlplan.sheets.home.base import Shown
    from xlplan.sheets.home.figures import clock
    from xlplan.sheets.home.told import OUTLOOK

    state = view.state
    told = state.own.get(OUTLOOK, {})
    return Shown(view.year, view.at.tables, view.scopes[HOME], told, state.problems, clock())


def _page(view: View) -> Page:
    from xlplan.sheets.home.page import home_page

    return home_page(shown_of(view), view.state.meta.get("title", ""))


def _cells(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.home.page import home_cells

    return home_cells(shown_of(view))


def _told(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.home.told import OUTLOOK, told_cells

    told = view.state.own.get(OUTLOOK, {})
    return told_cells(told, view.year.scopes, view.at[HOME])


def _built(state: BookState) -> HomeAt:
    from xlplan.sheets.home.layout import HomeAt

    return HomeAt(len(state.year.scopes))


def _found(reading: Reading) -> HomeAt:
    from xlplan.sheets.home.layout import found_at
    from xlplan.sheets.home.told import TOLD_HEADS

    return found_at(reading.cells[HOME], len(reading.year.scopes), TOLD_HEADS)


def _read(reading: Reading) -> dict[str, Any]:
    """Return what is kept; a book whose 首页 is to come keeps nothing yet."""
    from xlplan.sheets.home.told import read_told

    if HOME not in reading.there or is_old(there := reading.as_read(HOME)):
        return {}
    return read_told(there, reading.year.scopes, reading.at[HOME])


def is_old(cells: Mapping[Spot, Seen]) -> bool:
    """Return whether a 首页 is of a program that laid it out in another way."""
    from xlplan.sheets.home.layout import has_mark

    return not has_mark(cells)


HOME_SHEET = Sheet(
    HOME,
    _page,
    find=_found,
    built=_built,
    read={"outlook": _read},
    cells=(
        Piece(("plan", "actuals", "problems", "calendar", "outlook"), _cells),
        Piece(("outlook",), _told),
    ),
    replaced=is_old,
    selects=True,
    needed=False,
)
