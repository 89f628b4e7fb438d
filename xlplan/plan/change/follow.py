"""By how much flows follow a changed one (PLANNING d); which ones, the driver tree says.

When one factor of a product is edited, another one *gives*. A flow that follows moves day by day in the same ratio, is rounded to whole units month by month, and respects
its own locks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from xlplan.errors import InfeasibleError, InputError
from xlplan.metrics import DRIVERS, GIVES, driver_of, moving
from xlplan.metrics.money import CENTS_PER_YUAN, MONEY_DIGITS
from xlplan.plan.change.grid import limits_of
from xlplan.plan.change.holds import SPEND, label
from xlplan.plan.change.meet import meet
from xlplan.plan.change.refusal import renamed
from xlplan.plan.exact.rounding import largest_remainder
from xlplan.plan.exact.units import ratio, to_cents

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.metrics import Registry
    from xlplan.plan.change.grid import Grid, Limits
    from xlplan.plan.change.meet import Asked
    from xlplan.plan.exact.units import Bools, Floats, Ints

#: Share of a cell beyond which its rounding shows: a few orders a day, never money.
SHOWS = 0.01


class Off(NamedTuple):
    """Cells that rounding put visibly away from their ratio, and the widest distance."""

    cells: int
    widest: float


NOTHING = Off(0, 0.0)


def moved_by(metric: str, gives: str) -> dict[str, int]:
    """Return what moves with a metric when `gives` (a name, a label or "") gives, with its powers.

    Raises:
        InputError: Nothing of that name can give; the message lists what can.
    """
    choices = DRIVERS[metric].gives
    key = GIVES.get(gives, gives) or next(iter(choices))
    if key not in choices:
        labels = {name: label for label, name in GIVES.items()}
        listed = "、".join(labels[name] for name in choices)
        raise InputError(f"改这个指标时不能由“{gives}”来让", f"可以选：{listed}")
    return moving(metric, key)


def followers(grid: Grid, metric: str, gives: str) -> list[str]:
    """Return the planned columns that follow an edited flow, the spend as its channels."""
    root = SPEND if metric.startswith("spend_") else metric
    names = moved_by(root, gives) if root in DRIVERS and DRIVERS[root].gives else {}
    listed: list[str] = []
    for name in names:
        listed += grid.family(SPEND) if name == SPEND else [name]
    if root == SPEND and GIVES.get(gives, gives) in ("", "uv"):
        listed += visits_of(grid, grid.family(metric))
    if SPEND in names:
        listed += visits_of(grid, grid.family(SPEND))
    return [name for name in dict.fromkeys(listed) if name in grid.columns]


def visits_of(grid: Grid, spends: list[str]) -> list[str]:
    """Return the paid visits that belong to the spend of channels."""
    names = [f"uv_{name.removeprefix('spend_')}" for name in spends]
    return [name for name in names if name in grid.columns]


def followed(  # noqa: PLR0913, PLR0917  # one question about two flows
    old: Floats, before: Floats, after: Floats, free: Bools, unit: float, month: Floats
) -> Floats:
    """Return a flow after its driver changed.

    Args:
        old: (s, d) the flow now, NaN where not planned.
        before: (s, d) the driver before.
        after: (s, d) the driver after.
        free: (s, d) cells of the flow that may move.
        unit: Its smallest step.
        month: (d,) month of each day; each store's month comes to whole units, and stays where
            the driver's month stays.
    """
    moving = free & (before != after) & ~np.isnan(old) & ~np.isnan(after)
    if not moving.any():
        return old
    wanted = np.where(
        moving, _scaled(np.nan_to_num(old), np.nan_to_num(before), np.nan_to_num(after)), 0.0
    )
    step, per = ratio(unit)
    made = old.copy()
    for number in np.unique(month[moving.any(axis=0)]):
        days = month == number
        quotas = wanted[:, days] * per / step
        rest = np.rint(quotas.sum(axis=1)).astype(np.int64)
        mine = moving[:, days]
        same = _sum(after[:, days], mine) == _sum(before[:, days], mine)
        rest = np.where(same, _sum(old[:, days], mine) * per // (step * CENTS_PER_YUAN), rest)
        whole = largest_remainder(quotas, rest) * step / per
        made[:, days] = np.where(moving[:, days], whole, made[:, days])
    return made


def _sum(values: Floats, inside: Bools) -> Ints:
    """Return each row's sum over some cells, in whole fen."""
    return np.asarray(to_cents(np.where(inside, values, 0.0)).sum(axis=1), dtype=np.int64)


def _scaled(old: Floats, before: Floats, after: Floats) -> Floats:
    """Return old · after ÷ before; where the driver was zero, the year's ratio stands in."""
    base = before.sum(axis=1, keepdims=True)
    usual = np.divide(
        old.sum(axis=1, keepdims=True), base, out=np.zeros(base.shape), where=base > 0
    )
    return np.asarray(np.divide(old * after, before, out=after * usual, where=before > 0))


def follow(  # noqa: PLR0913, PLR0917  # one question about one change
    grid: Grid,
    before: dict[str, Floats],
    metric: str,
    gives: str,
    stays: Mapping[str, Bools],
    standing: Mapping[tuple[str, ...], Asked],
) -> dict[str, Off]:
    """Let the drivers of an edited flow follow.

    Args:
        grid: The plan, changed in place.
        before: (s, d) each column before the change.
        metric: The edited flow.
        gives: Which driver gives.
        stays: (s, d) cells by column that were asked for or have followed already.
        standing: Family → the totals asked of it.

    Returns:
        Each column that followed, with what rounding did to it.
    """
    month = grid.year.calendar.days["month"].to_numpy()
    names = followers(grid, metric, gives)
    off = dict.fromkeys(names, NOTHING)
    for family in dict.fromkeys(tuple(grid.family(name)) for name in names):
        limits = limits_of(grid, family)
        held = dict(zip(family, np.split(limits.held, len(family)), strict=True))
        made = {name: grid.columns[name] for name in family}
        for name in family:
            if name in names:
                driver = _driver(grid, metric, name)
                old, now = (_values(columns, driver) for columns in (before, grid.columns))
                was, free = made[name], ~held[name] & ~stays.get(name, np.False_)
                made[name] = followed(was, old, now, free, grid.unit(name), month)
                off[name] = _off(was, old, now, made[name])
        values = np.vstack(list(made.values()))
        if not np.array_equal(values, grid.stack(family), equal_nan=True):
            asked = standing.get(family, {})
            grid.put(family, _within(grid, family, limits, values, asked))
    return off


def _off(old: Floats, before: Floats, after: Floats, made: Floats) -> Off:
    """Return how many cells rounding put so far from their ratio that it shows, and the widest."""
    exact = np.nan_to_num(_scaled(np.nan_to_num(old), before, after))
    away = np.where(made != old, np.abs(np.nan_to_num(made) - exact), 0.0)
    shows = away > SHOWS * exact
    return Off(int(shows.sum()), float(away[shows].max(initial=0.0)))


def rounded(off: Mapping[str, Off], metrics: Registry) -> list[str]:
    """Return one line on what rounding did to the metrics that followed; none when it does not show."""
    named: dict[str, Off] = {}
    for name, each in off.items():
        what = label(SPEND if name.startswith("spend_") else name, metrics)
        there = named.get(what, NOTHING)
        named[what] = Off(there.cells + each.cells, max(there.widest, each.widest))
    shown = {what: each for what, each in named.items() if each.cells}
    if not shown:
        return []
    cells = "、".join(f"{what} {each.cells} 格" for what, each in list(shown.items())[:4])
    widest = max(each.widest for each in shown.values())
    more = " 等" if len(shown) > 4 else ""
    return [
        f"跟着变的取整：{cells}{more}离按比例的数超过 {SHOWS:.0%}，最多差 {widest:.2g}；各店各月合计只差不到 1 个最小单位"
    ]


def _driver(grid: Grid, metric: str, name: str) -> list[str]:
    """Return the columns whose sum a follower moves with."""
    if name.startswith("uv_"):
        return [driver_of(name).root]
    return grid.family(metric) if metric == SPEND or metric.startswith("spend_") else [metric]


def _values(columns: dict[str, Floats], names: Sequence[str]) -> Floats:
    total = np.sum([np.nan_to_num(columns[name]) for name in names], axis=0)
    return np.asarray(np.round(total, MONEY_DIGITS))


def _within(
    grid: Grid, names: Sequence[str], limits: Limits, values: Floats, asked: Asked
) -> Floats:
    """Return a follower inside its own limits and locked totals."""
    unplanned = np.isnan(values)
    now = np.nan_to_num(values)
    touched = now != np.nan_to_num(grid.stack(names))
    if limits.bounds is not None:
        now = np.where(touched, np.clip(now, *limits.bounds), now)
    try:
        made = meet(limits, now, asked, touched, unplanned, grid.unit(names[0]))
    except InfeasibleError as refusal:
        raise renamed(refusal, grid, limits) from None
    return np.where(unplanned, np.nan, made)
