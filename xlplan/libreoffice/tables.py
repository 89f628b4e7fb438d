"""Tables of a sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlwings import base_classes

from xlplan.libreoffice.native import native

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlplan.libreoffice.ranges import Range
    from xlplan.libreoffice.sheets import Sheet

_STYLE = "TableStyleMedium2"


class Tables(base_classes.Tables):
    """The tables of a sheet; find them by name, their order is alphabetical here."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    api = property(lambda _: native("Tables"))
    parent = property(lambda self: self.sheet)

    def _all(self) -> list[Table]:
        return [Table(self.sheet, name) for name in self.sheet.call("tables")]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Table]:
        return iter(self._all())

    def __contains__(self, key: object) -> bool:
        return any(table.name == key for table in self._all())

    def __call__(self, key: int | str) -> Table:
        every = self._all()
        if not isinstance(key, str):
            return every[int(key) - 1]
        for table in every:
            if table.name.lower() == key.lower():
                return table
        raise KeyError(key)

    def add(  # noqa: PLR0913  # xlwings' signature
        self,
        source_type: object = None,
        source: Any = None,
        link_source: object = None,
        has_headers: bool = True,  # noqa: FBT001, FBT002
        destination: object = None,
        table_style_name: str = _STYLE,
        name: str | None = None,
    ) -> Table:
        """Make a range a table; a single cell stands for its region."""
        del source_type, link_source, destination
        self.sheet.changed("新增表格")
        cells: Range = source.impl
        if len(cells) == 1:
            cells = cells.current_region
        if cells.shape[0] == 1:  # headers alone: one empty row for data
            cells = cells.part((*cells.area[:2], 2, cells.shape[1]))
        made = Table(self.sheet, self.sheet.call("table_add", cells.area, name, has_headers))
        if table_style_name != _STYLE:
            made.table_style = table_style_name
        return made


def _flag(key: str, what: str) -> Any:
    def read(self: Table) -> bool:
        return bool(self.found[key])

    def write(self: Table, value: object) -> None:
        self.change(key, bool(value), what)

    return property(read, write)


class Table(base_classes.Table):
    """One table. Its colours are Excel's business: LibreOffice keeps no table styles."""

    def __init__(self, sheet: Sheet, name: str) -> None:
        self.sheet = sheet
        self._name = name

    api = property(lambda _: native("Table"))
    parent = property(lambda self: self.sheet)

    @property
    def found(self) -> dict[str, Any]:
        """Area, header, totals, filter."""
        made: dict[str, Any] = self.sheet.call("table_get", self._name)
        return made

    def change(self, key: str, value: Any, what: str = "表格") -> None:
        """Change one of them."""
        self.sheet.changed(what)
        self.sheet.call("table_set", self._name, key, value)

    @property
    def name(self) -> str:
        """Its name."""
        return self._name

    @name.setter
    def name(self, value: str) -> None:
        self.change("name", value, "给表格改名")
        self._name = value

    display_name = name
    show_headers = _flag("header", "表格标题行")
    show_totals = _flag("totals", "表格汇总行")
    show_autofilter = _flag("filter", "表格筛选")

    def _part(self, area: list[int]) -> Range:
        from xlplan.libreoffice.ranges import Range

        return Range(self.sheet, area)

    @property
    def range(self) -> Range:
        """All of it."""
        return self._part(self.found["area"])

    @property
    def data_body_range(self) -> Range | None:
        """Its data rows; None when it has none."""
        found = self.found
        row, column, rows, columns = found["area"]
        head, foot = int(found["header"]), int(found["totals"])
        left = rows - head - foot
        return self._part([row + head, column, left, columns]) if left else None

    @property
    def header_row_range(self) -> Range | None:
        """Its header row."""
        found = self.found
        row, column, _, columns = found["area"]
        return self._part([row, column, 1, columns]) if found["header"] else None

    @property
    def totals_row_range(self) -> Range | None:
        """Its totals row."""
        found = self.found
        row, column, rows, columns = found["area"]
        return self._part([row + rows - 1, column, 1, columns]) if found["totals"] else None

    @property
    def insert_row_range(self) -> Range | None:
        """The empty row of a table without data."""
        body = self.data_body_range
        if body is None or body.shape[0] > 1:
            return None
        row = body.raw_value if len(body) > 1 else [[body.raw_value]]
        return None if any(value not in ("", None) for value in row[0]) else body

    def resize(self, range: Any) -> None:  # noqa: A002  # xlwings' name
        """Make it cover another range."""
        self.change("area", range.impl.area)

    def sort(self, keys: list[int], ascending: list[bool]) -> None:
        """Sort its data rows."""
        body = self.data_body_range
        if body is not None:
            body.sort(keys, ascending, has_headers=False)
