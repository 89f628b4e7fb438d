"""One way to read XML: expat, no DTD, bounded depth, names without prefixes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from xml.parsers import expat

from xlplan.errors import FileError
from xlplan.ooxml.sniff import damaged_package

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Attributes = dict[str, str]

#: SpreadsheetML, transitional and strict; their elements are reported by local name alone.
MAIN_NAMESPACES = frozenset(
    {
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://purl.oclc.org/ooxml/spreadsheetml/main",
    }
)
#: Namespaces of the ``r:id`` attribute.
RELATION_NAMESPACES = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_KNOWN = MAIN_NAMESPACES | {_RELS, _TYPES}
_DEPTH = 64
_CONTROLS = bytes({*range(32)} - {0x9, 0xA})
_NONCHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_DOCTYPES = tuple("<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))


def parse_xml(
    chunks: Iterable[bytes],
    part: str,
    *,
    start: Callable[[str, Attributes], None] | None = None,
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Parse one part and report its elements.

    Names in SpreadsheetML and the package namespaces come without namespace, all
    others as ``uri}name``; attributes likewise (``r:id`` → see `relation_id`).

    Raises:
        FileError: ``unsafe_xml`` for any DTD, ``damaged`` for what is not well-formed.
    """
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = lambda *_: _refuse_dtd(part)
    parser.StartElementHandler, parser.EndElementHandler = _handlers(part, start, end)
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise damaged_package(f"{part} 不是有效的 XML（{error}）") from error


def _handlers(
    part: str,
    start: Callable[[str, Attributes], None] | None,
    end: Callable[[str], None] | None,
) -> tuple[Callable[[str, Attributes], None], Callable[[str], None]]:
    depth = 0

    def on_start(name: str, attributes: Attributes) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEPTH:
            raise damaged_package(f"{part} 的元素嵌套过深")
        if start is not None:
            start(_local(name), attributes)

    def on_end(name: str) -> None:
        nonlocal depth
        depth -= 1
        if end is not None:
            end(_local(name))

    return on_start, on_end


@lru_cache(maxsize=1024)
def _local(name: str) -> str:
    space, mark, local = name.partition("}")
    return local if mark and space in _KNOWN else name


def relation_id(attributes: Attributes, name: str = "id") -> str | None:
    """Return the value of ``r:id`` (or another ``r:`` attribute), transitional or strict."""
    for space in RELATION_NAMESPACES:
        found = attributes.get(f"{space}}}{name}")
        if found is not None:
            return found
    return None


def plain_text(data: bytes) -> str | None:
    """Return a part as text if a regular expression can read it, else None.

    That is: `valid_text` without anything that `is_plain` refuses.
    """
    text = valid_text(data)
    return text if text is not None and is_plain(text) else None


def valid_text(data: bytes) -> str | None:
    """Return UTF-8 as text, None if there is a carriage return or what XML forbids in it."""
    if len(data.translate(None, _CONTROLS)) != len(data):
        return None
    # a single byte is found ten times faster than two, so it is asked first
    if b"\xef" in data and b"\xef\xbf" in data and any(mark in data for mark in _NONCHARACTERS):
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def is_plain(text: str) -> bool:
    """Whether there is no comment, no CDATA, and no instruction but the XML declaration."""
    return "<!" not in text and text.count("<?") <= 1


def has_doctype(head: bytes) -> bool:
    """Whether the beginning of a part declares a document type, in any common encoding."""
    return any(mark in head for mark in _DOCTYPES)


def _refuse_dtd(part: str) -> None:
    raise unsafe(part)


def unsafe(part: str) -> FileError:
    """Return the refusal of a part with a document type declaration (forbidden by OPC)."""
    return FileError(
        f"文件不安全：{part} 含有 DTD 声明，正常的 Excel 文件没有它",
        remedy="请勿打开该文件，并向来源确认",
        code="unsafe_xml",
    )
