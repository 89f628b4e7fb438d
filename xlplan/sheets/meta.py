"""_元数据: what the book says about itself, as key and value rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import Cell, Page, Span
from xlplan.errors import StructureError, Where

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Seen, Spot

SHEET = "_元数据"
#: Layout version; a book of another version is named, never guessed at.
SCHEMA = "2"


def meta_page(values: Mapping[str, str]) -> Page:
    """Return the hidden page."""
    page = Page(SHEET, hidden=True)
    page.cells.update(meta_cells({"schema": SCHEMA, **values}))
    page.columns |= {1: Span(18), 2: Span(60)}
    return page


def meta_cells(values: Mapping[str, str]) -> dict[Spot, Cell]:
    """Return the cells of the rows."""
    cells: dict[Spot, Cell] = {}
    for row, (key, value) in enumerate(values.items(), start=1):
        cells[row, 1], cells[row, 2] = Cell(key), Cell(value)
    return cells


def read_meta(cells: Mapping[Spot, Seen], file: str = "") -> dict[str, str]:
    """Return the key and value rows.

    Raises:
        StructureError: The rows are of another layout version.
    """
    found = {
        str(seen.value): str(cells[row, 2].value) if (row, 2) in cells else ""
        for (row, column), seen in cells.items()
        if column == 1 and seen.value is not None
    }
    if found.get("schema") != SCHEMA:
        version = found.get("schema", "未知")
        raise StructureError(
            f"这个文件是版本 {version} 的计划表，本程序支持版本 {SCHEMA}",
            remedy="请用生成它的 xlplan 版本打开，或重新运行 xlplan new 生成后导入",
            where=Where(file, SHEET),
        )
    return found
