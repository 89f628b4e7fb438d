"""The part of a range that clears, inserts, deletes, copies, moves and sorts cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from xlplan.libreoffice.addresses import COLUMNS, ROWS
from xlplan.libreoffice.looks import Looks

if TYPE_CHECKING:
    from collections.abc import Callable


class Moving(Looks):
    """Operations that move or remove cells."""

    wrote: Callable[[], None]

    def clear_contents(self) -> None:
        """Clear values and formulas."""
        if len(self):
            self.ask("clear", "contents")
            self.wrote()

    def clear_formats(self) -> None:
        """Clear formats."""
        self.sheet.changed("清除格式")
        self.ask("clear", "formats")

    def clear(self) -> None:
        """Clear everything."""
        if len(self):
            self.sheet.changed("清除单元格")
            self.ask("clear", "all")

    def _whole(self) -> str | None:
        if self.area[2] >= ROWS:
            return "COLUMNS"
        return "ROWS" if self.area[3] >= COLUMNS else None

    def insert(self, shift: str | None = None, copy_origin: object = None) -> None:
        """Insert cells, pushing others right or down."""
        del copy_origin
        wide = self.area[2] >= self.area[3]
        mode = (shift or ("right" if wide else "down")).upper()
        self.sheet.changed("插入单元格")
        self.ask("insert", self._whole() or mode)

    def delete(self, shift: str | None = None) -> None:
        """Delete cells, pulling others left or up."""
        wide = self.area[2] >= self.area[3]
        mode = (shift or ("left" if wide else "up")).upper()
        self.sheet.changed("删除单元格")
        self.ask("remove", self._whole() or mode)

    def copy(self, destination: Any = None) -> None:
        """Copy to a place, or keep for `paste`."""
        if destination is None:
            self.sheet.book.app.clipboard = self
        else:
            self.copy_to(destination.impl, "copy_cells")

    def move(self, destination: Any) -> None:
        """Move to a place; references follow."""
        self.copy_to(destination.impl, "move_cells")

    def copy_to(self, target: Self, operation: str) -> None:
        """Copy or move within the office."""
        self.sheet.changed("复制或移动单元格")
        self.ask(operation, target.sheet.number, *target.area[:2])

    def paste(
        self,
        paste: str | None = None,
        operation: str | None = None,
        skip_blanks: bool = False,  # noqa: FBT001, FBT002  # xlwings' signature
        transpose: bool = False,  # noqa: FBT001, FBT002
    ) -> None:
        """Paste what was copied: everything, or the values."""
        source = self.sheet.book.app.clipboard
        plain = not (operation or skip_blanks or transpose)
        if source is None or not plain or paste not in (None, "all", "values"):
            raise NotImplementedError(f"paste={paste!r} with options, or nothing was copied")
        if paste == "values":
            self.part((*self.area[:2], *source.area[2:])).raw_value = source.raw_value
        else:
            source.copy_to(self, "copy_cells")

    def sort(self, keys: list[int], ascending: list[bool], has_headers: bool) -> None:  # noqa: FBT001
        """Sort rows by columns counted from 1."""
        self.sheet.changed("排序")
        pairs = [(key - 1, up) for key, up in zip(keys, ascending, strict=True)]
        self.ask("sort", pairs, has_headers)
