"""The cell formats of a workbook, as far as reading and restyling need them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from xlplan.ooxml.numfmt import is_date_format
from xlplan.ooxml.safexml import parse
from xlplan.ooxml.sniff import damaged

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
            parse(chunks, part, start=self._start, end=self._end)
        except (ValueError, KeyError) as error:
            raise damaged(f"{part} 的样式编号不对") from error

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
