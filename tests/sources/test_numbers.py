from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.sources.numbers import Notation, Number, parse_number
from xlplan.sources.text import Unread, identifier

FIGURES = {
    # plain
    "0": 0, "7": 7, "-7": -7, "+7": 7, "12.5": 12.5, "0.00": 0, ".5": 0.5, "-.5": -0.5, "0.001": 0.001,
    "1000000000000": 1e12, "123456789012345": 123456789012345,
    # thousands, in threes or in fours
    "1,234": 1234, "1，234": 1234, "1 234": 1234, "1,234.56": 1234.56, "12,345,678": 12345678,
    "1,234,567.89": 1234567.89, "3 580": 3580, "1\u00a0234": 1234, "1\u3000234": 1234, "1\u2009234": 1234,
    "12,3456": 123456, "2,3456,7890": 234567890, "1 2345": 12345, "999,999": 999999,
    # money
    "¥1,234.50": 1234.5, "￥99": 99, "¥ 99": 99, "1234元": 1234, "1234.5 元": 1234.5, "RMB 12": 12,
    "CNY12.5": 12.5, "人民币5元": 5, "12.00元": 12, "99块": 99, "¥-5": -5, "-¥5": -5, "¥0.01": 0.01,
    # measure words
    "350单": 350, "12件": 12, "3人": 3, "20次": 20, "8个": 8, "9笔": 9, "4款": 4, "2场": 2, "1条": 1,
    "5位": 5, "6家": 6, "30天": 30, "4.5倍": 4.5, "1,500件": 1500, "3 单": 3,
    # magnitudes
    "3.5万": 35000, "3.5 万": 35000, "1.2亿": 120000000, "1.02亿": 102000000, "5.21万": 52100,
    "31.2万元": 312000, "¥1.5万": 15000, "￥1.5万元": 15000, "2千": 2000, "3百万": 3000000, "5千万": 50000000,
    "1.1萬": 11000, "2億": 200000000, "-3万": -30000, "0.07万": 700, "1,234万": 12340000, "906万": 9060000,
    "3.5万件": 35000, "1.1万": 11000, "2.3万": 23000,
    # full width
    "１２３": 123, "１２３．５": 123.5, "５，２１０": 5210, "－５": -5, "＋５": 5, "３．５万": 35000, "（５）": -5,
    # negative
    "(123)": -123, "(123.45)": -123.45, "(1,234)": -1234, "123-": -123, "−123": -123, "-1,234.50": -1234.5,
    "(¥5)": -5, "5元-": -5, "- 5": -5,
    # wrapping
    " 12 ": 12, "\t12": 12, "12\t": 12, "12\n": 12, "\ufeff12": 12, "12\u200b": 12, "'12": 12, "' 12": 12,
    '="12"': 12, '="1,234.5"': 1234.5, "\u00a012\u00a0": 12, "12\x00": 12, "\u202a12\u202c": 12,
}  # fmt: skip
PERCENTS = {
    "12%": 0.12, "12.34%": 0.1234, "12．5％": 0.125, "0.85%": 0.0085, "100%": 1, "0.00%": 0, "+12.30%": 0.123,
    "-4.29%": -0.0429, "12 %": 0.12, "(5%)": -0.05, "1,234%": 12.34, "150%": 1.5, "12.5‰": 0.0125,
    "1‰": 0.001, "82.10%": 0.821, "５％": 0.05,
}  # fmt: skip
RATIOS = {
    "1:4.6": 4.6,
    "1：4.6": 4.6,
    "3.5:1": 3.5,
    "1 : 2": 2,
    "1比4": 4,
    "1:0.8": 0.8,
    "0.8:1": 0.8,
    "1:1": 1,
}
MISSING = (
    "", " ", "\t", "\u00a0", "\u3000", "\u200b", "-", "--", "—", "——", "–", "−", "－", "/", "\\", "／", "无",
    "暂无", "暂无数据", "无数据", "N/A", "n/a", "NA", "null", "NULL", " - ", '=""', "'", "'-", "缺数", "未更新",
)  # fmt: skip
REFUSED = {
    "not_a_number": (
        "1,2 34", "1234,567", "0,123", "12,34", "1,23", "1,,234", ",123", "123,", "1,234,56", "1,234,5678",
        "1 234,567", "1.2.3", "1.234.567", "5.", ".", "-.", "+", "--5", "+-5", "-5-", "(-5)", "(5", "5)", "((5))",
        "(5-)", "nan", "NaN", "inf", "-inf", "Infinity", "1e5", "1E5", "1.5e-3", "1E+05", "0x10", "0b1", "0o7",
        "1_000", "TRUE", "True", "false", "十二", "三千", "约3万", "3万左右", "≥50", ">5%", "<3", "5-8万", "10~20",
        "10%-15%", "$5", "€5", "5 USD", "5%%", "5%元", "5万%", "%5", "万", "元", "%", "¥", "1亿2000万", "007", "00",
        "01.5", "abc", "12abc", "12 34 56", "1/2", "2026-09-01", "9月1日", "12:30:00", "1:2:3", "1:", ":1",
        "1 000 00", "1'234", "1;234", "１２３４，５６７", "1\n234", "12元件", "1:2%", "1:-2", "=1+1",
        "12 34", "=SUM(A1)", "12\u202e34", "合计",
    ),
    "strange_digit": ("12²", "①", "½", "1½", "㊿", "x₂", "𝟙𝟚", "⑿", "٣", "१२", "5𝟙a"),
    "error_cell": ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!",
                   "#GETTING_DATA", "#FIELD!", "#BUSY!", "#####", "Err:502", "#div/0!", " #N/A "),
    "latin_unit": ("3k", "2w", "3.5K", "2W", "1.5w元"),
    "too_long": ("1234567890123456", "6225880137712345678"),
    "ratio": ("2:3", "12:30", "3.5:2"),
}  # fmt: skip


def test_the_table_is_long_enough_to_mean_something():
    refused = sum(map(len, REFUSED.values()))
    assert len(FIGURES) + len(PERCENTS) + len(RATIOS) + len(MISSING) + refused >= 250


@pytest.mark.parametrize(("text", "value"), FIGURES.items(), ids=repr)
def test_a_figure_reads_as_its_value(text, value):
    read = parse_number(text)
    assert isinstance(read, Number), read
    assert (read.value, read.kind) == (value, Notation.PLAIN)


@pytest.mark.parametrize(("text", "value"), PERCENTS.items(), ids=repr)
def test_a_percent_sign_makes_a_fraction_whatever_the_size(text, value):
    read = parse_number(text)
    assert (read.value, read.kind, read.scaled) == (value, Notation.PERCENT, True)


@pytest.mark.parametrize(("text", "value"), RATIOS.items(), ids=repr)
def test_both_ways_of_writing_roi_mean_gmv_over_spend(text, value):
    read = parse_number(text)
    assert (read.value, read.kind) == (value, Notation.RATIO)
    assert read.orientation == ("1:x" if text.startswith("1") else "x:1")


@pytest.mark.parametrize("text", MISSING, ids=repr)
def test_a_mark_for_nothing_is_missing_and_not_zero(text):
    assert parse_number(text) is None


@pytest.mark.parametrize(
    ("code", "text"), [(code, text) for code, texts in REFUSED.items() for text in texts]
)
def test_what_is_not_surely_a_figure_is_refused_with_its_reason(code, text):
    read = parse_number(text)
    assert isinstance(read, Unread), read
    assert read.code == code


def test_the_precision_is_half_the_last_digit_shown():
    shown = {
        "79.4": 0.05,
        "3.5万": 500,
        "12%": 0.005,
        "12.34%": 0.00005,
        "906万": 5000,
        "1,200": 0.5,
    }
    assert {text: parse_number(text).precision for text in shown} == shown
    assert parse_number(79.4).precision == 0.05
    assert parse_number(1200.0).precision == 0.5


def test_a_declared_column_scale_holds_only_for_texts_without_their_own():
    assert parse_number("3.12", scale=0.01).value == 0.0312
    assert parse_number("3.12%", scale=0.01).value == 0.0312
    assert parse_number(3.12, scale=0.01).value == 0.0312
    assert parse_number("52", scale=10_000).value == 520_000
    assert parse_number("52万", scale=10_000).value == 520_000
    assert parse_number("52元", scale=10_000).value == 52  # its own unit is the nearest


def test_k_and_w_are_read_only_when_the_user_enabled_them():
    assert parse_number("3k", latin_units=True).value == 3000
    assert parse_number("2.5W", latin_units=True).value == 25_000


def test_a_numeric_cell_is_taken_as_it_is():
    assert parse_number(1e5).value == 100_000
    assert parse_number(0.12) == Number(0.12, precision=0.005)
    assert parse_number(Decimal("1.10")).value == 1.1
    assert parse_number(-3).value == -3


def test_numbers_never_come_from_booleans_dates_infinity_or_ids():
    refused = [True, False, dt.date(2026, 9, 1), dt.time(1, 30), float("inf"), 6.8e17, 10**15]
    codes = ["boolean", "boolean", "date", "date", "not_finite", "too_long", "too_long"]
    assert [parse_number(cell).code for cell in refused] == codes
    assert parse_number(float("nan")) is None
    assert parse_number(None) is None


def test_units_stay_known_after_reading():
    assert parse_number("350单").unit == "单"
    assert parse_number("31.2万元").unit == "元"


@settings(max_examples=300)
@given(st.text(alphabet="0123456789,. -+%万亿元:()¥１２，。²①eE_ kw\t", max_size=9))
def test_no_text_outside_the_grammar_ever_gives_a_number(text):
    read = parse_number(text)
    if isinstance(read, Number):
        digits = "".join(char for char in text if char in "0123456789１２")
        assert digits
        assert not set(text) & set("²①eE_。kw")


@settings(max_examples=200)
@given(
    st.decimals(-(10**9), 10**9, places=2),
    st.sampled_from(["{:,}", "{}", "¥{:,}", "{:,}元", " {} "]),
)
def test_what_a_program_prints_is_read_back_exactly(value, form):
    read = parse_number(form.format(value))
    assert read.value == float(value)


def test_ids_stay_text_and_lost_digits_are_refused():
    assert identifier('="3900000000000000001"') == "3900000000000000001"
    assert identifier("'13800000001") == "13800000001"
    assert identifier(10160070484512.0) == "10160070484512"
    assert identifier("10160070484512.0") == "10160070484512"
    assert identifier("0012") == "0012"
    assert identifier("20260513200040011100730092344444\t") == "20260513200040011100730092344444"
    assert identifier("-") is None
    assert identifier(1.234567890123457e17).code == "lost_digits"
    assert identifier("1.23E+18").code == "lost_digits"
    assert identifier(True).code == "boolean"
