"""What a plan can be shaped like: another store, a kept version, last year, the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.errors import InputError
from xlplan.sheets.history.kept import LAST_YEAR, in_shape, kept_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from xlplan.sheets.history.page import Version
    from xlplan.sheets.state.book import BookState

    Floats = NDArray[np.float64]

LAST = (LAST_YEAR, "上年")
WEIGHTS, _ACTUALS = ("权重", "日历", "日历权重"), ("实际", "今年实际")


def references(state: BookState) -> Callable[[str, Sequence[tuple[str, str]]], Floats]:
    """Return the function that finds a reference by name for rows of (metric, store)."""

    def find(name: str, rows: Sequence[tuple[str, str]]) -> Floats:
        return _find(state, name, rows)

    return find


def _find(state: BookState, name: str, rows: Sequence[tuple[str, str]]) -> Floats:
    year = state.year
    if name in WEIGHTS:
        return np.vstack([year.day_weights(store) for _, store in rows])
    if name in year.stores:
        return _rows(year.plan, [(metric, name) for metric, _ in rows], name)
    if name in _ACTUALS:
        return _rows(year.actuals, rows, name)
    version = _version(state.versions, name)
    if version is None:
        known = [*(v.name for v in state.versions), *year.stores, "权重", "实际"]
        how = (
            "先用“版本”导入去年的计划表（--do import --file 去年.xlsx）；" if name in LAST else ""
        )
        raise InputError(f"没有可以参照的“{name}”", f"{how}可以参照：{'、'.join(known)}")
    plan = kept_plan(version)
    if int(version.year) != year.year:
        plan = aligned(plan, state)
    return _rows(in_shape(plan, year.plan), rows, name)


def _version(versions: Sequence[Version], name: str) -> Version | None:
    found = [v for v in versions if v.name == name]
    if not found and name in LAST:
        found = [v for v in versions if v.kind == LAST_YEAR]
    return found[-1] if found else None


def aligned(plan: pd.DataFrame, state: BookState) -> pd.DataFrame:
    """Return another year's days laid over this year's by 可比日期 (the calendar's comparable days).

    A day without a value there takes the average of its month's other days.
    """
    year = state.year
    comparable = pd.DatetimeIndex(year.calendar.days["comparable"])
    days = pd.DatetimeIndex(year.calendar.days.index)
    stores = [store for store in year.stores if store in plan.index.unique("store")]
    if not stores and len(year.stores) == 1:
        only = plan.index.unique("store")[0]
        plan, stores = plan.rename(index={only: year.stores[0]}, level="store"), [year.stores[0]]
    parts: dict[str, pd.DataFrame] = {}
    for store in stores:
        found = pd.DataFrame(plan.xs(store, level="store")).reindex(comparable).set_axis(days)
        usual = found.groupby(days.month).transform("mean")
        parts[store] = found.fillna(usual)
    if not parts:
        raise InputError("去年的数据里没有本计划的店铺", f"店铺名要一致：{'、'.join(year.stores)}")
    return pd.concat(parts, names=["store", "date"])


def _rows(frame: pd.DataFrame, rows: Sequence[tuple[str, str]], name: str) -> Floats:
    """Return rows of a frame; refuses where there is nothing to take the shape from."""
    stores = list(frame.index.unique("store"))
    made = []
    for metric, store in rows:
        if metric in frame.columns and store in stores:
            table = frame[metric].to_numpy(np.float64).reshape(len(stores), -1)
            made.append(np.nan_to_num(table[stores.index(store)]))
        else:
            made.append(np.zeros(len(frame) // max(len(stores), 1)))
    found = np.vstack(made)
    if not found.any():
        raise InputError(f"参照“{name}”里没有这个指标的数", "换一个参照，或先导入")
    return found
