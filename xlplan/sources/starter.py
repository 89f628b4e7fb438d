"""The beginning of a mapping for a table nobody knows: its columns, to be told what they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from xlplan.metrics import METRICS
from xlplan.sources.dates import DateHints, Span, parse_span
from xlplan.sources.exports.generic import base_metric
from xlplan.sources.numbers import Number, parse_number
from xlplan.sources.text import clean, is_missing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.sources.readers.raw import Table

_HEADER_WITHIN, _SAMPLES = 40, 20
_ORDERS = ("ymd", "dmy", "mdy")


def header_row(table: Table) -> int:
    """Return the row (0-based) that most likely holds the headers: the one with most cells."""
    rows = table.rows[:_HEADER_WITHIN]
    return max(range(len(rows)), key=lambda row: _filled(rows[row]), default=0)


def starter(table: Table) -> str:
    """Return a mapping file to be completed; "" when the table has no rows to map."""
    head = header_row(table)
    body = table.rows[head + 1 : head + 1 + _SAMPLES]
    titles = [clean(cell) for cell in table.rows[head]] if table.rows else []
    columns = {title: _cells(body, i) for i, title in enumerate(titles) if title}
    dated = next(
        (
            (title, order)
            for order in _ORDERS
            for title, cells in columns.items()
            if _are_dates(cells, order)
        ),
        None,
    )
    figures = [title for title, cells in columns.items() if _are_figures(cells)]
    figures = [title for title in figures if dated is None or title != dated[0]]
    if not figures:
        return ""
    day, order = dated or ("日期列的列名", "ymd")
    lines = [f"name = {_quoted(table.file.rsplit('/', 1)[-1].partition('.')[0])}", f"date = {_quoted(day)}"]  # fmt: skip
    lines += [f'order = "{order}"'] if order != "ymd" else []
    lines += ['rows = "sum"  # 一天几行要相加；一天只有一行就写 "one"', "[columns]"]
    return "\n".join([*lines, *(_line(title, columns[title]) for title in figures)])


def has_figures(table: Table) -> bool:
    """Return whether a table holds figures under a head: two rows or columns of them, no mere note."""
    if not table.rows:
        return False
    head = header_row(table)
    body = table.rows[head + 1 : head + 1 + _SAMPLES]
    read = [[isinstance(parse_number(cell), Number) for cell in row] for row in body]
    return sum(map(sum, read)) > 1 and _filled(table.rows[head]) > 1


def _line(title: str, cells: Sequence[object]) -> str:
    """Return the entry of a column; what its header does not tell is left for a person."""
    metric, sample = base_metric(title), clean(cells[0])
    mark, said = ("", METRICS[metric].label) if metric else ("# ", "填指标名")
    return f"{mark}{_quoted(title)} = {_quoted(said)}  # 样例 {sample}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _filled(row: Sequence[object]) -> int:
    return sum(not is_missing(cell) for cell in row)


def _cells(rows: Sequence[Sequence[object]], column: int) -> list[object]:
    found = [row[column] for row in rows if column < len(row)]
    return [cell for cell in found if not is_missing(cell)]


def _are_dates(cells: Sequence[object], order: str) -> bool:
    """Return whether every sample is a day; a small number is a serial to the grammar, not here."""
    hints = DateHints(order=order)  # type: ignore[arg-type]
    days = [isinstance(parse_span(cell, hints), Span) for cell in cells if not isinstance(cell, int | float) or cell > 20_000_000]  # fmt: skip
    return bool(days) and len(days) == len(cells) and all(days)


def _are_figures(cells: Sequence[object]) -> bool:
    return bool(cells) and all(isinstance(parse_number(cell), Number) for cell in cells)
