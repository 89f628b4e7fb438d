"""工作计划 and the sheets beside it as sheets of the book; they appear when they are first asked for."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from xlplan.record import replace
from xlplan.sheets.base.sheet import Piece, Sheet, own_undo, undo_unless_typed
from xlplan.sheets.tasks.places import REST_SHEET, SHEET

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Cell, Page, Spot
    from xlplan.errors import Problem
    from xlplan.plan.tasks.item import Item
    from xlplan.sheets.base.sheet import Reading, View
    from xlplan.sheets.base.tables import Tables
    from xlplan.sheets.state.book import BookState
    from xlplan.sheets.tasks.board_cells import Board
    from xlplan.sheets.tasks.board_read import BoardReader
    from xlplan.sheets.tasks.marks_cells import Marks, MarksAt
    from xlplan.sheets.tasks.places import BoardAt
    from xlplan.sheets.tasks.promises import Promises, PromisesAt

TASKS, COUNTS, SHOWN = "tasks", "task_counts", "task_month"
MARKS_SHEET, MILESTONES, RISKS = "里程碑", "milestones", "risks"


def task_items(state: BookState) -> list[Item]:
    """Return the tasks that a book holds, of all months made so far; none in a book without."""
    from xlplan.plan.tasks.item import Item

    return [Item.of(key, said) for key, said in state.own.get(TASKS, {}).items()]


def board_of(state: BookState) -> Board:
    """Return the month that 工作计划 shows."""
    from xlplan.plan.tasks.board import quota_of
    from xlplan.sheets.tasks.board_cells import Board

    year = state.year
    shown = str(state.own.get(SHOWN, {}).get("month") or f"{year.year}-01")
    quotas = [quota_of(key, said) for key, said in state.own.get(COUNTS, {}).items()]
    return Board(int(shown[5:]), task_items(state), quotas, year.calendar, year.stores, date.today())  # fmt: skip


_SAID = ("done", "ticks", "note")


def _beside(state: BookState, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return changes of tasks as they apply to a state: what people said since stays."""
    there = state.own.get(TASKS, {})
    return {
        key: [_with_said(there.get(key), pair, value) for value in pair]
        for key, pair in changes.items()
    }


def _with_said(there: Mapping[str, Any] | None, pair: Sequence[Any], value: Any) -> Any:
    """Return a task as it was or became, with what is neither the one nor the other."""
    if there is None:
        return value
    known = {name: [(side or {}).get(name) for side in pair] for name in _SAID}
    since = {n: there.get(n) for n in _SAID if there.get(n) not in known[n]}
    if value is None:
        return dict(there) if any(since.values()) else None
    return {name: said for name, said in {**value, **since}.items() if said}


def _page(view: View) -> Page:
    from xlplan.sheets.tasks.board_page import board_page

    return board_page(board_of(view.state))


def _rest_page(view: View) -> Page:
    from xlplan.cells import Page
    from xlplan.sheets.tasks.board_cells import rest_cells

    board = board_of(view.state)
    page = Page(REST_SHEET, cells=rest_cells(board.others, board.stores, {}), hidden=True)
    for column, name in enumerate(("key", "month", "day", "open", "payload"), start=1):
        page.put(1, column, name)
    return page


def _reader(reading: Reading) -> BoardReader:
    from xlplan.sheets.tasks.board_read import BoardReader

    return BoardReader(reading.cells[SHEET], reading.stores, reading.file)


def _said(
    reading: Reading,
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], list[Problem]]:
    """Return the tasks, the counts, the month shown, and what could not be understood."""
    from xlplan.plan.tasks.board import quota_texts
    from xlplan.sheets.tasks.board_read import rest_items

    if SHEET not in reading.there:
        return {}, {}, {}, []
    reader = reading.of(_reader)
    shown = reader.items()
    rest = rest_items(reading.cells[REST_SHEET]) if REST_SHEET in reading.there else []
    items = {item.key: item.texts() for item in [*rest, *shown]}
    counts = {quota.key: quota_texts(quota) for quota in reader.quotas()}
    return items, counts, {"month": reader.month}, reader.problems


def _there(view: View, sheet: str) -> Mapping[Spot, Any]:
    """Return what stands on a sheet when no task changes; nothing when one does."""
    from xlplan.sheets.state.changes import differs

    before = view.before
    if before is None or any(differs(before, view.state, part) for part in (TASKS, SHOWN)):
        return {}
    return view.there[sheet]


def _cells(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.tasks.board_cells import board_cells

    return board_cells(board_of(view.state), view.at[SHEET], _there(view, SHEET))


def _rest(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.tasks.board_cells import rest_cells

    board = board_of(view.state)
    return rest_cells(board.others, board.stores, view.there[REST_SHEET])


def _find(reading: Reading) -> BoardAt | None:
    return reading.of(_reader).at if SHEET in reading.there else None


def _built(state: BookState) -> BoardAt:
    from xlplan.sheets.tasks.places import board_as_built

    return board_as_built(state.year.stores)


def _problems(reading: Reading) -> Sequence[Problem]:
    return reading.of(_said)[3]


_SINCE = "0.3.0"
BOARD = Sheet(
    SHEET,
    _page,
    since=_SINCE,
    find=_find,
    built=_built,
    read={
        TASKS: lambda reading: reading.of(_said)[0],
        COUNTS: lambda reading: reading.of(_said)[1],
        SHOWN: lambda reading: reading.of(_said)[2],
    },
    problems=_problems,
    cells=(Piece((TASKS, COUNTS, SHOWN, "calendar"), _cells),),
    undo=(replace(own_undo(TASKS), placed=_beside), own_undo(COUNTS), own_undo(SHOWN)),
    needed=False,
    shown=lambda state: bool(state.own.get(TASKS)),
)
REST = Sheet(
    REST_SHEET,
    _rest_page,
    since=_SINCE,
    cells=(Piece((TASKS, SHOWN), _rest),),
    needed=False,
    shown=lambda state: bool(state.own.get(TASKS)),
)


def marks_of(view: View) -> Marks:
    """Return the milestones and risks of a book at their places."""
    return _marks(view.state, view.at.tables, view.at[MARKS_SHEET])


def marks_in_mind(state: BookState) -> Marks:
    """Return the milestones and risks of a book, or those it would start from, as built."""
    from xlplan.sheets.state.layout import built_tables
    from xlplan.sheets.tasks.marks_cells import marks_as_built

    held = state.with_own(first_marks(state))
    return _marks(held, built_tables(state.year), marks_as_built(state.year))


def _marks(state: BookState, tables: Tables, at: MarksAt) -> Marks:
    from xlplan.plan.tasks.marks import Milestone, Risk
    from xlplan.sheets.tasks.marks_cells import Marks

    milestones = {key: Milestone.of(said) for key, said in state.own.get(MILESTONES, {}).items()}
    risks = {key: Risk.of(said) for key, said in state.own.get(RISKS, {}).items()}
    return Marks(milestones, risks, state.year, tables, at)


def first_marks(state: BookState) -> dict[str, Any]:
    """Return the milestones and risks that a book starts from; what it has stays."""
    from xlplan.plan.tasks.marks import RISKS as COMMON
    from xlplan.plan.tasks.marks import default_milestones
    from xlplan.sheets.tasks.marks_cells import MILESTONES as ROOM

    if state.own.get(MILESTONES) or state.own.get(RISKS):
        return {}
    goals = default_milestones(state.year.calendar)[:ROOM]
    return {
        MILESTONES: {f"m:{n}": goal.texts() for n, goal in enumerate(goals, start=1)},
        RISKS: {f"r:{n}": risk.texts() for n, risk in enumerate(COMMON, start=1)},
    }


def _marks_at(reading: Reading) -> MarksAt | None:
    from xlplan.sheets.tasks.marks_cells import marks_as_built
    from xlplan.sheets.tasks.marks_page import marks_found

    if MARKS_SHEET not in reading.there:
        return None
    return marks_found(reading.cells[MARKS_SHEET], marks_as_built(reading.year))


def _marks_built(state: BookState) -> MarksAt:
    from xlplan.sheets.tasks.marks_cells import marks_as_built

    return marks_as_built(state.year)


def _marks_said(reading: Reading) -> tuple[dict[str, Any], dict[str, Any], list[Problem]]:
    from xlplan.sheets.tasks.marks_page import MarksReader

    at = reading.at[MARKS_SHEET] if MARKS_SHEET in reading.there else None
    if at is None:
        return {}, {}, []
    reader = MarksReader(reading.cells[MARKS_SHEET], at, reading.file)
    goals = {key: goal.texts() for key, goal in reader.milestones().items()}
    risks = {key: risk.texts() for key, risk in reader.risks().items()}
    return goals, risks, reader.problems


def _marks_page(view: View) -> Page:
    from xlplan.sheets.tasks.marks_page import marks_page

    return marks_page(marks_of(view))


MARKS = Sheet(
    MARKS_SHEET,
    _marks_page,
    since=_SINCE,
    find=_marks_at,
    built=_marks_built,
    read={
        MILESTONES: lambda reading: reading.of(_marks_said)[0],
        RISKS: lambda reading: reading.of(_marks_said)[1],
    },
    problems=lambda reading: reading.of(_marks_said)[2],
    cells=(
        Piece(
            (MILESTONES, RISKS, "plan", "actuals", "calendar"), lambda view: marks_of(view).cells()
        ),
    ),
    undo=(undo_unless_typed(MILESTONES), undo_unless_typed(RISKS)),
    needed=False,
    shown=lambda state: bool(state.own.get(MILESTONES)),
)


PROMISES_SHEET, PROMISES = "承诺", "promises"


def _promises_of(view: View) -> Promises:
    from xlplan.sheets.tasks.promises import Promises

    said = view.state.own.get(PROMISES, {})
    return Promises(said, view.year, view.at.tables.plan, view.at[PROMISES_SHEET])


def _promises_page(view: View) -> Page:
    from xlplan.sheets.tasks.promises import promises_page

    return promises_page(_promises_of(view))


def _promises_at(reading: Reading) -> PromisesAt | None:
    from xlplan.sheets.tasks.promises import promises_found

    if PROMISES_SHEET not in reading.there:
        return None
    return promises_found(reading.cells[PROMISES_SHEET], reading.stores)


def _promises_built(state: BookState) -> PromisesAt:
    from xlplan.sheets.tasks.promises import promises_as_built

    return promises_as_built(state.year.stores)


def _promises_said(reading: Reading) -> tuple[dict[str, Any], list[Problem]]:
    from xlplan.sheets.tasks.promises import read_promises

    at = reading.at[PROMISES_SHEET] if PROMISES_SHEET in reading.there else None
    if at is None:
        return {}, []
    return read_promises(reading.cells[PROMISES_SHEET], at, reading.stores, reading.file)


PROMISE_SHEET = Sheet(
    PROMISES_SHEET,
    _promises_page,
    since=_SINCE,
    find=_promises_at,
    built=_promises_built,
    read={PROMISES: lambda reading: dict(reading.of(_promises_said)[0])},
    problems=lambda reading: reading.of(_promises_said)[1],
    cells=(Piece((PROMISES, "plan"), lambda view: _promises_of(view).cells()),),
    undo=(undo_unless_typed(PROMISES),),
    needed=False,
    shown=lambda state: bool(state.own.get(PROMISES)),
)
