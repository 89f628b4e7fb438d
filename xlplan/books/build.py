"""New workbooks: pages → .xlsx bytes, with structure by XlsxWriter and cells of our own."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from xlplan.books.looks import FONT
from xlplan.cells import Area, Highlight, Icons, Page, Validation, address, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xlplan.books.fastsheet import FastBook

_ERROR_TITLE = "这里不能这样填"


def build(pages: Iterable[Page], *, title: str = "", active: str = "") -> bytes:
    """Return a new workbook holding `pages` in order.

    Args:
        pages: The sheets.
        title: Document title property.
        active: Sheet shown when the book opens; the first visible one by default.

    Returns:
        The bytes of an .xlsx file; formulas carry their values, and Excel recalculates on open.
    """
    from xlplan.books.fastsheet import FastBook, FastSheet

    target = BytesIO()
    book = FastBook(target)
    book.set_properties({"title": title, "author": "xlplan", "comments": "由 xlplan 生成"})
    book.set_calc_mode("auto")
    for page in pages:
        sheet = book.add_worksheet(page.name, FastSheet)
        sheet.take(page, book.looks)
        _structure(book, sheet, page)
        if page.name == active:
            sheet.activate()
            sheet.set_first_sheet()
    book.close()
    return target.getvalue()


def _structure(book: FastBook, sheet: Any, page: Page) -> None:
    for column, span in page.columns.items():
        how = {"hidden": span.hidden, "level": span.level, "collapsed": span.collapsed}
        look = book.looks[span.style] if span.style else None
        sheet.set_column(column - 1, column - 1, span.size, look, how)
    levels = [span.level for span in page.rows.values()]
    sheet.outline_row_level = max(levels, default=0)
    sheet.outline_settings(symbols_below=False)
    for area in page.merges:
        sheet.merge.append(_zero(area))
    for validation in page.validations:
        sheet.data_validation(*_zero(validation.area), _validation(validation))
    for highlight in page.highlights:
        sheet.conditional_format(*_zero(highlight.area), _highlight(book, highlight))
    _sparklines(sheet, page)
    if page.charts:
        from xlplan.books.charts import put_charts

        put_charts(book, sheet, page)
    for (row, column), text in page.notes.items():
        box = {"x_scale": 2, "y_scale": 1.2, "font_name": FONT, "author": "xlplan"}
        sheet.write_comment(row - 1, column - 1, text, box)
    for (row, column), target in page.links.items():
        cell = page.cells[row, column]
        sheet.write_url(row - 1, column - 1, f"internal:{quoted(target)}A1", None, str(cell.value))
    for name, refers in page.names.items():
        book.define_name(name, refers)
        book.defined_names[-1][3] = page.hidden  # names of hidden sheets are for programs
    _view(sheet, page)
    _print(sheet, page)


def _sparklines(sheet: Any, page: Page) -> None:
    # one group of a kind: the library works out its whole theme again for every group
    for column in dict.fromkeys(line.column for line in page.sparklines):
        mine = [line for line in page.sparklines if line.column is column]
        where = [f"{quoted(page.name)}{line.area}" for line in mine]
        places = [address(*line.at) for line in mine]
        kind = {"type": "column", "series_color": "#7F7F7F"} if column else {"last_point": True}
        sheet.add_sparkline(places[0], {"location": places, "range": where, **kind})


def _view(sheet: Any, page: Page) -> None:
    if page.freeze != (0, 0):
        sheet.freeze_panes(page.freeze[0] - 1, page.freeze[1] - 1)
    if page.filter:
        sheet.autofilter(*_zero(page.filter))
    if page.hidden:
        sheet.very_hidden()
    if page.tab:
        sheet.set_tab_color(page.tab)
    sheet.set_zoom(page.zoom)
    sheet.hide_gridlines(2)
    if page.protect:
        allow = {"format_columns": True, "format_rows": True, "autofilter": True, "sort": True}
        sheet.protect("", allow)


def _print(sheet: Any, page: Page) -> None:
    if page.landscape:
        sheet.set_landscape()
    sheet.set_paper(8 if page.large_paper else 9)  # A3, A4
    sheet.set_margins(0.4, 0.4, 0.5, 0.5)
    sheet.fit_to_pages(page.pages_wide, page.pages_tall)
    sheet.set_footer("&L&A&C第 &P / &N 页&R&D")
    if page.repeat_rows:
        sheet.repeat_rows(page.repeat_rows[0] - 1, page.repeat_rows[1] - 1)
    if page.repeat_columns:
        sheet.repeat_columns(page.repeat_columns[0] - 1, page.repeat_columns[1] - 1)
    if page.print_area:
        sheet.print_area(*_zero(page.print_area))


def _zero(area: Area) -> list[int]:
    return [area.top - 1, area.left - 1, area.bottom - 1, area.right - 1]


def _validation(rule: Validation) -> dict[str, Any]:
    base = {
        "input_title": rule.title[:32],
        "input_message": rule.message[:255],
        "error_title": _ERROR_TITLE,
        "error_message": rule.message[:255],
        "error_type": "stop" if rule.strict else "warning",
        "ignore_blank": True,
    }
    if rule.kind == "list":
        return base | {"validate": "list", "source": rule.allowed}
    if rule.kind == "custom":
        return base | {"validate": "custom", "value": rule.allowed}
    if rule.kind == "any":
        return base | {"validate": "any"}
    low, high = cast("tuple[float, float]", rule.allowed)
    kind = "length" if rule.kind == "text" else rule.kind
    return base | {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}


def _highlight(book: FastBook, rule: Highlight | Icons) -> dict[str, Any]:
    if isinstance(rule, Icons):
        bands = [
            {"criteria": ">=", "type": "number", "value": rule.high},
            {"criteria": ">=", "type": "number", "value": rule.low},
        ]
        return {"type": "icon_set", "icon_style": "3_symbols_circled", "icons": bands}
    look: dict[str, Any] = {
        "bg_color": rule.fill,
        "font_color": rule.color,
        "bold": rule.bold,
        "border": int(rule.border),
    }
    made = book.add_format({key: value for key, value in look.items() if value})
    return {"type": "formula", "criteria": rule.formula, "format": made}
