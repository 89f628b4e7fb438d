"""Returned store workbooks: found in folders, read in bounded time, several at once.

Nothing of a returned file is executed or copied but values: two sheets are read by the
bounded reader, other sheets, macros and links are never opened (RELIABILITY X11, X12).
Imports nothing heavy, so that worker processes start quickly.
"""

from __future__ import annotations

import gc
import io
import os
import zipfile
import zlib
from contextlib import contextmanager, suppress
from dataclasses import field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlplan.actions.run.outside import MOST_NAME, is_there, legible, legible_problems, not_a_file
from xlplan.cells import Seen
from xlplan.errors import FileError, Level, PlanError, Problem, StructureError, Where
from xlplan.ooxml.cells import ErrorValue
from xlplan.ooxml.reader import open_workbook, read_workbook_bytes
from xlplan.record import draft
from xlplan.regex import regex
from xlplan.sheets.base.find import KEY_MARK
from xlplan.sheets.stores import handout as handouts
from xlplan.sheets.stores import returned as daily

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from xlplan.cells import Spot, Value
    from xlplan.ooxml.cells import SheetCells, StoredValue
    from xlplan.ooxml.reader import Workbook
    from xlplan.plan.tasks.item import Item
    from xlplan.sheets.stores.handout import Handout
    from xlplan.sheets.stores.returned import Returned

READ = (".xlsx", ".xlsm")
#: Other table formats that staff save as; named, not read.
OTHER = (".xls", ".et", ".ett", ".ods", ".csv", ".xlsb", ".numbers", ".xltx")
_PASSED_OVER = ("~$", ".", "备份")
_MODIFIED = regex(rb"<dcterms:modified[^>]*>([0-9T:.\-]{19})[0-9.]*Z?</dcterms:modified>")
_CORE, _MOST_CORE = "docProps/core.xml", 1 << 16
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    RuntimeError,
    NotImplementedError,
)
#: Below this many files one process is faster than starting others.
_FEW = 12
_CHUNK = 8


@draft
class File:
    """One returned file as read.

    Attributes:
        path: Where it is.
        digest: SHA-256 of its bytes.
        saved: When it was saved, as the file itself says (ISO, UTC); "" when it does not.
        handout: What it remembers; None when it is no store workbook.
        said: Its 日报; None when that could not be read.
        tasks: Its tasks as they came back, ticks and notes; none in a copy without.
        promises: Month → what was promised and why.
        problems: Findings; a file without `said` has the reason here.
    """

    path: Path
    digest: str = ""
    saved: str = ""
    handout: Handout | None = None
    said: Returned | None = None
    tasks: Sequence[Item] = ()
    promises: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def name(self) -> str:
        """File name, as it can be shown and kept in the book."""
        return legible(self.path.name, MOST_NAME)


def find_files(paths: Iterable[str | Path], own: Path | None) -> tuple[list[Path], list[Problem]]:
    """Return the files to read, those of folders and their folders by name, and findings.

    Lock files, hidden files, backups and the plan book itself are passed over.
    """
    found: dict[Path, None] = {}
    problems: list[Problem] = []
    for given in map(Path, paths):
        if not is_there(given):
            raise FileError(
                "找不到这个文件或文件夹", "请检查路径", Where(str(given)), code="missing"
            )
        inside = sorted(given.rglob("*"), key=_by_name) if given.is_dir() else [given]
        for path in inside:
            hidden = any(part.startswith(_PASSED_OVER) for part in path.relative_to(given).parts)
            if path.is_dir() or hidden or (own and _is_same(path, own)):
                continue
            if path.suffix.lower() in READ:
                if path.is_file():
                    found[path] = None
                else:
                    problems.append(not_a_file(path))
            elif path.suffix.lower() in OTHER:
                problems.append(_other_format(path))
    return list(found), legible_problems(problems)


def _is_same(path: Path, own: Path) -> bool:
    try:
        return path.resolve() == own.resolve()
    except (OSError, RuntimeError):  # a link that leads to itself
        return False


def _by_name(path: Path) -> tuple[int, str]:
    """Short names first: an original stands before its copies ``x (1).xlsx``."""
    return len(path.name), str(path)


def _other_format(path: Path) -> Problem:
    what = f"{path.suffix} 格式不能收集，这个文件没有读"
    return Problem(Where(path.name), what, Level.ERROR, "请用表格软件另存为 .xlsx 后放回", "格式")


def read_files(
    paths: Sequence[Path], inputs: Mapping[str, bool], jobs: int | None = None
) -> list[File]:
    """Read files, in their order; a file that cannot be read says why and stops no other.

    Args:
        paths: The files.
        inputs: Keys of the columns staff may fill → True when never negative.
        jobs: Processes; None takes two for many files where the machine has them.
    """
    work = partial(read_file, inputs=dict(inputs))
    if jobs is None:
        jobs = 1 if len(paths) < _FEW else min(2, os.cpu_count() or 1)
    if jobs <= 1 or len(paths) < 2:
        return list(map(work, paths))
    return _read_at_once(work, paths, jobs)


def _read_at_once(work: Callable[[Path], File], paths: Sequence[Path], jobs: int) -> list[File]:
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    try:
        # spawn everywhere: no threads or locks of this process are copied
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            return list(pool.map(work, paths, chunksize=_CHUNK))
    except BrokenProcessPool:  # a worker was killed from outside: read the plain way
        return list(map(work, paths))


def read_file(path: Path, inputs: Mapping[str, bool]) -> File:
    """Read one file; trouble becomes problems."""
    file = File(path)
    try:
        with _without_collector():
            _read(file, inputs)
    except PlanError as error:
        where = Where(path.name, error.where.sheet, error.where.cell)
        what = f"没有收：{error.message}"
        file.problems.append(Problem(where, what, Level.ERROR, error.remedy, _rule(error)))
        file.said = None
    except Exception as error:  # noqa: BLE001  # the other stores' files are good
        what = f"没有收：读取时出错（{type(error).__name__}），其余文件照常"
        remedy = "请门店用当初分发的文件重新填写；仍不行请把文件反馈给维护者"
        file.problems.append(Problem(Where(path.name), what, Level.ERROR, remedy, "unreadable"))
        file.said = None
    file.problems = legible_problems(file.problems)
    return file


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep the cycle collector off: a sheet is many small objects and no cycles (a fifth faster)."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _rule(error: PlanError) -> str:
    return error.code if isinstance(error, FileError) else "结构"


def _read(file: File, inputs: Mapping[str, bool]) -> None:
    data = read_workbook_bytes(file.path)
    book = open_workbook(data)
    file.digest = book.sha256
    _look_inside(file, data)
    there = {info.name for info in book.sheets}
    for sheet in (handouts.SHEET, daily.SHEET):
        if sheet not in there:
            what = f"里面没有“{sheet}”，不是本程序分发的门店表"
            raise StructureError(what, "请放入门店交回的文件", Where(file.name))
    remembered = book.sheet(handouts.SHEET)
    file.handout = handouts.read_handout(
        {spot: Seen(_plain(cell.value)) for spot, cell in remembered.cells.items()}, file.name
    )
    columns = {daily.DATE, daily.WEEKDAY, daily.STORE, daily.NOTE, *inputs}
    cells = _columns(book.sheet(daily.SHEET), columns)
    file.said = daily.read_returned(cells, file.handout, inputs, file.name)
    file.problems += file.said.problems
    if file.handout.month:
        _read_brief(file, file.handout, book, there)


def _read_brief(file: File, handout: Handout, book: Workbook, there: Collection[str]) -> None:
    """Read the tasks and promises of a copy; where they cannot be read, the rest counts all the same."""
    from xlplan.sheets.stores.briefs_back import promised_back, tasks_back

    for sheet in ("工作计划", "承诺"):
        where = Where(file.name, sheet)
        if sheet not in there:
            what, remedy = f"“{sheet}”不见了，这部分没有收", "不要删除或改名工作表"
            file.problems.append(Problem(where, what, Level.WARNING, remedy, "任务"))
            continue
        cells = book.shown(sheet, Seen)
        try:
            if sheet == "承诺":
                file.promises, problems = promised_back(cells, handout, file.name)
            else:
                file.tasks, problems = tasks_back(cells, handout, file.name)
        except StructureError as error:
            what = f"没有收：{error.message}"
            problems = [Problem(where, what, Level.WARNING, error.remedy, "结构")]
        file.problems += problems


def _columns(content: SheetCells, keys: Collection[str]) -> dict[Spot, daily.Stored]:
    """Return the cells of the columns with these keys, and the whole key row."""
    cells = content.cells
    row = next((spot[0] for spot, cell in cells.items() if cell.value == KEY_MARK), 0)
    heads = {spot[1]: cell.value for spot, cell in cells.items() if spot[0] == row}
    wanted = {column for column, key in heads.items() if key in keys}
    dates = {column for column, key in heads.items() if key == daily.DATE}
    found: dict[Spot, daily.Stored] = {}
    for spot, cell in cells.items():
        column = spot[1]
        if column in wanted or spot[0] == row:
            if column in dates and cell.is_date:
                found[spot] = Seen(content.date(*spot))
            elif isinstance(cell.value, ErrorValue):
                found[spot] = Seen(str(cell.value), cell.formula or "")
            else:
                found[spot] = cell
    return found


def _plain(value: StoredValue) -> Value:
    return str(value) if isinstance(value, ErrorValue) else value


def _look_inside(file: File, data: bytes) -> None:
    """Note when the file was saved, and what it carries that is never opened."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.namelist()
        with suppress(KeyError, *_ZIP_ERRORS), archive.open(_CORE) as core:
            found = _MODIFIED.search(core.read(_MOST_CORE))
            file.saved = found[1].decode() if found else ""
    carried = [
        what
        for mark, what in (
            ("vbaProject", "宏"),
            ("externalLinks/", "外部链接"),
            ("activeX/", "控件"),
        )
        if any(mark in part for part in parts)
    ]
    if carried:
        what = f"文件里有{'、'.join(carried)}，没有打开，只读了日报的数值"
        file.problems.append(
            Problem(Where(file.name), what, Level.WARNING, "请门店用原来分发的文件填写", "含宏")
        )
