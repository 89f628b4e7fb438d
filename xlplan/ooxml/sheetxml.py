"""The careful reading of a sheet by expat: any encoding, prefix, comment or missing `r`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.ooxml.safexml import parse_xml
from xlplan.ooxml.serial import MAX_COL, MAX_ROW, parse_cell
from xlplan.ooxml.sniff import damaged_package
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xlplan.ooxml.cells import SheetCells
    from xlplan.ooxml.collector import Collector
    from xlplan.ooxml.safexml import Attributes

_INDEX = regex("[0-9]{1,9}")
_TEXTS = frozenset({"v", "f", "t"})


def read_careful(chunks: Iterable[bytes], part: str, collector: Collector) -> SheetCells:
    """Return the sheet's cells; FileError ``damaged`` names the cell at fault."""
    reading = _Reading(collector)
    parse_xml(chunks, part, start=reading.start, end=reading.end, text=reading.text)
    return collector.finish(reading.seen)


def read_frame(frame: bytes, part: str, collector: Collector) -> bool:
    """Read a sheet whose `<sheetData>` was cut out: merges only.

    Returns:
        Whether it is a worksheet with one (empty) `<sheetData>` right below its root.
    """
    path: list[str] = []
    places: list[list[str]] = []

    def start(name: str, attributes: Attributes) -> None:
        path.append(name)
        if name == "sheetData":
            places.append(path.copy())
        elif name == "mergeCell":
            collector.merge(attributes.get("ref", ""))

    parse_xml([frame], part, start=start, end=lambda _: _drop(path))
    return places == [["worksheet", "sheetData"]]


def _drop(path: list[str]) -> None:
    path.pop()


class _Reading:
    """Handlers of one pass; `row` and `col` are where the last cell was."""

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self.seen = 0
        self.row = self.col = 0
        self.in_cell = self.phonetic = False
        self.cell: Attributes = {}
        self.formula: Attributes | None = None
        self.texts: dict[str, list[str]] = {}
        self.into: list[str] | None = None

    def start(self, name: str, attributes: Attributes) -> None:
        if self.in_cell:
            self.start_inside(name, attributes)
        elif name == "row":
            self.start_row(attributes.get("r"))
        elif name == "c":
            self.start_cell(attributes)
        elif name == "mergeCell":
            self.collector.merge(attributes.get("ref", ""))

    def start_row(self, number: str | None) -> None:
        if number is not None and not _INDEX.fullmatch(number):
            raise damaged_package(f"工作表“{self.collector.name}”的行号“{number[:20]}”不对")
        self.row = self.row + 1 if number is None else int(number)
        self.col = 0
        if not 1 <= self.row <= MAX_ROW:
            raise damaged_package(f"工作表“{self.collector.name}”的行号 {self.row} 超出范围")
        self.collector.context.budget.rows(1)
        self.collector.context.budget.room_for_cells(self.seen)

    def start_cell(self, attributes: Attributes) -> None:
        name = attributes.get("r")
        try:
            self.row, self.col = (self.row, self.col + 1) if name is None else parse_cell(name)
        except ValueError:
            raise damaged_package(f"工作表“{self.collector.name}”的单元格“{name}”不存在") from None
        if self.col > MAX_COL:
            raise damaged_package(f"工作表“{self.collector.name}”第 {self.row} 行的列数超出范围")
        self.in_cell, self.cell, self.formula, self.texts = True, attributes, None, {}
        self.seen += 1

    def start_inside(self, name: str, attributes: Attributes) -> None:
        if name == "f":
            self.formula = attributes
        if name == "rPh":
            self.phonetic = True
        self.into = None
        if name in _TEXTS and not self.phonetic:
            self.into = self.texts.setdefault(name, [])

    def text(self, text: str) -> None:
        if self.into is not None:
            self.into.append(text)

    def end(self, name: str) -> None:
        self.into = None
        if name == "rPh":
            self.phonetic = False
        if name == "c" and self.in_cell:
            self.in_cell = False
            self.collector.guard(self.row, self.col, self.end_cell)

    def end_cell(self) -> None:
        kind, style = self.cell.get("t"), self.cell.get("s", "0")
        if not _INDEX.fullmatch(style):
            raise ValueError(f"样式序号“{style[:20]}”不对")
        key = (self.row, self.col)
        value = self.collector.value(kind, self._joined("t" if kind == "inlineStr" else "v"))
        formula = None
        if self.formula is not None:
            formula = self.collector.formula(key, self.formula, self._joined("f") or "")
        self.collector.add(key, int(style), kind, value, formula)

    def _joined(self, name: str) -> str | None:
        pieces = self.texts.get(name)
        return None if pieces is None else "".join(pieces)
