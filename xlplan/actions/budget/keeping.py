"""What the plan book keeps of budgets: 年初, a snapshot a month, the last export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.actions.run.apply import stamp
from xlplan.errors import InputError, StructureError, Where
from xlplan.plan.budget.budget import freeze as frozen
from xlplan.sheets.budget import record as kept
from xlplan.sheets.budget.record import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.plan.budget.budget import Budget
    from xlplan.sheets.state.read import BookRead


def notes_of(read: BookRead) -> list[Note]:
    """Return what the book keeps; nothing in a book without the place for it."""
    cells = read.cells.get(kept.SHEET)
    return kept.read_notes(cells) if cells else []


def with_record(  # noqa: PLR0913  # what is kept of what
    read: BookRead, notes: Sequence[Note], made: Budget, now: str, *, freeze: bool, whole: bool
) -> list[Note]:
    """Return what the book keeps once this budget was exported.

    The snapshot of a month is that of its first export and stays; 年初 is kept once.

    Raises:
        InputError: To be frozen, but it is already, or not all stores are there.
        StructureError: To be frozen, but the book has no place for it.
    """
    if freeze:
        _may_freeze(read, notes, whole=whole)
    if not whole:
        return list(notes)
    lines = kept.keep_lines(frozen(made.plan))
    who = stamp().who
    made_notes = [note for note in notes if note.kind != kept.LAST]
    last = next((note for note in notes if note.kind == kept.LAST), None)
    if freeze:
        made_notes.append(Note(kept.START, kept.START, now, who, lines))
    months = {note.name for note in notes if note.kind == kept.SNAPSHOT}
    if now[:7] not in months:
        made_notes.append(Note(kept.SNAPSHOT, now[:7], now, who, lines))
    same = last is not None and last.payload == lines
    made_notes.append(last if same and last else Note(kept.LAST, kept.LAST, now, who, lines))
    return made_notes if made_notes != sorted_like(notes, made_notes) else list(notes)


def sorted_like(notes: Sequence[Note], made: Sequence[Note]) -> list[Note]:
    """Return the notes as they stand when they are the same rows in another order."""
    same = len(notes) == len(made) and all(note in made for note in notes)
    return list(made) if same else []


def _may_freeze(read: BookRead, notes: Sequence[Note], *, whole: bool) -> None:
    if kept.SHEET not in read.cells:
        raise StructureError(
            "这份计划表没有放年初预算的地方，是旧版本生成的",
            "先运行一次“分解”，或用现在的版本重新生成",
            Where(sheet=kept.SHEET),
        )
    start = next((note for note in notes if note.kind == kept.START), None)
    if start:
        raise InputError(
            f"年初预算已在 {start.time} 冻结，不再改动", "要重新冻结，先撤销那一次“预算”"
        )
    if not whole:
        raise InputError("冻结年初预算要包括所有店铺", "去掉 --store 再做一次")
