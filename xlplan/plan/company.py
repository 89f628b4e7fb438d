"""Many plan books as one company: every store's months, and their sums by region, platform and book."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.metrics.money import CENTS_PER_YUAN
from xlplan.plan import rollup
from xlplan.record import bundle

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from xlplan.plan.exact.units import Floats
    from xlplan.plan.year import Year

#: Columns of a store's month. `due` is the target of the days that have actuals.
FIGURES = ("target", "due", "actual", "target_uv", "uv", "target_orders", "orders", "target_spend", "spend", "due_spend", "refund")  # fmt: skip
MONEY = frozenset({"target", "due", "actual", "target_spend", "spend", "due_spend", "refund"})


@bundle
class StoreYear:
    """A store's year as its plan book has it.

    Attributes:
        store: Its name.
        book: The plan book's file name.
        platform: Where it sells; "" when nobody said.
        region: As typed in the company's book; "" when nobody said.
        months: Figure → (12,) sums, NaN where nothing is known; yuan to the fen, or counts.
        as_of: Its last day with actual sales.
        missing: Days before that without.
    """

    store: str
    book: str
    platform: str
    region: str
    months: dict[str, Floats]
    as_of: date | None
    missing: int

    def total(self, figure: str) -> float:
        """Return the year's sum, to the fen."""
        return float(np.round(np.nansum(self.months[figure]), 2))


def store_years(year: Year, book: str, regions: dict[str, str]) -> list[StoreYear]:
    """Return what every store of a plan book adds to the company.

    Args:
        year: The book's year.
        book: Its file name.
        regions: Store → region.
    """
    months = np.asarray(year.calendar.days["month"], dtype=np.intp) - 1
    dates = pd.DatetimeIndex(year.calendar.days.index)
    made = []
    for store in year.stores:
        plan, actual = (frame.xs(store, level=0) for frame in (year.plan, year.actuals))
        days = _days(pd.DataFrame(plan), pd.DataFrame(actual))
        known = ~np.isnan(days["actual"])
        last = int(np.flatnonzero(known)[-1]) if known.any() else -1
        open_days = np.nan_to_num(days["target"]) > 0
        made.append(
            StoreYear(
                store,
                book,
                year.platforms.get(store, ""),
                regions.get(store, ""),
                {name: _sums(name, days[name], months) for name in FIGURES},
                dates[last].date() if last >= 0 else None,
                int((~known & open_days)[: last + 1].sum()),
            )
        )
    return made


def _days(plan: pd.DataFrame, actual: pd.DataFrame) -> dict[str, Floats]:
    """Return figure → (days,) of a store; net of what does not count as sales."""
    spends = [name for name in plan.columns if name.startswith("spend_")]
    sold, orders = _net(actual, "gmv"), _net(actual, "orders")
    known = ~np.isnan(sold)
    target, money = _column(plan, "gmv"), _together(plan, spends)
    return {
        "target": target,
        "due": np.where(known, target, np.nan),
        "actual": sold,
        "target_uv": _column(plan, "uv"),
        "uv": _column(actual, "uv"),
        "target_orders": _column(plan, "orders"),
        "orders": orders,
        "target_spend": money,
        "spend": _together(actual, spends),
        "due_spend": np.where(known, money, np.nan),
        "refund": _column(actual, "refund_amount"),
    }


def _column(frame: pd.DataFrame, name: str) -> Floats:
    return frame[name].to_numpy(np.float64) if name in frame else np.full(len(frame), np.nan)


def _net(frame: pd.DataFrame, name: str) -> Floats:
    return _column(frame, name) - np.nan_to_num(_column(frame, f"{name}_excluded"))


def _together(frame: pd.DataFrame, names: list[str]) -> Floats:
    stack = np.stack([_column(frame, name) for name in names] or [np.full(len(frame), np.nan)])
    return np.where(np.isnan(stack).all(axis=0), np.nan, np.nansum(stack, axis=0))


def _sums(name: str, days: Floats, months: NDArray[np.intp]) -> Floats:
    """Return (12,) sums, NaN where nothing is known; money in whole fen, so that nothing is lost."""
    scale = CENTS_PER_YUAN if name in MONEY else 1
    return np.asarray(rollup.sums(np.rint(days * scale), months, 12) / scale, dtype=np.float64)
