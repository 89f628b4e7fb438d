"""A workbook of 首页 alone, of values, for printing: a sheet a store, looking as in the book."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from xlplan.books.build import build
from xlplan.cells import Area, Cell, Highlight
from xlplan.sheets.home.page import COLOURS, colour_spot, home_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.cells import Page
    from xlplan.sheets.home.base import Shown


def printed_book(pages: Sequence[Shown], title: str, colours: str, *, large: bool) -> bytes:
    """Return the workbook.

    Args:
        pages: What each page shows.
        title: The book's title.
        colours: The colours chosen.
        large: On A3, for pictures.
    """
    made = [_printed(this, title, colours, number) for number, this in enumerate(pages, start=1)]
    return build([replace(page, large_paper=large) for page in made], title=title)


def _printed(this: Shown, title: str, colours: str, number: int) -> Page:
    """Return a page of values; rules that speak of names speak of the cell itself."""
    page = home_page(this, title)
    spot = colour_spot(this.at)
    page.cells[spot] = page.cells[spot]._replace(
        value=colours if colours in COLOURS else COLOURS[0]
    )
    page.cells = {spot: Cell(cell.value, "", cell.style) for spot, cell in page.cells.items()}
    fixed = Area(*spot, *spot).fixed
    page.highlights = [
        replace(rule, formula=rule.formula.replace("xlplan_colours", fixed))
        if isinstance(rule, Highlight)
        else rule
        for rule in page.highlights
    ]
    page.name, page.names, page.links, page.validations, page.notes = f"看板{number}", {}, {}, [], {}  # fmt: skip
    last = this.at.last_scope
    page.print_area = Area(1, 1, last, page.print_area.right) if page.print_area else None
    return page
