"""Which store of the book figures belong to: by their rows, else the file or its folder, else as told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.errors import Level, Problem, Where
from xlplan.metrics import normal
from xlplan.sources.extract import Part
from xlplan.sources.filenames import words_in_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from xlplan.sources import Provenance


def with_stores(
    part: Part, stores: Sequence[str], *, told: str = "", folders: Iterable[str] = ()
) -> tuple[Part, list[Problem]]:
    """Return a part with every row's store as the book calls it, as far as it is clear.

    Args:
        part: What one source says in one file.
        stores: The book's stores.
        told: The store that was given for files which name none.
        folders: Names of the folders the file lies in, the nearest first.
    """
    names = {normal(store): store for store in stores}
    found = [str(name) for name in part.frame.index.unique("store")]
    known = {name: names[normal(name)] for name in found if normal(name) in names}
    strange = [name for name in found if name not in known]
    if told:
        return _as_told(part, told, known, strange)
    problems = []
    if "" in strange:
        named = next((names[n] for n in _names_of(part.about.file, folders) if n in names), "")
        known[""] = named or (stores[0] if len(stores) == 1 else "")
        if named:
            what = f"表里没有店铺名，按文件或文件夹的名字记入“{named}”"
            problems.append(_note(part, what))
    return _renamed(part, known), problems


def _as_told(
    part: Part, told: str, known: dict[str, str], strange: Sequence[str]
) -> tuple[Part, list[Problem]]:
    others = sorted(set(known.values()) - {told})
    if others or len(strange) > 1:
        listed = "、".join([*others, *strange])
        what = f"文件里写的是 {listed}，与指定的店铺“{told}”不同，没有写入"
        remedy = "核对文件，或去掉 --store 按文件里的店铺导入"
        refused = Problem(Where(part.about.file), what, Level.ERROR, remedy, "other_store")
        return part._replace(frame=part.frame.iloc[:0]), [refused]
    problems = [_note(part, f"店铺“{name}”按指定记入“{told}”") for name in strange if name]
    return _renamed(part, known | dict.fromkeys(strange, told)), problems


def _note(part: Part, what: str) -> Problem:
    return Problem(Where(part.about.file), what, Level.INFO, rule="store_as_told")


def _names_of(file: str, folders: Iterable[str]) -> Iterator[str]:
    """Yield what a file and its folders are called, the nearest first; in a zip the file inside."""
    for name in reversed(file.split("/")):
        yield normal(name.rpartition(".")[0] or name)
        yield from map(normal, words_in_name(name))
    yield from map(normal, folders)


def folders_of(path: Path, given: Iterable[str | Path]) -> list[str]:
    """Return the names of the folders a file lies in, no further up than what was given."""
    roots = {root for one in given if (root := Path(one).absolute()).is_dir()}
    above = path.absolute().parents
    inside = [up.name for up in above if roots & {up, *up.parents}]
    return inside or [above[0].name]


def _renamed(part: Part, known: Mapping[str, str]) -> Part:
    frame = part.frame.rename(index=known, level="store")
    if not frame.index.is_unique:
        frame = frame.groupby(level=["store", "date"]).first()
    return Part(frame, _with_places(part.about, known))


def _with_places(about: Provenance, known: Mapping[str, str]) -> Provenance:
    places = {(known.get(store, store), day): at for (store, day), at in about.places.items()}
    return replace(about, places=places)
