"""Finance's closed months by account (xlsx, CSV …), kept in the plan book beside the budget."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.actions.budget.exporting import budget_of, terms_of
from xlplan.actions.budget.filling import grouped, leaf_asks
from xlplan.actions.budget.forms import NOT_ACTUAL, FormSheet, Grid, tax_of_form, unit_of_form
from xlplan.actions.budget.keeping import notes_of
from xlplan.actions.run.apply import apply, stamp
from xlplan.actions.run.outcome import Outcome
from xlplan.errors import Level, PlanError, Problem, StructureError, Where
from xlplan.metrics.model import Unit
from xlplan.plan.budget.accounts import SPECIAL
from xlplan.plan.budget.amount import Amounts
from xlplan.plan.budget.budget import DIVISOR, TAXED
from xlplan.plan.budget.closed import Closed
from xlplan.plan.exact.units import excel_round
from xlplan.record import draft
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.budget import record as kept
from xlplan.sheets.budget.record import Note
from xlplan.sources.numbers import parse_amount, parse_number
from xlplan.sources.readers.unpack import tables
from xlplan.sources.text import Unread

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xlplan.actions.budget.forms import Ask
    from xlplan.cells import Book
    from xlplan.plan.budget.budget import Budget
    from xlplan.sheets.state.read import BookRead
    from xlplan.sources.readers.raw import Table


@draft
class Found:
    """What a file of finance says.

    Attributes:
        file: Its name.
        closed: Its figures.
        odd: What could not be placed.
        unit: Its unit.
        tax: 含税 or 未税.
    """

    file: str
    closed: list[Closed]
    odd: list[str]
    unit: str = "元"
    tax: str = "未税"


def split_finance(
    read: BookRead, paths: Iterable[str | Path]
) -> tuple[list[str | Path], list[Found]]:
    """Take the files by account out of those that are to be imported as confirmed."""
    others: list[str | Path] = []
    found: list[Found] = []
    budget = budget_of(read, terms_of(read)[0])
    for path in paths:
        said = read_closed(Path(path), budget) if Path(path).is_file() else None
        if said is None:
            others.append(path)
        else:
            found.append(said)
    return others, found


def read_closed(path: Path, budget: Budget) -> Found | None:
    """Return what a file says by account and month; None when it is no such file."""
    try:
        sheets = tables(path)
    except PlanError:
        return None  # the import says what is wrong with it
    grids = [_grid(sheet) for sheet in sheets]
    amounts = Amounts(budget)
    found = Found(path.name, [], [])
    found.unit = next(filter(None, map(unit_of_form, grids)), "元")
    found.tax = next(filter(None, map(tax_of_form, grids)), "未税")
    asks: list[Ask] = []
    for grid in grids:
        sheet = FormSheet(grid, amounts, budget.year, NOT_ACTUAL)
        placed, odd = sheet.asks()
        asks += placed
        if placed:
            found.odd += [*odd, *sheet.unplaced()]
    by_name = {grid.name: grid for grid in grids}
    stores = {unit.name: unit.store for unit in budget.units}
    for ask in leaf_asks(asks, found.odd):
        said = _said(ask, by_name[ask.sheet], stores, found)
        if said:
            found.closed.append(said)
    return found if found.closed else None


def _grid(table: Table) -> Grid:
    """Return a table as a grid in which every figure counts, whoever computed it.

    What is no number counts as well: it is told and not passed over.
    """
    values: dict[tuple[int, int], object] = {}
    for row, cells in enumerate(table.rows, start=1):
        for column, value in enumerate(cells, start=1):
            if value not in (None, ""):
                shown = value.date() if isinstance(value, datetime) else value
                values[row, column] = _text(shown)
    free = {spot for spot, value in values.items() if parse_number(value) is not None}
    return Grid(table.sheet or table.file, values, free)


def _text(value: object) -> object:
    """Return a value as forms know it: texts that were guarded in a CSV without their mark."""
    if isinstance(value, str):
        return value.strip().removeprefix("'")
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _said(ask: Ask, grid: Grid, stores: dict[str, str], found: Found) -> Closed | None:
    number = parse_amount(
        grid.values.get((ask.row, ask.column)), unit=Unit.MONEY.value, scale=DIVISOR[found.unit]
    )
    if number is None:
        return None
    if isinstance(number, Unread):
        found.odd.append(f"{ask.cell}：{ask.account} {number.what}，没有导入")
        return None
    who = {stores[unit] for unit in ask.units or ()}
    if len(who) > 1 or len(ask.months) != 1 or len(ask.keys) != 1:
        found.odd.append(
            f"{ask.cell}：{ask.account} 是几家店、几个月或几个科目合在一起的数，没有导入"
        )
        return None
    yuan = float(excel_round(float(number.value), 2))
    store = who.pop() if who else ""
    return Closed(ask.keys[0], ask.months[0], yuan, store, found.tax == TAXED)


def close_months(book: Book, read: BookRead, found: Sequence[Found], *, dry_run: bool) -> Outcome:
    """Keep finance's figures in the plan book; what it said before of the same is replaced.

    Raises:
        StructureError: The book has no place for them.
    """
    if kept.SHEET not in read.cells:
        raise StructureError(
            "这份计划表没有放财务实际的地方，是旧版本生成的",
            "先运行一次“分解”，再导入",
            Where(sheet=kept.SHEET),
        )
    notes = notes_of(read)
    before = {(one.account, one.month, one.store): one for one in kept.kept_closed(notes)}
    new = {(one.account, one.month, one.store): one for said in found for one in said.closed}
    merged = list((before | new).values())
    changed = 0
    differing = [one for key, one in new.items() if before.get(key) != one]
    if differing and not dry_run:
        changed = _keep(book, read, notes, merged, found)
    title = "财务实际预览" if dry_run else "财务实际导入完成"
    problems = [
        Problem(
            Where(said.file), text, Level.WARNING, "改文件里的科目、期间或店铺，再导入", "财务"
        )
        for said in found
        for text in grouped(said.odd)
    ]
    facts: dict[str, object] = {"closed": len(new), "new": len(differing)}
    return Outcome(
        title, [*_told(found), *_against(read, list(new.values()))], problems, facts, changed
    )


def _keep(
    book: Book,
    read: BookRead,
    notes: Sequence[Note],
    merged: Sequence[Closed],
    found: Sequence[Found],
) -> int:
    mark = stamp()
    names = "、".join(said.file for said in found)
    record = [note for note in notes if note.kind != kept.CLOSED]
    record.append(Note(kept.CLOSED, names[:60], mark.time, mark.who, kept.keep_closed(merged)))
    row = LogRow(action="导入", note=f"财务确认的实际：{names}")
    cells = kept.note_cells(record, read.cells[kept.SHEET])
    return apply(book, read, read.state, [row], extra={kept.SHEET: cells})


def _told(found: Sequence[Found]) -> list[str]:
    """Echo what was read."""
    lines = []
    for said in found:
        months = sorted({one.month for one in said.closed})
        stores = list(dict.fromkeys(one.store or "合计" for one in said.closed))
        lines.append(
            f"{said.file}：{len(said.closed)} 个数（{said.unit}，{said.tax}），"
            f"{'、'.join(f'{month}月' for month in months)}，{'、'.join(stores[:6])}"
        )
    return lines


def _against(read: BookRead, closed: Sequence[Closed]) -> list[str]:
    """Say budget, actual, difference and attainment of what was read, account by account."""
    budget = budget_of(read, terms_of(read)[0])
    by_tax = {taxed: Amounts(budget, TAXED if taxed else "未税") for taxed in (True, False)}
    stores: dict[str, list[str]] = {}
    for unit in budget.units:
        stores.setdefault(unit.store, []).append(unit.name)
    sums: dict[str, list[float]] = {}
    for one in closed:
        units = stores.get(one.store) if one.store else None
        plan = (by_tax[one.taxed].of((one.account,), (one.month,), units) or 0) / 100
        both = sums.setdefault(one.account, [0.0, 0.0])
        both[0] += plan
        both[1] += one.amount
    lines = []
    for key, (plan, done) in sums.items():
        name = SPECIAL[key][1] if key in SPECIAL else _name(budget, key)
        rate = f"{done / plan:.1%}" if plan else "—"
        lines.append(
            f"　{name}：预算 {plan:,.2f}，实际 {done:,.2f}，差异 {done - plan:,.2f}，达成率 {rate}"
        )
    return lines


def _name(budget: Budget, key: str) -> str:
    code, _, detail = key.partition("/")
    return detail or budget.chart.by_code[code].name
