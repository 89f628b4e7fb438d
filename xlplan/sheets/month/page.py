"""The month sheet 1月 … 12月: the seed's 店铺每周运营计划表 over real days.

Columns: group, 项目, a column a day, a 周合计 closing each week (Monday to Sunday,
cut at month ends), 月合计, and the hidden row keys. Rows 3 to 5 are hidden: the
column keys and the rows of the hidden tables that each day stands for.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

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
from xlplan.sheets.base.names import month_name
from xlplan.sheets.base.selector import put_selector
from xlplan.sheets.daily.maturity import young
from xlplan.sheets.month.derived import (
    ACTUAL_ROW,
    DATE_ROW,
    EVENT_ROW,
    FIRST_COLUMN,
    FIRST_ROW,
    GROUP_COLUMN,
    ITEM_COLUMN,
    KEY_ROW,
    PLAN_ROW,
    SCOPE_ROW,
    TITLE_ROW,
    WEEKDAY_ROW,
    Column,
    MonthAt,
    MonthView,
    month_as_built,
    month_columns,
    special_rows,
)
from xlplan.sheets.month.doubt_row import LABEL as DOUBT_LABEL
from xlplan.sheets.month.doubt_row import ROW as DOUBT_ROW
from xlplan.sheets.month.doubt_row import show_doubts
from xlplan.sheets.month.rows import month_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from xlplan.plan.year import Year
    from xlplan.sheets.base.tables import Tables


#: Landscape pages that a month's five weeks need to be readable.
PAGES_WIDE = 3
TO_TODAY = "→ 今天"
#: Rows in the outline that stand open when the book knows last year.
AGAINST_LAST_YEAR = ("gmv_comparable", "yoy")
#: Rows whose latest days are 未成熟.
REFUNDS = ("refund_units", "refund_amount", "refund_orders", "refund_rate")


def month_page(
    year: Year, month: int, tables: Tables, scope: str = "", doubts: Sequence[str] = ()
) -> Page:
    """Return the whole page of a month, structure included."""
    view = MonthView(year, month, scope or year.scopes[0], month_as_built(year, month), tables)
    page = Page(month_name(month), cells=view.cells())
    _top(page, view)
    _headings(page, year, view.at, view.columns)
    _item_columns(page, year, view.at, _open_rows(view))
    _doubt_label(page, view.at)
    show_doubts(page, year, view.at, view.scope, tables.actual, doubts)
    _shape(page, view)
    _young(page, year, view.columns, view.at)
    _highlights(page, view.columns, view.at)
    return page


def month_frame(year: Year, month: int) -> tuple[Page, MonthAt]:
    """Return the headings and labels of a month as built, and where its rows and columns are."""
    at = month_as_built(year, month)
    page = Page(month_name(month))
    _headings(page, year, at, month_columns(year.year, month))
    _item_columns(page, year, at)
    _doubt_label(page, at)
    return page, at


def _top(page: Page, view: MonthView) -> None:
    year, at = view.year, view.at
    page.put(TITLE_ROW, 1, f"店铺每周运营计划表 · {year.year}年{view.month}月", look.TITLE)
    hint = "展开左侧 + 可看每行的目标与明细；灰底列为周合计、月合计，比率按合计重算"
    put_selector(page, at.scope, view.scope, year.scopes, columns=4)
    _jump(page, view)
    page.put(SCOPE_ROW, FIRST_COLUMN + 5, hint, look.HINT)


def _jump(page: Page, view: MonthView) -> None:
    """Put a link to today's column, or to the month that today is in."""
    at = view.at
    columns = [number for key, number in at.columns.items() if key.startswith("d:")]
    first, last = min(columns), max(columns)
    dates = Area(DATE_ROW, first, DATE_ROW, last).fixed
    here = f"ADDRESS({FIRST_ROW},MATCH(xlplan_today,{dates},0)+{first - 1})"
    inside = f"COUNTIF({dates},xlplan_today)>0"
    target = (
        f'"#\'"&IF({inside},"{at.sheet}",MONTH(xlplan_today)&"月")&"\'!"&IF({inside},{here},"A1")'
    )
    page.cells[SCOPE_ROW, GROUP_COLUMN] = Cell(TO_TODAY, f'=HYPERLINK({target},"{TO_TODAY}")', look.LINK)  # fmt: skip


def _headings(page: Page, year: Year, at: MonthAt, columns: Sequence[Column]) -> None:
    days = year.calendar.month(int(columns[-1].key[2:])).to_dict("records")
    page.put(DATE_ROW, GROUP_COLUMN, "分组", look.HEAD)
    page.put(DATE_ROW, ITEM_COLUMN, "项目", look.HEAD)
    for row, label in ((WEEKDAY_ROW, "星期"), (EVENT_ROW, "节日 · 活动")):
        page.cells[row, GROUP_COLUMN] = Cell(None, "", look.SUBHEAD)
        page.put(row, ITEM_COLUMN, label, look.SUBHEAD)
    for column in columns:
        number = at.columns[column.key]
        page.put(KEY_ROW, number, column.key, look.HIDDEN)
        if column.is_day:
            day = days[int(column.days[0])]
            page.put(
                DATE_ROW,
                number,
                date.fromisoformat(column.key[2:]),
                look.HEAD.but(number='m"月"d"日"'),
            )
            page.put(
                WEEKDAY_ROW, number, day["weekday_cn"], look.SUBHEAD.but(bold=day["weekday"] > 5)
            )
            page.put(
                EVENT_ROW,
                number,
                _occasion(day),
                look.SUBHEAD.but(size=8, wrap=True, color="#C0392B"),
            )
        else:
            page.put(DATE_ROW, number, column.label, look.HEAD)
            page.cells[WEEKDAY_ROW, number] = Cell(_extent(column), "", look.SUBHEAD.but(size=8))
            page.cells[EVENT_ROW, number] = Cell(None, "", look.SUBHEAD)


def _extent(column: Column) -> str:
    first, last = int(column.days[0]) + 1, int(column.days[-1]) + 1
    return f"{first}–{last}日" if first != last else f"{first}日"


def _occasion(day: Mapping[Any, Any]) -> str:
    """Return the short text above a day: holiday, 调休 or campaign."""
    parts = []
    if day["is_makeup"]:
        parts.append("班")
    elif day["is_holiday"] and day["holiday"]:
        parts.append(str(day["holiday"]))
    if day["event"]:
        parts.append(str(day["event"]))
    return " ".join(dict.fromkeys(parts))


def _open_rows(view: MonthView) -> frozenset[str]:
    """Return the rows of the outline that stand open.

    Those against last year when it is known; a month without actuals shows its plan.
    """
    found = set(AGAINST_LAST_YEAR) if view.year.last is not None else set()
    values = view.values
    if np.isnan(values["gmv"]).all():
        planned = (key for key in values if key.endswith("_target"))
        found |= {key for key in planned if np.nan_to_num(values[key]).any()}
    return frozenset(found)


def _item_columns(page: Page, year: Year, at: MonthAt, open_rows: Collection[str] = ()) -> None:
    rows = month_rows(year.settings)
    keys = max(at.columns.values()) + 1
    page.put(KEY_ROW, keys, KEY_MARK, look.HIDDEN)
    page.columns[keys] = Span(2, hidden=True)
    for key, number in special_rows(at).items():
        page.put(number, keys, key, look.HIDDEN)
    start = 0
    for i, row in enumerate(rows):
        number = at.rows[row.key]
        page.put(number, ITEM_COLUMN, row.label, look.COMPANION if row.companion else look.ITEM)
        page.put(number, keys, row.key, look.HIDDEN)
        page.cells[number, GROUP_COLUMN] = Cell(row.group if i == start else None, "", look.GROUP)
        hidden = row.hidden or (row.companion and row.key not in open_rows)
        page.rows[number] = Span(20, hidden=hidden, level=int(row.companion))
        if i + 1 == len(rows) or rows[i + 1].group != row.group:
            page.merges.append(Area(at.rows[rows[start].key], GROUP_COLUMN, number, GROUP_COLUMN))
            start = i + 1
        text = year.metrics[row.metric].help
        if row.key in REFUNDS:
            text = f"{text} 灰字未成熟（最近 {year.settings.maturity_days} 天，和含这几天的周、月合计）：退款还会增加，不用于退款率结论".strip()
        if text and not row.companion:
            page.notes[number, ITEM_COLUMN] = text


def _doubt_label(page: Page, at: MonthAt) -> None:
    number = at.rows[DOUBT_ROW]
    page.put(number, ITEM_COLUMN, DOUBT_LABEL, look.COMPANION)
    page.put(number, max(at.columns.values()) + 1, DOUBT_ROW, look.HIDDEN)


def _shape(page: Page, view: MonthView) -> None:
    columns, at = view.columns, view.at
    day, total = _widths(view)
    page.columns |= {GROUP_COLUMN: Span(7), ITEM_COLUMN: Span(16)}
    for column in columns:
        width = day if column.is_day else total
        page.columns[at.columns[column.key]] = Span(width)
    page.rows |= {
        TITLE_ROW: Span(26),
        SCOPE_ROW: Span(20),
        DATE_ROW: Span(20),
        EVENT_ROW: Span(34),
    }
    page.rows |= {row: Span(hidden=True) for row in (KEY_ROW, PLAN_ROW, ACTUAL_ROW)}
    page.freeze = (FIRST_ROW, FIRST_COLUMN)
    last_row, last_column = max(at.rows.values()), at.columns[columns[-1].key]
    page.print_area = Area(1, 1, last_row, last_column)
    page.repeat_columns = (GROUP_COLUMN, ITEM_COLUMN)
    page.pages_wide = PAGES_WIDE
    spark = last_column + 2
    page.columns[spark] = Span(18)
    page.put(DATE_ROW, spark, "走势", look.HEAD)
    for key in ("gmv_target", "gmv_net", "uv", "cvr", "aov", "spend"):
        line = Area(at.rows[key], FIRST_COLUMN, at.rows[key], last_column - 1)
        page.sparklines.append(Sparkline((at.rows[key], spark), line))
        page.cells[at.rows[key], spark] = Cell(None, "", Style())


def _young(page: Page, year: Year, columns: Sequence[Column], at: MonthAt) -> None:
    """Grey the refunds of days that are still 未成熟, and of weeks and months with such a day."""
    last = at.columns[columns[-1].key]
    # the last day of a week stands one column before its total, of the month two
    day = f"MAX({letters(FIRST_COLUMN - 2)}${DATE_ROW}:{letters(FIRST_COLUMN)}${DATE_ROW})"
    for key in REFUNDS:
        if key in at.rows:
            area = Area(at.rows[key], FIRST_COLUMN, at.rows[key], last)
            page.highlights.append(young(area, year.settings.maturity_days, day))


def _widths(view: MonthView) -> tuple[float, float]:
    """Return widths of day and total columns that show the largest figure in full."""
    days = sum(column.is_day for column in view.columns)
    shown = [values for key, values in view.values.items() if "@" not in key]
    day, total = (
        len(f"{max(abs(np.nan_to_num(values[part])).max() for values in shown):,.0f}")
        for part in (slice(days), slice(days, None))
    )
    return max(8.2, day + 1.6), max(9.6, (total + 1.6) * 1.08)


def _highlights(page: Page, columns: Sequence[Column], at: MonthAt) -> None:
    first, last = letters(FIRST_COLUMN), at.columns[columns[-1].key]
    body = Area(DATE_ROW + 1, FIRST_COLUMN, max(at.rows.values()), last)
    page.highlights.append(
        Highlight(body, f"={first}${DATE_ROW}=xlplan_today", fill=look.TODAY_FILL, border=True)
    )
    sold, target = at.rows["gmv_net"], at.rows["gmv_target"]
    area = Area(sold, FIRST_COLUMN, sold, last)
    ratio = f"{first}{sold}/{first}{target}"
    known = f'AND(ISNUMBER({first}{sold}),N({first}{target})>0,{first}${DATE_ROW}<>"月合计",{first}${DATE_ROW}<>"周合计")'
    for low, high, fill in ((look.DONE, 9e9, look.GOOD), (look.UNDER_WAY, look.DONE, look.MIDDLE), (-9e9, look.UNDER_WAY, look.BAD)):  # fmt: skip
        inside = f"IF({known},AND({ratio}>={low:g},{ratio}<{high:g}),FALSE)"
        page.highlights.append(Highlight(area, f"={inside}", fill=fill))
    attained = at.rows["attainment"]
    page.highlights.append(
        Icons(Area(attained, FIRST_COLUMN, attained, last), look.UNDER_WAY, look.DONE)
    )
    gap = at.rows["uv_short"]
    page.highlights.append(
        Highlight(
            Area(gap, FIRST_COLUMN, gap, last), f"=N({first}{gap})>0", color="#B3261E", bold=True
        )
    )
