"""年度规划: the seed's 电商规划表, with quarters, the year, and what was reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import (
    Area,
    Cell,
    Highlight,
    Icons,
    Page,
    Span,
    Sparkline,
    Style,
    letters,
)
from xlplan.sheets.base import look
from xlplan.sheets.base.find import KEY_MARK
from xlplan.sheets.base.selector import put_selector
from xlplan.sheets.daily.maturity import young
from xlplan.sheets.year.derived import (
    COLUMNS,
    FREE,
    SHEET,
    TEXT,
    TEXT_GROUP,
    YearAt,
    YearView,
    year_rows,
)
from xlplan.sources.numbers import Number, parse_number

if TYPE_CHECKING:
    from xlplan.plan.year import Year
    from xlplan.sheets.base.tables import Tables

SCOPE_ROW, KEY_ROW, HEAD_ROW, FIRST_ROW, FIRST_COLUMN = 2, 3, 4, 5, 3
#: So many stores' texts are shown at once; more are folded away.
_SHOWN_STORES = 3
_OWN = look.INPUT.but(number="General", align="right", size=9)
NAMES = {"q:1": "一季度", "q:2": "二季度", "q:3": "三季度", "q:4": "四季度", "y": "全年"}


def year_as_built(year: Year) -> YearAt:
    """Return the positions of a freshly built 年度规划."""
    rows = {row.key: FIRST_ROW + i for i, row in enumerate(year_rows(year.metrics, year.stores))}
    columns = {key: FIRST_COLUMN + i for i, key in enumerate(COLUMNS)}
    return YearAt(rows, columns, (SCOPE_ROW, FIRST_COLUMN))


def year_frame(year: Year) -> tuple[Page, YearAt]:
    """Return the headings and labels as built, and where the rows and columns are."""
    at, page = year_as_built(year), Page(SHEET)
    _headings(page, year, at)
    _labels(page, year, at)
    return page, at


def year_page(year: Year, tables: Tables) -> Page:
    """Return the whole page."""
    view = YearView(year, year.scopes[0], year_as_built(year), tables)
    page = Page(SHEET, cells=view.cells(), tab=look.INK)
    put_selector(page, view.at.scope, view.scope, year.scopes, columns=3)
    _headings(page, year, view.at)
    _labels(page, year, view.at)
    _texts(page, view)
    _highlights(page, view)
    page.columns |= {1: Span(5.5), 2: Span(13)}
    page.columns |= {n: Span(12 if key[0] == "m" else 13.5) for key, n in view.at.columns.items()}
    page.rows |= {1: Span(28), SCOPE_ROW: Span(20), KEY_ROW: Span(hidden=True), HEAD_ROW: Span(22)}
    page.freeze = (FIRST_ROW, FIRST_COLUMN)
    page.print_area = Area(1, 1, max(view.at.rows.values()), max(view.at.columns.values()))
    return page


def _headings(page: Page, year: Year, at: YearAt) -> None:
    page.put(1, 1, f"电商规划表 · {year.year}年", look.TITLE)
    convention = "每月按 30 天" if year.settings.day_convention == "30" else "按实际天数"
    hint = f"日目标 = 月目标 ÷ 天数（{convention}）；季度、全年按月汇总，比率按合计重算"
    page.put(SCOPE_ROW, FIRST_COLUMN + 4, hint, look.HINT)
    page.put(HEAD_ROW, 1, "分组", look.HEAD)
    page.put(HEAD_ROW, 2, "项目", look.HEAD)
    for key, number in at.columns.items():
        page.put(KEY_ROW, number, key, look.HIDDEN)
        page.put(HEAD_ROW, number, NAMES.get(key, f"{key[2:]}月"), look.HEAD)


def _labels(page: Page, year: Year, at: YearAt) -> None:
    rows = year_rows(year.metrics, year.stores)
    many = len(year.stores) > _SHOWN_STORES
    keys = max(at.columns.values()) + 1
    spark = keys + 1
    page.put(KEY_ROW, keys, KEY_MARK, look.HIDDEN)
    page.put(HEAD_ROW, spark, "走势", look.HEAD)
    page.put(SCOPE_ROW, keys, "row:scope", look.HIDDEN)
    page.columns |= {keys: Span(2, hidden=True), spark: Span(16)}
    start = 0
    for i, row in enumerate(rows):
        number = at.rows[row.key]
        if not row.key.startswith(FREE):  # people name their own rows
            page.put(number, 2, row.label, look.COMPANION if row.companion else look.ITEM)
        page.put(number, keys, row.key, look.HIDDEN)
        page.cells[number, 1] = Cell(row.group if i == start else None, "", look.GROUP)
        height = 18 if not row.key.startswith(TEXT) else 44 if row.group == TEXT_GROUP else 30
        inner = row.companion or (row.key.startswith(TEXT) and row.group != TEXT_GROUP)
        page.rows[number] = Span(
            height, hidden=row.companion or (inner and many), level=int(inner)
        )
        if not row.is_typed and not row.companion and row.key != "days":
            line = Area(number, FIRST_COLUMN, number, at.columns["y"] - 1)
            page.sparklines.append(Sparkline((number, spark), line))
            page.cells[number, spark] = Cell(None, "", Style())
        if i + 1 == len(rows) or rows[i + 1].group != row.group:
            page.merges.append(Area(at.rows[rows[start].key], 1, number, 1))
            start = i + 1


def _texts(page: Page, view: YearView) -> None:
    """What people write: texts per month (活动 starts with what the calendar knows), rows of their own."""
    notes = view.year.notes
    for row in year_rows(view.year.metrics, view.year.stores):
        number = view.at.rows.get(row.key)
        if not row.is_typed or number is None:
            continue
        if row.key.startswith(FREE):
            page.cells[number, 2] = Cell(notes.get(f"{row.key}|label"), "", look.TEXT_INPUT)
        for key, column in view.at.columns.items():
            page.cells[number, column] = _typed(view, row.key, key)


def _typed(view: YearView, row: str, column: str) -> Cell:
    """Return what stands in a cell that people write in."""
    said = view.year.notes.get(f"{row}|{column}", "")
    if row.startswith(FREE):
        found = parse_number(said)
        return Cell(float(found.value) if isinstance(found, Number) else said or None, "", _OWN)
    if not column.startswith("m:"):
        return Cell(None, "", Style(fill=look.TOTAL_FILL))
    if not said and row == "text:campaign":
        days = view.year.calendar.days
        names = days.loc[days["month"] == int(column[2:]), "event"]
        said = "、".join(dict.fromkeys("、".join(filter(None, names)).split("、")))
    return Cell(said or None, "", look.TEXT_INPUT)


def _highlights(page: Page, view: YearView) -> None:
    at, first = view.at, letters(FIRST_COLUMN)
    last = at.columns["y"]
    number = at.rows["attainment"]
    area = Area(number, FIRST_COLUMN, number, last)
    cell = f"{first}{number}"
    bands = (
        (f">={look.DONE:g}", look.GOOD),
        (f">={look.UNDER_WAY:g}", look.MIDDLE),
        ("<0.8", look.BAD),
    )
    for test, fill in bands:
        page.highlights.append(
            Highlight(area, f"=IF(ISNUMBER({cell}),{cell}{test},FALSE)", fill=fill)
        )
    page.highlights.append(Icons(area, look.UNDER_WAY, look.DONE))
    gap = at.rows["gap"]
    area = Area(gap, FIRST_COLUMN, gap, last)
    page.highlights.append(Highlight(area, f"=N({first}{gap})>0", color="#B3261E", bold=True))
    rate, age = at.rows["refund_rate"], view.year.settings.maturity_days
    for key, column in at.columns.items():
        start, end = (f"DATE({view.year.year},{month},{day})" for month, day in _ends(key))
        page.highlights.append(young(Area(rate, column, rate, column), age, end, start))


def _ends(key: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return (month, day) of the first and last day of a column, the last as day 0 after it."""
    kind, _, number = key.partition(":")
    length = {"m": 1, "q": 3, "y": 12}[kind]
    first = (int(number or 1) - 1) * length + 1
    return (first, 1), (first + length, 0)
