"""What a file really is, by its bytes: platforms name HTML, CSV and UTF-16 text ``.xls``."""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.errors import FileError
from xlplan.record import record
from xlplan.regex import regex
from xlplan.sources.readers.raw import MAX_BYTES, Blob, file_too_big

if TYPE_CHECKING:
    import os

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: PDF, pictures, RTF and archives that are no zip.
_OTHERS = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"{\\rtf",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
)
#: The stream of an .xls, ``Workbook`` or ``Book`` in UTF-16; programs spell it in any case.
_BOOK_STREAM = regex(b"b\\0o\\0o\\0k\\0", re.IGNORECASE)
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
#: Whatever the zip reader raises on bytes that are no sound zip (found by flipping bytes).
ZIP_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError),
    *(ValueError, LookupError, RuntimeError, NotImplementedError),
)
#: What a character that could not be decoded becomes.
BROKEN = "\N{REPLACEMENT CHARACTER}"
#: Names of lock and temporary files that office programs leave beside a workbook.
_LEFTOVER = regex(r"~\$.*|\.~lock\..*#|\.~.*|~.*\.tmp", re.IGNORECASE)


#: The main part of a workbook → its kind, and what must stand beside it.
_MISSING = {
    "xl/workbook.xml": ("xlsx", "[Content_Types].xml"),
    "content.xml": ("ods", "mimetype"),
}


class Container(StrEnum):
    """The kinds of file that exports come in."""

    BIFF = "xls"
    OOXML = "xlsx"
    XLSB = "xlsb"
    ODS = "ods"
    ZIP = "zip"
    HTML = "html"
    XML = "xml"
    TEXT = "text"


@record
class Sniffed:
    """What the bytes say.

    Attributes:
        container: The real kind of file, whatever its name.
        encoding: Python codec of text files; empty for binary ones.
    """

    container: Container
    encoding: str = ""


def load(path: str | os.PathLike[str]) -> Blob:
    """Return the bytes of a file, within the caps; raise FileError when it cannot be read."""
    file = Path(path)
    if _LEFTOVER.fullmatch(file.name):
        raise FileError(
            f"「{file.name}」是办公软件的临时文件", remedy="请选原文件", code="leftover"
        )
    try:
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):
            what = "文件夹" if stat.S_ISDIR(found.st_mode) else "管道或设备，不是文件"
            raise FileError(
                f"「{file.name}」是{what}", remedy="请选一个表格文件", code="unreadable"
            )
        if found.st_size > MAX_BYTES:
            raise file_too_big(file.name, f"超过 {MAX_BYTES >> 20} MB")
        return Blob(file.name, file.read_bytes())
    except OSError as error:
        code = "missing" if isinstance(error, FileNotFoundError) else "unreadable"
        message = f"「{file.name}」{'不存在' if code == 'missing' else '读不出来'}"
        raise FileError(message, remedy="请检查路径和权限", code=code) from error


def sniff(path: str | os.PathLike[str]) -> Sniffed:
    """Say what kind of file `path` really is.

    Raises:
        FileError: Missing, empty, encrypted, or no kind of table (codes ``missing``,
            ``empty``, ``password``, ``unknown``, ``encoding``).
    """
    return sniff_bytes(load(path))


def sniff_bytes(blob: Blob) -> Sniffed:
    """`sniff` for bytes already at hand."""
    data = blob.data
    if not data.strip(b"\0 \r\n\t\xef\xbb\xbf\xff\xfe"):
        raise FileError(f"「{blob.name}」是空文件", remedy="请重新导出", code="empty")
    if data.startswith(_OLE):
        return _ole(blob)
    if data.startswith((b"\x09\x08", b"\x09\x02\x06", b"\x09\x04\x06")):
        return Sniffed(Container.BIFF)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Sniffed(_zip_kind(blob))
    if data.startswith(_OTHERS):
        raise no_table(blob.name)
    return _text(blob)


def _ole(blob: Blob) -> Sniffed:
    if "EncryptedPackage".encode("utf-16-le") in blob.data:
        raise FileError(f"「{blob.name}」有打开密码", remedy="请去掉密码后另存", code="password")
    if not _BOOK_STREAM.search(blob.data):
        raise no_table(blob.name)
    return Sniffed(Container.BIFF)


def _zip_kind(blob: Blob) -> Container:
    try:
        with zipfile.ZipFile(io.BytesIO(blob.data)) as archive:
            names = {info.filename.replace("\\", "/").lower() for info in archive.infolist()}
            start = archive.read("mimetype")[:80] if "mimetype" in names else b""
    except ZIP_ERRORS:
        return Container.ZIP
    if b"opendocument.spreadsheet" in start:
        return Container.ODS
    if "xl/workbook.bin" in names:
        return Container.XLSB
    if "[content_types].xml" in names:
        return Container.OOXML
    if lost := next((part for part in _MISSING if part in names), ""):
        raise FileError(
            f"「{blob.name}」已损坏：像是 {_MISSING[lost][0]}，却没有 {_MISSING[lost][1]}",
            remedy="请在 Excel 或 WPS 里打开，另存后再试",
            code="damaged",
        )
    return Container.ZIP


def _text(blob: Blob) -> Sniffed:
    encoding = encoding_of(blob)
    head = blob.data[:4096].decode(encoding, "ignore").lstrip("\ufeff \r\n\t").lower()
    if "urn:schemas-microsoft-com:office:spreadsheet" in head and "<html" not in head:
        return Sniffed(Container.XML, encoding)
    if re.match(r"<(!doctype html|html|table|meta|head|body|style|div)", head):
        return Sniffed(Container.HTML, encoding)
    if head.startswith("<?xml"):
        return Sniffed(Container.HTML if "<html" in head else Container.XML, encoding)
    return Sniffed(Container.TEXT, encoding)


def encoding_of(blob: Blob) -> str:
    """Return the codec of a text file: by BOM, else UTF-8, else GB18030, each checked in full.

    A few broken characters (exports cut buyers' emoji in half) are forgiven; the
    reader shows them, and a figure with one in it is refused.
    """
    for bom, codec in _BOMS:
        if blob.data.startswith(bom):
            return _checked(blob, (codec,))
    if b"\0" in blob.data[:4096]:
        odd, even = blob.data[1:4096:2], blob.data[0:4096:2]
        return _checked(blob, ("utf-16-le" if odd.count(0) > even.count(0) else "utf-16-be",))
    return _checked(blob, ("utf-8", "gb18030"))


def _checked(blob: Blob, codecs: tuple[str, ...]) -> str:
    flaws = {codec: blob.data.decode(codec, "replace").count(BROKEN) for codec in codecs}
    codec = min(codecs, key=lambda codec: flaws[codec])
    if flaws[codec] > max(3, len(blob.data) / 500):
        raise FileError(
            f"「{blob.name}」的文字编码认不出来（试过 UTF-8、GB18030、UTF-16）",
            remedy="请在 Excel 里另存为 xlsx 或“CSV UTF-8”",
            code="encoding",
        )
    text = blob.data[:8192].decode(codec, "replace")
    if sum(char < " " and char not in "\t\r\n\f\0" for char in text[:4096]) > 8:
        raise no_table(blob.name)
    return codec


def no_table(name: str) -> FileError:
    """Return the refusal of bytes that are no table at all."""
    return FileError(
        f"「{name}」不是表格文件", remedy="请选 xlsx、xls、csv 或它们的 zip", code="unknown"
    )
