"""The festival table, against calendars made by others."""

from __future__ import annotations

import datetime as dt

import chinese_calendar
import pytest
from chinese_calendar.solar_terms import SolarTerms

from xlplan.plan.days.festivals import (
    FIRST_YEAR,
    LAST_YEAR,
    festival,
    festival_days,
    festivals,
    known,
)

YEARS = range(FIRST_YEAR, LAST_YEAR + 1)
LISTED = {
    "春节": ("2025-01-29", "2026-02-17", "2027-02-06"),
    "除夕": ("2025-01-28", "2026-02-16", "2027-02-05"),
    "元宵": ("2025-02-12", "2026-03-03", "2027-02-20"),
    "端午": ("2025-05-31", "2026-06-19", "2027-06-09"),
    "七夕": ("2025-08-29", "2026-08-19", "2027-08-08"),
    "中秋": ("2025-10-06", "2026-09-25", "2027-09-15"),
    "重阳": ("2025-10-29", "2026-10-18", "2027-10-08"),
}


@pytest.mark.parametrize("name", LISTED)
def test_the_lunar_festivals_of_2025_to_2027_are_those_published(name):
    assert tuple(str(festival(name, year)) for year in (2025, 2026, 2027)) == LISTED[name]


def test_laba_and_little_new_year_lead_to_the_spring_festival_of_their_year():
    assert [str(festival("腊八", year)) for year in (2026, 2027)] == ["2026-01-26", "2027-01-15"]
    assert [str(festival("小年", year)) for year in (2026, 2027)] == ["2026-02-10", "2027-01-30"]
    assert str(festival("腊八", 2023)) == "2022-12-30"
    assert "腊八" in festival_days(2022)[dt.date(2022, 12, 30)]


@pytest.mark.parametrize("year", [year for year in YEARS if 2008 <= year <= 2026])
def test_the_moving_holidays_fall_on_published_days_off(year):
    names = {
        "春节": "Spring Festival",
        "清明": "Tomb-sweeping Day",
        "端午": "Dragon Boat Festival",
    }
    for name, english in names.items():
        off, detail = chinese_calendar.get_holiday_detail(festival(name, year))
        assert off
        assert detail in (english, None)
    assert chinese_calendar.is_holiday(festival("中秋", year))


@pytest.mark.parametrize("year", YEARS)
def test_qingming_and_the_winter_solstice_are_the_solar_terms(year):
    terms = {
        name: day
        for day, name in chinese_calendar.get_solar_terms(
            dt.date(year, 1, 1), dt.date(year, 12, 31)
        )
    }
    assert festival("清明", year) == terms[SolarTerms.pure_brightness.value[1]]
    assert festival("冬至", year) == terms[SolarTerms.the_winter_solstice.value[1]]


@pytest.mark.parametrize("year", YEARS)
def test_lunar_festivals_are_whole_lunar_months_apart(year):
    new_year = festival("春节", year)
    assert dt.date(year, 1, 21) <= new_year <= dt.date(year, 2, 20)
    month = 29.530588
    for name, months, day in (("端午", 4, 5), ("七夕", 6, 7), ("中秋", 7, 15), ("重阳", 8, 9)):
        days = (festival(name, year) - new_year).days - (day - 1)
        assert min(abs(days - month * months), abs(days - month * (months + 1))) < 2


def test_mothers_and_fathers_day_are_sundays_of_may_and_june():
    assert festival("母亲节", 2026) == dt.date(2026, 5, 10)
    assert festival("父亲节", 2026) == dt.date(2026, 6, 21)


@pytest.mark.parametrize("year", [1999, LAST_YEAR + 1, 2100])
def test_outside_the_table_only_solar_festivals_are_known(year):
    assert not known(year)
    assert festival("春节", year) is None
    assert festivals(year)["国庆节"] == dt.date(year, 10, 1)


def test_festivals_on_the_same_day_are_named_together():
    assert festival_days(2022)[dt.date(2022, 9, 10)] == "中秋、教师节"
