"""Actuals that can hardly be right: asked about with their cell, never dropped, until confirmed.

The rules look at one store's day: sales against the day's target, a part against its whole,
counts with fractions, figures below zero, a day equal to the day before. What they find is a
question; a person mends the figure or says that it is right (`Confirmed`), and a figure that
changes afterwards is asked about again.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.errors import Level, Problem, Where
from xlplan.metrics import Unit
from xlplan.plan.year import actual_columns
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from datetime import date

    from numpy.typing import NDArray

    from xlplan.metrics import Registry
    from xlplan.plan.year import Year

    Columns = dict[str, NDArray[np.float64]]

#: Sales beyond so many times the day's target, or below this part of it, are asked about.
MOST_OF_TARGET, LEAST_OF_TARGET = 5.0, 0.1
#: A part and the whole it cannot exceed: their ratio is a share.
SHARES = (
    ("orders", "uv"),
    ("buyers", "uv"),
    ("inquiries", "uv"),
    ("inquiry_orders", "inquiries"),
    ("refund_units", "units"),
    ("new_buyers", "buyers"),
    ("repeat_buyers", "buyers"),
    ("sold_skus", "listed_skus"),
)
#: Fewer figures than this may well be equal on two days.
_FEWEST_EQUAL = 3
_HALF_CENT = 0.005


@record
class Implausible:
    """One question about a store's day.

    Attributes:
        store: The store.
        day: The day.
        metrics: The figures it is about, the doubtful one first.
        what: The question, in Chinese, with the values.
        rule: ``target``, ``share``, ``fraction``, ``negative`` or ``repeated``.
        mark: A short mark of the figures asked about; another one when they change.
    """

    store: str
    day: date
    metrics: tuple[str, ...]
    what: str
    rule: str
    mark: str


def implausible(year: Year, confirmed: Collection[str] = ()) -> list[Implausible]:
    """Return the questions about a year's actuals, by store and day.

    Args:
        year: Its `actuals` are looked at, its `plan` holds the days' targets.
        confirmed: Marks that a person confirmed: these are not asked again.
    """
    names = [n for n in actual_columns(year.metrics) if not n.endswith("_last_month")]
    known = [name for name in names if name in year.actuals.columns]
    columns = {name: year.actuals[name].to_numpy(np.float64) for name in known}
    rules = (_against_target, _shares, _fractions, _negatives, _repeated)
    found = [each for rule in rules for each in rule(year, columns)]
    open_ones = [each for each in found if each.mark not in confirmed]
    place = {store: at for at, store in enumerate(year.stores)}
    return sorted(open_ones, key=lambda each: (place.get(each.store, -1), each.day))


def flagged(year: Year, confirmed: Collection[str] = ()) -> set[tuple[str, date, str]]:
    """Return the (store, day, metric) that sheets mark until they are mended or confirmed."""
    return {
        (each.store, each.day, metric)
        for each in implausible(year, confirmed)
        for metric in each.metrics
    }


def questions(
    found: Iterable[Implausible], find: Callable[[str, date, str], Where]
) -> list[Problem]:
    """Return the questions as findings, each with its cell.

    Args:
        found: The questions.
        find: Where a person finds the figure of a store, day and metric.
    """
    remedy = "错了请改原表再导入；没错请用“导入实际”的“核对无误的日子”确认"
    return [
        Problem(
            find(each.store, each.day, each.metrics[0]),
            f"{each.store} {each.day}：{each.what}", Level.WARNING, remedy, f"odd_{each.rule}",
        )
        for each in found
    ]  # fmt: skip


def _question(year: Year, at: int, metrics: tuple[str, ...], what: str, rule: str) -> Implausible:
    store, moment = year.actuals.index[at]
    day = pd.Timestamp(moment).date()
    values = [repr(year.actuals[name].to_numpy(np.float64)[at].item()) for name in metrics]
    said = "|".join([rule, str(store), str(day), *metrics, *values])
    return Implausible(str(store), day, metrics, what, rule, hashlib.sha256(said.encode()).hexdigest()[:12])  # fmt: skip


def _against_target(year: Year, columns: Columns) -> Iterator[Implausible]:
    if "gmv" not in columns or "gmv" not in year.plan.columns:
        return
    target = year.plan["gmv"].reindex(year.actuals.index).to_numpy(np.float64)
    sold = columns["gmv"] - np.nan_to_num(columns.get("gmv_excluded", np.zeros_like(target)))
    with np.errstate(invalid="ignore"):
        odd = (target > 0) & ((sold > MOST_OF_TARGET * target) | (sold < LEAST_OF_TARGET * target))
    label = year.metrics["gmv"].label
    for at in np.flatnonzero(odd):
        times = sold[at] / target[at]
        what = f"{label} {sold[at]:,.10g} 是当天目标 {target[at]:,.10g} 的 {times:.3g} 倍，是不是多写少写了位数？"
        yield _question(year, int(at), ("gmv",), what, "target")


def _shares(year: Year, columns: Columns) -> Iterator[Implausible]:
    labels = _labels(year.metrics)
    for part, whole in SHARES:
        if part not in columns or whole not in columns:
            continue
        with np.errstate(invalid="ignore"):
            odd = columns[part] > columns[whole]
        for at in np.flatnonzero(odd):
            less, more = columns[whole][at], columns[part][at]
            what = f"{labels[part]} {more:,.10g} 比{labels[whole]} {less:,.10g} 还多，是不是填错了列或多写了位数？"
            yield _question(year, int(at), (part, whole), what, "share")


def _fractions(year: Year, columns: Columns) -> Iterator[Implausible]:
    for name, values in columns.items():
        if year.metrics[name].unit is not Unit.COUNT:
            continue
        with np.errstate(invalid="ignore"):
            odd = values != np.round(values)
        for at in np.flatnonzero(odd & ~np.isnan(values)):
            what = (
                f"{year.metrics[name].label} {values[at]:.10g} 不是整数，是不是填成了比率或金额？"
            )
            yield _question(year, int(at), (name,), what, "fraction")


def _negatives(year: Year, columns: Columns) -> Iterator[Implausible]:
    for name, values in columns.items():
        with np.errstate(invalid="ignore"):
            odd = values < 0
        for at in np.flatnonzero(odd):
            what = (
                f"{year.metrics[name].label} {values[at]:,.10g} 小于 0，是不是退款写进了这一列？"
            )
            yield _question(year, int(at), (name,), what, "negative")


def _repeated(year: Year, columns: Columns) -> Iterator[Implausible]:
    """A day that says in every figure what the day before says was copied, most likely."""
    if not columns:
        return
    names = list(columns)
    table = np.column_stack([columns[name] for name in names])
    before = np.vstack([np.full((1, len(names)), np.nan), table[:-1]])
    stores = year.actuals.index.get_level_values("store").to_numpy()
    here = ~np.isnan(table)
    with np.errstate(invalid="ignore"):
        equal = np.abs(table - before) < _HALF_CENT
    same = (here == ~np.isnan(before)).all(axis=1) & (equal | ~here).all(axis=1)
    same &= (equal & (table != 0)).sum(axis=1) >= _FEWEST_EQUAL
    same[1:] &= stores[1:] == stores[:-1]
    for at in np.flatnonzero(same):
        told = tuple(name for name, known in zip(names, here[at], strict=True) if known)
        what = f"{len(told)} 个数与前一天一模一样，是不是复制了前一天？"
        yield _question(year, int(at), told, what, "repeated")


def _labels(metrics: Registry) -> Mapping[str, str]:
    return {name: metric.label for name, metric in metrics.metrics.items()}
