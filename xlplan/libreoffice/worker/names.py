"""Defined names of a document ("doc", document) or a sheet ("sheet", sheet)."""

from __future__ import annotations

from typing import Any, List, Optional

from .desk import Desk, area_of, operation
from .grammar import prefixed, shown_text


def _collection(desk: Desk, kind: str, owner: int) -> Any:
    holder = desk.documents[owner] if kind == "doc" else desk.sheet(owner)
    return holder.NamedRanges


def _first_sheet(desk: Desk, kind: str, owner: int) -> int:
    return desk.sheet_at(owner if kind == "doc" else desk.sheets[owner][0], 0)


@operation
def defined_names(desk: Desk, document: int, sheet: Optional[int]) -> List[Any]:
    """Kind, owner and text of each name: of one sheet, or of the document with all its sheets."""
    if sheet is not None:
        return [("sheet", sheet, name) for name in _collection(desk, "sheet", sheet).ElementNames]
    made = [("doc", document, name) for name in _collection(desk, "doc", document).ElementNames]
    for index in range(desk.documents[document].Sheets.Count):
        made += defined_names(desk, document, desk.sheet_at(document, index))
    return made


@operation
def name_get(desk: Desk, kind: str, owner: int, name: str) -> Any:
    """What a name refers to (Excel's grammar), and ``[sheet, area…]`` when that is a range."""
    found = _collection(desk, kind, owner).getByName(name)
    sheet = _first_sheet(desk, kind, owner)
    text = desk.parser(sheet).printFormula(found.getTokens(), desk.origin(sheet, 1, 1))
    cells = found.getReferredCells()
    if cells is None:
        return "=" + shown_text(text), None
    where = desk.sheet_at(desk.sheets[sheet][0], cells.RangeAddress.Sheet)
    return "=" + shown_text(text), [where, *area_of(cells.RangeAddress)]


@operation
def name_set(desk: Desk, kind: str, owner: int, name: str, refers_to: str) -> None:
    """Define a name, or change what it refers to."""
    found, sheet = _collection(desk, kind, owner), _first_sheet(desk, kind, owner)
    place = desk.origin(sheet, 1, 1)
    if not found.hasByName(name):
        found.addNewByName(name, "0", place, 0)
    tokens = desk.parser(sheet).parseFormula(prefixed(refers_to.lstrip("=")), place)
    found.getByName(name).setTokens(tokens)


@operation
def name_rename(desk: Desk, kind: str, owner: int, old: str, new: str) -> None:
    """Rename a name."""
    _collection(desk, kind, owner).getByName(old).setName(new)


@operation
def name_delete(desk: Desk, kind: str, owner: int, name: str) -> None:
    """Remove a name."""
    _collection(desk, kind, owner).removeByName(name)
