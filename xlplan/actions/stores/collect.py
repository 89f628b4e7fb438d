"""收集: returned store workbooks merged three-way into 日报, with a report of who and what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.actions.run.apply import apply
from xlplan.actions.run.overlay import read_with
from xlplan.actions.stores.collecting import Collecting
from xlplan.actions.stores.report import outcome_of
from xlplan.actions.stores.returned import find_files, read_files
from xlplan.actions.stores.store_merge import OURS, THEIRS
from xlplan.errors import InputError
from xlplan.record import replace
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from pathlib import Path

    from xlplan.actions.imports.report import Report
    from xlplan.actions.run.outcome import Outcome
    from xlplan.cells import Book, Cell, Spot
    from xlplan.sheets.state.read import BookRead


def collect(  # noqa: PLR0913  # the options of one command
    book: Book,
    paths: Iterable[str | Path] = (),
    *,
    folder: str | Path | None = None,
    prefer: str = "",
    recalled: bool = False,
    jobs: int | None = None,
    dry_run: bool = False,
    take_in: bool = True,
    as_of: date | None = None,
) -> Outcome:
    """Merge returned store workbooks into 日报, then take the typed rows in as actuals.

    Edits that exclude each other are conflicts: listed on 收集报告 and left as they are until
    a rule or a choice made there decides. Collecting the same files again changes nothing.

    Args:
        book: The plan book that handed the copies out.
        paths: Returned files, or folders of them; none only carries out choices made.
        folder: One more folder (what the ribbon asks for).
        prefer: ``theirs`` or ``ours`` decides conflicts; "" lists them.
        recalled: Take copies of distributions that were undone; they are refused otherwise.
        jobs: Reading processes; None decides by the number of files.
        dry_run: Only say what would change.
        take_in: Take the typed rows in as actuals afterwards.
        as_of: Passed on to the import: the last day that can have actuals.

    Raises:
        InputError: `prefer` is neither rule.
        FileError: A path does not exist.
        StructureError: It is not a plan book, or lost a sheet, key row or key column.
    """
    _begin(book, prefer)
    work = Collecting.of(read_state(book))
    work.carry_out_choices()
    given = [*paths, *([folder] if folder else [])]
    listed, problems = find_files(given, getattr(book, "path", None))
    if listed:
        book.tell(f"正在读取 {len(listed)} 个文件…")
    work.merge_files(read_files(listed, work.inputs(), jobs), problems, prefer, recalled=recalled)
    changes = work.changes()
    changed = sum(map(len, changes.values()))
    taken = None
    if changed and not dry_run:
        after = read_with(work.read, book.name, changes)
        taken = _taken_in(work.read, after, as_of) if work.values and take_in else None
        changed = _written(book, work, after, changes, taken)
    outcome = _told(work, changed, dry_run=dry_run)
    return _with_import(outcome, taken, changed) if taken else outcome


def _told(work: Collecting, changed: int, *, dry_run: bool) -> Outcome:
    outcome = outcome_of(work.told, work.counts(), changed=changed, dry_run=dry_run)
    brought = work.back.told() if work.back else []
    return replace(outcome, lines=[*outcome.lines, *brought])


def _written(
    book: Book,
    work: Collecting,
    after: BookRead,
    changes: Mapping[str, Mapping[Spot, Cell]],
    taken: Report | None,
) -> int:
    state, rows = (taken.taken.after, taken.log()[1:]) if taken else (after.state, [])
    if work.back and (own := work.back.own()):
        state = state.with_own(own)
    return apply(book, work.read, state, [*work.log(), *rows], extra=changes)


def _begin(book: Book, prefer: str) -> None:
    if prefer not in ("", THEIRS, OURS):
        raise InputError(
            f"--prefer 不能是“{prefer}”", f"可选：{THEIRS}（以交回为准）、{OURS}（以总表为准）"
        )
    book.tell("正在读取计划表…")


def _taken_in(read: BookRead, after: BookRead, as_of: date | None) -> Report:
    """Return what importing the collected rows comes to."""
    # only a collection that brings rows needs what imports need: a click starts anew each time
    from xlplan.actions.imports.gather import Gathered
    from xlplan.actions.imports.importing import merged_state, today
    from xlplan.actions.imports.report import Report

    taken = merged_state(after, Gathered(), as_of or today())
    return Report(read.state.year.actuals, taken)


def _with_import(outcome: Outcome, report: Report, changed: int) -> Outcome:
    from xlplan.actions.imports.importing import outcome_of as imported

    taken = imported(report, changed)
    lines = [*outcome.lines, *(f"{taken.title}：{line}" for line in taken.lines[:1])]
    return replace(outcome, lines=lines, problems=[*outcome.problems, *taken.problems])
