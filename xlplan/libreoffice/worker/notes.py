"""Notes on cells."""

from __future__ import annotations

from typing import Any, List, Optional

from .desk import Desk, operation


def _index(notes: Any, row: int, column: int) -> int:
    for index in range(notes.Count):
        place = notes.getByIndex(index).Position
        if (place.Row, place.Column) == (row - 1, column - 1):
            return index
    return -1


@operation
def note_at(desk: Desk, sheet: int, row: int, column: int) -> Optional[List[str]]:
    """Text and author of a cell's note."""
    notes = desk.sheet(sheet).Annotations
    index = _index(notes, row, column)
    if index < 0:
        return None
    found = notes.getByIndex(index)
    return [found.String, found.Author]


@operation
def notes(desk: Desk, sheet: int) -> List[List[int]]:
    """Row and column of each note of a sheet."""
    found = desk.sheet(sheet).Annotations
    places = (found.getByIndex(index).Position for index in range(found.Count))
    return sorted([place.Row + 1, place.Column + 1] for place in places)


@operation
def set_note(desk: Desk, sheet: int, row: int, column: int, text: Optional[str]) -> None:
    """Write a cell's note, or (None) remove it."""
    found = desk.sheet(sheet).Annotations
    index = _index(found, row, column)
    if index >= 0:
        found.removeByIndex(index)
    if text is not None:
        found.insertNew(desk.cell(sheet, row, column).CellAddress, text)
