"""Values in bulk: one matrix per call, and beside it where dates, truths and errors are."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Sequence, Tuple

import uno

from .desk import CellArea, Desk, area_of, operation, positions
from .navigate import used

DATE, TIME, LOGICAL = 2, 4, 1024  # com.sun.star.util.NumberFormat
NUMBERS, TEXTS, ERRORS = 1, 2, 4  # com.sun.star.sheet.FormulaResult
#: Error codes of Calc as Excel writes them (formula/errorcodes.hxx).
ERROR_TEXT = {
    501: "#VALUE!", 502: "#VALUE!", 503: "#NUM!", 504: "#REF!", 508: "#NAME?", 509: "#NAME?",
    511: "#VALUE!", 519: "#VALUE!", 520: "#NAME?", 521: "#NULL!", 522: "#REF!", 523: "#NUM!",
    524: "#REF!", 525: "#NAME?", 532: "#DIV/0!", 533: "#VALUE!", 32767: "#N/A",
}  # fmt: skip
_BIG = 500


def _letter(kind: int) -> str:
    """"d" for date or time, "b" for truth values, "" for other number formats."""
    if kind & (DATE | TIME):
        return "d"
    return "b" if kind == LOGICAL else ""


class Kinds:
    """The kinds of a document's number formats, each asked for once."""

    def __init__(self, document: Any) -> None:
        self.formats = document.getNumberFormats()
        self.known: Dict[int, str] = {}

    def of(self, key: int) -> str:
        """The kind of a number format."""
        if key not in self.known:
            self.known[key] = _letter(self.formats.getByKey(key).Type & ~1)
        return self.known[key]

    def areas(self, cells: Any) -> Iterator[Tuple[Any, str]]:
        """Parts of a range that hold dates or truth values, by their number format."""
        groups = cells.getUniqueCellFormatRanges()
        for index in range(groups.Count):
            group = groups.getByIndex(index)
            kind = self.of(group.getByIndex(0).NumberFormat)
            if kind:
                for address in group.getRangeAddresses():
                    yield address, kind


@operation
def read_cells(desk: Desk, sheet: int, row: int, column: int, rows: int, columns: int) -> Any:
    """Values of an area, cut to the used part.

    Returns:
        The matrix (floats and texts), areas ``[row, column, last row, last column, kind]`` and
        errors ``[row, column, text]`` relative to the area, and the day 0 of dates.
    """
    first_row, first_column, used_rows, used_columns = used(desk, sheet)
    rows = min(row + rows, first_row + used_rows) - row
    columns = min(column + columns, first_column + used_columns) - column
    if rows < 1 or columns < 1:
        return (), [], [], None
    cells = desk.cells(sheet, (row, column, rows, columns))
    document = desk.document_of(sheet)
    kinds = [
        (a.StartRow - row + 1, a.StartColumn - column + 1, a.EndRow - row + 1,
         a.EndColumn - column + 1, kind)
        for a, kind in Kinds(document).areas(cells)
    ]  # fmt: skip
    zero = document.NullDate
    errors = [(r - row + 1, c - column + 1, text) for r, c, text in _errors(desk, sheet, cells)]
    return cells.getDataArray(), kinds, errors, (zero.Year, zero.Month, zero.Day)


def _errors(desk: Desk, sheet: int, cells: Any) -> Iterator[Tuple[int, int, str]]:
    page = desk.sheet(sheet)
    for address in cells.queryFormulaCells(ERRORS).getRangeAddresses():
        for column, row in positions(address):
            code = page.getCellByPosition(column, row).getError()
            yield row, column, ERROR_TEXT.get(code, "#VALUE!")


@operation
def formula_cells(desk: Desk, sheet: int) -> List[CellArea]:
    """The areas of a sheet that hold formulas."""
    found = desk.sheet(sheet).queryFormulaCells(NUMBERS | TEXTS | ERRORS)
    return [area_of(address) for address in found.getRangeAddresses()]


@operation
def write_cells(
    desk: Desk,
    sheet: int,
    row: int,
    column: int,
    rows: Sequence[Sequence[Any]],
    formats: Dict[str, List[CellArea]],
) -> None:
    """Write a matrix of numbers and texts ("" = blank; None would become #N/A).

    Args:
        desk: The desk.
        sheet: The sheet.
        row: First row.
        column: First column.
        rows: The matrix.
        formats: Number format code -> areas (relative, from 0: row, column, last row, last
            column) that get it unless they already have one of the same kind.
    """
    area = (row, column, len(rows), len(rows[0]))
    document = desk.document_of(sheet)
    big = area[2] * area[3] > _BIG
    if big:
        document.addActionLock()
    try:
        cells = desk.cells(sheet, area)
        cells.setDataArray(tuple(map(tuple, rows)))
        for code, places in formats.items():
            for place in places:
                _format(document, cells, place, code)
    finally:
        if big:
            document.removeActionLock()


def _format(document: Any, cells: Any, place: CellArea, code: str) -> None:
    from .formats import format_key

    top, left, bottom, right = place
    part = cells.getCellRangeByPosition(left, top, right, bottom)
    key = format_key(document, code)
    kinds = Kinds(document)
    mixed = uno.Enum("com.sun.star.beans.PropertyState", "AMBIGUOUS_VALUE")
    same = part.getPropertyState("NumberFormat") != mixed
    if not (same and kinds.of(part.NumberFormat) == kinds.of(key)):
        part.NumberFormat = key


@operation
def fill_value(desk: Desk, sheet: int, row: int, column: int, rows: int, columns: int, value: Any) -> None:
    """Write one value into every cell of an area."""
    line = (value,) * columns
    desk.cells(sheet, (row, column, rows, columns)).setDataArray((line,) * rows)
