from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.ooxml.cells import ErrorValue, StoredCell
from xlplan.ooxml.patching.patch import Write, patch_package
from xlplan.ooxml.patching.references import shift_formula
from xlplan.ooxml.patching.spans import Spans
from xlplan.ooxml.patching.writes import escape
from xlplan.ooxml.reader import open_workbook
from xlplan.ooxml.serial import cell_name

TEXT = st.text(
    st.characters(
        codec="utf-8",
        exclude_characters="\x00\x0b\x0c\ufffe\uffff",
        exclude_categories=["Cc", "Cs"],
    )
    | st.sampled_from("\t\n\r _x&<>\"'="),
    max_size=12,
) | st.sampled_from(["_x000D_", "_x005F_x0041_", "&amp;", "]]>", "<!--", "=1+1", "1e5", " "])
VALUE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**60), 2**60),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXT,
    st.sampled_from([ErrorValue("#N/A"), ErrorValue("#DIV/0!"), ErrorValue("#SPILL!")]),
)
FORMULA = st.sampled_from(['A1*2&"<>"', "SUM(A1:$B$3)", "表[列]", "=1"]) | st.none()
KEY = st.tuples(st.integers(1, 9), st.integers(1, 6)) | st.sampled_from(
    [(1_048_576, 16_384), (40, 3)]
)
STYLE = st.none() | st.integers(0, 9)
CHANGES = st.dictionaries(KEY, st.builds(Write, VALUE, FORMULA, STYLE), max_size=12)
SHARED_TEXT = "A1*$B$2"


@st.composite
def sheets(draw):
    """The `<sheetData>` of a random sheet, some of it in shared formulas, in some spelling."""
    cells = draw(st.dictionaries(KEY, st.tuples(VALUE, STYLE, st.booleans()), max_size=20))
    named = draw(st.sampled_from([True, True, False]))
    rows, master = {}, None
    for (row, col), (value, style, shared) in sorted(cells.items()):
        formula = ""
        if shared:
            if master is None:
                master = (row, col)
                formula = f'<f t="shared" ref="A1:F9" si="0">{SHARED_TEXT}</f>'
            else:
                formula = '<f t="shared" si="0"/>'
        rows.setdefault(row, []).append(xml_cell(cell_name(row, col), value, style, formula))
    pad = "" if named else "\n"
    text = pad.join(f'<row r="{row}">{pad.join(found)}</row>' for row, found in rows.items())
    return text if named else f"<!-- x -->{text}"


def xml_cell(name, value, style, formula):
    mark = "" if style is None else f' s="{style}"'
    if isinstance(value, bool):
        return f'<c r="{name}"{mark} t="b">{formula}<v>{int(value)}</v></c>'
    if isinstance(value, str):
        text = escape(value.replace("\r", "")).replace("_x", "_")
        return f'<c r="{name}"{mark} t="str">{formula}<v xml:space="preserve">{text}</v></c>'
    if isinstance(value, ErrorValue):
        return f'<c r="{name}"{mark} t="e">{formula}<v>{value}</v></c>'
    content = formula if value is None else f"{formula}<v>{value!r}</v>"
    return f'<c r="{name}"{mark}>{content}</c>'


def expected(before, changes):
    """What reading must give: the old cells, with the changes."""
    cells, blanks = dict(before.cells), dict(before.blanks)
    for key, (value, formula, style) in changes.items():
        old = before.style(*key) if style is None else style
        cells.pop(key, None)
        blanks.pop(key, None)
        if value is not None or formula is not None:
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            text = formula.removeprefix("=") if formula else formula
            cells[key] = StoredCell(float(value) if number else value, text, old, is_date=False)
        elif old:
            blanks[key] = old
    return cells, {key: style for key, style in blanks.items() if style}


@settings(max_examples=150, deadline=None)
@given(sheets(), CHANGES)
def test_reading_a_patched_book_gives_the_old_cells_with_the_changes(make, sheet, changes):
    book = make.sheet_book(sheet)
    before = open_workbook(book).sheet("表")
    after = open_workbook(patch_package(book, {"表": changes})).sheet("表")
    cells, blanks = expected(before, changes)
    assert after.cells == cells
    assert {key: style for key, style in after.blanks.items() if style} == blanks


@settings(max_examples=60, deadline=None)
@given(sheets(), CHANGES)
def test_patching_again_changes_nothing_more(make, sheet, changes):
    once = patch_package(make.sheet_book(sheet), {"表": changes})
    twice = patch_package(once, {"表": changes})
    assert open_workbook(twice).sheet("表") == open_workbook(once).sheet("表")


@settings(max_examples=60, deadline=None)
@given(CHANGES, CHANGES)
def test_changes_of_different_cells_commute(make, first, second):
    second = {key: write for key, write in second.items() if key not in first}
    book = make.sheet_book('<row r="3"><c r="B3" s="2"><v>1</v></c></row>')
    one = patch_package(patch_package(book, {"表": first}), {"表": second})
    other = patch_package(patch_package(book, {"表": second}), {"表": first})
    assert open_workbook(one).sheet("表") == open_workbook(other).sheet("表")


def other_numbers(book):
    """Every cell of the sheet with another number under its own formula: only digits change."""
    cells = open_workbook(book).sheet("表").cells
    return {key: Write(key[0] + key[1] / 3, cell.formula) for key, cell in cells.items()}


@settings(max_examples=80, deadline=None)
@given(sheets(), CHANGES)
def test_replacing_digits_gives_what_writing_whole_cells_gives(make, sheet, others):
    book = make.sheet_book(sheet)
    changes = {"表": {**others, **other_numbers(book)}}
    quick = patch_package(book, changes)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Spans, "digits", lambda *_: None)
        slow = patch_package(book, changes)
    assert open_workbook(quick).sheet("表") == open_workbook(slow).sheet("表")


class Record(NamedTuple):
    value: object
    formula: str


@settings(max_examples=80, deadline=None)
@given(sheets(), CHANGES)
def test_what_a_reader_is_shown_is_what_the_cells_hold(make, sheet, changes):
    workbook = open_workbook(patch_package(make.sheet_book(sheet), {"表": changes}))
    stored = workbook.sheet("表")
    wanted = {
        key: Record(
            stored.date(*key)
            if cell.is_date
            else cell.value
            if not isinstance(cell.value, ErrorValue)
            else str(cell.value),
            "" if cell.formula is None else f"={cell.formula}",
        )
        for key, cell in stored.cells.items()
    }
    shown = workbook.shown("表", Record)
    assert shown == wanted
    assert {key: type(cell.value) for key, cell in shown.items()} == {
        key: type(cell.value) for key, cell in wanted.items()
    }


@pytest.mark.parametrize("overwritten", [(1, 1), (2, 2), (1, 2), (3, 1)])
def test_every_cell_of_a_shared_block_can_be_overwritten(make, overwritten):
    cells = "".join(
        f'<row r="{r}">'
        + "".join(
            f'<c r="{cell_name(r, c)}"><f t="shared" si="3"'
            + (f' ref="A1:B3">{SHARED_TEXT}</f>' if r == c == 1 else "/>")
            + "<v>1</v></c>"
            for c in (1, 2)
        )
        + "</row>"
        for r in (1, 2, 3)
    )
    new = patch_package(make.sheet_book(cells), {"表": {overwritten: Write(5)}})
    found = {key: cell.formula for key, cell in open_workbook(new).sheet("表").cells.items()}
    wanted = {(r, c): shift_formula(SHARED_TEXT, r - 1, c - 1) for r in (1, 2, 3) for c in (1, 2)}
    assert found == wanted | {overwritten: None}
