"""From paths to batches: which files, read by `sources`, of which store, made when."""

from __future__ import annotations

import hashlib
from dataclasses import field, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.errors import Level, Problem, Where
from xlplan.metrics import normal
from xlplan.plan.contributions import Batch
from xlplan.plan.merge import FINANCE, FINANCE_NAME, FINANCE_RANK
from xlplan.record import draft, record
from xlplan.sources import read_many
from xlplan.sources.declare import Options

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from xlplan.sources import Extract, Provenance, Source

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
        known = Options(store=self.store, year=self.year, scenes=self.scenes)
        return known if self.prefixes is None else replace(known, exclude_prefixes=self.prefixes)


@draft
class Gathered:
    """What was in the files.

    Attributes:
        batches: One per file and source.
        problems: What was wrong with them.
        files: Those that were read, copies left out.
        starter: The beginning of a mapping for the first file nobody knows.
    """

    batches: list[Batch] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    starter: str = ""


def gather(paths: Iterable[str | Path], wanted: Wanted) -> Gathered:
    """Read files and folders into batches; trouble with one file does not stop the others."""
    found = Gathered()
    found.files = _different(expand(paths, wanted.own), found.problems)
    extracts = read_many(found.files, mappings=wanted.mappings, options=wanted.options)
    for path, extract in zip(found.files, extracts, strict=True):
        found.starter = found.starter or extract.starter
        found.problems += [p for p in extract.problems if p.rule not in _TOLD_LATER]
        clear, problems = _with_stores(extract, path.name, wanted)
        found.problems += problems
        found.batches += batches_of(clear, path.name, _saved(path), confirmed=wanted.confirmed)
    return found


def gather_sql(config: Path, wanted: Wanted, found: Gathered) -> None:
    """Add the days of a database to what was gathered; only the days leave its engine."""
    from xlplan.sources.sql import read_sql

    extract = read_sql(config, store=wanted.store or None, year=wanted.year)
    found.problems += extract.problems
    clear, problems = _with_stores(extract, config.name, wanted)
    found.problems += problems
    asked = max(part.time or datetime.now(BEIJING) for part in extract.provenance)
    made = batches_of(clear, config.name, f"{asked:%Y-%m-%d %H:%M:%S}", confirmed=wanted.confirmed)
    found.batches += made


#: Findings of single files that are only true, or only false, for all files together.
_TOLD_LATER = frozenset({"missing_days", "no_store"})


def expand(paths: Iterable[str | Path], own: str = "") -> list[Path]:
    """Return the files meant: those of a folder and its folders, by name; lock files left out.

    The plan book (the file named `own`) is left out, too.
    """
    found: dict[Path, None] = {}
    for given in map(Path, paths):
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


def _different(files: Sequence[Path], problems: list[Problem]) -> list[Path]:
    """Return the files without copies of one another (``x (1).xlsx``)."""
    kept: dict[str, Path] = {}
    for path in files:
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            digest = str(path)  # reading it will say what is wrong
        if digest in kept:
            what = f"与 {kept[digest].name} 内容相同，只导入一份"
            problems.append(Problem(Where(path.name), what, Level.INFO, rule="same_file"))
        else:
            kept[digest] = path
    return list(kept.values())


def _saved(path: Path) -> str:
    try:
        moment = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return ""
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


def _with_stores(extract: Extract, file: str, wanted: Wanted) -> tuple[Extract, list[Problem]]:
    """Return the extract with every row's store as the book calls it, as far as it is clear."""
    names = {normal(store): store for store in wanted.stores}
    told = [str(name) for name in extract.frame.index.unique("store")]
    known = {name: names[normal(name)] for name in told if normal(name) in names}
    strange = [name for name in told if name not in known]
    problems = []
    if wanted.store:
        others = sorted(set(known.values()) - {wanted.store})
        if others or len(strange) > 1:
            listed = "、".join([*others, *strange])
            what = f"文件里写的是 {listed}，与指定的店铺“{wanted.store}”不同，没有写入"
            remedy = "核对文件，或去掉 --store 按文件里的店铺导入"
            problems.append(Problem(Where(file), what, Level.ERROR, remedy, "other_store"))
            return replace(extract, frame=extract.frame.iloc[:0]), problems
        for name in strange:
            known[name] = wanted.store
            if name:
                what = f"店铺“{name}”按指定记入“{wanted.store}”"
                problems.append(Problem(Where(file), what, Level.INFO, rule="store_as_told"))
    elif "" in strange and len(wanted.stores) == 1:
        known[""] = wanted.stores[0]
    said = tuple(_with_places(part, known) for part in extract.provenance)
    return replace(extract, frame=_renamed(extract.frame, known), provenance=said), problems


def _with_places(part: Provenance, known: Mapping[str, str]) -> Provenance:
    places = {(known.get(store, store), day): at for (store, day), at in part.places.items()}
    return replace(part, places=places)


def _renamed(frame: pd.DataFrame, known: dict[str, str]) -> pd.DataFrame:
    renamed = frame.rename(index=known, level="store")
    return renamed if renamed.index.is_unique else renamed.groupby(level=["store", "date"]).first()


def batches_of(extract: Extract, file: str, saved: str, *, confirmed: bool = False) -> list[Batch]:
    """Return one batch per source in an extract; a metric told twice belongs to the better rank."""
    left = list(map(str, extract.frame.columns))
    made = []
    for members in _by_source(extract.provenance):
        told = {metric for member in members for metric in member.columns}
        columns = [metric for metric in left if metric in told]
        left = [metric for metric in left if metric not in told]
        if columns:
            batch = _batch(extract.frame[columns].dropna(how="all"), members, file, saved)
            made.append(_confirmed(batch) if confirmed else batch)
    return made


def _by_source(provenance: Iterable[Provenance]) -> list[list[Provenance]]:
    groups: dict[str, list[Provenance]] = {}
    for part in sorted(provenance, key=lambda part: (part.rank, part.source)):
        groups.setdefault(part.source, []).append(part)
    return list(groups.values())


def _batch(frame: pd.DataFrame, members: list[Provenance], file: str, saved: str) -> Batch:
    first = members[0]
    moments = [part.time for part in members if part.time]
    return Batch(
        frame, first.source, first.name, file,
        _moment(max(moments)) if moments else saved, saved, float(first.rank),
        frozenset(day for part in members for day in part.partial),
        first.daily,
        {spot: at for part in reversed(members) for spot, at in part.places.items()},
    )  # fmt: skip


def _moment(time: datetime) -> str:
    """Return the time to the minute, or the date when that is all that is known."""
    return f"{time:%Y-%m-%d %H:%M}" if time.hour or time.minute else f"{time:%Y-%m-%d}"


def _confirmed(batch: Batch) -> Batch:
    """Return the batch as figures that finance stands behind: one source, before all others."""
    name = f"{FINANCE_NAME}（{batch.name}）"
    return replace(batch, source=f"{FINANCE}:{batch.source}", name=name, rank=FINANCE_RANK)
