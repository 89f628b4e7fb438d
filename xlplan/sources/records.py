"""A raw table with its header row found: cells by header name, never by position."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from xlplan.record import record
from xlplan.sources.declare import names, split_unit
from xlplan.sources.numbers import Number, parse_amount
from xlplan.sources.text import Unread, clean, identifier, is_error, is_missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from xlplan.errors import Where
    from xlplan.sources.declare import Options, Source
    from xlplan.sources.findings import Findings
    from xlplan.sources.readers.raw import Table

#: Preambles are a handful of rows; a header further down is not looked for.
_HEADER_WITHIN = 40
_NO_TEXT = ("-", "--", "\N{EM DASH}", "/")


def headers_in(row: Sequence[object]) -> frozenset[str]:
    """Return the normalised headers of a row."""
    return frozenset(split_unit(cell)[0] for cell in row if isinstance(cell, str)) - {""}


def locate(table: Table, sources: Iterable[Source]) -> tuple[Source, int] | None:
    """Return the source whose header row is in `table`, and that row (0-based).

    The first row that fits any source decides; of several sources the one that
    asks for the most headers.
    """
    sources = tuple(sources)
    for row, cells in enumerate(table.rows[:_HEADER_WITHIN]):
        found = headers_in(cells)
        fitting = [source for source in sources if source.fits(found)]
        if fitting:
            return max(fitting, key=lambda source: len(source.needs)), row
    return None


@record
class Sheet:
    """The rows under a header row."""

    table: Table
    source: Source
    header_row: int
    options: Options
    findings: Findings

    @cached_property
    def _index(self) -> dict[str, tuple[int, float]]:
        """Header → (column, scale); of headers that stand twice the first."""
        titles = [split_unit(cell) for cell in self.table.rows[self.header_row]]
        numbered = reversed(list(enumerate(titles)))
        return {name: (column, scale) for column, (name, scale) in numbered if name}

    @cached_property
    def _found(self) -> dict[str, tuple[int, float] | None]:
        return {}

    def find(self, spec: str | Iterable[str]) -> tuple[int, float] | None:
        """Return (column, scale) of the first header of `spec` that is there."""
        spec = spec if isinstance(spec, str) else " | ".join(spec)
        if spec not in self._found:
            wanted = (split_unit(name)[0] for name in names(spec))
            self._found[spec] = next((self._index[n] for n in wanted if n in self._index), None)
        return self._found[spec]

    def preamble(self) -> Iterator[str]:
        """Yield the texts above the header row."""
        for row in self.table.rows[: self.header_row]:
            yield from (clean(cell) for cell in row if isinstance(cell, str))

    def __iter__(self) -> Iterator[Record]:
        for row in range(self.header_row + 1, len(self.table.rows)):
            if any(not is_missing(cell) for cell in self.table.rows[row]):
                yield Record(self, row)


class Record(NamedTuple):
    """One row under the header."""

    sheet: Sheet
    row: int

    @property
    def cells(self) -> Sequence[object]:
        """The row's cells, ragged."""
        return self.sheet.table.rows[self.row]

    def at(self, column: int) -> object:
        """Return the cell in a column, None beyond the row's end."""
        cells = self.cells
        return cells[column] if column < len(cells) else None

    def cell(self, spec: str) -> object:
        """Return the cell under the first header of `spec`; None when there is none."""
        found = self.sheet.find(spec)
        return None if found is None else self.at(found[0])

    def text(self, spec: str) -> str:
        """Return a cell as clean text; "" when blank (NA may be a name, a dash is none)."""
        text = clean(self.cell(spec))
        return "" if text in _NO_TEXT else text

    def identity(self, spec: str) -> str:
        """Return an id as text; "" when missing. Lost digits make the row its own id."""
        found = self.sheet.find(spec)
        read = None if found is None else identifier(self.at(found[0]))
        if found is None or not isinstance(read, Unread):
            return str(read or "")
        remedy = "请重新导出，或把编号列设为文本；这一行按单独一笔计"
        self.sheet.findings.warn(
            self.where(found[0]), read.what, read.code, remedy=remedy, group="编号"
        )
        return f"#{self.row}"

    def where(self, column: int | None = None) -> Where:
        """Return the place of a cell of this row."""
        return self.sheet.table.where(self.row, column)

    @property
    def options(self) -> Options:
        """What the caller knows about the file."""
        return self.sheet.options

    def has(self, spec: str) -> bool:
        """Return True when a column of `spec` is there."""
        return self.sheet.find(spec) is not None

    def warn(self, what: str, rule: str) -> None:
        """Report something doubtful about this row."""
        self.sheet.findings.warn(self.where(), what, rule)

    def info(self, what: str, rule: str) -> None:
        """Tell something about this row."""
        self.sheet.findings.info(self.where(), what, rule)

    def number(self, spec: str) -> float | None:
        """Return a figure by header; None when missing, unreadable (reported) or no column."""
        found = self.sheet.find(spec)
        return None if found is None else self.number_at(*found)

    def number_at(self, column: int, scale: float = 1.0) -> float | None:
        """Return a figure; a percent or ratio is no amount and is reported."""
        read = parse_amount(self.at(column), scale=scale)
        if isinstance(read, Number):
            return read.value
        if read is not None:
            self._report(column, read)
        return None

    def _report(self, column: int, read: Unread) -> None:
        title = clean(self.sheet.table.rows[self.sheet.header_row][column])
        remedy = "在原表改正后重新导入；该格按缺数处理，不当作 0"
        rule = "error_cell" if is_error(self.at(column)) else read.code
        self.sheet.findings.error(
            self.where(column), f"列「{title}」：{read.what}", rule, remedy=remedy, group=title
        )
