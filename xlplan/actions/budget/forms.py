"""Forms that finance's system exported: which cell asks for which account, period and store.

Nothing is known of any system: accounts are found by code or name, periods by their words, stores
by their names, whether they run down or across, one head row or two. What cannot be placed is
listed, never guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from xlplan.cells import address
from xlplan.plan.budget.accounts import plain
from xlplan.plan.targets.claims import Span
from xlplan.record import bundle, record
from xlplan.regex import regex
from xlplan.sources.targets.words import parse_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.plan.budget.amount import Amounts

    Spot = tuple[int, int]

#: What forms put around a period.
_AROUND = regex(r"(?:预算|预算数|金额|合计)$")
_TERM = regex(r"(20\d\d年?)?第?(\d{1,2})(?:期|M)", re.IGNORECASE)
_YEARLY = ("全年", "年度合计", "合计", "全年合计", "年度", "年合计", "全年预算", "年度预算")
#: Heads of columns that are not for the budget; and of those that are not what happened.
NOT_BUDGET = (
    "实际",
    "上年",
    "去年",
    "同期",
    "占比",
    "差异",
    "达成",
    "完成率",
    "说明",
    "备注",
    "增长",
    "同比",
    "环比",
)
NOT_ACTUAL = ("预算", "年初", "计划", "目标", *NOT_BUDGET[1:])
_PERIOD_HEADS = ("期间", "月份", "会计期间", "period", "预算期间")
_AMOUNT_HEADS = (
    "金额",
    "预算金额",
    "amount",
    "本币金额",
    "预算数",
    "金额(元)",
    "金额（元）",
    "金额(万元)",
    "金额（万元）",
)
_WHO_HEADS = ("店铺", "门店", "部门", "组织", "成本中心", "渠道", "store", "department")
_NUMBERED = ("序号", "编号", "行次", "no", "no.")
_TOGETHER = ("合计", "公司", "总部", "全部", "公司合计", "总计", "汇总")
_UNIT = regex(
    r"(?:单位|金额)[:：]?\s*[(（]?\s*(?:人民币)?\s*(万元|千元|元)|[(（](万元|千元|元)[)）]"
)


@bundle
class Grid:
    """A sheet of a form: values with merged cells filled out, and what may be written.

    Attributes:
        name: Sheet name.
        values: Spot → value as shown; every cell of a merge has its first one's.
        free: Cells that are unlocked and hold no formula.
    """

    name: str
    values: Mapping[Spot, object]
    free: set[Spot]

    def text(self, row: int, column: int) -> str:
        """Return a cell as text."""
        value = self.values.get((row, column))
        if value is None:
            return ""
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return str(value).strip()


@record
class Ask:
    """A cell that asks for an amount.

    Attributes:
        sheet: Sheet name.
        row: Row.
        column: Column.
        keys: Accounts it is about.
        months: Months it is about.
        units: Units it is about; None for all together.
        account: What the form calls the account.
    """

    sheet: str
    row: int
    column: int
    keys: tuple[str, ...]
    months: tuple[int, ...]
    units: tuple[str, ...] | None
    account: str

    @property
    def cell(self) -> str:
        """``表!C5``."""
        return f"{self.sheet}!{address(self.row, self.column)}"


def months_of(value: object, year: int) -> tuple[int, ...]:
    """Return the months of this year that a head means; none for anything else."""
    said = int(value) if isinstance(value, float) and value.is_integer() else value
    text = "".join(str(said or "").split())
    if text.removeprefix(f"{year}年") in _YEARLY:
        return tuple(range(1, 13))
    term = _TERM.fullmatch(bare := _AROUND.sub("", text))
    found = parse_time(value if isinstance(value, date) else f"{term[1] or ''}{term[2]}月" if term else bare)  # fmt: skip
    if found is None or (found.year and found.year != year):
        return ()
    if found.months:
        return tuple(range(found.months[0], found.months[1] + 1))
    if found.span is Span.QUARTER and found.index:
        return tuple(range(3 * found.index - 2, 3 * found.index + 1))
    return (found.index,) if found.span is Span.MONTH and found.index else ()


def unit_of_form(grid: Grid) -> str:
    """Return the unit a sheet says its amounts are in; "" when it says none."""
    for _, value in sorted(grid.values.items()):
        if isinstance(value, str) and (found := _UNIT.search(value)):
            return found[1] or found[2]
    return ""


def tax_of_form(grid: Grid) -> str:
    """Return the tax basis a sheet says; "" when it says none."""
    texts = [value for _, value in sorted(grid.values.items()) if isinstance(value, str)]
    for text in texts:
        if "未税" in text or "不含税" in text:
            return "未税"
        if "含税" in text:
            return "含税"
    return ""


@bundle
class FormSheet:
    """How a sheet of a form is laid out."""

    grid: Grid
    amounts: Amounts
    year: int
    other: tuple[str, ...] = NOT_BUDGET

    @cached_property
    def _accounts(self) -> dict[int, dict[int, tuple[str, ...]]]:
        """Column → row → accounts, for every text that means one."""
        made: dict[int, dict[int, tuple[str, ...]]] = {}
        for (row, column), value in self.grid.values.items():
            if isinstance(value, str | float) and not isinstance(value, bool):
                found = self.amounts.find(self.grid.text(row, column))
                if found:
                    made.setdefault(column, {})[row] = found
        return made

    @cached_property
    def account_columns(self) -> list[int]:
        """Columns that name accounts: those with the most rows of them, at most two."""
        counts = {column: len(rows) for column, rows in self._accounts.items()}
        best = max(counts.values(), default=0)
        wide = [column for column, count in counts.items() if count >= max(2, best / 2)]
        return sorted(wide)[:2]

    @cached_property
    def rows(self) -> list[int]:
        """Rows with something in an account column, from the first that is known."""
        known = [row for column in self.account_columns for row in self._accounts[column]]
        if not known:
            return []
        last = max((row for row, _ in self.grid.values), default=0)
        return [
            row
            for row in range(min(known), last + 1)
            if any(self.grid.text(row, column) for column in self.account_columns)
        ]

    @cached_property
    def heads(self) -> dict[int, list[object]]:
        """Column → what stands above the rows, top first."""
        top = min(self.rows, default=1)
        made: dict[int, list[object]] = {}
        for (row, column), value in sorted(self.grid.values.items()):
            if row < top and value not in (None, ""):
                made.setdefault(column, []).append(value)
        return made

    def asks(self) -> tuple[list[Ask], list[str]]:
        """Return the cells that ask for amounts, and what could not be placed."""
        if not self.account_columns:
            return [], []
        listed = self._list_columns()
        return self._of_list(*listed) if listed else self._of_table()

    def _head(self, column: int) -> str:
        found = [value for value in self.heads.get(column, []) if isinstance(value, str)]
        return plain(found[-1]) if found else ""

    def _list_columns(self) -> tuple[int, int] | None:
        """Return the period and amount columns of a long list; None for a table."""
        names = {self._head(column): column for column in self.heads}
        period = next((names[name] for name in _PERIOD_HEADS if name in names), None)
        amount = next((names[plain(name)] for name in _AMOUNT_HEADS if plain(name) in names), None)
        return (period, amount) if period and amount else None

    def _of_list(self, period: int, amount: int) -> tuple[list[Ask], list[str]]:
        asks: list[Ask] = []
        odd: list[str] = []
        for row in self.rows:
            months = months_of(self.grid.values.get((row, period)), self.year)
            if (row, amount) not in self.grid.free:
                continue
            if not months:
                odd.append(self._said(row, period, "期间"))
                continue
            self._ask(row, amount, months, asks, odd)
        return asks, odd

    def _of_table(self) -> tuple[list[Ask], list[str]]:
        asks: list[Ask] = []
        odd: list[str] = []
        columns = self._periods
        for row in self.rows:
            if not any((row, column) in self.grid.free for column in columns):
                continue
            for column, months in columns.items():
                if (row, column) in self.grid.free:
                    self._ask(row, column, months, asks, odd)
        return asks, list(dict.fromkeys(odd))

    @cached_property
    def _periods(self) -> dict[int, tuple[int, ...]]:
        """Column → its months, the narrowest that its heads say."""
        made = {}
        for column in self._meant:
            heads = self.heads[column]
            if found := [months for head in heads if (months := months_of(head, self.year))]:
                made[column] = min(found, key=len)
        return made

    @cached_property
    def _meant(self) -> list[int]:
        """Columns beside the accounts whose heads do not say that they are about something else."""
        return [
            column
            for column, heads in self.heads.items()
            if column not in self.account_columns
            and not any(word in str(head) for head in heads for word in self.other)
        ]

    def unplaced(self) -> list[str]:
        """Return the columns of a table that hold numbers under a head which is no period."""
        if not self.account_columns or self._list_columns():
            return []
        odd = []
        for column in self._meant:
            head = self._head(column)
            known = column in self._periods or column == self._who_column or head in _NUMBERED
            first = next((row for row in self.rows if (row, column) in self.grid.free), None)
            if first is not None and not known:
                at = f"{self.grid.name}!{address(first, column)}"
                odd.append(f"{at}：这一列“{head}”不是 {self.year} 年的月份，没有导入")
        return odd

    def _said(self, row: int, column: int, what: str) -> str:
        text = self.grid.text(row, column)
        return f"{self.grid.name}!{address(row, column)}：{what}“{text}”对不上"

    def _ask(
        self, row: int, column: int, months: tuple[int, ...], asks: list[Ask], odd: list[str]
    ) -> None:
        account = self._account(row, odd)
        if account is None:
            return
        units = self._units(row, column, odd)
        if units is None:
            return
        keys, name = account
        asks.append(Ask(self.grid.name, row, column, keys, months, units or None, name))

    def _account(self, row: int, odd: list[str]) -> tuple[tuple[str, ...], str] | None:
        """Return the accounts of a row; what code and name say differently is not placed."""
        found = {self._accounts[c][row] for c in self.account_columns if row in self._accounts[c]}
        names = [text for c in self.account_columns if (text := self.grid.text(row, c))]
        name = " ".join(names)
        first = f"{self.grid.name}!{address(row, self.account_columns[0])}"
        if len(found) > 1:
            odd.append(f"{first}：编码与名称“{name}”指不同的科目，没有填")
            return None
        if not found:
            odd.append(f"{first}：科目“{name}”在科目表里没有")
            return None
        return found.pop(), name

    @cached_property
    def _who_column(self) -> int | None:
        names = [(self._head(column), column) for column in self.heads]
        said = [column for name, column in names if name in _WHO_HEADS]
        if said:
            return said[0]
        counts: Counter[int] = Counter()
        for row in self.rows:
            for (at, column), value in self.grid.values.items():
                if at == row and isinstance(value, str) and plain(value) in self.amounts.names:
                    counts[column] += 1
        return counts.most_common(1)[0][0] if counts else None

    def _units(self, row: int, column: int, odd: list[str]) -> tuple[str, ...] | None:
        """Return the units a cell is about: () for all together, None when not known."""
        if self._who_column is not None:
            text = self.grid.text(row, self._who_column)
            if text and plain(text) not in _TOGETHER:
                found = self.amounts.names.get(plain(text))
                if not found:
                    odd.append(self._said(row, self._who_column, "店铺或部门"))
                    return None
                return tuple(sorted(found))
            return ()
        for head in self.heads.get(column, []):
            found = self.amounts.names.get(plain(str(head)))
            if found:
                return tuple(sorted(found))
        return self._whole

    @cached_property
    def _whole(self) -> tuple[str, ...]:
        """The units that the sheet as a whole is about: its name, or a line above the table."""
        top = min(self.rows, default=1)
        texts = [self.grid.name]
        texts += [
            str(v)
            for (row, _), v in sorted(self.grid.values.items())
            if row < top - 1 and isinstance(v, str)
        ]
        for text in texts:
            for piece in (text, *text.replace(":", "：").split("：")[1:]):
                found = self.amounts.names.get(plain(piece))
                if found:
                    return tuple(sorted(found))
        return ()
