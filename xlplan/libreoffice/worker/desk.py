"""The open documents and sheets, by number, and what every operation needs of them."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterator, List, Tuple, TypeVar

import uno

F = TypeVar("F", bound=Callable[..., Any])
CellArea = Tuple[int, int, int, int]  # row, column (from 1), number of rows, number of columns

#: The operations the other side may call, by name.
OPERATIONS: Dict[str, Callable[..., Any]] = {}


def operation(function: F) -> F:
    """Let the other side call this function; it is given the desk first."""
    OPERATIONS[function.__name__] = function
    return function


def property_values(**values: Any) -> Tuple[Any, ...]:
    """UNO property values from keyword arguments."""
    made = []
    for name, value in values.items():
        item = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
        item.Name, item.Value = name, value
        made.append(item)
    return tuple(made)


def area_of(address: Any) -> CellArea:
    """A UNO CellRangeAddress as row, column, rows, columns, counted from 1."""
    rows = address.EndRow - address.StartRow + 1
    columns = address.EndColumn - address.StartColumn + 1
    return address.StartRow + 1, address.StartColumn + 1, rows, columns


class Desk:
    """The office's desktop with numbered documents and sheets.

    A sheet is remembered as document number and UNO wrapper. LibreOffice hands out a new wrapper
    on every access, so sheets are recognised by their position; after cells were inserted or
    deleted a wrapper's own address is wrong, so `renew` takes a fresh one.
    """

    def __init__(self, context: Any) -> None:
        self.context = context
        self.desktop = self.service("com.sun.star.frame.Desktop")
        self.documents: Dict[int, Any] = {}
        self.sheets: Dict[int, Tuple[int, Any]] = {}
        self._parsers: Dict[int, Any] = {}
        self._last = 0

    def service(self, name: str) -> Any:
        """A service of the office."""
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    def number(self) -> int:
        """The next free number."""
        self._last += 1
        return self._last

    def adopt(self, document: Any) -> int:
        """Remember an open document; its number."""
        number = self.number()
        self.documents[number] = document
        return number

    def forget(self, document: int) -> Any:
        """Drop a document and its sheets; the document itself."""
        self._parsers.pop(document, None)
        for number in [n for n, (owner, _) in self.sheets.items() if owner == document]:
            del self.sheets[number]
        return self.documents.pop(document)

    def sheet(self, number: int) -> Any:
        """The UNO sheet of that number."""
        return self.sheets[number][1]

    def document_of(self, sheet: int) -> Any:
        """The UNO document a sheet belongs to."""
        return self.documents[self.sheets[sheet][0]]

    def sheet_at(self, document: int, index: int) -> int:
        """The number of the sheet at this position (from 0)."""
        for number, (owner, known) in self.sheets.items():
            if owner == document and known.RangeAddress.Sheet == index:
                return number
        number = self.number()
        self.sheets[number] = document, self.documents[document].Sheets.getByIndex(index)
        return number

    def sheets_of(self, document: int, count: int) -> List[int]:
        """The numbers of a document's sheets, in order; each is asked once where it stands."""
        known = {
            page.RangeAddress.Sheet: number
            for number, (owner, page) in self.sheets.items()
            if owner == document
        }
        return [known.get(index) or self.sheet_at(document, index) for index in range(count)]

    def renew(self, sheet: int) -> None:
        """Take a fresh wrapper after cells were inserted or deleted."""
        document, old = self.sheets[sheet]
        index = old.RangeAddress.Sheet
        self.sheets[sheet] = document, self.documents[document].Sheets.getByIndex(index)

    def cells(self, sheet: int, area: CellArea) -> Any:
        """The UNO range of an area."""
        row, column, rows, columns = area
        return self.sheet(sheet).getCellRangeByPosition(
            column - 1, row - 1, column + columns - 2, row + rows - 2
        )

    def cell(self, sheet: int, row: int, column: int) -> Any:
        """The UNO cell at row, column (from 1)."""
        return self.sheet(sheet).getCellByPosition(column - 1, row - 1)

    def origin(self, sheet: int, row: int, column: int) -> Any:
        """A UNO CellAddress: where relative references start."""
        place = uno.createUnoStruct("com.sun.star.table.CellAddress")
        place.Sheet = self.sheet(sheet).RangeAddress.Sheet
        place.Row, place.Column = row - 1, column - 1
        return place

    def parser(self, sheet: int) -> Any:
        """The formula parser of a sheet's document, set to Excel's file grammar."""
        document = self.sheets[sheet][0]
        if document not in self._parsers:
            made = self.documents[document].createInstance("com.sun.star.sheet.FormulaParser")
            made.CompileEnglish, made.FormulaConvention, made.IgnoreLeadingSpaces = True, 3, True
            self._parsers[document] = made
        return self._parsers[document]


def positions(address: Any) -> Iterator[Tuple[int, int]]:
    """Column and row (from 0, as UNO counts) of each cell of an address."""
    for row in range(address.StartRow, address.EndRow + 1):
        for column in range(address.StartColumn, address.EndColumn + 1):
            yield column, row
