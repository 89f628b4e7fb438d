"""Spans of days by the names people use."""

from __future__ import annotations

from datetime import date

import pytest

from xlplan.errors import InputError
from xlplan.plan.calendar import calendar
from xlplan.plan.days.periods import between, parse_period


@pytest.fixture(scope="module")
def days():
    return calendar(2026)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("", (1, 1), (12, 31)),
        ("全年", (1, 1), (12, 31)),
        ("2026年", (1, 1), (12, 31)),
        ("上半年", (1, 1), (6, 30)),
        ("Q3", (7, 1), (9, 30)),
        ("三季度", (7, 1), (9, 30)),
        ("第4季度", (10, 1), (12, 31)),
        ("2月", (2, 1), (2, 28)),
        ("１２月份", (12, 1), (12, 31)),
        ("第1周", (1, 1), (1, 4)),
        ("W53", (12, 28), (12, 31)),
        ("9月9日", (9, 9), (9, 9)),
        ("2026-09-09", (9, 9), (9, 9)),
        ("2026年9月9日", (9, 9), (9, 9)),
        ("9月1日-9月15日", (9, 1), (9, 15)),
        ("9月1日到15月".replace("15月", "10月"), (9, 1), (10, 31)),
        ("3月~5月", (3, 1), (5, 31)),
        ("双11", None, None),
    ],
)
def test_a_period_is_understood(days, text, first, last):
    found = parse_period(text, days)
    if first:
        assert (found.first, found.last) == (date(2026, *first), date(2026, *last))
    assert found.first <= date(2026, 11, 11) or first
    assert found.days == (found.last - found.first).days + 1


@pytest.mark.parametrize(
    "text", ["13月", "9月31日", "第54周", "2025-09-09", "9月9日-9月1日", "Q5", "随便"]
)
def test_what_is_no_period_of_the_year_is_refused_with_the_forms(days, text):
    with pytest.raises(InputError) as caught:
        parse_period(text, days)
    assert caught.value.remedy


def test_periods_get_their_shortest_name():
    assert between(date(2026, 9, 1), date(2026, 9, 30)).label == "9月"
    assert between(date(2026, 7, 1), date(2026, 9, 30)).label == "Q3"
    assert between(date(2026, 1, 1), date(2026, 12, 31)).label == "全年"
    assert between(date(2026, 9, 9), date(2026, 9, 9)).label == "9月9日"
    assert between(date(2026, 8, 20), date(2026, 9, 5)).label == "8月20日–9月5日"
    assert between(date(2026, 2, 1), date(2026, 4, 30)).label == "2月1日–4月30日"


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [("9月上旬", 1, 10), ("9月中旬", 11, 20), ("9月份下旬", 21, 30)],
)
def test_a_third_of_a_month_has_ten_days_and_the_last_what_is_left(text, first, last):
    found = parse_period(text, calendar(2026))
    assert (found.first, found.last) == (date(2026, 9, first), date(2026, 9, last))
    assert parse_period("2月下旬", calendar(2026)).last == date(2026, 2, 28)
