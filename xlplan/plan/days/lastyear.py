"""What last year's sales say of this year's days: by date, and by 可比日期.

Like is compared with like: a day counts on both sides or on neither, store by store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.plan.exact.units import Floats

#: What last year says of this year's days, each a column of _实际 (`against`).
PAST = ("gmv_last_year", "gmv_target_like", "gmv_comparable", "gmv_past", "gmv_like")
#: A year with more missing days than this is no whole year: nothing is compared with its total.
MOST_MISSING = 36


def net_sales(frame: pd.DataFrame) -> Floats:
    """Return sales less exclusions, row by row; NaN where sales are not known."""
    sales: Floats = frame["gmv"].to_numpy(np.float64)
    if "gmv_excluded" not in frame:
        return sales
    excluded: Floats = np.nan_to_num(frame["gmv_excluded"].to_numpy(np.float64))
    net: Floats = np.round(sales - excluded, 2)
    return net


def against(
    actuals: pd.DataFrame,
    plan: pd.DataFrame,
    last: pd.DataFrame | None,
    comparable: pd.DatetimeIndex,
) -> dict[str, Floats]:
    """Return the columns `PAST`, each over the (store, day) grid of the year.

    ``gmv_last_year`` is the same date's sales (a 29 February counts with the 28th), ``gmv_comparable``
    the comparable day's; ``gmv_target_like`` is what is planned where the former is known,
    ``gmv_like`` and ``gmv_past`` are actual and comparable sales of the days that know both.

    Args:
        actuals: This year's actuals.
        plan: This year's plan, the same index.
        last: Last year's actuals; None when nothing is known.
        comparable: Each day's comparable day.
    """
    if last is None or "gmv" not in last:
        return dict.fromkeys(PAST, np.full(len(actuals), np.nan))
    stores = list(actuals.index.unique("store"))
    days = pd.DatetimeIndex(actuals.index.unique("date"))
    same, like = _of_same_dates(last, stores, days), _laid(last, stores, comparable).ravel()
    sold = net_sales(actuals)
    both = ~np.isnan(sold) & ~np.isnan(like)
    columns = (
        same,
        np.where(np.isnan(same), np.nan, plan["gmv"].to_numpy(np.float64)),
        like,
        np.where(both, like, np.nan),
        np.where(both, sold, np.nan),
    )
    return dict(zip(PAST, columns, strict=True))


def _laid(last: pd.DataFrame, stores: Sequence[str], days: pd.DatetimeIndex) -> Floats:
    """Return last year's sales of these days, (stores, days)."""
    sales = pd.Series(net_sales(last), index=last.index)
    known = sales.index.unique("store")
    missing = np.full(len(days), np.nan)
    rows = [
        sales.xs(store, level="store").reindex(days).to_numpy(np.float64)
        if store in known
        else missing
        for store in stores
    ]
    return np.vstack(rows)


def _of_same_dates(last: pd.DataFrame, stores: Sequence[str], days: pd.DatetimeIndex) -> Floats:
    """Return the sales of each day's date a year before: none for a 29 February, both days' for a 28th after one."""
    before = days - pd.DateOffset(years=1)
    table = _laid(last, stores, pd.DatetimeIndex(before.where(before.day == days.day)))
    leap = pd.Timestamp(days[0].year - 1, 2, 28) + pd.Timedelta(days=1)
    if leap.month == 2:
        extra, place = _laid(last, stores, pd.DatetimeIndex([leap]))[:, 0], 31 + 27
        with_it = np.round(np.nan_to_num(table[:, place]) + extra, 2)
        table[:, place] = np.where(np.isnan(extra), table[:, place], with_it)
    return table.ravel()


def missing_days(last: pd.DataFrame, store: str) -> int | None:
    """Return how many days of last year a store does not know; None when it knows none."""
    if store not in last.index.unique("store"):
        return None
    known = last.xs(store, level="store")["gmv"].notna()
    return int((~known).sum()) if known.any() else None
