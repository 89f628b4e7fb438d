"""What stands around a table and goes for all of it: its month, its store, its unit of money."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from xlplan.regex import regex
from xlplan.sources.filenames import year_in_name
from xlplan.sources.shape.words import stated_unit, unit_in_name
from xlplan.sources.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlplan.errors import Where
    from xlplan.sources.declare import Options
    from xlplan.sources.readers.raw import Table

_MONTH = regex(
    r"(?<!\d)(?:(20\d{2})\s*(?:年|[-./])?\s*)?(1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月(?!\s*\d{1,2}[日号])"
    r"|(?<!\d)(20\d{2})[-./]?(1[0-2]|0[1-9])(?![-./]?\d)"
)
_CHINESE = {name: number for number, name in enumerate("一二三四五六七八九", 1)} | {
    "十": 10, "十一": 11, "十二": 12,
}  # fmt: skip
#: Notes under a table are its last rows, and short.
_NOTES = 5


def month_in(text: str) -> tuple[int | None, int] | None:
    """Return the year, if said, and the month that a title or the name of a sheet is about."""
    found = list(_MONTH.finditer(clean(text)))
    if len(found) != 1:
        return None
    year, month = found[0][1] or found[0][3], found[0][2] or found[0][4]
    return (int(year) if year else None), _CHINESE.get(month) or int(month)


def month_around(table: Table, options: Options) -> tuple[int | None, int | None]:
    """Return the year and month of dates that leave theirs out: by sheet, title, then file name."""
    said = [month_in(text) for text in (table.sheet, *table.above, *_titles(table), table.file)]
    months = [found for found in said if found]
    month = months[0][1] if months else None
    years = [year for year, number in months if year and number == month]
    named = year_in_name(table.file)
    return (years[0] if years else options.year or named), month


def _titles(table: Table) -> Iterator[str]:
    for row in table.rows[:5]:
        yield from (clean(cell) for cell in row if isinstance(cell, str) and len(cell) < 40)


class MoneyUnit(NamedTuple):
    """A unit of money that goes for a whole table: its name, its worth in yuan, where it stands."""

    name: str
    worth: float
    where: Where


def money_unit(table: Table, head_row: int) -> MoneyUnit | None:
    """Return the unit that is stated above, below or in the head of a table, or in its names."""
    for row in (*range(head_row + 1), *_last_rows(table, head_row)):
        for column, cell in enumerate(table.rows[row]):
            if isinstance(cell, str) and (found := _stated(cell, in_head=row == head_row)):
                return MoneyUnit(*found, table.where(row, column))
    for text in table.above:
        if found := stated_unit(text):
            return MoneyUnit(*found, table.where())
    for name in (table.sheet, table.file.rsplit("/", 1)[-1]):
        if found := unit_in_name(name):
            return MoneyUnit(*found, table.where())
    return None


def _stated(cell: str, *, in_head: bool) -> tuple[str, float] | None:
    """Return the unit a cell states; in the head only one that is no unit of its own column."""
    return (
        stated_unit(cell)
        if not in_head or clean(cell).startswith(("单位", "(单位", "（单位"))
        else None
    )


def _last_rows(table: Table, head_row: int) -> range:
    """Return the rows at the end of a table that are notes: one or two texts."""
    end = len(table.rows)
    start = end
    while start - 1 > head_row and end - start < _NOTES:
        filled = [cell for cell in table.rows[start - 1] if cell not in (None, "")]
        if len(filled) > 2 or not all(isinstance(cell, str) for cell in filled):
            break
        start -= 1
    return range(start, end)
