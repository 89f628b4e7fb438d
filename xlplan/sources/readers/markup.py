"""Tables written as text: HTML and the XML of Excel 2003, under any name."""

from __future__ import annotations

from html.parser import HTMLParser

from xlplan.sources.readers.raw import MAX_CELLS, Blob, Table, damaged, too_big

_MAX_SPAN = 500


def read_markup(blob: Blob, encoding: str) -> list[Table]:
    """Read the tables of HTML or XML-2003; nothing outside the file is ever loaded."""
    parser = _Tables(blob.name)
    parser.feed(blob.data.decode(encoding, "replace"))
    parser.close()
    found = [(name, rows) for name, rows in parser.tables if rows]
    if not found:
        raise damaged(blob.name, "是网页，里面没有表格")
    return [Table(blob.name, name or f"表{i}", rows) for i, (name, rows) in enumerate(found, 1)]


class _Tables(HTMLParser):
    """Collects cells of ``table/tr/td`` and of ``Table/Row/Cell`` alike."""

    def __init__(self, name: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[tuple[str, list[list[object]]]] = []
        self._name, self._sheet, self._cells = name, "", 0
        self._row: list[object] | None = None
        self._text: list[str] | None = None
        self._span = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a sheet, table, row or cell."""
        said = {key: value or "" for key, value in attrs}
        if tag.endswith("worksheet"):
            self._sheet = said.get("ss:name", "")
        elif tag in ("table", "ss:table"):
            self._close_row()
            self.tables.append((self._sheet, []))
        elif tag in ("tr", "row", "ss:row"):
            self._open_row(_count(said.get("ss:index")))
        elif tag in ("td", "th", "cell", "ss:cell"):
            self._open_cell(said)
        elif tag == "br" and self._text is not None:
            self._text.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Treat ``<Cell/>`` as an empty cell."""
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close a cell or row."""
        if tag in ("td", "th", "cell", "ss:cell"):
            self._close_cell()
        elif tag in ("tr", "row", "ss:row", "table", "ss:table"):
            self._close_row()

    def handle_data(self, data: str) -> None:
        """Collect the text of the open cell."""
        if self._text is not None:
            self._text.append(data)

    def _open_row(self, index: int) -> None:
        self._close_row()
        if not self.tables:
            self.tables.append((self._sheet, []))
        rows = self.tables[-1][1]
        blanks = index - 1 - len(rows)
        self._use(max(blanks, 0))
        rows.extend([] for _ in range(blanks))
        self._row = []

    def _open_cell(self, said: dict[str, str]) -> None:
        self._close_cell()
        if self._row is None:
            self._open_row(0)
        blanks = _count(said.get("ss:index")) - 1 - len(self._row or ())
        self._use(max(blanks, 0))
        if self._row is not None and blanks > 0:
            self._row += [None] * blanks
        across = _count(said.get("ss:mergeacross")) + 1
        self._span = min(max(_count(said.get("colspan")), across), _MAX_SPAN)
        self._text = []

    def _close_cell(self) -> None:
        if self._text is not None and self._row is not None:
            self._use(self._span)
            self._row += ["".join(self._text), *[None] * (self._span - 1)]
        self._text = None

    def _close_row(self) -> None:
        self._close_cell()
        if self._row is not None:
            self.tables[-1][1].append(self._row)
        self._row = None

    def _use(self, cells: int) -> None:
        self._cells += cells
        if self._cells > MAX_CELLS:
            raise too_big(self._name, f"超过 {MAX_CELLS:,} 个单元格")


def _count(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else 0
