"""One gate for typed values: the same figure is refused, or read, on every path into the plan."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from xlplan.actions.change.wishing import figure
from xlplan.actions.plan.newbook import target_claim
from xlplan.cells import Seen
from xlplan.errors import InputError
from xlplan.metrics import METRICS
from xlplan.sheets.daily import page as daily_page
from xlplan.sheets.daily.read import read_daily
from xlplan.sheets.stores.returned import read_returned
from xlplan.sources import read
from xlplan.sources.numbers import Number, parse_amount
from xlplan.sources.text import Unread

DAY, STORE = date(2026, 9, 1), "示例店"
#: What is no count, whatever was meant.
NO_COUNT = ["12%", "12％", "3.5:1", "1:30", "1比4", "100分", "30秒", "2天", "2倍", "5‰"]
COUNTS = {"1,200": 1200, "1.2万": 12_000, "35单": 35, "３５": 35, "0": 0, 12.0: 12, "1e3": None}


def on_the_daily_sheet(value, metric="orders"):
    """What 日报 makes of a typed cell."""
    keys = ["xlplan:key", "date", "weekday", "store", metric, "note"]
    names = [n for n in daily_page.input_metrics(METRICS) if n != metric]
    keys += [*names, *(key for key in daily_page.FIXED if key not in keys)]
    cells = {(daily_page.KEY_ROW, c): Seen(key, "") for c, key in enumerate(keys, 1)}
    row = daily_page.FIRST_ROW
    cells |= {(row, 2): Seen(DAY, ""), (row, 4): Seen(STORE, ""), (row, 5): Seen(value, "")}
    found = read_daily(cells, METRICS, [STORE], 2026)
    return found.typed.get((STORE, DAY), {}).get(metric), found.problems


def in_a_copy(value, metric="orders"):
    """What 收集 makes of it."""
    keys = ["xlplan:key", "date", "weekday", "store", metric]
    heads = ["", "日期", "星期", "店铺", "笔数"]
    cells = {(1, c): Seen(key, "") for c, key in enumerate(keys, 1)}
    cells |= {(2, c): Seen(head, "") for c, head in enumerate(heads, 1)}
    cells |= {(3, 2): Seen(DAY, ""), (3, 4): Seen(STORE, ""), (3, 5): Seen(value, "")}
    handout = SimpleNamespace(year=2026, store=STORE, base={}, headers=dict(zip(keys, heads, strict=True)))  # fmt: skip
    found = read_returned(cells, handout, {metric: metric == "orders"})
    return found.days.get(DAY, {}).get(metric), found.problems


def in_an_export(value, folder):
    """What 导入 makes of it."""
    path = folder / "导出.csv"
    path.write_text(f'店铺,日期,访客数,支付订单数\n{STORE},2026-09-01,500,"{value}"\n', "utf-8")
    found = read(path)
    frame = found.frame
    there = "orders" in frame.columns and frame["orders"].notna().any()
    return (frame["orders"].iloc[0] if there else None), found.problems


@pytest.mark.parametrize("text", NO_COUNT)
def test_what_is_no_count_is_refused_on_every_path(text, tmp_path):
    for value, problems in (
        on_the_daily_sheet(text),
        in_a_copy(text),
        in_an_export(text, tmp_path),
    ):
        assert value is None
        assert any(problem.level == "错误" and text in problem.what for problem in problems)
    for metric in ("gmv", "spend"):
        with pytest.raises(InputError):
            target_claim(metric, text)
    with pytest.raises(InputError):
        figure(text, "")


@pytest.mark.parametrize("text", COUNTS)
def test_a_count_is_read_alike_on_every_path(text, tmp_path):
    wanted = COUNTS[text]
    assert on_the_daily_sheet(text)[0] == wanted
    assert in_a_copy(text)[0] == wanted
    assert in_an_export(text, tmp_path)[0] == wanted


def test_money_is_no_pieces_and_pieces_are_no_money():
    assert on_the_daily_sheet("100单", "gmv")[0] is None
    assert in_a_copy("100单", "gmv")[0] is None
    assert on_the_daily_sheet("100元", "orders")[0] is None
    assert in_a_copy("100元", "orders")[0] is None
    assert on_the_daily_sheet("¥1,234.50", "gmv")[0] == 1234.5
    assert on_the_daily_sheet("3.5万元", "gmv")[0] == 35_000


def test_what_holds_ratios_takes_them_all():
    for text, value in (("12%", 0.12), ("3.5:1", 3.5), ("2倍", 2), ("0.12", 0.12)):
        found = parse_amount(text, unit="%")
        assert isinstance(found, Number)
        assert found.value == value
    assert target_claim("roi", "3.5:1").value == 3.5
    assert target_claim("refund_rate", "6%").value == 0.06
    assert figure("8%") == 0.08
    assert isinstance(parse_amount("3.5:1", unit="元"), Unread)
