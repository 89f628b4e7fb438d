"""Adjustments: parts of the plan that people tuned, kept when the targets are spread again.

They are locks of lower rank: a new 分解 works around them as around locks, but where they leave
no room for what the targets ask, they give way and it is said which.
"""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from xlplan.metrics.money import CENTS_PER_YUAN
from xlplan.plan.change.holds import SPEND, Hold, HoldKind, label
from xlplan.plan.days.periods import between
from xlplan.plan.year import TOTAL
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from xlplan.plan.change.grid import Region
    from xlplan.plan.year import Year

#: Key of _元数据 that lists them.
KEY = "adjusted"
#: Key of _元数据 with the mark of the plan as xlplan wrote it: another mark is another hand.
PLAN_MARK = "plan_mark"
#: A cell holds 32,767 characters; the oldest adjustments beyond this many are let go of.
MOST = 300


@record
class Adjustment:
    """One part of the plan that somebody set.

    Attributes:
        metric: A planned flow, ``spend``, or a ratio of flows.
        stores: Store names.
        first: First day.
        last: Last day.
    """

    metric: str
    stores: tuple[str, ...]
    first: date
    last: date

    def about(self, year: Year) -> str:
        """Return it in words."""
        whole = self.stores == year.stores and len(self.stores) > 1
        named = TOTAL if whole else "、".join(self.stores[:3])
        return f"{named} {between(self.first, self.last).label} {label(self.metric, year.metrics)}"

    def within(self, other: Adjustment) -> bool:
        """Return whether a later adjustment says all that this one says."""
        return (
            self.metric == other.metric
            and set(self.stores) <= set(other.stores)
            and other.first <= self.first
            and self.last <= other.last
        )


def adjustments(text: str) -> list[Adjustment]:
    """Return the adjustments a book keeps, oldest first; what cannot be read is none."""
    try:
        rows = json.loads(text or "[]")
        return [
            Adjustment(metric, tuple(stores), date.fromisoformat(a), date.fromisoformat(b))
            for metric, stores, a, b in rows
        ]
    except (ValueError, TypeError):
        return []


def adjustment_text(kept: Sequence[Adjustment]) -> str:
    """Return what a book keeps of adjustments; "" for none."""
    rows = [
        (one.metric, one.stores, one.first.isoformat(), one.last.isoformat())
        for one in kept[-MOST:]
    ]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")) if rows else ""


def with_adjusted(text: str, regions: Iterable[Region]) -> str:
    """Return what a book keeps after some regions were set anew."""
    kept = adjustments(text)
    for region in regions:
        new = Adjustment(region.metric, region.stores, region.period.first, region.period.last)
        kept = [*(one for one in kept if not one.within(new)), new]
    return adjustment_text(kept)


def as_holds(kept: Sequence[Adjustment], year: Year) -> list[Hold]:
    """Return adjustments as read-only areas; a ratio is kept by the flows it is made of."""
    return [
        Hold(f"调整{number}", HoldKind.AREA, flow, store, one.first, one.last)
        for number, one in enumerate(kept, start=1)
        for flow in _flows(one.metric, year)
        for store in one.stores
        if store in year.stores
    ]


def _flows(metric: str, year: Year) -> list[str]:
    if metric == SPEND or metric in year.plan.columns:
        return [metric]
    target = f"{metric}_target"
    formula = year.metrics[target].formula if target in year.metrics else None
    return [name.removesuffix("_target") for name in formula.names] if formula else []


def mark_of(plan: pd.DataFrame) -> str:
    """Return a short mark of a plan: equal for equal plans."""
    whole = np.rint(plan.to_numpy(np.float64, na_value=-1.0) * CENTS_PER_YUAN).astype(np.int64)
    return f"b{sha256(whole.tobytes()).hexdigest()[:15]}"
