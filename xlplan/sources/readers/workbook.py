""".xlsx and .xlsm through the bounded reader of `xlplan.ooxml`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.ooxml.reader import open_workbook
from xlplan.ooxml.serial import to_datetime
from xlplan.sources.readers.raw import MAX_CELLS, Blob, Table, too_big
from xlplan.sources.text import NOT_CALCULATED

if TYPE_CHECKING:
    from xlplan.ooxml.cells import SheetCells, StoredCell


def read_workbook(blob: Blob) -> list[Table]:
    """Return the sheets of an .xlsx; formula cells give the value they were saved with."""
    book = open_workbook(blob.data)
    return [
        Table(blob.name, sheet.name, _rows(blob.name, sheet), sheet.date1904) for sheet in book
    ]


def _rows(name: str, sheet: SheetCells) -> list[list[object]]:
    widths: dict[int, int] = {}
    for row, column in sheet.cells:
        widths[row] = max(column, widths.get(row, 0))
    if sum(widths.values()) > 4 * MAX_CELLS:
        raise too_big(name, f"的工作表「{sheet.name}」范围过大")
    rows: list[list[object]] = [
        [None] * widths.get(row, 0) for row in range(1, max(widths, default=0) + 1)
    ]
    for (row, column), cell in sheet.cells.items():
        rows[row - 1][column - 1] = _value(cell, date1904=sheet.date1904)
    return rows


def _value(cell: StoredCell, *, date1904: bool) -> object:
    if cell.value is None and cell.formula is not None:
        return NOT_CALCULATED
    if cell.is_date and isinstance(cell.value, float | int):
        moment = to_datetime(cell.value, date1904=date1904)
        return cell.value if moment is None else moment
    return cell.value
