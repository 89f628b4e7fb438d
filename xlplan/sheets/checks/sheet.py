"""核对 as a sheet of the book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sheets.base.names import CHECKS
from xlplan.sheets.base.sheet import Piece, Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Cell, Page, Spot
    from xlplan.sheets.base.sheet import View


def _page(view: View) -> Page:
    from xlplan.sheets.checks.page import checks_page

    return checks_page(view.year, view.at, len(view.state.splits.agreements))


def _cells(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.checks.page import COUNT_SPOT, check_cells, checks

    if view.changed is not None and not view.changed & {"splits", "settings"}:
        cells = check_cells(checks(view.year, view.at, view.scopes, months=view.months))
        return {spot: cell for spot, cell in cells.items() if spot != COUNT_SPOT}
    agreements = len(view.state.splits.agreements)
    return check_cells(checks(view.year, view.at, view.scopes, agreements))


CHECK_SHEET = Sheet(
    CHECKS, _page, cells=(Piece(("plan", "actuals", "splits"), _cells),), needed=False
)
