"""One scope foreseen: its month, quarter and year, and its recent 转化率, 客单价 and 费比."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.outlook.standing import last_year, month_at
from xlplan.errors import InputError
from xlplan.plan.days.periods import quarter
from xlplan.plan.outlook.landing import Landing, land
from xlplan.plan.outlook.saleshistory import lacking
from xlplan.plan.outlook.year_end import YearEnd, year_end
from xlplan.plan.reforecast import Pace, pace
from xlplan.record import bundle

if TYPE_CHECKING:
    from xlplan.actions.outlook.standing import Standing
    from xlplan.plan.days.periods import Period
    from xlplan.sheets.state.book import BookState

#: Days over which 近况 (recent 转化率, 客单价, 费比) is taken.
RECENT = 14


@bundle
class Outlook:
    """One scope foreseen.

    Attributes:
        standing: Where it stands.
        month: The month foreseen.
        pace: Its progress; None without a target.
        landings: Period → landing, month and quarter.
        year: Year-end; None when it cannot be said.
        lack: In Chinese, what is missing for a forecast; "" when nothing.
    """

    standing: Standing
    month: Period
    pace: Pace | None
    landings: dict[str, tuple[Period, Landing]]
    year: YearEnd | None
    lack: str = ""


def foreseen(state: BookState, standing: Standing) -> Outlook:
    """Return what a scope will come to; what is lacking is said, not guessed."""
    month = month_at(standing)
    target = standing.target(month)
    progress = None
    if target == target:  # noqa: PLR0124 - NaN test
        inside = standing.inside(month)
        progress = pace(
            target,
            standing.sales[inside],
            standing.unit_weights(month),
            plan=standing.plan[inside],
        )
    lack = lacking(standing.history)
    if not standing.weights.values[standing.count :].any() and standing.history.known:
        lack = ""  # nothing is to come: the store is closed, or the year is over
    landings: dict[str, tuple[Period, Landing]] = {}
    if not lack:
        spans = (month, quarter(standing.year.year, (month.first.month + 2) // 3))
        for name, period in zip(("month", "quarter"), spans, strict=True):
            inside = standing.inside(period)
            landing = land(standing.past, standing.weights, inside.start, inside.stop - 1)
            landings[name] = period, landing
    return Outlook(standing, month, progress, landings, _year(state, standing, lack), lack)


def _year(state: BookState, standing: Standing, lack: str) -> YearEnd | None:
    if lack:
        return None
    try:
        return year_end(standing.sales, standing.plan, last_year(state, standing.scope))
    except InputError:
        return None


def recent(standing: Standing) -> dict[str, float]:
    """Return 转化率, 客单价 and 费比 of the last days known; NaN where they cannot be said."""
    sales, orders, uv = standing.sales, standing.known("orders"), standing.known("uv")
    spend = standing.spend[0]
    full = np.flatnonzero((sales > 0) & (orders > 0) & (uv > 0))[-RECENT:]
    paid = np.flatnonzero((sales > 0) & ~np.isnan(spend))[-RECENT:]
    nothing = float("nan")
    cvr = float(orders[full].sum() / uv[full].sum()) if full.size else nothing
    aov = float(sales[full].sum() / orders[full].sum()) if full.size else nothing
    ratio = float(spend[paid].sum() / sales[paid].sum()) if paid.size else nothing
    return {"cvr": cvr, "aov": aov, "spend_ratio": ratio}
