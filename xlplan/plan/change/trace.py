"""追溯: the chain from the annual target to one day's figure, step by step.

Fold the steps from the first to the last ("=" sets, "×" multiplies, "+" adds, "÷" divides) and
the figure itself comes out. Roundings, locks and later changes are steps of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.metrics import RATES, Unit, driver_of
from xlplan.metrics.money import MONEY_DIGITS
from xlplan.plan.change.holds import SPEND, label
from xlplan.plan.exact.units import exact_sum
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from xlplan.metrics import Driver, Registry
    from xlplan.plan.change.grid import Grid
    from xlplan.plan.exact.units import Bools, Floats
    from xlplan.plan.year import Year


@record
class Step:
    """One step of the chain.

    Attributes:
        what: The step in words.
        op: ``=``, ``×``, ``÷`` or ``+``.
        number: Its number.
        place: Where the number stands: ("target", store, metric, column), ("weight", day),
            ("plan", scope, metric, day), ("month", scope, metric, month), or ("action", id).
        unit: What the number counts, for showing it.
    """

    what: str
    op: str
    number: float
    place: tuple[str, ...] = ()
    unit: Unit | None = None


@record
class Past:
    """A later change of the figure: the action and how much it added."""

    action: str
    what: str
    added: float


def fold(steps: Iterable[Step]) -> float:
    """Return what a chain comes to."""
    value = 0.0
    for step in steps:
        if step.op == "=":
            value = step.number
        elif step.op == "×":
            value *= step.number
        elif step.op == "÷":
            value /= step.number
        else:
            value += step.number
    return value


def day_chain(  # noqa: PLR0913, PLR0917  # one figure and its history
    year: Year, grid: Grid, metric: str, store: str, day: int, past: Sequence[Past], now: float
) -> list[Step]:
    """Return the chain of one store's day.

    Args:
        year: The book's year.
        grid: Of the year with the plan the targets ask for, as if nothing were locked.
        metric: Planned flow.
        store: The store.
        day: Day of the year from 0.
        past: Changes since the targets were last spread, oldest first.
        now: The figure as it stands.
    """
    asked = grid.year
    row = year.stores.index(store)
    month = year.calendar.days["month"].to_numpy() - 1
    mine = month == month[day]
    values = grid.columns[metric][row]
    monthly = exact_sum(values[mine])
    if metric == "gmv":
        steps = list(_sales_month(asked, grid, store, row, int(month[day]), monthly))
        base, named = year.day_weights(store), "日权重 ÷ 当月权重合计"
        at: tuple[str, ...] = ("weight", str(day))
        if store in year.calendar.own:  # 日历 shows the weight that holds for the others
            named, at = f"{store}的日权重（按它参加的活动）÷ 当月", ()
    else:
        steps = list(_driven_month(grid, metric, store, row, mine, monthly))
        root = driver_of(metric).days_by
        base, named = _base(grid, root, row), f"当日{label(root, year.metrics)} ÷ 当月"
        at = ("plan", store, root, str(year.calendar.days.index[day].date()))
    steps += _day(steps, base, mine, day, values[day], named, at)
    bent = now - sum(p.added for p in past) - values[day]
    steps.append(Step("锁定、已有实际、改过的目标使它变动", "+", _cents(bent)))
    steps += [Step(p.what, "+", _cents(p.added), ("action", p.action)) for p in past]
    return steps


def _sales_month(  # noqa: PLR0913, PLR0917  # one step
    asked: Year, grid: Grid, store: str, row: int, month: int, monthly: float
) -> Iterator[Step]:
    """Year → month by weights, or the month as given."""
    given = _given(asked, store)
    if not np.isnan(given[month]):
        yield Step(
            f"{month + 1}月目标（已填）",
            "=",
            float(given[month]),
            ("target", store, "gmv", f"m:{month + 1}"),
        )
        yield from _rounded(monthly - given[month])
        return
    total = exact_sum(grid.columns["gmv"][row])
    yield Step("全年目标", "=", total, ("target", store, "gmv", "value"))
    typed = float(np.nansum(given))
    if typed:
        yield Step("减去已填的月份", "+", -typed)
    weights = asked.calendar.of(store).days.groupby("month")["weight"].sum().to_numpy()
    free = weights[np.isnan(given)].sum()
    share = float(weights[month] / free)
    yield Step(
        f"{month + 1}月权重 ÷ {'未填月份' if typed else '全年'}权重", "×", share, unit=Unit.PERCENT
    )
    yield from _rounded(monthly - (total - typed) * share)


def _given(year: Year, store: str) -> Floats:
    monthly = year.targets.monthly
    index = monthly.index
    mine = (index.get_level_values("store") == store) & (index.get_level_values("metric") == "gmv")
    found = monthly[mine].to_numpy(np.float64)
    return np.asarray(found[0]) if len(found) else np.full(12, np.nan)


def _driven_month(  # noqa: PLR0913, PLR0917  # one step
    grid: Grid, metric: str, store: str, row: int, mine: Bools, monthly: float
) -> Iterator[Step]:
    """Month of the flow it is planned from × the month's ratio."""
    month = str(int(grid.year.calendar.days["month"].to_numpy()[mine][0]))
    driver = driver_of(metric)
    root = driver.root
    base = exact_sum(_base(grid, root, row)[mine])
    metrics = grid.year.metrics
    unit = Unit.MONEY if root == SPEND else metrics[root].unit
    yield Step(f"{month}月{label(root, metrics)}", "=", base, ("month", store, root, month), unit)
    if not base:
        yield from _rounded(monthly)
    elif driver.divides and monthly:
        yield Step(*_ratio(driver, metrics, "÷", base / monthly))
    else:
        yield Step(*_ratio(driver, metrics, "×", monthly / base))


def _ratio(
    driver: Driver, metrics: Registry, op: str, number: float
) -> tuple[str, str, float, tuple[str, ...], Unit]:
    """Return the step of a ratio, in the words and unit that it has."""
    name = driver.ratio
    word, unit = RATES[name] if name in RATES else (metrics[name].label, metrics[name].unit)
    return word, op, number, (), unit


def _day(  # noqa: PLR0913, PLR0917  # one step
    steps: Sequence[Step],
    base: Floats,
    mine: Bools,
    day: int,
    value: float,
    named: str,
    at: tuple[str, ...],
) -> Iterator[Step]:
    total = float(base[mine].sum())
    share = float(base[day]) / total if total else 1 / int(mine.sum())
    month = fold(steps)
    yield Step(named, "×", share, at, Unit.PERCENT)
    yield from _rounded(value - month * share)


def _rounded(amount: float) -> Iterator[Step]:
    yield Step("取整（最大余数）", "+", float(amount))


def _base(grid: Grid, root: str, row: int) -> Floats:
    values = [np.nan_to_num(grid.columns[name][row]) for name in grid.family(root)] if root == SPEND else [np.nan_to_num(grid.columns[root][row])]  # fmt: skip
    return np.asarray(np.sum(values, axis=0))


def _cents(amount: float) -> float:
    return float(np.round(amount, MONEY_DIGITS)) + 0.0
