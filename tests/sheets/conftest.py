"""Pages as books in memory, and the states and pages that layout tests share."""

from __future__ import annotations

import pytest

from xlplan.cells import Seen
from xlplan.sheets.month.page import month_page
from xlplan.sheets.state.layout import built_tables, pages


def seen_cells(page):
    """What a file would hold of a page: blanks are not there, "" reads as nothing."""
    return {
        spot: Seen(cell.value, cell.formula)
        for spot, cell in page.cells.items()
        if cell.formula or cell.value not in (None, "")
    }


class PageBook:
    """The reading half of the Book protocol over laid-out pages."""

    name = "计划.xlsx"

    def __init__(self, laid_out):
        self.pages = {page.name: page for page in laid_out}

    def sheets(self):
        return list(self.pages)

    def read(self, sheet):
        return seen_cells(self.pages[sheet])


@pytest.fixture(scope="session")
def seen():
    return seen_cells


@pytest.fixture(scope="session")
def page_book():
    return PageBook


@pytest.fixture(scope="session")
def one(state_of):
    """One store, actuals to 7 September 2026 (250 days)."""
    return state_of()


@pytest.fixture(scope="session")
def two(state_of):
    return state_of(stores=("甲店", "乙店"), days=60)


@pytest.fixture(scope="session")
def one_pages(one):
    return {page.name: page for page in pages(one)}


@pytest.fixture(scope="session")
def two_pages(two):
    return {page.name: page for page in pages(two)}


@pytest.fixture(scope="session")
def month_of():
    """Return a function: state, month → its page."""
    return lambda state, month: month_page(state.year, month, built_tables(state.year))
