"""Tables of a sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from xlplan.libreoffice.native import native
from xlplan.libreoffice.ranges import Range

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xlplan.libreoffice.hosts import SheetHost, TableHost

#: SUBTOTAL functions of a totals row: numbers are added, other columns counted.
_SUM, _COUNT = 109, 103


class EngineTables(base_classes.Tables):
    """The tables of a sheet; in the order of their places."""

    def __init__(self, sheet: SheetHost) -> None:
        self.sheet = sheet

    api = property(lambda _: native("Tables"))
    parent = property(lambda self: self.sheet)

    def _all(self) -> list[EngineTable]:
        return [EngineTable(self.sheet, name) for name in self.sheet.call("table_names")]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[EngineTable]:
        return iter(self._all())

    def __contains__(self, key: object) -> bool:
        return any(table.name == key for table in self._all())

    def __call__(self, key: int | str) -> EngineTable:
        """Look one up by position (from 1) or name."""
        every = self._all()
        if not isinstance(key, str):
            return every[int(key) - 1]
        for table in every:
            if table.name.lower() == key.lower():
                return table
        raise KeyError(key)

    def add(  # noqa: PLR0913, PLR0917  # xlwings' signature
        self,
        source_type: object = None,
        source: Any = None,
        link_source: object = None,
        has_headers: bool = True,  # noqa: FBT001, FBT002
        destination: object = None,
        table_style_name: object = None,
        name: str | None = None,
    ) -> EngineTable:
        """Make a range a table; a single cell stands for its region."""
        del source_type, link_source, destination, table_style_name  # LibreOffice keeps no styles
        self.sheet.changed("新增表格")
        cells: Range = source.impl
        if len(cells) == 1:
            cells = cells.current_region
        if not has_headers:
            cells = _with_headers(cells)
        if cells.shape[0] == 1:  # headers alone: one empty row for data
            cells = cells.part((*cells.area[:2], 2, cells.shape[1]))
        return EngineTable(self.sheet, self.sheet.call("table_add", cells.area, name))


def _with_headers(cells: Range) -> Range:
    """Push cells down and put made-up headers above them, as Excel does."""
    row, column, rows, columns = cells.area
    head = cells.part((row, column, 1, columns))
    head.insert("down")
    head.raw_value = [[f"Column{index + 1}" for index in range(columns)]]
    return cells.part((row, column, rows + 1, columns))


def _flag(key: str, what: str) -> Any:
    def read(self: EngineTable) -> bool:
        return bool(self.found[key])

    def write(self: EngineTable, value: object) -> None:
        self.change(key, bool(value), what)

    return property(read, write)


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
        row, column, rows, columns = self.table.framed()
        at = index or columns + 1
        line = self.table.part((row, column + at - 1, rows, 1))
        line.insert("right")
        self.table.frame((row, column, rows, columns + 1))
        if self.table.has_head():
            self.table.part((row, column + at - 1, 1, 1)).raw_value = name
        else:
            self.table.heads().insert(at - 1, name)
        return TableColumn(self.table, at)


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
        return self.table.heads()[self._index - 1] if head is None else str(head.raw_value)

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
        row, column, rows, columns = self.table.framed()
        self.table.part((row, column + self._index - 1, rows, 1)).delete("left")
        self.table.frame((row, column, rows, columns - 1))
        if not self.table.has_head():
            del self.table.heads()[self._index - 1]


class EngineTable(base_classes.Table):
    """One table. Its colours are Excel's business: LibreOffice keeps no table styles."""

    def __init__(self, sheet: SheetHost, name: str) -> None:
        self.sheet = sheet
        self._name = name

    api = property(lambda _: native("Table"))
    parent = property(lambda self: self.sheet)

    @property
    def found(self) -> dict[str, Any]:
        """Area, header, totals, filter."""
        made: dict[str, Any] = self.sheet.call("table_get", self._name)
        if self._is_covered():
            row, column, rows, columns = made["area"]
            made |= {"area": [row + 1, column, rows - 1, columns], "header": False}
        return made

    def change(self, key: str, value: Any, what: str = "表格") -> None:
        """Change one of them."""
        self.sheet.changed(what)
        if key == "area" and self._is_covered():
            row, column, rows, columns = value
            value = (row - 1, column, rows + 1, columns)
        self.sheet.call("table_set", self._name, key, value)

    def _is_covered(self) -> bool:
        return self._name in self.sheet.book.covered_heads

    def has_head(self) -> bool:
        """Whether the office has a header row for it, shown or covered."""
        return self.show_headers or self._is_covered()

    def framed(self) -> tuple[int, int, int, int]:
        """Its area with the header row, covered or not."""
        row, column, rows, columns = self.sheet.call("table_get", self._name)["area"]
        return row, column, rows, columns

    def frame(self, area: Sequence[int]) -> None:
        """Set that area."""
        self.sheet.changed("表格")
        self.sheet.call("table_set", self._name, "area", area)

    def heads(self) -> list[str]:
        """The names of its columns while its header row is not shown."""
        if self._is_covered():
            row, column, _, columns = self.framed()
            return [str(text) for text in self.part((row, column, 1, columns)).one_row()]
        known = self.sheet.book.heads_in_file()
        made_up = [f"Column{number + 1}" for number in range(self.framed()[3])]
        found: list[str] = known.setdefault(self._name, made_up)
        return found

    @property
    def name(self) -> str:
        """Its name."""
        return self._name

    @name.setter
    def name(self, value: str) -> None:
        self.sheet.changed("给表格改名")
        self.sheet.call("table_rename", self._name, value)
        book = self.sheet.book
        if self._is_covered():
            book.covered_heads.remove(self._name)
            book.covered_heads.add(value)
        if self._name in book.heads_in_file():
            book.heads_in_file()[value] = book.heads_in_file().pop(self._name)
        self._name = value

    display_name = name

    @property
    def table_style(self) -> None:
        """The name of its style; none is known here."""

    @table_style.setter
    def table_style(self, value: object) -> None:
        raise NotImplementedError("LibreOffice keeps no table styles")

    rows = property(TableRows)
    columns = property(TableColumns)
    show_autofilter = _flag("filter", "表格筛选")

    def part(self, area: Sequence[int]) -> Range:
        """An area of its sheet."""
        return Range(self.sheet, area)

    @property
    def show_headers(self) -> bool:
        """Whether its first row is headers; without, they stay above it as plain cells.

        LibreOffice looks for the columns of ``表[列]`` in that row, so the table keeps it there.
        """
        return bool(self.found["header"])

    @show_headers.setter
    def show_headers(self, value: bool) -> None:
        if bool(value) == self.show_headers:
            return
        if not value:
            self.sheet.changed("表格标题行")
            self.sheet.book.covered_heads.add(self._name)
        elif self._is_covered():
            self.sheet.changed("表格标题行")
            self.sheet.book.covered_heads.remove(self._name)
        else:
            self._give_head()

    def _give_head(self) -> None:
        """Put the names above a table that came without them; what is in the way moves down."""
        names, (row, column, _, columns) = self.heads(), self.framed()
        above = self.part((row - 1, column, 1, columns)) if row > 1 else None
        if above is None or any(cell not in ("", None) for cell in above.one_row()):
            self.part((row, column, 1, columns)).insert("down")
            above = self.part((row, column, 1, columns))
        above.raw_value = [names]
        rows = self.framed()[2]
        self.sheet.changed("表格标题行")
        self.sheet.call("table_headed", self._name, (above.row, column, rows + 1, columns))

    @property
    def show_totals(self) -> bool:
        """Whether it has a totals row."""
        return bool(self.found["totals"])

    @show_totals.setter
    def show_totals(self, value: bool) -> None:
        row, column, rows, columns = self.found["area"]
        if bool(value) == self.show_totals:
            return
        line = self.part((row + rows - (0 if value else 1), column, 1, columns))
        if value and any(cell not in ("", None) for cell in line.one_row()):
            line.insert("down")
        line.clear_contents()
        self.change("area", (row, column, rows + (1 if value else -1), columns))
        self.change("totals", bool(value), "表格汇总行")
        if value:
            self._total(line)

    def _total(self, line: Range) -> None:
        """What Excel puts into a new totals row: a label, and a total of the last column."""
        columns = line.shape[1]
        if columns > 1:
            line(1, 1).raw_value = "Total"
        above = line.part((line.row - 1, line.column + columns - 1, 1, 1)).raw_value
        how = _SUM if isinstance(above, float) else _COUNT
        line(1, columns).formula = f"=SUBTOTAL({how},{self._name}[{self.columns(columns).name}])"

    @property
    def range(self) -> Range:
        """All of it."""
        return self.part(self.found["area"])

    @property
    def data_body_range(self) -> Range | None:
        """Its data rows; None when it has none."""
        found = self.found
        row, column, rows, columns = found["area"]
        head, foot = int(found["header"]), int(found["totals"])
        left = rows - head - foot
        return self.part([row + head, column, left, columns]) if left else None

    @property
    def header_row_range(self) -> Range | None:
        """Its header row."""
        found = self.found
        row, column, _, columns = found["area"]
        return self.part([row, column, 1, columns]) if found["header"] else None

    @property
    def totals_row_range(self) -> Range | None:
        """Its totals row."""
        found = self.found
        row, column, rows, columns = found["area"]
        return self.part([row + rows - 1, column, 1, columns]) if found["totals"] else None

    @property
    def insert_row_range(self) -> Range | None:
        """The empty row of a table without data."""
        body = self.data_body_range
        if body is None or body.shape[0] > 1:
            return None
        return None if any(value not in ("", None) for value in body.one_row()) else body

    def resize(self, range: Any) -> None:  # noqa: A002  # xlwings' name
        """Make it cover another range."""
        self.change("area", range.impl.area)

    def sort(self, keys: list[int], ascending: list[bool]) -> None:
        """Sort its data rows."""
        body = self.data_body_range
        if body is not None:
            body.sort(keys, ascending, has_headers=False)
