"""Saving a book so that LibreOffice's own writer never touches an operator's file.

A book that came from an .xlsx or .xlsm is saved by changing its cells in the original package
(`xlplan.ooxml.patching.patch`): every other part stays byte-identical, and the formulas keep fresh
results. LibreOffice's writer would rewrite macros, fonts, table styles and views; it is used for
new books and for other formats only. Every file is written by the durable replace.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xlplan.errors import FileError, StructureError, Where
from xlplan.libreoffice import values
from xlplan.libreoffice.journal import Journal
from xlplan.libreoffice.worker.grammar import prefixed
from xlplan.ooxml.cells import ErrorValue
from xlplan.ooxml.files.durable import durable_replace
from xlplan.ooxml.limits import PLAN_BOOK
from xlplan.ooxml.patching.patch import patch_package
from xlplan.ooxml.patching.writes import Write
from xlplan.ooxml.reader import open_workbook
from xlplan.ooxml.serial import cell_name, to_serial

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from xlplan.libreoffice.addresses import CellArea
    from xlplan.libreoffice.hosts import BookHost
    from xlplan.ooxml.cells import StoredCell
    from xlplan.ooxml.reader import Workbook
    from xlplan.ooxml.stylesheet import Stylesheet

    Place = tuple[int, int]

_LOG = logging.getLogger(__name__)
_PACKAGES = (".xlsx", ".xlsm")
#: Results LibreOffice gives for functions it does not know; Excel's own result is kept then.
_UNKNOWN = "#NAME?"
_SAME = 1e-12


@dataclass(frozen=True)
class SourceFile:
    """The file a book came from, as it was read: its bytes, if cells in it can be changed."""

    path: Path
    data: bytes

    @classmethod
    def of(cls, path: Path | None) -> SourceFile | None:
        """Keep a file's bytes; None for a new book and for formats that are not patched."""
        if path is None or path.suffix.lower() not in _PACKAGES:
            return None
        return cls(path, path.read_bytes())

    @property
    def sha256(self) -> str:
        """Digest of the bytes."""
        return hashlib.sha256(self.data).hexdigest()


def hidden_heads(origin: SourceFile | None) -> dict[str, list[str]]:
    """Return table → column names, of tables without a header row."""
    if origin is None:
        return {}
    book = open_workbook(origin.data, limits=PLAN_BOOK)
    tables = (table for sheet in book.sheets for table in book.tables(sheet.name))
    return {table.name: list(table.columns) for table in tables if not table.header_rows}


def save(book: BookHost, target: Path) -> None:
    """Save a book.

    Raises:
        FileError: ``beyond_cells`` if the original cannot take the changes, ``changed`` if it
            was changed meanwhile by someone else, and as for `durable_replace`.
    """
    patched = book.app.engine.settings.save == "patch" and _is_patched(book, target)
    data = _patched(book) if patched else _written(book, target)
    own = book.origin is not None and book.origin.path.absolute() == target
    expected = book.origin.sha256 if own and book.origin else None
    durable_replace(target, data, backup=own, expected_sha256=expected)
    book.path = target
    book.journal = Journal()
    book.origin = SourceFile(target, data) if target.suffix.lower() in _PACKAGES else None


def _is_patched(book: BookHost, target: Path) -> bool:
    """Whether the original package can carry this save; refuse to harm the original otherwise."""
    origin = book.origin
    if origin is None or origin.path.suffix.lower() != target.suffix.lower():
        return False
    if not book.journal.beyond_cells:
        return True
    if origin.path.absolute() != target:
        return False
    what = "、".join(book.journal.beyond_cells)
    raise FileError(
        f"原文件只能改单元格的值和公式，这次还改了：{what}",
        "请用 book.save(另一个文件名) 另存（由 LibreOffice 写出，可能丢失宏、字体、表格样式），"
        '或用 install(save="native") 允许 LibreOffice 覆盖原文件。',
        Where(str(target)),
        code="beyond_cells",
    )


def _written(book: BookHost, target: Path) -> bytes:
    """The book as LibreOffice writes it."""
    if book.covered_heads:
        raise NotImplementedError("LibreOffice cannot save a table without its header row")
    if book.origin is not None:
        _LOG.warning("%s：由 LibreOffice 写出，宏、字体、表格样式可能丢失", target.name)
    made = book.scratch(f"book{target.suffix.lower() or '.xlsx'}")
    book.call("book_save", book.number, str(made))
    return made.read_bytes()


def _patched(book: BookHost) -> bytes:
    """The original package with the changed cells, and fresh results beside its formulas."""
    if book.origin is None:
        raise ValueError("a new book has no package to change")
    original = open_workbook(book.origin.data, limits=PLAN_BOOK)
    names = dict(book.call("book_sheets", book.number))
    changes = {}
    for info in original.sheets:
        number = next((n for n, name in names.items() if name.lower() == info.name.lower()), None)
        if number is not None:
            changes[info.name] = _sheet_changes(book, original, info.name, number)
    return patch_package(
        book.origin.data, {name: cells for name, cells in changes.items() if cells}
    )


def _sheet_changes(
    book: BookHost, original: Workbook, name: str, number: int
) -> dict[Place, Write]:
    touched = book.journal.cells.get(number, [])
    before = original.sheet(name)
    computed = {at: cell for at, cell in before.cells.items() if cell.formula is not None}
    if not touched and not computed:
        return {}
    sheet = _Sheet(book, number, date1904=original.date1904)
    covered = {at for block in before.arrays for at in _inside(block)}
    changes = {
        at: Write(sheet.value(at), cell.formula)
        for at, cell in computed.items()
        if at not in covered and _is_stale(cell, sheet.value(at))
    }
    for at in sheet.places(touched, set(before.cells)):
        cell = before.cells.get(at)
        style = before.blanks.get(at, 0) if cell is None else cell.style
        write = _dated(sheet.write(at), original.styles, style, name, at)
        if cell is None or (write.value, write.formula) != (cell.value, cell.formula):
            changes[at] = write
    return changes


def _inside(block: Any) -> Iterator[Place]:
    top, left, bottom, right = block
    return ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))


def _is_stale(cell: StoredCell, now: Any) -> bool:
    """Whether a formula's stored result differs from the one just computed."""
    if isinstance(now, ErrorValue) and now.code == _UNKNOWN:
        return False
    if isinstance(now, float) and isinstance(cell.value, float):
        return not math.isclose(now, cell.value, rel_tol=_SAME, abs_tol=1e-300)
    return bool(now != cell.value)


def _dated(write: Write, styles: Stylesheet, style: int, sheet: str, at: Place) -> Write:
    """Give a date a date format: the cell's own, or one of the book's with the same look."""
    dates = styles.date_styles()
    if not isinstance(write.value, dt.date) or write.formula is not None or style in dates:
        return write
    for index in sorted(dates):
        if _look(styles, index) == _look(styles, style):
            return write._replace(style=index)
    raise StructureError(
        "要写入日期，但这个单元格不是日期格式",
        "请先在工作簿里把它设为日期格式。",
        Where(sheet=sheet, cell=cell_name(*at)),
    )


def _look(styles: Stylesheet, index: int) -> tuple[Any, ...]:
    form = styles.cell_formats[index]
    ids = (form.number(key) for key in ("fontId", "fillId", "borderId", "xfId"))
    return (*ids, form.alignment, form.protection)


class _Sheet:
    """A sheet's values and formulas as LibreOffice has them, read at once."""

    def __init__(self, book: BookHost, number: int, *, date1904: bool) -> None:
        row, column, rows, columns = book.call("used", number)
        reply = book.call("read_cells", number, row, column, rows, columns)
        areas = book.call("formula_cells", number)
        self._book, self._number, self._date1904 = book, number, date1904
        self._top, self._left = row, column
        self._values = values.decoded(reply, rows, columns)
        self._computed = {at for area in areas for at in _cells(area)}

    def value(self, at: Place) -> Any:
        """A value as the patcher takes it; results of formulas as they are stored."""
        row, column = at[0] - self._top, at[1] - self._left
        if not (0 <= row < len(self._values) and 0 <= column < len(self._values[0])):
            return None
        found = self._values[row][column]
        if isinstance(found, values.CellError):
            return ErrorValue(str(found))
        if at in self._computed:
            is_date = isinstance(found, dt.date)
            return to_serial(found, date1904=self._date1904) if is_date else found
        return None if found == "" else found

    def write(self, at: Place) -> Write:
        """What stands in a cell now."""
        if at not in self._computed:
            return Write(self.value(at))
        found = self._book.call("formulas", self._number, *at, 1, 1)
        return Write(self.value(at), prefixed(found[0][0]))

    def places(self, areas: list[CellArea], before: set[Place]) -> set[Place]:
        """Each cell of some areas that holds something now or did before."""
        rows = max([self._top + len(self._values), *(row + 1 for row, _ in before)])
        columns = max([self._left + len(self._values[0]), *(column + 1 for _, column in before)])
        bounded = (
            (row, column, min(height, rows - row), min(width, columns - column))
            for row, column, height, width in areas
        )
        return {at for area in bounded for at in _cells(area)}


def _cells(area: Sequence[int]) -> Iterator[Place]:
    row, column, rows, columns = area
    return ((r, c) for r in range(row, row + rows) for c in range(column, column + columns))
