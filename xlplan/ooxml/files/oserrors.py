"""Failures of the file system, said so that a shop keeper knows what to do."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from xlplan.errors import FileError, Where

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_BUSY = (errno.EBUSY, errno.ETXTBSY)
#: ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION of Windows.
_WINDOWS_BUSY = (32, 33)


@contextmanager
def said_clearly(path: Path) -> Iterator[None]:
    """Turn any OSError inside into a `FileError` about this file."""
    try:
        yield
    except OSError as error:
        raise file_error(error, path) from error


def file_error(error: OSError, path: Path) -> FileError:
    """Return the refusal for a failed file operation; the file is as it was before."""
    message, remedy, code = _explained(error)
    return FileError(f"{message}，原文件没有改动", remedy, Where(path.name), code=code)


def _explained(error: OSError) -> tuple[str, str, str]:
    if error.errno in _FULL:
        return "磁盘空间不足", "请清理磁盘后再试", "disk_full"
    if error.errno in _BUSY or getattr(error, "winerror", None) in _WINDOWS_BUSY:
        return "文件正被别的程序占用", "请关闭打开它的程序后再试", "in_use"
    if error.errno in _FORBIDDEN:
        return "没有写入权限（文件或文件夹是只读的）", "请取消只读，或换一个文件夹", "read_only"
    if error.errno == errno.ENOENT:
        return "文件或文件夹不在了", "请检查网络盘或文件夹是否还在", "missing"
    reason = error.strerror or type(error).__name__
    return f"写入失败（{reason}）", "请检查磁盘或网络盘后再试", "write_failed"
