"""参数 of the budget workbook: unit, tax basis, rates; other sheets read their cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import Area, Cell, Page, Span, State, Style, Validation
from xlplan.plan.budget.budget import DIVISOR, TAXED, UNTAXED, View
from xlplan.plan.budget.settings import BASES
from xlplan.record import record
from xlplan.sheets.base import look
from xlplan.sheets.budget import look as budget_look

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.plan.budget.budget import Budget

SHEET = "参数"
UNIT_ROW, TAX_ROW, DIVISOR_ROW = 3, 4, 5
TAX, DIVIDE = f"{SHEET}!$C${TAX_ROW}", f"{SHEET}!$C${DIVISOR_ROW}"
HEAD = 8


@record
class SettingsAt:
    """Where rates stand: unit → row of its tax, number of a typed line → row of its rate."""

    units: Mapping[str, int]
    lines: Mapping[int, int]

    def tax(self, unit: str) -> str:
        """Return the cell of a unit's rate of output tax."""
        return f"{SHEET}!$E${self.units[unit]}"

    def rate(self, line: int) -> str:
        """Return the cell of a typed line's rate."""
        return f"{SHEET}!$E${self.lines[line]}"


def settings_at(budget: Budget) -> SettingsAt:
    """Return the positions of a budget's 参数."""
    units = {unit.name: HEAD + 1 + number for number, unit in enumerate(budget.units)}
    stores = {unit.store for unit in budget.units}
    first = HEAD + len(units) + 4
    rates = [
        number
        for number, line in enumerate(budget.terms.lines)
        if line.rate is not None and line.store in ("", *stores)
    ]
    return SettingsAt(units, {number: first + at for at, number in enumerate(rates)})


def settings_page(budget: Budget, view: View, at: SettingsAt) -> Page:
    """Return the page."""
    page = Page(SHEET, tab=look.INK, landscape=False, pages_tall=0)
    page.put(1, 1, "参数：改单位或口径，全册跟着变", look.TITLE)
    _switches(page, view)
    _units(page, budget, at)
    _rates(page, budget, at)
    page.columns |= {1: Span(18), 2: Span(18), 3: Span(16), 4: Span(14), 5: Span(12), 6: Span(40)}
    page.rows[1] = Span(28)
    page.freeze = (HEAD, 1)
    return page


def _switches(page: Page, view: View) -> None:
    choice = Style(State.INPUT, align="center", bold=True)
    for row, name, value, allowed, told in (
        (UNIT_ROW, "单位", view.unit, list(DIVISOR), "金额显示的单位；不改变精度"),
        (TAX_ROW, "口径", view.tax, [TAXED, UNTAXED], "营业收入 = (支付金额 − 退款) ÷ (1 + 税率)"),
    ):
        page.put(row, 1, name, look.LABEL)
        page.put(row, 3, value, choice)
        page.put(row, 4, told, look.HINT)
        page.validations.append(Validation(Area(row, 3, row, 3), "list", allowed, name, told))
    page.put(DIVISOR_ROW, 1, "除数", look.LABEL)
    formula = f'=IF(C{UNIT_ROW}="万元",10000,IF(C{UNIT_ROW}="千元",1000,1))'
    page.cells[DIVISOR_ROW, 3] = Cell(view.divisor, formula, Style(State.DERIVED, align="center"))


def _units(page: Page, budget: Budget, at: SettingsAt) -> None:
    for column, name in enumerate(("单元", "店铺", "渠道", "部门", "销项税率", "说明"), start=1):
        page.put(HEAD, column, name, look.HEAD)
    for unit in budget.units:
        row = at.units[unit.name]
        for column, text in enumerate((unit.name, unit.store, unit.channel, unit.department), 1):
            page.put(row, column, text, budget_look.TEXT)
        page.put(row, 5, unit.tax, Style(number=budget_look.SHARE))
        assumed = budget.terms.store(unit.store).tax is None
        told = "没有填，按 13% 算；请在计划表“预算”填本店税率" if assumed else ""
        page.put(row, 6, told, budget_look.TEXT)


def _rates(page: Page, budget: Budget, at: SettingsAt) -> None:
    if not at.lines:
        return
    head = min(at.lines.values()) - 1
    for column, name in enumerate(("科目编码", "科目", "店铺", "按什么算", "比率", "说明"), 1):
        page.put(head, column, name, look.HEAD)
    for number, row in at.lines.items():
        line = budget.terms.lines[number]
        account = budget.chart.by_code.get(line.account)
        texts = (
            line.account,
            account.name if account else "",
            line.store or "各店",
            BASES[line.base],
        )
        for column, text in enumerate(texts, start=1):
            page.put(row, column, text, budget_look.TEXT)
        page.put(row, 5, line.rate, Style(number="0.00##%"))
        page.put(row, 6, line.why, budget_look.TEXT)
