"""A book as it would read with some cells changed, so that two steps need only one save."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import Seen
from xlplan.record import replace
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Cell, Growth, Spot
    from xlplan.sheets.base.sheet import BookRead
    from xlplan.sheets.state.book import BookState


class Overlay:
    """The cells of a book that was read, with changes laid over them; nothing is written."""

    def __init__(
        self, read: BookRead, name: str, changes: Mapping[str, Mapping[Spot, Cell]]
    ) -> None:
        self.name, self._cells, self._changes = name, read.cells, changes

    def sheets(self) -> list[str]:
        """Return the sheet names."""
        return list(self._cells)

    def read(self, sheet: str) -> dict[Spot, Seen]:
        """Return the cells of a sheet as they would be."""
        cells = dict(self._cells[sheet])
        for spot, cell in self._changes.get(sheet, {}).items():
            cells[spot] = Seen(cell.value, cell.formula)
        return cells

    def write(self, changes: Mapping[str, Mapping[Spot, Cell]]) -> None:
        """Refuse: this is for reading."""
        raise NotImplementedError(list(changes))

    def grow(self, growths: Sequence[Growth]) -> None:
        """Refuse: what it lacks was read as if it were there."""
        raise NotImplementedError(len(growths))

    def save(self) -> None:
        """Refuse: there is nothing to save."""
        raise NotImplementedError

    def tell(self, text: str) -> None:
        """Say nothing."""


def read_with(read: BookRead, name: str, changes: Mapping[str, Mapping[Spot, Cell]]) -> BookRead:
    """Return the book as it reads once some cells are changed."""
    return read_state(Overlay(read, name, changes)) if changes else read


def state_with(read: BookRead, name: str, changes: Mapping[str, Mapping[Spot, Cell]]) -> BookState:
    """Return what the book says once some cells are changed, of sheets that no other is read by.

    Everything that other sheets say stays as it is, unread where nobody asked for it.
    """
    over = read_with(read, name, changes)
    known = (read.reading.sheets[sheet] for sheet in changes if sheet in read.reading.sheets)
    parts = [part for sheet in known for part in sheet.read]
    return replace(read.state, **{part: over.reading.part(part) for part in parts})
