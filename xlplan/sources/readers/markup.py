"""Tables written as text: HTML and the XML of Excel 2003, under any name."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, NamedTuple

from xlplan.ooxml.serial import cell_name
from xlplan.regex import regex
from xlplan.sources.numbers import Number, parse_number
from xlplan.sources.readers.calculated import uncalculated
from xlplan.sources.readers.raw import (
    MAX_CELLS,
    MAX_TABLES,
    Blob,
    Merge,
    Table,
    file_damaged,
    file_too_big,
)
from xlplan.sources.text import NOT_CALCULATED

if TYPE_CHECKING:
    import re

_MAX_SPAN = 2_000
_MAX_NESTED = 20
#: Elements whose text nobody sees as the value of the cell they stand in.
_UNSEEN = frozenset(
    "script style title template noscript rt rp textarea select sup comment ss:comment"
    " phonetictext ss:phonetictext x:phonetictext o:documentproperties".split()
)
_UNSEEN_STYLE = regex(
    r"display:none|visibility:(?:hidden|collapse)|mso-hide:all|mso-element:comment|font-size:0(?![.\d])"
)
_UNSEEN_CLASS = regex(r"(?:^|\s)(?:mso\w*com\w*|sr-only|visually-hidden|hidden|d-none)(?:\s|$)")
#: Elements that have no end.
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
#: Elements that keep the text behind them apart from the text before: 120 and a struck 100 are no 120100.
_APART = ("br", "p", "div", "del", "s", "strike", "ins", "li")
_CELLS = ("td", "th", "cell", "ss:cell")
_ROWS = ("tr", "row", "ss:row")
_TABLES = ("table", "ss:table")
#: Hidden ones of these are looked at on their own.
_MAY_HIDE = (*_CELLS, *_TABLES)
_R1C1 = regex(r"R(\[?-?\d*\]?)C(\[?-?\d*\]?)(?![A-Za-z(])")


def read_markup(blob: Blob, encoding: str) -> list[Table]:
    """Read the tables of HTML or XML-2003; nothing outside the file is ever loaded."""
    parser = _Tables(blob.name)
    parser.feed(blob.data.decode(encoding, "replace"))
    parser.close()
    parser.finish()
    found = [grid for grid in parser.grids if grid.rows]
    if not found:
        raise file_damaged(blob.name, "是网页，里面没有表格")
    _mark_uncalculated(found)
    return [
        Table(blob.name, grid.sheet or f"表{i}", grid.rows, merges=tuple(grid.merges), hidden=grid.hidden)
        for i, grid in enumerate(found, 1)
    ]  # fmt: skip


class _Grid:
    """One table being filled; cells that reach down keep their columns in the rows below."""

    def __init__(self, sheet: str, *, hidden: bool) -> None:
        self.sheet, self.hidden = sheet, hidden
        self.rows: list[list[object]] = []
        self.merges: list[Merge] = []
        self.row: list[object] | None = None
        self.reaching: dict[int, int] = {}  # column → rows below that are still taken
        self.taken: set[int] = set()  # columns of the open row that are
        self.formulas: dict[tuple[int, int], str] = {}

    def open_row(self, index: int) -> int:
        """Begin a row (at a 1-based `index`, if it is told); return the cells that needed."""
        self.close_row()
        blanks = max(index - 1 - len(self.rows), 0)
        for _ in range(blanks):
            self._step()
            self.rows.append([])
        self._step()
        self.row = []
        return blanks + 1

    def _step(self) -> None:
        """Go down a row."""
        self.taken = set(self.reaching)
        self.reaching = {column: left - 1 for column, left in self.reaching.items() if left > 1}

    def add(self, value: object, index: int, across: int, down: int) -> int:
        """Add a cell that spans; return how many cells that needed."""
        row = self.row if self.row is not None else []
        before = len(row)
        row += [None] * max(index - 1 - len(row), 0)
        while len(row) in self.taken:
            row.append(None)
        left = len(row)
        row += [value, *[None] * (across - 1)]
        if across > 1 or down > 1:
            top = len(self.rows)
            self.merges.append(Merge(top, left, top + down - 1, left + across - 1))
        if down > 1:
            self.reaching |= dict.fromkeys(range(left, left + across), down - 1)
        return len(row) - before

    def close_row(self) -> None:
        """Put the open row, if any, under the others."""
        if self.row is not None:
            self.rows.append(self.row)
        self.row = None


class _Cell(NamedTuple):
    """The open cell: what its tag said, and the text found so far."""

    said: dict[str, str]
    text: list[str]


class _Tables(HTMLParser):
    """Collects cells of ``table/tr/td`` and of ``Table/Row/Cell`` alike, as people see them."""

    def __init__(self, name: str) -> None:
        super().__init__(convert_charrefs=True)
        self.grids: list[_Grid] = []
        self._open: list[tuple[_Grid, _Cell | None]] = []
        self._name, self._sheet, self._cells, self._visible = name, "", 0, False
        self._cell: _Cell | None = None
        self._unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a sheet, table, row or cell."""
        said = {key: value or "" for key, value in attrs}
        if self._unseen and tag in _ROWS and self._unseen[-1] in _ROWS:
            self._unseen.pop()  # rows need no end
        if self._unseen or (_is_unseen(tag, said) and tag not in _MAY_HIDE):
            if tag not in _VOID:
                self._unseen.append(tag)
        elif tag.endswith("worksheet"):
            self._sheet = said.get("ss:name", "")
        elif tag in ("visible", "x:visible"):
            self._visible = True
        elif tag in _TABLES:
            self._open_table(said)
        elif tag in _ROWS:
            self._close_cell()
            self._use(self._grid().open_row(_count(said.get("ss:index"))))
        elif tag in _CELLS:
            self._open_cell(said)
        elif tag in _APART and self._cell is not None and self._cell.text:
            self._cell.text.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Treat ``<Cell/>`` as an empty cell."""
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close a cell, row or table."""
        if self._unseen:
            if tag in self._unseen:
                del self._unseen[len(self._unseen) - 1 - self._unseen[::-1].index(tag) :]
            return
        if tag in _CELLS:
            self._close_cell()
        elif tag in _ROWS and self._open:
            self._close_cell()
            self._grid().close_row()
        elif tag in _TABLES and self._open:
            self._close_table()

    def handle_data(self, data: str) -> None:
        """Collect the text of the open cell."""
        if self._visible:
            self._visible = False
            for grid in self.grids:
                grid.hidden = grid.hidden or (
                    grid.sheet == self._sheet and data.strip().lower().endswith("hidden")
                )
        if self._cell is not None and not self._unseen:
            self._cell.text.append(data)

    def finish(self) -> None:
        """Close what the file left open."""
        while self._open:
            self._close_table()

    def _grid(self) -> _Grid:
        if not self._open:
            self._open_table({})
        return self._open[-1][0]

    def _open_table(self, said: dict[str, str]) -> None:
        if len(self._open) >= _MAX_NESTED or len(self.grids) >= MAX_TABLES:
            raise file_too_big(self._name, "里的表格太多或套得太深")
        grid = _Grid(self._sheet, hidden=_is_unseen("table", said))
        self.grids.append(grid)
        self._open.append((grid, self._cell))
        self._cell = None

    def _close_table(self) -> None:
        self._close_cell()
        grid, outer = self._open.pop()
        grid.close_row()
        self._cell = outer

    def _open_cell(self, said: dict[str, str]) -> None:
        self._close_cell()
        if self._grid().row is None:
            self._use(self._grid().open_row(0))
        self._cell = _Cell(said, [])

    def _close_cell(self) -> None:
        if self._cell is None:
            return
        said, text = self._cell
        self._cell = None
        if "display:none" in "".join(said.get("style", "").lower().split()) or "hidden" in said:
            return  # it takes no room either
        across = max(_count(said.get("colspan")), _count(said.get("ss:mergeacross")) + 1)
        down = max(_count(said.get("rowspan")), _count(said.get("ss:mergedown")) + 1)
        index, across = _count(said.get("ss:index")), min(across, _MAX_SPAN)
        self._use(max(index - 1 - len(self._grid().row or ()), 0))
        value = "" if _is_unseen("td", said) else _value("".join(text), said)
        grid = self._grid()
        self._use(grid.add(value, index, across, min(down, _MAX_SPAN)))
        if "ss:formula" in said and grid.row is not None:
            grid.formulas[len(grid.rows), len(grid.row) - across] = said["ss:formula"]

    def _use(self, cells: int) -> None:
        self._cells += cells
        if self._cells > MAX_CELLS:
            raise file_too_big(self._name, f"超过 {MAX_CELLS:,} 个单元格")


def _mark_uncalculated(grids: list[_Grid]) -> None:
    """Put `NOT_CALCULATED` for the zeros that a writer put where it could not calculate."""
    by_name = {grid.sheet.lower(): grid for grid in grids if grid.formulas or len(grids) < 50}

    def look(name: str, row: int, column: int) -> object:
        cells = by_name[name.lower()].rows[row - 1 : row]
        text = cells[0][column - 1] if cells and column <= len(cells[0]) else None
        figure = parse_number(text)
        return figure.value if isinstance(figure, Number) else text or None

    formulas = {
        (grid.sheet, row + 1, column + 1): _in_a1(text, row + 1, column + 1)
        for grid in grids
        for (row, column), text in grid.formulas.items()
        if str(grid.rows[row][column]).strip() in ("0", "0.0")
    }
    if formulas and uncalculated(formulas, look):
        for grid in grids:
            for row, column in grid.formulas:
                if str(grid.rows[row][column]).strip() in ("0", "0.0"):
                    grid.rows[row][column] = NOT_CALCULATED


def _in_a1(formula: str, row: int, column: int) -> str:
    """Return a formula of the R1C1 style with its references as A1."""

    def place(said: str, here: int) -> int:
        if not said or said[0] == "[":
            return here + int(said.strip("[]") or 0)
        return int(said)

    def named(found: re.Match[str]) -> str:
        down, right = place(found[1], row), place(found[2], column)
        return cell_name(down, right) if down > 0 and right > 0 else "#REF!"

    return _R1C1.sub(named, formula)


def _is_unseen(tag: str, said: dict[str, str]) -> bool:
    """Return whether a browser or a spreadsheet shows nothing of an element."""
    if tag in _UNSEEN or "hidden" in said:
        return True
    style = "".join(said.get("style", "").lower().split())
    return bool(
        (style and _UNSEEN_STYLE.search(style))
        or ("class" in said and _UNSEEN_CLASS.search(said["class"].lower()))
    )


def _value(text: str, said: dict[str, str]) -> object:
    """Return what a cell holds: its text, or the exact number of which the text is a rounding."""
    if said.get("ss:formula") and not text.strip():
        return NOT_CALCULATED
    exact = parse_number(said.get("sdval") or said.get("x:num") or "")
    if not isinstance(exact, Number):
        return text
    shown = parse_number(text)
    if isinstance(shown, Number) and shown.kind == "plain" and not shown.unit:
        near = abs(exact.value - shown.value) <= shown.precision * 1.000001
        return exact.value if near else text
    return text


def _count(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else 0
