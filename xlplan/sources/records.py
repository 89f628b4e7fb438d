"""A raw table with its header row found: cells by header name, never by position."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from xlplan.record import record
from xlplan.sources.declare import names, split_unit
from xlplan.sources.numbers import Number, parse_amount
from xlplan.sources.readers.textual import unfit_rows
from xlplan.sources.shape.around import money_unit
from xlplan.sources.text import Unread, clean, identifier, is_error, is_missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from xlplan.errors import Where
    from xlplan.sources.declare import Options, Source
    from xlplan.sources.findings import Findings
    from xlplan.sources.readers.raw import Table
    from xlplan.sources.shape.around import MoneyUnit

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
    def _index(self) -> dict[str, list[tuple[int, float]]]:
        """Header → its columns, each with the scale that its unit means."""
        found: dict[str, list[tuple[int, float]]] = {}
        for column, title in enumerate(self.table.rows[self.header_row]):
            name, scale = split_unit(title)
            if name:
                found.setdefault(name, []).append((column, scale))
        return found

    @cached_property
    def _found(self) -> dict[str, tuple[int, float] | None]:
        return {}

    def find(self, spec: str | Iterable[str]) -> tuple[int, float] | None:
        """Return (column, scale) of the first header of `spec` that is there.

        Two columns of one name with different figures are reported, and none of them is given.
        """
        spec = spec if isinstance(spec, str) else " | ".join(spec)
        if spec not in self._found:
            wanted = (split_unit(name)[0] for name in names(spec))
            columns = next((self._index[n] for n in wanted if n in self._index), [])
            clear = columns and not self._is_torn(columns)
            self._found[spec] = columns[0] if clear else None
        return self._found[spec]

    def _is_torn(self, columns: Sequence[tuple[int, float]]) -> bool:
        """Return whether columns of one name have different figures in a row, and say so."""
        if len(columns) < 2:
            return False
        for line in self:
            read = [parse_amount(line.at(column), scale=scale) for column, scale in columns]
            figures = {figure.value for figure in read if isinstance(figure, Number)}
            if len(figures) > 1:
                title = clean(self.table.rows[self.header_row][columns[0][0]])
                what = f"有 {len(columns)} 列都叫「{title}」，数却不同（如 {'、'.join(f'{f:,.10g}' for f in sorted(figures))}），都没有写入"
                self.findings.error(
                    line.where(columns[-1][0]), what, "same_title",
                    remedy="只留一列，或改成不同的列名后重新导入", group=title,
                )  # fmt: skip
                return True
        return False

    @cached_property
    def money(self) -> MoneyUnit | None:
        """The unit of money that goes for the whole table, when one is stated."""
        return money_unit(self.table, self.header_row)

    @cached_property
    def flaws(self) -> Mapping[int, str]:
        """Rows that are not to be read → why."""
        found = {row: why for row, why in self.table.flaws.items() if row > self.header_row}
        return {**unfit_rows(self.table, self.header_row), **found}

    def report_flaws(self) -> None:
        """Report the rows that are not read."""
        for row, why in sorted(self.flaws.items()):
            remedy = "在原表改正（数里的逗号去掉，引号成对）后重新导入；这一行没有写入"
            self.findings.error(self.table.where(row), why, "unfit_row", remedy=remedy)

    def preamble(self) -> Iterator[str]:
        """Yield the texts above the header row, those of the table itself before all others."""
        for row in self.table.rows[: self.header_row]:
            yield from (clean(cell) for cell in row if isinstance(cell, str))
        yield from self.table.above

    def __iter__(self) -> Iterator[Record]:
        for row in range(self.header_row + 1, len(self.table.rows)):
            if row not in self.flaws and any(not is_missing(c) for c in self.table.rows[row]):
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
        read = self._figure(column, scale)
        if isinstance(read, Number):
            return read.value
        if read is not None:
            self._report(column, read)
        return None

    def quiet_number(self, column: int, scale: float = 1.0) -> float | None:
        """Return a figure like `number_at`, without a word about what is none."""
        read = self._figure(column, scale)
        return read.value if isinstance(read, Number) else None

    def _figure(self, column: int, scale: float) -> Number | Unread | None:
        """Read a figure as people see it: a number format may say a unit, or only shorten."""
        cell = self.at(column)
        shown = self.sheet.table.formats.get((self.row, column))
        if shown is None or isinstance(cell, str):
            return parse_amount(cell, scale=scale)
        unit = shown.unit if shown.unit != 1 else scale
        if shown.divisor == 1:
            return parse_amount(cell, scale=unit)
        if unit in (1, shown.divisor):
            return parse_amount(cell)
        what = f"「{cell}」的数字格式缩小 {shown.divisor:,.10g} 倍显示，单位却是 {unit:,.10g}，看不出是多少"
        return Unread("unit_format", what)

    def _report(self, column: int, read: Unread) -> None:
        title = clean(self.sheet.table.rows[self.sheet.header_row][column])
        remedy = "在原表改正后重新导入；该格按缺数处理，不当作 0"
        rule = "error_cell" if is_error(self.at(column)) else read.code
        self.sheet.findings.error(
            self.where(column), f"列「{title}」：{read.what}", rule, remedy=remedy, group=title
        )
