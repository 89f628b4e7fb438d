from __future__ import annotations

import datetime as dt
import hashlib
import io

import openpyxl
import pytest

from xlplan.errors import StructureError
from xlplan.ooxml import reader
from xlplan.ooxml.cells import ErrorValue, StoredCell
from xlplan.ooxml.reader import open_workbook
from xlplan.ooxml.serial import CellRange

STRICT = [
    (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    ),
    (
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    ),
]


def one_sheet(make, cells, **more):
    return open_workbook(make.sheet_book(cells, **more)).sheet("表")


@pytest.fixture(params=["quick", "careful"])
def read(make, request, monkeypatch):
    """Read one sheet, by each of the two ways; the tests hold for both."""
    if request.param == "careful":
        monkeypatch.setattr(reader, "scan", lambda *_: None)
    return lambda cells, **more: one_sheet(make, cells, **more)


def test_every_kind_of_value_is_delivered_as_what_it_is(read):
    sheet = read(
        '<row r="1"><c r="A1"><v>1.5</v></c><c r="B1" t="s"><v>0</v></c><c r="C1" t="b"><v>1</v></c>'
        '<c r="D1" t="e"><v>#DIV/0!</v></c><c r="E1" t="inlineStr"><is><t>行内&lt;</t></is></c>'
        '<c r="F1" t="str"><f>A1&amp;"&lt;"</f><v>1.5&lt;</v></c><c r="G1" s="3"/>'
        '<c r="H1" t="d"><v>2026-09-01T12:00:00</v></c><c r="I1"><f>NOW()</f></c>'
        '<c r="J1" t="str"><f>""</f><v></v></c><c r="K1"><v>-1.5E-3</v></c></row>',
        sst="<si><t>共享</t></si>",
    )
    assert {key[1]: cell[:2] for key, cell in sheet.cells.items()} == {
        1: (1.5, None),
        2: ("共享", None),
        3: (True, None),
        4: (ErrorValue("#DIV/0!"), None),
        5: ("行内<", None),
        6: ("1.5<", 'A1&"<"'),
        8: (46266.5, None),
        9: (None, "NOW()"),
        10: ("", '""'),
        11: (-0.0015, None),
    }
    assert sheet.blanks == {(1, 7): 3}
    assert sheet.cells[1, 3].value is True
    assert sheet.style(1, 7) == 3


def test_rich_text_is_flattened_and_phonetic_guides_are_dropped(read):
    rich = "<r><rPr><b/></rPr><t>粗</t></r><r><t xml:space='preserve'> 细</t></r>"
    guide = '<rPh sb="0" eb="1"><t>CU</t></rPh><phoneticPr fontId="1"/>'
    sheet = read(
        f'<row r="1"><c r="A1" t="s"><v>1</v></c>'
        f'<c r="B1" t="inlineStr"><is>{rich}{guide}</is></c><c r="C1" t="s"><v>2</v></c></row>',
        sst=f"<si><t/></si><si>{rich}{guide}</si><si><t>_x0041__x000D_\n尾</t></si>",
    )
    assert [cell.value for cell in sheet.cells.values()] == ["粗 细", "粗 细", "A\r\n尾"]


def test_children_of_a_shared_formula_have_their_own_text(read):
    sheet = read(
        '<row r="1"><c r="B1"><f t="shared" ref="B1:B3" si="0">A1*$D$1</f><v>1</v></c></row>'
        '<row r="2"><c r="B2"><f t="shared" si="0"/><v>2</v></c></row>'
        '<row r="3"><c r="B3"><f t="shared" si="0"></f><v>3</v></c></row>'
    )
    assert [c.formula for c in sheet.cells.values()] == ["A1*$D$1", "A2*$D$1", "A3*$D$1"]


def test_cells_of_an_array_formula_count_as_computed(read):
    sheet = read(
        '<row r="1"><c r="A1"><f t="array" ref="A1:A2">B1:B2</f><v>1</v></c></row>'
        '<row r="2"><c r="A2"><v>2</v></c><c r="B2"><v>2</v></c></row>'
    )
    assert sheet.arrays == (CellRange(1, 1, 2, 1),)
    assert sheet.is_computed(1, 1)
    assert sheet.is_computed(2, 1)
    assert not sheet.is_computed(2, 2)


def test_merged_blocks_are_reported(read):
    sheet = read("", tail='<mergeCells count="1"><mergeCell ref="A1:B2"/></mergeCells>')
    assert sheet.merges == (CellRange(1, 1, 2, 2),)


def test_rows_out_of_order_lose_nothing(read):
    sheet = read('<row r="2"><c r="A2"><v>2</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>')
    assert {key: cell.value for key, cell in sheet.cells.items()} == {(1, 1): 1, (2, 1): 2}


def test_a_wrong_dimension_loses_nothing(read):
    sheet = read('<row r="9"><c r="Z9"><v>1</v></c></row>', head='<dimension ref="A1"/>')
    assert sheet.value(9, 26) == 1


@pytest.mark.parametrize(
    "cells",
    [
        "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>",
        (
            '<row r="1">\n <c r="A1"><v>1</v></c><!-- x --><c r="B1"><v>2</v></c></row>'
            '<row r="2"><c r="A2"><v><![CDATA[3]]></v></c></row>'
        ),
        (
            "<row r='1'><c s='0' r='A1'><v> 1 </v></c><c r=\"B1\"><v>&#50;</v></c></row>"
            '<row r="2"><c r="A2"><f/><v>3</v></c></row>'
        ),
    ],
    ids=["no names", "comments and CDATA", "odd quotes and order"],
)
def test_unusual_spellings_read_the_same(make, cells):
    sheet = one_sheet(make, cells)
    assert {key: cell.value for key, cell in sheet.cells.items()} == {
        (1, 1): 1,
        (1, 2): 2,
        (2, 1): 3,
    }


def test_prefixes_and_utf_16_read_the_same(make):
    book = make.sheet_book('<row r="1"><c r="A1" t="str"><v>文</v></c></row>')
    parts = make.members(book)
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    prefixed = sheet.replace("xmlns=", "xmlns:x=").replace("</", "</x:").replace("<", "<x:")
    for xml in (prefixed.replace("<x:/x:", "</x:").encode(), sheet.encode("utf-16")):
        parts["xl/worksheets/sheet1.xml"] = xml
        assert open_workbook(make.rezipped(parts)).sheet("表").value(1, 1) == "文"


def test_the_strict_dialect_reads_the_same(openpyxl_book, make):
    parts = make.members(openpyxl_book)
    for old, new in STRICT:
        parts = {name: content.replace(old, new) for name, content in parts.items()}
    strict = open_workbook(make.rezipped(parts))
    assert strict.sheet("计划").cells == open_workbook(openpyxl_book).sheet("计划").cells


def test_both_ways_of_reading_agree_on_a_rich_book(rich_book, monkeypatch):
    quick = list(open_workbook(rich_book))
    monkeypatch.setattr(reader, "scan", lambda *_: None)
    careful = list(open_workbook(rich_book))
    assert quick == careful
    assert len(quick[0].cells) > 120


@pytest.mark.filterwarnings("ignore:.*extension is not supported")
def test_values_and_formulas_are_those_openpyxl_reads(rich_book):
    ours = open_workbook(rich_book)
    values = openpyxl.load_workbook(io.BytesIO(rich_book), data_only=True)
    formulas = openpyxl.load_workbook(io.BytesIO(rich_book))
    for info in ours.sheets:
        theirs = {
            (cell.row, cell.column): cell.value
            for row in values[info.name].iter_rows()
            for cell in row
            if cell.value is not None
        }
        cells = ours.sheet(info.name).cells
        assert theirs.keys() == cells.keys()
        for (row, col), value in theirs.items():
            cell = cells[row, col]
            mine = ours.sheet(info.name).date(row, col) if cell.is_date else cell.value
            wanted = value.date() if isinstance(value, dt.datetime) else value
            assert (str(mine) if isinstance(mine, ErrorValue) else mine) == wanted
            text = formulas[info.name].cell(row, col).value
            assert cell.formula == (text[1:] if str(text).startswith("=") else None)


def test_sheets_names_tables_and_digest_are_known(rich_book):
    book = open_workbook(rich_book)
    assert [(s.name, s.state) for s in book.sheets] == [
        ("计划", "visible"),
        ("表格", "visible"),
        ("_元数据", "veryHidden"),
    ]
    assert [(n.name, n.text, n.sheet) for n in book.defined_names] == [("目标", "计划!$B$2", None)]
    table = book.tables("表格")[0]
    assert (table.name, str(table.block), table.columns) == ("销售", "A1:C5", ("店", "日", "额"))
    assert book.sha256 == hashlib.sha256(rich_book).hexdigest()
    assert book.sheet("计划").merges == (CellRange(1, 10, 2, 11),)


def test_dates_are_told_by_their_format(rich_book):
    sheet = open_workbook(rich_book).sheet("计划")
    assert sheet.cells[2, 1].is_date
    assert not sheet.cells[2, 2].is_date
    assert sheet.date(2, 1) == dt.date(2026, 9, 1)
    assert sheet.date(2, 4) is None
    assert sheet.date(99, 99) is None


def test_the_1904_system_is_honoured(make):
    book = make.sheet_book('<row r="1"><c r="A1"><v>44804</v></c></row>')
    book = make.changed(book, workbook=(b"<sheets>", b'<workbookPr date1904="1"/><sheets>'))
    opened = open_workbook(book)
    assert opened.date1904
    assert opened.sheet("表").date(1, 1) == dt.date(2026, 9, 1)


def test_a_missing_sheet_is_refused_with_the_names_there_are(rich_book):
    with pytest.raises(StructureError, match="现有工作表：计划、表格、_元数据"):
        open_workbook(rich_book).sheet("预算")


def test_a_sheet_is_found_in_any_case_and_read_once(rich_book):
    book = open_workbook(rich_book)
    assert book.sheet("计划") is book.sheet("计划")


def test_a_book_without_styles_or_strings_reads(make):
    assert one_sheet(make, '<row r="1"><c r="A1" s="7"><v>1</v></c></row>').cells == {
        (1, 1): StoredCell(1.0, None, 7, is_date=False)
    }


def test_large_sheets_are_read_as_a_stream(rich_book, monkeypatch):
    monkeypatch.setattr(reader, "_STREAM_FROM", 10)
    monkeypatch.setattr(reader, "scan", None)
    assert len(open_workbook(rich_book).sheet("计划").cells) > 120
