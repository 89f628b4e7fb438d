"""Last year's edition of every campaign: a kept last year, laid over this one by 可比日期."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.plan import rollup
from xlplan.sheets.campaigns.pairs import AT, FIRST, LAST, pairs
from xlplan.sheets.history.kept import LAST_YEAR, kept_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Seen, Spot
    from xlplan.plan.exact.units import Floats
    from xlplan.sheets.state.book import BookState


def former_editions(state: BookState) -> dict[tuple[str, str], dict[str, float]]:
    """Return (campaign, store) → what last year's edition came to, where a last year is kept.

    A campaign of which last year misses a day's sales is left out: half an edition is none.
    """
    kept = [version for version in state.versions if version.kind == LAST_YEAR]
    if not kept:
        return {}
    plan, year = kept_plan(kept[-1]), state.year
    names = plan.index.unique("store")
    only = names[0] if len(names) == len(year.stores) == 1 else ""
    tables = {}
    for store in year.stores:
        if store in names or only:
            days = year.calendar.of(store).days["comparable"]
            table = pd.DataFrame(plan.xs(only or store, level="store"))
            tables[store] = _columns(table.reindex(pd.DatetimeIndex(days)))
    found = {}
    for pair in pairs(year):
        mine, inside = tables.get(pair.store, {}), slice(pair.first, pair.last + 1)
        if "gmv" in mine and not np.isnan(mine["gmv"][inside]).any():
            found[pair.event.name, pair.store] = {
                key: rollup.total(mine[key.removeprefix("last_")][inside])
                for key in LAST
                if key.removeprefix("last_") in mine
            }
    return found


def former_there(cells: Mapping[Spot, Seen]) -> dict[tuple[str, str], dict[str, float]]:
    """Return the same as _活动 says it."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    columns = {AT[key]: key for key in LAST}
    for (row, column), seen in cells.items():
        name, store = (cells.get((row, AT[key])) for key in ("name", "store"))
        if row >= FIRST and column in columns and isinstance(seen.value, int | float) and name and store:  # fmt: skip
            found.setdefault((str(name.value), str(store.value)), {})[columns[column]] = float(seen.value)  # fmt: skip
    return found


def _columns(table: pd.DataFrame) -> dict[str, Floats]:
    spent = [name for name in table.columns if str(name).startswith("spend_")]
    made = {name: table[name].to_numpy(np.float64) for name in ("gmv", "uv", "orders") if name in table}  # fmt: skip
    if spent:
        made["spend"] = table[spent].sum(axis=1, min_count=1).to_numpy(np.float64)
    return made
