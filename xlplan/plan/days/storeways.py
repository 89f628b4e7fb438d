"""Stores whose days differ: what each one's own history teaches, kept only where it is not the common way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.plan.days.learning import learn_weights
from xlplan.record import replace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from xlplan.plan.days.events import Event
    from xlplan.plan.days.weights import Shape

#: Days with sales from which a store's own weekdays and campaigns are believed, and its months.
_WEEKDAY_DAYS, _MONTH_DAYS = 120, 330
#: An index that differs by less than this from the common one is the common one.
_INDEX_APART = 0.08
#: A campaign's peak that differs by less than this part from the common one is the common one.
_LIFT_APART = 0.3


def own_ways(
    histories: Mapping[str, pd.Series], events: Sequence[Event], common: Shape
) -> tuple[dict[str, Shape], list[Event]]:
    """Return the indices of stores that are not the common ones, and the events with their lifts.

    Args:
        histories: Store → daily sales.
        events: The year's events with the common lifts.
        common: The common indices.
    """
    shapes: dict[str, Shape] = {}
    lifted = list(events)
    for store, sales in histories.items() if len(histories) > 1 else ():
        selling = int((sales > 0).sum())
        if selling < _WEEKDAY_DAYS:
            continue
        learned = learn_weights(sales)
        mine = learned.shape
        if selling < _MONTH_DAYS:
            mine = replace(mine, month=common.month)
        if _apart(mine, common):
            shapes[store] = mine
        taught = {event.name: learned.taught(event) for event in events}
        lifted = [_with_own(event, store, taught[event.name]) for event in lifted]
    return shapes, lifted


def _apart(mine: Shape, common: Shape) -> bool:
    off = [
        np.abs(np.asarray(one, float) - np.asarray(other, float)).max()
        for one, other in ((mine.weekday, common.weekday), (mine.month, common.month))
    ]
    return max(off) > _INDEX_APART or mine.closed_weekdays != common.closed_weekdays


def _with_own(event: Event, store: str, taught: Event) -> Event:
    """Return an event with a store's own lifts where its peak is not the common one."""
    offsets = event.lift.keys() & taught.lift.keys()
    if taught.lift == event.lift or not offsets:
        return event
    apart = max(
        abs(np.log(max(taught.lift[k], 0.05)) - np.log(max(event.lift[k], 0.05))) for k in offsets
    )
    if apart <= np.log(1 + _LIFT_APART):
        return event
    own = {k: round(float(lift), 3) for k, lift in sorted(taught.lift.items())}
    return replace(event, store_lift={**event.store_lift, store: own})
