"""The classic mistakes of reading e-commerce exports, each with the test that holds it off."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pandas as pd
import pytest

from xlplan.errors import FileError, InputError, Level
from xlplan.sources import Options, load_mapping, read, read_many

EXPORTS = Path(__file__).parent.parent / "exports"
#: Folder of try-out data that are not part of the repository; the test skips without it.
FEBRUARY = Path(os.environ.get("XLPLAN_TRYOUT_DATA", ""), "tmall_order_report_2020feb.csv")


def export(pattern: str) -> Path:
    (found,) = (path for path in EXPORTS.glob(pattern) if not path.name.endswith(".expected.csv"))
    return found


def rules(extract, level=None) -> set[str]:
    return {problem.rule for problem in extract.problems if level in (None, problem.level)}


def write(folder: Path, text: str, name: str = "示例店_表.csv") -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


# 天猫


def test_paid_amount_of_orders_is_net_of_refunds_and_gmv_adds_them_back():
    frame = read(export("tmall/ExportOrderList*")).frame.droplevel("store")
    assert frame.loc["2026-09-02", "gmv"] == 419.62
    assert frame.loc["2026-09-02", "refund_amount"] == 89.0
    assert frame.loc["2026-09-01", "orders"] == 1, "a closed unpaid order is no order"


def test_an_order_counts_on_the_day_it_is_paid_in_full_and_not_when_created():
    frame = read(export("tmall/ExportOrderList*")).frame.droplevel("store")
    assert frame.loc["2026-09-03", "orders"] == 1, "presale of 20 August, paid on 3 September"
    assert frame.index.min() == pd.Timestamp("2026-09-01")


def test_a_presale_of_which_only_the_deposit_is_paid_is_not_yet_sold(tmp_path):
    head = "订单编号,买家实际支付金额,退款金额,总金额,订单付款时间,分阶段订单信息\n"
    rows = '="1",50,0,50,2026-09-01 10:00:00,阶段1已付款;阶段2未付款\n="2",80,0,80,2026-09-01 11:00:00,\n'
    frame = read(write(tmp_path, head + rows)).frame
    assert frame["gmv"].tolist() == [80]


def test_orders_marked_in_the_remark_are_a_deduction_and_stay_in_gmv():
    path = export("tmall/ExportOrderList*")
    frame = read(path).frame.droplevel("store")
    assert frame.loc["2026-09-02", ["gmv_excluded", "orders_excluded"]].tolist() == [85.84, 1]
    assert frame.loc["2026-09-01", "orders_excluded"] == 0
    plain = read(path, options=Options(exclude_prefixes=())).frame
    assert "gmv_excluded" not in plain
    assert plain["gmv"].sum() == pytest.approx(frame["gmv"].sum())


def test_rows_of_one_order_are_one_order_and_a_repeated_row_is_dropped(tmp_path):
    text = (
        "子订单编号,主订单编号,买家实付金额,订单付款时间,购买数量\n"
        "11,1,50,2026-09-01 10:00:00,1\n12,1,30,2026-09-01 10:00:00,2\n12,1,30,2026-09-01 10:00:00,2\n"
    )
    extract = read(write(tmp_path, text))
    assert extract.frame[["gmv", "orders", "units"]].iloc[0].tolist() == [80, 1, 3]
    assert "repeated_row" in rules(extract)


def test_nothing_about_a_person_leaves_the_order_export():
    extract = read(export("tmall/ExportOrderList*"))
    said = extract.frame.to_csv() + "".join(map(str, extract.problems)) + str(extract.provenance)
    assert not any(secret in said for secret in ("买家1", "138000", "390000"))


@pytest.mark.skipif(not FEBRUARY.exists(), reason="try-out data are not part of the repository")
def test_a_real_month_of_orders_agrees_with_plain_pandas_to_the_fen():
    found = read(FEBRUARY, store="x").frame.droplevel("store")
    plain = pd.read_csv(FEBRUARY).rename(columns=str.strip).dropna(subset="订单付款时间")
    days = plain.groupby(pd.to_datetime(plain["订单付款时间"]).dt.normalize())
    wanted = days.agg(
        gmv=("总金额", "sum"), refund=("退款金额", "sum"), orders=("订单编号", "nunique")
    )
    assert (found["gmv"] - wanted["gmv"]).abs().max() < 0.005
    assert (found["refund_amount"] - wanted["refund"]).abs().max() < 0.005
    assert (found["orders"] == wanted["orders"]).all()
    assert len(found) == len(wanted) == 29


def test_a_month_of_made_up_orders_agrees_with_plain_pandas_to_the_fen(tmp_path):
    days = pd.date_range("2026-02-01", periods=400, freq="97min")
    total = [round(20 + (i * 37) % 180 + i / 100, 2) for i in range(400)]
    refund = [
        total[i] if i % 5 == 0 else round(total[i] / 3, 2) if i % 7 == 0 else 0 for i in range(400)
    ]
    plain = pd.DataFrame(
        {"订单编号": range(400), "总金额": total, "退款金额": refund, "订单付款时间 ": days}
    )
    plain["买家实际支付金额"] = (plain["总金额"] - plain["退款金额"]).round(2)
    plain.loc[::9, "订单付款时间 "] = pd.NaT
    file = tmp_path / "示例店_订单.csv"
    plain.to_csv(file, index=False, encoding="gbk")
    found = read(file).frame.droplevel("store")
    paid = plain.dropna(subset="订单付款时间 ")
    wanted = paid.groupby(paid["订单付款时间 "].dt.normalize())["总金额"].agg(["sum", "size"])
    assert (found["gmv"] - wanted["sum"]).abs().max() < 0.005
    assert (found["orders"] == wanted["size"]).all()


def test_refunds_count_when_they_are_done_and_only_if_they_succeed():
    extract = read(export("tmall/*退款*"))
    assert extract.frame["refund_amount"].tolist() == [115.0], (
        "85 + 30 to buyers; platform's share apart"
    )
    assert extract.frame["refund_orders"].tolist() == [2.0]
    assert extract.provenance[0].basis == "退款完结时间"


def test_products_are_counted_and_never_added_up_to_the_shop():
    extract = read(export("tmall/*商品_全部*"))
    assert set(extract.frame.columns) == {"sold_skus", "listed_skus", "gmv_campaign"}


def test_plans_and_products_of_one_campaign_are_never_added(tmp_path):
    import zipfile

    plans = (
        "日期,场景名字,计划ID,花费,总成交金额,引导访问人数\n2026-09-01,关键词推广,1,100,300,50\n"
    )
    items = "日期,场景名字,计划ID,主体ID,花费,总成交金额,引导访问人数\n2026-09-01,关键词推广,1,9,95,290,48\n"
    file = tmp_path / "示例店.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("b商品报表.csv", items)
        archive.writestr("计划报表.csv", plans)
    extract = read(file, store="示例店")
    assert extract.frame["spend_keyword"].tolist() == [100.0]
    assert "superseded" in rules(extract)


def test_scenes_go_to_their_channels_and_unknown_ones_are_counted_and_named():
    extract = read(export("tmall/商品报表*"))
    row = extract.frame.iloc[0]
    assert row[["spend_keyword", "spend_sitewide", "spend_other"]].tolist() == [2100.5, 1800, 5]
    assert "unknown_scene" in rules(extract, Level.WARNING)
    told = read(export("tmall/商品报表*"), options=Options(scenes={"新场景内测": "smart"}))
    assert told.frame["spend_smart"].tolist() == [5.0]


def test_inquiries_of_the_shop_are_not_counted_again_with_the_peers():
    frame = read(export("tmall/*业绩询单*")).frame
    assert frame[["inquiries", "inquiry_orders"]].to_numpy().tolist() == [[143, 70]]


def test_weeks_with_wan_and_yi_are_reported_and_not_taken_for_days():
    extract = read(export("tmall/*周维度*"))
    assert extract.frame.empty
    said = "".join(map(str, extract.problems))
    assert "312,000" in said
    assert "102,000,000" in said


def test_traffic_of_a_longer_range_is_reported_and_not_taken_for_a_day(tmp_path):
    text = "流量来源,来源明细,访客数\n付费流量,关键词推广,100\n"
    extract = read(write(tmp_path, text, "流量来源-2026-09-01_2026-09-07.csv"))
    assert extract.frame.empty
    assert "period" in rules(extract)


def test_a_promotion_sheet_says_its_channel_in_sheet_file_or_option(tmp_path):
    text = "日期,花费,点击量,展现量\n2026-09-01,12.5,10,900\n"
    assert "no_channel" in rules(read(write(tmp_path, text)), Level.ERROR)
    assert "spend_display" in read(write(tmp_path, text, "钻展日报.csv")).frame
    assert "spend_crm" in read(write(tmp_path, text), options=Options(channel="crm")).frame


def test_a_part_of_the_shop_is_never_taken_for_the_shop(tmp_path):
    text = "日期,商品名称,访客数,支付金额\n2026-09-01,示例,100,900\n"
    extract = read(write(tmp_path, text))
    assert extract.frame.empty
    assert "unknown_table" in rules(extract, Level.ERROR)


def test_money_movements_are_known_and_refused():
    extract = read(export("tmall/账务*"))
    assert extract.frame.empty
    assert "not_facts" in rules(extract)


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


def test_reading_twice_gives_the_same():
    path = export("tmall/*店铺销售数据*")
    pd.testing.assert_frame_equal(read(path).frame, read(path).frame)


def test_an_unknown_file_says_what_it_saw_and_how_to_map_it(tmp_path):
    extract = read(write(tmp_path, "甲,乙\n1,2\n"))
    (problem,) = extract.problems
    assert "甲、乙" in problem.what
    assert "映射" in problem.remedy


def test_a_mapping_reads_what_is_not_known_and_refuses_what_it_cannot_mean(tmp_path):
    assert (
        read(export("other/广告后台.csv"), mapping=export("other/广告后台.toml")).source
        == "mapping"
    )
    for text in ('date = "d"\n[columns]\nx = "roi"\n', 'date = "d"\n[columns]\nx = "nonsense"\n', 'date = "d"\n',
                 'date = "d"\norder = "ydm"\n[columns]\nx = "uv"\n', "= broken", "sum = 1\n[columns]\n"):  # fmt: skip
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
