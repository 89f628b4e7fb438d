"""Each rule on a list small enough to check by hand; the cells are those of the list."""

from __future__ import annotations

import datetime as dt

import pytest

from xlplan.errors import Level
from xlplan.plan.audit.rules import audit, weekday_row
from xlplan.plan.targets.claims import times_a_year
from xlplan.sources.readers.raw import Table
from xlplan.sources.targets import claims_of

HEAD = "店铺,指标,周期,数值,范围,类型,频次,门槛,上年,口径".split(",")


def findings(*rows, year=2026, **settings):
    """Rows are dicts or "指标 周期 数值 [范围 [类型]]"."""
    short = "指标", "周期", "数值", "范围", "类型"
    full = [
        dict(zip(short, row.split(), strict=False)) if isinstance(row, str) else row
        for row in rows
    ]
    table = [HEAD, *([row.get(name, "") for name in HEAD] for row in full)]
    read = claims_of(Table("目标.csv", "", table), year=year)
    assert [problem for problem in read.problems if problem.level is Level.ERROR] == []
    return audit(read.claims, year=year, **settings)


def of(rule, found):
    return [problem for problem in found if problem.rule == rule]


def only(rule, found):
    hits = of(rule, found)
    assert len(hits) == 1, [str(problem) for problem in found]
    return hits[0]


# R1 ---------------------------------------------------------------------------------------


def test_traffic_times_conversion_times_order_value_is_sales():
    problem = only(
        "R1", findings("销售额 年 500万", "UV 年 300万", "转化率 年 4%", "客单价 年 200")
    )
    assert "= 2400万元" in problem.what
    assert "4.8 倍" in problem.what
    for value in ("62.5万UV（每日 1,712）", "0.833%", "41.7元", "2400万元"):
        assert value in problem.remedy
    assert problem.level is Level.ERROR
    assert problem.where.cell == "D2"


def test_a_value_that_would_agree_does_agree():
    rows = "UV 年 300万", "转化率 年 4%", "客单价 年 200"
    assert of("R1", findings("销售额 年 2400万", *rows)) == []
    assert of("R1", findings("销售额 年 500万", "UV 年 62.5万", *rows[1:])) == []


def test_rounding_of_what_was_typed_is_no_contradiction():
    # 4% may be 4.37%: 300万 × 4.37% × 200 = 2622万
    rows = "UV 年 300万", "客单价 年 200"
    assert of("R1", findings("销售额 年 2500万", "转化率 年 4%", *rows)) == []
    assert of("R1", findings("销售额 年 2500万", "转化率 年 4.00%", *rows))


def test_figures_too_coarse_to_judge_are_only_information():
    problem = only("R1", findings("订单数 年 1000", "UV 年 3万", "转化率 年 4.0%"))
    assert problem.level is Level.INFO
    assert "数写得粗" in problem.what


@pytest.mark.parametrize(
    ("rows", "computed"),
    [
        (("订单数 年 1000", "UV 年 30000", "转化率 年 4.0%"), "1,200"),
        (("推广费 年 30万", "销售额 年 500万", "费用占比 年 12.0%"), "60万元"),
        (("推广销售额 年 100万", "推广费 年 50万", "ROI 年 3.5:1"), "175万元"),
        (("退款金额 年 10万", "销售额 年 500万", "退款率 年 8.0%"), "40万元"),
        (("询单人数 年 1000", "UV 年 30000", "询单率 年 5.0%"), "1,500"),
        (("销售额 年 500万", "推广费 年 100万", "整店投产 年 4.00"), "400万元"),
    ],
)
def test_every_identity_of_the_metrics_is_held(rows, computed):
    assert computed in only("R1", findings(*rows)).what


def test_identities_hold_month_by_month_and_day_by_day():
    problem = only(
        "R1",
        findings("日目标 3月 5000", "日目标UV 3月 1900", "转化率 3月 3.5%", "客单价 3月 70.2"),
    )
    assert problem.what.startswith("3月每日")
    assert "4,668元" in problem.what


def test_a_slip_of_ten_thousand_is_named():
    problem = only(
        "R1", findings("销售额 年 2400", "UV 年 300万", "转化率 年 4.00%", "客单价 年 200")
    )
    assert "少写或多写了“万”" in problem.remedy


def test_a_cure_beyond_a_hundred_percent_is_called_impossible():
    problem = only(
        "R1", findings("销售额 年 500万", "UV 年 1万", "转化率 年 4.0%", "客单价 年 200")
    )
    assert "转化率 250%（超过 100%，不可能）" in problem.remedy


def test_a_refund_rate_by_pieces_is_not_held_against_refunded_money():
    pieces = "退款件数 年 800", "支付件数 年 1万", "退款率 年 8.0%"
    assert of("R1", findings("退款金额 年 10万", "销售额 年 500万", *pieces)) == []


# R2, R3, R4 -------------------------------------------------------------------------------


def test_days_times_daily_is_the_year():
    problem = only("R2", findings("UV 年 300万", "UV 每日 8万", "转化率 年 4%", "客单价 年 200"))
    assert "2920万UV" in problem.what
    assert "9.73 倍" in problem.what
    assert "每日 8,219" in problem.remedy
    assert "2.34亿元" in problem.remedy


def test_a_month_is_its_days():
    assert of("R2", findings("UV 2月 28000", "日目标UV 2月 1000")) == []
    assert "每日 1,071" in only("R2", findings("UV 2月 3.00万", "日UV 2月 1050")).remedy


def test_a_leap_year_has_a_day_more():
    assert of("R2", findings("UV 年 366000", "UV 每日 1000", year=2028)) == []
    assert of("R2", findings("UV 2月 29000", "日UV 2月 1000", year=2028)) == []


def test_a_weekly_figure_is_counted_52_or_53_times():
    assert of("R2", findings("UV 年 52万", "UV 每周 10000")) == []
    assert of("R2", findings("UV 年 70万", "UV 每周 10000"))


def test_campaign_traffic_without_its_unit_is_asked_about():
    problem = only("R3", findings("UV 年 300万", "UV 每日 8万", "UV 618 15万"))
    assert "1.9 倍" in problem.what
    assert "18.2 倍" in problem.what
    assert "5.0%" in problem.what
    assert of("R3", findings("UV 年 300万", "UV 618每日 1.5万")) == []


def test_a_figure_without_a_period_is_taken_for_the_year_and_said_so():
    problem = only("R3", findings({"指标": "销售额", "数值": "500万"}))
    assert problem.level is Level.INFO
    assert "按全年理解" in problem.what


def test_a_figure_without_a_period_still_meets_the_identities():
    rows = [{"指标": name, "数值": value} for name, value in
            (("销售额", "500万"), ("UV", "300万"), ("转化率", "4%"), ("客单价", "200"))]  # fmt: skip
    assert of("R1", findings(*rows))


def test_one_quantity_has_one_value():
    problem = only("R4", findings("销售额 年 500万", "销售额 年 600万"))
    assert "500万(D2) 与 600万(D3)" in problem.what
    assert of("R4", findings("销售额 年 500万", "销售额 年 5000000元")) == []


def test_an_advertising_line_of_the_budget_is_the_advertising_spend():
    problem = only("R4", findings("广告投放 年 100万", "预算 年 200万 预算项:广告投放"))
    assert "相差 2 倍" in problem.what


# time sums, ranges ------------------------------------------------------------------------

MONTHS = [f"销售额 {month}月 {value}.0万" for month, value in enumerate((10, 12, 14, 20, 40, 60, 75, 85, 110, 130, 200, 150), 1)]  # fmt: skip


def test_months_make_quarters_and_quarters_the_year():
    quarters = [f"销售额 Q{n} {value}.0万" for n, value in enumerate((36, 120, 270, 480), 1)]
    assert of("time_sum", findings("销售额 年 906万", *MONTHS, *quarters)) == []
    problem = only("time_sum", findings("销售额 年 1000万", *MONTHS))
    assert "合计 906万元" in problem.what
    assert "少了 94万元" in problem.remedy
    wrong = findings("销售额 年 906万", *MONTHS, *quarters[:3], "销售额 Q4 500.0万")
    assert [problem.where.cell for problem in of("time_sum", wrong)] == ["D2", "D18"]


def test_months_that_are_missing_are_named():
    problem = only("months_missing", findings(*MONTHS[:10]))
    assert "缺 11月、12月" in problem.what


def test_an_annual_rate_lies_between_its_months():
    rates = [f"转化率 {month}月 {3 + month / 10:.1f}%" for month in range(1, 13)]
    assert of("ratio_range", findings("转化率 年 3.6%", *rates)) == []
    assert "3.05%～4.25%" in only("ratio_range", findings("转化率 年 4.8%", *rates)).what


def test_a_rate_above_a_hundred_percent_is_a_forgotten_percent_sign():
    problem = only("range", findings("转化率 年 4"))
    assert "400%" in problem.what
    assert "4%" in problem.remedy


def test_nothing_typed_is_negative_except_growth():
    assert only("range", findings("销售额 年 -500万")).level is Level.ERROR
    assert of("range", findings("销售额同比增长 年 -5%")) == []


# R5, R6 -----------------------------------------------------------------------------------


def test_budget_lines_make_the_budget():
    lines = "预算 年 200万 预算项:广告投放", "预算 年 50万 预算项:KOL合作"
    problem = only("R5", findings("总预算 年 300万", "销售额 年 5000万", *lines))
    assert "还有 50万元 没分配" in problem.what
    assert of("R5", findings("总预算 年 250万", "销售额 年 5000万", *lines)) == []
    over = only("R5", findings("总预算 年 200万", "销售额 年 5000万", *lines))
    assert over.level is Level.ERROR
    assert "超出 50万元" in over.what


def test_a_budget_as_large_as_the_sales_is_an_error():
    problem = only("R5", findings("总预算 年 500万", "销售额 年 500万", "推广费 年 200万"))
    assert "100%" in problem.what
    assert "整店投产 2.5" in problem.what


def test_an_even_split_of_a_year_with_campaigns_is_doubted():
    problem = only("R6", findings("销售额 每季度 125万"))
    assert "2季度有618" in problem.what
    assert "4季度有双11" in problem.what
    assert "合计 500万元" in problem.remedy


def test_the_split_that_the_calendar_suggests_is_not_doubted():
    uneven = "销售额 Q1 100万", "销售额 Q2 130万", "销售额 Q3 120万", "销售额 Q4 150万"
    assert of("R6", findings(*uneven)) == []


# R7, R8, R9 -------------------------------------------------------------------------------


def test_sessions_without_a_frequency_are_tried_once_a_week():
    problem = only("R7", findings("销售额 年 500万", "单场直播GMV 场 10万"))
    assert "520万元" in problem.what
    assert "50 场" in problem.remedy
    assert problem.level is Level.WARNING


def test_sessions_times_frequency_must_reach_the_share_they_stand_for():
    rows = ["销售额 年 0.92亿 渠道:短视频", "自播GMV占比 年 55% 渠道:短视频/自播",
            {"指标": "单场GMV", "周期": "场", "数值": "5万", "范围": "渠道:短视频/自播", "频次": "每周3场"}]  # fmt: skip
    problem = only("R7", findings(*rows))
    for value in ("5060万元", "780万元"):
        assert value in problem.what
    assert "1,012 场（每周 19.5 场）" in problem.remedy


def test_sessions_that_fit_are_silent():
    row = {"指标": "单场GMV", "周期": "场", "数值": "1万", "频次": "每周3场"}
    assert of("R7", findings("销售额 年 500万", row)) == []


def test_a_part_cannot_exceed_its_whole():
    assert "+20.0%" in only("R7", findings("销售额 年 500万", "销售额 年 600万 渠道:抖音")).what
    assert only("R7", findings("销售额 年 500万", "销售额 618 600万")).level is Level.ERROR


def test_heavy_buyers_cannot_spend_more_than_everybody():
    row = {"指标": "高价值会员占比", "周期": "年", "数值": "12%", "门槛": "年消费超5000元"}
    problem = only("R8", findings("销售额 年 4.2亿", "用户规模 年 200万", row))
    assert "12亿元" in problem.what
    assert "4.2%" in problem.remedy
    assert "1,750元" in problem.remedy
    row["数值"] = "4%"
    assert of("R8", findings("销售额 年 4.2亿", "用户规模 年 200万", row)) == []


def test_shares_make_a_hundred_percent():
    assert of("R9", findings("GMV占比 年 65% 渠道:主站", "GMV占比 年 35% 渠道:短视频")) == []
    problem = only("R9", findings("GMV占比 年 65% 渠道:主站", "GMV占比 年 45% 渠道:短视频"))
    assert "超出 10.0%" in problem.what
    assert problem.level is Level.ERROR
    short = only("R9", findings("GMV占比 年 65% 渠道:主站", "GMV占比 年 30% 渠道:短视频"))
    assert "还差 5.0%" in short.what


def test_a_full_hundred_percent_leaves_nothing_for_another_channel():
    shares = "GMV占比 年 65% 渠道:主站", "GMV占比 年 35% 渠道:短视频"
    problem = only("R9", findings(*shares, "销售额 年 10万 渠道:小红书"))
    assert "小红书也在卖货" in problem.what


def test_share_times_whole_is_the_amount_given():
    rows = "销售额 年 4.2亿", "GMV占比 年 65% 渠道:主站"
    assert of("R9", findings(*rows, "销售额 年 2.73亿 渠道:主站")) == []
    problem = only("R9", findings(*rows, "销售额 年 2.10亿 渠道:主站"))
    assert "2.73亿元" in problem.what
    assert "占比 50%" in problem.remedy


def test_channels_add_up_to_the_shop():
    rows = "销售额 年 500万", "销售额 年 300万 渠道:主站"
    assert of("R9", findings(*rows, "销售额 年 200万 渠道:短视频")) == []
    assert "多 50万元" in only("R9", findings(*rows, "销售额 年 250万 渠道:短视频")).what


def test_stores_add_up_to_the_company():
    rows = [{"店铺": name, "指标": "销售额", "周期": "年", "数值": value}
            for name, value in (("", "500万"), ("甲店", "300万"), ("乙店", "150万"))]  # fmt: skip
    problem = only("store_sum", findings(*rows))
    assert "2 家店销售额合计 450万元" in problem.what
    assert "少 50万元" in problem.what
    assert problem.level is Level.WARNING
    rows[2]["数值"] = "100万"
    assert only("store_sum", findings(*rows)).level is Level.ERROR
    rows[2]["数值"] = "200万"
    assert of("store_sum", findings(*rows)) == []


# R10 – R13 --------------------------------------------------------------------------------


def test_one_figure_under_two_definitions_is_noticed():
    old = {"指标": "GMV占比", "周期": "2025年", "数值": "13%", "范围": "渠道:私域社群及小程序"}
    new = {
        "指标": "GMV占比",
        "周期": "2026年",
        "数值": "18%",
        "上年": "13%",
        "范围": "渠道:小程序",
    }
    assert "私域社群及小程序" in only("R10", findings(old, new)).what
    assert of("R10", findings(old, {**new, "上年": "6%"})) == []


def test_a_changed_base_of_a_metric_is_noticed():
    old = {"指标": "销售额", "周期": "2025年", "数值": "400万", "口径": "支付金额"}
    new = {"指标": "销售额", "周期": "2026年", "数值": "500万", "口径": "净支付"}
    assert "支付金额" in only("R10", findings(old, new)).what


def test_sales_per_user_may_not_fall_while_its_levers_rise():
    sales = {"指标": "销售额", "周期": "年", "数值": "6亿", "上年": "4.2亿"}
    users = {"指标": "用户规模", "周期": "年", "数值": "300万", "上年": "200万"}
    lever = {"指标": "复购率", "周期": "年", "数值": "35%", "上年": "32%"}
    problem = only("R11", findings(sales, users, lever))
    assert "210元 变为 200元（-4.8%" in problem.what
    assert "6.3亿元" in problem.remedy
    assert of("R11", findings({**sales, "数值": "6.5亿"}, users, lever)) == []


def test_a_printed_growth_that_is_only_cut_short_is_information():
    sales = {"指标": "销售额", "周期": "年", "数值": "6亿", "上年": "4.2亿"}
    problem = only("R12", findings(sales, "销售额同比增长 年 42.8%"))
    assert "42.86%" in problem.what
    assert problem.level is Level.INFO
    assert of("R12", findings(sales, "销售额同比增长 年 42.9%")) == []
    assert only("R12", findings(sales, "销售额同比增长 年 52.9%")).level is Level.WARNING


def test_a_printed_attainment_is_checked_too():
    rows = "销售额 2025年 3.8亿 全店 目标", "销售额 2025年 4.2亿 全店 实际"
    assert of("R12", findings(*rows, "销售额达成率 2025年 110.5%")) == []
    assert "110.53%" in only("R12", findings(*rows, "销售额达成率 2025年 120.5%")).what


def test_a_discount_earned_by_the_average_order_lowers_it():
    problem = only("R13", findings("客单价 年 200", "满减 每月 满200减20"))
    assert "180元（让利 10%）" in problem.what
    assert "220元" in problem.remedy
    assert of("R13", findings("客单价 年 200", "满减 每月 满300减30")) == []


# R14, R15, R16 ----------------------------------------------------------------------------


def test_a_brand_day_on_a_working_sunday_is_noticed():
    problem = only("R14", findings("920品牌日 年 9月20日 全店 日期"))
    assert "周日" in problem.what
    assert "调休上班日" in problem.what


def test_a_date_with_the_wrong_weekday_is_noticed():
    assert "实际是周五" in only("R14", findings("品牌日 年 9月18日(周六) 全店 日期")).what
    assert of("R14", findings("品牌日 年 9月18日(周五) 全店 日期")) == []


def test_a_monthly_review_on_the_25th_misses_five_working_days_in_2026():
    problem = only("R14", findings("月度复盘 每月 每月25日"))
    assert "有 5 次" in problem.what
    assert "1月（周日）、4月（周六）、7月（周六）、9月（中秋）、10月（周日）" in problem.what
    assert "9月24日" in problem.remedy


def test_a_header_of_another_year_is_recognised_by_its_weekdays():
    header = [dt.date(2026, 3, 20) + dt.timedelta(days) for days in range(13)]
    (problem,) = weekday_row(header, list("三四五六日一二三四五六日一"))
    assert "3月20日 写星期三，2026 年是星期五" in problem.what
    assert "2013、2019、2024" in problem.remedy
    assert (
        weekday_row([day.replace(year=2024) for day in header], list("三四五六日一二三四五六日一"))
        == []
    )


def test_months_divided_by_thirty_are_recognised():
    rows = "销售额 2月 12.00万", "日目标 2月 4000", "销售额 3月 14.00万", "日目标 3月 4667"
    problem = only("R15", findings(*rows))
    assert "2月 -6.7%" in problem.what
    assert problem.level is Level.WARNING
    assert of("R2", findings(*rows)) == []
    assert only("R15", findings(*rows, day_convention="30")).level is Level.INFO


def test_roi_is_read_one_way_whichever_way_it_was_typed():
    for text, value in (("1:2", "= 2 "), ("3.5:1", "= 3.5 "), ("低于1:2", "= 2 ")):
        assert value in only("R16", findings(f"ROI 年 {text}")).what


def test_a_roi_floor_leaves_the_plan_its_room():
    rows = "销售额 年 500万", "ROI 年 低于2.0"
    tight = only("R16", findings(*rows, "推广费 年 200万"))
    assert "20% 余地" in tight.what
    assert "2.5" in tight.what
    assert of("R16", findings(*rows, "推广费 年 100万")) == []
    broken = only("R16", findings(*rows, "推广费 年 400万"))
    assert broken.level is Level.ERROR
    assert "250万元" in broken.remedy


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("每周3场", 156),
        ("3场/周", 156),
        ("每月1次", 12),
        ("每天1条", 365),
        ("每季度2次", 8),
        ("随缘", None),
    ],
)
def test_a_frequency_is_counted_per_year(text, times):
    assert times_a_year(text) == times
