"""Progress compares days that have actuals with the targets of those days; missing days are counted."""

from __future__ import annotations

from datetime import date

import pytest

from tests.actions.openbook import STORES, OpenBook, planned_book
from xlplan.actions.imports.importing import import_daily
from xlplan.cells import Cell
from xlplan.plan.year import DUE
from xlplan.sheets.home.layout import FIRST_PERIOD, MATRIX_ROW, NAME, REACHED, SHAPE_MISSING

#: Days of September: the first store reports four of five, the second only the last.
REPORTED = {STORES[0]: (1, 2, 3, 5), STORES[1]: (5,)}
SOLD = 30_000.0


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("like") / "计划.xlsx"
    path.write_bytes(planned_book())
    book = OpenBook(path)
    at = book.said().at.daily
    cells = {
        (at.rows[store, date(2026, 9, day)], at.columns["gmv"]): Cell(SOLD)
        for store, days in REPORTED.items()
        for day in days
    }
    book.write({"日报": cells})
    import_daily(book, as_of=date(2026, 9, 9))
    return book


def due(book, store):
    plan = book.said().state.year.plan["gmv"]
    return round(sum(plan[store, f"2026-09-{day:02d}"] for day in REPORTED[store]), 2)


def home(book, store):
    """What 首页 says of a store: of its year so far, and of its data."""
    cells = book.read("首页")
    at = book.said().at["首页"]
    cells = {spot: seen.value for spot, seen in cells.items()}
    row = next(r for r in range(MATRIX_ROW, at.last_scope + 1) if cells[r, NAME] == store)
    number = row - MATRIX_ROW
    return {"rate": cells[row, REACHED], "missing": cells[at.shapes + 1 + number, SHAPE_MISSING]}


@pytest.mark.parametrize("store", STORES)
def test_the_home_page_measures_a_store_by_the_days_it_reported(book, store):
    sold = SOLD * len(REPORTED[store])
    assert home(book, store)["rate"] == pytest.approx(sold / due(book, store), rel=1e-12)


def test_missing_days_are_counted_from_a_stores_first_day_to_the_last_known_one(book):
    assert home(book, STORES[0])["missing"] == 1
    assert home(book, STORES[1])["missing"] == 0
    assert home(book, "合计")["missing"] == 1


def test_the_company_is_measured_by_what_its_stores_reported(book):
    cells = book.read("首页")
    wanted = sum(due(book, store) for store in STORES)
    for row in (FIRST_PERIOD + 1, FIRST_PERIOD + 2, FIRST_PERIOD + 3):
        assert cells[row, 5].value == pytest.approx(wanted, abs=1e-6)


def test_a_month_half_over_is_measured_by_its_days_on_every_sheet(book):
    read = book.said()
    year, month = read.at.book.year, read.at.book.months[9]
    sold = sum(SOLD * len(days) for days in REPORTED.values())
    wanted = sold / sum(due(book, store) for store in STORES)
    spots = {
        "年度规划": (year.rows["attainment"], year.columns["m:9"]),
        "9月": (month.rows["attainment"], month.columns["m:9"]),
    }
    for sheet, spot in spots.items():
        assert read.scopes[sheet] == "合计"
        seen = book.read(sheet)[spot]
        assert seen.value == pytest.approx(wanted, rel=1e-12), sheet
        assert seen.formula


def test_a_day_that_one_store_did_not_report_is_measured_by_the_others(book):
    read = book.said()
    month = read.at.book.months[9]
    plan = read.state.year.plan["gmv"]
    seen = book.read("9月")[month.rows["attainment"], month.columns["d:2026-09-02"]]
    assert seen.value == pytest.approx(SOLD / plan[STORES[0], "2026-09-02"], rel=1e-12)


def test_a_book_that_knows_no_such_column_gets_it_behind_the_others(tmp_path):
    path = tmp_path / "旧.xlsx"
    path.write_bytes(planned_book())
    book = OpenBook(path)
    table = book.cells["_实际"]
    at = book.said().at.book.tables.actual
    book.cells["_实际"] = {
        spot: seen for spot, seen in table.items() if spot[1] != at.columns[DUE]
    }
    import_daily(book, as_of=date(2026, 9, 9))
    after = book.said().at.book.tables.actual
    assert book.read("_实际")[1, after.columns[DUE]].value == DUE
    assert home(book, STORES[0])["rate"] > 0
