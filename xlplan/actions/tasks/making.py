"""任务: make a month's tasks with their dates; what people said of them stays."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from xlplan.actions.run.apply import apply
from xlplan.actions.run.outcome import Outcome, first_of
from xlplan.errors import InputError
from xlplan.plan.tasks.board import due_on, made_board, overdue, quota_texts
from xlplan.plan.tasks.duties import QUOTAS
from xlplan.plan.tasks.item import DAILY, LATE
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.state.read import read_state
from xlplan.sheets.tasks.places import SHEET
from xlplan.sheets.tasks.sheet import COUNTS, SHOWN, TASKS, board_of, first_marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.cells import Book
    from xlplan.plan.tasks.item import Item
    from xlplan.sheets.state.book import BookState


def tasks(
    book: Book, *, month: int | None = None, opening: date | None = None, dry_run: bool = False
) -> Outcome:
    """Make a month's tasks: daily slots, weekly and monthly duties, counts, campaigns' lead times.

    The sheet 工作计划 appears with the first month. Ticks, numbers, texts, owners and notes stay
    when a month is made again, and so do days and counts that people changed; the other months are
    kept behind it.

    Args:
        book: The plan book.
        month: 1 to 12; this month by default.
        opening: The day a new shop opens: its list is due around it.
        dry_run: Only say what would be due.

    Raises:
        InputError: No such month.
        StructureError: It is not a plan book, or 工作计划 lost a key row or column.
    """
    read = read_state(book)
    state = read.state
    today = date.today()
    wanted = month or (today.month if today.year == state.year.year else 1)
    if not 1 <= wanted <= 12:
        raise InputError(f"没有 {wanted} 月", "写 1 到 12，如 --month 9")
    after = made_state(state, wanted, opening)
    row = LogRow(action="任务", sheet=SHEET, note=f"{state.year.year} 年 {wanted} 月的任务")
    changed = 0 if dry_run else apply(book, read, after, [row])
    return _outcome(
        after, wanted, today, changed, dry_run=dry_run, problems=read.problems_of(SHEET)
    )


def made_state(state: BookState, month: int, opening: date | None = None) -> BookState:
    """Return a book's state with a month made, or made again."""
    counts = state.own.get(COUNTS) or {quota.key: quota_texts(quota) for quota in QUOTAS}
    with_counts = state.with_own({COUNTS: counts})
    board = board_of(with_counts)
    made = made_board(board.items, state.year.calendar, month, board.quotas, opening)
    own = {
        COUNTS: counts,
        **first_marks(state),
        TASKS: {item.key: item.texts() for item in made},
        SHOWN: {"month": f"{state.year.year}-{month:02d}"},
    }
    return state.with_own(own)


def _outcome(  # noqa: PLR0913  # what is told of what
    state: BookState,
    month: int,
    today: date,
    changed: int,
    *,
    dry_run: bool,
    problems: Sequence[object],
) -> Outcome:
    board, stores = board_of(state), state.year.stores
    listed = [item for item in board.shown if item.kind != DAILY]
    late, due = overdue(board.items, stores, today), due_on(board.items, stores, today)
    moved = [item for item in listed if item.why]
    lines = [
        f"{month}月 {len(listed)} 条任务，{sum(item.is_done(stores) for item in listed)} 条已完成",
        *first_of((f"改到 {item.day:%m-%d}：{item.what}（{item.why}）" for item in moved), len(moved)),
        *(f"今天：{item.what}（{item.owner}）" for item in due[:5]),
    ]  # fmt: skip
    if late:
        lines.append(f"{LATE} {len(late)} 条，最早的是 {late[0].day:%m-%d} {late[0].what}")
    title = f"{state.year.year} 年 {month} 月的任务"
    title = f"预览：{title}，没有写入" if dry_run else f"{title}已排好" if changed else f"{title}没有变化"  # fmt: skip
    facts: dict[str, object] = {
        "month": month,
        "tasks": [task_facts(item, stores, today) for item in listed],
        "overdue": len(late),
    }
    return Outcome(title, lines, problems, facts, changed)  # type: ignore[arg-type]


def task_facts(item: Item, stores: Sequence[str], today: date) -> dict[str, object]:
    """Return a task for machines."""
    return {
        "key": item.key, "date": str(item.day or ""), "kind": item.kind, "when": item.when,
        "what": item.what, "owner": item.owner, "quota": item.quota, "moved": item.why,
        "state": item.state(stores, today), "done": dict(item.done),
    }  # fmt: skip
