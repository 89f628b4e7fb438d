"""Files that are not what their names say, and files that mean harm."""

from __future__ import annotations

import importlib.util
import io
import json
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import xlrd

from xlplan.errors import FileError
from xlplan.sources import read, sniff, tables
from xlplan.sources.extract import Extract
from xlplan.sources.readers import unpack
from xlplan.sources.readers.containers import Container

EXPORTS = Path(__file__).parent.parent / "exports"
ROWS = "日期,支付金额\n2026-09-01,5\n"


def export(pattern: str) -> Path:
    return next(path for path in EXPORTS.glob(pattern) if not path.name.endswith(".expected.csv"))


def code_of(path: Path) -> str:
    with pytest.raises(FileError) as caught:
        tables(path)
    assert caught.value.remedy
    assert path.name in caught.value.message or caught.value.where.file == path.name
    return caught.value.code


@pytest.mark.parametrize(
    ("pattern", "container", "encoding"),
    [
        ("tmall/*商品_全部*", Container.BIFF, ""),
        ("pdd/*客服*", Container.BIFF, ""),
        ("tmall/*店铺销售数据*", Container.OOXML, ""),
        ("tmall/账务*", Container.ZIP, ""),
        ("other/html*", Container.HTML, "gb18030"),
        ("tmall/*直通车*", Container.XML, "utf-8"),
        ("other/utf16*", Container.TEXT, "utf-16"),
        ("other/gbk*", Container.TEXT, "gb18030"),
        ("other/english*", Container.TEXT, "utf-8"),
        ("tmall/*退款*", Container.TEXT, "gb18030"),
        ("jd/*sku*", Container.TEXT, "utf-8-sig"),
    ],
)
def test_a_file_is_what_its_bytes_say(pattern, container, encoding):
    found = sniff(export(pattern))
    assert (found.container, found.encoding) == (container, encoding)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_text_is_read_in_any_common_encoding_and_delimiter(tmp_path, encoding, mark):
    file = tmp_path / "示例店.xls"
    file.write_bytes(ROWS.replace(",", mark).encode(encoding))
    assert read(file).frame["gmv"].tolist() == [5]


def test_half_an_emoji_in_a_nickname_does_not_cost_the_file(tmp_path):
    head = "日期,支付金额,备注\n2026-09-01,5,好".encode("gbk") + b"\xe3,\n"
    more = "".join(f"2026-09-{day:02d},{day},好\n" for day in range(2, 29)).encode("gbk")
    file = tmp_path / "示例店.csv"
    file.write_bytes(head + more)
    extract = read(file)
    assert len(extract.frame) == 28
    assert "broken_text" in {problem.rule for problem in extract.problems}
    file.write_bytes(head.replace(b",5,", b",5\xff,") + more)
    extract = read(file)
    assert len(extract.frame) == 27
    assert "not_a_number" in {problem.rule for problem in extract.problems}


@pytest.mark.parametrize("at", [26, 28, 45, -10, -30])
def test_a_damaged_zip_is_refused_whatever_its_reader_raises(tmp_path, at):
    data = bytearray(export("tmall/账务*").read_bytes())
    data[at] ^= 0xFF
    file = tmp_path / "a.zip"
    file.write_bytes(bytes(data))
    assert outcome(file) in ("damaged", "read", "password", "unknown", "too_big", "encoding")


def test_cells_keep_their_commas_quotes_and_line_breaks(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text('名称,备注\n"a,b","他说""好""\n第二行"\n', "utf-8")
    assert tables(file)[0].rows[1] == ["a,b", '他说"好"\n第二行']


def test_merged_cells_of_html_keep_the_columns_in_place(tmp_path):
    file = tmp_path / "a.xls"
    file.write_text(
        "<table><tr><td colspan=2>题</td><td>c</td></tr><tr><td>1<td>2<td>3&nbsp;</tr></table>",
        "utf-8",
    )
    assert [list(row) for row in tables(file)[0].rows] == [
        ["题", None, "c"],
        ["1", "2", "3\u00a0"],
    ]


def test_skipped_cells_of_xml_keep_the_columns_in_place(tmp_path):
    file = tmp_path / "a.xls"
    file.write_text(
        '<?xml version="1.0"?><Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        '<Worksheet ss:Name="甲"><Table><Row ss:Index="2"><Cell ss:Index="3"><Data ss:Type="Number">5</Data></Cell>'
        "<Cell/></Row></Table></Worksheet></Workbook>",
        "utf-8",
    )
    (table,) = tables(file)
    assert (table.sheet, [list(row) for row in table.rows]) == ("甲", [[], [None, None, "5", ""]])


def test_ods_is_read_in_the_child(tmp_path):
    cell = '<table:table-cell office:value-type="{}" {}><text:p>{}</text:p></table:table-cell>'
    text = "".join(cell.format("string", "", name) for name in ("日期", "支付金额"))
    day = cell.format("date", 'office:date-value="2026-09-01"', "") + cell.format(
        "float", 'office:value="5.5"', "5.5"
    )
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="日报"><table:table-row>{text}</table:table-row>'
        f"<table:table-row>{day}</table:table-row></table:table></office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    file = tmp_path / "示例店.ods"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    assert sniff(file).container is Container.ODS
    assert read(file).frame["gmv"].tolist() == [5.5]


def test_error_cells_and_dates_of_xls_stay_what_they_are():
    child = load_child()
    cells = [(xlrd.XL_CELL_ERROR, 7), (xlrd.XL_CELL_DATE, 46266.0), (xlrd.XL_CELL_BOOLEAN, 1),
             (xlrd.XL_CELL_BLANK, ""), (xlrd.XL_CELL_NUMBER, 2.5), (xlrd.XL_CELL_DATE, -1.0)]  # fmt: skip
    read_cells = [child._xls_cell(xlrd.sheet.Cell(*cell), 0) for cell in cells]
    assert read_cells == ["#DIV/0!", "2026-09-01 00:00:00", True, None, 2.5, -1.0]


def test_zip_names_without_the_utf8_flag_are_chinese(tmp_path):
    file = tmp_path / "a.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xxxx.csv", ROWS)
    whole = file.read_bytes()
    for name in ("店铺".encode("gbk"), "店x".encode()):  # macOS and Info-ZIP: UTF-8, unsaid
        file.write_bytes(whole.replace(b"xxxx", name))
        assert tables(file)[0].file in ("a.zip/店铺.csv", "a.zip/店x.csv")


def write_zip(file: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file


def test_a_zip_never_writes_files_and_leaves_strangers_alone(tmp_path):
    members = {"../../evil.csv": ROWS.encode(), "说明.pdf": b"%PDF", "__MACOSX/._a.csv": b"\0"}
    file = write_zip(tmp_path / "a.zip", members)
    before = sorted(tmp_path.parent.rglob("*"))
    assert [table.file for table in tables(file)] == ["a.zip/evil.csv"]
    assert sorted(tmp_path.parent.rglob("*")) == before


def test_bombs_and_oversized_files_are_refused_by_what_comes_out(tmp_path, monkeypatch):
    monkeypatch.setattr(unpack, "MAX_BYTES", 1 << 20)
    bomb = write_zip(tmp_path / "bomb.zip", {"a.csv": b"1,2\n" * (1 << 19)})
    assert code_of(bomb) == "too_big"
    many = write_zip(
        tmp_path / "many.zip", {f"{i}.csv": b"1" for i in range(unpack.MAX_MEMBERS + 1)}
    )
    assert code_of(many) == "too_big"
    deep = tmp_path / "deep.zip"
    inner = write_zip(tmp_path / "i.zip", {"a.csv": ROWS.encode()}).read_bytes()
    middle = write_zip(tmp_path / "m.zip", {"i.zip": inner}).read_bytes()
    assert code_of(write_zip(deep, {"m.zip": middle})) == "too_big"


def test_encrypted_files_say_password(tmp_path):
    plain = write_zip(tmp_path / "a.zip", {"a.csv": ROWS.encode()}).read_bytes()
    locked = bytearray(plain)
    locked[6] |= 1
    locked[plain.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(bytes(locked))
    assert code_of(tmp_path / "locked.zip") == "password"
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le")
    (tmp_path / "b.xlsx").write_bytes(ole)
    assert code_of(tmp_path / "b.xlsx") == "password"


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("空.csv", b"", "empty"),
        ("零.xlsx", bytes(4096), "empty"),
        ("空.xls", b"\xef\xbb\xbf \r\n", "empty"),
        ("~$日报.xlsx", b"\x02ab" + bytes(162), "leftover"),
        ("图.xls", b"\x89PNG\r\n\x1a\n\x01\x02\x03\x04\x05\x06\x0e\x0f\x10\x11\x12" + bytes(range(1, 9)), "unknown"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "unknown"),
        ("坏.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le") * 60, "damaged"),
        ("坏.xlsx", b"PK\x03\x04" + b"x" * 300, "damaged"),
        ("乱.csv", b"\xff\xff\x80\x80\xfe" * 50, "encoding"),
        ("网页.xls", b"<html><body>please log in</body></html>", "damaged"),
    ],
)  # fmt: skip
def test_files_that_are_no_tables_are_refused_by_name(tmp_path, name, data, code):
    file = tmp_path / name
    file.write_bytes(data)
    assert code_of(file) == code


def test_a_missing_file_says_so(tmp_path):
    assert code_of(tmp_path / "没有.csv") == "missing"


def test_a_reader_that_hangs_eats_memory_or_dies_takes_nobody_with_it(tmp_path, monkeypatch):
    file = export("pdd/*客服*")
    script = tmp_path / "child.py"
    monkeypatch.setattr(unpack, "_CHILD", script)
    monkeypatch.setattr(unpack, "_CHILD_SECONDS", 0.2)
    for code in (
        "import time; time.sleep(30)",
        "import os; os.abort()",
        "import sys; sys.exit(3)",
    ):
        script.write_text(code, "utf-8")
        assert code_of(file) == "too_big"
    script.write_text("import sys; sys.exit(5)", "utf-8")
    assert code_of(file) == "damaged"


def load_child():
    spec = importlib.util.spec_from_file_location("child", unpack._CHILD)
    child = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(child)
    return child


def test_the_child_keeps_its_own_memory_limit():
    pytest.importorskip("resource")
    code = f"exec(open({str(unpack._CHILD)!r}).read().split('if __name__')[0]); limit(5, 1 << 28); bytearray(1 << 29)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert "MemoryError" in done.stderr


def test_too_many_cells_are_refused(monkeypatch):
    monkeypatch.setattr(unpack, "MAX_CELLS", 10)
    assert code_of(export("pdd/*客服*")) == "too_big"


def test_a_broken_xls_is_read_or_refused_and_nothing_else(tmp_path):
    good = export("pdd/*客服*").read_bytes()
    chance = random.Random(7)
    file = tmp_path / "示例店.xls"
    for _ in range(12):
        bad = bytearray(good)
        for _ in range(6):
            bad[chance.randrange(512, len(bad))] = chance.randrange(256)
        file.write_bytes(bytes(bad))
        assert outcome(file) in ("read", "damaged", "too_big", "password", "unknown")


def outcome(file: Path) -> str:
    try:
        return "read" if isinstance(read(file), Extract) else "?"
    except FileError as error:
        return error.code


def test_formulas_nobody_calculated_are_listed_and_not_taken_for_blank(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    for row in (["日期", "支付金额", "访客数"], ["2026-09-01", "=1+1", 5]):
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    file = tmp_path / "示例店.xlsx"
    file.write_bytes(data.getvalue())
    extract = read(file)
    assert extract.frame.columns.tolist() == ["uv"]
    assert "公式" in extract.problems[0].what


def test_the_child_prints_plain_json():
    done = unpack._from_json(
        "a", json.dumps({"date1904": True, "sheets": [{"name": "s", "rows": [[1]]}]}).encode()
    )
    assert (done[0].date1904, done[0].rows) == (True, [[1]])


@pytest.mark.parametrize(
    "start", [b"%PDF-1.7\n1 0 obj\n", b"\x89PNG\r\n", b"Rar!\x1a\x07", b"{\\rtf1 "]
)
def test_papers_pictures_and_other_archives_are_no_tables_whatever_their_name(tmp_path, start):
    file = tmp_path / "报表.xls"
    file.write_bytes(start + b"1,2,3\n" * 9)
    assert code_of(file) == "unknown"
