"""收集报告 and _收集 as sheets of the book: written by collecting, not worked out from the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sheets.base.names import COLLECT, COLLECTED
from xlplan.sheets.base.sheet import Sheet
from xlplan.sheets.hidden.meta import asked_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Page, Seen, Spot
    from xlplan.sheets.base.sheet import View


def _page(view: View) -> Page:
    from xlplan.sheets.collect.page import collect_page

    return collect_page(view.year.stores)


def _memory(_: View) -> Page:
    from xlplan.sheets.collect.collected import collected_page

    return collected_page()


def _anchors(cells: Mapping[Spot, Seen]) -> Mapping[str, int]:
    from xlplan.sheets.collect.page import report_anchors

    return report_anchors(cells)


REPORT = Sheet(
    COLLECT,
    _page,
    anchors=_anchors,
    needed=False,
    shown=lambda state: asked_for(state, COLLECT),
    blank=True,
)
MEMORY = Sheet(COLLECTED, _memory, needed=False)
