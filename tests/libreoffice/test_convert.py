from __future__ import annotations

import datetime as dt
import re
import zlib

import openpyxl
import pytest

from xlplan.errors import FileError, StructureError
from xlplan.libreoffice.convert import recalculate, to_pdf

pytestmark = pytest.mark.libreoffice


@pytest.fixture
def book(tmp_path):
    made = openpyxl.Workbook()
    week = made.active
    week.title = "周表"
    week.append([2, "=A1*2", "=1/0", '=""', "=TRUE()", "中文", True, dt.date(2026, 11, 11)])
    week["A3"] = "=NA()"
    week["B3"] = "=NOSUCH(1)"
    made.create_sheet("第二")["A1"] = "='周表'!B1+1"
    path = tmp_path / "计划 1.xlsx"
    made.save(path)
    return path


def test_recalculating_gives_every_cell_with_its_kind(book, office):
    cells = recalculate(book, office=office)
    assert cells["第二"] == {(1, 1): 5.0}
    assert cells["周表"] == {
        (1, 1): 2.0,
        (1, 2): 4.0,
        (1, 3): "#DIV/0!",
        (1, 4): "",
        (1, 5): True,
        (1, 6): "中文",
        (1, 7): True,
        (1, 8): 46337.0,
        (3, 1): "#N/A",
        (3, 2): "#NAME?",
    }


def test_stale_cached_results_are_not_believed(tmp_path, office):
    xlsxwriter = pytest.importorskip("xlsxwriter")
    path = tmp_path / "stale.xlsx"
    with xlsxwriter.Workbook(path) as made:
        made.add_worksheet().write_formula(0, 0, "=40+2", value=7)
    assert recalculate(path, office=office) == {"Sheet1": {(1, 1): 42.0}}


def test_recalculating_does_not_touch_the_file(book, office):
    before = book.read_bytes()
    recalculate(book, office=office)
    assert book.read_bytes() == before
    assert [path.name for path in book.parent.iterdir()] == [book.name]


def pages(pdf):
    text = pdf.read_bytes()
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", text, re.DOTALL):
        try:
            text += zlib.decompress(stream)
        except zlib.error:
            continue
    return len(re.findall(rb"/Type\s*/Page\b", text))


def test_a_pdf_holds_every_sheet_or_the_chosen_ones(book, tmp_path, office):
    assert pages(to_pdf(book, tmp_path / "all", office=office)) == 2
    chosen = to_pdf(book, tmp_path / "one", sheets=["第二"], office=office)
    assert chosen == tmp_path / "one" / "计划 1.pdf"
    assert pages(chosen) == 1


def test_a_sheet_left_out_is_not_printed_for_its_print_area(tmp_path, office):
    made = openpyxl.Workbook()
    made.active["A1"], made.active.print_area = 1, "A1:B2"
    made.create_sheet("第二")["A1"] = 2
    made["第二"].print_area = "A1:B2"
    path = tmp_path / "计划.xlsx"
    made.save(path)
    assert pages(to_pdf(path, tmp_path / "one", sheets=["第二"], office=office)) == 1
    assert pages(to_pdf(path, tmp_path / "all", office=office)) == 2


def test_an_unknown_sheet_is_refused_by_name(book, tmp_path, office):
    with pytest.raises(StructureError, match="没有名为“第三”的工作表") as caught:
        to_pdf(book, tmp_path, sheets=["第三"], office=office)
    assert "周表、第二" in caught.value.remedy


def test_a_missing_file_is_refused_before_libreoffice_starts(tmp_path):
    with pytest.raises(FileError, match="找不到这个文件"):
        recalculate(tmp_path / "no.xlsx")


def test_a_file_that_is_no_workbook_is_refused_in_chinese(tmp_path, office):
    path = tmp_path / "坏.xlsx"
    path.write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(FileError, match="打不开") as caught:
        recalculate(path, office=office)
    assert caught.value.code == "unreadable"
    assert office.alive
