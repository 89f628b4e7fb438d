"""Events as tables, and phases and lead times as a person writes them in one cell, and back.

`预售 05-10~05-12；第一波 05-13~05-19` and `T-7 规则同步客服；T-3 锁库存`.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from xlplan.errors import InputError
from xlplan.plan.days.events import LeadTime, Phase
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xlplan.plan.days.events import Event

#: The columns of `event_frame`.
EVENT_COLUMNS = (
    *("name", "edition", "anchor", "start", "end", "phases", "peak", "budget_share"),
    *("lead_times", "platform", "enabled", "provisional"),
)
_DAY = r"(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?"
_PHASE = regex(rf"(.+?)[\s:：]+{_DAY}(?:\s*[~～至到—]+\s*{_DAY})?")
_LEAD = regex(r"[TtＴ]\s*([-−+＋])\s*(\d{1,3})\s*(.+)")


def phase_text(anchor: date, phases: Iterable[Phase]) -> str:
    """Return phases as one line: name and first and last month-day, joined by ；."""
    days = [(p.name, _plus(anchor, p.start), _plus(anchor, p.end)) for p in phases]
    return "；".join(f"{name} {first:%m-%d}~{last:%m-%d}" for name, first, last in days)


def phases_from_text(text: str, anchor: date) -> tuple[Phase, ...]:
    """Read phases written as `phase_text` writes them; each date takes the year nearest the anchor.

    Raises:
        InputError: A part cannot be read, or ends before it starts.
    """
    return tuple(_phase(part, anchor) for part in _parts(text))


def lead_text(leads: Iterable[LeadTime]) -> str:
    """Return lead times as one line; a task due after the start is T+n."""
    return "；".join(f"T{-lead.days_before:+d} {lead.task}" for lead in leads)


def leads_from_text(text: str) -> tuple[LeadTime, ...]:
    """Read lead times written as T-7 规则同步客服；T-3 锁库存.

    Raises:
        InputError: A part is not T-n and a task.
    """
    return tuple(_lead(part) for part in _parts(text))


def event_frame(events: Iterable[Event]) -> pd.DataFrame:
    """Return the events as a table, one row an event: the columns of the 活动 sheet."""
    rows = [
        {
            "name": event.name,
            "edition": event.edition,
            "anchor": event.anchor,
            "start": event.start,
            "end": event.end,
            "phases": phase_text(event.anchor, event.phases),
            "peak": max(event.lift.values(), default=1.0),
            "budget_share": event.budget_share,
            "lead_times": lead_text(event.lead_times),
            "platform": event.platform,
            "enabled": event.enabled,
            "provisional": event.provisional,
        }
        for event in events
    ]
    return pd.DataFrame(rows, columns=list(EVENT_COLUMNS))


def profile_frame(events: Iterable[Event]) -> pd.DataFrame:
    """Return the lift profiles, one row a day: name, edition, date, offset, phase, lift."""
    rows = [
        (event.name, event.edition, day, event.offset(day), phase.name if phase else "", lift)
        for event in events
        for day in event.days()
        for phase, lift in [(event.phase(day), event.lift.get(event.offset(day), 1.0))]
    ]
    return pd.DataFrame(rows, columns=["name", "edition", "date", "offset", "phase", "lift"])


def _plus(anchor: date, offset: int) -> date:
    return date.fromordinal(anchor.toordinal() + offset)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;；\n]", text) if part.strip()]


def _offset(month: str, day: str, anchor: date) -> int:
    """Return the offset of a month-day from the anchor, in the year that brings it nearest."""
    found = []
    for year in (anchor.year - 1, anchor.year, anchor.year + 1):
        try:
            found.append((date(year, int(month), int(day)) - anchor).days)
        except ValueError:
            continue
    if not found:
        raise InputError(f"没有 {month} 月 {day} 日这一天", remedy="阶段写成：预售 05-10~05-12")
    return min(found, key=abs)


def _phase(part: str, anchor: date) -> Phase:
    match = _PHASE.fullmatch(part)
    if not match:
        raise InputError(
            f"阶段“{part}”看不懂", remedy="写成：预售 05-10~05-12；第一波 05-13~05-19"
        )
    name, month, day, last_month, last_day = match.groups()
    start = _offset(month, day, anchor)
    end = _offset(last_month, last_day, anchor) if last_month else start
    if end < start:
        raise InputError(f"阶段“{part}”的结束早于开始")
    return Phase(name.strip(), start, end)


def _lead(part: str) -> LeadTime:
    match = _LEAD.fullmatch(part)
    if not match:
        raise InputError(f"提前任务“{part}”看不懂", remedy="写成：T-7 规则同步客服；T-3 锁库存")
    sign, days, task = match.groups()
    return LeadTime(int(days) if sign in "-−" else -int(days), task.strip())
