"""Formulas in Excel's grammar, read and written through the office's own formula parser."""

from __future__ import annotations

import itertools
import re
from contextlib import contextmanager
from typing import Any, Iterator, List, Optional, Sequence

import uno

from .desk import CellArea, Desk, area_of, operation, positions
from .grammar import (
    from_calc, has_bracket, has_table, named, prefixed, quick, quoted_sheets, relative_text, shown_text, to_calc,
)  # fmt: skip
from .tables import every_table, table_around

_ALL = 1 | 2 | 4  # com.sun.star.sheet.FormulaResult: numbers, texts, errors
_FEW = 8  # a shorter run is written cell by cell
_CONTENTS = 1 | 2 | 4 | 16  # com.sun.star.sheet.CellFlags: numbers, dates, texts, formulas


def put_formula(desk: Desk, sheet: int, row: int, column: int, formula: str) -> None:
    """Write one formula (with its ``=``)."""
    cell = desk.cell(sheet, row, column)
    if has_bracket(formula):
        formula = named(formula, table_around(desk, sheet, row, column) or "")
    if has_table(formula):
        cell.setFormula(to_calc(formula))
        return
    place = desk.origin(sheet, row, column)
    cell.setTokens(desk.parser(sheet).parseFormula(prefixed(formula[1:]), place))


def formula_of(desk: Desk, sheet: int, row: int, column: int) -> str:
    """One formula cell's text, with its ``=``."""
    cell = desk.cell(sheet, row, column)
    calc = cell.getFormula()
    if has_table(calc):
        return from_calc(calc.strip("{}") if calc[:1] == "{" else calc)
    place = desk.origin(sheet, row, column)
    printed = desk.parser(sheet).printFormula(cell.getTokens(), place)
    if not printed:  # an error value
        return from_calc(calc)
    return "=" + quoted_sheets(shown_text(printed))


@operation
def formulas(desk: Desk, sheet: int, row: int, column: int, rows: int, columns: int) -> Any:
    """The formulas of an area; constants as they would be typed, blanks as ""."""
    cells = desk.cells(sheet, (row, column, rows, columns))
    made = [[v[1:] if v[:1] == "'" else v for v in line] for line in cells.getFormulaArray()]
    for address in cells.queryFormulaCells(_ALL).getRangeAddresses():
        for x, y in positions(address):
            line, at = made[y + 1 - row], x + 1 - column
            line[at] = quick(line[at]) or formula_of(desk, sheet, y + 1, x + 1)
    return made


@operation
def write_formulas(
    desk: Desk, sheet: int, row: int, column: int, rows: Sequence[Sequence[Any]]
) -> None:
    """Write a matrix of formulas and constants: numbers, texts, None or "" for blank."""
    written = [
        (row + down, column + right, value)
        for down, line in enumerate(rows)
        for right, value in enumerate(line)
    ]
    place_formulas(desk, sheet, [cell for cell in written if _is_formula(cell[2])])
    for at_row, at_column, value in written:
        if not _is_formula(value):
            _put_constant(desk.cell(sheet, at_row, at_column), value)


def _is_formula(value: Any) -> bool:
    return isinstance(value, str) and value[:1] == "=" and len(value) > 1


def _put_constant(cell: Any, value: Any) -> None:
    if isinstance(value, (int, float)):
        cell.setValue(float(value))
    else:
        text = value or ""
        cell.setString(text[1:] if text[:1] == "'" else text)


@operation
def place_formulas(desk: Desk, sheet: int, cells: Sequence[Any]) -> None:
    """Write formulas given as ``[row, column, text]``.

    A run of the same formula down a column is filled: LibreOffice regroups the whole column
    on every single write, so that one by one 20,000 of them take minutes.
    """
    document = desk.document_of(sheet)
    document.addActionLock()
    try:
        for row, column, rows, text in _runs(cells):
            if rows < _FEW:
                for down in range(rows):
                    put_formula(desk, sheet, row + down, column, text[down])
            else:
                fill_formula(desk, sheet, row, column, rows, 1, text[0])
    finally:
        document.removeActionLock()


def _runs(cells: Sequence[Any]) -> Iterator[Any]:
    """Row, column, number of rows and texts of each run of one relative formula."""
    ordered = sorted(cells, key=lambda cell: (cell[1], cell[0]))

    def key(pair: Any) -> Any:
        index, (row, column, text) = pair
        return column, row - index, relative_text(text, row, column)

    for _, group in itertools.groupby(enumerate(ordered), key):
        run = [cell for _, cell in group]
        yield run[0][0], run[0][1], len(run), [cell[2] for cell in run]


@operation
def fill_formula(
    desk: Desk, sheet: int, row: int, column: int, rows: int, columns: int, formula: str
) -> None:
    """Write one formula into every cell, its relative references moving along."""
    cells = desk.cells(sheet, (row, column, rows, columns))
    cells.clearContents(_CONTENTS)
    put_formula(desk, sheet, row, column, formula)
    alike = cells.getUniqueCellFormatRanges().Count == 1  # filling copies the first cell's format too
    if alike and _is_seen(cells, rows, columns):
        _fill(cells, rows, columns)
        return
    tokens = desk.cell(sheet, row, column).getTokens()
    for x, y in positions(cells.RangeAddress):
        desk.cell(sheet, y + 1, x + 1).setTokens(tokens)


def _is_seen(cells: Any, rows: int, columns: int) -> bool:
    """Whether no row or column of an area is hidden: filling passes hidden ones over."""
    seen = cells.queryVisibleCells().getRangeAddresses()
    area = [(one.EndRow - one.StartRow + 1, one.EndColumn - one.StartColumn + 1) for one in seen]
    return area == [(rows, columns)]


def _fill(cells: Any, rows: int, columns: int) -> None:
    if columns > 1:
        right = uno.Enum("com.sun.star.sheet.FillDirection", "TO_RIGHT")
        cells.getCellRangeByPosition(0, 0, columns - 1, 0).fillAuto(right, 1)
    if rows > 1:
        cells.fillAuto(uno.Enum("com.sun.star.sheet.FillDirection", "TO_BOTTOM"), 1)


@operation
def write_array(
    desk: Desk, sheet: int, row: int, column: int, rows: int, columns: int, formula: str
) -> None:
    """Write one array formula over an area."""
    cells = desk.cells(sheet, (row, column, rows, columns))
    body = prefixed(formula[1:] if formula[:1] == "=" else formula)
    place = desk.origin(sheet, row, column)
    cells.setArrayTokens(desk.parser(sheet).parseFormula(body, place))


@operation
def array_area(desk: Desk, sheet: int, row: int, column: int) -> Optional[List[int]]:
    """The area of the array formula a cell belongs to."""
    cell = desk.cell(sheet, row, column)
    if not cell.getArrayFormula():
        return None
    cursor = desk.sheet(sheet).createCursorByRange(cell)
    cursor.collapseToCurrentArray()
    return list(area_of(cursor.RangeAddress))


@operation
def table_rename(desk: Desk, sheet: int, name: str, new: str) -> None:
    """Give a table another name; formulas follow."""
    with _kept_formulas(desk, sheet, name, new):
        every_table(desk, sheet).getByName(name).setName(new)


@operation
def table_headed(desk: Desk, sheet: int, name: str, area: CellArea) -> None:
    """Give a table without a header row one, which is the first row of the area."""
    with _kept_formulas(desk, sheet, name, name):
        table = every_table(desk, sheet).getByName(name)
        table.DataArea, table.ContainsHeader = desk.cells(sheet, area).RangeAddress, True


@contextmanager
def _kept_formulas(desk: Desk, sheet: int, old: str, new: str) -> Iterator[None]:
    """Write formulas that name a table again afterwards: the office leaves them with an error."""
    document = desk.sheets[sheet][0]
    named = re.compile(r"(?<![\w.\[])%s(?![\w.(])" % re.escape(old), re.IGNORECASE)
    found = []
    for number in desk.sheets_of(document, desk.documents[document].Sheets.Count):
        for address in desk.sheet(number).queryFormulaCells(7).getRangeAddresses():
            for x, y in positions(address):
                cell = desk.cell(number, y + 1, x + 1)
                if named.search(cell.getFormula()) and not cell.getArrayFormula():
                    found.append((number, y + 1, x + 1, formula_of(desk, number, y + 1, x + 1)))
    yield
    for number, row, column, text in found:
        parts = text.split('"')  # every other one is a text
        parts[::2] = [named.sub(lambda _: new, part) for part in parts[::2]]
        put_formula(desk, number, row, column, '"'.join(parts))
