"""Views and paper: freeze, gridlines, print area."""

from __future__ import annotations

from typing import Any, Callable, Optional

from .desk import CellArea, Desk, area_of, operation


def _viewed(desk: Desk, sheet: int, act: Callable[[Any], Any]) -> Any:
    """Do something with the view while it shows a sheet; then show the old one again."""
    view = desk.document_of(sheet).getCurrentController()
    before = view.getActiveSheet()
    view.setActiveSheet(desk.sheet(sheet))
    try:
        return act(view)
    finally:
        view.setActiveSheet(before)


@operation
def freeze(desk: Desk, sheet: int, columns: int, rows: int) -> None:
    """Freeze so many columns and rows; none = unfreeze."""
    _viewed(desk, sheet, lambda view: view.freezeAtPosition(columns, rows))


@operation
def gridlines(desk: Desk, sheet: int, flag: Optional[bool]) -> bool:
    """Whether the grid is shown, made so when a flag is given; LibreOffice has one per view."""
    view = desk.document_of(sheet).getCurrentController()
    if flag is not None:
        view.ShowGrid = flag
    return bool(view.ShowGrid)


@operation
def print_area(desk: Desk, sheet: int) -> Optional[CellArea]:
    """The first print area of a sheet."""
    found = desk.sheet(sheet).getPrintAreas()
    return area_of(found[0]) if found else None


@operation
def set_print_area(desk: Desk, sheet: int, area: Optional[CellArea]) -> None:
    """Set or (None) remove the print area."""
    chosen = (desk.cells(sheet, area).RangeAddress,) if area else ()
    desk.sheet(sheet).setPrintAreas(chosen)
