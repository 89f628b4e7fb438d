from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlplan.libreoffice import addresses
from xlplan.libreoffice.addresses import COLUMNS, ROWS


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("A1", (1, 1, 1, 1)),
        ("$b$2:d5", (2, 2, 4, 3)),
        ("D5:B2", (2, 2, 4, 3)),
        ("XFD1048576", (ROWS, COLUMNS, 1, 1)),
        ("A:C", (1, 1, ROWS, 3)),
        ("$2:4", (2, 1, 3, COLUMNS)),
    ],
)
def test_addresses_are_read_as_people_write_them(text, area):
    assert addresses.parse_area(text) == area


@pytest.mark.parametrize("text", ["A0", "XFE1", "A1048577", "目标", "A1B", "", "1", "A", "0:1"])
def test_what_is_no_address_is_none(text):
    assert addresses.parse_area(text) is None


@given(
    st.tuples(
        st.integers(1, 2000), st.integers(1, 16000), st.integers(1, 300), st.integers(1, 300)
    ),
    st.booleans(),
    st.booleans(),
)
def test_an_address_written_reads_as_the_same_area(area, rows, columns):
    text = addresses.area_text(area, fix_rows=rows, fix_columns=columns)
    assert addresses.parse_area(text) == area


@pytest.mark.parametrize(
    ("name", "text"),
    [("周表", "周表"), ("My sheet", "'My sheet'"), ("2月", "'2月'"), ("a'b", "'a''b'")],
)
def test_sheet_names_are_quoted_where_they_must_be(name, text):
    assert addresses.quoted_sheet(name) == text
    assert addresses.split(f"={text}!$A$1") == (name, "$A$1")
