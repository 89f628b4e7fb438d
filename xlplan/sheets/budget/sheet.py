"""预算 and _预算 as sheets of the book: typed by finance, kept by exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sheets.base.names import BUDGET, BUDGETS
from xlplan.sheets.base.sheet import Sheet

if TYPE_CHECKING:
    from xlplan.cells import Page
    from xlplan.sheets.base.sheet import View


def _page(view: View) -> Page:
    from xlplan.plan.budget.settings import Terms
    from xlplan.sheets.budget.terms_page import terms_page

    return terms_page(Terms(), view.year)


def _notes_page(_: View) -> Page:
    from xlplan.sheets.budget.record import notes_page

    return notes_page()


BUDGET_TERMS = Sheet(BUDGET, _page, since="0.2.0", needed=False)
KEPT_BUDGETS = Sheet(BUDGETS, _notes_page, since="0.2.0", needed=False)
