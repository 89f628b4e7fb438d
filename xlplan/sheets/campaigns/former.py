"""Last year's edition of every campaign: a kept last year, laid over this one by 可比日期."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.sheets.campaigns.pairs import LAST, pairs

if TYPE_CHECKING:
    from xlplan.plan.exact.units import Floats
    from xlplan.plan.year import Year


def former_editions(year: Year) -> dict[tuple[str, str], dict[str, float]]:
    """Return (campaign, store) → what last year's edition came to, where a last year is kept.

    A campaign of which last year misses a day's sales is left out: half an edition is none.
    """
    if year.last is None:
        return {}
    names = year.last.index.unique("store")
    tables = {}
    for store in year.stores:
        if store in names:
            days = pd.DatetimeIndex(year.calendar.days["comparable"])
            tables[store] = _columns(
                pd.DataFrame(year.last.xs(store, level="store")).reindex(days)
            )
    found = {}
    for pair in pairs(year):
        mine, inside = tables.get(pair.store, {}), slice(pair.first, pair.last + 1)
        found[pair.event.name, pair.store] = {
            key: float(values[inside].sum())
            for key in LAST
            if (values := mine.get(key)) is not None and not np.isnan(values[inside]).any()
        }
    return found


def _columns(table: pd.DataFrame) -> dict[str, Floats]:
    spent = [name for name in table.columns if str(name).startswith("spend_")]
    names = [name for name in ("uv", "orders") if name in table]
    made = {f"last_{name}": table[name].to_numpy(np.float64) for name in names}
    if spent:
        made["last_spend"] = table[spent].sum(axis=1, min_count=1).to_numpy(np.float64)
    return made
