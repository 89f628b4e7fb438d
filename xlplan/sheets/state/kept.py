"""The parts of a book that are stored as they are: holds, versions, undo, notes to itself, inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import Cell
from xlplan.sheets.hidden import meta
from xlplan.sheets.history.page import UNDO, VERSIONS, undo_cells, version_cells
from xlplan.sheets.holds.page import SHEET as HOLDS
from xlplan.sheets.holds.page import hold_cells
from xlplan.sheets.parts import agreed_page
from xlplan.sheets.targets import page as targets_page

if TYPE_CHECKING:
    from xlplan.cells import Spot
    from xlplan.sheets.state.book import BookState
    from xlplan.sheets.state.read import BookRead


def kept_cells(read: BookRead, state: BookState) -> dict[str, dict[Spot, Cell]]:
    """Return the cells that say these parts of a state, at the places of the book."""
    there = read.cells
    return _agreed(read, state) | {
        HOLDS: hold_cells(state.holds, state.year.metrics, there[HOLDS]),
        VERSIONS: version_cells(state.versions, there[VERSIONS]),
        UNDO: undo_cells(state.journal, there[UNDO]),
        meta.SHEET: _meta(read, state),
        targets_page.SHEET: _inputs(read, state),
    }


def _agreed(read: BookRead, state: BookState) -> dict[str, dict[Spot, Cell]]:
    """Return the agreements where they change, and always the formulas beside them."""
    at, plan = read.at.split.agreed, read.at.book.tables.plan
    if at is None:
        return {}
    agreed = state.splits.agreements
    same = agreed == read.state.splits.agreements
    cells = (agreed_page.share_cells if same else agreed_page.agreed_cells)(
        state.year, agreed, at, plan
    )
    return {agreed_page.SHEET: cells}


def _meta(read: BookRead, state: BookState) -> dict[Spot, Cell]:
    """Return the keys whose values the new state changes."""
    before, after = read.state.meta, state.meta
    rows, last = dict(read.at.meta), max(read.at.meta.values(), default=0)
    cells: dict[Spot, Cell] = {}
    for key in {**before, **after}:
        if before.get(key, "") == after.get(key, ""):
            continue
        if key not in rows:
            last += 1
            rows[key] = last
            cells[last, 1] = Cell(key)
        cells[rows[key], 2] = Cell(after.get(key) or None)
    return cells


def _inputs(read: BookRead, state: BookState) -> dict[Spot, Cell]:
    """Return the typed targets that the new state changes; all others stay as typed."""
    at, before = read.at.targets, read.state.typed.values
    keys = [key for key in {**before, **state.typed.values} if before.get(key) != state.typed.values.get(key)]  # fmt: skip
    return {
        (at.rows[row], at.columns[column]): Cell(state.typed.values.get((row, column)))
        for row, column in keys
        if row in at.rows and column in at.columns
    }
