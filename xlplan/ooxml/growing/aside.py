"""A sheet of a closed workbook put aside under another name: what people made of it still finds it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xlplan.ooxml.patching.writes import escape
from xlplan.regex import regex

if TYPE_CHECKING:
    from xlplan.ooxml.book import WorkbookPart

_SHEET = regex(rb"<sheet\b[^<>]*/>")
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

    shown = escape(name).encode()
    data = _without_own(read(book.part), shown, own)
    tabs = _SHEET.findall(data)
    place = next(n for n, tab in enumerate(tabs) if b' name="%b"' % shown in tab)
    tab = tabs[place].replace(b' name="%b"' % shown, b' name="%b"' % escape(aside).encode())
    hidden = re.sub(rb'\sstate="[^"]*"', b"", tab).replace(b"<sheet", b'<sheet state="hidden"', 1)
    parts[book.part] = data.replace(tabs[place], hidden)
    sheet = book.sheet(name).part
    parts[sheet] = re.sub(rb'\stabSelected="[^"]*"', b"", read(sheet))
    for part in [info.filename for info in book.package.infos]:
        if part.endswith(".xml") and shown in (there := read(part)):
            renamed = _FORMULA.sub(lambda found: _led(found, escape(name), escape(aside)), there)
            if renamed != there:
                parts[part] = renamed


def show_instead(book: WorkbookPart, parts: dict[str, bytes], name: str) -> None:
    """Let a workbook that shows a sheet put aside show the one in its place, which follows it."""
    data = parts[book.part]
    names = [b' name="%b"' % escape(name).encode() in tab for tab in _SHEET.findall(data)]
    place = names.index(True) - 1
    parts[book.part] = _VIEW.sub(lambda found: _shown_next(found[0], place), data)


def _without_own(data: bytes, sheet: bytes, own: bytes) -> bytes:
    leads = re.compile(rb">'?%b'?!" % re.escape(sheet))

    def kept(found: re.Match[bytes]) -> bytes:
        mine = b' name="%b' % own in found[0] and leads.search(found[0])
        return b"" if mine else found[0]

    return _NAME.sub(kept, data)


def _shown_next(view: bytes, place: int) -> bytes:
    """Return a view of the workbook that no longer shows the sheet, but the one that follows it."""
    for word in (b"activeTab", b"firstSheet"):
        found = re.search(rb'\s%b="([0-9]+)"' % word, view)
        if (int(found[1]) if found else 0) == place:
            view = view.replace(found[0], b"") if found else view
            view = view.replace(b"<workbookView", b'<workbookView %b="%d"' % (word, place + 1), 1)
    return view


def _led(found: re.Match[bytes], sheet: str, aside: str) -> bytes:
    """Return a formula that leads to the sheet by its new name; texts in it stay."""
    quoted = re.escape(sheet)
    leads = re.compile(rf"(?:(?<![\w'.\]]){quoted}|(?:'|&apos;){quoted}(?:'|&apos;))!")
    text = found[2].decode()
    quote = "&quot;" if "&quot;" in text else '"'
    pieces = text.split(quote)
    pieces[::2] = [leads.sub(lambda _: f"'{aside}'!", piece) for piece in pieces[::2]]
    return found[1] + quote.join(pieces).encode() + found[3]
