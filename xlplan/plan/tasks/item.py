"""A task of the book as it stands; light, for the processes that read returned copies."""

from __future__ import annotations

from dataclasses import field
from datetime import date
from typing import TYPE_CHECKING, Any

from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KINDS = ("每周", "每月", "定量", "活动", "新店", "自定")
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
