"""From paths to batches: which files, read by `sources`, of which store, made when."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import field, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.actions.imports.storenames import folders_of, with_stores
from xlplan.errors import FileError, Level, Problem, Where
from xlplan.plan.actuals.contributions import Batch
from xlplan.plan.actuals.merge import FINANCE, FINANCE_NAME, FINANCE_RANK
from xlplan.record import draft, record
from xlplan.sources import read_many
from xlplan.sources.declare import Options

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xlplan.sources import Extract, Source
    from xlplan.sources.extract import Part

BEIJING = timezone(timedelta(hours=8))
#: What a folder is searched for; a file given by name is read whatever it is called.
SUFFIXES = frozenset(".csv .tsv .xls .xlsx .xlsm .xlsb .ods .zip .htm .html".split())
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
    """

    batches: list[Batch] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    starter: str = ""


def gather(paths: Iterable[str | Path], wanted: Wanted) -> Gathered:
    """Read files and folders into batches; trouble with one file does not stop the others."""
    given = list(paths)
    found = Gathered()
    files = expand(given, wanted.own)
    if given and not files:
        kinds = "、".join(sorted(kind[1:] for kind in SUFFIXES))
        what = f"里面没有可以导入的文件（{kinds}）"
        found.problems.append(Problem(Where(str(given[0])), what, Level.WARNING, rule="no_files"))
    extracts = read_many(files, mappings=wanted.mappings, options=wanted.options)
    for path, extract in zip(files, extracts, strict=True):
        found.starter = found.starter or extract.starter
        _take(found, extract, _saved(path), wanted, folders_of(path, given))
    found.problems += copies(files)
    return found


def gather_sql(config: Path, wanted: Wanted, found: Gathered) -> None:
    """Add the days of a database to what was gathered; only the days leave its engine."""
    from xlplan.sources.sql.orders import read_sql

    extract = read_sql(config, store=wanted.store or None, year=wanted.year)
    asked = max(part.time or datetime.now(BEIJING) for part in extract.provenance)
    _take(found, extract, f"{asked:%Y-%m-%d %H:%M:%S}", wanted)


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


def expand(paths: Iterable[str | Path], own: str = "") -> list[Path]:
    """Return the files meant: those of a folder and its folders, by name; lock files left out.

    The plan book (the file named `own`) is left out, too.

    Raises:
        FileError: A path that was given does not exist.
    """
    found: dict[Path, None] = {}
    for given in map(Path, paths):
        if not given.exists():
            raise FileError(
                "找不到这个文件或文件夹", "请检查路径", Where(str(given)), code="missing"
            )
        if given.is_dir():
            inside = (path for path in sorted(given.rglob("*")) if _is_export(path, given))
            found |= dict.fromkeys(inside)
        else:
            found[given] = None
    return [path for path in found if path.name != own]


def _is_export(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    passed_over = any(part.startswith(_PASSED_OVER) for part in parts)
    return not passed_over and path.suffix.lower() in SUFFIXES and path.is_file()


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
        part.frame.dropna(how="all"), about.source, about.name, about.file,
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
