"""Sheets and what moves cells: add, delete, copy, move; insert, remove, clear, copy cells."""

from __future__ import annotations

from typing import Any, List, Optional, Sequence

import uno

from .desk import CellArea, Desk, operation

#: com.sun.star.sheet.CellFlags
_MIXED = uno.Enum("com.sun.star.beans.PropertyState", "AMBIGUOUS_VALUE")
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
def clear(desk: Desk, sheet: int, area: CellArea, what: str) -> None:
    """Clear "contents", "formats" or "all" of an area."""
    cells = desk.cells(sheet, area)
    if what != "formats" and cells.getArrayFormula():
        cells.setArrayFormula("")
    cells.clearContents(_FLAGS[what])


@operation
def insert(desk: Desk, sheet: int, area: CellArea, mode: str) -> None:
    """Insert cells: mode is DOWN, RIGHT, ROWS or COLUMNS."""
    kind = uno.Enum("com.sun.star.sheet.CellInsertMode", mode)
    desk.sheet(sheet).insertCells(desk.cells(sheet, area).RangeAddress, kind)
    desk.renew(sheet)


@operation
def remove_cells(desk: Desk, sheet: int, area: CellArea, mode: str) -> None:
    """Delete cells: mode is UP, LEFT, ROWS or COLUMNS."""
    kind = uno.Enum("com.sun.star.sheet.CellDeleteMode", mode)
    desk.sheet(sheet).removeRange(desk.cells(sheet, area).RangeAddress, kind)
    desk.renew(sheet)


@operation
def copy_cells(desk: Desk, sheet: int, area: CellArea, target: int, row: int, column: int) -> None:
    """Copy cells with everything in them to a place on a sheet of the same document."""
    place = desk.cell(target, row, column).CellAddress
    desk.sheet(target).copyRange(place, desk.cells(sheet, area).RangeAddress)


@operation
def move_cells(desk: Desk, sheet: int, area: CellArea, target: int, row: int, column: int) -> None:
    """Move cells; references to them follow."""
    place = desk.cell(target, row, column).CellAddress
    desk.sheet(target).moveRange(place, desk.cells(sheet, area).RangeAddress)


@operation
def sort(desk: Desk, sheet: int, area: CellArea, keys: List[Any], has_headers: bool) -> None:
    """Sort the rows of an area; keys are ``[column from 0, ascending]``."""
    fields = []
    for column, ascending in keys:
        field = uno.createUnoStruct("com.sun.star.table.TableSortField")
        field.Field, field.IsAscending, field.IsCaseSensitive = column, ascending, False
        fields.append(field)
    from .desk import property_values

    kind = "[]com.sun.star.table.TableSortField"
    wish = property_values(SortFields=uno.Any(kind, tuple(fields)), ContainsHeader=has_headers)
    uno.invoke(desk.cells(sheet, area), "sort", (wish,))


@operation
def protected(desk: Desk, sheet: int) -> bool:
    """Whether locked cells cannot be changed."""
    return bool(desk.sheet(sheet).isProtected())


#: What a protected sheet refuses: cell contents where a cell is locked, everything else anyway.
#: Values: where the area is among the arguments after the sheet.
_CONTENTS = ("write_cells", "fill_value", "fill_formula", "write_formulas", "write_array", "place_formulas", "clear")
_SHAPE = (
    "set_number_format", "set_property", "set_colors", "set_strip", "autofit", "merge_cells", "group", "insert", "remove_cells",
    "sort", "set_link", "set_note", "table_add", "table_set", "table_rename", "table_headed", "table_delete", "move_cells", "picture_add", "chart_add", "chart_source", "chart_type", "chart_title", "drawing_move", "drawing_rename", "drawing_delete",
)  # fmt: skip


class ProtectedSheet(Exception):  # noqa: N818 - its name is what the other side is told
    """A protected sheet was to be changed; the text is its name."""


def require_open(desk: Desk, name: str, arguments: Sequence[Any]) -> None:
    """Refuse what Excel refuses on a protected sheet; this office would often do nothing, unsaid."""
    if name in ("copy_cells", "move_cells"):
        _, (_, _, rows, columns), target, row, column = arguments
        _require_unlocked(desk, target, [(row, column, rows, columns)])
    shape = name in _SHAPE or (name == "clear" and arguments[2] != "contents")
    if shape and desk.sheet(arguments[0]).isProtected():
        raise ProtectedSheet(desk.sheet(arguments[0]).Name)
    if name in _CONTENTS:
        _require_unlocked(desk, arguments[0], _written(name, arguments[1:]))


def _written(name: str, arguments: Sequence[Any]) -> List[CellArea]:
    """The areas an operation writes."""
    if name == "clear":
        return [tuple(arguments[0])]
    if name == "place_formulas":
        return [(row, column, 1, 1) for row, column, _ in arguments[0]]
    row, column, third = arguments[:3]
    if name in ("write_cells", "write_formulas"):
        return [(row, column, len(third), len(third[0]))] if third else []
    return [(row, column, third, arguments[3])]


def _require_unlocked(desk: Desk, sheet: int, areas: Sequence[CellArea]) -> None:
    page = desk.sheet(sheet)
    if not page.isProtected():
        return
    for area in areas:
        cells = desk.cells(sheet, area)
        if cells.getPropertyState("CellProtection") == _MIXED or cells.CellProtection.IsLocked:
            raise ProtectedSheet(page.Name)


@operation
def protect(desk: Desk, sheet: int, password: str) -> None:
    """Lock the locked cells."""
    desk.sheet(sheet).protect(password)


@operation
def set_unlocked(desk: Desk, sheet: int, area: CellArea) -> None:
    """Let people change an area also while the sheet is protected."""
    made = uno.createUnoStruct("com.sun.star.util.CellProtection")
    made.IsLocked = False
    desk.cells(sheet, area).CellProtection = made


@operation
def unprotect(desk: Desk, sheet: int, password: str) -> None:
    """Unlock every cell; refused for a wrong password."""
    page = desk.sheet(sheet)
    page.unprotect(password)
    if page.isProtected():
        raise ValueError("wrong password")
