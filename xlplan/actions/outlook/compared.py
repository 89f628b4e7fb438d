"""Plan and actuals of a period side by side: the same days on both sides, store by store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.cells import address
from xlplan.plan.explain.reasons import ORDINARY, Part, Reasons, reasons, split_by
from xlplan.plan.year import TOTAL
from xlplan.record import bundle
from xlplan.sheets.year.derived import SHEET as YEAR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from xlplan.actions.outlook.standing import Standing
    from xlplan.plan.days.periods import Period
    from xlplan.plan.exact.units import Bools, Floats
    from xlplan.sheets.state.read import BookRead

_COLUMNS = ["gmv", "uv", "orders", "refund"]


@bundle
class Sides:
    """A period on both sides, over the days with actual sales.

    Attributes:
        period: The days asked for.
        stores: The stores that are looked at.
        before: A row a segment: the plan of the days with actuals.
        after: The same: the actuals.
        days: Days of the period up to the as-of day, of all stores together.
        known: Of these, days with actuals.
        missing: Store → days without actuals before its last known one (closed days not counted).
        immature: Days whose refunds are still coming in.
        planned: (period days,) plan of all looked-at stores on days with actuals, 0 elsewhere.
        sold: (period days,) their actual sales, 0 elsewhere.
        whole: Target of the whole period, days to come included.
    """

    period: Period
    stores: Sequence[str]
    before: pd.DataFrame
    after: pd.DataFrame
    days: int
    known: int
    missing: Mapping[str, int]
    immature: int
    planned: Floats
    sold: Floats
    whole: float

    def why(self) -> Reasons:
        """Return the bridge from plan to actual."""
        return reasons(self.before, self.after)

    def by_store(self) -> list[Part]:
        """Return the gap of each store."""
        start, end = _sums(self.before, self.stores), _sums(self.after, self.stores)
        return split_by([name for name in self.stores if name in start or name in end], start, end)

    def by_campaign(self, events: Sequence[str]) -> list[Part]:
        """Return the gap on the days of each campaign and on ordinary days.

        Args:
            events: (period days,) campaign names of each day, "" on ordinary ones.
        """
        names = dict.fromkeys(event or ORDINARY for event in events)
        place = np.array([event or ORDINARY for event in events])
        start = {name: float(self.planned[place == name].sum()) for name in names}
        end = {name: float(self.sold[place == name].sum()) for name in names}
        return [part for part in split_by(list(names), start, end) if part.amount]


def sides(made: Sequence[Standing], period: Period, scope: str) -> Sides:
    """Return a period on both sides.

    Args:
        made: Every scope of the book.
        period: The days.
        scope: A store, or 合计 for all.
    """
    stores = [s for s in made if s.scope != TOTAL and scope in (s.scope, TOTAL)]
    inside = stores[0].inside(period)
    gone = min(stores[0].count, inside.stop) - inside.start
    before: dict[str, list[float]] = {}
    after: dict[str, list[float]] = {}
    missing: dict[str, int] = {}
    length = inside.stop - inside.start
    planned, sold, any_known = np.zeros(length), np.zeros(length), np.zeros(length, dtype=bool)
    for store in stores:
        known = ~np.isnan(store.sales[inside])
        any_known |= known
        planned += np.where(known, np.nan_to_num(store.plan[inside]), 0.0)
        sold += np.where(known, store.sales[inside], 0.0)
        missing[store.scope] = _missing(store, inside, known)
        full = known & ~np.isnan(store.known("uv")[inside]) & ~np.isnan(store.known("orders")[inside])  # fmt: skip
        for mask, name in ((full, store.scope), (known & ~full, f"{store.scope}（缺 UV 或笔数的 {int((known & ~full).sum())} 天）")):  # fmt: skip
            if mask.any():
                before[name], after[name] = _rows(store, inside, mask, split=mask is full)
    settings = stores[0].year.settings
    ripe = stores[0].count - settings.maturity_days - inside.start
    young = int(any_known[max(0, ripe) : max(gone, 0)].sum())
    targets = [store.target(period) for store in stores]
    whole = float(np.nansum(targets)) if not np.isnan(targets).all() else float("nan")
    return Sides(
        period, [store.scope for store in stores], _frame(before), _frame(after), max(gone, 0),
        int(any_known.sum()), {k: v for k, v in missing.items() if v}, young, planned, sold, whole,
    )  # fmt: skip


def _rows(
    store: Standing, inside: slice, mask: Bools, *, split: bool
) -> tuple[list[float], list[float]]:
    """Return gmv, uv, orders and refund of a store on some days, planned and actual."""
    excluded = np.nan_to_num(store.known("orders_excluded")[inside])
    orders = store.known("orders")[inside] - excluded
    flows = ("uv", "orders", "refund_amount")
    plan = [_sum(store.plan[inside], mask), *(_sum(store.planned(name)[inside], mask) for name in flows)]  # fmt: skip
    real = [_sum(store.sales[inside], mask), _sum(store.known("uv")[inside], mask), _sum(orders, mask), _sum(store.known("refund_amount")[inside], mask)]  # fmt: skip
    if not split:
        plan[1] = plan[2] = real[1] = real[2] = float("nan")
    return plan, real


def _sum(values: Floats, mask: Bools) -> float:
    kept = values[mask]
    return float("nan") if np.isnan(kept).all() else float(np.nansum(kept))


def _missing(store: Standing, inside: slice, known: Bools) -> int:
    """Return open days without actuals before the store's last known one or the as-of day."""
    open_days = store.weights.values[inside] > 0
    past = np.arange(inside.start, inside.stop) < store.count
    return int((open_days & past & ~known).sum())


def _frame(rows: Mapping[str, list[float]]) -> pd.DataFrame:
    table = np.array(list(rows.values()), dtype=np.float64).reshape(len(rows), len(_COLUMNS))
    return pd.DataFrame(table, index=list(rows), columns=_COLUMNS)


def _sums(side: pd.DataFrame, stores: Sequence[str]) -> dict[str, float]:
    """Return the sales of each store, its segments together."""
    found: dict[str, float] = {}
    for name, value in side["gmv"].items():
        store = next(s for s in sorted(stores, key=len, reverse=True) if str(name).startswith(s))
        found[store] = found.get(store, 0.0) + (0.0 if np.isnan(value) else float(value))
    return found


def cell_of(read: BookRead, key: str, period: Period, scope: str) -> str:
    """Return where 年度规划 shows a figure of a month, quarter or year; "" of other periods.

    Args:
        read: The book.
        key: Row key, such as ``uv`` or ``gmv_target``.
        period: The days.
        scope: Whose figure; another one is shown when the sheet's selector says so.
    """
    at = read.at.book.year
    column = _column(period.first, period.last, read.state.year.year)
    if key not in at.rows or column not in at.columns:
        return ""
    cell = f"{YEAR}!{address(at.rows[key], at.columns[column])}"
    return cell if read.scopes.get(YEAR) == scope else f"{cell}（店铺选 {scope}）"


def _column(first: date, last: date, year: int) -> str:
    from xlplan.plan.days.periods import months, quarter

    for number in range(1, 13):
        month = months(year, number, number)
        if (first, last) == (month.first, month.last):
            return f"m:{number}"
    for number in range(1, 5):
        part = quarter(year, number)
        if (first, last) == (part.first, part.last):
            return f"q:{number}"
    whole = months(year, 1, 12)
    return "y" if (first, last) == (whole.first, whole.last) else ""
