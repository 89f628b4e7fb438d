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

    _Found = tuple[str, ...]

_ATTRIBUTE_TEXT = r' (?!r=)[a-zA-Z][a-zA-Z0-9]{0,30}(?::[a-zA-Z]{1,30})?="[^"<&]*"'
_SPACE = r'(?: xml:space="preserve")?'
_ROW = re.compile(rf'\s*<row(?: r="[1-9][0-9]{{0,6}}")?(?:{_ATTRIBUTE_TEXT})*(/?)>')
_CELL = re.compile(
    r'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"(?: s="([0-9]{1,5})")?(?: t="([a-zA-Z]{1,9})")?'
    r'(?: [cv]m="[0-9]{1,9}")*'
    r"(?:/>|>"
    rf"(?:<f>([^<]+)</f>|<f((?:{_ATTRIBUTE_TEXT})+)(?:/>|>([^<]*)</f>))?"
    rf"(?:<v>(-?[0-9.]{{1,40}}(?:[eE][-+]?[0-9]{{1,2}})?)</v>|<v{_SPACE}>([^<]*)</v>|<v/>"
    rf"|<is><t{_SPACE}>([^<]*)</t></is>|<is><t/></is>)?"
    r"</c>)"
    r"|[\s\S]"  # a gap: ten empty groups
)
_ATTRIBUTE = re.compile(r' ([a-zA-Z0-9:]+)="([^"]*)"')
_OPEN, _CLOSE, _EMPTY, _ROW_END = "<sheetData>", "</sheetData>", "<sheetData/>", "</row>"


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


class _Styles(dict[str, tuple[int, bool]]):
    """Style text → its index, and whether it shows dates."""

    def __init__(self, dates: frozenset[int]) -> None:
        super().__init__()
        self.dates = dates

    def __missing__(self, text: str) -> tuple[int, bool]:
        index = int(text) if text else 0
        self[text] = found = (index, index in self.dates)
        return found


def _adder(collector: Collector) -> Callable[[list[_Found]], None]:
    """Return the function that stores a row's cells; a gap among them is a ValueError."""
    cells, blanks, column = collector.cells, collector.blanks, column_index
    styles, make = _Styles(collector.context.date_styles), tuple.__new__
    plain: dict[str, Callable[[str], Value]] = {
        "": float,
        "s": collector.context.strings_by_index.__getitem__,
    }

    def add(row: list[_Found]) -> None:
        for col, number, style, kind, text, marks, shared, digits, other, inline in row:
            key, (index, is_date) = (int(number), column(col)), styles[style]
            if digits and kind in plain:
                value = plain[kind](digits)
            else:
                value = collector.value(kind or None, digits or other or inline)
            formula = None
            if text or marks:
                formula = _formula(collector, key, marks, text or shared)
            elif value is None:
                blanks[key] = index
                continue
            is_date = is_date and type(value) is float
            cells[key] = make(Cell, (value, formula, index, is_date))

    return add


def _formula(collector: Collector, key: tuple[int, int], marks: str, text: str) -> str:
    if marks:
        return collector.formula(key, dict(_ATTRIBUTE.findall(marks)), text)
    return collector.decode(text)
