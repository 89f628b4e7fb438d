"""复盘 as a sheet of the book: there from the first review on; the 补差计划 on it belongs to people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from xlplan.sheets.base.names import REVIEW
from xlplan.sheets.base.sheet import Piece, Sheet, own_undo
from xlplan.sheets.hidden import meta

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Cell, Page, Spot
    from xlplan.sheets.base.making import Keyed
    from xlplan.sheets.base.sheet import Reading, View
    from xlplan.sheets.state.book import BookState

#: Part of the state: the rows of the 补差计划.
GAPS = "gaps"


def _page(view: View) -> Page:
    from xlplan.sheets.review.gaps import gap_cells
    from xlplan.sheets.review.page import review_page

    page = review_page(view)
    for spot, cell in gap_cells(view.state.own.get(GAPS, []), view.at[REVIEW]).items():
        page.cells[spot] = cell
    return page


def _find(reading: Reading) -> Keyed:
    from xlplan.plan.year import TOTAL, Settings
    from xlplan.sheets.base.making import found_report
    from xlplan.sheets.review.layout import review_as_built

    stores = reading.stores
    scopes = [TOTAL, *stores] if len(stores) > 1 else stores
    metrics = Settings(channels=tuple(json.loads(reading.about["channels"]))).registry
    built = review_as_built(stores, scopes, metrics)
    return found_report(REVIEW, reading.cells[REVIEW], built)


def _built(state: BookState) -> Keyed:
    from xlplan.sheets.review.layout import review_as_built

    year = state.year
    return review_as_built(year.stores, year.scopes, year.metrics)


def _gaps(reading: Reading) -> list[dict[str, Any]]:
    if REVIEW not in reading.cells:
        return []
    from xlplan.sheets.review.gaps import read_gaps

    return list(read_gaps(reading.cells[REVIEW], reading.at[REVIEW]))


def _cells(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.review.blocks import review_cells

    return review_cells(view, view.at[REVIEW])


def _more(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.review.blocks import channel_cells

    return channel_cells(view, view.at[REVIEW])


def _rows(view: View) -> Mapping[Spot, Cell]:
    """Return the rows of the 补差计划 where the new state changes them; all others stay as typed."""
    from xlplan.sheets.review.gaps import gap_cells

    made = gap_cells(view.state.own.get(GAPS, []), view.at[REVIEW])
    return {spot: cell._replace(style=None) for spot, cell in made.items()}


REVIEW_SHEET = Sheet(
    REVIEW,
    _page,
    since="0.3.0",
    find=_find,
    built=_built,
    read={GAPS: _gaps},
    cells=(
        Piece(("meta", "plan", "actuals", "settings"), _cells),
        Piece(("meta", "actuals"), _more),
        Piece((GAPS,), _rows),
    ),
    undo=(own_undo(GAPS, is_list=True),),
    needed=False,
    shown=lambda state: bool(state.meta.get(meta.REVIEW)),
)
