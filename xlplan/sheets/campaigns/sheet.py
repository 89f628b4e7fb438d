"""活动目标 and _活动 as sheets of the book: there once a campaign is switched on."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from xlplan.sheets.base.names import CAMPAIGN_ROWS, CAMPAIGNS, EVENTS
from xlplan.sheets.base.sheet import Frame, Piece, Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Cell, Page, Spot
    from xlplan.sheets.base.sheet import Reading, View
    from xlplan.sheets.campaigns.layout import BoardAt
    from xlplan.sheets.campaigns.pairs import PairRows
    from xlplan.sheets.state.book import BookState

#: What all of it follows from.
_PARTS = ("plan", "actuals", "calendar", "settings", "last")


def has_campaigns(state: BookState) -> bool:
    """Return whether any campaign of the year is switched on."""
    return any(e.enabled and e.edition == state.year.year for e in state.year.calendar.events)


def _pairs(view: View) -> PairRows:
    from xlplan.sheets.campaigns.former import former_editions
    from xlplan.sheets.campaigns.pairs import PairRows

    return PairRows(view.year, view.at.tables, former_editions(view.year))


def _board(view: View, at: BoardAt, scope: str) -> tuple[dict[Spot, Cell], str]:
    """Return the derived cells, and the campaign whose story they tell."""
    from xlplan.sheets.campaigns.board import Board
    from xlplan.sheets.campaigns.layout import chosen, typed_columns
    from xlplan.sheets.campaigns.story import Story

    board = Board(_pairs(view), at, scope, date.today())
    card = chosen(view.year, at, view.there.get(CAMPAIGNS, {}))
    typed = typed_columns(view.there.get(EVENTS))
    return board.cells() | Story(board, card, typed).cells(), card


def _page(view: View) -> Page:
    from xlplan.sheets.campaigns.layout import board_as_built
    from xlplan.sheets.campaigns.page import board_page

    scope = view.year.scopes[0]
    cells, card = _board(view, board_as_built(), scope)
    return board_page(view.year.year, view.year.scopes, scope, card, cells)


def _cells(view: View) -> Mapping[Spot, Cell]:
    return _board(view, view.at[CAMPAIGNS], view.scopes[CAMPAIGNS])[0]


def _rows_page(view: View) -> Page:
    from xlplan.sheets.campaigns.pairs import pairs_page

    return pairs_page(_pairs(view))


def _rows(view: View) -> Mapping[Spot, Cell]:
    return _pairs(view).cells()


def _found(reading: Reading) -> BoardAt:
    from xlplan.sheets.campaigns.layout import board_as_built, board_found

    if CAMPAIGNS not in reading.there:
        return board_as_built()
    return board_found(reading.cells[CAMPAIGNS])


def _built(_: BookState) -> BoardAt:
    from xlplan.sheets.campaigns.layout import board_as_built

    return board_as_built()


def _frame(state: BookState) -> Frame:
    from xlplan.sheets.campaigns.page import board_frame

    page, at = board_frame(state.year.scopes)
    return Frame(page, at.rows, at.columns)


CAMPAIGN_SHEET = Sheet(
    CAMPAIGNS,
    _page,
    since="0.3.0",
    find=_found,
    built=_built,
    frame=_frame,
    cells=(Piece(_PARTS, _cells),),
    selects=True,
    needed=False,
    shown=has_campaigns,
)
CAMPAIGN_PAIRS = Sheet(
    CAMPAIGN_ROWS,
    _rows_page,
    since="0.3.0",
    cells=(Piece(_PARTS, _rows),),
    needed=False,
    shown=has_campaigns,
)
