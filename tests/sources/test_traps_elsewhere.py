"""The classic mistakes of reading e-commerce exports, each with the test that holds it off."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

from xlplan.errors import FileError, InputError, Level
from xlplan.sources import load_mapping, read, read_many

EXPORTS = Path(__file__).parent.parent / "exports"


def export(pattern: str) -> Path:
    (found,) = (path for path in EXPORTS.glob(pattern) if not path.name.endswith(".expected.csv"))
    return found


def rules(extract, level=None) -> set[str]:
    return {problem.rule for problem in extract.problems if level in (None, problem.level)}


def write(folder: Path, text: str, name: str = "示例店_表.csv") -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


# 京东 · 拼多多 · 抖音


def test_both_layouts_of_jd_read_alike():
    frames = [read(export(f"jd/*{kind}*")).frame for kind in ("旧版", "新版")]
    assert [frame["uv"].tolist() for frame in frames] == [[11378], [10905]]
    assert [frame["gmv"].tolist() for frame in frames] == [[38412.5], [35118.9]]


def test_hours_add_up_to_their_day_and_month_rows_do_not_join_in():
    assert read(export("jd/*非全站*")).frame["spend_jzt"].tolist() == [871.64]
    sitewide = read(export("jd/*全站营销*"))
    assert sitewide.frame["spend_sitewide"].tolist() == [512.3, 498.1]
    assert "period" in rules(sitewide)


def test_pdd_dates_are_month_first_and_comparison_columns_are_left_alone():
    frame = read(export("pdd/*交易概况*")).frame
    assert frame.index.tolist() == [("示例专营店", pd.Timestamp("2026-09-01"))]
    assert frame["refund_orders"].tolist() == [31]


def test_a_total_row_is_dropped_and_what_only_it_has_is_reported():
    extract = read(export("pdd/推广*"))
    assert extract.frame["spend_pdd"].tolist() == [102.12, 80]
    (gap,) = (problem for problem in extract.problems if problem.rule == "total_gap")
    assert "67.88" in gap.what
    assert str(gap.where).endswith("L5")


def test_a_total_that_agrees_with_its_rows_is_dropped_in_silence():
    extract = read(export("douyin/*推广直播间*"))
    assert extract.frame["spend_qianchuan"].tolist() == [6670] * 3
    assert "total_gap" not in rules(extract)


def test_douyin_takes_the_day_and_not_the_range_it_was_asked_for(tmp_path):
    assert len(read(export("douyin/*自助取数*")).frame) == 3
    text = "统计日期,店铺名称,成交金额\n20260901-20260903,示例小店,99\n"
    extract = read(write(tmp_path, text))
    assert extract.frame.empty
    assert "period" in rules(extract)


def test_live_sales_are_a_part_and_only_their_spend_is_taken():
    assert read(export("douyin/*直播_*")).frame.columns.tolist() == ["spend_qianchuan"]


# 手填


def test_holes_of_a_hand_kept_sheet_stay_holes():
    frame = read(export("other/店员*")).frame.droplevel("store")
    assert math.isnan(frame.loc["2026-09-02", "refund_amount"])
    assert frame.loc["2026-09-02", "gmv_excluded"] == 0
    assert pd.Timestamp("2026-09-03") not in frame.index
    assert "missing_days" in rules(read(export("other/店员*")))


def test_one_day_twice_is_fine_when_equal_and_a_conflict_when_not(tmp_path):
    head = "日期,访客数,支付金额\n2026-09-01,100,900\n"
    same = read(write(tmp_path, head + "2026/9/1,100,900.00\n"))
    assert same.frame["gmv"].tolist() == [900]
    assert rules(same) == {"repeated_day"}
    apart = read(write(tmp_path, head + "2026/9/1,100,901\n"))
    assert apart.frame.columns.tolist() == ["uv"]
    assert "conflict" in rules(apart, Level.ERROR)


@pytest.mark.parametrize(("cell", "rule"), [("1,2 34", "not_a_number"), ("12%", "wrong_kind"), ("1:4", "wrong_kind"),
                                            ("#N/A", "error_cell"), ("1e5", "not_a_number")])  # fmt: skip
def test_a_cell_that_is_no_amount_is_named_and_missing(tmp_path, cell, rule):
    extract = read(
        write(tmp_path, f'日期,访客数,支付金额\n2026-09-01,100,"{cell}"\n2026-09-02,90,5\n')
    )
    (problem,) = (found for found in extract.problems if found.level is Level.ERROR)
    assert (problem.rule, problem.where.cell) == (rule, "C2")
    assert math.isnan(extract.frame["gmv"].iloc[0])


def test_a_thousand_bad_cells_are_five_lines_and_a_count(tmp_path):
    rows = "".join(f"2026-{1 + day // 28:02d}-{1 + day % 28:02d},坏,1\n" for day in range(300))
    extract = read(write(tmp_path, f"日期,支付金额,访客数\n{rows}"))
    bad = [problem.what for problem in extract.problems if problem.rule == "not_a_number"]
    assert len(bad) == 6
    assert "295" in bad[-1]


def test_a_year_is_taken_from_the_neighbours_the_file_or_the_caller_and_else_refused(tmp_path):
    text = "日期,支付金额\n9.1,5\n9月2日,6\n"
    assert rules(read(write(tmp_path, text)), Level.ERROR) == {"no_year"}
    assert len(read(write(tmp_path, text), year=2026).frame) == 2
    assert len(read(write(tmp_path, text, "示例店_2026年日报.csv")).frame) == 2
    near = read(write(tmp_path, text + "2026-09-03,7\n"))
    assert near.frame["gmv"].tolist() == [5, 6, 7]
    across = read(write(tmp_path, "日期,支付金额\n12.31,5\n2027-01-01,6\n"))
    assert rules(across, Level.ERROR) == {"no_year"}, "31 December of which year?"


def test_targets_and_computed_ratios_are_not_taken_for_actuals(tmp_path):
    extract = read(
        write(tmp_path, "日期,目标销售额,支付金额,转化率,ROI,推广费\n2026-09-01,9,5,3%,1:4,2\n")
    )
    assert extract.frame.columns.tolist() == ["gmv"]


def test_a_day_that_was_not_over_when_the_file_was_made_is_marked(tmp_path):
    text = "导出时间：2026-09-02 14:00:00\n统计日期,访客数,支付金额\n2026-09-01,100,9\n2026-09-02,50,4\n"
    extract = read(write(tmp_path, text))
    assert [day.isoformat() for day in extract.provenance[0].partial] == ["2026-09-02"]
    assert "partial_day" in rules(extract, Level.WARNING)


def test_stores_come_from_the_rows_then_the_preamble_then_the_caller_then_the_name(tmp_path):
    def stores(text: str, **more) -> list[str]:
        return (
            read(write(tmp_path, text, "丁旗舰店_日报.csv"), **more)
            .frame.index.get_level_values(0)
            .tolist()
        )

    table = "日期,支付金额\n2026-09-01,5\n"
    rows = "日期,店铺,支付金额\n2026-09-01,甲店,5\n2026-09-01,乙店,6\n"
    assert stores(f"店铺：丙店\n{rows}", store="戊店") == ["乙店", "甲店"]
    assert stores(f"店铺：丙店\n{table}", store="戊店") == ["丙店"]
    assert stores(table, store="戊店") == ["戊店"]
    assert stores(table) == ["丁旗舰店"]


@pytest.mark.parametrize("name", ["NA", "None", "N/A", "null", "0012"])
def test_a_shop_called_na_keeps_its_name(tmp_path, name):
    frame = read(write(tmp_path, f"日期,店铺,支付金额\n2026-09-01,{name},5\n")).frame
    assert frame.index.get_level_values("store").tolist() == [name]


def test_values_no_shop_has_are_kept_and_named(tmp_path):
    extract = read(
        write(tmp_path, "日期,访客数,支付金额\n2026-09-01,9999999999,9\n2026-09-02,12.5,-40\n")
    )
    odd = [problem.what for problem in extract.problems if problem.rule == "odd_value"]
    assert len(odd) == 2, (
        "ten-digit UV and half a visitor; negative sales are legal on refund days"
    )
    assert extract.frame["uv"].tolist() == [9_999_999_999, 12.5]


def test_order_numbers_that_lost_their_digits_do_not_become_one_order(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    for row in (["订单编号", "买家实际支付金额", "订单付款时间"],
                [3900000000000000001, 10, "2026-09-01 10:00:00"], [3900000000000000002, 20, "2026-09-01 11:00:00"]):  # fmt: skip
        book.active.append(row)
    book.save(tmp_path / "示例店.xlsx")
    extract = read(tmp_path / "示例店.xlsx")
    assert extract.frame[["gmv", "orders"]].iloc[0].tolist() == [30, 2]
    assert "lost_digits" in rules(extract)


def test_reading_twice_gives_the_same():
    path = export("tmall/*店铺销售数据*")
    pd.testing.assert_frame_equal(read(path).frame, read(path).frame)


def test_an_unknown_file_says_what_it_saw_and_how_to_map_it(tmp_path):
    extract = read(write(tmp_path, "甲,乙\n1,2\n"))
    (problem,) = extract.problems
    assert "甲、乙" in problem.what
    assert "映射" in problem.remedy


def test_the_mapping_offered_for_an_unknown_file_only_lacks_the_metrics(tmp_path):
    table = "说明：内部资料\nshop,c_day,支付金额,cost,note\n甲,13/09/2026,1.5,2,x\n甲,14/09/2026,2.5,3,y\n"
    offered = read(write(tmp_path, table.replace("c_day", "说不清"))).starter
    assert '"支付金额" = "日销售额"' in offered
    offered = read(write(tmp_path, table.replace("支付金额", "money"))).starter
    assert '# "cost" = "填指标名"  # 样例 2' in offered
    assert "note" not in offered
    done = offered.replace('# "cost" = "填指标名"', '"cost" = "其他推广"')
    frame = read(tmp_path / "示例店_表.csv", mapping=write(tmp_path, done, "m.toml")).frame
    assert frame["spend_other"].tolist() == [2, 3]
    assert frame.index.get_level_values("date").strftime("%m-%d").tolist() == ["09-13", "09-14"]


def test_visitors_of_a_month_are_told_apart_from_those_of_its_days(tmp_path):
    table = "日期,店铺,访客数,月访客数(去重),月UV\n2026-09-01,甲店,10,900,900\n"
    extract = read(write(tmp_path, table))
    assert extract.frame.to_dict("list") == {"uv": [10]}
    (told,) = [problem.what for problem in extract.problems if problem.rule == "not_daily"]
    assert told.startswith("月访客数(去重)、月UV：去重的数")
    assert "unused_columns" not in rules(extract)


def test_a_row_is_a_total_by_its_date_store_or_channel_and_not_by_the_name_of_a_plan(tmp_path):
    rows = "plan,错,日期,店铺,支付金额\n上周新品,#DIV/0!,2026-09-01,甲,5\n汇总计划,#N/A,2026-09-02,甲,6\n"
    extract = read(write(tmp_path, rows + "x,,2026-09-02,合计,11\n,,合计,,11\n,小计,,,7\n"))
    assert extract.frame["gmv"].tolist() == [5, 6]
    assert extract.frame.index.get_level_values("store").unique().tolist() == ["甲"]


def test_a_mapping_reads_what_is_not_known_and_refuses_what_it_cannot_mean(tmp_path):
    assert (
        read(export("other/广告后台.csv"), mapping=export("other/广告后台.toml")).source
        == "mapping:海外广告后台"
    )
    for text in ('date = "d"\n[columns]\nx = "roi"\n', 'date = "d"\n[columns]\nx = "nonsense"\n', 'date = "d"\n',
                 'date = "d"\norder = "ydm"\n[columns]\nx = "uv"\n', "= broken", "sum = 1\n[columns]\n",
                 'date = "d"\n[columns]\n', 'date = "d"\n[columns]\nx = "月访客数(去重)"\n', 'date = "d"\nrows = "two"\n[columns]\nx = "uv"\n',
                 'date = "d"\n[columns]\nx = {metric = "uv", scale = "万"}\n', 'date = "d"\nscenes = {"甲" = "天上"}\n[columns]\nx = "uv"\n'):  # fmt: skip
        with pytest.raises(InputError):
            load_mapping(write(tmp_path, text, "m.toml"))


def test_one_bad_file_does_not_stop_the_others(tmp_path):
    good = write(tmp_path, "日期,支付金额\n2026-09-01,5\n")
    bad = write(tmp_path, "", "空.csv")
    extracts = read_many([bad, tmp_path / "没有.xlsx", good], store="甲")
    assert [len(extract.frame) for extract in extracts] == [0, 0, 1]
    assert [extract.problems[0].rule for extract in extracts[:2]] == ["empty", "missing"]
    with pytest.raises(FileError):
        read(bad)
