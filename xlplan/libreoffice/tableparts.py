"""Rows and columns of a table: adding and deleting them moves only the cells in line with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from xlplan.libreoffice.native import native

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlplan.libreoffice.hosts import TableHost
    from xlplan.libreoffice.ranges import Range


class TableRows(base_classes.TableRows):
    """The data rows of a table; one blank row is none."""

    def __init__(self, table: TableHost) -> None:
        self.table = table

    api = property(lambda _: native("TableRows"))
    parent = property(lambda self: self.table)
    column_count = property(lambda self: self.table.range.shape[1])

    def __len__(self) -> int:
        body = self.table.data_body_range
        return 0 if body is None or self.table.insert_row_range else int(body.shape[0])

    async def get_count(self) -> int:
        """Their number."""
        return len(self)

    def __call__(self, index: int) -> TableRow:
        """Look one up by position (from 1) or name."""
        return TableRow(self.table, index)

    def __iter__(self) -> Iterator[TableRow]:
        return iter([TableRow(self.table, index + 1) for index in range(len(self))])

    def add(self, values: list[Any] | None, index: int | None) -> TableRow:
        """Insert a row before a position, or after the last."""
        at = index or len(self) + 1
        row, column, rows, columns = self.table.range.area
        line = (row + int(self.table.show_headers) + at - 1, column, 1, columns)
        if not self.table.insert_row_range:
            self.table.part(line).insert("down")
            self.table.change("area", (row, column, rows + 1, columns))
        if values is not None:
            self.table.part(line).raw_value = [values]
        return TableRow(self.table, at)


class TableRow(base_classes.TableRow):
    """A data row, by its position."""

    def __init__(self, table: TableHost, index: int) -> None:
        self.table = table
        self._index = index

    index = property(lambda self: self._index)

    @property
    def range(self) -> Range:
        """Its cells."""
        row, column, _, columns = self.table.range.area
        first = row + int(self.table.show_headers)
        made: Range = self.table.part((first + self._index - 1, column, 1, columns))
        return made

    async def get_range(self) -> Range:
        """Its cells."""
        return self.range

    def delete(self) -> None:
        """Delete it; the last one is only emptied, as in Excel."""
        row, column, rows, columns = self.table.range.area
        if len(self.table.rows) <= 1:
            self.range.clear_contents()
            return
        self.range.delete("up")
        self.table.change("area", (row, column, rows - 1, columns))


class TableColumns(base_classes.TableColumns):
    """The columns of a table."""

    def __init__(self, table: TableHost) -> None:
        self.table = table

    api = property(lambda _: native("TableColumns"))
    parent = property(lambda self: self.table)

    def __len__(self) -> int:
        return int(self.table.range.shape[1])

    async def get_count(self) -> int:
        """Their number."""
        return len(self)

    def __call__(self, key: int | str) -> TableColumn:
        """Look one up by position (from 1) or name."""
        if not isinstance(key, str):
            return TableColumn(self.table, int(key))
        for column in self:
            if column.name.casefold() == key.casefold():
                return column
        raise KeyError(key)

    def __iter__(self) -> Iterator[TableColumn]:
        return iter([TableColumn(self.table, index + 1) for index in range(len(self))])

    def add(self, name: str, index: int | None) -> TableColumn:
        """Insert a named column before a position, or after the last."""
        row, column, rows, columns = self.table.range.area
        at = index or columns + 1
        line = self.table.part((row, column + at - 1, rows, 1))
        line.insert("right")
        self.table.change("area", (row, column, rows, columns + 1))
        made = TableColumn(self.table, at)
        if self.table.show_headers:
            made.range(1, 1).raw_value = name
        return made


class TableColumn(base_classes.TableColumn):
    """A column, by its position."""

    def __init__(self, table: TableHost, index: int) -> None:
        self.table = table
        self._index = index

    index = property(lambda self: self._index)

    def _of(self, cells: Range | None) -> Range | None:
        if cells is None:
            return None
        row, column, rows, _ = cells.area
        made: Range = self.table.part((row, column + self._index - 1, rows, 1))
        return made

    @property
    def name(self) -> str:
        """Its header."""
        head = self._of(self.table.header_row_range)
        return f"Column{self._index}" if head is None else str(head.raw_value)

    @property
    def range(self) -> Range:
        """All its cells."""
        row, column, rows, _ = self.table.range.area
        made: Range = self.table.part((row, column + self._index - 1, rows, 1))
        return made

    @property
    def data_body_range(self) -> Range | None:
        """Its data cells."""
        return self._of(self.table.data_body_range)

    async def get_range(self) -> Range:
        """All its cells."""
        return self.range

    async def get_data_body_range(self) -> Range | None:
        """Its data cells."""
        return self.data_body_range

    def delete(self) -> None:
        """Delete it."""
        row, column, rows, columns = self.table.range.area
        self.range.delete("left")
        self.table.change("area", (row, column, rows, columns - 1))
