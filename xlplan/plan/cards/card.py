"""A KPI card: one named target as a person wrote it, and as JSON keeps it."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

#: How months add up: they are summed, the last one stands, or two other lines are divided.
SUM, LAST, RATIO = "和", "末值", "比率"
ADDING = (SUM, LAST, RATIO)
#: Which way is good; the last two are limits: kept or broken, nothing between.
HIGHER, LOWER, AT_LEAST, AT_MOST = "越高越好", "越低越好", "不低于", "不超过"
WAYS = (HIGHER, LOWER, AT_LEAST, AT_MOST)
#: What one figure of the target is for.
YEARLY, QUARTERLY, MONTHLY, WEEKLY, DAILY, EACH, PER_DAY = "全年", "每季", "每月", "每周", "每日", "每场", "日均"  # fmt: skip
PERIODS = (YEARLY, QUARTERLY, MONTHLY, WEEKLY, DAILY, EACH, PER_DAY)
#: How a year's target is reached where no months are typed.
BY_DAYS, BY_PLAN, EVENLY, FROM_LAST = "按天", "按计划", "平均", "从去年起"
PATHS = (BY_DAYS, BY_PLAN, EVENLY, FROM_LAST)
#: Name of a column of contributions that belongs to a card: this and the card's name.
PREFIX = "card:"
#: Units that are never added up.
UNADDED = ("%", "倍", "天", "小时", "分钟", "秒", "分", "名")
EMPTY: tuple[float | None, ...] = (None,) * 12


@record
class Card:
    """One line.

    Attributes:
        name: What is measured.
        store: The store it is of; "" is the whole company.
        group: Where it belongs (流量, 用户, 供应链 …), for people.
        part: The channel, or another part written ``kind:name``; "" is everything.
        category: The category.
        tier: The tier of customers, with the spending that counts: 高价值(>5000元).
        unit: 元, %, 倍, or a measure word; figures are in it, percent as fractions.
        better: One of `WAYS`, "" is `HIGHER`.
        adds: One of `ADDING`; "" is `LAST` for `UNADDED` units, else `SUM`.
        top: The line above the fraction of a `RATIO`.
        bottom: The line below it.
        source: The metric of the plan book whose actuals count; "" when they are typed.
        before: The year before last.
        last_target: Last year's target.
        last: Last year, the baseline.
        industry: What others reach.
        target: The target.
        goal: The target in words, where it is no number.
        per: What `target` is for, one of `PERIODS` or a campaign; "" is `YEARLY`.
        count: How many of them a year has (场次).
        path: One of `PATHS`.
        months: Targets of months.
        actual: What was reached, as one figure.
        done: What was reached by month.
        weight: Its weight; None is 1.
        owner: Who answers for it.
        cadence: How often it is looked at, as typed.
        note: Anything else.
    """

    name: str
    store: str = ""
    group: str = ""
    part: str = ""
    category: str = ""
    tier: str = ""
    unit: str = ""
    better: str = ""
    adds: str = ""
    top: str = ""
    bottom: str = ""
    source: str = ""
    before: float | None = None
    last_target: float | None = None
    last: float | None = None
    industry: float | None = None
    target: float | None = None
    goal: str = ""
    per: str = ""
    count: float | None = None
    path: str = ""
    months: tuple[float | None, ...] = EMPTY
    actual: float | None = None
    done: tuple[float | None, ...] = EMPTY
    weight: float | None = None
    owner: str = ""
    cadence: str = ""
    note: str = ""

    @property
    def how(self) -> str:
        """How its months add up, the usual way when it does not say."""
        return self.adds or (LAST if self.unit in UNADDED else SUM)

    @property
    def way(self) -> str:
        """Which way is good."""
        return self.better or HIGHER

    @property
    def title(self) -> str:
        """The name that tells it apart: with its part, category and tier, and its store."""
        return title_of(self.name, self.part, self.category, self.tier, self.store)


@record
class Weight:
    """What a channel, category or tier counts for (the KPI matrix)."""

    kind: str
    name: str
    value: float | None = None


#: Kind of `Weight` → the field of a card that names it.
KINDS = {"渠道": "part", "品类": "category", "客群": "tier"}


def title_of(name: str, *parts: str) -> str:
    """Return how a line is called by others: name·part·category·tier·store, without the empty ones."""
    return "·".join(filter(None, (name, *parts)))


def card_texts(card: Card) -> dict[str, Any]:
    """Return a card as JSON has it, without what is empty."""
    found = {each.name: getattr(card, each.name) for each in fields(card)}
    found |= {name: list(found[name]) for name in ("months", "done")}
    return {key: value for key, value in found.items() if value not in ("", None, [None] * 12)}


def card_from(texts: Mapping[str, Any]) -> Card:
    """Return the card of `card_texts`."""
    rows = {name: tuple(texts[name]) for name in ("months", "done") if name in texts}
    return Card(**{**texts, **rows})


def weight_texts(weight: Weight) -> dict[str, Any]:
    """Return a weight as JSON has it."""
    return {"kind": weight.kind, "name": weight.name, "value": weight.value}
