"""The one way any file is written: at every moment it is the old file or the new one.

Temporary file in the same folder, fsync, replace, fsync of the folder. The libraries
truncate their target first; a full disk or a crash then leaves neither.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.errors import FileError, Where
from xlplan.ooxml.backups import keep_backup, prune_backups
from xlplan.ooxml.inuse import require_free
from xlplan.ooxml.oserrors import said_clearly
from xlplan.ooxml.processes import host_mark, is_running
from xlplan.ooxml.runlock import book_lock

if TYPE_CHECKING:
    from collections.abc import Iterator

_BINARY = getattr(os, "O_BINARY", 0)
_FOREIGN_LEFTOVER_SECONDS = 24 * 3600
_ATTEMPTS = 4
_PAUSE_SECONDS = 0.1
_CHUNK = 1 << 22
KEEP_BACKUPS = 10


def durable_replace(
    path: str | Path,
    data: bytes,
    *,
    backup: bool = True,
    expected_sha256: str | None = None,
    keep_backups: int = KEEP_BACKUPS,
) -> Path | None:
    """Replace a file's content, or create the file, so that it is never half written.

    Mode and owner are kept; a symbolic link stays and its target is replaced; of a file
    with several hard links only this name gets the new content.

    Args:
        path: The file.
        data: Its whole new content.
        backup: Keep a dated copy of the old content in the folder ``备份`` beside it.
        expected_sha256: Digest of the content the caller started from; anything else on
            disk is refused.
        keep_backups: How many copies to keep.

    Returns:
        The backup made, or None.

    Raises:
        FileError: ``in_use``, ``changed``, ``missing``, ``disk_full``, ``read_only`` or
            ``write_failed``; the file is as it was.
    """
    target = Path(os.path.realpath(path))
    with book_lock(target), said_clearly(target):
        require_free(target)
        sweep_leftovers(target.parent)
        old = _current(target, expected_sha256)
        _require_writable(target, exists=old is not None)
        with _temporary(target, data) as temporary:
            made = keep_backup(target, old, write_new) if backup and old is not None else None
            with _undone_on_error(made):
                _require_unchanged(target, old)
                _replace(temporary, target)
        _sync_folder(target.parent)
        if made is not None:
            prune_backups(target, keep_backups)
    return made


def create_new(path: str | Path, data: bytes) -> None:
    """Write a file that must not exist yet; FileError ``exists`` if it does.

    Raises:
        FileError: Also as for `durable_replace`.
    """
    target = Path(os.path.realpath(path))
    with book_lock(target), said_clearly(target):
        sweep_leftovers(target.parent)
        if target.exists():
            raise _exists(target)
        write_new(target, data)


def write_new(target: Path, data: bytes) -> None:
    """Write a file of a name that is free, whole or not at all (OSError if it fails)."""
    with _temporary(target, data) as temporary:
        try:
            os.link(temporary, target)
        except FileExistsError:
            raise _exists(target) from None
        except OSError:  # a file system without hard links
            if target.exists():
                raise _exists(target) from None
            _replace(temporary, target)
    _sync_folder(target.parent)


def sweep_leftovers(folder: Path) -> None:
    """Remove temporary files of xlplan runs that were killed."""
    for file in folder.glob(".xlplan-*.tmp"):
        _, mark, pid, *_ = [*file.name.split("-"), "", ""]
        with suppress(OSError):
            if mark == host_mark():
                left = not (pid.isascii() and pid.isdigit() and is_running(int(pid)))
            else:
                left = time.time() - file.stat().st_mtime > _FOREIGN_LEFTOVER_SECONDS
            if left:
                file.unlink()


def _current(target: Path, expected_sha256: str | None) -> bytes | None:
    """Return what is on disk now, None if nothing; FileError ``changed`` if not as expected."""
    try:
        old = target.read_bytes()
    except FileNotFoundError:
        if expected_sha256 is not None:
            raise
        return None
    if expected_sha256 is not None and hashlib.sha256(old).hexdigest() != expected_sha256:
        raise _changed(target)
    return old


def _require_unchanged(target: Path, old: bytes | None) -> None:
    """Look once more, right before the replacement."""
    if _current(target, None) != old:
        raise _changed(target)


def _require_writable(target: Path, *, exists: bool) -> None:
    """Refuse a read-only file, although replacing it would work."""
    if exists and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "read-only file")


@contextmanager
def _temporary(target: Path, data: bytes) -> Iterator[Path]:
    """Write a complete, synced temporary file beside the target; it is gone afterwards."""
    name = f".xlplan-{host_mark()}-{os.getpid()}-{secrets.token_hex(4)}.tmp"
    temporary = target.with_name(name)
    try:
        handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY, 0o666)
        try:
            _write_all(handle, data)
            _keep_mode(handle, target)
            os.fsync(handle)
        finally:
            os.close(handle)
        yield temporary
    finally:
        with suppress(OSError):
            temporary.unlink()


@contextmanager
def _undone_on_error(made: Path | None) -> Iterator[None]:
    """Remove the backup of a replacement that did not happen."""
    try:
        yield
    except BaseException:
        if made is not None:
            with suppress(OSError):
                made.unlink()
        raise


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


def _replace(temporary: Path, target: Path) -> None:
    """Put the file in place; on Windows a virus scanner may hold it for a moment."""
    for attempt in range(_ATTEMPTS if os.name == "nt" else 1):
        try:
            os.replace(temporary, target)  # noqa: PTH105  # the call the fault tests inject into
        except PermissionError:
            if os.name != "nt" or attempt == _ATTEMPTS - 1:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut; the content is already safe, so best effort."""
    if os.name == "nt":
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _changed(target: Path) -> FileError:
    when = ""
    with suppress(OSError):
        saved = time.localtime(target.stat().st_mtime)
        when = f"（{time.strftime('%Y-%m-%d %H:%M:%S', saved)} 保存）"
    return FileError(
        f"文件在读取之后被别人改过{when}，没有写入，以免盖掉对方的改动",
        remedy="请重新运行，程序会读取最新内容",
        where=Where(target.name),
        code="changed",
    )


def _exists(target: Path) -> FileError:
    return FileError("文件已经存在，没有覆盖", "请换一个文件名", Where(target.name), code="exists")
