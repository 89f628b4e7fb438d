"""Tables (database ranges in LibreOffice)."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from .desk import CellArea, Desk, area_of, operation

_FLAGS = {"header": "ContainsHeader", "totals": "TotalsRow", "filter": "AutoFilter"}


def every_table(desk: Desk, sheet: int) -> Any:
    """The database ranges of a sheet's document."""
    return desk.document_of(sheet).DatabaseRanges


@operation
def table_names(desk: Desk, sheet: int) -> List[str]:
    """Names of a sheet's tables, by their place (LibreOffice lists them by name)."""
    found, index = every_table(desk, sheet), desk.sheet(sheet).RangeAddress.Sheet
    areas = {name: found.getByName(name).DataArea for name in found.ElementNames}
    here = [name for name, area in areas.items() if area.Sheet == index]
    return sorted(here, key=lambda name: area_of(areas[name])[:2])


@operation
def table_add(desk: Desk, sheet: int, area: CellArea, name: Optional[str]) -> str:
    """Make an area with a header row a table; its name."""
    found, number = every_table(desk, sheet), 1
    while name is None:
        name = None if found.hasByName("Table%d" % number) else "Table%d" % number
        number += 1
    found.addNewByName(name, desk.cells(sheet, area).RangeAddress)
    made = found.getByName(name)
    made.ContainsHeader, made.AutoFilter = True, True
    return name


@operation
def table_get(desk: Desk, sheet: int, name: str) -> Dict[str, Any]:
    """CellArea and flags of a table."""
    table = every_table(desk, sheet).getByName(name)
    flags = {key: bool(getattr(table, flag)) for key, flag in _FLAGS.items()}
    return {"area": area_of(table.DataArea), **flags}


@operation
def table_set(desk: Desk, sheet: int, name: str, key: str, value: Any) -> None:
    """Change a table's area, header, totals or filter."""
    table = every_table(desk, sheet).getByName(name)
    if key == "area":
        table.DataArea = desk.cells(sheet, value).RangeAddress
    else:
        setattr(table, _FLAGS[key], value)


@operation
def table_delete(desk: Desk, sheet: int, name: str) -> None:
    """Turn a table into a plain range."""
    every_table(desk, sheet).removeByName(name)


def table_around(desk: Desk, sheet: int, row: int, column: int) -> Optional[str]:
    """The name of the table a cell is in."""
    for name in table_names(desk, sheet):
        top, left, rows, columns = area_of(every_table(desk, sheet).getByName(name).DataArea)
        if 0 <= row - top < rows and 0 <= column - left < columns:
            return name
    return None
