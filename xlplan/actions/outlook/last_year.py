"""Last year's comparable days beside this year's actuals, store by store and by channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.errors import InputError
from xlplan.plan.explain.basis import Segment
from xlplan.plan.variance import bridge
from xlplan.plan.year import TOTAL
from xlplan.record import bundle
from xlplan.sheets.review.layout import OTHERS
from xlplan.sheets.review.record import ChannelEffects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.actions.outlook.standing import Standing
    from xlplan.plan.days.periods import Period
    from xlplan.plan.exact.units import Bools, Floats
    from xlplan.sheets.state.book import BookState

_FLOWS = ("gmv", "uv", "orders")


@bundle
class LastYear:
    """A period against last year.

    Attributes:
        segments: Each store on its days that both years know.
        shift: Comparable days minus the same dates of last year, on days that know both.
        masks: Store → (period days,) the days that are compared in full.
        laid: Last year laid over this year's days, by (store, date).
    """

    segments: tuple[Segment, ...]
    shift: float
    masks: dict[str, Bools]
    laid: pd.DataFrame


def last_year_of(state: BookState, mine: Standing, span: Period) -> LastYear | None:
    """Return a scope's period against last year; None when the book keeps none of it."""
    from xlplan.actions.change.references import aligned
    from xlplan.sheets.history.kept import LAST_YEAR, kept_plan

    kept = [version for version in state.versions if version.kind == LAST_YEAR]
    if not kept:
        return None
    raw = kept_plan(kept[-1])
    if "gmv" not in raw:
        return None
    try:
        laid = aligned(raw, state)
    except InputError:
        return None
    if len(state.year.stores) == 1 and len(raw.index.unique("store")) == 1:
        raw = raw.rename(index={raw.index.unique("store")[0]: state.year.stores[0]}, level="store")
    found = _Stores(state, mine, span, raw, laid)
    segments = [*filter(None, map(found.segment, found.stores)), *found.others()]
    if not any(one.before > 0 for one in segments):
        return None
    return LastYear(tuple(segments), round(found.shift, 2), found.masks, laid)


class _Stores:
    """The stores of a period, one after the other; adds up the shift on the way."""

    def __init__(
        self,
        state: BookState,
        mine: Standing,
        span: Period,
        raw: pd.DataFrame,
        laid: pd.DataFrame,
    ) -> None:
        self.year, self.mine, self.raw, self.laid = state.year, mine, raw, laid
        self.stores = [s for s in self.year.stores if mine.scope in (s, TOTAL)]
        inside = mine.inside(span)
        self.inside = slice(inside.start, max(min(inside.stop, mine.count), inside.start))
        self.days = pd.DatetimeIndex(self.year.calendar.days.index)[self.inside]
        self.shift, self.masks = 0.0, dict[str, "Bools"]()

    def before(self, store: str, metric: str) -> Floats:
        """Return (days,) last year's comparable values of a store."""
        if store not in self.laid.index.unique("store") or metric not in self.laid:
            return np.full(len(self.days), np.nan)
        return np.asarray(
            self.laid.xs(store, level="store")[metric].reindex(self.days), np.float64
        )

    def segment(self, store: str) -> Segment | None:
        """Return a store; None when nothing of it is known on either side."""
        real = self.year.actual.of_scope(store)
        gmv, uv, orders = (real[name][self.inside] for name in _FLOWS)
        now = (gmv - np.nan_to_num(real["gmv_excluded"][self.inside]), uv, orders - np.nan_to_num(real["orders_excluded"][self.inside]))  # fmt: skip
        old = tuple(self.before(store, name) for name in _FLOWS)
        here, known = ~np.isnan(now[0]), ~np.isnan(old[0])
        old_sales = float(np.nansum(old[0]))
        if not here.any():
            closed = not np.nansum(self.year.planned.of_scope(store)["gmv"][self.inside]) > 0
            return Segment(store, 0, (old_sales, 0.0, 0.0), (0.0, 0.0, 0.0), gone=True) if closed and old_sales > 0 else None  # fmt: skip
        complete = ~np.isnan(now[1]) & ~np.isnan(now[2])
        if not old_sales > 0:  # it was not there last year
            full = here & complete
            return Segment(store, int(full.sum()), (0.0, 0.0, 0.0), _three(now, full), (0.0, _sum(now[0], here & ~full)), int((here & ~full).sum()))  # fmt: skip
        full = here & known & complete & ~np.isnan(old[1]) & ~np.isnan(old[2])
        rest = here & known & ~full
        self.masks[store] = full
        self._shifted(store, old[0], here & known)
        return Segment(store, int(full.sum()), _three(old, full), _three(now, full), (_sum(old[0], rest), _sum(now[0], rest)), int(rest.sum()))  # fmt: skip

    def others(self) -> list[Segment]:
        """Return the stores of last year that the book does not have any more, as one."""
        if self.mine.scope != TOTAL:
            return []
        names = [s for s in self.raw.index.unique("store") if s not in self.year.stores]
        comparable = pd.DatetimeIndex(self.year.calendar.days["comparable"])[self.inside]
        sales = sum(float(np.nansum(self.raw.xs(s, level="store")["gmv"].reindex(comparable))) for s in names)  # fmt: skip
        return [Segment(OTHERS, 0, (sales, 0.0, 0.0), (0.0, 0.0, 0.0), gone=True)] if sales > 0 else []  # fmt: skip

    def _shifted(self, store: str, old: Floats, mask: Bools) -> None:
        same = [_year_before(day) for day in self.days]
        there = np.asarray(self.raw.xs(store, level="store")["gmv"].reindex(same), np.float64)
        both = mask & ~np.isnan(there)
        self.shift += _sum(old, both) - _sum(there, both)


def _year_before(day: pd.Timestamp) -> pd.Timestamp:
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return day.replace(year=day.year - 1, day=last)


def _three(values: Sequence[Floats], mask: Bools) -> tuple[float, float, float]:
    one, two, three = (_sum(each, mask) for each in values)
    return one, two, three


def _sum(values: Floats, mask: Bools) -> float:
    return round(float(values[mask].sum()), 4)


def by_channel(
    state: BookState, mine: Standing, span: Period, found: LastYear
) -> tuple[tuple[ChannelEffects, ...], str]:
    """Return the bridge over channels against last year, or why there is none, in Chinese.

    The factors are visits, their mix, and what a visit brings (平台归因). What no channel brought is
    a segment of its own.
    """
    inside = mine.inside(span)
    inside = slice(inside.start, max(min(inside.stop, mine.count), inside.start))
    days = pd.DatetimeIndex(state.year.calendar.days.index)[inside]
    rows: dict[str, np.ndarray] = {}
    whole = np.zeros(4)
    for store, mask in found.masks.items():
        real = state.year.actual.of_scope(store)
        old = pd.DataFrame(found.laid.xs(store, level="store")).reindex(days)
        whole += _pair(old, real, inside, mask, ("uv", "gmv"))
        for channel in state.year.metrics.channels:
            names = f"uv_{channel.key}", f"gmv_{channel.key}"
            if set(names) <= set(old.columns):
                rows[channel.label] = rows.get(channel.label, np.zeros(4)) + _pair(old, real, inside, mask, names)  # fmt: skip
    rows = {name: row for name, row in rows.items() if row[:2].all() or row[2:].all()}
    if not rows:
        return (), "去年或今年没有分渠道的 UV 与成交，不按渠道拆。"
    rest = whole - sum(rows.values())
    if (rest <= 0).any():
        return (), "渠道的 UV 或平台归因成交合起来超过全店，不按渠道拆。"
    rows["自然与其他"] = rest
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["u0", "g0", "u1", "g1"])
    sides = []
    for visits, sales in (("u0", "g0"), ("u1", "g1")):
        side = table[(table[visits] > 0) & (table[sales] > 0)]
        sides.append(pd.DataFrame({"UV": side[visits], "每UV销售额": side[sales] / side[visits]}))
    parts = bridge(sides[0], sides[1], factors=["UV", "每UV销售额"])
    return tuple(ChannelEffects(name, round(value, 2)) for name, value in parts.items()), "渠道成交是平台归因的。"  # fmt: skip


def _pair(
    old: pd.DataFrame, real: dict[str, Floats], inside: slice, mask: Bools, names: tuple[str, str]
) -> np.ndarray:
    """Return visits and sales of last year, then of this one, on the days compared."""
    values = (*(old[name] for name in names), *(real[name][inside] for name in names))
    return np.array([np.nansum(np.asarray(each, np.float64)[mask]) for each in values])
