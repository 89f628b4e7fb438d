"""New workbooks: the same cells plain XlsxWriter would write, named styles, a clean package."""

from __future__ import annotations

import warnings
from datetime import date
from io import BytesIO

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.package_check import check_package
from xlplan.books.build import build
from xlplan.books.looks import LOOK, properties
from xlplan.cells import Area, Cell, Page, Span, Sparkline, State, Style, Validation
from xlplan.errors import InputError
from xlplan.ooxml.patching.patch import patch_package
from xlplan.ooxml.patching.writes import Write
from xlplan.ooxml.reader import open_workbook

STYLES = [
    *(Style(state) for state in State),
    Style(number="#,##0.00", bold=True),
    Style(State.INPUT, number="0.0%", align="center", wrap=True),
    Style(State.HELD, number="yyyy-mm-dd", size=8, indent=2),
    Style(fill="#1F3A5F", color="#FFFFFF", rotate=True),
    Style(border=False, italic=True, underline=True, locked=False),
]
CELLS = [
    Cell(1.5),
    Cell(1234.56),
    Cell(10**15),
    Cell(-0.0),
    Cell(True),
    Cell(date(2026, 9, 1)),
    Cell('文字 & <标签> "引号"'),
    Cell("  空格  "),
    Cell("两\n行"),
    Cell("=不是公式"),
    Cell(None),
    Cell(3.0, "=1+2"),
    Cell("大", '=IF(A1>1,"大","小&<")'),
    Cell(True, "=1=1"),
    Cell("", '=""'),
    Cell(date(2026, 1, 1), "=DATE(2026,1,1)"),
]


def plain(page):
    """The page through XlsxWriter's own calls."""
    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet(page.name)
    looks = {}
    for (row, column), (value, formula, style) in page.cells.items():
        if style not in looks:
            looks[style] = book.add_format(properties(style)) if style else None
        at = (row - 1, column - 1)
        if formula:
            stored = value.toordinal() - 693594 if isinstance(value, date) else value
            sheet.write_formula(*at, formula, looks[style], "" if stored is None else stored)
        elif value is None or value == "":
            sheet.write_blank(*at, None, looks[style])
        elif isinstance(value, str):
            sheet.write_string(*at, value, looks[style])
        elif isinstance(value, bool):
            sheet.write_boolean(*at, value, looks[style])
        elif isinstance(value, date):
            sheet.write_datetime(*at, value, looks[style])
        else:
            sheet.write_number(*at, value, looks[style])
    book.close()
    return target.getvalue()


def opened(data, *, values):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl says what it does not know
        return openpyxl.load_workbook(BytesIO(data), data_only=values)


def seen(data, name):
    """Spot → value, formula and everything about its look."""
    shown, typed = (opened(data, values=v)[name] for v in (True, False))
    found = {}
    for row in typed.iter_rows():
        for cell in row:
            look = (
                cell.number_format, cell.font.name, cell.font.sz, cell.font.b, cell.font.i, cell.font.u,
                cell.font.color and cell.font.color.rgb, cell.fill.fgColor.rgb, cell.fill.fill_type,
                cell.border.left.style, cell.border.top.style, cell.alignment.horizontal,
                cell.alignment.vertical, cell.alignment.wrap_text, cell.alignment.textRotation,
                cell.alignment.indent, cell.protection.locked,
            )  # fmt: skip
            value = shown[cell.coordinate].value
            found[cell.coordinate] = (value, cell.value, cell.data_type, look)
    return found


def everything():
    page = Page("9月", protect=False)
    for column, style in enumerate([None, *STYLES], start=1):
        for row, cell in enumerate(CELLS, start=1):
            page.cells[row, column] = cell._replace(style=style)
    return page


def test_every_cell_is_as_plain_xlsxwriter_writes_it():
    page = everything()
    ours, theirs = seen(build([page]), page.name), seen(plain(page), page.name)
    assert ours.keys() == theirs.keys()
    assert {at: (ours[at], theirs[at]) for at in ours if ours[at] != theirs[at]} == {}


@settings(max_examples=15, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.integers(1, 60), st.integers(1, 30)),
        st.builds(
            Cell,
            st.one_of(
                st.none(),
                st.booleans(),
                st.integers(-(10**12), 10**12),
                st.floats(-1e12, 1e12, allow_nan=False).map(lambda x: float(f"{x:.14g}")),
                st.dates(date(1950, 1, 1), date(2100, 1, 1)),
                st.text("abc甲乙 &<>\"'=\n", max_size=20),
            ),
            st.just(""),
            st.sampled_from([None, *STYLES]),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_any_page_reads_back_as_plain_xlsxwriter_s(cells):
    page = Page("p", cells=cells, protect=False)
    ours, theirs = (open_workbook(data).sheet("p") for data in (build([page]), plain(page)))
    assert {at: (c.value, c.is_date) for at, c in ours.cells.items()} == {
        at: (c.value, c.is_date) for at, c in theirs.cells.items()
    }


def test_numbers_and_odd_texts_keep_every_digit_and_sign():
    texts = ["_x000D_", "a_x0041_b", "回车\r换行\n", "制表\t"]
    page = Page("p", {(i, 1): Cell(text) for i, text in enumerate(texts, start=1)})
    page.put(9, 1, 0.1 + 0.2)
    page.cells[10, 1] = Cell("_x0041_", '="_x0041_"', None)
    cells = open_workbook(build([page])).sheet("p").cells
    assert [cells[i, 1].value for i in range(1, 5)] == texts
    assert cells[9, 1].value == 0.1 + 0.2
    assert cells[10, 1].value == "_x0041_"


def test_a_sign_no_cell_can_hold_is_refused_not_written():
    with pytest.raises(InputError, match="控制字符"):
        build([Page("p", {(1, 1): Cell("响\x07铃")})])


def test_every_state_is_a_named_style_that_users_can_restyle():
    book = opened(build([everything()]), values=False)
    assert {str(state) for state in State if state} <= set(book.named_styles)
    for column, style in enumerate(STYLES, start=2):
        cell = book["9月"].cell(1, column)
        assert cell.style == (str(style.state) or "Normal")


def test_states_differ_by_more_than_colour():
    marks = {
        state: (look.get("bold"), look.get("italic"), look.get("left"), look.get("locked", True))
        for state, look in LOOK.items()
    }
    told = {marks[state] for state in (State.INPUT, State.HELD, State.PROVISIONAL, State.DERIVED)}
    assert len(told) == 4


@pytest.fixture(scope="module")
def structured():
    page = everything()
    page.columns = {1: Span(20), 2: Span(hidden=True), 3: Span(8, level=1)}
    page.rows = {1: Span(30), 5: Span(hidden=True, level=1), 100: Span(15)}
    page.merges.append(Area(30, 1, 31, 3))
    page.validations.append(Validation(Area(1, 2, 5, 2), "list", ["是", "否"], "选", "选是或否"))
    page.validations.append(Validation(Area(1, 3, 5, 3), "decimal", (0, 1), "数", "0 到 1"))
    page.sparklines.append(Sparkline((1, 20), Area(1, 2, 1, 6)))
    page.notes[1, 1] = "说明"
    page.links[7, 1] = "年度"
    page.names["xlplan_x"] = "='9月'!$A$1"
    page.freeze, page.filter, page.protect = (3, 2), Area(1, 1, 9, 3), True
    page.print_area, page.repeat_rows = Area(1, 1, 31, 9), (1, 2)
    hidden = Page("_表", hidden=True)
    hidden.put(1, 1, 1)
    hidden.names["xlplan_y"] = "=_表!$A$1"
    return build([page, Page("年度"), hidden], title="标题", active="年度")


def test_the_package_has_no_fault(structured):
    assert check_package(structured) == []


def test_a_patched_book_has_no_fault_either(structured):
    changes = {"9月": {(1, 1): Write(2.0), (50, 50): Write("新"), (13, 1): Write(9.0, "=3*3")}}
    assert check_package(patch_package(structured, changes)) == []


def test_structure_arrives_where_the_page_says(structured):
    book = opened(structured, values=False)
    sheet = book["9月"]
    assert sheet.freeze_panes == "B3"
    assert sheet.column_dimensions["B"].hidden
    assert sheet.column_dimensions["C"].outlineLevel == 1
    assert sheet.row_dimensions[5].hidden
    assert sheet.row_dimensions[1].height == 30
    assert [str(area) for area in sheet.merged_cells.ranges] == ["A30:C31"]
    assert {str(rule.sqref) for rule in sheet.data_validations.dataValidation} == {
        "B1:B5",
        "C1:C5",
    }
    assert sheet.protection.sheet
    assert not sheet.protection.password
    assert sheet["A1"].comment.text == "说明"
    assert sheet["A7"].hyperlink.location == "年度!A1"
    assert sheet.print_area == "'9月'!$A$1:$I$31"
    assert book["_表"].sheet_state == "veryHidden"
    assert book.active.title == "年度"


def test_names_of_hidden_sheets_are_hidden_from_people(structured):
    names = opened(structured, values=False).defined_names
    assert (bool(names["xlplan_x"].hidden), bool(names["xlplan_y"].hidden)) == (False, True)


def test_a_build_is_the_same_twice_but_for_its_date():
    one, two = (build([everything()]) for _ in range(2))
    assert seen(one, "9月") == seen(two, "9月")
