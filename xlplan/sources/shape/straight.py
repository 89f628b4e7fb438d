"""Any table of a file → tables as the declarations know them: one head row, a row a date."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from xlplan.metrics import normal
from xlplan.record import record
from xlplan.sources.dates import DateHints, Span, day_headers, parse_span
from xlplan.sources.declare import names, split_unit
from xlplan.sources.filenames import looks_like_store
from xlplan.sources.shape.around import month_around
from xlplan.sources.shape.cut import cut, turn, with_rows
from xlplan.sources.shape.heads import are_words, one_store, read_head, with_head
from xlplan.sources.shape.merged import without_merges
from xlplan.sources.shape.words import is_total, is_unit
from xlplan.sources.text import clean, header, is_missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from xlplan.sources.declare import Options, Source
    from xlplan.sources.findings import Findings
    from xlplan.sources.readers.raw import Table

_HEADER_WITHIN = 40
#: A title of a block further down stands at most so many rows above its head.
_TITLE_ROWS = 3


@record
class Straightener:
    """Straightens the tables of one file.

    Attributes:
        titles: Normalised titles of date columns.
        knows: Says whether a declaration fits a table.
        options: What the caller knows.
        findings: Gets what stays unclear.
    """

    titles: frozenset[str]
    knows: Callable[[Table], bool]
    options: Options
    findings: Findings

    def tables(self, found: Sequence[Table]) -> list[Table]:
        """Return straight tables; what nobody knows stays as it is."""
        made: list[Table] = []
        for table in self._stitched(found):
            straight = self._straight(table)
            if not any(map(self.knows, straight)):
                turned = self._turned(table)
                straight = turned if any(map(self.knows, turned)) else straight
            made += straight
        return made

    def _is_title(self, cell: object) -> bool:
        return isinstance(cell, str) and len(cell) < 30 and split_unit(cell)[0] in self.titles

    def _title_columns(self, row: Sequence[object]) -> list[int]:
        return [column for column, cell in enumerate(row) if self._is_title(cell)]

    def _head_row(self, table: Table) -> tuple[int, int] | None:
        """Return the first row with a date title that is no preamble, and the title's column."""
        for row, cells in enumerate(table.rows[:_HEADER_WITHIN]):
            columns = self._title_columns(cells)
            if columns and self._may_be_head(table, row):
                return row, columns[0]
        return None

    def _may_be_head(self, table: Table, row: int) -> bool:
        filled = [cell for cell in table.rows[row] if not is_missing(cell)]
        return len(filled) > 1 and are_words(filled)

    def _straight(self, table: Table) -> list[Table]:
        blocks = [b for wide in self._beside(table) for b in self._blocks(wide)]
        return [one for block in blocks for one in self._with_one_head(block)]

    def _beside(self, table: Table) -> list[Table]:
        """Return tables that stand beside each other: the same date title twice in a head row."""
        found = self._head_row(table)
        if found is None:
            return [table]
        row, _ = found
        cells = table.rows[row]
        columns = self._title_columns(cells)
        same = [c for c in columns if header(cells[c]) == header(cells[columns[0]])]
        if len(same) < 2 or any(b - a < 2 for a, b in pairwise(same)):
            return [table]
        edges = [0, *same[1:], max(map(len, table.rows))]
        return [cut(table, 0, len(table.rows), left, right) for left, right in pairwise(edges)]

    def _blocks(self, table: Table) -> list[Table]:
        """Return the parts of a table that have a head of their own; a repeated head is dropped."""
        found = self._head_row(table)
        if found is None:
            return [table]
        first, _ = found
        raw = {clean(cell) for cell in table.rows[first] if self._is_title(cell)} | self.titles
        starts, repeats = [0], {}
        for row in range(first + 2, len(table.rows)):
            cells = table.rows[row]
            if not any(type(c) is str and c.strip().lower() in raw for c in cells):
                continue
            if not self._may_be_head(table, row):
                continue
            if _texts(cells) == _texts(table.rows[first]):
                repeats[row] = ()
            elif self.knows(cut(table, row, len(table.rows))) or len(_texts(cells)) > 2:
                starts.append(self._top_of(table, row, starts[-1]))
        table = with_rows(table, dict[int, "Sequence[object]"](repeats))
        if len(starts) == 1:
            return [table]
        above = tuple(clean(c) for r in table.rows[:first] for c in r if isinstance(c, str))
        edges = [*starts, len(table.rows)]
        parts = [cut(table, top, end) for top, end in pairwise(edges)]
        return [parts[0], *(replace(part, above=(*part.above, *above)) for part in parts[1:])]

    def _top_of(self, table: Table, head: int, least: int) -> int:
        """Return where a block begins whose head stands at `head`: titles and groups belong to it."""
        top = head
        while top - 1 > least and head - top < _TITLE_ROWS and _is_wordy(table.rows[top - 1]):
            top -= 1
        return top

    def _with_one_head(self, table: Table) -> list[Table]:
        found = self._head_row(table)
        if found is None:
            return [table]
        head = read_head(table, *found, is_store=self._is_store)
        filled = without_merges(table, head.row, head.date)
        for name, groups in head.unclear.items():
            what = (
                f"「{name}」在几个分组下都有（{'、'.join(groups)}），看不出哪一列是全店，没有写入"
            )
            remedy = "只留一列，或把列名写清楚（如 全部终端）后重新导入"
            self.findings.error(table.where(head.row), what, "unclear_group", remedy=remedy)
        dropped = list(dict.fromkeys(head.unfit.values()))
        if dropped and not head.unclear:
            what = f"没有用「{'」「'.join(dropped[:6])}」下面的列：不是本期全店的实际数"
            self.findings.info(table.where(head.row), what, "other_group")
        if head.stores:
            return [
                one_store(filled, head, store) for store in dict.fromkeys(head.stores.values())
            ]
        return [with_head(filled, head)]

    def _is_store(self, text: str) -> bool:
        known = {normal(store) for store in self.options.stores}
        return normal(text) in known or looks_like_store(text)

    def _stitched(self, found: Sequence[Table]) -> list[Table]:
        """Put a head that stands in a table of its own over the body in the next one."""
        made: list[Table] = []
        waiting: Table | None = None
        for table in found:
            if waiting is not None and self._is_body(waiting, table):
                rows = [*waiting.rows, *table.rows]
                top, left = table.first
                made.append(replace(
                    table, rows=rows, first=(top - len(waiting.rows), left),
                    merges=(*waiting.merges, *(
                        m._replace(top=m.top + len(waiting.rows), bottom=m.bottom + len(waiting.rows))
                        for m in table.merges
                    )),
                ))  # fmt: skip
                waiting = None
                continue
            if waiting is not None:
                made.append(waiting)
            waiting = table if self._is_only_head(table) else None
            if waiting is None:
                made.append(table)
        return made if waiting is None else [*made, waiting]

    def _is_only_head(self, table: Table) -> bool:
        rows = [row for row in table.rows if any(not is_missing(cell) for cell in row)]
        return (
            0 < len(rows) <= 4 and self._head_row(table) is not None and all(map(_is_wordy, rows))
        )

    def _is_body(self, head: Table, table: Table) -> bool:
        found = self._head_row(head)
        if found is None or self._head_row(table) is not None or not table.rows:
            return False
        width = max(map(len, head.rows))
        wide = {len(row) for row in table.rows if any(not is_missing(cell) for cell in row)}
        if not wide or max(wide) != width:
            return False
        hints = DateHints(*month_around(table, self.options))
        days = [
            parse_span(table.at(row, found[1]), hints) for row in range(min(len(table.rows), 5))
        ]
        return any(isinstance(day, Span) for day in days)

    def _turned(self, table: Table) -> list[Table]:
        """Return a table whose days stand side by side with a row a day instead."""
        for row, cells in enumerate(table.rows[:_HEADER_WITHIN]):
            columns = self._day_columns(table, cells)
            if len(columns) < 2:
                continue
            first = columns[0]
            labels = self._label_column(table, row, first)
            if labels is None:
                continue
            body = cut(table, row, len(table.rows))
            above = tuple(clean(c) for r in table.rows[:row] for c in r if isinstance(c, str))
            title = list(body.rows[0])
            title[labels] = "日期"
            title[:labels] = [""] * labels
            turned = turn(replace(with_rows(body, {0: title}), above=(*table.above, *above)))
            blank = [
                c
                for c in range(labels + 1, len(turned.rows))
                if self._is_aside(turned, c, columns)
            ]
            return self._straight(with_rows(turned, dict.fromkeys(blank, ())))
        return [table]

    def _is_aside(self, turned: Table, row: int, days: Sequence[int]) -> bool:
        """Return whether a row that was a column is no day, no total and no units: 目标, 占比."""
        cells = turned.rows[row]
        said = [cell for cell in cells[1:] if not is_missing(cell)]
        if row in days or not said or all(map(is_unit, said)):
            return False
        return not (isinstance(cells[0], str) and is_total(clean(cells[0])))

    def _day_columns(self, table: Table, cells: Sequence[object]) -> list[int]:
        if sum(not is_missing(cell) for cell in cells) < 2:
            return []
        year, month = month_around(table, self.options)
        hints = DateHints(year, month, date1904=table.date1904)
        days: Sequence[object] = day_headers(_as_days(cells) if month else list(cells), hints)
        typed = [
            column
            for column, day in enumerate(days)
            if isinstance(day, dt.date) and (month or _names_a_day(cells[column]))
        ]
        different = {days[column] for column in typed}
        return typed if len(different) == len(typed) else []

    def _label_column(self, table: Table, row: int, first: int) -> int | None:
        """Return the column left of the days that names most rows."""
        below = table.rows[row + 1 :]
        counts = {
            column: sum(len(r) > column and isinstance(r[column], str) and not is_missing(r[column]) for r in below)
            for column in range(first)
        }  # fmt: skip
        most = max(counts.values(), default=0)
        fitting = [
            column
            for column, count in counts.items()
            if count == most and not self._are_units(below, column)
        ]
        return max(fitting, default=None) if most else None

    def _are_units(self, rows: Iterable[Sequence[object]], column: int) -> bool:
        said = [row[column] for row in rows if len(row) > column and not is_missing(row[column])]
        return bool(said) and all(map(is_unit, said))


def _as_days(cells: Sequence[object]) -> list[object]:
    """Return a row with 1, 2, 3 … as days of the month, if its numbers run on like that."""
    numbers = [_day_number(cell) for cell in cells]
    run = [number for number in numbers if number]
    if len(run) < 2 or any(b - a != 1 for a, b in pairwise(run)):
        return list(cells)
    return [f"{n}日" if n else cell for n, cell in zip(numbers, cells, strict=True)]


def _day_number(cell: object) -> int:
    """Return the day of the month that a bare number names, 0 for anything else."""
    if isinstance(cell, int | float) and not isinstance(cell, bool) and cell in range(1, 32):
        return int(cell)
    return 0


def _names_a_day(cell: object) -> bool:
    """Return whether a cell is a day by itself: a plain number could be anything but a serial."""
    if isinstance(cell, int | float):
        return not isinstance(cell, bool) and (
            1 < cell < 13 or 36_000 < cell < 73_050 or cell > 20_000_000
        )
    return True


def _texts(cells: Sequence[object]) -> list[str]:
    return [header(cell) for cell in cells if not is_missing(cell)]


def _is_wordy(cells: Sequence[object]) -> bool:
    """Return whether a row has texts but no figures and no dates."""
    return are_words(cells)


def date_titles(sources: Iterable[Source]) -> frozenset[str]:
    """Return the normalised titles of the date columns of some declarations."""
    return frozenset(split_unit(name)[0] for source in sources for name in names(source.date))
