"""The page of 首页: verdict, next step, periods, what today must bring, what closes the gap, stores."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from xlplan.cells import Cell
from xlplan.plan.days.periods import Period, months
from xlplan.sheets.base import look
from xlplan.sheets.base.tables import DATE
from xlplan.sheets.home import layout as at_
from xlplan.sheets.home.base import (
    DAY,
    MONEY,
    cell_at,
    derived,
    fixed_at,
    in_month,
    shown,
)
from xlplan.sheets.home.base import (
    between as days_between,
)
from xlplan.sheets.home.data import as_of_formula, day_text, label_of
from xlplan.sheets.home.figures import (
    NO_DATA,
    divided,
    factor,
    last_known,
    missing_days,
    planned_on,
    sales,
    spend_columns,
)
from xlplan.sheets.home.layout import PERIODS
from xlplan.sheets.home.told import AS_OF, TOLD_COLUMN
from xlplan.sheets.home.words import (
    link_formula,
    wan,
    wan_formula,
)

if TYPE_CHECKING:
    from xlplan.cells import Spot
    from xlplan.sheets.home.base import Shown
    from xlplan.sheets.home.figures import Reached, Sales

BIG = "#,##0"
GAP = "+#,##0;-#,##0;0"
#: ▲ and ▼ besides colour: read in print and by people who cannot tell the colours apart.
HEAT = '[>=1]"▲"0%;[<0.9]"▼"0%;0%'
RATE_MARKED = '[>=1]"▲ "0.0%;[<0.9]"▼ "0.0%;0.0%'
PERIOD_HEADS = (
    "期间",
    "目标",
    "目标至今",
    "实际至今",
    "达成率",
    "差额",
    "预测低",
    "预测中",
    "预测高",
    "达成概率",
    "余下日均",
)
#: Columns of the periods table, each with the last column it spans.
PERIOD_COLUMNS = ((2, 2), (3, 4), (5, 6), (7, 8), (9, 9), (10, 11), (12, 13), (14, 15), (16, 17), (18, 18), (19, 19))  # fmt: skip


def board_cells(this: Shown) -> dict[Spot, Cell]:
    """Return the derived cells of the page."""
    cells = _status(this)
    for number, name in enumerate(PERIODS):
        cells |= _period(this, number, name)
    cells |= _today(this)
    cells |= _worst(this)
    for row in range(len(this.year.scopes)):
        cells |= _store(this, row)
    return cells


def _status(this: Shown) -> dict[Spot, Cell]:
    day: dict[str, Any] = {"number": DAY, "align": "center", "bold": True}
    count = len(this.problems)
    return {
        at_.TODAY_SPOT: derived(this.today, "=TODAY()", **day),
        at_.AS_OF_SPOT: derived(this.year.as_of or NO_DATA, as_of_formula(this), **day),
        at_.CHECK_SPOT: derived("全部一致", '=IF(xlplan_faults=0,"全部一致",xlplan_faults&" 项不一致")', align="center"),
        at_.PROBLEM_SPOT: Cell(f"{count} 条" if count else "没有", "", look.DERIVED.but(align="center")),
    }  # fmt: skip


def _period(this: Shown, number: int, name: str) -> dict[Spot, Cell]:
    """Return a row of the periods: how far, and where it will land."""
    row, period = at_.FIRST_PERIOD + number, this.period(name)
    first, last = (this.spanned(name, column) for column in (at_.SPAN_FIRST, at_.SPAN_LAST))
    span = days_between(first, last)
    plan, actual = this.plan_where(this.scope_at, *span), this.actual_where(this.scope_at, *span)
    reached = this.sales.of(period)
    target, due, sold = reached.target, reached.due, reached.sold
    e, g = (cell_at(row, column) for column in (5, 7))
    label = this.spanned(name, at_.SPAN_NAME)
    cells = {
        2: derived(label_of(this, name), f"={label}", bold=True, color=look.INK),
        3: derived(shown(target), f'=IF({this.has_plan(plan)},{this.planned("gmv", plan)},"")', MONEY),
        5: derived(shown(due), f'=IF({this.known(actual)},{this.actual("gmv_due", actual)},"")', MONEY),
        7: derived(shown(sold), f'=IF({this.known(actual)},{this.net(actual)},"")', MONEY, bold=True),
        9: derived(shown(divided(sold, due)), f'=IF(N({e})=0,"",IF(ISNUMBER({g}),{g}/{e},""))', RATE_MARKED, bold=True, align="center"),
        10: derived(shown(sold - due), f'=IF(COUNT({e},{g})<2,"",{g}-{e})', GAP),
        **_band(this, name),
        19: _rest(this, name, reached, cell_at(row, 10)),
    }  # fmt: skip
    return {(row, column): cell for column, cell in cells.items()}


def _band(this: Shown, name: str) -> dict[int, Cell]:
    ends = {12: "low", 14: "middle", 16: "high", 18: "chance"}
    if name == "latest":
        return {column: Cell("", "", look.DERIVED) for column in ends}
    return {
        column: derived(
            shown(this.number(f"{name}_{end}")),
            f"={this.told_at(f'{name}_{end}')}",
            "0%" if end == "chance" else MONEY,
            bold=end in ("middle", "chance"),
            color="" if end in ("middle", "chance") else "#666666",
            align="center" if end == "chance" else "",
        )
        for column, end in ends.items()
    }


def _rest(this: Shown, name: str, reached: Reached, short: str) -> Cell:
    """Return what each day left must bring: its plan, and what the days known are short of.

    Days without actuals are not taken for days without sales.
    """
    period, as_of = this.period(name), this.moment.as_of
    if name == "latest":
        return Cell("", "", look.DERIVED)
    value = float("nan")
    left = (period.last - as_of).days if as_of else 0
    if as_of and left > 0:
        ahead = this.sales.of(Period(as_of + timedelta(days=1), period.last, ""))
        value = max(0.0, float(np.nan_to_num(ahead.target)) - np.nan_to_num(reached.gap)) / left
    last = this.spanned(name, at_.SPAN_LAST)
    days = f"({last}-xlplan_asof)"
    plan = this.planned("gmv", this.plan_where(this.scope_at, *days_between("(xlplan_asof+1)", last)))  # fmt: skip
    formula = f'=IF(ISNUMBER(xlplan_asof),IF({days}<=0,"",MAX(0,{plan}-N({short}))/{days}),"")'
    return derived(shown(value), formula, MONEY)


def _today(this: Shown) -> dict[Spot, Cell]:
    """Return what the day to act on must bring: its plan, times what the month is short of."""
    day, act = fixed_at(this.at.day), this.moment.day
    plan = planned_on(this.year, this.scope, act) if act else {}
    where = this.plan_where(this.scope_at, DATE, day)
    columns = {"gmv": ["gmv"], "uv": ["uv"], "spend": spend_columns(this.year)}
    ratio, text = factor(this.sales, this.moment), "全年已过"
    head = f"{act.month}月{act.day}日" if act else text
    formula = f'="今日应做 · "&IF(ISNUMBER({day}),{day_text(day)},"{text}")'
    cells: dict[Spot, Cell] = {
        (at_.DO_HEAD, 2): derived(f"今日应做 · {head}", formula, bold=True, color=look.INK, size=11, border=False)
    }  # fmt: skip
    for number, (name, parts) in enumerate(columns.items()):
        row = at_.DO_ROW + number
        value = plan.get(name, float("nan"))
        there = cell_at(row, 5)
        total = "+".join(this.planned(part, where) for part in parts) or "0"
        any_ = "+".join(this.counted(part, where) for part in parts) or "0"
        asked = f'=IF(ISNUMBER({day}),IF({any_}>0,{total},""),"")'
        must = f'=IF(ISNUMBER({there}),{there}*{fixed_at(this.at.factor)},"")'
        cells[row, 5] = derived(shown(value), asked, MONEY)
        cells[row, 3] = derived(shown(value * ratio), must, MONEY, bold=True, size=13)
    return cells


def _worst(this: Shown) -> dict[Spot, Cell]:
    cells: dict[Spot, Cell] = {}
    found = list(this.told.get("worst", ()))
    for number in range(at_.WORST_COUNT):
        row, here = at_.WORST_ROW + number, this.at.worst + number
        text, sheet = f"$B${here}", f"$C${here}"
        value = f"{number + 1}. {found[number][0]}" if number < len(found) else ""
        if number == 0 and not found:
            value = "没有发现要紧的事"
        else_ = '"没有发现要紧的事"' if number == 0 else '""'
        link = link_formula(sheet, f'"{number + 1}. "&{text}')[1:]
        cells[row, 2] = derived(value, f'=IF({text}="",{else_},{link})', border=False, color="#0B3D91")  # fmt: skip
    return cells


def _store(this: Shown, number: int) -> dict[Spot, Cell]:
    """Return a row of the matrix: months' attainment, targets of months to come, the year, freshness."""
    row, scope = at_.MATRIX_ROW + number, this.year.scopes[number]
    mine, name = sales(this.year, scope), f"$B{row}"
    cells: dict[int, Cell] = {at_.NAME: Cell(scope, "", look.ITEM)}
    for month in range(1, 13):
        cells[at_.FIRST_MONTH + month - 1] = _store_month(this, name, month, mine)
    year = mine.of(months(this.year.year, 1, 12))
    where = this.actual_where(name)
    due, net = this.actual("gmv_due", where), this.net(where)
    cells[at_.REACHED] = derived(
        shown(year.rate),
        f'=IF({this.known(where)},IF({due}=0,"",{net}/{due}),"")',
        HEAT,
        bold=True,
        align="center",
    )
    target = f"SUMIFS({this.tables.plan.range('gmv')},{this.plan_where(name)})"
    cells[at_.LANDING] = _landing(_Told(this, number, "year_middle"), year.target, target)
    cells[at_.YEAR_AGO] = _growth(_Told(this, number, "year_ago"), year.sold, net)
    cells[at_.SHAPE] = Cell("", "", look.DERIVED)
    cells[at_.FRESH] = _fresh(this, number)
    return {(row, column): cell for column, cell in cells.items()}


def _store_month(this: Shown, name: str, month: int, mine: Sales) -> Cell:
    reached = mine.of(months(this.year.year, month, month))
    actual, plan = this.actual_where(name, *in_month(str(month))), this.plan_where(name, *in_month(str(month)))  # fmt: skip
    due = this.actual("gmv_due", actual)
    planned = this.planned("gmv", plan)
    value: float | str = shown(reached.rate)
    if not reached.due > 0:
        value = "" if np.isnan(reached.target) else wan(reached.target)
    formula = f'=IF({due}>0,{this.net(actual)}/{due},IF({this.has_plan(plan)},{wan_formula(planned)},""))'
    return derived(value, formula, HEAT, align="center", size=9)


class _Told:
    """A figure foreseen of a scope: its cell, whether it is of the last day known, its value."""

    def __init__(self, this: Shown, number: int, field: str) -> None:
        row = this.at.foreseen + number
        self.at = f"${cell_at(row, TOLD_COLUMN[field])}"
        self.known = f"AND(${cell_at(row, TOLD_COLUMN[AS_OF])}=xlplan_asof,ISNUMBER({self.at}))"
        fields = this.told.get("scopes", {}).get(this.year.scopes[number], {})
        as_of = this.moment.as_of
        fresh = as_of is not None and fields.get(AS_OF) == as_of.isoformat()
        self.value = float(fields[field]) if fresh and field in fields else float("nan")


def _landing(told: _Told, target: float, cell: str) -> Cell:
    """Return where the year will land, as a share of its target."""
    formula = f'=IF({told.known},IF({cell}=0,"",{told.at}/{cell}),"")'
    return derived(shown(divided(told.value, target)), formula, HEAT, align="center")


def _growth(told: _Told, sold: float, cell: str) -> Cell:
    """Return how much more was sold than on the comparable days of last year."""
    formula = f'=IF({told.known},IF({told.at}=0,"",{cell}/{told.at}-1),"")'
    return derived(shown(divided(sold, told.value) - 1), formula, "+0%;-0%;0%", align="center")


def _fresh(this: Shown, number: int) -> Cell:
    row = this.at.shapes + 1 + number
    last, missing = f"${cell_at(row, at_.SHAPE_LAST)}", f"${cell_at(row, at_.SHAPE_MISSING)}"
    day, count = last_known(this.year, number), missing_days(this.year, number)
    value = NO_DATA
    if day is not None:
        value = f"到 {day:%m-%d}" + (f"，缺 {count} 天" if count else "")
    formula = f'=IF(ISNUMBER({last}),"到 "&TEXT(MONTH({last}),"00")&"-"&TEXT(DAY({last}),"00")&IF(N({missing})>0,"，缺 "&{missing}&" 天",""),"{NO_DATA}")'
    return derived(value, formula, size=9)
