"""Scattered cells as few rectangles: an open workbook takes a block in one round trip."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from xlplan.cells import Area, Cell
from xlplan.record import record
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from xlplan.cells import Spot, Value

#: Rows or columns of empty cells a rectangle may cross to reach the next change.
BRIDGE = 40
_EMPTY = Cell()
_EPOCH = date(1899, 12, 30).toordinal()
#: 1904-01-01 as a serial of the 1900 system.
OFFSET_1904 = 1462
#: Texts that Excel would not take for anything else: no digit, no sign in front. It reads
#: others as it reads typing ("9-11" → a date, "=…" → a formula) unless told that they are texts.
_SURELY_TEXT = regex(r"[^\d=+\-@'#%.,/$¥￥(][^\d]*")
_WORDS = frozenset({"true", "false"})


@record
class Block:
    """A rectangle of cells to write at once; cells without a change are empty already."""

    top: int
    left: int
    rows: list[list[Cell]]

    @property
    def area(self) -> Area:
        """Where it stands."""
        return Area(
            self.top,
            self.left,
            self.top + len(self.rows) - 1,
            self.left + len(self.rows[0]) - 1,
        )

    @property
    def calculates(self) -> bool:
        """Whether it holds a formula."""
        return any(cell.formula for row in self.rows for cell in row)


def blocks(cells: Mapping[Spot, Cell], taken: Container[Spot]) -> list[Block]:
    """Return rectangles that cover every cell once, none of them touching another used cell.

    Args:
        cells: What to write.
        taken: Cells that hold something now; only those among `cells` may be overwritten.
    """
    return _Cover(cells, taken).blocks()


class _Cover:
    """Rectangles grown from the first uncovered cell to the right, then down."""

    def __init__(self, cells: Mapping[Spot, Cell], taken: Container[Spot]) -> None:
        self.cells, self.taken = cells, taken
        self.left_over = set(cells)

    def blocks(self) -> list[Block]:
        return [self._grow(spot) for spot in sorted(self.cells) if spot in self.left_over]

    def _grow(self, spot: Spot) -> Block:
        top, left = spot
        right = self._across(top, left)
        bottom = self._down(top, left, right)
        rows = []
        for row in range(top, bottom + 1):
            spots = [(row, column) for column in range(left, right + 1)]
            self.left_over.difference_update(spots)
            rows.append([self.cells.get(at, _EMPTY) for at in spots])
        return Block(top, left, rows)

    def _across(self, row: int, left: int) -> int:
        last = column = left
        while column - last <= BRIDGE:
            column += 1
            if (row, column) in self.left_over:
                last = column
            elif self._blocked((row, column)):
                break
        return last

    def _down(self, top: int, left: int, right: int) -> int:
        last = row = top
        while row - last <= BRIDGE:
            row += 1
            spots = [(row, column) for column in range(left, right + 1)]
            if any(at not in self.left_over and self._blocked(at) for at in spots):
                break
            if any(at in self.left_over for at in spots):
                last = row
        return last

    def _blocked(self, spot: Spot) -> bool:
        return spot in self.taken or spot in self.cells


def values(block: Block, *, date1904: bool = False) -> list[list[object]]:
    """Return what to hand to Excel: numbers, truth values, marked texts, dates or serials.

    Dates stay dates in a block of values (Excel then gives a plain cell a date format) and are
    serials beside formulas, where Excel takes nothing else.
    """
    serials = block.calculates
    shift = _EPOCH + (OFFSET_1904 if date1904 else 0)

    def one(cell: Cell) -> object:
        if cell.formula:
            return cell.formula
        if serials and isinstance(cell.value, date):
            return float(cell.value.toordinal() - shift)
        return marked(cell.value)

    return [[one(cell) for cell in row] for row in block.rows]


def marked(value: Value) -> object:
    """Return a value so that Excel keeps its type: a text it might read gets an apostrophe."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return value
    if isinstance(value, int):
        return float(value)
    sure = not value or (_SURELY_TEXT.fullmatch(value) and value.lower() not in _WORDS)
    return value or None if sure else f"'{value}"
