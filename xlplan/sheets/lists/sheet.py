"""问题 and 变更记录 as sheets of the book."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlplan.errors import Level, Problem, Where
from xlplan.record import replace
from xlplan.sheets.base.names import LOG, PROBLEMS
from xlplan.sheets.base.sheet import Piece, Sheet, Undo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Cell, Page, Spot
    from xlplan.sheets.base.lists import ListAt
    from xlplan.sheets.base.sheet import Reading, View
    from xlplan.sheets.state.book import BookState


def _problems_page(view: View) -> Page:
    from xlplan.sheets.base.lists import problems_page

    return problems_page(view.state.problems)


def _log_page(view: View) -> Page:
    from xlplan.sheets.base.lists import log_page

    return log_page(view.state.log)


def _problems_at(reading: Reading) -> ListAt:
    from xlplan.sheets.base.lists import problems_at

    return problems_at(reading.cells[PROBLEMS])


def _log_at(reading: Reading) -> ListAt:
    from xlplan.sheets.base.lists import log_at

    return log_at(reading.cells[LOG])


def _problems(reading: Reading) -> list[Problem]:
    from xlplan.sheets.base.lists import read_problems

    return read_problems(reading.cells[PROBLEMS])


def _problem_cells(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.base.lists import problem_cells

    return problem_cells(view.state.problems, view.at.problems)


def _put_problems(state: BookState, rows: Any) -> BookState:
    return replace(state, problems=[_problem_of(row) for row in rows])


def _problem_of(texts: Mapping[str, str]) -> Problem:
    where = Where(texts["file"], texts["sheet"], texts["cell"])
    return Problem(where, texts["what"], Level(texts["level"]), texts["remedy"], texts["rule"])


PROBLEM_LIST = Sheet(
    PROBLEMS,
    _problems_page,
    find=_problems_at,
    read={"problems": _problems},
    cells=(Piece(("problems",), _problem_cells),),
    undo=(
        Undo(
            "problems", "problems", lambda state: [one.as_dict() for one in state.problems],
            _put_problems, is_list=True,
        ),
    ),
)  # fmt: skip
#: Its rows are appended by every action (`xlplan.actions.run.apply`).
LOG_LIST = Sheet(LOG, _log_page, find=_log_at)
