"""Where everything on 首页 stands: one page above, the figures that charts and forecasts use below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import Area
from xlplan.errors import StructureError, Where
from xlplan.record import record
from xlplan.sheets.base.find import KEY_MARK
from xlplan.sheets.base.names import HOME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Seen, Spot

#: Stands for a 首页 of this layout; one without it is of an older program.
MARK_SPOT = (1, 1)
TITLE_ROW, STATUS_ROW, VERDICT_ROW, NEXT_ROW = 1, 2, 3, 4
SCOPE_SPOT, PROBLEM_SPOT = (1, 14), (1, 19)
TODAY_SPOT, AS_OF_SPOT, CHECK_SPOT = (2, 14), (2, 16), (2, 19)
#: Columns: the name, twelve months, then what is said of the year.
NAME, FIRST_MONTH, REACHED, LANDING, YEAR_AGO, SHAPE, FRESH = 2, 3, 15, 16, 17, 18, 19
PERIOD_HEAD, FIRST_PERIOD = 6, 7
#: Rows of the periods, in order.
PERIODS = ("latest", "month", "quarter", "year")
DO_HEAD, DO_ROW, CLOSE_HEAD, CLOSE_ROW, CLOSE_ROWS = 12, 14, 18, 19, 5
PANEL_TOP, PANEL_BOTTOM = 13, 23
WORST_HEAD, WORST_ROW, WORST_COUNT = 25, 26, 3
MATRIX_HEAD, MATRIX_ROW = 31, 32


@record
class HomeAt:
    """The places that hang on how many scopes there are.

    Attributes:
        scopes: How many scopes: stores, and 合计 when there are several.
    """

    scopes: int

    #: The store selector.
    scope: Spot = SCOPE_SPOT

    @property
    def last_scope(self) -> int:
        """Last row of the matrix."""
        return MATRIX_ROW + self.scopes - 1

    @property
    def legend(self) -> int:
        """Row of the legend; links stand on the next."""
        return self.last_scope + 2

    @property
    def bottom(self) -> int:
        """Last row of the page as printed."""
        return self.legend + 1

    @property
    def data(self) -> int:
        """Head row of the figures below the page."""
        return self.bottom + 3

    @property
    def day(self) -> Spot:
        """The day to act on."""
        return self.data + 1, 3

    @property
    def ahead(self) -> Spot:
        """The day after the last one with actuals; it says which month and quarter are shown."""
        return self.data + 2, 3

    @property
    def errors(self) -> Spot:
        """How many findings are errors."""
        return self.data + 3, 3

    @property
    def factor(self) -> Spot:
        """How many times its plan a day must bring now."""
        return self.data + 4, 3

    @property
    def step(self) -> Spot:
        """Which next step it is."""
        return self.data + 5, 3

    def span(self, number: int) -> int:
        """Row of a period's first and last day, and of its landing."""
        return self.data + 1 + number

    def month(self, number: int) -> int:
        """Row of a month's figures for the chart."""
        return self.data + 7 + number

    @property
    def told(self) -> int:
        """Head row of what was foreseen."""
        return self.data + 22

    @property
    def chosen(self) -> int:
        """Row of what was foreseen of the scope chosen."""
        return self.told + 1

    @property
    def foreseen(self) -> int:
        """First row of what was foreseen, a row a scope."""
        return self.told + 2

    @property
    def worst(self) -> int:
        """First row of the worst things as they were found."""
        return self.foreseen + self.scopes + 1

    @property
    def shapes(self) -> int:
        """Head row of every scope's months."""
        return self.worst + WORST_COUNT + 1


#: Columns of the days and landings of periods: label, first day, last day, then the parts of the bar.
SPAN_NAME, SPAN_FIRST, SPAN_LAST, DONE, SURE, OPEN, SHORT = range(6, 13)
#: Columns of a month's figures: label, target, actual, foreseen.
MONTH_NAME, MONTH_TARGET, MONTH_ACTUAL, MONTH_AHEAD = 2, 3, 4, 5
#: Columns of a scope's months besides the months: last day known, days missing.
SHAPE_LAST, SHAPE_MISSING = 15, 16


def has_mark(cells: Mapping[Spot, Seen]) -> bool:
    """Return whether a 首页 is of this layout."""
    seen = cells.get(MARK_SPOT)
    return seen is not None and seen.value == KEY_MARK


def found_at(cells: Mapping[Spot, Seen], scopes: int, heads: Mapping[int, str]) -> HomeAt:
    """Return the places of a 首页 as read.

    Args:
        cells: Its cells.
        scopes: How many scopes the book has.
        heads: Column → head of what was foreseen, by which rows or columns put in are noticed.

    Raises:
        StructureError: Rows or columns were put in or taken out.
    """
    at = HomeAt(scopes)
    there = {column: cells.get((at.told, column)) for column in heads}
    if not has_mark(cells) or any(seen is None or seen.value != heads[c] for c, seen in there.items()):  # fmt: skip
        raise StructureError(
            f"“{HOME}”里插入或删除过行列，找不到要写的格子",
            f"请撤销在“{HOME}”里插入、删除的行列，或从“备份”文件夹恢复；自己的内容可以写在右边，或另建一张表",
            Where(sheet=HOME),
        )
    return at


def across(row: int, first: int, last: int) -> Area:
    """Return cells of one row."""
    return Area(row, first, row, last)
