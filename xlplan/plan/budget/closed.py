"""What finance has closed, by account and month, laid over what platforms say.

Finance's figures go before the platforms' for the same account, store and month. Platforms'
支付金额 and finance's 营业收入 differ by refunds, tax and the day a sale counts; the bridge says
by how much each.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from xlplan.plan.budget.accounts import GMV, REFUND, REVENUE, SPECIAL, TURNOVER
from xlplan.plan.budget.lines import FROM_FINANCE, Line, sales_lines, vat, with_tax, without_tax
from xlplan.plan.budget.settings import COMMON
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xlplan.plan.budget.settings import Terms
    from xlplan.plan.budget.units import Unit
    from xlplan.plan.exact.units import Floats


@record
class Closed:
    """One figure of finance.

    Attributes:
        account: 科目编码 or a key of `SPECIAL`.
        month: 1 … 12.
        amount: Yuan, to the fen.
        store: Its store; "" for all together.
        taxed: Whether it holds tax (含税).
    """

    account: str
    month: int
    amount: float
    store: str = ""
    taxed: bool = False


def with_closed(
    lines: Sequence[Line], closed: Sequence[Closed], units: Sequence[Unit], terms: Terms
) -> list[Line]:
    """Return actual lines with finance's figures in place of the platforms'.

    Args:
        lines: Actual lines of all units.
        closed: Finance's figures; those of stores that are not among `units` are left out.
        units: Units with actuals; `COMMON` must be among them where finance gives totals only.
        terms: Input tax by account.
    """
    made = list(lines)
    for said in closed:
        unit = unit_of(said.store, units)
        if unit is not None and said.account not in (TURNOVER, "vat"):
            made = _said(made, said, unit, units, terms)
    return _in_order(made, units, closed)


def unit_of(store: str, units: Sequence[Unit]) -> Unit | None:
    """Return the unit that takes finance's figures of a store ("" for all together)."""
    mine = [unit for unit in units if unit.store == (store or COMMON)]
    if not store and not mine and len({unit.store for unit in units}) == 1:
        mine = list(units)
    return mine[-1] if mine else None


def _said(
    lines: Sequence[Line], said: Closed, unit: Unit, units: Sequence[Unit], terms: Terms
) -> list[Line]:
    """Put one figure in place; what it stands for elsewhere is not counted as well."""
    here = {each.name for each in units if not said.store or each.store == said.store}
    code, at = said.account.partition("/")[0], said.month - 1
    whole = "/" not in said.account
    kept, mine = [], None
    for line in lines:
        same = line.key == said.account or (whole and line.account == code)
        if line.unit.name in here and same:
            line = _without_month(line, at)  # noqa: PLW2901
        if line.unit.name == unit.name and line.key == said.account:
            mine = line
        else:
            kept.append(line)
    mine = mine or _empty(unit, said, terms)
    return [*kept, _with_month(mine, at, said)]


def _without_month(line: Line, at: int) -> Line:
    gross, net = line.gross.copy(), line.net.copy()
    gross[at] = net[at] = np.nan
    return replace(line, gross=gross, net=net)


def _empty(unit: Unit, said: Closed, terms: Terms) -> Line:
    code, _, name = said.account.partition("/")
    tax = unit.tax if code == REVENUE else terms.input_tax.get(code, 0.0)
    tax = 0.0 if code in (GMV, REFUND) else tax
    none = np.full(12, np.nan)
    return Line(unit, code, name, FROM_FINANCE, tax, none, none)


def _with_month(line: Line, at: int, said: Closed) -> Line:
    gross, net = line.gross.copy(), line.net.copy()
    amount = np.array([said.amount])
    plain = said.taxed or line.account in (GMV, REFUND)
    gross[at] = amount[0] if plain else with_tax(amount, line.tax)[0]
    net[at] = without_tax(amount, line.tax)[0] if plain else amount[0]
    return replace(line, gross=gross, net=net, origin=FROM_FINANCE)


def _in_order(
    lines: Sequence[Line], units: Sequence[Unit], closed: Sequence[Closed]
) -> list[Line]:
    """Give every unit its sales, turnover, revenue, costs and tax in the order of the statement."""
    made: list[Line] = []
    revenue = {(said.store or COMMON, said.month) for said in closed if said.account == REVENUE}
    for unit in units:
        mine = {line.key: line for line in lines if line.unit.name == unit.name}
        if not mine:
            continue
        none = np.full(12, np.nan)
        sold = mine[GMV].gross if GMV in mine else none
        back = mine[REFUND].gross if REFUND in mine else none
        head = sales_lines(unit, sold, np.where(np.isnan(sold), back, np.nan_to_num(back)))
        origin = {key: mine[key].origin for key in (GMV, REFUND) if key in mine}
        head = [replace(line, origin=origin.get(line.account, line.origin)) for line in head]
        if any(said.account == REVENUE for said in closed) and REVENUE in mine:
            head[3] = _revenue(head[3], mine[REVENUE], unit, revenue)
        costs = [line for key, line in mine.items() if key not in SPECIAL]
        made += [*head, *costs, vat(unit, [*head, *costs])]
    return made


def _revenue(derived: Line, given: Line, unit: Unit, said: set[tuple[str, int]]) -> Line:
    """Take finance's revenue in its months; where finance gives the total only, none of a store."""
    gross, net = derived.gross.copy(), derived.net.copy()
    for month in range(1, 13):
        if (unit.store, month) in said or (COMMON, month) in said:
            gross[month - 1], net[month - 1] = given.gross[month - 1], given.net[month - 1]
    return replace(derived, gross=gross, net=net, origin=FROM_FINANCE)


@record
class Step:
    """One month of the bridge from 支付金额 to 营业收入, in yuan.

    支付金额 − 退款 − 税 + 时点 = 营业收入, to the fen.
    """

    month: int
    gmv: float
    refund: float
    tax: float
    timing: float
    revenue: float


def bridge(actual: Sequence[Line], closed: Iterable[Closed]) -> list[Step]:
    """Return the bridge of the months whose 营业收入 finance has closed.

    Args:
        actual: Actual lines as platforms say, all units.
        closed: Finance's figures.
    """
    steps = []
    said = [one for one in closed if one.account == REVENUE]
    for month in sorted({one.month for one in said}):
        stores = {one.store for one in said if one.month == month}
        mine = [line for line in actual if "" in stores or line.unit.store in stores]
        sold, back, net = (_month(mine, key, month) for key in (GMV, REFUND, REVENUE))
        revenue = sum(_net(one, mine) for one in said if one.month == month)
        tax = round(sold - back - net, 2)
        steps.append(Step(month, sold, back, tax, round(revenue - net, 2), round(revenue, 2)))
    return steps


def _net(said: Closed, lines: Sequence[Line]) -> float:
    rates = [line.tax for line in lines if line.account == REVENUE]
    if not said.taxed:
        return said.amount
    return float(without_tax(np.array([said.amount]), rates[0] if rates else 0.0)[0])


def _month(lines: Sequence[Line], account: str, month: int) -> float:
    values: Floats = np.array([line.net[month - 1] for line in lines if line.account == account])
    return round(float(np.nansum(values)), 2)
