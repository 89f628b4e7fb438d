"""How findings say things: levels, distances, names of times."""

from __future__ import annotations

from xlplan.errors import Level
from xlplan.plan.targets.claims import Claim, Span
from xlplan.plan.targets.measures import number, show

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
