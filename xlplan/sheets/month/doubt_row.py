"""How doubtful and missing days show on a month: a row of words, and the look of their figures.

The words live in the hidden table of actuals, so they follow the store selector; the look is
conditional on the words, so neither can be stale. Weeks and the month count the days.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from xlplan.cells import Area, Cell, Highlight, Span, State, Style, letters
from xlplan.plan.actuals.daymarks import DOUBTFUL, MISSING
from xlplan.record import replace
from xlplan.sheets.base import look

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.cells import Page, Spot
    from xlplan.plan.year import Year
    from xlplan.sheets.base.tables import TableAt
    from xlplan.sheets.month.derived import MonthAt

#: Column of the hidden table and of 日报, and key of the row.
DOUBT, ROW, LABEL = "doubt", "row:doubt", "待核对"
FILL, COLOR = "#FFE0B2", "#BF360C"
STYLE = Style(State.DERIVED, size=8, wrap=True, color=COLOR)
HELP = (
    "缺：有目标、没有实际的日子，合计里不当作 0；存疑：像是填错的数，改好或用“导入实际”确认后消失"
)


def with_doubts(at: TableAt) -> TableAt:
    """Return a hidden table with a column for the words."""
    if DOUBT in at.columns:
        return at
    return replace(at, columns={**at.columns, DOUBT: max(at.columns.values()) + 1})


def word_cells(at: TableAt, words: Sequence[str]) -> dict[Spot, Cell]:
    """Return the words in the hidden table, a row a scope and day; days without any are empty."""
    column = at.columns.get(DOUBT)
    if column is None:
        return {}
    heading = {(1, column): Cell(DOUBT)}
    return heading | {(row, column): Cell(text or None) for row, text in enumerate(words, start=2)}


def doubt_cells(
    year: Year, month: MonthAt, scope: str, table: TableAt, words: Sequence[str]
) -> dict[Spot, Cell]:
    """Return the words under the days of a month, and the counts under its totals."""
    row = month.rows.get(ROW)
    if row is None or DOUBT not in table.columns:
        return {}
    start = year.scopes.index(scope) * len(year.calendar.days) - 1
    cells: dict[Spot, Cell] = {}
    covered: dict[str, list[tuple[int, str]]] = {}
    for key, column in month.columns.items():
        if not key.startswith("d:"):
            continue
        day = date.fromisoformat(key[2:])
        text = words[start + day.timetuple().tm_yday] if words else ""
        formula = table.lookup(DOUBT, f"{letters(column)}${month.actual_row}")
        cells[row, column] = Cell(text, formula, STYLE)
        week = day.isocalendar()
        part = f"w:{week.year}-W{week.week:02d}-{day.month:02d}"
        for total in (part, f"m:{day.month}"):
            covered.setdefault(total, []).append((column, text))
    for key, days in covered.items():
        if key in month.columns:
            cells[row, month.columns[key]] = _count(row, days)
    return cells


def _count(row: int, days: Sequence[tuple[int, str]]) -> Cell:
    """Return how many days of a total are missing, and how many are doubtful."""
    first, last = (letters(days[at][0]) for at in (0, -1))
    area = f"{first}{row}:{last}{row}"
    gone = f'SUMPRODUCT(--(LEFT({area},1)="{MISSING}"))'
    odd = f'SUMPRODUCT(--ISNUMBER(SEARCH("{DOUBTFUL}",{area})))'
    formula = (
        f'=IF({gone}=0,"","共缺 "&{gone}&" 天")&IF(AND({gone}>0,{odd}>0),"，","")'
        f'&IF({odd}=0,"","待核对 "&{odd}&" 天")'
    )
    counts = sum(t.startswith(MISSING) for _, t in days), sum(DOUBTFUL in t for _, t in days)
    told = [f"共缺 {counts[0]} 天"] if counts[0] else []
    told += [f"待核对 {counts[1]} 天"] if counts[1] else []
    return Cell("，".join(told), formula, STYLE.but(fill=look.TOTAL_FILL))


def show_doubts(  # noqa: PLR0913, PLR0917  # one page and what it shows
    page: Page, year: Year, month: MonthAt, scope: str, table: TableAt, words: Sequence[str]
) -> Page:
    """Add the words to a freshly built month, and the look of figures they are about."""
    number = month.rows[ROW]
    page.notes[number, 2] = HELP
    page.rows[number] = Span(26)
    page.cells.update(doubt_cells(year, month, scope, table, words))
    if DOUBT not in table.columns:
        page.rows[number] = Span(26, hidden=True)
        return page
    columns = [column for key, column in month.columns.items() if key.startswith("d:")]
    for row, test in _tests(year, month, letters(min(columns))):
        area = Area(row, min(columns), row, max(columns))
        page.highlights.append(Highlight(area, f"={test}", FILL, COLOR, bold=True))
    return page


def _tests(year: Year, month: MonthAt, first: str) -> list[tuple[int, str]]:
    """Return the rows of actual figures with the test that a day's figure is doubtful."""
    words, made = f"{first}${month.rows[ROW]}", []
    for key, row in month.rows.items():
        metric = year.metrics.metrics.get(key)
        if metric and metric.formula is None and not key.endswith("_target") and not metric.past:
            test = f'ISNUMBER(SEARCH("·{metric.label}·",{words}))'
            if key == "gmv":
                test = f'OR({test},LEFT({words},1)="{MISSING}")'
            made.append((row, test))
    return made
