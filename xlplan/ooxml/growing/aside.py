"""A sheet of a closed workbook put aside under another name: what people made of it still finds it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xlplan.ooxml.cells import unescape
from xlplan.ooxml.patching.writes import escape
from xlplan.regex import regex

if TYPE_CHECKING:
    from xlplan.ooxml.book import WorkbookPart

_SHEET = regex(rb"<sheet\b[^<>]*/>")
_TAB_NAME = regex(rb'\sname="([^"]*)"')
_VIEW = regex(rb"<workbookView\b[^<>]*>")
_NAME = regex(rb"<definedName\b[^<>]*>[^<]*</definedName>")
#: Elements that hold formulas, in sheets, names and charts.
_FORMULA = regex(rb"(<(?:\w+:)?(?:f|formula|formula1|formula2|definedName)\b[^<>]*>)([^<]+)(</)")


def put_aside(
    book: WorkbookPart, parts: dict[str, bytes], name: str, aside: str, own: bytes
) -> None:
    """Give a sheet another name and hide it; formulas that lead to it follow.

    Args:
        book: The workbook as it was.
        parts: Part → content, as changed so far; changed parts are put in.
        name: The sheet.
        aside: Its name from now on.
        own: How names that the program defines begin; those that lead to the sheet go, and come
            back with the sheet that takes its place.
    """

    def read(part: str) -> bytes:
        return parts.get(part) or book.package.read(part)

    shown, quoted = escape(name).encode(), re.escape(name)
    leads = re.compile(rf"(?:(?<![\w'.\]]){quoted}|'{quoted}')!")
    data = _without_own(read(book.part), leads, own)
    tab = next(tab for tab in _SHEET.findall(data) if _tab_name(tab) == name)
    hidden = re.sub(rb'\sstate="[^"]*"', b"", tab).replace(b"<sheet", b'<sheet state="hidden"', 1)
    said = b' name="%b"' % escape(aside).encode()
    parts[book.part] = data.replace(tab, _TAB_NAME.sub(lambda _: said, hidden, 1))
    sheet = book.sheet(name).part
    parts[sheet] = re.sub(rb'\stabSelected="[^"]*"', b"", read(sheet))
    for part in [info.filename for info in book.package.infos]:
        # some programs write Chinese as numbers: &#39318;
        if part.endswith(".xml") and (shown in (there := read(part)) or b"&#" in there):
            renamed = _FORMULA.sub(lambda found: _led(found, leads, aside), there)
            if renamed != there:
                parts[part] = renamed


def show_instead(book: WorkbookPart, parts: dict[str, bytes], name: str) -> None:
    """Let a workbook that shows a sheet put aside show the one in its place, which follows it."""
    data = parts[book.part]
    place = [_tab_name(tab) for tab in _SHEET.findall(data)].index(name) - 1
    parts[book.part] = _VIEW.sub(lambda found: _shown_next(found[0], place), data)


def _tab_name(tab: bytes) -> str:
    found = _TAB_NAME.search(tab)
    return unescape(found[1].decode()) if found else ""


def _without_own(data: bytes, leads: re.Pattern[str], own: bytes) -> bytes:
    def kept(found: re.Match[bytes]) -> bytes:
        refers = unescape(found[0].partition(b">")[2].partition(b"<")[0].decode())
        return b"" if b' name="%b' % own in found[0] and leads.match(refers) else found[0]

    return _NAME.sub(kept, data)


def _shown_next(view: bytes, place: int) -> bytes:
    """Return a view of the workbook that no longer shows the sheet, but the one that follows it."""
    for word in (b"activeTab", b"firstSheet"):
        found = re.search(rb'\s%b="([0-9]+)"' % word, view)
        if (int(found[1]) if found else 0) == place:
            view = view.replace(found[0], b"") if found else view
            view = view.replace(b"<workbookView", b'<workbookView %b="%d"' % (word, place + 1), 1)
    return view


def _led(found: re.Match[bytes], leads: re.Pattern[str], aside: str) -> bytes:
    """Return a formula that leads to the sheet by its new name; texts in it stay."""
    text = unescape(found[2].decode())
    pieces = text.split('"')
    pieces[::2] = [leads.sub(lambda _: f"'{aside}'!", piece) for piece in pieces[::2]]
    renamed = '"'.join(pieces)
    return found[0] if renamed == text else found[1] + escape(renamed).encode() + found[3]
