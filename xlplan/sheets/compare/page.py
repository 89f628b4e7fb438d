"""版本对比: two versions side by side, level by level and then cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import Cell, Page, Span, State, Style
from xlplan.sheets.base import look

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Seen, Spot, Value

SHEET = "版本对比"
TITLE_SPOT, HEAD_ROW, FIRST_ROW = (1, 1), 4, 5
#: Money, counts and ratios in one column: ratios keep four digits. No conditions: with them
#: programs differ about the sign of what is below zero.
_AMOUNT = "#,##0.00##"
#: Head → (width, number format).
HEADS = {
    "层级": (8, "General"),
    "店铺": (16, "General"),
    "期间": (18, "General"),
    "指标": (16, "General"),
    "左": (16, _AMOUNT),
    "右": (16, _AMOUNT),
    "右 − 左": (16, _AMOUNT),
    "变化": (12, "0.00%"),
}


def compare_page() -> Page:
    """Return the sheet as it is before the first comparison."""
    page = Page(SHEET, tab="#9E9E9E", sortable=True)
    page.put(*TITLE_SPOT, "版本对比", look.TITLE)
    page.put(2, 1, "用“版本”按钮（xlplan version compare）比较两个版本；先按层级，后逐格，只列不同的。", look.HINT)  # fmt: skip
    for column, (head, (width, shown)) in enumerate(HEADS.items(), start=1):
        page.put(HEAD_ROW, column, head, look.HEAD)
        page.columns[column] = Span(width, style=Style(number=shown, border=False))
    page.rows |= {1: Span(28), HEAD_ROW: Span(22)}
    page.freeze = (FIRST_ROW, 1)
    page.pages_tall, page.repeat_rows = 0, (HEAD_ROW, HEAD_ROW)
    return page


def compare_cells(
    title: str, rows: Sequence[Sequence[Value]], there: Mapping[Spot, Seen]
) -> dict[Spot, Cell]:
    """Return the cells of a comparison in place of the one before."""
    top, head = compare_anchors(there).values()
    cells: dict[Spot, Cell] = {
        spot: Cell(None)
        for spot, seen in there.items()
        if spot[0] > head and seen.value is not None
    }
    cells[top, TITLE_SPOT[1]] = Cell(title)
    for number, row in enumerate(rows, start=head + 1):
        for column, (value, (_, shown)) in enumerate(
            zip(row, HEADS.values(), strict=True), start=1
        ):
            cells[number, column] = Cell(value, "", Style(State.DERIVED, number=shown))
    return cells


def compare_anchors(cells: Mapping[Spot, Seen]) -> dict[str, int]:
    """Return the rows of the title and the heads, wherever they were moved to."""
    first = sorted((row, str(seen.value)) for (row, column), seen in cells.items() if column == 1)
    top = next((row for row, text in first if text.startswith(SHEET)), TITLE_SPOT[0])
    head = next((row for row, text in first if text == next(iter(HEADS))), HEAD_ROW)
    return {"标题": top, "表头": head}
