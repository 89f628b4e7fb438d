"""Where data is: used range, end of a run, current region, what a name or address means."""

from __future__ import annotations

from typing import Any, List, Optional, Sequence

from .desk import CellArea, Desk, area_of, operation


@operation
def used(desk: Desk, sheet: int) -> CellArea:
    """The used range of a sheet."""
    cursor = desk.sheet(sheet).createCursor()
    cursor.gotoEndOfUsedArea(False)
    last = cursor.RangeAddress
    cursor.gotoStartOfUsedArea(False)
    first = cursor.RangeAddress
    rows, columns = last.EndRow - first.StartRow + 1, last.EndColumn - first.StartColumn + 1
    return first.StartRow + 1, first.StartColumn + 1, rows, columns


@operation
def end(desk: Desk, sheet: int, row: int, column: int, direction: str) -> List[int]:
    """Where Ctrl+arrow goes from a cell; direction is one of u, d, l, r."""
    page = desk.sheet(sheet)
    top, left, rows, columns = used(desk, sheet)
    if direction in "ud":
        size = max(top + rows - 1, row)
        line = page.getCellRangeByPosition(column - 1, 0, column - 1, size - 1).getFormulaArray()
        at = _jump([r[0] != "" for r in line], row, page.Rows.Count, direction == "d")
        return [at, column]
    size = max(left + columns - 1, column)
    line = page.getCellRangeByPosition(0, row - 1, size - 1, row - 1).getFormulaArray()
    return [row, _jump([v != "" for v in line[0]], column, page.Columns.Count, direction == "r")]


def _jump(full: Sequence[bool], at: int, limit: int, forward: bool) -> int:
    step, last = (1, limit) if forward else (-1, 1)

    def is_full(place: int) -> bool:
        return 1 <= place <= len(full) and full[place - 1]

    if at == last:
        return at
    if is_full(at) and is_full(at + step):
        while is_full(at + step):
            at += step
        return at
    at += step
    while 1 <= at <= len(full) and not is_full(at):
        at += step
    return at if is_full(at) else last


@operation
def region(desk: Desk, sheet: int, row: int, column: int, rows: int, columns: int) -> CellArea:
    """The current region around an area."""
    cursor = desk.sheet(sheet).createCursorByRange(desk.cells(sheet, (row, column, rows, columns)))
    cursor.collapseToCurrentRegion()
    return area_of(cursor.RangeAddress)


@operation
def resolve(desk: Desk, sheet: int, text: str) -> List[Any]:
    """Sheet and area of a defined name or table, as seen from a sheet."""
    document, page = desk.document_of(sheet), desk.sheet(sheet)
    for names in (page.NamedRanges, document.NamedRanges):
        if names.hasByName(text):
            cells = names.getByName(text).getReferredCells()
            if cells is None:
                raise KeyError(text)
            return _placed(desk, sheet, cells.RangeAddress)
    tables = document.DatabaseRanges
    if not tables.hasByName(text):
        raise KeyError(text)
    table = tables.getByName(text)
    head, foot = int(table.ContainsHeader), int(table.TotalsRow)
    found, row, column, rows, columns = _placed(desk, sheet, table.DataArea)
    return [found, row + head, column, rows - head - foot, columns]


def _placed(desk: Desk, sheet: int, address: Any) -> List[Any]:
    return [desk.sheet_at(desk.sheets[sheet][0], address.Sheet), *area_of(address)]


@operation
def find(desk: Desk, sheet: int, area: CellArea, wish: Any) -> Optional[List[int]]:
    """The first cell of an area that holds a text; None if there is none.

    Args:
        desk: The desk.
        sheet: The sheet.
        area: Where to look.
        wish: text, whole cell, by columns, backwards, match case.
    """
    text, whole, by_columns, backwards, case = wish
    cells = desk.cells(sheet, area)
    search = cells.createSearchDescriptor()
    search.SearchString, search.SearchWords, search.SearchCaseSensitive = text, whole, case
    search.SearchByRow, search.SearchBackwards = not by_columns, backwards
    found = cells.findFirst(search)
    return list(area_of(found.RangeAddress)[:2]) if found else None
