from __future__ import annotations

import datetime as dt
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwings

from xlplan import libreoffice
from xlplan.errors import FileError, StructureError
from xlplan.libreoffice.convert import recalculate
from xlplan.ooxml.reader import open_workbook

pytestmark = pytest.mark.libreoffice


@pytest.fixture
def plan(tmp_path):
    """A book with what LibreOffice's own writer damages: table style, chart, date formats."""
    path = tmp_path / "计划.xlsx"
    with xlsxwriter.Workbook(path) as made:
        day = made.add_format({"num_format": "yyyy-mm-dd"})
        sheet = made.add_worksheet("日报")
        sheet.add_table(
            0, 0, 3, 2,
            {"name": "日报表", "columns": [{"header": "日期"}, {"header": "额"}, {"header": "倍"}]},
        )  # fmt: skip
        for row in (1, 2, 3):
            sheet.write_datetime(row, 0, dt.datetime(2026, 11, row), day)
            sheet.write_number(row, 1, row * 10)
            sheet.write_formula(row, 2, f"=B{row + 1}*2", None, row * 20)
        sheet.write_formula("F1", "=SUM(日报表[额])", None, 60)
        sheet.write_formula("F2", '=IF(F1>100,"达标","")', None, "")
        sheet.write_formula("F3", "=_xlfn.XLOOKUP(1,B2:B4,C2:C4)", None, 99)
        sheet.write_blank("H1", None, day)
        sheet.write_blank("H2", None, made.add_format({"bold": True}))
        chart = made.add_chart({"type": "line"})
        chart.add_series({"values": "=日报!$B$2:$B$4"})
        sheet.insert_chart("H5", chart)
        made.add_worksheet("空")
    return path


@pytest.fixture
def opened(app, plan):
    made = app.books.open(plan)
    yield made
    made.close()


def parts(path):
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def changed(before, after):
    return {name for name in before | after if before.get(name) != after.get(name)}


def test_saving_changes_the_written_cells_and_nothing_else(opened, plan):
    before = parts(plan)
    sheet = opened.sheets["日报"]
    sheet["B2"].value = 500
    sheet["B6"].value = [["备注 <&>", True], ["=B2+1", None]]
    sheet["H1"].value = dt.datetime(2026, 12, 24)
    opened.save()
    after = parts(plan)
    assert changed(before, after) <= {
        "xl/worksheets/sheet1.xml",
        "xl/workbook.xml",
        "xl/calcChain.xml",
        "xl/_rels/workbook.xml.rels",
        "[Content_Types].xml",
    }
    cells = openpyxl.load_workbook(plan)["日报"]
    assert [cells[at].value for at in ("B2", "B6", "C6", "B7", "B3")] == [
        500, "备注 <&>", True, "=B2+1", 20,
    ]  # fmt: skip
    assert cells["H1"].value == dt.datetime(2026, 12, 24)
    assert cells.tables["日报表"].tableStyleInfo is not None


def test_formulas_are_saved_with_fresh_results(opened, plan):
    opened.sheets["日报"]["B2"].value = 500
    opened.save()
    cells = openpyxl.load_workbook(plan, data_only=True)["日报"]
    assert [cells[at].value for at in ("C2", "F1", "F2", "C3")] == [1000, 550, "达标", 40]


def test_results_libreoffice_cannot_compute_keep_excels(opened, plan):
    opened.sheets["日报"]["B2"].value = 500
    assert opened.sheets["日报"]["F3"].options(err_to_str=True).value == "#NAME?"
    opened.save()
    assert openpyxl.load_workbook(plan, data_only=True)["日报"]["F3"].value == 99


def test_newer_functions_are_stored_with_their_prefix(opened, plan):
    opened.sheets["日报"]["F5"].formula = '=TEXTJOIN("-",TRUE,B2:B4)'
    opened.save()
    cell = open_workbook(plan).sheet("日报").cells[(5, 6)]
    assert (cell.formula, cell.value) == ('_xlfn.TEXTJOIN("-",TRUE,B2:B4)', "10-20-30")


def test_cleared_cells_are_empty_in_the_file(opened, plan):
    opened.sheets["日报"]["A4:C4"].clear_contents()
    opened.save()
    sheet = open_workbook(plan).sheet("日报")
    assert [sheet.value(4, column) for column in (1, 2, 3)] == [None, None, None]
    assert sheet.value(1, 6) == 30.0


def test_a_second_save_builds_on_the_first(opened, plan):
    sheet = opened.sheets["日报"]
    sheet["B2"].value = 1
    opened.save()
    sheet["B3"].value = 2
    opened.save()
    cells = open_workbook(plan).sheet("日报")
    assert [cells.value(row, 2) for row in (2, 3, 4)] == [1.0, 2.0, 30.0]


def test_a_date_in_a_plain_cell_takes_the_books_date_format(opened, plan):
    opened.sheets["日报"]["D9"].value = dt.datetime(2026, 1, 1)
    opened.save()
    assert openpyxl.load_workbook(plan)["日报"]["D9"].value == dt.datetime(2026, 1, 1)


def test_a_date_no_format_of_the_book_fits_is_refused_with_its_cell(opened, plan):
    before = plan.read_bytes()
    opened.sheets["日报"]["H2"].value = dt.datetime(2026, 1, 1)
    with pytest.raises(StructureError, match="不是日期格式") as caught:
        opened.save()
    assert (caught.value.where.sheet, caught.value.where.cell) == ("日报", "H2")
    assert plan.read_bytes() == before


def test_what_cells_cannot_carry_is_refused_and_the_file_untouched(opened, plan):
    before = plan.read_bytes()
    opened.sheets["日报"]["B2"].color = (255, 0, 0)
    opened.sheets["日报"]["2:2"].insert("down")
    with pytest.raises(FileError, match="填充颜色、插入单元格") as caught:
        opened.save()
    assert caught.value.code == "beyond_cells"
    assert "另存" in caught.value.remedy
    assert plan.read_bytes() == before


def test_printing_hides_sheets_without_spoiling_the_next_save(opened, plan, tmp_path):
    opened.to_pdf(tmp_path / "one.pdf", include=["日报"])
    opened.sheets["日报"]["B2"].value = 7
    opened.save()
    assert open_workbook(plan).sheet("日报").value(2, 2) == 7.0


def test_a_file_changed_by_someone_else_is_not_overwritten(opened, plan):
    opened.sheets["日报"]["B2"].value = 7
    book = openpyxl.load_workbook(plan)
    book.save(plan)
    theirs = plan.read_bytes()
    with pytest.raises(FileError) as caught:
        opened.save()
    assert caught.value.code == "changed"
    assert plan.read_bytes() == theirs


def test_saving_under_another_name_leaves_the_original(opened, plan, tmp_path):
    before = plan.read_bytes()
    copy = tmp_path / "副本.xlsx"
    opened.sheets["日报"]["B2"].value = 7
    opened.save(copy)
    assert plan.read_bytes() == before
    assert (opened.name, open_workbook(copy).sheet("日报").value(2, 2)) == ("副本.xlsx", 7.0)
    assert changed(parts(plan), parts(copy)) <= {"xl/worksheets/sheet1.xml", "xl/workbook.xml"}


def test_macros_survive_because_they_are_never_written(app, tmp_path):
    path = tmp_path / "book.xlsm"
    shutil.copy(Path(xlwings.__file__).parent / "quickstart_standalone.xlsm", path)
    before = parts(path)
    made = app.books.open(path)
    made.sheets[0]["B3"].value = "写入"
    made.save()
    made.close()
    assert changed(before, parts(path)) <= {"xl/worksheets/sheet1.xml", "xl/workbook.xml"}
    assert open_workbook(path).sheet(open_workbook(path).sheets[0].name).value(3, 2) == "写入"


def test_a_new_book_is_written_whole(book, tmp_path, office):
    path = tmp_path / "新.xlsx"
    book.sheets[0]["A1"].value = [[1, dt.datetime(2026, 1, 1), "=A1*3"]]
    book.sheets[0]["A1"].color = (1, 2, 3)
    book.save(path)
    assert recalculate(path, office=office) == {
        "Sheet1": {(1, 1): 1.0, (1, 2): 46023.0, (1, 3): 3.0}
    }
    book.sheets[0]["A1"].value = 5
    book.save()
    assert openpyxl.load_workbook(path, data_only=True)["Sheet1"]["C1"].value == 15


def test_native_saving_is_possible_when_asked_for(app, plan):
    libreoffice.install(save="native")
    try:
        made = app.books.open(plan)
        made.sheets["日报"]["B2"].color = (255, 0, 0)
        made.save()
        made.close()
    finally:
        libreoffice.install()
    assert openpyxl.load_workbook(plan)["日报"]["B2"].fill.fgColor.rgb == "FFFF0000"


def test_an_unknown_ending_is_refused(book, tmp_path):
    with pytest.raises(NotImplementedError, match=r"\.xlsb"):
        book.save(tmp_path / "x.xlsb")
    assert list(tmp_path.iterdir()) == []
