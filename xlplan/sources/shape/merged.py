"""Merged cells under the head: labels count for every row they cover, figures for none of several days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sources.declare import split_unit
from xlplan.sources.exports.generic import base_metric
from xlplan.sources.numbers import Number, parse_number
from xlplan.sources.shape.cut import with_rows
from xlplan.sources.text import MERGED_FIGURE, is_missing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.sources.readers.raw import Merge, Table


def without_merges(table: Table, head_row: int, date: int) -> Table:
    """Return the table with merged dates and labels in all their rows.

    A figure that covers rows of several days, or several named columns, is nobody's: it becomes
    `MERGED_FIGURE`, which is reported where it is read.
    """
    body = [m for m in table.merges if m.top > head_row and m.top < len(table.rows)]
    if not body:
        return table
    changed: dict[int, list[object]] = {}
    for block in sorted(body, key=lambda m: m.left != date):
        value = table.at(block.top, block.left)
        if is_missing(value):
            continue
        if block.left <= date <= block.right or not _is_figure(table, head_row, block):
            _fill(table, changed, block, value)
        elif _is_nobodys(table, changed, block, head_row, date):
            _put(table, changed, block.top, block.left, MERGED_FIGURE)
    return with_rows(table, dict[int, "Sequence[object]"](changed))


def _is_figure(table: Table, head_row: int, block: Merge) -> bool:
    """Return whether a merged cell holds a figure of a metric, and no label made of digits."""
    title = table.at(head_row, block.left)
    value = table.at(block.top, block.left)
    known = isinstance(title, str) and bool(base_metric(split_unit(title)[0]))
    return (known or block.right > block.left) and isinstance(parse_number(value), Number)


def _fill(table: Table, changed: dict[int, list[object]], block: Merge, value: object) -> None:
    for row in range(block.top + 1, min(block.bottom + 1, len(table.rows))):
        _put(table, changed, row, block.left, value)


def _put(
    table: Table, changed: dict[int, list[object]], row: int, column: int, value: object
) -> None:
    cells = changed.setdefault(row, list(table.rows[row]))
    cells += [None] * (column + 1 - len(cells))
    cells[column] = value


def _is_nobodys(
    table: Table, changed: dict[int, list[object]], block: Merge, head_row: int, date: int
) -> bool:
    titles = table.rows[head_row]
    named = [
        c
        for c in range(block.left, block.right + 1)
        if c < len(titles) and not is_missing(titles[c])
    ]
    if len(named) > 1:
        return True
    rows = range(block.top, min(block.bottom + 1, len(table.rows)))
    days = {str(_at(table, changed, row, date)) for row in rows} - {"None", ""}
    return len(days) > 1


def _at(table: Table, changed: dict[int, list[object]], row: int, column: int) -> object:
    cells: Sequence[object] = changed.get(row, table.rows[row])
    return cells[column] if column < len(cells) else None
