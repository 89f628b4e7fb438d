"""The workbook part: sheets, defined names, epoch; and the parts they lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.errors import StructureError, Where
from xlplan.ooxml.cells import TablePart
from xlplan.ooxml.safexml import parse_xml, relation_id
from xlplan.ooxml.serial import parse_range
from xlplan.ooxml.sniff import damaged_package, not_excel
from xlplan.record import record

if TYPE_CHECKING:
    from xlplan.ooxml.package import Package, Relation
    from xlplan.ooxml.safexml import Attributes
    from xlplan.ooxml.serial import CellRange

_TRUE = ("1", "true")


@record
class SheetInfo:
    """A worksheet: name, state (visible, hidden, veryHidden) and its part in the package."""

    name: str
    state: str
    part: str


@record
class DefinedName:
    """A defined name; `sheet` is set for one that is local to a sheet."""

    name: str
    text: str
    sheet: str | None = None
    hidden: bool = False


class WorkbookPart:
    """What the workbook part says.

    Attributes:
        part: Its name in the package.
        relations: Its relationships by id.
        sheets: Worksheets in tab order (chart and macro sheets are left out).
        defined_names: In the order of the file.
        date1904: Which epoch serials count from.
    """

    def __init__(self, package: Package) -> None:
        self.package = package
        self.part = package.workbook_part()
        self.relations = package.relations(self.part)
        self.date1904 = False
        self._tabs: list[Attributes] = []
        self._names: list[tuple[Attributes, list[str]]] = []
        self._open_name: list[str] | None = None
        self._root = ""
        self._read()
        self.sheets = tuple(filter(None, map(self._sheet, self._tabs)))
        self.defined_names = tuple(self._defined_name(*found) for found in self._names)
        self._check()

    def _read(self) -> None:
        parse_xml(
            self.package.chunks(self.part),
            self.part,
            start=self._start,
            end=self._end,
            text=self._text,
        )

    def _start(self, name: str, attributes: Attributes) -> None:
        if not self._root:
            self._root = name
            if name != "workbook":
                raise not_excel("压缩包里没有 Excel 工作簿")
        elif name == "sheet":
            self._tabs.append(attributes)
        elif name == "workbookPr":
            self.date1904 = attributes.get("date1904") in _TRUE
        elif name == "definedName":
            self._open_name = []
            self._names.append((attributes, self._open_name))

    def _end(self, name: str) -> None:
        if name == "definedName":
            self._open_name = None

    def _text(self, text: str) -> None:
        if self._open_name is not None:
            self._open_name.append(text)

    def _sheet(self, tab: Attributes) -> SheetInfo | None:
        name = tab.get("name", "")
        relation = self.relations.get(relation_id(tab) or "")
        if relation is None or relation.part is None:
            raise damaged_package(f"工作表“{name}”没有内容")
        if relation.kind != "worksheet":
            return None
        return SheetInfo(name, tab.get("state", "visible"), self.package.name(relation.part))

    def _defined_name(self, found: Attributes, pieces: list[str]) -> DefinedName:
        local = found.get("localSheetId")
        sheet = None
        if local is not None:
            inside = local.isascii() and local.isdigit() and int(local) < len(self._tabs)
            sheet = self._tabs[int(local)].get("name") if inside else ""
        hidden = found.get("hidden") in _TRUE
        return DefinedName(found.get("name", ""), "".join(pieces), sheet, hidden)

    def _check(self) -> None:
        names = [tab.get("name", "").lower() for tab in self._tabs]
        if not names:
            raise damaged_package("工作簿里没有工作表")
        if len(set(names)) != len(names):
            raise damaged_package("工作簿里有重名的工作表")

    def sheet(self, name: str) -> SheetInfo:
        """Return a worksheet by name (case does not matter); StructureError if there is none."""
        for info in self.sheets:
            if info.name.lower() == name.lower():
                return info
        there = "、".join(info.name for info in self.sheets)
        raise StructureError(
            f"找不到工作表“{name}”", remedy=f"现有工作表：{there}", where=Where(sheet=name)
        )

    def related(self, kind: str) -> Relation | None:
        """Return the workbook's relationship of a kind (``styles``, ``sharedStrings`` …)."""
        return next((r for r in self.relations.values() if r.kind == kind and r.part), None)

    def related_part(self, kind: str) -> str | None:
        """Return the part of a kind, None if the book has none."""
        relation = self.related(kind)
        return None if relation is None or relation.part is None else relation.part

    def tables(self, info: SheetInfo) -> tuple[TablePart, ...]:
        """Return the tables of a sheet."""
        relations = self.package.relations(info.part).values()
        parts = [r.part for r in relations if r.kind == "table" and r.part]
        return tuple(read_table_part(self.package, part) for part in parts)

    def pivots(self, info: SheetInfo) -> tuple[CellRange, ...]:
        """Return the blocks that the pivot tables of a sheet fill."""
        relations = self.package.relations(info.part).values()
        parts = [r.part for r in relations if r.kind == "pivotTable" and r.part]
        return tuple(_pivot_block(self.package, part) for part in parts)


def _pivot_block(package: Package, part: str) -> CellRange:
    found: list[str] = []

    def start(name: str, attributes: Attributes) -> None:
        if name == "location":
            found.append(attributes.get("ref", ""))

    parse_xml(package.chunks(part), part, start=start)
    try:
        return parse_range(found[0])
    except (IndexError, ValueError):
        raise damaged_package(f"透视表部件 {part} 的区域不对") from None


def read_table_part(package: Package, part: str) -> TablePart:
    """Return what one table part declares; FileError ``damaged`` if its block is none."""
    head: Attributes = {}
    columns: list[str] = []

    def start(name: str, attributes: Attributes) -> None:
        if name == "table":
            head.update(attributes)
        elif name == "tableColumn":
            columns.append(attributes.get("name", ""))

    parse_xml(package.chunks(part), part, start=start)
    try:
        block = parse_range(head.get("ref", ""))
        headers, totals = int(head.get("headerRowCount", 1)), int(head.get("totalsRowCount", 0))
    except ValueError:
        raise damaged_package(f"表格部件 {part} 的区域不对") from None
    name = head.get("displayName", head.get("name", ""))
    return TablePart(name, block, headers, totals, tuple(columns))
