"""分解: read the targets, plan the year, and write every table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from xlplan.actions.apply import apply
from xlplan.actions.outcome import Outcome
from xlplan.actions.targets import channel_mix, findings_of
from xlplan.errors import InputError, Level
from xlplan.plan.audit import audit
from xlplan.plan.make import make_plan
from xlplan.sheets.lists import LogRow
from xlplan.sheets.state_read import read_state

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from xlplan.cells import Book
    from xlplan.errors import Problem
    from xlplan.plan.year import Year
    from xlplan.sheets.state import BookState
    from xlplan.sheets.state_read import BookRead


def fill(book: Book) -> Outcome:
    """Spread the targets of a plan book and write what changed.

    Running it again changes nothing.

    Raises:
        InputError: A target cannot be read, or targets contradict each other; nothing is written.
        InfeasibleError: Given months and the year do not fit.
        StructureError: The book lost a sheet, key row or key column.
    """
    book.tell("正在读取目标、日历、活动…")
    read = read_state(book)
    findings = audit_read(read)
    refuse_errors([*read.problems, *findings])
    book.tell("正在分解到月、周、日…")
    year = replace(read.state.year, plan=plan_of(read.state))
    problems = [*read.problems, *findings, *year.calendar.problems]
    state = replace(
        read.state,
        year=year,
        typed=replace(read.state.typed, findings=findings_of(findings, read.at.targets.rows)),
        problems=problems,
    )
    note = f"分解 {year.year} 年目标到 {len(year.stores)} 家店的每一天"
    changed = apply(book, read, state, [LogRow(action="分解", note=note)])
    return Outcome(
        "分解完成" if changed else "没有变化",
        plan_lines(year),
        problems,
        plan_facts(year),
        changed,
    )


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


def plan_of(state: BookState) -> pd.DataFrame:
    """Return the plan of a book's targets."""
    year = state.year
    return make_plan(
        year.targets, year.calendar, year.settings, year.stores, channel_mix(state.typed)
    )


def plan_lines(year: Year) -> list[str]:
    """Return the plan's totals in words."""
    lines = []
    for scope in year.scopes:
        facts = _totals(year, scope)
        parts = [f"{label} {facts[name]:,.0f}" for name, label in _SHOWN if name in facts]
        lines.append(f"{scope}：{'，'.join(parts) or '没有可分解的销售额目标'}")
    total = year.planned.of_scope(year.scopes[0])["gmv"].sum()
    if total == total and total > 0:  # noqa: PLR0124 - NaN test
        value = year.calendar.unit_weight_value(float(total))
        lines.append(f"单位权重值 {value:,.2f} 元（平均每天；权重为 1 的日子的目标）")
    return lines


_SHOWN = (("gmv", "销售额"), ("uv", "UV"), ("orders", "笔数"), ("spend", "推广费"))


def _totals(year: Year, scope: str) -> dict[str, float]:
    values = year.planned.of_scope(scope)
    spend = sum(values[f"spend_{channel.key}"] for channel in year.metrics.channels)
    totals = {name: float(values[name].sum()) for name in ("gmv", "uv", "orders")}
    totals["spend"] = float(spend.sum())  # type: ignore[union-attr]
    return {name: value for name, value in totals.items() if value == value}  # noqa: PLR0124


def plan_facts(year: Year) -> dict[str, object]:
    """Return the plan's totals for machines."""
    return {"year": year.year, "plan": {scope: _totals(year, scope) for scope in year.scopes}}
