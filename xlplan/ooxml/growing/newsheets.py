"""A whole sheet of another workbook put into a closed one, with its notes, charts and names."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Collection

    from xlplan.ooxml.book import WorkbookPart
    from xlplan.ooxml.growing.moving import NewSheet
    from xlplan.ooxml.growing.styles import Looks

_TYPES = "[Content_Types].xml"
_CELL_STYLE = regex(rb'(<(?:c|row)\b[^<>]*?\ss=")([0-9]+)(")')
_COL_STYLE = regex(rb'(<col\b[^<>]*?\sstyle=")([0-9]+)(")')
_DXF = regex(rb'(\sdxfId=")([0-9]+)(")')
_SHEET = regex(rb"<sheet\b[^<>]*/>")
_LOCAL = regex(rb'(\slocalSheetId=")([0-9]+)(")')
_TAB = regex(rb'(\s(?:activeTab|firstSheet)=")([0-9]+)(")')
_NAME = regex(rb"<definedName\b[^<>]*>[^<]*</definedName>")
_ROOT_PREFIX = regex(rb"<workbook\b[^<>]*\sxmlns:r=")
_RELATIONS = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TARGET = regex(rb'(\sTarget=")([^"]+)(")')


def put_sheet(  # noqa: PLR0913, PLR0917  # two workbooks and what goes from one to the other
    book: WorkbookPart,
    donor: WorkbookPart,
    parts: dict[str, bytes],
    added: dict[str, bytes],
    sheet: NewSheet,
    looks: Looks,
) -> None:
    """Put a sheet of a donor into a workbook.

    Args:
        book: The workbook.
        donor: The workbook that has the sheet.
        parts: Changed parts of the workbook.
        added: New parts.
        sheet: The sheet, and the one it follows.
        looks: The donor's looks in the workbook.
    """
    work = _Putting(book, donor, parts, added)
    source = donor.sheet(sheet.name).part
    target = work.copied(source)
    made = _CELL_STYLE.sub(lambda m: _numbered(m, looks.cells), added[target])
    made = _COL_STYLE.sub(lambda m: _numbered(m, looks.cells), made)
    made = _DXF.sub(lambda m: _numbered(m, looks.conditions), made)
    added[target] = re.sub(rb'\stabSelected="1"', b"", made)
    work.tell(sheet, target)


def _numbered(found: re.Match[bytes], places: object) -> bytes:
    return b"%b%d%b" % (found[1], places[int(found[2])], found[3])  # type: ignore[index]


class _Putting:
    """One sheet on its way."""

    def __init__(
        self,
        book: WorkbookPart,
        donor: WorkbookPart,
        parts: dict[str, bytes],
        added: dict[str, bytes],
    ) -> None:
        self.book, self.donor, self.parts, self.added = book, donor, parts, added

    def read(self, part: str) -> bytes:
        return self.parts.get(part) or self.book.package.read(part)

    def copied(self, part: str) -> str:
        """Copy a part and what it leads to under a free name; return that."""
        name = self._free(part)
        self.added[name] = self.donor.package.read(part)
        self._declare(part, name)
        folder, base = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{base}.rels")
        if rels in self.donor.package:
            data = self.donor.package.read(rels)
            for one in self.donor.package.relations(part).values():
                if one.part:
                    data = self._led(data, folder, self.donor.package.name(one.part))
            where, own = posixpath.split(name)
            self.added[posixpath.join(where, "_rels", f"{own}.rels")] = data
        return name

    def _led(self, data: bytes, folder: str, part: str) -> bytes:
        """Return relationships that lead to the copy of a part."""
        new = self.copied(part)

        def target(found: re.Match[bytes]) -> bytes:
            text = found[2].decode()
            whole = (
                posixpath.normpath(posixpath.join(folder, text)) if text[0] != "/" else text[1:]
            )
            if whole != part:
                return found[0]
            return found[1] + posixpath.relpath(new, folder).encode() + found[3]

        return _TARGET.sub(target, data)

    def _free(self, part: str) -> str:
        folder, base = posixpath.split(part)
        stem, _, ending = base.rpartition(".")
        stem = stem.rstrip("0123456789")
        number = 1
        while (
            name := f"{folder}/{stem}{number}.{ending}"
        ) in self.book.package or name in self.added:
            number += 1
        return name

    def _declare(self, part: str, name: str) -> None:
        """Tell the kind of a new part."""
        donor = self.donor.package.read(_TYPES)
        types = self.book.package.name(_TYPES)
        here = self.read(types)
        said = re.search(rb'<Override PartName="/%b" ContentType="([^"]+)"/>' % re.escape(part.encode()), donor)  # fmt: skip
        if said:
            new = b'<Override PartName="/%b" ContentType="%b"/>' % (name.encode(), said[1])
        else:
            ending = name.rpartition(".")[2].encode()
            kind = re.search(rb'<Default Extension="%b" ContentType="[^"]+"/>' % ending, donor)
            known = re.search(rb'Extension="%b"' % ending, here, re.IGNORECASE)
            new = kind[0] if kind and not known else b""
        at = here.rindex(b"</Types>") if said else here.index(b"<Default")
        self.parts[types] = here[:at] + new + here[at:]

    def tell(self, sheet: NewSheet, part: str) -> None:
        """Put the sheet into the workbook part, its names with it."""
        folder, base = posixpath.split(self.book.part)
        rels = self.book.package.name(posixpath.join(folder, "_rels", f"{base}.rels").lstrip("/"))
        links = self.read(rels)
        ids = {int(found) for found in re.findall(rb'\sId="rId([0-9]+)"', links)}
        link = b"rId%d" % (max(ids, default=0) + 1)
        kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
        target = posixpath.relpath(part, folder).encode()
        new = b'<Relationship Id="%b" Type="%b" Target="%b"/>' % (link, kind, target)
        at = links.rindex(b"</Relationships>")
        self.parts[rels] = links[:at] + new + links[at:]
        self.parts[self.book.part] = self._listed(sheet, link)

    def _listed(self, sheet: NewSheet, link: bytes) -> bytes:
        """Return the workbook part with the sheet in its place."""
        data = self.read(self.book.part)
        tabs = _SHEET.findall(data)
        names = [_said(tab, "name") for tab in tabs]
        place = names.index(sheet.after) + 1
        number = max(int(_said(tab, "sheetId")) for tab in tabs) + 1
        source = next(tab for tab in _SHEET.findall(self.donor.package.read(self.donor.part)) if _said(tab, "name") == sheet.name)  # fmt: skip
        made = re.sub(rb'\ssheetId="[0-9]+"', b' sheetId="%d"' % number, source)
        # some writers declare the prefix at each sheet and not at the root
        prefix = b"" if _ROOT_PREFIX.search(data) else b' xmlns:r="%b"' % _RELATIONS
        made = re.sub(rb'\sr:id="[^"]+"', b'%b r:id="%b"' % (prefix, link), made)
        after = tabs[place - 1]
        at = data.index(after) + len(after)

        def later(found: re.Match[bytes]) -> bytes:
            count = int(found[2])
            return b"%b%d%b" % (found[1], count + (count >= place), found[3])

        data = _TAB.sub(later, _LOCAL.sub(later, data[:at] + made + data[at:]))
        return self._named(data, sheet, place)

    def _named(self, data: bytes, sheet: NewSheet, place: int) -> bytes:
        """Put in the names that come with the sheet: its own, and those that lead to it."""
        donor = self.donor.package.read(self.donor.part)
        number = [_said(tab, "name") for tab in _SHEET.findall(donor)].index(sheet.name)
        new = []
        for name in _NAME.findall(donor):
            local = _LOCAL.search(name)
            mine = int(local[2]) == number if local else re.search(rf">'?{re.escape(sheet.name)}'?!".encode(), name)  # fmt: skip
            if mine and (local or f' name="{_said(name, "name")}"'.encode() not in data):
                new.append(_LOCAL.sub(lambda m: b"%b%d%b" % (m[1], place, m[3]), name))
        if not new:
            return data
        at = data.rfind(b"</definedNames>")
        if at >= 0:
            return data[:at] + b"".join(new) + data[at:]
        at = data.index(b"</sheets>") + len(b"</sheets>")
        return data[:at] + b"<definedNames>" + b"".join(new) + b"</definedNames>" + data[at:]


def hide_sheets(book: WorkbookPart, parts: dict[str, bytes], names: Collection[str]) -> None:
    """Hide sheets of a workbook; when one was in front, the first sheet is, and none is chosen with it."""
    data = parts.get(book.part) or book.package.read(book.part)
    tabs = _SHEET.findall(data)
    places = [place for place, tab in enumerate(tabs) if _said(tab, "name") in names]
    for place in places:
        tab = re.sub(rb'\sstate="[^"]*"', b"", tabs[place])
        data = data.replace(tabs[place], tab.replace(b"<sheet ", b'<sheet state="hidden" ', 1))
    shown = lambda found: found[1] + (b"0" if int(found[2]) in places else found[2]) + found[3]  # noqa: E731
    parts[book.part] = _TAB.sub(shown, data)
    for name in names:
        part = book.sheet(name).part
        there = parts.get(part) or book.package.read(part)
        if b'tabSelected="1"' in there:
            parts[part] = re.sub(rb'\stabSelected="1"', b"", there)


def _said(tag: bytes, attribute: str) -> str:
    found = re.search(rf'\s{attribute}="([^"]*)"'.encode(), tag)
    from xlplan.ooxml.cells import unescape

    return unescape(found[1].decode()) if found else ""
