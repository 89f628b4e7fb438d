"""日历 as a sheet of the book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sheets.base.names import DAYS
from xlplan.sheets.base.sheet import Piece, Sheet
from xlplan.sheets.events.sheet import events_said

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Cell, Page, Spot
    from xlplan.plan.calendar import Calendar
    from xlplan.sheets.base.sheet import Reading, View
    from xlplan.sheets.days.page import CalendarAt
    from xlplan.sheets.days.read import CalendarRead
    from xlplan.sheets.state.book import BookState


def _page(view: View) -> Page:
    from xlplan.sheets.days.page import calendar_page

    return calendar_page(view.year.calendar, view.state.shape, view.state.days)


def _said(reading: Reading) -> CalendarRead:
    from xlplan.sheets.days.read import read_calendar

    return read_calendar(reading.cells[DAYS], reading.number, reading.file)


def _calendar(reading: Reading) -> Calendar:
    from xlplan.sheets.days.page import make_calendar
    from xlplan.sheets.hidden.meta import HOLIDAYS

    said, (events, _) = reading.of(_said), reading.of(events_said)
    official = reading.about.get(HOLIDAYS, "")
    return make_calendar(reading.number, events, said.shape, said.days, official)


def _cells(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.days.page import calendar_cells

    return calendar_cells(view.year.calendar, view.at.calendar)


def _built(state: BookState) -> CalendarAt:
    from xlplan.sheets.days.page import days_as_built

    return days_as_built(state.year.calendar, state.shape)


DAY_SHEET = Sheet(
    DAYS,
    _page,
    find=lambda reading: reading.of(_said).at,
    built=_built,
    read={
        "shape": lambda reading: reading.of(_said).shape,
        "days": lambda reading: reading.of(_said).days,
        "calendar": _calendar,
    },
    problems=lambda reading: reading.of(_said).problems,
    cells=(Piece(("calendar",), _cells),),
)
