"""Holds: what may not move. A read-only area, a fixed total, or limits per cell (PLANNING c).

A hold is kept at the node where it was set. *A locked total* fixes a sum and lets its
parts move; *a read-only area* fixes every cell in it: two different things. Days with
actual sales count as read-only without being listed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from xlplan.metrics.money import HALF_CENT
from xlplan.plan.days.periods import between
from xlplan.plan.year import TOTAL
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from xlplan.metrics import Registry
    from xlplan.plan.exact.units import Bools
    from xlplan.plan.year import Year

#: Metric of a hold that concerns all metrics.
EVERYTHING = "*"
#: The flow that is the sum of its channels.
SPEND = "spend"


class HoldKind(StrEnum):
    """What a hold keeps; the value is what users read."""

    AREA = "只读"
    TOTAL = "合计"
    LIMITS = "上下限"


_SIGNS = {HoldKind.AREA: "", HoldKind.TOTAL: "Σ", HoldKind.LIMITS: "~"}


@record
class Hold:
    """One hold.

    Attributes:
        id: Short name, unique in the book.
        kind: What it keeps.
        metric: Planned metric, ``spend`` for all channels, or `EVERYTHING` (areas only).
        store: A store, or 合计 for all of them.
        first: First day.
        last: Last day.
        value: The locked total; 0 for other kinds.
        lower: Least value of a cell; None if there is none.
        upper: Greatest value of a cell.
        who: Who set it.
        when: When, as ``2027-03-01 09:30:00``.
        why: The reason given.
    """

    id: str
    kind: HoldKind
    metric: str
    store: str
    first: date
    last: date
    value: float = 0.0
    lower: float | None = None
    upper: float | None = None
    who: str = ""
    when: str = ""
    why: str = ""

    def about(self, metrics: Registry) -> str:
        """Return the hold in words, such as ``合计 9月 旗舰店 销售额 = 50000``."""
        place = (
            f"{between(self.first, self.last).label} {self.store} {label(self.metric, metrics)}"
        )
        if self.kind is HoldKind.TOTAL:
            return f"{self.kind} {place} = {self.value:,.15g}"
        if self.kind is HoldKind.LIMITS:
            low = "" if self.lower is None else f" ≥ {self.lower:,.15g}"
            return f"{self.kind} {place}{low}" + (
                "" if self.upper is None else f" ≤ {self.upper:,.15g}"
            )
        return f"{self.kind} {place}"

    def covers(self, metric: str, store: str) -> bool:
        """Return whether leaves of a metric and store are inside."""
        named = self.metric in (metric, EVERYTHING)
        parent = self.metric == SPEND and metric.startswith("spend_")
        return (named or parent) and self.store in (store, TOTAL)

    def days(self, year: int) -> slice:
        """Return its days as positions in the year."""
        start = type(self.first)(year, 1, 1).toordinal()
        return slice(self.first.toordinal() - start, self.last.toordinal() - start + 1)


def label(metric: str, metrics: Registry) -> str:
    """Return what people call a planned metric."""
    if metric == EVERYTHING:
        return "全部指标"
    shown = {"gmv": "销售额", "orders": "笔数", "uv": "UV", "spend": "推广费"}.get(metric)
    return shown or (metrics[metric].label if metric in metrics else metric)


def mask_of(hold: Hold, rows: Sequence[tuple[str, str]], days: int) -> Bools:
    """Return the cells of a hold on a grid of (metric, store) rows × days of the year."""
    mask = np.zeros((len(rows), days), dtype=bool)
    inside = hold.days(hold.first.year)
    for number, (metric, store) in enumerate(rows):
        if hold.covers(metric, store):
            mask[number, inside] = True
    return mask


def touching(holds: Iterable[Hold], rows: Sequence[tuple[str, str]]) -> list[Hold]:
    """Return the holds that concern any of the rows."""
    return [hold for hold in holds if any(hold.covers(*row) for row in rows)]


def actual_days(year: Year) -> Bools:
    """Return (stores, days): which days have actual sales; their plan is read-only."""
    known = year.actuals["gmv"].notna().to_numpy()
    return np.asarray(known.reshape(len(year.stores), -1))


def marks(year: Year, holds: Sequence[Hold]) -> list[str]:
    """Return for each scope and day what is locked, as ``·销售额·ΣUV·`` or "".

    Scope by scope as in the hidden table. A name is a read-only figure, Σ a figure inside a
    locked total, ~ one with limits. What every store locks is locked for 合计 too.
    """
    scopes = year.scopes
    words: list[list[list[str]]] = [[[] for _ in year.calendar.days.index] for _ in scopes]
    for hold in holds:
        text = _SIGNS[hold.kind] + label(hold.metric, year.metrics)
        for row, scope in enumerate(scopes):
            inside = hold.store == scope or (
                hold.store == TOTAL and hold.kind is not HoldKind.TOTAL
            )
            for day in words[row][hold.days(year.year)] if inside else ():
                if text not in day:
                    day.append(text)
    return [f"·{'·'.join(day)}·" if day else "" for row in words for day in row]


def moved(year: Year, after: Year, holds: Iterable[Hold]) -> list[Hold]:
    """Return the holds that a new plan would break: none for a correct change."""
    broken = []
    for hold in holds:
        names = [name for name in year.plan.columns if hold.covers(name, hold.store)]
        rows = [(name, store) for name in names for store in year.stores]
        if not rows:
            continue
        before, now = (_stack(each, names) for each in (year, after))
        mask = mask_of(hold, rows, before.shape[1])
        if _breaks(hold, before[mask], now[mask]):
            broken.append(hold)
    return broken


def _stack(year: Year, names: Sequence[str]) -> np.ndarray:
    stores = len(year.stores)
    return np.vstack([year.plan[name].to_numpy().reshape(stores, -1) for name in names])


def _breaks(hold: Hold, before: np.ndarray, now: np.ndarray) -> bool:
    if hold.kind is HoldKind.AREA:
        return not np.array_equal(before, now, equal_nan=True)
    if hold.kind is HoldKind.TOTAL:
        return bool(abs(np.nansum(now) - hold.value) > HALF_CENT)
    low = -np.inf if hold.lower is None else hold.lower
    high = np.inf if hold.upper is None else hold.upper
    moved_cells = ~((now == before) | (np.isnan(now) & np.isnan(before)))
    return bool((moved_cells & ((now < low) | (now > high))).any())
