"""说明 of a store workbook: what to do today, how the months stand, what the colours mean."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from xlplan.cells import PLAIN, Area, Cell, Highlight, Icons, Page, Span, State, letters
from xlplan.plan import rollup
from xlplan.sheets.base import look
from xlplan.sheets.base.names import month_name
from xlplan.sheets.base.tables import DATE
from xlplan.sheets.daily import page as daily_page
from xlplan.sheets.daily.page import FIRST_ROW as DAILY_ROW
from xlplan.sheets.home.figures import NO_DATA
from xlplan.sheets.home.words import put_legend, put_steps
from xlplan.sheets.tasks.places import SHEET as TASK_SHEET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.plan.year import Year
    from xlplan.sheets.base.tables import TableAt
    from xlplan.sheets.daily.page import DailyAt

SHEET = "说明"
TODAY_SPOT, ROW_SPOT, TARGET_SPOT, STATE_SPOT, AS_OF_SPOT = (4, 3), (5, 3), (4, 6), (5, 6), (6, 3)
HEAD_ROW, FIRST_ROW = 9, 10
JUMP = "→ 去填今天"
HEADS = ("月份", "月目标", "累计销售额", "达成率", "已填天数", "本月天数")
STEPS = (
    ("每天填一行", daily_page.SHEET, "在“日报”里找到今天（浅蓝底那一行），只填黄底格；没有的数据留空，不要填 0"),
    ("看结果", month_name(1), "右边的客单价、转化率、达成率自动算好；各月表也随之更新"),
    ("做任务", TASK_SHEET, "做完打 √，定量任务填做了几个；“承诺”里写这个月能做多少、为什么"),
    ("交回", SHEET, "保存后把整个文件发回即可；文件名可以改，隐藏的行列和表头不要动"),
)  # fmt: skip
LEGEND = (
    (State.INPUT, "可填写", "黄底蓝字：只有这些格子需要填"),
    (State.DERIVED, "公式", "自动计算，不能改"),
    (State.ACTUAL, "实际", "绿底：日报里的数，没填时为总部已导入的数"),
)


def guide_page(
    year: Year,
    typed: Mapping[date, Mapping[str, object]],
    at: DailyAt,
    imported: TableAt,
    handed: tuple[str, date],
) -> Page:
    """Return the page.

    Args:
        year: The store's year, with what its month sheets show.
        typed: What stands on 日报, by day.
        at: Where 日报 has its cells.
        imported: The hidden table of imported actuals.
        handed: Which hand-out this is, in words, and its day.
    """
    page = Page(SHEET, tab=look.INK, landscape=False)
    page.put(1, 2, f"{year.stores[0]} · {year.year}年", look.TITLE.but(size=20))
    page.put(2, 2, handed[0], look.HINT)
    _today(page, year, typed, at, handed[1])
    _as_of(page, year, at, imported)
    page.put(HEAD_ROW - 1, 2, "各月进度", PLAIN.but(bold=True, color=look.INK, size=12))
    for column, head in enumerate(HEADS, start=2):
        page.put(HEAD_ROW, column, head, look.HEAD)
    for month in range(1, 13):
        _month_row(page, year, month, typed, at)
    last = put_legend(page, put_steps(page, FIRST_ROW + 13, STEPS), LEGEND)
    page.columns |= {1: Span(2), 2: Span(16), **{c: Span(15) for c in range(3, 8)}}
    page.rows |= {1: Span(36), 2: Span(20), HEAD_ROW: Span(24)}
    page.names = {
        "xlplan_today": f"='{SHEET}'!{Area(*TODAY_SPOT, *TODAY_SPOT).fixed}",
        "xlplan_asof": f"='{SHEET}'!{Area(*AS_OF_SPOT, *AS_OF_SPOT).fixed}",
    }
    page.highlights = [
        Highlight(
            Area(FIRST_ROW, 2, FIRST_ROW + 11, 7),
            f"=AND(YEAR(xlplan_today)={year.year},MONTH(xlplan_today)=ROW()-{FIRST_ROW - 1})",
            fill=look.TODAY_FILL,
            bold=True,
        ),
        Icons(Area(FIRST_ROW, 5, FIRST_ROW + 11, 5), look.UNDER_WAY, look.DONE),
    ]
    page.print_area = Area(1, 1, last, 7)
    return page


def _today(
    page: Page, year: Year, typed: Mapping[date, Mapping[str, object]], at: DailyAt, today: date
) -> None:
    """Put today, its row on 日报, its target, and whether it is filled."""
    label, shown = look.LABEL.but(align="left"), look.DERIVED.but(align="center", bold=True)
    row = f"{letters(ROW_SPOT[1])}{ROW_SPOT[0]}"
    index = f"{row}-{DAILY_ROW - 1}"
    target, sales = _block(at, "gmv_target"), _block(at, "gmv")
    outside = f"不在{year.year}年内"
    found = f'=IF(COUNTIF({_block(at, "date")},xlplan_today)=0,"{outside}",MATCH(xlplan_today,{_block(at, "date")},0)+{DAILY_ROW - 1})'
    inside = today.year == year.year
    day = today.timetuple().tm_yday - 1
    goal = float(year.planned.values["gmv"][0, day]) if inside else float("nan")
    state = ("还没填" if _typed(typed.get(today, {}), "gmv") is None else "已填") if inside else ""
    cells = (
        (TODAY_SPOT, "今天", Cell(today, "=TODAY()", shown.but(number="yyyy-mm-dd"))),
        (ROW_SPOT, "日报第几行", Cell(DAILY_ROW + day if inside else outside, found, shown)),
        (TARGET_SPOT, "今日目标", Cell(_shown(goal), f'=IF(ISNUMBER({row}),INDEX({target},{index}),"")', shown.but(number="#,##0"))),
        (STATE_SPOT, "今日日报", Cell(state, f'=IF(ISNUMBER({row}),IF(INDEX({sales},{index})="","还没填","已填"),"")', shown)),
    )  # fmt: skip
    for spot, text, cell in cells:
        page.put(spot[0], spot[1] - 1, text, label)
        page.cells[spot] = cell
    jump = f'=IF(ISNUMBER({row}),HYPERLINK("#\'{daily_page.SHEET}\'!{letters(at.columns["gmv"])}"&{row},"{JUMP}"),"")'
    page.cells[ROW_SPOT[0], ROW_SPOT[1] + 1] = Cell(JUMP if inside else "", jump, look.LINK)


def _shown(value: float) -> float | str:
    return "" if np.isnan(value) else value


def _as_of(page: Page, year: Year, at: DailyAt, imported: TableAt) -> None:
    """Put the last day with sales, typed or imported (截止日)."""
    typed = f'SUMPRODUCT(MAX(({_block(at, "gmv")}<>"")*{_block(at, "date")}))'
    known, days = imported.range("gmv"), imported.range(DATE)
    both = f'MAX({typed},SUMPRODUCT(MAX(({known}<>"")*{days})))'
    formula = f'=IF({both}=0,"{NO_DATA}",{both})'
    style = look.DERIVED.but(align="center", bold=True, number="yyyy-mm-dd")
    page.put(AS_OF_SPOT[0], AS_OF_SPOT[1] - 1, "截止日", look.LABEL.but(align="left"))
    page.cells[AS_OF_SPOT] = Cell(year.as_of or NO_DATA, formula, style)


def _block(at: DailyAt, key: str) -> str:
    """Return the absolute range of a column of 日报."""
    column, rows = at.columns[key], at.rows.values()
    area = Area(min(rows), column, max(rows), column)
    return f"{daily_page.SHEET}!{area.fixed}"


def _month_row(
    page: Page,
    year: Year,
    month: int,
    typed: Mapping[date, Mapping[str, object]],
    at: DailyAt,
) -> None:
    row, inside = FIRST_ROW + month - 1, year.calendar.days["month"].to_numpy() == month
    first = date(year.year, month, 1)
    after = (first + timedelta(days=31)).replace(day=1)
    dates = _block(at, "date")
    where = f'{dates},">="&DATE({year.year},{month},1),{dates},"<"&DATE({year.year},{month + 1},1)'
    target, sold, gmv = (_block(at, key) for key in ("gmv_target", "gmv_net", "gmv"))
    plan = rollup.total(year.planned.values["gmv"][0][inside])
    own = [v for d, v in typed.items() if d.month == month and _typed(v, "gmv") is not None]
    net = sum((_typed(v, "gmv") or 0) - (_typed(v, "gmv_excluded") or 0) for v in own)
    share = net / plan if own and plan else float("nan")
    count = f'COUNTIFS({where},{gmv},"<>")'
    cells = (
        (f'=IF(COUNTIFS({where},{target},">0")=0,"",SUMIFS({target},{where}))', plan, "#,##0"),
        (f'=IF({count}=0,"",SUMIFS({sold},{where}))', net if own else float("nan"), "#,##0"),
        (f'=IF(N(C{row})=0,"",IF(ISNUMBER(D{row}),D{row}/C{row},""))', share, "0.0%"),
        (f"={count}", float(len(own)), "0"),
    )
    page.put(row, 2, month_name(month), look.LINK.but(border=True, align="center"))
    page.links[row, 2] = month_name(month)
    for column, (formula, value, number) in enumerate(cells, start=3):
        page.cells[row, column] = Cell(_shown(value), formula, look.DERIVED.but(number=number))
    page.put(row, 7, (after - first).days, look.DERIVED.but(align="right"))


def _typed(values: Mapping[str, object], name: str) -> float | None:
    value = values.get(name)
    return float(value) if isinstance(value, int | float) else None
