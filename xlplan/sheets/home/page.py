"""首页: where the year stands, what the colours mean, where things are."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from xlplan.cells import PLAIN, Area, Cell, Highlight, Icons, Page, Span, State, Style, letters
from xlplan.plan import rollup
from xlplan.plan.year import DUE
from xlplan.sheets.base import look
from xlplan.sheets.base.names import month_name
from xlplan.sheets.base.selector import store_width
from xlplan.sheets.base.tables import DATE, LATE, STORE, Tables
from xlplan.sheets.daily import page as daily_page
from xlplan.sheets.days import page as calendar_page
from xlplan.sheets.events import page as events_page
from xlplan.sheets.targets import page as targets_page
from xlplan.sheets.year import derived as year_cells

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xlplan.cells import Spot
    from xlplan.plan.year import Year

SHEET = "首页"
TODAY_SPOT, AS_OF_SPOT = (4, 3), (5, 3)
CHECK_SPOT, PROBLEM_SPOT = (4, 7), (5, 7)
HEAD_ROW, FIRST_ROW = 8, 9
NO_DATA = "暂无实际"
MISSING_COLUMN = 11
MISSING_FORMAT = '"缺 "0" 天";;"齐全"'
HEADS = ("店铺", "全年目标", "累计目标", "累计实际", "进度达成率", "全年达成率", "应达进度", "进度差额", "剩余日均", "缺数天数")  # fmt: skip
STEPS = (
    ("年度目标", targets_page.SHEET, "填每家店的全年目标，已知几项填几项"),
    ("日历 · 活动", calendar_page.SHEET, "核对放假、停业与活动日期、倍数"),
    ("分解", year_cells.SHEET, "运行“分解”（命令：xlplan fill），年度规划与各月表自动填好"),
    ("日报", daily_page.SHEET, "店员每天填一行；或导入平台导出的文件"),
    ("月表", month_name(1), "看每天、每周、每月的目标与实际"),
    ("活动表", events_page.SHEET, "大促节奏、倍数与提前事项"),
)
LEGEND = (
    (State.INPUT, "可填写", "黄底蓝字：只有这些格子需要你填"),
    (State.DERIVED, "公式", "随数据自动计算，不用改"),
    (State.ACTUAL, "实际", "绿底：从日报或平台导入的实际数"),
    (State.HELD, "锁定", "粗体、左侧粗线：分解与回推时不变"),
    (State.PROVISIONAL, "预估", "斜体灰字：官方尚未公布，仅供参考"),
)


def home_page(year: Year, tables: Tables, problems: int, title: str = "") -> Page:
    """Return the whole page."""
    page = Page(SHEET, cells=home_cells(year, tables, problems), tab=look.INK)
    page.put(1, 2, title or f"{year.year} 年电商经营计划", look.TITLE.but(size=20))
    page.put(
        2,
        2,
        "目标 → 月、周、日运营表 → 实际 → 达成与差额；全部数字都是活的公式，打开即可看。",
        look.HINT,
    )
    label = look.LABEL.but(align="left")
    for spot, text in (
        (TODAY_SPOT, "今天"),
        (AS_OF_SPOT, "截止日"),
        (CHECK_SPOT, "核对"),
        (PROBLEM_SPOT, "问题"),
    ):
        page.put(spot[0], spot[1] - 1, text, label)
    page.put(HEAD_ROW - 1, 2, "进度", PLAIN.but(bold=True, color=look.INK, size=12))
    for i, head in enumerate(HEADS):
        page.put(HEAD_ROW, 2 + i, head, look.HEAD)
    next_row = FIRST_ROW + len(year.scopes) + 1
    next_row = put_steps(page, next_row, STEPS)
    last = put_legend(page, next_row, LEGEND)
    page.columns |= {
        1: Span(2),
        2: Span(store_width(year.scopes, 18)),
        **{c: Span(15) for c in range(3, 3 + len(HEADS))},
    }
    page.rows |= {1: Span(36), 2: Span(20), HEAD_ROW: Span(24)}
    page.names = {
        "xlplan_today": f"='{SHEET}'!{Area(*TODAY_SPOT, *TODAY_SPOT).fixed}",
        "xlplan_asof": f"='{SHEET}'!{Area(*AS_OF_SPOT, *AS_OF_SPOT).fixed}",
        "xlplan_stores": f"='{SHEET}'!{Area(FIRST_ROW, 2, FIRST_ROW + len(year.scopes) - 1, 2).fixed}",
    }
    rate = Area(FIRST_ROW, 6, FIRST_ROW + len(year.scopes) - 1, 6)
    first = f"F{FIRST_ROW}"
    for test, fill in ((f">={look.DONE:g}", look.GOOD), (f">={look.UNDER_WAY:g}", look.MIDDLE), (f"<{look.UNDER_WAY:g}", look.BAD)):  # fmt: skip
        page.highlights.append(
            Highlight(rate, f"=IF(ISNUMBER({first}),{first}{test},FALSE)", fill=fill)
        )
    page.highlights.append(Icons(rate, look.UNDER_WAY, look.DONE))
    page.print_area = Area(1, 1, last, 2 + len(HEADS))
    return page


def home_cells(year: Year, tables: Tables, problems: int) -> dict[Spot, Cell]:
    """Return the derived cells: today, as-of day, counts, and each scope's progress."""
    day = look.DERIVED.but(number="yyyy-mm-dd", align="center", bold=True)
    as_of = year.as_of
    gmv, dates = tables.actual.range("gmv"), tables.actual.range(DATE)
    count = len(year.calendar.days)
    block, days = _block(gmv, 0, count), _block(dates, 0, count)
    found = f'=IF(COUNT({block})=0,"{NO_DATA}",SUMPRODUCT(MAX(({block}<>"")*{days})))'
    cells: dict[Spot, Cell] = {
        TODAY_SPOT: Cell(date(year.year, 1, 1), "=TODAY()", day),
        AS_OF_SPOT: Cell(as_of or NO_DATA, found, day),
        CHECK_SPOT: Cell(
            "全部一致", '=IF(xlplan_faults=0,"全部一致",xlplan_faults&" 项不一致")', look.DERIVED
        ),
        PROBLEM_SPOT: Cell(f"{problems} 条" if problems else "没有", "", look.DERIVED),
    }
    for i, scope in enumerate(year.scopes):
        values = _progress(year, scope)
        row = FIRST_ROW + i
        cells[row, 2] = Cell(scope, "", look.ITEM)
        for column, (formula, value, number) in enumerate(_formulas(row, tables, values), start=3):
            cells[row, column] = Cell(value, formula, look.DERIVED.but(number=number))
        missing, found = _missing(year, i), _missing_formula(year, i, tables)
        cells[row, MISSING_COLUMN] = Cell(
            missing, found, look.DERIVED.but(number=MISSING_FORMAT, align="center")
        )
    cells[HEAD_ROW, MISSING_COLUMN] = Cell(HEADS[-1], "", look.HEAD)
    return cells


def _missing(year: Year, row: int) -> int | str:
    """Return how many days with a target have no actuals, from a store's first day to the as-of day.

    合计 adds its stores; a store without any actuals says so.
    """
    known = ~np.isnan(year.actual.values["gmv"][row])
    if len(year.scopes) > 1 and row == 0:
        counted = [_missing(year, i) for i in range(1, len(year.scopes))]
        return sum(n for n in counted if isinstance(n, int))
    if not known.any() or year.as_of is None:
        return NO_DATA
    first, last = int(np.flatnonzero(known)[0]), year.as_of.timetuple().tm_yday
    planned = np.nan_to_num(year.planned.values["gmv"][row]) > 0
    return int((planned & ~known)[first:last].sum())


def _missing_formula(year: Year, row: int, tables: Tables) -> str:
    if len(year.scopes) > 1 and row == 0:
        column = letters(MISSING_COLUMN)
        return f"=SUM({column}{FIRST_ROW + 1}:{column}{FIRST_ROW + len(year.stores)})"
    count = len(year.calendar.days)
    known, days, planned = (
        _block(area, row, count)
        for area in (
            tables.actual.range("gmv"),
            tables.actual.range(DATE),
            tables.plan.range("gmv"),
        )
    )
    first = f'{LATE}-SUMPRODUCT(MAX(({known}<>"")*({LATE}-{days})))'
    counted = f'SUMPRODUCT(({known}="")*({days}>={first})*({days}<=xlplan_asof),--({planned}<>""),--({planned}>0))'
    return f'=IF(COUNT({known})=0,"{NO_DATA}",{counted})'


def _block(area: str, scope: int, days: int) -> str:
    """Return the part of a table column that belongs to a scope, counted from 0."""
    start, _, _ = area.partition(":")
    sheet, _, first = start.partition("!")
    column = first.rstrip("0123456789")
    return f"{sheet}!{column}{scope * days + 2}:{column}{(scope + 1) * days + 1}"


def _progress(year: Year, scope: str) -> list[float]:
    """Return year target, target to date, actual to date, days left (NaN where unknown)."""
    plan = year.planned.of_scope(scope)["gmv"]
    actual = year.actual.of_scope(scope)
    sold = year.metrics["gmv_net"].formula
    assert sold is not None  # noqa: S101 - the registry defines it
    net = sold.evaluate({name: actual[name] for name in sold.names})
    passed = (year.as_of - date(year.year, 1, 1)).days + 1 if year.as_of else 0
    due = rollup.total(actual[DUE])
    return [rollup.total(plan), due, rollup.total(net), float(len(plan) - passed)]


def _formulas(row: int, tables: Tables, values: list[float]) -> list[tuple[str, float | str, str]]:
    plan, actual = tables
    year_target, to_date, sold, left = values
    scope = f"$B{row}"
    of_scope = f"{plan.range(STORE)},{scope}"
    target = f"SUMIFS({plan.range('gmv')},{of_scope})"
    where = f"{actual.range(STORE)},{scope}"
    net = f"SUMIFS({actual.range('gmv')},{where})-SUMIFS({actual.range('gmv_excluded')},{where})"
    due = f"SUMIFS({actual.range(DUE)},{where})"
    known = f'COUNTIFS({where},{actual.range("gmv")},"<>")'
    c, d, e = f"C{row}", f"D{row}", f"E{row}"
    days_left = f"DATE(YEAR(MIN({plan.range(DATE)})),12,31)-xlplan_asof"
    return [
        (
            f'=IF(COUNTIFS({of_scope},{plan.range("gmv")},"<>")=0,"",{target})',
            _shown(year_target),
            "#,##0",
        ),
        (f'=IF({known}=0,"",{due})', _shown(to_date), "#,##0"),
        (f'=IF({known}=0,"",{net})', _shown(sold), "#,##0"),
        (f'=IF(N({d})=0,"",IF(ISNUMBER({e}),{e}/{d},""))', _shown(_divide(sold, to_date)), "0.0%"),
        (
            f'=IF(N({c})=0,"",IF(ISNUMBER({e}),{e}/{c},""))',
            _shown(_divide(sold, year_target)),
            "0.0%",
        ),
        (
            f'=IF(N({c})=0,"",IF(ISNUMBER({d}),{d}/{c},""))',
            _shown(_divide(to_date, year_target)),
            "0.0%",
        ),
        (f'=IF(COUNT({d},{e})<2,"",{e}-{d})', _shown(sold - to_date), "#,##0;[Red]-#,##0"),
        (
            f'=IF(COUNT({c},{e})<2,"",IF({days_left}=0,"",({c}-{e})/({days_left})))',
            _shown(_divide(year_target - sold, left)),
            "#,##0",
        ),
    ]


def _divide(a: float, b: float) -> float:
    return a / b if b and not np.isnan(b) else float("nan")


def _shown(value: float) -> float | str:
    return "" if np.isnan(value) else float(value)


def put_steps(page: Page, row: int, steps: Iterable[tuple[str, str, str]]) -> int:
    """Put 怎么用: numbered links with what to do there; return the row behind them."""
    page.put(row, 2, "怎么用", PLAIN.but(bold=True, color=look.INK, size=12))
    row += 1
    for number, (name, sheet, text) in enumerate(steps, start=1):
        page.put(row, 2, f"{number}. {name}", look.LINK)
        page.links[row, 2] = sheet
        page.put(row, 3, text, PLAIN)
        row += 1
    return row + 1


def put_legend(page: Page, row: int, legend: Iterable[tuple[State, str, str]]) -> int:
    """Put 图例: what the states of cells look like and mean; return its last row."""
    page.put(row, 2, "图例", PLAIN.but(bold=True, color=look.INK, size=12))
    for state, name, text in legend:
        row += 1
        page.put(row, 2, name, Style(state, align="center"))
        page.put(row, 3, text, PLAIN)
    return row
