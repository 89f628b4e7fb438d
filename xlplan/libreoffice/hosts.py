"""What parts of a book need of the book and sheet they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from xlplan.libreoffice.journal import Journal
    from xlplan.libreoffice.office import Office


class BookHost(Protocol):
    """An open book.

    Attributes:
        app: The app it is open in.
        number: Its number at the worker.
        name: Its file name, or Book1 and so on.
        path: Its file, None until it has one.
        journal: What was changed since it was opened or saved.
        origin: The file it came from, as `xlplan.libreoffice.saving` keeps it.
        sheets: Its sheets; called with a name or position they give one.
        selection: The selected range.
        covered_heads: Tables whose header row is not shown, though the office has one.
    """

    app: Any
    covered_heads: set[str]
    number: int
    name: Any
    path: Path | None
    journal: Journal
    origin: Any
    sheets: Any
    selection: Any

    def call(self, operation: str, *args: Any) -> Any:
        """Ask the worker."""

    def activate(self) -> None:
        """Make it the active book."""

    def scratch(self, name: str) -> Path:
        """A path in the office's private folder."""
        ...

    def place(self, where: Sequence[int]) -> Any:
        """The range at sheet number, row, column, rows, columns."""


class SheetHost(Protocol):
    """A sheet.

    Attributes:
        book: Its book.
        number: Its number at the worker.
        name: The name on its tab.
        tables: Its tables.
    """

    book: Any
    number: int
    name: Any
    tables: Any

    def call(self, operation: str, *args: Any) -> Any:
        """Ask the worker about this sheet."""

    def activate(self) -> None:
        """Show this sheet."""

    def changed(self, what: str) -> None:
        """Note a change that is more than cell contents."""


class AppHost(Protocol):
    """An app as its books need it.

    Attributes:
        engine: The engine, with its settings.
        books: Its open books.
        calculation: automatic, manual or semiautomatic.
        screen_updating: Whether books are repainted.
    """

    engine: Any
    books: Any
    calculation: Any
    screen_updating: Any

    def office(self) -> Office:
        """The running office."""
        ...

    def lost(self) -> None:
        """The office is gone."""


class TableHost(Protocol):
    """A table as its rows and columns need it.

    Attributes:
        range: All of it.
        rows: Its data rows.
        show_headers: Whether its first row is headers.
        insert_row_range: Its blank row if it has no data.
        data_body_range: Its data cells.
        header_row_range: Its header row.
    """

    def heads(self) -> list[str]:
        """The names of its columns while its header row is not shown."""
        ...

    def has_head(self) -> bool:
        """Whether the office has a header row for it, shown or covered."""
        ...

    def framed(self) -> tuple[int, int, int, int]:
        """Its area with the header row, covered or not."""
        ...

    def frame(self, area: Sequence[int]) -> None:
        """Set that area."""

    range: Any
    rows: Any
    show_headers: Any
    insert_row_range: Any
    data_body_range: Any
    header_row_range: Any

    def part(self, area: Sequence[int]) -> Any:
        """An area of its sheet."""

    def change(self, key: str, value: Any, what: str = ...) -> None:
        """Change its area, name or flags."""
