"""The store selector above the month, year and split tables, and the room store names need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import Area, Cell, Validation
from xlplan.plan.year import TOTAL
from xlplan.sheets.base import look

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xlplan.cells import Page, Spot


def put_selector(
    page: Page, spot: Spot, scope: str, scopes: Sequence[str], *, columns: int = 1
) -> None:
    """Put the selector over `columns` merged columns and its label before it.

    Args:
        page: The page.
        spot: Cell of the selector.
        scope: The store (or 合计) shown.
        scopes: What may be chosen; with one store there is nothing to choose.
        columns: Columns it spans, so that a long store name is seen.
    """
    row, first = spot
    page.put(row, first - 1, "店铺", look.LABEL)
    page.put(row, first, scope, look.INPUT.but(bold=True, align="center"))
    for column in range(first + 1, first + columns):
        page.cells[row, column] = Cell(None, "", look.INPUT)
    if columns > 1:
        page.merges.append(Area(row, first, row, first + columns - 1))
    if len(scopes) > 1:
        message = f"请从下拉中选择店铺；“{TOTAL}”为各店之和"
        page.validations.append(Validation(Area(*spot, *spot), "list", look.STORES, "店铺", message))  # fmt: skip


def store_width(stores: Iterable[str], least: float) -> float:
    """Return a column width that shows the longest store name in full."""
    widths = (1.2 * sum(1 + (ord(sign) > 0x2E80) for sign in name) + 2 for name in stores)
    return max(least, *widths)
