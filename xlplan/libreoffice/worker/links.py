"""Links in cells."""

from __future__ import annotations

from typing import Optional

from .desk import Desk, operation


@operation
def link(desk: Desk, sheet: int, row: int, column: int) -> Optional[str]:
    """The address of the first link in a cell."""
    fields = desk.cell(sheet, row, column).getTextFields()
    return str(fields.getByIndex(0).URL) if fields.Count else None


@operation
def set_link(desk: Desk, sheet: int, row: int, column: int, address: str, text: str) -> None:
    """Make a cell hold one link."""
    cell = desk.cell(sheet, row, column)
    field = desk.document_of(sheet).createInstance("com.sun.star.text.TextField.URL")
    field.URL, field.Representation = address, text
    cell.setString("")
    cell.insertTextContent(cell.createTextCursor(), field, False)
