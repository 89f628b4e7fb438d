"""What people do to a book: a clear message or no harm, and the file untouched either way."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from xlplan.actions.plan.check import check
from xlplan.actions.plan.fill import fill
from xlplan.actions.plan.newbook import Typed, new_from
from xlplan.addin import cfb
from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.errors import FileError, InputError, PlanError, StructureError
from xlplan.sheets.state.read import read_state

LIST = "xl/workbook.xml"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    path = tmp_path_factory.mktemp("bad") / "计划.xlsx"
    figures = {"gmv": "906万", "cvr": "5.5%", "aov": "100", "roi": "3.2", "spend": "100万"}
    new_from(path, Typed(2026, None, ["旗舰店"], figures))
    return path.read_bytes()


@pytest.fixture
def book(fresh, tmp_path):
    path = tmp_path / "计划.xlsx"
    path.write_bytes(fresh)
    return path


def edit(path, change):
    """Change a book as a spreadsheet program would (formulas kept, cached values lost)."""
    workbook = openpyxl.load_workbook(path)
    change(workbook)
    workbook.save(path)


def refused(path, kind):
    before = path.read_bytes()
    with pytest.raises(kind) as caught:
        fill(FileBook(path))
    assert path.read_bytes() == before
    return str(caught.value)


def spot_of(path, sheet, row_key, column_key):
    cells = FileBook(path).read(sheet)
    row = next(spot[0] for spot, seen in cells.items() if seen.value == row_key)
    column = next(spot[1] for spot, seen in cells.items() if seen.value == column_key)
    return row, column


def put(path, sheet, spot, value):
    book = FileBook(path)
    book.write({sheet: {spot: Cell(value)}})
    book.save()


def list_otherwise(path, pattern, new):
    """Change the list of sheets."""
    with zipfile.ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    members[LIST], count = re.subn(pattern.encode(), new.encode(), members[LIST])
    assert count == 1
    with zipfile.ZipFile(path, "w") as again:
        for name, data in members.items():
            again.writestr(name, data)


def test_a_renamed_sheet_is_named(book):
    list_otherwise(book, '<sheet name="9月"', '<sheet name="九月"')
    message = refused(book, StructureError)
    assert "9月" in message
    assert "改回" in message


def test_a_deleted_sheet_is_named(book):
    list_otherwise(book, '<sheet name="日历"[^>]*>', "")
    assert "日历" in refused(book, StructureError)


def test_a_deleted_key_row_is_named_by_its_label(book):
    row, _ = spot_of(book, "年度目标", "t:旗舰店|cvr", "value")
    gone = {spot: Cell(None) for spot in FileBook(book).read("年度目标") if spot[0] == row}
    changed = FileBook(book)
    changed.write({"年度目标": gone})
    changed.save()
    message = refused(book, StructureError)
    assert "转化率" in message
    assert "备份" in message


@pytest.mark.filterwarnings("ignore")
def test_a_copied_row_is_named_with_both_places(book):
    row, key = spot_of(book, "年度目标", "t:旗舰店|uv", "xlplan:key")
    put(book, "年度目标", (row + 40, key), "t:旗舰店|uv")
    assert "两处相同" in refused(book, StructureError)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("五百万", "不是可识别的数"),
        ("#DIV/0!", "错误值"),
        ("1,2 34", "不是可识别的数"),
        ("-5", "负数"),
    ],
)
def test_text_in_a_number_cell_is_located(book, typed, why):
    spot = spot_of(book, "年度目标", "t:旗舰店|gmv", "value")
    put(book, "年度目标", spot, typed)
    message = refused(book, InputError)
    assert why in message
    assert f"年度目标!{openpyxl.utils.get_column_letter(spot[1])}{spot[0]}" in message


@pytest.mark.parametrize(
    ("typed", "total"), [("５００万", 5e6), ("1.2亿", 1.2e8), ("¥1,234,567.89", 1234567.89)]
)
def test_written_magnitudes_are_understood(book, typed, total):
    put(book, "年度目标", spot_of(book, "年度目标", "t:旗舰店|gmv", "value"), typed)
    (said,) = [c for c in read_state(FileBook(book)).claims if c.metric == "gmv"]
    assert said.value == pytest.approx(total, abs=0.001)


def test_a_percentage_without_its_sign_is_asked_about_not_divided(book):
    put(book, "年度目标", spot_of(book, "年度目标", "t:旗舰店|cvr", "value"), 5.5)
    message = refused(book, InputError)
    assert "550%" in message
    assert "5.5%" in message


def test_either_way_round_of_roi_is_understood(book):
    put(book, "年度目标", spot_of(book, "年度目标", "t:旗舰店|roi", "value"), "1:2.5")
    fill(FileBook(book))
    plan = read_state(FileBook(book)).state.year.plan
    spend = plan[[name for name in plan if name.startswith("spend_")]].sum().sum()
    assert plan["gmv_paid"].sum() / spend == pytest.approx(2.5, rel=1e-6)


def test_contradicting_targets_write_nothing_and_say_what_would_agree(book):
    put(book, "年度目标", spot_of(book, "年度目标", "t:旗舰店|uv", "value"), 300e4)
    message = refused(book, InputError)
    assert "要一致" in message


@pytest.mark.filterwarnings("ignore")
def test_inserted_rows_and_columns_do_no_harm(book):
    """Excel shifts formulas with the rows; here the derived cells are written anew where they now are."""
    plan = read_state(FileBook(book)).state.year.plan

    def shift(workbook):
        for page in map(workbook.__getitem__, ("9月", "年度目标", "年度规划", "日报", "日历")):
            for area in list(page.merged_cells.ranges):
                page.unmerge_cells(str(area))
            page.insert_rows(1)
            page.insert_cols(1)

    edit(book, shift)
    outcome = fill(FileBook(book))
    assert outcome.changed > 0
    read = read_state(FileBook(book))
    assert read.state.year.plan.equals(plan)
    assert fill(FileBook(book)).changed == 0
    problems = [p for p in check(FileBook(book)).problems if p.rule == "核对"]
    assert problems == []


def test_an_overwritten_formula_is_reported_and_restored(book):
    spot = spot_of(book, "9月", "gmv_target", "d:2026-09-09")
    put(book, "9月", spot, 50000)
    found = [p for p in check(FileBook(book)).problems if p.rule == "核对"]
    assert [problem.where.sheet for problem in found] == ["9月"]
    assert "50000" in found[0].what
    assert fill(FileBook(book)).changed == 1
    assert FileBook(book).read("9月")[spot].formula


def test_a_date_typed_twice_in_the_daily_sheet_is_named(book):
    cells = FileBook(book).read("日报")
    row = next(spot[0] for spot, seen in cells.items() if seen.value == "旗舰店")
    put(book, "日报", (row + 1, 1), cells[row, 1].value)
    problems = read_state(FileBook(book)).problems
    assert any("有两行" in problem.what for problem in problems)


def test_a_date_of_another_year_is_named(book):
    cells = FileBook(book).read("日报")
    row = next(spot[0] for spot, seen in cells.items() if seen.value == "旗舰店")
    put(book, "日报", (row, 1), "2025-01-01")
    problems = read_state(FileBook(book)).problems
    assert any("不在 2026 年" in problem.what for problem in problems)


def broken(tmp_path, data, name="坏.xlsx"):
    path = tmp_path / name
    path.write_bytes(data)
    return path


def test_a_corrupt_zip_is_damaged(fresh, tmp_path):
    path = broken(tmp_path, fresh[: len(fresh) // 2])
    with pytest.raises(FileError) as caught:
        FileBook(path)
    assert caught.value.code == "damaged"


def test_a_password_protected_file_says_so(tmp_path):
    """Excel puts an encrypted package and how to open it into a compound file."""
    streams = {"EncryptionInfo": b"\4\0\4\0@\0\0\0", "EncryptedPackage": bytes(range(256)) * 40}
    path = broken(tmp_path, cfb.write_streams(streams, {}))
    before = path.read_bytes()
    with pytest.raises(FileError, match="密码") as caught:
        FileBook(path)
    assert caught.value.code == "password"
    assert "另存" in caught.value.remedy
    assert path.read_bytes() == before


def test_an_xls_renamed_xlsx_says_so(tmp_path):
    """The customer-service export of 拼多多 is a BIFF workbook called .xlsx."""
    (real,) = (Path(__file__).parent.parent / "exports" / "pdd").glob("*客服_销售数据.xlsx")
    path = broken(tmp_path, real.read_bytes())
    with pytest.raises(FileError, match="旧版") as caught:
        FileBook(path)
    assert caught.value.code == "old_xls"
    assert "另存为" in caught.value.remedy
    assert path.read_bytes() == real.read_bytes()


def test_a_workbook_that_is_no_plan_book_says_so(tmp_path):
    path = tmp_path / "别的.xlsx"
    openpyxl.Workbook().save(path)
    with pytest.raises(StructureError, match="不是 xlplan 的计划表"):
        fill(FileBook(path))


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX file rights")
def test_a_read_only_file_is_left_alone(book):
    spot = spot_of(book, "年度目标", "t:旗舰店|gmv", "value")
    put(book, "年度目标", spot, 8e6)
    before = book.read_bytes()
    book.chmod(0o444)
    if os.geteuid() == 0:
        pytest.skip("root may write everything; the ooxml tests inject the refusal")
    with pytest.raises(PlanError):
        fill(FileBook(book))
    assert book.read_bytes() == before


def test_a_book_that_excel_holds_open_is_refused(book):
    put(book, "年度目标", spot_of(book, "年度目标", "t:旗舰店|gmv", "value"), 8e6)
    lock = book.with_name(f"~${book.name}")
    name = "张三"
    lock.write_bytes(
        bytes([len(name)])
        + name.encode("gbk").ljust(54, b" ")
        + len(name).to_bytes(2, "little")
        + name.encode("utf-16-le").ljust(108, b" ")
    )
    before = book.read_bytes()
    with pytest.raises(FileError, match="张三") as caught:
        fill(FileBook(book))
    assert caught.value.code == "in_use"
    assert book.read_bytes() == before


def test_a_sheet_part_that_is_gone_is_damage_not_a_traceback(fresh, tmp_path):
    path = broken(tmp_path, fresh)
    with zipfile.ZipFile(path) as old:
        names = [name for name in old.namelist() if name != "xl/worksheets/sheet7.xml"]
        members = {name: old.read(name) for name in names}
    with zipfile.ZipFile(path, "w") as again:
        for name, data in members.items():
            again.writestr(name, data)
    with pytest.raises(PlanError):
        fill(FileBook(path))
