"""预算说明: what a reviewer asks, on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import Area, Cell, Page, Span, State, Style, letters, quoted
from xlplan.plan.budget.accounts import GMV, REVENUE
from xlplan.plan.budget.review import allocated, kept_totals
from xlplan.plan.budget.statement import PLAN
from xlplan.record import bundle
from xlplan.sheets.base import look
from xlplan.sheets.budget import look as budget_look
from xlplan.sheets.budget.kpi_page import SHEET as KPIS
from xlplan.sheets.budget.kpi_page import KpiView
from xlplan.sheets.budget.refs import growth, kept, less, ratio, taken
from xlplan.sheets.budget.settings_page import DIVIDE
from xlplan.sheets.budget.statement_page import COLUMN_OF

if TYPE_CHECKING:
    from xlplan.plan.budget.review import Review
    from xlplan.sheets.budget.statement_page import StatementView

SHEET = "预算说明"
_MONEY = Style(State.DERIVED, number=budget_look.MONEY)
_SHARE = Style(State.DERIVED, number=budget_look.SHARE)
_SECTION = Style(bold=True, fill=look.PALE, color=look.INK, border=False)
WIDTH = 9


@bundle
class ReviewView:
    """The page, over 总 and 经营指标."""

    whole: StatementView
    review: Review
    everything: bool = True

    def page(self) -> Page:
        """Return the page."""
        page = Page(SHEET, tab="#C77700", pages_tall=0)
        page.put(1, 1, f"{self.whole.budget.year} 年预算说明", look.TITLE)
        row = self._basis(page, 3)
        row = self._lines(page, row + 1)
        row = self._quarters(page, row + 1)
        row = self._ratios(page, row + 1)
        row = self._money(page, row + 1)
        self._findings(page, row + 1)
        page.columns |= {1: Span(30)} | dict.fromkeys(range(2, WIDTH + 1), Span(15.5))
        page.rows[1] = Span(28)
        return page

    def _section(self, page: Page, row: int, text: str) -> None:
        for number in range(1, WIDTH + 1):
            page.put(row, number, text if number == 1 else None, _SECTION)

    def _heads(self, page: Page, row: int, *names: str) -> None:
        for number, name in enumerate(names, start=1):
            page.put(row, number, name, look.HEAD)

    def _say(self, page: Page, row: int, text: str) -> None:
        page.put(row, 1, text, Style(wrap=True, border=False))
        page.merges.append(Area(row, 1, row, WIDTH))
        page.rows[row] = Span(16 + 14 * (len(text) // 72))

    def _basis(self, page: Page, row: int) -> int:
        """Source, unit, tax and sign basis."""
        self._section(page, row, "口径")
        budget = self.whole.budget
        taxes = "、".join(f"{unit.name} {unit.tax:.0%}" for unit in budget.units[:8])
        more = f" 等 {len(budget.units)} 个" if len(budget.units) > 8 else ""
        start = "已冻结" if budget.first is not None else "还没有冻结，暂与当前相同"
        known = (
            f"实际截至 {self.review.as_of}，“合计-实际”只加已有实际的月份；"
            if self.review.as_of
            else ""
        )
        lines = (
            f"来源：{self.review.book}，{self.review.made} 导出；{known}每个数在“数据”里可以点回计划表。",
            f"税：营业收入 = (支付金额 − 退款) ÷ (1 + 税率)；税率 {taxes}{more}。含税口径在费用后扣增值税，利润与未税口径相同。",
            "符号：“减：”各行写正数，负数用括号；占比 = 项目 ÷ 营业收入（GMV 数据 ÷ 支付金额）。保证金是现金占用，不计成本。",
            f"年初预算：{start}。单位与口径可在“参数”切换，全册同步。",
        )
        for number, text in enumerate(lines, start=1):
            self._say(page, row + number, text)
        return row + len(lines) + 1

    def _lines(self, page: Page, row: int) -> int:
        """Each line against last year, its share of revenue, and the last export."""
        before = self.review.before
        self._section(
            page,
            row,
            "各项目：与去年、与上次导出" + (f"（{before.time}）" if before else "（首次导出）"),
        )
        names = (
            "项目",
            "本年预算",
            "占营业收入",
            "去年",
            "同比",
            "上次导出",
            "差异",
            "年初预算",
            "较年初",
        )
        self._heads(page, row + 1, *names)
        was = kept_totals(self.whole.budget, before.lines) if before else {}
        at = row + 2
        for line in self.whole.budget.rows:
            if line.level:
                page.put(at, 1, line.label, budget_look.label(line.level))
                self._compare(page, at, line.key, was)
                at += 1
        if not self.review.last_year:
            page.put(
                at,
                1,
                "没有去年的数：“版本”可导入去年的计划表（xlplan version --do import）",
                look.HINT,
            )
            at += 1
        return at

    def _compare(self, page: Page, at: int, key: str, was: dict[str, tuple[float, float]]) -> None:
        view = self.whole
        page.cells[at, 2] = taken(view, key, PLAN, _MONEY)
        revenue = f"{quoted(view.tab.sheet)}{letters(COLUMN_OF[PLAN])}{view.places[REVENUE]}"
        now = (f"B{at}", page.cells[at, 2].value)
        whole = (revenue, float(view.values[REVENUE][PLAN]))
        page.cells[at, 3] = ratio(now, whole, _SHARE)
        last = self.review.last_year.get(key)
        page.cells[at, 4] = kept(last, view.view, _MONEY) if last else Cell(None, "", _MONEY)
        page.cells[at, 5] = growth(now, (f"D{at}", page.cells[at, 4].value), _SHARE)
        page.cells[at, 6] = (
            kept(was[key], view.view, _MONEY) if key in was else Cell(None, "", _MONEY)
        )
        page.cells[at, 7] = less(now, (f"F{at}", page.cells[at, 6].value), _MONEY)
        page.cells[at, 8] = taken(view, key, 0, _MONEY)
        page.cells[at, 9] = less(now, (f"H{at}", page.cells[at, 8].value), _MONEY)

    def _quarters(self, page: Page, row: int) -> int:
        """Quarter shares of sales against day weights and campaigns."""
        self._section(page, row, "各季支付金额与大促")
        self._heads(page, row + 1, "季度", "支付金额", "占全年", "日历权重占比", "相差", "大促")
        sheet, at = quoted(self.whole.tab.sheet), self.whole.places[GMV]
        values = self.whole.values[GMV]
        for quarter in self.review.quarters:
            r = row + 1 + quarter.number
            months = range(3 * quarter.number, 3 * quarter.number + 3)
            cells = ",".join(f"{sheet}{letters(COLUMN_OF[n])}{at}" for n in months)
            sold = float(values[months.start : months.stop].sum())
            page.put(r, 1, f"{'一二三四'[quarter.number - 1]}季度", Style(bold=True))
            page.cells[r, 2] = Cell(sold, f"=SUM({cells})", _MONEY)
            whole = (f"{sheet}{letters(COLUMN_OF[PLAN])}{at}", float(values[PLAN]))
            page.cells[r, 3] = ratio((f"B{r}", sold), whole, _SHARE)
            page.put(r, 4, quarter.weight, Style(number=budget_look.SHARE))
            page.cells[r, 5] = less(
                (f"C{r}", page.cells[r, 3].value), (f"D{r}", quarter.weight), _SHARE
            )
            page.put(r, 6, "、".join(quarter.campaigns) or "—", Style(wrap=True))
            page.merges.append(Area(r, 6, r, WIDTH))
            page.rows[r] = Span(18 + 14 * (len("、".join(quarter.campaigns)) // 34))
        return row + 2 + len(self.review.quarters)

    def _ratios(self, page: Page, row: int) -> int:
        self._section(page, row, "退款与推广")
        kpis = KpiView(self.whole)
        keys = ("refund_rate", "spend_ratio", "shop_roi", "gross_rate", "profit_rate")
        names = ("退款率（金额）", "推广费占支付金额", "整店投产（倍）", "毛利率", "净利率")
        for number, (key, name) in enumerate(zip(keys, names, strict=True), start=1):
            page.put(row + number, 1, name, Style(bold=True))
            cell = f"{KPIS}!D{kpis.row(key)}"
            style = _MONEY if key == "shop_roi" else _SHARE
            page.cells[row + number, 2] = kpis.cell(key, PLAN, 4, style)._replace(
                formula=f'=IF(COUNT({cell})=0,"",{cell})'
            )
        return row + len(keys) + 1

    def _money(self, page: Page, row: int) -> int:
        """The approved total, what is allocated, what is left."""
        self._section(page, row, "预算总额与分配")
        total = self.whole.budget.terms.total if self.everything else None
        used = allocated(self.whole.budget)
        divisor = self.whole.view.divisor
        page.put(row + 1, 1, "各科目合计（含税，含保证金）", Style(bold=True))
        page.cells[row + 1, 2] = Cell(used / divisor, f"={used:.2f}/{DIVIDE}", _MONEY)
        page.put(row + 2, 1, "核定总额", Style(bold=True))
        page.put(row + 3, 1, "未分配", Style(bold=True))
        if total is None:
            page.put(
                row + 2,
                2,
                "没有填（“预算”表里填）" if self.everything else "不在本册",
                Style(wrap=False),
            )
            page.put(row + 3, 2, None, _MONEY)
        else:
            page.cells[row + 2, 2] = Cell(total / divisor, f"={total:.2f}/{DIVIDE}", _MONEY)
            left = round(total - used, 2) / divisor
            page.cells[row + 3, 2] = Cell(left, f"=B{row + 2}-B{row + 1}", _MONEY)
        return row + 4

    def _findings(self, page: Page, row: int) -> int:
        """What 体检 leaves open."""
        self._section(page, row, "还没有解决的（体检）")
        for number, finding in enumerate(self.review.findings, start=1):
            self._say(
                page,
                row + number,
                f"[{finding.level}] {finding.what}"
                + (f"　{finding.remedy}" if finding.remedy else ""),
            )
        if not self.review.findings:
            page.put(row + 1, 1, "没有", look.HINT)
        return row + len(self.review.findings) + 1
