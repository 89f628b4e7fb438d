"""版本: plans that are kept, compared, and put back."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from xlplan.actions.change.agreed import broken
from xlplan.actions.change.keeping import BUDGET, CURRENT, with_version
from xlplan.actions.plan.lastyear import Recalled, of_stores, with_last_year
from xlplan.actions.run.apply import apply, guard
from xlplan.actions.run.outcome import Outcome
from xlplan.errors import InputError
from xlplan.plan.change.preview import level_lines, preview
from xlplan.record import replace
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.history.kept import (
    LAST_YEAR,
    in_shape,
    kept_plan,
    kept_splits,
    with_versions,
)
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from xlplan.cells import Book
    from xlplan.plan.change.preview import Preview
    from xlplan.sheets.history.page import Version
    from xlplan.sheets.state.book import BookState

FORECAST, SCENARIO, SNAPSHOT = "预测", "情景", "快照"
KINDS = (BUDGET, FORECAST, SCENARIO, SNAPSHOT)
#: Single days told on 版本对比; all of them count in the totals above.
TOLD = 5000


def version(  # noqa: PLR0913  # the options of one dialog
    book: Book,
    *,
    do: str = "list",
    name: str = "",
    other: str = CURRENT,
    kind: str = SNAPSHOT,
    note: str = "",
    file: Path | None = None,
    dry_run: bool = False,
) -> Outcome:
    """List, take, compare, restore or delete versions of the plan.

    Args:
        book: The plan book.
        do: ``list``, ``snapshot``, ``compare``, ``restore`` (make current), ``delete`` or
            ``import`` (last year's actuals out of its plan book, for 参照 去年).
        name: The version.
        other: What to compare it with; the present plan by default.
        kind: 预算 (frozen: it can never change), 预测, 情景 or 快照.
        note: What it is for.
        file: Last year's plan book (import).
        dry_run: Only show what restoring would change.

    Raises:
        InputError: There is no such version, it is taken, or frozen.
        InfeasibleError: Restoring would move what is locked.
    """
    steps = {
        "list": lambda: _list(book),
        "snapshot": lambda: _snapshot(book, name, kind, note),
        "compare": lambda: _compare(book, name, other),
        "restore": lambda: _restore(book, name, dry_run=dry_run),
        "delete": lambda: _delete(book, name),
        "import": lambda: _import(book, name or LAST_YEAR, file),
    }
    if do not in steps:
        listed = (
            "list 列出、snapshot 保存、compare 比较、restore 恢复、delete 删除、import 导入去年"
        )
        raise InputError(f"没有“{do}”", f"可以是：{listed}")
    return steps[do]()


def plan_named(state: BookState, name: str) -> pd.DataFrame:
    """Return the plan of a version, or the present one.

    Raises:
        InputError: There is no such version of this year.
    """
    if name in ("", CURRENT):
        return state.year.plan
    found = _found(state, name)
    if int(found.year) != state.year.year:
        raise InputError(
            f"“{name}”是 {found.year} 年的数据", "它只能作参照（like），不能与今年的计划互换"
        )
    return in_shape(kept_plan(found), state.year.plan)


def made_current(state: BookState, name: str) -> BookState:
    """Return a book whose present plan is that of a version, with its shares and agreements.

    Raises:
        InputError: There is no such version of this year.
    """
    plan = plan_named(state, name)
    kept = name not in ("", CURRENT)
    splits = kept_splits(_found(state, name), state.splits) if kept else state.splits
    return replace(state, year=replace(state.year, plan=plan), splits=splits)


def _found(state: BookState, name: str) -> Version:
    found = next((version for version in state.versions if version.name == name.strip()), None)
    if found is None:
        known = "、".join(version.name for version in state.versions)
        raise InputError(f"没有版本“{name}”", f"现有：{known or '还没有，先“快照”'}")
    return found


def _list(book: Book) -> Outcome:
    versions = read_state(book).state.versions
    lines = [
        f"{v.name}（{v.kind}{'，冻结' if v.frozen else ''}，{v.year} 年）{v.time} {v.who} {v.note}".rstrip()
        for v in versions
    ]
    told: dict[str, object] = {"versions": [{"name": v.name, "kind": v.kind, "year": v.year, "frozen": bool(v.frozen), "time": v.time, "note": v.note} for v in versions]}  # fmt: skip
    return Outcome(
        f"{len(versions)} 个版本", lines or ["还没有版本；用“快照”保存当前计划"], facts=told
    )


def _snapshot(book: Book, name: str, kind: str, note: str) -> Outcome:
    if kind not in KINDS:
        raise InputError(f"没有“{kind}”这种版本", f"可以是：{'、'.join(KINDS)}")
    read = read_state(book)
    after = with_version(read.state, name, kind, note, read.state.year.plan)
    frozen = "，从此冻结" if kind == BUDGET else ""
    changed = apply(
        book,
        read,
        after,
        [LogRow(action="快照", note=f"{kind}“{name}”{frozen}" + (f"；{note}" if note else ""))],
    )
    return Outcome(
        f"已保存{kind}“{name}”{frozen}", changed=changed, facts={"name": name, "kind": kind}
    )


def _delete(book: Book, name: str) -> Outcome:
    read = read_state(book)
    gone = _found(read.state, name)
    if gone.frozen:
        raise InputError(f"“{gone.name}”是冻结的{gone.kind}，不能删", "冻结的版本一直保留")
    after = with_versions(read.state, [v for v in read.state.versions if v != gone])
    changed = apply(
        book, read, after, [LogRow(action="删除版本", note=f"删除{gone.kind}“{gone.name}”")]
    )
    return Outcome(f"已删除“{gone.name}”", ["可以撤销"], changed=changed)


def _restore(book: Book, name: str, *, dry_run: bool) -> Outcome:
    read = read_state(book)
    after = made_current(read.state, _found(read.state, name).name)
    seen = preview(read.state.year, after.year.plan, read.state.holds)
    lines = [f"变动 {seen.count} 格", *level_lines(seen.levels, read.state.year)]
    if after.splits != read.state.splits:
        lines.append("品类平台各月自己的占比、品类约定也恢复成版本里的")
    guard(read, after)
    lost = broken(read, after)
    if dry_run:
        return Outcome("预览：没有写入", lines, lost)
    changed = apply(book, read, after, [LogRow(action="恢复版本", note=f"“{name}”成为当前计划")])
    return Outcome(
        f"“{name}”已成为当前计划" if changed else "没有变化",
        lines,
        lost,
        facts=facts_of(seen),
        changed=changed,
    )


def _import(book: Book, name: str, file: Path | None) -> Outcome:
    """Keep the actuals (else the plan) of another year's plan book as a version."""
    if file is None:
        raise InputError("没有给去年的计划表", "加 --file 去年计划.xlsx")
    from xlplan.books.file import FileBook

    read, past = read_state(book), read_state(FileBook(file)).state.year
    if past.year >= read.state.year.year:
        raise InputError(f"{file.name} 是 {past.year} 年的，不早于本计划", "选前一年的计划表")
    known = past.actuals["gmv"].notna().any()
    columns = [column for column in read.state.year.plan.columns if column in past.actuals.columns]
    source = past.actuals[columns] if known else past.plan
    stores = read.state.year.stores
    if len(past.stores) == len(stores) == 1:
        source = source.rename(index={past.stores[0]: stores[0]}, level="store")
    source, strange = of_stores(source, stores, file.name)
    what = f"{past.year} 年{'实际' if known else '计划'}存为“{name}”"
    made = Recalled(
        with_version(read.state, name, LAST_YEAR, f"来自 {file.name}", source, past.year), (), ()
    )
    if known and past.year == read.state.year.year - 1 and name == LAST_YEAR:
        made = with_last_year(read.state, source, f"来自 {file.name}")
    changed = apply(book, read, made.state, [LogRow(action="导入去年", note=what)])
    lines = [*made.lines, "分摊时可写 like 去年：按可比日期对齐"]
    return Outcome(what, lines, [*strange, *made.problems], changed=changed)


def facts_of(seen: Preview) -> dict[str, object]:
    """Return a preview for machines."""
    return {"cells": seen.cells, "levels": [asdict(row) for row in seen.levels]}


def _compare(book: Book, name: str, other: str) -> Outcome:
    from xlplan.actions.change.comparing import compare

    read = read_state(book)
    plans = plan_named(read.state, name), plan_named(read.state, other)
    return compare(book, read, plans, (name or CURRENT, other or CURRENT))
