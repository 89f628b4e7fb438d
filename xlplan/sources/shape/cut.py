"""Parts of a table and tables turned on their side, with every cell still known by its place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from xlplan.sources.readers.raw import Merge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.sources.readers.raw import Table


def cut(table: Table, top: int, bottom: int, left: int = 0, right: int | None = None) -> Table:
    """Return rows `top` to `bottom` and columns `left` to `right` (ends not included)."""
    rows: Sequence[Sequence[object]] = table.rows[top:bottom]
    if left or right is not None:
        rows = [row[left:right] for row in rows]

    def inside(row: int, column: int) -> bool:
        return top <= row < bottom and left <= column and (right is None or column < right)

    down, along = (left, top) if table.turned else (top, left)
    return replace(
        table,
        rows=rows,
        merges=tuple(
            Merge(m.top - top, m.left - left, m.bottom - top, m.right - left)
            for m in table.merges if inside(m.top, m.left)
        ),
        formats={(r - top, c - left): s for (r, c), s in table.formats.items() if inside(r, c)},
        flaws={row - top: why for row, why in table.flaws.items() if top <= row < bottom},
        first=(table.first[0] + down, table.first[1] + along),
    )  # fmt: skip


def turn(table: Table) -> Table:
    """Return the table with its columns as rows."""
    width = max(map(len, table.rows), default=0)
    rows = [
        [row[column] if column < len(row) else None for row in table.rows]
        for column in range(width)
    ]
    return replace(
        table,
        rows=rows,
        merges=tuple(Merge(m.left, m.top, m.right, m.bottom) for m in table.merges),
        formats={(column, row): scale for (row, column), scale in table.formats.items()},
        flaws={},
        delimited=False,
        turned=not table.turned,
    )


def with_rows(table: Table, changed: dict[int, Sequence[object]]) -> Table:
    """Return the table with some of its rows replaced."""
    if not changed:
        return table
    rows = list(table.rows)
    for row, cells in changed.items():
        rows[row] = cells
    return replace(table, rows=rows)
