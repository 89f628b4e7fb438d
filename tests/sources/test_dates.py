from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlplan.sources.dates import DateHints, Span, day_headers, parse_date, parse_span
from xlplan.sources.text import Unread

IN_2026 = DateHints(year=2026)
FIRST = dt.date(2026, 9, 1)
SAME_DAY = [
    "2026-09-01", "2026-9-1", "2026/9/1", "2026/09/01", "2026.9.1", "20260901", "2026年9月1日", "2026年09月01日",
    "26年9月1日", "9月1日", "９月１日", "9月1号", "9/1", "9.1", "9-1", "09-01", "2026-09-01\t", " 2026-09-01 ",
    "\ufeff2026-09-01", "2026-09-01 00:00:00", "2026-09-01 23:59", "2026-09-01T10:00:00", "2026/9/1 8:05",
    "2026-09-01T10:00:00+08:00", "20260901 10:00:30", "20260901103000", "2026年09月01日 00:00:00",
    "2026-09-01 周二", "9月1日(周二)", "9月1日（二）", "9.1 星期二", "周二 9.1", '="2026-09-01"', "'2026-09-01",
    "46266", 46266, 46266.0, 46266.75, 20260901, dt.date(2026, 9, 1), dt.datetime.fromisoformat("2026-09-01 12:30"),
    "2026-09-01~2026-09-01", "20260901000000~20260901005959", "2026-09-01 00:00:00 ~ 2026-09-01 23:59:59",
]  # fmt: skip
RANGES = {
    "2026-08-31~2026-09-06": ("2026-08-31", "2026-09-06"),
    "2026-08-31 ~ 2026-09-06": ("2026-08-31", "2026-09-06"),
    "2026-08-31～2026-09-06": ("2026-08-31", "2026-09-06"),
    "20260901-20260903": ("2026-09-01", "2026-09-03"),
    "20260601~20260630": ("2026-06-01", "2026-06-30"),
    "2026/9/1-2026/9/7": ("2026-09-01", "2026-09-07"),
    "2026年9月1日至2026年9月7日": ("2026-09-01", "2026-09-07"),
    "9.1-9.7": ("2026-09-01", "2026-09-07"),
    "9月1日-7日": ("2026-09-01", "2026-09-07"),
    "2025-12-29 至 2026-01-04": ("2025-12-29", "2026-01-04"),
    "2026-09": ("2026-09-01", "2026-09-30"),
    "2026年2月": ("2026-02-01", "2026-02-28"),
    "9月": ("2026-09-01", "2026-09-30"),
    "9月份": ("2026-09-01", "2026-09-30"),
    "202609": ("2026-09-01", "2026-09-30"),
}
REFUSED = {
    "no_such_day": ["2月30日", "13月1日", "2026-02-29", "20260931", "4.31", "2026-00-10", "0.5"],
    "ambiguous": ["09-01-26", "9/1/2026", "01/09/26", "12-29-25"],
    "not_a_date": [
        "周一",
        "全部",
        "总计",
        "1,2 34",
        "昨天",
        "2026",
        "1.2.3.4",
        "2026-09/01",
        9.1,
        46266000.5,
        2026,
        1,
    ],
    "weekday": ["9月1日 周三", "2026-09-01(周日)"],
    "time_zone": ["2026-09-01T23:00:00Z"],
    "reversed": ["2026-09-07~2026-09-01"],
    "boolean": [True],
    "strange_digit": ["9月1²日", "٣月1日"],
    "error_cell": ["#REF!"],
    "out_of_range": ["1999-12-31", "2100-01-01"],
}


@pytest.mark.parametrize("cell", SAME_DAY, ids=repr)
def test_every_way_of_writing_a_day_reads_as_that_day(cell):
    assert parse_date(cell, IN_2026) == FIRST


@pytest.mark.parametrize(("text", "ends"), RANGES.items())
def test_ranges_and_months_are_spans_and_never_a_day(text, ends):
    start, end = map(dt.date.fromisoformat, ends)
    assert parse_span(text, IN_2026) == Span(start, end)
    assert parse_date(text, IN_2026).code == "many_days"


@pytest.mark.parametrize(
    ("code", "cell"), [(code, cell) for code, cells in REFUSED.items() for cell in cells]
)
def test_what_is_not_surely_a_day_is_refused_with_its_reason(code, cell):
    read = parse_date(cell, IN_2026)
    assert isinstance(read, Unread), read
    assert read.code == code


@pytest.mark.parametrize("cell", [None, "", "-", "--", "\t", "—", float("nan")], ids=repr)
def test_no_date_is_missing(cell):
    assert parse_date(cell, IN_2026) is None


def test_a_day_without_a_year_needs_a_year_from_its_place():
    assert parse_date("9.2").code == "no_year"
    assert parse_date("9月1日").code == "no_year"
    assert parse_date("3日", IN_2026).code == "no_year"
    assert parse_date("3日", DateHints(year=2026, month=9)) == dt.date(2026, 9, 3)


def test_two_digit_years_are_read_only_in_the_declared_order():
    assert parse_date("09-01-26", DateHints(order="mdy")) == FIRST
    assert parse_date("01/09/26", DateHints(order="dmy")) == FIRST
    assert parse_date("01/09/2026", DateHints(order="dmy")) == FIRST
    assert parse_date("2026-09-01", DateHints(order="mdy")) == FIRST
    assert parse_date("13-01-26", DateHints(order="mdy")).code == "no_such_day"


def test_serials_follow_the_epoch_of_the_workbook():
    assert parse_date(44804, DateHints(date1904=True)) == FIRST
    assert parse_date(46266.9999999) == dt.date(2026, 9, 2)
    assert parse_date(60).code == "not_a_date"
    assert parse_date(2958466).code != ""


def test_numbers_like_9_1_are_days_only_in_a_run_of_consecutive_days():
    days = [dt.date(2026, 9, day) for day in (8, 9, 10, 11, 12)]
    assert day_headers([9.8, 9.9, 9.1, 9.11, 9.12], IN_2026) == days
    assert day_headers([None, 9.8, "9.9"], IN_2026) == [None, *days[:2]]
    assert [read.code for read in day_headers([9.1, 9.2, 9.4], IN_2026)] == ["not_a_date"] * 3
    assert day_headers([9.1], IN_2026)[0].code == "not_a_date"


@given(
    st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日", "%Y.%m.%d %H:%M:%S"]),
)
def test_every_day_printed_in_a_full_form_is_read_back(day, form):
    assert parse_date(day.strftime(form)) == day


@given(st.text(max_size=12))
def test_arbitrary_text_never_raises(text):
    assert isinstance(parse_span(text, IN_2026), Span | Unread | None)
