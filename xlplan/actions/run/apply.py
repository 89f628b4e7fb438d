"""Writing a new state into a book: differences only, one log entry, undoable, all or nothing."""

from __future__ import annotations

import getpass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias
from uuid import uuid4

from xlplan.actions.outlook.telling import with_outlook
from xlplan.cells import Cell, address
from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.change.adjustments import PLAN_MARK, mark_of
from xlplan.plan.change.holds import moved
from xlplan.record import record, replace
from xlplan.sheets.base.lists import LogRow, log_cells
from xlplan.sheets.base.names import LOG
from xlplan.sheets.hidden import meta
from xlplan.sheets.history.page import DONE, UNDO, Entry, undo_cells, with_entry
from xlplan.sheets.holds.page import SHEET as HOLDS
from xlplan.sheets.month.typed_plan import typed_cells, typed_pairs
from xlplan.sheets.state.cell_changes import cell_pairs
from xlplan.sheets.state.changes import differs
from xlplan.sheets.state.deltas import delta, encode
from xlplan.sheets.state.fixed import constants, fixed_cells
from xlplan.sheets.state.growth import brought_up, comings, growths, is_older, what_grew
from xlplan.sheets.state.write import same, touched_pieces, update

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from xlplan.cells import Book, Growth, Spot
    from xlplan.sheets.month.typed_plan import TypedCell
    from xlplan.sheets.state.book import BookState
    from xlplan.sheets.state.deltas import Delta
    from xlplan.sheets.state.read import BookRead

    #: Whether cells typed over the plan get formulas again: all, none, or those at some places.
    PutBack: TypeAlias = bool | Collection[tuple[str, Spot]]

#: How an empty cell is told.
_EMPTY = "空"


@record
class Stamp:
    """Time, id and author of one action."""

    time: str
    id: str
    who: str


def stamp() -> Stamp:
    """Return a fresh stamp."""
    time = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return Stamp(time, f"a{uuid4().hex[:7]}", _who())


def apply(  # noqa: PLR0913  # the last ones are for a few actions only
    book: Book,
    read: BookRead,
    state: BookState,
    rows: Sequence[LogRow],
    *,
    put_back: PutBack = False,
    journal: Sequence[Entry] | None = None,
    extra: Mapping[str, Mapping[Spot, Cell]] | None = None,
    handed: Mapping[str, object] | None = None,
) -> int:
    """Make the book say `state`; return how many cells changed besides log and undo.

    Nothing is written when the book already says it, unless it is a step back or forward
    (`journal`), which would be taken again and again. _撤销 keeps what changed.

    Args:
        book: Where to write.
        read: The book as it was read.
        state: What it should say; its `log` is ignored.
        rows: Log rows: the first names the action and says what was done, others tell cells.
        put_back: Cells typed over the plan (True, or those at these places) get formulas again.
        journal: The actions kept, when the action is itself about them (撤销, 重做).
        extra: Further cells to write as they are (reports, inputs taken over); undoable too.
        handed: The files of a distribution.

    Raises:
        InfeasibleError: The new plan would break a lock; nothing is written.
    """
    guard(read, state)
    state, lacking = _brought_up(book, read, _complete(read, state))
    task = _Task(book, read, state, put_back, whole=is_older(read.reading))
    changes, count = task.differing(extra or {})
    coming = comings(read, state, {LOG, *(sheet for sheet, cells in changes.items() if cells)})
    grown = [*lacking, *coming]
    count += _cells_of_new_sheets(read, grown)
    if not count and journal is None:
        return 0
    mark, first = stamp(), replace(rows[0], note=f"{rows[0].note}（{count} 个单元格）")
    book.tell("正在写入…")
    covered = _covered(book, read, state, changes, task.typed)
    if journal is None:
        pairs = cell_pairs(read, extra or {}) | typed_pairs(read, task.dealt)
        change = replace(delta(read.state, state), cells=pairs, handed=handed or {})
        journal = _entries(read, change, first, mark)
    changes[LOG] = log_cells(stamped([first, *rows[1:], *covered], mark), read.at.log)
    changes |= _records(read, journal, changes.get(meta.SHEET, {}))
    changes[meta.SHEET] |= _came(read, state, coming, changes[meta.SHEET])
    _save(book, read, changes, grown)
    return count


def _cells_of_new_sheets(read: BookRead, grown: Sequence[Growth]) -> int:
    """Return how many cells come with new sheets; the log is not what people changed."""
    new = [one.page for one in grown if one.page.name not in {LOG, *read.cells}]
    return sum(len(page.cells) for page in new)


def _came(
    read: BookRead, state: BookState, coming: Sequence[Growth], told: Mapping[Spot, Cell]
) -> dict[Spot, Cell]:
    """Return the cells of _元数据 that remember sheets read as empty until now."""
    sheets = [one.page.name for one in coming if one.page.name in read.cells]
    new = {str(cell.value): row for (row, column), cell in told.items() if column == 1}
    rows = {**read.at.meta, **new}
    return meta.came_cells(sheets, state.meta, rows)


def _brought_up(
    book: Book, read: BookRead, state: BookState
) -> tuple[BookState, Sequence[Growth]]:
    """Return a state of this version, and what the book lacks to say it."""
    if not is_older(read.reading):
        return state, ()
    grown = growths(read)
    book.tell(f"这本计划表来自较早的版本，正在补上：{what_grew(grown) or '新的公式'}…")
    return brought_up(state), grown


def _save(
    book: Book,
    read: BookRead,
    changes: Mapping[str, Mapping[Spot, Cell]],
    grown: Sequence[Growth],
) -> None:
    """Write and save; files of a distribution that was interrupted agree with the book first."""
    if getattr(book, "path", None) is not None:
        from xlplan.actions.stores.steps import settle  # few books hand anything out

        settle(book, read.state.meta)
    if grown:
        book.grow(grown)
    book.write({sheet: cells for sheet, cells in changes.items() if cells})
    book.save()


def _complete(read: BookRead, state: BookState) -> BookState:
    """Return the state with what follows from it: the plan's mark and the outlook."""
    state = replace(_marked(state, read.state), log=(), journal=read.state.journal)
    return with_outlook(read.state, state, always=is_older(read.reading))


def _marked(state: BookState, before: BookState) -> BookState:
    """Return the state with the mark of its plan, so that another hand in _计划 is seen later."""
    if not differs(before, state, "plan"):
        return state
    return replace(state, meta={**state.meta, PLAN_MARK: mark_of(state.year.plan)})


def _covered(
    book: Book,
    read: BookRead,
    state: BookState,
    changes: Mapping[str, Mapping[Spot, Cell]],
    typed: Sequence[TypedCell],
) -> list[LogRow]:
    """Return log rows of figures typed over formulas elsewhere, which the formulas replace.

    What was typed over the plan is told by the action that deals with it.
    """
    plan = {(each.cell.sheet, each.cell.spot) for each in typed}
    fixed = fixed_cells(read, changes.keys() & read.cells.keys())
    constant, older = constants(read, state), is_older(read.reading)
    restored = [
        LogRow(sheet=sheet, cell=address(*spot), old=_shown(read, sheet, spot), new=str(cell.value), note="表头、日期或行名，已放回原样")
        for sheet, cells in changes.items()
        for spot, cell in cells.items()
        if (spot in fixed.get(sheet, {}) or constant(sheet, spot)) and not cell.formula
        and not (older and _shown(read, sheet, spot) == _EMPTY)  # new, not emptied by somebody
    ][:200]  # fmt: skip
    if restored:
        named = "、".join(
            f"{row.sheet}!{row.cell}（{row.old} → {row.new}）" for row in restored[:5]
        )
        book.tell(f"被改动的表头、日期或行名 {len(restored)} 处已放回：{named}")
    rows = [
        LogRow(sheet=sheet, cell=address(*spot), old=str(seen.value), note="直接写在公式上的数，已放回公式")
        for sheet, cells in changes.items()
        for spot, cell in cells.items()
        if cell.formula
        and (seen := read.cells[sheet].get(spot)) and not seen.formula
        and seen.value not in (None, "") and (sheet, spot) not in plan
        and not same(seen, Cell(cell.value))
    ][:200]  # fmt: skip
    if rows:
        named = "、".join(f"{row.sheet}!{row.cell}（{row.old}）" for row in rows[:5])
        book.tell(f"直接写在公式上的 {len(rows)} 处已放回公式：{named}；原数记在“变更记录”")
    return [*rows, *restored]


def _shown(read: BookRead, sheet: str, spot: Spot) -> str:
    seen = read.cells[sheet].get(spot)
    return _EMPTY if seen is None or seen.value is None else str(seen.value)


def _records(
    read: BookRead, entries: Sequence[Entry], told: Mapping[Spot, Cell]
) -> dict[str, dict[Spot, Cell]]:
    """Return the cells of _撤销 and of _元数据 (besides what that is told anyway)."""
    return {meta.SHEET: {**told, **_last_step(read, entries)}, UNDO: update_entries(read, entries)}


class _Task:
    """A state to be written into a book, around what was typed over its plan.

    Attributes:
        whole: Every cell is compared: an action that puts all formulas back.
        typed: What was typed over the plan on the sheets that are compared.
        dealt: That of it which gives way to formulas.
    """

    def __init__(
        self, book: Book, read: BookRead, state: BookState, put_back: PutBack, *, whole: bool
    ) -> None:
        self.book, self.read, self.state = book, read, state
        self.whole = whole or put_back is True
        self.also = set() if isinstance(put_back, bool) else {sheet for sheet, _ in put_back}
        touched = touched_pieces(read, state, whole=self.whole, also=self.also)
        self.typed = typed_cells(read, {sheet.name for sheet, _ in touched})
        self.dealt = [each for each in self.typed if _dealt(each, put_back)]

    def differing(
        self, extra: Mapping[str, Mapping[Spot, Cell]]
    ) -> tuple[dict[str, dict[Spot, Cell]], int]:
        """Return the cells to write, and how many of them say something else than before."""
        keep = {(each.cell.sheet, each.cell.spot) for each in self.typed if each not in self.dealt}
        near: dict[str, dict[Spot, Cell]] = {}
        changes = update(self.read, self.state, keep, near, whole=self.whole, also=self.also)
        for sheet, cells in extra.items():
            changes[sheet] = {**changes.get(sheet, {}), **cells}
        count = sum(len(cells) for cells in changes.values())
        if not getattr(self.book, "recalculates", False):
            for sheet, cells in near.items():  # what is taken back comes back to the last bit
                changes[sheet] = {**cells, **changes.get(sheet, {})}
        return changes, count


def _dealt(each: TypedCell, put_back: PutBack) -> bool:
    if isinstance(put_back, bool):
        return put_back
    return (each.cell.sheet, each.cell.spot) in put_back


def update_entries(read: BookRead, entries: Sequence[Entry]) -> dict[Spot, Cell]:
    """Return the cells of _撤销 that differ."""
    there = read.cells[UNDO]
    return {
        spot: cell
        for spot, cell in undo_cells(entries, there).items()
        if not same(there.get(spot), cell)
    }


def _last_step(read: BookRead, entries: Sequence[Entry]) -> dict[Spot, Cell]:
    """Return the cell that tells the add-in what 撤销 would take back."""
    row = read.at.meta.get(meta.UNDO)
    done = [entry for entry in entries if entry.state == DONE and entry.payload]
    text = f"{done[-1].id} {done[-1].action} {done[-1].time}" if done else None
    return {(row, 2): Cell(text)} if row else {}


def guard(read: BookRead, after: BookState) -> None:
    """Refuse a plan that moves what is locked, whichever action made it."""
    before = read.state
    if not differs(before, after, "plan"):
        return
    unread = read.problems_of(HOLDS)
    if unread:
        raise InputError(
            "“锁定”表里有读不懂的行，怕动了锁定的内容，没有写入：\n"
            + "\n".join(map(str, unread[:5])),
            "改好或清空这些行再做一次",
            problems=unread,
        )
    staying = [hold for hold in before.holds if hold in after.holds]
    broken = moved(before.year, after.year, staying)
    if broken:
        named = [hold.about(before.year.metrics) for hold in broken]
        raise InfeasibleError(
            f"会改动锁定的内容：{'、'.join(named[:5])}，没有写入",
            f"先解锁 {'、'.join(named[:5])}，再做一次",
            locks=named,
        )


def _entries(read: BookRead, change: Delta, row: LogRow, mark: Stamp) -> Sequence[Entry]:
    before = read.state.journal
    if not change:
        return before
    entry = Entry(mark.id, row.action, mark.time, mark.who, row.note, payload=encode(change))
    return with_entry(before, entry)


def stamped(rows: Sequence[LogRow], mark: Stamp | None = None) -> list[LogRow]:
    """Give the rows of one action its time, id and author."""
    mark = mark or stamp()
    return [replace(row, time=mark.time, action_id=mark.id, who=mark.who, action=row.action or rows[0].action) for row in rows]  # fmt: skip


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
