"""The tasks and promises of returned copies, taken over into the plan book.

A store's column is the store's: what it changed since its copy was handed out is taken, and where the
plan book had something else both values are told. What it left alone stays as the plan book has it.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from xlplan.errors import Level, Problem, Where
from xlplan.plan.tasks.item import DAILY, TICK
from xlplan.record import draft, replace
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.stores.brief import said_of, with_note
from xlplan.sheets.tasks.places import SHEET
from xlplan.sheets.tasks.sheet import PROMISES, PROMISES_SHEET, TASKS, task_items

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.actions.stores.returned import File
    from xlplan.plan.tasks.item import Item
    from xlplan.sheets.state.book import BookState
    from xlplan.sheets.stores.handout import Handout


@draft
class TaskMerge:
    """What returned copies bring of tasks and promises.

    Attributes:
        state: The book's state before.
        ours_first: What the plan book has stays where both changed.
        items: Key → task, as it becomes.
        promises: ``店|月`` → promise, as it becomes.
        other: Parts of the state that come with a month made on the way.
        tasks: How many tasks changed.
        promised: How many promises changed.
        stores: The stores that brought something.
        rows: Log rows.
        problems: What was not taken, or replaced something.
    """

    state: BookState
    ours_first: bool = False
    items: dict[str, Item] = field(default_factory=dict)
    promises: dict[str, Any] = field(default_factory=dict)
    other: dict[str, Any] = field(default_factory=dict)
    tasks: int = 0
    promised: int = 0
    stores: set[str] = field(default_factory=set)
    rows: list[LogRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def own(self) -> dict[str, Any]:
        """Return the parts of the state that change; {} when nothing does."""
        made = dict(self.other) if self.tasks else {}
        if self.tasks:
            made[TASKS] = {key: item.texts() for key, item in self.items.items()}
        if self.promised:
            made[PROMISES] = self.promises
        return made

    def told(self) -> list[str]:
        """Say what was taken."""
        lines = [f"任务：收了 {self.tasks} 条的完成情况"] if self.tasks else []
        return [*lines, *([f"承诺：收了 {self.promised} 个月的"] if self.promised else [])]

    def take(self, file: File) -> None:
        """Take what a store changed in its copy since it was handed out."""
        handout = file.handout
        if handout is None or not handout.month:
            return
        before = self.tasks, self.promised
        self._tasks(file, handout)
        self._promises(file, handout)
        for sheet, count in (
            (SHEET, self.tasks - before[0]),
            (PROMISES_SHEET, self.promised - before[1]),
        ):
            if count:
                self.stores.add(handout.store)
                self.rows.append(
                    LogRow(
                        sheet=sheet, store=handout.store, note=f"收了 {count} 处，来自 {file.name}"
                    )
                )

    def _tasks(self, file: File, handout: Handout) -> None:
        store, lost = handout.store, []
        changed = []
        for theirs in file.tasks:
            said, base = said_of(theirs, store), handout.tasks.get(theirs.key, {})
            if said != base:
                changed.append((theirs, said, base))
        if changed and not any(item.month == handout.month for item in self._known().values()):
            self._make(int(handout.month[5:]))
        for theirs, said, base in changed:
            item = self._known().get(theirs.key)
            if item is None:
                lost.append(theirs.what)
                continue
            after = self._with(item, store, said, base, file)
            if after != item:
                self.items[item.key] = after
                self.tasks += 1
        if lost:
            what = f"{store} 有 {len(lost)} 条任务总表里没有，没有收：{'、'.join(lost[:5])}"
            self.problems.append(
                Problem(
                    Where(file.name, SHEET),
                    what,
                    Level.WARNING,
                    "要收就在总表的“工作计划”里加上这条",
                    "任务",
                )
            )

    def _known(self) -> dict[str, Item]:
        if not self.items:
            self.items = {item.key: item for item in task_items(self.state)}
        return self.items

    def _make(self, month: int) -> None:
        """Make the month that was handed out without ever having been shown here."""
        from xlplan.actions.tasks.making import made_state

        made = made_state(self.state.with_own({TASKS: {k: i.texts() for k, i in self.items.items()}}), month)  # fmt: skip
        self.items = {item.key: item for item in task_items(made)}
        self.other = {key: value for key, value in made.own.items() if key != TASKS and value != self.state.own.get(key)}  # fmt: skip

    def _with(
        self, item: Item, store: str, said: Mapping[str, Any], base: Mapping[str, Any], file: File
    ) -> Item:
        alone = len(self.state.year.stores) == 1
        if said.get("ticks") != base.get("ticks"):
            days = said.get("ticks", [])
            if alone:
                item = replace(item, ticks=dict.fromkeys(days, TICK))
            else:
                item = self._done(item, store, float(len(days)) or None, file)
        if item.kind != DAILY and said.get("done") != base.get("done"):
            item = self._done(item, store, said.get("done"), file, base.get("done"))
        if said.get("note") != base.get("note"):
            text = str(said.get("note", ""))
            item = replace(item, note=text if alone else with_note(item.note, store, text))
        return item

    def _done(
        self, item: Item, store: str, value: str | float | None, file: File, base: object = None
    ) -> Item:
        here = item.done.get(store)
        if here not in (None, value, base):
            kept = self.ours_first
            what = f"{store}“{item.what}”：总表是 {_shown(here)}，交回的是 {_shown(value)}，{'保留总表的' if kept else '按交回的改'}"
            remedy = "" if kept else "不对就在总表改回来；--prefer ours 以总表为准"
            self.problems.append(
                Problem(Where(file.name, SHEET), what, Level.INFO, remedy, "任务")
            )
            if kept:
                return item
        done = {name: mark for name, mark in item.done.items() if name != store}
        return replace(item, done=done if value is None else {**done, store: value})

    def _promises(self, file: File, handout: Handout) -> None:
        if not self.promises:
            self.promises = dict(self.state.own.get(PROMISES, {}))
        for month in sorted({*file.promises, *handout.promises}, key=int):
            said, base = file.promises.get(month, {}), handout.promises.get(month, {})
            key = f"{handout.store}|{month}"
            here = self.promises.get(key, {})
            if dict(said) == dict(base) or dict(said) == here:
                continue
            if self.ours_first and here and here != dict(base):
                continue
            old, new = here.get("value"), said.get("value")
            if old is not None and old != new:
                self.rows.append(
                    LogRow(
                        sheet=PROMISES_SHEET,
                        store=handout.store,
                        date=f"{month}月",
                        metric="承诺值",
                        old=_shown(old),
                        new=_shown(new),
                        note=f"来自 {file.name}",
                    )
                )
            self.promises[key] = dict(said)
            self.promises = {name: each for name, each in self.promises.items() if each}
            self.promised += 1


def merge_tasks(state: BookState, files: Sequence[File], *, ours_first: bool) -> TaskMerge:
    """Return what copies bring, the earlier saved first."""
    made = TaskMerge(state, ours_first)
    for file in sorted(files, key=lambda each: (each.saved, each.name)):
        made.take(file)
    return made


def _shown(value: object) -> str:
    return "空" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
