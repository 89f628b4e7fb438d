"""The one way any file is written: at every moment it is the old file or the new one.

Temporary file in the same folder, fsync, replace, fsync of the folder. The libraries
truncate their target first; a full disk or a crash then leaves neither.
"""

from __future__ import annotations

import errno
import hashlib
import os
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.errors import FileError, Where
from xlplan.ooxml.files.atomic import (
    put_in_place,
    sweep_leftovers,
    sync_folder,
    temporary,
    write_new,
)
from xlplan.ooxml.files.backups import FOLDER, keep_backup, prune_backups
from xlplan.ooxml.files.inuse import require_free
from xlplan.ooxml.files.oserrors import said_clearly
from xlplan.ooxml.files.runlock import book_lock

if TYPE_CHECKING:
    from collections.abc import Iterator

#: How many copies to keep, where somebody wants a number (`backups.prune_backups`).
KEEP_BACKUPS = "XLPLAN_BACKUPS"


def durable_replace(
    path: str | Path,
    data: bytes,
    *,
    backup: bool = True,
    expected_sha256: str | None = None,
    keep_backups: int | None = None,
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
        keep_backups: How many copies to keep; None for the number in the environment variable
            `KEEP_BACKUPS`, else for the usual thinning (`backups.prune_backups`).

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
        sweep_leftovers(target.parent / FOLDER)
        old = _current(target, expected_sha256)
        _require_writable(target, exists=old is not None)
        with temporary(target, data) as file:
            made = keep_backup(target, old) if backup and old is not None else None
            with _undone_on_error(made):
                _require_unchanged(target, old)
                put_in_place(file, target)
        sync_folder(target.parent)
        if made is not None:
            prune_backups(target, _wanted_backups() if keep_backups is None else keep_backups)
    return made


def _wanted_backups() -> int | None:
    text = os.environ.get(KEEP_BACKUPS, "").strip()
    return max(1, int(text)) if text.isdecimal() else None


def create_new(path: str | Path, data: bytes) -> None:
    """Write a file that must not exist yet; FileError ``exists`` if it does.

    Raises:
        FileError: Also as for `durable_replace`.
    """
    target = Path(os.path.realpath(path))
    with book_lock(target), said_clearly(target):
        sweep_leftovers(target.parent)
        try:
            write_new(target, data)
        except FileExistsError:
            raise exists(target) from None


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
def _undone_on_error(made: Path | None) -> Iterator[None]:
    """Remove the backup of a replacement that did not happen."""
    try:
        yield
    except BaseException:
        if made is not None:
            with suppress(OSError):
                made.unlink()
        raise


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


def exists(target: Path) -> FileError:
    """Return the refusal of a name that is taken."""
    return FileError("文件已经存在，没有覆盖", "请换一个文件名", Where(target.name), code="exists")
