"""What a store is handed of the team's tasks, and what its copy remembers of them.

A store ticks its own column only; in a book of several stores, its days' slots come back as how
often each was done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlplan.plan.tasks.item import DAILY
from xlplan.record import replace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.plan.tasks.item import Item


def brief_of(items: Sequence[Item], store: str, stores: Sequence[str]) -> list[Item]:
    """Return a month's tasks as one store has them: its own ticks, no other's."""
    return [_of_store(item, store, alone=len(stores) == 1) for item in items]


def _of_store(item: Item, store: str, *, alone: bool) -> Item:
    slot = item.kind == DAILY
    done = {} if slot or store not in item.done else {store: item.done[store]}
    return replace(item, done=done, ticks=item.ticks if alone else {})


def said_of(item: Item, store: str) -> dict[str, Any]:
    """Return what a store said of a task, as JSON has it; {} when it said nothing."""
    said = {"done": item.done.get(store), "note": item.note, "ticks": sorted(item.ticks)}
    return {name: value for name, value in said.items() if value}


def remembered_tasks(items: Sequence[Item], store: str) -> dict[str, dict[str, Any]]:
    """Return what a copy remembers: key → what stood there when it was handed out."""
    return {item.key: said for item in items if (said := said_of(item, store))}


def remembered_promises(promises: Mapping[str, Any], store: str) -> dict[str, dict[str, Any]]:
    """Return month → what a store had promised when its copy was handed out."""
    return {
        key.rpartition("|")[2]: dict(said)
        for key, said in promises.items()
        if key.rpartition("|")[0] == store
    }
