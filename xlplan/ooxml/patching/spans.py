"""Where the rows and cells of a sheet begin and end, in bytes, so that they can be replaced.

As with reading there are two ways: regular expressions for the common form, expat's
byte offsets (`spanxml`) for everything else (prefixes, comments, odd attribute order).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from itertools import accumulate
from operator import lt
from typing import TYPE_CHECKING, NamedTuple

from xlplan.ooxml.safexml import MAIN_NAMESPACES
from xlplan.ooxml.serial import MAX_ROW, column_index, column_name
from xlplan.ooxml.sniff import damaged_package
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

_ATTRIBUTES = rb'((?: [a-zA-Z0-9:_]{1,40}="[^"<]*")*) ?'
_ROW = regex(rb'<row(?: r="([0-9]{1,9})")?' + _ATTRIBUTES + rb"(/?)>")
_CELL_TAG = regex(rb'(?: s="([0-9]{1,5})")?' + _ATTRIBUTES + rb"(/?)")
_STYLE_ONLY = regex(rb'(?: s="[0-9]{1,5}")?')
_FORMULA = regex(rb"<f" + _ATTRIBUTES + rb"(?:/>|>([^<]*)</f>)")
_ATTRIBUTE = regex(rb'\s([a-zA-Z0-9:_]+)\s*=\s*(?:"([^"]*)"|\'([^\']*)\')')
_ROOT = regex(rb'<worksheet(?: [a-zA-Z0-9:_]+="[^"<]*")*? xmlns="([^"]*)"')
_OTHER_ENCODING = regex(rb"""\s*<\?xml[^>]*?\sencoding\s*=\s*["'](?!utf-8["'])""", re.IGNORECASE)
#: A comment, CDATA or instruction: it could hold anything.
_ODD = regex(rb"<(?:!|\?(?!xml ))")
_CELL_MARK, _CELL_END = b'<c r="', b"</c>"
_NUMBER_END = b"</v></c>"
_OPEN, _CLOSE, _ROW_END = b"<sheetData>", b"</sheetData>", b"</row>"


class _Columns(dict[bytes, int]):
    """Column letters → number, remembered."""

    def __missing__(self, letters: bytes) -> int:
        if not letters.isalpha() or not letters.isupper():
            raise ValueError("no column")
        self[letters] = column = column_index(letters.decode())
        return column


class _Marks(dict[int, bytes]):
    """Column number → how its cells begin, remembered."""

    def __missing__(self, col: int) -> bytes:
        self[col] = mark = _CELL_MARK + column_name(col).encode()
        return mark


_COLUMNS, _MARKS = _Columns(), _Marks()


class UncommonError(Exception):
    """The sheet is not in the common form; take the other way."""


class FormulaSpan(NamedTuple):
    """A stored formula element: its attributes and its text, still escaped."""

    attributes: dict[str, str]
    text: str


class CellSpan(NamedTuple):
    """One `<c>`: its column, its bytes from `start` to `end`, and what must be known of it.

    `style` is the text of its ``s`` attribute (may be empty); `computed` tells whether it has
    a formula, `rich` of metadata (dynamic arrays, rich values).
    """

    col: int
    start: int
    end: int
    style: str
    computed: bool
    rich: bool


class RowSpan(NamedTuple):
    """One `<row>`: ``start`` is its tag, ``body`` to ``stop`` its cells, ``end`` the next byte.

    A self-closing row has ``body == stop == end``.
    """

    row: int
    start: int
    body: int
    stop: int
    end: int

    @property
    def is_closed(self) -> bool:
        """Whether the tag is self-closing."""
        return self.body == self.end


class Spans:
    """A sheet's rows, and the place of its `<sheetData>` content.

    Args:
        data: The sheet's XML (UTF-8).
        start: Where the content of `<sheetData>` begins.
        stop: Where it ends.
        rows: In document order.

    Attributes:
        prefix: Namespace prefix of its elements with the colon, mostly empty.
        closed_tag: Where a self-closing `<sheetData/>` begins, else None.
    """

    def __init__(self, data: bytes, start: int, stop: int, rows: list[RowSpan]) -> None:
        self.data = data
        self.prefix = ""
        self.start = start
        self.stop = stop
        self.closed_tag: int | None = None
        self.rows = rows
        self._last: tuple[int, list[int], list[int]] = (0, [], [])

    def locate(self, row: RowSpan, col: int, start: int = 0) -> CellSpan | int:
        """Return the cell of a row in this column, or where it would have to be inserted.

        Args:
            row: The row.
            col: The column.
            start: An offset that the cell cannot lie before, so as not to search from the start.
        """
        mark = f'<c r="{column_name(col)}{row.row}"'.encode()
        at = self.data.find(mark, start or row.body, row.stop)
        if at >= 0:
            return self._cell(row, col, at, at + len(mark))
        cols, starts = self._starts(row)
        index = bisect_left(cols, col)
        return starts[index] if index < len(starts) else row.stop

    def digits(self, row: RowSpan, col: int, start: int, lead: bytes) -> tuple[int, int] | None:
        """Return where the digits lie of a cell that shows a number; None for any other cell.

        Args:
            row: The row.
            col: The column.
            start: An offset that the cell cannot lie before.
            lead: What must stand before them in the cell: its `<f>` element, if any, and ``<v>``.
        """
        data = self.data
        mark = _MARKS[col] + b'%d"' % row.row
        at = data.find(mark, start, row.stop)
        content = data.find(b">", at) + 1
        if at < 0 or not data.startswith(lead, content):
            return None
        first = content + len(lead)
        last = data.find(b"<", first)
        plain = _is_plain(data[at + len(mark) : content - 1])
        found = plain and data.startswith(_NUMBER_END, last, row.stop) and last > first
        return (first, last) if found else None

    def cells(self, row: RowSpan) -> list[CellSpan]:
        """Return all cells of a row."""
        places = zip(*self._starts(row), strict=True)
        name = len(_CELL_MARK) + len(str(row.row)) + 1
        return [self._cell(row, col, at, at + name + len(column_name(col))) for col, at in places]

    def formula(self, cell: CellSpan) -> FormulaSpan | None:
        """Return the formula of a cell."""
        return _formula(self.data[cell.start : cell.end]) if cell.computed else None

    def _starts(self, row: RowSpan) -> tuple[list[int], list[int]]:
        """Return columns and offsets of a row's cells; UncommonError if not all carry a name."""
        if self._last[0] == row.row:
            return self._last[1:]
        head, *cells = self.data[row.body : row.stop].split(_CELL_MARK)
        mark = b'%d"' % row.row
        try:
            cols = [_COLUMNS[cell[: cell.find(mark)]] for cell in cells]
        except ValueError:
            raise UncommonError from None
        ascending = all(map(lt, cols, cols[1:]))
        if not ascending or self.data.count(b"<c", row.body, row.stop) != len(cells):
            raise UncommonError
        lengths = [row.body + len(head), *(len(cell) + len(_CELL_MARK) for cell in cells[:-1])]
        self._last = (row.row, cols, list(accumulate(lengths)) if cells else [])
        return self._last[1:]

    def _cell(self, row: RowSpan, col: int, at: int, marks: int) -> CellSpan:
        """Return the cell at an offset, whose attributes after ``r`` begin at `marks`."""
        data = self.data
        body = data.find(b">", marks, row.stop) + 1
        if not body:
            raise UncommonError
        style, rich, is_closed = _cell_tag(data[marks : body - 1])
        if is_closed:
            return CellSpan(col, at, body, style, False, rich)
        stop = data.find(_CELL_END, body, row.stop)
        if stop < 0:
            raise UncommonError
        computed = data.find(b"<f", body, stop) >= 0
        return CellSpan(col, at, stop + len(_CELL_END), style, computed, rich)


def find_spans(data: bytes) -> Spans:
    """Return the rows of a sheet in the common form; UncommonError otherwise."""
    root = _ROOT.search(data, 0, 4096)
    if root is None or root[1].decode() not in MAIN_NAMESPACES or _OTHER_ENCODING.match(data):
        raise UncommonError
    if _ODD.search(data):
        raise UncommonError
    start, stop = data.find(_OPEN) + len(_OPEN), data.rfind(_CLOSE)
    if not len(_OPEN) <= start <= stop:
        raise UncommonError
    return Spans(data, start, stop, list(_find_rows(data, start, stop)))


def _find_rows(data: bytes, start: int, stop: int) -> Iterator[RowSpan]:
    pos, number = start, 0
    while found := _ROW.search(data, pos, stop):
        _require_blank(data, pos, found.start())
        text = found[1].decode() if found[1] else read_attributes(found[2]).get("r")
        number = next_row(number, text)
        body = close = pos = found.end()
        if not found[3]:
            close = data.find(_ROW_END, body, stop)
            pos = close + len(_ROW_END)
            if close < 0:
                raise UncommonError
        yield RowSpan(number, found.start(), body, close, pos)
    _require_blank(data, pos, stop)


def next_row(last: int, text: str | None) -> int:
    """Return the number of the row after `last`, given its ``r``; FileError if out of order."""
    number = last + 1 if text is None else int(text) if text.isascii() and text.isdigit() else 0
    if not last < number <= MAX_ROW:
        raise damaged_package(f"行号 {text} 的顺序不对")
    return number


def read_attributes(marks: bytes) -> dict[str, str]:
    """Return the attributes of a tag by their local names."""
    return {
        name.decode(): (double or single).decode()
        for name, double, single in _ATTRIBUTE.findall(marks)
    }


@lru_cache(maxsize=1024)
def _cell_tag(marks: bytes) -> tuple[str, bool, bool]:
    """Return style, richness and whether it is self-closing of a cell's tag after its name."""
    found = _CELL_TAG.fullmatch(marks)
    if found is None or b' s="' in found[2]:
        raise UncommonError
    rich = b' cm="' in found[2] or b' vm="' in found[2]
    return (found[1] or b"").decode(), rich, bool(found[3])


@lru_cache(maxsize=1024)
def _is_plain(marks: bytes) -> bool:
    """Whether a cell's tag after its name says nothing but a style, as a number's does."""
    return _STYLE_ONLY.fullmatch(marks) is not None


def _formula(cell: bytes) -> FormulaSpan:
    found = _FORMULA.search(cell)
    if found is None:
        raise UncommonError
    return FormulaSpan(read_attributes(found[1]), (found[2] or b"").decode())


def _require_blank(data: bytes, start: int, stop: int) -> None:
    if start != stop and data[start:stop].strip():
        raise UncommonError
