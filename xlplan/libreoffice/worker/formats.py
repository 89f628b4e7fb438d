"""How cells look: number formats, colours, fonts, alignment, sizes, merging."""

from __future__ import annotations

import re
from typing import Any, List, Optional

import uno

from .desk import CellArea, Desk, operation

_MIXED = uno.Enum("com.sun.star.beans.PropertyState", "AMBIGUOUS_VALUE")
_DATE_OR_TIME = 6
_KEEP = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|[^"\[\\]+')
_SEEN = 200  # rows or columns looked at to tell whether a property is the same in all


def format_key(document: Any, code: str) -> int:
    """The number of a number format code (English) in a document, made if new."""
    formats, english = document.getNumberFormats(), uno.createUnoStruct("com.sun.star.lang.Locale")
    english.Language, english.Country = "en", "US"
    key = formats.queryKey(code, english, False)
    return int(formats.addNew(code, english) if key == -1 else key)


@operation
def number_format(desk: Desk, sheet: int, area: CellArea) -> Optional[str]:
    """The code of an area; None when mixed."""
    cells = desk.cells(sheet, area)
    if cells.getPropertyState("NumberFormat") == _MIXED:
        return None
    found = desk.document_of(sheet).getNumberFormats().getByKey(cells.NumberFormat)
    code = found.FormatString.replace("常规", "General").replace("[H]", "[h]")
    return _lower(code) if found.Type & _DATE_OR_TIME else code


def _lower(code: str) -> str:
    """Date codes come back in capitals; Excel writes them small. Texts and brackets stay."""
    made = (p if p[0] in '"[\\' else p.lower().replace("am/pm", "AM/PM") for p in _KEEP.findall(code))
    return "".join(made)


@operation
def set_number_format(desk: Desk, sheet: int, area: CellArea, code: str) -> None:
    """Give an area a number format."""
    desk.cells(sheet, area).NumberFormat = format_key(desk.document_of(sheet), code)


@operation
def get_property(desk: Desk, sheet: int, area: CellArea, name: str) -> Any:
    """A cell property; enumerations as their name, None when mixed."""
    cells = desk.cells(sheet, area)
    if cells.getPropertyState(name) == _MIXED:
        return None
    value = cells.getPropertyValue(name)
    return getattr(value, "value", value)


@operation
def set_property(desk: Desk, sheet: int, area: CellArea, names: List[str], value: Any) -> None:
    """Set cell properties to a value; ``["enum", type, name]`` for enumerations."""
    made = uno.Enum(value[1], value[2]) if isinstance(value, list) else value
    cells = desk.cells(sheet, area)
    for name in names:
        cells.setPropertyValue(name, made)


@operation
def set_colors(desk: Desk, sheet: int, row: int, column: int, colors: Any) -> None:
    """Fill colours of a block, one per cell (None = leave, -1 = none)."""
    for down, line in enumerate(colors):
        for right, color in enumerate(line):
            if color is not None:
                desk.cell(sheet, row + down, column + right).CellBackColor = color


def _strips(desk: Desk, sheet: int, area: CellArea, axis: str) -> Any:
    cells = desk.cells(sheet, area)
    return cells.Columns if axis == "c" else cells.Rows


@operation
def get_strip(desk: Desk, sheet: int, area: CellArea, axis: str, name: str) -> Any:
    """A property of the rows ("r") or columns ("c") of an area; None when mixed."""
    strips = _strips(desk, sheet, area, axis)
    count = min(strips.Count, _SEEN)
    values = {strips.getByIndex(i).getPropertyValue(name) for i in range(count)}
    return values.pop() if len(values) == 1 else None


@operation
def set_strip(desk: Desk, sheet: int, area: CellArea, axis: str, name: str, value: Any) -> None:
    """Set a property of the rows or columns of an area."""
    _strips(desk, sheet, area, axis).setPropertyValue(name, value)


@operation
def place(desk: Desk, sheet: int, area: CellArea) -> List[int]:
    """Left, top, width, height in 1/100 mm."""
    cells = desk.cells(sheet, area)
    position, size = cells.Position, cells.Size
    return [position.X, position.Y, size.Width, size.Height]


@operation
def autofit(desk: Desk, sheet: int, area: CellArea, axis: Optional[str]) -> None:
    """Fit columns ("c"), rows ("r") or both to their contents."""
    cells = desk.cells(sheet, area)
    if axis in ("c", None):
        cells.Columns.OptimalWidth = True
    if axis in ("r", None):
        cells.Rows.OptimalHeight = True


@operation
def merge_cells(desk: Desk, sheet: int, area: CellArea, flag: bool) -> None:
    """Merge or unmerge an area."""
    cells = desk.cells(sheet, area)
    cells.merge(False)  # what was merged inside would stay so
    if flag:
        cells.merge(True)


@operation
def merged(desk: Desk, sheet: int, area: CellArea) -> Any:
    """Whether an area is merged, and the merged area its first cell belongs to."""
    from .desk import area_of

    first = desk.cells(sheet, (area[0], area[1], 1, 1))
    cursor = desk.sheet(sheet).createCursorByRange(first)
    cursor.collapseToMergedArea()
    return bool(desk.cells(sheet, area).IsMerged), area_of(cursor.RangeAddress)


@operation
def group(desk: Desk, sheet: int, area: CellArea, axis: str, flag: bool) -> None:
    """Put rows or columns under an outline, or take them out."""
    orientation = uno.Enum("com.sun.star.table.TableOrientation", "COLUMNS" if axis == "c" else "ROWS")
    page, address = desk.sheet(sheet), desk.cells(sheet, area).RangeAddress
    page.group(address, orientation) if flag else page.ungroup(address, orientation)
