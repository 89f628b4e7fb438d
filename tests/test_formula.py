from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlplan.formula import Formula, FormulaError, same_formula

NAN = float("nan")


def value(formula: Formula, **columns: float) -> float:
    return float(formula.evaluate({k: np.array([v]) for k, v in columns.items()})[0])


def test_names_come_in_order_of_first_appearance():
    assert Formula("gmv / (uv * cvr) - gmv").names == ("gmv", "uv", "cvr")


@pytest.mark.parametrize(
    "text", ["a ** b", "f(a)", "a if b else c", "a.b", "'x'", "True", "-a", "a <", "a[0]"]
)
def test_anything_outside_the_grammar_is_refused(text: str):
    with pytest.raises(FormulaError):
        _ = Formula(text).tree


def test_a_plain_sum_is_missing_only_when_all_parts_are():
    total = Formula("a + b + c")
    assert value(total, a=1, b=NAN, c=2) == 3
    assert np.isnan(value(total, a=NAN, b=NAN, c=NAN))


def test_a_difference_needs_both_sides_unless_one_is_optional():
    assert np.isnan(value(Formula("gmv - gmv_excluded"), gmv=5, gmv_excluded=NAN))
    net = Formula("gmv - gmv_excluded", optional=frozenset({"gmv_excluded"}))
    assert value(net, gmv=5, gmv_excluded=NAN) == 5
    assert np.isnan(value(net, gmv=NAN, gmv_excluded=2))


def test_a_zero_divisor_gives_missing():
    assert np.isnan(value(Formula("a / b"), a=1, b=0))
    assert np.isnan(value(Formula("a / (b / c)"), a=1, b=1, c=0))


def test_the_floor_holds_but_does_not_hide_missing():
    short = Formula("a - b", floor=0)
    assert value(short, a=1, b=3) == 0
    assert np.isnan(value(short, a=1, b=NAN))


def test_excel_text_guards_missing_cells_and_zero_divisors():
    assert Formula("a / b").to_excel(lambda n: {"a": "C5", "b": "C6"}[n]) == (
        '=IF(COUNT(C5,C6)<2,"",IF(C6=0,"",C5/C6))'
    )
    assert Formula("a + b").to_excel(str.upper) == '=IF(COUNT(A,B)=0,"",SUM(A,B))'
    net = Formula("a - b", optional=frozenset("b"), floor=0)
    assert net.to_excel(str.upper) == '=IF(COUNT(A)<1,"",MAX(0,A-N(B)))'
    assert Formula("a / (b * c)").to_excel(str.upper) == (
        '=IF(COUNT(A,B,C)<3,"",IF(B*C=0,"",A/(B*C)))'
    )


def test_renaming_keeps_the_meaning():
    again = Formula("a - b", optional=frozenset("b")).renamed(lambda n: f"{n}_target")
    assert again.text == "a_target - b_target"
    assert again.optional == {"b_target"}


CELL = st.one_of(st.none(), st.sampled_from([0.0, 1.0, 2.5, -3.0, 7.0]))
TEXTS = [
    "a / b",
    "a + b + c",
    "a - b",
    "a / (b * c)",
    "a / (b / c)",
    "(a + b) * c - 2",
    "a * b / c",
]


@given(st.lists(st.tuples(st.sampled_from(TEXTS), CELL, CELL, CELL), min_size=1, max_size=20))
def test_excel_and_python_readers_agree(rows):
    formualizer = pytest.importorskip("formualizer")
    book = formualizer.Workbook()
    sheet = "S"
    book.add_sheet(sheet)
    for number, (text, *cells) in enumerate(rows, start=1):
        for column, cell in enumerate(cells, start=1):
            if cell is not None:
                book.set_value(sheet, number, column, formualizer.LiteralValue.number(cell))
        refs = {"a": f"A{number}", "b": f"B{number}", "c": f"C{number}"}
        book.set_formula(sheet, number, 4, Formula(text).to_excel(refs.__getitem__))
    for number, (text, *cells) in enumerate(rows, start=1):
        got = book.evaluate_cell(sheet, number, 4)
        want = value(
            Formula(text),
            **{n: NAN if c is None else c for n, c in zip("abc", cells, strict=True)},
        )
        if np.isnan(want):
            assert got == ""
        else:
            assert got == pytest.approx(want, rel=1e-12)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("=N('1月'!AM9)", "=N(1月!AM9)"),
        ('=IF(A1=0,"",SUM(B1, B2))', '=if( A1 = 0 ,"",sum(B1,B2))'),
        ("=IF(TRUE,1,2)", "=IF(TRUE(),1,2)"),
        ("='It''s'!A1", "=it's!A1"),
    ],
)
def test_a_formula_means_the_same_however_a_program_writes_it(one, other):
    assert same_formula(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('="a b"', '="ab"'),
        ('="a"', '="A"'),
        ("=A1", "=$A1"),
        ("=N('1月'!AM9)", "=N('2月'!AM9)"),
        ("=A1", ""),
    ],
)
def test_another_formula_is_another(one, other):
    assert not same_formula(one, other)
