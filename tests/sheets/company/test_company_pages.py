"""The company's workbook: its formulas recalculated, for everything and for a part of it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.test_agreement import by_formualizer, disagreements
from xlplan.books.build import build
from xlplan.cells import Cell
from xlplan.plan.company import FIGURES, store_years
from xlplan.sheets.company.pages import COMPANY, STORES, Company, company_pages

REGIONS = {"甲(一)店": "华东", "乙'店": "华东", "京东丙店": "西南"}


@pytest.fixture(scope="module")
def company(state_of):
    made, books = [], {}
    for book, stores, days in (
        ("一.xlsx", ("甲(一)店", "乙'店"), 120),
        ("二.xlsx", ("京东丙店",), 60),
    ):
        year = state_of(stores, days=days).year
        made += store_years(year, book, REGIONS)
        mine = [one for one in made if one.book == book]
        books[book] = tuple(round(sum(one.total(f) for one in mine), 2) for f in ("target", "actual"))  # fmt: skip
    return Company(2026, made, books)


@pytest.fixture(scope="module")
def state_of():
    from tests.conftest import claims_for, with_actuals
    from xlplan.actions.plan.new import NewBook, make_state
    from xlplan.plan.year import Settings

    def make(stores, days):
        state, _ = make_state(NewBook(2026, stores, claims_for(stores, None), Settings()))
        return with_actuals(state, days)

    return make


def test_a_stores_months_are_the_books_to_the_fen(state_of):
    year = state_of(("甲店",), 120).year
    (one,) = store_years(year, "一.xlsx", {})
    months = year.calendar.days["month"].to_numpy()
    for month in (1, 4, 12):
        days = year.plan.loc["甲店"]["gmv"].to_numpy()[months == month]
        assert one.months["target"][month - 1] == pytest.approx(days.sum(), abs=0.005)
    sold = year.actuals.loc["甲店"]["gmv"] - year.actuals.loc["甲店"]["gmv_excluded"].fillna(0)
    assert one.total("actual") == pytest.approx(sold.sum(), abs=0.005)
    assert np.isnan(one.months["actual"][11])
    known = sold.notna()
    assert one.total("due") == pytest.approx(year.plan.loc["甲店"]["gmv"][known].sum(), abs=0.005)
    assert one.missing == int((~known[: known.to_numpy().nonzero()[0][-1]]).sum())


def test_every_formula_recalculates_to_the_engines_number(company):
    made = company_pages(company)
    got = by_formualizer(build(made))
    assert disagreements(made, got)[:5] == []
    assert {got("核对", row, 5) for row in range(4, 8)} == {0}


@pytest.mark.parametrize(
    "scope",
    ["地区：华东", "地区：西南", "平台：京东", "计划表：一.xlsx", "店铺：甲(一)店", "店铺：乙'店"],
)
def test_a_part_chosen_shows_just_its_stores(company, scope):
    assert scope in company.scopes()
    made = company_pages(company)
    made[0].cells[2, 2] = Cell(scope)
    got = by_formualizer(build(made))
    kind, name = scope.split("：")
    field = {"地区": "region", "平台": "platform", "计划表": "book", "店铺": "store"}[kind]
    mine = [one for one in company.stores if getattr(one, field) == name]
    assert len(mine) < len(company.stores)
    assert got(COMPANY, 5, 2) == pytest.approx(sum(one.total("target") for one in mine), abs=0.01)
    assert got(COMPANY, 6, 3) == pytest.approx(sum(one.months["actual"][0] for one in mine), abs=0.01)  # fmt: skip


def test_a_region_typed_later_takes_part_at_once(company):
    made = company_pages(company)
    made[0].cells[2, 2] = Cell("地区：华南")
    stores = next(page for page in made if page.name == STORES)
    stores.cells[4, 4] = Cell("华南")
    got = by_formualizer(build(made))
    assert got(COMPANY, 5, 2) == pytest.approx(company.stores[0].total("target"), abs=0.01)


def test_all_figures_are_told(company):
    assert set(company.stores[0].months) == set(FIGURES)
