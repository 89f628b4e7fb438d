"""The figures below 首页: days, what charts draw, every scope's months, what was foreseen."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from xlplan.cells import Cell, Style
from xlplan.errors import Level
from xlplan.plan.days.periods import months
from xlplan.sheets.base.tables import DATE, LATE
from xlplan.sheets.home.base import between, block, cell_at, fixed_at, in_month, shown
from xlplan.sheets.home.figures import (
    NO_DATA,
    divided,
    factor,
    last_known,
    missing_days,
    sales,
)
from xlplan.sheets.home.layout import (
    DONE,
    FIRST_MONTH,
    FIRST_PERIOD,
    MONTH_ACTUAL,
    MONTH_AHEAD,
    MONTH_NAME,
    MONTH_TARGET,
    OPEN,
    PERIODS,
    SHAPE_LAST,
    SHAPE_MISSING,
    SHORT,
    SPAN_FIRST,
    SPAN_LAST,
    SPAN_NAME,
    SURE,
)
from xlplan.sheets.home.steps import next_step
from xlplan.sheets.home.told import (
    AS_OF,
    LACK,
    TOLD_COLUMN,
    TOLD_FIELDS,
    heading,
    look_of,
)

if TYPE_CHECKING:
    from xlplan.cells import Spot
    from xlplan.sheets.home.base import Shown
    from xlplan.sheets.home.figures import Reached

_GREY = Style(size=8, color="#9E9E9E", border=False)
_DATE = "yyyy-mm-dd"
#: Charts draw money in units of ten thousand.
WAN = 10000


def _put(value: object, formula: str = "", number: str = "General") -> Cell:
    return Cell(value, formula, _GREY.but(number=number))  # type: ignore[arg-type]


def data_cells(this: Shown) -> dict[Spot, Cell]:
    """Return the cells that formulas above and charts stand on."""
    at = this.at
    cells = {(at.data, 2): heading("以下是图表、预测与公式用的数据，由程序维护，不用看也不用改")}
    cells |= _moments(this)
    for number, name in enumerate(PERIODS):
        cells |= _span(this, number, name)
    for number in range(1, 13):
        cells |= _month(this, number)
    cells |= _chosen(this)
    for row in range(len(this.year.scopes)):
        cells |= _shape(this, row)
    return cells


def _moments(this: Shown) -> dict[Spot, Cell]:
    at, year = this.at, this.year.year
    first, last = f"DATE({year},1,1)", f"DATE({year},12,31)"
    inside = f"MAX({first},MIN(xlplan_today,{last}))"
    act = f"MAX(xlplan_today,N(xlplan_asof)+1,{first})"
    day = f'=IF({act}<={last},{act},"")'
    ahead = f"=IF(ISNUMBER(xlplan_asof),MIN(xlplan_asof+1,{last}),{inside})"
    errors = sum(problem.level is Level.ERROR for problem in this.problems)
    labels = {
        at.day: "行动日",
        at.ahead: "所看的日子",
        at.errors: "错误",
        at.factor: "今日倍数",
        at.step: "下一步",
    }
    return {
        **{(row, 2): _put(text) for (row, _), text in labels.items()},
        at.day: _put(this.moment.day or "", day, _DATE),
        at.ahead: _put(this.moment.ahead, ahead, _DATE),
        at.errors: _put(errors),
        at.factor: _put(factor(this.sales, this.moment), _factor_formula(this), "0.000"),
        at.step: _put(*next_step(this)),
    }


def _factor_formula(this: Shown) -> str:
    day = fixed_at(this.at.day)
    month = in_month(f"MONTH({day})")
    end = f"DATE({this.year.year},MONTH({day})+1,0)"
    left = this.planned("gmv", this.plan_where(this.scope_at, *between(day, end)))
    where = this.actual_where(this.scope_at, *month)
    short = f"{this.actual('gmv_due', where)}-{this.net(where)}"
    return f"=IF(ISNUMBER({day}),IF({left}>0,MAX(0,1+({short})/{left}),1),1)"


def _span(this: Shown, number: int, name: str) -> dict[Spot, Cell]:
    row, period = this.at.span(number), this.period(name)
    label, first, last = _span_formulas(this, name)
    found = {
        SPAN_NAME: _put(label_of(this, name), label),
        SPAN_FIRST: _put(period.first, first, _DATE),
        SPAN_LAST: _put(period.last, last, _DATE),
    }
    if name != "latest":
        target, sold = cell_at(FIRST_PERIOD + number, 3), cell_at(FIRST_PERIOD + number, 7)
        reached = this.sales.of(period)
        found |= _landing(this, name, reached, (target, sold))
    return {(row, column): cell for column, cell in found.items()}


def _landing(this: Shown, name: str, reached: Reached, cells: tuple[str, str]) -> dict[int, Cell]:
    """Return the parts of a period's bar, as shares of its target: sold, sure, open, missing."""
    target, sold = cells
    low, high = this.number(f"{name}_low"), this.number(f"{name}_high")
    lows, highs = this.told_at(f"{name}_low"), this.told_at(f"{name}_high")
    done = divided(reached.sold, reached.target)
    sure = divided(low - reached.sold, reached.target)
    open_ = divided(high - low, reached.target)
    rest = max(0.0, 1 - float(np.nansum([done, sure, open_]))) if reached.target > 0 else float("nan")  # fmt: skip
    row = this.at.span(PERIODS.index(name))
    made = ",".join(cell_at(row, column) for column in (DONE, SURE, OPEN))
    return {
        DONE: _part(done, f"COUNT({target},{sold})=2", f"{sold}/{target}", target),
        SURE: _part(sure, f"COUNT({target},{sold},{lows})=3", f"({lows}-{sold})/{target}", target),
        OPEN: _part(open_, f"COUNT({target},{lows},{highs})=3", f"({highs}-{lows})/{target}", target),
        SHORT: _part(rest, f"COUNT({target})=1", f"MAX(0,1-SUM({made}))", target),
    }  # fmt: skip


def _part(value: float, test: str, formula: str, target: str) -> Cell:
    return _put(shown(value), f'=IF({test},IF({target}=0,"",{formula}),"")', "0.0%")


def label_of(this: Shown, name: str) -> str:
    """Return what people call a period."""
    period = this.period(name)
    if name != "latest":
        return period.label
    today = "今天 " if period.first == this.today else ""
    word = "最近 " if this.moment.as_of and not today else today
    return f"{word}{period.first.month}月{period.first.day}日"


def _span_formulas(this: Shown, name: str) -> tuple[str, str, str]:
    year, ahead = this.year.year, fixed_at(this.at.ahead)
    month, quarter = f"MONTH({ahead})", f"INT((MONTH({ahead})+2)/3)"
    if name == "latest":
        act = fixed_at(this.at.ahead)
        day = f"IF(ISNUMBER(xlplan_asof),xlplan_asof,{act})"
        here = this.spanned(name, SPAN_FIRST)
        word = f'IF({here}=xlplan_today,"今天 ",IF(ISNUMBER(xlplan_asof),"最近 ",""))'
        return f"={word}&{day_text(here)}", f"={day}", f"={day}"
    if name == "month":
        return f'={month}&"月"', f"=DATE({year},{month},1)", f"=DATE({year},{month}+1,0)"
    if name == "quarter":
        return f'="Q"&{quarter}', f"=DATE({year},3*{quarter}-2,1)", f"=DATE({year},3*{quarter}+1,0)"  # fmt: skip
    return '="全年"', f"=DATE({year},1,1)", f"=DATE({year},12,31)"


def day_text(cell: str) -> str:
    """Return the formula of a day in words."""
    return f'MONTH({cell})&"月"&DAY({cell})&"日"'


def _month(this: Shown, number: int) -> dict[Spot, Cell]:
    """Return a month's target, actual, and where it will come to, in 万: what the chart draws."""
    row, scope = this.at.month(number), this.scope_at
    reached = this.sales.of(months(this.year.year, number, number))
    mine = in_month(str(number))
    plan, known = this.plan_where(scope, *mine), this.actual_where(scope, *mine)
    rest, rest_at = this.number(f"rest_{number}"), this.told_at(f"rest_{number}")
    ahead = np.nan_to_num(reached.sold / WAN) + rest / WAN if rest > 0 else float("nan")
    sold = cell_at(row, MONTH_ACTUAL)
    return {
        (row, MONTH_NAME): _put(f"{number}月"),
        (row, MONTH_TARGET): _put(
            shown(reached.target / WAN),
            f'=IF({this.has_plan(plan)},{this.planned("gmv", plan)}/{WAN},"")',
            "#,##0.0",
        ),
        (row, MONTH_ACTUAL): _put(
            shown(reached.sold / WAN),
            f'=IF({this.known(known)},{this.net(known)}/{WAN},"")',
            "#,##0.0",
        ),
        (row, MONTH_AHEAD): _put(
            shown(float(ahead)), f'=IF(N({rest_at})>0,N({sold})+{rest_at}/{WAN},"")', "#,##0.0"
        ),
    }


def _chosen(this: Shown) -> dict[Spot, Cell]:
    """Return what was foreseen of the scope chosen, looked up; nothing when it is out of date."""
    at = this.at
    first, last = at.foreseen, at.foreseen + at.scopes - 1
    names = f"$B${first}:$B${last}"
    cells: dict[Spot, Cell] = {(at.chosen, 2): _put(this.scope, f"={this.scope_at}")}

    def found(column: int) -> str:
        letter = cell_at(first, column).rstrip("0123456789")
        return f"INDEX(${letter}${first}:${letter}${last},MATCH({this.scope_at},{names},0))"

    current = found(TOLD_COLUMN[AS_OF])
    for name in TOLD_FIELDS[1:]:
        value = this.chosen.get(name, "")
        if name == AS_OF and value:
            value = date.fromisoformat(value)
        if name == LACK:
            value = value or ""
        mine = found(TOLD_COLUMN[name])
        formula = f'=IF({current}=xlplan_asof,IF({mine}="","",{mine}),"")'
        cells[at.chosen, TOLD_COLUMN[name]] = Cell(value, formula, look_of(name))
    return cells


def _shape(this: Shown, row: int) -> dict[Spot, Cell]:
    """Return a scope's months as sold, its last day known and how many days are missing."""
    here, scope = this.at.shapes + 1 + row, this.year.scopes[row]
    mine = sales(this.year, scope)
    cells: dict[Spot, Cell] = {(here, 2): _put(scope)}
    for number in range(1, 13):
        where = this.actual_where(f"$B{here}", *in_month(str(number)))
        sold = mine.of(months(this.year.year, number, number)).sold
        formula = f'=IF({this.known(where)},{this.net(where)},"")'
        cells[here, FIRST_MONTH + number - 1] = _put(shown(sold), formula, "#,##0")
    count = len(this.year.calendar.days)
    known, days, planned = (
        block(area, row, count)
        for area in (this.tables.actual.range("gmv"), this.tables.actual.range(DATE), this.tables.plan.range("gmv"))
    )  # fmt: skip
    last = f'=IF(COUNT({known})=0,"",SUMPRODUCT(MAX(({known}<>"")*{days})))'
    cells[here, SHAPE_LAST] = _put(last_known(this.year, row) or "", last, _DATE)
    cells[here, SHAPE_MISSING] = _put(
        missing_days(this.year, row), _missing(this, row, (known, days, planned))
    )
    return cells


def _missing(this: Shown, row: int, areas: tuple[str, str, str]) -> str:
    if len(this.year.scopes) > 1 and row == 0:
        first = this.at.shapes + 2
        letter = cell_at(1, SHAPE_MISSING)[:-1]
        return f"=SUM({letter}{first}:{letter}{first + len(this.year.stores) - 1})"
    known, days, planned = areas
    first_day = f'{LATE}-SUMPRODUCT(MAX(({known}<>"")*({LATE}-{days})))'
    counted = f'SUMPRODUCT(({known}="")*({days}>={first_day})*({days}<=xlplan_asof),--({planned}<>""),--({planned}>0))'
    return f'=IF(COUNT({known})=0,"{NO_DATA}",{counted})'


def as_of_formula(this: Shown) -> str:
    """Return the formula of the last day with actuals."""
    count = len(this.year.calendar.days)
    known = block(this.tables.actual.range("gmv"), 0, count)
    days = block(this.tables.actual.range(DATE), 0, count)
    return f'=IF(COUNT({known})=0,"{NO_DATA}",SUMPRODUCT(MAX(({known}<>"")*{days})))'
