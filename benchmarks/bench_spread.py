"""Spreading store targets to days: 27,397 stores × 365 days (10⁷ cells).

Ratios against peers measured in the same run, in processor time (median of five rounds):
a pandas ``groupby().apply`` doing the same per store, extrapolated from 274 stores
(1e5 cells), and one ``np.copyto`` of 25 bytes a cell, about what must be read and written.
The limits are for the plain spread; the same with 5 % of the days held is printed beside it.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.plan.spread import spread

if TYPE_CHECKING:
    from collections.abc import Callable

STORES, DAYS = 27_397, 365
SAMPLE = 274
#: Ratios that must not be exceeded.
LIMITS = {"pandas groupby.apply": 1 / 200, "np.copyto, 25 B/cell": 12.0}


def problem(stores: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Totals in yuan, day weights, and held values (NaN where free)."""
    random = np.random.default_rng(7)
    totals = random.integers(10_000_00, 50_000_000_00, stores) / 100
    weights = random.random((stores, DAYS)) + 0.5
    held = np.where(random.random((stores, DAYS)) < 0.05, 12.34, np.nan)
    return totals, weights, held


def one_group(days: pd.DataFrame) -> pd.Series:
    """Do one store by largest remainder as an analyst would write it."""
    free = days["held"].isna()
    rest = round((days["total"].iloc[0] - days["held"].sum()) * 100)
    quota = (days["weight"].where(free, 0) / days["weight"].where(free, 0).sum()) * rest
    whole = np.floor(quota)
    short = int(rest - whole.sum())
    lucky = (quota - whole).sort_values(ascending=False, kind="stable").index[:short]
    whole.loc[lucky] += 1
    return (whole / 100).where(free, days["held"])


def by_pandas(totals: np.ndarray, weights: np.ndarray, held: np.ndarray) -> np.ndarray:
    frame = pd.DataFrame(
        {
            "store": np.repeat(np.arange(len(totals)), DAYS),
            "total": np.repeat(totals, DAYS),
            "weight": weights.ravel(),
            "held": held.ravel(),
        }
    )
    done = frame.groupby("store", group_keys=False)[["total", "weight", "held"]].apply(one_group)
    return done.to_numpy().reshape(weights.shape)


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def run() -> dict[str, float]:
    """Print time per cell and the ratios; return the ratios."""
    totals, weights, held = problem(STORES)
    done = spread(totals, weights, held=held)
    assert (np.rint(done * 100).sum(axis=1) == np.rint(totals * 100)).all()
    few = (totals[:SAMPLE], weights[:SAMPLE], held[:SAMPLE])
    assert np.abs(by_pandas(*few) - done[:SAMPLE]).max() < 0.011
    cells, sample = done.size, few[1].size
    source, target = np.ones((2, 25 * cells), dtype=np.uint8)
    jobs = {
        "spread": (lambda: spread(totals, weights), cells),
        "spread, 5 % held": (lambda: spread(totals, weights, held=held), cells),
        "pandas groupby.apply": (lambda: by_pandas(*few), sample),
        "np.copyto, 25 B/cell": (lambda: np.copyto(target, source), cells),
    }
    rounds = [{name: seconds(work) / n for name, (work, n) in jobs.items()} for _ in range(5)]
    cost = {name: statistics.median(taken[name] for taken in rounds) for name in jobs}
    for name in jobs:
        print(f"{name}: {cost[name] * 1e9:.1f} ns/cell")
    for name, limit in LIMITS.items():
        plain, with_holds = cost["spread"] / cost[name], cost["spread, 5 % held"] / cost[name]
        print(f"  to {name}: {plain:.4g} (limit {limit:.4g}); with holds {with_holds:.4g}")
    print(f"  ({cells:,} cells; pandas extrapolated from {sample:,}, with holds)")
    return {name: cost["spread"] / cost[name] for name in LIMITS}


if __name__ == "__main__":
    run()
