"""日历 as a sheet of the book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sheets.base.names import DAYS, EVENTS
from xlplan.sheets.base.sheet import Piece, Sheet
from xlplan.sheets.events.sheet import events_said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Cell, Page, Spot
    from xlplan.errors import Problem
    from xlplan.plan.calendar import Calendar
    from xlplan.plan.days.events import Event
    from xlplan.sheets.base.sheet import Reading, View
    from xlplan.sheets.days.page import CalendarAt, Members
    from xlplan.sheets.days.read import CalendarRead
    from xlplan.sheets.state.book import BookState


def _page(view: View) -> Page:
    from xlplan.sheets.days.page import calendar_page

    year, state = view.year, view.state
    return calendar_page(year.calendar, state.shape, state.days, year.stores)


def _said(reading: Reading) -> CalendarRead:
    from xlplan.sheets.days.read import read_calendar

    return read_calendar(reading.cells[DAYS], reading.number, reading.file)


def _calendar(reading: Reading) -> Calendar:
    from xlplan.sheets.days.page import make_calendar
    from xlplan.sheets.hidden.meta import HOLIDAYS

    said, (events, _) = reading.of(_said), reading.of(events_said)
    official = reading.about.get(HOLIDAYS, "")
    members = _members(reading, events)
    return make_calendar(reading.number, events, said.shape, said.days, official, members)


def _members(reading: Reading, events: Sequence[Event]) -> Members | None:
    """Return who can take part; None where every store takes part in everything."""
    from xlplan.plan.days.taking_part import is_limited
    from xlplan.sheets.days.page import Members

    said, stores = reading.of(_said), reading.stores
    own = {store: shape for store, shape in said.shapes.items() if store in stores}
    limited = any(is_limited(event) for event in events)
    if not limited and not own:
        return None
    return Members(stores, _platforms(reading) if limited else dict.fromkeys(stores, ""), own)


def _platforms(reading: Reading) -> Mapping[str, str]:
    from xlplan.metrics.platforms import platforms_of

    return platforms_of(reading.stores, reading.part("settings").platforms)


def _problems(reading: Reading) -> Sequence[Problem]:
    """Return what cannot be understood, and what is not clear about campaigns."""
    from xlplan.plan.days.taking_part import doubts, is_limited
    from xlplan.sheets.days.read import event_rows

    events, _ = reading.of(events_said)
    known = _platforms(reading) if any(is_limited(event) for event in events) else {}
    cells = event_rows(reading.cells[EVENTS])
    unclear = doubts(events, reading.stores, known, cells, reading.file)
    return [*reading.of(_said).problems, *unclear]


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
    problems=_problems,
    cells=(Piece(("calendar",), _cells),),
)
