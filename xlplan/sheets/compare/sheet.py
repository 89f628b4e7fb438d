"""版本对比 as a sheet of the book: filled by comparing, nothing on it follows from the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sheets.base.names import COMPARE
from xlplan.sheets.base.sheet import Sheet
from xlplan.sheets.hidden.meta import asked_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Page, Seen, Spot
    from xlplan.sheets.base.sheet import View


def _page(_: View) -> Page:
    from xlplan.sheets.compare.page import compare_page

    return compare_page()


def _anchors(cells: Mapping[Spot, Seen]) -> Mapping[str, int]:
    from xlplan.sheets.compare.page import compare_anchors

    return compare_anchors(cells)


COMPARE_SHEET = Sheet(
    COMPARE,
    _page,
    anchors=_anchors,
    needed=False,
    shown=lambda state: asked_for(state, COMPARE),
    blank=True,
)
