"""Ranges: values, formulas, navigation, and what moves cells. How they look is in `looks`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import xlwings
from xlwings import expansion

from xlplan.libreoffice import addresses, values
from xlplan.libreoffice.moving import Moving
from xlplan.libreoffice.names import Name, Names
from xlplan.libreoffice.native import Native, native
from xlplan.libreoffice.notes import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.libreoffice.addresses import Area
    from xlplan.libreoffice.hosts import SheetHost

#: xlwings splits larger reads and writes, so that no single message grows without bound.
_CELLS_PER_CALL = 1_000_000


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
        self.area: Area = (row, column, rows, columns)
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
        rows = values.decode(self.ask_flat("read"), *self.shape)
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
        made = values.encode([[value]], self._is_text)
        if made.formulas:
            self.formula = value
        elif made.formats:
            self._write([[value] * self.area[3]] * self.area[2])
        else:
            self.ask_flat("fill", made.rows[0][0])
            self.wrote()

    def _write(self, rows: Sequence[Sequence[Any]]) -> None:
        made = values.encode(rows, self._is_text)
        row, column = self.area[:2]
        self._sheet.call("write", row, column, made.rows, made.formats)
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
            self._sheet.call("write_formulas", *self.area[:2], rows)
            self.wrote(len(rows), len(rows[0]))
        elif isinstance(value, str) and value[:1] == "=":
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
        text = addresses.write(self.area, fix_rows=row_absolute, fix_columns=col_absolute)
        if not external:
            return text
        place = f"[{self._sheet.book.name}]{self._sheet.name}"
        plain = all(c.isalnum() or c in "_.[]" for c in place)
        return f"{place if plain else addresses.quoted(place)}!{text}"

    @property
    def address(self) -> str:
        """Its absolute address."""
        if len(self):
            return self.get_address()
        row, column, rows, columns = self.area
        return f"${addresses.letters(column)}${row}{{{rows}x{columns}}}"

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
        wish = (text, whole, order == "columns", direction == "previous", match_case)
        found = self.ask("find", wish)
        return self.part((*found, 1, 1)) if found else None

    # what belongs to cells

    @property
    def name(self) -> Name | None:
        """The name that refers to exactly this range."""
        return Names(self._sheet.book, None).of(self)

    @name.setter
    def name(self, value: str) -> None:
        refers_to = f"={addresses.quoted(self._sheet.name)}!{self.get_address()}"
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
        return Note(self) if self._sheet.call("note", *self.area[:2]) else None

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
