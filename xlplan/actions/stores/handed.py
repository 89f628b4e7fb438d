"""The files of a distribution: put into their folder, taken back unread, given out again.

A file is only ever taken back while it is as it was handed out (its SHA-256 is kept with the
action); it goes to the backups beside its folder, so that nothing is lost. One that somebody
filled since, or has open, stays where it is and is named.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlplan.errors import FileError, Level, Problem, Where
from xlplan.ooxml.files.atomic import move_new
from xlplan.ooxml.files.backups import FOLDER
from xlplan.ooxml.files.durable import create_new
from xlplan.ooxml.files.inuse import require_free
from xlplan.record import draft, record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from xlplan.cells import Book


@record
class Handed:
    """A distribution as kept with its action.

    Attributes:
        version: Its number.
        time: When, local time.
        folder: Where its files are; inside the plan book's folder relative to that.
        months: Months that have a view.
        files: Store → (file name, SHA-256 of what was handed out).
    """

    version: int
    time: str
    folder: str
    months: tuple[int, ...]
    files: Mapping[str, tuple[str, str]]

    @property
    def names(self) -> list[str]:
        """The names of its files."""
        return [name for name, _ in self.files.values()]

    def kept(self) -> dict[str, Any]:
        """Return its JSON form."""
        files = {store: list(pair) for store, pair in self.files.items()}
        return {"version": self.version, "time": self.time, "folder": self.folder, "months": list(self.months), "files": files}  # fmt: skip

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Handed:
        """Return it from its JSON form."""
        files = {store: (name, digest) for store, (name, digest) in kept["files"].items()}
        return cls(kept["version"], kept["time"], kept["folder"], tuple(kept["months"]), files)

    def at(self, book: Book) -> Path:
        """Return its folder, seen from where the plan book is now."""
        kept = Path(self.folder)
        return kept if kept.is_absolute() else home(book) / kept

    def room(self, book: Book) -> Path:
        """Return where files that were taken back are kept."""
        folder = self.at(book)
        return folder.parent / FOLDER / folder.name


def home(book: Book) -> Path:
    """Return the folder of the plan book.

    Raises:
        FileError: ``no_folder``: it was never saved, or lies where no local folder is known.
    """
    if not hasattr(book, "path"):
        return Path.cwd()
    own: Path | None = book.path
    if own is None:
        raise FileError(
            "这本工作簿在这台电脑上没有文件夹（还没有保存过，或在 OneDrive、SharePoint 上找不到本机位置）",
            "请指定一个文件夹，或先把工作簿另存到本机",
            Where(book.name),
            code="no_folder",
        )
    return own.parent.resolve()


def relative(folder: Path, book: Book) -> str:
    """Return a folder as it is kept: from the plan book's folder when it is inside."""
    whole = folder.resolve()
    if getattr(book, "path", folder) is None:
        return whole.as_posix()
    inside = whole.is_relative_to(home(book))
    return (whole.relative_to(home(book)) if inside else whole).as_posix()


def digest_of(data: bytes) -> str:
    """Return the SHA-256 by which a file is known."""
    return hashlib.sha256(data).hexdigest()


@draft
class Back:
    """Which files of a distribution come back, and which do not.

    Attributes:
        handed: The distribution.
        folder: Its folder.
        room: Where they go.
        as_given: Names of files that are as they were handed out.
        changed: Names of those that were changed since, or are open.
        gone: Names of those that are no longer there.
    """

    handed: Handed
    folder: Path
    room: Path
    as_given: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def note(self) -> str:
        """Return one line for previews and 变更记录."""
        parts = [f"收回 {len(self.as_given)} 份门店表，移到 {FOLDER}/{self.room.name}"]
        parts += [f"改过或正打开、留在原处：{'、'.join(self.changed)}"] if self.changed else []
        parts += [f"不在原处（已移走或发走）{len(self.gone)} 份"] if self.gone else []
        return "；".join(parts)

    def take(self) -> list[Problem]:
        """Move the files; return what stays outside, by name."""
        for name in list(self.as_given):
            try:
                self.room.mkdir(parents=True, exist_ok=True)
                _move(self.folder / name, self.room, name)
            except OSError:
                self.as_given.remove(name)
                self.changed.append(name)
        with suppress(OSError):
            self.folder.rmdir()
        return self._left()

    def _left(self) -> list[Problem]:
        remedy = (
            "交回时会认出是已撤回的，不会收；一定要收，用 collect 的“也收已撤回的”（--recalled）"
        )
        number = self.handed.version
        changed = (
            f"第 {number} 次分发已撤回，但这份分发之后改过或正打开，留在 {self.folder}",
            Level.WARNING,
        )
        gone = (f"第 {number} 次分发已撤回，但这份不在原处，可能已经发给门店", Level.INFO)
        return [
            Problem(Where(name), what, level, remedy, "已撤回")
            for (what, level), names in ((changed, self.changed), (gone, self.gone))
            for name in names
        ]


def look(handed: Handed, book: Book) -> Back:
    """Find out which files of a distribution can be taken back; nothing is moved."""
    made = Back(handed, handed.at(book), handed.room(book))
    for name, digest in handed.files.values():
        path = made.folder / name
        listed = made.as_given if _is_as_given(path, digest) else made.changed
        (listed if path.exists() else made.gone).append(name)
    return made


def _is_as_given(path: Path, digest: str) -> bool:
    try:
        require_free(path)
        return digest_of(path.read_bytes()) == digest
    except (OSError, FileError):
        return False


@draft
class Giving:
    """Files of a distribution on their way back into their folder.

    Attributes:
        handed: The distribution with the files as they will be.
        back: How to take them back; lists what was given, and what stood there and stays.
        moves: Name → the file in the backups that comes back.
        anew: Name → what is written again, for those that are not in the backups any more.
    """

    handed: Handed
    back: Back
    moves: dict[str, Path] = field(default_factory=dict)
    anew: dict[str, bytes] = field(default_factory=dict)

    def give(self) -> None:
        """Put the files where they were; one that stands there stays as it is.

        Raises:
            FileError: A file cannot be written; those given before are taken back.
        """
        done = self.back
        try:
            done.folder.mkdir(parents=True, exist_ok=True)
            for name in self.handed.names:
                if name in self.moves:
                    move_new(self.moves[name], done.folder / name)
                elif name in self.anew:
                    create_new(done.folder / name, self.anew[name])
                else:
                    continue
                done.as_given.append(name)
        except (OSError, FileError) as error:
            done.take()
            raise _unwritten(done.folder, error) from None
        with suppress(OSError):
            done.room.rmdir()


def giving(handed: Handed, book: Book, anew: Callable[[str], bytes]) -> Giving:
    """Find out how the files of a distribution come back; nothing is moved.

    Args:
        handed: The distribution.
        book: The plan book.
        anew: Store → its file built again, for those that are not in the backups any more.
    """
    back = Back(handed, handed.at(book), handed.room(book))
    kept = _known(back.room)
    made = Giving(handed, back)
    files = dict(handed.files)
    for store, (name, digest) in handed.files.items():
        if (back.folder / name).exists():
            back.changed.append(name)
        elif digest in kept:
            made.moves[name] = kept[digest]
        else:
            made.anew[name] = data = anew(store)
            files[store] = name, digest_of(data)
    made.handed = Handed(handed.version, handed.time, handed.folder, handed.months, files)
    return made


def _unwritten(folder: Path, error: OSError | FileError) -> FileError:
    if isinstance(error, FileError):
        return error
    what = f"不能写入文件夹（{error.strerror}），没有重做"
    return FileError(what, "请检查这个位置能不能写入", Where(str(folder)), code="write_failed")


def _known(room: Path) -> dict[str, Path]:
    """Return SHA-256 → file of what was taken back earlier."""
    if not room.is_dir():
        return {}
    return {
        digest_of(file.read_bytes()): file for file in sorted(room.iterdir()) if file.is_file()
    }


def _move(file: Path, room: Path, name: str) -> None:
    """Move a file to the backups; one that is there already, byte for byte, is not kept twice."""
    there = room / name
    if there.is_file() and there.read_bytes() == file.read_bytes():
        file.unlink()
    else:
        move_new(file, _free(room, name))


def _free(room: Path, name: str) -> Path:
    """Return a name that is free in the backups."""
    stem, _, suffix = name.rpartition(".")
    number, path = 1, room / name
    while path.exists():
        number += 1
        path = room / f"{stem}-{number}.{suffix}"
    return path
