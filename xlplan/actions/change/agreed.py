"""品类约定 that a change of the plan breaks: told with the change, before and after it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sheets.parts.agreed_page import SHEET
from xlplan.sheets.parts.read_agreed import misfits

if TYPE_CHECKING:
    from xlplan.errors import Problem
    from xlplan.sheets.state.book import BookState
    from xlplan.sheets.state.read import BookRead


def broken(read: BookRead, after: BookState) -> list[Problem]:
    """Return a Problem for each agreement that `after` keeps no more, or keeps less."""
    before = {problem.what for problem in read.problems_of(SHEET)}
    return [problem for problem in _misfits(read, after) if problem.what not in before]


def still(read: BookRead, after: BookState) -> list[Problem]:
    """Return the problems of a book as they stand in `after`: agreements are looked at again."""
    before = {problem.what for problem in _misfits(read, read.state)}
    kept = [problem for problem in read.problems if problem.what not in before]
    return kept + _misfits(read, after)


def _misfits(read: BookRead, state: BookState) -> list[Problem]:
    same = state.splits.agreements == read.state.splits.agreements
    return misfits(state.year, state.splits, read.at.split.agreed if same else None)
