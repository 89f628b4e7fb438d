"""What differs between two states of a book, part by part: what nobody touched is never looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from xlplan.record import record, same_source, unused
from xlplan.sheets.base.places import same_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xlplan.plan.year import Year
    from xlplan.sheets.base.sheet import Piece
    from xlplan.sheets.state.book import BookState

#: Frames of the year with a row a store and day.
FRAMES = ("plan", "actuals")
_OF_YEAR = (*FRAMES, "targets", "calendar", "settings", "stores", "notes", "last")
_OF_STATE = ("typed", "shape", "days", "daily", "meta", "problems", "sources", "origins", "holds", "versions", "splits")  # fmt: skip
#: The parts of a state that are there in every book; sheets may have `BookState.own` besides.
PARTS = (*_OF_YEAR, *_OF_STATE)
#: What is doubtful about days: it follows from plan, actuals and what was confirmed.
DOUBTS = "doubts"
_FIELDS = frozenset({*PARTS, "own", "journal", "log"})


@record
class Changes:
    """What differs between two states.

    Attributes:
        parts: The parts that differ.
        months: Part → the months in which it differs, of plan, actuals and locks.
    """

    parts: frozenset[str]
    months: dict[str, frozenset[int]]

    def touch(self, piece: Piece) -> bool:
        """Return whether cells follow from what differs."""
        return any(
            part in self.parts
            and (not piece.month or part not in self.months or piece.month in self.months[part])
            for part in piece.of
        )

    @property
    def of_days(self) -> frozenset[int]:
        """The months in which plan or actuals differ."""
        return frozenset[int]().union(*(self.months.get(frame, ()) for frame in FRAMES))


def changes(before: BookState, after: BookState) -> Changes:
    """Return what differs between two states of a book."""
    parts = {name for name in {*PARTS, *after.own} if differs(before, after, name)}
    months = {name: _months(before.year, after.year, name) for name in FRAMES if name in parts}
    if "holds" in parts:
        months["holds"] = _held_months(before, after)
    if doubtful := _doubtful_months(before, after, parts):
        parts, months = parts | {DOUBTS}, {**months, DOUBTS: doubtful}
    return Changes(frozenset(parts), months)


def _doubtful_months(before: BookState, after: BookState, parts: set[str]) -> frozenset[int]:
    """Return the months of which something else is doubtful now: of few changes, of few days."""
    from xlplan.plan.actuals.daymarks import confirmed_marks, day_words

    marks = [
        confirmed_marks(state.meta) if "meta" in parts else frozenset[str]()
        for state in (before, after)
    ]
    if not parts & {*FRAMES} and marks[0] == marks[1]:
        return frozenset()
    was, now = (day_words(s.year, confirmed_marks(s.meta)) for s in (before, after))
    days = after.year.calendar.days.index
    return frozenset(days[at % len(days)].month for at in range(len(now)) if was[at] != now[at])


def _held_months(before: BookState, after: BookState) -> frozenset[int]:
    moved = [hold for hold in (*before.holds, *after.holds) if (hold in before.holds) != (hold in after.holds)]  # fmt: skip
    return frozenset(m for hold in moved for m in range(hold.first.month, hold.last.month + 1))


def differs(before: BookState, after: BookState, name: str) -> bool:
    """Return whether a part differs; what neither of them has used is the same in both."""
    if name not in _FIELDS:
        return not same_at(before.own, after.own, name) and _differs(before.own.get(name), after.own.get(name))  # fmt: skip
    one, other = (state.year if name in _OF_YEAR else state for state in (before, after))
    if one is other or (unused(other, name) and same_source(one, other)):
        return False
    return _differs(getattr(one, name), getattr(other, name))


def _differs(one: Any, other: Any) -> bool:
    if one is other:
        return False
    if isinstance(one, pd.DataFrame) or isinstance(other, pd.DataFrame):
        return one is None or other is None or not one.equals(other)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return list(one) != list(other)
    return bool(one != other)


def _months(before: Year, after: Year, name: str) -> frozenset[int]:
    one, other = getattr(before, name), getattr(after, name)
    if one.shape != other.shape or list(one.columns) != list(other.columns):
        return frozenset(range(1, 13))
    was, now = one.to_numpy(np.float64), other.to_numpy(np.float64)
    rows = ((was != now) & ~(np.isnan(was) & np.isnan(now))).any(axis=1)
    return frozenset(_of(one.index.get_level_values("date")[rows]))


def _of(days: Iterable[Any]) -> set[int]:
    return {day.month for day in days}
