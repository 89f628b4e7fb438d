"""Who has a workbook open: the owner files that Excel, WPS and LibreOffice lay beside it."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, NamedTuple

from xlplan.errors import FileError, Where

if TYPE_CHECKING:
    from pathlib import Path

_MOST = 4096
_NAME_BYTES = 55


class Owner(NamedTuple):
    """Who has it open, in which program, by which owner file."""

    name: str
    program: str
    file: Path


def find_owner(path: Path) -> Owner | None:
    """Return who has the workbook open according to the owner files beside it, or None.

    Layouts: Excel and WPS write the length and text of the user name, in the ANSI code
    page and from byte 55 on in UTF-16; LibreOffice writes comma-separated fields.
    """
    for file in (path.with_name(f"~${path.name}"), path.with_name(f"~${path.name[2:]}")):
        if _is_there(file):
            return Owner(_excel_user(_head(file)), "Excel", file)
    file = path.with_name(f".~lock.{path.name}#")
    if _is_there(file):
        return Owner(_libreoffice_user(_head(file)), "LibreOffice", file)
    file = path.with_name(f".~{path.name}")
    if _is_there(file):
        return Owner(_excel_user(_head(file)), "WPS", file)
    return None


def require_free(path: Path) -> None:
    """Raise FileError ``in_use`` if another program has the workbook open.

    On Windows an open workbook cannot be opened for writing, so an owner file beside a
    writable workbook was left by a crash and does not count. Elsewhere that cannot be
    told apart, and the owner file counts.
    """
    owner = find_owner(path)
    if owner is None or (os.name == "nt" and _is_writable(path)):
        return
    who = f"{owner.name} 用 " if owner.name else ""
    raise FileError(
        f"文件正被 {who}{owner.program} 打开，没有写入",
        remedy=f"请先关闭它；若确定没有人打开，请删除 {owner.file.name} 后再试",
        where=Where(path.name),
        code="in_use",
    )


def _is_there(file: Path) -> bool:
    try:
        return file.is_file()
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:  # no program could leave a mark of such a name
            raise
        return False


def _head(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(_MOST)
    except OSError:
        return b""


def _excel_user(data: bytes) -> str:
    wide = data[_NAME_BYTES:]
    if len(wide) > 2:
        count = int.from_bytes(wide[:2], "little")
        name = wide[2 : 2 + 2 * count].decode("utf-16-le", "ignore").strip("\0 ")
        if name:
            return name
    return data[1 : 1 + data[0]].decode("gb18030", "ignore").strip("\0 ") if data else ""


def _libreoffice_user(data: bytes) -> str:
    fields = [field.strip() for field in data.decode("utf-8", "ignore").split(",")]
    return next((field for field in fields[:3] if field), "")


def _is_writable(path: Path) -> bool:
    try:
        with path.open("r+b"):
            return True
    except OSError:
        return False
