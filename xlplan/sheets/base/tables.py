"""The hidden tables _计划 and _实际: a row per scope and day, a column per metric.

They hold values only; visible sheets look rows up by `key` and columns by name.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from xlplan.cells import Cell, Page, Seen, Span, Spot, Style, address, letters
from xlplan.errors import StructureError, Where
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xlplan.plan.year import Cube

KEY, STORE, DATE, MONTH = "key", "store", "date", "month"
FIXED = (KEY, STORE, DATE, MONTH)
EPOCH = date(1899, 12, 30).toordinal()
#: A serial beyond every date; words are beyond it.
LATE = 99999


def serial(day: date) -> int:
    """Return the Excel serial of a date (1900 system)."""
    return day.toordinal() - EPOCH


@record
class TableAt:
    """Where a hidden table's columns are, for formulas."""

    sheet: str
    columns: Mapping[str, int]
    rows: int

    #: Whether values stand elsewhere too, where people type them.
    live = False

    def range(self, name: str) -> str:
        """Return the absolute range of a column's data rows."""
        column = letters(self.columns[name])
        return f"{self.sheet}!${column}$2:${column}${self.rows + 1}"

    def lookup(self, name: str, row: str) -> str:
        """Return a formula giving the column's value in table row `row`, "" where empty."""
        found = f"INDEX({self.range(name)},{row})"
        return f'=IF({found}="","",{found})'

    def match(self, scope: str, day: str) -> str:
        """Return a formula giving the table row of a scope cell and a date cell."""
        return f'=MATCH({scope}&"|"&{day},{self.range(KEY)},0)'


class Tables(NamedTuple):
    """Both hidden tables."""

    plan: TableAt
    actual: TableAt


def table_at(sheet: str, cube: Cube) -> TableAt:
    """Return the positions of a table as it is built."""
    names = (*FIXED, *cube.values)
    days = next(iter(cube.values.values())).shape[1]
    columns = {name: number for number, name in enumerate(names, start=1)}
    return TableAt(sheet, columns, len(cube.scopes) * days)


def changed_by_hand(sheet: str, cell: str) -> StructureError:
    """Return the refusal of a hidden table whose rows or columns are not as they were written."""
    return StructureError(
        f"隐藏表 {sheet} 的行列被改过（{cell}），里面的数不知道是哪一天、哪一项的",
        "请从“备份”文件夹恢复；隐藏表不要手工修改",
        Where(sheet=sheet, cell=cell),
    )


def table_found(sheet: str, cells: Mapping[Spot, Seen]) -> TableAt:
    """Return the positions of a table as it stands in a book.

    Raises:
        StructureError: The header row lost its fixed columns, or a column its name.
    """
    cells = {spot: seen for spot, seen in cells.items() if seen.value not in (None, "")}
    columns = {str(seen.value): spot[1] for spot, seen in cells.items() if spot[0] == 1}
    missing = [name for name in FIXED if name not in columns]
    if missing:
        raise StructureError(
            f"隐藏表 {sheet} 缺少列 {'、'.join(missing)}",
            remedy="请从备份恢复这个文件，隐藏表不要手工修改",
            where=Where(sheet=sheet, cell="A1"),
        )
    heads = Counter(str(seen.value) for spot, seen in cells.items() if spot[0] == 1)
    twice = [columns[name] for name, count in heads.items() if count > 1]
    named = set(columns.values())
    figures = Counter(
        spot[1]
        for spot, seen in cells.items()
        if spot[1] not in named and isinstance(seen.value, float)
    )
    nameless = [column for column, count in figures.items() if count > 1]  # one is a slip beside
    if twice or nameless:
        raise changed_by_hand(sheet, address(1, (twice or nameless)[0]))
    return TableAt(sheet, columns, max(row for row, _ in cells) - 1)


def with_new_columns(at: TableAt, names: Iterable[str]) -> TableAt:
    """Return the positions with metrics that an older program did not know, behind the others."""
    new = [name for name in names if name not in at.columns]
    last = max(at.columns.values())
    return replace(at, columns={**at.columns, **{n: last + i for i, n in enumerate(new, 1)}})


def table_page(at: TableAt, cube: Cube, year: int) -> Page:
    """Return the page of a hidden table."""
    page = Page(at.sheet, hidden=True, protect=True)
    for name, column in at.columns.items():
        page.put(1, column, name)
        page.columns[column] = Span(16 if name == KEY else 11)
    page.cells.update(table_cells(at, cube, year))
    page.freeze = (2, len(FIXED) + 1)
    return page


def table_cells(at: TableAt, cube: Cube, year: int) -> dict[Spot, Cell]:
    """Return the data cells of a hidden table."""
    cells: dict[Spot, Cell] = {}
    first = date(year, 1, 1)
    days = next(iter(cube.values.values())).shape[1]
    dates = [first + timedelta(days=number) for number in range(days)]
    iso = Style(number="yyyy-mm-dd", border=False)
    row = 1
    for scope in cube.scopes:
        for day in dates:
            row += 1
            cells[row, at.columns[KEY]] = Cell(f"{scope}|{serial(day)}")
            cells[row, at.columns[STORE]] = Cell(scope)
            cells[row, at.columns[DATE]] = Cell(day, "", iso)
            cells[row, at.columns[MONTH]] = Cell(day.month)
    for name, values in cube.values.items():
        column = at.columns.get(name)
        if column is not None:
            cells[1, column] = Cell(name)
            flat = values.ravel()
            known = np.flatnonzero(~np.isnan(flat))
            spots = ((row, column) for row in (known + 2).tolist())
            cells.update(zip(spots, map(Cell, flat[known].tolist()), strict=True))
    return cells


def read_values(
    at: TableAt, cells: Mapping[Spot, Seen], names: Sequence[str]
) -> dict[tuple[str, date], dict[str, float]]:
    """Return what a hidden table holds: (scope, date) → metric → value; empty cells left out."""
    rows: dict[int, dict[str, float]] = {}
    wanted = {at.columns[name]: name for name in names if name in at.columns}
    for (row, column), seen in cells.items():
        if row > 1 and column in wanted and isinstance(seen.value, int | float):
            rows.setdefault(row, {})[wanted[column]] = float(seen.value)
    made = {}
    for row, values in rows.items():
        scope = cells[row, at.columns[STORE]].value
        day = cells[row, at.columns[DATE]].value
        if isinstance(day, int | float):
            day = date.fromordinal(int(day) + EPOCH)
        if isinstance(day, date):
            made[str(scope), day] = values
    return made
