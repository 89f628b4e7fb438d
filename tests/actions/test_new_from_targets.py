from __future__ import annotations

import csv
import datetime as dt

import openpyxl
import pytest
from typer.testing import CliRunner

from xlplan.actions.plan.newbook import Typed, new_from
from xlplan.actions.plan.template import write_template
from xlplan.books.file import FileBook
from xlplan.cli.app import app
from xlplan.errors import InputError
from xlplan.sheets.state.read import read_state

RUN = CliRunner()
MONTHS = [f"{month}月" for month in range(1, 13)]


def table(tmp_path, *rows, name="目标.csv"):
    path = tmp_path / name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def history(tmp_path, **daily):
    first = dt.date(2026, 1, 1)
    days = [first + dt.timedelta(at) for at in range(365)]
    rows = [(day, store, sales) for day in days for store, sales in daily.items()]
    return table(tmp_path, ("日期", "店铺", "支付金额"), *rows, name="历史.csv")


def sales(path):
    frame = read_state(FileBook(path)).state.year.plan["gmv"]
    return frame.groupby(level="store").sum().round(2).to_dict()


def refused(tmp_path, targets, **more):
    path = tmp_path / "计划.xlsx"
    with pytest.raises(InputError) as caught:
        new_from(path, Typed(2027, targets, **more))
    assert not path.exists()
    return caught.value


def test_what_was_read_is_echoed_before_anything_is_written(tmp_path):
    targets = table(
        tmp_path, ("店铺(万元)", "全年", *MONTHS, "占比"), ("天猫店", 120, *[10] * 12, "100%")
    )
    path, said = tmp_path / "计划.xlsx", []

    def tell(line):
        assert not path.exists()
        said.append(line)

    new_from(path, Typed(2027, targets), tell)
    assert "天猫店  120  10  10" in "\n".join(said)
    assert any("占比" in line and "没有读" in line for line in said)


def test_an_outcome_holds_the_echo_where_nobody_listens(tmp_path):
    targets = table(tmp_path, ("店铺", "全年"), ("天猫店", "120万"))
    outcome = new_from(tmp_path / "计划.xlsx", Typed(2027, targets))
    assert "天猫店  120" in outcome.lines
    assert outcome.facts["read"]


def test_a_year_of_a_few_hundred_yuan_asks_for_the_unit_and_takes_the_answer(tmp_path):
    targets = table(tmp_path, ("店铺", "全年"), ("天猫店", 906), ("京东店", 500))
    error = refused(tmp_path, targets)
    assert "万元还是元" in error.message
    assert "--unit" in error.remedy
    path = tmp_path / "计划.xlsx"
    new_from(path, Typed(2027, targets, unit="万元"))
    assert sales(path) == {"天猫店": 9_060_000, "京东店": 5_000_000}


def test_one_store_without_its_unit_among_others_is_asked_about(tmp_path):
    targets = table(tmp_path, ("店铺", "全年"), ("天猫店", "906万"), ("京东店", 500))
    assert "京东店" in refused(tmp_path, targets).message


@pytest.mark.parametrize("typed", ["900万", "9000亿"])
def test_sales_far_from_last_years_are_asked_about(tmp_path, typed):
    rows = ("店铺", "去年", "全年"), ("天猫店", "5亿", typed)
    assert "去年" in refused(tmp_path, table(tmp_path, *rows)).message
    new_from(tmp_path / "计划.xlsx", Typed(2027, table(tmp_path, *rows), unit="元"))


def test_last_years_sales_of_the_history_are_a_measure_too(tmp_path):
    targets = table(tmp_path, ("店铺", "全年"), ("天猫店", "5万"), ("京东店", "200万"))
    error = refused(tmp_path, targets, history=history(tmp_path, 天猫店=20000, 京东店=5000))
    assert "天猫店" in error.message


def test_a_unit_nobody_offers_is_refused(tmp_path):
    targets = table(tmp_path, ("店铺", "全年"), ("天猫店", 906))
    assert "亿" in refused(tmp_path, targets, unit="亿").message


def test_months_that_do_not_make_the_year_are_refused_with_both_and_the_smallest_mend(tmp_path):
    targets = table(tmp_path, ("店铺(万元)", "全年", *MONTHS), ("天猫店", 1000, *[83.3] * 12))
    error = refused(tmp_path, targets)
    assert "各月合计 999.6万，全年写 1,000万，差 4,000" in error.message
    assert "全年改为 999.6万，或把1月由 83.3万 改为 83.7万" in error.remedy


def test_quarters_and_parts_beyond_the_year_are_refused_too(tmp_path):
    quarters = table(
        tmp_path, ("店铺(万元)", "全年", "Q1", "Q2", "Q3", "Q4"), ("店", 100, 25, 25, 25, 26)
    )
    assert "各季合计 101万" in refused(tmp_path, quarters).message
    months = table(tmp_path, ("店铺(万元)", "全年", "11月"), ("店", 100, 120))
    assert "全年写 100万" in refused(tmp_path, months).message


def test_a_cell_that_cannot_be_read_writes_nothing_and_is_named(tmp_path):
    targets = table(tmp_path, ("店铺", "全年"), ("天猫店", "906万"), ("京东店", "待定"))
    error = refused(tmp_path, targets)
    assert "B3" in error.message
    assert error.problems


def test_a_company_target_is_split_by_last_years_sales_to_the_fen(tmp_path):
    targets = table(tmp_path, ("指标", "全年"), ("销售额", "1000.01万"), ("转化率", "4%"))
    days = history(tmp_path, 天猫店=20000, 京东店=10000)
    path = tmp_path / "计划.xlsx"
    outcome = new_from(path, Typed(2027, targets, ["天猫店", "京东店"], history=days))
    assert sales(path) == {"天猫店": 6_666_733.33, "京东店": 3_333_366.67}
    assert any("66.7%" in problem.what for problem in outcome.problems)


def test_last_years_figures_of_the_list_itself_split_its_total(tmp_path):
    rows = (
        ("店铺", "2026年实际（万元）", "2027年目标（万元）"),
        ("天猫店", 600, ""),
        ("京东店", 400, ""),
    )
    path = tmp_path / "计划.xlsx"
    new_from(path, Typed(2027, table(tmp_path, *rows, ("合计", 1000, 1300))))
    assert sales(path) == {"天猫店": 7_800_000, "京东店": 5_200_000}


def test_a_company_target_without_shares_is_refused_with_the_ways_out(tmp_path):
    targets = table(tmp_path, ("指标", "全年"), ("销售额", "1000万"))
    error = refused(tmp_path, targets, stores=["天猫店", "京东店"])
    assert "--history" in error.remedy


def test_growth_alone_needs_last_year_and_takes_it_from_the_history(tmp_path):
    targets = table(tmp_path, ("店铺", "同比增长"), ("天猫店", "25%"), ("京东店", "30%"))
    assert "只写了增长率" in refused(tmp_path, targets).message
    path = tmp_path / "计划.xlsx"
    new_from(path, Typed(2027, targets, history=history(tmp_path, 天猫店=20000, 京东店=5000)))
    assert sales(path) == {"天猫店": 9_125_000, "京东店": 2_372_500}


def test_categories_without_their_whole_are_refused(tmp_path):
    targets = table(tmp_path, ("品类", "全年"), ("面膜", "500万"), ("防晒", "400万"))
    assert "面膜、防晒" in refused(tmp_path, targets).message


def test_targets_without_a_place_are_listed_as_not_kept(tmp_path):
    targets = table(
        tmp_path, ("指标", "全年"), ("销售额", "500万"), ("复购率", "30%"), ("订单数", 9000)
    )
    outcome = new_from(tmp_path / "计划.xlsx", Typed(2027, targets))
    assert any("复购率、订单数" in problem.what for problem in outcome.problems)


def test_a_store_of_the_file_that_was_not_named_is_refused(tmp_path):
    targets = table(tmp_path, ("店铺", "全年"), ("天猫店", "906万"), ("京东店", "500万"))
    assert "京东店" in refused(tmp_path, targets, stores=["天猫店"]).message


def test_a_filled_template_is_read_as_filled(tmp_path):
    path = tmp_path / "模板.xlsx"
    write_template(path, 2027, ["天猫店", "京东店"])
    book = openpyxl.load_workbook(path)
    sheet = book.active
    figures = {"销售额": 900, "转化率": 4, "客单价": 100, "退款率": 6}
    for row in sheet.iter_rows(min_row=4):
        row[4].value = figures.get(row[1].value)
        if row[1].value == "销售额":
            row[3].value = 700
    book.save(path)
    made = tmp_path / "计划.xlsx"
    new_from(made, Typed(2027, path))
    year = read_state(FileBook(made)).state.year
    assert sales(made) == {"天猫店": 9_000_000, "京东店": 9_000_000}
    assert year.targets.of("天猫店")["cvr"] == pytest.approx(0.04)
    assert year.targets.of("京东店")["refund_rate"] == pytest.approx(0.06)


def test_an_empty_template_is_refused_and_says_so(tmp_path):
    path = tmp_path / "模板.xlsx"
    write_template(path, 2027)
    error = refused(tmp_path, path)
    assert "没有" in error.message or "找不到" in error.message


def test_new_without_a_file_offers_a_template(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = RUN.invoke(app, ["new", "--year", "2027"], input="y\n")
    assert made.exit_code == 0, made.output
    assert (tmp_path / "2027年度目标模板.xlsx").exists()
    assert RUN.invoke(app, ["new"], input="n\n").exit_code == 1


def test_the_command_line_refuses_a_doubtful_unit_where_nobody_can_be_asked(tmp_path):
    targets = table(tmp_path, ("店铺", "全年"), ("天猫店", 906))
    path = tmp_path / "计划.xlsx"
    options = ["new", str(path), "-y", "2027", "-t", str(targets)]
    asked = RUN.invoke(app, options)
    assert (asked.exit_code, path.exists()) == (2, False)
    assert RUN.invoke(app, [*options, "--unit", "万元"]).exit_code == 0
    assert sales(path) == {"天猫店": 9_060_000}
