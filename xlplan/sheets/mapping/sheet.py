"""导入映射 as a sheet of the book: all of it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sheets.base.names import MAPPING
from xlplan.sheets.base.sheet import Sheet
from xlplan.sheets.hidden.meta import asked_for

if TYPE_CHECKING:
    from xlplan.cells import Page
    from xlplan.sheets.base.sheet import View


def _page(_: View) -> Page:
    from xlplan.sheets.mapping.page import mapping_page

    return mapping_page()


MAPPING_SHEET = Sheet(
    MAPPING, _page, needed=False, shown=lambda state: asked_for(state, MAPPING), blank=True
)
