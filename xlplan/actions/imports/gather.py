"""From paths to batches: which files, read by `sources`, of which store, made when."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import field, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.actions.imports.databases import Before, nothing_left, read_declared, without_gone
from xlplan.actions.imports.storenames import folders_of, with_stores
from xlplan.actions.run.outside import (
    MOST_NAME,
    is_there,
    legible,
    legible_problems,
    not_a_file,
)
from xlplan.errors import FileError, Level, PlanError, Problem, Where
from xlplan.plan.actuals.contributions import Batch
from xlplan.plan.actuals.merge import FINANCE, FINANCE_NAME, FINANCE_RANK
from xlplan.record import draft, record
from xlplan.sources import read_many
from xlplan.sources.declare import Options
from xlplan.sources.extract import Extract, empty_frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xlplan.sources import Source
    from xlplan.sources.extract import Part
    from xlplan.sources.sql.config import SqlSource

BEIJING = timezone(timedelta(hours=8))
#: What a folder is searched for; a file given by name is read whatever it is called.
SUFFIXES = frozenset(".csv .tsv .xls .xlsx .xlsm .xlsb .ods .zip .htm .html".split())
#: Codes of a database that are put on 数据连接 at once.
_CODES = 40
_PASSED_OVER = ("~$", ".", "备份")


@record
class Wanted:
    """What the caller knows about the files.

    Attributes:
        stores: The book's stores.
        year: The book's year.
        store: Store of files that name none, or name one the book does not know.
        confirmed: Whether finance stands behind the figures.
        own: File name of the plan book, which is never read as an export.
        mappings: The user's declarations of exports, tried before the known ones.
        scenes: Name in a promotion report → channel key.
        prefixes: Beginnings of the seller's remark that mark 补单; None: the usual ones.
    """

    stores: Sequence[str]
    year: int
    store: str = ""
    confirmed: bool = False
    own: str = ""
    mappings: Sequence[Source] = ()
    scenes: Mapping[str, str] = field(default_factory=dict)
    prefixes: tuple[str, ...] | None = None

    @property
    def options(self) -> Options:
        """What the readers of exports may know."""
        known = Options(year=self.year, stores=tuple(self.stores), scenes=self.scenes)
        return known if self.prefixes is None else replace(known, exclude_prefixes=self.prefixes)


@draft
class Gathered:
    """What was in the files.

    Attributes:
        batches: One per file and source.
        problems: What was wrong with them.
        starter: The beginning of a mapping for the first file nobody knows.
        marks: What _元数据 is to remember of databases.
        links: Rows for 数据连接: databases that were read, and codes of theirs nobody knows.
        told: Lines about what was read of them.
    """

    batches: list[Batch] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    starter: str = ""
    marks: dict[str, str] = field(default_factory=dict)
    links: list[tuple[str, ...]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def gather(paths: Iterable[str | Path], wanted: Wanted) -> Gathered:
    """Read files and folders into batches; trouble with one file does not stop the others."""
    given = list(paths)
    found = Gathered()
    files, found.problems = expand(given, wanted.own)
    if given and not files and not found.problems:
        kinds = "、".join(sorted(kind[1:] for kind in SUFFIXES))
        what = f"里面没有可以导入的文件（{kinds}）"
        found.problems.append(Problem(Where(str(given[0])), what, Level.WARNING, rule="no_files"))
    for path in files:
        extract = _extract(path, wanted)
        found.starter = found.starter or legible(extract.starter)
        _take(found, extract, _saved(path), wanted, folders_of(path, given))
    found.problems = legible_problems([*found.problems, *copies(files)])
    return found


def _extract(path: Path, wanted: Wanted) -> Extract:
    """Read one file; whatever happens to it happens to it alone."""
    try:
        extract = read_many([path], mappings=wanted.mappings, options=wanted.options)[0]
    except PlanError:  # about the mappings, not about this file
        raise
    except Exception as error:  # noqa: BLE001  # the other files are good
        what = f"没有读成（{type(error).__name__}），这个文件没有导入，其余文件照常"
        remedy = "请用表格软件打开后另存为 .xlsx 再导入；仍不行请把文件反馈给维护者"
        problem = Problem(Where(path.name), what, Level.ERROR, remedy, "unreadable")
        return Extract(empty_frame(), problems=[problem])
    if not extract.parts and not extract.problems:
        what = "里面没有找到任何表格，没有导入"
        empty = Problem(Where(path.name), what, Level.ERROR, "请重新导出一次", "nothing_inside")
        return replace(extract, problems=[empty])
    return extract


def gather_sql(
    source: SqlSource, wanted: Wanted, found: Gathered, before: Before | None = None
) -> None:
    """Add the days of a database to what was gathered; only the days leave its engine."""
    before = before or Before()
    if wanted.store:
        source = replace(source, store=wanted.store)
    read = read_declared(source, wanted.year, wanted.stores, before)
    at, key = len(found.batches), f"sql:{source.name}"
    asked = max(part.time or datetime.now(BEIJING) for part in read.extract.provenance)
    _take(found, read.extract, f"{asked:%Y-%m-%d %H:%M:%S}", wanted)
    held = before.rows[before.rows["source"] == key]
    if len(found.batches) == at and len(held):
        found.problems.append(nothing_left(source.file.name))
        return
    for place, batch in enumerate(found.batches[at:], at):
        asked_for = [wanted.store] if wanted.store else wanted.stores
        found.batches[place], problems = without_gone(batch, held, read.spans, asked_for)
        found.problems += problems
    found.marks[read.key] = read.mark
    found.links += [
        (source.name, kind, code, "", "补上对应") for kind, code in read.codes[:_CODES]
    ]
    found.told.append(read.told)


def _take(
    found: Gathered, extract: Extract, saved: str, wanted: Wanted, folders: Iterable[str] = ()
) -> None:
    """Add what one file or database said, each source of it a batch of its own."""
    found.problems += [p for p in extract.problems if p.rule not in _TOLD_LATER]
    for part in extract.parts:
        clear, problems = with_stores(part, wanted.stores, told=wanted.store, folders=folders)
        found.problems += problems
        if len(clear.frame):
            batch = _batch(clear, saved)
            found.batches.append(_confirmed(batch) if wanted.confirmed else batch)


#: Findings of single files that are only true, or only false, for all files together.
_TOLD_LATER = frozenset({"missing_days", "no_store", "superseded"})


def expand(paths: Iterable[str | Path], own: str = "") -> tuple[list[Path], list[Problem]]:
    """Return the files meant, and what looks like one and is none (a dead link, a pipe).

    They are those of a folder and its folders, by name; lock files are left out, and the plan
    book (the file named `own`), too.

    Raises:
        FileError: A path that was given does not exist.
    """
    found: dict[Path, None] = {}
    for given in map(Path, paths):
        if not is_there(given):
            raise FileError(
                "找不到这个文件或文件夹", "请检查路径", Where(str(given)), code="missing"
            )
        if given.is_dir():
            inside = (path for path in sorted(given.rglob("*")) if _is_export(path, given))
            found |= dict.fromkeys(inside)
        else:
            found[given] = None
    listed = [path for path in found if path.name != own]
    return [path for path in listed if path.is_file()], [
        not_a_file(path) for path in listed if not path.is_file()
    ]


def _is_export(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    passed_over = any(part.startswith(_PASSED_OVER) for part in parts)
    return not passed_over and path.suffix.lower() in SUFFIXES and not path.is_dir()


def copies(files: Sequence[Path]) -> list[Problem]:
    """Name the files that say the same as one before (``x (1).xlsx``); they count once anyway."""
    seen: dict[str, Path] = {}
    problems = []
    for path in filter(Path.is_file, files):
        with suppress(OSError), path.open("rb") as file:
            first = seen.setdefault(hashlib.file_digest(file, "sha256").hexdigest(), path)
            if first is not path:
                what = f"与 {first.name} 内容相同；同一家店的数只算一次"
                problems.append(Problem(Where(path.name), what, Level.INFO, rule="same_file"))
    return problems


def _saved(path: Path) -> str:
    try:
        moment = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return ""
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


def _batch(part: Part, saved: str) -> Batch:
    about = part.about
    return Batch(
        part.frame.dropna(how="all"), about.source, legible(about.name, MOST_NAME),
        legible(about.file, MOST_NAME),
        _moment(about.time) if about.time else saved, saved, float(about.rank),
        frozenset(about.partial), about.daily, about.places,
    )  # fmt: skip


def _moment(time: datetime) -> str:
    """Return the time to the minute, or the date when that is all that is known."""
    return f"{time:%Y-%m-%d %H:%M}" if time.hour or time.minute else f"{time:%Y-%m-%d}"


def _confirmed(batch: Batch) -> Batch:
    """Return the batch as figures that finance stands behind: one source, before all others."""
    name = f"{FINANCE_NAME}（{batch.name}）"
    return replace(batch, source=f"{FINANCE}:{batch.source}", name=name, rank=FINANCE_RANK)
