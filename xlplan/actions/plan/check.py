"""体检 and 核对: targets against themselves, the book against the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.actions.plan.fill import audit_read, findings_of_plan, of_cards
from xlplan.actions.run.outcome import Outcome
from xlplan.actions.run.parting import parted
from xlplan.actions.run.planning import BASIS, asked_plan, differing_days, plan_of
from xlplan.cells import address
from xlplan.errors import Level, PlanError, Problem, Where
from xlplan.formula import same_formula
from xlplan.ooxml.collecting import without_collector
from xlplan.plan.actuals.visits import visit_findings
from xlplan.plan.audit.rules import audit
from xlplan.plan.calendar import calendar
from xlplan.plan.change.adjustments import mark_of
from xlplan.record import replace
from xlplan.sheets.base.names import LOG
from xlplan.sheets.month.typed_plan import typed_cells
from xlplan.sheets.state.fixed import constants, fixed_cells
from xlplan.sheets.state.growth import growths, is_older, what_grew
from xlplan.sheets.state.read import read_state
from xlplan.sheets.state.write import update

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.cells import Book
    from xlplan.plan.targets.claims import Claim
    from xlplan.sheets.state.read import BookRead


@without_collector()
def check(book: Book) -> Outcome:
    """Examine a plan book; nothing is written.

    Raises:
        StructureError: It is not a plan book, or lost a key row or column.
    """
    read = read_state(book)
    findings = audit_read(read)
    problems = [*read.problems, *findings, *of_cards(read, findings)]
    problems += [*visit_findings(read.state.year), *read.state.year.calendar.problems]
    problems += not_spread(read) + parted(read) + _budget(read)
    problems += findings_of_plan(read, read.state.year)
    problems += _to_come(read) if is_older(read.reading) else _overwritten(read)
    return _outcome(problems, {"file": book.name})


def _to_come(read: BookRead) -> list[Problem]:
    """Say that the book belongs to an earlier version, and what it will get."""
    what = f"这本计划表来自较早的版本（{read.state.meta.get('program', '')}）"
    got = what_grew(growths(read)) or "新的公式"
    remedy = f"不必处理：下一次写入（如“分解”）会先备份，再补上{got}"
    return [Problem(Where(), what, Level.INFO, remedy, "版本")]


def _budget(read: BookRead) -> list[Problem]:
    """Say where what was typed on 预算 contradicts itself or the plan."""
    from xlplan.actions.budget.exporting import budget_of, terms_of
    from xlplan.plan.budget.review import contradictions

    terms, odd = terms_of(read)
    if not terms.lines and terms.total is None:
        return odd
    try:
        return [*odd, *contradictions(budget_of(read, terms))]
    except PlanError as error:
        return [
            *odd,
            Problem(Where(sheet="预算"), error.message, Level.ERROR, error.remedy, "预算"),
        ]


def check_targets(claims: Sequence[Claim], problems: Sequence[Problem], year: int) -> Outcome:
    """Examine a target list that is not in a book yet."""
    found = audit(claims, year=year, calendar=calendar(year).days)
    return _outcome([*problems, *found], {"claims": len(claims)})


def _outcome(problems: list[Problem], facts: dict[str, object]) -> Outcome:
    errors = sum(problem.level is Level.ERROR for problem in problems)
    warnings = sum(problem.level is Level.WARNING for problem in problems)
    title = f"体检：{errors} 个错误，{warnings} 个警告" if errors or warnings else "体检通过"
    return Outcome(title, [], problems, {**facts, "errors": errors, "warnings": warnings})


def not_spread(read: BookRead) -> list[Problem]:
    """Say when targets, calendar or campaigns changed since the last 分解."""
    state = read.state
    try:
        asked = asked_plan(state)
        plan = plan_of(state, asked)
    except PlanError as error:
        return [Problem(Where(), error.message, Level.ERROR, error.remedy, "分解")]
    days = differing_days(plan, state.year.plan)
    if not days:
        return []
    if state.meta.get(BASIS) == mark_of(asked):
        what = f"{days} 个店·日的计划被手工调整过，与目标直接分解的结果不同"
        return [
            Problem(
                Where(),
                what,
                Level.INFO,
                "不必处理；“分解”会保留它们，选“放弃手工调整”（--fresh）才按目标重新分",
                "分解",
            )
        ]
    what = f"目标、日历或活动改过之后还没有分解：{days} 个店·日的计划会变"
    return [Problem(Where(), what, Level.WARNING, "运行“分解”（xlplan fill）", "分解")]


def _overwritten(read: BookRead) -> list[Problem]:
    """Name derived cells whose formula was replaced by hand, and fixed ones that were typed over."""
    wanted = update(read, replace(read.state, log=(), problems=()), whole=True)
    fixed = fixed_cells(read, wanted.keys())
    constant = constants(read)
    typed = {(cell.cell.sheet, cell.cell.spot) for cell in typed_cells(read)}
    problems = []
    for sheet, cells in wanted.items():
        if sheet == LOG:
            continue
        for spot, cell in cells.items():
            seen = read.cells[sheet].get(spot)
            shown = "空" if seen is None or seen.value is None else seen.value
            if cell.formula and (seen is None or not same_formula(seen.formula, cell.formula)):
                what = f"这里应是公式，被改成了“{shown}”"
                remedy = (
                    "“识别改动”（xlplan edits）可以按它改计划，或放回公式"
                    if (sheet, spot) in typed
                    else "运行“分解”会恢复公式；实际数填“日报”或导入，目标填“年度目标”"
                )
            elif not cell.formula and (spot in fixed.get(sheet, {}) or constant(sheet, spot)):
                what = f"这里应是“{cell.value}”，被改成了“{shown}”；公式和读数都靠它"
                remedy = "运行“分解”（或下一次写入）会放回原样"
            else:
                continue
            where = Where("", sheet, address(*spot))
            problems.append(Problem(where, what, Level.WARNING, remedy, "核对"))
    return problems[:50]
