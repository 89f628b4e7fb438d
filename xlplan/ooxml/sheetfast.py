"""The quick scan of a sheet: one regular expression over the form every known writer uses.

It accepts a sheet only if the expression covers `<sheetData>` without a gap and expat
finds the rest well-formed; for anything else it returns None, and the careful reading
(`sheetxml`) decides. So it can be strict and need not be complete.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from xlplan.ooxml.cells import unescape_all
from xlplan.ooxml.collector import Look
from xlplan.ooxml.safexml import is_plain, valid_text
from xlplan.ooxml.serial import column_index
from xlplan.ooxml.sheetxml import read_frame
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xlplan.ooxml.cells import SheetCells, StoredValue
    from xlplan.ooxml.collector import Collector

_ATTRIBUTE_TEXT = r' (?!r=)[a-zA-Z][a-zA-Z0-9]{0,30}(?::[a-zA-Z]{1,30})?="[^"<&]*"'
_SPACE = r'(?: xml:space="preserve")?'
_ROW_TAG = rf'<row(?: r="[1-9][0-9]{{0,6}}")?(?:{_ATTRIBUTE_TEXT})*'
#: What stands between the last cell of a row and the first of the next that has any.
_BETWEEN = regex(rf"</row>\s*+(?:{_ROW_TAG}(?:/>|></row>)\s*+)*+{_ROW_TAG}>")
_CELL = regex(
    r'<c r="([A-Z]{1,3}+)([1-9][0-9]{0,6}+)"([^<>]*+)>(?:(?<=/>)|'
    r"(?:<f>([^<]++)</f>|<f( [^<>]*+>)(?:(?<=/>)|([^<]*+)</f>))?+"
    rf"(?:<v{_SPACE}>([^<]*+)</v>|<v/>|<is><t{_SPACE}>([^<]*+)</t></is>|<is><t/></is>)?+"
    r"</c>)"
)
#: What `_CELL.split` puts out a cell: a gap and the groups.
_STEP = 1 + _CELL.groups
_MARKS = regex(r'(?: s="([0-9]{1,5})")?(?: t="([a-zA-Z]{1,9})")?(?: [cv]m="[0-9]{1,9}")*/?')
_FORMULA_MARKS = regex(rf"(?:{_ATTRIBUTE_TEXT})+/?>")
_ATTRIBUTE = regex(r' ([a-zA-Z0-9:]+)="([^"]*)"')
_OPEN, _CLOSE, _EMPTY, _ROW_END = "<sheetData>", "</sheetData>", "<sheetData/>", "</row>"
#: Characters of rows taken in one step: enough to go fast, too few to hurt in memory.
_BLOCK = 1 << 18


def scan(data: bytes, part: str, collector: Collector) -> SheetCells | None:
    """Return the sheet's cells, or None if its XML is not in the common form."""
    text = valid_text(data)
    if text is None:
        return None
    start, stop = text.find(_OPEN), text.rfind(_CLOSE)
    if not 0 < start < stop:
        return None
    rows = text.count("<row", start, stop)
    if rows > collector.context.budget.limits.rows:
        collector.context.budget.rows(rows)
    frame = f"{text[:start]}{_EMPTY}{text[stop + len(_CLOSE) :]}"
    if not is_plain(frame) or not read_frame(frame.encode(), part, collector):
        return None
    try:
        seen = _scan_cells(text, start + len(_OPEN), stop, collector)
    except (ValueError, KeyError):
        return None
    collector.context.budget.rows(rows)
    return collector.finish(seen)


def _scan_cells(text: str, start: int, stop: int, collector: Collector) -> int:
    """Add every cell between the two positions and return how many; ValueError at a gap."""
    add, room = _adder(collector), collector.context.budget.room_for_cells
    seen = 0
    for block in _blocks(text, start, stop):
        seen += add(block)
        room(seen)
    return seen


def _blocks(text: str, start: int, stop: int) -> Iterator[str]:
    """Yield whole rows, many at a time."""
    while start < stop:
        cut = text.find(_ROW_END, start + _BLOCK, stop)
        end = stop if cut < 0 else cut + len(_ROW_END)
        yield text[start:end]
        start = end


class _Looks(dict[str, Look]):
    """Attribute text after ``r`` → what it says; there are few and they repeat."""

    def __init__(self, collector: Collector) -> None:
        super().__init__()
        self.collector = collector
        by_index = collector.context.strings_by_index.__getitem__
        self.quick: dict[str | None, Callable[[str], StoredValue]] = {
            None: float,
            "n": float,
            "s": by_index,
        }

    def __missing__(self, text: str) -> Look:
        found = _MARKS.fullmatch(text)
        if found is None:
            raise ValueError("uncommon attributes")
        style, kind = int(found[1] or 0), found[2]
        is_date = style in self.collector.context.date_styles
        convert = self.quick.get(kind) or self.collector.converter(kind)
        self[text] = look = Look(style, is_date, kind, convert, self.collector.empty(kind))
        return look


class _FormulaMarks(dict[str, dict[str, str]]):
    """Rest of a formula's tag → its attributes."""

    def __missing__(self, text: str) -> dict[str, str]:
        if not _FORMULA_MARKS.fullmatch(text):
            raise ValueError("uncommon attributes")
        self[text] = found = dict(_ATTRIBUTE.findall(text))
        return found


class _Rows(dict[str, int]):
    """Row numbers as written → as numbers."""

    def __missing__(self, text: str) -> int:
        self[text] = number = int(text)
        return number


def _adder(collector: Collector) -> Callable[[str], int]:
    """Return the function that stores the cells of whole rows and says how many.

    It goes through them attribute by attribute, not cell by cell: a book has sixty thousand.
    ValueError or KeyError if they are not in the common form.
    """
    looks, tags, rows = _Looks(collector), _FormulaMarks(), _Rows()

    def add(block: str) -> int:
        parts = _CELL.split(block)
        gaps, cols, numbers, marks, plain, tagged, texts, stored, inline = (
            parts[part::_STEP] for part in range(_STEP)
        )
        _require_rows(gaps)
        keys = list(zip(map(rows.__getitem__, numbers), map(column_index, cols), strict=False))
        seen = list(map(looks.__getitem__, marks))
        found = zip(stored, inline, strict=True)
        values = _values(seen, [one or other or "" for one, other in found])
        formulas = unescape_all(plain)
        if any(tagged):
            for place, tag in enumerate(tagged):
                if tag:
                    formulas[place] = collector.formula(keys[place], tags[tag], texts[place] or "")
        collector.store(keys, values, formulas, seen)
        return len(keys)

    return add


def _require_rows(gaps: list[str]) -> None:
    """Raise ValueError if anything but ends and beginnings of rows stands between the cells."""
    gaps[0] = f"{_ROW_END}{gaps[0]}"
    gaps[-1] += "<row>"
    if not all(map(_BETWEEN.fullmatch, filter(None, gaps))):
        raise ValueError("a gap")


def _values(looks: list[Look], texts: list[str]) -> list[StoredValue]:
    """Return the values; ValueError for a number that only Python would take for one."""
    digits = "".join([t for look, t in zip(looks, texts, strict=True) if look.convert is float])
    if not digits.isascii() or any(mark in digits for mark in "_nN"):  # 1_000, nan, inf
        raise ValueError("no number")
    values = [
        look.convert(text) if text else look.empty for look, text in zip(looks, texts, strict=True)
    ]
    if inf in values or -inf in values:
        raise ValueError("a number too large")
    return values
