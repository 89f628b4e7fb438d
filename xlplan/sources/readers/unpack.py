"""Any file of exports → its raw tables, whatever the container."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlplan.errors import FileError
from xlplan.sources.readers.containers import ZIP_ERRORS, Container, load, sniff_bytes
from xlplan.sources.readers.raw import (
    MAX_BYTES,
    MAX_CELLS,
    MAX_MEMBERS,
    Blob,
    Merge,
    Table,
    file_damaged,
    file_too_big,
)
from xlplan.sources.readers.shown import scale_of
from xlplan.sources.readers.textual import read_delimited
from xlplan.sources.text import NOT_CALCULATED

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Sequence

#: Readers of workbooks, loaded when one is there.
_WORKBOOKS = {
    Container.OOXML: ("xlplan.sources.readers.workbook", "read_workbook"),
    Container.ODS: ("xlplan.sources.readers.ods", "read_ods"),
    Container.XLSB: ("xlplan.sources.readers.xlsb", "read_xlsb"),
}
_CHILD = Path(__file__).with_name("child.py")
_CHILD_SECONDS = 20
_CHILD_MEMORY = 1 << 30
#: A sheet that only workbooks of this program have; what they plan must not come back as actuals.
OWN = "_元数据"
_IGNORED = ("__macosx/", ".ds_store", "thumbs.db")
_READABLE = (
    ".xls",
    ".xlsx",
    ".xlsm",
    ".xlsb",
    ".ods",
    ".csv",
    ".txt",
    ".tsv",
    ".html",
    ".htm",
    ".zip",
)


def tables(path: str | os.PathLike[str], refused: list[FileError] | None = None) -> list[Table]:
    """Return every table of a file: one per sheet, per HTML table, per file in a zip.

    Args:
        path: The file.
        refused: Gets what is wrong with single files of a zip, so that the others are read.

    Raises:
        FileError: Missing, empty, encrypted, file_damaged, too big, or no table at all; a plan
            book or store workbook of this program (``own_book``), which is no export.
    """
    return tables_of(load(path), refused)


def tables_of(
    blob: Blob, refused: list[FileError] | None = None, *, depth: int = 0
) -> list[Table]:
    """`tables` for bytes already at hand; a zip in a zip is the deepest that is opened."""
    found = sniff_bytes(blob)
    match found.container:
        case Container.TEXT:
            return [read_delimited(blob, found.encoding)]
        case Container.HTML | Container.XML:
            from xlplan.sources.readers.markup import read_markup

            return read_markup(blob, found.encoding)
        case Container.ZIP:
            members = _members(blob, depth)
            return [table for member in members for table in _inside(member, refused, depth)]
        case Container.BIFF:
            return _read_in_child(blob)
        case kind:
            module, reader = _WORKBOOKS[kind]
            return _named(blob, getattr(import_module(module), reader))


def _inside(member: Blob, refused: list[FileError] | None, depth: int) -> list[Table]:
    try:
        return tables_of(member, refused, depth=depth + 1)
    except FileError as error:
        if refused is None or error.code == "too_big":
            raise
        error.where = replace(error.where, file=member.name)
        refused.append(error)
        return []


def _named(blob: Blob, reader: Callable[[Blob], list[Table]]) -> list[Table]:
    """Read a workbook; what is wrong with it names the file."""
    try:
        found = reader(blob)
    except FileError as error:
        error.where = replace(error.where, file=blob.name)
        raise
    if not found:
        raise file_damaged(blob.name, "里没有一张工作表")
    return _foreign(found)


def _foreign(found: list[Table]) -> list[Table]:
    """Return the tables of a workbook unless it is one of this program's own."""
    if any(table.sheet == OWN for table in found):
        what = f"「{found[0].file}」是计划表或门店表，不是平台导出"
        remedy = "门店交回的表用 xlplan collect 收；去年的计划表用 xlplan version --do import"
        raise FileError(what, remedy=remedy, code="own_book")
    return found


def _read_in_child(blob: Blob) -> list[Table]:
    command = [sys.executable, "-P", str(_CHILD)]
    limits = [str(_CHILD_SECONDS), str(_CHILD_MEMORY), str(MAX_CELLS)]
    try:
        done = subprocess.run(  # noqa: S603  # our own script, no shell
            [*command, *limits],
            input=blob.data,
            capture_output=True,
            timeout=3 * _CHILD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise file_too_big(blob.name, "读取时间过长") from error
    if done.returncode == 4:
        raise FileError(f"「{blob.name}」有打开密码", remedy="请去掉密码后另存", code="password")
    if done.returncode == 5:
        raise file_damaged(blob.name, "已损坏或不是真正的表格")
    if done.returncode != 0:
        raise file_too_big(blob.name, "读取时超出时间或内存上限")
    return _from_json(blob.name, done.stdout)


def _from_json(name: str, text: bytes) -> list[Table]:
    book = json.loads(text)
    found = [_of_child(name, sheet, date1904=book["date1904"]) for sheet in book["sheets"]]
    if not found:
        raise file_damaged(name, "里没有一张工作表")
    return _foreign(found)


def _of_child(name: str, sheet: dict[str, Any], *, date1904: bool) -> Table:
    rows = sheet["rows"]
    for row, column in sheet.get("waiting", ()):
        rows[row] += [None] * (column + 1 - len(rows[row]))
        rows[row][column] = NOT_CALCULATED
    return Table(
        name, sheet["name"], rows, date1904,
        tuple(Merge(*block) for block in sheet.get("merges", ())),
        {
            (row, column): scale
            for row, column, code in sheet.get("formats", ())
            if (scale := scale_of(code, rows[row][column]))
        },
        sheet.get("hidden", False),
    )  # fmt: skip


def _members(blob: Blob, depth: int) -> Iterator[Blob]:
    if depth > 1:
        raise file_too_big(blob.name, "压缩包套压缩包")
    left = 4 * MAX_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(blob.data)) as archive:
            infos = [info for info in archive.infolist() if _is_export(info.filename)]
            if not infos:
                raise _nothing_in(blob.name, archive.namelist())
            if len(infos) > MAX_MEMBERS:
                raise file_too_big(blob.name, f"里有 {len(infos)} 个文件")
            for info in infos:
                data = _inflate(archive, info, blob.name)
                left -= len(data)
                if left < 0:
                    raise file_too_big(blob.name, "解压后过大")
                yield Blob(f"{blob.name}/{member_name(info)}", data)
    except ZIP_ERRORS as error:
        raise file_damaged(blob.name, "压缩包已损坏") from error


def _nothing_in(name: str, inside: Sequence[str]) -> FileError:
    """Return the refusal of a zip without a file that could be a table."""
    listed = "、".join(inside[:5]) + ("…" if len(inside) > 5 else "")
    return FileError(
        f"「{name}」里没有表格文件" + (f"（只有 {listed}）" if listed else "，是空的压缩包"),
        remedy="请放入 xlsx、xls、csv 等导出文件再压缩",
        code="unknown",
    )


def _inflate(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> bytes:
    if info.flag_bits & 1:
        raise FileError(f"「{name}」有解压密码", remedy="请解压后再导入", code="password")
    with archive.open(info) as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise file_too_big(name, f"里的「{member_name(info)}」解压后超过 {MAX_BYTES >> 20} MB")
    return data


def _is_export(name: str) -> bool:
    low = name.replace("\\", "/").lower()
    return low.endswith(_READABLE) and not any(mark in low for mark in _IGNORED)


def member_name(info: zipfile.ZipInfo) -> str:
    """Return the path of a zip member without ways out; without the UTF-8 flag it is that all the same, or GB18030.

    Info-ZIP and macOS write UTF-8 and do not say so; Chinese Windows writes GB18030.
    """
    name = info.filename
    if not info.flag_bits & 0x800:
        name = next(filter(None, (_decoded(name, codec) for codec in ("utf-8", "gb18030"))), name)
    steps = name.replace("\\", "/").split("/")
    return "/".join(step for step in steps if step not in ("", ".", ".."))


def _decoded(name: str, codec: str) -> str:
    """Return a name that the zip reader took for code page 437, "" when it is not of `codec`."""
    try:
        return name.encode("cp437").decode(codec)
    except UnicodeError:
        return ""
