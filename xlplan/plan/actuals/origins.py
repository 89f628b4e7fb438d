"""Where the actuals come from, for people: in words per day, and cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.plan.actuals.contributions import long, order

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from numpy.typing import NDArray

    from xlplan.plan.actuals.merge import Merged

_DAY = ["store", "date"]


def origin_texts(
    origins: pd.DataFrame, rows: pd.DataFrame, actuals: pd.DataFrame
) -> dict[tuple[str, date], str]:
    """Return, by (store, day), the sources whose values stand: ``生意参谋 店铺 09-08；店员``.

    Args:
        origins: Lines of `Merged.origins`.
        rows: All contributions; partial days among them are named as not counted.
        actuals: What the book holds; values that it does not hold yet are not named.
    """
    said = origins[_held(origins, actuals)]
    partial = rows[rows["partial"].astype(bool)]
    stands = pd.MultiIndex.from_frame(origins[[*_DAY, "name"]])
    partial = partial[~pd.MultiIndex.from_frame(partial[[*_DAY, "name"]]).isin(stands)]
    texts: dict[tuple[str, date], dict[str, str]] = {}
    for store, day, name, time in _in_order(said):
        texts.setdefault((store, day), {})[name] = f"{name} {time[5:10]}".strip()
    for store, day, name, time in _in_order(partial):
        shown = f"{name} {time[5:16]} 当天未结束，未计入"
        texts.setdefault((store, day), {}).setdefault(f"{name}…", shown)
    return {pair: "；".join(parts.values()) for pair, parts in texts.items()}


def _held(origins: pd.DataFrame, actuals: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which lines the book holds a value for."""
    row = actuals.index.get_indexer(pd.MultiIndex.from_frame(origins[_DAY]))
    column = actuals.columns.get_indexer(pd.Index(origins["metric"]))
    known: NDArray[np.bool_] = ~np.isnan(actuals.to_numpy(np.float64)[row, column])
    return known & (row >= 0) & (column >= 0)


def _in_order(lines: pd.DataFrame) -> Iterable[tuple[str, date, str, str]]:
    """Yield each (store, day, name) once with its latest time, the trusted sources first."""
    by = ["store", "date", "rank", "name", "time"]
    lines = lines.iloc[order(lines, by)].drop_duplicates([*_DAY, "name"], keep="last")
    days = lines["date"].dt.date
    return zip(lines["store"], days, lines["name"], lines["time"], strict=True)


def told(
    rows: pd.DataFrame, staff: pd.DataFrame, merged: Merged, metric: str
) -> list[dict[str, object]]:
    """Return who told a metric, the value that stands first.

    Args:
        rows: Contributions of exports, of one store and day.
        staff: Contributions of staff, of the same.
        merged: What was made of both.
        metric: A base metric; for 其他推广 the channels that went there are told, too.
    """
    cells = pd.concat([long(rows), long(staff)], ignore_index=True)
    kind = metric.removesuffix("other")
    wanted = {metric} | {n for n in merged.folded if kind != metric and n.startswith(kind)}
    cells = cells[cells["metric"].isin(wanted)]
    stands = merged.origins[merged.origins["metric"] == metric]
    names = set(stands["name"].iloc[0].split("、")) if len(stands) else set()
    found = [
        {
            **{key: line[key] for key in ("metric", "value", "name", "source", "file", "time")},
            "partial": bool(line["partial"]),
            "used": line["name"] in names and not line["partial"],
        }
        for _, line in cells.sort_values(["rank", "metric", "time"]).iterrows()
    ]
    return sorted(found, key=lambda entry: not entry["used"])
