"""Giving a cell the look of a named style while it keeps its own number format.

Locking a cell later must change how it looks, not what its number means: the derived
format takes font, fill, border and protection from the named style, and number format
and alignment from the format the cell has now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import quoteattr

from xlplan.errors import StructureError
from xlplan.ooxml.book import WorkbookPart
from xlplan.ooxml.package import Package
from xlplan.ooxml.patching.patch import rezip
from xlplan.ooxml.sniff import damaged_package
from xlplan.ooxml.stylesheet import Format, Stylesheet
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from xlplan.ooxml.limits import ReadLimits

    Wanted = tuple[int, str]

_FORMATS_END = regex(rb"</(?:(\w+):)?cellXfs\s*>")
_FORMATS_COUNT = regex(rb'(<(?:\w+:)?cellXfs\b[^<>]*?\scount=")([0-9]+)(")')
_FROM_STYLE = ("fontId", "fillId", "borderId")
_APPLIED = ("applyNumberFormat", "applyFont", "applyFill", "applyBorder", "applyProtection")


class _Look(NamedTuple):
    """What makes two cell formats the same for our purpose."""

    ids: tuple[int, ...]
    alignment: tuple[tuple[str, str], ...]
    protection: tuple[tuple[str, str], ...]


def named_style_index(styles: Stylesheet, name: str, base: int) -> int | None:
    """Return the style index that is `base` with the look of a named style, None if none is.

    Args:
        styles: The book's formats (`Workbook.styles`).
        name: The named style, such as ``xlplan_锁定``.
        base: Style index whose number format and alignment count.

    Raises:
        StructureError: If the book has no such style.
        IndexError: If `base` is no style index of the book.
    """
    return _find(styles, _look(_derived(styles, name, base)))


def derive_styles(
    data: bytes, wanted: Iterable[Wanted], *, limits: ReadLimits | None = None
) -> tuple[bytes, dict[Wanted, int]]:
    """Return the workbook with the formats asked for, and their style indexes.

    Args:
        data: The workbook's bytes.
        wanted: Pairs (base style index, style name), see `named_style_index`.
        limits: Caps on size and time.

    Returns:
        The bytes (the same object if no format had to be added) and pair → style index.

    Raises:
        StructureError: If the book has no such style.
        FileError: As for `open_workbook`.
    """
    package = Package(data, limits)
    part = WorkbookPart(package).related_part("styles")
    if part is None:
        raise damaged_package("工作簿没有样式部件")
    xml = package.read(part)
    styles = Stylesheet([xml], part)
    before = len(styles.cell_formats)
    found = {pair: _found_or_added(styles, *pair) for pair in dict.fromkeys(wanted)}
    added = styles.cell_formats[before:]
    if not added:
        return data, found
    return rezip(package, {package.name(part): _with_formats(xml, added)}), found


def _found_or_added(styles: Stylesheet, base: int, name: str) -> int:
    derived = _derived(styles, name, base)
    index = _find(styles, _look(derived))
    if index is None:
        index = len(styles.cell_formats)
        styles.cell_formats.append(derived)
    return index


def _derived(styles: Stylesheet, name: str, base: int) -> Format:
    style = styles.named_styles.get(name)
    if style is None or style >= len(styles.style_formats):
        raise StructureError(
            f"工作簿里没有单元格样式“{name}”", remedy="请用 xlplan 生成的工作簿，或补上该样式"
        )
    if not 0 <= base < len(styles.cell_formats):
        raise IndexError(f"style index {base} of {len(styles.cell_formats)}")
    own, named = styles.cell_formats[base], styles.style_formats[style]
    attributes = own.attributes | {key: str(named.number(key)) for key in _FROM_STYLE}
    attributes |= {"xfId": str(style)} | dict.fromkeys(_APPLIED, "1")
    return Format(attributes, own.alignment, named.protection)


def _look(form: Format) -> _Look:
    ids = tuple(form.number(key) for key in ("numFmtId", *_FROM_STYLE, "xfId"))
    return _Look(ids, form.alignment, form.protection)


def _find(styles: Stylesheet, look: _Look) -> int | None:
    same = (index for index, form in enumerate(styles.cell_formats) if _look(form) == look)
    return next(same, None)


def _with_formats(xml: bytes, added: list[Format]) -> bytes:
    end, count = _FORMATS_END.search(xml), _FORMATS_COUNT.search(xml)
    if end is None:
        raise damaged_package("样式部件里没有单元格格式")
    prefix = f"{end[1].decode()}:" if end[1] else ""
    new = "".join("".join(_xml(form, prefix)) for form in added).encode()
    xml = xml[: end.start()] + new + xml[end.start() :]
    if count is None:
        return xml
    total = b"%d" % (int(count[2]) + len(added))
    return xml[: count.start(2)] + total + xml[count.end(2) :]


def _xml(form: Format, prefix: str) -> Iterator[str]:
    yield f"<{prefix}xf{_marks(form.attributes.items())}>"
    if form.alignment:
        yield f"<{prefix}alignment{_marks(form.alignment)}/>"
    if form.protection:
        yield f"<{prefix}protection{_marks(form.protection)}/>"
    yield f"</{prefix}xf>"


def _marks(attributes: Iterable[tuple[str, str]]) -> str:
    return "".join(f" {key}={quoteattr(value)}" for key, value in attributes if "}" not in key)
