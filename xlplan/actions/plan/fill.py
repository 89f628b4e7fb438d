"""分解: read the targets, plan the year, and write every table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from xlplan.actions.change.agreed import still
from xlplan.actions.plan.announcing import official_list
from xlplan.actions.plan.targets import findings_of
from xlplan.actions.run.apply import apply
from xlplan.actions.run.outcome import Outcome
from xlplan.actions.run.planning import BASIS, asked_plan, basis, plan_facts, plan_lines, plan_of
from xlplan.cells import address
from xlplan.errors import InputError, Level
from xlplan.ooxml.collecting import without_collector
from xlplan.plan.audit.rules import audit
from xlplan.plan.change.holds import actual_days
from xlplan.record import record
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.month.typed_plan import typed_cells
from xlplan.sheets.state.inputs import with_holidays
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from xlplan.cells import Book
    from xlplan.errors import Problem
    from xlplan.sheets.month.typed_plan import TypedCell
    from xlplan.sheets.state.book import BookState
    from xlplan.sheets.state.read import BookRead


@without_collector()
def fill(book: Book, *, holidays: str | Path | None = None) -> Outcome:
    """Spread the targets of a plan book and write what changed.

    What is locked, and days with actual sales, stay as they are; the free days make up for
    them. Changes made by hand that are not locked are spread anew (and can be taken back with
    撤销). Running it again changes nothing.

    Args:
        book: The plan book.
        holidays: The year's official list (holiday-cn JSON), kept in the book from then on.

    Raises:
        FileError: The list cannot be read.
        InputError: The list is odd or of another year. A target cannot be read, or targets contradict each other; nothing is written.
        InfeasibleError: Given months and the year do not fit, or locks do not allow them.
        StructureError: The book lost a sheet, key row or key column.
    """
    book.tell("正在读取目标、日历、活动…")
    read = read_state(book)
    book.tell("正在分解到月、周、日…")
    before = read
    if holidays:
        official = official_list(holidays, read.state.year.year)
        before = replace(read, state=with_holidays(read.state, official))
    made = worked_out(before)
    changed = apply(book, read, made.state, made.rows, put_back=True)
    return made.outcome(changed)


@record
class Filled:
    """A 分解 that was worked out and is still to be written.

    Attributes:
        state: What the book should say.
        rows: Its log rows.
        lines: What it did, for people.
    """

    state: BookState
    rows: Sequence[LogRow]
    lines: list[str]

    def outcome(self, changed: int) -> Outcome:
        """Return the result once it is written."""
        year, problems = self.state.year, self.state.problems
        title = "分解完成" if changed else "没有变化"
        return Outcome(title, self.lines, problems, plan_facts(year), changed)


def worked_out(read: BookRead) -> Filled:
    """Work out what the targets of a book come to; see `fill`."""
    findings = audit_read(read)
    refuse_errors([*read.problems, *findings])
    asked = asked_plan(read.state)
    plan = plan_of(read.state, asked)
    year, adjusted = replace(read.state.year, plan=plan), adjusted_days(read.state, asked, plan)
    problems = [*still(read, replace(read.state, year=year)), *findings, *year.calendar.problems]
    state = replace(
        read.state,
        year=year,
        typed=replace(read.state.typed, findings=findings_of(findings, read.at.targets.rows)),
        problems=problems,
        meta={**read.state.meta, BASIS: basis(asked)},
    )
    note = f"分解 {year.year} 年目标到 {len(year.stores)} 家店的每一天"
    typed = typed_cells(read)
    rows = [LogRow(action="分解", note=note), *typed_rows(typed)]
    lines = plan_lines(year) + _held_lines(read.state, adjusted) + _put_back_lines(typed)
    return Filled(state, rows, lines)


def audit_read(read: BookRead) -> list[Problem]:
    """Return what 体检 finds in the targets of a book."""
    year = read.state.year
    return audit(
        read.claims,
        year=year.year,
        calendar=year.calendar.days,
        day_convention=year.settings.day_convention,
    )


def refuse_errors(problems: Sequence[Problem]) -> None:
    """Raise InputError when a finding is an error, listing all of them."""
    errors = [problem for problem in problems if problem.level is Level.ERROR]
    if errors:
        listed = "\n".join(f"  · {problem}" for problem in errors[:8])
        more = f"\n  · 还有 {len(errors) - 8} 项" if len(errors) > 8 else ""
        raise InputError(
            f"有 {len(errors)} 个错误，没有写入任何内容：\n{listed}{more}",
            "按括号里的建议改好后再运行；目标互相矛盾时，“协调”（xlplan reconcile）会给出改动最小的建议",
            problems=problems,
        )


def adjusted_days(state: BookState, asked: pd.DataFrame, plan: pd.DataFrame) -> int:
    """Return how many store days were changed by hand since the targets were last spread.

    0 when the targets themselves changed since: then nobody can tell them apart.

    Args:
        state: The book.
        asked: Its `asked_plan`.
        plan: Its `plan_of`.
    """
    return differing_days(plan, state.year.plan) if state.meta.get(BASIS) == basis(asked) else 0


def differing_days(one: pd.DataFrame, other: pd.DataFrame) -> int:
    """Return how many store days differ between two plans."""
    near = (one - other).abs() < 0.005
    return int((~(near | (one.isna() & other.isna()))).any(axis=1).sum())


def typed_rows(typed: Sequence[TypedCell]) -> list[LogRow]:
    """Return log rows of what was typed over the plan, so that a figure put back is not lost."""
    return [LogRow(sheet=each.cell.sheet, cell=address(*each.cell.spot), old=each.text, note="直接写在计划上的数，已放回公式") for each in typed[:200]]  # fmt: skip


def _put_back_lines(typed: Sequence[TypedCell]) -> list[str]:
    if not typed:
        return []
    named = "、".join(f"{each.cell.name}（{each.text}）" for each in typed[:5])
    return [
        f"直接写在计划上的 {len(typed)} 处已放回公式：{named}；原数记在“变更记录”，要按它改请先用“识别改动”"
    ]


def _held_lines(state: BookState, adjusted: int) -> list[str]:
    lines = []
    if adjusted:
        lines.append(
            f"手工调整过的 {adjusted} 个店·日已按目标重新分解；要保留请先“锁定”，要恢复请“撤销”"
        )
    known = int(actual_days(state.year).sum())
    if state.holds or known:
        lines.append(f"保持不动：{len(state.holds)} 个锁定，已有实际的 {known} 个店·日")
    return lines
