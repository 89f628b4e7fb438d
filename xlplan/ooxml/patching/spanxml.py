"""Rows and cells of a sheet in any form, by expat's byte offsets."""

from __future__ import annotations

from xml.parsers import expat

from xlplan.ooxml.patching.spans import CellSpan, FormulaSpan, RowSpan, Spans, next_row
from xlplan.ooxml.patching.writes import escape
from xlplan.ooxml.safexml import unsafe
from xlplan.ooxml.serial import parse_cell
from xlplan.ooxml.sniff import damaged_package
from xlplan.regex import regex

_DECLARED = regex(rb'(<\?xml[^>]*?encoding\s*=\s*["\'])([^"\']+)')


class ParsedSpans(Spans):
    """Like `Spans`, with the cells found in one pass over the sheet."""

    def __init__(self, data: bytes, part: str) -> None:
        super().__init__(_as_utf8(data, part), -1, -1, [])
        self._found: dict[int, list[CellSpan]] = {}
        self._formulas: dict[int, FormulaSpan] = {}
        self._open_cell: tuple[int, int, dict[str, str]] | None = None
        self._formula: tuple[dict[str, str], list[str]] | None = None
        self._row: tuple[int, int] | None = None
        self._in_formula = False
        self._path: list[str] = []
        self._parse(part)

    def locate(self, row: RowSpan, col: int, start: int = 0) -> CellSpan | int:  # noqa: ARG002  # as in Spans
        """Return the cell of a row in this column, or where it would have to be inserted."""
        after = (cell for cell in self._found[row.row] if cell.col >= col)
        cell = next(after, None)
        if cell is None:
            return row.stop
        return cell if cell.col == col else cell.start

    def digits(self, row: RowSpan, col: int, start: int, lead: bytes) -> None:  # as in Spans
        """Return None: in this form every changed cell is written anew."""

    def cells(self, row: RowSpan) -> list[CellSpan]:
        """Return all cells of a row."""
        return self._found[row.row]

    def formula(self, cell: CellSpan) -> FormulaSpan | None:
        """Return the formula of a cell."""
        return self._formulas.get(cell.start)

    def _parse(self, part: str) -> None:
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = lambda *_: _refuse(part)
        try:
            self._parser.Parse(self.data, True)
        except (expat.ExpatError, ValueError) as error:
            raise damaged_package(f"{part} 不是有效的 XML（{error}）") from error
        if self.start < 0:
            raise damaged_package(f"{part} 没有单元格区")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._path:
            self.prefix = name[: name.rfind(":") + 1]
        self._path.append(name.removeprefix(self.prefix))
        at = self._parser.CurrentByteIndex
        match self._path[1:]:
            case ["sheetData"]:
                self.start = _tag_end(self.data, at)
                self.closed_tag = at if _is_closed(self.data, self.start) else None
            case ["sheetData", "row"]:
                number = next_row(self._row[0] if self._row else 0, attributes.get("r"))
                self._row = (number, at)
                self._found[number] = []
            case ["sheetData", "row", "c"] if self._row:
                self._open_cell = (self._column(attributes.get("r")), at, attributes)
                self._formula = None
            case ["sheetData", "row", "c", "f"]:
                self._formula, self._in_formula = (attributes, []), True

    def _column(self, name: str | None) -> int:
        number = self._row[0] if self._row else 0
        before = self._found[number]
        last = before[-1].col if before else 0
        row, col = (number, last + 1) if name is None else _parsed(name)
        if row != number or col <= last:
            raise damaged_package(f"单元格 {name} 的位置不对")
        return col

    def _text(self, text: str) -> None:
        if self._in_formula and self._formula:
            self._formula[1].append(text)

    def _end(self, _name: str) -> None:
        at = self._parser.CurrentByteIndex
        match self._path[1:]:
            case ["sheetData"]:
                self.stop = self.start if self.closed_tag is not None else at
            case ["sheetData", "row"]:
                self._end_row(at)
            case ["sheetData", "row", "c"]:
                self._end_cell(at)
            case ["sheetData", "row", "c", "f"]:
                self._in_formula = False
        self._path.pop()

    def _end_row(self, at: int) -> None:
        if self._row is not None:
            number, start = self._row
            body = _tag_end(self.data, start)
            closed = _is_closed(self.data, body)
            stop, end = (body, body) if closed else (at, _tag_end(self.data, at))
            self.rows.append(RowSpan(number, start, body, stop, end))

    def _end_cell(self, at: int) -> None:
        if self._open_cell is None or self._row is None:
            return
        col, start, attributes = self._open_cell
        body = _tag_end(self.data, start)
        end = body if _is_closed(self.data, body) else _tag_end(self.data, at)
        computed = self._formula is not None
        if self._formula is not None:
            self._formulas[start] = FormulaSpan(
                self._formula[0], escape("".join(self._formula[1]))
            )
        rich = "cm" in attributes or "vm" in attributes
        span = CellSpan(col, start, end, attributes.get("s", ""), computed, rich)
        self._found[self._row[0]].append(span)
        self._open_cell = None


def _parsed(name: str) -> tuple[int, int]:
    try:
        return parse_cell(name)
    except ValueError:
        raise damaged_package(f"单元格“{name}”不存在") from None


def _tag_end(data: bytes, start: int) -> int:
    """Return the position after the tag that starts here (`>` may stand inside quotes)."""
    pos, quote = start, b""
    while True:
        mark = data[pos : pos + 1]
        if quote:
            quote = b"" if mark == quote else quote
        elif mark in (b'"', b"'"):
            quote = mark
        elif mark in (b">", b""):
            return pos + 1
        pos += 1


def _is_closed(data: bytes, tag_end: int) -> bool:
    return data[tag_end - 2 : tag_end - 1] == b"/"


def _as_utf8(data: bytes, part: str) -> bytes:
    """Return the part in UTF-8; a part in UTF-16 is rewritten, other encodings are refused."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16").encode()
        return _DECLARED.sub(rb"\1UTF-8", data, count=1)
    declared = _DECLARED.match(data.removeprefix(b"\xef\xbb\xbf"))
    if declared and declared[2].lower() not in (b"utf-8", b"us-ascii"):
        raise damaged_package(f"{part} 用了不支持的编码 {declared[2].decode('ascii', 'replace')}")
    return data


def _refuse(part: str) -> None:
    raise unsafe(part)
