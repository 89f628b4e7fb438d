"""The parts of a book that are stored as they are: holds, versions, undo, notes to itself, inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import Cell
from xlplan.sheets import meta, targets_page
from xlplan.sheets.history_page import UNDO, VERSIONS, undo_cells, version_cells
from xlplan.sheets.holds_page import SHEET as HOLDS
from xlplan.sheets.holds_page import hold_cells

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Seen, Spot
    from xlplan.sheets.state import BookState
    from xlplan.sheets.state_read import BookRead


def kept_cells(read: BookRead, state: BookState) -> dict[str, dict[Spot, Cell]]:
    """Return the cells that say these parts of a state, at the places of the book."""
    there = read.cells
    return {
        HOLDS: hold_cells(state.holds, state.year.metrics, there[HOLDS]),
        VERSIONS: version_cells(state.versions, there[VERSIONS]),
        UNDO: undo_cells(state.journal, there[UNDO]),
        meta.SHEET: _meta(state.meta, there[meta.SHEET]),
        targets_page.SHEET: _inputs(read, state),
    }


def _meta(values: Mapping[str, str], there: Mapping[Spot, Seen]) -> dict[Spot, Cell]:
    rows = {str(seen.value): row for (row, column), seen in there.items() if column == 1}
    last = max((row for row, _ in there), default=0)
    cells: dict[Spot, Cell] = {}
    for key in [*rows, *(key for key in values if key not in rows)]:
        if key not in rows:
            last += 1
            rows[key] = last
            cells[last, 1] = Cell(key)
        cells[rows[key], 2] = Cell(values.get(key) or None)
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
