"""Tables (database ranges in LibreOffice)."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Optional

from .desk import Area, Desk, area_of, operation, positions

_FLAGS = {"header": "ContainsHeader", "totals": "TotalsRow", "filter": "AutoFilter"}


def _all(desk: Desk, sheet: int) -> Any:
    return desk.document_of(sheet).DatabaseRanges


@operation
def tables(desk: Desk, sheet: int) -> List[str]:
    """Names of a sheet's tables, by their place (LibreOffice lists them by name)."""
    found, index = _all(desk, sheet), desk.sheet(sheet).RangeAddress.Sheet
    areas = {name: found.getByName(name).DataArea for name in found.ElementNames}
    here = [name for name, area in areas.items() if area.Sheet == index]
    return sorted(here, key=lambda name: area_of(areas[name])[:2])


@operation
def table_add(desk: Desk, sheet: int, area: Area, name: Optional[str]) -> str:
    """Make an area with a header row a table; its name."""
    found, number = _all(desk, sheet), 1
    while name is None:
        name = None if found.hasByName("Table%d" % number) else "Table%d" % number
        number += 1
    found.addNewByName(name, desk.cells(sheet, area).RangeAddress)
    made = found.getByName(name)
    made.ContainsHeader, made.AutoFilter = True, True
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
        with _kept_formulas(desk, sheet, name, value):
            table.setName(value)
    else:
        setattr(table, _FLAGS[key], value)


@operation
def table_headed(desk: Desk, sheet: int, name: str, area: Area) -> None:
    """Give a table without a header row one, which is the first row of the area."""
    with _kept_formulas(desk, sheet, name, name):
        table = _all(desk, sheet).getByName(name)
        table.DataArea, table.ContainsHeader = desk.cells(sheet, area).RangeAddress, True


@contextmanager
def _kept_formulas(desk: Desk, sheet: int, old: str, new: str) -> Iterator[None]:
    """Write formulas that name a table again afterwards: the office leaves them with an error."""
    from .formulas import formula_of, put_formula

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


@operation
def table_delete(desk: Desk, sheet: int, name: str) -> None:
    """Turn a table into a plain range."""
    _all(desk, sheet).removeByName(name)


def table_at(desk: Desk, sheet: int, row: int, column: int) -> Optional[str]:
    """The name of the table a cell is in."""
    for name in tables(desk, sheet):
        top, left, rows, columns = area_of(_all(desk, sheet).getByName(name).DataArea)
        if 0 <= row - top < rows and 0 <= column - left < columns:
            return name
    return None
