"""Rows and columns are found by their hidden keys, wherever people moved them to."""

from __future__ import annotations

import pytest

from xlplan.cells import Seen
from xlplan.errors import StructureError
from xlplan.sheets.base.find import KEY_MARK, find_keys


def sheet(rows, columns, mark=(3, 9)):
    """Cells with keys down the mark's column and along the mark's row."""
    cells = {mark: Seen(KEY_MARK)}
    cells |= {(row, mark[1]): Seen(key) for key, row in rows.items()}
    cells |= {(mark[0], column): Seen(key) for key, column in columns.items()}
    return cells | {(row, 2): Seen(f"标签{row}") for row in rows.values()}


def test_keys_are_read_beside_and_below_the_mark():
    keys = find_keys("9月", sheet({"gmv": 9, "uv": 12}, {"d:2026-09-01": 3}))
    assert keys.rows == {"gmv": 9, "uv": 12}
    assert keys.columns == {"d:2026-09-01": 3}


def test_moved_and_inserted_rows_are_found_where_they_now_are():
    before = sheet({"gmv": 9, "uv": 12}, {"a": 3, "b": 4})
    moved = {(row + 5, column + 2): cell for (row, column), cell in before.items()}
    keys = find_keys("9月", moved)
    assert keys.rows == {"gmv": 14, "uv": 17}
    assert keys.columns == {"a": 5, "b": 6}


def test_rows_above_the_mark_count_too():
    assert find_keys("9月", sheet({"row:scope": 2, "gmv": 9}, {})).rows["row:scope"] == 2


def test_a_lost_mark_names_the_sheet_and_the_way_back():
    with pytest.raises(StructureError) as caught:
        find_keys("9月", {(1, 1): Seen("别的")})
    assert "9月" in caught.value.message
    assert "备份" in caught.value.remedy


def test_a_copied_row_is_named_with_both_places():
    cells = sheet({"gmv": 9}, {"a": 3}) | {(20, 9): Seen("gmv")}
    with pytest.raises(StructureError) as caught:
        find_keys("9月", cells)
    assert "I9" in caught.value.message
    assert "I20" in caught.value.message
    assert caught.value.where.cell == "I20"


def test_missing_rows_are_listed_by_what_people_call_them():
    keys = find_keys("9月", sheet({"gmv": 9}, {}))
    with pytest.raises(StructureError, match="少了 1 行：当日UV"):
        keys.need_rows({"gmv": "日销售额", "uv": "当日UV"})


def test_a_long_list_of_missing_columns_is_cut_short():
    keys = find_keys("9月", sheet({}, {}))
    with pytest.raises(StructureError, match="少了 9 列：1、2、3、4、5、6…") as caught:
        keys.need_columns({f"d:{n}": str(n) for n in range(1, 10)})
    assert caught.value.where.sheet == "9月"


def test_a_mark_of_another_kind_has_its_own_keys():
    cells = sheet({"gmv": 9}, {"a": 3}) | {(3, 20): Seen("xlplan:shape"), (5, 20): Seen("month:1")}
    assert find_keys("日历", cells, "xlplan:shape").rows == {"month:1": 5}
