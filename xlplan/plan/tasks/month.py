"""A month's tasks with their dates, from the duties, the calendar and the campaigns."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from xlplan.plan.exact.rounding import round_to_sum
from xlplan.plan.tasks.due import Due, after, before, month_days, monthly, week_ends, weekly, works
from xlplan.plan.tasks.duties import (
    AFTER,
    CAMPAIGN,
    LEAD_OWNERS,
    LEADER,
    MONTHLY,
    OPENING,
    QUOTAS,
    WEEKLY,
    is_big,
)
from xlplan.plan.tasks.item import KINDS
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from xlplan.plan.calendar import Calendar
    from xlplan.plan.days.events import Event
    from xlplan.plan.tasks.duties import Quota


@record
class Task:
    """Something due on a day.

    Attributes:
        key: What it is and which of its occurrences: the same whenever the month is made.
        day: When it is due.
        kind: One of `KINDS`.
        when: Its rhythm in words: 周一, 25日, 双11 T-7.
        what: What is done.
        owner: Whose it is.
        quota: How many; 0 for what is done or not.
        unit: What one is called.
        why: Why it is not on its own day; "" when it is.
    """

    key: str
    day: date
    kind: str
    when: str
    what: str
    owner: str = ""
    quota: int = 0
    unit: str = ""
    why: str = ""


def month_tasks(
    calendar: Calendar, month: int, quotas: Sequence[Quota] = QUOTAS, opening: date | None = None
) -> list[Task]:
    """Return the tasks that fall due in a month, by day.

    Args:
        calendar: Days off, make-up days and campaigns.
        month: 1 to 12.
        quotas: What is owed in numbers.
        opening: The day a new shop opens; its list is due around it.
    """
    working = works(calendar.days)
    year = calendar.year
    made = [
        *_weekly(year, month, working),
        *_monthly(year, month, working),
        *_counted(year, month, quotas, working),
        *_of_campaigns(calendar, month, working),
        *(_opened(opening, month, year, working) if opening else ()),
    ]
    order = {kind: place for place, kind in enumerate(KINDS)}
    return sorted(made, key=lambda task: (task.day, order[task.kind], task.key))


def _weekly(year: int, month: int, working: Callable[[date], bool]) -> Iterator[Task]:
    for duty in WEEKLY:
        for due in weekly(year, month, duty.when, working):
            key = f"{duty.key}:{due.meant}"
            yield Task(key, due.day, "每周", duty.when, duty.what, duty.owner, why=due.why)


def _monthly(year: int, month: int, working: Callable[[date], bool]) -> Iterator[Task]:
    for duty in MONTHLY:
        if not duty.months or month in duty.months:
            due = monthly(year, month, duty.when, working)
            key = f"{duty.key}:{year}-{month:02d}"
            yield Task(key, due.day, "每月", duty.when, duty.what, duty.owner, why=due.why)


def _counted(
    year: int, month: int, quotas: Sequence[Quota], working: Callable[[date], bool]
) -> Iterator[Task]:
    for quota in quotas:
        parts = quota_parts(quota, year, month, working)
        for number, (due, count) in enumerate(parts, start=1):
            if count:
                key = f"n:{quota.key}:{year}-{month:02d}:{number}"
                when = f"{quota.count:,}{quota.unit}/{quota.per}"
                yield Task(key, due.day, "定量", when, quota.what, quota.owner, count, quota.unit, due.why)  # fmt: skip


def quota_parts(
    quota: Quota, year: int, month: int, working: Callable[[date], bool]
) -> list[tuple[Due, int]]:
    """Return when the parts of a month's share are due, and how many each is; they add up exactly.

    A quarter's count goes to its months, a month's to its weeks, by working days.
    """
    count = _month_share(quota, year, month, working)
    if quota.parts == "周":
        ends = week_ends(year, month, working)
        if ends:
            shares = round_to_sum([count * n / sum(n for _, n in ends) for _, n in ends], count)
            return [
                (Due(day, day), int(share)) for (day, _), share in zip(ends, shares, strict=True)
            ]
    end = monthly(year, month, "月底", working)
    if quota.parts == "半月":
        half = round_to_sum([count / 2, count / 2], count)
        return [(monthly(year, month, "15日", working), int(half[0])), (end, int(half[1]))]
    return [(end, count)]


def _month_share(quota: Quota, year: int, month: int, working: Callable[[date], bool]) -> int:
    if quota.per != "季":
        return quota.count
    first = (month - 1) // 3 * 3 + 1
    days = [sum(map(working, month_days(year, first + n))) for n in range(3)]
    total = sum(days) or 1
    shares = round_to_sum([quota.count * n / total for n in days], quota.count)
    return int(shares[month - first])


def _of_campaigns(
    calendar: Calendar, month: int, working: Callable[[date], bool]
) -> Iterator[Task]:
    for event in calendar.events:
        if event.enabled:
            for task in campaign_tasks(event, working):
                if (task.day.year, task.day.month) == (calendar.year, month):
                    yield task


def campaign_tasks(event: Event, working: Callable[[date], bool]) -> list[Task]:
    """Return the tasks around a campaign: its lead times, and for a big one more.

    What prepares is due on its day or the working day before, what follows on the working day
    after; what accompanies the sale is due on the day itself.
    """
    big = is_big(event)
    named = [(lead.days_before, lead.task, owner_of(lead.task)) for lead in event.lead_times]
    there = {days for days, *_ in named}
    named += [each for each in CAMPAIGN if big and each[0] not in there]
    made = [_lead(event, *each, working) for each in named]
    if big:
        meant = event.end + timedelta(days=AFTER[0])
        due = Due(after(meant, working), meant)
        made.append(_task(event, due, f"后{AFTER[0]}天", AFTER[1], AFTER[2]))
    return made


def _lead(event: Event, days: int, what: str, owner: str, working: Callable[[date], bool]) -> Task:
    meant = event.start - timedelta(days=days)
    due = Due(before(meant, working) if days else meant, meant)
    return _task(event, due, f"T{-days:+d}" if days else "开售", what, owner)


def _task(event: Event, due: Due, when: str, what: str, owner: str) -> Task:
    key = f"e:{event.name}:{event.edition}:{when}:{what}"
    return Task(key, due.day, "活动", f"{event.name} {when}", what, owner, why=due.why)


def owner_of(what: str) -> str:
    """Return whose a lead time is, by what it says."""
    return next((owner for word, owner in LEAD_OWNERS.items() if word in what), LEADER)


def _opened(
    opening: date, month: int, year: int, working: Callable[[date], bool]
) -> Iterator[Task]:
    for item in OPENING:
        meant = opening + timedelta(days=item.offset)
        day = before(meant, working) if item.offset < 0 else after(meant, working)
        day = meant if item.offset == 0 else day
        if (day.year, day.month) == (year, month):
            due = Due(day, meant)
            when = f"{item.area} {f'开店{item.offset:+d}天' if item.offset else '开店'}"
            yield Task(f"o:{item.key}", day, "新店", when, item.what, item.owner, why=due.why)
