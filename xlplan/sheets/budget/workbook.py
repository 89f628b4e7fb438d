"""The budget workbook as pages: 预算说明, 总, a sheet a channel, and what stands behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sheets.budget import data_page as data
from xlplan.sheets.budget import kpi_page, more_pages, review_page, settings_page, variance_page
from xlplan.sheets.budget.kpi_page import KpiView
from xlplan.sheets.budget.review_page import ReviewView
from xlplan.sheets.budget.statement_page import StatementView, fold_for_paper, tabs_of
from xlplan.sheets.budget.variance_page import VarianceView

if TYPE_CHECKING:
    from collections.abc import Callable

    from xlplan.cells import Page
    from xlplan.plan.budget.budget import Budget, View
    from xlplan.plan.budget.review import Review

#: Names that no store's sheet may take.
FIXED = (
    review_page.SHEET,
    kpi_page.SHEET,
    variance_page.SHEET,
    more_pages.SNAPSHOTS,
    more_pages.ACCOUNTS,
    more_pages.CHECKS,
    settings_page.SHEET,
    data.SHEET,
)


def budget_pages(  # noqa: PLR0913  # what a workbook is made of
    budget: Budget,
    view: View,
    review: Review,
    link: Callable[[str], tuple[str, str]],
    *,
    whole: bool = True,
    paper: bool = False,
) -> list[Page]:
    """Return the sheets of the budget workbook, in order.

    Args:
        budget: The budget.
        view: Unit and tax basis it opens with; both are cells that can be changed.
        review: What stands beside it.
        link: Plan metric → (target, text) of a link into the plan book.
        whole: Whether it holds all stores of the plan.
        paper: Whether it is made to be printed.
    """
    settings, at = settings_page.settings_at(budget), data.data_at(budget)
    views = [StatementView(budget, view, tab, at) for tab in tabs_of(budget, FIXED)]
    top, statements = views[0], [each.page() for each in views]
    if paper:
        for page in statements:
            fold_for_paper(page)
    return [
        ReviewView(top, review, whole).page(),
        *statements,
        KpiView(top).page(),
        VarianceView(top).page(),
        more_pages.snapshots_page(top, review),
        more_pages.accounts_page(top),
        more_pages.checks_page(views),
        settings_page.settings_page(budget, view, settings),
        data.data_page(budget, at, settings, link),
    ]
