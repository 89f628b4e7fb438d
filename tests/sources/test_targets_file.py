from __future__ import annotations

import datetime as dt

import pytest

from xlplan.errors import InputError, Level
from xlplan.plan.targets.claims import WHOLE, Kind, Scope, Span
from xlplan.sources.readers.raw import Table
from xlplan.sources.targets import claims_of, read_targets
from xlplan.sources.targets.words import parse_label, parse_scope, parse_time


def read(*rows, year=2026):
    return claims_of(Table("目标.csv", "", [list(row) for row in rows]), year=year)


def value(text, metric="销售额"):
    listed = read(("指标", "数值"), (metric, text))
    assert not listed.problems, [str(problem) for problem in listed.problems]
    return listed.claims[0]


@pytest.mark.parametrize(
    ("text", "span", "index", "year"),
    [
        ("年", Span.YEAR, 0, 0), ("2026年", Span.YEAR, 0, 2026), ("全年", Span.YEAR, 0, 0),
        ("Q1", Span.QUARTER, 1, 0), ("一季度", Span.QUARTER, 1, 0), ("第3季度", Span.QUARTER, 3, 0),
        ("2026年Q4", Span.QUARTER, 4, 2026), ("每季度", Span.QUARTER, 0, 0),
        ("3月", Span.MONTH, 3, 0), ("十一月", Span.MONTH, 11, 0), ("2026年12月份", Span.MONTH, 12, 2026),
        ("每月", Span.MONTH, 0, 0), ("周", Span.WEEK, 0, 0), ("日", Span.DAY, 0, 0),
        ("每日", Span.DAY, 0, 0), ("3月每日", Span.DAY, 3, 0), ("每场", Span.SESSION, 0, 0),
        ("618", Span.EVENT, 618, 0), ("双11", Span.EVENT, 1111, 0), ("双十二期间", Span.EVENT, 1212, 0),
        ("年货节", Span.EVENT, 0, 0), ("", Span.NONE, 0, 0),
    ],
)  # fmt: skip
def test_a_period_is_read_as_people_write_it(text, span, index, year):
    time = parse_time(text)
    assert (time.span, time.index, time.year) == (span, index, year)


@pytest.mark.parametrize("text", ["13月", "Q5", "下个月吧", "每天都要"])
def test_a_period_that_is_none_is_refused(text):
    assert parse_time(text) is None


@pytest.mark.parametrize(
    ("text", "metric", "span", "kind"),
    [
        ("年度销售额目标", "gmv", Span.YEAR, None), ("月目标", "gmv", Span.MONTH, None),
        ("日目标", "gmv", Span.DAY, None), ("日目标UV", "uv", Span.DAY, None),
        ("3月销售额", "gmv", Span.MONTH, None), ("Q1目标", "gmv", Span.QUARTER, None),
        ("双11销售额", "gmv", Span.EVENT, None), ("618期间UV", "uv", Span.EVENT, None),
        ("单场直播GMV", "gmv", Span.SESSION, None), ("客单价", "aov", Span.NONE, None),
        ("费用占比", "spend_ratio", Span.NONE, None), ("退款率", "refund_rate", Span.NONE, None),
        ("销售额同比增长", "gmv", Span.NONE, Kind.GROWTH), ("GMV达成率", "gmv", Span.NONE, Kind.ATTAINMENT),
        ("高价值会员占比", "users", Span.NONE, Kind.SHARE), ("玄学指数", "", Span.NONE, None),
    ],
)  # fmt: skip
def test_a_metric_is_known_by_what_people_call_it(text, metric, span, kind):
    label = parse_label(text)
    assert (label.metric, label.time.span, label.kind) == (metric, span, kind)


def test_a_part_is_read_with_its_kind_and_its_threshold():
    assert parse_scope("渠道：短视频/自播") == (Scope("渠道", "短视频/自播"), None)
    assert parse_scope("客群:高价值(>5000元/年)") == (Scope("客群", "高价值"), 5000)
    assert parse_scope("全店") == (WHOLE, None)
    assert Scope("渠道", "短视频/自播").parent == Scope("渠道", "短视频")


@pytest.mark.parametrize(
    ("text", "number", "half"),
    [("500万元", 5e6, 5e3), ("4.2亿", 4.2e8, 5e6), ("1,712", 1712, 0.5), (200, 200, 0.5)],
)
def test_a_value_keeps_the_rounding_it_was_typed_with(text, number, half):
    claim = value(text)
    assert (claim.value, claim.half) == pytest.approx((number, half))


def test_a_percentage_is_a_fraction_and_never_guessed():
    assert value("4%", "转化率").value == pytest.approx(0.04)
    assert value("4", "转化率").value == 4


@pytest.mark.parametrize(
    ("text", "number", "kind"),
    [("1:2", 2.0, Kind.TARGET), ("3.5:1", 3.5, Kind.TARGET), ("2.5", 2.5, Kind.TARGET),
     ("低于1:2", 2.0, Kind.FLOOR), ("≥2", 2.0, Kind.FLOOR), ("不超过5", 5.0, Kind.CAP)],
)  # fmt: skip
def test_roi_is_sales_over_spend_whichever_way_it_was_typed(text, number, kind):
    claim = value(text, "ROI")
    assert (claim.value, claim.kind) == (number, kind)


def test_an_offer_a_rate_and_dates_are_values_too():
    offer = value("满200减20", "满减")
    assert (offer.kind, offer.threshold, offer.value) == (Kind.PROMO, 200, 20)
    daily = value("8万/日", "UV")
    assert (daily.period, daily.value) == (Span.DAY, 80_000)
    review = read(("指标", "周期", "数值"), ("月度复盘", "每月", "每月25日")).claims[0]
    assert (review.kind, review.period, review.value) == (Kind.DATE, Span.MONTH, 25)
    day = read(("指标", "数值"), ("品牌日", "9月20日(周六)")).claims[0]
    assert (day.kind, day.date) == (Kind.DATE, dt.date(2026, 9, 20))


def test_units_come_from_the_unit_column_or_the_header_for_money_only():
    by_column = read(
        ("指标", "数值", "单位"), ("销售额", 500, "万元"), ("转化率", "4%", "%")
    ).claims
    assert [claim.value for claim in by_column] == [5e6, 0.04]
    by_header = read(("指标", "数值(万元)"), ("销售额", 500), ("转化率", 0.04)).claims
    assert [claim.value for claim in by_header] == [5e6, 0.04]


def test_a_heading_in_ten_thousands_of_yuan_does_not_scale_counts_or_prices():
    claims = read(("指标", "数值(万元)"), ("UV", 3000), ("客单价", 200), ("总预算", 50)).claims
    assert [claim.value for claim in claims] == [3000, 200, 5e5]


def test_a_wide_table_is_a_claim_per_month():
    listed = read(
        ("店铺", "指标", "1月", "2月", "全年"),
        ("甲", "销售额", "10万", "", "120万"),
        ("甲", "日UV", 1200, 1300, ""),
    )
    found = [(c.metric, c.period, c.index, c.value, c.where.cell) for c in listed.claims]
    assert found == [
        ("gmv", Span.MONTH, 1, 1e5, "C2"), ("gmv", Span.YEAR, 0, 1.2e6, "E2"),
        ("uv", Span.DAY, 1, 1200, "C3"), ("uv", Span.DAY, 2, 1300, "D3"),
    ]  # fmt: skip


def test_last_years_column_is_last_years_actual():
    now, before = read(("指标", "数值", "上年"), ("销售额", "6亿", "4.2亿")).claims
    assert (now.year, now.kind, before.year, before.kind) == (2026, Kind.TARGET, 2025, Kind.ACTUAL)


def test_a_past_year_is_an_actual_unless_it_says_target():
    rows = ("2025年", "4.2亿", ""), ("2025年", "3.8亿", "目标")
    listed = read(("指标", "周期", "数值", "类型"), *(("销售额", *row) for row in rows))
    assert [claim.kind for claim in listed.claims] == [Kind.ACTUAL, Kind.TARGET]


def test_locks_confidence_and_company_rows_are_read():
    head = "店铺", "指标", "数值", "锁定", "可信度"
    sure, plain = read(
        head, ("合计", "销售额", "500万", "√", 5), ("甲", "销售额", "300万", "", "")
    ).claims
    assert (sure.store, sure.locked, sure.confidence) == ("", True, 5)
    assert (plain.store, plain.locked, plain.confidence) == ("甲", False, 3)


def test_what_cannot_be_read_is_reported_with_its_cell_and_the_rest_is_read():
    listed = read(
        ("指标", "周期", "数值"),
        ("销售额", "年", "五百左右"),
        ("UV", "下个月吧", "3万"),
        ("玄学指数", "年", "5"),
        ("客单价", "年", ""),
    )
    found = [(problem.where.cell, problem.level) for problem in listed.problems]
    assert found == [
        ("C2", Level.ERROR),
        ("B3", Level.ERROR),
        ("A4", Level.INFO),
        ("A5", Level.WARNING),
    ]
    assert [claim.metric for claim in listed.claims] == [""]


def test_a_meeting_is_a_date_and_no_unknown_metric():
    assert read(("指标", "周期", "数值"), ("月度复盘", "每月", "每月25日")).problems == ()


def test_titles_above_the_header_and_blank_rows_are_passed_over():
    listed = read(("2026 年度目标",), (), ("指标", "数值"), ("", ""), ("销售额", "500万"))
    assert [claim.where.cell for claim in listed.claims] == ["B5"]


def test_a_table_without_metric_and_value_is_refused_with_the_columns_it_needs():
    with pytest.raises(InputError, match="指标") as caught:
        read(("日期", "访客数"), ("2026-01-01", 5))
    assert "数值" in caught.value.message


def test_a_gbk_file_and_a_workbook_read_the_same(tmp_path):
    import openpyxl

    rows = [("指标", "周期", "数值"), ("销售额", "年", "500万"), ("转化率", "年", "4%")]
    text = tmp_path / "目标.csv"
    text.write_bytes("\n".join(",".join(row) for row in rows).encode("gb18030"))
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "目标.xlsx")
    both = [read_targets(path, year=2026).claims for path in (text, tmp_path / "目标.xlsx")]
    facts = [[(c.metric, c.period, c.value, c.where.cell) for c in claims] for claims in both]
    assert facts[0] == facts[1] == [("gmv", Span.YEAR, 5e6, "C2"), ("cvr", Span.YEAR, 0.04, "C3")]
