"""Budget lines: what each unit earns and costs by account and month, with and without tax.

A line has its amounts as they are paid (gross) and without tax (net), each rounded once to the
fen: 营业收入 = (支付金额 − 退款) ÷ (1 + 税率).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.plan.budget.accounts import GMV, REFUND, REVENUE, TURNOVER, VAT
from xlplan.plan.budget.settings import BY_SALES, default_reason
from xlplan.plan.budget.units import Flows, share_out
from xlplan.plan.exact.units import excel_round
from xlplan.record import bundle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.plan.budget.settings import CostLine, Terms
    from xlplan.plan.budget.units import Unit
    from xlplan.plan.exact.units import Floats
    from xlplan.plan.year import Year

#: Where a line's amounts come from.
FROM_PLAN, FROM_RATE, FROM_HAND, DERIVED, FROM_FINANCE = "计划", "比率", "手工", "计算", "财务"


@bundle
class Line:
    """One line of one unit.

    Attributes:
        unit: Whose.
        account: 科目编码, or a key of `SPECIAL`.
        name: Its own name under the account; "" when it is the account's only kind.
        origin: Where the amounts come from.
        tax: Rate between gross and net.
        gross: (12,) yuan as paid; NaN is not known.
        net: (12,) yuan without tax.
        source: Plan metric it is read from, or the number of its typed line.
        why: The reason it stands here.
    """

    unit: Unit
    account: str
    name: str
    origin: str
    tax: float
    gross: Floats
    net: Floats
    source: str = ""
    why: str = ""

    @property
    def key(self) -> str:
        """The row it belongs to: ``6601.03`` or ``6601.03/直通车``."""
        return f"{self.account}/{self.name}" if self.name else self.account


def without_tax(gross: Floats, tax: float) -> Floats:
    """Return amounts without tax, rounded once to the fen."""
    return np.asarray(excel_round(gross / (1 + tax), 2))


def with_tax(net: Floats, tax: float) -> Floats:
    """Return amounts with tax, rounded once to the fen."""
    return np.asarray(excel_round(net * (1 + tax), 2))


def plan_lines(year: Year, flows: Flows, terms: Terms) -> list[Line]:
    """Return the lines of the current budget, unit by unit in the order of the statement."""
    amounts = _typed(flows, terms)
    made: list[Line] = []
    for number, unit in enumerate(flows.units):
        lines = _sales(flows, unit) + _spends(year, flows, unit, terms)
        lines += _rates(lines, unit, terms)
        for at, line in enumerate(terms.lines):
            if at in amounts and amounts[at][number].any():
                lines.append(_cost(unit, line, at, amounts[at][number], terms))
        made += [*lines, vat(unit, lines)]
    return made


def _sales(flows: Flows, unit: Unit) -> list[Line]:
    """The first lines: 支付金额, 售退, 营业额, 营业收入."""
    sold = flows.of(unit, "gmv")
    back = flows.of(unit, "refund_amount")
    return sales_lines(unit, sold, np.where(np.isnan(sold), np.nan, np.nan_to_num(back)))


def sales_lines(unit: Unit, sold: Floats, back: Floats) -> list[Line]:
    """Return the lines of sales and refunds by month."""
    left = np.rint(sold * 100 - back * 100) / 100
    return [
        Line(unit, GMV, "", FROM_PLAN, 0.0, sold, sold, "gmv"),
        Line(unit, REFUND, "", FROM_PLAN, 0.0, back, back, "refund_amount"),
        Line(unit, TURNOVER, "", DERIVED, 0.0, left, left),
        Line(unit, REVENUE, "", DERIVED, unit.tax, left, without_tax(left, unit.tax)),
    ]


def _spends(year: Year, flows: Flows, unit: Unit, terms: Terms) -> list[Line]:
    """Promotion, a line a channel."""
    made = []
    for channel in year.metrics.channels:
        months = flows.of(unit, f"spend_{channel.key}")
        code = terms.account_of(channel.key)
        if np.nan_to_num(months).any():
            tax = terms.input_tax.get(code, 0.0)
            why = terms.reasons.get(channel.key) or default_reason(channel.key)
            net = without_tax(months, tax)
            source = f"spend_{channel.key}"
            made.append(Line(unit, code, channel.label, FROM_PLAN, tax, months, net, source, why))
    return made


def base_of(lines: Sequence[Line], base: str, tax: float) -> Floats:
    """Return what rates are shares of, unrounded: `base` is a key of `BASES`."""
    if base == "revenue":
        return next(line for line in lines if line.account == TURNOVER).gross / (1 + tax)
    return next(line for line in lines if line.account == base).gross


def _rates(lines: Sequence[Line], unit: Unit, terms: Terms) -> list[Line]:
    made = []
    for at, line in enumerate(terms.lines):
        if line.rate is not None and line.store in ("", unit.store):
            months = np.asarray(excel_round(base_of(lines, line.base, unit.tax) * line.rate, 2))
            made.append(_cost(unit, line, at, months, terms))
    return made


def _cost(unit: Unit, line: CostLine, at: int, gross: Floats, terms: Terms) -> Line:
    tax = terms.input_tax.get(line.account, 0.0)
    origin = FROM_HAND if line.rate is None else FROM_RATE
    net = without_tax(gross, tax)
    return Line(unit, line.account, line.name, origin, tax, gross, net, str(at), line.why)


def vat(unit: Unit, lines: Sequence[Line]) -> Line:
    """Return the tax in gross figures: output less input, so that profit is the same either way."""
    tax, known = np.zeros(12), np.zeros(12, dtype=bool)
    for line in lines:
        known |= (line.account == REVENUE) & ~np.isnan(line.gross)
        fen = np.rint(line.gross * 100) - np.rint(line.net * 100)
        tax += np.where(line.account == REVENUE, 1, -1) * np.nan_to_num(fen)
    gross, net = np.where(known, tax / 100, np.nan), np.where(known, 0.0, np.nan)
    return Line(unit, VAT, "", DERIVED, 0.0, gross, net)


def _typed(flows: Flows, terms: Terms) -> dict[int, Floats]:
    """Return typed line → (units, 12) yuan: what is typed for all is shared by sales.

    A line without a name on an account that the plan feeds restates it, and is left out.
    """
    sold = np.nan_to_num(flows.values["gmv"])
    fed = {
        terms.account_of(name.removeprefix("spend_"))
        for name, values in flows.values.items()
        if name.startswith("spend_") and np.nan_to_num(values).any()
    }
    made = {}
    for at, line in enumerate(terms.lines):
        if line.account in fed and not line.name:
            continue  # the plan says it already: 体检 tells the difference, it is not added
        mine = [n for n, unit in enumerate(flows.units) if line.store in ("", unit.store)]
        if line.rate is None and mine:
            months = spread_months(line, sold[mine].sum(axis=0))
            shared = np.zeros_like(sold)
            shared[mine] = share_out(months, np.rint(sold[mine] * 100)) / 100
            made[at] = shared
    return made


def spread_months(line: CostLine, sales: Floats) -> Floats:
    """Return a typed line's fen by month: given months as given, the rest of the year by shape.

    Where the months alone are given they are the year; what is left over once all twelve are
    given stays unallocated (`unallocated`).
    """
    given = np.array([line.months.get(month, np.nan) for month in range(1, 13)], dtype=np.float64)
    free = np.isnan(given)
    made = np.rint(np.nan_to_num(given) * 100)
    if line.year is None or not free.any():
        return made
    left = np.rint(line.year * 100) - made.sum()
    weights = sales if line.shape == BY_SALES and sales[free].sum() > 0 else np.ones(12)
    shares = np.where(free, weights, 0.0)
    made += share_out_once(left, shares)
    return made


def share_out_once(whole: float, weights: Floats) -> Floats:
    """Share one whole amount out by weights, (n,)."""
    rows = np.repeat(weights[:, None], 12, axis=1)
    return share_out(np.full(12, whole), rows)[:, 0]
