"""Cards of a target list: what no table of the plan holds, so that nothing a person wrote vanishes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from xlplan.metrics import Add, Unit, Window
from xlplan.plan.audit.case import event_name
from xlplan.plan.cards.card import (
    AT_LEAST,
    AT_MOST,
    DAILY,
    EACH,
    LAST,
    LOWER,
    MONTHLY,
    PER_DAY,
    QUARTERLY,
    UNADDED,
    WEEKLY,
    Card,
)
from xlplan.plan.targets.claims import MONTHS, WHOLE, Kind, Span
from xlplan.plan.targets.measures import adds as _adds
from xlplan.plan.targets.measures import label_of, show
from xlplan.record import draft, replace
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from xlplan.metrics import Metric, Registry
    from xlplan.plan.targets.claims import Claim

#: Kind of a claim → the word its name ends with, and words that say it already.
_WORDS = {
    Kind.SHARE: ("占比", ("占比", "比重", "份额", "贡献", "率")),
    Kind.GROWTH: ("增长率", ("增长", "同比", "增幅", "增速")),
    Kind.ATTAINMENT: ("达成率", ("达成", "完成")),
}
_LIMITS = {Kind.FLOOR: AT_LEAST, Kind.CAP: AT_MOST}
_PERS = {Span.QUARTER: QUARTERLY, Span.MONTH: MONTHLY, Span.WEEK: WEEKLY, Span.DAY: DAILY, Span.SESSION: EACH}  # fmt: skip
#: Metrics of target lists that the registry does not have → their unit.
_UNITS = {"budget": "元", "users": "个", "discount": "元"}
#: Names of things that are there and do not add up.
_GAIN = regex("新增|净增|增加|拉新")
_LEVEL = regex(
    "规模|存量|粉丝数?$|会员数|用户数|库存|周转|时效|排名|评分|月活|日活|群数|款数|在架|在售|备货"
)
_FIELDS = {"渠道": "part", "品类": "category", "客群": "tier"}


@draft
class _Line:
    """A card in the making; months and figures are taken one by one."""

    key: tuple[str, ...]
    card: Card
    metric: str


def cards_of(
    claims: Iterable[Claim], year: int, metrics: Registry, noted: Container[int] = ()
) -> list[Card]:
    """Return a card for each thing that is stated, its years and months side by side.

    Args:
        claims: What no other table holds, and what is said beside figures that one holds.
        year: Plan year.
        metrics: The book's registry: a card of a metric takes its actuals from the plan book.
        noted: Places of claims whose figure stands elsewhere: only their remarks are taken.
    """
    lines: list[_Line] = []
    for number, claim in enumerate(claims):
        if number in noted:
            _note(lines, claim, year, metrics)
            continue
        if claim.kind is Kind.PROMO or claim.kind is Kind.DATE or math.isnan(claim.value):
            lines.append(_in_words(claim, metrics))
            continue
        card = _card(claim, year, metrics)
        slot, at = _slot(claim, year)
        key = (card.store, card.name, card.part, card.category, card.tier, card.per)
        line = next((one for one in lines if one.key == key and _free(one.card, slot, at)), None)
        if line is None:
            line = _Line(key, card, "" if claim.kind in _WORDS else claim.metric)
            lines.append(line)
        line.card = _with(line.card, card, slot, at, claim.value)
    return [_settled(line, metrics) for line in lines]


def _note(lines: list[_Line], claim: Claim, year: int, metrics: Registry) -> None:
    """Put what is said beside a figure into the line of its metric; a new one takes it from the plan."""
    card = _card(claim, year, metrics)
    key = (card.store, card.name, card.part, card.category, card.tier, "")
    line = next((one for one in lines if one.key == key), None)
    if line is None:
        lines.append(_Line(key, replace(card, per="", note=""), claim.metric))
        line = lines[-1]
    line.card = _said(line.card, card)


def _card(claim: Claim, year: int, metrics: Registry) -> Card:
    """Return what a claim says besides its figure."""
    metric = metrics.metrics.get(claim.metric)
    per = _per(claim)
    where, name = _where(claim), _name(claim, year)
    known = bool(claim.metric) and not _adds(claim.metric)
    level = per in (EACH, PER_DAY) or known or (_LEVEL.search(name) and not _GAIN.match(name))
    adds = LAST if level and _unit(claim, metric) not in UNADDED else ""
    usual = LOWER if metric is not None and metric.lower_is_better else ""
    return Card(
        name, claim.store, unit=_unit(claim, metric), better=_LIMITS.get(claim.kind, usual),
        adds=adds, per=per, count=claim.times if per == EACH else None, owner=claim.owner,
        industry=claim.industry, cadence=claim.frequency, note="；".join(filter(None, (claim.note, f"口径：{claim.basis}" if claim.basis else ""))),
        **where,  # type: ignore[arg-type]
    )  # fmt: skip


def _name(claim: Claim, year: int) -> str:
    name = claim.label or label_of(claim.metric)
    word, known = _WORDS.get(claim.kind, ("", ()))
    if word and not any(said in name for said in known):
        name += word
    monthly = claim.index and claim.period in (Span.MONTH, Span.DAY)
    old = claim.year < year - 2 or (claim.year < year and monthly)
    return f"{claim.year}年{name}" if old else name


def _where(claim: Claim) -> dict[str, str]:
    """Return the fields that say what part of the shop a claim is about."""
    if claim.scope == WHOLE:
        return {}
    limit = f"(>{claim.threshold:g}元)" if claim.threshold else ""
    if name := _FIELDS.get(claim.scope.kind):
        return {name: f"{claim.scope.name}{limit}"}
    return {"part": f"{claim.scope.kind}:{claim.scope.name}{limit}"}


def _per(claim: Claim) -> str:
    if claim.period is Span.EVENT:
        return event_name(claim.index) if claim.index else claim.scope.leaf
    if claim.period is Span.QUARTER and claim.index:
        return f"{claim.index}季度"
    if claim.index and claim.period is Span.DAY:
        return PER_DAY
    if claim.index and claim.period is Span.MONTH:
        return ""
    return _PERS.get(claim.period, "")


def _unit(claim: Claim, metric: Metric | None) -> str:
    if claim.kind in _WORDS or (metric is not None and metric.unit is Unit.PERCENT):
        return Unit.PERCENT.value
    if metric is not None and metric.unit is not Unit.COUNT:
        return metric.unit.value
    if claim.unit:
        return claim.unit
    if metric is not None or claim.metric in _UNITS:
        return _UNITS.get(claim.metric, Unit.COUNT.value)
    return "%" if "%" in claim.text else "倍" if ":" in claim.text else ""


def _in_words(claim: Claim, metrics: Registry) -> _Line:
    """A date, an offer, or words where a figure was expected."""
    card = replace(_card(claim, claim.year, metrics), goal=claim.text)
    if claim.kind is Kind.PROMO:
        card = replace(card, unit="元")
    return _Line((), replace(card, unit="" if claim.kind is not Kind.PROMO else card.unit), "")


def _slot(claim: Claim, year: int) -> tuple[str, int]:
    """Return the field a figure belongs to, and its month (0 for none)."""
    month = claim.index if claim.period in (Span.MONTH, Span.DAY) else 0
    past = year - claim.year
    if past == 0:
        if claim.kind is Kind.ACTUAL:
            return ("done", month) if month else ("actual", 0)
        return ("months", month) if month else ("target", 0)
    if past > 2 or month:
        return ("done", month) if month else ("actual", 0)
    if past == 1:
        aimed = claim.kind in (Kind.TARGET, Kind.FLOOR, Kind.CAP)
        return ("last_target" if aimed else "last"), 0
    return "before", 0


def _free(card: Card, slot: str, at: int) -> bool:
    value = getattr(card, slot)
    return (value[at - 1] if at else value) is None


def _with(card: Card, said: Card, slot: str, at: int, value: float) -> Card:
    """Return the card with a figure, and what the claim says that the card did not say yet."""
    new: Any = value
    if at:
        row = list(getattr(card, slot))
        row[at - 1] = value
        new = tuple(row)
    return replace(_said(card, said), **{slot: new})


def _said(card: Card, said: Card) -> Card:
    """Return the card with the words of another one that it does not have yet."""
    texts: dict[str, Any] = {
        name: getattr(said, name)
        for name in ("unit", "better", "owner", "cadence", "count", "industry")
        if not getattr(card, name) and getattr(said, name)
    }
    if said.note and said.note not in card.note:
        texts["note"] = "；".join(filter(None, (card.note, said.note)))
    return replace(card, **texts)


def _settled(line: _Line, metrics: Registry) -> Card:
    """Return the card with where its actuals come from, and which way is good where that shows."""
    card = line.card
    metric = metrics.metrics.get(line.metric)
    plain = not (card.part or card.category or card.tier)
    whole = card.per in ("", QUARTERLY, MONTHLY, WEEKLY, DAILY)
    ahead = card.actual is None and not any(value is not None for value in card.done)
    if metric is not None and plain and whole and ahead and takes(metric, metrics):
        card = replace(card, source=label_of(metric.name))
    falls = card.last is not None and card.target is not None and card.target < card.last
    return replace(card, better=LOWER) if falls and not card.better and metric is None else card


def takes(metric: Metric, metrics: Registry) -> bool:
    """Return whether a card can take the year's actuals of a metric: a flow, or a ratio of flows."""
    if metric.name.endswith("_target") or metric.window is not Window.DAY:
        return False
    parts = [metrics[name] for name in metrics.order([metric.name])]
    return all(one.add in (Add.FLOW, Add.RATIO) and one.window is Window.DAY for one in parts)


def guessed(cards: Iterable[Card]) -> list[str]:
    """Return the cards whose direction was taken from last year's figure, for the person to see."""
    return [card.title for card in cards if card.better == LOWER and card.last is not None and card.target is not None]  # fmt: skip


def shown(card: Card) -> str:
    """Return a card's target as a person reads it."""
    if card.target is None:
        return card.goal or "-"
    if card.unit == "%":
        return show(card.target, "cvr")
    return f"{card.target:,.10g}{card.unit}"


__all__ = ["MONTHS", "cards_of", "guessed", "shown", "takes"]
