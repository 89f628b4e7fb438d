"""What a reviewer asks of a budget: against last year, by quarter, what is not allocated, what is open."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import Level, Problem, Where
from xlplan.plan.budget import statement
from xlplan.plan.budget.accounts import GMV, REFUND, REVENUE, TURNOVER, VAT
from xlplan.plan.budget.budget import costed, freeze
from xlplan.plan.budget.lines import spread_months, without_tax
from xlplan.plan.budget.settings import COMMON
from xlplan.plan.budget.statement import amounts, totals
from xlplan.plan.exact.units import excel_round
from xlplan.record import bundle, record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from xlplan.plan.budget.budget import Budget, Frozen
    from xlplan.plan.year import Year

RULE = "预算"


@record
class Quarter:
    """A quarter's day weights (their share of the year) and its campaigns."""

    number: int
    weight: float
    campaigns: tuple[str, ...]


@bundle
class Kept:
    """A budget as it was kept at some time.

    Attributes:
        name: ``年初``, ``2026-03`` for a month's snapshot, ``上次导出``.
        time: When.
        lines: Its lines.
    """

    name: str
    time: str
    lines: Sequence[Frozen]


@bundle
class Review:
    """What stands beside a budget.

    Attributes:
        quarters: Weights and campaigns.
        last_year: Row key → yuan (含税, 未税) of last year; empty when nothing is known.
        snapshots: The budget as it stood, oldest first.
        before: As it stood at the last export; None at the first.
        findings: What is open, 体检's first.
        made: When this was made.
        book: Name of the plan book.
        as_of: Last day with actual sales; "" before the first.
    """

    quarters: Sequence[Quarter] = ()
    last_year: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    snapshots: Sequence[Kept] = ()
    before: Kept | None = None
    findings: Sequence[Problem] = ()
    made: str = ""
    book: str = ""
    as_of: str = ""


def quarters(year: Year) -> list[Quarter]:
    """Return what the calendar says of each quarter."""
    days = year.calendar.days
    weights = days["weight"].to_numpy(np.float64)
    made = []
    for number in range(1, 5):
        mine = days["quarter"].to_numpy() == number
        names = "、".join(filter(None, days.loc[mine, "event"])).split("、")
        seen = tuple(dict.fromkeys(filter(None, names)))
        made.append(Quarter(number, float(weights[mine].sum() / weights.sum()), seen))
    return made


def last_year(frame: pd.DataFrame, budget: Budget) -> dict[str, tuple[float, float]]:
    """Return row key → last year's yuan with and without tax, for the rows it knows.

    Args:
        frame: Last year's plan or actuals, index (store, date).
        budget: Says which stores, rates and accounts.
    """
    rates = {unit.store: unit.tax for unit in budget.units}
    inside = frame[frame.index.get_level_values(0).isin(list(rates))]
    if inside.empty or "gmv" not in inside or inside["gmv"].isna().all():
        return {}
    made: dict[str, list[float]] = {}

    def add(key: str, gross: float, net: float) -> None:
        before = made.setdefault(key, [0.0, 0.0])
        made[key] = [before[0] + gross, before[1] + net]

    for store in dict.fromkeys(inside.index.get_level_values(0)):
        days = inside.loc[[store]]
        sold, back = _sum(days, "gmv"), _sum(days, "refund_amount")
        add(GMV, sold, sold)
        if "refund_amount" in days and days["refund_amount"].notna().any():
            left = round(sold - back, 2)
            add(REFUND, back, back)
            add(TURNOVER, left, left)
            add(REVENUE, left, float(excel_round(left / (1 + rates[str(store)]), 2)))
        for line in budget.plan:
            if (
                line.unit.store == store
                and line.source in days
                and line.source.startswith("spend_")
            ):
                spent = _sum(days, line.source)
                net = float(without_tax(np.array([spent]), line.tax)[0])
                add(line.key, spent, net)
                add(f"{line.account}#", spent, net)
    return {key: (round(gross, 2), round(net, 2)) for key, (gross, net) in made.items()}


def _sum(days: pd.DataFrame, name: str) -> float:
    if name not in days:
        return 0.0
    return float(np.rint(np.nansum(days[name].to_numpy(np.float64)) * 100) / 100)


def kept_totals(budget: Budget, kept: Sequence[Frozen]) -> dict[str, tuple[float, float]]:
    """Return row key → the year's yuan (含税, 未税) of a budget that was kept.

    A profit is NaN where the kept budget had no cost of goods.
    """
    both = []
    none = np.full(12, np.nan)
    names = {unit.name for unit in budget.units}
    for taxed in (True, False):
        leaves: dict[str, np.ndarray] = {}
        for line in kept:
            if line.unit in names:
                months = np.array(line.gross if taxed else line.net)
                leaves[line.key] = leaves.get(line.key, np.zeros(12)) + months
        full = {key: amounts(0.0, months, none) for key, months in leaves.items()}
        both.append(totals(budget.rows, full, costed=costed(kept, names)))
    return {
        row.key: tuple(float(np.round(each[row.key][statement.PLAN], 2)) for each in both)  # type: ignore[misc]
        for row in budget.rows
        if row.level
    }


def changed_rows(budget: Budget, before: Kept) -> list[tuple[str, float, float]]:
    """Return (row key, before, now) of the leaves whose year with tax is another than it was."""
    was = kept_totals(budget, before.lines)
    now = kept_totals(budget, freeze(budget.plan))
    return [
        (row.key, was[row.key][0], now[row.key][0])
        for row in budget.rows
        if row.level and not row.parts and abs(was[row.key][0] - now[row.key][0]) > 0.004
    ]


def allocated(budget: Budget) -> float:
    """Return the yuan of all costs and deposits of the year."""
    skipped = {GMV, REFUND, TURNOVER, REVENUE, VAT}
    return round(
        sum(float(line.gross.sum()) for line in budget.plan if line.account not in skipped), 2
    )


def findings(budget: Budget, *, whole: bool = True) -> list[Problem]:
    """Return what is open in the budget itself.

    Args:
        budget: The budget.
        whole: Whether it holds all stores: only then the approved total can be compared.
    """
    return [*_tax(budget), *_goods(budget), *contradictions(budget, whole=whole)]


def contradictions(budget: Budget, *, whole: bool = True) -> list[Problem]:
    """Return where what was typed on 预算 contradicts itself or the plan (体检)."""
    return [
        *_doubles(budget),
        *(_unallocated(budget) if whole else ()),
        *_typed(budget),
    ]


def _tax(budget: Budget) -> Iterator[Problem]:
    missing = [
        store
        for store in dict.fromkeys(unit.store for unit in budget.units)
        if store != COMMON and budget.terms.store(store).tax is None
    ]
    if missing:
        what = f"没有填销项税率，按 13% 算：{'、'.join(missing)}"
        yield Problem(
            Where(sheet="预算"),
            what,
            Level.WARNING,
            "在计划表“预算”填各店税率（小规模 1% 或 3%）",
            RULE,
        )


def _goods(budget: Budget) -> Iterator[Problem]:
    if not budget.costed(budget.units):
        what = "还有店铺没有商品成本，毛利、净利不显示"
        yield Problem(
            Where(sheet="预算"),
            what,
            Level.INFO,
            "在“预算”给 商品成本 填成本率（占营业收入）",
            RULE,
        )


def _doubles(budget: Budget) -> Iterator[Problem]:
    """R4: an account that the plan feeds, typed again as a whole."""
    for code, typed, planned in restated(budget):
        name = budget.chart.by_code[code].name
        what = f"{name} 两处不一致：预算行写 {typed:,.2f} 元，计划分解出 {planned:,.2f} 元，差 {typed - planned:,.2f} 元"
        remedy = "以计划为准（预算按计划列）；或改年度目标的推广费，再分解；若是另外的钱，给这一行写个名称"
        yield Problem(Where(sheet="预算"), what, Level.ERROR, remedy, "R4")


def restated(budget: Budget) -> list[tuple[str, float, float]]:
    """Return (code, typed, planned) where a typed line without a name restates what the plan has."""
    made = []
    for line in budget.terms.lines:
        planned = _planned(budget, line.account)
        if line.rate is None and not line.name and planned:
            typed = float(spread_months(line, np.ones(12)).sum() / 100)
            if abs(typed - planned) > 0.004:
                made.append((line.account, typed, planned))
    return made


def _planned(budget: Budget, code: str) -> float:
    mine = [
        line for line in budget.plan if line.account == code and line.source.startswith("spend_")
    ]
    return round(sum(float(line.gross.sum()) for line in mine), 2)


def _unallocated(budget: Budget) -> Iterator[Problem]:
    """R5: the approved total against what stands on lines."""
    if budget.terms.total is None:
        return
    used = allocated(budget)
    left = round(budget.terms.total - used, 2)
    if abs(left) > 0.004:
        word = "还没有分到科目" if left > 0 else "超出核定总额"
        what = f"核定预算 {budget.terms.total:,.2f} 元，各科目合计 {used:,.2f} 元，{abs(left):,.2f} 元{word}"
        level = Level.ERROR if abs(left) > 0.2 * budget.terms.total else Level.WARNING
        yield Problem(Where(sheet="预算"), what, level, "补上科目行，或改核定总额", "R5")
    sales = sum(float(line.gross.sum()) for line in budget.plan if line.account == GMV)
    if sales and budget.terms.total >= sales:
        what = f"核定预算 {budget.terms.total:,.2f} 元不低于全年支付金额 {sales:,.2f} 元"
        yield Problem(Where(sheet="预算"), what, Level.ERROR, "核对是否把销售目标写成了预算", "R5")


def _typed(budget: Budget) -> Iterator[Problem]:
    """Typed months that do not add up to their year."""
    for line in budget.terms.lines:
        if line.rate is not None or line.year is None:
            continue
        months = float(spread_months(line, np.ones(12)).sum() / 100)
        if abs(months - line.year) > 0.004:
            name = line.name or budget.chart.by_code[line.account].name
            what = f"{name}：全年 {line.year:,.2f} 元，十二个月合计 {months:,.2f} 元，差 {line.year - months:,.2f} 元"
            yield Problem(
                Where(sheet="预算"), what, Level.WARNING, "预算按各月合计；改全年或各月", "R5"
            )
