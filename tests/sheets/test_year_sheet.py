"""年度规划 is the 电商规划表 with quarters, the year, and what was reached."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import pytest

from xlplan.plan.year import Settings
from xlplan.sheets.base.find import find_keys
from xlplan.sheets.state.layout import built_tables
from xlplan.sheets.state.read import read_state
from xlplan.sheets.year.derived import COLUMNS
from xlplan.sheets.year.page import year_as_built, year_page

SEED_FIRST = "月目标 天数 日目标 日目标UV 客单价 转化率".split()
SEED_TEXTS = "爆品 阶段概述 活动 赠品规划 新品计划".split()


@pytest.fixture(scope="module")
def page(one_pages):
    return one_pages["年度规划"]


@pytest.fixture(scope="module")
def at(one):
    return year_as_built(one.year)


def value(page, at, row, column):
    return page.cells[at.rows[row], at.columns[column]].value


def test_the_seeds_rows_come_first_in_its_order_and_its_texts_last(page, at):
    rows = sorted(row for key, row in at.rows.items() if not key.startswith("free:"))
    shown = [page.cells[row, 2].value for row in rows if not page.rows[row].level]
    assert shown[: len(SEED_FIRST)] == SEED_FIRST
    assert shown[-len(SEED_TEXTS) :] == SEED_TEXTS


def test_a_quarter_stands_after_its_months_and_the_year_last(page, at):
    heads = [page.cells[4, at.columns[key]].value for key in COLUMNS]
    assert heads[:4] == ["1月", "2月", "3月", "一季度"]
    assert heads[-2:] == ["四季度", "全年"]
    assert sorted(at.columns.values()) == [at.columns[key] for key in COLUMNS]


@pytest.mark.parametrize("row", ["gmv_target", "spend_target", "gmv_net", "uv"])
def test_flows_add_up_by_quarter_and_year(page, at, row):
    months = [value(page, at, row, f"m:{m}") for m in range(1, 13)]
    quarters = [value(page, at, row, f"q:{q}") for q in range(1, 5)]
    for q, found in enumerate(quarters):
        parts = [v for v in months[3 * q : 3 * q + 3] if v != ""]
        assert found == (pytest.approx(sum(parts), abs=1e-6) if parts else "")
    assert value(page, at, row, "y") == pytest.approx(
        sum(v for v in quarters if v != ""), abs=1e-6
    )


@pytest.mark.parametrize(
    ("ratio", "above", "below"),
    [
        ("aov_target", "gmv_target", "orders_target"),
        ("cvr_target", "orders_target", "uv_target"),
        ("cvr", "orders_net", "uv"),
        ("spend_ratio", "spend", "gmv_net"),
    ],
)
def test_ratios_of_quarters_and_the_year_are_recomputed(page, at, ratio, above, below):
    for column in ("q:1", "q:2", "y"):
        wanted = value(page, at, above, column) / value(page, at, below, column)
        assert value(page, at, ratio, column) == pytest.approx(wanted, rel=1e-12)


def test_the_daily_target_divides_by_the_days_of_the_convention(one):
    for settings, days in ((Settings(), 28), (Settings("30"), 30)):
        year = replace(one.year, settings=settings)
        page, at = year_page(year, built_tables(year)), year_as_built(year)
        assert value(page, at, "days", "m:2") == days
        wanted = value(page, at, "gmv_target", "m:2") / days
        assert value(page, at, "gmv_target@day", "m:2") == pytest.approx(wanted, rel=1e-12)
        assert value(page, at, "days", "y") == (365 if days == 28 else 360)


def test_the_gap_is_what_the_target_still_lacks(page, at):
    wanted = value(page, at, "gmv_target", "m:3") - value(page, at, "gmv_net", "m:3")
    assert value(page, at, "gap", "m:3") == pytest.approx(wanted, abs=1e-6)
    assert value(page, at, "gap", "m:12") == ""


def test_campaigns_of_the_calendar_stand_in_their_months(page, at):
    assert "618" in value(page, at, "text:campaign", "m:6")
    assert "双11" in value(page, at, "text:campaign", "m:11")
    assert value(page, at, "text:hero", "m:6") is None


def test_what_was_written_into_the_texts_is_kept(one, one_pages, page_book):
    notes = {"text:hero|m:5": "调理霜、面膜", "text:gift|m:11": "满 2 件送面膜"}
    year = replace(one.year, notes=notes)
    changed = one_pages | {"年度规划": year_page(year, built_tables(year))}
    found = read_state(page_book(changed.values())).state.year.notes
    assert {key: found[key] for key in notes} == notes


def replace_cells(page, cells):
    made = copy(page)
    made.cells = cells
    return made


def test_every_store_has_texts_of_its_own_besides_those_of_all(two, two_pages, page_book):
    notes = {
        "text:hero|m:5": "合计的款",
        "text:hero@甲店|m:5": "调理霜",
        "text:new@乙店|m:9": "5 款新品",
    }
    year = replace(two.year, notes=notes)
    changed = two_pages | {"年度规划": year_page(year, built_tables(year))}
    found = read_state(page_book(changed.values())).state.year.notes
    assert {key: found[key] for key in notes} == notes


def test_rows_of_ones_own_keep_names_and_numbers(one, one_pages, page_book):
    """The two rows of four values that the customer's table has beside 赠品 and 新品."""
    values = {
        "free:1|label": "赠品预算",
        **{
            f"free:1|q:{n}": v
            for n, v in zip((1, 2, 3, 4), ("40.0", "60.0", "70.0", "80.0"), strict=True)
        },
    }
    shares = {"free:2|label": "新品占比", "free:2|q:1": "0.05", "free:2|q:4": "0.2"}
    year = replace(one.year, notes=values | shares)
    page, at = year_page(year, built_tables(year)), year_as_built(year)
    assert value(page, at, "free:1", "q:2") == 60.0
    assert value(page, at, "free:2", "q:4") == 0.2
    changed = one_pages | {"年度规划": page}
    found = read_state(page_book(changed.values())).state.year.notes
    assert {key: found[key] for key in values | shares} == values | shares


def test_a_book_without_the_rows_for_people_can_be_read(one, one_pages, page_book):
    page = year_page(one.year, built_tables(one.year))
    gone = {
        spot: cell for spot, cell in page.cells.items() if not str(cell.value).startswith("free:")
    }
    changed = one_pages | {"年度规划": replace_cells(page, gone)}
    assert read_state(page_book(changed.values())).at.year.rows["text:hero"]


def test_keys_stand_where_they_are_found_again(page, at, seen):
    keys = find_keys("年度规划", seen(page))
    assert keys.columns == at.columns
    assert {key: keys.rows[key] for key in at.rows} == at.rows


def test_every_number_is_a_formula_with_its_value(page, at):
    for key, row in at.rows.items():
        for name, column in at.columns.items():
            plain = key.startswith(("text:", "free:")) or (key == "days" and name.startswith("m:"))
            assert bool(page.cells[row, column].formula) != plain, (key, name)
