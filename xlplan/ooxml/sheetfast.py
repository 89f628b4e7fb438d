"""The quick scan of a sheet: one regular expression over the form every known writer uses.

It accepts a sheet only if the expression covers `<sheetData>` without a gap and expat
finds the rest well-formed; for anything else it returns None, and the careful reading
(`sheetxml`) decides. So it can be strict and need not be complete.
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Any

from xlplan.ooxml.collector import Look
from xlplan.ooxml.safexml import is_plain, valid_text
from xlplan.ooxml.serial import column_index
from xlplan.ooxml.sheetxml import read_frame
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Callable

    from xlplan.ooxml.cells import SheetCells, Value
    from xlplan.ooxml.collector import Collector

    _Parts = list[Any]

_ATTRIBUTE_TEXT = r' (?!r=)[a-zA-Z][a-zA-Z0-9]{0,30}(?::[a-zA-Z]{1,30})?="[^"<&]*"'
_SPACE = r'(?: xml:space="preserve")?'
_ROW = regex(rf'\s*<row(?: r="[1-9][0-9]{{0,6}}")?(?:{_ATTRIBUTE_TEXT})*(/?)>')
_CELL = regex(
    r'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"([^<>]*)>(?:(?<=/>)|'
    r"(?:<f([^<>]*>)(?:(?<=/>)|([^<]*)</f>))?"
    rf"(?:<v>(-?[0-9.]{{1,40}}(?:[eE][-+]?[0-9]{{1,2}})?)</v>|<v{_SPACE}>([^<]*)</v>|<v/>"
    rf"|<is><t{_SPACE}>([^<]*)</t></is>|<is><t/></is>)?"
    r"</c>)"
)
#: What `_CELL.split` puts out a cell: a gap (must be empty) and the groups.
_STEP = 1 + _CELL.groups
_MARKS = regex(r'(?: s="([0-9]{1,5})")?(?: t="([a-zA-Z]{1,9})")?(?: [cv]m="[0-9]{1,9}")*/?')
_FORMULA_MARKS = regex(rf"(?:{_ATTRIBUTE_TEXT})+/?>")
_ATTRIBUTE = regex(r' ([a-zA-Z0-9:]+)="([^"]*)"')
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
            seen += add(_CELL.split(text[pos:end]))
            pos = end + len(_ROW_END)
        room(seen)
    if text[pos:stop].strip():
        raise ValueError("not the common form")
    return seen


class _Looks(dict[str, Look]):
    """Attribute text after ``r`` → what it says; there are few and they repeat."""

    def __init__(self, collector: Collector) -> None:
        super().__init__()
        self.collector = collector
        by_index = collector.context.strings_by_index.__getitem__
        self.plain: dict[str | None, Callable[[str], Value]] = {None: float, "s": by_index}

    def __missing__(self, text: str) -> Look:
        found = _MARKS.fullmatch(text)
        if found is None:
            raise ValueError("uncommon attributes")
        style, kind = int(found[1] or 0), found[2]
        is_date = style in self.collector.context.date_styles
        empty = self.collector.value(kind, "")
        self[text] = look = Look(style, is_date, kind, self.plain.get(kind), empty)
        return look


class _FormulaMarks(dict[str, dict[str, str]]):
    """Rest of a formula's tag → its attributes."""

    def __missing__(self, text: str) -> dict[str, str]:
        if not _FORMULA_MARKS.fullmatch(text):
            raise ValueError("uncommon attributes")
        self[text] = found = dict(_ATTRIBUTE.findall(text))
        return found


def _adder(collector: Collector) -> Callable[[_Parts], int]:
    """Return the function that stores a row's cells and says how many; ValueError at a gap.

    It goes through the row attribute by attribute, not cell by cell: a book has sixty thousand.
    """
    looks, tags, store = _Looks(collector), _FormulaMarks(), collector.store

    def value(look: Look, digits: str | None, other: str | None, inline: str | None) -> Value:
        text = digits or other or inline
        if not text:
            return look.empty
        return look.convert(text) if digits and look.convert else collector.value(look.kind, text)

    def formula(key: tuple[int, int], tag: str | None, text: str | None) -> str | None:
        if tag is None:
            return None
        if tag == ">":
            return collector.decode(text or "")
        return collector.formula(key, tags[tag], text or "")

    def add(row: _Parts) -> int:
        gaps, cols, numbers, marks, tagged, texts, digits, others, inlines = (
            row[part::_STEP] for part in range(_STEP)
        )
        if any(gaps):
            raise ValueError("a gap")
        if not cols:
            return 0
        if numbers.count(numbers[0]) != len(numbers):
            raise ValueError("a cell in another row")
        keys = list(zip(repeat(int(numbers[0])), map(column_index, cols), strict=False))
        seen = list(map(looks.__getitem__, marks))
        values = [
            look.convert(text) if text and look.convert else value(look, text, other, inline)
            for look, text, other, inline in zip(seen, digits, others, inlines, strict=True)
        ]
        formulas = [
            text
            if tag == ">" and text and "&" not in text and "_x" not in text
            else formula(key, tag, text)
            for key, tag, text in zip(keys, tagged, texts, strict=True)
        ]
        store(keys, values, formulas, seen)
        return len(keys)

    return add
