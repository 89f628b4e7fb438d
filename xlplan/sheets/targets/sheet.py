"""年度目标 as a sheet of the book: settings and targets, and what follows from them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from xlplan.cells import Cell
from xlplan.record import replace
from xlplan.sheets.base.list_changes import pair_text, text_pair
from xlplan.sheets.base.names import PLAN, TARGETS
from xlplan.sheets.base.sheet import Frame, Piece, Sheet, Undo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Page, Spot
    from xlplan.plan.targets.targets import Targets
    from xlplan.sheets.base.sheet import Reading, View
    from xlplan.sheets.state.book import BookState
    from xlplan.sheets.targets.page import TargetsAt
    from xlplan.sheets.targets.read import TargetsRead


def _page(view: View) -> Page:
    from xlplan.sheets.targets.apart import apart_cells
    from xlplan.sheets.targets.page import FINDING, targets_page
    from xlplan.sheets.targets.trying import put_trying

    typed, at = view.state.typed, view.at.targets
    page = targets_page(typed, view.year)
    for spot, cell in apart_cells(typed, view.year, at).items():
        page.cells[spot] = cell._replace(style=FINDING)
    put_trying(page, typed, at, view.year, view.at[PLAN])
    return page


def _said(reading: Reading) -> TargetsRead:
    from xlplan.sheets.targets.read import read_targets

    channels = tuple(json.loads(reading.about["channels"]))
    cells = reading.cells[TARGETS]
    return read_targets(cells, reading.stores, channels, reading.number, reading.file)


def _targets(reading: Reading) -> Targets:
    from xlplan.plan.targets.targets import to_targets

    said = reading.of(_said)
    convention = said.typed.settings.day_convention
    return to_targets(said.claims, reading.number, day_convention=convention)


def _derived(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.targets.page import target_cells

    return target_cells(view.state.typed, view.at.targets)


def _trying(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.targets.trying import trying_cells

    at, table = view.at.targets, view.at[PLAN]
    made = trying_cells(view.state.typed, at, view.year, table)
    return {spot: cell._replace(style=None) for spot, cell in made.items()}


def _typed(view: View) -> Mapping[Spot, Cell]:
    """Return the typed targets that the new state changes; all others stay as typed."""
    now, at = view.state.typed.values, view.at.targets
    before = view.before.typed.values if view.before else {}
    return {
        (at.rows[row], at.columns[column]): Cell(now.get((row, column)))
        for row, column in {**before, **now}
        if before.get((row, column)) != now.get((row, column))
        and row in at.rows
        and column in at.columns
    }


def _apart(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.targets.apart import apart_cells

    return apart_cells(view.state.typed, view.year, view.at.targets)


def _built(state: BookState) -> TargetsAt:
    from xlplan.sheets.targets.page import targets_as_built

    return targets_as_built(state.typed)


def _lines(reading: Reading) -> TargetsAt:
    from xlplan.plan.year import Settings
    from xlplan.sheets.targets.page import TypedTargets, targets_as_built

    channels = tuple(json.loads(reading.about["channels"]))
    return targets_as_built(TypedTargets(reading.stores, Settings(channels=channels)))


def _frame(state: BookState) -> Frame:
    from xlplan.sheets.targets.page import targets_frame

    page, at = targets_frame(state.typed)
    return Frame(page, at.rows, at.columns)


def _put_values(state: BookState, values: Mapping[str, Any]) -> BookState:
    typed = {text_pair(key): value for key, value in values.items()}
    return replace(state, typed=replace(state.typed, values=typed))


def _put_findings(state: BookState, values: Mapping[str, Any]) -> BookState:
    return replace(state, typed=replace(state.typed, findings=dict(values)))


TARGET_SHEET = Sheet(
    TARGETS,
    _page,
    find=lambda reading: reading.of(_said).at,
    built=_built,
    read={
        "typed": lambda reading: reading.of(_said).typed,
        "claims": lambda reading: reading.of(_said).claims,
        "settings": lambda reading: reading.of(_said).typed.settings,
        "targets": _targets,
    },
    problems=lambda reading: reading.of(_said).problems,
    frame=_frame,
    lines=_lines,
    cells=(
        Piece(("typed",), _derived),
        Piece(("typed",), _typed),
        Piece(("typed", "plan"), _apart),
        Piece(("typed", "plan"), _trying),
    ),
    undo=(
        Undo("typed", "typed", lambda state: pair_text(state.typed.values), _put_values),
        Undo("findings", "typed", lambda state: dict(state.typed.findings), _put_findings),
    ),
)
