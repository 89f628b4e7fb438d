"""What sources said: one row per store, day, source and file, a column per metric.

Within one source the later export stands, cell by cell. The rule looks only at the
cells themselves (complete before partial, then export time, then saving time, then file
name), so that files may come in any order, any number of times.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.errors import Where
from xlplan.metrics.money import HALF_CENT
from xlplan.record import bundle, record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

#: What identifies a row, and what is known about it.
KEYS = ("store", "date", "source", "file")
ABOUT = ("name", "rank", "time", "saved", "partial")
FIXED = (*KEYS, *ABOUT)
#: What identifies a contribution: one source's value of a metric on a day.
CELL = ["store", "date", "metric", "source"]
#: Differences below this are the same number written twice.
SAME = HALF_CENT


@record
class Batch:
    """What one source brought in one file.

    Attributes:
        frame: Index (store, date), a column per metric; NaN is not told.
        source: Key of the source (``sycm_shop``).
        name: Its name for users.
        file: File name.
        time: When the platform made it, ``2026-09-02 09:05`` or a date; else when saved.
        saved: When the file was last saved, ``2026-09-02 09:06:10``.
        rank: Lower is trusted first.
        partial: Days that were not over when it was made.
        daily: Whether it has a row for every day, so that a gap is worth saying.
        places: Where the first row of a store and day stands in the file.
    """

    frame: pd.DataFrame
    source: str
    name: str
    file: str = ""
    time: str = ""
    saved: str = ""
    rank: float = 10.0
    partial: frozenset[date] = field(default_factory=frozenset)
    daily: bool = True
    places: Mapping[tuple[str, date], Where] = field(default_factory=dict)

    def where(self, rows: pd.DataFrame) -> Where:
        """Return the place of the first of some rows of the frame, else the file."""
        spots = ((str(store), day.date()) for store, day in rows.index)
        return next((self.places[spot] for spot in spots if spot in self.places), Where(self.file))

    def rows(self) -> pd.DataFrame:
        """Return the batch as contribution rows."""
        made = self.frame.dropna(how="all").reset_index()
        made["date"] = made["date"].astype("datetime64[ns]")
        for name in ("source", "file", "name", "time", "saved"):
            made[name] = getattr(self, name)
        made["rank"] = float(self.rank)
        made["partial"] = made["date"].isin(pd.to_datetime(list(self.partial)))
        return made[[*FIXED, *(c for c in made.columns if c not in FIXED)]]


@bundle
class Upserted:
    """The result of taking rows in.

    Attributes:
        rows: All contributions that stand.
        restated: Cells whose source changed its own figure: store, date, metric, source,
            name, old, new, old_file, file.
        outdated: New cells that a later export held before had already replaced.
    """

    rows: pd.DataFrame
    restated: pd.DataFrame
    outdated: pd.DataFrame


def no_rows() -> pd.DataFrame:
    """Return contributions that say nothing."""
    text = {name: pd.Series(dtype=object) for name in FIXED}
    made = pd.DataFrame(text)
    made["date"] = made["date"].astype("datetime64[ns]")
    made["rank"] = made["rank"].astype(float)
    made["partial"] = made["partial"].astype(bool)
    return made


def upsert(held: pd.DataFrame, more: Sequence[pd.DataFrame]) -> Upserted:
    """Take contribution rows in; later exports of a source replace its earlier ones.

    Commutative and idempotent in `rows`; the other parts tell what happened this time.
    """
    cells = pd.concat([long(held).assign(new=False), *(long(rows).assign(new=True) for rows in more)], ignore_index=True)  # fmt: skip
    if cells.empty:
        return Upserted(no_rows(), _pairs(cells, cells), cells)
    cells["complete"] = ~cells["partial"].astype(bool)
    by = [*CELL, "complete", "time", "saved", "file", "value", "rank", "name", "new"]
    cells = cells.iloc[order(cells, by)].reset_index(drop=True)
    last = ~cells.duplicated(CELL, keep="last")
    restated = _restated(cells)
    final = cells["value"].where(last).bfill()
    standing = cells["new"].where(last).bfill().astype(bool)
    lost = ~last & cells["new"] & ~standing & _differ(cells["value"], final)
    return Upserted(wide(cells[last]), restated, cells[lost])


def _restated(cells: pd.DataFrame) -> pd.DataFrame:
    """Return each new figure that took the place of another one of its source."""
    follows = cells.duplicated(CELL)
    group = (~follows).cumsum()
    held = ~cells["new"]
    passed = held.groupby(group).cumsum() == held.groupby(group).transform("sum")
    before = cells.shift()
    moved = follows & cells["new"] & passed & _differ(cells["value"], before["value"])
    return _pairs(before[moved], cells[moved])


def _differ(one: pd.Series, other: pd.Series) -> pd.Series:
    return (one - other).abs() >= SAME


def _pairs(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    made = new[[*CELL, "name", "file"]].copy()
    made["new"], made["old"] = new["value"].to_numpy(), old["value"].to_numpy()
    made["old_file"] = old["file"].to_numpy()
    return made.reset_index(drop=True)


def long(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one line per known value: FIXED, metric, value."""
    metrics = [name for name in rows.columns if name not in FIXED]
    values = rows[metrics].to_numpy(dtype=np.float64)
    at, which = np.nonzero(~np.isnan(values))
    made = rows[list(FIXED)].iloc[at].reset_index(drop=True)
    made["metric"] = np.array(metrics, dtype=object)[which]
    made["value"] = values[at, which]
    return made


def wide(cells: pd.DataFrame) -> pd.DataFrame:
    """Return contribution rows from lines as `long` makes them, in their one order."""
    by = ["date", "store", "source", "file", "time", "saved", "partial", "rank", "name"]
    cells = cells.iloc[order(cells, by)].reset_index(drop=True)
    first = ~cells.duplicated(list(FIXED)).to_numpy()
    row = np.cumsum(first) - 1
    metrics = sorted(cells["metric"].unique())
    column = pd.Index(metrics).get_indexer(pd.Index(cells["metric"]))
    values = np.full((int(first.sum()), len(metrics)), np.nan)
    values[row, column] = cells["value"].to_numpy()
    made = cells.loc[first, list(FIXED)].reset_index(drop=True)
    return pd.concat([made, pd.DataFrame(values, columns=metrics)], axis=1)


def order(frame: pd.DataFrame, by: Sequence[str], falling: Sequence[str] = ()) -> NDArray[np.intp]:
    """Return the positions that sort a frame; `falling` columns sort from large to small."""
    keys = []
    for name in by:
        codes = pd.factorize(frame[name], sort=True)[0]
        keys.append(-codes if name in falling else codes)
    return np.lexsort(keys[::-1])
