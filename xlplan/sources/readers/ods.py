""".ods: cells as people see them, error values told from blank ones, within the caps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from xlplan.errors import FileError
from xlplan.ooxml.limits import ReadLimits
from xlplan.ooxml.package import Package
from xlplan.ooxml.safexml import parse_xml
from xlplan.regex import regex
from xlplan.sources.readers.calculated import is_placeholder, uncalculated
from xlplan.sources.readers.raw import MAX_CELLS, Blob, Merge, Table, file_damaged, file_too_big
from xlplan.sources.readers.shown import ShownScale, scale_of
from xlplan.sources.text import NOT_CALCULATED, is_error

if TYPE_CHECKING:
    import re

    from xlplan.ooxml.safexml import Attributes

_SPACE = "urn:oasis:names:tc:opendocument:xmlns:"
_NAMES = {
    f"{_SPACE}{name}:1.0": short
    for name, short in {
        "office": "o", "table": "t", "text": "p", "style": "s", "datastyle": "n", "drawing": "d",
    }.items()
} | {"urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0": "calcext"}  # fmt: skip
#: Elements inside a cell whose text is not its value.
_UNSEEN = frozenset({"o:annotation", "p:ruby-text", "p:note", "o:event-listeners"})
_CELLS = ("t:table-cell", "t:covered-table-cell")
_REFERENCE = regex(r"\[(?:\$?('(?:[^']|'')+'|[^.\]'$]+))?\.([A-Z$0-9]+)(?::\.([A-Z$0-9]+))?\]")
_GRID = 1_048_576


def read_ods(blob: Blob) -> list[Table]:
    """Return the sheets of an .ods; FileError when it is encrypted, damaged or too big."""
    package = Package(blob.data, ReadLimits())
    if "META-INF/manifest.xml" in package and b"encryption-data" in package.read(
        "META-INF/manifest.xml"
    ):
        raise FileError(f"「{blob.name}」有打开密码", remedy="请去掉密码后另存", code="password")
    if "content.xml" not in package:
        raise file_damaged(blob.name, "里没有内容")
    document = _Document(blob.name)
    for part in ("styles.xml", "content.xml"):
        if part in package:
            parse_xml(
                package.chunks(part), part,
                start=document.start, end=document.end, text=document.text,
            )  # fmt: skip
    document.mark_uncalculated()
    return [sheet.table(blob.name) for sheet in document.sheets]


class _Sheet:
    """One sheet being filled."""

    def __init__(self, name: str, *, hidden: bool) -> None:
        self.name, self.hidden = name, hidden
        self.rows: list[list[object]] = []
        self.blank = 0
        self.merges: list[Merge] = []
        self.formats: dict[tuple[int, int], ShownScale] = {}
        self.formulas: dict[tuple[int, int], str] = {}
        self.column_styles: list[str] = []

    def table(self, file: str) -> Table:
        return Table(
            file, self.name, self.rows, merges=tuple(self.merges), formats=self.formats,
            hidden=self.hidden,
        )  # fmt: skip


def _short(name: str) -> str:
    space, _, local = name.rpartition("}")
    return f"{_NAMES.get(space, '')}:{local}" if space else name


def _count(attributes: Attributes, name: str) -> int:
    text = attributes.get(name, "1")
    return min(int(text), _GRID) if text.isascii() and text.isdigit() and len(text) < 9 else 1


class _Document:
    """Handlers of one pass over styles and content."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sheets: list[_Sheet] = []
        self._unshown: set[str] = set()  # table styles
        self._codes: dict[str, str] = {}  # number style → format code
        self._styles: dict[str, str] = {}  # cell style → number style
        self._style = self._number = ""
        self._row: list[object] | None = None
        self._repeat = 1
        self._cell: Attributes | None = None
        self._text: list[str] = []
        self._unseen = self._nested = self._cells = 0
        self._into_number = self._mark = False
        self._commas = self._decimals = 0

    def start(self, full: str, attributes: Attributes) -> None:
        name = _short(full)
        said = {_short(key): value for key, value in attributes.items()}
        if self._cell is not None:
            self._start_inside(name, said)
        elif name == "t:table":
            self.sheets.append(
                _Sheet(
                    said.get("t:name", ""), hidden=said.get("t:style-name", "") in self._unshown
                )
            )
        elif name == "t:table-column" and self.sheets:
            styles = self.sheets[-1].column_styles
            more = min(_count(said, "t:number-columns-repeated"), max(1_024 - len(styles), 0))
            styles += [said.get("t:default-cell-style-name", "")] * more
        elif name == "t:table-row":
            self._row, self._repeat = [], _count(said, "t:number-rows-repeated")
        elif name in _CELLS and self._row is not None:
            self._cell, self._text = said, []
        else:
            self._start_style(name, said)

    def _start_style(self, name: str, said: Attributes) -> None:
        if name == "s:style":
            self._style = said.get("s:name", "")
            if number := said.get("s:data-style-name"):
                self._styles[self._style] = number
        elif name == "s:table-properties" and said.get("t:display") == "false":
            self._unshown.add(self._style)
        elif name in ("n:number-style", "n:currency-style", "n:percentage-style"):
            self._number = said.get("s:name", "")
            self._codes[self._number] = ""
        elif name == "n:number" and self._number:
            factor = said.get("n:display-factor", "1")
            self._commas = (len(factor) - 1) // 3 if factor.isdigit() else 0
            self._decimals = min(_count(said, "n:decimal-places"), 20)
            self._mark = False
        elif name == "n:embedded-text":  # 0!.0 as LibreOffice keeps it
            self._mark = bool(self._number)
        elif name in ("n:text", "n:currency-symbol"):
            self._into_number = bool(self._number)

    def _start_inside(self, name: str, said: Attributes) -> None:
        if self._unseen or name in _UNSEEN or name.startswith("d:") or name == "t:table":
            self._unseen += 1
        elif name == "p:p" and self._text:
            self._text.append("\n")
        elif name == "p:s":
            self._text.append(" " * min(_count(said, "p:c"), 100))
        elif name in ("p:tab", "p:line-break"):
            self._text.append("\t" if name == "p:tab" else "\n")

    def end(self, full: str) -> None:
        name = _short(full)
        if self._cell is not None:
            if self._unseen:
                self._unseen -= 1
            elif name in _CELLS:
                self._end_cell(self._cell)
                self._cell = None
        elif name == "t:table-row" and self._row is not None:
            self._end_row(self._row)
            self._row = None
        elif name == "n:number" and self._number:
            point = "!." + "0" * self._decimals if self._mark else ""
            self._codes[self._number] += f"0{point}{',' * self._commas}"
        elif name in ("n:number-style", "n:currency-style", "n:percentage-style"):
            self._number = ""
        elif name in ("n:text", "n:currency-symbol"):
            self._into_number = False

    def text(self, text: str) -> None:
        if self._cell is not None and not self._unseen:
            self._text.append(text)
        elif self._into_number:
            self._codes[self._number] += f'"{text}"'

    def _end_cell(self, said: Attributes) -> None:
        row, sheet = self._row, self.sheets[-1]
        if row is None:
            return
        value = _value(said, "".join(self._text))
        repeat = _count(said, "t:number-columns-repeated")
        top, left = len(sheet.rows) + sheet.blank, len(row)
        if value is None:
            row += [None] * min(repeat, 16_384)
        else:
            self._use(repeat * self._repeat)
            row += [value] * repeat
        down, across = (
            _count(said, "t:number-rows-spanned"),
            _count(said, "t:number-columns-spanned"),
        )
        if down > 1 or across > 1:
            sheet.merges.append(Merge(top, left, top + down - 1, left + across - 1))
        if "t:formula" in said:
            sheet.formulas[top, left] = said["t:formula"]
        if type(value) is float:
            self._note_format(sheet, said, (top, left), value)

    def _note_format(
        self, sheet: _Sheet, said: Attributes, place: tuple[int, int], value: float
    ) -> None:
        style = said.get("t:style-name") or next(iter(sheet.column_styles[place[1] :]), "")
        code = self._codes.get(self._styles.get(style, ""), "")
        if code and (scale := scale_of(code, value)):
            for column in range(place[1], place[1] + _count(said, "t:number-columns-repeated")):
                for row in range(place[0], place[0] + self._repeat):
                    sheet.formats[row, column] = scale

    def _end_row(self, row: list[object]) -> None:
        sheet = self.sheets[-1]
        while row and row[-1] is None:
            row.pop()
        if not row:
            sheet.blank += self._repeat
            return
        self._use(sheet.blank + len(row))
        sheet.rows += [[] for _ in range(sheet.blank)]
        sheet.blank = 0
        sheet.rows += [list(row) for _ in range(self._repeat)]

    def _use(self, cells: int) -> None:
        self._cells += cells
        if self._cells > MAX_CELLS:
            raise file_too_big(self.name, f"超过 {MAX_CELLS:,} 个单元格")

    def mark_uncalculated(self) -> None:
        """Put `NOT_CALCULATED` for the zeros that a writer put where it could not calculate."""
        by_name = {sheet.name.lower(): sheet for sheet in self.sheets}

        def look(name: str, row: int, column: int) -> object:
            cells = by_name[name.lower()].rows[row - 1 : row]
            return cells[0][column - 1] if cells and column <= len(cells[0]) else None

        held = [(s, at) for s in self.sheets for at in s.formulas if is_placeholder(_at(s, at))]
        formulas = {
            (sheet.name, row + 1, column + 1): _as_excel(sheet.formulas[row, column])
            for sheet, (row, column) in held
        }
        if formulas and uncalculated(formulas, look):
            for sheet, (row, column) in held:
                sheet.rows[row][column] = NOT_CALCULATED


def _at(sheet: _Sheet, place: tuple[int, int]) -> object:
    row, column = place
    cells = sheet.rows[row] if row < len(sheet.rows) else []
    return cells[column] if column < len(cells) else None


def _as_excel(formula: str) -> str:
    """Return ``of:=[.B2]+[$'日 报'.C2]`` as ``B2+'日 报'!C2``."""

    def named(found: re.Match[str]) -> str:
        sheet = f"{found[1]}!" if found[1] else ""
        return f"{sheet}{found[2]}" + (f":{found[3]}" if found[3] else "")

    return _REFERENCE.sub(
        named, formula.rpartition("=")[2] if ":=" in formula else formula
    ).replace(";", ",")


def _value(said: Attributes, text: str) -> object:
    """Return what a cell holds: its value, the text of an error, None for a blank one."""
    formula = "t:formula" in said
    if said.get("calcext:value-type") == "error" or (formula and is_error(text)):
        return text or "#ERR!"
    kind = said.get("o:value-type")
    if kind is None and formula and not text:
        return NOT_CALCULATED
    if kind == "date":
        return said.get("o:date-value", text).replace("T", " ")
    if kind == "boolean":
        return said.get("o:boolean-value") == "true"
    if kind in ("float", "currency", "percentage") and _is_number(said.get("o:value", "")):
        return float(said["o:value"])
    return text or said.get("o:string-value") or None


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
