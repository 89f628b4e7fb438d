"""The statement: its rows from 支付金额 to 净利润, and their amounts from the lines.

Columns of amounts, in this order: 年初, the year's budget, the year's actuals, twelve months of
budget, twelve months of actuals. NaN is not known; what is not known is never taken for zero in
a profit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.plan.budget.accounts import GMV, REFUND, REVENUE, TURNOVER, VAT, Chart, Group
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xlplan.plan.exact.units import Floats

FIRST, PLAN, ACTUAL = 0, 1, 2
PLAN_MONTHS, ACTUAL_MONTHS = slice(3, 15), slice(15, 27)
COLUMNS = 27

GOODS = "6401.01"
COST, GROSS, SELLING, OPERATING = "cost", "gross", "selling", "operating"
BEFORE_TAX, PROFIT = "before_tax", "profit"


@record
class Row:
    """A row of the statement.

    Attributes:
        key: Its key; a leaf's is that of its lines.
        label: 项目, with 减： where finance subtracts it.
        level: 1 to 3; 0 for the heading of a group.
        parts: Rows it is made of with their signs; none for a leaf.
        needs: Parts that must be known, where they have a budget, before actuals are shown.
        profit: A result that only stands once costs are given.
        code: 科目编码 for forms; "" where there is none.
    """

    key: str
    label: str
    level: int
    parts: tuple[tuple[int, str], ...] = ()
    needs: tuple[str, ...] = ()
    profit: bool = False
    code: str = ""


def statement(chart: Chart, keys: Iterable[str]) -> list[Row]:
    """Return the rows, in order.

    Args:
        chart: The chart of accounts.
        keys: Keys of all lines there are (``6601.03/直通车``).
    """
    named: dict[str, list[str]] = {}
    for key in dict.fromkeys(keys):
        code, _, name = key.partition("/")
        if name:
            named.setdefault(code, []).append(key)
    bare = {key for key in keys if "/" not in key}
    rows = [
        Row("#gmv", "GMV数据", 0),
        Row(GMV, "支付金额", 1, code="GMV"),
        Row(REFUND, "减：售退", 1, code="TK"),
        Row(TURNOVER, "营业额合计", 1, ((1, GMV), (-1, REFUND)), code="NET"),
        Row("#finance", "财务数据", 0),
        Row(REVENUE, "一、营业收入", 1, code="6001"),
        *_group(chart, Group.COST, COST, "减：营业成本", named, bare),
        Row(GROSS, "营业毛利", 1, ((1, REVENUE), (-1, COST)), profit=True),
        *_group(chart, Group.SELLING, SELLING, "减：销售费用", named, bare),
        Row(VAT, "减：增值税", 1, code="2221"),
        Row(OPERATING, "运营利润", 1, ((1, GROSS), (-1, SELLING), (-1, VAT)), profit=True),
    ]
    admin = _group(chart, Group.ADMIN, "admin", "减：管理费用", named, bare)
    taxes = _group(chart, Group.TAX, "taxes", "减：税金及附加", named, bare)
    income = _group(chart, Group.INCOME_TAX, "income", "减：所得税", named, bare)
    before = ((1, OPERATING), (-1, "admin"), (-1, "taxes"))
    rows += [*admin, *taxes, Row(BEFORE_TAX, "利润总额", 1, before, profit=True)]
    rows += [*income, Row(PROFIT, "二、净利润", 1, ((1, BEFORE_TAX), (-1, "income")), profit=True)]
    cash = _group(chart, Group.CASH, "cash", "现金合计", named, bare)
    return [*rows, Row("#cash", "现金（不计成本）", 0), *cash]


def _group(  # noqa: PLR0913, PLR0917  # a group and its accounts
    chart: Chart,
    group: Group,
    key: str,
    label: str,
    named: Mapping[str, Sequence[str]],
    bare: set[str],
) -> list[Row]:
    accounts = chart.of(group)
    rows: list[Row] = []
    for account in accounts:
        children = [*named.get(account.code, ())]
        if children and account.code in bare:
            children.append(account.code)
        total = f"{account.code}#" if children else account.code
        parts = tuple((1, child) for child in children)
        rows.append(Row(total, account.name, 2, parts, tuple(children), code=account.code))
        rows += [
            Row(child, child.partition("/")[2] or "其他（未分明细）", 3, code=child)
            for child in children
        ]
    tops = tuple(row.key for row in rows if row.level == 2)
    parts = tuple((1, top) for top in tops)
    return [Row(key, label, 1, parts, tops), *rows]


def totals(
    rows: Sequence[Row],
    leaves: Mapping[str, Floats],
    *,
    costed: bool,
    first_costed: bool | None = None,
) -> dict[str, Floats]:
    """Return the amounts of every row, (27,).

    Args:
        rows: The statement.
        leaves: Amounts of the leaves, and of accounts where they are known otherwise; a missing
            leaf has no budget and no actuals.
        costed: Whether 商品成本 is given: without it there is no profit to speak of.
        first_costed: The same of the year's start; None as `costed`.
    """
    by_key = {row.key: row for row in rows}
    done: dict[str, Floats] = {}
    started = costed if first_costed is None else first_costed

    def value(key: str) -> Floats:
        if key not in done:
            done[key] = _value(by_key[key])
        return done[key]

    def _value(row: Row) -> Floats:
        if row.key in leaves:
            return leaves[row.key]
        if not row.parts:
            return nothing() if row.level else np.full(COLUMNS, np.nan)
        parts = [(sign, value(part)) for sign, part in row.parts]
        if row.level == 2:
            whole = row.code in row.needs  # finance's figure of the whole account
            return _account_sum([part for _, part in parts], value(row.code) if whole else None)
        if row.needs:
            return _group_sum([part for _, part in parts], value(REVENUE))
        made = sum((sign * part for sign, part in parts), start=np.zeros(COLUMNS))
        if row.profit:
            made[FIRST] = made[FIRST] if started else np.nan
            made[FIRST + 1 :] = made[FIRST + 1 :] if costed else np.nan
        return _with_year(made)

    for row in rows:
        value(row.key)
    return done


def nothing() -> Floats:
    """Return the amounts of what is not budgeted and not known."""
    made = np.zeros(COLUMNS)
    made[ACTUAL] = np.nan
    made[ACTUAL_MONTHS] = np.nan
    return made


def amounts(first: float, plan: Floats, actual: Floats) -> Floats:
    """Return a leaf's amounts from its year's start, months of budget and months of actuals."""
    made = np.concatenate([[first, 0, 0], plan, actual])
    made[PLAN] = plan.sum()
    return _with_year(made)


def strict_sum(
    parts: Sequence[Floats], elsewhere: Sequence[bool], whole: Sequence[bool]
) -> Floats:
    """Return sums over units: actuals need every unit that has a budget.

    Args:
        parts: (27,) of each unit.
        elsewhere: Units whose actuals stand on another unit (platforms of a store).
        whole: Units that take finance's figures of all together: known, they stand for the rest.
    """
    stack = np.stack(parts)
    made = np.nan_to_num(stack).sum(axis=0)
    plan, actual = stack[:, PLAN_MONTHS], stack[:, ACTUAL_MONTHS]
    asked, total = ~np.array(elsewhere), np.array(whole)
    short = ((plan != 0) & np.isnan(actual))[asked].any(axis=0)
    short &= np.isnan(actual[total]).all(axis=0)
    short |= np.isnan(actual).all(axis=0)
    made[ACTUAL_MONTHS] = np.where(short, np.nan, made[ACTUAL_MONTHS])
    return _with_year(made)


def _account_sum(parts: Sequence[Floats], whole: Floats | None) -> Floats:
    """Return an account's sum: its actuals need every part that has a budget, or the whole."""
    stack = np.stack(parts)
    made = np.nan_to_num(stack).sum(axis=0)
    plan, actual = stack[:, PLAN_MONTHS], stack[:, ACTUAL_MONTHS]
    short = ((plan != 0) & np.isnan(actual)).any(axis=0)
    if whole is not None:
        short &= np.isnan(whole[ACTUAL_MONTHS])
    short |= np.isnan(actual).all(axis=0)
    made[ACTUAL_MONTHS] = np.where(short, np.nan, made[ACTUAL_MONTHS])
    return _with_year(made)


def _group_sum(parts: Sequence[Floats], revenue: Floats) -> Floats:
    """Return a group's sum: its actuals need every account that has a budget."""
    stack = np.stack(parts)
    made = np.nan_to_num(stack).sum(axis=0)
    plan, actual = stack[:, PLAN_MONTHS], stack[:, ACTUAL_MONTHS]
    short = ((plan != 0) & np.isnan(actual)).any(axis=0) | np.isnan(revenue[ACTUAL_MONTHS])
    made[ACTUAL_MONTHS] = np.where(short, np.nan, made[ACTUAL_MONTHS])
    return _with_year(made)


def _with_year(made: Floats) -> Floats:
    """Set the year's actuals: the sum of the months known."""
    months = made[ACTUAL_MONTHS]
    known = ~np.isnan(months)
    made[ACTUAL] = months[known].sum() if known.any() else np.nan
    return made
