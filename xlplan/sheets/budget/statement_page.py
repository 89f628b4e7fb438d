"""A statement as finance keeps it: 56 columns, one sheet a channel, 总 first.

``项目 | 预算-年初 | 占比 | 合计-预算 | 占比 | 合计-实际 | 占比 | 达成率 | 1月-预算 | 占比 | 1月 | 占比 | …``
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from xlplan.cells import Area, Cell, Highlight, Page, Span, Spot, letters, quoted
from xlplan.plan.budget.accounts import GMV, REVENUE, TURNOVER
from xlplan.plan.budget.budget import TAXED
from xlplan.plan.budget.settings import COMMON
from xlplan.plan.budget.statement import (
    ACTUAL,
    ACTUAL_MONTHS,
    FIRST,
    PLAN,
    PLAN_MONTHS,
    PROFIT,
    Row,
)
from xlplan.record import bundle, replace
from xlplan.sheets.base import look
from xlplan.sheets.budget import data_page as data
from xlplan.sheets.budget import look as budget_look
from xlplan.sheets.budget.data_page import DONE, NOW, START
from xlplan.sheets.budget.quotients import attained, attained_text, quotient, quotient_text
from xlplan.sheets.budget.settings_page import DIVIDE, TAX

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Style
    from xlplan.plan.budget.budget import Budget, View
    from xlplan.plan.budget.units import Unit
    from xlplan.plan.exact.units import Floats
    from xlplan.sheets.budget.data_page import DataAt

NAME_ROW, HEAD_ROW, FIRST_ROW = 2, 3, 4
WIDTH = 56
#: Columns of the layout by the statement's column of amounts.
COLUMN_OF = (2, 4, 6, *(9 + 4 * m for m in range(12)), *(11 + 4 * m for m in range(12)))
ATTAINMENT = 8
#: 占比 of the months: they can be folded away, and are on paper.
MONTH_SHARES = range(ATTAINMENT + 2, WIDTH + 1, 2)
#: Letters of a sheet's name; of more than `MANY` units fewer.
MOST_LETTERS, FEW_LETTERS, MANY = 31, 10, 20
CHECK_SALES, CHECK_PROFIT = "check:sales", "check:profit"
CHECKS = {
    CHECK_SALES: "验证：支付金额 − “数据”",
    CHECK_PROFIT: "验证：净利润 −（收入 − 各科目明细）",
}


@bundle
class Tab:
    """One sheet: a unit, or several together.

    Attributes:
        title: What it is about.
        sheet: Its sheet name.
        units: Its units.
        children: Sheets it adds up; none for a unit's own.
        whole: It is 总.
    """

    title: str
    sheet: str
    units: Sequence[Unit]
    children: Sequence[Tab] = ()
    whole: bool = False


@bundle
class StatementView:
    """A statement of one tab."""

    budget: Budget
    view: View
    tab: Tab
    at: DataAt

    @cached_property
    def values(self) -> dict[str, Floats]:
        """Row key → amounts in the order of `xlplan.plan.budget.statement`."""
        return self.budget.amounts(self.tab.units, self.view)

    @cached_property
    def places(self) -> dict[str, int]:
        """Row key → sheet row; ``of:<sheet>`` for the sales of a part."""
        keys: list[str] = []
        for row in self.budget.rows:
            keys.append(row.key)
            if row.key == GMV and len(self.tab.children) > 1:
                keys += [f"of:{child.sheet}" for child in self.tab.children]
        keys += ["#checks", *CHECKS]
        return {key: FIRST_ROW + number for number, key in enumerate(keys)}

    @cached_property
    def costed(self) -> bool:
        """Whether profits stand."""
        return self.budget.costed(self.tab.units)

    @cached_property
    def first_costed(self) -> bool:
        """Whether those of the year's start do."""
        return self.budget.first_costed(self.tab.units)

    def page(self) -> Page:
        """Return the page."""
        page = Page(self.tab.sheet, tab=look.INK if self.tab.whole else "#8FA8C8")
        _headings(page, self)
        for row in self.budget.rows:
            self._label(page, row)
            if row.level:
                page.cells.update(self._amounts(row))
        page.cells.update(self._parts())
        page.cells.update(self._checks())
        last = max(self.places.values())
        page.columns |= {1: Span(25)}
        page.columns |= {n: Span(7.5) for n in range(2, WIDTH + 1)}
        page.columns |= {n: Span(7.5, level=1) for n in MONTH_SHARES}
        page.columns |= {number: Span(self._width(number)) for number in COLUMN_OF}
        page.large_paper = True
        page.rows |= {1: Span(28), HEAD_ROW: Span(22)}
        page.freeze = (FIRST_ROW, 2)
        page.print_area = Area(1, 1, last, WIDTH)
        page.repeat_columns = (1, 1)
        area = Area(FIRST_ROW, ATTAINMENT, last, ATTAINMENT)
        cell = f"{letters(ATTAINMENT)}{FIRST_ROW}"
        page.highlights.append(
            Highlight(area, f"=IF(ISNUMBER({cell}),{cell}<0,FALSE)", color="#B3261E")
        )
        checks = Area(self.places[CHECK_SALES], 2, self.places[CHECK_PROFIT], WIDTH)
        page.highlights.append(
            Highlight(checks, f"=N(B{checks.top})<>0", fill=look.BAD, bold=True)
        )
        return page

    def _width(self, column: int) -> float:
        """Wide enough in yuan for the largest amount of a column, in brackets and bold."""
        at = COLUMN_OF.index(column)
        amounts = [abs(values[at]) for values in self.values.values() if not np.isnan(values[at])]
        return max(len(f"({max(amounts, default=0) * self.view.divisor:,.2f})") * 1.05, 11)

    def _label(self, page: Page, row: Row) -> None:
        at = self.places[row.key]
        text = row.label
        if row.profit and not self.costed:
            text += "（未填商品成本）"
        page.put(at, 1, text, budget_look.label(row.level))
        if not row.level:
            for number in range(2, WIDTH + 1):
                page.put(at, number, None, budget_look.label(0))

    def _amounts(self, row: Row) -> dict[Spot, Cell]:
        """Return a row's amounts, shares and attainment."""
        at, values = self.places[row.key], self.values[row.key]
        style, share = budget_look.amount(row.level), budget_look.share(row.level)
        base_key = GMV if row.key in (GMV, "refund", TURNOVER) else REVENUE
        base = self.values[base_key]
        made: dict[Spot, Cell] = {}
        for number, where in enumerate(COLUMN_OF):
            made[at, where] = Cell(_shown(values[number]), self._formula(row, number), style)
            whole = _known(base, values) if number == ACTUAL else base[number]
            text = self._share(at, number, self.places[base_key])
            made[at, where + 1] = Cell(quotient(values[number], whole), text, share)
        made[at, ATTAINMENT] = _attainment(at, values, share.but(bold=row.level < 2))
        return made

    def _share(self, at: int, number: int, base: int) -> str:
        """A share of revenue; of the year's actuals, of the months in which the row is known."""
        letter = letters(COLUMN_OF[number])
        if number != ACTUAL or at == base:
            return quotient_text(f"{letter}{at}", f"{letter}{base}")
        months = [letters(COLUMN_OF[n]) for n in _months(ACTUAL)]
        whole = "+".join(f"IF(COUNT({m}{at})=1,N({m}{base}),0)" for m in months)
        return f'=IF(COUNT({letter}{at})=0,"",IF({whole}=0,"",{letter}{at}/({whole})))'

    def _formula(self, row: Row, number: int) -> str:  # noqa: PLR0911  # a kind of row each
        """Return the formula of one amount."""
        at = self.places[row.key]
        known = self.first_costed if number == FIRST else self.costed
        if row.profit and not known:
            return ""
        if number in (PLAN, ACTUAL):
            months = ",".join(f"{letters(COLUMN_OF[n])}{at}" for n in _months(number))
            if number == ACTUAL:
                return f'=IF(COUNT({months})=0,"",SUM({months}))'
            return f"=SUM({months})"
        letter = letters(COLUMN_OF[number])
        if self.tab.children and (row.level == 2 or not row.parts):
            return self._together(row.key, number)
        if not row.parts:
            return self._leaf(row.key, number)
        parts = [(sign, f"{letter}{self.places[part]}") for sign, part in row.parts]
        if row.needs:
            return self._sum(row, number, [cell for _, cell in parts])
        text = "".join(f"{'+' if sign > 0 else '-'}{cell}" for sign, cell in parts).lstrip("+")
        if number in range(15, 27):
            names = ",".join(cell for _, cell in parts)
            return f'=IF(COUNT({names})<{len(parts)},"",{text})'
        return f"={text}"

    def _sum(self, row: Row, number: int, cells: Sequence[str]) -> str:
        """A group or account: its actuals need every part that has a budget."""
        total = f"SUM({','.join(cells)})"
        if number not in range(15, 27):
            return f"={total}"
        here, plan = letters(COLUMN_OF[number]), letters(COLUMN_OF[number - 12])
        short = [
            f'AND({plan}{self.places[part]}<>0,{here}{self.places[part]}="")' for part in row.needs
        ]
        if row.level == 2:
            missing = f"OR({','.join(short)})"
            if row.code in row.needs:
                missing = f'AND({here}{self.places[row.code]}="",{missing})'
            return f'=IF(OR(COUNT({",".join(cells)})=0,{missing}),"",{total})'
        none = f'{here}{self.places[REVENUE]}=""'
        return f'=IF(OR({",".join([none, *short])}),"",{total})'

    def _together(self, key: str, number: int) -> str:
        """A leaf or account of several sheets: its actuals need every sheet that has a budget."""
        letter, plan = letters(COLUMN_OF[number]), letters(COLUMN_OF[max(number - 12, 0)])
        rows = [(child, row_of(self, child)[key]) for child in self.tab.children]
        cells = [f"{quoted(child.sheet)}{letter}{row}" for child, row in rows]
        if number not in range(15, 27):
            return f"={'+'.join(cells)}"
        short = [
            f'AND({quoted(child.sheet)}{plan}{row}<>0,{cell}="")'
            for (child, row), cell in zip(rows, cells, strict=True)
            if not all(map(self.budget.is_elsewhere, child.units))
        ]
        common = [
            f'{cell}=""'
            for (child, _), cell in zip(rows, cells, strict=True)
            if child.units[0].store == COMMON
        ]
        missing = f"OR({','.join(short)})" if short else ""
        if missing and common:
            missing = f"AND({','.join(common)},{missing})"
        tests = ",".join(filter(None, [f"COUNT({','.join(cells)})=0", missing]))
        return f'=IF(OR({tests}),"",SUM({",".join(cells)}))'

    def _leaf(self, key: str, number: int) -> str:
        """A leaf of a unit, from 数据."""
        version, month = _version(number)
        if version == START and self.budget.first is None:
            return f"={letters(COLUMN_OF[PLAN])}{self.places[key]}"
        rows = self.at.of(version, self.tab.units[0].name, key)
        if not rows:
            return ""
        gross, net = (
            [f"{data.SHEET}!{data.column(block, month)}{row}" for row in rows]
            for block in (data.GROSS, data.NET)
        )
        text = f'IF({TAX}="{TAXED}",{"+".join(gross)},{"+".join(net)})/{DIVIDE}'
        if version == DONE:
            text = f'IF({TAX}="{TAXED}",SUM({",".join(gross)}),SUM({",".join(net)}))/{DIVIDE}'
            return f'=IF(COUNT({",".join(gross)})=0,"",{text})'
        return f"={text}"

    def _parts(self) -> dict[Spot, Cell]:
        """The sales of each part, under the first line of a sum."""
        made: dict[Spot, Cell] = {}
        for child in self.tab.children if len(self.tab.children) > 1 else ():
            at = self.places[f"of:{child.sheet}"]
            values = self.budget.amounts(child.units, self.view)[GMV]
            theirs = row_of(self, child)[GMV]
            made[at, 1] = Cell(f"其中：{child.title}", "", budget_look.label(3))
            for number, where in enumerate(COLUMN_OF):
                cell = f"{quoted(child.sheet)}{letters(where)}{theirs}"
                formula = f'=IF(COUNT({cell})=0,"",{cell})'
                made[at, where] = Cell(_shown(values[number]), formula, budget_look.amount(3))
                base = self.values[GMV]
                whole = _known(base, values) if number == ACTUAL else base[number]
                text = self._share(at, number, self.places[GMV])
                made[at, where + 1] = Cell(
                    quotient(values[number], whole), text, budget_look.share(3)
                )
            made[at, ATTAINMENT] = _attainment(at, values, budget_look.share(3))
        return made

    def _checks(self) -> dict[Spot, Cell]:
        """Rows that must all show 0."""
        made: dict[Spot, Cell] = {}
        made[self.places["#checks"], 1] = Cell("验证（应全为 0）", "", budget_look.label(0))
        for key, text in CHECKS.items():
            made[self.places[key], 1] = Cell(text, "", budget_look.label(3))
        for number in (PLAN, *range(3, 15)):
            where = COLUMN_OF[number]
            sales = self._check_sales(number)
            made[self.places[CHECK_SALES], where] = Cell(0, sales, budget_look.CHECK)
            if self.costed:
                made[self.places[CHECK_PROFIT], where] = Cell(
                    0, self._check_profit(number), budget_look.CHECK
                )
        return made

    def _check_sales(self, number: int) -> str:
        first, last = self.at.plan
        month = 0 if number == PLAN else number - 2
        letter, sheet = data.column(data.GROSS, month), data.SHEET

        def block(column: int | str) -> str:
            name = column if isinstance(column, str) else letters(column)
            return f"{sheet}!${name}${first}:${name}${last}"

        names = block(data.CHANNEL if self.tab.children else data.UNIT)
        named = "" if self.tab.whole else f"*{self._is_mine(names)}"
        found = f'SUMPRODUCT(({block(data.CODE)}="GMV"){named}*{block(letter)})'
        return f"=ROUND({letters(COLUMN_OF[number])}{self.places[GMV]}*{DIVIDE}-{found},2)"

    def _is_mine(self, names: str) -> str:
        """Return the test of names against the sheet's own; ``=`` does not tell case apart."""
        known = {name for unit in self.budget.units for name in (unit.name, unit.channel)}
        if len({name.casefold() for name in known}) < len(known):
            return f"EXACT({names},$A${NAME_ROW})"
        return f"({names}=$A${NAME_ROW})"

    def _check_profit(self, number: int) -> str:
        letter = letters(COLUMN_OF[number])
        skipped = (GMV, "refund", REVENUE)
        cash = self.places["#cash"]
        leaves = [
            f"{letter}{self.places[row.key]}"
            for row in self.budget.rows
            if row.level
            and not row.parts
            and row.key not in skipped
            and self.places[row.key] < cash
        ]
        revenue, profit = f"{letter}{self.places[REVENUE]}", f"{letter}{self.places[PROFIT]}"
        return f"=ROUND(({profit}-({revenue}-SUM({','.join(leaves)})))*{DIVIDE},2)"


def row_of(view: StatementView, child: Tab) -> Mapping[str, int]:
    """Return the rows of another tab of the same budget."""
    return StatementView(view.budget, view.view, child, view.at).places


def _headings(page: Page, view: StatementView) -> None:
    page.put(1, 1, f"{view.budget.year} 年预算 · {view.tab.title}", look.TITLE)
    page.put(NAME_ROW, 1, view.tab.title, look.HINT)
    note = Cell(
        f"单位：{view.view.unit}　口径：{view.view.tax}　减：各行为正数，负数加括号；占比 = ÷ 营业收入（GMV 数据 ÷ 支付金额）；达成率 = 累计实际 ÷ 全年预算",
        f'="单位："&参数!$C$3&"　口径："&{TAX}&"　减：各行为正数，负数加括号；占比 = ÷ 营业收入（GMV 数据 ÷ 支付金额）；达成率 = 累计实际 ÷ 全年预算"',
        look.HINT,
    )
    page.cells[NAME_ROW, 2] = note
    heads = ["项目", "预算-年初", "占比", "合计-预算", "占比", "合计-实际", "占比", "达成率"]
    for month in range(1, 13):
        heads += [f"{month}月-预算", "占比", f"{month}月", "占比"]
    for number, name in enumerate(heads, start=1):
        page.put(HEAD_ROW, number, name, look.HEAD)


def _months(number: int) -> range:
    block = PLAN_MONTHS if number == PLAN else ACTUAL_MONTHS
    return range(block.start, block.stop)


def _version(number: int) -> tuple[str, int]:
    if number == FIRST:
        return START, 0
    return (NOW, number - 2) if number < 15 else (DONE, number - 14)


def _shown(value: float) -> float | str:
    return "" if np.isnan(value) else float(value)


def _known(base: Floats, values: Floats) -> float:
    """Return the base of the months in which a row's actuals are known."""
    known = ~np.isnan(values[ACTUAL_MONTHS])
    return float(np.nan_to_num(base[ACTUAL_MONTHS])[known].sum())


def _attainment(at: int, values: Floats, style: Style) -> Cell:
    text = attained_text(f"{letters(COLUMN_OF[ACTUAL])}{at}", f"{letters(COLUMN_OF[PLAN])}{at}")
    return Cell(attained(values[ACTUAL], values[PLAN]), text, style)


def fold_for_paper(page: Page) -> None:
    """Hide the months' shares and the actuals of months that have none: 56 columns are no print."""
    filled = {column for (row, column), cell in page.cells.items()
              if row >= FIRST_ROW and cell.value not in (None, "")}  # fmt: skip
    for number in range(ATTAINMENT + 1, WIDTH + 1):
        if number in MONTH_SHARES or number not in filled:
            page.columns[number] = replace(page.columns[number], hidden=True)


def tabs_of(budget: Budget, taken: Sequence[str]) -> list[Tab]:
    """Return 总, every channel, and the units of channels that have several."""
    channels = budget.channels()
    names = [f"c:{name}" for name in channels]
    names += [f"u:{unit.name}" for units in channels.values() if len(units) > 1 for unit in units]
    plain = {name: name[2:] for name in names}
    # every formula of 总 names every sheet: of many stores, by short names
    titles = _titles(
        plain, [*taken, "总"], MOST_LETTERS if len(budget.units) <= MANY else FEW_LETTERS
    )
    made = []
    for channel, units in channels.items():
        if len(units) == 1:
            made.append(Tab(units[0].name, titles[f"c:{channel}"], units))
        else:
            inner = [Tab(unit.name, titles[f"u:{unit.name}"], [unit]) for unit in units]
            made.append(Tab(channel, titles[f"c:{channel}"], units, inner))
    whole = Tab("总", "总", budget.units, made, whole=True)
    return [whole, *(each for tab in made for each in (tab, *tab.children))]


def _titles(plain: Mapping[str, str], taken: Sequence[str], longest: int) -> dict[str, str]:
    made: dict[str, str] = {}
    used = [*taken]
    for key, name in plain.items():
        title = budget_look.sheet_titles([name], used, longest)[name]
        made[key] = title
        used.append(title)
    return made
