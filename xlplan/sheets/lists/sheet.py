"""变更记录 as a sheet of the book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sheets.base.names import LOG
from xlplan.sheets.base.sheet import Sheet
from xlplan.sheets.hidden.meta import asked_for

if TYPE_CHECKING:
    from xlplan.cells import Page
    from xlplan.sheets.base.lists import ListAt
    from xlplan.sheets.base.sheet import Reading, View


def _log_page(view: View) -> Page:
    from xlplan.sheets.base.lists import log_page

    return log_page(view.state.log)


def _log_at(reading: Reading) -> ListAt:
    from xlplan.sheets.base.lists import log_at

    return log_at(reading.cells[LOG])


#: Its rows are appended by every action (`xlplan.actions.run.apply`).
LOG_LIST = Sheet(
    LOG,
    _log_page,
    find=_log_at,
    needed=False,
    shown=lambda state: bool(state.log) or asked_for(state, LOG),
    blank=True,
)
