"""What every audit rule looks at: claims by store, part, year and time, with their rounding."""

from __future__ import annotations

import math
from calendar import isleap, monthrange
from dataclasses import field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from xlplan.errors import Level
from xlplan.plan.targets.claims import MONTHS, WEEKS, WHOLE, Claim, Kind, Scope, Span
from xlplan.plan.targets.measures import adds, label_of, metric_name, number, show
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd


#: Beyond this factor a contradiction is an error, below it a warning.
GROSS = 1.2


def level_of(computed: float, typed: float) -> Level:
    """Return ERROR for a contradiction by more than 20%, else WARNING."""
    factor = computed / typed if typed else 0
    return Level.ERROR if factor <= 0 or max(factor, 1 / factor) > GROSS else Level.WARNING


def apart(computed: float, typed: float) -> str:
    """Say how far a computed value is from the typed one: 相差 4.8 倍, or 相差 +6.3%."""
    if not typed:
        return "其中一个是 0"
    factor = computed / typed
    if factor > 0 and max(factor, 1 / factor) >= 1.5:
        return f"相差 {number(max(factor, 1 / factor))} 倍"
    return f"相差 {factor - 1:+.1%}"


def cite(claim: Claim) -> str:
    """Return the value as typed with its cell: ``300万UV(D3)``."""
    text = claim.text or show(claim.value, claim.metric)
    return f"{text}({claim.where.cell})" if claim.where.cell else text


def period_name(period: Span, index: int) -> str:
    """Name a time: 全年, 2季度, 3月, 3月每日, 618."""
    if period in (Span.YEAR, Span.NONE):
        return "全年"
    if not index:
        return f"每{period}"
    names = {Span.QUARTER: f"{index}季度", Span.MONTH: f"{index}月", Span.DAY: f"{index}月每日"}
    return names.get(period, event_name(index))


def event_name(index: int) -> str:
    """Name a campaign by its number: 1111 is 双11."""
    return {1111: "双11", 1212: "双12"}.get(index, str(index))


QUARTERS = (1, 2, 3, 4)
#: How many days a month counts for: its own, or 30.
DayConvention = Literal["calendar", "30"]


@record
class Figure:
    """A typed or computed value with the interval its typed digits allow.

    Attributes:
        value: As typed, or computed from what was typed.
        low: Smallest value that would be written the same.
        high: Largest such value.
        text: How to show it, with its label and cell.
        claims: What it rests on.
    """

    value: float
    low: float
    high: float
    text: str
    claims: tuple[Claim, ...]

    def times(self, factor: float, high: float = 0.0) -> Figure:
        """Return the figure × `factor` (up to × `high` when the factor itself is loose)."""
        top = high or factor
        return Figure(
            self.value * factor, self.low * factor, self.high * top, self.text, self.claims
        )

    def agrees(self, other: Figure, tolerance: float) -> bool:
        """Return True when rounding (and `tolerance`, relative) explains the difference."""
        slack = 1 + tolerance
        return self.low <= other.high * slack and other.low <= self.high * slack


def figure(claim: Claim) -> Figure:
    """Return what a claim states, with its rounding."""
    low, high = claim.value - claim.half, claim.value + claim.half
    label = "占比" if claim.kind is Kind.SHARE else label_of(claim.metric)
    shown = cite(claim)
    text = shown if label in shown else f"{label} {shown}"
    return Figure(claim.value, low, high, text, (claim,))


def product(figures: Iterable[Figure]) -> Figure:
    """Return the product, its text joined with ×."""
    items = tuple(figures)
    return Figure(
        math.prod(item.value for item in items),
        math.prod(item.low for item in items),
        math.prod(item.high for item in items),
        " × ".join(item.text for item in items),
        tuple(claim for item in items for claim in item.claims),
    )


def total(figures: Iterable[Figure], text: str) -> Figure:
    """Return the sum under the name `text`."""
    items = tuple(figures)
    return Figure(
        sum(item.value for item in items),
        sum(item.low for item in items),
        sum(item.high for item in items),
        text,
        tuple(claim for item in items for claim in item.claims),
    )


@record
class Days:
    """How many days a time has: real ones, or 30 to every month.

    Attributes:
        year: Calendar year.
        thirty: Every month counts 30 days (the convention of many hand-made plans).
    """

    year: int
    thirty: bool = False

    def of(self, span: Span, index: int = 0) -> float:
        """Return the days of a year, quarter, month, week or day."""
        if span is Span.MONTH and index:
            return 30 if self.thirty else monthrange(self.year, index)[1]
        if span is Span.QUARTER and index:
            return sum(self.of(Span.MONTH, index * 3 - k) for k in range(3))
        year = 360 if self.thirty else 365 + isleap(self.year)
        parts = {Span.QUARTER: 4, Span.MONTH: 12}
        return {Span.DAY: 1, Span.WEEK: 7}.get(span, year / parts.get(span, 1))


class ViewKey(NamedTuple):
    """Claims that may be compared with one another."""

    store: str
    scope: Scope
    year: int
    kind: Kind


class FigureAt(NamedTuple):
    """A metric at a time."""

    metric: str
    period: Span
    which: int


@record
class View:
    """The claims of one store, part, year and kind, by metric and time."""

    key: ViewKey
    cells: dict[FigureAt, list[Claim]]
    days: Days

    @property
    def name(self) -> str:
        """Chinese prefix of findings; empty for the whole shop's plan."""
        part = "" if self.key.scope == WHOLE else str(self.key.scope)
        return " ".join(filter(None, (self.key.store, part)))

    def metrics(self) -> list[str]:
        """Return the metrics stated, in order of appearance."""
        return list(dict.fromkeys(cell.metric for cell in self.cells))

    @cached_property
    def _figures(self) -> dict[FigureAt, Figure]:
        return {cell: figure(claims[0]) for cell, claims in self.cells.items()}

    def typed(self, metric: str, period: Span = Span.YEAR, index: int = 0) -> Figure | None:
        """Return what was typed (the first, when stated twice)."""
        return self._figures.get(FigureAt(metric, period, index))

    def series(self, metric: str, period: Span, indexes: Iterable[int]) -> list[Figure] | None:
        """Return a figure for each index, None unless all are typed."""
        found: list[Figure] = []
        for index in indexes:
            item = self.typed(metric, period, index)
            if not item:
                return None
            found.append(item)
        return found

    def annual(self, metric: str) -> Figure | None:
        """Return the year's figure: typed, or added up from complete finer ones."""
        return next(iter([*self._typed_year(metric), *self.year_sums(metric)]), None)

    def _typed_year(self, metric: str) -> list[Figure]:
        typed = self.typed(metric)
        return [typed] if typed else []

    def year_sums(self, metric: str) -> Iterator[Figure]:
        """Yield the year as each complete set of finer claims makes it."""
        if not adds(metric):
            return
        for period, indexes, word in (
            (Span.QUARTER, QUARTERS, "四个季度"),
            (Span.MONTH, MONTHS, "十二个月"),
        ):
            if items := self.series(metric, period, indexes):
                yield total(items, f"{word}{label_of(metric)}合计 {show(_sum(items), metric)}")
            elif each := self.typed(metric, period):
                yield replace(each.times(len(indexes)), text=f"{each.text} × {len(indexes)}")
        yield from self._day_sums(metric)

    def _day_sums(self, metric: str) -> Iterator[Figure]:
        if day := self.typed(metric, Span.DAY):
            days = self.days.of(Span.YEAR)
            yield replace(day.times(days), text=f"每日{day.text} × {days:.0f}天")
        if week := self.typed(metric, Span.WEEK):
            yield replace(week.times(WEEKS, 53), text=f"每周{week.text} × {WEEKS}周")
        if items := self.series(metric, Span.DAY, MONTHS):
            parts = [
                item.times(self.days.of(Span.MONTH, month))
                for month, item in zip(MONTHS, items, strict=True)
            ]
            yield total(
                parts, f"十二个月日{label_of(metric)}×天数合计 {show(_sum(parts), metric)}"
            )


def _sum(items: list[Figure]) -> float:
    return sum(item.value for item in items)


@record
class Case:
    """Everything a rule may look at.

    Attributes:
        claims: All claims, years filled in.
        year: The year planned.
        days: Day counting in force.
        tolerance: Relative difference that is nobody's business.
        calendar: Day frame or None (see `xlplan.plan.audit.rules.audit`).
    """

    claims: tuple[Claim, ...]
    year: int
    days: Days
    tolerance: float
    calendar: pd.DataFrame | None = field(default=None, repr=False)

    @cached_property
    def days_frame(self) -> pd.DataFrame:
        """The calendar given, else the default calendar of the year."""
        if self.calendar is not None:
            return self.calendar
        from xlplan.plan.calendar import calendar

        return calendar(self.year).days

    @property
    def views(self) -> list[View]:
        """The claims grouped so that those in one view are comparable."""
        return list(self._by_key.values())

    @cached_property
    def _by_key(self) -> dict[ViewKey, View]:
        groups: dict[ViewKey, dict[FigureAt, list[Claim]]] = {}
        for claim in self.claims:
            if claim.metric:
                key = ViewKey(claim.store, claim.scope, claim.year, claim.kind)
                cell = FigureAt(claim.metric, claim.period, claim.index)
                groups.setdefault(key, {}).setdefault(cell, []).append(claim)
        return {key: View(key, cells, self._days(key.year)) for key, cells in groups.items()}

    def _days(self, year: int) -> Days:
        return replace(self.days, year=year)

    def plans(self) -> list[View]:
        """Views of targets and of actuals: those that identities must hold in."""
        return [view for view in self.views if view.key.kind in (Kind.TARGET, Kind.ACTUAL)]

    def view(self, store: str, scope: Scope, year: int, kind: Kind) -> View:
        """Return one view, empty when nothing was stated."""
        key = ViewKey(store, scope, year, kind)
        return self._by_key.get(key) or View(key, {}, self._days(year))

    def known(
        self, metric: str, year: int, store: str = "", scope: Scope = WHOLE
    ) -> Figure | None:
        """Return a year's figure: the actual of a past year, else the target."""
        order = (Kind.ACTUAL, Kind.TARGET) if year < self.year else (Kind.TARGET, Kind.ACTUAL)
        found = (self.view(store, scope, year, kind).annual(metric) for kind in order)
        return next((item for item in found if item), None)

    def find(self, **want: object) -> list[Claim]:
        """Return the claims whose attributes equal `want`."""
        pool = self._by_store.get(want["store"], []) if "store" in want else self.claims
        return [
            claim
            for claim in pool
            if all(getattr(claim, name) == value for name, value in want.items())
        ]

    @cached_property
    def _by_store(self) -> dict[object, list[Claim]]:
        found: dict[object, list[Claim]] = {}
        for claim in self.claims:
            found.setdefault(claim.store, []).append(claim)
        return found

    def ad_claims(self, store: str, year: int) -> list[Claim]:
        """Return every annual advertising amount planned, as a target or as a budget line."""
        found = self.find(store=store, year=year, period=Span.YEAR, kind=Kind.TARGET)
        return [claim for claim in found if is_advertising(claim)]


def is_advertising(claim: Claim) -> bool:
    """Return True for the shop's 推广费, also when it is a line of the budget."""
    if claim.metric == "budget":
        return metric_name(claim.scope.leaf) == "spend"
    return claim.metric == "spend" and claim.scope == WHOLE
