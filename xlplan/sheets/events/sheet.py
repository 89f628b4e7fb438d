"""活动 as a sheet of the book: campaigns are inputs, nothing on it follows from the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sheets.base.find import find_keys
from xlplan.sheets.base.names import EVENTS
from xlplan.sheets.base.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.cells import Page
    from xlplan.errors import Problem
    from xlplan.plan.days.events import Event
    from xlplan.sheets.base.sheet import Reading, View
    from xlplan.sheets.events.page import EventsAt


def _page(view: View) -> Page:
    from xlplan.sheets.events.page import events_page

    return events_page(view.year)


def events_said(reading: Reading) -> tuple[Sequence[Event], Sequence[Problem]]:
    """Return the campaigns of a book, and what on the sheet cannot be understood."""
    from xlplan.sheets.days.read import read_events

    return read_events(reading.cells[EVENTS], reading.number, reading.file)


def _at(reading: Reading) -> EventsAt:
    from xlplan.sheets.events.page import EventsAt

    return EventsAt(find_keys(EVENTS, reading.cells[EVENTS]).columns)


def _as_built(_: object) -> EventsAt:
    from xlplan.sheets.events.page import EventsAt, columns

    return EventsAt(columns())


EVENT_SHEET = Sheet(
    EVENTS,
    _page,
    find=_at,
    built=_as_built,
    lines=_as_built,
    problems=lambda reading: reading.of(events_said)[1],
)
