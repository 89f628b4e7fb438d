"""The looks of one workbook put into another: what is there stays, what comes is appended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xlplan.errors import StructureError
from xlplan.record import bundle
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

_CHILD = {
    name: re.compile(rf"<{name}\b(?:[^<>]*/>|[^<>]*>.*?</{name}>)".encode(), re.DOTALL)
    for name in ("font", "fill", "border", "xf", "dxf", "numFmt", "cellStyle")
}
_COUNT = regex(rb'\scount="[0-9]+"')
#: In the order of the part (ECMA-376 part 1, 18.8.39).
_ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs")
_FIRST_OWN_FORMAT = 164


@bundle
class Looks:
    """A stylesheet with another's looks in it.

    Attributes:
        data: The part.
        cells: Cell format of the other → of this one.
        conditions: Conditional format of the other → of this one.
    """

    data: bytes
    cells: Mapping[int, int]
    conditions: Mapping[int, int]


def merged_styles(data: bytes, other: bytes) -> Looks:
    """Return a styles part with the looks of another workbook's.

    Raises:
        StructureError: The part is written in an uncommon way.
    """
    if b"<styleSheet" not in data or b"<cellXfs" not in data:
        raise StructureError(
            "这个文件的样式写法少见，不能补上新的行和表", "请用 Excel 打开，另存一次再试"
        )
    sheet = _Sheet(data)
    new = _Sheet(other)
    places = {name: sheet.append(name, new.items(name)) for name in ("fonts", "fills", "borders")}
    formats = _formats(sheet, new)
    named = _named(sheet, new)
    start = len(sheet.items("cellXfs"))
    sheet.append("cellXfs", [_cell_format(item, places, formats, named) for item in new.items("cellXfs")])  # fmt: skip
    first = sheet.append("dxfs", new.items("dxfs"))
    cells = {number: start + number for number in range(len(new.items("cellXfs")))}
    conditions = {number: first + number for number in range(len(new.items("dxfs")))}
    return Looks(sheet.data, cells, conditions)


class _Sheet:
    """A styles part, list by list."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def _list(self, name: str) -> re.Match[bytes] | None:
        return re.search(rf"<{name}\b[^<>]*?(?:/>|>(.*?)</{name}>)".encode(), self.data, re.DOTALL)

    def items(self, name: str) -> list[bytes]:
        """Return the elements of a list."""
        found = self._list(name)
        child = "xf" if name in ("cellXfs", "cellStyleXfs") else name.removesuffix("s")
        return _CHILD[child].findall(found[1]) if found and found[1] else []

    def append(self, name: str, new: list[bytes]) -> int:
        """Append elements to a list; return the place of the first of them."""
        there = self.items(name)
        if new:
            count = b' count="%d"' % (len(there) + len(new))
            body = b"<%b%b>%b%b</%b>" % (name.encode(), count, b"".join(there), b"".join(new), name.encode())  # fmt: skip
            found = self._list(name)
            at = found.span() if found else (self._place(name),) * 2
            self.data = self.data[: at[0]] + body + self.data[at[1] :]
        return len(there)

    def _place(self, name: str) -> int:
        """Return where a list that is not there belongs."""
        for before in reversed(_ORDER[: _ORDER.index(name)]):
            found = self._list(before)
            if found:
                return found.end()
        return re.search(rb"<styleSheet\b[^<>]*>", self.data).end()  # type: ignore[union-attr]


def _attribute(item: bytes, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"'.encode(), item)
    return found[1].decode() if found else ""


def _with(item: bytes, name: str, value: int) -> bytes:
    pattern = rf'(\s{name}=")[0-9]+(")'.encode()
    return re.sub(pattern, lambda m: m[1] + str(value).encode() + m[2], item, count=1)


def _formats(sheet: _Sheet, new: _Sheet) -> dict[int, int]:
    """Give the other's number formats numbers of their own; return them."""
    used = [int(_attribute(item, "numFmtId")) for item in sheet.items("numFmts")]
    free = max([_FIRST_OWN_FORMAT - 1, *used]) + 1
    found, items = {}, []
    for number, item in enumerate(new.items("numFmts"), start=free):
        found[int(_attribute(item, "numFmtId"))] = number
        items.append(_with(item, "numFmtId", number))
    sheet.append("numFmts", items)
    return found


def _named(sheet: _Sheet, new: _Sheet) -> dict[int, int]:
    """Return the named styles of the other by what they are called here; unknown ones are Normal."""
    here = {_attribute(item, "name"): int(_attribute(item, "xfId") or 0) for item in sheet.items("cellStyles")}  # fmt: skip
    return {
        int(_attribute(item, "xfId") or 0): here.get(_attribute(item, "name"), 0)
        for item in new.items("cellStyles")
    }


def _cell_format(
    item: bytes, places: Mapping[str, int], formats: Mapping[int, int], named: Mapping[int, int]
) -> bytes:
    for name, key in (("fonts", "fontId"), ("fills", "fillId"), ("borders", "borderId")):
        item = _with(item, key, int(_attribute(item, key) or 0) + places[name])
    number = int(_attribute(item, "numFmtId") or 0)
    item = _with(item, "numFmtId", formats.get(number, number))
    return _with(item, "xfId", named.get(int(_attribute(item, "xfId") or 0), 0))
