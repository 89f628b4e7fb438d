"""Heads of two rows, groups, blocks under and beside each other, days side by side."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.sources.kinds.drawn import HEAD, day, days_of, is_refused, rules_of
from xlplan.errors import Level

ONE = {"uv": 100.0, "gmv": 1000.0}
TWO = {"uv": 102.0, "gmv": 1002.0}


# The same name under several groups


@pytest.mark.parametrize(
    ("groups", "right"),
    [
        (["无线端", "PC端", "全部终端"], 2),
        (["合计", "手机淘宝", "电脑"], 0),
        (["今年", "去年"], 0),
        (["2025年", "2026年"], 1),
        (["目标", "实际"], 1),
        (["实际完成", "月度目标", "完成率"], 0),
        (["本期", "上期"], 0),
        (["上月同期", "本月"], 1),
        (["全店", "自然流量", "付费流量"], 0),
    ],
)
@pytest.mark.parametrize("merged", [True, False])
def test_of_groups_the_shop_and_the_period_at_hand_are_taken(make, groups, right, merged):
    top: list[object] = [None]
    for group in groups:
        top += [group, None]
    figures = [[10, 90] if number != right else [100, 1000] for number in range(len(groups))]
    rows = [top, ["日期"] + HEAD[1:] * len(groups)]
    rows += [[day(i), *(f for pair in figures for f in pair)] for i in (1, 2, 3)]
    merges = [f"{a}1:{b}1" for a, b in ("BC", "DE", "FG")[: len(groups)]] if merged else []
    assert days_of(make.book(*[rows], merges=merges))["2026-09-01"] == ONE


def test_groups_in_a_csv_have_no_merged_cells_and_mean_the_same(make):
    text = ",去年,,今年,\n日期,访客数,支付金额,访客数,支付金额\n2026-09-01,1,2,100,1000\n"
    assert days_of(make.text(text)) == {"2026-09-01": ONE}


def test_groups_of_a_web_page_mean_the_same(make):
    file = make.html(
        "<tr><th rowspan=2>日期</th><th colspan=2>PC端</th><th colspan=2>全部终端</th></tr>"
        "<tr><th>访客数</th><th>支付金额</th><th>访客数</th><th>支付金额</th></tr>"
        "<tr><td>2026-09-01</td><td>1</td><td>2</td><td>100</td><td>1000</td></tr>"
    )
    assert days_of(file) == {"2026-09-01": ONE}


def test_two_terminals_without_a_total_are_refused_and_named(make):
    rows = [
        [None, "无线端", None, "PC端", None],
        ["日期"] + HEAD[1:] * 2,
        [day(1), 80, 800, 20, 200],
    ]
    file = make.book(rows, merges=["B1:C1", "D1:E1"])
    assert days_of(file) == {}
    assert "unclear_group" in rules_of(file, Level.ERROR)


def test_groups_that_say_nothing_are_refused_and_named(make):
    rows = [
        [None, "甲组", None, "乙组", None],
        ["日期"] + HEAD[1:] * 2,
        [day(1), 80, 800, 20, 200],
    ]
    file = make.book(rows, merges=["B1:C1", "D1:E1"])
    assert days_of(file) == {}
    assert "unclear_group" in rules_of(file, Level.ERROR)


def test_headings_over_different_names_change_nothing(make):
    rows = [
        ["店铺日报"],
        [None, "流量指标", None, "交易指标", None],
        ["日期", "访客数", "浏览量", "支付金额", "支付订单数"],
    ]
    file = make.book([*rows, [day(1), 100, 300, 1000, 9]], merges=["A1:E1", "B2:C2", "D2:E2"])
    assert days_of(file)["2026-09-01"] == {**ONE, "orders": 9}


def test_a_lone_column_of_last_year_is_no_actual(make):
    rows = [
        [None, "今年", "去年", None],
        ["日期", "访客数", "支付金额", "支付订单数"],
        [day(1), 100, 900, 8],
    ]
    assert days_of(make.book(rows, merges=["C1:D1"])) == {"2026-09-01": {"uv": 100}}


def test_stores_as_groups_are_stores(make):
    rows = [
        [None, "旗舰店", None, "专营店", None],
        ["日期"] + HEAD[1:] * 2,
        [day(1), 100, 1000, 20, 200],
    ]
    found = days_of(make.book(rows, merges=["B1:C1", "D1:E1"]))
    assert found == {"旗舰店 2026-09-01": ONE, "专营店 2026-09-01": {"uv": 20, "gmv": 200}}


def test_stores_of_the_plan_as_groups_are_stores_whatever_their_name(make):
    rows = [
        [None, "城东", None, "城西", None],
        ["日期"] + HEAD[1:] * 2,
        [day(1), 100, 1000, 20, 200],
    ]
    found = days_of(make.book(rows, merges=["B1:C1", "D1:E1"]), stores=("城东", "城西"))
    assert found == {"城东 2026-09-01": ONE, "城西 2026-09-01": {"uv": 20, "gmv": 200}}


def test_names_over_periods_are_read_the_other_way_round(make):
    rows = [
        ["日期", "访客数", None, "支付金额", None],
        [None, "本期", "上期", "本期", "上期"],
        [day(1), 100, 90, 1000, 900],
    ]
    assert days_of(make.book(rows, merges=["A1:A2", "B1:C1", "D1:E1"]))["2026-09-01"] == ONE


# 日期 over two head rows


@pytest.mark.parametrize("merges", [["A1:A2", "B1:C1", "D1:E1"], []])
def test_a_date_title_over_two_rows_has_the_names_below(make, merges):
    rows = [
        ["日期", "流量", None, "交易", None],
        [None, "访客数", "浏览量", "支付金额", "支付订单数"],
        [day(1), 100, 300, 1000, 9],
    ]
    assert days_of(make.book(rows, merges=merges))["2026-09-01"] == {**ONE, "orders": 9}


def test_some_names_may_reach_down_like_the_date(make):
    rows = [
        ["日期", "访客数", "交易", None],
        [None, None, "支付金额", "支付订单数"],
        [day(1), 100, 1000, 9],
    ]
    file = make.book(rows, merges=["A1:A2", "B1:B2", "C1:D1"])
    assert days_of(file)["2026-09-01"] == {**ONE, "orders": 9}


def test_a_head_of_two_rows_under_a_title_in_a_csv(make):
    text = "店铺日报,,,\n日期,流量,交易,\n,访客数,支付金额,支付订单数\n2026-09-01,100,1000,9\n"
    assert days_of(make.text(text))["2026-09-01"] == {**ONE, "orders": 9}


def test_groups_over_a_head_whose_date_reaches_down_are_chosen_alike(make):
    rows = [["日期", "去年", None, "今年", None], [None, *HEAD[1:] * 2], [day(1), 1, 2, 100, 1000]]
    assert days_of(make.book(rows, merges=["A1:A2", "B1:C1", "D1:E1"]))["2026-09-01"] == ONE


# A second head further down, tables beside each other


SECOND = ["日期", "支付金额", "访客数"]


@pytest.mark.parametrize("between", [[[]], [], [[], ["下半月"], []], [[None], [None, "补充"]]])
def test_a_second_head_goes_for_the_rows_below_it(make, between):
    rows = [HEAD, [day(1), 100, 1000], [day(2), 101, 1001], *between, SECOND, [day(3), 1002, 102]]
    found = days_of(make.book(rows))
    assert (found["2026-09-01"], found["2026-09-03"]) == (ONE, TWO)


def test_a_head_repeated_on_every_page_is_no_row(make):
    rows = [HEAD, [day(1), 100, 1000], HEAD, [day(2), 101, 1001], HEAD, [day(3), 102, 1002]]
    file = make.book(rows)
    assert days_of(file)["2026-09-03"] == TWO
    assert rules_of(file, Level.ERROR) == set()


def test_a_second_head_in_a_csv_and_in_a_web_page(make):
    text = (
        "日期,访客数,支付金额\n2026-09-01,100,1000\n\n日期,支付金额,访客数\n2026-09-03,1002,102\n"
    )
    assert days_of(make.text(text)) == {"2026-09-01": ONE, "2026-09-03": TWO}
    cells = "".join(
        f"<tr>{''.join(f'<td>{c}</td>' for c in line.split(','))}</tr>" for line in text.split()
    )
    assert days_of(make.html(cells)) == {"2026-09-01": ONE, "2026-09-03": TWO}


def test_parts_of_a_day_in_two_blocks_are_added(make):
    head, other = "日期,场景名字,计划ID,花费,总成交金额", "日期,计划ID,场景名字,总成交金额,花费"
    text = f"{head}\n2026-09-01,关键词推广,1,10,50\n\n{other}\n2026-09-01,2,关键词推广,60,20\n"
    assert days_of(make.text(text, "示例店_计划.csv"))["示例店 2026-09-01"] == {
        "spend_keyword": 30,
        "gmv_keyword": 110,
    }


def test_two_blocks_that_contradict_each_other_give_neither_figure(make):
    rows = [HEAD, [day(1), 100, 1000], [], SECOND, [day(1), 2000, 100]]
    file = make.book(rows)
    assert days_of(file) == {"2026-09-01": {"uv": 100}}
    assert "conflict" in rules_of(file, Level.ERROR)


def test_tables_beside_each_other_keep_their_own_dates(make):
    rows = [[*HEAD, None, *HEAD], [day(1), 100, 1000, None, day(3), 102, 1002]]
    assert days_of(make.book(rows)) == {"2026-09-01": ONE, "2026-09-03": TWO}


# Head and body in two tables


def test_a_head_in_a_table_of_its_own_goes_for_the_next(make):
    head = "<tr><th>日期</th><th>支付金额</th><th>访客数</th></tr></table><table>"
    body = "<tr><td>2026-09-01</td><td>1000</td><td>100</td></tr><tr><td>2026-09-03</td><td>1002</td><td>102</td></tr>"
    assert days_of(make.html(head + body)) == {"2026-09-01": ONE, "2026-09-03": TWO}


def test_a_head_of_two_rows_in_a_table_of_its_own(make):
    head = "<tr><th rowspan=2>日期</th><th colspan=2>全部终端</th></tr><tr><th>访客数</th><th>支付金额</th></tr></table><table>"
    assert days_of(make.html(head + "<tr><td>2026-09-01</td><td>100</td><td>1000</td></tr>")) == {
        "2026-09-01": ONE
    }


def test_a_title_table_before_head_and_body(make):
    title = "<tr><td>店铺日报</td></tr></table><table><thead><tr><th>日期</th><th>访客数</th><th>支付金额</th></tr></thead></table><table>"
    assert days_of(make.html(title + "<tr><td>2026-09-01</td><td>100</td><td>1000</td></tr>")) == {
        "2026-09-01": ONE
    }


def test_a_head_alone_before_a_table_of_other_width_is_not_put_over_it(make):
    head = "<tr><th>日期</th><th>支付金额</th><th>访客数</th></tr></table><table>"
    file = make.html(head + "<tr><td>2026-09-01</td><td>7</td><td>1000</td><td>100</td></tr>")
    assert days_of(file) == {}


# Days across


def across(*labels, days=(1, 2, 3), title="日期"):
    rows = [[title, *(day(i) for i in days)]]
    for label, start, step in labels:
        rows.append([label, *(start + step * i for i in range(len(days)))])
    return rows


BOTH = (("访客数", 100, 1), ("支付金额", 1000, 1))


@pytest.mark.parametrize("title", ["日期", "指标", "项目", None])
def test_days_side_by_side_are_read_as_rows(make, title):
    found = days_of(make.book(across(*BOTH, title=title)))
    assert (found["2026-09-01"], found["2026-09-03"]) == (ONE, TWO)


def test_days_across_with_groups_units_weekdays_and_totals(make):
    rows = [
        ["店铺每周运营表"],
        [None, "项目", "单位", day(1), day(2), day(3), "合计"],
        [None, "星期", None, "二", "三", "四", None],
        ["流量", "访客数", "人", 100, 101, 102, 303],
        ["交易", "支付金额", "万元", 0.1, 0.1001, 0.1002, 0.3003],
    ]
    found = days_of(make.book(rows))
    assert (found["2026-09-01"], found["2026-09-03"]) == (ONE, TWO)
    assert set(found) == {"2026-09-01", "2026-09-02", "2026-09-03"}


def test_days_across_as_text_in_a_csv(make):
    text = "指标,9月1日,9月2日,9月3日\n访客数,100,101,102\n支付金额,1000,1001,1002\n"
    found = days_of(make.text(text), year=2026)
    assert (found["2026-09-01"], found["2026-09-03"]) == (ONE, TWO)


def test_days_across_on_a_sheet_named_after_the_month(make):
    rows = [
        ["项目", "1日", "2日", "3日"],
        ["访客数", 100, 101, 102],
        ["支付金额", 1000, 1001, 1002],
    ]
    assert days_of(make.book(rows, titles=["9月"]), year=2026)["2026-09-03"] == TWO


def test_days_across_of_two_stores(make):
    rows = [
        ["店铺", "指标", day(1), day(2)],
        ["旗舰店", "访客数", 100, 1], [None, "支付金额", 1000, 2],
        ["专营店", "访客数", 102, 3], [None, "支付金额", 1002, 4],
    ]  # fmt: skip
    found = days_of(make.book(rows, merges=["A2:A3", "A4:A5"]))
    assert (found["旗舰店 2026-09-01"], found["专营店 2026-09-01"]) == (ONE, TWO)


def test_the_place_of_a_bad_cell_of_days_across_is_where_people_see_it(make):
    from xlplan.sources import read

    rows = across(*BOTH)
    rows[2][2] = "约一千"
    (bad,) = (p for p in read(make.book(rows)).problems if p.level is Level.ERROR)
    assert bad.where.cell == "C3"


# Two columns for one metric


@pytest.mark.parametrize(
    "head",
    [["日期", "GMV", "支付金额"], ["日期", "支付金额", "GMV"], ["日期", "销售额", "支付金额"]],
)
def test_of_two_columns_for_one_metric_the_closer_is_taken_and_it_is_said(make, head):
    paid = head.index("支付金额")
    rows = [head, *([day(i), *(1000 if c == paid else 1500 for c in (1, 2))] for i in (1, 2))]
    file = make.book(rows)
    assert days_of(file)["2026-09-01"] == {"gmv": 1000}
    assert "two_columns" in rules_of(file, Level.WARNING)


def test_two_columns_for_one_metric_that_agree_are_no_matter(make):
    file = make.book([["日期", "GMV", "支付金额"], [day(1), 1000, 1000]])
    assert days_of(file)["2026-09-01"] == {"gmv": 1000}
    assert "two_columns" not in rules_of(file)


def test_two_columns_of_one_name_with_different_figures_give_none(make):
    file = make.book([["日期", "访客数", "支付金额", "支付金额"], [day(1), 100, 1000, 900]])
    assert days_of(file) == {"2026-09-01": {"uv": 100}}
    assert "same_title" in rules_of(file, Level.ERROR)
    same = make.book([["日期", "访客数", "支付金额", "支付金额"], [day(1), 100, 1000, 1000]])
    assert days_of(same)["2026-09-01"] == ONE


def test_a_known_export_with_a_column_twice_is_no_better(make):
    text = "统计日期,访客数,支付金额,支付金额\n2026-09-01,100,1000,900\n"
    file = make.text(text, "示例店.csv")
    assert days_of(file) == {"示例店 2026-09-01": {"uv": 100}}
    assert "same_title" in rules_of(file, Level.ERROR)


# Merged cells in the body


def test_a_merged_date_goes_for_all_its_rows(make):
    head = ["日期", "店铺", "访客数", "支付金额"]
    rows = [
        head,
        [day(1), "甲店", 100, 1000],
        [None, "乙店", 102, 1002],
        [day(2), "甲店", 1, 2],
        [None, "乙店", 3, 4],
    ]
    found = days_of(make.book(rows, merges=["A2:A3", "A4:A5"]))
    assert (found["甲店 2026-09-01"], found["乙店 2026-09-01"], found["乙店 2026-09-02"]) == (
        ONE,
        TWO,
        {"uv": 3, "gmv": 4},
    )


def test_a_merged_store_goes_for_all_its_rows(make):
    head = ["店铺", "日期", "访客数", "支付金额"]
    rows = [head, ["甲店", day(1), 100, 1000], [None, day(3), 102, 1002]]
    assert days_of(make.book(rows, merges=["A2:A3"])) == {
        "甲店 2026-09-01": ONE,
        "甲店 2026-09-03": TWO,
    }


def test_a_figure_merged_over_two_days_is_nobodys(make):
    rows = [HEAD, [day(1), 100, 2000], [day(2), 101, None]]
    file = make.book(rows, merges=["C2:C3"])
    assert days_of(file) == {"2026-09-01": {"uv": 100}, "2026-09-02": {"uv": 101}}
    assert "error_cell" in rules_of(file, Level.ERROR)


def test_a_merged_date_of_a_web_page_goes_for_all_its_rows(make):
    file = make.html(
        "<tr><th>日期</th><th>店铺</th><th>访客数</th><th>支付金额</th></tr>"
        "<tr><td rowspan=2>2026-09-01</td><td>甲店</td><td>100</td><td>1000</td></tr>"
        "<tr><td>乙店</td><td>102</td><td>1002</td></tr>"
    )
    assert days_of(file) == {"甲店 2026-09-01": ONE, "乙店 2026-09-01": TWO}


def test_a_merged_date_without_its_merge_is_still_refused(make):
    file = make.text("日期,店铺,访客数\n2026-09-01,甲店,100\n,乙店,102\n")
    assert days_of(file) == {"甲店 2026-09-01": {"uv": 100}}
    assert "no_date" in rules_of(file, Level.ERROR)


def test_nothing_to_straighten_stays_refused(make):
    assert is_refused(make.text("甲,乙\n1,2\n3,4\n"), "unknown_table")
    assert isinstance(day(1), dt.date)


# What is read rightly stays so


@pytest.mark.parametrize(
    "top",
    [
        ["2026年9月店铺日报", None, "制表人", "小王"],
        [None, "目标100万", None, None],
        ["店铺", "示例", None, None],
        [None, "流量", "付费推广", "搜索推广"],
        [None, "推广计划", "推广计划", "推广计划"],
        [None, "进店", "到店", "离店"],
    ],
)
def test_texts_above_a_head_that_are_no_groups_change_nothing(make, top):
    rows = [top, ["日期", "访客数", "直通车", "钻展"], [day(1), 100, 10, 20]]
    found = days_of(make.book(rows))
    assert found == {"2026-09-01": {"uv": 100, "spend_keyword": 10, "spend_display": 20}}


def test_one_store_in_the_title_is_nothing_to_split(make):
    rows = [["甲旗舰店"], ["对比乙专营店"], HEAD, [day(1), 100, 1000]]
    assert days_of(make.book(rows)) == {"2026-09-01": ONE}


def test_two_blocks_with_a_store_above_each_are_two_stores(make):
    rows = [["旗舰店"], HEAD, [day(1), 100, 1000], [], ["专营店"], SECOND, [day(3), 1002, 102]]
    assert days_of(make.book(rows)) == {"旗舰店 2026-09-01": ONE, "专营店 2026-09-03": TWO}
    rows[0], rows[4] = ["店铺：甲"], ["店铺：乙"]
    assert days_of(make.book(rows)) == {"甲 2026-09-01": ONE, "乙 2026-09-03": TWO}


def test_a_merged_code_of_a_store_is_a_label(make):
    rows = [
        ["店铺", "日期", "访客数", "支付金额"],
        [1001, day(1), 100, 1000],
        [None, day(3), 102, 1002],
    ]
    found = days_of(make.book(rows, merges=["A2:A3"]))
    assert list(found.values()) == [ONE, TWO]
    assert len({name.split()[0] for name in found}) == 1


def test_sheets_of_unlike_names_that_are_joined_are_named(make):
    file = make.book(
        [HEAD, [day(1), 100, 1000]], [HEAD, [day(3), 102, 1002]], titles=["城东", "城西"]
    )
    assert days_of(file) == {"2026-09-01": ONE, "2026-09-03": TWO}
    assert "joined_sheets" in rules_of(file, Level.WARNING)
    file = make.book(
        [HEAD, [day(1), 100, 1000]], [HEAD, [day(3), 102, 1002]], titles=["上旬", "下旬"]
    )
    assert "joined_sheets" not in rules_of(file)


def test_stores_as_groups_beside_their_total_keep_their_own_figures(make):
    rows = [
        [None, "旗舰店", None, "专营店", None, "合计", None],
        ["日期"] + HEAD[1:] * 3,
        [day(1), 100, 1000, 20, 200, 120, 1200],
    ]
    found = days_of(make.book(rows, merges=["B1:C1", "D1:E1", "F1:G1"]))
    assert found == {"旗舰店 2026-09-01": ONE, "专营店 2026-09-01": {"uv": 20, "gmv": 200}}


def test_a_head_of_three_rows(make):
    rows = [
        ["日期", "今年", None, "去年", None],
        [None, "全店", None, "全店", None],
        [None, *HEAD[1:] * 2],
        [day(1), 100, 1000, 1, 2],
    ]
    merges = ["A1:A3", "B1:C1", "D1:E1", "B2:C2", "D2:E2"]
    assert days_of(make.book(rows, merges=merges)) == {"2026-09-01": ONE}


def test_days_across_as_bare_numbers_on_a_sheet_named_after_the_month(make):
    rows = [["项目", 1, 2, 3], ["访客数", 100, 101, 102], ["支付金额", 1000, 1001, 1002]]
    found = days_of(make.book(rows, titles=["9月"]), year=2026)
    assert (found["2026-09-01"], found["2026-09-03"]) == (ONE, TWO)


def test_a_second_head_with_groups_of_its_own(make):
    rows = [HEAD, [day(1), 100, 1000], [], [None, "去年", None, "今年", None]]
    rows += [["日期", *HEAD[1:] * 2], [day(3), 1, 2, 102, 1002]]
    assert days_of(make.book(rows)) == {"2026-09-01": ONE, "2026-09-03": TWO}


def test_two_blocks_of_days_across(make):
    first, second = (
        across(*BOTH),
        across(("访客数", 102, 1), ("支付金额", 1002, 1), days=(4, 5, 6)),
    )
    found = days_of(make.book([*first, [], *second]))
    assert (found["2026-09-01"], found["2026-09-04"]) == (ONE, TWO)
