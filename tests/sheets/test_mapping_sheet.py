"""导入映射 as people fill it: what it means, and what it says when it means nothing."""

from __future__ import annotations

import pytest

from xlplan.cells import Seen
from xlplan.sheets.mapping.page import FIRST_ROW, HEAD_ROW, HEADS, mapping_page, read_mappings
from xlplan.sources.declare import Combine


def said(*rows, heads=tuple(HEADS)):
    """Read rows typed under the heads, in the order of `heads`."""
    cells = {(HEAD_ROW, column): Seen(head) for column, head in enumerate(heads, start=1)}
    for number, row in enumerate(rows, start=FIRST_ROW):
        line = dict(zip(HEADS, row, strict=False))
        for column, head in enumerate(heads, start=1):
            if line.get(head):
                cells[number, column] = Seen(line[head])
    return read_mappings(cells, "计划.xlsx")


DAY = ("后台", "日", "日期")


def test_rows_of_one_source_are_one_declaration_and_those_of_another_another():
    made = said(DAY, ("", "花掉", "其他推广", "万元"), ("", "", "多行相加"), ("拍卖", "date", "日期", "月日年"), ("", "店", "店铺"), ("", "访", "访客数"))  # fmt: skip
    assert made.problems == []
    one, other = made.sources
    assert (one.key, one.date, one.combine) == ("mapping:后台", "日", Combine.SUM)
    assert [(c.metric, c.headers, c.scale) for c in one.columns] == [("spend_other", ("花掉",), 10_000)]  # fmt: skip
    assert (other.key, other.order, other.store, other.combine) == ("mapping:拍卖", "mdy", "店", Combine.ONE)  # fmt: skip
    assert [c.metric for c in other.columns] == ["uv"]


def test_the_columns_may_stand_in_any_order():
    rows = [DAY, ("", "花掉", "其他推广", "万元")]
    assert (
        said(*rows, heads=("补充", "是什么", "备注", "来源", "列名")).sources
        == said(*rows).sources
    )


def test_names_of_channels_and_marks_of_excluded_orders_hold_for_all_reports():
    made = said(("", "店铺直达", "渠道名", "钻展"), ("", "", "补单前缀", "刷-、测"), DAY, ("", "场景", "渠道"), ("", "花费", "渠道花费"), ("后台", "搜", "渠道名", "直通车"))  # fmt: skip
    assert made.problems == []
    assert made.scenes == {"店铺直达": "display"}
    assert made.prefixes == ("刷-", "测")
    (source,) = made.sources
    assert (source.scene, source.scenes) == ("场景", {"搜": "keyword"})
    assert [c.metric for c in source.columns] == ["spend_*"]
    assert said(("", "", "补单前缀", "无")).prefixes == ()
    assert said(DAY).prefixes is None


@pytest.mark.parametrize(
    ("row", "cell", "why"),
    [
        (("", "列", "转化率"), "C9", "算出来"),
        (("", "列", "访客人数多少"), "C9", "不存在"),
        (("", "列", "销售额", "块"), "D9", "单位只能是"),
        (("", "", "销售额"), "B9", "没有写是哪一列"),
        (("", "甲", "渠道名", "天上"), "D9", "没有渠道「天上」"),
        (("", "日2", "日期", "随便"), "D9", "日期的写法"),
        (("", "", "多行相加"), "A8", "没有一列写明是什么指标"),
        (("别的", "列", "销售额"), "A9", "哪一列是日期"),
    ],
)
def test_a_row_that_means_nothing_is_named_with_its_cell_and_its_source_not_used(row, cell, why):
    made = said(DAY, row)
    found = {problem.where.cell: problem.what for problem in made.problems}
    assert why in found[cell]
    assert made.sources == ()


def test_an_empty_sheet_and_a_missing_one_say_nothing():
    page = mapping_page()
    cells = {spot: Seen(cell.value) for spot, cell in page.cells.items() if cell.value is not None}
    for made in (read_mappings(cells), read_mappings({})):
        assert (made.sources, made.scenes, made.prefixes, made.problems) == ((), {}, None, [])
