from __future__ import annotations

import datetime as dt
import io
import subprocess
import zipfile

import openpyxl
import pytest

from xlplan.errors import FileError, InputError, StructureError
from xlplan.ooxml.cells import ErrorValue
from xlplan.ooxml.patching import patch as patching
from xlplan.ooxml.patching.patch import Write, patch_package
from xlplan.ooxml.reader import open_workbook

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")


def raw_members(data):
    """Member name → compressed bytes as they lie in the file."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            start = info.header_offset + 30
            start += int.from_bytes(data[start - 4 : start - 2], "little")
            start += int.from_bytes(
                data[info.header_offset + 28 : info.header_offset + 30], "little"
            )
            found[info.filename] = data[start : start + info.compress_size]
    return found


def one(make, cells, changes, **more):
    """Patch a one-sheet book and return the new content of `<sheetData>`."""
    data = patch_package(make.sheet_book(cells, **more), {"表": changes}, recalc=False)
    xml = make.members(data)["xl/worksheets/sheet1.xml"].decode()
    return xml.partition("<sheetData>")[2].partition("</sheetData>")[0]


def test_only_the_touched_sheet_and_the_recalculation_mark_differ(rich_book, make):
    book = make.changed(rich_book, workbook=(b' fullCalcOnLoad="1"', b""))
    new = patch_package(book, {"计划": {(3, 2): Write(99.5), (40, 4): Write("新")}})
    old_raw, new_raw = raw_members(book), raw_members(new)
    assert list(old_raw) == list(new_raw)
    differing = {name for name in old_raw if old_raw[name] != new_raw[name]}
    assert differing == {"xl/worksheets/sheet1.xml", "xl/workbook.xml"}
    assert zipfile.ZipFile(io.BytesIO(new)).testzip() is None


def test_only_the_changed_cells_of_the_sheet_differ(rich_book, make):
    new = patch_package(rich_book, {"计划": {(3, 2): Write(99.5)}}, recalc=False)
    name = "xl/worksheets/sheet1.xml"
    old_xml, new_xml = make.members(rich_book)[name], make.members(new)[name]
    assert old_xml.replace(b'<c r="B3" s="1"><v>3</v>', b'<c r="B3" s="1"><v>99.5</v>') == new_xml


def test_without_changes_the_very_same_bytes_come_back(rich_book):
    assert patch_package(rich_book, {}) is rich_book
    assert patch_package(rich_book, {"计划": {}}) is rich_book


def test_patching_twice_equals_patching_once(rich_book):
    changes = {"计划": {(3, 2): Write(1, "A1+1"), (77, 3): Write("x")}}
    once = patch_package(rich_book, changes)
    assert patch_package(once, changes) == once


@pytest.mark.parametrize("book", ["rich_book", "openpyxl_book"])
def test_openpyxl_reads_what_was_written(request, book):
    day = dt.date(2026, 9, 9)
    changes = {
        (2, 1): Write(day),
        (2, 2): Write(-0.1),
        (2, 3): Write(12.5, "=B2*2"),
        (3, 3): Write("a & b", 'A1&"<b>"'),
        (3, 4): Write(" 前后空格 \n换行"),
        (3, 5): Write(True),
        (4, 6): Write(ErrorValue("#N/A")),
        (200, 50): Write("远"),
        (4, 4): Write(None),
    }
    new = patch_package(request.getfixturevalue(book), {"计划": changes})
    values = openpyxl.load_workbook(io.BytesIO(new), data_only=True)["计划"]
    formulas = openpyxl.load_workbook(io.BytesIO(new))["计划"]
    got = {key: values.cell(*key).value for key in changes}
    assert got[2, 1] in (dt.datetime.fromisoformat("2026-09-09"), 46274)
    assert (got[2, 2], got[2, 3], got[3, 3]) == (-0.1, 12.5, "a & b")
    assert (got[3, 4], got[3, 5], got[4, 6]) == (" 前后空格 \n换行", True, "#N/A")
    assert (got[200, 50], got[4, 4]) == ("远", None)
    assert formulas["C2"].value == "=B2*2"
    assert formulas["C3"].value == '=A1&"<b>"'


def test_text_that_looks_like_a_formula_stays_text(rich_book):
    texts = ["=1+1", "+1", "-1", "@A1", "=cmd|'/c calc'!A0", '=HYPERLINK("x")', "\t=1", "_x0041_"]
    changes = {(50 + i, 1): Write(text) for i, text in enumerate(texts)}
    new = patch_package(rich_book, {"计划": changes})
    sheet = open_workbook(new).sheet("计划")
    assert [(sheet.cells[key].value, sheet.cells[key].formula) for key in changes] == [
        (text, None) for text in texts
    ]
    theirs = openpyxl.load_workbook(io.BytesIO(new))["计划"]
    assert [theirs.cell(*key).data_type for key in changes] == ["s"] * len(texts)


def test_a_changed_cell_keeps_its_style_and_a_named_one_replaces_it(rich_book):
    before = open_workbook(rich_book).sheet("计划")
    changes = {
        (2, 2): Write("x"),
        (2, 5): Write(5),
        (3, 2): Write(1, style=2),
        (4, 2): Write(None),
    }
    after = open_workbook(patch_package(rich_book, {"计划": changes})).sheet("计划")
    assert after.style(2, 2) == before.style(2, 2) == 1
    assert after.style(2, 5) == before.style(2, 5) == 1
    assert after.style(3, 2) == 2
    assert after.style(4, 2) == before.style(4, 2)
    assert (4, 2) in after.blanks


def test_a_new_cell_takes_the_style_of_its_row_or_column(rich_book, make):
    column = open_workbook(rich_book).sheet("计划").style(2, 2)
    new = patch_package(
        rich_book, {"计划": {(60, 8): Write(1), (5, 8): Write(2), (61, 9): Write(3)}}
    )
    sheet = open_workbook(new).sheet("计划")
    assert [sheet.style(60, 8), sheet.style(5, 8), sheet.style(61, 9)] == [column, column, 0]
    row = '<row r="1" s="4" customFormat="1"/><row r="2" s="4"/>'
    xml = one(make, row, {(1, 2): Write(1), (2, 2): Write(1)})
    assert '<c r="B1" s="4">' in xml
    assert '<c r="B2">' in xml


def test_missing_rows_and_cells_are_inserted_in_order(make):
    cells = '<row r="2" spans="2:3"><c r="B2"><v>2</v></c><c r="D2"><v>4</v></c></row><row r="5"/>'
    keys = [(9, 1), (1, 2), (2, 5), (2, 3), (2, 1), (3, 1), (5, 2), (4, 9), (1, 1)]
    xml = one(make, cells, {key: Write(0) for key in keys})
    names = [part.partition('"')[0] for part in xml.split(' r="')[1:]]
    assert names == [
        "1",
        "A1",
        "B1",
        "2",
        "A2",
        "B2",
        "C2",
        "D2",
        "E2",
        "3",
        "A3",
        "4",
        "I4",
        "5",
        "B5",
        "9",
        "A9",
    ]
    assert 'spans="1:5"' in xml


def test_an_empty_sheet_can_be_filled(make):
    book = make.changed(make.sheet_book(""), sheet1=(b"<sheetData></sheetData>", b"<sheetData />"))
    for data in (book, make.sheet_book("")):
        new = patch_package(data, {"表": {(2, 2): Write("首")}})
        assert open_workbook(new).sheet("表").value(2, 2) == "首"
    assert patch_package(book, {"表": {(2, 2): Write(None)}}, recalc=False) != b""


def test_clearing_what_is_not_there_writes_nothing(make):
    assert one(make, '<row r="1"/>', {(1, 1): Write(None), (7, 7): Write(None)}) == '<row r="1"/>'


def test_clearing_a_plain_cell_removes_it(make):
    cells = '<row r="1"><c r="A1"><v>1</v></c><c r="B1" s="3" t="s"><v>0</v></c></row>'
    xml = one(make, cells, {(1, 1): Write(None), (1, 2): Write(None)}, sst="<si><t>a</t></si>")
    assert xml == '<row r="1"><c r="B1" s="3"/></row>'


def test_the_used_range_grows_with_the_cells(make):
    book = make.sheet_book(
        '<row r="2"><c r="B2"><v>1</v></c></row>', head='<dimension ref="B2:C3"/>'
    )
    for key, ref in [((9, 1), b"A2:C9"), ((2, 2), b"B2:C3"), ((1, 7), b"B1:G3")]:
        xml = make.members(patch_package(book, {"表": {key: Write(1)}}))[
            "xl/worksheets/sheet1.xml"
        ]
        assert b'<dimension ref="%b"/>' % ref in xml
    unchanged = patch_package(book, {"表": {(99, 99): Write(None)}}, recalc=False)
    assert b'ref="B2:C3"' in make.members(unchanged)["xl/worksheets/sheet1.xml"]


SHARED = (
    '<row r="1"><c r="B1"><f t="shared" ref="B1:B4" si="0">A1*$D$1&amp;""</f><v>1</v></c></row>'
    '<row r="2"><c r="B2" s="1"><f t="shared" si="0"/><v>2</v></c></row>'
    '<row r="3"><c r="B3"><f t="shared" si="0"></f><v>3</v></c><c r="C3"><f t="shared" ref="C3:C4"'
    ' si="1">B3</f><v>9</v></c></row>'
    '<row r="4"><c r="B4"><f t="shared" si="0"/><v>4</v></c><c r="C4"><f t="shared" si="1"/></c></row>'
)


@pytest.mark.parametrize("write", [Write(7), Write(7, "C1+1"), Write(None)])
def test_overwriting_a_shared_master_gives_the_others_their_own_text(make, write):
    book = make.sheet_book(SHARED)
    before = open_workbook(book).sheet("表").cells
    new = patch_package(book, {"表": {(1, 2): write, (3, 2): Write(8)}})
    after = open_workbook(new).sheet("表").cells
    assert after[2, 2] == before[2, 2]._replace(formula='A2*$D$1&""')
    assert after[4, 2] == before[4, 2]
    assert after[3, 3] == before[3, 3]
    assert after[4, 3] == before[4, 3]
    assert (1, 2) not in after or after[1, 2][:2] == (7.0, write.formula)
    assert after[3, 2][:2] == (8.0, None)
    xml = make.members(new)["xl/worksheets/sheet1.xml"]
    assert b'<c r="B2" s="1"><f>A2*$D$1&amp;""</f><v>2</v></c>' in xml
    assert b'si="0"' not in xml
    assert b'<f t="shared" si="1"/>' in xml


def test_overwriting_a_shared_child_leaves_the_others_shared(make):
    xml = one(make, SHARED, {(2, 2): Write(8)})
    assert '<c r="B2" s="1"><v>8</v></c>' in xml
    assert xml.replace("<v>8</v>", '<f t="shared" si="0"/><v>2</v>') == SHARED


@pytest.mark.parametrize(
    "cells",
    [
        (
            '<row r="1"><c r="A1"><f t="array" ref="A1:A2">B1:B2</f><v>1</v></c></row>'
            '<row r="2"><c r="A2"><v>2</v></c></row>'
        ),
        '<row r="2"><c r="A2"><f t="dataTable" ref="A2:B3" r1="C1"/><v>1</v></c></row>',
        '<row r="2"><c r="A2" cm="1"><f>SEQUENCE(2)</f><v>1</v></c></row>',
        '<row r="2"><c r="A2" t="e" vm="1"><v>#VALUE!</v></c></row>',
    ],
    ids=["array", "data table", "dynamic array", "rich value"],
)
def test_parts_of_array_formulas_and_data_tables_are_refused(make, cells):
    for write in (Write(1), Write(1, "B1"), Write(None)):
        with pytest.raises(StructureError, match="A2") as caught:
            patch_package(make.sheet_book(cells), {"表": {(2, 1): write}})
        assert caught.value.problems[0].where.sheet == "表"
    assert patch_package(make.sheet_book(cells), {"表": {(9, 9): Write(1)}})


def test_table_headers_are_refused_but_their_own_text_is_not(rich_book):
    with pytest.raises(StructureError, match=r"表格!B1.*标题单元格"):
        patch_package(rich_book, {"表格": {(1, 2): Write("改名")}})
    with pytest.raises(StructureError):
        patch_package(rich_book, {"表格": {(1, 2): Write(None)}})
    new = patch_package(rich_book, {"表格": {(1, 2): Write("日"), (2, 2): Write(5)}})
    assert open_workbook(new).sheet("表格").value(2, 2) == 5


def test_a_value_under_a_merge_is_refused_because_nobody_would_see_it(rich_book):
    with pytest.raises(StructureError, match=r"K2.*合并"):
        patch_package(rich_book, {"计划": {(2, 11): Write(1)}})
    new = patch_package(rich_book, {"计划": {(2, 11): Write(None), (1, 10): Write("题")}})
    assert open_workbook(new).sheet("计划").value(1, 10) == "题"


def test_an_unknown_sheet_is_refused(rich_book):
    with pytest.raises(StructureError, match="预算"):
        patch_package(rich_book, {"预算": {(1, 1): Write(1)}})


@pytest.mark.parametrize("key", [(0, 1), (1, 0), (1_048_577, 1), (1, 16_385)])
def test_cells_outside_the_grid_are_a_programming_error(rich_book, key):
    with pytest.raises(ValueError, match="outside the grid"):
        patch_package(rich_book, {"计划": {key: Write(1)}})


@pytest.mark.parametrize(
    "write",
    [
        Write(float("nan")),
        Write(float("inf")),
        Write(10**400),
        Write("a\0b"),
        Write("\ud800"),
        Write("长" * 32_768),
        Write("😀" * 16_384),
        Write(1, "="),
        Write(1, "A" * 8_193),
        Write([1]),
    ],
)
def test_what_no_cell_can_hold_is_refused_with_its_cell(rich_book, write):
    with pytest.raises(InputError) as caught:
        patch_package(rich_book, {"计划": {(3, 2): write}})
    assert str(caught.value.where) == "计划!B3"


def test_the_longest_text_fits(rich_book):
    text = "长" * 32_767
    assert (
        open_workbook(patch_package(rich_book, {"计划": {(1, 1): Write(text)}}))
        .sheet("计划")
        .value(1, 1)
        == text
    )


class Scalar:
    def __init__(self, value):
        self.value = value

    def item(self):
        return self.value


@pytest.mark.parametrize("value", [3, 2.5, True])
def test_numpy_scalars_are_written_as_what_they_are(rich_book, value):
    new = patch_package(rich_book, {"计划": {(3, 2): Write(Scalar(value))}})
    assert open_workbook(new).sheet("计划").value(3, 2) == value


def with_calc_chain(make):
    parts = make.members(make.sheet_book('<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>'))
    parts["xl/calcChain.xml"] = b'<calcChain><c r="A1" i="1"/></calcChain>'
    types = "[Content_Types].xml"
    parts[types] = parts[types].replace(
        b"/>", b'><Override PartName="/xl/calcChain.xml" ContentType="c"/></Types>'
    )
    rels = "xl/_rels/workbook.xml.rels"
    link = b'<Relationship Id="r9" Type="http://x/calcChain" Target="calcChain.xml"/>'
    parts[rels] = parts[rels].replace(b"</Relationships>", link + b"</Relationships>")
    return make.rezipped(parts)


def test_the_calculation_chain_goes_when_a_formula_goes(make):
    parts = make.members(patch_package(with_calc_chain(make), {"表": {(1, 1): Write(5)}}))
    assert "xl/calcChain.xml" not in parts
    assert not any(b"calcChain" in content for content in parts.values())
    assert b"worksheets/sheet1.xml" in parts["xl/_rels/workbook.xml.rels"]


def test_the_calculation_chain_stays_when_no_formula_goes(make):
    book = with_calc_chain(make)
    for write in (Write(5, "2+3"), Write(5)):
        key = (1, 1) if write.formula else (1, 2)
        assert "xl/calcChain.xml" in make.members(patch_package(book, {"表": {key: write}}))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"</workbook>", b'<calcPr fullCalcOnLoad="1"/></workbook>'),
        (
            b'<calcPr calcId="1"/></workbook>',
            b'<calcPr calcId="1" fullCalcOnLoad="1"/></workbook>',
        ),
        (
            b'<calcPr fullCalcOnLoad="0" calcId="1"></calcPr></workbook>',
            b'<calcPr calcId="1" fullCalcOnLoad="1"></calcPr></workbook>',
        ),
        (
            b"<pivotCaches/><extLst/></workbook>",
            b'<calcPr fullCalcOnLoad="1"/><pivotCaches/><extLst/></workbook>',
        ),
    ],
)
def test_the_recalculation_mark_stands_where_the_format_wants_it(make, before, after):
    book = make.changed(make.sheet_book(""), workbook=(b"</workbook>", before))
    new = patch_package(book, {"表": {(1, 1): Write(1)}})
    assert make.members(new)["xl/workbook.xml"].endswith(after)
    assert not make.members(patch_package(book, {"表": {(1, 1): Write(1)}}, recalc=False))[
        "xl/workbook.xml"
    ].endswith(after)


UNUSUAL = {
    "no names": "<row><c><v>1</v></c><c><f>A1</f><v>2</v></c></row><row><c/><c><v>4</v></c></row>",
    "comments": '<row r="1"><!-- <c r="A1"/> --><c r="A1"><v>1</v></c><c r="B1"><f>A1</f><v>2</v></c></row>'
    '<row r="2"><c r="B2"><v><![CDATA[4]]></v></c></row>',
    "odd order": "<row r='1'><c s='0' r='A1'><v>1</v></c><c t=\"n\" r=\"B1\"><f>A1</f><v>2</v></c></row>"
    '<row r="2"><c r="B2" x="&gt;"><v>4</v></c></row>',
    "white space": '\n<row r="1" >\n <c r="A1" ><v>1</v></c>\n <c r="B1"><f>A1</f><v>2</v></c>\n</row>'
    '\n<row r="2">\n<c r="B2"><v>4</v></c>\n</row>\n',
}


@pytest.mark.parametrize("cells", UNUSUAL.values(), ids=UNUSUAL)
@pytest.mark.parametrize("spelling", ["plain", "prefixed", "utf-16", "bom"])
def test_unusual_spellings_are_patched_all_the_same(make, cells, spelling):
    parts = make.members(make.sheet_book(cells))
    name = "xl/worksheets/sheet1.xml"
    xml = parts[name].decode()
    if spelling == "prefixed" and "<!" not in cells:
        xml = xml.replace("xmlns=", "xmlns:x=").replace("</", "<//").replace("<", "<x:")
        xml = xml.replace("<x://", "</x:")
    parts[name] = xml.encode({"utf-16": "utf-16", "bom": "utf-8-sig"}.get(spelling, "utf-8"))
    changes = {
        (1, 1): Write("一"),
        (2, 1): Write(3),
        (2, 3): Write(5, "A1"),
        (1, 2): Write(0),
        (4, 1): Write(1),
    }
    new = patch_package(make.rezipped(parts), {"表": changes})
    cells = open_workbook(new).sheet("表").cells
    assert {key: cell[:2] for key, cell in cells.items()} == {
        (1, 1): ("一", None),
        (1, 2): (0, None),
        (2, 1): (3, None),
        (2, 2): (4, None),
        (2, 3): (5, "A1"),
        (4, 1): (1, None),
    }


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="2"/><row r="1"/>',
        '<row r="1"><c r="B1"/><c r="A1"/></row>',
        '<row r="1"><c r="A2"/></row>',
        '<row r="x"/>',
        '<row r="1"><c r="A1"></row>',
    ],
)
def test_a_sheet_out_of_order_is_refused(make, cells):
    with pytest.raises(FileError) as caught:
        patch_package(make.sheet_book(cells), {"表": {(1, 3): Write(1)}})
    assert caught.value.code == "damaged"


def test_file_names_in_other_alphabets_and_file_comments_survive(make):
    parts = make.members(make.sheet_book("")) | {"自定义/é.bin": b"x" * 99}
    new = patch_package(make.rezipped(parts), {"表": {(1, 1): Write(1)}})
    assert make.members(new)["自定义/é.bin"] == b"x" * 99


def test_streamed_zip_members_are_copied_right(make):
    out = io.BytesIO()

    class Unseekable(io.RawIOBase):
        def writable(self):
            return True

        def write(self, data):
            return out.write(data)

    with zipfile.ZipFile(Unseekable(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in make.members(make.sheet_book("<row/>")).items():
            archive.writestr(name, content)
    new = patch_package(out.getvalue(), {"表": {(1, 1): Write(1)}})
    assert zipfile.ZipFile(io.BytesIO(new)).testzip() is None
    assert open_workbook(new).sheet("表").value(1, 1) == 1


def test_the_1904_system_is_honoured(make):
    book = make.changed(
        make.sheet_book(""), workbook=(b"<sheets>", b'<workbookPr date1904="1"/><sheets>')
    )
    sheet = open_workbook(patch_package(book, {"表": {(1, 1): Write(dt.date(2026, 9, 1))}})).sheet(
        "表"
    )
    assert sheet.value(1, 1) == 44804
    assert sheet.date(1, 1) == dt.date(2026, 9, 1)


@pytest.mark.libreoffice
def test_libreoffice_opens_a_patched_book_and_shows_its_values(rich_book, tmp_path):
    changes = {(2, 2): Write(99.5), (40, 2): Write("行内文字"), (2, 3): Write(199, "B2*2")}
    (tmp_path / "计划.xlsx").write_bytes(patch_package(rich_book, {"计划": changes}))
    profile = (tmp_path / "profile").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to"]
    shape = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"
    done = subprocess.run(
        [*command, shape, "--outdir", str(tmp_path), str(tmp_path / "计划.xlsx")],
        capture_output=True,
        timeout=120,
        check=True,
    )
    rows = (tmp_path / "计划.csv").read_text("utf-8").splitlines()
    assert rows[1].startswith("2026-09-01,99.5,199,文<字>&"), done.stderr
    assert rows[39].split(",")[1] == "行内文字"


def known(book, sound):
    opened = open_workbook(book)
    opened.sound.update(sound)
    return opened


def test_a_sound_sheet_is_proven_again_unless_only_digits_change(make, monkeypatch):
    asked = []
    monkeypatch.setattr(patching, "require_well_formed", lambda part, _: asked.append(part))
    book = make.sheet_book('<row r="1"><c r="A1"><f>B1*2</f><v>1</v></c></row>')
    part = "xl/worksheets/sheet1.xml"
    for write, sound in (
        (Write(5.0, "B1*2"), ()),
        (Write(5.0, "B1*3"), {part}),
        (Write("五"), {part}),
    ):
        patch_package(book, {"表": {(1, 1): write}}, recalc=False, opened=known(book, sound))
        assert asked.pop() == part
    patched = patch_package(
        book, {"表": {(1, 1): Write(5.0, "B1*2")}}, recalc=False, opened=known(book, {part})
    )
    assert asked == []
    assert open_workbook(patched).sheet("表").value(1, 1) == 5.0
    patch_package(
        book,
        {"表": {(1, 1): Write(5.0, "B1*2"), (2, 1): Write(1)}},
        recalc=False,
        opened=known(book, {part}),
    )
    assert asked == [part]


def with_pivot(make, ref='ref="B2:C4"'):
    parts = make.members(make.sheet_book('<row r="1"><c r="A1"><v>1</v></c></row>'))
    doc = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    pack = "http://schemas.openxmlformats.org/package/2006"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = (
        f'<Relationships xmlns="{pack}/relationships"><Relationship Id="r9"'
        f' Type="{doc}/pivotTable" Target="../pivotTables/pivotTable1.xml"/></Relationships>'
    ).encode()
    pivot = f'<pivotTableDefinition xmlns="{main}" name="p"><location {ref}/></pivotTableDefinition>'  # fmt: skip
    parts["xl/pivotTables/pivotTable1.xml"] = pivot.encode()
    return make.rezipped(parts)


@pytest.mark.parametrize("spot", [(2, 2), (4, 3), (3, 2)])
def test_a_change_inside_a_pivot_table_is_refused(make, spot):
    with pytest.raises(StructureError, match="透视表"):
        patch_package(with_pivot(make), {"表": {spot: Write(5)}})


@pytest.mark.parametrize("spot", [(1, 2), (5, 2), (2, 1), (2, 4), (1, 1)])
def test_beside_a_pivot_table_everything_can_be_written(make, spot):
    patched = patch_package(with_pivot(make), {"表": {spot: Write(5)}})
    assert open_workbook(patched).sheet("表").value(*spot) == 5


@pytest.mark.parametrize("ref", ["", 'ref="nowhere"'])
def test_a_pivot_table_that_is_nowhere_makes_a_damaged_file(make, ref):
    with pytest.raises(FileError) as caught:
        patch_package(with_pivot(make, ref), {"表": {(1, 1): Write(5)}})
    assert caught.value.code == "damaged"
