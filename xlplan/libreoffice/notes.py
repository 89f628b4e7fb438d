"""Notes on cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlwings import base_classes

from xlplan.libreoffice.native import native

if TYPE_CHECKING:
    from xlplan.libreoffice.looks import Looks


class Note(base_classes.Note):
    """The note of a range's first cell."""

    def __init__(self, cells: Looks) -> None:
        self.cells = cells

    api = property(lambda _: native("Note"))
    location = property(lambda self: self.cells)

    def _found(self) -> list[str]:
        found = self.cells.sheet.call("note", *self.cells.area[:2])
        return found or ["", ""]

    def _set(self, text: str | None) -> None:
        self.cells.sheet.changed("批注")
        self.cells.sheet.call("set_note", *self.cells.area[:2], text)

    @property
    def text(self) -> str:
        """Its text."""
        return self._found()[0]

    @text.setter
    def text(self, value: str) -> None:
        self._set(value)

    @property
    def author(self) -> str:
        """Who wrote it; empty when made here."""
        return self._found()[1]

    def delete(self) -> None:
        """Remove it."""
        self._set(None)
