"""A closed workbook brought up: new lines in its sheets, and new sheets, as another workbook has them.

That other workbook (the donor) is built by the program; from it come cells with their looks, row
heights, validations, conditional formats, and whole sheets with charts and notes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.ooxml.book import WorkbookPart
from xlplan.ooxml.growing.aside import put_aside, show_instead
from xlplan.ooxml.growing.lines import with_lines
from xlplan.ooxml.growing.moving import Moves, inserted, mapped
from xlplan.ooxml.growing.newlines import put_lines
from xlplan.ooxml.growing.newsheets import hide_sheets, put_sheet
from xlplan.ooxml.growing.styles import merged_styles
from xlplan.ooxml.limits import PLAN_BOOK
from xlplan.ooxml.package import Package
from xlplan.ooxml.patching.patch import require_well_formed, rezip, without_calc_chain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.ooxml.growing.moving import NewLines, NewSheet


def grown_package(
    data: bytes,
    donor: bytes,
    lines: Sequence[NewLines],
    sheets: Sequence[NewSheet],
    retired: Sequence[str] = (),
) -> bytes:
    """Return a workbook with new lines and sheets; every other part stays byte for byte.

    Args:
        data: The workbook.
        donor: A workbook that holds those sheets as they are built.
        lines: New rows and columns.
        sheets: New sheets, each after one that is there then.
        retired: Sheets that are hidden.

    Raises:
        StructureError: Its styles are written in an uncommon way.
    """
    book, other = (WorkbookPart(Package(one, PLAN_BOOK)) for one in (data, donor))
    parts: dict[str, bytes] = {}
    added: dict[str, bytes] = {}
    styles = str(book.related_part("styles"))
    looks = merged_styles(book.package.read(styles), other.package.read(str(other.related_part("styles"))))  # fmt: skip
    parts[book.package.name(styles)] = looks.data
    for one in lines:
        moves = Moves(one.sheet, inserted(tuple(one.rows)), inserted(tuple(one.columns)))
        with_lines(book, parts, moves)
        there = Moves(one.sheet, mapped(one.row_places), mapped(one.column_places))
        put_lines(book, other, parts, one, there, looks)
    for sheet in sheets:
        if sheet.aside:
            put_aside(book, parts, sheet.name, sheet.after, sheet.own)
        put_sheet(book, other, parts, added, sheet, looks)
        if sheet.aside:
            show_instead(book, parts, sheet.name)
    if retired:
        hide_sheets(book, parts, retired)
    dropped = without_calc_chain(book, parts)
    for part, content in {**parts, **added}.items():
        if part.endswith((".xml", ".rels")):
            require_well_formed(part, content)
    return rezip(book.package, parts, dropped, added)
