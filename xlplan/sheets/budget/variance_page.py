"""差异: what finance has closed against the budget by account, and the bridge to 营业收入."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import Area, Cell, Highlight, Page, Span, State, Style, letters
from xlplan.plan.budget.closed import bridge
from xlplan.record import bundle
from xlplan.sheets.base import look
from xlplan.sheets.budget import look as budget_look
from xlplan.sheets.budget.refs import attainment, less, taken
from xlplan.sheets.budget.settings_page import DIVIDE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.plan.budget.closed import Step
    from xlplan.plan.budget.statement import Row
    from xlplan.sheets.budget.statement_page import StatementView

SHEET = "差异"
HEAD_ROW, FIRST_ROW = 4, 5
_BRIDGE = ("月份", "支付金额", "减：退款", "减：税", "加：时点及其他", "营业收入（财务）", "验证")


@bundle
class VarianceView:
    """预算 | 实际 | 差异 | 达成率, together and by closed month."""

    whole: StatementView

    @property
    def months(self) -> list[int]:
        """Months that finance has closed."""
        return sorted({one.month for one in self.whole.budget.closed})

    def page(self) -> Page:
        """Return the page."""
        page = Page(SHEET, tab="#B3261E")
        months = self.months
        page.put(1, 1, f"{self.whole.budget.year} 年预算差异（财务已关账的月份）", look.TITLE)
        page.put(2, 1, self._hint(), look.HINT)
        self._heads(page)
        at = FIRST_ROW
        for row in self.whole.budget.rows:
            self._row(page, row, at)
            at += 1
        last = 2 + 4 * (len(months) + 1)
        page.columns |= {1: Span(26), 2: Span(10)} | dict.fromkeys(range(3, last + 1), Span(15))
        page.rows[1] = Span(28)
        page.freeze = (FIRST_ROW, 3)
        self._bridge(page, at + 1)
        area = Area(FIRST_ROW, 3, at, last)
        page.highlights.append(
            Highlight(
                area, f'=AND({letters(3)}${HEAD_ROW}="差异",N(C{FIRST_ROW})<0)', color="#B3261E"
            )
        )
        page.pages_tall = 0
        return page

    def _hint(self) -> str:
        """Say which months are compared, and which stores finance has not closed yet."""
        if not self.months:
            return "财务还没有导入关账数：xlplan import 计划.xlsx 财务实际.xlsx --confirmed"
        closed = {one.store for one in self.whole.budget.closed}
        stores = dict.fromkeys(unit.store for unit in self.whole.budget.units)
        missing = [name for name in stores if "" not in closed and name not in closed]
        text = f"只比较已关账的：{'、'.join(f'{month}月' for month in self.months)}；差异 = 实际 − 预算"
        if missing:
            text += f"；还没有关账的店：{'、'.join(missing[:5])}，合计里缺它的行不显示"
        return text

    def _blocks(self) -> list[tuple[str, int, int]]:
        """Name, first column and month of each block; month 0 is all closed months."""
        blocks = [("累计", 3, 0)]
        return blocks + [(f"{m}月", 7 + 4 * n, m) for n, m in enumerate(self.months)]

    def _heads(self, page: Page) -> None:
        page.put(HEAD_ROW, 1, "项目", look.HEAD)
        page.put(HEAD_ROW, 2, "科目编码", look.HEAD)
        for name, first, _ in self._blocks():
            for number, word in enumerate(("预算", "实际", "差异", "达成率")):
                page.put(HEAD_ROW - 1, first + number, name if not number else None, look.SUBHEAD)
                page.put(HEAD_ROW, first + number, word, look.HEAD)

    def _row(self, page: Page, row: Row, at: int) -> None:
        page.put(at, 1, row.label, budget_look.label(row.level))
        code = row.code if "/" not in row.code else ""
        page.put(at, 2, code or None, budget_look.label(row.level))
        if not row.level:
            return
        style = budget_look.amount(row.level)
        blocks = self._blocks()
        for _, first, month in [*blocks[1:], blocks[0]]:
            if month:
                page.cells[at, first] = taken(self.whole, row.key, 2 + month, style)
                page.cells[at, first + 1] = taken(self.whole, row.key, 14 + month, style)
            else:
                both = self._together(page, at, blocks[1:])
                page.cells[at, first], page.cells[at, first + 1] = both
            plan, done = (
                (f"{letters(first + n)}{at}", page.cells[at, first + n].value) for n in (0, 1)
            )
            page.cells[at, first + 2] = less(done, plan, style)
            page.cells[at, first + 3] = attainment(done, plan, budget_look.share(row.level))

    def _together(
        self, page: Page, at: int, blocks: Sequence[tuple[str, int, int]]
    ) -> tuple[Cell, Cell]:
        """Add up the closed months in which the row is known: like with like."""
        style = page.cells[at, blocks[0][1]].style if blocks else budget_look.amount(2)
        pairs = [
            (page.cells[at, first].value, page.cells[at, first + 1].value)
            for _, first, _ in blocks
        ]
        known = [(p, d) for p, d in pairs if isinstance(p, float) and isinstance(d, float)]
        names = [(f"{letters(first)}{at}", f"{letters(first + 1)}{at}") for _, first, _ in blocks]
        if not names:
            return Cell("", "", style), Cell("", "", style)
        plans = "+".join(f"IF(COUNT({p},{d})=2,{p},0)" for p, d in names)
        dones = "+".join(f"IF(COUNT({p},{d})=2,{d},0)" for p, d in names)
        total = [sum(pair[n] for pair in known) if known else "" for n in (0, 1)]
        none = f"AND({','.join(f'COUNT({p},{d})<2' for p, d in names)})"
        return (
            Cell(total[0], f'=IF({none},"",{plans})', style),
            Cell(total[1], f'=IF({none},"",{dones})', style),
        )

    def _bridge(self, page: Page, top: int) -> None:
        """支付金额 → 营业收入 of the closed months."""
        steps = bridge(self.whole.budget.platform, self.whole.budget.closed)
        if not steps:
            return
        page.put(top, 1, "从平台支付金额到财务营业收入（未税）", look.LABEL.but(align=""))
        for number, name in enumerate(_BRIDGE):
            page.put(top + 1, 1 + number if not number else number + 2, name, look.HEAD)
        for number, step in enumerate(steps):
            self._step(page, top + 2 + number, step)
        page.put(
            top + 2 + len(steps),
            1,
            "时点及其他 = 财务营业收入 −（支付金额 − 退款）÷（1 + 税率）：发货确认、跨月退款、平台补贴等",
            look.HINT,
        )

    def _step(self, page: Page, row: int, step: Step) -> None:
        style = Style(State.DERIVED, number=budget_look.MONEY)
        page.put(row, 1, f"{step.month}月", Style(bold=True))
        values = (step.gmv, step.refund, step.tax, step.timing)
        for number, value in enumerate(values, start=3):
            page.cells[row, number] = Cell(
                value / self.whole.view.divisor, f"={value:.2f}/{DIVIDE}", style
            )
        total = (step.gmv - step.refund - step.tax + step.timing) / self.whole.view.divisor
        page.cells[row, 7] = Cell(total, f"=C{row}-D{row}-E{row}+F{row}", style.but(bold=True))
        check = f"=ROUND(G{row}*{DIVIDE}-{step.revenue:.2f},2)"
        page.cells[row, 8] = Cell(0, check, budget_look.CHECK)
