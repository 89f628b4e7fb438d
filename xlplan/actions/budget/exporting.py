"""预算: the workbook that finance takes, or a form of their system filled."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.actions.budget.keeping import notes_of, with_record
from xlplan.actions.plan.fill import audit_read
from xlplan.actions.run.apply import apply
from xlplan.actions.run.outcome import Outcome
from xlplan.actions.stores.filenames import safe_name
from xlplan.actions.stores.handed import home
from xlplan.books.build import build
from xlplan.errors import FileError, InputError, Where
from xlplan.ooxml.collecting import without_collector
from xlplan.ooxml.files.durable import create_new, durable_replace
from xlplan.ooxml.reader import open_workbook
from xlplan.plan.budget.budget import DIVISOR, TAXED, UNTAXED, YUAN, View, make_budget
from xlplan.plan.budget.review import Review, changed_rows, findings, last_year, quarters
from xlplan.plan.budget.settings import Terms
from xlplan.record import replace
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.budget import record as kept
from xlplan.sheets.budget.more_pages import CHECKS
from xlplan.sheets.budget.review_page import SHEET as REVIEW
from xlplan.sheets.budget.workbook import budget_pages
from xlplan.sheets.history.kept import kept_plan
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xlplan.cells import Book
    from xlplan.errors import Problem
    from xlplan.plan.budget.budget import Budget, Frozen
    from xlplan.sheets.budget.record import Note
    from xlplan.sheets.state.read import BookRead


@without_collector()
def budget(  # noqa: PLR0913  # the options of one command
    book: Book,
    *,
    out: str | Path | None = None,
    unit: str = YUAN,
    tax: str = TAXED,
    store: str | Sequence[str] = (),
    into: str | Path | None = None,
    profile: str | Path | None = None,
    freeze: bool = False,
    dry_run: bool = False,
) -> Outcome:
    """Write the budget workbook, a long list, or fill a form.

    Args:
        book: The plan book.
        out: File to make: .xlsx the workbook, .pdf its pages (by LibreOffice), .csv (or .xlsx with `profile`) the long list. One
            that was made before is replaced, with a copy kept; any other file is left alone.
        unit: 元, 千元 or 万元.
        tax: 含税 or 未税.
        store: Stores to show; of the others nothing is written.
        into: A form that finance's system exported; it is filled in place.
        profile: Columns of the long list, as a system wants them.
        freeze: Keep this budget as 年初预算; once only.
        dry_run: Only say what would be done.

    Raises:
        InputError: An unknown store, unit or basis; a budget that is frozen already.
        FileError: The file cannot be written, or is one that was not made here.
        StructureError: It is not a plan book, or lost a sheet, key row or key column.
    """
    book.tell("正在读取计划表…")
    read = read_state(book)
    view = View(_one_of(tax, (TAXED, UNTAXED), "口径"), _one_of(unit, tuple(DIVISOR), "单位"))
    stores = chosen(read, store)
    terms, odd = terms_of(read)
    made = budget_of(read, terms, stores)
    if into:
        from xlplan.actions.budget.filling import fill_form

        return fill_form(Path(into), made, view, odd, dry_run=dry_run)
    target = Path(out) if out else home(book) / _file_name(read, stores)
    if profile or target.suffix.lower() == ".csv":
        from xlplan.actions.budget.listing import write_list

        return write_list(target, made, view, profile, dry_run=dry_run)
    return _workbook(book, read, made, view, target, odd, freeze=freeze, dry_run=dry_run)


def _workbook(  # noqa: PLR0913, PLR0917  # what a workbook is made of
    book: Book,
    read: BookRead,
    made: Budget,
    view: View,
    target: Path,
    odd: Sequence[Problem],
    *,
    freeze: bool,
    dry_run: bool,
) -> Outcome:
    notes, whole = notes_of(read), is_whole(read, made)
    now = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S")
    record = with_record(read, notes, made, now, freeze=freeze, whole=whole)
    shown = replace(made, first=_start(record, made)) if freeze else made
    review = review_of(read, shown, record, now, whole=whole, before=notes, name=book.name)
    paper = target.suffix.lower() == ".pdf"
    link = links(read, book.name)
    pages = budget_pages(shown, view, review, link, whole=whole, paper=paper)
    data = build(pages, title=f"{made.year} 年预算", active=REVIEW)
    changed = 0
    if not dry_run:
        _put(target, data)
        changed = _remember(book, read, notes, record, target, freeze=freeze)
    lines = [f"{'将写入' if dry_run else '已写入'} {target}", *_totals(shown, view)]
    lines += _changes(shown, review)
    facts: dict[str, object] = {"file": str(target), "unit": view.unit, "tax": view.tax}
    facts |= {"sheets": [page.name for page in pages], "stores": list(_stores(made))}
    facts["changed_lines"] = _change_facts(shown, review)
    return Outcome(
        "预算预览" if dry_run else "预算导出完成", lines, [*odd, *review.findings], facts, changed
    )


def chosen(read: BookRead, store: str | Sequence[str]) -> list[str]:
    """Return the stores asked for; none means all.

    Raises:
        InputError: There is no such store.
    """
    named = [store] if isinstance(store, str) else list(store)
    known = read.state.year.stores
    wanted = [name for name in named if name]
    split = [part for name in wanted for part in ([name] if name in known else name.split("、"))]
    unknown = [name for name in split if name not in known]
    if unknown:
        raise InputError(f"店铺“{'、'.join(unknown)}”不在本计划里", f"店铺是：{'、'.join(known)}")
    return [name for name in known if name in split]


def _one_of(text: str, allowed: Sequence[str], what: str) -> str:
    if text not in allowed:
        raise InputError(f"{what}“{text}”不认识", f"可用：{'、'.join(allowed)}")
    return text


def terms_of(read: BookRead) -> tuple[Terms, list[Problem]]:
    """Return what finance set on 预算, and what could not be read there; defaults without the sheet."""
    from xlplan.sheets.budget import terms_page

    cells = read.cells.get(terms_page.SHEET)
    return terms_page.read_terms(cells, read.state.year) if cells else (Terms(), [])


def budget_of(read: BookRead, terms: Terms, stores: Sequence[str] = ()) -> Budget:
    """Return the budget of a plan book."""
    notes = notes_of(read)
    start = kept.kept_budgets(notes, kept.START)
    state = read.state
    return make_budget(
        state.year,
        state.splits,
        terms,
        first=start[0].lines if start else None,
        closed=kept.kept_closed(notes),
        stores=stores,
    )


def is_whole(read: BookRead, made: Budget) -> bool:
    """Return True when a budget holds all stores of its plan."""
    return set(read.state.year.stores) <= set(_stores(made))


def _stores(made: Budget) -> list[str]:
    return list(dict.fromkeys(unit.store for unit in made.units))


def _start(record: Sequence[Note], made: Budget) -> list[Frozen] | None:
    found = kept.kept_budgets(record, kept.START)
    names = {unit.name for unit in made.units}
    return [line for line in found[0].lines if line.unit in names] if found else None


def review_of(  # noqa: PLR0913  # what it is made of
    read: BookRead,
    made: Budget,
    record: Sequence[Note],
    now: str,
    *,
    whole: bool,
    before: Sequence[Note],
    name: str,
) -> Review:
    """Return what stands beside a budget of the plan book of that name."""
    year = read.state.year
    last = kept.kept_budgets(before, kept.LAST)
    return Review(
        quarters(year),
        _last_year(read, made),
        [*kept.kept_budgets(record, kept.START), *kept.kept_budgets(record, kept.SNAPSHOT)],
        last[-1] if last else None,
        [*findings(made, whole=whole), *_open(read, made)],
        now[:16],
        name,
        str(read.state.year.as_of or ""),
    )


def _last_year(read: BookRead, made: Budget) -> dict[str, tuple[float, float]]:
    for version in reversed(read.state.versions):
        if version.kind == "去年":
            return last_year(kept_plan(version), made)
    return {}


def _open(read: BookRead, made: Budget) -> list[Problem]:
    """Return 体检's findings; for some stores only, those that name no other."""
    found = [*read.problems, *audit_read(read)]
    others = [name for name in read.state.year.stores if name not in _stores(made)]
    if not others:
        return found
    mine = _stores(made)
    texts = {id(problem): f"{problem.what}{problem.remedy}" for problem in found}
    return [
        problem
        for problem in found
        if any(name in texts[id(problem)] for name in mine)
        and not any(name in texts[id(problem)] for name in others)
    ]


def links(read: BookRead, book: str) -> Callable[[str], tuple[str, str]]:
    """Return plan metric → (target, text) of a link into the plan book."""
    at, months = read.at.book.year, read.at.book.months

    def link(metric: str) -> tuple[str, str]:
        key = f"{metric}_target"
        if key in at.rows:
            sheet, row, column = "年度规划", at.rows[key], at.columns["m:1"]
        else:
            place = months[1]
            row = place.rows.get(key) or place.rows.get(metric) or place.scope[0]
            sheet, column = place.sheet, place.scope[1]
        from xlplan.cells import address, quoted

        spot = address(row, column)
        return f"{book}#{quoted(sheet)}{spot}", f"{sheet}!{spot}"

    return link


def _file_name(read: BookRead, stores: Sequence[str]) -> str:
    name = f"{read.state.year.year}年预算"
    if stores and len(stores) < len(read.state.year.stores):
        name += f"_{safe_name('、'.join(stores))[:40]}"
    return f"{name}.xlsx"


def _put(target: Path, data: bytes) -> None:
    """Write the workbook, or its pages as a PDF."""
    if target.suffix.lower() != ".pdf":
        put(target, data)
        return
    from xlplan.libreoffice.convert import to_pdf

    with tempfile.TemporaryDirectory(prefix="xlplan-budget-") as folder:
        book = Path(folder) / f"{target.stem}.xlsx"
        book.write_bytes(data)
        made = to_pdf(book, folder).read_bytes()
    if target.exists():
        if not target.read_bytes().startswith(b"%PDF"):
            raise FileError(
                f"{target.name} 已存在，而且不是 PDF，没有覆盖",
                "用 --out 换个文件名",
                Where(target.name),
                code="exists",
            )
        durable_replace(target, made)
    else:
        create_new(target, made)


def put(target: Path, data: bytes) -> None:
    """Write a budget workbook; one that was made before is replaced and kept in the backups.

    Raises:
        FileError: Another file stands there, or it cannot be written.
    """
    if not target.exists():
        create_new(target, data)
        return
    there = open_workbook(target)
    if {REVIEW, CHECKS} - {sheet.name for sheet in there.sheets}:
        raise FileError(
            f"{target.name} 已存在，而且不是预算工作簿，没有覆盖",
            "用 --out 换个文件名",
            Where(target.name),
            code="exists",
        )
    durable_replace(target, data, expected_sha256=there.sha256)


def _remember(  # noqa: PLR0913  # what is kept of what
    book: Book,
    read: BookRead,
    notes: Sequence[Note],
    record: Sequence[Note],
    target: Path,
    *,
    freeze: bool,
) -> int:
    """Keep the export in the plan book, where it has the place; nothing when nothing changed."""
    if kept.SHEET not in read.cells or list(notes) == list(record):
        return 0
    cells = kept.note_cells(record, read.cells[kept.SHEET])
    word = "导出预算并冻结为年初预算" if freeze else "导出预算"
    row = LogRow(action="预算", note=f"{word}：{target.name}")
    return apply(book, read, read.state, [row], extra={kept.SHEET: cells})


def _totals(made: Budget, view: View) -> list[str]:
    """Return the main figures in words."""
    values = made.amounts(made.units, view)
    parts = [
        ("gmv", "支付金额"),
        ("refund", "售退"),
        ("revenue", "营业收入"),
        ("gross", "营业毛利"),
        ("profit", "净利润"),
    ]
    told = [
        f"{name} {values[key][1]:,.2f}" for key, name in parts if values[key][1] == values[key][1]
    ]
    return [f"{view.unit}、{view.tax}：{'，'.join(told)}"]


def _change_facts(made: Budget, review: Review) -> list[dict[str, object]]:
    if review.before is None:
        return []
    labels = {row.key: row.label for row in made.rows}
    return [
        {"key": key, "name": labels[key], "before": was, "now": now}
        for key, was, now in changed_rows(made, review.before)
    ]


def _changes(made: Budget, review: Review) -> list[str]:
    """Say what changed since the last export."""
    if review.before is None:
        return []
    found = _change_facts(made, review)
    if not found:
        return [f"与上次导出（{review.before.time}）相同"]
    lines = [f"与上次导出（{review.before.time}）相比，{len(found)} 行变了（元，含税）："]
    return lines + [
        f"　{one['name']} {one['before']:,.2f} → {one['now']:,.2f}" for one in found[:10]
    ]
