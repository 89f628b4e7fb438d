"""What a book must change to say a new state: derived cells, differences only."""

from __future__ import annotations

from datetime import date
from math import isclose
from typing import TYPE_CHECKING

from xlplan.cells import Cell
from xlplan.plan.change.holds import marks
from xlplan.sheets.base import lists
from xlplan.sheets.base.tables import ACTUAL, PLAN, table_cells
from xlplan.sheets.checks import page as checks_page
from xlplan.sheets.daily import page as daily_page
from xlplan.sheets.days import page as calendar_page
from xlplan.sheets.hidden import meta
from xlplan.sheets.hidden.sources import SOURCES, sources_cells
from xlplan.sheets.home import page as home_page
from xlplan.sheets.month.derived import MonthView, sheet_name
from xlplan.sheets.month.held_row import held_cells, mark_cells
from xlplan.sheets.parts import agreed_page
from xlplan.sheets.parts import page as split_page
from xlplan.sheets.state.fixed import fixed_cells
from xlplan.sheets.state.kept import kept_cells
from xlplan.sheets.targets import page as targets_page
from xlplan.sheets.year import derived as year_cells
from xlplan.sheets.year.derived import YearView

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from xlplan.cells import Seen, Spot
    from xlplan.sheets.base.tables import TableAt
    from xlplan.sheets.state.book import BookState
    from xlplan.sheets.state.read import BookRead, Places

#: Relative difference below which a stored result is the same number.
CLOSE = 1e-12


def update(
    read: BookRead,
    state: BookState,
    keep: Container[tuple[str, Spot]] = (),
    near: dict[str, dict[Spot, Cell]] | None = None,
) -> dict[str, dict[Spot, Cell]]:
    """Return the cells to change, by sheet, for the book that was read to say `state`.

    Inputs are only touched where the state itself changes them; cells that already say it
    are left out, so that a second run changes nothing.

    Args:
        read: The book as read.
        state: What it should say.
        keep: (sheet, spot) of cells to leave alone: typed over the plan, not yet dealt with.
        near: Takes the cells that say it but for the last bits of a number.
    """
    wanted = derived_cells(state, read.at, read.scopes)
    for table in (*read.at.book.tables, read.at.sources):
        sheet = table.sheet
        wanted[sheet] |= _emptied(read.cells[sheet], wanted[sheet], table)
    for sheet, fixed in fixed_cells(state, read.at, read.cells).items():
        wanted[sheet] = {**fixed, **wanted[sheet]}
    for sheet, kept in kept_cells(read, state).items():
        wanted.setdefault(sheet, {}).update(kept)
    changed: dict[str, dict[Spot, Cell]] = {}
    for sheet, cells in wanted.items():
        other = _unlike(read.cells[sheet], cells)
        differing = {
            spot: cell for spot, cell, alike in other if not alike and (sheet, spot) not in keep
        }
        if differing:
            changed[sheet] = differing
        if near is not None:
            near[sheet] = {
                spot: cell
                for spot, cell, alike in other
                if alike and isinstance(cell.value, float) and "TODAY()" not in cell.formula
            }
    return changed


def _unlike(
    there: Mapping[Spot, Seen], wanted: Mapping[Spot, Cell]
) -> list[tuple[Spot, Cell, bool]]:
    """Return the cells that are not equal to the last bit, and whether they say it all the same.

    Most are equal and asked no further.
    """
    return [
        (spot, cell, same(seen, cell))
        for (spot, cell), seen in zip(wanted.items(), map(there.get, wanted), strict=True)
        if seen != cell[:2] or isinstance(cell[0], bool)
    ]


def derived_cells(
    state: BookState, at: Places, scopes: Mapping[str, str]
) -> dict[str, dict[Spot, Cell]]:
    """Return every cell that xlplan derives, by sheet, at the positions of a book."""
    year, tables = state.year, at.book.tables
    made: dict[str, dict[Spot, Cell]] = {
        home_page.SHEET: home_page.home_cells(year, tables, len(state.problems)),
        targets_page.SHEET: targets_page.target_cells(state.typed, at.targets),
        calendar_page.SHEET: calendar_page.calendar_cells(year.calendar, at.calendar),
        year_cells.SHEET: YearView(year, scopes[year_cells.SHEET], at.book.year, tables).cells(),
        split_page.SHEET: split_page.split_cells(
            year, scopes[split_page.SHEET], state.splits, at.split, tables.plan
        ),
        daily_page.SHEET: daily_page.daily_cells(
            year, tables, state.daily, at.daily, state.origins
        ),
        checks_page.SHEET: checks_page.check_cells(
            checks_page.checks(year, at.book, scopes, len(state.splits.agreements))
        ),
        lists.PROBLEMS: lists.problem_cells(state.problems, at.problems),
        lists.LOG: lists.log_cells(state.log, at.log),
        meta.SHEET: meta.state_cells(year, tables, at.meta),
        PLAN: table_cells(tables.plan, year.planned, year.year),
        ACTUAL: table_cells(tables.actual, year.actual, year.year),
        SOURCES: sources_cells(state.sources, at.sources),
    }
    if at.split.agreed is not None:
        stored = at.split.agreed.stored
        made[agreed_page.STORES] = agreed_page.store_cells(year, state.splits, stored)
    held = marks(year, state.holds)
    made[PLAN] |= mark_cells(tables.plan, held)
    for month, where in at.book.months.items():
        name = sheet_name(month)
        made[name] = MonthView(year, month, scopes[name], where, tables).cells()
        made[name] |= held_cells(year, where, scopes[name], tables.plan, held)
    return made


def _emptied(
    there: Mapping[Spot, Seen], wanted: Mapping[Spot, Cell], at: TableAt
) -> dict[Spot, Cell]:
    """Return the table cells that hold a number but should not any more."""
    last = at.rows + 1
    return {
        spot: Cell(None)
        for spot, seen in there.items()
        if 1 < spot[0] <= last and spot not in wanted and seen.value is not None
    }


def same(seen: Seen | None, cell: Cell) -> bool:
    """Return whether a cell already says what it should."""
    value, formula, _ = cell
    if seen is None:
        return not formula and value in (None, "")
    if formula != seen[1]:
        return False
    return _same_value(seen[0], value) or "TODAY()" in formula


def _same_value(there: object, wanted: object) -> bool:
    if type(there) is float and type(wanted) is float:  # nearly always
        return isclose(there, wanted, rel_tol=CLOSE)
    if there in (None, "") or wanted in (None, ""):
        return (there in (None, "")) and (wanted in (None, ""))
    if isinstance(there, bool) or isinstance(wanted, bool):
        return there is wanted
    if isinstance(there, int | float) and isinstance(wanted, int | float):
        return isclose(there, wanted, rel_tol=CLOSE)
    if isinstance(wanted, date) and isinstance(there, date):
        return there == wanted
    return str(there) == str(wanted)
