"""The cell formats of a workbook, as far as reading and restyling need them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from xlplan.ooxml.safexml import parse_xml
from xlplan.ooxml.sniff import damaged_package
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xlplan.ooxml.safexml import Attributes


class Format(NamedTuple):
    """One `<xf>`: its attributes, and those of its alignment and protection."""

    attributes: dict[str, str]
    alignment: tuple[tuple[str, str], ...] = ()
    protection: tuple[tuple[str, str], ...] = ()

    def number(self, name: str) -> int:
        """Return an id attribute such as ``fontId``; 0 where it is left out."""
        text = self.attributes.get(name, "0")
        return int(text) if text.isascii() and text.isdigit() else 0

    def with_part(self, name: str, attributes: dict[str, str]) -> Format:
        """Return the format with its alignment or protection set."""
        extra = tuple(sorted(attributes.items()))
        if name == "alignment":
            return self._replace(alignment=extra)
        return self._replace(protection=extra)


class Stylesheet:
    """What `styles.xml` declares.

    Attributes:
        cell_formats: cellXfs in order; a cell's style index points here.
        style_formats: cellStyleXfs in order; a named style points here.
        named_styles: Style name → index into `style_formats`.
        number_formats: Custom number formats by id.
    """

    def __init__(self, chunks: Iterable[bytes], part: str) -> None:
        self.cell_formats: list[Format] = []
        self.style_formats: list[Format] = []
        self.named_styles: dict[str, int] = {}
        self.number_formats: dict[int, str] = {}
        self._into: list[Format] | None = None
        try:
            parse_xml(chunks, part, start=self._start, end=self._end)
        except (ValueError, KeyError) as error:
            raise damaged_package(f"{part} 的样式编号不对") from error

    def _start(self, name: str, attributes: Attributes) -> None:
        if name in ("cellXfs", "cellStyleXfs"):
            self._into = self.cell_formats if name == "cellXfs" else self.style_formats
        elif name == "xf" and self._into is not None:
            self._into.append(Format(attributes))
        elif name in ("alignment", "protection") and self._into:
            self._into[-1] = self._into[-1].with_part(name, attributes)
        elif name == "numFmt" and "numFmtId" in attributes:
            self.number_formats[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif name == "cellStyle":
            self.named_styles[attributes.get("name", "")] = int(attributes["xfId"])

    def _end(self, name: str) -> None:
        if name in ("cellXfs", "cellStyleXfs"):
            self._into = None

    def number_format(self, style: int) -> str | None:
        """Return the custom number format of a style index, None for a built-in one."""
        if not 0 <= style < len(self.cell_formats):
            return None
        return self.number_formats.get(self.cell_formats[style].number("numFmtId"))

    def date_styles(self) -> frozenset[int]:
        """Return the style indexes whose number format shows a day."""
        return frozenset(
            index
            for index, form in enumerate(self.cell_formats)
            if is_date_format(form.number("numFmtId"), self.number_format(index))
        )


#: Built-in formats that show a day, the Chinese ones (27–36, 50–58) included.
_BUILTIN_DATES = frozenset({*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58})
_BUILTIN_LIMIT = 164
_LITERAL = regex(r'"[^"]*"?|\\.|_.|\*.')
_BRACKET = regex(r"\[[^\]]*\]")
_ELAPSED = regex(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_AM_PM = regex(r"am/pm|a/p|上午/下午", re.IGNORECASE)
_MINUTES = regex(r"(?<=h)[^a-z]*m{1,2}|m{1,2}(?=[^a-z]*s)", re.IGNORECASE)


def is_date_format(number: int, code: str | None) -> bool:
    """Whether format `number` (with `code` if it is a custom one) shows a calendar day.

    Clock times and elapsed times are not days. Weekday formats (``aaaa``,
    ``[$-804]aaaa``) and year-month formats are. Source: ECMA-376 part 1, 18.8.30.
    """
    if code is None:
        return number < _BUILTIN_LIMIT and number in _BUILTIN_DATES
    return _shows_day(code)


@lru_cache(maxsize=1024)
def _shows_day(code: str) -> bool:
    first = _LITERAL.sub("", code).split(";")[0]
    if _ELAPSED.search(first):
        return False
    bare = _AM_PM.sub("", _BRACKET.sub("", first)).lower()
    if "general" in bare or "g/通用" in bare:
        return False
    bare = _MINUTES.sub("", bare)
    return any(letter in bare for letter in "ydmaeg") and not re.search(r"[0#?]e[+-]", bare)
