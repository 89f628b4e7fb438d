"""A table as it stands in a file, before anyone says what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.errors import FileError, Where
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Caps for files that are not workbooks (workbooks: `xlplan.ooxml`).
MAX_BYTES = 60 << 20
MAX_MEMBERS = 200
MAX_CELLS = 3_000_000


@record
class Blob:
    """The bytes of one file, on disk or inside a zip; `name` is what users see."""

    name: str
    data: bytes


@record
class Table:
    """Rows of cells (ragged, top row first), with the place they came from.

    Attributes:
        file: File name, with the member name after ``/`` inside a zip.
        sheet: Sheet name; empty for text files.
        rows: Cells as the reader delivered them: text, numbers, dates, None.
        date1904: Serial numbers in it count from 1904.
    """

    file: str
    sheet: str
    rows: Sequence[Sequence[object]]
    date1904: bool = False

    def where(self, row: int | None = None, column: int | None = None) -> Where:
        """Return the place of a cell (0-based), of a row by its first cell, or of the table."""
        if row is None:
            return Where(self.file, self.sheet)
        return Where(self.file, self.sheet, f"{_letters(column or 0)}{row + 1}")


def _letters(column: int) -> str:
    letters, rest = "", column
    while rest >= 0:
        rest, digit = divmod(rest, 26)
        letters, rest = chr(65 + digit) + letters, rest - 1
    return letters


def too_big(name: str, what: str) -> FileError:
    """Return the refusal of a file beyond the caps."""
    return FileError(
        f"「{name}」{what}，为安全起见没有读取", remedy="请按较短的时间段分开导出", code="too_big"
    )


def damaged(name: str, what: str) -> FileError:
    """Return the refusal of a file that its format says is broken."""
    return FileError(f"「{name}」{what}", remedy="请从平台重新导出一次", code="damaged")
