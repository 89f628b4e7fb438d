"""数据 of the budget workbook: every line by unit and month, as the plan book has it.

What the plan book knows are values with a link to their place in it; everything else is a formula
over them. Amounts stand twice, as paid and without tax, each rounded once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.cells import Cell, Page, Span, State, Style, letters
from xlplan.plan.budget.accounts import GMV, REFUND, REVENUE, SPECIAL, TURNOVER, VAT, Group
from xlplan.plan.budget.lines import FROM_FINANCE, FROM_RATE, Line
from xlplan.record import bundle
from xlplan.sheets.base import look
from xlplan.sheets.budget import look as budget_look

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from xlplan.plan.budget.budget import Budget, Frozen
    from xlplan.sheets.budget.settings_page import SettingsAt

SHEET = "数据"
NOW, START, DONE, KPI = "预算", "年初", "实际", "指标"
HEADS = (
    "单元",
    "店铺",
    "渠道",
    "部门",
    "版本",
    "科目编码",
    "科目",
    "明细",
    "来源",
    "到计划表",
    "推广",
    "方向",
    "税率",
)
UNIT, STORE, CHANNEL, DEPARTMENT, VERSION, CODE, NAME, DETAIL, ORIGIN, LINK, PROMO, SIGN, RATE = (
    range(1, 14)
)
GROSS, NET = 14, 27  # the year; the months follow
HEAD_ROW, FIRST_ROW = 4, 5
MONTHS = range(1, 13)

_PLAIN = Style(number=budget_look.MONEY)
_DERIVED = Style(State.DERIVED, number=budget_look.MONEY)
_TOTAL = _DERIVED.but(bold=True, fill=look.TOTAL_FILL)
_TEXT = Style(size=9)


@bundle
class DataAt:
    """Where the lines stand.

    Attributes:
        rows: (version, unit, row key) → rows.
        plan: First and last row of the current budget.
        kpis: (metric, version) → rows.
        last: The last row.
    """

    rows: Mapping[tuple[str, str, str], Sequence[int]]
    plan: tuple[int, int]
    kpis: Mapping[tuple[str, str], Sequence[int]]
    last: int

    def of(self, version: str, unit: str, key: str) -> Sequence[int]:
        """Return the rows of a line; none when there is none."""
        return self.rows.get((version, unit, key), ())


def column(block: int, month: int) -> str:
    """Return the letters of a month (1 … 12; 0 the year) of `GROSS` or `NET`."""
    return letters(block + month)


def data_at(budget: Budget) -> DataAt:
    """Return the positions of a budget's lines."""
    rows: dict[tuple[str, str, str], list[int]] = {}
    row = FIRST_ROW
    for version, lines in _blocks(budget):
        for line in lines:
            unit = line.unit if isinstance(line.unit, str) else line.unit.name
            rows.setdefault((version, unit, line.key), []).append(row)
            row += 1
        if version == NOW:
            plan = (FIRST_ROW, row - 1)
    kpis: dict[tuple[str, str], list[int]] = {}
    for metric, version, count in _kpi_blocks(budget):
        kpis[metric, version] = list(range(row, row + count))
        row += count
    return DataAt(rows, plan, kpis, row - 1)


def _blocks(budget: Budget) -> list[tuple[str, Sequence[Line | Frozen]]]:
    return [(NOW, budget.plan), (START, budget.first or ()), (DONE, budget.actual)]


def _kpi_blocks(budget: Budget) -> list[tuple[str, str, int]]:
    return [
        (metric, version, len(flows.units))
        for metric in ("orders", "uv")
        for version, flows in ((NOW, budget.flows), (DONE, budget.happened))
        if metric in flows.values
    ]


def data_page(
    budget: Budget, at: DataAt, settings: SettingsAt, link: Callable[[str], tuple[str, str]]
) -> Page:
    """Return the page.

    Args:
        budget: The budget.
        at: `data_at` of it.
        settings: Where rates stand.
        link: Plan metric → (target of a link, its text) in the plan book.
    """
    page = Page(SHEET, tab="#757575", freeze=(FIRST_ROW, 2), large_paper=True)
    page.put(1, 1, "数据：各单元、各科目、各月（元）", look.TITLE)
    page.put(2, 1, "含税、未税各一组，每个金额只四舍五入一次；“到计划表”可点回来源", look.HINT)
    _heads(page)
    for version, lines in _blocks(budget):
        done: dict[tuple[str, str, str], int] = {}
        for line in lines:
            unit = line.unit if isinstance(line.unit, str) else line.unit.name
            number = done.get((version, unit, line.key), 0)
            row = at.of(version, unit, line.key)[number]
            done[version, unit, line.key] = number + 1
            _identity(page, budget, row, version, line)
            if isinstance(line, Line):
                _Amounts(page, budget, at, settings, version, line, row, link).put()
            else:
                _values(page, row, GROSS, np.array(line.gross), _PLAIN)
                _values(page, row, NET, np.array(line.net), _PLAIN)
    _kpis(page, budget, at)
    page.columns |= dict.fromkeys(range(1, 10), Span(12)) | {LINK: Span(20)}
    page.columns |= {PROMO: Span(5), SIGN: Span(5), RATE: Span(8)}
    page.columns |= dict.fromkeys(range(GROSS, NET + 13), Span(15))
    page.repeat_rows, page.repeat_columns = (HEAD_ROW, HEAD_ROW), (1, 1)
    page.pages_tall = 0
    return page


def _heads(page: Page) -> None:
    for number, name in enumerate(HEADS, start=1):
        page.put(HEAD_ROW, number, name, look.HEAD)
    for block, name in ((GROSS, "含税"), (NET, "未税")):
        page.put(HEAD_ROW, block, f"全年{name}", look.HEAD)
        for month in MONTHS:
            page.put(HEAD_ROW, block + month, f"{month}月{name}", look.HEAD)


def _identity(page: Page, budget: Budget, row: int, version: str, line: Line | Frozen) -> None:
    if isinstance(line, Line):
        unit = line.unit
        who = (unit.name, unit.store, unit.channel, unit.department)
        origin = line.origin
        promo = line.source.startswith("spend_")
    else:
        who, origin, promo = (line.unit, line.store, line.channel, ""), "冻结", False
    code, name = names_of(budget, line.account)
    texts = (*who, version, code, name, line.name, origin)
    for number, text in enumerate(texts, start=1):
        page.put(row, number, text or None, _TEXT)
    page.put(row, PROMO, int(promo), _TEXT)
    page.put(row, SIGN, sign_of(budget, line.account), _TEXT)


def names_of(budget: Budget, account: str) -> tuple[str, str]:
    """Return code and name of an account or of a special row."""
    if account in SPECIAL:
        return SPECIAL[account][0], SPECIAL[account][1]
    found = budget.chart.by_code.get(account)
    return account, found.name if found else "（已删除的科目）"


def sign_of(budget: Budget, account: str) -> int:
    """Return how an account counts in the profit: 1, -1, or 0 for sales and cash."""
    if account in SPECIAL:
        return {REVENUE: 1, VAT: -1}.get(account, 0)
    found = budget.chart.by_code.get(account)
    return 0 if found is None or found.group is Group.CASH else -1


@bundle
class _Amounts:
    """Puts the amounts of one line: values, or formulas over the unit's other lines."""

    page: Page
    budget: Budget
    at: DataAt
    settings: SettingsAt
    version: str
    line: Line
    row: int
    link: Callable[[str], tuple[str, str]]

    def put(self) -> None:
        """Put tax, link, both blocks and their sums."""
        line, page, row = self.line, self.page, self.row
        if line.account == REVENUE:
            page.cells[row, RATE] = Cell(line.tax, f"={self.settings.tax(line.unit.name)}", Style(State.DERIVED, number="0%"))  # fmt: skip
        else:
            page.put(row, RATE, line.tax, Style(number="0%"))
        if line.source and not line.source.isdigit() and self.version == NOW:
            target, text = self.link(line.source)
            formula = f"=HYPERLINK({_quote(target)},{_quote(text)})"
            page.cells[row, LINK] = Cell(text, formula, look.LINK.but(size=9))
        _values(page, row, GROSS, line.gross, _DERIVED, self.gross)
        _values(page, row, NET, line.net, _DERIVED, self.net)

    def _row(self, key: str) -> int:
        return self.at.of(self.version, self.line.unit.name, key)[0]

    def gross(self, month: int) -> str:
        """Return the formula of a month as paid; "" for a plain value."""
        line, letter = self.line, column(GROSS, month)
        finance = line.origin == FROM_FINANCE
        if line.account == TURNOVER:
            sold, back = f"{letter}{self._row(GMV)}", f"{letter}{self._row(REFUND)}"
            return f'=IF(COUNT({sold})=0,"",{sold}-N({back}))'
        if line.account == REVENUE:
            return "" if finance else self._guarded(f"{letter}{self._row(TURNOVER)}", "{0}")
        if line.account == VAT:
            return self._vat(letter, column(NET, month))
        if line.origin == FROM_RATE:
            return self._rate(letter)
        return ""

    def net(self, month: int) -> str:
        """Return the formula of a month without tax; "" for a plain value."""
        line, cell = self.line, f"{column(GROSS, month)}{self.row}"
        if line.account == VAT:
            return ""
        if line.account in (GMV, REFUND, TURNOVER):
            return self._guarded(cell, "{0}")
        if line.origin == FROM_FINANCE:
            return ""
        return self._guarded(cell, f"ROUND({{0}}/(1+${letters(RATE)}{self.row}),2)")

    def _guarded(self, cell: str, text: str) -> str:
        inner = text.format(cell)
        return f"={inner}" if self.version == NOW else f'=IF(COUNT({cell})=0,"",{inner})'

    def _rate(self, letter: str) -> str:
        said = self.budget.terms.lines[int(self.line.source)]
        rate = self.settings.rate(int(self.line.source))
        if said.base == "revenue":
            turnover, revenue = self._row(TURNOVER), self._row(REVENUE)
            base = f"{letter}{turnover}/(1+${letters(RATE)}{revenue})"
        else:
            base = f"{letter}{self._row(said.base)}"
        return f"=ROUND({base}*{rate},2)"

    def _vat(self, gross: str, net: str) -> str:
        """Output less input tax: revenue's lines less those of costs, which follow it."""
        revenue, last = self._row(REVENUE), self.row - 1
        out = f"SUM({gross}{revenue})-SUM({net}{revenue})"
        first = revenue + 1
        costs = f"-(SUM({gross}{first}:{gross}{last})-SUM({net}{first}:{net}{last}))"
        text = f"ROUND({out}{costs if last > revenue else ''},2)"
        if self.version == NOW:
            return f"={text}"
        return f'=IF(COUNT({gross}{revenue})=0,"",{text})'


def _values(  # noqa: PLR0913, PLR0917  # a row of a block
    page: Page,
    row: int,
    block: int,
    months: np.ndarray,
    style: Style,
    formula: Callable[[int], str] | None = None,
) -> None:
    """Put twelve months and their sum."""
    for month in MONTHS:
        value = float(months[month - 1])
        text = formula(month) if formula else ""
        known = value == value  # noqa: PLR0124 - NaN test
        if known or text:
            shown: float | str = value if known else ""
            page.cells[row, block + month] = Cell(shown, text, style if text else _PLAIN)
        else:
            page.cells[row, block + month] = Cell(None, "", _PLAIN)
    first, last = f"{column(block, 1)}{row}", f"{column(block, 12)}{row}"
    some = not np.isnan(months).all()
    total = float(np.nansum(months)) if some else ""
    page.cells[row, block] = Cell(
        total, f'=IF(COUNT({first}:{last})=0,"",SUM({first}:{last}))', _TOTAL
    )


def _kpis(page: Page, budget: Budget, at: DataAt) -> None:
    names = {"orders": "订单数", "uv": "访客数（累计）"}
    for (metric, version), rows in at.kpis.items():
        flows = budget.flows if version == NOW else budget.happened
        for row, unit in zip(rows, flows.units, strict=True):
            texts = (
                unit.name,
                unit.store,
                unit.channel,
                unit.department,
                f"{KPI}·{version}",
                None,
                names[metric],
            )
            for number, text in enumerate(texts, start=1):
                page.put(row, number, text or None, _TEXT)
            _values(page, row, GROSS, flows.of(unit, metric), _PLAIN)


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
