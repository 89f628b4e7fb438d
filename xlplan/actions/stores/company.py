"""多店汇总: any number of plan books rolled up into one workbook by region, platform, book and store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.run.outcome import Outcome, first_of
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.errors import FileError, InputError, Level, PlanError, Problem, Where
from xlplan.ooxml.files.durable import create_new, durable_replace
from xlplan.ooxml.files.room import require_readable
from xlplan.ooxml.limits import PLAN_BOOK
from xlplan.ooxml.reader import open_workbook
from xlplan.plan.company import store_years
from xlplan.sheets.base.names import META
from xlplan.sheets.company.pages import (
    CHECKS,
    COMPANY,
    DATA,
    FIRST_STORE,
    STORE_COLUMNS,
    STORES,
    Company,
    company_pages,
)
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.plan.company import StoreYear
    from xlplan.plan.year import Year

_SHEETS = {COMPANY, STORES, DATA, CHECKS}


def company(books: Sequence[str | Path], out: str | Path | None = None) -> Outcome:
    """Roll plan books up into one workbook.

    A book that cannot be read is left out and named, in the result and in the workbook; the
    others are taken. Regions typed on 店铺 of an earlier result are kept.

    Args:
        books: Plan books of one year, or folders that hold them.
        out: The workbook to make; 公司汇总.xlsx beside the first book when empty. One that was made before is
            replaced, any other file is left alone.

    Raises:
        InputError: No book; books of different years; a store that stands in two books.
        FileError: Another file stands in the way, or it cannot be written.
    """
    paths = _plan_books(books)
    target = Path(out) if out else paths[0].with_name("公司汇总.xlsx")
    regions = _regions(target)
    found: list[tuple[str, Year]] = []
    problems: list[Problem] = []
    for path in paths:
        if path.resolve() == target.resolve():
            continue
        try:
            found.append((path.name, read_state(FileBook(path)).state.year))
        except PlanError as error:
            where = Where(path.name, error.where.sheet, error.where.cell)
            problems.append(Problem(where, f"没有收：{error.message}", Level.ERROR, error.remedy))
    if not found:
        raise InputError(
            "没有一本能读的计划表", problems[0].what if problems else "给出计划表文件"
        )
    year = _one_year(found)
    stores = [one for name, each in found for one in store_years(each, name, regions)]
    _require_apart(stores)
    sums = {name: _own_sums(each) for name, each in found}
    left_out = [one.where.file for one in problems]
    made = Company(year, stores, sums, left_out)
    data = build(company_pages(made), title=f"{year} 年公司汇总", active=COMPANY)
    require_readable(data, PLAN_BOOK)
    _put(target, data)
    lines = [f"已写入 {target}", *_lines(made)]
    return Outcome(
        "多店汇总完成", lines, problems, _facts(made, target), 0, left_out=len(problems)
    )


def _plan_books(given: Sequence[str | Path]) -> list[Path]:
    paths: list[Path] = []
    for one in map(Path, given):
        inside = sorted(one.glob("*.xlsx")) if one.is_dir() else [one]
        paths += [path for path in inside if one.is_file() or _is_plan_book(path)]
    if not paths:
        raise InputError("没有给出计划表", "写上计划表文件，或放着计划表的文件夹")
    return list(dict.fromkeys(paths))


def _is_plan_book(path: Path) -> bool:
    """Return whether a workbook of a folder is a plan book; store files and others lie there too."""
    if path.name.startswith(("~$", ".")):
        return False
    try:
        return META in {sheet.name for sheet in open_workbook(path, limits=PLAN_BOOK).sheets}
    except PlanError:
        return True  # read again and told


def _one_year(found: Sequence[tuple[str, Year]]) -> int:
    years = {year.year: name for name, year in found}
    if len(years) > 1:
        told = "、".join(f"{name} 是 {number} 年" for number, name in sorted(years.items()))
        raise InputError(f"计划表不是同一年的：{told}", "只给同一年的计划表")
    return next(iter(years))


def _require_apart(stores: Sequence[StoreYear]) -> None:
    """Refuse a store that would be counted twice."""
    at: dict[str, str] = {}
    for one in stores:
        if one.store in at:
            raise InputError(
                f"“{one.store}”在 {at[one.store]} 和 {one.book} 里都有，合起来会算两遍",
                "去掉其中一本，或在一本里把店铺改名",
            )
        at[one.store] = one.book


def _own_sums(year: Year) -> tuple[float, float]:
    """Return target and actual sales of a book, from all of its days at once."""
    plan = year.plan["gmv"].to_numpy(np.float64)
    actual = year.actuals["gmv"].to_numpy(np.float64)
    away = year.actuals["gmv_excluded"] if "gmv_excluded" in year.actuals else 0 * year.actuals["gmv"]  # fmt: skip
    net = actual - np.nan_to_num(np.asarray(away, dtype=np.float64))
    return tuple(float(np.round(np.nansum(np.rint(each * 100)) / 100, 2)) for each in (plan, net))  # type: ignore[return-value]


def _regions(target: Path) -> dict[str, str]:
    """Return store → region as typed on an earlier result; nothing when there is none."""
    if not target.exists():
        return {}
    there = open_workbook(target, limits=PLAN_BOOK)
    if _SHEETS - {sheet.name for sheet in there.sheets}:
        raise FileError(
            f"{target.name} 已存在，而且不是公司汇总，没有覆盖",
            "用 --out 换个文件名",
            Where(target.name),
            code="exists",
        )
    cells = FileBook(target).read(STORES)
    store, region = STORE_COLUMNS["store"], STORE_COLUMNS["region"]
    return {
        str(seen.value): str(cells[row, region].value)
        for (row, column), seen in cells.items()
        if row >= FIRST_STORE
        and column == store
        and seen.value
        and (row, region) in cells
        and cells[row, region].value
    }


def _put(target: Path, data: bytes) -> None:
    if target.exists():
        durable_replace(target, data)
    else:
        create_new(target, data)


def _lines(made: Company) -> list[str]:
    target, due, actual = (sum(one.total(name) for one in made.stores) for name in ("target", "due", "actual"))  # fmt: skip
    rate = f"，达成率 {actual / due:.1%}" if due > 0 else ""
    lines = [
        f"{len(made.books)} 本计划表，{len(made.stores)} 家店：全年目标 {target:,.2f}，同期目标 {due:,.2f}，至今实际 {actual:,.2f}{rate}"
    ]
    late = [f"{one.store} 缺 {one.missing} 天" for one in made.stores if one.missing]
    return [*lines, *first_of(late, len(late))]


def _facts(made: Company, target: Path) -> dict[str, object]:
    rows = [
        {
            "store": one.store, "book": one.book, "platform": one.platform, "region": one.region,
            "target": one.total("target"), "due": one.total("due"), "actual": one.total("actual"),
            "as_of": str(one.as_of or ""), "missing": one.missing,
        }
        for one in made.stores
    ]  # fmt: skip
    months = {
        name: [float(np.round(sum(np.nan_to_num(one.months[name][m]) for one in made.stores), 2)) for m in range(12)]
        for name in ("target", "due", "actual")
    }  # fmt: skip
    return {"file": str(target), "year": made.year, "books": list(made.books), "stores": rows, "months": months, "left_out": list(made.left_out)}  # fmt: skip
