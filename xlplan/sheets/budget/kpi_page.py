"""经营指标: 序号 | 指标项目 | 单位 | 预算数 | 实际 | 达成率 | 1月 … 12月, over 总 and 数据."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.cells import Cell, Page, Span, Spot, State, Style, letters, quoted
from xlplan.plan.budget.accounts import GMV, REFUND, REVENUE
from xlplan.plan.budget.statement import ACTUAL, GROSS, OPERATING, PLAN, PROFIT
from xlplan.record import bundle
from xlplan.sheets.base import look
from xlplan.sheets.budget import data_page as data
from xlplan.sheets.budget import look as budget_look
from xlplan.sheets.budget.data_page import DONE, NOW
from xlplan.sheets.budget.refs import attainment
from xlplan.sheets.budget.settings_page import DIVIDE
from xlplan.sheets.budget.statement_page import COLUMN_OF

if TYPE_CHECKING:
    from xlplan.plan.budget.lines import Line
    from xlplan.plan.exact.units import Floats
    from xlplan.sheets.budget.statement_page import StatementView

SHEET = "经营指标"
HEAD_ROW, FIRST_ROW = 3, 4
#: Key → (label, unit, number format, what it is: a row of 总, a sum of 数据, or a quotient).
ROWS: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "gmv": ("支付金额", "金额", budget_look.MONEY, ("row", GMV)),
    "revenue": ("营业收入", "金额", budget_look.MONEY, ("row", REVENUE)),
    "orders": ("订单数", "笔", budget_look.COUNT, ("flow", "orders")),
    "uv": ("访客数（每日累计）", "人次", budget_look.COUNT, ("flow", "uv")),
    "spend": ("推广费", "金额", budget_look.MONEY, ("promo",)),
    "refund": ("售退", "金额", budget_look.MONEY, ("row", REFUND)),
    "cvr": ("转化率", "%", budget_look.SHARE, ("ratio", "orders", "uv")),
    "aov": ("客单价（元）", "元", budget_look.MONEY, ("money", "gmv", "orders")),
    "refund_rate": ("退款率（金额）", "%", budget_look.SHARE, ("ratio", "refund", "gmv")),
    "spend_ratio": ("推广费占支付金额", "%", budget_look.SHARE, ("ratio", "spend", "gmv")),
    "shop_roi": ("整店投产", "倍", budget_look.TIMES, ("ratio", "gmv", "spend")),
    "profit": ("净利润", "金额", budget_look.MONEY, ("row", PROFIT)),
    "gross_rate": ("毛利率", "%", budget_look.SHARE, ("margin", GROSS)),
    "operating_rate": ("运营利润率", "%", budget_look.SHARE, ("margin", OPERATING)),
    "profit_rate": ("净利率", "%", budget_look.SHARE, ("margin", PROFIT)),
}  # fmt: skip
#: Column → column of the statement it is about.
COLUMNS = {4: PLAN, 5: ACTUAL, **{7 + m: 3 + m for m in range(12)}}
_ATTAINED = 6


@bundle
class KpiView:
    """The indicators of a whole budget."""

    whole: StatementView

    def page(self) -> Page:
        """Return the page."""
        page = Page(SHEET, tab="#2E7D32")
        page.put(1, 1, f"{self.whole.budget.year} 年经营指标", look.TITLE)
        page.put(2, 1, "金额的单位与口径同“总”；比率按合计重算，不平均", look.HINT)
        heads = [
            "序号",
            "指标项目",
            "单位",
            "预算数",
            "实际",
            "达成率",
            *(f"{m}月" for m in range(1, 13)),
        ]
        for number, name in enumerate(heads, start=1):
            page.put(HEAD_ROW, number, name, look.HEAD)
        for at, (key, (label, unit, shown, _)) in enumerate(ROWS.items()):
            row = FIRST_ROW + at
            page.put(row, 1, at + 1, Style(align="center"))
            page.put(row, 2, label, Style(bold=True))
            page.put(row, 3, unit, Style(align="center"))
            style = Style(State.DERIVED, number=shown)
            for column, where in COLUMNS.items():
                page.cells[row, column] = self.cell(key, where, column, style)
            page.cells[row, _ATTAINED] = self._attained(page.cells, row)
        page.columns |= {1: Span(6), 2: Span(22), 3: Span(8)}
        page.columns |= dict.fromkeys(range(4, 19), Span(15)) | {_ATTAINED: Span(10)}
        page.rows |= {1: Span(28), HEAD_ROW: Span(22)}
        page.freeze = (FIRST_ROW, 3)
        return page

    def row(self, key: str) -> int:
        """Return the sheet row of an indicator."""
        return FIRST_ROW + list(ROWS).index(key)

    def value(self, key: str, where: int) -> float:
        """Return an indicator; NaN where it is not known."""
        how = ROWS[key][3]
        if how[0] == "row":
            return float(self.whole.values[how[1]][where])
        if how[0] == "flow":
            return self._flow(how[1], where)
        if how[0] == "promo":
            return self._promo(where)
        if how[0] == "margin":
            above, below = self.whole.values[how[1]][where], self.whole.values[REVENUE][where]
        else:
            above, below = self.value(how[1], where), self.value(how[2], where)
            above *= self.whole.view.divisor if how[0] == "money" else 1
        return float(above / below) if below else float("nan")

    def cell(self, key: str, where: int, column: int, style: Style) -> Cell:
        """Return an indicator as a cell."""
        value = self.value(key, where)
        return Cell("" if np.isnan(value) else value, self._formula(key, where, column), style)

    def _formula(self, key: str, where: int, column: int) -> str:
        how, letter = ROWS[key][3], letters(column)
        sheet, there = quoted(self.whole.tab.sheet), letters(COLUMN_OF[where])
        if how[0] == "row":
            cell = f"{sheet}{there}{self.whole.places[how[1]]}"
            return f'=IF(COUNT({cell})=0,"",{cell})'
        if how[0] == "flow":
            return self._flow_formula(how[1], where)
        if how[0] == "promo":
            return self._promo_formula(where)
        if how[0] == "margin":
            above, below = (f"{sheet}{there}{self.whole.places[k]}" for k in (how[1], REVENUE))
        else:
            above, below = (f"{letter}{self.row(k)}" for k in how[1:])
        times = f"*{DIVIDE}" if how[0] == "money" else ""
        return f'=IF(COUNT({above},{below})<2,"",IF({below}=0,"",{above}{times}/{below}))'

    def _months(self, where: int) -> tuple[str, int]:
        version = DONE if where == ACTUAL else NOW
        return version, 0 if where in (PLAN, ACTUAL) else where - 2

    def _flow(self, metric: str, where: int) -> float:
        version, month = self._months(where)
        flows = self.whole.budget.flows if version == NOW else self.whole.budget.happened
        found = flows.values.get(metric)
        return _known_sum(found if found is None or not month else found[:, month - 1])

    def _flow_formula(self, metric: str, where: int) -> str:
        version, month = self._months(where)
        rows = self.whole.at.kpis.get((metric, version), ())
        if not rows:
            return ""
        letter = data.column(data.GROSS, month)
        area = f"{data.SHEET}!{letter}{rows[0]}:{letter}{rows[-1]}"
        return f'=IF(COUNT({area})=0,"",SUM({area}))'

    def _lines(self, version: str) -> list[Line]:
        budget = self.whole.budget
        lines = budget.plan if version == NOW else budget.actual
        return [line for line in lines if line.source.startswith("spend_")]

    def _promo(self, where: int) -> float:
        version, month = self._months(where)
        lines = self._lines(version)
        values = np.array([line.gross if not month else line.gross[month - 1] for line in lines])
        return _known_sum(values if lines else None) / self.whole.view.divisor

    def _promo_formula(self, where: int) -> str:
        version, month = self._months(where)
        if not self._lines(version):
            return ""
        last = self.whole.at.last

        def block(column: int | str) -> str:
            name = column if isinstance(column, str) else letters(column)
            return f"{data.SHEET}!${name}${data.FIRST_ROW}:${name}${last}"

        values = block(data.column(data.GROSS, month))
        tests = f'{block(data.VERSION)},"{version}",{block(data.PROMO)},1'
        return f'=IF(COUNTIFS({tests},{values},"<>")=0,"",SUMIFS({values},{tests})/{DIVIDE})'

    def _attained(self, cells: dict[Spot, Cell], row: int) -> Cell:
        done, plan = (f"E{row}", cells[row, 5].value), (f"D{row}", cells[row, 4].value)
        return attainment(done, plan, Style(State.DERIVED, number=budget_look.SHARE))


def _known_sum(values: Floats | None) -> float:
    if values is None or np.isnan(values).all():
        return float("nan")
    return float(np.nansum(values))
