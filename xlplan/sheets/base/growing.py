"""Rows and columns that a sheet of an older book lacks: where they come to stand."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from xlplan.cells import Seen
from xlplan.record import record
from xlplan.sheets.base.find import KEY_MARK, find_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from xlplan.cells import Spot

    Cells = Mapping[Spot, Seen]


@record
class Lacking:
    """Lines that a sheet lacks: where each comes to stand → its key, ascending."""

    rows: Mapping[int, str]
    columns: Mapping[int, str]

    def __bool__(self) -> bool:
        return bool(self.rows or self.columns)


def lacking(
    sheet: str, cells: Cells, rows: Mapping[str, int], columns: Mapping[str, int]
) -> Lacking:
    """Return the lines of a sheet whose keys are not there.

    Each comes to stand behind the line that is before it as built.

    Args:
        sheet: The sheet's name.
        cells: Its cells.
        rows: Row keys → where they are built.
        columns: Column keys → where they are built.
    """
    keys = find_keys(sheet, cells)
    return Lacking(_new(keys.rows, rows), _new(keys.columns, columns))


def _new(there: Mapping[str, int], built: Mapping[str, int]) -> dict[int, str]:
    order = sorted(built, key=lambda key: built[key])
    behind: list[tuple[int, str]] = []
    last = min((there[key] for key in order if key in there), default=1) - 1
    for key in order:
        last = there.get(key, last)
        if key not in there:
            behind.append((last, key))
    behind.sort(key=lambda pair: pair[0])
    return {place + number: key for number, (place, key) in enumerate(behind, start=1)}


def moved(new: Mapping[int, str]) -> Callable[[int], int]:
    """Return where lines stand once the new ones are there."""
    starts = [place - number for number, place in enumerate(new)]  # as the lines stood before
    return lambda line: line + bisect_right(starts, line)


def grown_cells(cells: Cells, lines: Lacking) -> dict[Spot, Seen]:
    """Return the cells of a sheet as they stand once its new lines are there, with their keys."""
    rows, columns = moved(lines.rows), moved(lines.columns)
    made = {(rows(row), columns(column)): seen for (row, column), seen in cells.items()}
    mark = next(spot for spot, seen in cells.items() if seen.value == KEY_MARK)
    key_row, key_column = rows(mark[0]), columns(mark[1])
    made |= {(row, key_column): Seen(key) for row, key in lines.rows.items()}
    return made | {(key_row, column): Seen(key) for column, key in lines.columns.items()}
