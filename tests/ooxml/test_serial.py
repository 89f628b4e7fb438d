from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import to_excel

from xlplan.ooxml.serial import (
    MAX_COL,
    MAX_ROW,
    CellRange,
    cell_name,
    column_index,
    column_name,
    parse_cell,
    parse_range,
    serial_to_date,
    to_datetime,
    to_serial,
)

DAYS = st.dates(dt.date(1900, 1, 1), dt.date(9999, 12, 31))


@given(DAYS)
def test_a_day_survives_the_way_through_its_serial(day):
    assert serial_to_date(to_serial(day)) == day


@given(st.dates(dt.date(1904, 1, 1), dt.date(9999, 12, 31)))
def test_the_1904_system_counts_1462_days_less(day):
    assert serial_to_date(to_serial(day, date1904=True), date1904=True) == day
    assert to_serial(day) - to_serial(day, date1904=True) in (1462, 1461)


@given(st.dates(dt.date(1900, 3, 1), dt.date(9999, 12, 31)))
def test_serials_are_those_openpyxl_computes(day):
    assert to_serial(day) == to_excel(dt.datetime.combine(day, dt.time()))


@pytest.mark.parametrize(
    ("serial", "day"),
    [
        (1, dt.date(1900, 1, 1)),
        (59, dt.date(1900, 2, 28)),
        (61, dt.date(1900, 3, 1)),
        (46266, dt.date(2026, 9, 1)),
        (46266.9999999, dt.date(2026, 9, 1)),
        (46266.99999999999, dt.date(2026, 9, 2)),
        (2958465, dt.date(9999, 12, 31)),
    ],
)
def test_known_serials_are_known_days(serial, day):
    assert serial_to_date(serial) == day


@pytest.mark.parametrize("serial", [-1, 0, 0.5, 60, 60.5, 2958466, float("nan"), float("inf")])
def test_there_is_no_day_outside_the_calendar_nor_on_1900_02_29(serial):
    assert serial_to_date(serial) is None


def test_the_last_moment_of_the_calendar_is_no_overflow():
    assert to_datetime(2958465.9999999999) in (
        None,
        dt.datetime.fromisoformat("9999-12-31T23:59:59.999"),
    )


def test_a_time_of_day_is_a_fraction():
    assert to_serial(dt.datetime.fromisoformat("2026-09-01T18:00")) == 46266.75
    assert to_datetime(46266.75) == dt.datetime.fromisoformat("2026-09-01T18:00")


@given(st.integers(1, MAX_ROW), st.integers(1, MAX_COL))
def test_a_cell_is_found_again_by_its_name(row, col):
    assert parse_cell(cell_name(row, col)) == (row, col)


def test_the_corners_of_the_grid_have_their_names():
    assert cell_name(1, 1) == "A1"
    assert cell_name(MAX_ROW, MAX_COL) == "XFD1048576"
    assert column_name(27) == "AA"
    assert column_index("xfd") == MAX_COL


@pytest.mark.parametrize("name", ["", "A0", "A", "1", "XFE1", "A1048577", "AAAA1", "A1B", "Ａ1"])
def test_what_is_no_cell_is_refused(name):
    with pytest.raises(ValueError, match=r"cell|grid"):
        parse_cell(name)


def test_ranges_know_what_they_hold():
    block = parse_range("$B$2:C4")
    assert block == CellRange(2, 2, 4, 3)
    assert block.holds(4, 3)
    assert not block.holds(5, 3)
    assert block.overlaps(parse_range("C4"))
    assert not block.overlaps(parse_range("D1:E9"))
    assert str(block.with_cell(9, 1)) == "A2:C9"
    assert str(parse_range("A1")) == "A1"
    with pytest.raises(ValueError, match="range"):
        parse_range("B2:A1")
