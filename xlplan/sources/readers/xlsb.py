""".xlsb: the binary parts of a workbook, record by record, within the caps.

Source: MS-XLSB 2.1.4 (records) and 2.4 (their fields).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from xlplan.ooxml.limits import ReadLimits
from xlplan.ooxml.package import Package
from xlplan.ooxml.serial import to_datetime
from xlplan.ooxml.stylesheet import is_date_format
from xlplan.record import draft
from xlplan.sources.readers.raw import MAX_CELLS, Blob, Merge, Table, file_damaged, file_too_big
from xlplan.sources.readers.shown import ShownScale, scale_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOOK = "xl/workbook.bin"
_ROW, _STRING, _FORMAT, _XF, _BOOK_FLAGS, _TAB, _MERGE = 0, 19, 44, 47, 153, 156, 176
_BEGIN_XFS, _END_XFS = 617, 618
#: Cell records → what they hold; those from 12 on leave their column out: it is the next.
_HOLDS = {
    1: "", 2: "rk", 3: "error", 4: "bool", 5: "real", 6: "text", 7: "shared", 8: "text", 9: "real",
    10: "bool", 11: "error", 12: "", 13: "rk", 14: "error", 15: "bool", 16: "real", 17: "text",
    18: "shared", 62: "rich",
}  # fmt: skip
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?",
    0x24: "#NUM!", 0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}  # fmt: skip


class _Record(NamedTuple):
    kind: int
    body: memoryview


@draft
class _Book:
    """What the cells refer to."""

    name: str
    strings: list[str]
    dates: frozenset[int]
    codes: dict[int, str]
    date1904: bool = False
    cells: int = 0


def read_xlsb(blob: Blob) -> list[Table]:
    """Return the worksheets of an .xlsb (chart sheets have no cells); FileError when damaged."""
    package = Package(blob.data, ReadLimits())
    try:
        return _read(package, blob.name)
    except (struct.error, IndexError, UnicodeDecodeError, ValueError) as error:
        raise file_damaged(blob.name, "已损坏或不是真正的表格") from error


def _read(package: Package, name: str) -> list[Table]:
    relations = package.relations(_BOOK)
    related = {relation.kind: relation.part for relation in relations.values()}
    dates, codes = _styles(package, related.get("styles"))
    book = _Book(name, _strings(package, related.get("sharedStrings")), dates, codes)
    found = []
    for kind, body in _records(package.read(_BOOK)):
        if kind == _BOOK_FLAGS:
            book.date1904 = bool(struct.unpack_from("<I", body)[0] & 1)
        elif kind == _TAB:
            (state,) = struct.unpack_from("<I", body)
            key, at = _text(body, 8)
            title, _ = _text(body, at)
            relation = relations.get(key)
            if relation is not None and relation.kind == "worksheet" and relation.part:
                found.append((title, state != 0, relation.part))
    return [
        _sheet(package.read(part), title, book, hidden=hidden) for title, hidden, part in found
    ]


def _records(data: bytes) -> Iterator[_Record]:
    view, at = memoryview(data), 0
    while at < len(view):
        kind = view[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (view[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        for _ in range(4):
            byte = view[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        if at + size > len(view):
            raise ValueError("a record is cut")
        yield _Record(kind, view[at : at + size])
        at += size


def _text(body: memoryview, at: int) -> tuple[str, int]:
    """Return a counted UTF-16 text and where it ends; the count of -1 stands for none."""
    (count,) = struct.unpack_from("<I", body, at)
    if count == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * count
    if end > len(body):
        raise ValueError("a text is cut")
    return bytes(body[at + 4 : end]).decode("utf-16-le", "replace"), end


def _strings(package: Package, part: str | None) -> list[str]:
    if part is None or part not in package:
        return []
    return [_text(body, 1)[0] for kind, body in _records(package.read(part)) if kind == _STRING]


def _styles(package: Package, part: str | None) -> tuple[frozenset[int], dict[int, str]]:
    """Return the styles that show days, and the formats of those that have their own."""
    if part is None or part not in package:
        return frozenset(), {}
    codes: dict[int, str] = {}
    used: list[int] = []
    inside = False
    for kind, body in _records(package.read(part)):
        if kind == _FORMAT:
            (number,) = struct.unpack_from("<H", body)
            codes[number] = _text(body, 2)[0]
        elif kind in (_BEGIN_XFS, _END_XFS):
            inside = kind == _BEGIN_XFS
        elif kind == _XF and inside:
            used.append(struct.unpack_from("<H", body, 2)[0])
    dates = frozenset(
        i for i, number in enumerate(used) if is_date_format(number, codes.get(number))
    )
    return dates, {i: codes[number] for i, number in enumerate(used) if number in codes}


def _sheet(data: bytes, title: str, book: _Book, *, hidden: bool) -> Table:
    cells: dict[tuple[int, int], object] = {}
    formats: dict[tuple[int, int], ShownScale] = {}
    merges: list[Merge] = []
    row = column = -1
    for kind, body in _records(data):
        if kind == _ROW:
            (row,) = struct.unpack_from("<I", body)
            column = -1
        elif kind == _MERGE:
            top, bottom, left, right = struct.unpack_from("<4I", body)
            merges.append(Merge(top, left, bottom, right))
        elif kind in _HOLDS and row >= 0:
            full = kind < 12 or kind == 62
            column = struct.unpack_from("<I", body)[0] if full else column + 1
            at = 4 if full else 0
            style = struct.unpack_from("<I", body, at)[0] & 0xFFFFFF
            value = _value(_HOLDS[kind], body, at + 4, book)
            if value is None:
                continue
            if row >= 1_048_576 or column >= 16_384:
                raise ValueError("a cell outside the grid")
            code = book.codes.get(style) if style not in book.dates else None
            if isinstance(value, float) and (scale := scale_of(code, value)):
                formats[row, column] = scale
            cells[row, column] = _day(value, book) if style in book.dates else value
            book.cells += 1
            if book.cells > MAX_CELLS:
                raise file_too_big(book.name, f"超过 {MAX_CELLS:,} 个单元格")
    return Table(
        book.name, title, _grid(cells, book.name), book.date1904, tuple(merges), formats, hidden
    )


def _value(holds: str, body: memoryview, at: int, book: _Book) -> object:
    """Return what a cell holds from byte `at` of its record on, None for a blank one."""
    if holds in ("rk", "shared"):
        (number,) = struct.unpack_from("<I", body, at)
        return _rk(number) if holds == "rk" else book.strings[number]
    if holds == "real":
        return float(struct.unpack_from("<d", body, at)[0])
    if holds in ("text", "rich"):
        return _text(body, at if holds == "text" else at + 1)[0]
    if holds == "bool":
        return bool(body[at])
    return _ERRORS.get(body[at], "#ERR!") if holds == "error" else None


def _rk(number: int) -> float:
    """Return a packed number: 30 bits of an integer or of a double, perhaps in hundredths."""
    if number & 2:
        value = float((number >> 2) - (1 << 30 if number & 0x80000000 else 0))
    else:
        value = float(struct.unpack("<d", b"\0\0\0\0" + struct.pack("<I", number & 0xFFFFFFFC))[0])
    return value / 100 if number & 1 else value


def _day(value: object, book: _Book) -> object:
    moment = to_datetime(value, date1904=book.date1904) if isinstance(value, float) else None
    return value if moment is None else moment


def _grid(cells: dict[tuple[int, int], object], name: str) -> list[list[object]]:
    widths: dict[int, int] = {}
    for row, column in cells:
        widths[row] = max(column + 1, widths.get(row, 0))
    if sum(widths.values()) > 4 * MAX_CELLS:
        raise file_too_big(name, "范围过大")
    rows: list[list[object]] = [
        [None] * widths.get(row, 0) for row in range(max(widths, default=-1) + 1)
    ]
    for (row, column), value in cells.items():
        rows[row][column] = value
    return rows
