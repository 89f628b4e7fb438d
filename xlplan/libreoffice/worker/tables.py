"""Tables (database ranges in LibreOffice)."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from .desk import Area, Desk, area_of, operation

_FLAGS = {"header": "ContainsHeader", "totals": "TotalsRow", "filter": "AutoFilter"}


def _all(desk: Desk, sheet: int) -> Any:
    return desk.document_of(sheet).DatabaseRanges


@operation
def tables(desk: Desk, sheet: int) -> List[str]:
    """Names of a sheet's tables."""
    found, index = _all(desk, sheet), desk.sheet(sheet).RangeAddress.Sheet
    return [name for name in found.ElementNames if found.getByName(name).DataArea.Sheet == index]


@operation
def table_add(
    desk: Desk, sheet: int, area: Area, name: Optional[str], has_headers: bool
) -> str:
    """Make an area a table; its name."""
    found, number = _all(desk, sheet), 1
    while name is None:
        name = None if found.hasByName("Table%d" % number) else "Table%d" % number
        number += 1
    found.addNewByName(name, desk.cells(sheet, area).RangeAddress)
    made = found.getByName(name)
    made.ContainsHeader, made.AutoFilter = has_headers, True
    return name


@operation
def table_get(desk: Desk, sheet: int, name: str) -> Dict[str, Any]:
    """Area and flags of a table."""
    table = _all(desk, sheet).getByName(name)
    flags = {key: bool(getattr(table, flag)) for key, flag in _FLAGS.items()}
    return {"area": area_of(table.DataArea), **flags}


@operation
def table_set(desk: Desk, sheet: int, name: str, key: str, value: Any) -> None:
    """Change a table's area, name, header, totals or filter."""
    table = _all(desk, sheet).getByName(name)
    if key == "area":
        table.DataArea = desk.cells(sheet, value).RangeAddress
    elif key == "name":
        table.setName(value)
    else:
        setattr(table, _FLAGS[key], value)


@operation
def table_delete(desk: Desk, sheet: int, name: str) -> None:
    """Turn a table into a plain range."""
    _all(desk, sheet).removeByName(name)
