"""Days marked 停业 that a change gives sales to: told, since equal shares and typed figures do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import Level, Problem, Where
from xlplan.plan.days.periods import day
from xlplan.sheets.days.page import SHEET

if TYPE_CHECKING:
    from xlplan.plan.year import Year


def opened(before: Year, after: Year) -> list[Problem]:
    """Return a Problem that names the closed days which have more sales in `after`."""
    weights = before.calendar.days["weight"].to_numpy(np.float64)
    was, now = (
        np.nansum(year.plan["gmv"].to_numpy(np.float64).reshape(len(year.stores), -1), axis=0)
        for year in (before, after)
    )
    places = np.flatnonzero((weights == 0) & (now > was))
    if not places.size:
        return []
    days = [day(before.calendar.days.index[place].date()).label for place in places[:5]]
    named = "、".join(days) + ("…" if len(places) > 5 else "")
    what = f"{named} 停业（日权重为 0），这样改之后有 {now[places].sum():,.2f} 的销售额"
    remedy = "不营业就改用“按比例”或“只在非零格平均”，或先把这几天锁成只读；营业就在日历去掉停业"
    return [Problem(Where("", SHEET), what, Level.WARNING, remedy, "停业")]
