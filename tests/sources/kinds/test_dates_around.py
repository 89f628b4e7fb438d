"""Days that stand with a shifted clock, without their month, or in an order table."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.sources.kinds.drawn import HEAD, day, days_of, is_refused, rules_of
from xlplan.errors import Level

THREE = {f"2026-09-0{i}": {"uv": 100.0 * i, "gmv": 1000.0 * i} for i in (1, 2, 3)}


def stamped(time: str, shift: int = 1):
    hour, minute, second = map(int, time.split(":"))
    moments = [
        dt.datetime(2026, 9, i, hour, minute, second) - dt.timedelta(shift) for i in (1, 2, 3)
    ]
    return [[moment, 100 * i, 1000 * i] for i, moment in enumerate(moments, 1)]


@pytest.mark.parametrize("time", ["16:00:00", "23:59:17", "15:59:17"])
def test_midnight_written_in_another_zone_is_the_next_day(make, time):
    file = make.book([HEAD, *stamped(time)])
    assert days_of(file) == THREE
    assert "shifted_time" in rules_of(file, Level.WARNING)
    lines = [",".join(map(str, row)) for row in (HEAD, *stamped(time))]
    assert days_of(make.text("\n".join(lines))) == THREE


def test_a_single_day_with_such_a_time_is_shifted_too(make):
    assert days_of(make.book([HEAD, stamped("16:00:00")[0]])) == {
        "2026-09-01": THREE["2026-09-01"]
    }


@pytest.mark.parametrize("time", ["08:00:00", "12:00:00"])
def test_a_time_that_keeps_the_day_keeps_it(make, time):
    assert days_of(make.book([HEAD, *stamped(time, 0)])) == THREE


@pytest.mark.parametrize("time", ["23:59:59", "10:30:00", "22:00:00"])
def test_any_other_constant_time_is_asked_about(make, time):
    assert is_refused(make.book([HEAD, *stamped(time, 0)]), "constant_time")
    lines = [",".join(map(str, row)) for row in (HEAD, *stamped(time, 0))]
    assert is_refused(make.text("\n".join(lines)), "constant_time")


def test_a_serial_number_with_a_fraction_has_a_time_as_well(make):
    rows = [[46265 + i + 2 / 3, 100 * (i + 1), 1000 * (i + 1)] for i in range(3)]
    assert days_of(make.book([HEAD, *rows])) == THREE


def test_times_that_vary_are_times_of_day_and_read_as_before(make):
    rows = [[dt.datetime(2026, 9, i, 9 + i), 100 * i, 1000 * i] for i in (1, 2, 3)]
    assert days_of(make.book([HEAD, *rows])) == THREE


def test_midnight_is_no_time(make):
    assert days_of(make.book([HEAD, *stamped("00:00:00", 0)])) == THREE


ORDERS = "主订单编号,子订单编号,订单付款时间,买家实际支付金额\n"


def test_order_tables_with_varying_times_are_read_and_constant_ones_are_not_taken_as_they_are(
    make,
):
    text = ORDERS + "1,1,2026-09-01 10:00:00,5\n2,2,2026-09-02 11:00:00,6\n"
    assert set(days_of(make.text(text, "示例店_订单.csv"))) == {
        "示例店 2026-09-01",
        "示例店 2026-09-02",
    }
    text = ORDERS + "1,1,2026-08-31 16:00:00,5\n2,2,2026-09-01 16:00:00,6\n"
    assert set(days_of(make.text(text, "示例店_订单.csv"))) == {
        "示例店 2026-09-01",
        "示例店 2026-09-02",
    }


def test_orders_of_one_day_at_one_moment_are_read(make):
    text = ORDERS + "1,1,2026-09-01 10:00:00,5\n2,2,2026-09-01 10:00:00,6\n"
    assert days_of(make.text(text, "示例店_订单.csv"))["示例店 2026-09-01"]["gmv"] == 11


# The month in the name of the sheet


@pytest.mark.parametrize("title", ["8月", "2026年8月", "八月", "2026-08", "8月日报"])
@pytest.mark.parametrize("cell", ["1日", "1号", 1])
def test_a_sheet_named_after_a_month_says_whose_first_it_is(make, title, cell):
    rows = [
        HEAD,
        [cell, 100, 1000],
        [cell + 1 if cell == 1 else cell.replace("1", "2"), 200, 2000],
    ]
    found = days_of(make.book(rows, titles=[title]), year=2026)
    assert found == {"2026-08-01": THREE["2026-09-01"], "2026-08-02": THREE["2026-09-02"]}


def test_sheets_of_several_months_each_say_their_own(make):
    rows = [HEAD, ["1日", 100, 1000]]
    found = days_of(make.book(rows, rows, titles=["8月", "9月"]), year=2026)
    assert set(found) == {"2026-08-01", "2026-09-01"}


def test_the_month_may_stand_in_the_title_or_the_file_name(make):
    rows = [HEAD, ["1日", 100, 1000]]
    assert set(days_of(make.book([["2026年9月店铺日报"], *rows]))) == {"2026-09-01"}
    assert set(days_of(make.book(rows, name="2026年9月日报.xlsx"))) == {"2026-09-01"}


def test_without_a_month_anywhere_a_first_is_refused(make):
    assert is_refused(make.book([HEAD, ["1日", 100, 1000]]), "no_year", year=2026)
    assert is_refused(make.book([HEAD, [1, 100, 1000]]), "not_a_date", year=2026)


def test_a_date_with_its_month_wins_over_the_sheet_and_the_difference_is_said(make):
    file = make.book([HEAD, [day(1), 100, 1000]], titles=["8月"])
    assert days_of(file, year=2026) == {"2026-09-01": THREE["2026-09-01"]}
    assert "other_month" in rules_of(file, Level.WARNING, year=2026)


def test_a_day_that_the_month_has_not_is_refused(make):
    file = make.book([HEAD, ["30日", 1, 2], ["31日", 100, 1000]], titles=["9月"])
    assert set(days_of(file, year=2026)) == {"2026-09-30"}
    assert "no_such_day" in rules_of(file, Level.ERROR, year=2026)


# Sheets named after stores


def test_the_plans_stores_are_known_as_sheets(make):
    rows = [HEAD, [day(1), 100, 1000]]
    other = [HEAD, [day(1), 200, 2000]]
    found = days_of(make.book(rows, other, titles=["城东", "城西"]), stores=("城东", "城西"))
    assert found == {
        "城东 2026-09-01": THREE["2026-09-01"],
        "城西 2026-09-01": THREE["2026-09-02"],
    }


@pytest.mark.parametrize(
    "titles",
    [["甲旗舰店", "乙专营店"], ["天猫", "京东"], ["A店", "B店"], ["抖音小店", "拼多多专营店"]],
)
def test_sheets_that_look_like_stores_are_kept_apart(make, titles):
    rows, other = [HEAD, [day(1), 100, 1000]], [HEAD, [day(2), 200, 2000]]
    found = days_of(make.book(rows, other, titles=titles))
    assert found == {
        f"{titles[0]} 2026-09-01": THREE["2026-09-01"],
        f"{titles[1]} 2026-09-02": THREE["2026-09-02"],
    }


def test_one_sheet_with_any_name_is_the_files_store(make):
    assert set(
        days_of(make.book([HEAD, [day(1), 100, 1000]], titles=["旗舰店"], name="示例店_日报.xlsx"))
    ) == {"示例店 2026-09-01"}
    assert set(days_of(make.book([HEAD, [day(1), 100, 1000]], titles=["全店"]))) == {"2026-09-01"}


def test_two_sheets_that_contradict_each_other_give_neither_figure(make):
    rows, other = [HEAD, [day(1), 100, 1000]], [HEAD, [day(1), 100, 9000]]
    file = make.book(rows, other, titles=["表一", "表二"])
    assert days_of(file) == {"2026-09-01": {"uv": 100}}
    assert "two_tables" in rules_of(file, Level.ERROR)


# 抖店 orders


DOUDIAN = "主订单编号,子订单编号,商品数量,订单应付金额,订单提交时间,支付完成时间,订单状态\n"


@pytest.mark.parametrize("unpaid", ["-", "", "--", "无"])
def test_orders_of_doudian_count_on_the_day_they_were_paid_and_only_then(make, unpaid):
    rows = [
        "1,1,1,100,2026-08-31 23:59:00,2026-09-01 00:00:30,已发货",
        f"2,2,1,999,2026-09-01 10:00:00,{unpaid},已关闭",
        f"3,3,1,999,2026-09-01 11:00:00,{unpaid},待支付",
        "4,4,2,50,2026-09-01 12:00:00,2026-09-02 09:00:00,已完成",
    ]
    file = make.text(DOUDIAN + "\n".join(rows) + "\n", "示例小店_订单.csv")
    found = days_of(file)
    assert {d: v["gmv"] for d, v in found.items()} == {
        "示例小店 2026-09-01": 100,
        "示例小店 2026-09-02": 50,
    }
    assert rules_of(file, Level.ERROR) == set()


def test_lines_of_one_order_of_doudian_are_one_order(make):
    rows = "1,11,1,60,2026-09-01 10:00:00,2026-09-01 10:00:30,已发货\n1,12,2,40,2026-09-01 10:00:00,2026-09-01 10:00:30,已发货\n"
    found = days_of(make.text(DOUDIAN + rows + rows.splitlines()[0], "示例小店_订单.csv"))
    assert found["示例小店 2026-09-01"]["gmv"] == 100
    assert (found["示例小店 2026-09-01"]["orders"], found["示例小店 2026-09-01"]["units"]) == (
        1,
        3,
    )


def test_orders_without_a_paid_column_are_not_taken_by_another_day(make):
    text = "主订单编号,子订单编号,订单应付金额,订单提交时间\n1,1,100,2026-09-01 10:00:00\n"
    assert is_refused(make.text(text, "示例小店_订单.csv"), "unknown_table")
