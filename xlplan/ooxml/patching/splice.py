"""Puts changed cells into a sheet's XML and leaves every other byte as it was."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from xlplan.errors import InputError, Problem, StructureError, Where
from xlplan.ooxml.cells import unescape
from xlplan.ooxml.patching.references import shift_formula
from xlplan.ooxml.patching.spans import UncommonError, find_spans, read_attributes
from xlplan.ooxml.patching.spanxml import ParsedSpans
from xlplan.ooxml.patching.writes import Write, Writer, as_digits, escape
from xlplan.ooxml.serial import CellRange, cell_name, parse_range
from xlplan.record import record
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from xlplan.ooxml.patching.spans import CellSpan, RowSpan, Spans

    Changes = Mapping[tuple[int, int], Write]
    from collections.abc import Iterable, Mapping

    from xlplan.ooxml.patching.spans import FormulaSpan

    Touched = Mapping[int, Mapping[int, object]]


_BLOCK = regex(rb"<(?:\w+:)?f(\s[^<>]*)>")
_FORMULA = regex(rb"<(?:\w+:)?f\b[^<>]*?(?:/>|>.*?</(?:\w+:)?f>)", re.DOTALL)
_COMPUTED_BLOCKS = ("array", "dataTable")
_CLEAR = Write(None)


class Spliced(NamedTuple):
    """A changed sheet part.

    `lost_formula` tells whether a formula gave way to a value, `only_digits` whether nothing but
    the digits of numbers changed.
    """

    data: bytes
    lost_formula: bool
    only_digits: bool


def splice(data: bytes, part: str, sheet: str, changes: Changes, *, date1904: bool) -> Spliced:
    """Return a sheet's XML with the changes in it.

    Args:
        data: The XML of the sheet.
        part: Its part, for messages.
        sheet: Its name, for messages.
        changes: (row, col) → `Write`.
        date1904: The epoch of the book.

    Raises:
        StructureError: If a cell belongs to an array formula, a data table or a dynamic
            array.
        FileError: ``damaged`` if rows or cells are out of order.
    """
    try:
        return _Splice(find_spans(data), sheet, changes, date1904=date1904).run()
    except UncommonError:
        return _Splice(ParsedSpans(data, part), sheet, changes, date1904=date1904).run()


def refuse_cells(sheet: str, cells: list[tuple[int, int]], why: str, remedy: str) -> None:
    """Raise StructureError for the cells that must not be changed, if there are any."""
    problems = [
        Problem(Where("", sheet, cell_name(*key)), why, remedy=remedy, rule="patch")
        for key in sorted(cells)
    ]
    if problems:
        first = problems[0].where
        raise StructureError(f"单元格 {first.cell} {why}", remedy, first, problems)


class _Splice:
    """One pass over one sheet."""

    def __init__(self, spans: Spans, sheet: str, changes: Changes, *, date1904: bool) -> None:
        self.spans = spans
        self.sheet = sheet
        self.changes = changes
        self.writer = Writer(spans.prefix, date1904=date1904)
        self.columns = ColumnStyles.read(spans.data[: spans.start])
        self.prefix = spans.prefix.encode()
        self.lost_formula = False
        #: Cells of which more than the digits changed.
        self.written: list[tuple[int, int]] = []
        self.edits: dict[int, dict[int, Write]] = {}
        for (row, col), write in changes.items():
            self.edits.setdefault(row, {})[col] = write
        #: Where in a plan whose targets changed nothing but digits changes: nearly every cell.
        self.digits = as_digits(changes)

    def run(self) -> Spliced:
        self._refuse_blocks()
        self.orphans = orphaned_formulas(self.spans, self.edits)
        data = self._with_body(b"".join(self._rows()))
        written = [key for key in self.written if self.changes.get(key, _CLEAR) != _CLEAR]
        data = with_dimension(data, written, self.spans.start)
        return Spliced(data, self.lost_formula, only_digits=not self.written)

    def _refuse_blocks(self) -> None:
        if not any(kind in self.spans.data for kind in (b"array", b"dataTable")):
            return
        tags = _BLOCK.finditer(self.spans.data, self.spans.start, self.spans.stop)
        marks = [read_attributes(tag[1]) for tag in tags]
        blocks = [
            parse_range(mark.get("ref", "")) for mark in marks if mark.get("t") in _COMPUTED_BLOCKS
        ]
        hit = [key for key in self.changes if any(block.holds(*key) for block in blocks)]
        remedy = "请在 Excel 中把这些单元格改回普通单元格后再试"
        refuse_cells(self.sheet, hit, "属于数组公式或模拟运算表，不能单独改动", remedy)

    def _rows(self) -> Iterator[bytes]:
        """Yield the content of `<sheetData>`, unchanged stretches in one piece."""
        data, pos = self.spans.data, self.spans.start
        new = sorted(self.edits.keys() - {row.row for row in self.spans.rows}, reverse=True)
        for row in self.spans.rows:
            if new and new[-1] < row.row:
                yield data[pos : row.start]
                pos = row.start
            while new and new[-1] < row.row:
                yield self._new_row(new.pop())
            if row.row in self.edits or row.row in self.orphans:
                yield data[pos : row.start]
                yield self._changed_row(row)
                pos = row.end
        yield data[pos : self.spans.stop]
        yield from map(self._new_row, reversed(new))

    def _new_row(self, row: int) -> bytes:
        edits = sorted(self.edits[row].items())
        self.written += [(row, col) for col, _ in edits]
        cells = b"".join(self._new_cell(row, col, write) for col, write in edits)
        return (
            b'<%brow r="%d">%b</%brow>' % (self.prefix, row, cells, self.prefix) if cells else b""
        )

    def _changed_row(self, row: RowSpan) -> bytes:
        data, edits = self.spans.data, self.edits.get(row.row, {})
        cells = b"".join(self._changed_cells(row, edits))
        if not cells and row.is_closed:
            return data[row.start : row.end]
        tag, ending = data[row.start : row.body], data[row.stop : row.end]
        if row.is_closed:
            tag, ending = tag[:-2].rstrip() + b">", b"</%brow>" % self.prefix
        return with_spans(tag, edits) + cells + ending

    def _changed_cells(self, row: RowSpan, edits: dict[int, Write]) -> list[bytes]:
        data, pos, texts = self.spans.data, row.body, self.orphans.get(row.row, {})
        pieces: list[bytes] = []
        for col in sorted(edits.keys() | texts.keys() if texts else edits):
            key = row.row, col
            lead, text = self.digits.get(key, (b"", b""))
            place = self.spans.digits(row, col, pos, lead) if lead else None
            if place is None:
                self.written.append(key)
                place, text = self._cell(row, col, pos)
            pieces += (data[pos : place[0]], text)
            pos = place[1]
        pieces.append(data[pos : row.stop])
        return pieces

    def _cell(self, row: RowSpan, col: int, start: int) -> tuple[tuple[int, int], bytes]:
        """Return from where to where a cell lies, and what comes there."""
        place, write = self.spans.locate(row, col, start), self.edits.get(row.row, {}).get(col)
        if isinstance(place, int):
            return (place, place), self._new_cell(row.row, col, self.edits[row.row][col], row)
        if write is None:
            new = self._with_own_formula(place, self.orphans[row.row][col])
        else:
            new = self._changed_cell(row.row, place, write)
        return (place.start, place.end), new

    def _new_cell(self, row: int, col: int, write: Write, there: RowSpan | None = None) -> bytes:
        if write == _CLEAR:
            return b""
        style = str(write.style) if write.style is not None else ""
        if there and not style:
            style = row_style(self.spans.data[there.start : there.body])
        style = style or self.columns.style(col)
        return self._rendered(row, col, write, style)

    def _changed_cell(self, row: int, cell: CellSpan, write: Write) -> bytes:
        if cell.rich:
            remedy = "请在 Excel 中清除该单元格后再试"
            refuse_cells(self.sheet, [(row, cell.col)], "是动态数组或富数据类型，不能改动", remedy)
        if cell.computed and write.formula is None:
            self.lost_formula = True
        style = cell.style if write.style is None else str(write.style)
        return self._rendered(row, cell.col, write, style)

    def _rendered(self, row: int, col: int, write: Write, style: str) -> bytes:
        try:
            return self.writer.cell(cell_name(row, col), write, style).encode()
        except InputError as error:
            error.where = Where("", self.sheet, cell_name(row, col))
            raise

    def _with_own_formula(self, cell: CellSpan, text: str) -> bytes:
        prefix = self.spans.prefix
        formula = f"<{prefix}f>{escape(text)}</{prefix}f>".encode()
        raw = self.spans.data[cell.start : cell.end]
        return _FORMULA.sub(lambda _: formula, raw, count=1)

    def _with_body(self, body: bytes) -> bytes:
        data, spans = self.spans.data, self.spans
        if spans.closed_tag is None:
            return data[: spans.start] + body + data[spans.stop :]
        if not body:
            return data
        tag = data[spans.closed_tag : spans.start - 2].rstrip()
        ending = b"</%bsheetData>" % self.prefix
        return data[: spans.closed_tag] + tag + b">" + body + ending + data[spans.start :]


_DIMENSION = regex(rb'(<(?:\w+:)?dimension\s[^<>]*?ref=")([A-Z0-9:$]+)(")')
_COLUMN = regex(rb"<(?:\w+:)?col(\s[^<>]*?)/?>")
_SPANS = regex(rb'(\sspans=")([0-9]+):([0-9]+)(")')


@record
class ColumnStyles:
    """Styles of whole columns: a new cell takes its column's look, as in Excel."""

    runs: tuple[tuple[int, int, str], ...]

    @classmethod
    def read(cls, head: bytes) -> ColumnStyles:
        """Read the `<cols>` of a sheet from the XML before its cells."""
        marks = [read_attributes(found[1]) for found in _COLUMN.finditer(head)]
        return cls(
            tuple(
                (int(mark["min"]), int(mark["max"]), mark["style"])
                for mark in marks
                if {"min", "max", "style"} <= mark.keys()
            )
        )

    def style(self, col: int) -> str:
        """Return the style index of a column as text, ``""`` if it has none."""
        return next((style for first, last, style in self.runs if first <= col <= last), "")


def row_style(tag: bytes) -> str:
    """Return the style index of a formatted row as text, ``""`` if it has none."""
    attributes = read_attributes(tag)
    return attributes.get("s", "") if attributes.get("customFormat") in ("1", "true") else ""


def with_dimension(data: bytes, written: Iterable[tuple[int, int]], head: int) -> bytes:
    """Return the sheet with its used range extended to the cells written."""
    found = _DIMENSION.search(data, 0, head)
    if found is None:
        return data
    try:
        block = parse_range(found[2].decode())
    except ValueError:
        return data
    wider = _including(block, written)
    if wider == block:
        return data
    return data[: found.start(2)] + str(wider).encode() + data[found.end(2) :]


def _including(block: CellRange, cells: Iterable[tuple[int, int]]) -> CellRange:
    rows, cols = zip((block.top, block.left), (block.bottom, block.right), *cells, strict=True)
    return CellRange(min(rows), min(cols), max(rows), max(cols))


def with_spans(tag: bytes, cols: Iterable[int]) -> bytes:
    """Return a row's tag with its ``spans`` hint widened to the columns written."""
    found = _SPANS.search(tag)
    if found is None:
        return tag
    first, last = min((int(found[2]), *cols)), max((int(found[3]), *cols))
    hint = b"%b%d:%d%b" % (found[1], first, last, found[4])
    return tag[: found.start()] + hint + tag[found.end() :]


class _Master(NamedTuple):
    row: int
    col: int
    text: str
    is_changed: bool


def orphaned_formulas(spans: Spans, touched: Touched) -> dict[int, dict[int, str]]:
    """Return row → column → formula text of the cells whose master is about to go.

    Args:
        spans: The sheet.
        touched: Row → columns that will be overwritten.
    """
    if b"shared" not in spans.data:
        return {}
    formulas = (
        spans.formula(cell)
        for row in spans.rows
        if row.row in touched
        for cell in _touched_cells(spans, row, touched[row.row])
    )
    broken = {_index(formula) for formula in formulas if formula and formula.text} - {""}
    return _children(spans, touched, broken) if broken else {}


def _touched_cells(spans: Spans, row: RowSpan, cols: Iterable[int]) -> Iterator[CellSpan]:
    for col in cols:
        cell = spans.locate(row, col)
        if not isinstance(cell, int):
            yield cell


def _children(spans: Spans, touched: Touched, broken: set[str]) -> dict[int, dict[int, str]]:
    masters: dict[str, _Master] = {}
    found: dict[int, dict[int, str]] = {}
    for row in spans.rows:
        changed = touched.get(row.row, {})
        for cell in spans.cells(row):
            formula = spans.formula(cell)
            if formula is None or (index := _index(formula)) not in broken:
                continue
            if formula.text:
                masters[index] = _Master(
                    row.row, cell.col, unescape(formula.text), cell.col in changed
                )
            elif index in masters and masters[index].is_changed and cell.col not in changed:
                found.setdefault(row.row, {})[cell.col] = _text(masters[index], row.row, cell.col)
    return found


def _index(formula: FormulaSpan) -> str:
    """Return the group a shared formula belongs to, ``""`` for any other."""
    shared = formula.attributes.get("t") == "shared"
    return formula.attributes.get("si", "0") if shared else ""


def _text(master: _Master, row: int, col: int) -> str:
    return shift_formula(master.text, row - master.row, col - master.col)
