"""情景: a what-if worked out from the plan or a version, and kept as a version."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xlplan.actions.change.agreed import broken
from xlplan.actions.change.keeping import CURRENT, with_version
from xlplan.actions.change.references import references
from xlplan.actions.change.selecting import find_metric, find_stores
from xlplan.actions.change.versions import SCENARIO, facts_of, made_current
from xlplan.actions.change.wishing import meant_for
from xlplan.actions.run.apply import apply
from xlplan.actions.run.outcome import Outcome
from xlplan.errors import InputError, PlanError
from xlplan.plan.change.change import change
from xlplan.plan.change.grid import Grid, Region
from xlplan.plan.change.preview import level_lines, preview
from xlplan.plan.change.request import Edit, Wish
from xlplan.plan.days.periods import Period, months, parse_period
from xlplan.record import draft, replace
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from xlplan.cells import Book
    from xlplan.plan.year import Year


def scenario(  # noqa: PLR0913  # the options of one dialog
    book: Book,
    *,
    name: str,
    lifts: str,
    base: str = CURRENT,
    gives: str = "",
    note: str = "",
    dry_run: bool = False,
) -> Outcome:
    """Work out a what-if and keep it as a version; the present plan stays.

    Args:
        book: The plan book.
        name: Name of the scenario; an earlier one of the same name is replaced.
        lifts: What changes, such as ``销售额 11月 +10%; UV 618 +20%; 直通车 双11 +3万``: metric,
            period or campaign, store (each may be left out) and the change in shorthand.
        base: What it starts from: the present plan or a version.
        gives: As in 分摊.
        note: What it is for.
        dry_run: Only show it.

    Raises:
        InputError: A lift cannot be understood, or the name is taken by something else.
        InfeasibleError: Locks do not allow it.
    """
    read = read_state(book)
    state = read.state
    base_state = made_current(state, base)
    start = base_state.year
    edits = [_lift(text, state.year) for text in re.split(r"[;；\n]", lifts) if text.strip()]
    if not edits:
        raise InputError("没有写变动", "如：销售额 11月 +10%; UV 618 +20%")
    plan, notes = start.plan, list[str]()
    for edit in edits:
        wish = Wish((edit,), gives)
        made = change(replace(start, plan=plan), wish, state.holds, references(state))
        plan, notes = made.plan, [*notes, *made.notes]
    seen = preview(start, plan, state.holds)
    lines = [f"在“{base}”上：{lifts}", *level_lines(seen.levels, start), *notes]
    lost = broken(read, replace(base_state, year=replace(start, plan=plan)))
    if dry_run:
        return Outcome("预览：没有写入", lines, lost)
    kept = with_version(
        replace(state, splits=base_state.splits), name, SCENARIO, note or lifts, plan
    )
    after = replace(kept, splits=state.splits)
    changed = apply(book, read, after, [LogRow(action="情景", note=f"情景“{name}”：{lifts}")])
    return Outcome(f"情景“{name}”已保存", [*lines, f"用 xlplan version --do restore --name {name} 让它成为当前计划"], lost, facts_of(seen), changed)  # fmt: skip


@draft
class _Words:
    """What the words of a lift were taken for."""

    metric: str = ""
    stores: tuple[str, ...] = ()
    period: Period | None = None


def _lift(text: str, year: Year) -> Edit:
    """Return the edit a lift means: words in any order, the change last."""
    *words, typed = text.split()
    found = _Words()
    for word in words:
        if not (_period(found, word, year) or _store(found, word, year)):
            found.metric = _metric(word, year)
    period = found.period or months(year.year, 1, 12, "全年")
    region = Region(found.metric or "gmv", found.stores or year.stores, period)
    short = meant_for(region, typed, Grid(year))
    return Edit(region, short.method, short.amount, short.reference)


def _metric(word: str, year: Year) -> str:
    try:
        return find_metric(word, year)
    except InputError as refusal:
        what = f"看不懂“{word}”：不是期间、活动、店铺，也不是有计划的指标"
        raise InputError(what, refusal.remedy) from None


def _period(found: _Words, word: str, year: Year) -> bool:
    try:
        found.period = parse_period(word, year.calendar)
    except PlanError:
        return False
    return True


def _store(found: _Words, word: str, year: Year) -> bool:
    try:
        found.stores = find_stores(word, year)
    except PlanError:
        return False
    return True
