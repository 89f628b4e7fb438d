"""Open books."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from xlplan.libreoffice import saving
from xlplan.libreoffice.journal import Journal
from xlplan.libreoffice.names import Names
from xlplan.libreoffice.native import native
from xlplan.libreoffice.office import OfficeError
from xlplan.libreoffice.ranges import Range
from xlplan.libreoffice.sheets import EngineSheet, Sheets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xlplan.libreoffice.hosts import AppHost
    from xlplan.libreoffice.office import Office


class Books(base_classes.Books):
    """The open books of an app."""

    def __init__(self, app: AppHost) -> None:
        self.app = app
        self.opened: list[EngineBook] = []
        self._shown: EngineBook | None = None
        self._made = 0

    api = property(lambda _: native("Books"))

    @property
    def active(self) -> EngineBook | None:
        """The book opened or activated last."""
        if self._shown in self.opened:
            return self._shown
        return self.opened[-1] if self.opened else None

    def show(self, book: EngineBook) -> None:
        """Make a book the active one."""
        self._shown = book

    def __call__(self, key: int | str) -> EngineBook:
        """Look one up by position (from 1) or name."""
        if not isinstance(key, str):
            return self.opened[int(key) - 1]
        for book in self.opened:
            if book.name.lower() == key.lower():
                return book
        raise KeyError(key)

    def __len__(self) -> int:
        return len(self.opened)

    def __iter__(self) -> Iterator[EngineBook]:
        return iter(list(self.opened))

    def add(self) -> EngineBook:
        """A new book with one sheet."""
        office = self.app.office()
        self._made += 1
        return self._adopt(
            EngineBook(self.app, office, office.call("book_new"), f"Book{self._made}")
        )

    def open(
        self,
        fullname: str,
        update_links: object = None,
        read_only: object = None,
        format: object = None,  # noqa: A002  # xlwings' name
        password: str | None = None,
        *_: object,
        **__: object,
    ) -> EngineBook:
        """Open a file. Links are never updated."""
        del update_links, format
        path, macros = Path(fullname).absolute(), self.app.engine.settings.macros
        office = self.app.office()
        number = office.call("book_open", str(path), bool(read_only), password, macros)
        if macros:
            office.call("macro_prepare", number)
        return self._adopt(EngineBook(self.app, office, number, path.name, path))

    def _adopt(self, book: EngineBook) -> EngineBook:
        self.opened.append(book)
        self.show(book)
        if self.app.calculation == "manual":
            book.call("automatic", book.number, False)
        if not self.app.screen_updating:
            book.call("lock", book.number, True)
        return book


class EngineBook(base_classes.Book):
    """One open book.

    Attributes:
        path: Its file, None until it has one.
        journal: What was changed since it was opened or saved.
        open_to_programs: Sheets (numbers) whose protection locks out people only.
        covered_heads: Tables whose header row is not shown, though the office has one.
    """

    def __init__(
        self, app: AppHost, office: Office, number: int, name: str, path: Path | None = None
    ) -> None:
        self._app = app
        self._name = name
        self._office = office
        self._selection: Range | None = None
        self.number = number
        self.path = path
        self.journal = Journal()
        self.open_to_programs: set[int] = set()
        self.origin = saving.SourceFile.of(path)
        self.covered_heads: set[str] = set()
        self._heads: dict[str, list[str]] | None = None

    api = property(lambda _: native("Book"))
    app = property(lambda self: self._app)
    name = property(lambda self: self.path.name if self.path else self._name)
    fullname = property(lambda self: str(self.path) if self.path else self._name)
    sheets = property(Sheets)
    names = property(lambda self: Names(self, None))

    def call(self, operation: str, *args: Any) -> Any:
        """Ask the office this book is open in."""
        try:
            answer = self._office.call(operation, *args)
        except OfficeError as error:
            if error.code == "protected":
                self.journal.refused()
            if not self._office.alive:
                self._app.lost()
            raise
        self.journal.done()
        return answer

    def heads_in_file(self) -> dict[str, list[str]]:
        """Column names of tables whose header row the file hides: only the file knows them."""
        if self._heads is None:
            self._heads = saving.hidden_heads(self.origin)
        return self._heads

    def scratch(self, name: str) -> Path:
        """A path in the office's private folder."""
        return self._office.scratch(name)

    def place(self, where: Sequence[int]) -> Range:
        """The range at sheet number, row, column, rows, columns."""
        number, *area = where
        return Range(EngineSheet(self, number), area)

    def close(self) -> None:
        """Close without saving."""
        if self in self._app.books.opened:
            self._app.books.opened.remove(self)
            self.call("book_close", self.number)

    def save(self, path: str | None = None, password: str | None = None) -> None:
        """Save to its file, or under another name; see `xlplan.libreoffice.saving`."""
        if password:
            raise NotImplementedError("LibreOffice 7.4 writes passworded .xlsx files unencrypted")
        target = Path(path) if path else self.path or Path.cwd() / f"{self._name}.xlsx"
        saving.save(self, target.absolute())

    def activate(self) -> None:
        """Make it the active book."""
        self._app.books.show(self)

    @property
    def selection(self) -> Range:
        """The selected range; A1 of the active sheet if nothing was selected."""
        return self._selection or Range(self.sheets.active, (1, 1, 1, 1))

    @selection.setter
    def selection(self, chosen: Range) -> None:
        self._selection = chosen

    def to_pdf(self, path: str, quality: str = "standard") -> None:
        """Print the visible sheets."""
        del quality
        self.call("book_pdf", self.number, path)
