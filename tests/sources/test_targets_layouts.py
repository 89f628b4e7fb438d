"""Targets as operators, platforms' teams and finance draw them, each with the right answer."""

from __future__ import annotations

import datetime as dt

import openpyxl
import pytest

from xlplan.errors import InputError, Level
from xlplan.plan.targets.claims import Kind, Span
from xlplan.sources.readers.raw import Table
from xlplan.sources.targets import OtherYearError, read_targets
from xlplan.sources.targets.reading import list_of

MONTHS = [f"{month}月" for month in range(1, 13)]
WAN = [10, 12, 14, 20, 40, 60, 75, 85, 110, 130, 200, 150]  # 906 万
HALF = [value / 2 for value in WAN]
SHARE = [5, 4, 7, 7, 8, 13, 6, 6, 8, 8, 19, 9]
STORES = {"天猫旗舰店": 1500, "京东自营店": 900, "抖音小店": 600}
MONTHLY = {s: [round(t * x / 100, 1) for x in SHARE] for s, t in STORES.items()}


def read(*rows, sheet="目标", file="目标.xlsx", year=2027, **more):
    return list_of([Table(file, sheet, [list(row) for row in rows], **more)], year=year)


def targets(listed, metric="gmv", year=2027, kind=Kind.TARGET):
    """Return (store, span, index) → value."""
    return {
        (c.store, c.period or Span.YEAR, c.index): c.value
        for c in listed.claims
        if (c.metric, c.kind, c.year) == (metric, kind, year)
    }


def years(listed, metric="gmv"):
    """Return store → year, months or quarters added up when no year was typed."""
    found = {}
    for span in (Span.MONTH, Span.QUARTER, Span.YEAR):
        for store in {key[0] for key in targets(listed, metric) if key[1] is span}:
            values = [v for k, v in targets(listed, metric).items() if k[:2] == (store, span)]
            found[store] = sum(values)
    return pytest.approx(found)


def errors(listed):
    return [(p.where.cell, p.what) for p in listed.problems if p.level is Level.ERROR]


def told(listed):
    return " ".join(problem.what for problem in listed.told)


def saved(path, rows, merges=(), formats=None, title="Sheet"):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for area in merges:
        sheet.merge_cells(area)
    for cell, code in (formats or {}).items():
        sheet[cell].number_format = code
    book.save(path)
    return path


# -- stores × months and months × stores -------------------------------------------------------


def test_stores_down_months_across_with_title_total_and_note(tmp_path):
    rows = [["2027年度销售目标表（单位：万元）"], ["店铺", "全年目标", *MONTHS, "备注"]]
    rows += [[store, total, *MONTHLY[store], ""] for store, total in STORES.items()]
    rows += [["合计", 3000, *(sum(MONTHLY[s][i] for s in STORES) for i in range(12))]]
    rows += [["注：单位万元，含税；双11含预售。制表：运营部"]]
    listed = read_targets(saved(tmp_path / "目标.xlsx", rows, ["A1:O1", "A7:O7"]), year=2027)
    assert years(listed) == {"": 3e7, "天猫旗舰店": 1.5e7, "京东自营店": 9e6, "抖音小店": 6e6}
    assert errors(listed) == []


def test_months_down_stores_across_with_totals_both_ways(tmp_path):
    rows = [["2027年度销售目标表（单位：万元）"], ["月份", *STORES, "合计"]]
    rows += [
        [MONTHS[i], *(MONTHLY[s][i] for s in STORES), sum(MONTHLY[s][i] for s in STORES)]
        for i in range(12)
    ]
    rows += [["合计", *STORES.values(), 3000]]
    listed = read_targets(saved(tmp_path / "目标.xlsx", rows, ["A1:E1"]), year=2027)
    found = targets(listed)
    assert found["天猫旗舰店", Span.YEAR, 0] == 1.5e7
    assert found["天猫旗舰店", Span.MONTH, 11] == pytest.approx(2.85e6)
    assert found["", Span.YEAR, 0] == 3e7


def test_a_merged_store_covers_its_rows_and_ratios_are_not_scaled(tmp_path):
    rows, merges = [["店铺", "指标", "全年", *MONTHS]], []
    for store, total in STORES.items():
        first = len(rows) + 1
        rows += [
            [store, "销售额（万元）", total, *MONTHLY[store]],
            [None, "转化率", 0.04],
            [None, "客单价", 200],
            [None, "推广费(万元)", total * 0.12],
        ]
        merges.append(f"A{first}:A{first + 3}")
    listed = read_targets(saved(tmp_path / "目标.xlsx", rows, merges), year=2027)
    assert years(listed) == {"天猫旗舰店": 1.5e7, "京东自营店": 9e6, "抖音小店": 6e6}
    assert years(listed, "cvr") == dict.fromkeys(STORES, 0.04)
    assert years(listed, "aov") == dict.fromkeys(STORES, 200)
    assert targets(listed, "spend")["抖音小店", Span.YEAR, 0] == pytest.approx(720_000)


@pytest.mark.parametrize(
    "heads",
    [
        [f"2027-{month:02d}" for month in range(1, 13)],
        [dt.datetime(2027, month, 1) for month in range(1, 13)],
        list(range(1, 13)),
        ["一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "十一月", "十二月"],
        [f"2027年{month}月" for month in range(1, 13)],
        [202700 + month for month in range(1, 13)],
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
        [f"{month:02d}月份" for month in range(1, 13)],
        [f"27年{month}月目标" for month in range(1, 13)],
        [f"M{month}" for month in range(1, 13)],
    ],
    ids=lambda heads: str(heads[0]),
)  # fmt: skip
def test_no_month_is_dropped_whatever_it_is_called(tmp_path, heads):
    rows = [["店铺", "指标", "全年", *heads]]
    rows += [[s, "销售额", t * 1e4, *(x * 1e4 for x in MONTHLY[s])] for s, t in STORES.items()]
    listed = read_targets(saved(tmp_path / "目标.xlsx", rows), year=2027)
    assert years(listed) == {"天猫旗舰店": 1.5e7, "京东自营店": 9e6, "抖音小店": 6e6}
    assert targets(listed)["天猫旗舰店", Span.MONTH, 11] == pytest.approx(2.85e6)


# -- units ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "more"),
    [
        ([("指标", "全年", *MONTHS), ("销售额（万元）", 906, *WAN)], {}),
        ([("指标", "全年(万元)", *MONTHS), ("销售额", 906, *WAN)], {}),
        ([("指标", "单位", "全年", *MONTHS), ("销售额", "万元", 906, *WAN)], {}),
        ([("2027年目标", None, "单位：万元"), ("指标", "全年", *MONTHS), ("销售额", 906, *WAN)], {}),
        ([("金额单位", "万元"), ("指标", "全年", *MONTHS), ("销售额", 906, *WAN)], {}),
        ([("CNY mn",), ("Metric", "FY27", "Q1"), ("GMV", 9.06, 0.36)], {}),
        ([("指标", "全年", *MONTHS), ("", *["万元"] * 13), ("销售额", 906, *WAN)], {}),
        ([("指标", "全年", *MONTHS), ("销售额", 906, *WAN)], {"sheet": "2027目标（万元）"}),
        ([("指标", "全年", *MONTHS), ("销售额", 906, *WAN)], {"file": "2027目标_万元.xlsx"}),
        ([("指标", "全年", *MONTHS), ("销售额", 906, *WAN), ("单位：万元",), ("审批：", "张总")], {}),
        ([("指标", "全年", *MONTHS), ("销售额", "906万", *(f"{x}万" for x in WAN))], {}),
        ([("指标(千元)", "全年", *MONTHS), ("销售额", 9060, *(x * 10 for x in WAN))], {}),
        ([("指标", "全年", *MONTHS), ("销售额", 906.0, *map(float, WAN))], {"code": '0.0"万"'}),
        ([("单位：万元",), ("指标", "全年"), ("销售额", 9_060_000.0)], {"code": '0!.0,"万"'}),
        ([("单位：万元",), ("指标", "全年"), ("销售额", 9_060_000.0)], {"code": "0!.0,"}),
        ([("指标", "全年"), ("销售额", 9_060_000.0)], {"code": '#,##0,"千"'}),
        ([("单位：元",), ("指标", "全年"), ("销售额", 906.0)], {"code": '0"万元"'}),
    ],
)  # fmt: skip
def test_a_unit_is_found_wherever_it_is_written(rows, more):
    code = more.pop("code", "")
    formats = {
        (at, column): code
        for at, row in enumerate(rows)
        for column, cell in enumerate(row)
        if code and isinstance(cell, float)
    }
    listed = read(*rows, codes=formats, **more)
    assert errors(listed) == []
    assert targets(listed)["", Span.YEAR, 0] == pytest.approx(9_060_000)


def test_two_units_stated_for_one_table_are_refused():
    listed = read(("2027目标（单位：万元）",), ("店铺", "全年"), ("天猫店", 906), ("注：单位元",))
    assert "单位不同" in errors(listed)[0][1]


def test_a_unit_row_under_the_head_speaks_for_each_column():
    listed = read(
        ("店铺", "销售额", "UV", "转化率", "客单价"),
        (None, "万元", "万人", "%", "元"),
        ("天猫店", 906, 20, 4.5, 100.6),
    )
    found = {claim.metric: claim.value for claim in listed.claims}
    assert found == pytest.approx({"gmv": 9.06e6, "uv": 200_000, "cvr": 0.045, "aov": 100.6})


def test_the_head_of_the_year_lends_its_unit_to_the_quarters_beside_it():
    listed = read(
        ("序号", "店铺ID", "店铺名称", "2027年目标（万元）", "Q1", "Q2", "Q3", "Q4", "占比"),
        (1, 10086, "天猫店", 906, 36, 120, 270, 480, "62%"),
        (2, 10010, "京东店", 500, 20, 80, 150, 250, "38%"),
        (None, None, "合计", 1406, 56, 200, 420, 730, "100%"),
    )
    found = targets(listed)
    assert [found["天猫店", Span.QUARTER, q] for q in (1, 2, 3, 4)] == [36e4, 120e4, 270e4, 480e4]
    assert "占比" in told(listed)


# -- which column is the target ------------------------------------------------------------------


def test_budget_beside_actual_takes_the_budget_and_says_so():
    heads = [c for m in MONTHS for c in (f"{m}-预算", "占比", m, "占比")]
    values = [c for x in WAN for c in (x * 1e4, None, x * 9e3, None)]
    listed = read(
        ("2026年业务预决算报表",), ("电商",), ("项目", "预算-年初", "占比", *heads),
        ("销售额", 9_060_000, None, *values),
    )  # fmt: skip
    assert years(listed) == {"": 9_060_000}
    assert sum(v for k, v in targets(listed).items() if k[1] is Span.MONTH) == 9_060_000
    assert "没有读" in told(listed)
    assert "2026" in told(listed)


def test_target_actual_and_attainment_under_each_month(tmp_path):
    heads = [cell for month in MONTHS for cell in (month, None, None)]
    kinds = ["目标", "实际", "达成率"] * 12
    values = [cell for x in WAN for cell in (x * 1e4, x * 9e3, 0.9)]
    rows = [["店铺", *heads], [None, *kinds], ["天猫店", *values]]
    listed = read_targets(saved(tmp_path / "目标.xlsx", rows, ["B1:D1"]), year=2027)
    assert years(listed) == {"天猫店": 9_060_000}


def test_last_year_beside_this_year_is_last_years_actual():
    listed = read(
        ("店铺", "2026年", None, "2027年", None),
        (None, "Q1", "全年", "Q1", "全年"),
        ("天猫店", "30万", "700万", "36万", "906万"),
    )
    assert targets(listed)["天猫店", Span.YEAR, 0] == 9_060_000
    last = targets(listed, year=2026, kind=Kind.ACTUAL)
    assert last == {("天猫店", Span.QUARTER, 1): 300_000, ("天猫店", Span.YEAR, 0): 7_000_000}


def test_rows_of_last_year_target_and_growth_under_a_merged_store(tmp_path):
    rows = [
        ["店铺", "类别", *MONTHS],
        ["天猫店", "2026实际", *(x * 8e3 for x in WAN)],
        [None, "2027目标", *(x * 1e4 for x in WAN)],
        [None, "同比", *[0.25] * 12],
    ]
    listed = read_targets(saved(tmp_path / "目标.xlsx", rows, ["A2:A4"]), year=2027)
    assert years(listed) == {"天猫店": 9_060_000}


@pytest.mark.parametrize(
    ("heads", "left"),
    [
        (("保底目标", "目标", "冲刺目标"), "冲刺目标"),
        (("年初预算", "调整后预算", "备注"), "年初预算"),
        (("2026年实际", "2027年目标", "占比"), "占比"),
    ],
)
def test_of_several_columns_the_target_is_chosen_and_told(heads, left):
    amounts = {"保底目标": "500万", "冲刺目标": "700万", "年初预算": "500万", "2026年实际": "400万",
               "备注": "", "占比": "100%"}  # fmt: skip
    listed = read(("店铺", *heads), ("天猫店", *(amounts.get(head, "600万") for head in heads)))
    assert targets(listed) == {("天猫店", Span.YEAR, 0): 6_000_000}
    assert left in told(listed)


# -- growth over last year ----------------------------------------------------------------------


@pytest.mark.parametrize("growth", ["25%", "+25%", "同比增长25%", "增长25%", "较去年+25%"])
def test_growth_over_last_year_makes_the_target(growth):
    head = "同比增长" if growth == "25%" else "2027年目标"
    rows = [(store, total / 1.25, growth) for store, total in STORES.items()]
    listed = read(("店铺", "2026年实际（万元）", head), *rows)
    assert years(listed) == {"天猫旗舰店": 1.5e7, "京东自营店": 9e6, "抖音小店": 6e6}
    assert "去年 1200万元 × (1 + 0.25)" in told(listed)


def test_growth_month_by_month_builds_on_the_same_month():
    listed = read(("项目", *MONTHS), ("2026年销售额（万元）", *WAN), ("同比增长", *["20%"] * 12))
    assert targets(listed)["", Span.MONTH, 11] == pytest.approx(2_400_000)


def test_growth_that_cannot_be_one_is_refused_with_its_cell():
    listed = read(("店铺", "去年(万)", "增长率"), ("天猫店", 700, 25))
    assert errors(listed)[0][0] == "C2"
    percent = read(("店铺", "去年(万)", "增长率(%)"), ("天猫店", 700, 25))
    assert targets(percent)["天猫店", Span.YEAR, 0] == 8_750_000


def test_a_percentage_where_sales_belong_is_refused():
    listed = read(("店铺", "2026年(万)", "2027年目标"), ("天猫店", 700, "25%"))
    assert errors(listed)[0][0] == "C2"


# -- other shapes -----------------------------------------------------------------------------


def test_stores_over_metrics_months_down(tmp_path):
    rows = [
        ["月份", "天猫旗舰店", None, "京东自营店", None, "合计"],
        [None, "销售额(万)", "推广费(万)", "销售额(万)", "推广费(万)", "销售额(万)"],
        *(
            [MONTHS[i], WAN[i], WAN[i] / 10, HALF[i], HALF[i] / 10, WAN[i] * 1.5]
            for i in range(12)
        ),
    ]
    path = saved(tmp_path / "目标.xlsx", rows, ["B1:C1", "D1:E1", "A1:A2"])
    listed = read_targets(path, year=2027)
    assert years(listed) == {"天猫旗舰店": 9.06e6, "京东自营店": 4.53e6, "": 13.59e6}
    assert years(listed, "spend") == {"天猫旗舰店": 906_000, "京东自营店": 453_000}


def test_a_sheet_per_store_and_a_summary_that_only_checks():
    def sheet(name, values):
        rows = [["指标", "单位", *MONTHS, "全年"], ["销售额", "万元", *values, sum(values)],
                ["转化率", "%", *[4.5] * 12]]  # fmt: skip
        return Table("目标.xlsx", name, rows)

    tables = [sheet("天猫", WAN), sheet("京东", HALF), sheet("汇总", [x * 1.5 for x in WAN])]
    listed = list_of(tables, year=2027)
    assert years(listed) == {"天猫": 9.06e6, "京东": 4.53e6, "": 13.59e6}


def test_a_sheet_per_month():
    tables = [
        Table("目标.xlsx", f"{m}月", [["店铺", "销售额（万）"], ["天猫店", WAN[m - 1]], ["京东店", HALF[m - 1]]])
        for m in range(1, 13)
    ]  # fmt: skip
    assert years(list_of(tables, year=2027)) == {"天猫店": 9.06e6, "京东店": 4.53e6}


def test_tables_below_and_beside_one_another():
    def table(store, values):
        return [(f"{store}2027年销售计划（万元）",), ("指标", *MONTHS), ("销售额", *values), ()]

    listed = read(*table("天猫旗舰店", WAN), *table("京东自营店", HALF))
    assert years(listed) == {"天猫旗舰店": 9.06e6, "京东自营店": 4.53e6}
    beside = read(
        ("天猫旗舰店", None, None, "京东自营店"), ("月份", "目标(万)", None, "月份", "目标(万)"),
        *((MONTHS[i], WAN[i], None, MONTHS[i], HALF[i]) for i in range(12)),
    )  # fmt: skip
    assert years(beside) == {"天猫旗舰店": 9.06e6, "京东自营店": 4.53e6}


def test_a_plain_list_of_labels_and_figures():
    listed = read(("2027年度经营目标",), ("年销售额", 9_060_000), ("转化率", "4.5%"),
                  ("客单价", "100元"), ("推广费", "90.6万"))  # fmt: skip
    found = {claim.metric: claim.value for claim in listed.claims}
    assert found == pytest.approx({"gmv": 9.06e6, "cvr": 0.045, "aov": 100, "spend": 906_000})


def test_an_english_sheet():
    listed = read(
        ("FY2027 Sales Targets (RMB 10k)",),
        ("Store", "2026 Actual", "YoY", "FY2027 Target", "Jan", "Feb"),
        ("Tmall Flagship", 700, "29.43%", 906, 10, 12),
        ("Total", 700, None, 906, 10, 12),
    )
    found = targets(listed)
    assert found["Tmall Flagship", Span.YEAR, 0] == 9_060_000
    assert found["Tmall Flagship", Span.MONTH, 2] == 120_000
    assert (
        targets(listed, year=2026, kind=Kind.ACTUAL)["Tmall Flagship", Span.YEAR, 0] == 7_000_000
    )


def test_shops_beside_their_platform_with_subtotals_that_only_check(tmp_path):
    rows = [
        ["平台", "店铺", "全年(万元)"], ["天猫", "天猫旗舰店", 900], [None, "天猫专营店", 300],
        ["天猫小计", None, 1200], ["京东", "京东自营店", 500], ["京东小计", None, 510], ["总计", None, 1700],
    ]  # fmt: skip
    listed = read_targets(saved(tmp_path / "目标.xlsx", rows, ["A2:A3"]), year=2027)
    assert years(listed) == {"天猫旗舰店": 9e6, "天猫专营店": 3e6, "京东自营店": 5e6, "": 1.7e7}
    assert "“京东”小计写 510万元，上面各行合计 500万元" in told(listed)


def test_halves_check_their_months_and_alone_make_the_year():
    head = ["店铺(万元)", *MONTHS[:6], "上半年", *MONTHS[6:], "下半年", "全年"]
    row = ["天猫店", *WAN[:6], sum(WAN[:6]), *WAN[6:], sum(WAN[6:]) + 1, 906]
    listed = read(head, row)
    assert years(listed) == {"天猫店": 9.06e6}
    assert "下半年写 751万元，各月合计 750万元" in told(listed)
    alone = read(("店铺(万元)", "上半年", "下半年"), ("天猫店", 156, 750))
    assert years(alone) == {"天猫店": 9.06e6}
    assert "没有位置" in told(alone)


def test_a_quarters_figure_merged_beside_its_months_is_the_quarters(tmp_path):
    rows = [["月份", "月目标(万)", "季目标(万)"]]
    rows += [[MONTHS[i], WAN[i], sum(WAN[i : i + 3]) if i % 3 == 0 else None] for i in range(12)]
    merges = ["C2:C4", "C5:C7", "C8:C10", "C11:C13"]
    listed = read_targets(saved(tmp_path / "目标.xlsx", rows, merges), year=2027)
    found = targets(listed)
    assert [found["", Span.QUARTER, q] for q in (1, 2, 3, 4)] == [36e4, 120e4, 270e4, 480e4]
    assert found["", Span.MONTH, 1] == 100_000


def test_a_figure_merged_over_several_stores_is_refused(tmp_path):
    rows = [["店铺", "全年(万)"], ["天猫店", 906], ["京东店", None]]
    listed = read_targets(saved(tmp_path / "目标.xlsx", rows, ["B2:B3"]), year=2027)
    assert [cell for cell, _ in errors(listed)] == ["B2"]


# -- formulas ---------------------------------------------------------------------------------


def test_formulas_saved_without_values_are_worked_out(tmp_path):
    rows = [
        ["店铺", "2026年实际", "增长率", "2027年目标", "1月"],
        ["天猫店", 7_000_000, 0.25, "=ROUND(B2*(1+C2),0)", "=D2/12"],
        ["京东店", 4_000_000, 0.25, "=B3*(1+$C$3)", "=D3*8%"],
        ["合计", "=SUM(B2:B3)", None, "=SUM(D2:D3)", "=SUM(E2:E3)"],
    ]
    found = targets(read_targets(saved(tmp_path / "目标.xlsx", rows), year=2027))
    assert found["天猫店", Span.YEAR, 0] == 8_750_000
    assert found["京东店", Span.MONTH, 1] == pytest.approx(400_000)
    assert found["", Span.YEAR, 0] == 13_750_000


def test_a_formula_beyond_reckoning_is_named_and_a_calculated_zero_stays(tmp_path):
    rows = [["店铺", "全年"], ["天猫店", "=VLOOKUP(A2,X!A:B,2,0)"]]
    listed = read_targets(saved(tmp_path / "目标.xlsx", rows), year=2027)
    assert errors(listed)[0][0] == "B2"
    zero = read(
        ("店铺", "全年", "1月"),
        ("天猫店", 900_000, 0.0),
        formulas={(1, 2): "0*5", (1, 1): "9*1e5"},
    )
    assert targets(zero)["天猫店", Span.MONTH, 1] == 0


def test_a_placeholder_zero_of_a_writer_is_worked_out_and_a_doubtful_one_refused():
    rows = [("店铺", "全年", "1月"), ("天猫店", 0.0, 750_000.0)]
    listed = read(*rows, formulas={(1, 1): "C2*12"})
    assert targets(listed)["天猫店", Span.YEAR, 0] == 9_000_000
    mixed = read(
        ("店铺", "全年", "1月"), ("天猫店", 0.0, 750_000.0), ("京东店", 12.0, 1.0),
        formulas={(1, 1): "C2*12", (2, 1): "C3*12"},
    )  # fmt: skip
    assert errors(mixed)[0][0] == "B2"


# -- rows and columns that are no stores ----------------------------------------------------------


def test_last_year_and_growth_below_the_total_are_no_stores():
    listed = read(
        ("店铺(万)", "全年", "Q1"), ("天猫店", 906, 36), ("合计", 906, 36),
        ("去年同期", 724.8, 30), ("同比", "25%", "20%"), ("推广费", 90, 4),
    )  # fmt: skip
    assert years(listed) == {"天猫店": 9.06e6, "": 9.06e6}
    assert targets(listed, year=2026, kind=Kind.ACTUAL)["", Span.YEAR, 0] == 7_248_000
    assert targets(listed, "spend")["", Span.YEAR, 0] == 900_000


def test_averages_and_running_totals_are_left_aside():
    listed = read(
        ("月份", "天猫店(万)", "京东店(万)", "平均"),
        *((MONTHS[i], WAN[i], HALF[i], WAN[i] * 0.75) for i in range(12)),
    )
    assert years(listed) == {"天猫店": 9.06e6, "京东店": 4.53e6}
    running = read(
        ("月份", "当月目标(万)", "累计目标(万)"),
        *((MONTHS[i], WAN[i], sum(WAN[: i + 1])) for i in range(12)),
    )
    assert years(running) == {"": 9.06e6}


def test_a_part_of_the_row_above_is_refused_and_a_platform_that_is_its_shops_is_not_added():
    part = read(("店铺(万)", "全年"), ("天猫", 1500), ("其中：旗舰店", 900), ("专营店", 600))
    assert [cell for cell, _ in errors(part)] == ["A3"]
    rows = ("天猫", 1500), ("天猫旗舰店", 900), ("天猫专营店", 600), ("京东店", 500)
    listed = read(("店铺(万)", "全年"), *rows)
    assert years(listed) == {"天猫旗舰店": 9e6, "天猫专营店": 6e6, "京东店": 5e6}
    assert "“天猫”是下面几家店的合计" in told(listed)


@pytest.mark.parametrize("names", [("2026实际", "2027目标"), ("去年完成", "目标")])
def test_a_sheet_of_last_years_actuals_is_last_years(names):
    tables = [
        Table("目标.xlsx", name, [["店铺(万)", *MONTHS], ["天猫店", *values]])
        for name, values in zip(names, ([x * 0.8 for x in WAN], WAN), strict=True)
    ]
    listed = list_of(tables, year=2027)
    assert years(listed) == {"天猫店": 9.06e6}
    assert sum(targets(listed, year=2026, kind=Kind.ACTUAL).values()) == pytest.approx(7_248_000)


def test_a_year_in_two_tables_of_six_months():
    listed = read(
        ("店铺(万)", *MONTHS[:6]), ("天猫店", *WAN[:6]), ("京东店", *HALF[:6]), (),
        ("店铺(万)", *MONTHS[6:]), ("天猫店", *WAN[6:]), ("京东店", *HALF[6:]),
    )  # fmt: skip
    assert years(listed) == {"天猫店": 9.06e6, "京东店": 4.53e6}


def test_campaigns_beside_the_year_are_campaigns():
    listed = read(("店铺", "全年", "618", "双11"), ("天猫店", "906万", "100万", "200万"))
    assert targets(listed)["天猫店", Span.EVENT, 618] == 1_000_000
    assert years(listed) == {"天猫店": 9.06e6}


def test_a_shop_and_its_metric_in_one_label():
    listed = read(
        ("项目", *MONTHS), ("天猫旗舰店销售额（万元）", *WAN), ("京东店-推广费（万元）", *HALF)
    )
    assert years(listed) == {"天猫旗舰店": 9.06e6}
    assert years(listed, "spend") == {"京东店": 4.53e6}


def test_a_fraction_under_a_head_in_percent_is_asked_about():
    listed = read(("店铺", "销售额(万元)", "转化率(%)"), ("天猫店", 906, 0.04))
    assert [cell for cell, _ in errors(listed)] == ["C2"]


# -- nothing in silence -------------------------------------------------------------------------


def test_figures_without_a_head_are_named():
    listed = read(("店铺", "全年", None), ("天猫店", "500万", 123456), ("京东店", "300万", None))
    assert [cell for cell, _ in errors(listed)] == ["C2"]


@pytest.mark.parametrize("cell", ["待定", "#REF!", "五百左右"])
def test_what_is_no_figure_is_named(cell):
    listed = read(("店铺", "全年"), ("天猫店", "906万"), ("京东店", cell))
    assert [where for where, _ in errors(listed)] == ["B3"]


def test_metrics_nobody_knows_are_listed_as_not_kept():
    listed = read(("月份", "销售额", "毛利额", "UV"), *((m, 1e5, 3e4, 900) for m in MONTHS))
    assert "“毛利额”没有读" in told(listed)
    assert set(years(listed, "uv").expected) == {""}


def test_words_among_the_metrics_are_no_figures_and_are_told():
    listed = read(("项目", *MONTHS), ("月目标（万）", *WAN), ("爆品", *["A款"] * 12))
    assert errors(listed) == []
    assert "爆品" in told(listed)


def test_a_hidden_sheet_is_not_read_and_said(tmp_path):
    path = saved(tmp_path / "目标.xlsx", [["店铺", "全年"], ["天猫店", "600万"]], title="新版")
    book = openpyxl.load_workbook(path)
    old = book.create_sheet("旧版")
    old.append(["店铺", "全年"])
    old.append(["天猫店", "500万"])
    old.sheet_state = "hidden"
    book.save(path)
    listed = read_targets(path, year=2027)
    assert years(listed) == {"天猫店": 6e6}
    assert "旧版" in told(listed)


def test_a_file_of_another_year_is_refused_with_that_year(tmp_path):
    rows = [["店铺", *(f"2028-{m:02d}" for m in range(1, 13))], ["天猫店", *WAN]]
    with pytest.raises(OtherYearError, match="2028"):
        read_targets(saved(tmp_path / "目标.xlsx", rows), year=2027)


@pytest.mark.parametrize(
    "rows",
    [
        [("日期", "访客数", "支付金额"), (dt.datetime(2026, 1, 1), 100, 1000)],
        [("商品名称", "库存", "单价"), ("A", 100, 20), ("B", 50, 30)],
        [("2027年工作计划",), ("做好双11",)],
    ],
)
def test_tables_of_other_things_are_no_targets(rows):
    with pytest.raises(InputError):
        read(*rows, sheet="Sheet1", file="表.xlsx")


@pytest.mark.parametrize("figure", ["906w", "900-950万"])
def test_figures_written_oddly_are_named_when_nothing_else_is_there(figure):
    with pytest.raises(InputError) as caught:
        read(("店铺", "全年"), ("天猫店", figure), sheet="Sheet1", file="表.xlsx")
    assert caught.value.where.cell == "B2"
    listed = read(("店铺", "全年"), ("天猫店", figure))
    assert [cell for cell, _ in errors(listed)] == ["B2"]
