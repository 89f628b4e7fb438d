"""Rows and columns put into a sheet of a closed workbook, as Excel puts them in.

Everything that speaks of the cells behind them follows: cells, areas, formulas of all sheets, names,
charts, notes, drawings.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xlplan.ooxml.cells import unescape
from xlplan.ooxml.patching.references import shift_formula
from xlplan.ooxml.patching.writes import escape
from xlplan.ooxml.serial import parse_cell
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xlplan.ooxml.book import WorkbookPart
    from xlplan.ooxml.growing.moving import Moves

_ROW = regex(rb'(<(?:\w+:)?row\b[^<>]*?\sr=")([0-9]+)(")')
_CELL = regex(rb'(<(?:\w+:)?c\b[^<>]*?\sr=")([A-Z]+)([0-9]+)(")')
_SPANS = regex(rb'\sspans="[0-9:]+"')
_COL = regex(rb"<(?:\w+:)?col\s[^<>]*?/>")
_MIN, _MAX = regex(rb'\smin="([0-9]+)"'), regex(rb'\smax="([0-9]+)"')
_BODY = regex(
    rb"<(?:\w+:)?sheetData\s*/>|<(?:\w+:)?sheetData\b[^<>/]*>.*?</(?:\w+:)?sheetData>", re.DOTALL
)
#: Attributes that hold areas, of elements around the cells.
_AREAS = regex(
    rb"(<(?:\w+:)?(?:dimension|selection|pane|sheetView|mergeCell|conditionalFormatting|dataValidation|"
    rb"hyperlink|autoFilter|sortState|sortCondition|ignoredError|protectedRange|cellWatch)\b[^<>]*?>)"
)  # fmt: skip
_ATTRIBUTE = regex(rb'(\s(?:ref|sqref|activeCell|topLeftCell|r)=")([A-Z0-9: $]+)(")')
_SPLIT = regex(rb'(\s(x|y)Split=")([0-9]+)(")')
_FORMULA = regex(rb"(<(?:\w+:)?(?:f|formula|formula1|formula2)\b[^<>]*?>)([^<]+)(</)")
_FORMULA_AREA = regex(rb'(<(?:\w+:)?f\b[^<>]*?\sref=")([A-Z0-9:]+)(")')
_SQREF = regex(rb"(<(?:\w+:)?sqref>)([^<]+)(</)")
_NAME = regex(rb"(<(?:\w+:)?definedName\b[^<>]*>)([^<]+)(</)")
_ANCHOR = regex(rb"(<(?:\w+:)?(row|col)>)([0-9]+)(</)")
_COMMENT = regex(rb'(<(?:\w+:)?(?:comment|threadedComment)\b[^<>]*?\sref=")([A-Z0-9]+)(")')
_VML = regex(rb"(<x:(Row|Column)>)([0-9]+)(</)")
_BREAK = regex(rb'(<(?:\w+:)?brk\b[^<>]*?\sid=")([0-9]+)(")')
_SHARED = regex(
    rb'<(?:\w+:)?c\b[^<>]*?\sr="([A-Z]+[0-9]+)"[^<>]*>\s*'
    rb'<((?:\w+:)?)f\b([^<>]*?\st="shared"[^<>]*?)(?:/>|>([^<]*)</(?:\w+:)?f>)'
)
_INDEX = regex(rb'\ssi="([0-9]+)"')


def with_lines(book: WorkbookPart, parts: dict[str, bytes], moves: Moves) -> None:
    """Move everything in a workbook's parts to make room for new lines of a sheet.

    Args:
        book: The workbook as it was.
        parts: Part → content, as changed so far; changed parts are put in.
        moves: Where the lines of the sheet go.
    """

    def read(part: str) -> bytes:
        return parts.get(part) or book.package.read(part)

    def put(part: str, made: bytes) -> None:
        if made != read(part):
            parts[part] = made

    for info in book.sheets:
        own = info.name.lower() == moves.sheet.lower()
        there = read(info.part)
        made = _own(there, moves, info.name) if own else _with_formulas(there, moves, info.name)
        put(info.part, made)
        for kind, part in _beside(book, info.part):
            put(part, _beside_moved(read(part), kind, moves, info.name, own=own))
    put(book.part, _texts(_NAME, read(book.part), lambda text: moves.formula(text, "")))


def _own(data: bytes, moves: Moves, sheet: str) -> bytes:
    """Return a sheet with its own lines moved."""
    data = _with_formulas(data, moves, sheet)
    found = _BODY.search(data)
    if found is None:
        return data
    head, body, tail = data[: found.start()], found[0], data[found.end() :]
    body = _ROW.sub(lambda m: b"%b%d%b" % (m[1], moves.row(int(m[2])), m[3]), body)
    body = _CELL.sub(lambda m: m[1] + moves.area(f"{m[2].decode()}{m[3].decode()}").encode() + m[4], body)  # fmt: skip
    body = _SPANS.sub(b"", body)
    body = _FORMULA_AREA.sub(lambda m: m[1] + moves.area(m[2].decode()).encode() + m[3], body)
    return _around(_columns(head, moves), moves) + body + _around(tail, moves)


def _around(data: bytes, moves: Moves) -> bytes:
    def tag(found: re.Match[bytes]) -> bytes:
        made = _ATTRIBUTE.sub(
            lambda m: m[1] + moves.areas(m[2].decode()).encode() + m[3], found[1]
        )
        return _SPLIT.sub(lambda m: b"%b%d%b" % (m[1], _frozen(m, moves), m[4]), made)

    data = _AREAS.sub(tag, data)
    data = _texts(_SQREF, data, moves.areas)
    rows, _, columns = data.partition(b"<colBreaks")
    rows = _BREAK.sub(lambda m: b"%b%d%b" % (m[1], moves.row(int(m[2])), m[3]), rows)
    return rows + _ + _BREAK.sub(lambda m: b"%b%d%b" % (m[1], moves.column(int(m[2])), m[3]), columns)  # fmt: skip


def _frozen(found: re.Match[bytes], moves: Moves) -> int:
    """Return how many rows (or columns) stay in view; a split in twips is far beyond them."""
    count = int(found[3])
    move = moves.row if found[2] == b"y" else moves.column
    return move(count) if count < 200 else count


def _columns(head: bytes, moves: Moves) -> bytes:
    def moved(found: re.Match[bytes]) -> bytes:
        def one(mark: re.Match[bytes]) -> bytes:
            return mark[0].replace(mark[1], b"%d" % moves.column(int(mark[1])))

        return _MAX.sub(one, _MIN.sub(one, found[0]))

    return _COL.sub(moved, head)


def _with_formulas(data: bytes, moves: Moves, sheet: str) -> bytes:
    """Return a sheet (or chart) whose formulas follow; shared ones get their own texts."""
    name = b"" if sheet.lower() == moves.sheet.lower() else escape(moves.sheet).encode()
    # a program that writes in ASCII spells names in numbers
    if b"&#" in data:
        name = b""
    if name not in data:
        return data
    data = _own_texts(data)
    return _texts(_FORMULA, data, lambda text: moves.formula(text, sheet), name)


def _own_texts(data: bytes) -> bytes:
    """Give cells that share a formula their own texts: they will not stand in one block any more."""
    if b't="shared"' not in data:
        return data
    masters: dict[bytes, tuple[int, int, str]] = {}

    def own(found: re.Match[bytes]) -> bytes:
        row, column = parse_cell(found[1].decode())
        index = _INDEX.search(found[3])
        key = index[1] if index else b"0"
        if found[4]:
            masters[key] = row, column, unescape(found[4].decode())
        if key not in masters:
            return found[0]
        top, left, text = masters[key]
        made = escape(shift_formula(text, row - top, column - left)).encode()
        start = found[0][: found[0].rindex(b"<%bf" % found[2])]
        return b"%b<%bf>%b</%bf>" % (start, found[2], made, found[2])

    return _SHARED.sub(own, data)


def _texts(
    pattern: re.Pattern[bytes], data: bytes, change: Callable[[str], str], having: bytes = b""
) -> bytes:
    """Return XML with the texts of some elements changed: those that have some bytes in them."""

    def one(found: re.Match[bytes]) -> bytes:
        if having not in found[2]:
            return found[0]
        text = unescape(found[2].decode())
        made = change(text)
        return found[0] if made == text else found[1] + escape(made).encode() + found[3]

    return pattern.sub(one, data)


def _beside(book: WorkbookPart, part: str) -> Iterator[tuple[str, str]]:
    """Yield the parts that belong to a sheet: kind and name, charts of its drawings among them."""
    for one in book.package.relations(part).values():
        if one.part and one.part in book.package:
            yield one.kind, book.package.name(one.part)
            if one.kind == "drawing":
                for inner in book.package.relations(one.part).values():
                    if inner.kind.startswith("chart") and inner.part in book.package:
                        yield "chart", book.package.name(str(inner.part))


def _beside_moved(data: bytes, kind: str, moves: Moves, sheet: str, *, own: bool) -> bytes:
    if kind == "chart":
        return _with_formulas(data, moves, "")
    if own and kind == "drawing":
        data = _ANCHOR.sub(lambda m: _counted(m, moves, b"row"), data)
    elif own and kind == "vmlDrawing":
        data = _VML.sub(lambda m: _counted(m, moves, b"Row"), data)
    elif own and kind in ("comments", "threadedComment"):
        data = _COMMENT.sub(lambda m: m[1] + moves.area(m[2].decode()).encode() + m[3], data)
    elif own and kind == "table":
        data = _table(data, moves, sheet)
    return data


def _table(data: bytes, moves: Moves, sheet: str) -> bytes:
    def tag(found: re.Match[bytes]) -> bytes:
        return _ATTRIBUTE.sub(lambda m: m[1] + moves.areas(m[2].decode()).encode() + m[3], found[0])  # fmt: skip

    data = re.sub(rb"<(?:\w+:)?(?:table|autoFilter|sortState|sortCondition)\b[^<>]*>", tag, data)
    pattern = regex(rb"(<(?:\w+:)?(?:calculatedColumnFormula|totalsRowFormula)\b[^<>]*?>)([^<]+)(</)")  # fmt: skip
    return _texts(pattern, data, lambda text: moves.formula(text, sheet))


def _counted(found: re.Match[bytes], moves: Moves, row: bytes) -> bytes:
    """Return a place that counts from 0."""
    move = moves.row if found[2] == row else moves.column
    return b"%b%d%b" % (found[1], move(int(found[3]) + 1) - 1, found[4])
