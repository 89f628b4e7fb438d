"""What an operator states: one `Claim` per typed target, floor, share, actual or date.

A claim keeps the text as typed and its cell, so that a finding can quote it. Ratios are
fractions (4% = 0.04), ROI is GMV ÷ spend, money is yuan, whatever was typed.
"""

from __future__ import annotations

from dataclasses import field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from xlplan.errors import Where
from xlplan.record import record
from xlplan.regex import regex

if TYPE_CHECKING:
    import datetime as dt

#: A week row is counted 52 times a year, as operators do.
WEEKS = 52
MONTHS = tuple(range(1, 13))


class Span(StrEnum):
    """The time a claim is about; `Claim.index` says which one."""

    NONE = ""
    YEAR = "年"
    QUARTER = "季"
    MONTH = "月"
    WEEK = "周"
    DAY = "日"
    SESSION = "场"
    EVENT = "活动"


class Kind(StrEnum):
    """What a claim says about its metric."""

    TARGET = "目标"
    ACTUAL = "实际"
    FLOOR = "下限"
    CAP = "上限"
    SHARE = "占比"
    GROWTH = "增长率"
    ATTAINMENT = "达成率"
    PROMO = "满减"
    DATE = "日期"


@record
class Scope:
    """The part of the shop a claim is about: ``渠道:短视频/自播``; empty for 全店.

    Attributes:
        kind: What the parts are: 渠道, 平台, 品类, 客群, 活动, 预算项 …
        name: The part; ``/`` leads to a part of a part.
    """

    kind: str = ""
    name: str = ""

    def __lt__(self, other: Scope) -> bool:
        return (self.kind, self.name) < (other.kind, other.name)

    def __str__(self) -> str:
        return ":".join(filter(None, (self.kind, self.name))) or "全店"

    @property
    def parent(self) -> Scope:
        """The scope this one is a part of."""
        outer = self.name.rpartition("/")[0]
        return Scope(self.kind, outer) if outer else WHOLE

    @property
    def leaf(self) -> str:
        """The name without its parents."""
        return self.name.rpartition("/")[2]


WHOLE = Scope()


@record
class Claim:
    """One statement of a target list.

    Attributes:
        metric: Canonical name (gmv, uv, cvr …), "" when unknown.
        value: Number in base units; for a PROMO the discount, for a monthly DATE the day.
        label: The metric as typed.
        period: The time it is about; NONE when not written.
        index: Quarter 1–4, month 1–12, event (618, 1111 …); for DAY the month whose days are
            meant; 0 is each of them (每月, 每日) or, for YEAR, the year itself.
        year: Calendar year; 0 is the year planned.
        store: Store name; "" is the whole company.
        scope: The part of the store.
        kind: What it says.
        unit: Measure word as typed.
        half: Half the last digit typed, in units of `value`.
        frequency: How often a SESSION happens, as typed (每周3场).
        threshold: Spending that counts (高价值 >5000元) or the 满 of 满200减20.
        date: The day of a DATE claim.
        basis: How the metric is counted, as typed (支付金额, 每日, 合计 …).
        text: The value as typed.
        locked: Reconciling may not change it.
        confidence: 可信度 1–5; the surer, the less it moves.
        industry: What others reach, in units of `value`.
        owner: Who answers for it, as typed.
        note: The remarks beside it.
        where: Its cell.
    """

    metric: str
    value: float
    label: str = ""
    period: Span = Span.NONE
    index: int = 0
    year: int = 0
    store: str = ""
    scope: Scope = WHOLE
    kind: Kind = Kind.TARGET
    unit: str = ""
    half: float = 0.0
    frequency: str = ""
    threshold: float | None = None
    date: dt.date | None = None
    basis: str = ""
    text: str = ""
    locked: bool = False
    confidence: int = 3
    industry: float | None = None
    owner: str = ""
    note: str = ""
    where: Where = field(default_factory=Where)

    @property
    def times(self) -> float | None:
        """How often a year the frequency comes to; None when none is stated."""
        return times_a_year(self.frequency)


_PER_YEAR = {
    "年": 1,
    "季": 4,
    "季度": 4,
    "月": 12,
    "周": WEEKS,
    "星期": WEEKS,
    "天": 365,
    "日": 365,
}
_FREQUENCY = regex(
    r"(?:每|一)?(季度|星期|[年季月周天日])(\d+(?:\.\d+)?)?(?:[场次条篇]|$)"
    r"|(\d+(?:\.\d+)?)[场次条篇]?[/每](季度|星期|[年季月周天日])"
)


def times_a_year(text: str) -> float | None:
    """Read ``每周3场``, ``3场/周``, ``每天1次``; a week counts 52 times, None if not a frequency."""
    found = _FREQUENCY.fullmatch(text.replace(" ", ""))
    if not found:
        return None
    unit, count = (found[1], found[2]) if found[1] else (found[4], found[3])
    return float(count or 1) * _PER_YEAR[unit]


#: Kinds that speak of the whole year unless they say otherwise.
_YEARLY = (
    Kind.TARGET,
    Kind.ACTUAL,
    Kind.FLOOR,
    Kind.CAP,
    Kind.SHARE,
    Kind.GROWTH,
    Kind.ATTAINMENT,
)


def dated(claim: Claim, year: int) -> Claim:
    """Return the claim with its year filled in, and the year as its period when it has none."""
    whole = claim.period is Span.NONE and claim.kind in _YEARLY
    return replace(claim, year=claim.year or year, period=Span.YEAR if whole else claim.period)
