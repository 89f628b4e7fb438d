"""Cells that never change by themselves and that formulas and readers hang on.

Dates above the days of a month, names of rows and columns: people can type over them, and a
month then shows another day's figures under a name that looks right. They are compared like
derived cells, told by 体检, and put back by the next action that writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import State
from xlplan.sheets.base import look, names
from xlplan.sheets.base.find import KEY_MARK
from xlplan.sheets.base.tables import FIXED as KEYS
from xlplan.sheets.daily.page import FIXED
from xlplan.sheets.days.page import INPUTS
from xlplan.sheets.state.changes import differs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from xlplan.cells import Cell, Page, Seen, Spot
    from xlplan.sheets.base.sheet import BookRead, Frame
    from xlplan.sheets.state.book import BookState

    Cells = Mapping[Spot, Seen]
    Lines = Mapping[str, int]
    #: Line as built → line now.
    Places = dict[int, int]

#: Words beside the tables: nothing hangs on them, and people may reword them.
_WORDS = (look.TITLE, look.HINT, look.HIDDEN)


def fixed_cells(
    read: BookRead, sheets: Collection[str] | None = None, state: BookState | None = None
) -> dict[str, dict[Spot, Cell]]:
    """Return the fixed cells of sheets at the positions of a book.

    Args:
        read: The book.
        sheets: Of these sheets; of all by default.
        state: What the book is to say; by default what it says.
    """
    state = state or read.state
    found = {}
    for name, sheet in read.reading.sheets.items():
        if sheet.frame and name in read.cells and (sheets is None or name in sheets):
            frame, at = sheet.frame(state), read.at[name]
            stands = frame if state is read.state else sheet.frame(read.state)
            lines = _lines_of(_fixed(stands.page), (stands.rows, stands.columns), (at.rows, at.columns), read.cells[name])  # fmt: skip
            found[name] = dict(_placed(frame, lines))
    return found


def constants(read: BookRead, state: BookState | None = None) -> Callable[[str, Spot], bool]:
    """Return whether a cell without a formula says what no action ever changes.

    Days, stores and names by which 日历, 日报, 体检 and the hidden tables are read: formulas look
    them up, so that one typed over shows another day's figures.

    Args:
        read: The book.
        state: What it is to say: facts of 日历 may change with it.
    """
    moving = {
        part
        for part in ("calendar", "splits", "settings")
        if state is not None and differs(read.state, state, part)
    }

    def is_constant(sheet: str, spot: Spot) -> bool:
        if sheet == names.CHECKUP:  # its findings come and go, its checks stay
            return spot[1] in read.at.checkup.checks.columns and not moving
        if sheet == names.DAYS:
            inputs = {read.at.calendar.columns[key] for key in INPUTS}
            return spot[1] not in inputs and "calendar" not in moving
        if sheet == names.DAILY:
            return spot[1] in {read.at.daily.columns[key] for key in FIXED}
        if sheet in (names.PLAN, names.ACTUAL):
            table = read.at.tables.plan if sheet == names.PLAN else read.at.tables.actual
            return spot[0] > 1 and spot[1] in {table.columns[key] for key in KEYS}
        return False

    return is_constant


def _placed(frame: Frame, lines: tuple[Places, Places]) -> Iterator[tuple[Spot, Cell]]:
    """Yield the fixed cells of a frame where its lines stand now."""
    rows, columns = lines
    keyed = set(frame.rows.values()), set(frame.columns.values())
    for (row, column), cell in _fixed(frame.page).items():
        if (row in keyed[0] or column in keyed[1]) and rows.get(row) and columns.get(column):
            yield (rows[row], columns[column]), cell._replace(style=None)


def _fixed(page: Page) -> dict[Spot, Cell]:
    return {spot: cell for spot, cell in page.cells.items() if _is_fixed(cell)}


def places_of(
    page: Page, built: tuple[Lines, Lines], now: tuple[Lines, Lines], there: Cells
) -> tuple[dict[int, int], dict[int, int]]:
    """Return where the rows and columns of a page stand on a sheet, those of its keys among them."""
    rows, columns = _lines_of(_fixed(page), built, now, there)
    mark = next(spot for spot, cell in page.cells.items() if cell.value == KEY_MARK)
    found = next(spot for spot, seen in there.items() if seen.value == KEY_MARK)
    return rows | {mark[0]: found[0]}, columns | {mark[1]: found[1]}


def _lines_of(
    cells: Mapping[Spot, Cell],
    built: tuple[Lines, Lines],
    now: tuple[Lines, Lines],
    there: Cells,
) -> tuple[dict[int, int], dict[int, int]]:
    near = [
        {line: now[axis][key] for key, line in built[axis].items() if key in now[axis]}
        for axis in (0, 1)
    ]
    return _moved(0, near, cells, there), _moved(1, near, cells, there)


def _is_fixed(cell: Cell) -> bool:
    typed = cell.style is not None and cell.style.state is State.INPUT
    return not (cell.formula or cell.value in (None, "") or typed or cell.style in _WORDS)


def _moved(
    axis: int, near: Sequence[Mapping[int, int]], cells: Mapping[Spot, Cell], there: Cells
) -> dict[int, int]:
    """Return where the rows (or columns) as built stand now.

    Those without a key moved as one of their neighbours did: the place that still holds most of
    their words is theirs, and no place is better than a wrong one.

    Args:
        axis: 0 for rows, 1 for columns.
        near: Rows and columns with a key: as built → now.
        cells: The fixed cells as built.
        there: The sheet as read.
    """
    moved = dict(near[axis])
    lines: dict[int, dict[int, Cell]] = {}
    for spot, cell in cells.items():
        lines.setdefault(spot[axis], {})[spot[1 - axis]] = cell
    shifts = {after - before for before, after in moved.items()} | {0}
    for line, mine in lines.items():
        if line not in moved:
            found = {
                shift: _alike(axis, line + shift, mine, near[1 - axis], there) for shift in shifts
            }
            best = max(found, key=lambda shift: (found[shift], shift == 0))
            if found[best] * 2 >= len(mine):
                moved[line] = line + best
    return moved


def _alike(
    axis: int, line: int, mine: Mapping[int, Cell], across: Mapping[int, int], there: Cells
) -> int:
    """Return how many of a line's words stand on a line of the sheet."""
    count = 0
    for built, cell in mine.items():
        other = across.get(built, built)
        seen = there.get((line, other) if axis == 0 else (other, line))
        count += seen is not None and seen.value == cell.value
    return count
