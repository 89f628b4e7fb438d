"""A state with an official list of holidays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.record import replace
from xlplan.sheets.days.page import Members, make_calendar
from xlplan.sheets.hidden.meta import HOLIDAYS

if TYPE_CHECKING:
    from xlplan.sheets.state.book import BookState


def with_holidays(state: BookState, official: str) -> BookState:
    """Return the state with an official list of holidays, or without one ("")."""
    year, events = state.year, state.year.calendar.events
    members = Members(year.stores, year.platforms, year.calendar.shapes)
    made = make_calendar(year.year, events, state.shape, state.days, official, members)
    kept = {**state.meta, HOLIDAYS: official}
    return replace(state, year=replace(year, calendar=made), meta=kept)
