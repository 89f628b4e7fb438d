"""Tables written as text: CSV and TSV, under any name."""

from __future__ import annotations

import csv
import io
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from xlplan.regex import regex
from xlplan.sources.readers.raw import MAX_CELLS, Blob, Table, file_too_big

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_HEAD_OF, _TAIL_OF = regex(r"\s*-?[¥￥]?\d{1,3}"), regex(r"\d{3}(?:\.\d+)?\s*")
_DELIMITERS = "\t,;|"
_OPEN_QUOTE = "引号没有成对，把后面的内容也当成了同一格"


def read_delimited(blob: Blob, encoding: str) -> Table:
    """Read CSV or TSV; the delimiter is the one that makes the most cells of the first lines.

    A quote that never closes swallows what follows: such a stretch is read line by line, and
    its first line is kept only if it has all its cells.
    """
    delimiter = delimiter_of(blob.data[:80_000].decode(encoding, "ignore").lstrip("\ufeff"))
    rows: list[list[str]] = []
    flaws: dict[int, str] = {}
    cells = 0
    for lines, row in _records(blob, encoding, delimiter):
        width = max(map(len, rows[:40]), default=0) if len(lines) > 1 else 0
        if row == [_OPEN_QUOTE] or (len(lines) > 1 and _swallowed(lines, row, delimiter, width)):
            flaws |= _line_by_line(lines, delimiter, rows)
        else:
            rows.append(row)
        cells += max(len(row), 1)
        if cells > MAX_CELLS:
            raise file_too_big(blob.name, f"超过 {MAX_CELLS:,} 个单元格或行")
    return Table(blob.name, "", rows, flaws=flaws, delimited=True)


def _records(blob: Blob, encoding: str, delimiter: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yield each record with the lines it was made of."""
    stream = io.TextIOWrapper(io.BytesIO(blob.data), encoding, "replace", newline="")
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for number, line in enumerate(stream):
            text = line if number else line.lstrip("\ufeff")
            taken.append(text)
            yield text

    try:
        for row in csv.reader(lines(), delimiter=delimiter):
            yield taken, row
            taken.clear()
    except csv.Error:
        # the reader gives up on a cell beyond 131,072 characters: a quote that swallowed a file
        rest = taken + list(stream)
        yield rest, [_OPEN_QUOTE]


def _swallowed(lines: Sequence[str], row: Sequence[str], delimiter: str, width: int) -> bool:
    """Return whether a record of several lines is several records behind a stray quote.

    Its quotes do not pair, or a line inside a cell has as many cells as a row of the table.
    """
    if row == [_OPEN_QUOTE] or not _is_sound(lines, delimiter):
        return True
    marks = max((width or len(row)) - 1, 2)
    inner = [line for cell in row if "\n" in cell for line in cell.split("\n")]
    return any(line.count(delimiter) >= marks for line in inner)


def _is_sound(lines: Sequence[str], delimiter: str) -> bool:
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return True


class Flaw(NamedTuple):
    """What is wrong with a line (1-based) of a text file, in Chinese."""

    line: int
    what: str


#: A cell of more lines than this is a quote that never closes.
_MOST_LINES = 1_000


def first_flaw(stream: Iterable[str], delimiter: str, header_row: int, width: int) -> Flaw | None:
    """Return the first line under the head that has too many cells or opens a quote for good.

    For files that another program reads, of any size: a plain line costs two looks.
    """
    lines = iter(enumerate(stream, 1))
    record = -1
    for number, line in lines:
        record += 1
        taken = [line]
        if '"' in line:
            while _is_open(taken, delimiter) and len(taken) < _MOST_LINES:
                more = next(lines, None)
                if more is None:
                    break
                taken.append(more[1])
        elif line.count(delimiter) < width:
            continue
        if record > header_row and (what := _flaw_of(taken, delimiter, width)):
            return Flaw(number, what)
    return None


def _flaw_of(lines: Sequence[str], delimiter: str, width: int) -> str:
    if '"' in lines[0] and _is_open(lines, delimiter):
        return _OPEN_QUOTE
    try:
        row = next(csv.reader(lines, delimiter=delimiter), [])
    except csv.Error:
        return _OPEN_QUOTE
    if len(lines) > 1 and _swallowed(lines, row, delimiter, width):
        return _OPEN_QUOTE
    extra = len(row) - width
    if len(_trimmed(row)) > width or 0 < extra <= _split_figures(row):
        return f"有 {len(row)} 格，表头只有 {width} 格，多半是数里的逗号没有加引号"
    return ""


def _is_open(lines: Sequence[str], delimiter: str) -> bool:
    """Return whether the last cell of some lines is still inside its quotes."""
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _line_by_line(lines: Sequence[str], delimiter: str, rows: list[list[str]]) -> dict[int, str]:
    """Append each line as a record of its own; return the flaw of those that lost cells."""
    width = max(map(len, rows[:40]), default=0)
    flaws = {}
    for line in lines:
        try:
            row = next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error:  # a cell beyond 131,072 characters
            row = [line]
        row = [cell.rstrip("\r\n") for cell in row]
        if not _is_sound([line], delimiter) and len(row) < width:
            flaws[len(rows)] = _OPEN_QUOTE
        rows.append(row)
    return flaws


def delimiter_of(text: str) -> str:
    """Return the mark that makes the most cells of a text's first lines."""
    head = text[:20_000].splitlines()[:60]
    return max(_DELIMITERS, key=lambda mark: _score(head, mark))


def _score(lines: Sequence[str], delimiter: str) -> int:
    """Return how many cells `delimiter` makes in the most common kind of row it finds."""
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
    except csv.Error:
        return 0
    return max((width - 1) * widths.count(width) for width in set(widths)) if widths else 0


def unfit_rows(table: Table, header_row: int) -> dict[int, str]:
    """Return the rows of a delimited table that have more cells than its head → why.

    A comma inside a figure (``1,234`` without quotes) shifts every cell behind it. Rows may
    all end with the same blank cells.
    """
    if not table.delimited:
        return {}
    wide = len(_trimmed(table.rows[header_row]))
    body = range(header_row + 1, len(table.rows))
    if wide == len(table.rows[header_row]) and all(len(table.rows[row]) <= wide for row in body):
        return {}
    usual = _usual([len(table.rows[row]) for row in body])
    limit = max(len(table.rows[header_row]), usual)
    usually_filled = _usual([len(_trimmed(table.rows[row])) for row in body])
    found = {}
    for row in body:
        cells = table.rows[row]
        filled = len(_trimmed(cells))
        if filled > wide and (filled > len(table.rows[header_row]) or len(cells) > limit):
            found[row] = f"这一行有 {filled} 格，表头只有 {wide} 格，多半是数里的逗号没有加引号"
        elif len(cells) > limit and (
            filled > usually_filled or 0 < len(cells) - limit <= _split_figures(cells)
        ):
            found[row] = (
                f"这一行有 {len(cells)} 格，别的行是 {limit} 格，多半是数里的逗号没有加引号"
            )
    return found


def _split_figures(cells: Sequence[object]) -> int:
    """Return how many pairs of cells look like one figure with a comma: 1 and 234."""
    pairs = pairwise(cells)
    return sum(bool(_HEAD_OF.fullmatch(str(a)) and _TAIL_OF.fullmatch(str(b))) for a, b in pairs)


def _usual(widths: Sequence[int]) -> int:
    counts: dict[int, int] = {}
    for width in widths:
        counts[width] = counts.get(width, 0) + 1
    return max(counts, key=lambda width: (counts[width], -width), default=0)


def _trimmed(row: Sequence[object]) -> Sequence[object]:
    end = len(row)
    while end and not str(row[end - 1] or "").strip():
        end -= 1
    return row[:end]
