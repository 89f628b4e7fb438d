"""Workbooks: formulas nobody calculated, hidden sheets, error cells, and good files that look odd."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from tests.sources.kinds import binary
from tests.sources.kinds.binary import ADD, SUBTRACT, Error, formula, ods_cell, ods_table, ref
from tests.sources.kinds.drawn import HEAD, day, days_of, is_refused, rules_of
from xlplan.errors import FileError, Level
from xlplan.sources import read

EXPORTS = Path(__file__).parents[2] / "exports"
ONE = {"uv": 100.0, "gmv": 1000.0}


# Formulas nobody calculated


def written(folder, *formulas, value=0, uv=100):
    """Write a book as programs do that cannot calculate: gmv is a formula with a placeholder."""
    file = folder / "表.xlsx"
    book = xlsxwriter.Workbook(str(file))
    sheet = book.add_worksheet("日报")
    sheet.write_row(0, 0, ["日期", "访客数", "甲", "乙", "支付金额"])
    for i, text in enumerate(formulas, 1):
        sheet.write_row(i, 0, [f"2026-09-0{i}", uv, 700, 300])
        sheet.write_formula(i, 4, text, value=value)
    book.close()
    return file


@pytest.mark.parametrize(
    "text", ["=C2+D2", "=SUM(C2:D2)", "=ROUND(C2*1.5-50,2)", "=IF(C2>0,C2+D2,0)", "=SUMIFS(C:C,A:A,A2)", "=日报!C2+D2", "=IFERROR(C2/D2,0)"]
)  # fmt: skip
@pytest.mark.parametrize("value", [0, ""])
def test_a_placeholder_is_told_and_is_no_figure(tmp_path, text, value):
    file = written(tmp_path, text, value=value)
    assert days_of(file) == {"2026-09-01": {"uv": 100}}
    assert "error_cell" in rules_of(file, Level.ERROR)


def test_a_calculated_nought_stays_nought(tmp_path):
    for text in ("=C2-C2", "=(C2-700)*D2", "=SUM(F2:G2)"):
        assert days_of(written(tmp_path, text)) == {"2026-09-01": {"uv": 100, "gmv": 0}}


def test_one_nought_among_calculated_figures_stays_nought(tmp_path):
    file = tmp_path / "表.xlsx"
    book = xlsxwriter.Workbook(str(file))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEAD)
    for i, (text, value) in enumerate((("=IF(B2>0,1000,0)", 1000), ("=IF(B3>0,1000,0)", 0)), 1):
        sheet.write_row(i, 0, [f"2026-09-0{i}", 100 * (2 - i)])
        sheet.write_formula(i, 2, text, value=value)
    book.close()
    assert days_of(file) == {"2026-09-01": ONE, "2026-09-02": {"uv": 0, "gmv": 0}}


def test_one_placeholder_that_is_proved_tells_of_the_others(tmp_path):
    file = written(tmp_path, "=C2+D2", "=VLOOKUP(A3,A:C,3)")
    assert days_of(file) == {"2026-09-01": {"uv": 100}, "2026-09-02": {"uv": 100}}


CELLS = {
    (0, 0): "日期",
    (0, 1): "甲",
    (0, 2): "访客数",
    (0, 3): "支付金额",
    (1, 0): "2026-09-01",
    (1, 1): 700.0,
    (1, 2): 100.0,
}


@pytest.mark.parametrize(
    ("value", "tokens", "flags"),
    [
        (0.0, ref(1, 1) + ref(1, 2) + ADD, 0),
        (0.0, b"\x25" + b"\x01\0\x01\0\x01\xc0\x02\xc0" + b"\x19\x10\0\0", 0),
        ("", ref(1, 1) + ref(1, 2) + ADD, 3),
        (0.0, b"\x42\x02\xe4\0", 2),
        ("", b"\x42\x02\xe4\0", 3),
    ],
)
def test_a_placeholder_of_xls_is_told_and_is_no_figure(make, value, tokens, flags):
    file = make.folder / "表.xls"
    file.write_bytes(binary.xls(CELLS, [formula(1, 3, value, tokens, flags)]))
    assert days_of(file) == {"2026-09-01": {"uv": 100}}
    assert "error_cell" in rules_of(file, Level.ERROR)


@pytest.mark.parametrize(
    ("value", "tokens", "flags", "right"),
    [
        (0.0, ref(1, 1) + ref(1, 1) + SUBTRACT, 0, 0),
        (0.0, b"\x42\x02\xe4\0", 0, 0),
        (800.0, ref(1, 1) + ref(1, 2) + ADD, 0, 800),
        (0.0, ref(1, 1) + ref(1, 1) + SUBTRACT, 2, 0),
    ],
)
def test_what_a_spreadsheet_calculated_in_xls_stays(make, value, tokens, flags, right):
    file = make.folder / "表.xls"
    file.write_bytes(binary.xls(CELLS, [formula(1, 3, value, tokens, flags)]))
    assert days_of(file) == {"2026-09-01": {"uv": 100, "gmv": right}}


def test_a_placeholder_of_ods_is_told_and_is_no_figure(make):
    head = "".join(map(ods_cell, ("日期", "甲", "访客数", "支付金额")))
    for text, found in (
        ("of:=[.B2]+[.C2]", {"uv": 100}),
        ("of:=[.B2]-700", {"uv": 100, "gmv": 0}),
    ):
        row = "".join(map(ods_cell, ("2026-09-01", 700, 100))) + ods_cell(
            0, f'table:formula="{text}"'
        )
        file = make.folder / "表.ods"
        file.write_bytes(binary.ods(ods_table(head, row)))
        assert days_of(file) == {"2026-09-01": found}


# Hidden sheets, and tables nobody knows


def test_a_hidden_sheet_is_left_for_one_that_is_seen_and_it_is_said(make):
    rows, old = [HEAD, [day(1), 100, 1000]], [HEAD, [day(1), 7, 7], [day(2), 7, 7]]
    file = make.book(rows, old, titles=["日报", "旧"], hidden=["旧"])
    assert days_of(file) == {"2026-09-01": ONE}
    assert "hidden_sheet" in rules_of(file, Level.WARNING)
    again = make.book(old, rows, titles=["旧", "日报"], hidden=["旧"])
    assert days_of(again) == {"2026-09-01": ONE}


def test_a_hidden_sheet_alone_is_read_and_it_is_said(make):
    file = make.book(
        [HEAD, [day(1), 100, 1000]], [["说明"]], titles=["数据", "说明"], hidden=["数据"]
    )
    assert days_of(file) == {"2026-09-01": ONE}
    assert "hidden_sheet" in rules_of(file, Level.WARNING)


def test_a_hidden_sheet_of_xlsb_and_of_ods(make):
    rows, old = [HEAD, ["2026-09-01", 100, 1000]], [HEAD, ["2026-09-01", 7, 7]]
    file = make.folder / "表.xlsb"
    file.write_bytes(binary.xlsb(rows, old, names=("日报", "旧"), hidden=("旧",)))
    assert days_of(file) == {"2026-09-01": ONE}
    styles = '<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>'
    tables = [ods_table(*("".join(map(ods_cell, row)) for row in table), name=name, style=style)
              for table, name, style in ((old, "旧", "ta2"), (rows, "日报", "ta1"))]  # fmt: skip
    file = make.folder / "表.ods"
    file.write_bytes(binary.ods(*tables, styles=styles))
    assert days_of(file) == {"2026-09-01": ONE}


@pytest.mark.parametrize(
    "other",
    [["统计日", "访客人数", "成交总额"], ["商品", "库存", "单价"], ["day of", "clicks", "cost"]],
)
def test_a_table_nobody_knows_is_named_with_its_columns(make, other):
    file = make.book(
        [HEAD, [day(1), 100, 1000]],
        [other, [day(11), 1, 2], [day(12), 3, 4]],
        titles=["上旬", "中旬"],
    )
    assert days_of(file) == {"2026-09-01": ONE}
    (said,) = (p for p in read(file).problems if p.rule == "unknown_table")
    assert (said.level, said.where.sheet) == (Level.WARNING, "中旬")
    assert all(title in said.what for title in other)


def test_notes_beside_a_known_table_are_nothing_to_name(make):
    file = make.book(
        [HEAD, [day(1), 100, 1000]], [["说明"], ["数据每天 9 点更新"], ["联系人", "运营"]]
    )
    assert "unknown_table" not in rules_of(file)


def test_a_zip_names_the_file_that_nobody_knows(make):
    file = make.folder / "包.zip"
    good, strange = "日期,访客数,支付金额\n2026-09-01,100,1000\n", "甲,乙\n1,2\n3,4\n"
    file.write_bytes(binary.zipped({"好.csv": good, "怪.csv": strange}))
    assert days_of(file) == {"2026-09-01": ONE}
    assert any("怪.csv" in p.where.file for p in read(file).problems if p.rule == "unknown_table")


# Error cells and the containers of other programs


def test_error_cells_of_xlsb_are_told_and_dates_are_dates(make):
    rows = [
        HEAD,
        [(46266.0, 1), 100, 1000.0],
        [(46267.0, 1), 101, Error(7)],
        [(46268.0, 1), Error(42), 1002],
    ]
    file = make.folder / "表.xlsb"
    file.write_bytes(binary.xlsb(rows))
    assert days_of(file) == {
        "2026-09-01": ONE,
        "2026-09-02": {"uv": 101},
        "2026-09-03": {"gmv": 1002},
    }
    errors = [p for p in read(file).problems if p.level is Level.ERROR]
    assert [(p.rule, p.where.cell) for p in errors] == [("error_cell", "C3"), ("error_cell", "B4")]


def test_another_reader_finds_the_same_in_such_an_xlsb():
    data = binary.xlsb([HEAD, ["2026-09-01", 100, 1000.5]])
    assert CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python() == [
        HEAD,
        ["2026-09-01", 100, 1000.5],
    ]


def test_an_xlsb_with_a_chart_sheet_is_read(make):
    file = make.folder / "表.xlsb"
    file.write_bytes(
        binary.xlsb([HEAD, ["2026-09-01", 100, 1000]], charts=[[]], names=("日报", "图"))
    )
    assert days_of(file) == {"2026-09-01": ONE}


def test_a_format_of_xlsb_with_a_unit_is_read(make):
    file = make.folder / "表.xlsb"
    file.write_bytes(
        binary.xlsb([HEAD, ["2026-09-01", 100, (0.1, 1)]], styles=((170, '0.0"万"'),))
    )
    assert days_of(file) == {"2026-09-01": ONE}


@pytest.mark.parametrize("cut", [10, 40, 90])
def test_a_broken_xlsb_is_refused(make, cut):
    data = binary.xlsb([HEAD, ["2026-09-01", 100, 1000]])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.bin"] = parts["xl/worksheets/sheet1.bin"][:cut]
    file = make.folder / "表.xlsb"
    file.write_bytes(binary.zipped(parts))
    with pytest.raises(FileError):
        read(file)


HEAD_OF_ODS = "".join(map(ods_cell, HEAD))


@pytest.mark.parametrize(
    "error",
    [
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>',
        '<table:table-cell table:formula="of:=[.X1]/0" office:value-type="string"><text:p>#N/A</text:p></table:table-cell>',
        '<table:table-cell table:formula="of:=1/0" office:value-type="float" office:value="0" calcext:value-type="error"><text:p>Err:502</text:p></table:table-cell>',
        '<table:table-cell table:formula="of:=1+1"/>',
    ],
)
def test_error_cells_of_ods_are_told(make, error):
    file = make.folder / "表.ods"
    file.write_bytes(
        binary.ods(ods_table(HEAD_OF_ODS, ods_cell("2026-09-01") + ods_cell(100) + error))
    )
    assert days_of(file) == {"2026-09-01": {"uv": 100}}
    assert "error_cell" in rules_of(file, Level.ERROR)


@pytest.mark.parametrize(
    "unseen",
    [
        "<office:annotation><text:p>7</text:p></office:annotation>",
        "<draw:frame><draw:text-box><text:p>7</text:p></draw:text-box></draw:frame>",
    ],
)
def test_comments_of_ods_are_no_part_of_a_figure(make, unseen):
    row = ods_cell("2026-09-01") + ods_cell("100", inside=unseen) + ods_cell("1000", inside=unseen)
    file = make.folder / "表.ods"
    file.write_bytes(binary.ods(ods_table(HEAD_OF_ODS, row)))
    assert days_of(file) == {"2026-09-01": ONE}


def test_merged_and_repeated_cells_of_ods_keep_the_columns_in_place(make):
    head = ods_cell("日期", 'table:number-rows-spanned="2"') + ods_cell("流量") + ods_cell("交易")
    names = "<table:covered-table-cell/>" + ods_cell("访客数") + ods_cell("支付金额")
    rows = ods_table(head, names, ods_cell("2026-09-01") + ods_cell(100) + ods_cell(1000))
    rows = rows.replace(
        "</table:table>",
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>',
    )
    file = make.folder / "表.ods"
    file.write_bytes(binary.ods(rows))
    assert days_of(file) == {"2026-09-01": ONE}


def test_a_unit_in_a_format_of_ods_is_read(make):
    for inner, value in (
        ("<number:number/><number:text>万</number:text>", 0.1),
        (
            '<number:number number:decimal-places="1" number:display-factor="1000"><number:embedded-text number:position="0">!</number:embedded-text></number:number><number:text>万</number:text>',
            1000,
        ),
        ('<number:number number:display-factor="1000"/>', 1000),
    ):
        styles = f'<number:number-style style:name="N1">{inner}</number:number-style><style:style style:name="ce1" style:family="table-cell" style:data-style-name="N1"/>'
        row = ods_cell("2026-09-01") + ods_cell(100) + ods_cell(value, 'table:style-name="ce1"')
        file = make.folder / "表.ods"
        file.write_bytes(binary.ods(ods_table(HEAD_OF_ODS, row), styles=styles))
        assert days_of(file) == {"2026-09-01": ONE}


def test_a_protected_ods_says_password(make):
    file = make.folder / "表.ods"
    file.write_bytes(
        binary.ods(
            ods_table(HEAD_OF_ODS),
            manifest="<m><manifest:encryption-data xmlns:manifest='x'/></m>",
        )
    )
    with pytest.raises(FileError) as caught:
        read(file)
    assert caught.value.code == "password"


# Good files that look odd


def rezipped(data: bytes, change) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return binary.zipped(dict(change(name, archive.read(name)) for name in archive.namelist()))


def test_names_with_backslashes_in_a_workbook_are_read(make):
    data = make.book([HEAD, [day(1), 100, 1000]]).read_bytes()
    file = make.folder / "斜.xlsx"
    file.write_bytes(rezipped(data, lambda name, body: (name.replace("/", "\\"), body)))
    assert days_of(file) == {"2026-09-01": ONE}


@pytest.mark.parametrize("time", ["T16:30:00", "16:30:00", "16:30:00Z"])
def test_a_cell_that_holds_a_time_does_not_cost_the_file(make, time):
    data = make.book([[*HEAD, "时刻"], [day(1), 100, 1000, 5]]).read_bytes()
    old, new = b'<c r="D2" t="n"><v>5</v></c>', f'<c r="D2" t="d"><v>{time}</v></c>'.encode()
    file = make.folder / "时.xlsx"
    file.write_bytes(rezipped(data, lambda name, body: (name, body.replace(old, new))))
    assert file.read_bytes() != data
    assert days_of(file) == {"2026-09-01": ONE}


@pytest.mark.parametrize("name", ["WORKBOOK", "workbook", "BOOK"])
def test_the_stream_of_an_xls_may_be_spelled_in_any_case(make, name):
    (good,) = (path for path in (EXPORTS / "pdd").glob("*客服*") if path.suffix != ".csv")
    old = "Workbook".encode("utf-16-le")
    new = name.encode("utf-16-le").ljust(len(old), b"\0")
    data = bytearray(good.read_bytes())
    at = data.index(old)
    data[at : at + len(old)] = new
    data[at + 64] = 2 * len(name) + 2
    file = make.folder / good.name
    file.write_bytes(bytes(data))
    assert days_of(file) == days_of(good)


# Containers with nothing to read


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("文档.zip", binary.zipped({"说明.docx": b"PK", "图.png": b"x"}), "unknown"),
        ("空.zip", binary.zipped({}), "unknown"),
        (
            "缺.xlsx",
            binary.zipped(
                {"xl/workbook.xml": "<workbook/>", "xl/worksheets/sheet1.xml": "<worksheet/>"}
            ),
            "damaged",
        ),
        ("缺.ods", binary.ods(ods_table(HEAD_OF_ODS), mimetype=False), "damaged"),
        (
            "文档.docx",
            binary.zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}),
            "not_excel",
        ),
        ("图.xlsb", binary.xlsb(charts=[[]], names=("图",)), "damaged"),
    ],
)
def test_a_container_without_a_table_is_refused(make, name, data, code):
    file = make.folder / name
    file.write_bytes(data)
    assert is_refused(file, code)
