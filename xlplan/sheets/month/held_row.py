"""How locks show on the plan: a row of words under each month, a look that follows them.

The words live in the hidden table, so they follow the store selector; the look is conditional
on the words, so neither can be stale. Plan cells are open for typing: 识别改动 understands it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from xlplan.cells import Area, Cell, Highlight, Span, State, Style, letters
from xlplan.plan.change.holds import EVERYTHING, label
from xlplan.sheets.base import look
from xlplan.sheets.month.plan_rows import is_plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xlplan.cells import Page, Spot
    from xlplan.plan.year import Year
    from xlplan.sheets.base.tables import TableAt
    from xlplan.sheets.month.derived import MonthAt

#: Column of the hidden table and key of the row.
HELD, ROW = "held", "row:held"
#: As the named style xlplan_锁定.
FILL, COLOR = "#E8E0D5", "#5D4037"
_STYLE = Style(State.DERIVED, size=8, wrap=True, color=COLOR)


def with_column(at: TableAt) -> TableAt:
    """Return a hidden table with a column for the words."""
    return replace(at, columns={**at.columns, HELD: max(at.columns.values()) + 1})


def mark_cells(at: TableAt, marks: Sequence[str]) -> dict[Spot, Cell]:
    """Return the words in the hidden table, a row a scope and day."""
    column = at.columns.get(HELD)
    if column is None:
        return {}
    return {(row, column): Cell(text) for row, text in enumerate(marks, start=2) if text}


def held_cells(
    year: Year, month: MonthAt, scope: str, table: TableAt, marks: Sequence[str]
) -> dict[Spot, Cell]:
    """Return the words under the days of a month: live formulas with their values."""
    row = month.rows.get(ROW)
    if row is None or HELD not in table.columns:
        return {}
    start = year.scopes.index(scope) * len(year.calendar.days)
    cells: dict[Spot, Cell] = {}
    for key, column in month.columns.items():
        if key.startswith("d:"):
            place = start + date.fromisoformat(key[2:]).timetuple().tm_yday - 1
            text = marks[place] if marks else ""
            formula = table.lookup(HELD, f"{letters(column)}${month.plan_row}")
            cells[row, column] = Cell(text, formula, _STYLE)
    return cells


def show_locks(  # noqa: PLR0913, PLR0917  # one page and what it shows
    page: Page, year: Year, month: MonthAt, scope: str, table: TableAt, marks: Sequence[str]
) -> Page:
    """Add the row of words and the look of locked cells to a freshly built month."""
    number = max(month.rows.values()) + 1
    at = replace(month, rows={**month.rows, ROW: number})
    keys = max(at.columns.values()) + 1
    page.put(number, 2, "锁定", look.COMPANION)
    page.put(number, keys, ROW, look.HIDDEN)
    page.notes[number, 2] = (
        "当天锁定的指标：名字为只读的格，Σ为它所在的合计被锁定；全部锁定见“锁定”表"
    )
    page.rows[number] = Span(16)
    page.cells.update(held_cells(year, at, scope, table, marks))
    columns = [column for key, column in at.columns.items() if key.startswith("d:")]
    first, last = min(columns), max(columns)
    for key, row in month.rows.items():
        if is_plan(year, key):
            words = f"{letters(first)}${number}"
            names = (
                label(key.removesuffix("_target"), year.metrics),
                label(EVERYTHING, year.metrics),
            )
            tests = ",".join(f'ISNUMBER(SEARCH("·{name}·",{words}))' for name in names)
            page.highlights.append(Highlight(Area(row, first, row, last), f"=OR({tests})", FILL, COLOR, bold=True))  # fmt: skip
    return open_plan(page, year, month.rows)


def open_plan(page: Page, year: Year, rows: Mapping[str, int]) -> Page:
    """Let people type over the planned figures of a page."""
    mine = {row for key, row in rows.items() if is_plan(year, key)}
    opened: dict[Style, Style] = {}
    for spot, cell in _formulas(page, mine):
        assert cell.style is not None  # noqa: S101 - chosen so
        style = opened.setdefault(cell.style, cell.style.but(locked=False))
        page.cells[spot] = cell._replace(style=style)
    return page


def _formulas(page: Page, rows: set[int]) -> Iterable[tuple[Spot, Cell]]:
    return [(spot, cell) for spot, cell in page.cells.items() if spot[0] in rows and cell.formula and cell.style]  # fmt: skip
