"""Tables written as text: CSV and TSV, under any name."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from xlplan.sources.readers.raw import MAX_CELLS, Blob, Table, damaged, too_big

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_DELIMITERS = "\t,;|"


def read_delimited(blob: Blob, encoding: str) -> Table:
    """Read CSV or TSV; the delimiter is the one that makes the most cells of the first lines."""
    text = blob.data.decode(encoding, "replace").lstrip("\ufeff")
    rows: list[list[str]] = []
    cells = 0
    for row in _records(blob.name, text, delimiter_of(text)):
        rows.append(row)
        cells += len(row)
        if cells > MAX_CELLS:
            raise too_big(blob.name, f"超过 {MAX_CELLS:,} 个单元格")
    return Table(blob.name, "", rows)


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


def _records(name: str, text: str, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise damaged(name, f"不是完整的 CSV（{error}）") from error
