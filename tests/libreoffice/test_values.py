from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlplan.libreoffice import values


def test_each_kind_of_value_becomes_a_number_or_text_with_its_format():
    made = values.encoded(
        [
            [1, 1.5, "字", None, True],
            [2, dt.date(2026, 11, 11), "=A1*2", "'0012", dt.timedelta(hours=30)],
            [3, dt.datetime(2026, 11, 11, 12), "12", "", dt.time(6)],
        ]
    )
    assert made.rows == [
        (1, 1.5, "字", "", 1.0),
        (2, 46337.0, "", "0012", 1.25),
        (3, 46337.5, 12.0, "", 0.25),
    ]
    assert made.formulas == [(1, 2, "=A1*2")]
    assert made.formats == {
        values.DAY: [(1, 1, 1, 1)],
        values.MOMENT: [(2, 1, 2, 1)],
        values.TRUTH: [(0, 4, 0, 4)],
        values.DURATION: [(1, 4, 1, 4)],
        values.CLOCK: [(2, 4, 2, 4)],
    }


def test_texts_that_read_as_numbers_stay_texts_in_text_cells():
    assert values.encoded([["12", "TRUE"]], lambda _row, _column: True).rows == [("12", "TRUE")]


def test_formats_of_neighbours_are_joined():
    day = dt.date(2026, 1, 1)
    made = values.encoded([[day, day, 1.0, day]] * 3 + [[None, day, 1.0, day]])
    assert made.formats == {values.DAY: [(0, 0, 2, 0), (0, 1, 3, 1), (0, 3, 3, 3)]}
    assert values.encoded([[day, day]] * 2).formats == {values.DAY: [(0, 0, 1, 1)]}


def test_rows_of_different_length_are_refused():
    with pytest.raises(ValueError, match="zip"):
        values.encoded([[1, 2], [3]])


def test_integers_beyond_what_the_office_takes_are_sent_as_floats():
    (row,) = values.encoded([[2**40]]).rows
    assert type(row[0]) is float


def test_an_answer_is_padded_to_the_size_asked_for():
    reply = ([[1.0, "a"]], [], [], [1899, 12, 30])
    assert values.decoded(reply, 2, 3) == [[1.0, "a", None], [None, None, None]]
    assert values.decoded(([], [], [], None), 1, 1) == [[None]]


@given(st.datetimes(dt.datetime(1900, 3, 1), dt.datetime(9999, 12, 31)))
def test_moments_come_back_to_the_millisecond(moment):
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    reply = ([[values.day_number(moment)]], [[0, 0, 0, 0, "d"]], [], [1899, 12, 30])
    assert values.decoded(reply, 1, 1) == [[moment]]


def test_errors_are_none_unless_asked_for_as_text():
    rows = values.decoded(([[None, 1.0]], [], [[0, 0, "#N/A"]], [1899, 12, 30]), 1, 2)
    clean = values.cleaned
    assert clean(rows, dt.datetime, None, None, errors_as_text=False) == [[None, 1.0]]
    assert clean(rows, dt.datetime, None, None, errors_as_text=True) == [["#N/A", 1.0]]


def test_xlwings_options_change_blanks_numbers_and_dates():
    rows = [["", 1.6, dt.datetime(2026, 1, 2), True]]
    made = values.cleaned(rows, lambda **parts: parts["day"], "leer", round, errors_as_text=False)
    assert made == [["leer", 2, 2, True]]
