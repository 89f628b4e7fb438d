"""追溯: the chain from the annual target to one day's figure, step by step.

Fold the steps from the first to the last ("=" sets, "×" multiplies, "+" adds, "÷" divides) and
the figure itself comes out. Roundings, locks and later changes are steps of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.metrics import Unit
from xlplan.plan.change.holds import SPEND, label
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from xlplan.plan.change.grid import Grid
    from xlplan.plan.exact.units import Bools, Floats
    from xlplan.plan.year import Year

#: Flow → (what it is planned from, the ratio's name after ÷ where it divides, what its days
#: are shared out by).
DRIVERS = {
    "orders": ("gmv", "÷ 客单价", "gmv"),
    "buyers": ("gmv", "÷ 客单价", "gmv"),
    "uv": ("orders", "÷ 转化率", "gmv"),
    "units": ("orders", "连带率", "orders"),
    "refund_amount": ("gmv", "退款率", "gmv"),
    "refund_units": ("units", "退款率", "units"),
    "refund_orders": ("orders", "退款率", "orders"),
    "gmv_paid": (SPEND, "ROI", SPEND),
}


_RATIO_UNITS = {"客单价": Unit.MONEY, "单次成本": Unit.MONEY, "转化率": Unit.PERCENT, "ROI": Unit.TIMES, "连带率": Unit.TIMES}  # fmt: skip


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
    monthly = _total(values[mine])
    if metric == "gmv":
        steps = list(_sales_month(asked, grid, store, row, int(month[day]), monthly))
        base, named = year.calendar.days["weight"].to_numpy(np.float64), "日权重 ÷ 当月权重合计"
        at: tuple[str, ...] = ("weight", str(day))
    else:
        steps = list(_driven_month(grid, metric, store, row, mine, monthly))
        root = DRIVERS.get(metric, (SPEND, "", "gmv"))[2]
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
    total = _total(grid.columns["gmv"][row])
    yield Step("全年目标", "=", total, ("target", store, "gmv", "value"))
    typed = float(np.nansum(given))
    if typed:
        yield Step("减去已填的月份", "+", -typed)
    weights = asked.calendar.days.groupby("month")["weight"].sum().to_numpy()
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
    root, ratio, _ = DRIVERS.get(metric, _channel(metric))
    base = _total(_base(grid, root, row)[mine])
    metrics = grid.year.metrics
    unit = Unit.MONEY if root == SPEND else metrics[root].unit
    yield Step(f"{month}月{label(root, metrics)}", "=", base, ("month", store, root, month), unit)
    if not base:
        yield from _rounded(monthly)
    elif ratio.startswith("÷") and monthly:
        word = ratio.removeprefix("÷ ")
        yield Step(word, "÷", base / monthly, unit=_RATIO_UNITS.get(word, Unit.TIMES))
    else:
        yield Step(ratio, "×", monthly / base, unit=_RATIO_UNITS.get(ratio, Unit.PERCENT))


def _channel(metric: str) -> tuple[str, str, str]:
    if metric.startswith("uv_"):
        return f"spend_{metric.removeprefix('uv_')}", "÷ 单次成本", "gmv"
    return "gmv", "费用占比 × 渠道占比", "gmv"


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


def _total(values: Floats) -> float:
    return float(np.rint(np.nan_to_num(values) * 100).sum() / 100)


def _cents(amount: float) -> float:
    return float(np.round(amount, 2)) + 0.0
