"""分解: read the targets, plan the year, and write every table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.actions.change.agreed import still
from xlplan.actions.plan.announcing import official_list
from xlplan.actions.plan.targets import findings_of
from xlplan.actions.run.apply import apply
from xlplan.actions.run.outcome import Outcome
from xlplan.actions.run.planning import (
    BASIS,
    asked_plan,
    campaign_lines,
    differing_days,
    plan_around,
    plan_facts,
    plan_lines,
)
from xlplan.cells import address
from xlplan.errors import InputError, Level, worst_first
from xlplan.metrics.money import HALF_CENT
from xlplan.ooxml.collecting import without_collector
from xlplan.plan.audit.planned import planned_problems
from xlplan.plan.audit.rules import audit
from xlplan.plan.change.adjustments import KEY as ADJUSTED
from xlplan.plan.change.adjustments import mark_of
from xlplan.plan.change.holds import actual_days
from xlplan.record import record, replace
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.cards.sheet import LINES
from xlplan.sheets.month.typed_plan import typed_cells
from xlplan.sheets.state.holidays import with_holidays
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from xlplan.cells import Book
    from xlplan.errors import Problem
    from xlplan.plan.year import Year
    from xlplan.sheets.month.typed_plan import TypedCell
    from xlplan.sheets.state.book import BookState
    from xlplan.sheets.state.read import BookRead


@without_collector()
def fill(
    book: Book,
    *,
    holidays: str | Path | None = None,
    fresh: bool = False,
    dry_run: bool = False,
) -> Outcome:
    """Spread the targets of a plan book and write what changed.

    What is locked, and days with actual sales, stay as they are; the free days make up for
    them. So does what people adjusted, as long as the targets leave room for it. Running it
    again changes nothing.

    Args:
        book: The plan book.
        holidays: The year's official list (holiday-cn JSON), kept in the book from then on.
        fresh: Give up what people adjusted without locking it.
        dry_run: Only say what would change.

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
    made = worked_out(before, fresh=fresh)
    if dry_run:
        return made.preview(read.state)
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

    def preview(self, before: BookState) -> Outcome:
        """Return what it would change, unwritten."""
        was, now = before.year, self.state.year
        days = differing_days(now.plan, was.plan)
        title = f"预览：{days} 个店·日的计划会变，没有写入" if days else "预览：计划不会变"
        lines = [*_store_changes(was, now), *self.lines]
        facts = plan_facts(now) | {"days": days}
        return Outcome(title, lines, self.state.problems, facts)


def worked_out(read: BookRead, *, fresh: bool = False) -> Filled:
    """Work out what the targets of a book come to; see `fill`."""
    findings = audit_read(read)
    refuse_errors([*read.problems, *findings])
    asked = asked_plan(read.state)
    around = plan_around(read.state, asked, fresh=fresh)
    year = replace(read.state.year, plan=around.plan)
    problems = [
        *still(read, replace(read.state, year=year)),
        *findings,
        *of_cards(read, findings),
        *year.calendar.problems,
        *findings_of_plan(read, year),
    ]
    state = replace(
        read.state,
        year=year,
        typed=replace(read.state.typed, findings=findings_of(findings, read.at.targets.rows)),
        problems=worst_first(problems),
        meta={**read.state.meta, BASIS: mark_of(asked), ADJUSTED: around.kept},
    )
    note = f"分解 {year.year} 年目标到 {len(year.stores)} 家店的每一天"
    typed = typed_cells(read)
    rows = [LogRow(action="分解", note=note), *typed_rows(typed)]
    lines = [
        *plan_lines(year),
        *campaign_lines(year),
        *around.lines,
        *_held_lines(read.state),
        *_put_back_lines(typed),
    ]
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


def findings_of_plan(read: BookRead, year: Year) -> list[Problem]:
    """Return what is odd about a plan of a book: see `planned_problems`."""
    at = read.at.targets
    cells = {
        store: address(at.rows[f"t:{store}|uv"], at.columns["value"]) for store in year.stores
    }
    return planned_problems(year, cells)


def of_cards(read: BookRead, findings: Sequence[Problem]) -> list[Problem]:
    """Return what 体检 finds on 指标卡; a book without cards does not pay for asking."""
    if not read.state.own.get(LINES):
        return []
    from xlplan.actions.plan.cards import card_findings

    return card_findings(read, findings)


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


def _store_changes(was: Year, now: Year) -> list[str]:
    """Return the stores whose sales change, with both totals."""
    lines = []
    for store in now.stores:
        old, new = (float(year.planned.of_scope(store)["gmv"].sum()) for year in (was, now))
        if not abs(old - new) < HALF_CENT and new == new:  # noqa: PLR0124 - NaN test
            lines.append(f"{store} 全年销售额 {old:,.2f} → {new:,.2f}")
    return lines


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


def _held_lines(state: BookState) -> list[str]:
    known = int(actual_days(state.year).sum())
    if not state.holds and not known:
        return []
    return [f"保持不动：{len(state.holds)} 个锁定，已有实际的 {known} 个店·日"]
