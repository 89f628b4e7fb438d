"""XlsxWriter with its own ``<sheetData>`` and with named cell styles.

XlsxWriter runs dozens of regular expressions per formula; writing the rows of a
page directly is an order of magnitude faster (benchmarks/bench_build.py) and
keeps every other feature of the library. The private hooks used here are held
by a test that compares the result with plain XlsxWriter cell by cell.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import xlsxwriter
from xlsxwriter.packager import Packager
from xlsxwriter.styles import Styles, XFormatType
from xlsxwriter.worksheet import Worksheet

from xlplan.books.looks import STYLE_ID, Formats
from xlplan.cells import Cell, Page, State, letters
from xlplan.ooxml.patching.writes import checked_text, escape

if TYPE_CHECKING:
    from collections.abc import Iterator

_EPOCH = date(1899, 12, 30).toordinal()


class FastSheet(Worksheet):  # type: ignore[misc]
    """A worksheet whose cells come from a `Page`."""

    page: Page
    formats: Formats

    def take(self, page: Page, formats: Formats) -> None:
        """Set the page to write; its styles are interned now.

        Raises:
            InputError: A text holds a sign or is longer than a cell can hold.
        """
        self.page, self.formats = page, formats
        # styles are few and shared: telling them apart by identity avoids hashing each cell's
        used = {id(cell.style): cell.style for cell in page.cells.values()}
        self.style_index = {
            key: formats.index(style) if style else 0 for key, style in used.items()
        }
        rows = [row for row, _ in page.cells] or [1]
        columns = [column for _, column in page.cells] or [1]
        self.dim_rowmin, self.dim_rowmax = min(rows) - 1, max(rows) - 1
        self.dim_colmin, self.dim_colmax = min(columns) - 1, max(columns) - 1
        self.xml = "".join(self._rows())  # now, so that a cell no file can hold is refused now

    def _write_sheet_data(self) -> None:
        self._xml_start_tag("sheetData")
        self.fh.write(self.xml)
        self._xml_end_tag("sheetData")

    def _rows(self) -> Iterator[str]:
        cells, styles = self.page.cells, self.style_index
        names = [""] + [letters(number) for number in range(1, (self.dim_colmax or 0) + 2)]
        empty = {(row, 0) for row in self.page.rows}
        current = 0
        for spot in sorted(cells.keys() | empty):
            row, column = spot
            if row != current:
                yield f"</row>{self._row_start(row)}" if current else self._row_start(row)
                current = row
            if column:
                cell = cells[spot]
                yield cell_xml(f"{names[column]}{row}", cell, styles[id(cell.style)])
        yield "</row>" if current else ""

    def _row_start(self, row: int) -> str:
        span = self.page.rows.get(row)
        if span is None:
            return f'<row r="{row}">'
        size = "" if span.size is None else f' ht="{span.size:g}" customHeight="1"'
        hidden = ' hidden="1"' if span.hidden else ""
        level = f' outlineLevel="{span.level}"' if span.level else ""
        collapsed = ' collapsed="1"' if span.collapsed else ""
        return f'<row r="{row}"{size}{hidden}{level}{collapsed}>'


def cell_xml(ref: str, cell: Cell, style: int) -> str:
    """Return the ``<c>`` element; a formula carries its value as the cached result."""
    value, formula, _ = cell
    head = f'<c r="{ref}" s="{style}"' if style else f'<c r="{ref}"'
    if formula:
        return f"{head}{_computed(formula, value)}</c>"
    if value is None or value == "":
        return f"{head}/>"
    if isinstance(value, str):
        keep = ' xml:space="preserve"' if value != value.strip() or "\n" in value else ""
        return f'{head} t="inlineStr"><is><t{keep}>{escape(checked_text(value))}</t></is></c>'
    kind = ' t="b"' if isinstance(value, bool) else ""
    return f"{head}{kind}><v>{_number(value)}</v></c>"


def _computed(formula: str, value: object) -> str:
    body = f"<f>{escape(formula[1:])}</f>"
    if isinstance(value, str):
        return f' t="str">{body}<v>{escape(checked_text(value))}</v>'
    kind = ' t="b"' if isinstance(value, bool) else ""
    return f"{kind}>{body}" if value is None else f"{kind}>{body}<v>{_number(value)}</v>"


def _number(value: object) -> str:
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, date):
        return str(value.toordinal() - _EPOCH)
    return str(int(value))  # type: ignore[call-overload]


class NamedStyles(Styles):  # type: ignore[misc]
    """styles.xml with one named cell style per `State`."""

    formats: Formats

    def _write_cell_style_xfs(self) -> None:
        self._xml_start_tag("cellStyleXfs", [("count", len(STYLE_ID))])
        for state in State:
            source = self.xf_formats[0] if state is State.NONE else self.formats.template(state)
            self._write_xf(source, XFormatType.STYLE)
        self._xml_end_tag("cellStyleXfs")

    def _write_cell_styles(self) -> None:
        self._xml_start_tag("cellStyles", [("count", len(STYLE_ID))])
        self._write_cell_style()
        for state, number in STYLE_ID.items():
            if number:
                self._xml_empty_tag("cellStyle", [("name", str(state)), ("xfId", number)])
        self._xml_end_tag("cellStyles")


class StyledPackager(Packager):  # type: ignore[misc]
    """Packs the workbook with `NamedStyles`."""

    formats: Formats

    def _write_styles_file(self) -> None:
        book = self.workbook
        styles = NamedStyles()
        styles.formats = self.formats
        styles._set_style_properties(  # noqa: SLF001
            [
                book.xf_formats,
                book.palette,
                book.font_count,
                book.num_formats,
                book.border_count,
                book.fill_count,
                book.custom_colors,
                book.dxf_formats,
                book.has_comments,
            ]
        )
        styles._set_xml_writer(self._filename("xl/styles.xml"))  # noqa: SLF001
        styles._assemble_xml_file()  # noqa: SLF001


class FastBook(xlsxwriter.Workbook):  # type: ignore[misc]
    """A workbook of `FastSheet`s with named cell styles."""

    def __init__(self, target: Any) -> None:
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        super().__init__(target, options)
        self.looks = Formats(self)
        for state in State:
            self.looks.template(state)

    def _get_packager(self) -> StyledPackager:
        packager = StyledPackager()
        packager.formats = self.looks
        return packager
