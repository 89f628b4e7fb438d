"""Roll-up: from days to weeks, months, quarters and years, each metric by its own rule.

The sheets carry the same rules as live formulas; the agreement tests recalculate
them and compare with what is computed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.metrics import Add, Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from xlplan.metrics import Metric, Registry

    Floats = NDArray[np.float64]


def to_date_name(name: str) -> str:
    """Return the name of a flow's month-to-date companion (累计)."""
    return f"{name}@mtd"


def table(
    registry: Registry,
    names: Iterable[str],
    base: Mapping[str, Floats],
    totals: Sequence[NDArray[np.intp]],
) -> dict[str, Floats]:
    """Compute metrics over the days of one month and its total columns.

    Args:
        registry: Definitions.
        names: Metrics wanted; their operands are computed too.
        base: Base metric → values by day (NaN is missing); absent ones are all missing.
        totals: Day positions of each total column, without gaps; the last one is the whole month.

    Returns:
        Metric → values over days followed by the total columns. Flows that a to-date metric
        reads also appear as ``<name>@mtd``.
    """
    days = len(next(iter(base.values())))
    order = registry.order(names)
    done = _base_totals(
        registry, [name for name in order if not registry[name].formula], base, totals
    )
    for name in order:
        metric = registry[name]
        if metric.formula is None:
            continue
        if metric.window is Window.MONTH:
            whole = metric.formula.evaluate({n: done[n][-1:] for n in metric.formula.names})
            done[name] = np.full(days + len(totals), whole[0])
        elif metric.window is Window.TO_DATE:
            done[name] = _to_date(registry, metric, done, days, totals)
        elif metric.add is Add.FLOW:
            values = metric.formula.evaluate({n: done[n][:days] for n in metric.formula.names})
            done[name] = with_totals(metric, values, totals)
        else:
            done[name] = metric.formula.evaluate({n: done[n] for n in metric.formula.names})
    return done


def _base_totals(
    registry: Registry,
    names: Sequence[str],
    base: Mapping[str, Floats],
    totals: Sequence[NDArray[np.intp]],
) -> dict[str, Floats]:
    """Return base metrics with their totals: all that add up in one step."""
    days = len(next(iter(base.values())))
    missing = np.full(days, np.nan)
    found = {name: np.asarray(base.get(name, missing), dtype=np.float64) for name in names}
    adding = [name for name in names if not registry[name].last_value_total]
    if adding:
        summed = with_sums(np.stack([found[name] for name in adding]), totals)
        found |= dict(zip(adding, summed, strict=True))
    last = found.keys() - set(adding)
    return found | {name: with_totals_last(found[name], totals) for name in last}


def with_totals(metric: Metric, values: Floats, totals: Sequence[NDArray[np.intp]]) -> Floats:
    """Append the total columns: a sum, or the last known value for stocks and windows."""
    if metric.last_value_total:
        return with_totals_last(values, totals)
    return with_sums(values, totals)


def with_sums(values: Floats, totals: Sequence[NDArray[np.intp]]) -> Floats:
    """Append sums of what is known to the last axis, NaN where nothing is."""
    known = ~np.isnan(values)
    # sums between first and last position: reduceat takes pairs, the padding ends the last one
    ends = np.array([(days[0], days[-1] + 1) for days in totals]).ravel()
    end = np.zeros((*values.shape[:-1], 1))
    both = np.stack([np.where(known, values, 0.0), known])
    padded = np.concatenate([both, np.stack([end, end])], axis=-1)
    added, counted = np.add.reduceat(padded, ends, axis=-1)[..., ::2]
    return np.concatenate([values, np.where(counted > 0, added, np.nan)], axis=-1)


def total(values: Floats) -> float:
    """Return the sum of what is known; NaN when nothing is."""
    known = ~np.isnan(values)
    return float(values[known].sum()) if known.any() else float("nan")


def last(values: Floats) -> float:
    """Return the last known value; NaN when there is none."""
    known = np.flatnonzero(~np.isnan(values))
    return float(values[known[-1]]) if known.size else float("nan")


def to_date(values: Floats) -> Floats:
    """Return the running sum from the first day; missing until something is known."""
    known = ~np.isnan(values)
    running = np.cumsum(np.where(known, values, 0.0))
    return np.where(np.maximum.accumulate(known), running, np.nan)


def _to_date(
    registry: Registry,
    metric: Metric,
    done: dict[str, Floats],
    days: int,
    totals: Sequence[NDArray[np.intp]],
) -> Floats:
    """Evaluate over month-to-date flows, on days whose own operands are known."""
    assert metric.formula is not None  # noqa: S101 - windows are for derived metrics
    operands, known = {}, np.ones(days, dtype=bool)
    for name in metric.formula.names:
        operand = done[name][:days]
        known &= ~np.isnan(operand)
        if is_cumulated(registry[name]):
            operand = to_date(operand)
            done[to_date_name(name)] = with_totals_last(operand, totals)
        operands[name] = operand
    values = np.where(known, metric.formula.evaluate(operands), np.nan)
    return with_totals(metric, values, totals)


def with_totals_last(values: Floats, totals: Sequence[NDArray[np.intp]]) -> Floats:
    """Append total columns holding the last known value."""
    if np.isnan(values).all():
        return np.full(len(values) + len(totals), np.nan)
    return np.concatenate([values, np.array([last(values[days]) for days in totals])])


def is_cumulated(metric: Metric) -> bool:
    """True for operands that a to-date metric reads as a running sum."""
    return metric.add is Add.FLOW and metric.window is Window.DAY


def sums(values: Floats, groups: NDArray[np.intp], count: int) -> Floats:
    """Sum the last axis by group number; NaN where a group has nothing known.

    Args:
        values: Shape (…, days), NaN is missing.
        groups: Shape (days,), the group of each day, 0 … count - 1.
        count: Number of groups.

    Returns:
        Shape (…, count).
    """
    known = ~np.isnan(values)
    member = np.eye(count)[groups]
    found = known.astype(np.float64) @ member
    added = np.stack(
        [
            np.where(known, values, 0.0)[..., groups == group].sum(axis=-1)
            for group in range(count)
        ],
        axis=-1,
    )
    return np.where(found > 0, added, np.nan)
