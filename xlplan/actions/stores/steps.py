"""Several files and the book in one action: a note beside the book says what is under way.

Files and book cannot be replaced in one stroke. So the note is written first, the book's own
record of the distribution decides, and whoever comes next makes the files agree with it: a
distribution the book knows has its files, one it does not know (or took back) has none that
nobody changed. A run that is still going is waited for, not mended.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.actions.stores.handed import Handed, digest_of, look
from xlplan.errors import FileError, Where
from xlplan.ooxml.files.atomic import sweep_leftovers, sync_folder, write_new
from xlplan.ooxml.files.backups import FOLDER
from xlplan.ooxml.files.oserrors import said_clearly
from xlplan.ooxml.files.processes import host_name, is_running
from xlplan.ooxml.files.runlock import sweep_locks
from xlplan.record import record
from xlplan.sheets.stores.distribution import HANDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from xlplan.cells import Book

#: What is under way: files given out, taken back, given out again.
OUT, BACK, AGAIN = "分发", "撤销", "重做"
_STALE_SECONDS = 6 * 3600
#: Notes of the actions this process is carrying out.
_own: set[Path] = set()


@record
class Unfinished:
    """An action on files that was interrupted.

    Attributes:
        kind: What it was: `OUT`, `BACK` or `AGAIN`.
        handed: Its distribution.
        made: Folders that were made for it, the outer ones first.
        standing: Whether the book has this distribution in force.
    """

    kind: str
    handed: Handed
    made: tuple[str, ...]
    standing: bool

    @property
    def written(self) -> bool:
        """Whether the book says that it was done."""
        return self.standing == (self.kind != BACK)


def note_of(book: Book) -> Path | None:
    """Return where the note of a book is kept; None for a book without a folder."""
    own: Path | None = getattr(book, "path", None)
    if own is None:
        return None
    mark = sha256(own.name.encode(errors="surrogateescape")).hexdigest()[:12]
    return own.parent.resolve() / f".xlplan-{mark}.steps"


@contextmanager
def noted(book: Book, kind: str, handed: Handed, made: Iterable[Path] = ()) -> Iterator[None]:
    """Keep the note while an action on files and book is under way.

    When it fails the caller puts the files back, and the note goes with the last of them; when
    the process is killed it stays.
    """
    path = note_of(book)
    if path is None:
        yield
        return
    facts = {
        "kind": kind, "handed": handed.kept(), "made": [str(folder) for folder in made],
        "pid": os.getpid(), "host": host_name(),
    }  # fmt: skip
    with said_clearly(path), suppress(FileExistsError):
        write_new(path, json.dumps(facts, ensure_ascii=False).encode(errors="surrogateescape"))
    _own.add(path)
    try:
        yield
    except Exception:
        if kind != OUT or not any((handed.at(book) / name).exists() for name in handed.names):
            _remove(path)
        raise
    else:
        _remove(path)
    finally:  # one that is stopped from outside leaves its note, as a killed one does
        _own.discard(path)


def _remove(note: Path) -> None:
    with suppress(OSError):
        note.unlink()
    sync_folder(note.parent)


def unfinished(book: Book, meta: Mapping[str, str]) -> Unfinished | None:
    """Return the action on files that was interrupted, if any.

    Args:
        book: The plan book.
        meta: Its _元数据 as read.

    Raises:
        FileError: Another run is carrying it out right now.
    """
    path = note_of(book)
    if path is None or path in _own or not path.exists():
        return None
    try:
        facts = json.loads(path.read_bytes())
        handed, kind = Handed.of(facts["handed"]), str(facts["kind"])
        made, pid = tuple(map(str, facts["made"])), int(facts["pid"])
        age = time.time() - path.stat().st_mtime
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        with suppress(OSError):  # the note itself is whole or not there: this is no note
            path.unlink()
        return None
    here = facts.get("host") == host_name()
    alive = pid != os.getpid() and (is_running(pid) if here else True)
    if alive and age < _STALE_SECONDS:
        raise FileError(
            f"另一个 xlplan 正在{kind}（{facts.get('host')}，进程 {pid}），还没有做完",
            f"请等它结束再试；若确定没有，请删除 {path.name}", Where(path.name), code="in_use",
        )  # fmt: skip
    return Unfinished(kind, handed, made, bool(meta.get(f"{HANDED}{handed.version}")))


def settle(book: Book, meta: Mapping[str, str]) -> Unfinished | None:
    """Make the files agree with the book after an interrupted action; return what it was.

    Raises:
        FileError: Another run is carrying it out right now.
    """
    was = unfinished(book, meta)
    path = note_of(book)
    if path is None:
        return None
    _sweep(path.parent, path.parent / FOLDER)
    if was is None:
        return None
    folder, room = was.handed.at(book), was.handed.room(book)
    _sweep(folder, room)
    if was.standing:
        _without_copies(was.handed, folder, room)
    elif was.kind == OUT:
        withdraw(was.handed, folder)
    else:
        look(was.handed, book).take()
    if not was.standing and was.kind == OUT:
        for made in reversed(was.made):
            with suppress(OSError):
                Path(made).rmdir()
    with suppress(OSError):
        room.rmdir()
    _remove(path)
    book.tell(told(was))
    return was


def told(was: Unfinished) -> str:
    """Return what is said about an interrupted action once it is settled."""
    named = f"上次的{was.kind}（第 {was.handed.version} 次分发）中途被打断"
    if was.written:
        return f"{named}，总表已经写好，门店表这次补齐到与总表一致"
    return f"{named}，总表没有写，门店表已恢复到{was.kind}之前"


def withdraw(handed: Handed, folder: Path) -> list[str]:
    """Remove the files of a distribution that never came to be; return the names of what stays."""
    for name, digest in handed.files.values():
        with suppress(OSError):
            if digest_of((folder / name).read_bytes()) == digest:
                (folder / name).unlink()
    with suppress(OSError):
        folder.rmdir()
    return [name for name in handed.names if (folder / name).exists()]


def missing_folders(folder: Path) -> list[Path]:
    """Return the folders that have to be made for one, the outer ones first."""
    return [path for path in reversed([folder, *folder.parents]) if not path.exists()]


def _sweep(*folders: Path) -> None:
    for folder in folders:
        sweep_leftovers(folder)
        sweep_locks(folder)


def _without_copies(handed: Handed, folder: Path, room: Path) -> None:
    """Remove from the backups what stands in the folder again (a move that was cut in two)."""
    for name, digest in handed.files.values():
        with suppress(OSError):
            both = [digest_of((place / name).read_bytes()) for place in (folder, room)]
            if both == [digest, digest]:
                (room / name).unlink()
