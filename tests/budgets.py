"""Budget workbooks laid out for tests, and their formulas recalculated."""

from __future__ import annotations

from tests.test_agreement import by_formualizer, disagreements
from xlplan.plan.budget.budget import View, freeze, make_budget
from xlplan.plan.budget.review import Kept, Review, findings, quarters
from xlplan.plan.budget.settings import CostLine, Terms
from xlplan.sheets.budget.workbook import budget_pages

__all__ = ["HOSTILE", "TERMS", "by_formualizer", "disagreements", "laid_out"]

#: Names that a spreadsheet would compute, or that break a formula or a sheet name.
HOSTILE = ("+A1", "-2", "@SUM(A1)", "O'Neil店", "a<b>&amp;店", "[x]:/\\", "'引'")
TERMS = Terms(
    lines=(
        CostLine("6401.01", rate=0.45, why="=cmd()"),
        CostLine("6601.01", year=300_000.01, shape="按销售额", name="@客服"),
        CostLine("6601.04", rate=0.0512, base="turnover"),
        CostLine("6601.11", rate=0.001, base="gmv"),
    ),
    input_tax={"6601.03": 0.06},
    total=5e6,
)


def laid_out(  # what a workbook is made of
    state_of,
    *,
    stores=("示例店",),
    terms=TERMS,
    view=None,
    closed=(),
    days=100,
    splits=None,
    frozen=False,
):
    """Return a budget and its pages."""
    given = {"splits": splits} if splits else {}
    state = state_of(stores, days=days, **given)
    budget = make_budget(state.year, state.splits, terms, closed=closed)
    kept = freeze(budget.plan)
    if frozen:
        budget = make_budget(state.year, state.splits, terms, closed=closed, first=kept)
    review = Review(
        quarters(state.year),
        {"gmv": (1e6, 1e6)},
        [Kept("年初", "2026-01-02 10:00", kept)],
        Kept("上次导出", "2026-03-01 10:00", kept),
        findings(budget),
        "2026-03-05 09:00",
        "计划.xlsx",
    )
    link = lambda _: ("计划.xlsx#年度规划!C5", "年度规划!C5")  # noqa: E731
    return budget, budget_pages(budget, view or View(), review, link)
