from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading

import openpyxl
import pandas as pd
import pytest
import xlwings as xw

from xlplan import libreoffice
from xlplan.errors import PlanError
from xlplan.libreoffice.office import OfficeError

pytestmark = pytest.mark.libreoffice

ROWS = [
    ["日期", "店铺", "销售额", "达标"],
    [dt.datetime(2026, 11, 10), "旗舰店", 1234.5, True],
    [dt.datetime(2026, 11, 11, 20, 30), "专营店", -0.01, False],
    [None, "0012 号", 3.0, None],
]


def test_installing_makes_it_the_active_engine(app):
    assert xw.engines.active.name == "libreoffice"
    assert app.engine.name == "libreoffice"
    assert libreoffice.install() is xw.engines["libreoffice"]


def test_mixed_values_come_back_equal(sheet):
    sheet["B2"].value = ROWS
    assert sheet["B2"].expand().value == ROWS[:3]
    assert sheet["B2:E5"].value == ROWS
    assert sheet["D3:D4"].options(numbers=int).value == [1234, 0]


def test_a_frame_comes_back_equal(sheet):
    frame = pd.DataFrame(
        {
            "uv": [1.0, 2.5],
            "店铺": ["甲", "乙"],
            "日期": pd.to_datetime(["2026-01-01", "2026-01-02"]),
        }
    )
    sheet["A1"].options(index=False).value = frame
    back = sheet["A1"].options(pd.DataFrame, expand="table", index=False).value
    pd.testing.assert_frame_equal(back, frame, check_dtype=False)


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NaT, pd.NA])
def test_missing_values_are_blank_cells_not_errors(sheet, missing):
    sheet["A1"].value = [[missing, 1]]
    assert sheet["A1:B1"].options(err_to_str=True).value == [None, 1.0]


def test_a_single_value_fills_the_range(sheet):
    sheet["A1:B2"].value = "x"
    sheet["C1:C2"].value = dt.datetime(2026, 1, 1)
    assert sheet["A1:C2"].value == [["x", "x", dt.datetime(2026, 1, 1)]] * 2


def test_formulas_keep_excels_grammar(sheet):
    for text in (
        "=SUM(A1:A3,1)",
        "=IF(A1>0,1/0,NA())",
        "=INDEX({1,2;3,4},2,1)",
        "=SUMPRODUCT((A1:A3>1)*1)",
        '=IFERROR(VLOOKUP("甲",$A$1:$B$3,2,FALSE),0)',
        '=MAXIFS(A1:A3,B1:B3,">1")',
        "=CONCAT(A1,B1)",
    ):
        sheet["D1"].formula = text
        assert sheet["D1"].formula == text


def test_formulas_compute_and_fail_as_in_excel(sheet):
    sheet["A1"].value = [["甲", 2], ["乙", 3]]
    sheet["C1:C2"].formula = "=B1*$B$2"
    sheet["D1"].value = [["=1/0", "=NA()", "=NOSUCH(1)", '=VALUE("x")', "=A1&B1"]]
    assert sheet["C1:C2"].value == [6.0, 9.0]
    assert sheet["C2"].formula == "=B2*$B$2"
    errors = ["#DIV/0!", "#N/A", "#NAME?", "#VALUE!", "甲2"]
    assert sheet["D1:H1"].options(err_to_str=True).value == errors
    assert sheet["D1:H1"].value == [None, None, None, None, "甲2"]


def test_a_hidden_column_is_filled_too(app, tmp_path):
    path, made = tmp_path / "藏列.xlsx", openpyxl.Workbook()
    made.active.column_dimensions["B"].hidden = True
    for n in range(1, 21):
        made.active.cell(n, 1).value = n
    made.save(path)
    book = app.books.open(str(path))
    try:
        sheet = book.sheets[0]
        sheet["B1:B20"].formula = [[f"=A{n}*2"] for n in range(1, 21)]
        assert sheet["B1:B20"].value == [2.0 * n for n in range(1, 21)]
    finally:
        book.close()


def test_a_long_column_is_filled_with_one_formula_and_keeps_its_formats(sheet):
    sheet["A1:A500"].value = [[n] for n in range(500)]
    sheet["B1:B250"].number_format = "0.00"
    sheet["B1:B500"].formula = "=A1*2"
    assert sheet["B500"].formula == "=A500*2"
    assert sheet["B1:B500"].value == [n * 2.0 for n in range(500)]
    assert (sheet["B250"].number_format, sheet["B251"].number_format) == ("0.00", "General")


def test_a_block_of_formulas_reads_back_as_written(sheet):
    rows = [[f"=A{n}*2", f"=$A$1+B{n}", "x" if n == 5 else f'=A{n}&"A1"'] for n in range(1, 41)]
    sheet["A1"].value = [[n] for n in range(1, 41)]
    sheet["B1:D40"].formula = rows
    assert [list(row) for row in sheet["B1:D40"].formula] == rows
    assert sheet["B40:D40"].value == [80.0, 81.0, "40A1"]


def test_rounding_and_text_are_those_of_a_chinese_excel(sheet):
    sheet["A1"].value = [["=ROUND(1.005,2)", '=TEXT(DATE(2026,11,11),"aaaa")', "=1.1*1.1=1.21"]]
    assert sheet["A1:B1"].value == [1.01, "星期三"]


def test_structured_references_compute_and_read_back(sheet):
    sheet["A1"].value = [["品", "额", "倍"], ["a", 2, None], ["b", 3, None]]
    sheet.tables.add(sheet["A1:C3"], name="订单")
    sheet["C2:C3"].formula = "=[@额]*2"
    sheet["E1"].formula = "=SUM(订单[额],1)"
    assert sheet["C2:C3"].value == [4.0, 6.0]
    assert sheet["E1"].value == 6.0
    assert sheet["E1"].formula == "=SUM(订单[额],1)"
    assert sheet["C3"].formula == "=订单[[#This Row],[额]]*2"


def test_tables_know_their_parts(sheet):
    sheet["B2"].value = [["品", "额"], ["a", 2], ["b", 3]]
    table = sheet.tables.add(sheet["B2"].expand(), name="订单")
    assert table.header_row_range.value == ["品", "额"]
    assert table.data_body_range.address == "$B$3:$C$4"
    assert sheet["订单"].address == "$B$3:$C$4"
    table.rows.add(["c", 5])
    table.show_totals = True
    assert table.totals_row_range.value == ["Total", 10.0]
    table.columns.add("利", index=2)
    assert [column.name for column in table.columns] == ["品", "利", "额"]
    table.columns["利"].delete()
    table.rows[0].delete()
    table.show_totals = False
    assert table.range.value == [["品", "额"], ["b", 3.0], ["c", 5.0]]


def test_names_of_book_and_sheet(book, sheet):
    sheet.name = "年度 目标"
    sheet["A1:A2"].value = [[1], [2]]
    book.names.add("目标", "='年度 目标'!$A$1:$A$2")
    sheet.names.add("本表", "='年度 目标'!$A$2")
    assert sheet["目标"].value == [1.0, 2.0]
    assert book.names["目标"].refers_to_range.address == "$A$1:$A$2"
    assert [name.name for name in sheet.names] == ["'年度 目标'!本表"]
    assert "没有" not in book.names
    book.names["目标"].delete()
    with pytest.raises(KeyError):
        sheet["目标"]


def test_looks_are_kept_and_mixed_ones_are_none(sheet):
    cells = sheet["A1:B2"]
    cells.color = "#FFC800"
    cells.font.bold, cells.font.size, cells.font.color = True, 14, (10, 20, 30)
    cells.number_format = '#,##0.00"元"'
    cells.horizontal_alignment = "center"
    cells.wrap_text = True
    assert sheet["B2"].color == (255, 200, 0)
    assert (cells.font.bold, cells.font.size, cells.font.color) == (True, 14.0, (10, 20, 30))
    assert cells.number_format == '#,##0.00"元"'
    assert (cells.horizontal_alignment, cells.wrap_text) == ("center", True)
    sheet["A1"].number_format = "yyyy-mm-dd"
    assert sheet["A1"].number_format == "yyyy-mm-dd"
    assert cells.number_format is None
    cells.clear_formats()
    assert (cells.color, cells.number_format) == (None, "General")


def test_widths_heights_and_hiding(sheet):
    sheet["A:B"].column_width = 20
    sheet["1:3"].row_height = 30
    sheet["B:B"].columns.hidden = True
    assert (sheet["A1"].column_width, sheet["A2"].row_height) == (20.0, 30.0)
    assert sheet["A1:B1"].columns.hidden is None
    assert sheet["A1"].width > sheet["D1"].width


def test_inserting_and_deleting_move_what_formulas_mean(sheet):
    sheet["A1"].value = [[1], [2], ["=A1+A2"]]
    sheet["1:1"].insert("down")
    assert sheet["A4"].formula == "=A2+A3"
    sheet["A1"].delete("up")
    assert sheet["A3"].formula == "=A1+A2"
    assert sheet["A3"].value == 3.0


def test_copying_between_sheets_and_books(app, book, sheet):
    sheet["A1"].value = [["x", 1]]
    sheet["A1:B1"].color = (1, 2, 3)
    other = book.sheets.add("第二", after=sheet)
    sheet["A1:B1"].copy(other["C3"])
    assert (other["C3:D3"].value, other["C3"].color) == (["x", 1.0], (1, 2, 3))
    target = app.books.add()
    assert sheet.copy(after=target.sheets[-1], name="带来的").name == "带来的"
    assert target.sheets["带来的"]["A1"].value == "x"
    target.close()


def test_notes_links_freezing_merging_and_print_areas(sheet):
    sheet["B2"].add_note("看这里")
    assert [note.text for note in sheet.notes] == ["看这里"]
    sheet["B2"].note.delete()
    assert sheet["B2"].note is None
    sheet["C1"].add_hyperlink("https://example.com/", "去")
    assert (sheet["C1"].value, sheet["C1"].hyperlink) == ("去", "https://example.com/")
    sheet.freeze_panes.freeze_at("A1:B2")
    sheet["A5:B6"].merge()
    assert sheet["B6"].merge_area.address == "$A$5:$B$6"
    sheet.page_setup.print_area = "A1:C9"
    assert sheet.page_setup.print_area == "$A$1:$C$9"


def test_used_range_end_and_region(sheet):
    sheet["B2"].value = [[1, 2], [3, 4], [5, None]]
    assert sheet.used_range.address == "$B$2:$C$4"
    assert sheet["B2"].end("down").address == "$B$4"
    assert sheet["B1"].end("down").address == "$B$2"
    assert sheet["C4"].end("up").address == "$C$3"
    assert sheet["B3"].current_region.address == "$B$2:$C$4"


def test_manual_calculation_waits_for_calculate(app, sheet):
    sheet["A1"].value = [[1, "=A1*2"]]
    app.calculation = "manual"
    try:
        sheet["A1"].value = 5
        assert sheet["B1"].value == 2.0
        app.calculate()
        assert sheet["B1"].value == 10.0
    finally:
        app.calculation = "automatic"


def test_texts_of_numbers_stay_texts_in_text_cells(sheet):
    sheet["A1:A2"].number_format = "@"
    sheet["A1"].value = [["0012"], ["12"]]
    sheet["B1"].value = "12"
    assert sheet["A1:A2"].value == ["0012", "12"]
    assert sheet["B1"].value == 12.0


def test_a_pdf_of_chosen_sheets(book, sheet, tmp_path):
    sheet["A1"].value = "一"
    book.sheets.add("第二")["A1"].value = "二"
    path = tmp_path / "out.pdf"
    book.to_pdf(path, include=["第二"])
    assert path.read_bytes().startswith(b"%PDF")
    assert all(each.visible for each in book.sheets)


def test_vba_runs_only_when_allowed(book, sheet):
    source = (
        "Option VBASupport 1\n"
        'Function Twice(x)\n  Range("A1").Value = x\n  Twice = x * 2\nEnd Function\n'
    )
    book.impl.call("macro_source", book.impl.number, "Module1", source)
    with pytest.raises(OfficeError, match="没有允许运行宏"):
        book.macro("Module1.Twice")(21)
    libreoffice.install(macros=True)
    try:
        assert book.macro("Module1.Twice")(21) == 42
        assert book.macro("Twice")(4) == 8
        assert sheet["A1"].value == 4.0
        with pytest.raises(KeyError):
            book.macro("Nothing")()
    finally:
        libreoffice.install()


def test_a_macros_run_python_comes_back_here_with_its_book(book, sheet):
    source = 'Sub Go(command)\n  Range("B1").Value = RunPython(command)\nEnd Sub\n'
    stub = "Public Function RunPython(command)\nEnd Function\n"
    call, number = book.impl.call, book.impl.number
    call("macro_source", number, "xlwings", "Option VBASupport 1\n" + stub)
    call("macro_source", number, "Module1", "Option VBASupport 1\n" + source)
    assert call("macro_prepare", number) == ["xlwings"]
    libreoffice.install(macros=True)
    try:
        book.macro("Module1.Go")("import xlwings; xlwings.Book.caller().sheets[0]['A1'].value = 7")
        assert sheet["A1:B1"].value == [7.0, 0.0]
        book.macro("Module1.Go")("1/0")
        assert sheet["B1"].value == -1.0
        assert isinstance(book.app.impl.last_error, ZeroDivisionError)
    finally:
        libreoffice.install()
    assert not hasattr(xw.Book, "_mock_caller")


def test_what_it_cannot_do_says_so(sheet):
    with pytest.raises(NotImplementedError):
        sheet["A1"].api.Interior  # noqa: B018
    with pytest.raises(NotImplementedError):
        sheet["A1"].comment  # noqa: B018
    with pytest.raises(NotImplementedError, match="unencrypted"):
        sheet.book.save("x.xlsx", password="secret")  # noqa: S106


def write_on(sheet):
    """Write until something gives."""
    for number in range(100_000):
        sheet["A1"].value = [[number] * 50] * 50


def test_a_killed_office_loses_no_file_and_the_next_book_works(tmp_path):
    path = tmp_path / "计划.xlsx"
    libreoffice.install()
    with xw.App(visible=False, add_book=False) as doomed:
        made = doomed.books.add()
        sheet = made.sheets[0]
        sheet["A1"].value = 1
        made.save(path)
        before = path.read_bytes()
        threading.Timer(0.1, os.kill, (doomed.pid, signal.SIGKILL)).start()
        with pytest.raises(PlanError, match="LibreOffice 已意外退出") as caught:
            write_on(sheet)
        assert "原文件没有改动" in caught.value.remedy
        with pytest.raises(PlanError, match="意外退出"):
            made.save()
        assert path.read_bytes() == before
        assert len(doomed.books) == 0
        again = doomed.books.open(path)
        assert again.sheets[0]["A1"].value == 1.0
        with pytest.raises(PlanError, match="意外退出"):
            sheet["A1"].value = 5  # a sheet of the dead office, not of the new one
        again.sheets[0]["A1"].value = 4
        again.save()
    assert openpyxl.load_workbook(path).active["A1"].value == 4


def test_caller_is_the_mocked_book(book):
    book.set_mock_caller()
    try:
        assert xw.Book.caller() == book
    finally:
        del xw.Book._mock_caller


def test_the_engine_is_not_loaded_before_it_is_installed():
    code = "import sys, xlplan.libreoffice; print('xlwings' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
