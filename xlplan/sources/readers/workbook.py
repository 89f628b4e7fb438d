""".xlsx and .xlsm through the bounded reader of `xlplan.ooxml`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xlplan.ooxml.reader import open_workbook
from xlplan.ooxml.serial import to_datetime
from xlplan.ooxml.stylesheet import is_date_format
from xlplan.sources.readers.calculated import is_placeholder, uncalculated
from xlplan.sources.readers.raw import MAX_CELLS, Blob, Block, Table, too_big
from xlplan.sources.readers.shown import ShownScale, scale_of
from xlplan.sources.text import NOT_CALCULATED

if TYPE_CHECKING:
    from xlplan.ooxml.cells import SheetCells, StoredCell
    from xlplan.ooxml.reader import Workbook
    from xlplan.ooxml.stylesheet import Stylesheet

#: Merged blocks beyond this are decoration.
_MOST_MERGES = 20_000
#: Built-in number formats that show a percentage.
_PERCENTS = {9: "0%", 10: "0.00%"}


def read_workbook(blob: Blob) -> list[Table]:
    """Return the sheets of an .xlsx; formula cells give the value they were saved with.

    A formula that nobody has calculated gives `NOT_CALCULATED`, also where its writer put a 0.
    """
    book = open_workbook(blob.data)
    unseen = {info.name for info in book.sheets if info.state != "visible"}
    sheets = list(book)
    waiting = _is_uncalculated(book, sheets)
    telling = _telling(book.styles)
    return [
        Table(
            blob.name, sheet.name, _rows(blob.name, sheet, waiting=waiting), sheet.date1904,
            _merges(sheet), _formats(book, sheet), sheet.name in unseen,
            codes=_codes(sheet, telling), formulas=_formulas(sheet),
        )
        for sheet in sheets
    ]  # fmt: skip


def _is_uncalculated(book: Workbook, sheets: list[SheetCells]) -> bool:
    """Return whether the 0 of formula cells are placeholders."""
    by_name = {sheet.name.lower(): sheet for sheet in sheets}

    def look(name: str, row: int, column: int) -> object:
        sheet = by_name.get(name.lower())
        if sheet is None:
            raise ValueError(name)
        return sheet.value(row, column)

    formulas: dict[tuple[str, int, int], str] = {}
    others = False
    for sheet in sheets:
        for (row, column), cell in sheet.cells.items():
            if cell.formula is None:
                continue
            if is_placeholder(cell.value):
                formulas[sheet.name, row, column] = cell.formula
            else:
                others = others or cell.value is not None
    asks = not others and bool(formulas) and _asks(book)
    return uncalculated(formulas, look, asks=asks)


def _asks(book: Workbook) -> bool:
    """Return whether a workbook wants to be calculated when it is opened."""
    text = book.book.package.read(book.book.part)
    return bool(re.search(rb"<(?:\w+:)?calcPr\b[^>]*\bfullCalcOnLoad\s*=\s*[\"'](?:1|true)", text))


def _merges(sheet: SheetCells) -> tuple[Block, ...]:
    if len(sheet.merges) > _MOST_MERGES:
        return ()
    return tuple(Block(m.top - 1, m.left - 1, m.bottom - 1, m.right - 1) for m in sheet.merges)


def _formats(book: Workbook, sheet: SheetCells) -> dict[tuple[int, int], ShownScale]:
    """Return what number formats do to the numbers of a sheet; most do nothing that matters."""
    codes = {
        style: code
        for style in {cell.style for cell in sheet.cells.values()}
        if (code := book.styles.number_format(style))
    }
    if not codes:
        return {}
    return {
        (row - 1, column - 1): scale
        for (row, column), cell in sheet.cells.items()
        if cell.style in codes and type(cell.value) is float and not cell.is_date
        and (scale := scale_of(codes[cell.style], cell.value))
    }  # fmt: skip


def _telling(styles: Stylesheet) -> dict[int, str]:
    """Return style index → number format, of formats that say more than how many digits."""
    found = {}
    for index, look in enumerate(styles.cell_formats):
        number = look.number("numFmtId")
        code = _PERCENTS.get(number) or styles.number_format(index) or ""
        if any(mark in code for mark in '%"!\\,') and not is_date_format(number, code):
            found[index] = code
    return found


def _codes(sheet: SheetCells, telling: dict[int, str]) -> dict[tuple[int, int], str]:
    return {
        (row - 1, column - 1): telling[cell.style]
        for (row, column), cell in sheet.cells.items()
        if cell.style in telling and isinstance(cell.value, float)
    }


def _formulas(sheet: SheetCells) -> dict[tuple[int, int], str]:
    return {
        (row - 1, column - 1): cell.formula
        for (row, column), cell in sheet.cells.items()
        if cell.formula
    }


def _rows(name: str, sheet: SheetCells, *, waiting: bool) -> list[list[object]]:
    widths: dict[int, int] = {}
    for row, column in sheet.cells:
        widths[row] = max(column, widths.get(row, 0))
    if sum(widths.values()) > 4 * MAX_CELLS:
        raise too_big(name, f"的工作表「{sheet.name}」范围过大")
    rows: list[list[object]] = [
        [None] * widths.get(row, 0) for row in range(1, max(widths, default=0) + 1)
    ]
    for (row, column), cell in sheet.cells.items():
        rows[row - 1][column - 1] = _value(cell, date1904=sheet.date1904, waiting=waiting)
    return rows


def _value(cell: StoredCell, *, date1904: bool, waiting: bool) -> object:
    if cell.formula is not None and (
        cell.value is None or (waiting and is_placeholder(cell.value))
    ):
        return NOT_CALCULATED
    if cell.is_date and isinstance(cell.value, float | int):
        moment = to_datetime(cell.value, date1904=date1904)
        return cell.value if moment is None else moment
    return cell.value
