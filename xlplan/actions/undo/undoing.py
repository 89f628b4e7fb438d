"""撤销, 重做, 恢复 and 记录: every action can be taken back, across save and reopen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from xlplan.actions.change.agreed import broken
from xlplan.actions.change.selecting import meant
from xlplan.actions.run.apply import apply, guard
from xlplan.actions.run.outcome import Outcome
from xlplan.actions.run.overlay import state_with
from xlplan.actions.undo.handed_undo import files_of
from xlplan.errors import InputError
from xlplan.plan.change.grid import Grid
from xlplan.plan.change.holds import label
from xlplan.plan.change.preview import figures, preview
from xlplan.record import replace
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.history.page import DONE, UNDONE
from xlplan.sheets.month.typed_plan import still_typed
from xlplan.sheets.state.cell_changes import cells_of
from xlplan.sheets.state.deltas import Delta, decode, differing, replay
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from xlplan.cells import Book
    from xlplan.plan.change.grid import Region
    from xlplan.sheets.history.page import Entry
    from xlplan.sheets.state.book import BookState
    from xlplan.sheets.state.read import BookRead


def undo(  # noqa: PLR0913  # the options of one dialog
    book: Book, *, id: str = "", at: str = "", metric: str = "", store: str = "", period: str = "", dry_run: bool = False  # noqa: A002  # the word users know
) -> Outcome:  # fmt: skip
    """Take back the last action; or one action by its id; or the last change of some cells.

    Args:
        book: The plan book.
        id: 操作编号 of 变更记录; the last action by default.
        at: Cells whose last change is taken back, such as ``9月!F12``.
        metric: Instead of `at`, with store and period.
        store: See `metric`.
        period: See `metric`.
        dry_run: Only show what would change.

    Raises:
        InputError: There is nothing to take back, or later actions changed the same cells.
        InfeasibleError: It would break a lock.
    """
    read = read_state(book)
    finished = _finished(book, read, back=True, dry_run=dry_run)
    if finished:
        return finished
    if at or metric:
        regions = meant(read, at, metric, store, period)
        return _restore_cells(book, read, regions, dry_run=dry_run)
    done = [entry for entry in read.state.journal if entry.state == DONE]
    entry = _last(done) if not id else _named(done, id)
    if entry != done[-1]:
        return _restore_action(book, read, entry, dry_run=dry_run)
    return _step(book, read, entry, back=True, dry_run=dry_run)


def redo(book: Book, *, dry_run: bool = False) -> Outcome:
    """Do again what was undone last.

    Raises:
        InputError: Nothing was undone since the last change.
    """
    read = read_state(book)
    finished = _finished(book, read, back=False, dry_run=dry_run)
    if finished:
        return finished
    undone = [entry for entry in read.state.journal if entry.state == UNDONE]
    if not undone:
        raise InputError("没有可以重做的操作", "撤销之后又做了别的，就不能再重做")
    return _step(book, read, undone[0], back=False, dry_run=dry_run)


def _finished(book: Book, read: BookRead, *, back: bool, dry_run: bool) -> Outcome | None:
    """Settle a step on files that was interrupted; return its outcome if it is the one asked for."""
    from xlplan.actions.stores.steps import AGAIN, BACK, settle, told, unfinished

    find = unfinished if dry_run else settle
    was = find(book, read.state.meta)
    if was is None or not was.written or was.kind != (BACK if back else AGAIN):
        return None
    word = "撤销" if back else "重做"
    if dry_run:
        return Outcome(
            "预览：没有写入", [f"上次的{word}被打断，再{word}一次会先补完它，不会多走一步"]
        )
    return Outcome(f"{word}完成", [told(was), f"没有再多{word}一步"])


def _last(done: list[Entry]) -> Entry:
    if not done:
        raise InputError("没有可以撤销的操作", "新建之后还没有改动")
    return _kept(done[-1])


def _kept(entry: Entry) -> Entry:
    if not entry.payload:
        raise InputError(
            f"“{entry.action}”（{entry.time}）太早，明细已不保存，不能撤销",
            "请从“备份”文件夹恢复，或用“版本”恢复",
        )
    return entry


def _named(done: list[Entry], name: str) -> Entry:
    found = next((entry for entry in done if entry.id == name.strip()), None)
    if found is None:
        known = "、".join(f"{entry.id}（{entry.action}）" for entry in done[-6:])
        raise InputError(f"没有编号为“{name}”的已执行操作", f"最近的操作：{known or '没有'}")
    return _kept(found)


def _step(book: Book, read: BookRead, entry: Entry, *, back: bool, dry_run: bool) -> Outcome:
    """Take one entry back or do it again, in order."""
    state, change, word = read.state, decode(entry.payload), "撤销" if back else "重做"
    odd = differing(state.year, change, back=back)
    if odd:
        raise InputError(
            f"{word}不了“{entry.action}”：隐藏表里有 {odd} 格在它之后被手工改过",
            "请从“备份”文件夹恢复；隐藏表 _计划、_实际 不要手工改",
        )
    cells = cells_of(read, change.cells, back=back)
    after = replay(state_with(read, book.name, cells), change, back=back)
    files = files_of(book, read, change, back=back)
    said = "；".join([f"{word} {entry.id} {entry.action}：{entry.note}", *files.lines])
    lines = [said, *_lines(state, after)]
    guard(read, after)
    if dry_run:
        return Outcome("预览：没有写入", lines)
    dealt = set() if back else still_typed(read, change.cells)
    with files.moved(entry) as kept:
        turned = replace(kept, state=UNDONE if back else DONE)
        journal = [turned if each == entry else each for each in state.journal]
        rows = [LogRow(action=word, note=said)]
        changed = apply(book, read, after, rows, put_back=dealt, journal=journal, extra=cells)
    facts: dict[str, object] = {"id": entry.id, "action": entry.action}
    return Outcome(f"{word}完成", lines, files.left, facts, changed)


def _restore_action(book: Book, read: BookRead, entry: Entry, *, dry_run: bool) -> Outcome:
    """Take an earlier action back as a new action; refused where later ones changed its cells."""
    whole = decode(entry.payload)
    change = Delta(whole.stores, whole.columns, _split_parts(read, entry, whole))
    if not change.columns:
        raise InputError(f"{entry.id}（{entry.action}）没有改动计划或实际", "请按顺序撤销到它")
    odd = differing(read.state.year, change, back=True)
    if odd:
        raise InputError(
            f"{entry.id}（{entry.action}）改的格里有 {odd} 格后来又改过，不能单独恢复",
            "先撤销后来的操作，或用 --at 只恢复几格",
        )
    return _written(book, read, replay(read.state, change, back=True), f"恢复 {entry.id} {entry.action} 之前的值", dry_run=dry_run)  # fmt: skip


def _split_parts(read: BookRead, entry: Entry, whole: Delta) -> dict[str, Any]:
    """Return what an action did to shares and agreements; refused where later ones did, too."""
    mine = {part: whole.parts[part] for part in ("shares", "agreements") if part in whole.parts}
    journal = list(read.state.journal)
    later = journal[journal.index(entry) + 1 :] if mine else []
    for other in later:
        if other.state == DONE and other.payload and mine.keys() & decode(other.payload).parts.keys():  # fmt: skip
            raise InputError(
                f"{entry.id}（{entry.action}）改的占比、约定后来又被 {other.id}（{other.action}）改过，不能单独恢复",
                "先撤销后来的操作",
            )
    return mine


def _restore_cells(book: Book, read: BookRead, regions: list[Region], *, dry_run: bool) -> Outcome:
    """Give cells the values they had before the last action that changed them."""
    grid, found = Grid(read.state.year), ""
    columns = {name: values.ravel() for name, values in grid.columns.items()}
    for entry in reversed([e for e in read.state.journal if e.state == DONE and e.payload]):
        for name, place, old in _touched(decode(entry.payload), regions, grid):
            columns[name][place] = old
            found = f"{entry.id} {entry.action}"
        if found:
            break
    if not found:
        what = "、".join(region.about(read.state.year) for region in regions)
        raise InputError(f"{what} 没有改动过（或改动太早，已不保存）", "看看“变更记录”")
    plan = pd.DataFrame(columns, index=read.state.year.plan.index)
    after = replace(read.state, year=replace(read.state.year, plan=plan))
    named = "、".join(region.about(read.state.year) for region in regions[:3])
    return _written(book, read, after, f"恢复 {named} 到 {found} 之前", dry_run=dry_run)


def _touched(change: Delta, regions: list[Region], grid: Grid) -> list[tuple[str, int, float]]:
    """Return the changed plan cells of a delta inside regions: column, place, old value."""
    found = []
    for region in regions:
        for name in grid.family(region.metric):
            column = change.columns.get(("plan", name))
            if column is not None:
                mask = region.mask(grid.rows([name]), grid.days).ravel()
                inside = np.flatnonzero(mask[column.places])
                found += [(name, int(column.places[i]), float(column.old[i])) for i in inside]
    return found


def _written(book: Book, read: BookRead, after: BookState, note: str, *, dry_run: bool) -> Outcome:
    guard(read, after)
    lines, lost = [note, *_lines(read.state, after)], broken(read, after)
    if dry_run:
        return Outcome("预览：没有写入", lines, lost)
    changed = apply(book, read, after, [LogRow(action="恢复", note=note)])
    return Outcome("恢复完成" if changed else "没有变化", lines, lost, changed=changed)


def _lines(before: BookState, after: BookState) -> list[str]:
    seen = preview(before.year, after.year.plan)
    lines = [f"计划变动 {seen.count} 格"] if seen.count else []
    lines += [f"{row.store} {row.period} {label(row.metric, before.year.metrics)}：{figures(row, before.year)}" for row in seen.levels if row.level == "年"][:6]  # fmt: skip
    if before.splits != after.splits:
        lines.append("品类平台：各月自己的占比、品类约定也跟着变")
    if len(before.holds) != len(after.holds):
        lines.append(f"锁定 {len(before.holds)} → {len(after.holds)} 个")
    if len(before.versions) != len(after.versions):
        lines.append(f"版本 {len(before.versions)} → {len(after.versions)} 个")
    return lines
