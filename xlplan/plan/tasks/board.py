"""The tasks of a team as they stand: what was made of a month, and what people said since."""

from __future__ import annotations

from dataclasses import field
from datetime import date
from typing import TYPE_CHECKING, Any

from xlplan.plan.tasks.due import month_days, works
from xlplan.plan.tasks.duties import QUOTAS, REST, SLOTS, Quota
from xlplan.plan.tasks.month import month_tasks
from xlplan.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xlplan.plan.calendar import Calendar
    from xlplan.plan.tasks.month import Task

DAILY, OWN = "每日", "自定"
TICK, SKIPPED, DOING = "√", "不做", "进行中"
LATE, TODAY, DONE, OPEN = "逾期", "今天", "完成", "待办"


@record
class Item:
    """A task of the book, or a slot of its days.

    Attributes:
        key: What it is (`xlplan.plan.tasks.month.Task`); ``x:`` of people's own, ``d:`` of slots.
        month: The month it was made for, ``2026-09``.
        day: When it is due; None of slots.
        kind: 每日, 每周, 每月, 定量, 活动, 新店 or 自定.
        when: Its rhythm, or a slot's hours.
        what: What is done.
        owner: Whose it is.
        quota: How many; of a slot, on how many days; 0 for what is done or not.
        unit: What one is called.
        why: Why it is not on its own day.
        note: What people noted.
        made: Day and count as they were made, so that what people changed is known.
        done: Store → √, 不做, a number, or what else was typed.
        ticks: Day of the month → √, of a slot.
    """

    key: str
    month: str
    day: date | None
    kind: str
    when: str = ""
    what: str = ""
    owner: str = ""
    quota: float = 0
    unit: str = ""
    why: str = ""
    note: str = ""
    made: str = ""
    done: Mapping[str, str | float] = field(default_factory=dict)
    ticks: Mapping[int, str] = field(default_factory=dict)

    def texts(self) -> dict[str, Any]:
        """Return it as JSON has it, without what is empty."""
        said = {
            "month": self.month, "day": str(self.day or ""), "kind": self.kind, "when": self.when,
            "what": self.what, "owner": self.owner, "quota": float(self.quota), "unit": self.unit,
            "why": self.why, "note": self.note, "made": self.made, "done": dict(self.done),
            "ticks": {str(day): mark for day, mark in self.ticks.items()},
        }  # fmt: skip
        return {key: value for key, value in said.items() if value}

    @classmethod
    def of(cls, key: str, said: Mapping[str, Any]) -> Item:
        """Return it of its JSON form."""
        day = said.get("day")
        ticks = {int(at): mark for at, mark in said.get("ticks", {}).items()}
        known = {**said, "day": date.fromisoformat(day) if day else None, "ticks": ticks}
        return cls(**{"key": key, "month": "", "kind": OWN, **known})

    @property
    def typed(self) -> bool:
        """Whether people said something that making the month anew cannot say."""
        return bool(self.note or self.ticks or any(self.done.values()) or self.kind == OWN)

    def is_done(self, stores: Sequence[str]) -> bool:
        """Return whether every store did it (or need not)."""
        return all(settled(self.done.get(store), self.quota) for store in stores)

    def state(self, stores: Sequence[str], today: date) -> str:
        """Return 完成, 逾期, 今天 or 待办; "" for what has no day."""
        if self.day is None:
            return ""
        if self.is_done(stores):
            return DONE
        return LATE if self.day < today else TODAY if self.day == today else OPEN


def settled(said: object, quota: float) -> bool:
    """Return whether what was typed says done: √, 不做, or the number that is owed."""
    if said in (TICK, SKIPPED):
        return True
    return bool(quota) and isinstance(said, int | float) and said >= quota


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
