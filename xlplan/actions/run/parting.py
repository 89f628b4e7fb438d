"""Where the plan and 年度目标 part: told by whatever moves them apart, and by 体检 from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import address
from xlplan.errors import Level, Problem, Where
from xlplan.sheets.base.names import TARGETS
from xlplan.sheets.targets.apart import WAYS, apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.sheets.base.sheet import BookRead
    from xlplan.sheets.state.book import BookState
    from xlplan.sheets.targets.apart import Apart


def parted(read: BookRead, after: BookState | None = None) -> list[Problem]:
    """Return a warning for each target that the plan does not come to, at its cell.

    Args:
        read: The book.
        after: What it is to say: only what this parts is told. By default all that is apart.
    """
    found = apart(read.state.typed, read.state.year)
    if after is not None:
        before = {(each.row.key, each.column, each.plan) for each in found}
        found = [
            each
            for each in apart(after.typed, after.year)
            if (each.row.key, each.column, each.plan) not in before
        ]
    return [_problem(read, each) for each in _first(found)]


def _first(found: Sequence[Apart]) -> list[Apart]:
    """Return one difference a row: the year's, else the first month's."""
    return list({each.row.key: each for each in reversed(found)}.values())[::-1]


def _problem(read: BookRead, each: Apart) -> Problem:
    at = read.at.targets
    where = Where("", TARGETS, address(at.rows[each.row.key], at.columns[each.column]))
    what = f"{each.row.store}·{each.row.label} {each.text}"
    return Problem(where, what, Level.WARNING, WAYS, "目标与计划")
