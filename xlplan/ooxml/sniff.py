"""What a file really is, by its bytes: exports are often named .xls or .xlsx and are neither."""

from __future__ import annotations

from enum import StrEnum

from xlplan.errors import FileError

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_XML_2003 = b"urn:schemas-microsoft-com:office:spreadsheet"


class FileKind(StrEnum):
    """Kinds of files told apart by their first bytes; the value is what users read."""

    ZIP = "压缩包（.xlsx 的外壳）"
    ENCRYPTED = "加密的 Excel 文件"
    OLE = "旧版 Excel（.xls）文件"
    HTML = "网页（HTML）表格"
    XML_2003 = "Excel 2003 XML 表格"
    UTF16 = "UTF-16 文本"
    EMPTY = "空文件"
    TEXT = "文本（CSV 等）文件"
    UNKNOWN = "未知格式的文件"


def file_kind(data: bytes) -> FileKind:
    """Return the kind of a file from its content (the whole content, for encrypted files)."""
    if data[:8] == OLE_MAGIC:
        return FileKind.ENCRYPTED if _ENCRYPTED in data else FileKind.OLE
    if data[:4] in (ZIP_MAGIC, _EMPTY_ZIP):
        return FileKind.ZIP
    head = data[:4096]
    if not head.strip(b"\0 \r\n\t"):
        return FileKind.EMPTY
    return _sniff_text(head)


def _sniff_text(head: bytes) -> FileKind:
    low = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if low.startswith(b"<") and any(
        tag in low for tag in (b"<html", b"<table", b"<!doctype html")
    ):
        return FileKind.HTML
    if _XML_2003 in low:
        return FileKind.XML_2003
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return FileKind.UTF16
    return FileKind.UNKNOWN if b"\0" in head else FileKind.TEXT


def require_zip(data: bytes) -> None:
    """Raise the `FileError` that fits a file that is no .xlsx package."""
    kind = file_kind(data)
    if kind is FileKind.ENCRYPTED:
        raise FileError(
            "文件有打开密码，无法读取",
            remedy="请在 Excel 中打开，用“文件 › 信息 › 保护工作簿”清空密码后另存",
            code="password",
        )
    if kind is FileKind.OLE:
        raise FileError(
            "这是旧版 Excel（.xls）格式，只是扩展名像 .xlsx",
            remedy="请在 Excel 中打开，另存为“Excel 工作簿（.xlsx）”",
            code="old_xls",
        )
    if kind is not FileKind.ZIP:
        raise not_excel(f"这不是 Excel 工作簿，而是{kind}")


def not_excel(message: str) -> FileError:
    """Return the refusal of something that is not an .xlsx or .xlsm workbook."""
    return FileError(message, remedy="请选择 .xlsx 或 .xlsm 工作簿", code="not_excel")


def damaged_package(what: str) -> FileError:
    """Return the refusal of a package whose content contradicts itself."""
    return FileError(
        f"文件已损坏：{what}",
        remedy="请用 Excel 打开并修复后另存，或换用备份文件夹中的上一份",
        code="damaged",
    )
