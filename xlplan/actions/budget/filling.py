"""预算 --into: a form of finance's system is filled in place, only where it asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.actions.budget.forms import FormSheet, Grid, tax_of_form, unit_of_form
from xlplan.actions.run.outcome import Outcome
from xlplan.errors import FileError, InputError, Level, Problem, Where
from xlplan.ooxml.files.durable import durable_replace
from xlplan.ooxml.package import Package
from xlplan.ooxml.patching.patch import Write, patch_package, rezip
from xlplan.ooxml.reader import open_workbook
from xlplan.ooxml.serial import serial_to_date
from xlplan.plan.budget.accounts import SPECIAL
from xlplan.plan.budget.amount import Amounts
from xlplan.plan.budget.budget import DIVISOR
from xlplan.record import bundle
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from xlplan.actions.budget.forms import Ask
    from xlplan.ooxml.reader import Workbook
    from xlplan.plan.budget.budget import Budget, View

_PROTECTED = regex(r"<(?:\w+:)?sheetProtection\b[^<>]*\bsheet=[\"'](?:1|true)[\"']")
_AFTER_DATA = regex(r"</((?:\w+:)?)sheetData\s*>")
#: Rows of the statement that are for reading, not for forms.
_NOT_ASKED = ("turnover", "vat")


@bundle
class Filled:
    """What filling a form comes to.

    Attributes:
        writes: Sheet → spot → what to write, where it is another number than is there.
        same: Cells that say it already.
        odd: What could not be placed.
        empty: Cells that ask for what the budget has not.
        placed: Account → fen placed.
        unit: Unit of the form.
        tax: Tax basis.
    """

    writes: dict[str, dict[tuple[int, int], Write]]
    same: int
    odd: list[str]
    empty: list[str]
    placed: dict[str, int]
    unit: str
    tax: str


def fill_form(
    path: Path, budget: Budget, view: View, odd: Sequence[Problem] = (), *, dry_run: bool = False
) -> Outcome:
    """Fill a form.

    Args:
        path: The form (.xlsx, .xlsm).
        budget: The budget.
        view: Tax basis where the form says none.
        odd: What could not be read of the terms; passed on.
        dry_run: Only say what would be written.

    Raises:
        FileError: The form cannot be read or written.
        InputError: Nothing on it could be recognised.
    """
    form = open_workbook(path)
    filled = match(form, budget, view)
    count = sum(len(cells) for cells in filled.writes.values())
    if not count and not filled.same:
        raise InputError(
            f"{path.name} 里没有认出要填的格",
            "要有科目编码或名称、期间（月），以及没有锁定、没有公式的格；"
            + "；".join(filled.odd[:3]),
        )
    if count and not dry_run:
        durable_replace(path, patched(form, filled), expected_sha256=form.sha256)
    return _outcome(path, budget, filled, count, odd, dry_run=dry_run)


def match(form: Workbook, budget: Budget, view: View) -> Filled:
    """Return what a form's cells should say."""
    grids = [grid_of(form, info.name) for info in form.sheets if info.state == "visible"]
    unit = next(filter(None, map(unit_of_form, grids)), "元")
    tax = next(filter(None, map(tax_of_form, grids)), view.tax)
    amounts = Amounts(budget, tax)
    filled = Filled({}, 0, [], [], {}, unit, tax)
    asks: list[Ask] = []
    for grid in grids:
        found, odd = FormSheet(grid, amounts, budget.year).asks()
        asks += found
        filled.odd.extend(odd)
    by_sheet = {grid.name: grid for grid in grids}
    same = 0
    for ask in leaf_asks(asks, filled.odd):
        same += _fill(ask, by_sheet[ask.sheet], amounts, filled)
    return Filled(filled.writes, same, filled.odd, filled.empty, filled.placed, unit, tax)


def _fill(ask: Ask, grid: Grid, amounts: Amounts, filled: Filled) -> bool:
    """Set one cell; return True when it says the number already."""
    fen = amounts.of(ask.keys, ask.months, ask.units)
    there = grid.values.get((ask.row, ask.column))
    if fen is None:
        filled.empty.append(f"{ask.cell}：{ask.account} 预算里没有数，原样留着")
        return False
    if isinstance(there, str) and there.strip():
        filled.odd.append(f"{ask.cell}：里面是文字“{there}”，没有覆盖")
        return False
    for key in ask.keys[:1] if len(ask.keys) == 1 else ():
        filled.placed[key] = filled.placed.get(key, 0) + fen
    if len(ask.keys) > 1:
        for key in ask.keys:
            part = amounts.of((key,), ask.months, ask.units) or 0
            filled.placed[key] = filled.placed.get(key, 0) + part
    value = fen / (100 * DIVISOR[filled.unit])
    if there == value:
        return True
    filled.writes.setdefault(ask.sheet, {})[ask.row, ask.column] = Write(value)
    return False


def leaf_asks(asks: Sequence[Ask], odd: list[str]) -> list[Ask]:
    """Return the cells that count: none twice, no sum beside its parts; others are told."""
    return _leaves(_single(asks, odd), odd)


def _single(asks: Sequence[Ask], odd: list[str]) -> list[Ask]:
    """Leave out cells that ask for the same twice: which one counts is not ours to say."""
    seen: dict[tuple[object, ...], list[Ask]] = {}
    for ask in asks:
        seen.setdefault((ask.sheet, ask.keys, ask.months, ask.units), []).append(ask)
    made = []
    for same in seen.values():
        if len(same) > 1:
            where = "、".join(ask.cell for ask in same[:4])
            odd.append(f"{where}：同一科目、期间要了 {len(same)} 次，都没有填")
        else:
            made.append(same[0])
    return made


def _leaves(asks: Sequence[Ask], odd: list[str]) -> list[Ask]:
    """Leave out parent accounts, and sums of months, whose parts the sheet asks for as well."""
    keys: dict[str, set[str]] = {}
    months: dict[tuple[str, tuple[str, ...], object], set[int]] = {}
    for ask in asks:
        if len(ask.keys) == 1:
            keys.setdefault(ask.sheet, set()).update(ask.keys)
        if len(ask.months) == 1:
            months.setdefault((ask.sheet, ask.keys, ask.units), set()).update(ask.months)
    made = []
    for ask in asks:
        inner = keys.get(ask.sheet, set())
        is_parent = len(ask.keys) > 1 and bool(inner & set(ask.keys))
        details = {key.partition("/")[0] for key in inner if "/" in key}
        is_parent |= len(ask.keys) == 1 and ask.keys[0] in details
        parts = months.get((ask.sheet, ask.keys, ask.units), set())
        is_sum = len(ask.months) > 1 and bool(parts & set(ask.months))
        if is_parent or is_sum:
            word = "上级科目，由下级合计" if is_parent else "合计栏，由各月合计"
            odd.append(f"{ask.cell}：{ask.account} 是{word}，没有填")
        else:
            made.append(ask)
    return made


def grid_of(form: Workbook, name: str) -> Grid:
    """Return a sheet of a form with what may be written."""
    cells = form.sheet(name)
    part = form.book.package.read(form.book.sheet(name).part).decode("utf-8", "replace")
    protected = bool(_PROTECTED.search(part))
    unlocked = {
        number
        for number, style in enumerate(form.styles.cell_formats)
        if dict(style.protection).get("locked") in ("0", "false")
    }
    values: dict[tuple[int, int], object] = {}
    for spot, cell in cells.cells.items():
        value: object = cell.value
        if cell.is_date and isinstance(value, float):
            value = serial_to_date(value, date1904=cells.date1904) or value
        values[spot] = value
    covered = set()
    for top, left, bottom, right in cells.merges:
        for row in range(top, min(bottom, top + 200) + 1):
            for column in range(left, min(right, left + 200) + 1):
                if (row, column) != (top, left):
                    covered.add((row, column))
                    if (top, left) in values:
                        values[row, column] = values[top, left]
    free = {
        spot
        for spot in _area(values)
        if spot not in covered
        and not cells.is_computed(*spot)
        and (not protected or cells.style(*spot) in unlocked)
    }
    return Grid(name, values, free)


def _area(values: dict[tuple[int, int], object]) -> list[tuple[int, int]]:
    rows = max((row for row, _ in values), default=0)
    columns = max((column for _, column in values), default=0)
    return [(row, column) for row in range(1, rows + 1) for column in range(1, columns + 1)]


def patched(form: Workbook, filled: Filled) -> bytes:
    """Return the form's bytes with the cells written and nothing else changed.

    The sheets written ask for their formulas to be computed when they are opened; other parts of
    the file stay byte for byte.
    """
    data = patch_package(form.data, filled.writes, recalc=False, opened=form)
    package = Package(data)
    changed = {}
    for name in filled.writes:
        part = form.book.sheet(name).part
        text = package.read(part)
        if b"sheetCalcPr" not in text:
            found = _AFTER_DATA.search(text.decode("latin-1"))
            if found is None:
                raise FileError("表格内容不完整，没有写入", "请重新从系统导出", Where(sheet=name))
            mark = f'<{found[1]}sheetCalcPr fullCalcOnLoad="1"/>'.encode()
            changed[part] = text[: found.end()] + mark + text[found.end() :]
    return rezip(package, changed, [])


def _outcome(  # noqa: PLR0913  # what is told of what
    path: Path,
    budget: Budget,
    filled: Filled,
    count: int,
    odd: Sequence[Problem],
    *,
    dry_run: bool,
) -> Outcome:
    left = _left(budget, filled)
    lines = [
        f"{'会写入' if dry_run else '写入'} {count} 格，{filled.same} 格已经是这个数（单位 {filled.unit}，{filled.tax}）",
        "锁定的格、有公式的格和文件其他部分都没有动；合计在打开时重新计算",
    ]
    if not count:
        lines[0] = (
            f"{filled.same} 格都已经是这个数，文件没有改动（单位 {filled.unit}，{filled.tax}）"
        )
    problems = [
        *(
            Problem(
                Where(path.name),
                text,
                Level.WARNING,
                "改表里的科目、期间或店铺名称，或手工填",
                "填表",
            )
            for text in grouped(filled.odd)
        ),
        *(
            Problem(Where(path.name), text, Level.INFO, "", "填表")
            for text in grouped(filled.empty)
        ),
        *(
            Problem(
                Where(path.name), text, Level.WARNING, "表里没有它的位置，或只要了一部分", "填表"
            )
            for text in left
        ),
    ]
    facts: dict[str, object] = {
        "file": str(path),
        "unit": filled.unit,
        "tax": filled.tax,
        "unmatched": filled.odd,
        "without_number": filled.empty,
        "without_place": left,
        "same": filled.same,
    }
    return Outcome("填表预览" if dry_run else "填表完成", lines, [*odd, *problems], facts, count)


def grouped(texts: Sequence[str]) -> list[str]:
    """Return ``表!C5：…`` texts, those that say the same of several cells as one."""
    made: dict[tuple[str, str], list[str]] = {}
    for text in texts:
        place, _, what = text.partition("：")
        made.setdefault((place.partition("!")[0], what), []).append(place)
    return [
        f"{places[0]}{f' 等 {len(places)} 格' if len(places) > 1 else ''}：{what}"
        for (_, what), places in made.items()
    ]


def _left(budget: Budget, filled: Filled) -> list[str]:
    """Return the accounts of which the form took nothing or only a part."""
    amounts = Amounts(budget, filled.tax)
    made = []
    for key in dict.fromkeys(
        line.account for line in budget.plan if line.account not in _NOT_ASKED
    ):
        whole = amounts.of((key,), range(1, 13)) or 0
        placed = sum(fen for name, fen in filled.placed.items() if name.partition("/")[0] == key)
        if whole != placed:
            name = SPECIAL[key][1] if key in SPECIAL else f"{key} {budget.chart.by_code[key].name}"
            made.append(
                f"{name}：预算 {whole / 100:,.2f} 元，填进 {placed / 100:,.2f} 元，差 {(whole - placed) / 100:,.2f} 元"
            )
    return made
