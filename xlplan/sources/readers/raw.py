"""A table as it stands in a file, before anyone says what it means."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, NamedTuple

from xlplan.errors import FileError, Where
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.sources.readers.shown import ShownScale

#: Caps for files that are not workbooks (workbooks: `xlplan.ooxml`).
MAX_BYTES = 60 << 20
MAX_MEMBERS = 200
MAX_CELLS = 3_000_000
#: More tables than this are the layout of a web page, or meant to hurt.
MAX_TABLES = 500


@record
class Blob:
    """The bytes of one file, on disk or inside a zip; `name` is what users see."""

    name: str
    data: bytes


class Merge(NamedTuple):
    """A block of cells, 0-based, all sides included."""

    top: int
    left: int
    bottom: int
    right: int


@record
class Table:
    """Rows of cells (ragged, top row first), with the place they came from.

    Attributes:
        file: File name, with the member name after ``/`` inside a zip.
        sheet: Sheet name; empty for text files.
        rows: Cells as the reader delivered them: text, numbers, dates, None.
        date1904: Serial numbers in it count from 1904.
        merges: Merged blocks; only the first cell of each has the value.
        formats: Cells whose number format says a unit or scales: (row, column) → what it does.
        hidden: Nobody sees the sheet it stands on.
        flaws: Rows that cannot be trusted → why, in Chinese; they are reported, not read.
        delimited: It is text whose cells a mark separates, so that a stray mark shifts a row.
        above: What was written above it, where `rows` no longer holds that.
        store: The store that a group head or the sheet's name says it is about.
        first: Row and column of its first cell in the file, for `where`.
        turned: Its rows are the file's columns.
        codes: Number format of each number whose format says more than digits (a unit in
            quotes, %, scaling), by (row, column); known for .xlsx only.
        formulas: Formula text without ``=`` by (row, column); known for .xlsx only.
    """

    file: str
    sheet: str
    rows: Sequence[Sequence[object]]
    date1904: bool = False
    merges: tuple[Merge, ...] = ()
    formats: Mapping[tuple[int, int], ShownScale] = field(default_factory=dict)
    hidden: bool = False
    flaws: Mapping[int, str] = field(default_factory=dict)
    delimited: bool = False
    above: tuple[str, ...] = ()
    store: str = ""
    first: tuple[int, int] = (0, 0)
    turned: bool = False
    codes: Mapping[tuple[int, int], str] = field(default_factory=dict)
    formulas: Mapping[tuple[int, int], str] = field(default_factory=dict)

    def where(self, row: int | None = None, column: int | None = None) -> Where:
        """Return the place of a cell (0-based), of a row by its first cell, or of the table."""
        if row is None:
            return Where(self.file, self.sheet)
        down, right = (column or 0, row) if self.turned else (row, column or 0)
        top, left = max(self.first[0] + down, 0), self.first[1] + right
        return Where(self.file, self.sheet, f"{_letters(left)}{top + 1}")

    def at(self, row: int, column: int) -> object:
        """Return a cell, None beyond the end of its row."""
        cells = self.rows[row]
        return cells[column] if column < len(cells) else None


def _letters(column: int) -> str:
    letters, rest = "", column
    while rest >= 0:
        rest, digit = divmod(rest, 26)
        letters, rest = chr(65 + digit) + letters, rest - 1
    return letters


def file_too_big(name: str, what: str) -> FileError:
    """Return the refusal of a file beyond the caps."""
    return FileError(
        f"「{name}」{what}，为安全起见没有读取", remedy="请按较短的时间段分开导出", code="too_big"
    )


def file_damaged(name: str, what: str) -> FileError:
    """Return the refusal of a file that its format says is broken."""
    return FileError(f"「{name}」{what}", remedy="请从平台重新导出一次", code="damaged")
