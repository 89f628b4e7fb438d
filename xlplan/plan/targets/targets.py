"""Targets: what the year is to reach, per store and metric, in the form planning takes it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from xlplan.metrics import METRICS
from xlplan.metrics.money import CENT
from xlplan.plan.audit.case import Case, Days, Figure, View
from xlplan.plan.spread import spread
from xlplan.plan.targets.claims import MONTHS, WHOLE, Kind, Span, dated
from xlplan.plan.targets.measures import adds, is_ratio
from xlplan.record import bundle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xlplan.errors import Where
    from xlplan.plan.audit.case import DayConvention
    from xlplan.plan.targets.claims import Claim

#: Store name when the list names none.
ONLY_STORE = "本店"
#: A ratio's year is its months weighted by the flow it is a ratio of (a product of these).
_WEIGHTS: dict[str, tuple[str, ...]] = {
    "cvr": ("uv",),
    "aov": ("uv", "cvr"),
    "inquiry_rate": ("uv",),
    "inquiry_cvr": ("uv", "inquiry_rate"),
    "spend_ratio": ("gmv",),
    "refund_rate": ("uv", "cvr"),
    "roi": ("spend",),
}


@bundle
class Targets:
    """The year's targets.

    Attributes:
        year: The year planned.
        annual: Index (store, metric); columns value (base units; NaN when months do not make
            a year), locked, confidence (1–5), where (`Where` of the first cell).
        monthly: Index (store, metric), columns 1 … 12; NaN = not given, to be spread.
        company: Like `annual` without the store level: rows of the whole company beside named
            stores. Never added to the stores.
    """

    year: int
    annual: pd.DataFrame
    monthly: pd.DataFrame
    company: pd.DataFrame

    @property
    def stores(self) -> list[str]:
        """Store names in the order they were typed."""
        return list(self.annual.index.unique("store"))

    def of(self, store: str) -> Mapping[str, float]:
        """Return a store's annual figures by metric, those that are known."""
        if store not in self.annual.index.unique("store"):
            return {}
        values = self.annual.xs(store, level="store")["value"].dropna()
        return {str(name): float(value) for name, value in values.items()}


class _Line(NamedTuple):
    """One row of `Targets.annual`."""

    store: str
    metric: str
    value: float
    locked: bool
    confidence: int
    where: Where


def to_targets(
    claims: Iterable[Claim],
    year: int,
    *,
    day_convention: DayConvention = "calendar",
    shape: Sequence[float] | None = None,
) -> Targets:
    """Gather the targets of a list: whole stores, this year, known metrics.

    A year that was not typed is its quarters, months or days added up; a ratio's year is its
    months weighted by what it is a ratio of (UV for 转化率, orders for 客单价 and 退款率), never their
    mean. What cannot be derived is NaN.

    Args:
        claims: The list.
        year: Plan year.
        day_convention: ``"30"`` when figures of a day count 30 days to every month.
        shape: Weights of the twelve months; with them a quarter's target is spread over its
            months that are open, so that planning keeps the quarter.
    """
    days = Days(year, day_convention == "30")
    case = Case(_finite(claims, year), year, days, 0.0)
    views = [view for view in case.views if _is_plan(view, year)]
    named = any(view.key.store for view in views)
    stores = [view for view in views if view.key.store or not named]
    rest = [] if not named else [view for view in views if not view.key.store]
    months = [
        (_store(view), metric, _months(view, metric, shape))
        for view in stores
        for metric in _metrics(view)
    ]
    company = _frame(rest).droplevel("store")
    return Targets(year, _frame(stores), _month_frame(months), company)


def _finite(claims: Iterable[Claim], year: int) -> tuple[Claim, ...]:
    return tuple(dated(claim, year) for claim in claims if math.isfinite(claim.value))


def _is_plan(view: View, year: int) -> bool:
    return view.key.kind is Kind.TARGET and view.key.scope == WHOLE and view.key.year == year


def _store(view: View) -> str:
    return view.key.store or ONLY_STORE


def _metrics(view: View) -> list[str]:
    """Return the metrics with a figure of the year or of a time that adds up to it."""
    parts = (Span.YEAR, Span.QUARTER, Span.MONTH, Span.WEEK, Span.DAY)
    return list(dict.fromkeys(cell.metric for cell in view.cells if cell.period in parts))


def _line(view: View, metric: str) -> _Line:
    typed = [
        claim for cell, claims in view.cells.items() if cell.metric == metric for claim in claims
    ]
    years = [claim for claim in typed if claim.period is Span.YEAR] or typed
    return _Line(
        _store(view),
        metric,
        _annual(view, metric),
        any(claim.locked for claim in years),
        max(claim.confidence for claim in years),
        years[0].where,
    )


def _annual(view: View, metric: str) -> float:
    if found := view.annual(metric):
        return found.value
    return _weighted(view, metric) if is_ratio(metric) else float("nan")


def _weighted(view: View, metric: str) -> float:
    """Return the months' ratio weighted month by month; NaN when a month or weight lacks."""
    pairs = [(_month(view, metric, month), _weight(view, metric, month)) for month in MONTHS]
    total = sum(weight for _, weight in pairs)
    return sum(value * weight for value, weight in pairs) / total if total > 0 else float("nan")


def _weight(view: View, metric: str, month: int) -> float:
    parts = _WEIGHTS.get(metric)
    return math.prod(_month(view, name, month) for name in parts) if parts else float("nan")


def _months(view: View, metric: str, shape: Sequence[float] | None) -> list[float]:
    months = [_month(view, metric, month) for month in MONTHS]
    if shape is None or not adds(metric):
        return months
    for quarter in (1, 2, 3, 4):
        each = view.typed(metric, Span.QUARTER, 0)
        whole = view.typed(metric, Span.QUARTER, quarter) or each
        part = slice(3 * quarter - 3, 3 * quarter)
        given = sum(value for value in months[part] if not math.isnan(value))
        if whole and given <= whole.value and any(math.isnan(value) for value in months[part]):
            step = METRICS[metric].unit.step if metric in METRICS else CENT
            months[part] = spread(whole.value, shape[part], held=months[part], unit=step).tolist()
    return months


def _month(view: View, metric: str, month: int) -> float:
    """Return a month as typed, or its days × their number; NaN when not given."""
    typed = view.typed(metric, Span.MONTH, month)
    daily = view.typed(metric, Span.DAY, month) if adds(metric) else None
    if daily and not typed:
        return daily.value * view.days.of(Span.MONTH, month)
    return _value(typed)


def _value(figure: Figure | None) -> float:
    return figure.value if figure else float("nan")


def _frame(views: list[View]) -> pd.DataFrame:
    lines = [_line(view, metric) for view in views for metric in _metrics(view)]
    index = pd.MultiIndex.from_tuples(
        [(line.store, line.metric) for line in lines], names=["store", "metric"]
    )
    columns = {name: [getattr(line, name) for line in lines] for name in _Line._fields[2:]}
    return pd.DataFrame(columns, index=index)


def _month_frame(rows: list[tuple[str, str, list[float]]]) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples([row[:2] for row in rows], names=["store", "metric"])
    return pd.DataFrame([row[2] for row in rows], index=index, columns=list(MONTHS), dtype=float)
