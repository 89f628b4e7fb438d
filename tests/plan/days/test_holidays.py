"""Published years exactly, other years by statute and marked 预估, JSON and typed days on top."""

from __future__ import annotations

import datetime as dt
import json

import chinese_calendar
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.errors import InputError, Level
from xlplan.plan.calendar import calendar
from xlplan.plan.days import holidays as module
from xlplan.plan.days.holidays import (
    Announcement,
    holiday_problems,
    holidays,
    holidays_from_json,
    roll_to_workday,
)


def month_days(frame, column):
    return [f"{day:%m-%d}" for day in frame.index[frame[column]]]


def paper(year, *days):
    entries = [{"name": name, "date": day, "isOffDay": off} for name, day, off in days]
    return json.dumps({"year": year, "papers": [], "days": entries}, ensure_ascii=False)


def test_2026_has_33_days_off_and_six_working_weekend_days():
    days = holidays(2026)
    assert days["is_holiday"].sum() == 33
    assert month_days(days, "is_makeup") == ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
    assert not days["provisional"].any()


def test_a_break_is_named_throughout_with_its_weekends():
    days = holidays(2026)
    assert (days.loc["2026-02-15":"2026-02-23", "holiday"] == "春节").all()
    assert days.loc["2026-02-14", ["holiday", "is_holiday", "is_workday"]].tolist() == [
        "春节",
        False,
        True,
    ]
    dragon_boat_2024 = holidays(2024).loc["2024-06-08":"2024-06-10", "holiday"]
    assert dragon_boat_2024.tolist() == ["端午"] * 3


@pytest.mark.parametrize("year", range(2004, 2027))
def test_published_years_work_and_rest_as_published(year):
    days = holidays(year)
    official = [chinese_calendar.is_workday(stamp.date()) for stamp in days.index]
    assert days["is_workday"].tolist() == official
    assert (days["is_makeup"] == (days["is_workday"] & (days.index.day_of_week >= 5))).all()
    assert not (days["is_holiday"] & days["is_workday"]).any()


def test_2027_takes_the_statute_with_compensation_days_and_says_provisional():
    days = holidays(2027)
    named = days[days["is_holiday"] & (days.index.day_of_week < 5)]
    found = [
        "01-01",
        "02-05",
        "02-08",
        "02-09",
        "02-10",
        "04-05",
        "05-03",
        "05-04",
        "06-09",
        "09-15",
    ]
    assert [f"{day:%m-%d}" for day in named.index] == [*found, "10-01", "10-04", "10-05"]
    assert days["provisional"].all()
    assert not days["is_makeup"].any()
    assert [problem.level for problem in holiday_problems(2027, days)] == [Level.INFO]


def test_a_holiday_on_saturday_is_made_up_for_on_monday_not_on_sunday():
    days = holidays(2028)
    assert days.loc["2028-01-01":"2028-01-04", "is_workday"].tolist() == [False] * 3 + [True]


def test_a_later_chinesecalendar_that_knows_2027_is_believed(monkeypatch):
    work = {dt.date(2027, 2, 20)}
    monkeypatch.setattr(module, "published", lambda year: year <= 2027)
    monkeypatch.setattr(
        chinese_calendar, "is_holiday", lambda day: day.weekday() >= 5 and day not in work
    )
    monkeypatch.setattr(
        chinese_calendar,
        "get_holiday_detail",
        lambda day: (False, "Spring Festival") if day in work else (day.weekday() >= 5, None),
    )
    module._known_days.cache_clear()
    module._known_frame.cache_clear()
    try:
        days = holidays(2027)
        assert not days.loc["2027-06-09", "provisional"]
        assert month_days(days, "is_makeup") == ["02-20"]
    finally:
        module._known_days.cache_clear()
        module._known_frame.cache_clear()


def test_an_older_chinesecalendar_without_2026_still_gives_a_year(monkeypatch):
    def refuse(day):
        raise NotImplementedError(day)

    monkeypatch.setattr(chinese_calendar, "is_workday", refuse)
    module._known_days.cache_clear()
    module._known_frame.cache_clear()
    try:
        days = holidays(2026)
        assert days["provisional"].all()
        assert days.loc["2026-02-17", "holiday"] == "春节"
    finally:
        module._known_days.cache_clear()
        module._known_frame.cache_clear()


def test_beyond_the_festival_table_only_fixed_dates_are_known_and_that_is_said():
    days = holidays(2033)
    assert set(days["holiday"]) == {"", "元旦", "劳动节", "国庆节"}
    assert [problem.rule for problem in holiday_problems(2033, days)] == [
        "holiday-provisional",
        "festival-unknown",
    ]


def test_the_published_json_of_a_year_ends_the_estimate():
    text = paper(
        2027,
        ("春节", "2027-02-06", True),
        ("春节", "2027-02-20", False),
        ("国庆节", "2027-10-01", True),
    )
    days = holidays(2027, [holidays_from_json(text)])
    assert not days["provisional"].any()
    assert month_days(days, "is_makeup") == ["02-20"]
    assert days.loc["2027-06-09", "is_workday"]
    assert days.loc["2027-02-06":"2027-02-07", "holiday"].tolist() == ["春节", "春节"]
    assert not calendar(2027, announced=[holidays_from_json(text)]).provisional


def test_json_of_2026_says_the_same_as_chinesecalendar():
    known = holidays(2026)
    marked = known[known["is_holiday"] | known["is_makeup"]]
    names = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}
    rows = [
        (names.get(row["holiday"], row["holiday"]), f"{day:%Y-%m-%d}", bool(row["is_holiday"]))
        for day, row in marked.iterrows()
    ]
    assert len(rows) == 39
    pd.testing.assert_frame_equal(holidays(2026, [holidays_from_json(paper(2026, *rows))]), known)


def test_an_unpublished_json_announces_nothing_and_says_so():
    said = holidays_from_json(paper(2027))
    assert said.years == frozenset()
    assert "尚未公布" in said.problems[0].what
    assert holidays(2027, [said])["provisional"].all()


@pytest.mark.parametrize("entry", [{}, "x", None, {"name": "春节", "date": "2027-02-31", "isOffDay": True}, {"name": "春节", "date": "2027-02-06", "isOffDay": "yes"}, {"name": 1, "date": "2027-02-06", "isOffDay": True}])  # fmt: skip
def test_an_unreadable_entry_is_a_problem_and_the_year_is_not_taken_as_complete(entry):
    good = {"name": "春节", "date": "2027-02-20", "isOffDay": False}
    said = holidays_from_json(json.dumps({"year": 2027, "days": [good, entry]}))
    assert len(said.problems) == 1
    assert said.years == frozenset()
    days = holidays(2027, [said])
    assert days.loc["2027-02-20", ["is_makeup", "provisional"]].tolist() == [True, False]
    assert days.loc["2027-02-21", "provisional"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"year": "2027", "days": []}', "{" * 100_000, '{"year": true, "days": []}'])  # fmt: skip
def test_text_that_is_not_a_holiday_file_is_refused(text):
    with pytest.raises(InputError, match="节假日文件"):
        holidays_from_json(text)


def test_a_typed_day_wins_over_the_published_year():
    typed = Announcement(
        {dt.date(2026, 11, 11): ("店休", True), dt.date(2026, 10, 10): ("", False)}
    )
    days = holidays(2026, [typed])
    assert days.loc["2026-11-11", ["holiday", "is_workday"]].tolist() == ["店休", False]
    assert days.loc["2026-10-10", ["holiday", "is_makeup"]].tolist() == ["", True]


def test_the_frame_given_out_may_be_changed_without_harm():
    frame = holidays(2026)
    frame["holiday"] = "改"
    assert holidays(2026).loc["2026-01-01", "holiday"] == "元旦"


@pytest.mark.parametrize(
    ("day", "rolled"),
    [
        ("2026-01-25", "2026-01-26"),
        ("2026-04-25", "2026-04-24"),
        ("2026-09-25", "2026-09-24"),
        ("2026-03-25", "2026-03-25"),
        ("2026-02-19", "2026-02-14"),
        ("2026-05-09", "2026-05-09"),
        ("2027-01-01", "2026-12-31"),
    ],
)
def test_a_date_rolls_to_the_nearest_working_day(day, rolled):
    assert roll_to_workday(dt.date.fromisoformat(day)) == dt.date.fromisoformat(rolled)


@settings(max_examples=40, deadline=None)
@given(day=st.dates(dt.date(2005, 1, 1), dt.date(2034, 12, 31)))
def test_rolling_always_lands_on_a_working_day_with_none_nearer(day):
    rolled = roll_to_workday(day)
    work = pd.concat([holidays(year) for year in range(day.year - 1, day.year + 2)])["is_workday"]
    distance = abs((rolled - day).days)
    nearer = [day + dt.timedelta(days=k) for k in range(1 - distance, distance)]
    assert work[pd.Timestamp(rolled)]
    assert not any(work[pd.Timestamp(at)] for at in nearer)
