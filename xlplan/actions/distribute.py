"""分发: one light workbook per store, with its own numbers only."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.actions.apply import stamped
from xlplan.actions.filenames import distinct_names, inside
from xlplan.actions.outcome import Outcome
from xlplan.books.build import build
from xlplan.errors import FileError, InputError, Level, Problem, StructureError, Where
from xlplan.ooxml.durable import create_new
from xlplan.record import record
from xlplan.sheets import collect_page, lists, meta
from xlplan.sheets.collect_page import Report, StoreLine, report_cells
from xlplan.sheets.distribution import Distribution, distribution_cells, read_distribution
from xlplan.sheets.lists import LogRow
from xlplan.sheets.state_read import read_state
from xlplan.sheets.store_pages import Origin, make_handout, store_pages

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xlplan.cells import Book
    from xlplan.sheets.state_read import BookRead


@record
class Wanted:
    """What to hand out: stores, months with a view, and the folder for the files."""

    stores: Sequence[str]
    months: Sequence[int]
    folder: Path


def distribute(
    book: Book,
    *,
    out: str | Path | None = None,
    stores: Sequence[str] = (),
    months: Iterable[int] = (),
) -> Outcome:
    """Write one workbook per store; the plan book remembers the number of the distribution.

    No file is ever overwritten: every distribution has its own folder.

    Args:
        book: The plan book.
        out: Folder to make the distribution's folder in; the book's own folder by default.
        stores: Stores to hand out to; all by default.
        months: Months that get a view; all by default.

    Raises:
        InputError: An unknown store or month.
        FileError: The folder cannot be written.
        StructureError: It is not a plan book, or lost a sheet, key row or key column.
    """
    book.tell("正在读取计划表…")
    read = read_state(book)
    chosen, views = _stores(read, stores), _months(months)
    before = read_distribution(read.state.meta)
    now = datetime.now().astimezone()
    made = Distribution(before.book, before.version + 1, f"{now:%Y-%m-%d %H:%M}")
    folder = _folder(book, out) / f"门店表_{read.state.year.year}_第{made.version}次"
    _remember(book, read, made, chosen)
    files = _write(book, read, made, Wanted(chosen, views, folder))
    lines = [f"{len(files)} 份门店表在 {folder}", "发给门店填写；收回后运行 xlplan collect"]
    facts: dict[str, object] = {"folder": str(folder), "files": files, "version": made.version}
    return Outcome(f"第 {made.version} 次分发完成", lines, _findings(read), facts)


def _stores(read: BookRead, stores: Sequence[str]) -> list[str]:
    known = read.state.year.stores
    unknown = [store for store in stores if store not in known]
    if unknown:
        raise InputError(f"店铺“{'、'.join(unknown)}”不在本计划里", f"店铺是：{'、'.join(known)}")
    return [store for store in known if store in stores] if stores else list(known)


def _months(months: Iterable[int]) -> list[int]:
    wanted = sorted(set(months)) or list(range(1, 13))
    if not all(1 <= month <= 12 for month in wanted):
        raise InputError("月份只能是 1 到 12", "例如 --month 9 --month 10")
    return wanted


def _folder(book: Book, out: str | Path | None) -> Path:
    if out is not None:
        return Path(out)
    own: Path | None = getattr(book, "path", None)
    return own.parent if own else Path.cwd()


def _remember(book: Book, read: BookRead, made: Distribution, stores: Sequence[str]) -> None:
    """Write the number of the distribution, and who has to return it, into the plan book."""
    if collect_page.SHEET not in read.cells:
        raise StructureError(
            f"这份计划表没有“{collect_page.SHEET}”，是旧版本生成的",
            "请用现在的版本重新运行 xlplan new 生成",
            Where(sheet=collect_page.SHEET),
        )
    everyone = read.state.year.stores
    before, at = collect_page.read_report(read.cells[collect_page.SHEET], everyone)
    lines = {
        store: StoreLine(store, version=float(made.version)) if store in stores else line
        for store, line in before.lines.items()
    }
    kept = [detail for detail in before.details if detail.store and detail.store not in stores]
    said = f"第 {made.version} 次分发：{made.time}，{len(stores)} 家店；收回后运行 xlplan collect"
    row = LogRow(
        action="分发", note=f"第 {made.version} 次分发给 {len(stores)} 家店：{'、'.join(stores)}"
    )
    book.write(
        {
            meta.SHEET: distribution_cells(made, read.cells[meta.SHEET]),
            collect_page.SHEET: report_cells(Report(lines, kept), at, said=said),
            lists.LOG: lists.log_cells(stamped([row]), read.at.log_row),
        }
    )
    book.save()


def _write(book: Book, read: BookRead, made: Distribution, wanted: Wanted) -> list[str]:
    year, typed, folder = read.state.year, read.state.daily, wanted.folder
    names = distinct_names(wanted.stores)
    _make(folder)
    origin = Origin(made.book, made.version, made.time)
    files = []
    for number, store in enumerate(wanted.stores, start=1):
        book.tell(f"正在生成 {store}（{number}/{len(wanted.stores)}）…")
        handout = make_handout(year, store, typed, origin)
        laid_out = store_pages(year, store, typed, handout, wanted.months)
        path = inside(folder, f"{names[store]}_{year.year}日报.xlsx")
        create_new(path, build(laid_out, title=f"{store} {year.year}年日报"))
        files.append(str(path))
    return files


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what, remedy = f"不能建立文件夹（{error.strerror}）", "请用 --out 指定能写入的位置"
        raise FileError(what, remedy, Where(str(folder)), code="write_failed") from None


def _findings(read: BookRead) -> list[Problem]:
    """Say when there is nothing to hand out yet."""
    if read.state.year.plan["gmv"].notna().any():
        return []
    what = "计划里还没有每日目标，门店表里的目标是空的"
    return [Problem(Where(), what, Level.WARNING, "先运行 xlplan fill，再重新分发", "分解")]
