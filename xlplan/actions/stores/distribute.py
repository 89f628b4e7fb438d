"""分发: one light workbook per store, with its own numbers only."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.actions.run.apply import apply
from xlplan.actions.run.outcome import Outcome
from xlplan.actions.stores.filenames import distinct_names, inside
from xlplan.actions.stores.handed import Handed, digest_of, home, relative
from xlplan.actions.stores.steps import OUT, missing_folders, noted, settle, told, withdraw
from xlplan.actions.tasks.making import made_state
from xlplan.books.build import build
from xlplan.errors import FileError, InputError, Level, Problem, StructureError, Where
from xlplan.ooxml.files.durable import create_new, exists
from xlplan.record import replace
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.collect import page as collect_page
from xlplan.sheets.collect.page import Report, StoreLine, report_cells
from xlplan.sheets.state.read import read_state
from xlplan.sheets.stores.brief import brief_of
from xlplan.sheets.stores.distribution import read_distribution, remembered
from xlplan.sheets.stores.pages import Brief, Origin, make_handout, store_pages
from xlplan.sheets.tasks.sheet import PROMISES, TASKS, board_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xlplan.actions.stores.steps import Unfinished
    from xlplan.cells import Book
    from xlplan.sheets.state.read import BookRead
    from xlplan.sheets.stores.distribution import Distribution
    from xlplan.sheets.tasks.board_cells import Board


def distribute(
    book: Book,
    *,
    out: str | Path | None = None,
    stores: Sequence[str] = (),
    months: Iterable[int] = (),
) -> Outcome:
    """Write one workbook per store; the plan book remembers the number of the distribution.

    No file is ever overwritten: every distribution has its own folder. It can be undone: the
    files go to the backups while nobody changed them, and later returns are known as recalled.

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
    was = settle(book, read.state.meta)
    if was and was.kind == OUT and was.written and _asks_the_same(was.handed, chosen, views):
        return _already(book, was)
    before = read_distribution(read.state.meta)
    now = datetime.now().astimezone()
    made = replace(before, version=before.following, time=f"{now:%Y-%m-%d %H:%M}")
    where = Path(out) if out is not None else home(book)
    folder = where / f"门店表_{read.state.year.year}_第{made.version}次"
    files = built(book, read, Origin(made.book, made.version, made.time), chosen, views)
    named = {
        store: inside(folder, f"{name}_{read.state.year.year}日报.xlsx")
        for store, name in distinct_names(chosen).items()
    }
    _require_free_names(folder, named.values())
    kept = {store: (named[store].name, digest_of(data)) for store, data in files.items()}
    handed = Handed(made.version, made.time, relative(folder, book), tuple(views), kept)
    with noted(book, OUT, handed, missing_folders(folder)):
        changed = _given(book, read, made, handed, {named[s]: data for s, data in files.items()})
    lines = [f"{len(files)} 份门店表在 {folder}", "发给门店填写；收回后运行 xlplan collect"]
    return _done(handed, folder, lines, _findings(read), changed)


def _given(
    book: Book, read: BookRead, made: Distribution, handed: Handed, files: Mapping[Path, bytes]
) -> int:
    """Write the files, then the book; when either fails there are no files and no record."""
    folder = next(iter(files)).parent
    new = missing_folders(folder)
    try:
        _make(folder)
        for path, data in files.items():
            create_new(path, data)
        return _remember(book, read, made, handed)
    except Exception as error:
        left = withdraw(handed, folder)
        for outer in reversed(new):
            with suppress(OSError):
                outer.rmdir()
        if isinstance(error, FileError):
            stays = f"，只有 {'、'.join(left)} 没能收走，请删除" if left else ""
            error.message = f"{error.message}；没有分发，写好的门店表已收走{stays}，总表没有改动"
        raise


def _asks_the_same(handed: Handed, stores: Sequence[str], months: Sequence[int]) -> bool:
    return list(handed.files) == list(stores) and list(handed.months) == list(months)


def _already(book: Book, was: Unfinished) -> Outcome:
    """Say that the distribution asked for was made by the run that was interrupted."""
    handed, folder = was.handed, was.handed.at(book)
    lines = [
        told(was),
        f"{len(handed.files)} 份门店表在 {folder}",
        "没有再分发一次；要再分发，请再运行一次",
    ]
    return _done(handed, folder, lines, [], 0)


def _done(
    handed: Handed, folder: Path, lines: list[str], problems: list[Problem], changed: int
) -> Outcome:
    facts: dict[str, object] = {
        "folder": str(folder),
        "files": [str(folder / name) for name in handed.names],
        "version": handed.version,
    }
    return Outcome(f"第 {handed.version} 次分发完成", lines, problems, facts, changed)


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


def _remember(book: Book, read: BookRead, made: Distribution, handed: Handed) -> int:
    """Write the number of the distribution, and who has to return it, into the plan book."""
    if collect_page.SHEET not in read.cells:
        raise StructureError(
            f"这份计划表没有“{collect_page.SHEET}”，是旧版本生成的",
            "请用现在的版本重新运行 xlplan new 生成",
            Where(sheet=collect_page.SHEET),
        )
    stores, everyone = list(handed.files), read.state.year.stores
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
    after = replace(read.state, meta={**read.state.meta, **remembered(made)})
    report = {collect_page.SHEET: report_cells(Report(lines, kept), at, said=said)}
    return apply(book, read, after, [row], extra=report, handed=handed.kept())


def built(
    book: Book, read: BookRead, origin: Origin, stores: Sequence[str], months: Sequence[int]
) -> dict[str, bytes]:
    """Return store → its workbook."""
    year, typed = read.state.year, read.state.daily
    files, board = {}, _board(read, origin)
    for number, store in enumerate(stores, start=1):
        book.tell(f"正在生成 {store}（{number}/{len(stores)}）…")
        items = brief_of(board.shown, store, year.stores)
        brief = Brief.of(board.named, items, read.state.own.get(PROMISES, {}), store)
        handout = make_handout(year, store, typed, origin, brief)
        laid_out = store_pages(year, store, typed, handout, months, brief)
        files[store] = build(laid_out, title=f"{store} {year.year}年日报")
    return files


def _board(read: BookRead, origin: Origin) -> Board:
    """Return the month of tasks that goes out: the one the book shows, or that of the distribution."""
    state = read.state
    if state.own.get(TASKS):
        return board_of(state)
    year, today = state.year.year, date.fromisoformat(origin.time[:10])
    return board_of(made_state(state, today.month if today.year == year else 1))


def _require_free_names(folder: Path, files: Iterable[Path]) -> None:
    """No file may stand in the way, and no file where the folder goes."""
    taken = next((path for path in files if path.exists()), None)
    if taken:
        raise exists(taken)
    if folder.exists() and not folder.is_dir():
        raise exists(folder)


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
