"""Sheets and what moves cells: add, delete, copy, move; insert, remove, clear, copy cells."""

from __future__ import annotations

from typing import Any, List, Optional

import uno

from .desk import Area, Desk, operation

#: com.sun.star.sheet.CellFlags
_FLAGS = {"contents": 1 | 2 | 4 | 16, "formats": 32 | 64 | 256, "all": 1023}


@operation
def active_sheet(desk: Desk, document: int) -> int:
    """The sheet a document shows."""
    shown = desk.documents[document].getCurrentController().getActiveSheet()
    return desk.sheet_at(document, shown.RangeAddress.Sheet)


@operation
def activate(desk: Desk, sheet: int) -> None:
    """Show a sheet."""
    desk.document_of(sheet).getCurrentController().setActiveSheet(desk.sheet(sheet))


@operation
def sheet_add(desk: Desk, document: int, name: Optional[str], index: int) -> int:
    """Insert an empty sheet at a position (from 0) and show it."""
    all_sheets = desk.documents[document].Sheets
    number = 1
    while name is None:
        name = None if all_sheets.hasByName("Sheet%d" % number) else "Sheet%d" % number
        number += 1
    all_sheets.insertNewByName(name, index)
    made = desk.sheet_at(document, index)
    activate(desk, made)
    return made


@operation
def sheet_index(desk: Desk, sheet: int) -> int:
    """A sheet's position, from 1."""
    return int(desk.sheet(sheet).RangeAddress.Sheet) + 1


@operation
def sheet_get(desk: Desk, sheet: int, name: str) -> Any:
    """A property of a sheet: Name, IsVisible."""
    return getattr(desk.sheet(sheet), name)


@operation
def sheet_set(desk: Desk, sheet: int, name: str, value: Any) -> None:
    """Set a property of a sheet."""
    setattr(desk.sheet(sheet), name, value)


@operation
def sheet_delete(desk: Desk, sheet: int) -> None:
    """Delete a sheet."""
    document, page = desk.sheets.pop(sheet)
    desk.documents[document].Sheets.removeByName(page.Name)


@operation
def sheet_copy(desk: Desk, sheet: int, document: int, index: int) -> int:
    """Copy a sheet into a document, before the sheet at a position (from 0)."""
    source, page = desk.sheets[sheet]
    target = desk.documents[document].Sheets
    if source == document:
        target.copyByName(page.Name, _free(target, page.Name), index)
    else:
        target.importSheet(desk.documents[source], page.Name, index)
    return desk.sheet_at(document, index)


def _free(target: Any, name: str) -> str:
    number = 2
    while target.hasByName("%s (%d)" % (name, number)):
        number += 1
    return "%s (%d)" % (name, number)


@operation
def sheet_move(desk: Desk, sheet: int, index: int) -> None:
    """Move a sheet before the one at a position (from 0)."""
    document, page = desk.sheets[sheet]
    desk.documents[document].Sheets.moveByName(page.Name, index)


@operation
def clear(desk: Desk, sheet: int, area: Area, what: str) -> None:
    """Clear "contents", "formats" or "all" of an area."""
    cells = desk.cells(sheet, area)
    if what != "formats" and cells.getArrayFormula():
        cells.setArrayFormula("")
    cells.clearContents(_FLAGS[what])


@operation
def insert(desk: Desk, sheet: int, area: Area, mode: str) -> None:
    """Insert cells: mode is DOWN, RIGHT, ROWS or COLUMNS."""
    kind = uno.Enum("com.sun.star.sheet.CellInsertMode", mode)
    desk.sheet(sheet).insertCells(desk.cells(sheet, area).RangeAddress, kind)
    desk.renew(sheet)


@operation
def remove(desk: Desk, sheet: int, area: Area, mode: str) -> None:
    """Delete cells: mode is UP, LEFT, ROWS or COLUMNS."""
    kind = uno.Enum("com.sun.star.sheet.CellDeleteMode", mode)
    desk.sheet(sheet).removeRange(desk.cells(sheet, area).RangeAddress, kind)
    desk.renew(sheet)


@operation
def copy_cells(desk: Desk, sheet: int, area: Area, target: int, row: int, column: int) -> None:
    """Copy cells with everything in them to a place on a sheet of the same document."""
    place = desk.cell(target, row, column).CellAddress
    desk.sheet(target).copyRange(place, desk.cells(sheet, area).RangeAddress)


@operation
def move_cells(desk: Desk, sheet: int, area: Area, target: int, row: int, column: int) -> None:
    """Move cells; references to them follow."""
    place = desk.cell(target, row, column).CellAddress
    desk.sheet(target).moveRange(place, desk.cells(sheet, area).RangeAddress)


@operation
def sort(desk: Desk, sheet: int, area: Area, keys: List[Any], has_headers: bool) -> None:
    """Sort the rows of an area; keys are ``[column from 0, ascending]``."""
    fields = []
    for column, ascending in keys:
        field = uno.createUnoStruct("com.sun.star.table.TableSortField")
        field.Field, field.IsAscending, field.IsCaseSensitive = column, ascending, False
        fields.append(field)
    from .desk import properties

    kind = "[]com.sun.star.table.TableSortField"
    wish = properties(SortFields=uno.Any(kind, tuple(fields)), ContainsHeader=has_headers)
    uno.invoke(desk.cells(sheet, area), "sort", (wish,))


@operation
def protected(desk: Desk, sheet: int) -> bool:
    """Whether locked cells cannot be changed."""
    return bool(desk.sheet(sheet).isProtected())


@operation
def protect(desk: Desk, sheet: int, password: str) -> None:
    """Lock the locked cells."""
    desk.sheet(sheet).protect(password)


@operation
def unprotect(desk: Desk, sheet: int, password: str) -> None:
    """Unlock every cell; refused for a wrong password."""
    page = desk.sheet(sheet)
    page.unprotect(password)
    if page.isProtected():
        raise ValueError("wrong password")
