"""The official list of holidays comes in by a file, and takes the place of the estimate."""

from __future__ import annotations

import json

import pytest

from tests.actions.openbook import OpenBook
from xlplan.actions.plan.fill import fill
from xlplan.actions.plan.newbook import Typed, new_from
from xlplan.actions.undo.undoing import redo, undo
from xlplan.errors import FileError, InputError
from xlplan.sheets.state.read import read_state

DAYS = (
    ("春节", "2027-02-05", True),
    ("春节", "2027-02-08", True),
    ("春节", "2027-02-20", False),
    ("国庆节", "2027-10-01", True),
)


def paper(path, year=2027, days=DAYS):
    entries = [{"name": name, "date": day, "isOffDay": off} for name, day, off in days]
    path.write_text(json.dumps({"year": year, "papers": [], "days": entries}), "utf-8")
    return path


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    path = tmp_path_factory.mktemp("holidays") / "计划.xlsx"
    new_from(path, Typed(2027, None, ["甲店"], {"gmv": "500万"}))
    return OpenBook(path)


@pytest.fixture
def book(opened):
    return opened.copied()


def days_of(book):
    return read_state(book).state.year.calendar.days


def shown(book, day):
    at = read_state(book).at.calendar
    cells = book.read("日历")
    spots = {key: (at.rows[f"d:{day}"], at.columns[key]) for key in ("holiday", "provisional")}
    return {key: cells[spot].value if spot in cells else None for key, spot in spots.items()}


def test_an_official_list_takes_the_place_of_the_estimate_until_it_is_taken_back(book, tmp_path):
    first, estimated = book.values(), days_of(book)
    assert estimated["provisional"].all()
    assert shown(book, "2027-02-20")["provisional"]

    done = fill(book, holidays=paper(tmp_path / "2027.json"))

    assert done.changed > 365
    assert not any(problem.rule == "holiday-provisional" for problem in done.problems)
    days = days_of(book)
    assert not days["provisional"].any()
    assert [str(day.date()) for day in days.index[days["is_makeup"]]] == ["2027-02-20"]
    assert days.loc["2027-06-09", "is_workday"]  # 端午 by statute, not on this list
    assert shown(book, "2027-02-20") == {"holiday": "调休上班", "provisional": None}
    assert fill(book).changed == 0

    last = book.values()
    undo(book)
    assert book.values() == first
    assert days_of(book).equals(estimated)
    redo(book)
    assert book.values() == last
    assert days_of(book).equals(days)


def test_a_new_book_can_start_from_the_list(tmp_path):
    path = tmp_path / "计划.xlsx"
    listed = paper(tmp_path / "2027.json")
    new_from(path, Typed(2027, None, ["甲店"], {"gmv": "500万"}, holidays=listed))
    assert not days_of(OpenBook(path))["provisional"].any()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"year": 2026, "days": DAYS[:1]}, "2026 年的放假安排，计划表是 2027 年"),
        ({"year": 2027, "days": ()}, "尚未公布"),
        ({"year": 2027, "days": [("春节", "二月六日", True)]}, "看不懂"),
        (None, "不是有效的 JSON"),
    ],
)
def test_a_list_that_does_not_serve_is_refused_and_nothing_is_written(
    book, tmp_path, content, said
):
    file = tmp_path / "放假.json"
    paper(file, **content) if content else file.write_text("<html>", "utf-8")
    before = book.values()
    with pytest.raises(InputError, match=said):
        fill(book, holidays=file)
    assert book.values() == before


def test_a_list_that_is_not_there_is_named(book, tmp_path):
    with pytest.raises(FileError, match="没有"):
        fill(book, holidays=tmp_path / "没有.json")
