"""What people typed into a plan book: targets, calendar, campaigns, 日报, locks."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from xlplan.record import bundle
from xlplan.sheets.daily import page as daily_page
from xlplan.sheets.daily.read import read_daily
from xlplan.sheets.days import page as calendar_page
from xlplan.sheets.days.page import make_calendar
from xlplan.sheets.days.read import read_calendar, read_events
from xlplan.sheets.events import page as events_page
from xlplan.sheets.hidden import meta
from xlplan.sheets.holds import page as holds_page
from xlplan.sheets.targets import page as targets_page
from xlplan.sheets.targets.read import read_targets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Seen, Spot
    from xlplan.errors import Problem
    from xlplan.plan.calendar import Calendar
    from xlplan.plan.change.holds import Hold
    from xlplan.sheets.daily.read import DailyRead
    from xlplan.sheets.days.read import CalendarRead
    from xlplan.sheets.state.book import BookState
    from xlplan.sheets.targets.read import TargetsRead


@bundle
class Inputs:
    """The inputs of one book, each with its places, and what could not be understood."""

    year: int
    stores: list[str]
    targets: TargetsRead
    days: CalendarRead
    calendar: Calendar
    daily: DailyRead
    holds: Sequence[Hold]
    problems: Sequence[Problem]


def read_inputs(
    cells: Mapping[str, Mapping[Spot, Seen]], about: Mapping[str, str], file: str
) -> Inputs:
    """Read every input sheet.

    Args:
        cells: The cells of each sheet.
        about: What _元数据 says: year, stores, channels.
        file: The book's name, for messages.

    Raises:
        StructureError: A key row or key column is missing.
    """
    year, stores = int(about["year"]), list(json.loads(about["stores"]))
    channels = tuple(json.loads(about["channels"]))
    targets = read_targets(cells[targets_page.SHEET], stores, channels, year, file)
    days = read_calendar(cells[calendar_page.SHEET], year, file)
    events, odd_events = read_events(cells[events_page.SHEET], year, file)
    made = make_calendar(year, events, days.shape, days.days, about.get(meta.HOLIDAYS, ""))
    registry = targets.typed.settings.registry
    daily = read_daily(cells[daily_page.SHEET], registry, stores, year, file)
    holds, odd_holds = holds_page.read_holds(cells[holds_page.SHEET], registry, stores, year, file)
    problems = [*targets.problems, *days.problems, *odd_events, *daily.problems, *odd_holds]
    return Inputs(year, stores, targets, days, made, daily, holds, problems)


def with_holidays(state: BookState, official: str) -> BookState:
    """Return the state with an official list of holidays, or without one ("")."""
    year, events = state.year, state.year.calendar.events
    made = make_calendar(year.year, events, state.shape, state.days, official)
    kept = {**state.meta, meta.HOLIDAYS: official}
    return replace(state, year=replace(year, calendar=made), meta=kept)
