"""What the rules share: the parsed parts, the tables they fill for each other, the findings."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, TreeBuilder

from xlplan.errors import FileError, Level, Problem, Where
from xlplan.ooxml.safexml import parse_xml

if TYPE_CHECKING:
    from xlplan.ooxml.package import Package, Relation
    from xlplan.ooxml.serial import CellRange


@dataclass
class Sheet:
    """A worksheet under examination.

    Attributes:
        name: Its name.
        part: Its part.
        number: Its position among all tabs.
        sheet_id: Its ``sheetId``.
        root: Its parsed XML.
        texts: (row, col) → text of text cells, filled by the cell rules.
        formulas: Cells with a formula.
        merges: Merged blocks.
        arrays: Blocks of array formulas.
    """

    name: str
    part: str
    number: int
    sheet_id: str
    root: Element
    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    formulas: set[tuple[int, int]] = field(default_factory=set)
    merges: list[CellRange] = field(default_factory=list)
    arrays: list[CellRange] = field(default_factory=list)


class Context:
    """One package under examination."""

    def __init__(self, package: Package, name: str) -> None:
        self.package = package
        self.name = name
        self.problems: list[Problem] = []
        self.trees: dict[str, Element] = {}
        self.content_types: dict[str, str] = {}
        self.relations: dict[str, dict[str, Relation]] = {}
        self.workbook_part = ""
        self.sheets: list[Sheet] = []
        self.tab_count = 0
        self.defined_names: set[str] = set()
        self.formats = 1
        self.differential_formats = 0

    def report(
        self, rule: str, what: str, sheet: str = "", cell: str = "", *, level: Level = Level.ERROR
    ) -> None:
        """Add a finding."""
        self.problems.append(Problem(Where(self.name, sheet, cell), what, level, rule=rule))

    def tree(self, part: str) -> Element | None:
        """Return a part as a tree of local names; None (and a finding) if it is no XML."""
        if part not in self.trees:
            try:
                self.trees[part] = _tree(self.package, part)
            except FileError as error:
                self.report(error.code, error.message)
                return None
        return self.trees[part]

    def related(self, part: str, kind: str) -> list[str]:
        """Return the parts a part leads to by relationships of one kind, those that exist."""
        found = self.relations.get(part, {}).values()
        return [r.part for r in found if r.kind == kind and r.part and r.part in self.package]


def _tree(package: Package, part: str) -> Element:
    builder = TreeBuilder()
    parse_xml(
        package.chunks(part),
        part,
        start=lambda name, attributes: _start(builder, name, attributes),
        end=lambda name: _end(builder, name),
        text=builder.data,
    )
    return builder.close()


def _start(builder: TreeBuilder, name: str, attributes: dict[str, str]) -> None:
    builder.start(name, attributes)


def _end(builder: TreeBuilder, name: str) -> None:
    builder.end(name)


def utf16(text: str) -> int:
    """Return the length Excel counts: UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def number(text: str | None, otherwise: int = 0) -> int:
    """Return an attribute as a number, −1 for what is none."""
    if text is None:
        return otherwise
    return int(text) if text.isascii() and text.isdigit() else -1


def measure(text: str | None) -> float:
    """Return a width or height, infinity for what is none; 0 if it is left out."""
    try:
        return float(text or 0)
    except ValueError:
        return math.inf
