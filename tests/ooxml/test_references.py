from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.formula.translate import Translator

from xlplan.ooxml.patching.references import shift_formula
from xlplan.ooxml.serial import cell_name


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("A1+$A1+A$1+$A$1", "C4+$A4+C$1+$A$1"),
        ("SUM(A1:B2)", "SUM(C4:D5)"),
        ("LOG10(A1)+ATAN2(B1,2)", "LOG10(C4)+ATAN2(D4,2)"),
        ("IF(A1=\"A1\",计划!B2,'一 月'!B2)", "IF(C4=\"A1\",计划!D5,'一 月'!D5)"),
        ('"a""A1"&A1', '"a""A1"&C4'),
        ("表[列]+表[[#This Row],[A1]]+A1", "表[列]+表[[#This Row],[A1]]+C4"),
        ("A:A+$B:C+1:1+2:$3", "C:C+$B:E+4:4+5:$3"),
        ("名A1+A1名+_A1+A1.x+Q1(2)", "名A1+A1名+_A1+A1.x+Q1(2)"),
        ("1E5+ABCD1+XFE1+A12345678", "1E5+ABCD1+XFE1+A12345678"),
        ("'A1'!B2+A1!B2", "'A1'!D5+A1!D5"),
        ("a1", "C4"),
        ("#REF!+TRUE+1.5", "#REF!+TRUE+1.5"),
    ],
)
def test_relative_parts_move_and_everything_else_stays(text, moved):
    assert shift_formula(text, 3, 2) == moved


def test_a_reference_that_leaves_the_grid_becomes_an_error():
    assert shift_formula("A1+B2", -1, 0) == "#REF!+B1"
    assert shift_formula("A:A+1:1", -1, -1) == "#REF!+#REF!"
    assert shift_formula("XFD1048576", 0, 1) == "#REF!"


@given(st.integers(1, 900), st.integers(1, 200), st.integers(0, 99), st.integers(0, 99))
def test_moving_agrees_with_openpyxl(row, col, down, right):
    text = f"SUM({cell_name(row, col)}:$C${row})*2+B${row}&\"x\"+'一'!$D{row}"
    expected = Translator(f"={text}", origin="A1").translate_formula(
        cell_name(1 + down, 1 + right)
    )
    assert f"={shift_formula(text, down, right)}" == expected


@given(st.text(max_size=40))
def test_moving_by_nothing_changes_nothing_but_case(text):
    assert shift_formula(text, 0, 0).upper() == text.upper()
