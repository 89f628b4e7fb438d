"""Moving amounts between the columns of a table while its rows stay as they are.

Amounts go from a column above its total to one below, along the shortest path
column → row → column (Edmonds & Karp); a path that does not exist proves that the column
totals cannot be met.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InfeasibleError

if TYPE_CHECKING:
    from xlplan.plan.exact.units import Bools, Floats, Ints

#: One step of a path: in this row, from this column to that one.
Move = tuple[int, int, int]


def settle(
    table: Floats,
    below: Floats,
    limits: tuple[Floats, Floats],
    score: Floats,
    close: float = 0,
) -> None:
    """Change a table in place until its columns add up to ``below``; rows keep their sums.

    Args:
        table: (m, n), its grand total equal to the sum of ``below``.
        below: (n,) column totals.
        limits: Least and greatest value of each cell, (m, n) both.
        score: (m, n) cells that should rather be high; breaks ties between paths.
        close: Differences up to this count as none.

    Raises:
        InfeasibleError: No table within the bounds has these row and column totals.
    """
    lower, upper = limits
    while (surplus := table.sum(axis=0) - below).max(initial=0) > close:
        give, take = table > lower, table < upper
        source = int(surplus.argmax())
        goals = surplus < -close / below.size
        path, reached = _path(give, take, score, source, goals)
        if not path:
            _refuse(np.flatnonzero(give[:, reached].any(axis=1)), reached)
        amount = min(surplus[source], -surplus[path[-1][2]])
        for row, start, end in path:
            room = upper[row, end] - table[row, end]
            amount = min(amount, table[row, start] - lower[row, start], room)
        for row, start, end in path:
            table[row, start] -= amount
            table[row, end] += amount


def _path(
    give: Bools, take: Bools, score: Floats, source: int, goals: Bools
) -> tuple[list[Move], Ints]:
    """Find the shortest path to a goal, or no path and the columns that could be reached."""
    came: dict[int, Move] = {}
    seen = np.zeros(goals.shape, dtype=bool)
    seen[source] = True
    queue = deque([source])
    while queue:
        column = queue.popleft()
        rows = np.flatnonzero(give[:, column])
        if not rows.size:
            continue
        gain = np.where(take[rows], score[rows] - score[rows, column, None], -np.inf)
        gain[:, seen] = -np.inf
        best, top = gain.argmax(axis=0), gain.max(axis=0)
        fresh = np.flatnonzero(np.isfinite(top))
        came |= {int(end): (int(rows[best[end]]), column, int(end)) for end in fresh}
        hits = fresh[goals[fresh]]
        if hits.size:
            return _trace(came, source, int(hits[top[hits].argmax()])), hits
        seen[fresh] = True
        queue.extend(int(end) for end in fresh)
    return [], np.flatnonzero(seen)


def _trace(came: dict[int, Move], source: int, end: int) -> list[Move]:
    path: list[Move] = []
    while end != source:
        path.append(came[end])
        end = came[end][1]
    return path[::-1]


def _refuse(rows: Ints, columns: Ints) -> None:
    raise InfeasibleError(
        f"行、列合计不能同时满足：第 {_listed(rows)} 行只能落在第 {_listed(columns)} 列，"
        "这些行的合计超过了这些列的合计",
        "提高这些列的合计、降低这些行的合计，或放开锁定为 0 的格",
        locks=[*(("row", int(i)) for i in rows), *(("column", int(j)) for j in columns)],
    )


def _listed(indices: Ints) -> str:
    shown = "、".join(str(int(i) + 1) for i in indices[:8])
    return f"{shown} 等" if len(indices) > 8 else shown
