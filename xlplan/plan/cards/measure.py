"""Cards measured: what the year should reach, what is due by now, attainment, status, score.

A card is measured by the months that have actuals, against the targets of those months; what
nobody reported is missing, not zero. 指标卡 says the same in live formulas.
"""

from __future__ import annotations

import math
from dataclasses import field
from typing import TYPE_CHECKING

from xlplan.plan.cards.card import (
    AT_LEAST,
    AT_MOST,
    BY_PLAN,
    DAILY,
    EACH,
    EVENLY,
    FROM_LAST,
    KINDS,
    LAST,
    LOWER,
    MONTHLY,
    QUARTERLY,
    RATIO,
    SUM,
    WEEKLY,
)
from xlplan.plan.targets.claims import WEEKS
from xlplan.record import bundle, record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.plan.cards.card import Card, Weight

#: Attainment from here on is done, from there on under way.
DONE, UNDER_WAY = 1.0, 0.8
REACHED, GOING, BEHIND, BROKEN = "达标", "进行中", "落后", "未达标"
NO_TARGET, NO_ACTUAL, IN_WORDS, PAST = "没有目标", "还没有实际", "文字目标", "往年数"
#: One line cannot make up for the others beyond this.
CAP = 1.2
#: Periods that a year has a fixed number of.
TIMES = {QUARTERLY: 4.0, MONTHLY: 12.0, WEEKLY: float(WEEKS)}


@record
class Taken:
    """What the plan book says of a card's metric.

    Attributes:
        value: What was reached; None when nothing is known.
        known: Share of each month's days that are known.
        year: The year's plan, which is the target of a card that states none.
        due: What of it was planned for the days that are known.
    """

    value: float | None
    known: tuple[float, ...]
    year: float | None = None
    due: float | None = None


@bundle
class Setting:
    """What all cards are measured in.

    Attributes:
        days: Days of each month.
        plan: Planned sales of each month, for `BY_PLAN`.
        passed: Share of each month that has passed; all of it when nothing says what day it is.
        taken: Place of a card → what the book says of its metric; others are typed.
        cap: See `CAP`.
    """

    days: tuple[float, ...]
    plan: tuple[float, ...]
    passed: tuple[float, ...] = (1.0,) * 12
    taken: Mapping[int, Taken] = field(default_factory=dict)
    cap: float = CAP


@record
class Measured:
    """A card measured; what cannot be said is None.

    Attributes:
        year: The year's target.
        due: What should be reached by now.
        actual: What is reached.
        rate: Attainment.
        state: In a word.
        share: Its weight among the lines that have a score.
        score: 100 at its target.
        own: What is reached without dividing lines.
        upto: The month that its actuals reach to, 0 for none.
    """

    year: float | None
    due: float | None
    actual: float | None
    rate: float | None
    state: str
    share: float | None
    score: float | None
    own: float | None
    upto: int


def measured(cards: Sequence[Card], weights: Sequence[Weight], setting: Setting) -> list[Measured]:
    """Return every card measured, in order."""
    owns = [_own(card, number, setting) for number, card in enumerate(cards)]
    by_title: dict[str, int] = {}
    for number, card in enumerate(cards):
        by_title.setdefault(card.title, number)
    return [
        _measure(cards, number, owns, by_title, weights, setting) for number in range(len(cards))
    ]


def overall(lines: Sequence[Measured]) -> float | None:
    """Return the score of all lines together, by their weights; None when none has one."""
    scored = [(line.share, line.score) for line in lines if line.share and line.score is not None]
    whole = math.fsum(share for share, _ in scored)
    return math.fsum(share * score for share, score in scored) / whole if whole else None


def scores_by(cards: Sequence[Card], lines: Sequence[Measured], weight: Weight) -> float | None:
    """Return the score of the lines of a channel, category or tier."""
    name = KINDS.get(weight.kind, "")
    mine = [line for card, line in zip(cards, lines, strict=True) if name and getattr(card, name) == weight.name]  # fmt: skip
    return overall(mine)


@record
class _Own:
    """What a card reached by itself, by which month, and what share of each month is known."""

    value: float | None
    upto: int
    known: tuple[float, ...]


def _own(card: Card, number: int, setting: Setting) -> _Own:
    taken = setting.taken.get(number)
    if taken is not None:
        return _Own(taken.value, _last(taken.known), taken.known)
    known = tuple(float(value is not None) for value in card.done)
    if any(known):
        upto = _last(known)
        total = math.fsum(value for value in card.done if value is not None)
        return _Own(total if card.how == SUM else card.done[upto - 1], upto, known)
    return _Own(card.actual, _last(setting.passed), setting.passed)


def _last(known: Sequence[float]) -> int:
    """Return the last month that is known at all, 0 for none."""
    return max((month for month, share in enumerate(known, start=1) if share > 0), default=0)


def _measure(  # noqa: PLR0913, PLR0917  # a line among its neighbours
    cards: Sequence[Card],
    number: int,
    owns: Sequence[_Own],
    by_title: Mapping[str, int],
    weights: Sequence[Weight],
    setting: Setting,
) -> Measured:
    card, own = cards[number], owns[number]
    actual = own.value
    if card.how == RATIO and card.top and card.bottom:
        own, actual = _quotient(card, owns, by_title)
    year, due = year_target(card, setting), _due(card, year_target(card, setting), own, setting)
    taken = setting.taken.get(number)
    if taken is not None and card.target is None and not any(v is not None for v in card.months):
        year, due = taken.year, taken.due
    rate = _rate(card, actual, due)
    score = _score(card, actual, due, rate, setting.cap)
    share = _weighed(card, weights) if score is not None else None
    return Measured(
        year, due, actual, rate, _state(card, actual, due, rate), share, score,
        owns[number].value, owns[number].upto,
    )  # fmt: skip


def _quotient(
    card: Card, owns: Sequence[_Own], by_title: Mapping[str, int]
) -> tuple[_Own, float | None]:
    """Return the months of the line above, and its year over that of the line below."""
    above, below = (by_title.get(name) for name in (card.top, card.bottom))
    if above is None or below is None:
        return _Own(None, 0, (0.0,) * 12), None
    one, other = owns[above], owns[below]
    known = one.value is not None and other.value not in (None, 0.0)
    return one, one.value / other.value if known else None  # type: ignore[operator]


def year_target(card: Card, setting: Setting) -> float | None:
    """Return the year's target: times its number where it adds up, its months when only they are typed."""
    typed = [value for value in card.months if value is not None]
    if card.target is None:
        return math.fsum(typed) if typed and card.how == SUM else None
    if card.how != SUM:
        return card.target
    if card.per == EACH:
        return card.target * card.count if card.count else None
    times = math.fsum(setting.days) if card.per == DAILY else TIMES.get(card.per, 1.0)
    return card.target * times


def _due(card: Card, year: float | None, own: _Own, setting: Setting) -> float | None:
    if card.how == SUM:
        return None if year is None else _added(card, year, own.known, setting)
    typed = card.months[own.upto - 1] if own.upto else None
    if typed is not None or card.target is None:
        return typed
    if card.path == FROM_LAST and card.last is not None and own.upto:
        return card.last + (card.target - card.last) * own.upto / 12
    return card.target


def _added(card: Card, year: float, known: Sequence[float], setting: Setting) -> float:
    """Return what is due of a target that adds up: typed months, the rest by days, plan or evenly."""
    shape = _shape(card, setting)
    pairs = list(zip(card.months, shape, known, strict=True))
    rest = year - math.fsum(value for value, _, _ in pairs if value is not None)
    free = math.fsum(weight for value, weight, _ in pairs if value is None)
    due = math.fsum(value * share for value, _, share in pairs if value is not None)
    if not free:
        return due
    return due + rest / free * math.fsum(w * share for value, w, share in pairs if value is None)


def _shape(card: Card, setting: Setting) -> Sequence[float]:
    if card.path == BY_PLAN:
        return setting.plan
    even = card.path == EVENLY or (not card.path and card.per in (MONTHLY, QUARTERLY))
    return (1.0,) * 12 if even else setting.days


def _rate(card: Card, actual: float | None, due: float | None) -> float | None:
    if actual is None or due is None or due <= 0:
        return None
    rate = actual / due
    return max(0.0, 2 - rate) if card.way in (LOWER, AT_MOST) else rate


def _kept(card: Card, actual: float, due: float) -> bool:
    return actual >= due if card.way == AT_LEAST else actual <= due


def _score(
    card: Card, actual: float | None, due: float | None, rate: float | None, cap: float
) -> float | None:
    if actual is None or due is None:
        return None
    if card.way in (AT_LEAST, AT_MOST):
        return 100.0 if _kept(card, actual, due) else 0.0
    return None if rate is None else 100.0 * max(0.0, min(cap, rate))


def _state(card: Card, actual: float | None, due: float | None, rate: float | None) -> str:
    if due is None:
        past = (card.before, card.last_target, card.last) != (None, None, None)
        return IN_WORDS if card.goal else PAST if past else NO_TARGET
    if actual is None:
        return NO_ACTUAL
    if card.way in (AT_LEAST, AT_MOST):
        return REACHED if _kept(card, actual, due) else BROKEN
    if rate is None:
        return NO_TARGET
    return REACHED if rate >= DONE else GOING if rate >= UNDER_WAY else BEHIND


def _weighed(card: Card, weights: Sequence[Weight]) -> float:
    """Return its own weight × those of its channel, category and tier; 1 for what has none."""
    whole = 1.0 if card.weight is None else card.weight
    for kind, name in KINDS.items():
        named = [w.value for w in weights if (w.kind, w.name) == (kind, getattr(card, name)) and w.value is not None]  # fmt: skip
        whole *= math.fsum(named) if named else 1.0
    return whole


__all__ = [
    "LAST",
    "Measured",
    "Setting",
    "Taken",
    "measured",
    "overall",
    "scores_by",
    "year_target",
]
