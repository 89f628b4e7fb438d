"""体检 as a sheet of the book: what is wrong first, then the checks of every level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlplan.errors import Level, Problem, Where
from xlplan.record import replace
from xlplan.sheets.base.names import CHECKUP, FORMER_PROBLEMS
from xlplan.sheets.base.sheet import Piece, Sheet, Undo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Cell, Page, Spot
    from xlplan.sheets.base.sheet import Reading, View
    from xlplan.sheets.checks.findings import CheckupAt
    from xlplan.sheets.state.book import BookState


def _page(view: View) -> Page:
    from xlplan.sheets.checks.findings import checkup_page
    from xlplan.sheets.checks.page import checks

    listed = checks(view.year, view.at, agreements=len(view.state.splits.agreements))
    return checkup_page(view.state.problems, listed)


def _found(reading: Reading) -> CheckupAt:
    from xlplan.sheets.checks.findings import checkup_found

    return checkup_found(reading.cells[CHECKUP])


def _built(_: BookState) -> CheckupAt:
    from xlplan.sheets.checks.findings import checkup_as_built

    return checkup_as_built()


def _problems(reading: Reading) -> list[Problem]:
    from xlplan.sheets.checks.findings import read_problems

    former = CHECKUP not in reading.there and FORMER_PROBLEMS in reading.there
    return read_problems(reading.cells[FORMER_PROBLEMS if former else CHECKUP])


def _problem_cells(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.checks.findings import finding_cells

    return finding_cells(view.state.problems, view.at.checkup)


def _check_cells(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.checks.findings import check_cells
    from xlplan.sheets.checks.page import checks

    at = view.at.checkup
    if view.changed is not None and not view.changed & {"splits", "settings"}:
        listed = checks(view.year, view.at, view.scopes, months=view.months)
        return check_cells(listed, at, counted=False)
    agreements = len(view.state.splits.agreements)
    return check_cells(checks(view.year, view.at, view.scopes, agreements), at)


def _put_problems(state: BookState, rows: Any) -> BookState:
    return replace(state, problems=[_problem_of(row) for row in rows])


def _problem_of(texts: Mapping[str, str]) -> Problem:
    where = Where(texts["file"], texts["sheet"], texts["cell"])
    return Problem(where, texts["what"], Level(texts["level"]), texts["remedy"], texts["rule"])


CHECKUP_SHEET = Sheet(
    CHECKUP,
    _page,
    since="0.3.0",
    find=_found,
    built=_built,
    read={"problems": _problems},
    cells=(
        Piece(("problems",), _problem_cells),
        Piece(("plan", "actuals", "splits"), _check_cells),
    ),
    undo=(
        Undo(
            "problems", "problems", lambda state: [one.as_dict() for one in state.problems],
            _put_problems, is_list=True,
        ),
    ),
)  # fmt: skip
