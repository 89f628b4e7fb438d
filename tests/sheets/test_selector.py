"""Long store names are seen in full where stores are listed and chosen; long lists print over pages."""

from __future__ import annotations

import pytest

from xlplan.sheets.state.layout import pages

LONG = "品牌海外旗舰专营店直播号"  # twelve wide characters


@pytest.fixture(scope="module")
def book(state_of):
    return {page.name: page for page in pages(state_of(stores=(LONG, "乙店"), days=0))}


@pytest.mark.parametrize(
    ("sheet", "column"), [("首页", 2), ("年度目标", 1), ("日报", 3), ("品类平台", 3)]
)
def test_the_column_of_stores_shows_the_longest_name(book, sheet, column):
    assert book[sheet].columns[column].size >= 2 * len(LONG)


@pytest.mark.parametrize("sheet", ["年度规划", "1月", "12月"])
def test_the_selector_spans_columns_enough_for_a_long_name(book, sheet):
    page = book[sheet]
    (area,) = [area for area in page.merges if area.top == area.bottom == 2]
    room = sum(page.columns[n].size for n in range(area.left, area.right + 1))
    assert room >= 2 * len(LONG)
    assert page.cells[area.top, area.left].value == "合计"
    after = [spot for spot in page.cells if spot[0] == 2 and spot[1] > area.right]
    assert min(column for _, column in after) > area.right + 1 or not after


def test_the_targets_of_many_stores_print_over_pages_with_their_heading(book):
    page = book["年度目标"]
    assert page.pages_tall == 0
    head = page.repeat_rows[0]
    assert page.cells[head, 1].value == "店铺"
