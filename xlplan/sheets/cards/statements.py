"""Cards as statements, so that 体检 holds them against one another and against 年度目标."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from xlplan.cells import address
from xlplan.errors import Where
from xlplan.plan.cards.card import (
    AT_LEAST,
    AT_MOST,
    DAILY,
    EACH,
    MONTHLY,
    PER_DAY,
    QUARTERLY,
    WEEKLY,
    card_from,
)
from xlplan.plan.targets.claims import MONTHS, WHOLE, Claim, Kind, Scope, Span
from xlplan.record import replace
from xlplan.regex import regex
from xlplan.sheets.base.names import CARDS
from xlplan.sheets.cards.columns import AIMS
from xlplan.sources.targets.words import Time, parse_amount, parse_label, parse_scope, parse_time
from xlplan.sources.text import Unread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from xlplan.plan.cards.card import Card
    from xlplan.sheets.cards.columns import CardsAt

_SPANS = {QUARTERLY: Span.QUARTER, MONTHLY: Span.MONTH, WEEKLY: Span.WEEK, DAILY: Span.DAY, EACH: Span.SESSION, PER_DAY: Span.DAY}  # fmt: skip
_SCALES = {"万元": 1e4, "万": 1e4, "千元": 1e3, "亿元": 1e8, "亿": 1e8}
_BASIS = regex(r"口径：([^；]+)")
_PAST_YEAR = regex(r"(20\d\d)年(.+)")


def card_claims(texts: Sequence[Mapping[str, object]], at: CardsAt, year: int) -> list[Claim]:
    """Return what the cards state, each figure with its cell.

    A card of several dimensions at once says nothing about one of them and is left out.

    Args:
        texts: The cards, as the state keeps them.
        at: Where they stand.
        year: Plan year.
    """
    cards = [card_from(one) for one in texts]
    found: list[Claim] = []
    for card, row in zip(cards, at.lines, strict=True):
        if card.name and sum(map(bool, (card.part, card.category, card.tier))) < 2:
            found += _claims(card, row, at, year)
    return found


def _claims(card: Card, row: int, at: CardsAt, year: int) -> Iterator[Claim]:
    base = _base(card, year)
    if base is None:
        return
    if _PAST_YEAR.fullmatch(card.name):  # its figures are typed as actuals of that year
        return
    slots = (
        ("before", year - 2, Kind.ACTUAL),
        ("last", year - 1, Kind.ACTUAL),
        ("last_target", year - 1, Kind.TARGET),
        ("target", year, Kind.TARGET),
    )
    for key, when, usual in slots:
        value = getattr(card, key)
        if value is not None:
            kind = usual if usual is Kind.ACTUAL and not _firm(base) else base.kind
            yield _claim(card, base, value, when, kind, (row, at.columns[key]))
    if card.per in ("", PER_DAY):
        span = Span.DAY if card.per else Span.MONTH
        for month, value in zip(MONTHS, card.months, strict=True):
            if value is not None:
                made = _claim(card, base, value, year, base.kind, (row, at.columns[AIMS[month - 1]]))  # fmt: skip
                yield replace(made, period=span, index=month)
    if card.goal:
        yield from _in_words(card, base, year, (row, at.columns["target"]))


def _firm(base: Claim) -> bool:
    """Whether its figures are of one kind in every year: a share, a growth, an attainment."""
    return base.kind in (Kind.SHARE, Kind.GROWTH, Kind.ATTAINMENT)


def _base(card: Card, year: int) -> Claim | None:
    """Return what all figures of a card have in common; None when its period means nothing."""
    label = parse_label(card.name)
    scope, limit = _scope(card)
    time = _time(card)
    if time is None:
        return None
    limits = {AT_LEAST: Kind.FLOOR, AT_MOST: Kind.CAP}
    basis = _BASIS.search(card.note)
    return Claim(
        label.metric, math.nan, card.name, store=card.store,
        period=time.span if time.span is not Span.NONE else label.time.span or Span.YEAR,
        index=time.index or label.time.index, year=year,
        scope=scope if scope != WHOLE else label.scope, threshold=limit,
        kind=label.kind or limits.get(card.better, Kind.TARGET),
        unit="" if card.unit in _SCALES else card.unit,
        frequency=card.cadence if card.per == EACH else "", basis=basis[1] if basis else "",
    )  # fmt: skip


def _scope(card: Card) -> tuple[Scope, float | None]:
    if card.tier:
        return parse_scope(f"客群:{card.tier}")
    if card.category:
        return parse_scope(f"品类:{card.category}")
    if card.part:
        return parse_scope(card.part if ":" in card.part or "：" in card.part else f"渠道:{card.part}")  # fmt: skip
    return WHOLE, None


def _time(card: Card) -> Time | None:
    if not card.per or card.per in _SPANS:
        return Time(_SPANS.get(card.per, Span.NONE))
    return parse_time(card.per)


def _claim(  # noqa: PLR0913, PLR0917  # one figure among those of its card
    card: Card, base: Claim, value: float, year: int, kind: Kind, spot: tuple[int, int]
) -> Claim:
    scaled = value * _SCALES.get(card.unit, 1.0)
    text = f"{value * 100:.10g}%" if card.unit == "%" else f"{value:,.10g}{card.unit if card.unit != '个' else ''}"  # fmt: skip
    return replace(
        base, value=scaled, half=_half(scaled), year=year, kind=kind, text=text,
        where=Where(sheet=CARDS, cell=address(*spot)),
    )  # fmt: skip


def _half(value: float) -> float:
    """Return half the last digit that a figure shows."""
    digits = f"{value:.10g}"
    if "e" in digits:
        return 0.0
    return 0.5 * 10.0 ** -len(digits.partition(".")[2]) if "." in digits else 0.5


def _in_words(card: Card, base: Claim, year: int, spot: tuple[int, int]) -> Iterator[Claim]:
    """Return what a target in words says: 满200减20, 每月25日, 9月20日."""
    read = parse_amount(card.goal, year=year)
    if read is None or isinstance(read, Unread) or read.kind is None:
        return
    yield replace(
        base, value=read.number.value, kind=read.kind, threshold=read.threshold, date=read.date, text=card.goal,
        period=read.span if read.span is not Span.NONE else base.period, where=Where(sheet=CARDS, cell=address(*spot)),
    )  # fmt: skip
