"""首页 as a sheet of the book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sheets.base.names import HOME
from xlplan.sheets.base.sheet import Piece, Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Cell, Page, Spot
    from xlplan.sheets.base.sheet import View


def _page(view: View) -> Page:
    from xlplan.sheets.home.page import home_page

    title = view.state.meta.get("title", "")
    return home_page(view.year, view.at.tables, len(view.state.problems), title)


def _cells(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.home.page import home_cells

    return home_cells(view.year, view.at.tables, len(view.state.problems))


HOME_SHEET = Sheet(
    HOME, _page, cells=(Piece(("plan", "actuals", "problems"), _cells),), needed=False
)
