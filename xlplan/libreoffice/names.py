"""Defined names of a book or a sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from xlplan.libreoffice import addresses
from xlplan.libreoffice.native import native

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlplan.libreoffice.hosts import BookHost, SheetHost
    from xlplan.libreoffice.looks import Looks


class Names(base_classes.Names):
    """The names of a sheet, or (sheet None) of the book with all its sheets."""

    def __init__(self, book: BookHost, sheet: SheetHost | None) -> None:
        self.book = book
        self.sheet = sheet

    api = property(lambda _: native("Names"))

    def _all(self) -> list[Name]:
        sheet = self.sheet.number if self.sheet else None
        found = self.book.call("defined_names", self.book.number, sheet)
        return [Name(self.book, kind, owner, text) for kind, owner, text in found]

    def snapshot(self) -> list[tuple[str, Name]]:
        """Each name's text and itself."""
        return [(name.name, name) for name in self._all()]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Name]:
        return iter(self._all())

    def __call__(self, key: int | str) -> Name:
        """Look one up by position (from 1) or name."""
        every = self._all()
        if not isinstance(key, str):
            return every[int(key) - 1]
        for name in every:
            if key.lower() in (name.name.lower(), name.text.lower()):
                return name
        raise KeyError(key)

    def contains(self, key: int | str) -> bool:
        """Whether there is such a name or position."""
        try:
            self(key)
        except (KeyError, IndexError):
            return False
        return True

    def add(self, name: str, refers_to: str) -> Name:
        """Define a name; "Sheet!name" belongs to that sheet."""
        place, text = addresses.split(name)
        sheet = self.book.sheets(place) if place else self.sheet
        kind, owner = ("sheet", sheet.number) if sheet else ("doc", self.book.number)
        made = Name(self.book, kind, owner, text)
        made.refers_to = refers_to
        return made

    def of(self, cells: Looks) -> Name | None:
        """The name that refers to exactly these cells."""
        wanted = [cells.sheet.number, *cells.area]
        return next((name for name in self._all() if name.place == wanted), None)


class Name(base_classes.Name):
    """One defined name."""

    def __init__(self, book: BookHost, kind: str, owner: int, text: str) -> None:
        self.book = book
        self.kind = kind
        self.owner = owner
        self.text = text

    api = property(lambda _: native("Name"))

    def _ask(self, operation: str, *args: Any) -> Any:
        return self.book.call(operation, self.kind, self.owner, self.text, *args)

    def _changed(self) -> None:
        self.book.journal.everything("定义名称")

    def delete(self) -> None:
        """Remove the name."""
        self._changed()
        self._ask("name_delete")

    @property
    def name(self) -> str:
        """Its text, with the sheet it belongs to."""
        if self.kind == "doc":
            return self.text
        sheet = self.book.call("sheet_get", self.owner, "Name")
        return f"{addresses.quoted_sheet(sheet)}!{self.text}"

    @name.setter
    def name(self, value: str) -> None:
        self._changed()
        self._ask("name_rename", value)
        self.text = value

    @property
    def refers_to(self) -> str:
        """What it stands for, with "="."""
        return str(self._ask("name_get")[0])

    @refers_to.setter
    def refers_to(self, value: str) -> None:
        self._changed()
        self._ask("name_set", value)

    @property
    def place(self) -> list[int] | None:
        """Sheet number and area it refers to; None if that is no range."""
        found: list[int] | None = self._ask("name_get")[1]
        return found

    @property
    def refers_to_range(self) -> Any:
        """The range it refers to."""
        if self.place is None:
            raise ValueError(f"{self.name} does not refer to a range")
        return self.book.place(self.place)
