"""The quick scan of a sheet: one regular expression over the form every known writer uses.

It accepts a sheet only if the expression covers `<sheetData>` without a gap and expat
finds the rest well-formed; for anything else it returns None, and the careful reading
(`sheetxml`) decides. So it can be strict and need not be complete.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from xlplan.ooxml.cells import Cell
from xlplan.ooxml.safexml import is_plain, valid_text
from xlplan.ooxml.serial import column_index
from xlplan.ooxml.sheetxml import read_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from xlplan.ooxml.cells import SheetCells, Value
    from xlplan.ooxml.collector import Collector

    _Found = tuple[str, ...]

_ATTRIBUTE_TEXT = r' (?!r=)[a-zA-Z][a-zA-Z0-9]{0,30}(?::[a-zA-Z]{1,30})?="[^"<&]*"'
_SPACE = r'(?: xml:space="preserve")?'
_ROW = re.compile(rf'\s*<row(?: r="[1-9][0-9]{{0,6}}")?(?:{_ATTRIBUTE_TEXT})*(/?)>')
_CELL = re.compile(
    r'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"([^<>]*)>(?:(?<=/>)|'
    r"(?:<f([^<>]*>)(?:(?<=/>)|([^<]*)</f>))?"
    rf"(?:<v>(-?[0-9.]{{1,40}}(?:[eE][-+]?[0-9]{{1,2}})?)</v>|<v{_SPACE}>([^<]*)</v>|<v/>"
    rf"|<is><t{_SPACE}>([^<]*)</t></is>|<is><t/></is>)?"
    r"</c>)"
    r"|[\s\S]"  # a gap: eight empty groups
)
_MARKS = re.compile(r'(?: s="([0-9]{1,5})")?(?: t="([a-zA-Z]{1,9})")?(?: [cv]m="[0-9]{1,9}")*/?')
_FORMULA_MARKS = re.compile(rf"(?:{_ATTRIBUTE_TEXT})+/?>")
_ATTRIBUTE = re.compile(r' ([a-zA-Z0-9:]+)="([^"]*)"')
_OPEN, _CLOSE, _EMPTY, _ROW_END = "<sheetData>", "</sheetData>", "<sheetData/>", "</row>"


def scan(data: bytes, part: str, collector: Collector) -> SheetCells | None:
    """Return the sheet's cells, or None if its XML is not in the common form."""
    text = valid_text(data)
    if text is None:
        return None
    start, stop = text.find(_OPEN), text.rfind(_CLOSE)
    if not 0 < start < stop:
        return None
    frame = f"{text[:start]}{_EMPTY}{text[stop + len(_CLOSE) :]}"
    if not is_plain(frame) or not read_frame(frame.encode(), part, collector):
        return None
    try:
        seen = _scan_cells(text, start + len(_OPEN), stop, collector)
    except (ValueError, KeyError):
        return None
    return collector.finish(seen)


def _scan_cells(text: str, start: int, stop: int, collector: Collector) -> int:
    """Add every cell between the two positions and return how many; ValueError at a gap."""
    add, room = _adder(collector), collector.context.budget.room_for_cells
    pos, seen = start, 0
    while row := _ROW.match(text, pos, stop):
        pos = row.end()
        if not row[1]:
            end = text.find(_ROW_END, pos, stop)
            if end < 0:
                raise ValueError("a row without end")
            cells = _CELL.findall(text, pos, end)
            add(cells)
            seen += len(cells)
            pos = end + len(_ROW_END)
        room(seen)
    if text[pos:stop].strip():
        raise ValueError("not the common form")
    return seen


class _Look(NamedTuple):
    """What the attributes of a cell say about it.

    Attributes:
        style: Index of its format.
        is_date: Whether the format shows a day.
        kind: Its type as written.
        convert: Makes the value of digits; None where that takes more than one step.
        empty: The value without any text.
    """

    style: int
    is_date: bool
    kind: str | None
    convert: Callable[[str], Value] | None
    empty: Value


class _Looks(dict[str, _Look]):
    """Attribute text after ``r`` → what it says; there are few and they repeat."""

    def __init__(self, collector: Collector) -> None:
        super().__init__()
        self.collector = collector
        by_index = collector.context.strings_by_index.__getitem__
        self.plain: dict[str | None, Callable[[str], Value]] = {None: float, "s": by_index}

    def __missing__(self, text: str) -> _Look:
        found = _MARKS.fullmatch(text)
        if found is None:
            raise ValueError("uncommon attributes")
        style, kind = int(found[1] or 0), found[2]
        is_date = style in self.collector.context.date_styles
        empty = self.collector.value(kind, "")
        self[text] = look = _Look(style, is_date, kind, self.plain.get(kind), empty)
        return look


class _FormulaMarks(dict[str, dict[str, str]]):
    """Rest of a formula's tag → its attributes."""

    def __missing__(self, text: str) -> dict[str, str]:
        if not _FORMULA_MARKS.fullmatch(text):
            raise ValueError("uncommon attributes")
        self[text] = found = dict(_ATTRIBUTE.findall(text))
        return found


def _adder(collector: Collector) -> Callable[[list[_Found]], None]:
    """Return the function that stores a row's cells; a gap among them is a ValueError."""
    cells, blanks, column = collector.cells, collector.blanks, column_index
    looks, tags, make = _Looks(collector), _FormulaMarks(), tuple.__new__

    def add(row: list[_Found]) -> None:
        last, at = "", 0
        for col, number, marks, tag, text, digits, other, inline in row:
            if number != last:  # once a row, as a rule
                last, at = number, int(number)
            style, is_date, kind, convert, value = looks[marks]
            if digits and convert:
                value = convert(digits)
            elif digits or other or inline:
                value = collector.value(kind, digits or other or inline)
            formula: str | None = text
            if not tag:
                if value is None:
                    blanks[at, column(col)] = style
                    continue
                formula = None
            elif tag != ">":
                formula = collector.formula((at, column(col)), tags[tag], text)
            elif "&" in text or "_x" in text:
                formula = collector.decode(text)
            dated = is_date and type(value) is float
            cells[at, column(col)] = make(Cell, (value, formula, style, dated))

    return add
