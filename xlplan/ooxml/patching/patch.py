"""Changing named cells of a closed workbook and nothing else.

Only the changed `<c>` elements are rewritten. Formats, charts, comments, macros,
ribbon, slicers and everything we know nothing about stay as they are, byte for byte.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.parsers import expat

from xlplan.ooxml.book import Book
from xlplan.ooxml.package import Package
from xlplan.ooxml.patching.rezip import rezip
from xlplan.ooxml.patching.splice import refuse, splice
from xlplan.ooxml.patching.writes import Write
from xlplan.ooxml.serial import MAX_COL, MAX_ROW, parse_range
from xlplan.ooxml.sniff import damaged
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from xlplan.ooxml.book import SheetInfo
    from xlplan.ooxml.limits import Limits
    from xlplan.ooxml.patching.splice import Spliced
    from xlplan.ooxml.reader import Workbook

    SheetChanges = Mapping[tuple[int, int], Write]

__all__ = ["Write", "patch"]

_TYPES = "[Content_Types].xml"
_CALC = regex(rb"<((?:\w+:)?)calcPr\b([^<>]*?)(/?)>")
_MERGE = regex(rb"""<(?:\w+:)?mergeCell\s[^<>]*?ref=["']([A-Z0-9:]+)["']""")
_FULL = regex(rb"""\sfullCalcOnLoad\s*=\s*("[^"]*"|'[^']*')""")
#: What follows calcPr in a workbook part (ECMA-376 part 1, 18.2.27), or its end.
_AFTER_CALC = regex(
    rb"<(?:(\w+:)?)(?:oleSize|customWorkbookViews|pivotCaches|smartTagPr|smartTagTypes|"
    rb"webPublishing|fileRecoveryPr|webPublishObjects|extLst)\b|</((?:\w+:)?)workbook\s*>"
)


def patch(
    data: bytes,
    changes: Mapping[str, SheetChanges],
    *,
    recalc: bool = True,
    limits: Limits | None = None,
    opened: Workbook | None = None,
) -> bytes:
    """Return the workbook with some cells changed.

    A new cell takes the style of its row or column unless the `Write` names one; a
    changed cell keeps its own. Text is stored in the cell (inline), so the shared
    strings stay untouched. Overwriting the master of a shared formula gives the other
    cells their own text.

    Args:
        data: The workbook's bytes.
        changes: Sheet name → (row, col), 1-based → `Write`.
        recalc: Ask for everything to be recalculated on opening (``fullCalcOnLoad``).
        limits: Caps on size and time.
        opened: The same bytes as opened and read before: nothing is asked of them twice.

    Raises:
        StructureError: No such sheet, or a cell that must not be changed (array formula,
            data table, dynamic array, table header, covered by a merge); nothing is
            changed then.
        InputError: A value no cell can hold, with its cell.
        FileError: As for `open_workbook`.
    """
    if opened is None:
        return _patched(Book(Package(data, limits)), changes, (), recalc=recalc)
    with opened.book.package.budget.running():
        return _patched(opened.book, changes, opened.sound, recalc=recalc)


def _patched(
    book: Book, changes: Mapping[str, SheetChanges], sound: Container[str], *, recalc: bool
) -> bytes:
    """Patch; sheets that are known to be well-formed are not proven again if only digits change."""
    package = book.package
    changed: dict[str, bytes] = {}
    proven: set[str] = set()
    lost_formula = False
    for name, cells in changes.items():
        info = book.sheet(name)
        if cells:
            done = _patched_sheet(book, info, cells)
            changed[info.part] = done.data
            lost_formula |= done.lost_formula
            if done.only_digits and info.part in sound:
                proven.add(info.part)
    dropped = _without_calc_chain(book, changed) if lost_formula else []
    if recalc and changed:
        workbook = package.read(book.part)
        if (marked := _calculated_on_load(workbook)) != workbook:
            changed[book.part] = marked
    for part in changed.keys() - proven:
        _require_well_formed(part, changed[part])
    return rezip(package, changed, dropped) if changed else package.data


def _patched_sheet(book: Book, info: SheetInfo, cells: SheetChanges) -> Spliced:
    _refuse_outside(info.name, cells)
    _refuse_headers(book, info, cells)
    part = book.package.read(info.part)
    _refuse_covered(info.name, part, cells)
    return splice(part, info.part, info.name, cells, date1904=book.date1904)


def _refuse_outside(sheet: str, cells: SheetChanges) -> None:
    for row, col in cells:
        if not (1 <= row <= MAX_ROW and 1 <= col <= MAX_COL):
            raise ValueError(f"({row}, {col}) of {sheet} is outside the grid")


def _refuse_headers(book: Book, info: SheetInfo, cells: SheetChanges) -> None:
    """Refuse to change a table's header cell: Excel repairs books where it differs."""
    hit = []
    for table in book.tables(info):
        top, left, _, right = table.block
        for index, col in enumerate(range(left, right + 1)):
            write = cells.get((top, col)) if table.header_rows else None
            if write is not None and (write.value, write.formula) != (table.columns[index], None):
                hit.append((top, col))
    refuse(info.name, hit, "是表格的标题单元格，不能改动", "请在 Excel 中改标题")


def _refuse_covered(sheet: str, part: bytes, cells: SheetChanges) -> None:
    """Refuse a value in a cell that a merge covers: nobody would ever see it."""
    start = part.find(b"mergeCells", part.rfind(b"sheetData"))
    if start < 0:
        return
    merges = [parse_range(found[1].decode()) for found in _MERGE.finditer(part, start)]
    by_row: dict[int, list[int]] = {}
    for (row, col), write in cells.items():
        if write.value is not None or write.formula is not None:
            by_row.setdefault(row, []).append(col)
    hit = [
        (row, col)
        for top, left, bottom, right in merges
        for row, cols in by_row.items()
        if top <= row <= bottom
        for col in cols
        if left <= col <= right and (row, col) != (top, left)
    ]
    refuse(sheet, hit, "被合并单元格盖住，写入后看不见", "请写到合并区域的左上角，或取消合并")


def _without_calc_chain(book: Book, changed: dict[str, bytes]) -> list[str]:
    """Drop the calculation chain (Excel rebuilds it): it must not name cells without a formula."""
    chain = book.related_part("calcChain")
    if chain is None or chain not in book.package:
        return []
    folder, _, base = book.part.rpartition("/")
    rels = book.package.name(f"{folder}/_rels/{base}.rels".lstrip("/"))
    changed[rels] = _without(book.package.read(rels), b"Relationship", rb'/calcChain["\']')
    listed = re.escape(f"/{chain}".encode())
    types = book.package.name(_TYPES)
    changed[types] = _without(book.package.read(types), b"Override", rb"[\"']%b[\"']" % listed)
    return [book.package.name(chain)]


def _without(data: bytes, element: bytes, mark: bytes) -> bytes:
    """Return XML without the (empty) elements that hold the mark."""
    tag = rb"<(?:\w+:)?%b\b[^<>]*?%b[^<>]*?(?:/>|>\s*</(?:\w+:)?%b\s*>)" % (element, mark, element)
    return re.sub(tag, b"", data, flags=re.IGNORECASE)


def _calculated_on_load(workbook: bytes) -> bytes:
    """Return the workbook part with ``fullCalcOnLoad="1"``."""
    found = _CALC.search(workbook)
    mark = b' fullCalcOnLoad="1"'
    if found is not None:
        if mark in found[2]:
            return workbook
        kept = _FULL.sub(b"", found[2])
        tag = b"<%bcalcPr%b%b%b>" % (found[1], kept.rstrip(), mark, found[3])
        return workbook[: found.start()] + tag + workbook[found.end() :]
    after = _AFTER_CALC.search(workbook)
    if after is None:
        raise damaged("工作簿部件不完整")
    tag = b"<%bcalcPr%b/>" % (after[1] or after[2] or b"", mark)
    return workbook[: after.start()] + tag + workbook[after.start() :]


def _require_well_formed(part: str, content: bytes) -> None:
    """Check our own work before anything is written with it."""
    try:
        expat.ParserCreate(namespace_separator="}").Parse(content, True)
    except expat.ExpatError as error:
        raise damaged(f"改动后的 {part} 不再是有效的 XML（{error}）") from error
