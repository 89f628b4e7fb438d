"""数据连接 as a sheet of the book: typed; it appears with the first database that is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sheets.base.sheet import Piece, Sheet, undo_unless_typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Cell, Page, Spot
    from xlplan.sheets.base.sheet import Reading, View
    from xlplan.sheets.state.book import BookState

_SHEET, _PART = "数据连接", "links"


def _page(view: View) -> Page:
    from xlplan.sheets.links.page import links_page

    return links_page(view.state.own.get(_PART, {}))


def _find(reading: Reading) -> Mapping[str, int]:
    from xlplan.sheets.links.page import link_columns

    return link_columns(reading.cells[_SHEET])[1] if _SHEET in reading.there else {}


def _built(_: BookState) -> Mapping[str, int]:
    from xlplan.sheets.links.page import LINK_HEADS

    return {name: column for column, name in enumerate(LINK_HEADS, start=1)}


def _said(reading: Reading) -> dict[str, list[str]]:
    from xlplan.sheets.links.page import read_links

    return read_links(reading.cells[_SHEET]) if _SHEET in reading.there else {}


def _cells(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.links.page import link_cells

    before = view.before.own.get(_PART, {}) if view.before else {}
    now = view.state.own.get(_PART, {})
    gone = {row: [""] * 5 for row in before if row not in now}
    return link_cells({**gone, **now}, view.at[_SHEET])


LINKS_PAGE = Sheet(
    _SHEET,
    _page,
    since="0.3.0",
    find=_find,
    built=_built,
    read={_PART: _said},
    cells=(Piece((_PART,), _cells),),
    undo=(undo_unless_typed(_PART),),
    needed=False,
    shown=lambda state: bool(state.own.get(_PART)),
)
