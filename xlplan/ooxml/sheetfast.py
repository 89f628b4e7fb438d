"""The quick scan of a sheet: one regular expression over the form every known writer uses.

It accepts a sheet only if the expression covers `<sheetData>` without a gap and expat
finds the rest well-formed; for anything else it returns None, and the careful reading
(`sheetxml`) decides. So it can be strict and need not be complete.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xlplan.ooxml.cells import Cell
from xlplan.ooxml.safexml import plain_text
from xlplan.ooxml.serial import column_index
from xlplan.ooxml.sheetxml import read_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from xlplan.ooxml.cells import SheetCells, Value
    from xlplan.ooxml.collector import Collector

_ATTRIBUTES = r'(?: (?!r=)[a-zA-Z][a-zA-Z0-9]{0,30}(?::[a-zA-Z]{1,30})?="[^"<&]*")*'
_SPACE = r'(?: xml:space="preserve")?'
_TOKEN = re.compile(
    r'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"(?: s="([0-9]{1,5})")?(?: t="([a-zA-Z]{1,9})")?'
    r'(?: [cv]m="[0-9]{1,9}")*'
    r"(?:/>|>"
    rf"(?:<f({_ATTRIBUTES})(?:/>|>([^<]*)</f>))?"
    rf"(?:<v>(-?[0-9.]+(?:[eE][-+]?[0-9]+)?)</v>|<v{_SPACE}>([^<]*)</v>|<v/>"
    rf"|<is><t{_SPACE}>([^<]*)</t></is>|<is><t/></is>)?"
    r"</c>)"
    rf'|(<row(?: r="[1-9][0-9]{{0,6}}")?{_ATTRIBUTES}(/?)>)'
    r"|(</row>)|\s+|([\s\S])"
)
_ROW_START, _ROW_SHUT, _ROW_END, _GAP = 10, 11, 12, 13
_ATTRIBUTE = re.compile(r' ([a-zA-Z0-9:]+)="([^"]*)"')
_OPEN, _CLOSE, _EMPTY = "<sheetData>", "</sheetData>", "<sheetData/>"


def scan(data: bytes, part: str, collector: Collector) -> SheetCells | None:
    """Return the sheet's cells, or None if its XML is not in the common form."""
    text = plain_text(data)
    if text is None:
        return None
    start, stop = text.find(_OPEN), text.rfind(_CLOSE)
    if not 0 < start < stop:
        return None
    frame = f"{text[:start]}{_EMPTY}{text[stop + len(_CLOSE) :]}"
    if not read_frame(frame.encode(), part, collector):
        return None
    try:
        seen = _scan_cells(text, start + len(_OPEN), stop, collector)
    except (ValueError, IndexError):
        return None
    return collector.finish(seen)


def _scan_cells(text: str, start: int, stop: int, collector: Collector) -> int:
    """Add every cell between the two positions and return how many; ValueError at a gap."""
    add, rows = _adder(collector), _Rows(collector)
    seen = 0
    for found in _TOKEN.finditer(text, start, stop):
        if found[1] is None:
            rows.token(found, seen)
        else:
            seen += 1
            add(found)
    rows.must_be_closed()
    return seen


class _Rows:
    """Follows rows opening and closing, and checks the budget at each."""

    def __init__(self, collector: Collector) -> None:
        self.room = collector.context.budget.room_for_cells
        self.inside = False

    def token(self, found: re.Match[str], seen: int) -> None:
        if found[_GAP] is not None or (found[_ROW_END] is not None and not self.inside):
            raise ValueError("not the common form")
        if found[_ROW_START] is not None:
            self.must_be_closed()
            self.inside = not found[_ROW_SHUT]
            self.room(seen)
        elif found[_ROW_END] is not None:
            self.inside = False

    def must_be_closed(self) -> None:
        if self.inside:
            raise ValueError("a row inside a row")


def _adder(collector: Collector) -> Callable[[re.Match[str]], None]:
    """Return the function that stores one cell; plain numbers and shared strings go first."""
    cells, blanks, strings = collector.cells, collector.blanks, collector.context.strings
    dates, make, column = collector.context.date_styles, tuple.__new__, column_index

    def add(found: re.Match[str]) -> None:
        col, row, style, kind, f_marks, f_text, number, text, inline, *_ = found.groups()
        key, index = (int(row), column(col)), int(style) if style else 0
        value: Value
        if number is None or kind not in (None, "s"):
            value = collector.value(kind, number or text or inline)
            if value is None and f_marks is None:
                blanks[key] = index
                return
        elif kind is None:
            value = float(number)
            if value - value != 0.0:
                raise ValueError(f"数字 {number[:20]} 过大")
        else:
            value = strings[int(number) if number[0] != "-" else len(strings)]
        formula = None if f_marks is None else _formula(collector, key, f_marks, f_text)
        is_date = index in dates and type(value) is float
        cells[key] = make(Cell, (value, formula, index, is_date))

    return add


def _formula(collector: Collector, key: tuple[int, int], marks: str, text: str | None) -> str:
    if not marks:
        return collector.decode(text or "")
    return collector.formula(key, dict(_ATTRIBUTE.findall(marks)), text or "")
