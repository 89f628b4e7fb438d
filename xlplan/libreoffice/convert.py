"""Recalculate or print a workbook without Excel; the file itself is only ever read."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlplan.errors import FileError, StructureError, Where
from xlplan.libreoffice.office import Office
from xlplan.libreoffice.profile import available

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from os import PathLike

__all__ = ["Cells", "available", "recalculate", "to_pdf", "to_png"]

#: (row, column), counted from 1 -> float, text, truth value or error text such as "#DIV/0!".
Cells = dict[tuple[int, int], float | str | bool]


@contextlib.contextmanager
def _opened(path: str | PathLike[str], office: Office | None) -> Iterator[tuple[Office, int]]:
    """A scratch copy of a file, open in the given or in a private office."""
    source = Path(path)
    if not source.is_file():
        raise FileError("找不到这个文件", "请检查路径。", Where(str(source)), code="missing")
    with contextlib.ExitStack() as stack:
        running = office or stack.enter_context(Office())
        copy = running.scratch(f"book{source.suffix.lower()}")
        shutil.copyfile(source, copy)
        book = running.call("book_open", str(copy), False, None, False)
        try:
            yield running, book
        finally:
            if running.alive:
                running.call("book_close", book)
            shutil.rmtree(copy.parent, ignore_errors=True)


def recalculate(path: str | PathLike[str], *, office: Office | None = None) -> dict[str, Cells]:
    """Compute every formula of a workbook afresh and return all its cell values.

    Args:
        path: The workbook (.xlsx, .xlsm, .xls, .ods, .csv); it is copied, never opened itself.
        office: A running office to use (faster for many files); else one is started and ended.

    Returns:
        Sheet name -> {(row, column): value}. Numbers are floats, dates their serial day number,
        errors texts like "#DIV/0!"; blank cells are left out, a formula giving "" is kept.

    Raises:
        FileError: the file is missing, or LibreOffice is (`OfficeError`), or cannot read it.
    """
    with _opened(path, office) as (running, book):
        sheets = running.call("book_sheets", book)
        return {name: _values(running, number) for number, name in sheets}


def _values(office: Office, sheet: int) -> Cells:
    row, column, rows, columns = office.call("used", sheet)
    matrix, kinds, errors, _ = office.call("read_cells", sheet, row, column, rows, columns)
    truths = [tuple(place) for *place, kind in kinds if kind == "b"]
    cells: Cells = {
        (row + down, column + right): value
        for down, line in enumerate(matrix)
        for right, value in enumerate(line)
        if value not in ("", None)
    }
    for place in truths:
        _as_truth(cells, row, column, place)
    cells |= {(row + down, column + right): text for down, right, text in errors}
    return _with_empty_results(office, sheet, cells)


def _as_truth(cells: Cells, row: int, column: int, place: tuple[Any, ...]) -> None:
    top, left, bottom, right = place
    for at in (
        (r + row, c + column) for r in range(top, bottom + 1) for c in range(left, right + 1)
    ):
        if isinstance(cells.get(at), float):
            cells[at] = bool(cells[at])


def _with_empty_results(office: Office, sheet: int, cells: Cells) -> Cells:
    for row, column, rows, columns in office.call("formula_cells", sheet):
        for at in (
            (r, c) for r in range(row, row + rows) for c in range(column, column + columns)
        ):
            cells.setdefault(at, "")
    return cells


def to_pdf(
    path: str | PathLike[str],
    out_dir: str | PathLike[str],
    *,
    sheets: Sequence[str] | None = None,
    office: Office | None = None,
) -> Path:
    """Print a workbook, recalculated, to a PDF named after it.

    Args:
        path: The workbook; it is copied, never opened itself.
        out_dir: Folder for the PDF; made if missing.
        sheets: Names of the sheets to print, in the book's order; None = every visible one.
        office: A running office to use; else one is started and ended.

    Returns:
        The PDF's path.

    Raises:
        StructureError: a named sheet does not exist.
        FileError: as for `recalculate`.
    """
    target = Path(out_dir) / f"{Path(path).stem}.pdf"
    target.parent.mkdir(parents=True, exist_ok=True)
    with _opened(path, office) as (running, book):
        if sheets is not None:
            _show_only(running, book, sheets, Where(str(path)))
        made = running.scratch("book.pdf")
        running.call("book_pdf", book, str(made))
        shutil.copyfile(made, target)
    return target


def to_png(
    path: str | PathLike[str], target: str | PathLike[str], *, office: Office | None = None
) -> Path:
    """Draw the first page of a workbook as it prints, 96 pixels an inch.

    Args:
        path: The workbook; it is copied, never opened itself.
        target: The picture to make.
        office: A running office to use; else one is started and ended.

    Returns:
        The picture's path.

    Raises:
        FileError: as for `recalculate`; ``picture`` when this LibreOffice cannot draw a PDF.
    """
    with _opened(path, office) as (running, book):
        printed, drawn = running.scratch("page.pdf"), running.scratch("page.png")
        running.call("book_pdf", book, str(printed))
        if not running.call("pdf_picture", str(printed), str(drawn)):
            raise FileError(
                "这台机器上的 LibreOffice 不能把页面画成 PNG",
                "改用 .pdf 或 .html；或安装带 PDF 导入的 LibreOffice",
                Where(str(target)),
                code="picture",
            )
        shutil.copyfile(drawn, target)
    return Path(target)


def _show_only(office: Office, book: int, wanted: Sequence[str], where: Where) -> None:
    numbers = {name: number for number, name in office.call("book_sheets", book)}
    unknown = [name for name in wanted if name not in numbers]
    if unknown or not wanted:
        what = f"没有名为“{'、'.join(unknown)}”的工作表" if unknown else "没有指定要打印的工作表"
        raise StructureError(what, f"现有工作表：{'、'.join(numbers)}", where)
    for name in sorted(numbers, key=lambda name: name not in wanted):  # show before hiding
        office.call("sheet_set", numbers[name], "IsVisible", name in wanted)
