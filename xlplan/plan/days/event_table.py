"""The default campaigns of a year: common dates and published-template-like lifts, to be edited.

Dates of 2025 and 2026 are those known when this was written; every other year
takes the same pattern and is marked 预估. Lifts are defaults, not measurements:
special days 1.9 to 3.2, after-dips 0.4 to 0.6 (the printed profile of a retail
planning template), a 双11 peak of 8, a 618 peak of 5. `learning` replaces them.
"""

from __future__ import annotations

from dataclasses import field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from xlplan.plan.days.events import Event, LeadTime, Phase, in_year
from xlplan.plan.days.festivals import festival
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable

#: (name, first offset, last offset, lift of the first day, of the days between, of the last day)
_Stage = tuple[str, int, int, float, float, float]
#: Phase name → (first day, last day) as month-day numbers, where a year's dates are known.
_Dates = dict[str, tuple[int, int]]

_STANDARD = (LeadTime(7, "规则同步客服"), LeadTime(3, "锁库存"))
_LONG = (
    LeadTime(30, "报名与选品"),
    LeadTime(14, "备货到仓"),
    LeadTime(10, "素材与页面完成"),
    *_STANDARD,
)


@record
class _Pattern:
    """How an event recurs.

    `anchor` is (month, day) or a festival's name; `sale` the phases on sale; `budget` the share of a
    year's promotion money that it often gets, which nobody is made to follow.
    """

    name: str
    anchor: tuple[int, int] | str
    stages: tuple[_Stage, ...]
    sale: tuple[str, ...]
    budget: float
    leads: tuple[LeadTime, ...] = _STANDARD
    known: dict[int, _Dates] = field(default_factory=dict)
    unknown: tuple[int, ...] = ()


_PATTERNS = (
    _Pattern("元旦", (1, 1), (("假期", 0, 2, 1.3, 1.15, 1.05),), ("假期",), 0.02),
    _Pattern(
        "年货节",
        "春节",
        (("第一波", -24, -16, 2.2, 1.4, 1.4), ("冲刺", -15, -9, 1.5, 1.6, 1.9)),
        ("第一波", "冲刺"),
        0.07,
        (*_LONG, LeadTime(-8, "确认快递停发日")),
    ),
    _Pattern(
        "春节",
        "春节",
        (
            ("停发前", -8, -3, 1.0, 0.8, 0.6),
            ("假期", -2, 4, 0.5, 0.4, 0.5),
            ("复工", 5, 12, 0.6, 0.75, 0.9),
        ),
        ("假期",),
        0.0,
        (LeadTime(7, "公告停发与值班安排"), LeadTime(3, "锁库存")),
    ),
    _Pattern("情人节", (2, 14), (("预热", -4, -1, 1.1, 1.2, 1.3), ("当日", 0, 0, 1.3, 1.3, 1.3)), ("预热", "当日"), 0.01),
    _Pattern(
        "38焕新",
        (3, 8),
        (
            ("预热", -10, -8, 0.95, 0.9, 0.9),
            ("现货", -7, 0, 1.9, 1.4, 2.5),
            ("回落", 1, 3, 0.6, 0.7, 0.85),
        ),
        ("现货",),
        0.06,
    ),
    _Pattern("51", (5, 1), (("假期", 0, 4, 1.3, 1.15, 1.0), ("回落", 5, 6, 0.9, 0.9, 0.95)), ("假期",), 0.03),
    _Pattern("520", (5, 20), (("预热", -5, -1, 1.05, 1.1, 1.3), ("当日", 0, 0, 1.5, 1.5, 1.5)), ("预热", "当日"), 0.02),
    _Pattern(
        "618",
        (6, 18),
        (
            ("预售", -36, -34, 1.0, 0.95, 0.9),
            ("第一波", -33, -23, 2.6, 1.25, 1.3),
            ("间歇", -22, -20, 0.9, 0.85, 0.85),
            ("第二波", -19, -4, 2.8, 1.3, 1.3),
            ("狂欢", -3, 0, 1.9, 2.2, 5.0),
            ("返场", 1, 2, 1.4, 1.2, 1.1),
            ("回落", 3, 9, 0.5, 0.65, 0.9),
        ),
        ("预售", "第一波", "间歇", "第二波", "狂欢", "返场"),
        0.16,
        _LONG,
        {2026: {"预售": (510, 512), "第一波": (513, 519), "间歇": (520, 520), "第二波": (521, 614)}},
        unknown=(2026,),  # the waves are known, the presale before them is not
    ),
    _Pattern("88会员节", (8, 8), (("会员日", -7, 0, 1.4, 1.1, 1.9), ("回落", 1, 3, 0.7, 0.8, 0.9)), ("会员日",), 0.03),
    _Pattern("七夕", "七夕", (("预热", -5, -1, 1.05, 1.15, 1.4), ("当日", 0, 0, 1.4, 1.4, 1.4)), ("预热", "当日"), 0.02),
    _Pattern("99划算节", (9, 9), (("现货", -5, 0, 1.9, 1.3, 2.2), ("回落", 1, 3, 0.6, 0.75, 0.9)), ("现货",), 0.05),
    _Pattern("920会员节", (9, 20), (("会员日", -3, 0, 1.4, 1.2, 1.9), ("回落", 1, 2, 0.8, 0.9, 0.95)), ("会员日",), 0.03),
    _Pattern("国庆", (10, 1), (("假期", 0, 6, 1.3, 1.05, 1.0), ("回落", 7, 8, 0.9, 0.9, 0.95)), ("假期",), 0.03),
    _Pattern(
        "双11",
        (11, 11),
        (
            ("预售", -27, -23, 0.95, 0.9, 0.9),
            ("第一波", -22, -12, 3.2, 1.35, 1.3),
            ("第二波", -11, -2, 3.0, 1.35, 1.5),
            ("狂欢", -1, 0, 3.0, 5.0, 8.0),
            ("返场", 1, 3, 0.6, 0.7, 0.7),
            ("回落", 4, 10, 0.6, 0.75, 0.9),
        ),
        ("预售", "第一波", "第二波", "狂欢", "返场"),
        0.26,
        _LONG,
        unknown=(2026,),
    ),
    _Pattern("双12", (12, 12), (("年终好价", -4, 0, 1.5, 1.3, 2.6), ("回落", 1, 5, 0.6, 0.75, 0.9)), ("年终好价",), 0.06),
)  # fmt: skip
_KNOWN_YEARS = (2025, 2026)
#: Campaign → the share of a year's promotion money that it often gets: a hint on 活动, no plan.
USUAL_SHARES = {pattern.name: pattern.budget for pattern in _PATTERNS if pattern.budget}


def _anchor(pattern: _Pattern, year: int) -> date | None:
    if isinstance(pattern.anchor, str):
        return festival(pattern.anchor, year)
    return date(year, *pattern.anchor)


def _stage(stage: _Stage, anchor: date, known: _Dates) -> _Stage:
    name, start, end, *_ = stage
    if name in known:
        start, end = (_offset(month_day, anchor) for month_day in known[name])
    return (name, start, end, *stage[3:])


def _stages(pattern: _Pattern, anchor: date) -> list[_Stage]:
    """Put a year's known dates in place of the pattern's offsets."""
    known = pattern.known.get(anchor.year, {})
    return [_stage(stage, anchor, known) for stage in pattern.stages]


def _offset(month_day: int, anchor: date) -> int:
    return (date(anchor.year, *divmod(month_day, 100)) - anchor).days


def _lift(stages: list[_Stage]) -> dict[int, float]:
    lift: dict[int, float] = {}
    for _, start, end, first, middle, last in stages:
        lift |= dict.fromkeys(range(start, end), middle) | {end: last}
        lift |= {start: first} if end > start else {}
    return lift


def _event(pattern: _Pattern, anchor: date) -> Event:
    stages = _stages(pattern, anchor)
    phases = tuple(Phase(name, start, end) for name, start, end, *_ in stages)
    sale = [phase for phase in phases if phase.name in pattern.sale]
    known = anchor.year in _KNOWN_YEARS and anchor.year not in pattern.unknown
    return Event(
        name=pattern.name,
        anchor=anchor,
        start=anchor + timedelta(days=min(phase.start for phase in sale)),
        end=anchor + timedelta(days=max(phase.end for phase in sale)),
        phases=phases,
        lift=_lift(stages),
        lead_times=pattern.leads,
        provisional=not known,
    )


def default_events(year: int) -> tuple[Event, ...]:
    """Return the default campaigns anchored in the year, by start.

    Events that follow a lunar festival (年货节, 春节, 七夕) are missing in years whose
    festivals are not known.
    """
    dated = [(pattern, _anchor(pattern, year)) for pattern in _PATTERNS]
    events = [_event(pattern, anchor) for pattern, anchor in dated if anchor is not None]
    return tuple(sorted(events, key=lambda event: (event.start, event.name)))


def editions(years: Iterable[int], events: Iterable[Event] | None = None) -> tuple[Event, ...]:
    """Return one edition of every event for each year.

    Without events, the default table. With events, theirs: an edition that was not
    given is the default of that name, else the nearest given one on the same dates
    (预估); events of other names are left out.
    """
    wanted = tuple(years)
    default = [event for year in wanted for event in default_events(year)]
    if events is None:
        return tuple(default)
    given = tuple(events)
    table = {(event.name, event.edition): event for event in (*default, *given)}
    named: dict[str, list[Event]] = {}
    for event in given:
        named.setdefault(event.name, []).append(event)
    keys = [(name, year) for name in named for year in wanted]
    return tuple(
        _with_members(table[name, year], named[name], year)
        if (name, year) in table
        else _shifted(named[name], year)
        for name, year in keys
    )


def _with_members(event: Event, given: list[Event], year: int) -> Event:
    """Return an edition; who takes part in one of the default table is said by those given."""
    if event in given:
        return event
    like = min(given, key=lambda each: abs(each.edition - year))
    return replace(event, platform=like.platform, stores=like.stores)


def _shifted(given: list[Event], year: int) -> Event:
    return in_year(min(given, key=lambda event: abs(event.edition - year)), year)
