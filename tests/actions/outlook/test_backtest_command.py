"""``xlplan forecast --backtest``: what it prints, what it reads, what it refuses and where."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from xlplan.actions.outlook.dailyfile import sales_history
from xlplan.cli.app import app
from xlplan.errors import InputError

DATA = Path(__file__).parents[2] / "data" / "online_retail_daily.csv"


@pytest.fixture
def retail(tmp_path):
    with DATA.open(encoding="utf-8") as lines:
        rows = [(row["date"], row["revenue"]) for row in csv.DictReader(lines)]
    sales = write(tmp_path / "sales.csv", "日期,销售额", [f"{d},{v}" for d, v in rows])
    closed = write(tmp_path / "closed.csv", "日期", [d for d, v in rows if float(v) == 0])
    return sales, closed


def write(path, head, lines, encoding="utf-8"):
    path.write_text("\n".join([head, *lines]) + "\n", encoding)
    return path


def days(count, first=date(2024, 1, 1)):
    return [first + timedelta(days=i) for i in range(count)]


def run(*arguments):
    return CliRunner().invoke(app, ["forecast", *map(str, arguments)])


def test_the_table_is_printed_and_the_json_has_the_agreed_shape(retail):
    sales, closed = retail
    told = run("--backtest", sales, "--closed", closed, "--json")
    found = json.loads(told.stdout)["backtest"]
    assert found["methods"]["xlplan"] == {"7": 9.1, "14": 6.6, "21": 3.6, "25": 2.6}
    assert found["methods"]["linear"] == {"7": 10.7, "14": 8.1, "21": 6.2, "25": 4.1}
    assert set(found["methods"]["weekday"]) == {"7", "14", "21", "25"}
    assert found["band"]["n"] == 40
    assert 0.75 <= found["band"]["coverage"] <= 0.9
    shown = run("--backtest", sales, "--closed", closed)
    assert shown.exit_code == 0
    assert "第 7 天" in shown.stdout
    assert "按天数外推" in shown.stdout


def test_no_book_and_no_file_is_a_refusal(tmp_path):
    assert run().exit_code == InputError.exit_code
    assert run("--closed", tmp_path / "x.csv").exit_code == InputError.exit_code


def test_heads_units_encodings_and_order_are_read(tmp_path):
    lines = [f"{day:%Y/%m/%d},{i + 1}" for i, day in enumerate(days(60))][::-1]
    path = write(tmp_path / "s.csv", "统计日期,支付金额(万元)", lines, "gb18030")
    history, told = sales_history(path)
    assert history.first == date(2024, 1, 1)
    assert history.values[0] == 10_000
    assert history.values[-1] == 600_000
    assert "支付金额" in told[0]


def test_a_column_named_otherwise_is_found_by_what_it_means():
    history, _ = sales_history(DATA)
    assert history.values[0] == 57626.33


@pytest.mark.parametrize(
    ("line", "cell", "what"),
    [
        ("2024-01-05,9", "A62", "已经写过"),
        ("2024-03-01,约五千", "B62", "不是可识别的数"),
        ("某天,5", "A62", "某天"),
        ("合计,500", "A62", "合计"),
        (",5", "A62", "没有日期"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_cell(tmp_path, line, cell, what):
    lines = [f"{day},{i}" for i, day in enumerate(days(60))]
    path = write(tmp_path / "s.csv", "日期,销售额", [*lines, line])
    with pytest.raises(InputError) as refused:
        sales_history(path)
    assert refused.value.problems[0].where.cell == cell
    assert what in refused.value.problems[0].what


def test_absent_days_negative_days_and_zeros_are_said(tmp_path):
    lines = [f"{day},{-5 if i == 3 else 0 if i == 4 else 100}" for i, day in enumerate(days(60)) if i != 9]  # fmt: skip
    history, told = sales_history(write(tmp_path / "s.csv", "日期,销售额", lines))
    assert np.isnan(history.values[9])
    assert history.values[3] == -5
    said = "\n".join(told)
    assert "缺 1 天" in said
    assert "1 天是负数" in said
    assert "1 天销售额是 0" in said


def test_a_weekday_that_never_has_a_row_is_closed_and_not_missing(tmp_path):
    lines = [f"{day},100" for day in days(120) if day.weekday() != 6]
    history, told = sales_history(write(tmp_path / "s.csv", "日期,销售额", lines))
    assert date(2024, 1, 7) in history.closed
    assert any("周日从来没有数" in line for line in told)
    assert not any("缺" in line for line in told)


def test_events_may_lack_a_lift_and_are_then_named(tmp_path):
    sales = write(tmp_path / "s.csv", "日期,销售额", [f"{day},{100 + i % 7}" for i, day in enumerate(days(150))])  # fmt: skip
    events = write(tmp_path / "e.csv", "活动,锚点日,偏移,倍数", ["38节,2024-03-08,0,2.5", "38节,2024-03-08,-1,1.5", "店庆,2024-04-18,0,"])  # fmt: skip
    history, _ = sales_history(sales, events)
    assert [event.lift for event in history.events][:2] == [2.5, 1.5]
    assert history.events[1].day == date(2024, 3, 7)
    found = json.loads(run("--backtest", sales, "--events", events, "--json").stdout)
    assert "店庆" in found["problems"][0]["what"]


@pytest.mark.parametrize("line", ["x,2024-03-08,0.5,2", "x,2024-03-08,0,0", ",2024-03-08,0,2", "x,,0,2", "x,2024-03-08,0,很多"])  # fmt: skip
def test_an_event_that_makes_no_sense_is_refused(tmp_path, line):
    sales = write(tmp_path / "s.csv", "日期,销售额", [f"{day},1" for day in days(60)])
    events = write(tmp_path / "e.csv", "活动,锚点日,偏移,倍数", [line])
    with pytest.raises(InputError, match="1 处读不了"):
        sales_history(sales, events)


def test_closed_spans_are_read_and_an_unknown_table_is_described(tmp_path):
    sales = write(tmp_path / "s.csv", "日期,销售额", [f"{day},1" for day in days(60)])
    closed = write(tmp_path / "c.csv", "日期", ["2024-01-10~2024-01-12"])
    history, _ = sales_history(sales, None, closed)
    assert len(history.closed) == 3
    other = write(tmp_path / "o.csv", "客户,电话", ["甲,1"])
    with pytest.raises(InputError, match="看到的是：客户、电话"):
        sales_history(other)
