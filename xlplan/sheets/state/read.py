"""Reading a plan book: inputs by their keys, hidden tables by their headers, nothing by place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.errors import StructureError, Where
from xlplan.sheets import SHEETS
from xlplan.sheets.base import names
from xlplan.sheets.base.sheet import BookRead, Reading
from xlplan.sheets.hidden.meta import number_of, sheets_here, version_of
from xlplan.sheets.state.growth import is_older

if TYPE_CHECKING:
    from xlplan.cells import Book

__all__ = ["BookRead", "need_sheets", "read_state"]


def read_state(book: Book) -> BookRead:
    """Read a plan book: what is asked for of it, when it is asked for.

    Raises:
        StructureError: It is not a plan book, or a sheet is missing; later, when a sheet is used
            that lost a key row or key column.
    """
    reading = Reading(book, SHEETS)
    if names.META in reading.there and is_older(reading):
        reading.grow()
    need_sheets(book, reading)
    assert reading.about  # noqa: S101 - read now: it says so when it is not a plan book
    return reading.read


def need_sheets(book: Book, reading: Reading) -> None:
    """Refuse a book that lacks a sheet it cannot do without, and cannot get anew."""
    there = reading.there
    version = version_of(reading.about) if names.META in there else ()
    missing = [
        sheet.name
        for sheet in SHEETS
        if sheet.name not in there and sheet.needed and number_of(sheet.since) <= version
    ] or [
        sheet.name for sheet in SHEETS if sheet.needed and not version and sheet.name not in there
    ]
    if not missing and version:
        came = sheets_here(reading.about)
        missing = [s.name for s in SHEETS if s.read and s.name in came and s.name not in there]
    if not missing:
        return
    if names.META in there:
        from xlplan.sheets.hidden.meta import read_meta

        read_meta(book.read(names.META), book.name)  # says so when it is a store workbook
    if names.META in missing and names.PLAN in missing:
        raise StructureError(
            f"{book.name} 不是 xlplan 的计划表", "用 xlplan new 新建一份", Where(book.name)
        )
    raise StructureError(
        f"找不到工作表：{'、'.join(missing)}",
        f"如果改了表名，请改回“{missing[0]}”；如果删掉了，请从“备份”文件夹恢复",
        Where(book.name),
    )
