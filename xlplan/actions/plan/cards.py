"""What a target list says and neither 年度目标 nor 品类平台 holds goes to 指标卡."""

from __future__ import annotations

import calendar
import math
from typing import TYPE_CHECKING

from xlplan.cells import address
from xlplan.errors import Level, Problem, Where
from xlplan.plan.cards.card import RATIO, card_from, card_texts
from xlplan.plan.cards.fromclaims import cards_of, guessed
from xlplan.plan.targets.claims import MONTHS, WEEKS, WHOLE, Claim, Kind, Span, dated
from xlplan.plan.targets.measures import adds, show
from xlplan.record import bundle, replace
from xlplan.sheets.base.names import CARDS
from xlplan.sheets.cards.sheet import LINES
from xlplan.sheets.targets.rows import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from xlplan.cells import Value
    from xlplan.plan.parts.splits import Splits
    from xlplan.plan.year import Settings
    from xlplan.sheets.base.sheet import BookRead

_NAMED = 12


@bundle
class Held:
    """What 年度目标 and 品类平台 hold of a target list.

    Attributes:
        values: 年度目标, by row and column key.
        splits: 品类平台.
        stores: The book's stores.
        settings: Its conventions.
        year: Plan year.
    """

    values: Mapping[tuple[str, str], Value]
    splits: Splits
    stores: Sequence[str]
    settings: Settings
    year: int

    def has(self, claim: Claim) -> bool:
        """Return whether a cell (or several added up) shows a statement."""
        if claim.scope != WHOLE:
            return self._in_splits(claim)
        if claim.metric not in LABELS or not math.isfinite(claim.value):
            return False
        if claim.kind is Kind.ACTUAL:
            past = claim.year == self.year - 1 and claim.period is Span.YEAR
            return past and self._shows(claim, ("last",), 1.0)
        if claim.kind is not Kind.TARGET or claim.year != self.year:
            return False
        return any(self._shows(claim, columns, times) for columns, times in self._places(claim))

    def _places(self, claim: Claim) -> Iterator[tuple[tuple[str, ...], float]]:
        """Yield the columns that together show a figure, and how many times it they show."""
        span, index, flow = claim.period, claim.index, adds(claim.metric)
        if span is Span.YEAR:
            yield ("value",), 1.0
            if flow:
                yield tuple(f"m:{month}" for month in MONTHS), 1.0
        elif span is Span.MONTH and index:
            yield (f"m:{index}",), 1.0
        elif flow and span is Span.QUARTER and index:
            yield tuple(f"m:{month}" for month in range(3 * index - 2, 3 * index + 1)), 1.0
        elif flow and span is Span.DAY and index:
            for days in {calendar.monthrange(self.year, index)[1], 30}:
                yield (f"m:{index}",), float(days)
        elif flow and not index:
            year = 366.0 if calendar.isleap(self.year) else 365.0
            times = {Span.QUARTER: 4.0, Span.MONTH: 12.0, Span.WEEK: float(WEEKS), Span.DAY: year}
            if span in times:
                yield ("value",), times[span]

    def _shows(self, claim: Claim, columns: tuple[str, ...], times: float) -> bool:
        known = claim.store in self.stores or len(self.stores) == 1
        stores = [claim.store if claim.store in self.stores else self.stores[0]] if known else self.stores  # fmt: skip
        rows = [f"t:{store}|{claim.metric}" for store in stores]
        cells = [[self.values.get((row, column)) for column in columns] for row in rows]
        if any(value is None for row in cells for value in row):
            return False
        sums = [math.fsum(float(value) for value in row) for row in cells]  # type: ignore[arg-type]
        wanted = claim.value * times
        near = claim.half * times + 1e-9 * abs(wanted)
        if adds(claim.metric):
            return abs(math.fsum(sums) - wanted) <= near
        return all(abs(value - wanted) <= near for value in sums)

    def _in_splits(self, claim: Claim) -> bool:
        parts = {"品类": self.splits.categories, "平台": self.splits.platforms}.get(claim.scope.kind, ())  # fmt: skip
        whole = claim.period is Span.YEAR and claim.year == self.year and claim.metric == "gmv"
        share = next((part.share for part in parts if part.name == claim.scope.name), None)
        if share is None or not whole or claim.kind not in (Kind.SHARE, Kind.TARGET):
            return False
        if claim.kind is Kind.SHARE:
            return abs(share - claim.value) <= claim.half + 1e-9
        sales = self._sales()
        return sales is not None and abs(share * sales - claim.value) <= claim.half + 1e-6 * sales

    def _sales(self) -> float | None:
        years = [self.values.get((f"t:{store}|gmv", "value")) for store in self.stores]
        return math.fsum(float(v) for v in years if v is not None) if None not in years else None  # type: ignore[arg-type]


def cards_for(claims: Sequence[Claim], held: Held) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Return the cards of a target list as the state keeps them, and what is said about them."""
    stated = [dated(claim, held.year) for claim in claims]
    has = [held.has(claim) for claim in stated]
    left = [c for c, held_ in zip(stated, has, strict=True) if not held_ or c.note or c.owner or c.industry is not None]  # fmt: skip
    noted = {number for number, claim in enumerate(left) if held.has(claim)}
    cards = cards_of(left, held.year, held.settings.registry, noted)
    if not cards:
        return [], []
    names = list(dict.fromkeys(card.title for card in cards))
    listed = "、".join(names[:_NAMED]) + (f" 等 {len(names)} 项" if len(names) > _NAMED else "")
    what = f"“年度目标”里没有位置的 {len(cards)} 项记在“{CARDS}”：{listed}"
    told = [Problem(left[0].where, what, Level.INFO, "", "targets")]
    if falling := guessed(cards):
        what = f"目标比去年低，按越低越好看：{'、'.join(falling[:_NAMED])}"
        told.append(
            Problem(left[0].where, what, Level.INFO, f"不对就在“{CARDS}”改方向", "targets")
        )
    return [card_texts(card) for card in cards], told


def card_findings(read: BookRead, targets: Sequence[Problem]) -> list[Problem]:
    """Return what the cards say against one another and against 年度目标.

    Args:
        read: The book.
        targets: What 体检 finds in 年度目标 by itself.
    """
    state = read.state
    cards = state.own.get(LINES)
    at = read.at[CARDS] if cards else None
    if not cards or at is None:
        return []
    from xlplan.plan.audit.rules import audit
    from xlplan.sheets.cards.statements import card_claims

    year, stores = state.year, state.year.stores
    claims = card_claims(cards, at, year.year)
    if len(stores) == 1:
        claims = [replace(one, store=one.store or stores[0]) for one in claims]
    found = audit(
        [*read.claims, *_company(read.claims, stores, year.year), *claims],
        year=year.year,
        calendar=year.calendar.days,
        day_convention=year.settings.day_convention,
    )
    known = {(one.rule, one.what) for one in targets}
    return [*_sources(cards, read), *(one for one in found if (one.rule, one.what) not in known)]


def _company(claims: Sequence[Claim], stores: Sequence[str], year: int) -> list[Claim]:
    """Return the company's amounts: its stores' added up, where every store has one."""
    made = []
    for metric in ("gmv", "uv", "spend"):
        for when, kind in ((year, Kind.TARGET), (year - 1, Kind.ACTUAL)):
            found = {c.store: c for c in claims if (c.metric, c.year, c.kind, c.period) == (metric, when, kind, Span.YEAR)}  # fmt: skip
            if len(stores) > 1 and all(store in found for store in stores):
                parts = [found[store] for store in stores]
                total = math.fsum(part.value for part in parts)
                made.append(replace(parts[0], store="", value=total, text=show(total, metric), half=math.fsum(p.half for p in parts)))  # fmt: skip
    return made


def _sources(cards: Sequence[Mapping[str, Any]], read: BookRead) -> list[Problem]:
    """Say which lines take actuals from nowhere, or divide lines that are not there."""
    from xlplan.sheets.cards.lookup import source_of

    year, at = read.state.year, read.at[CARDS]
    titles = {card_from(one).title for one in cards}
    told = []
    for texts, row in zip(cards, at.lines, strict=True):
        card = card_from(texts)
        wrong = []
        if card.source and source_of(card, year) is None:
            near = year.metrics.suggest(card.source)
            wrong.append(("source", f"“{card.source}”不是能自动取数的指标", f"是“{near}”吗？" if near else "清空，改填实际"))  # fmt: skip
        if card.store and card.store not in year.stores:
            wrong.append(("store", f"没有店铺“{card.store}”", f"店铺是：{'、'.join(year.stores)}；空着为合计"))  # fmt: skip
        for key, word in (("top", "分子"), ("bottom", "分母")):
            name = getattr(card, key)
            if card.adds == RATIO and name and name not in titles:
                wrong.append((key, f"没有叫“{name}”的行可作{word}", "写那一行的全名，如 自播GMV·短视频"))  # fmt: skip
        told += [
            Problem(Where(sheet=CARDS, cell=address(row, at.columns[key])), f"{card.title}：{what}", Level.WARNING, remedy, CARDS)
            for key, what, remedy in wrong
        ]  # fmt: skip
    return told
