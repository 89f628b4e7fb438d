"""A sheet of targets as its reader sees it: merged labels everywhere, formulas with their values."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from xlplan.errors import Level, Problem, Where
from xlplan.record import bundle
from xlplan.sources.numbers import Number, parse_number
from xlplan.sources.targets.words import Amount, parse_amount, plain
from xlplan.sources.text import NOT_CALCULATED, is_error, is_missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.sources.readers.raw import Table

#: What people write where a figure is still to come.
_OPEN = frozenset(("待定", "tbd", "tba", "未定", "待确认", "?", "待补", "待填", "暂定", "??"))


@bundle
class Grid:
    """The cells of one sheet, a rectangle.

    Attributes:
        table: Where they came from.
        cells: Rows of cells; a merged label stands in every cell it covers.
        merged: Cells covered by another one → that one's block.
        problems: Formulas that could not be taken at their word.
    """

    table: Table
    cells: list[list[object]]
    merged: Mapping[tuple[int, int], tuple[int, int, int, int]]
    problems: list[Problem]

    @property
    def height(self) -> int:
        """Number of rows."""
        return len(self.cells)

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.cells[0]) if self.cells else 0

    def where(self, row: int, column: int) -> Where:
        """Return the place of a cell."""
        return self.table.where(row, column)

    def text(self, row: int, column: int) -> str:
        """Return a cell's text without blanks; "" for numbers, dates and empty cells."""
        cell = self.cells[row][column]
        return plain(cell) if isinstance(cell, str) and not is_missing(cell) else ""

    def is_amount(self, row: int, column: int) -> bool:
        """Whether a figure stands there, or something in its stead (an error, 待定)."""
        return is_amount(self.cells[row][column])

    def number(self, row: int, column: int) -> float | None:
        """Return the bare number of a cell, None when it holds none."""
        cell = self.cells[row][column]
        if isinstance(cell, dt.date | bool):
            return None
        read = parse_number(cell)
        return read.value if isinstance(read, Number) and not read.scaled else None

    def distinct(self, row: int) -> list[tuple[int, object]]:
        """Return the filled cells of a row, a merged one once, by column."""
        found = []
        for column, cell in enumerate(self.cells[row]):
            block = self.merged.get((row, column))
            if not is_missing(cell) and not (block and block[1] < column):
                found.append((column, cell))
        return found


def is_amount(cell: object) -> bool:
    """Whether a cell holds a figure, an error value, or a word for a figure to come."""
    if cell is None or isinstance(cell, bool | dt.date):
        return False
    if isinstance(cell, int | float):
        return cell == cell  # noqa: PLR0124  # NaN differs from itself
    if not isinstance(cell, str) or is_missing(cell):
        return is_error(cell) if cell is not None and not isinstance(cell, str) else False
    if cell == NOT_CALCULATED or is_error(cell) or plain(cell).lower() in _OPEN:
        return True
    read = parse_amount(cell, year=2000)
    return isinstance(read, Amount) and read.date is None


def grid_of(table: Table) -> Grid:
    """Return a sheet's cells with merged labels spread and formulas worked out."""
    from xlplan.sources.targets.formulas import worked_out

    width = max((len(row) for row in table.rows), default=0)
    width = max([width, *(right + 1 for _, _, _, right in table.merges if right < 512)])
    height = max([len(table.rows), *(low + 1 for _, _, low, _ in table.merges if low < 100_000)])
    cells: list[list[object]] = [
        [*row, *[None] * (width - len(row))]
        for row in (*table.rows, *[()] * (height - len(table.rows)))
    ]
    problems = [
        Problem(table.where(*at), what, Level.ERROR, "用 Excel 打开、保存一次再读", "targets")
        for at, what in worked_out(table, cells)
    ]
    merged = {}
    for top, left, low, right in table.merges:
        first = cells[top][left] if top < height and left < width else None
        for row in range(top, min(low + 1, height)):
            for column in range(left, min(right + 1, width)):
                if (row, column) != (top, left):
                    merged[row, column] = (top, left, low, right)
                    cells[row][column] = None if is_amount(first) and not _label(first) else first
    return Grid(table, _trimmed(cells), merged, problems)


def _label(cell: object) -> bool:
    """Whether a merged number may be a year over its columns."""
    return isinstance(cell, int | float) and 2000 <= cell <= 2100 and float(cell).is_integer()


def _trimmed(cells: list[list[object]]) -> list[list[object]]:
    """Return the rows without the empty ones at the end and the empty columns at the right."""
    while cells and all(is_missing(cell) for cell in cells[-1]):
        cells.pop()
    width = max(
        (at + 1 for row in cells for at, cell in enumerate(row) if not is_missing(cell)), default=0
    )
    return [row[:width] for row in cells]
