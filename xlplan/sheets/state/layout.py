"""A plan book as the sheets of a new file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.plan.budget.settings import Terms
from xlplan.plan.change.holds import marks
from xlplan.plan.year import Year
from xlplan.sheets.base.lists import log_page, problems_page
from xlplan.sheets.base.tables import ACTUAL, PLAN, Tables, table_at, table_page
from xlplan.sheets.budget.record import notes_page
from xlplan.sheets.budget.terms_page import terms_page
from xlplan.sheets.checks.page import BookAt, checks_page
from xlplan.sheets.collect.collected import collected_page
from xlplan.sheets.collect.page import collect_page
from xlplan.sheets.compare.page import compare_page
from xlplan.sheets.daily.page import daily_page
from xlplan.sheets.days.page import calendar_page
from xlplan.sheets.events.page import events_page
from xlplan.sheets.hidden.meta import meta_page
from xlplan.sheets.hidden.sources import sources_page
from xlplan.sheets.history.page import undo_page, versions_page
from xlplan.sheets.holds.page import holds_page
from xlplan.sheets.home.page import home_page
from xlplan.sheets.mapping.page import mapping_page
from xlplan.sheets.month.derived import default_at as month_at
from xlplan.sheets.month.held_row import mark_cells, open_plan, show_locks, with_column
from xlplan.sheets.month.page import month_page
from xlplan.sheets.parts.agreed_page import agreed_page, stores_page
from xlplan.sheets.parts.page import default_at as split_at
from xlplan.sheets.parts.page import split_page
from xlplan.sheets.state.book import MONTHS
from xlplan.sheets.targets.page import targets_page
from xlplan.sheets.year.page import default_at as year_at
from xlplan.sheets.year.page import year_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.cells import Page
    from xlplan.plan.year import Year
    from xlplan.sheets.state.book import BookState


def built_tables(year: Year) -> Tables:
    """Return the hidden tables' positions in a freshly built book."""
    return Tables(with_column(table_at(PLAN, year.planned)), table_at(ACTUAL, year.actual))


def pages(state: BookState) -> list[Page]:
    """Return all sheets of a new plan book, in order."""
    year = state.year
    at = built_tables(year)
    months_at = {m: month_at(year, m) for m in MONTHS}
    book_at = BookAt(months_at, year_at(year), at, split_at(state.splits))
    held = marks(year, state.holds)
    return [
        home_page(year, at, len(state.problems), state.meta.get("title", "")),
        targets_page(state.typed, year.year),
        calendar_page(year.calendar, state.shape, state.days),
        events_page(year),
        open_plan(year_page(year, at), year, book_at.year.rows),
        split_page(year, state.splits, at.plan),
        agreed_page(year, state.splits, at.plan),
        *(_month(state, month, at, held) for month in MONTHS),
        daily_page(year, at, state.daily, state.origins),
        terms_page(Terms(), year),
        checks_page(year, book_at, len(state.splits.agreements)),
        problems_page(state.problems),
        log_page(state.log),
        holds_page(state.holds, year.metrics),
        compare_page(),
        collect_page(year.stores),
        mapping_page(),
        _plan_table(state, at, held),
        table_page(at.actual, year.actual, year.year),
        stores_page(year, state.splits),
        sources_page(state.sources),
        collected_page(),
        notes_page(),
        undo_page(state.journal),
        versions_page(state.versions),
        meta_page(state.meta, year, at),
    ]


def _month(state: BookState, month: int, at: Tables, held: Sequence[str]) -> Page:
    year = state.year
    page = month_page(year, month, at)
    return show_locks(page, year, month_at(year, month), year.scopes[0], at.plan, held)


def _plan_table(state: BookState, at: Tables, held: Sequence[str]) -> Page:
    page = table_page(at.plan, state.year.planned, state.year.year)
    page.cells.update(mark_cells(at.plan, held))
    return page
