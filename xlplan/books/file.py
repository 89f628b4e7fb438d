"""A closed workbook: read with bounds, patched cell by cell, replaced durably."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.cells import Seen
from xlplan.ooxml.limits import PLAN_BOOK
from xlplan.ooxml.reader import open_workbook, read_workbook_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from xlplan.cells import Cell, Growth, Spot
    from xlplan.ooxml.patching.writes import Write
    from xlplan.ooxml.reader import Workbook


class FileBook:
    """The Book protocol over a file that no program has open.

    Args:
        path: The workbook.
        tell: Where progress goes; nowhere by default.
    """

    def __init__(self, path: str | Path, tell: Callable[[str], None] | None = None) -> None:
        self.path = Path(path)
        self._data = read_workbook_bytes(self.path, PLAN_BOOK)
        self._opened: Workbook | None = open_workbook(self._data, limits=PLAN_BOOK)
        self._changes: dict[str, dict[Spot, Write]] = {}
        self._growths: Sequence[Growth] = ()
        self._tell = tell

    @property
    def _book(self) -> Workbook:
        if self._opened is None:  # most saved books are not read again
            self._opened = open_workbook(self._data, limits=PLAN_BOOK)
        return self._opened

    @property
    def name(self) -> str:
        """File name."""
        return self.path.name

    def sheets(self) -> list[str]:
        """Return the worksheet names in order."""
        return [info.name for info in self._book.sheets]

    def read(self, sheet: str) -> dict[Spot, Seen]:
        """Return the stored cells; pending writes are not seen until saved."""
        return self._book.shown(sheet, Seen)

    def write(self, changes: Mapping[str, Mapping[Spot, Cell]]) -> None:
        """Remember cells to write; nothing touches the disk before `save`."""
        from xlplan.ooxml.patching.writes import Write  # reading does without

        for sheet, cells in changes.items():
            writes = [Write(value, formula[1:] or None) for value, formula, _ in cells.values()]
            self._changes.setdefault(sheet, {}).update(zip(cells, writes, strict=True))

    def grow(self, growths: Sequence[Growth]) -> None:
        """Remember what the book lacks; it gets it with the next `save`."""
        self._growths = growths

    def save(self) -> None:
        """Patch the changed cells and replace the file; unchanged books are not rewritten.

        Raises:
            FileError: The book would be too big to be opened again; the file stays as it was.
        """
        changes = {sheet: cells for sheet, cells in self._changes.items() if cells}
        if not changes and not self._growths:
            return
        from xlplan.ooxml.files.durable import durable_replace
        from xlplan.ooxml.files.room import require_readable
        from xlplan.ooxml.patching.patch import patch_package

        if self._growths:
            data = patch_package(self._grown(), changes, limits=PLAN_BOOK)
        else:
            data = patch_package(self._data, changes, opened=self._book)
        require_readable(data, PLAN_BOOK)
        durable_replace(self.path, data, expected_sha256=self._book.sha256)
        self._data, self._opened, self._changes, self._growths = data, None, {}, ()

    def _grown(self) -> bytes:
        """Return the file with what it lacks, as the builder makes it."""
        from xlplan.books.build import build
        from xlplan.ooxml.growing.grow import grown_package
        from xlplan.ooxml.growing.moving import NewLines, NewSheet

        donor = build([one.page for one in self._growths if not one.retired])
        lines = [
            NewLines(
                one.page.name,
                one.rows,
                one.columns,
                one.row_places,
                one.column_places,
                {spot: cell.value for spot, cell in one.new_cells.items() if not cell.formula},
                one.fresh,
            )
            for one in self._growths
            if not one.after and not one.retired
        ]
        sheets = [
            NewSheet(one.page.name, one.after, one.aside, b"xlplan_")
            for one in self._growths
            if one.after
        ]
        retired = [one.page.name for one in self._growths if one.retired]
        return grown_package(self._data, donor, lines, sheets, retired)

    def tell(self, text: str) -> None:
        """Show progress."""
        if self._tell:
            self._tell(text)
