"""Which days of a table are read again: the last ones, and those that lines have moved to or from."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd

from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xlplan.sources.sql.lines import Lines, Span

#: Days that lie closer are read in one go, and more spans than this are one.
_CLOSE, _MOST = 3, 8
#: Clocks of servers differ, and a change may have been on its way when the last one was noted.
_MARGIN = dt.timedelta(days=1)


@record
class Since:
    """From where on a table is read again.

    Attributes:
        day: The first day; None reads all that was asked for.
        changed: The newest change that was seen the last time (`newest_change`); "" is none.
    """

    day: dt.date | None = None
    changed: str = ""


def newest_change(lines: Lines) -> str:
    """Return when the newest change of the table was made, as text; "" when no column tells."""
    if not lines.has("updated"):
        return ""
    found = lines.column("updated").max().to_pyarrow().as_py()
    if isinstance(found, dt.datetime) and found.tzinfo:
        found = found.astimezone(dt.timezone(dt.timedelta(hours=8))).replace(tzinfo=None)
    return "" if found is None else str(found)


def spans_since(lines: Lines, window: Span, since: Since) -> Sequence[Span]:
    """Return the ranges of days to read: from the first day on, and where lines changed before it."""
    first, last = window
    if since.day is None or since.day <= first:
        return [window]
    fresh = [(since.day, last)] if since.day <= last else []
    moved = [day for day in changed_days(lines, since.changed) if first <= day < since.day]
    return _together([*((day, day) for day in moved), *fresh])


def changed_days(lines: Lines, changed: str) -> Sequence[dt.date]:
    """Return the days of every version of the lines that changed since; none when nothing tells."""
    mark = _mark(lines, changed)
    if mark is None:
        return []
    table = lines.table
    touched = table.filter(table["updated"] >= mark)
    if lines.has("line"):
        ids = touched.filter(touched["line"].notnull()).select("line").distinct()
        versions = table.semi_join(ids, "line")
        touched = versions.union(touched.filter(touched["line"].isnull()))
    kept = touched.filter(lines.clock.known(touched["paid_at"]))
    keys = kept.select(day=lines.clock.key(kept["paid_at"])).distinct()
    found: pd.DataFrame = keys.to_pyarrow().to_pandas(date_as_object=False)
    days = lines.clock.days(found["day"]).dropna()
    return sorted({day.date() for day in pd.DatetimeIndex(days)})


def _mark(lines: Lines, changed: str) -> Any:
    """Return the change to look behind, of the column's own type; None when it cannot be compared."""
    if not changed or not lines.has("updated"):
        return None
    kind = lines.column("updated").type()
    if kind.is_integer():
        return int(changed)
    try:
        moment = dt.datetime.fromisoformat(changed) - _MARGIN
    except ValueError:
        return changed if kind.is_string() else None
    if kind.is_string():
        return f"{moment:%Y-%m-%d}"
    return moment.date() if kind.is_date() else moment


def _together(spans: Iterable[Span]) -> list[Span]:
    """Return ranges in order, close ones as one."""
    made: list[Span] = []
    for first, last in sorted(spans):
        if made and (first - made[-1][1]).days <= _CLOSE:
            made[-1] = made[-1][0], max(made[-1][1], last)
        else:
            made.append((first, last))
    while len(made) > _MOST:
        gaps = [(right[0] - left[1], at) for at, (left, right) in enumerate(pairwise(made))]
        _, at = min(gaps)
        made[at : at + 2] = [(made[at][0], made[at + 1][1])]
    return made
