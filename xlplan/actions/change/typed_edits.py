"""识别改动: what was typed straight into the plan, shown, accepted as breakback, or put back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from xlplan.actions.change.changing import carried_out
from xlplan.actions.change.wishing import keeps, meant_for
from xlplan.actions.plan.fill import typed_rows
from xlplan.actions.run.apply import apply
from xlplan.actions.run.outcome import Outcome
from xlplan.cells import address
from xlplan.errors import InputError, Level, PlanError, Problem, Where
from xlplan.formula import Formula, FormulaError
from xlplan.plan.change.grid import Grid
from xlplan.plan.change.methods import method_of
from xlplan.plan.change.preview import number, unit_of
from xlplan.plan.change.request import Edit, Wish
from xlplan.plan.change.shorthand import Shorthand
from xlplan.regex import regex
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.month.typed_plan import ARITHMETIC, cleared_cells, typed_cells
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.cells import Book, Value
    from xlplan.plan.change.grid import Region
    from xlplan.sheets.month.typed_plan import TypedCell
    from xlplan.sheets.state.read import BookRead


_PERCENT = regex(r"(\d+(?:\.\d+)?)\s*%")


def edits(  # noqa: PLR0913  # the options of one dialog
    book: Book, *, accept: bool = False, put_back: bool = False, keep: str = "", gives: str = "", why: str = ""
) -> Outcome:  # fmt: skip
    """Recognise what was typed over the plan, and show it, accept it, or put the plan back.

    All typed cells hold at once, whatever order they were typed in: a day's new value moves its
    month (or its siblings, with `keep`), locks stay.

    Args:
        book: The plan book.
        accept: Change the plan accordingly.
        put_back: Give every typed cell its formula back.
        keep: As in `spread`.
        gives: As in `spread`.
        why: Reason, for 变更记录.

    Raises:
        InputError: A typed text cannot be understood (with its cell), unless it is put back.
        InfeasibleError: Locks or the typed figures contradict.
    """
    read = read_state(book)
    typed, emptied = typed_cells(read), _emptied(read)
    facts: dict[str, object] = {"typed": [f"{cell.cell.name} {cell.text}" for cell in typed]}
    if not typed and not (emptied and put_back):
        lines = [] if emptied else ["计划各格都与 _计划 一致"]
        return Outcome("没有发现手工改动", lines, emptied, facts)
    if put_back:
        return _put_back(book, read, typed, len(emptied), facts)
    wanted, problems = _understood(typed, read)
    if problems and accept:
        raise InputError(
            f"有 {len(problems)} 处改动看不懂，没有写入：\n"
            + "\n".join(f"  · {p}" for p in problems[:8]),
            "改成数字或 +8%、*1.2、=500万 这样的写法，或用“放回”恢复",
            problems=problems,
        )
    wish, lines = Wish(tuple(wanted), gives, keeps(keep)), _typed_lines(typed, read)
    shown = Outcome(f"发现 {len(typed)} 处手工改动", lines, [*problems, *emptied], facts)
    if not wanted and not accept:
        return shown
    try:
        made = carried_out(book, read, wish, "手工改动", why or f"采纳 {len(typed)} 处手工改动", dry_run=not accept, put_back=True)  # fmt: skip
    except PlanError as refusal:
        if accept:
            raise
        what = f"不能采纳：{refusal.message}"
        told = Problem(Where(), what, Level.ERROR, refusal.remedy, "改动")
        return replace(shown, problems=[told, *shown.problems])
    problems = [*problems, *emptied, *made.problems]
    return Outcome(made.title, [*lines, *made.lines], problems, made.facts | facts, made.changed)


def _put_back(
    book: Book, read: BookRead, typed: Sequence[TypedCell], emptied: int, facts: dict[str, object]
) -> Outcome:
    """Give typed and emptied cells their formulas back."""
    note = f"放回 {len(typed)} 处手工改动" + (f"、{emptied} 处清空的格" if emptied else "")
    rows = [LogRow(action="放回改动", note=note), *typed_rows(typed)]
    done = apply(book, read, read.state, rows, put_back=True)
    return Outcome(f"已{note}", _typed_lines(typed, read), facts=facts, changed=done)


def _emptied(read: BookRead) -> list[Problem]:
    """Return a Problem for each plan cell that was emptied: that is no edit."""
    what = "计划格被清空了，没有当作改动"
    remedy = "要改成 0 请写 0；不改就“放回”公式（xlplan edits --put-back）"
    return [
        Problem(Where("", cell.sheet, address(*cell.spot)), what, Level.WARNING, remedy, "改动")
        for cell in cleared_cells(read)[:50]
    ]


def _understood(typed: Sequence[TypedCell], read: BookRead) -> tuple[list[Edit], list[Problem]]:
    """Return the edits that typed cells mean, and a Problem for each that means nothing.

    A figure equal to the plan (a formula pasted as a value) is no edit.
    """
    grid = Grid(read.state.year)
    wanted, problems = [], list[Problem]()
    for each in typed:
        region = each.cell.region
        try:
            short = _meaning(each.value, region, grid)
            if short.amount < 0 and method_of(short.method).never_negative:
                raise InputError(f"{region.about(read.state.year)} 不能是负数 {each.text}", "要减少请写 减3000 或 减5%")  # fmt: skip
            now = grid.total(region)
            step = grid.unit(region.metric) / 2 if grid.is_flow(region.metric) else 1e-9
            if short.method == "proportional" and abs(short.amount - now) < step:
                continue
            wanted.append(Edit(region, short.method, short.amount, short.reference))
        except PlanError as error:
            where = Where("", each.cell.sheet, address(*each.cell.spot))
            problems.append(Problem(where, error.message, Level.ERROR, error.remedy, "改动"))
    return wanted, problems


def _meaning(value: Value, region: Region, grid: Grid) -> Shorthand:
    """Return what a typed cell asks for.

    Raises:
        InputError: It is no figure, or one that a spreadsheet program made of ``+8%``.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise InputError(f"“{value}”不是数字", "改成数字，或用“放回”恢复")
    figure = _worked_out(value) if isinstance(value, str) else float(value)
    if figure is None:
        return meant_for(region, str(value), grid)
    if grid.is_flow(region.metric) and 0 < abs(figure) < 1:
        raise InputError(
            f"写的是 {figure:g}；在表格里输入 +8% 会变成 0.08，不知道是哪一个意思",
            "要增减百分之几请写 加8%、减5% 或 *1.08；要改成一个数请写那个数",
        )
    return Shorthand("proportional", figure)


def _worked_out(text: str) -> float | None:
    """Return what arithmetic such as ``=120000*1.08`` comes to; None when it is none."""
    if not ARITHMETIC.fullmatch(text):
        return None
    try:
        made = Formula(_PERCENT.sub(r"(\1/100)", text[1:].strip()))
        return float(made.evaluate({}).item())
    except (FormulaError, ValueError):
        return None


def _typed_lines(typed: Sequence[TypedCell], read: BookRead) -> list[str]:
    year = read.state.year
    grid = Grid(year)
    lines = []
    for each in typed[:40]:
        region = each.cell.region
        now = number(grid.total(region), unit_of(region.metric, year))
        lines.append(f"{each.cell.name} {region.about(year)}：{now} → {each.text}")
    return lines
