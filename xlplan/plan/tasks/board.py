"""The tasks of a team as they stand: what was made of a month, and what people said since."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from xlplan.plan.tasks.due import month_days, works
from xlplan.plan.tasks.duties import QUOTAS, REST, SLOTS, Quota
from xlplan.plan.tasks.item import DAILY, LATE, TODAY, Item
from xlplan.plan.tasks.month import month_tasks
from xlplan.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xlplan.plan.calendar import Calendar
    from xlplan.plan.tasks.month import Task


def slot_items(calendar: Calendar, month: int) -> list[Item]:
    """Return the slots of a month's days; each counts the working days it is due on."""
    named, working = name_of(calendar.year, month), works(calendar.days)
    days = sum(map(working, month_days(calendar.year, month)))
    return [
        Item(f"d:{named}:{number}", named, None, DAILY, slot.time, slot.what, slot.owner, 0 if slot.time == REST else days)
        for number, slot in enumerate(SLOTS, start=1)
    ]  # fmt: skip


def name_of(year: int, month: int) -> str:
    """Return a month as items name it (``2026-09``)."""
    return f"{year}-{month:02d}"


def made_board(
    items: Iterable[Item],
    calendar: Calendar,
    month: int,
    quotas: Sequence[Quota] = QUOTAS,
    opening: date | None = None,
) -> list[Item]:
    """Return all items once a month is made, or made again; what people said of it is kept.

    Texts, owners, notes, ticks and numbers stay; so do days and counts that people changed. A task
    that is not due any more stays only where people said something.

    Args:
        items: The items of the book, of all months.
        calendar: Days off and campaigns.
        month: The month.
        quotas: What is owed in numbers.
        opening: The day a new shop opens.
    """
    named = name_of(calendar.year, month)
    there = {item.key: item for item in items if item.month == named}
    fresh = [_item(task, named) for task in month_tasks(calendar, month, quotas, opening)]
    made = [
        _kept(item, there.pop(item.key, None)) for item in [*slot_items(calendar, month), *fresh]
    ]
    left = [item for item in there.values() if item.typed or item.key.startswith("o:")]
    others = [item for item in items if item.month != named]
    return [*others, *in_order([*made, *left])]


def in_order(items: Iterable[Item]) -> list[Item]:
    """Return items as they are listed: slots first, then by day."""
    return sorted(items, key=lambda item: (item.month, item.day is not None, item.day or date.min))


def _item(task: Task, month: str) -> Item:
    return Item(
        task.key, month, task.day, task.kind, task.when, task.what, task.owner, task.quota,
        task.unit, task.why, made=_mark(task.day, task.quota),
    )  # fmt: skip


def _mark(day: date | None, quota: float) -> str:
    return f"{day or ''}|{quota:g}"


def _kept(fresh: Item, there: Item | None) -> Item:
    if there is None:
        return fresh
    day, _, quota = there.made.partition("|")
    kept = replace(fresh, what=there.what, owner=there.owner, note=there.note, done=there.done, ticks=there.ticks)  # fmt: skip
    if there.made and str(there.day or "") != day:
        kept = replace(kept, day=there.day, why=there.why)
    if there.made and f"{there.quota:g}" != quota:
        kept = replace(kept, quota=there.quota)
    return kept


def overdue(items: Iterable[Item], stores: Sequence[str], today: date) -> list[Item]:
    """Return what is overdue, the oldest first: for 首页."""
    late = [item for item in items if item.state(stores, today) == LATE]
    return sorted(late, key=lambda item: (item.day or today, item.key))


def due_on(items: Iterable[Item], stores: Sequence[str], today: date) -> list[Item]:
    """Return what is due on a day and not done: for 首页."""
    return [item for item in items if item.state(stores, today) == TODAY]


def quota_texts(quota: Quota) -> dict[str, Any]:
    """Return a count as JSON has it."""
    return {"what": quota.what, "count": float(quota.count), "per": quota.per, "parts": quota.parts, "unit": quota.unit, "owner": quota.owner}  # fmt: skip


def quota_of(key: str, said: Mapping[str, Any]) -> Quota:
    """Return a count of its JSON form."""
    return Quota(key, **{**said, "count": int(said.get("count") or 0)})
