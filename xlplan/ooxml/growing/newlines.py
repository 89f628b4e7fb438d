"""What new rows and columns hold: looks, words, heights and widths, what may be typed there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xlplan.ooxml.cells import unescape
from xlplan.ooxml.patching.splice import splice
from xlplan.ooxml.patching.writes import Write, escape
from xlplan.ooxml.serial import CellRange, column_index, column_name, parse_range
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlplan.ooxml.book import WorkbookPart
    from xlplan.ooxml.growing.moving import Moves, NewLines
    from xlplan.ooxml.growing.styles import Looks

_CELL = regex(rb'<c r="([A-Z]+)([0-9]+)"(?: s="([0-9]+)")?')
_ROW = regex(rb'<row r="([0-9]+)"([^<>]*?)/?>')
_COLS = regex(rb"<cols>(.*?)</cols>", re.DOTALL)
_COL = regex(rb'<col min="([0-9]+)" max="([0-9]+)"([^<>]*?)/>')
_STYLE = regex(rb'(\sstyle=")([0-9]+)(")')
_CONDITION = regex(rb'<conditionalFormatting sqref="([^"]+)">(.*?)</conditionalFormatting>', re.DOTALL)  # fmt: skip
_RULE = regex(rb"<dataValidation\b[^<>]*?(?:/>|>.*?</dataValidation>)", re.DOTALL)
_SQREF = regex(rb'(\ssqref=")([^"]+)(")')
_DXF = regex(rb'(\sdxfId=")([0-9]+)(")')
_PRIORITY = regex(rb'(\spriority=")([0-9]+)(")')
_TEXT = regex(rb"(<formula[12]?>)([^<]+)(</)")
#: What may follow conditional formats and validations (ECMA-376 part 1, 18.3.1.99).
_AFTER_RULES = (
    "hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties "
    "cellWatches ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF picture oleObjects "
    "controls webPublishItems tableParts extLst"
).split()


def put_lines(  # noqa: PLR0913, PLR0917  # two workbooks and what goes from one to the other
    book: WorkbookPart,
    donor: WorkbookPart,
    parts: dict[str, bytes],
    lines: NewLines,
    there: Moves,
    looks: Looks,
) -> None:
    """Fill the room that was made for new lines, as a donor has them.

    Args:
        book: The workbook.
        donor: The workbook that has the lines.
        parts: Changed parts of the workbook; the sheet is one of them.
        lines: The lines.
        there: Where the donor's cells stand in the workbook.
        looks: The donor's looks in the workbook.
    """
    info = book.sheet(lines.sheet)
    data = parts.get(info.part) or book.package.read(info.part)
    made = donor.package.read(donor.sheet(lines.sheet).part)
    writes = dict(_cells(made, lines, there, looks))
    data = splice(data, info.part, lines.sheet, writes, date1904=book.date1904).data
    data = _heights(data, made, lines)
    data = _widths(data, made, lines, looks)
    parts[info.part] = _rules(_conditions(data, made, lines, there, looks), made, lines, there)


def _cells(
    made: bytes, lines: NewLines, there: Moves, looks: Looks
) -> Iterator[tuple[tuple[int, int], Write]]:
    """Yield the new cells with their looks; formulas are written by whoever asked for the lines."""
    rows = {built: now for now, built in lines.rows.items()}
    columns = {column_name(built): now for now, built in lines.columns.items()}
    known = set(lines.row_places), {column_name(one) for one in lines.column_places}
    for found in _CELL.finditer(made):
        letters, row = found[1].decode(), int(found[2])
        same = row, column_index(letters)
        if same in lines.fresh:
            yield same, Write(None, None, looks.cells.get(int(found[3] or 0), 0))
            continue
        new = row in rows or letters in columns
        if not new or (letters in columns and row not in rows and row not in known[0]):
            continue
        column = columns.get(letters) or lines.column_places.get(column_index(letters))
        if column is None:
            continue
        spot = rows.get(row) or there.row(row), column
        style = looks.cells.get(int(found[3] or 0), 0)
        yield spot, Write(lines.values.get(spot), None, style)


def _heights(data: bytes, made: bytes, lines: NewLines) -> bytes:
    """Give new rows the height, outline and visibility they are built with."""
    built = {int(found[1]): found[2] for found in _ROW.finditer(made)}

    def tag(found: re.Match[bytes]) -> bytes:
        number = int(found[1])
        if number not in lines.rows:
            return found[0]
        said = re.sub(
            rb'\s(?:spans|s|customFormat)="[^"]*"', b"", built.get(lines.rows[number], b"")
        )
        return b'<row r="%d"%b%b' % (number, said, b"/>" if found[0].endswith(b"/>") else b">")

    return _ROW.sub(tag, data) if lines.rows else data


def _widths(data: bytes, made: bytes, lines: NewLines, looks: Looks) -> bytes:
    """Give new columns the width, look and visibility they are built with."""
    if not lines.columns:
        return data
    built = dict(_column_looks(made))
    now = {number: said for number, said in _column_looks(data) if number not in lines.columns}
    for number, source in lines.columns.items():
        said = built.get(source, b"")
        now[number] = _STYLE.sub(lambda m: b"%b%d%b" % (m[1], looks.cells[int(m[2])], m[3]), said)
    body = b"".join(b'<col min="%d" max="%d"%b/>' % (n, n, now[n]) for n in sorted(now) if now[n])
    found = _COLS.search(data)
    if found:
        return data[: found.start()] + b"<cols>" + body + b"</cols>" + data[found.end() :]
    at = data.index(b"<sheetData")
    return data[:at] + b"<cols>" + body + b"</cols>" + data[at:]


def _column_looks(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each column by itself; one run to the last column of the grid ends after a hundred."""
    found = _COLS.search(data)
    for run in _COL.finditer(found[1]) if found else ():
        first, last = int(run[1]), int(run[2])
        for number in range(first, min(last, first + 300) + 1):
            yield number, run[3]


def _inside(areas: bytes, lines: NewLines) -> bool:
    """Return whether areas of the donor lie on new lines only."""
    rows, columns = set(lines.rows.values()), set(lines.columns.values())
    return all(
        set(range(one.top, one.bottom + 1)) <= rows
        or set(range(one.left, one.right + 1)) <= columns
        for one in map(parse_range, areas.decode().split())
        if one.bottom - one.top < 100_000
    )


def _covering(areas: str, lines: NewLines) -> str:
    """Return where areas of the donor are; their rows may be sorted, and lie apart then."""
    rows = {built: now for now, built in lines.rows.items()} | dict(lines.row_places)
    columns = {built: now for now, built in lines.columns.items()} | dict(lines.column_places)
    made = []
    for one in map(parse_range, areas.split()):
        down = [rows[row] for row in range(one.top, one.bottom + 1) if row in rows]
        across = [columns[col] for col in range(one.left, one.right + 1) if col in columns]
        made.append(str(CellRange(min(down), min(across), max(down), max(across))))
    return " ".join(made)


def _moved(data: bytes, lines: NewLines, there: Moves) -> bytes:
    def text(found: re.Match[bytes]) -> bytes:
        made = there.formula(unescape(found[2].decode()), there.sheet)
        return found[1] + escape(made).encode() + found[3]

    data = _SQREF.sub(lambda m: m[1] + _covering(m[2].decode(), lines).encode() + m[3], data)
    return _TEXT.sub(text, data)


def _conditions(data: bytes, made: bytes, lines: NewLines, there: Moves, looks: Looks) -> bytes:
    """Put in the conditional formats of new lines."""
    used = max([0, *(int(found[2]) for found in _PRIORITY.finditer(data))])
    new = []
    for found in _CONDITION.finditer(made):
        if _inside(found[1], lines):
            rule = _DXF.sub(
                lambda m: b"%b%d%b" % (m[1], looks.conditions[int(m[2])], m[3]), found[0]
            )
            used += 1
            new.append(_moved(_ranked(rule, used), lines, there))
    return put_before(data, ["dataValidations", *_AFTER_RULES], b"".join(new)) if new else data


def _ranked(rule: bytes, priority: int) -> bytes:
    return _PRIORITY.sub(lambda m: b"%b%d%b" % (m[1], priority, m[3]), rule)


def _rules(data: bytes, made: bytes, lines: NewLines, there: Moves) -> bytes:
    """Put in the validations of new lines."""
    new = [
        _moved(found[0], lines, there)
        for found in _RULE.finditer(made)
        if (place := _SQREF.search(found[0])) and _inside(place[2], lines)
    ]
    if not new:
        return data
    there_now = re.search(rb"<dataValidations\b[^<>]*>(.*?)</dataValidations>", data, re.DOTALL)
    old = _RULE.findall(there_now[1]) if there_now else []
    body = b'<dataValidations count="%d">%b</dataValidations>' % (len(old) + len(new), b"".join([*old, *new]))  # fmt: skip
    if there_now:
        return data[: there_now.start()] + body + data[there_now.end() :]
    return put_before(data, _AFTER_RULES, body)


def put_before(data: bytes, followers: list[str], new: bytes) -> bytes:
    """Return a sheet with an element put before whatever may follow it."""
    start = max(data.rfind(b"</sheetData>"), data.rfind(b"<sheetData/>"))
    names = "|".join(followers).encode()
    found = re.compile(rb"<(?:%b)\b" % names).search(data, start)
    at = found.start() if found else data.rindex(b"</worksheet>")
    return data[:at] + new + data[at:]
