from __future__ import annotations

import pytest

from xlplan.ooxml.stylesheet import is_date_format


@pytest.mark.parametrize(
    "code",
    [
        "yyyy-mm-dd",
        "aaaa",
        "[$-804]aaaa",
        '"周"aaa',
        'yyyy"年"m"月"d"日";@',
        'm"月"',
        "d",
        "[DBNum1][$-804]m月d日",
        "yyyy/m/d h:mm",
        "mmm-yy",
        "e年",
        "[Red]yyyy",
    ],
)
def test_formats_that_show_a_day_are_dates(code):
    assert is_date_format(164, code)


@pytest.mark.parametrize(
    "code",
    [
        "General",
        "0.00",
        "#,##0",
        "0.00E+00",
        "h:mm:ss",
        "[h]:mm",
        "mm:ss",
        "mm:ss.0",
        "h:mm AM/PM",
        '0"d"',
        "0\\d",
        "[Red]0;[Blue]-0",
        "@",
        "G/通用格式",
        "0_d",
        '0.0"万元"',
        "",
    ],
)
def test_formats_of_numbers_times_and_text_are_not(code):
    assert not is_date_format(164, code)


def test_built_in_formats_follow_the_chinese_table():
    days = {number for number in range(170) if is_date_format(number, None)}
    assert days == {14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58}
