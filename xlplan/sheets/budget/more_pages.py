"""Smaller sheets of the budget workbook: 月度快照, 科目 and 验证."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.cells import Area, Cell, Highlight, Page, Span, State, Style, letters, quoted
from xlplan.plan.budget.accounts import GMV, REFUND, REVENUE, SPECIAL, TURNOVER
from xlplan.plan.budget.review import kept_totals
from xlplan.plan.budget.settings import default_reason
from xlplan.plan.budget.statement import PLAN
from xlplan.sheets.base import look
from xlplan.sheets.budget import data_page as data
from xlplan.sheets.budget import look as budget_look
from xlplan.sheets.budget.refs import kept, taken
from xlplan.sheets.budget.statement_page import CHECK_PROFIT, CHECK_SALES, COLUMN_OF

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.plan.budget.review import Review
    from xlplan.sheets.budget.statement_page import StatementView

SNAPSHOTS, ACCOUNTS, CHECKS = "月度快照", "科目", "验证"


def snapshots_page(view: StatementView, review: Review) -> Page:
    """Return 月度快照: the year's budget as it stood at every month's first export."""
    page = Page(SNAPSHOTS, tab="#757575", freeze=(4, 2), pages_tall=0)
    page.put(1, 1, "月度快照：全年预算在每个月第一次导出时的样子", look.TITLE)
    page.put(2, 1, "年初预算冻结后不再变；快照只增加，不改动", look.HINT)
    shots = list(review.snapshots)
    heads = ["项目", *(f"{shot.name}\n{shot.time[:10]}" for shot in shots), "当前"]
    for number, name in enumerate(heads, start=1):
        page.put(3, number, name, look.HEAD)
    sums = [kept_totals(view.budget, shot.lines) for shot in shots]
    for at, row in enumerate((row for row in view.budget.rows if row.level), start=4):
        page.put(at, 1, row.label, budget_look.label(row.level))
        style = budget_look.amount(row.level)
        for number, said in enumerate(sums, start=2):
            page.cells[at, number] = kept(said[row.key], view.view, style)
        page.cells[at, len(shots) + 2] = taken(view, row.key, PLAN, style)
    page.columns |= {1: Span(26)} | dict.fromkeys(range(2, len(shots) + 3), Span(16))
    page.rows |= {1: Span(28), 3: Span(32)}
    return page


def accounts_page(view: StatementView) -> Page:
    """Return 科目: the chart of accounts, and which part of the plan is booked where."""
    page = Page(ACCOUNTS, tab="#757575", landscape=False, freeze=(4, 1), pages_tall=0)
    page.put(1, 1, "科目表与对应关系", look.TITLE)
    page.put(2, 1, "要改对应关系、税率、比率，请改计划表的“预算”，再导出", look.HINT)
    heads = ("科目编码", "科目", "归入", "进项税率", "全年预算", "说明")
    for number, name in enumerate(heads, start=1):
        page.put(3, number, name, look.HEAD)
    row = 4
    whole = {each.code: each.key for each in view.budget.rows if each.level == 2}
    for account in view.budget.chart.accounts:
        key = whole[account.code]
        texts = (account.code, account.name, str(account.group))
        for number, text in enumerate(texts, start=1):
            page.put(row, number, text, budget_look.TEXT)
        tax = view.budget.terms.input_tax.get(account.code)
        page.put(row, 4, tax, Style(number="0%"))
        page.cells[row, 5] = taken(view, key, PLAN, Style(State.DERIVED, number=budget_look.MONEY))
        page.put(row, 6, account.why or None, budget_look.TEXT)
        row += 1
    row += 1
    for number, name in enumerate(("计划里的渠道", "科目", "科目编码", "", "", "为什么"), start=1):
        page.put(row, number, name or None, look.HEAD)
    terms = view.budget.terms
    for channel, name in _channels(view):
        row += 1
        code = terms.account_of(channel)
        texts = (
            name,
            view.budget.chart.by_code[code].name if code in view.budget.chart.by_code else "",
            code,
        )
        for number, text in enumerate(texts, start=1):
            page.put(row, number, text, budget_look.TEXT)
        page.put(row, 6, terms.reasons.get(channel) or default_reason(channel), budget_look.TEXT)
    page.columns |= {1: Span(14), 2: Span(20), 3: Span(16), 4: Span(10), 5: Span(16), 6: Span(44)}
    page.rows[1] = Span(28)
    return page


def _channels(view: StatementView) -> list[tuple[str, str]]:
    lines = (*view.budget.plan, *view.budget.actual)
    return list(
        dict.fromkeys(
            (line.source.removeprefix("spend_"), line.name)
            for line in lines
            if line.source.startswith("spend_")
        )
    )


def checks_page(views: Sequence[StatementView]) -> Page:
    """Return 验证: the workbook against the plan and against itself; every difference must be 0."""
    whole = views[0]
    page = Page(CHECKS, tab="#2E7D32", landscape=False, freeze=(5, 1), pages_tall=0)
    page.put(1, 1, "验证：差都应为 0", look.TITLE)
    for number, name in enumerate(("检查", "左", "右", "差", "结果"), start=1):
        page.put(4, number, name, look.HEAD)
    rows = [*_against_plan(whole), *_tabs(views), *_taxes(whole)]
    for at, (name, left, right) in enumerate(rows, start=5):
        page.put(at, 1, name, budget_look.TEXT)
        for number, cell in ((2, left), (3, right)):
            page.cells[at, number] = cell
        page.cells[at, 4] = Cell(0, f"=ROUND(B{at}-C{at},2)", budget_look.CHECK)
        page.cells[at, 5] = Cell(
            "✓", f'=IF(D{at}=0,"✓","✗")', Style(State.DERIVED, align="center")
        )
    last = 4 + len(rows)
    total = f"=SUMPRODUCT((D5:D{last}<>0)*1)"
    page.put(2, 1, "不为 0 的检查", look.LABEL)
    page.cells[2, 2] = Cell(0, total, Style(State.DERIVED, number="0", bold=True))
    page.highlights.append(Highlight(Area(5, 1, last, 5), "=$D5<>0", fill=look.BAD, bold=True))
    page.columns |= {1: Span(48), 2: Span(18), 3: Span(18), 4: Span(12), 5: Span(8)}
    page.rows[1] = Span(28)
    return page


_Row = tuple[str, Cell, Cell]
_MONEY = Style(State.DERIVED, number=budget_look.MONEY)


def _against_plan(view: StatementView) -> list[_Row]:
    """总 in yuan against the plan's own figures, month by month."""
    made: list[_Row] = []
    flows, divisor = view.budget.flows.values, view.view.divisor
    for key, metric, name in ((GMV, "gmv", "支付金额"), (REFUND, "refund_amount", "售退")):
        months = np.nan_to_num(flows[metric]).sum(axis=0) if metric in flows else np.zeros(12)
        for number in (PLAN, *range(3, 15)):
            right = months.sum() if number == PLAN else months[number - 3]
            cell = f"{quoted(view.tab.sheet)}{letters(COLUMN_OF[number])}{view.places[key]}"
            left = Cell(float(view.values[key][number] * divisor), f"={cell}*参数!$C$5", _MONEY)
            when = "全年" if number == PLAN else f"{number - 2}月"
            made.append(
                (f"总·{name}·{when} = 计划表", left, Cell(round(float(right), 2), "", _MONEY))
            )
    return made


def _tabs(views: Sequence[StatementView]) -> list[_Row]:
    """The check rows of every sheet, together."""
    made: list[_Row] = []
    for view in views:
        top, bottom = view.places[CHECK_SALES], view.places[CHECK_PROFIT]
        area = f"{quoted(view.tab.sheet)}$B${top}:$BD${bottom}"
        left = Cell(0, f"=SUMPRODUCT(({area}<>0)*1)", _MONEY)
        made.append((f"{view.tab.sheet}：验证行不为 0 的格数", left, Cell(0, "", _MONEY)))
    return made


def _taxes(view: StatementView) -> list[_Row]:
    """Tax in and tax out come to the same profit; turnover is revenue with tax."""
    first, last = view.at.plan

    def block(column: int) -> str:
        name = letters(column)
        return f"{data.SHEET}!${name}${first}:${name}${last}"

    lines = view.budget.plan
    signs = {line.account: data.sign_of(view.budget, line.account) for line in lines}
    gross = sum(signs[line.account] * line.gross.sum() for line in lines)
    net = sum(signs[line.account] * line.net.sum() for line in lines)
    sums = {
        key: sum(line.gross.sum() for line in lines if line.account == key)
        for key in (TURNOVER, REVENUE)
    }
    formula = "=SUMPRODUCT({0}*{1})"
    code = {
        key: f'=SUMIFS({block(data.GROSS)},{block(data.CODE)},"{SPECIAL[key][0]}")' for key in sums
    }
    return [
        (
            "利润：含税扣增值税 = 未税",
            Cell(float(gross), formula.format(block(data.SIGN), block(data.GROSS)), _MONEY),
            Cell(float(net), formula.format(block(data.SIGN), block(data.NET)), _MONEY),
        ),
        (
            "营业额 = 含税营业收入",
            Cell(float(sums[TURNOVER]), code[TURNOVER], _MONEY),
            Cell(float(sums[REVENUE]), code[REVENUE], _MONEY),
        ),
    ]
