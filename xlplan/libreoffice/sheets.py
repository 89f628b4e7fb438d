"""Sheets of a book, their page setup and frozen panes."""

from __future__ import annotations

import numbers
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from xlplan.libreoffice import addresses
from xlplan.libreoffice.addresses import COLUMNS, ROWS, CellArea
from xlplan.libreoffice.drawings import Charts, Pictures, Shapes
from xlplan.libreoffice.names import Names
from xlplan.libreoffice.native import Native, native
from xlplan.libreoffice.ranges import Note, Range
from xlplan.libreoffice.tables import EngineTables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlplan.libreoffice.hosts import BookHost, SheetHost

_ZERO = "Attempted to access 0-based Range. xlwings/Excel Ranges are 1-based."


class Sheets(base_classes.Sheets):
    """The sheets of a book, in order."""

    def __init__(self, book: BookHost) -> None:
        self.book = book

    api = property(lambda _: native("Sheets"))

    def _all(self) -> list[tuple[int, str]]:
        return [(number, name) for number, name in self.book.call("book_sheets", self.book.number)]

    @property
    def active(self) -> EngineSheet:
        """The sheet the book shows."""
        return EngineSheet(self.book, self.book.call("active_sheet", self.book.number))

    def __call__(self, key: int | str) -> EngineSheet:
        """Look one up by position (from 1) or name."""
        every = self._all()
        if not isinstance(key, str):
            return EngineSheet(self.book, every[int(key) - 1][0])
        for number, name in every:
            if name.lower() == key.lower():
                return EngineSheet(self.book, number)
        raise KeyError(key)

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[EngineSheet]:
        return iter([EngineSheet(self.book, number) for number, _ in self._all()])

    def add(
        self,
        before: EngineSheet | None = None,
        after: EngineSheet | None = None,
        name: str | None = None,
    ) -> EngineSheet:
        """Insert an empty sheet; before the active one unless told otherwise."""
        index = after.index if after else (before or self.active).index - 1
        self.book.journal.everything("新增工作表")
        number = self.book.call("sheet_add", self.book.number, name, index)
        return EngineSheet(self.book, number)


_ALLOWED = (
    "FormattingCells", "FormattingColumns", "FormattingRows", "InsertingColumns", "InsertingRows",
    "InsertingHyperlinks", "DeletingColumns", "DeletingRows", "Sorting", "Filtering", "UsingPivotTables",
)  # fmt: skip


class SheetObject(Native):
    """The native sheet object, as far as protection goes: ``sheet.api.Protect(…)``.

    Nobody sits at this office, so `UserInterfaceOnly` (locked for people, open to programs) means
    that the sheet is open here; the file keeps its protection.
    """

    def __init__(self, sheet: SheetHost) -> None:
        super().__init__("Sheet")
        object.__setattr__(self, "_sheet", sheet)

    @property
    def ProtectContents(self) -> bool:  # noqa: N802  # Excel's name
        """Whether people cannot change locked cells."""
        return self.ProtectionMode or bool(self._sheet.call("protected"))

    @property
    def ProtectionMode(self) -> bool:  # noqa: N802
        """Whether only people are locked out."""
        return self._sheet.number in self._sheet.book.open_to_programs

    @property
    def Protection(self) -> SimpleNamespace:  # noqa: N802
        """What people may do all the same; nothing that this office knows of."""
        return SimpleNamespace(**{f"Allow{name}": False for name in _ALLOWED})

    ProtectDrawingObjects = ProtectScenarios = False

    def Protect(self, Password: str = "", UserInterfaceOnly: bool = False, **_: Any) -> None:  # noqa: FBT001, FBT002, N802, N803
        """Protect the sheet; raises when it is protected with another password."""
        self.Unprotect(Password)
        if UserInterfaceOnly:
            self._sheet.book.open_to_programs.add(self._sheet.number)
        else:
            self._sheet.call("protect", Password)

    def Unprotect(self, Password: str = "") -> None:  # noqa: N802, N803
        """Lift the protection; raises for a wrong password."""
        self._sheet.call("unprotect", Password)
        self._sheet.book.open_to_programs.discard(self._sheet.number)


class EngineSheet(base_classes.Sheet):
    """One sheet."""

    def __init__(self, book: BookHost, number: int) -> None:
        self._book = book
        self.number = number

    def call(self, operation: str, *args: Any) -> Any:
        """Ask the worker about this sheet."""
        return self._book.call(operation, self.number, *args)

    def changed(self, what: str) -> None:
        """Note a change that is more than cell contents."""
        self._book.journal.everything(what)

    api = property(SheetObject)
    book = property(lambda self: self._book)
    index = property(lambda self: self.call("sheet_index"))
    names = property(lambda self: Names(self._book, self))
    tables = property(EngineTables)
    cells = property(lambda self: Range(self, (1, 1, ROWS, COLUMNS)))
    page_setup = property(lambda self: PageSetup(self))  # noqa: PLW0108  # defined below
    freeze_panes = property(lambda self: FreezePanes(self))  # noqa: PLW0108
    used_range = property(lambda self: Range(self, tuple(self.call("used"))))
    charts = property(Charts)
    pictures = property(Pictures)
    shapes = property(Shapes)

    @property
    def pivot_tables(self) -> Any:
        """None that this engine knows."""
        raise NotImplementedError("pivot tables through xlwings")

    @property
    def name(self) -> str:
        """The name on its tab."""
        return str(self.call("sheet_get", "Name"))

    @name.setter
    def name(self, value: str) -> None:
        self.changed("给工作表改名")
        self.call("sheet_set", "Name", value)

    @property
    def visible(self) -> bool:
        """Whether its tab is shown."""
        return bool(self.call("sheet_get", "IsVisible"))

    @visible.setter
    def visible(self, value: bool) -> None:
        self._book.journal.shown(self.number, before=self.visible, now=bool(value))
        self.call("sheet_set", "IsVisible", bool(value))

    @property
    def show_gridlines(self) -> bool:
        """Whether the grid is drawn."""
        self._require_visible()
        return bool(self.call("gridlines", None))

    @show_gridlines.setter
    def show_gridlines(self, value: bool) -> None:
        self._require_visible()
        self.changed("网格线")
        self.call("gridlines", bool(value))

    def _require_visible(self) -> None:
        if not self.visible:
            raise ValueError("Gridlines are not available for hidden sheets")

    def range(self, arg1: Any, arg2: Any = None) -> Range:
        """The range of one or two corners: text, (row, column), a range, or a whole area."""
        if isinstance(arg1, tuple) and len(arg1) == 4:
            return Range(self, arg1)
        if isinstance(arg1, numbers.Number) and isinstance(arg2, numbers.Number):
            return Range(self, (arg1, arg2, 1, 1))
        one = self._corner(arg1)
        if arg2 is None:
            return one
        return Range(one.sheet, addresses.span(one.area, self._corner(arg2).area))

    def _corner(self, what: Any) -> Range:
        if isinstance(what, Range):
            return what
        if isinstance(what, tuple):
            if 0 in what:
                raise IndexError(_ZERO)
            return Range(self, (what[0], what[1], 1, 1))
        return self._text(str(what))

    def _text(self, text: str) -> Range:
        named, rest = addresses.split(text)
        elsewhere = named is not None and named.lower() != self.name.lower()
        sheet = self._book.sheets(named) if elsewhere else self
        area = addresses.parse_area(rest)
        if area is not None:
            return Range(sheet, area, rest)
        number, *found = sheet.call("resolve", rest)
        return Range(EngineSheet(self._book, number), _area(found), rest)

    def activate(self) -> None:
        """Show this sheet and make its book the active one."""
        self.call("activate")
        self._book.activate()

    select = activate

    def clear_contents(self) -> None:
        """Clear values and formulas."""
        self.used_range.clear_contents()

    def clear_formats(self) -> None:
        """Clear formats."""
        self.used_range.clear_formats()

    def clear(self) -> None:
        """Clear everything."""
        self.used_range.clear()

    def autofit(self, axis: str | None = None) -> None:
        """Fit rows ("r"), columns ("c") or both."""
        self.used_range.autofit(axis)

    def delete(self) -> None:
        """Delete the sheet."""
        self.changed("删除工作表")
        self.call("sheet_delete")

    def copy(self, before: EngineSheet | None, after: EngineSheet | None) -> None:
        """Copy before or after a sheet of this or another book of the same app."""
        target, index = _place(before, after)
        target.changed("复制工作表")
        self.call("sheet_copy", target.book.number, index)

    def move(self, before: EngineSheet | None, after: EngineSheet | None) -> None:
        """Move before or after another sheet."""
        _, index = _place(before, after)
        self.changed("移动工作表")
        self.call("sheet_move", index)

    @property
    def notes(self) -> list[Note]:
        """The notes of the sheet, by row."""
        return [Note(Range(self, (row, column, 1, 1))) for row, column in self.call("notes")]


def _area(found: list[int]) -> CellArea:
    row, column, rows, columns = found
    return row, column, rows, columns


def _place(before: EngineSheet | None, after: EngineSheet | None) -> tuple[EngineSheet, int]:
    if before is not None:
        return before, before.index - 1
    if after is None:
        raise ValueError("before or after is needed")
    return after, after.index


class PageSetup(base_classes.PageSetup):
    """The print area of a sheet."""

    def __init__(self, sheet: EngineSheet) -> None:
        self.sheet = sheet

    api = property(lambda _: native("PageSetup"))

    @property
    def print_area(self) -> str | None:
        """Its address."""
        area = self.sheet.call("print_area")
        return addresses.area_text(_area(area)) if area else None

    @print_area.setter
    def print_area(self, address: str | None) -> None:
        self.sheet.changed("打印区域")
        area = self.sheet.range(address).area if address else None
        self.sheet.call("set_print_area", area)


class FreezePanes(base_classes.FreezePanes):
    """The frozen rows and columns of a sheet."""

    def __init__(self, sheet: EngineSheet) -> None:
        self.sheet = sheet

    def freeze_at(self, frozen_range: str) -> None:
        """Freeze the rows and columns up to the end of a range."""
        row, column, rows, columns = self.sheet.range(frozen_range).area
        across = 0 if columns >= COLUMNS else column + columns - 1
        self._freeze(across, 0 if rows >= ROWS else row + rows - 1)

    def unfreeze(self) -> None:
        """Let everything scroll."""
        self._freeze(0, 0)

    def _freeze(self, columns: int, rows: int) -> None:
        self.sheet.changed("冻结窗格")
        self.sheet.call("freeze", columns, rows)
