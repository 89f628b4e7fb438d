"""Files that appear whole or not at all: a complete temporary file, then one rename or link."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from xlplan.ooxml.files.processes import host_mark, is_running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BINARY = getattr(os, "O_BINARY", 0)
_CREATE = os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY
_FOREIGN_LEFTOVER_SECONDS = 24 * 3600
_ATTEMPTS = 4
_PAUSE_SECONDS = 0.1
_CHUNK = 1 << 22
MOST_NAME_BYTES = 255


@contextmanager
def temporary(target: Path, data: bytes) -> Iterator[Path]:
    """Give a complete, synced temporary file beside the target; it is gone afterwards."""
    name = f".xlplan-{host_mark()}-{os.getpid()}-{secrets.token_hex(4)}.tmp"
    file = target.with_name(name)
    try:
        handle = os.open(file, _CREATE, 0o666)
        try:
            _write_all(handle, data)
            _keep_mode(handle, target)
            os.fsync(handle)
        finally:
            os.close(handle)
        yield file
    finally:
        with suppress(OSError):
            file.unlink()


def write_new(target: Path, data: bytes) -> None:
    """Write a file of a free name; FileExistsError if it is taken, OSError if writing fails."""
    with temporary(target, data) as file:
        _name(file, target)
    sync_folder(target.parent)


def move_new(file: Path, target: Path) -> None:
    """Give a file another, free name; FileExistsError if it is taken, OSError if it cannot move."""
    _name(file, target)
    file.unlink(missing_ok=True)


def fitting(stem: str, room: int) -> str:
    """Return a stem that leaves `room` bytes of a file name: cut, with a digest, if it must be.

    The names beside a workbook (lock, backups) are longer than its own, which may be as long as
    file systems allow.
    """
    whole = os.fsencode(stem)
    if len(whole) + room <= MOST_NAME_BYTES:
        return stem
    mark = f"~{hashlib.sha256(whole).hexdigest()[:8]}"
    return whole[: MOST_NAME_BYTES - room - len(mark)].decode(errors="ignore") + mark


def _name(file: Path, target: Path) -> None:
    """Give a file a free name besides its own; instead of it, where there are no hard links."""
    try:
        os.link(file, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if target.exists():
            raise FileExistsError from None
        put_in_place(file, target)


def put_in_place(file: Path, target: Path) -> None:
    """Rename over the target; on Windows a virus scanner may hold it for a moment."""
    for attempt in range(_ATTEMPTS if os.name == "nt" else 1):
        try:
            os.replace(file, target)  # noqa: PTH105  # the call the fault tests inject into
        except PermissionError:
            if os.name != "nt" or attempt == _ATTEMPTS - 1:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def sync_folder(folder: Path) -> None:
    """Make a new name survive a power cut; the content is already safe, so best effort."""
    if os.name == "nt":
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sweep_leftovers(folder: Path) -> None:
    """Remove temporary files of xlplan runs that were killed."""
    for file in folder.glob(".xlplan-*.tmp"):
        with suppress(OSError):
            if _is_leftover(file):
                file.unlink()


def _is_leftover(file: Path) -> bool:
    _, mark, pid, *_ = [*file.name.split("-"), "", ""]
    if mark == host_mark():
        return not (pid.isascii() and pid.isdigit() and is_running(int(pid)))
    return time.time() - file.stat().st_mtime > _FOREIGN_LEFTOVER_SECONDS


def _write_all(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest[:_CHUNK]) :]


def _keep_mode(handle: int, target: Path) -> None:
    """Give the new file the mode and, where allowed, the owner of the old one."""
    try:
        old = target.stat()
    except FileNotFoundError:
        return
    if hasattr(os, "fchown"):
        with suppress(OSError):
            os.fchown(handle, old.st_uid, old.st_gid)
    if hasattr(os, "fchmod"):
        with suppress(OSError):
            os.fchmod(handle, stat.S_IMODE(old.st_mode))
