"""Ranges: values, formulas, navigation, notes, what moves cells. How they look is in `looks`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import xlwings
from xlwings import base_classes, expansion

from xlplan.libreoffice import addresses, values
from xlplan.libreoffice.addresses import COLUMNS, ROWS
from xlplan.libreoffice.looks import Looks
from xlplan.libreoffice.names import Name, Names
from xlplan.libreoffice.native import Native, native

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xlplan.libreoffice.addresses import CellArea
    from xlplan.libreoffice.hosts import SheetHost

#: xlwings splits larger reads and writes, so that no single message grows without bound.
_CELLS_PER_CALL = 1_000_000


class Note(base_classes.Note):
    """The note of a range's first cell."""

    def __init__(self, cells: Looks) -> None:
        self.cells = cells

    api = property(lambda _: native("Note"))
    location = property(lambda self: self.cells)

    def _found(self) -> list[str]:
        found = self.cells.sheet.call("note_at", *self.cells.area[:2])
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
        self.ask("remove_cells", self._whole() or mode)

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


class Range(Moving):
    """An area of a sheet. Arithmetic on it asks LibreOffice nothing.

    Args:
        sheet: Its sheet.
        area: Row, column, rows, columns.
        text: The text it was asked for with, if any.
    """

    max_cells_per_read = _CELLS_PER_CALL
    max_cells_per_write = _CELLS_PER_CALL

    def __init__(self, sheet: SheetHost, area: Sequence[Any], text: str = "") -> None:
        row, column, rows, columns = map(int, area)
        self.area: CellArea = (row, column, rows, columns)
        self.options: dict[str, Any] = {}
        self._sheet = sheet
        self._text = text

    sheet = property(lambda self: self._sheet)
    row = property(lambda self: self.area[0])
    column = property(lambda self: self.area[1])
    shape = property(lambda self: self.area[2:])
    coords = property(lambda self: (self._sheet, *self.area))
    arg1_input = property(lambda self: self._text)
    rows = columns = property(lambda self: self)

    @property
    def api(self) -> Native | None:
        """Stands in for the native object; None for an empty range."""
        return native("Range") if len(self) else None

    def __len__(self) -> int:
        return self.area[2] * self.area[3]

    def __call__(self, arg1: int, arg2: int | None = None) -> Range:
        """A cell by row and column, or counted row by row; from 1, may lie outside."""
        row, column, _, columns = self.area
        if arg2 is None:
            down, right = divmod(arg1 - 1, columns)
        else:
            down, right = arg1 - 1, arg2 - 1
        return Range(self._sheet, (row + down, column + right, 1, 1))

    def part(self, area: Sequence[Any]) -> Range:
        """Another area of the same sheet."""
        return Range(self._sheet, area)

    def ask(self, operation: str, *args: Any) -> Any:
        """Ask the worker about this area."""
        return self._sheet.call(operation, self.area, *args)

    def ask_flat(self, operation: str, *args: Any) -> Any:
        """Ask the worker about this area, given as four arguments."""
        return self._sheet.call(operation, *self.area, *args)

    def wrote(self, rows: int = 0, columns: int = 0) -> None:
        """Note that values or formulas were written here."""
        row, column, own_rows, own_columns = self.area
        area = (row, column, rows or own_rows, columns or own_columns)
        self._sheet.book.journal.wrote(self._sheet.number, area)

    # values

    @property
    def raw_value(self) -> Any:
        """A value for one cell, rows of values for more."""
        if not len(self):
            return None
        rows = values.decoded(self.ask_flat("read_cells"), *self.shape)
        if len(self) > 1:
            return rows
        return None if rows[0][0] == "" else rows[0][0]

    @raw_value.setter
    def raw_value(self, data: Any) -> None:
        if not len(self):
            return
        if not isinstance(data, (list, tuple)):
            self._fill(data)
        else:
            self._write(data if isinstance(data[0], (list, tuple)) else [data])

    def one_row(self) -> list[Any]:
        """The values of its first row."""
        found = self.raw_value
        return list(found[0]) if len(self) > 1 else [found]

    def _fill(self, value: Any) -> None:
        made = values.encoded([[value]], self._is_text)
        if made.formulas:
            self.formula = value
        elif made.formats:
            self._write([[value] * self.area[3]] * self.area[2])
        else:
            self.ask_flat("fill_value", made.rows[0][0])
            self.wrote()

    def _write(self, rows: Sequence[Sequence[Any]]) -> None:
        made = values.encoded(rows, self._is_text)
        row, column = self.area[:2]
        self._sheet.call("write_cells", row, column, made.rows, made.formats)
        if made.formulas:
            cells = [(row + down, column + right, text) for down, right, text in made.formulas]
            self._sheet.call("place_formulas", cells)
        self.wrote(len(made.rows), len(made.rows[0]))

    def _is_text(self, down: int, right: int) -> bool:
        return self.part((self.area[0] + down, self.area[1] + right, 1, 1)).number_format == "@"

    # formulas

    @property
    def formula(self) -> Any:
        """Excel's text of one formula, or a tuple of rows."""
        rows = self.ask_flat("formulas")
        return rows[0][0] if len(self) == 1 else tuple(map(tuple, rows))

    @formula.setter
    def formula(self, value: Any) -> None:
        if isinstance(value, (list, tuple)):
            rows = value if isinstance(value[0], (list, tuple)) else [value]
            for text in (text for line in rows for text in line if isinstance(text, str)):
                values.require_short(text)
            self._sheet.call("write_formulas", *self.area[:2], rows)
            self.wrote(len(rows), len(rows[0]))
        elif isinstance(value, str) and value[:1] == "=":
            values.require_short(value)
            self.ask_flat("fill_formula", value)
            self.wrote()
        else:
            self.raw_value = value

    formula2 = formula

    @property
    def formula_array(self) -> Any:
        """The array formula of the first cell."""
        return self(1).formula

    @formula_array.setter
    def formula_array(self, value: str) -> None:
        values.require_short(value)
        self._sheet.changed("数组公式")
        self.ask_flat("write_array", value)

    @property
    def has_array(self) -> bool:
        """Whether the first cell is part of an array formula."""
        return self._sheet.call("array_area", *self.area[:2]) is not None

    # navigation

    def end(self, direction: str) -> Range:
        """Where Ctrl+arrow goes: up, down, left or right."""
        row, column = self._sheet.call("end", *self.area[:2], direction[0].lower())
        return self.part((row, column, 1, 1))

    def expand(self, mode: str = "table") -> Range:
        """Grow over the filled cells next to it."""
        found = expansion.expanders.get(mode, mode).expand(xlwings.Range(impl=self))
        made: Range = found.impl
        return made

    @property
    def current_region(self) -> Range:
        """The block of filled cells around it."""
        return self.part(self.ask_flat("region"))

    def get_address(
        self,
        row_absolute: bool = True,  # noqa: FBT001, FBT002  # xlwings' signature
        col_absolute: bool = True,  # noqa: FBT001, FBT002
        external: bool = False,  # noqa: FBT001, FBT002
    ) -> str:
        """Its address, with book and sheet when external."""
        text = addresses.area_text(self.area, fix_rows=row_absolute, fix_columns=col_absolute)
        if not external:
            return text
        place = f"[{self._sheet.book.name}]{self._sheet.name}"
        plain = all(c.isalnum() or c in "_.[]" for c in place)
        return f"{place if plain else addresses.quoted_sheet(place)}!{text}"

    @property
    def address(self) -> str:
        """Its absolute address."""
        if len(self):
            return self.get_address()
        row, column, rows, columns = self.area
        return f"${addresses.column_letters(column)}${row}{{{rows}x{columns}}}"

    def select(self) -> None:
        """Select it."""
        self._sheet.activate()
        self._sheet.book.selection = self

    def find(
        self,
        text: str,
        whole: bool,  # noqa: FBT001  # xlwings passes them by position
        direction: str,
        order: str,
        match_case: bool,  # noqa: FBT001
    ) -> Range | None:
        """The first cell holding a text."""
        wish = (text, whole, order == "columns", direction == "backward", match_case)
        found = self.ask("find", wish)
        return self.part((*found, 1, 1)) if found else None

    # what belongs to cells

    @property
    def name(self) -> Name | None:
        """The name that refers to exactly this range."""
        return Names(self._sheet.book, None).of(self)

    @name.setter
    def name(self, value: str) -> None:
        refers_to = f"={addresses.quoted_sheet(self._sheet.name)}!{self.get_address()}"
        Names(self._sheet.book, None).add(value, refers_to)

    @property
    def table(self) -> Any:
        """The table its first cell is in."""
        for table in self._sheet.tables:
            row, column, rows, columns = table.range.area
            if 0 <= self.row - row < rows and 0 <= self.column - column < columns:
                return table
        return None

    @property
    def note(self) -> Note | None:
        """The note of the first cell."""
        return Note(self) if self._sheet.call("note_at", *self.area[:2]) else None

    def add_note(self, text: str) -> Note:
        """Add a note to the first cell."""
        if self.note is not None:
            raise ValueError(f"{self.address} already has a note")
        made = Note(self)
        made.text = text
        return made

    hyperlink = property(lambda self: self._sheet.call("link", *self.area[:2]))

    def add_hyperlink(
        self, address: str, text_to_display: str = "", screen_tip: object = None
    ) -> None:
        """Put a link into the first cell."""
        del screen_tip
        self._sheet.changed("超链接")
        self._sheet.call("set_link", *self.area[:2], address, text_to_display or address)
