"""What a collection tells: the new 收集报告, and the outcome."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from xlplan.actions.run.outcome import Outcome, first_of
from xlplan.errors import Level, Problem, Where
from xlplan.plan.actuals.threeway import canon
from xlplan.record import draft, replace
from xlplan.sheets.base.rule_names import rule_name
from xlplan.sheets.collect import page as words
from xlplan.sheets.collect.page import Detail, Report, StoreLine
from xlplan.sheets.daily import page as daily_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.actions.stores.store_merge import StoreMerge


@draft
class Told:
    """What there is to tell about a collection; `cells` are those of 日报 to write, replaced ones first."""

    merges: dict[str, StoreMerge] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    report: Report = field(default_factory=Report)
    cells: list[dict[str, object]] = field(default_factory=list)

    @property
    def missing(self) -> list[str]:
        """Stores that have not returned the last distribution."""
        lines = self.report.lines.values()
        return [line.store for line in lines if line.state == words.MISSING]

    @property
    def blank(self) -> list[str]:
        """Stores whose copy came back without anything new."""
        return [line.store for line in self.report.lines.values() if line.state == words.BLANK]

    @property
    def conflicts(self) -> list[Detail]:
        """Conflicts that wait for a decision."""
        return [detail for detail in self.report.details if detail.result == words.OPEN]

    def summary(self) -> str:
        """Return one line: who returned, what is open."""
        whole = len(self.report.lines)
        files = sum(len(made.files) for made in self.merges.values())
        back = whole - len(self.missing) - len(self.blank)
        parts = [*([f"收到 {files} 份"] if files else []), f"已交回 {back}/{whole} 家"]
        if self.conflicts:
            parts.append(f"{len(self.conflicts)} 处冲突待定")
        return "，".join(parts)


def new_report(
    before: Report, merges: Mapping[str, StoreMerge], problems: Sequence[Problem]
) -> Report:
    """Return the report after a collection.

    Stores without a new file keep what was said of them; only their open conflicts are renewed.
    """
    lines: dict[str, StoreLine] = {}
    details = _of_files(merges, problems)
    for store, line in before.lines.items():
        made = merges.get(store)
        if made is None:
            lines[store] = line
            details += before.of(store)
        elif made.fresh or line.state == words.MISSING:
            lines[store] = replace(made.line, version=line.version)
            details += [*made.details, *_findings(made)]
        else:
            lines[store], renewed = _renewed(line, before.of(store), made)
            details += renewed
    report = Report(lines, details)
    report.settle()
    return report


def _renewed(
    line: StoreLine, before: Sequence[Detail], made: StoreMerge
) -> tuple[StoreLine, list[Detail]]:
    """Return what was said of a store, with its conflicts as they are now."""
    kept = [detail for detail in before if detail.result != words.OPEN]
    listed = {(d.day, d.metric, d.file, canon(_typed(d.theirs))) for d in kept}
    fresh = [d for d in made.details if (d.day, d.metric, d.file, canon(_typed(d.theirs))) not in listed]  # fmt: skip
    return line, [*kept, *fresh]


def _typed(value: object) -> float | str | None:
    return value if isinstance(value, float | int | str) else None


def _findings(made: StoreMerge) -> list[Detail]:
    return [_of(problem, made.store) for file in made.files for problem in file.problems]


def _of(problem: Problem, store: str) -> Detail:
    result = words.NOTED if problem.level is Level.INFO else words.REFUSED
    if problem.level is Level.WARNING:
        result = words.WARNED
    note = f"{problem.what}。{problem.remedy}" if problem.remedy else problem.what
    return Detail(store, result, problem.where.file, cell=problem.where.cell, rule=rule_name(problem.rule), note=note)  # fmt: skip


def _of_files(merges: Mapping[str, StoreMerge], problems: Sequence[Problem]) -> list[Detail]:
    """Return the findings that belong to no store: files refused, copies, other formats."""
    told = {id(problem) for made in merges.values() for file in made.files for problem in file.problems}  # fmt: skip
    return [_of(problem, "") for problem in problems if id(problem) not in told]


def outcome_of(told: Told, values: Mapping[str, int], *, changed: int, dry_run: bool) -> Outcome:
    """Return what the command reports.

    Args:
        told: What happened.
        values: Counts of filled and corrected cells.
        changed: Cells written, or that would be.
        dry_run: Whether nothing was written.
    """
    lines = [told.summary()]
    if told.missing:
        lines.append(f"未交回：{'、'.join(told.missing)}")
    if told.blank:
        lines.append(f"交回但没有新内容：{'、'.join(told.blank)}")
    if any(values.values()):
        verb = "将写入" if dry_run else "写入"
        lines.append(f"{verb}日报：新填 {values['filled']} 格，更正 {values['corrected']} 格")
    if dry_run:
        lines += first_of(map(_line, told.cells), len(told.cells))
    if told.conflicts:
        lines.append(
            "冲突在“收集报告”里逐条选择后再运行 xlplan collect；或用 --prefer theirs / ours 统一决定"
        )
    problems = [*told.problems, *map(_conflict, told.conflicts)]
    title = "没有变化" if not changed else "收集预览：没有写入" if dry_run else "收集完成"
    facts: dict[str, object] = {
        "returned": [s for s in told.report.lines if s not in (*told.missing, *told.blank)],
        "missing": told.missing,
        "blank": told.blank,
        **values,
        "cells": told.cells,
        "conflicts": [_facts(detail) for detail in told.conflicts],
    }
    left_out = sum(problem.level is Level.ERROR for problem in told.problems)
    return Outcome(title, lines, problems, facts, 0 if dry_run else changed, left_out=left_out)


def _line(cell: Mapping[str, object]) -> str:
    old, new = _text(cell["old"]), _text(cell["new"])
    return f"{cell['store']} {cell['date']} {cell['label']}：{old} → {new}（{cell['file']}）"


def _conflict(detail: Detail) -> Problem:
    said = f"分发时 {_text(detail.base)}，总表 {_text(detail.ours)}，交回 {_text(detail.theirs)}"
    what = f"{detail.store} {detail.day} {detail.label} 冲突：{said}"
    where = Where(detail.file, daily_page.SHEET, detail.cell)
    return Problem(where, what, Level.WARNING, "在“收集报告”里选择", "冲突")


def _text(value: object) -> str:
    return (
        "空"
        if value in (None, "")
        else f"{value:.15g}"
        if isinstance(value, float)
        else str(value)
    )


def _facts(detail: Detail) -> dict[str, object]:
    theirs = None if detail.theirs == words.EMPTY else detail.theirs
    return {
        "store": detail.store, "date": detail.day, "metric": detail.metric, "base": detail.base,
        "ours": detail.ours, "theirs": theirs, "file": detail.file, "cell": detail.cell,
    }  # fmt: skip
