"""Units outside the cell: in titles, rows and columns of units, names, number formats."""

from __future__ import annotations

import pytest

from tests.sources.kinds.drawn import HEAD, day, days_of, rules_of
from xlplan.errors import Level

RIGHT = {"uv": 100.0, "gmv": 15000.0}
WAN = [day(1), 100, 1.5]


@pytest.mark.parametrize(
    "title",
    ["单位：万元", "（单位：万元）", "店铺日报（单位：万元）", "金额单位:万元", "单位（万元）", "2026年9月店铺日报（万元）", "单位：人民币万元", "单位: 万", "单位万元", "金额单位为万元"],
)  # fmt: skip
def test_a_unit_in_a_title_goes_for_all_the_money_and_nothing_else(make, title):
    file = make.book([[title], HEAD, WAN])
    assert days_of(file) == {"2026-09-01": RIGHT}
    assert "stated_unit" in rules_of(file)


@pytest.mark.parametrize(
    ("unit", "value"),
    [("千元", 15), ("亿元", 0.00015), ("百万元", 0.015), ("元", 15000), ("分", 1500000)],
)
def test_every_unit_of_money_is_known(make, unit, value):
    assert days_of(make.book([[f"单位：{unit}"], HEAD, [day(1), 100, value]])) == {
        "2026-09-01": RIGHT
    }


def test_a_unit_may_stand_beside_the_title_under_the_table_or_in_the_head(make):
    assert days_of(make.book([["店铺日报", None, "单位：万元"], HEAD, WAN])) == {
        "2026-09-01": RIGHT
    }
    assert days_of(make.book([HEAD, WAN, [], ["注：单位万元，含税"]])) == {"2026-09-01": RIGHT}
    assert days_of(make.book([[*HEAD, "单位：万元"], WAN])) == {"2026-09-01": RIGHT}


@pytest.mark.parametrize(
    "row",
    [["单位", "人", "万元"], [None, "人", "万元"], [None, "(人)", "(万元)"], [None, None, "万元"]],
)
@pytest.mark.parametrize("below", [True, False])
def test_a_row_of_units_goes_for_its_columns(make, row, below):
    rows = [HEAD, row, WAN] if below else [row, HEAD, WAN]
    file = make.book(rows)
    assert days_of(file) == {"2026-09-01": RIGHT}
    assert rules_of(file, Level.ERROR) == set()


def test_a_column_of_units_goes_for_its_rows(make):
    rows = [[*HEAD, "单位"], [*WAN, "万元"], [day(2), 100, 15000, "元"]]
    assert days_of(make.book(rows)) == {"2026-09-01": RIGHT, "2026-09-02": RIGHT}


@pytest.mark.parametrize(
    "title", ["支付金额(万元)", "支付金额（单位：万元）", "支付金额/万元", "支付金额_万元", "支付金额 万元", "支付金额[万元]", "支付金额【万元】", "支付金额:万元", "支付金额(万)"]
)  # fmt: skip
def test_a_unit_in_the_head_of_a_column_is_read_however_it_is_written(make, title):
    assert days_of(make.book([["日期", "访客数", title], WAN])) == {"2026-09-01": RIGHT}


def test_the_head_of_a_column_stands_before_the_title_and_the_cell_before_both(make):
    rows = [
        ["单位：万元"],
        ["日期", "访客数", "支付金额(元)", "退款金额"],
        [day(1), 100, 15000, "1.5万"],
    ]
    assert days_of(make.book(rows)) == {"2026-09-01": {**RIGHT, "refund_amount": 15000}}


@pytest.mark.parametrize("name", ["日报（万元）", "万元", "9月_万元", "日报(单位万元)"])
def test_a_unit_in_the_name_of_the_sheet(make, name):
    assert days_of(make.book([HEAD, WAN], titles=[name])) == {"2026-09-01": RIGHT}


@pytest.mark.parametrize("name", ["店铺日报（万元）.xlsx", "日报_万元.xlsx", "日报-单位万元.xlsx"])
def test_a_unit_in_the_name_of_the_file(make, name):
    assert days_of(make.book([HEAD, WAN], name=name)) == {"2026-09-01": RIGHT}


@pytest.mark.parametrize(
    "code", ['0.0"万"', '#,##0.00"万元"', "0.0万", "0.0\\万", '0.0"万";-0.0"万"', '"约"0.0"万"']
)
def test_a_unit_that_a_number_format_writes_is_part_of_what_people_see(make, code):
    assert days_of(make.book([HEAD, WAN], formats={"C2": code})) == {"2026-09-01": RIGHT}


@pytest.mark.parametrize(
    "code", ['0!.0,"万"', '0\\.0,"万"', '0"."0,"万"', '0!.0000"万"', '0.00,"千"', "#,##0", '0.00"元"', "#,##0,", '[>=10000]0!.0,"万";0', "¥#,##0.00", '0.0,,"M"']
)  # fmt: skip
def test_a_number_format_that_only_shortens_changes_nothing(make, code):
    file = make.book([HEAD, [day(1), 100, 15000]], formats={"C2": code})
    assert days_of(file) == {"2026-09-01": RIGHT}
    assert rules_of(file, Level.ERROR) == set()


def test_a_shortening_format_under_a_head_with_the_same_unit_is_said_once(make):
    head = ["日期", "访客数", "支付金额(万元)"]
    assert days_of(make.book([head, [day(1), 100, 15000]], formats={"C2": "0!.0,"})) == {
        "2026-09-01": RIGHT
    }
    assert days_of(make.book([head, WAN], formats={"C2": '0.0"万"'})) == {"2026-09-01": RIGHT}
    assert days_of(
        make.book([["单位：万元"], HEAD, [day(1), 100, 15000]], formats={"C3": '0!.0,"万"'})
    ) == {"2026-09-01": RIGHT}


def test_a_format_that_contradicts_itself_is_refused(make):
    file = make.book([HEAD, [day(1), 100, 15000]], formats={"C2": '0.0,"万"'})
    assert days_of(file) == {"2026-09-01": {"uv": 100}}
    assert "unit_format" in rules_of(file, Level.ERROR)


def test_a_title_without_a_unit_says_none(make):
    for title in ("万元户日报", "销售额突破万元", "2026年9月"):
        assert days_of(make.book([[title], HEAD, [day(1), 100, 15000]])) == {"2026-09-01": RIGHT}


def test_the_unit_above_the_first_block_goes_for_the_second(make):
    rows = [["单位：万元"], HEAD, WAN, [], ["日期", "支付金额", "访客数"], [day(2), 1.5, 100]]
    assert days_of(make.book(rows)) == {"2026-09-01": RIGHT, "2026-09-02": RIGHT}


def test_two_figures_in_one_cell_are_no_figure(make):
    for text in ("1200,1300", "1200 1300", "1200，1300"):
        file = make.book([HEAD, [day(1), 100, text]])
        assert days_of(file) == {"2026-09-01": {"uv": 100}}
        assert "not_a_number" in rules_of(file, Level.ERROR)
    assert days_of(make.book([HEAD, [day(1), 100, "1,5000"]])) == {"2026-09-01": RIGHT}
