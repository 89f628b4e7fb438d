"""The shared string table: rich text flattened, phonetic guides dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.ooxml.cells import unescape, unescape_excel
from xlplan.ooxml.limits import file_too_big
from xlplan.ooxml.safexml import MAIN_NAMESPACES, parse_xml, plain_text
from xlplan.ooxml.sniff import damaged_package
from xlplan.regex import regex

if TYPE_CHECKING:
    from xlplan.ooxml.limits import ReadLimits
    from xlplan.ooxml.package import Package
    from xlplan.ooxml.safexml import Attributes

_SPACE = r'(?: xml:space="preserve")?'
_PLAIN = regex(rf"<si><t{_SPACE}>([^<]*)</t></si>|<si>(<t{_SPACE}/>)</si>|\s+|([\s\S])")
_IS_ODD = 3
_HEAD = regex(r'\s*(?:<\?xml [^<>]*\?>\s*)?<sst xmlns="([^"<>]*)"(?: [\w:]+="[^"<>]*")*>')


def read_strings(package: Package, part: str) -> list[str]:
    """Return all shared strings in order; FileError for what is damaged or too big."""
    data = package.read(part)
    quick = _read_plain(data)
    strings = _StringTable(part, package.limits).read(data) if quick is None else quick
    if len(strings) > package.limits.strings:
        raise file_too_big(f"共享字符串超过 {package.limits.strings:,} 条")
    longest = max(strings, key=len, default="")
    check_text(longest, part, package.limits)
    return strings


def check_text(text: str, where: str, limits: ReadLimits) -> None:
    """Refuse text longer than a cell can hold."""
    if len(text) > 2 * limits.text:
        raise damaged_package(f"{where} 中有超过 {limits.text:,} 个字符的文字")


def _read_plain(data: bytes) -> list[str] | None:
    """Read the common form (plain ``<si><t>``) in one scan, or return None for anything else."""
    text = plain_text(data)
    head = _HEAD.match(text) if text is not None else None
    if (
        text is None
        or head is None
        or head[1] not in MAIN_NAMESPACES
        or not text.rstrip().endswith("</sst>")
    ):
        return None
    strings: list[str] = []
    for found in _PLAIN.finditer(text, head.end(), text.rindex("</sst>")):
        if found.lastindex == _IS_ODD:
            return None
        if found.lastindex is not None:
            strings.append(found[1] or "")
    return _unescaped(strings)


def _unescaped(strings: list[str]) -> list[str] | None:
    try:
        return [unescape(text) if "&" in text or "_x" in text else text for text in strings]
    except ValueError:
        return None


class _StringTable:
    """The careful reading, by expat."""

    def __init__(self, part: str, limits: ReadLimits) -> None:
        self.part = part
        self.limits = limits
        self.strings: list[str] = []
        self.pieces: list[str] = []
        self.phonetic = 0
        self.in_text = False

    def read(self, data: bytes) -> list[str]:
        parse_xml([data], self.part, start=self.start, end=self.end, text=self.text)
        return self.strings

    def start(self, name: str, _attributes: Attributes) -> None:
        if name == "si":
            self.pieces = []
        elif name == "rPh":
            self.phonetic += 1
        self.in_text = name == "t" and not self.phonetic

    def end(self, name: str) -> None:
        if name == "si":
            self.strings.append(unescape_excel("".join(self.pieces)))
            if len(self.strings) > self.limits.strings:
                raise file_too_big(f"共享字符串超过 {self.limits.strings:,} 条")
        elif name == "rPh":
            self.phonetic -= 1
        self.in_text = False

    def text(self, text: str) -> None:
        if self.in_text:
            self.pieces.append(text)
