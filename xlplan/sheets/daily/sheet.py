"""日报 as a sheet of the book."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from xlplan.record import replace
from xlplan.sheets.base.list_changes import pair_text, text_pair
from xlplan.sheets.base.names import DAILY
from xlplan.sheets.base.sheet import Piece, Sheet, Undo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Cell, Page, Spot
    from xlplan.sheets.base.sheet import Reading, View
    from xlplan.sheets.daily.page import DailyAt
    from xlplan.sheets.daily.read import DailyRead
    from xlplan.sheets.state.book import BookState


def _page(view: View) -> Page:
    from xlplan.sheets.daily.page import daily_page

    return daily_page(view.year, view.at.tables, view.state.daily, view.state.origins, view.doubts)


def _said(reading: Reading) -> DailyRead:
    from xlplan.sheets.daily.read import read_daily

    metrics = reading.year.metrics
    return read_daily(reading.cells[DAILY], metrics, reading.stores, reading.number, reading.file)


def _built(state: BookState) -> DailyAt:
    from xlplan.sheets.daily.page import daily_as_built

    return daily_as_built(state.year)


def _cells(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.daily.page import daily_cells

    state = view.state
    return daily_cells(view.year, view.at.tables, state.daily, view.at.daily, state.origins)


def _doubts(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.daily.page import doubt_column

    return doubt_column(view.year, view.at.daily, view.doubts)


def _put_origins(state: BookState, values: Mapping[str, Any]) -> BookState:
    pairs = {text_pair(key): value for key, value in values.items()}
    made = {(store, date.fromisoformat(day)): value for (store, day), value in pairs.items()}
    return replace(state, origins=made)


DAILY_SHEET = Sheet(
    DAILY,
    _page,
    find=lambda reading: reading.of(_said).at,
    built=_built,
    lines=lambda reading: _built(reading.state),
    read={
        "daily": lambda reading: reading.of(_said).typed,
        "origins": lambda reading: reading.of(_said).origins,
    },
    problems=lambda reading: reading.of(_said).problems,
    cells=(Piece(("plan", "daily", "origins", "settings"), _cells), Piece(("doubts",), _doubts)),
    undo=(Undo("origins", "origins", lambda state: pair_text(state.origins), _put_origins),),
)
