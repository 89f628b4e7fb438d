"""What was changed in a book that came from a file: which cells, and what else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlplan.libreoffice.addresses import CellArea


class Journal:
    """Changes since a book was opened or saved.

    Attributes:
        cells: Sheet number -> areas whose values or formulas were written.
        other: What else was done, in Chinese: changes only a whole-file writer can keep.
    """

    def __init__(self) -> None:
        self.cells: dict[int, list[CellArea]] = {}
        self.other: dict[str, None] = {}
        self._hidden: dict[int, bool] = {}
        self._pending: list[str] = []

    def wrote(self, sheet: int, area: CellArea) -> None:
        """Values or formulas were written."""
        self.cells.setdefault(sheet, []).append(area)

    def everything(self, what: str) -> None:
        """Something was done that changing cells cannot repeat."""
        if what not in self.other:
            self._pending.append(what)
        self.other[what] = None

    def done(self) -> None:
        """What was noted last did happen."""
        self._pending.clear()

    def refused(self) -> None:
        """What was noted last did not happen."""
        for what in self._pending:
            del self.other[what]
        self._pending.clear()

    def shown(self, sheet: int, *, before: bool, now: bool) -> None:
        """A sheet was shown or hidden; printing does that and puts it back."""
        self._hidden.setdefault(sheet, before)
        if self._hidden[sheet] == now:
            del self._hidden[sheet]

    @property
    def beyond_cells(self) -> list[str]:
        """What besides cell contents was changed."""
        return [*self.other, *(["显示或隐藏工作表"] if self._hidden else [])]
