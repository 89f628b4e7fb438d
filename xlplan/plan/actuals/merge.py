"""Actuals from what staff typed and what sources said: one value per store, day and metric.

Precedence: 财务确认 before platform exports (by their rank) before 店员, unless the book
says that staff stand first for a metric. Missing is never zero; partial days stay out;
channels without a row of their own go to 其他推广 once, after their sources were settled.
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from xlplan.metrics import METRICS, Add, Unit
from xlplan.plan.actuals.contributions import SAME, Batch, long, no_rows, order
from xlplan.plan.year import actual_columns, day_grid
from xlplan.record import bundle, record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from xlplan.metrics import Registry
    from xlplan.plan.year import Settings, Year

FINANCE_RANK, STAFF_FIRST_RANK, STAFF_RANK = 0.0, 1.0, 90.0
STAFF, STAFF_NAME = "staff", "店员"
FINANCE, FINANCE_NAME = "finance", "财务确认"
#: One value of the book.
SPOT = ["store", "date", "metric"]
_ALL = "全部"
_FOLDED = ("spend_", "uv_", "gmv_")


@record
class Rules:
    """How sources that disagree are settled.

    Attributes:
        staff_first: Metrics for which 店员 stands before exports (never before 财务确认).
        tolerance: Relative difference between two sources that is worth a word.
    """

    staff_first: frozenset[str] = frozenset()
    tolerance: float = 0.01


@bundle
class Merged:
    """What stands.

    Attributes:
        actuals: Index (store, date) over the year, columns `actual_columns`; NaN is not known.
        origins: One line per value that stands, with store, date, metric, value, source, name,
            file, time: where each cell comes from.
        disputes: Other sources' values that differ beyond the tolerance: store, date, metric,
            value, name and file of the one that stands, other, other_name, other_file.
        folded: Channel metrics without a row of their own, and their sums.
    """

    actuals: pd.DataFrame
    origins: pd.DataFrame
    disputes: pd.DataFrame
    folded: Mapping[str, float] = field(default_factory=dict)


def rules_of(settings: Settings) -> Rules:
    """Return the rules of a book; names in 以店员为准的指标 that mean nothing are left out."""
    names = _named(settings)
    if _ALL in names:
        return Rules(frozenset(stored_metrics()), settings.tolerance)
    found = (settings.registry.find(name) for name in names)
    return Rules(frozenset(metric.name for metric in found if metric), settings.tolerance)


def unknown_names(settings: Settings) -> list[str]:
    """Return what stands in 以店员为准的指标 and names no metric."""
    return [name for name in _named(settings) if name != _ALL and not settings.registry.find(name)]


def _named(settings: Settings) -> list[str]:
    return [name for name in re.split(r"[、，,；;\s]+", settings.staff_first) if name]


def staff_rows(typed: Mapping[tuple[str, date], Mapping[str, object]]) -> pd.DataFrame:
    """Return what staff typed, by (store, day), as contribution rows."""
    known = {
        pair: {name: value for name, value in values.items() if name in METRICS}
        for pair, values in typed.items()
    }
    known = {pair: values for pair, values in known.items() if values}
    if not known:
        return no_rows()
    index = pd.MultiIndex.from_arrays(
        [[store for store, _ in known], pd.to_datetime([day for _, day in known])],
        names=["store", "date"],
    )
    frame = pd.DataFrame(list(known.values()), index=index).astype(float)
    return Batch(frame, STAFF, STAFF_NAME, rank=STAFF_RANK).rows()


def stored_metrics() -> list[str]:
    """Return the metrics that a contribution can hold: every base metric of every channel."""
    return actual_columns(METRICS)


def merge(  # noqa: PLR0913  # the parts of one question, all named
    rows: pd.DataFrame,
    staff: pd.DataFrame,
    *,
    stores: Sequence[str],
    year: int,
    metrics: Registry,
    rules: Rules | None = None,
) -> Merged:
    """Settle every cell of the year.

    Args:
        rows: Contributions of exports.
        staff: Contributions of staff (`staff_rows`).
        stores: The book's stores, in order.
        year: The plan year; other days are left out.
        metrics: The registry under the book's settings.
        rules: Precedence and tolerance.
    """
    rules = rules or Rules()
    cells = long(rows[~rows["partial"].astype(bool)])
    exports, early = _settle(cells, rules.tolerance)
    exports, folded = _fold(exports, metrics)
    typed = long(staff)
    typed["rank"] = np.where(typed["metric"].isin(rules.staff_first), STAFF_FIRST_RANK, STAFF_RANK)
    settled, late = _settle(pd.concat([exports, typed], ignore_index=True), rules.tolerance)
    actuals = _placed(settled, day_grid(stores, year), actual_columns(metrics))
    return Merged(
        with_last_month(actuals, metrics),
        settled,
        pd.concat([early, late], ignore_index=True),
        folded,
    )


def merge_year(rows: pd.DataFrame, staff: pd.DataFrame, year: Year) -> Merged:
    """Merge contributions under the settings of a book."""
    return merge(
        rows,
        staff,
        stores=year.stores,
        year=year.year,
        metrics=year.metrics,
        rules=rules_of(year.settings),
    )


def _settle(cells: pd.DataFrame, tolerance: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the cells that stand, and those that differ from them."""
    by = [*SPOT, "rank", "time", "saved", "source", "file"]
    cells = cells.iloc[order(cells, by, falling=("time", "saved"))].reset_index(drop=True)
    first = ~cells.duplicated(SPOT)
    stands = first.cumsum().to_numpy() - 1
    winners = cells[first].reset_index(drop=True)
    best = winners.iloc[stands].reset_index(drop=True)
    gap = (cells["value"] - best["value"]).abs()
    scale = np.maximum(cells["value"].abs(), best["value"].abs())
    apart = (gap >= SAME) & (gap > tolerance * scale)
    disputes = best.loc[apart, [*SPOT, "value", "source", "name", "file"]].copy()
    for name, column in (("other", "value"), ("other_source", "source"), ("other_name", "name"), ("other_file", "file")):  # fmt: skip
        disputes[name] = cells.loc[apart, column]
    return winners, disputes.reset_index(drop=True)


def _fold(cells: pd.DataFrame, metrics: Registry) -> tuple[pd.DataFrame, dict[str, float]]:
    """Move channels that have no row in the book to 其他推广."""
    homeless = ~cells["metric"].isin(actual_columns(metrics))
    target = {name: _home(name) for name in cells.loc[homeless, "metric"].unique()}
    if not target:
        return cells, {}
    sums = cells[homeless].groupby("metric")["value"].sum().round(2)
    moved = cells.assign(metric=cells["metric"].replace(target))
    moved = moved[moved["metric"] != ""]
    into = moved["metric"].isin(set(target.values()))
    added = moved[into].groupby(SPOT, sort=False, as_index=False).agg(_TOGETHER)
    added["value"] = added["value"].round(2)
    return pd.concat([moved[~into], added], ignore_index=True), {str(k): float(v) for k, v in sums.items()}  # fmt: skip


def _home(metric: str) -> str:
    kind = next((kind for kind in _FOLDED if metric.startswith(kind)), "")
    return f"{kind}other" if kind else ""


def _names(texts: pd.Series) -> str:
    return "、".join(dict.fromkeys(texts))


_TOGETHER: Any = {
    "source": "first", "file": _names, "name": _names, "rank": "min", "time": "max",
    "saved": "max", "partial": "first", "value": "sum",
}  # fmt: skip


def _placed(cells: pd.DataFrame, grid: pd.MultiIndex, names: list[str]) -> pd.DataFrame:
    values = np.full((len(grid), len(names)), np.nan)
    row = grid.get_indexer(pd.MultiIndex.from_frame(cells[["store", "date"]]))
    column = pd.Index(names).get_indexer(pd.Index(cells["metric"]))
    inside = (row >= 0) & (column >= 0)
    values[row[inside], column[inside]] = cells["value"].to_numpy()[inside]
    return pd.DataFrame(values, index=grid, columns=names)


def with_last_month(actuals: pd.DataFrame, metrics: Registry) -> pd.DataFrame:
    """Return actuals with last month's same day (its last day when it has no such day).

    What a source gave stays where the year does not reach back (January). 上月同日销售额
    stands only on days whose own sales are known, so that both sums cover the same days.
    """
    days = pd.DatetimeIndex(actuals.index.unique("date"))
    stores = len(actuals) // len(days)
    back = _same_day_last_month(days)
    made = actuals.copy()
    own = made["gmv"].notna().to_numpy()
    for base, name in (("orders", "orders_last_month"), ("gmv", "gmv_last_month")):
        before = _net(made, f"{base}_net", metrics).reshape(stores, -1)[:, back]
        before = np.where(back < 0, np.nan, before).ravel()
        found = np.where(np.isnan(before), made[name].to_numpy(), before)
        made[name] = np.where(own, found, np.nan) if base == "gmv" else found
    return made


def _net(actuals: pd.DataFrame, name: str, metrics: Registry) -> NDArray[np.float64]:
    formula = metrics[name].formula
    assert formula is not None  # noqa: S101 - the registry defines it
    net = formula.evaluate({part: actuals[part].to_numpy(float) for part in formula.names})
    return np.round(net, 2 if metrics[name].unit is Unit.MONEY else 0)


def _same_day_last_month(days: pd.DatetimeIndex) -> NDArray[np.intp]:
    """Return the position of each day's counterpart, −1 where it lies in the year before."""
    return days.get_indexer(days - pd.DateOffset(months=1))


def immature(actuals: pd.DataFrame, as_of: date | None, maturity_days: int) -> set[tuple[str, date]]:  # fmt: skip
    """Return the (store, day) pairs whose refunds still grow (未成熟).

    A day is mature once `maturity_days` have passed up to `as_of`, the last day with
    actuals; refund rates of younger days are no ground for conclusions (DOMAIN §0.7).
    """
    if as_of is None:
        return set()
    known = actuals.index[actuals.notna().any(axis=1)]
    end = pd.Timestamp(as_of)
    young = end - pd.Timedelta(days=maturity_days)
    return {(str(store), day.date()) for store, day in known if young < day <= end}


def is_daily_metric(metric: str) -> bool:
    """Return whether values of single days may be stored for a metric (not 去重, not a ratio)."""
    return metric in METRICS and METRICS[metric].formula is None and METRICS[metric].add is not Add.DISTINCT  # fmt: skip
