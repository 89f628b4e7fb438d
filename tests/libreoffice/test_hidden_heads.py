"""Tables whose header row is not shown: LibreOffice knows none, the engine keeps their names."""

from __future__ import annotations

import pytest
import xlsxwriter

pytestmark = pytest.mark.libreoffice


@pytest.fixture
def opened(tmp_path, app):
    """A file whose table starts without its header row; a text stands above where `taken`."""
    books = []

    def make(taken=""):
        path = tmp_path / "计划.xlsx"
        with xlsxwriter.Workbook(path) as made:
            sheet = made.add_worksheet("A")
            columns = [{"header": name} for name in ("店铺", "目标", "实际")]
            data = [["甲", 1, 10], ["乙", 2, 20]]
            sheet.add_table(
                "B5:D6", {"name": "明细", "header_row": False, "columns": columns, "data": data}
            )
            sheet.write("B4", taken)
            sheet.write_formula("F1", "=SUM(明细[目标])")
        books.append(app.books.open(path))
        return books[-1].sheets["A"]

    yield make
    for book in books:
        book.close()


def names(table):
    return [column.name for column in table.columns]


def test_the_names_of_a_table_without_its_head_come_from_the_file(opened):
    sheet = opened()
    table = sheet.tables["明细"]
    assert (table.show_headers, table.header_row_range) == (False, None)
    assert names(table) == ["店铺", "目标", "实际"]
    assert table.columns["目标"].data_body_range.address == "$C$5:$C$6"
    assert table.data_body_range.address == table.range.address == "$B$5:$D$6"


@pytest.mark.parametrize(
    ("taken", "place"), [("", "$B$4:$D$6"), ("注", "$B$5:$D$7")], ids=["room above", "taken above"]
)
def test_a_head_that_is_shown_again_says_the_names_and_moves_what_is_in_the_way(
    opened, taken, place
):
    sheet = opened(taken)
    table = sheet.tables["明细"]
    table.show_headers = True
    assert table.range.address == place
    assert table.header_row_range.value == ["店铺", "目标", "实际"]
    assert table.data_body_range.value == [["甲", 1.0, 10.0], ["乙", 2.0, 20.0]]
    assert sheet["B4"].value == (taken or "店铺")
    sheet["F2"].formula = "=SUM(明细[实际])"
    assert sheet["F1:F2"].value == [3.0, 30.0]


def test_a_head_that_is_hidden_leaves_formulas_and_names_as_they_are(sheet):
    sheet["A1:B3"].value = [["p", "q"], [1, 2], [3, 4]]
    table = sheet.tables.add(sheet["A1:B3"], name="表一")
    sheet["D1"].formula = "=SUM(表一[q])"
    table.show_headers = False
    assert table.range.address == table.data_body_range.address == "$A$2:$B$3"
    assert table.header_row_range is None
    assert names(table) == ["p", "q"]
    sheet["D2"].formula = "=SUM(表一[p])"
    assert sheet["D1:D2"].value == [6.0, 4.0]
    table.name = "表二"
    table.rows.add([5, 6])
    table.columns.add("r", 1)  # moves the formulas one column on
    assert names(table) == ["r", "p", "q"]
    assert sheet["E1:E2"].value == [12.0, 9.0]
    table.columns[0].delete()
    assert table.range.value == [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    table.show_headers = True
    assert table.range.value == [["p", "q"], [1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    assert sheet["D1:D2"].value == [12.0, 9.0]


def test_formulas_follow_a_table_that_is_renamed_and_texts_do_not(sheet):
    sheet["A1:B2"].value = [["p", "q"], [1, 2]]
    table = sheet.tables.add(sheet["A1:B2"], name="表一")
    other = sheet.book.sheets.add("别处")
    other["A1"].formula = '=IF(SUM(表一[q])=2,"表一",表一甲)'
    table.name = "目标表"
    assert other["A1"].formula == '=IF(SUM(目标表[q])=2,"表一",表一甲)'
    assert other["A1"].value == "表一"


def test_columns_of_a_table_without_a_head_are_named_and_counted_as_they_change(opened):
    table = opened().tables["明细"]
    table.columns.add("占比", 2)
    assert names(table) == ["店铺", "占比", "目标", "实际"]
    table.columns["目标"].delete()
    assert names(table) == ["店铺", "占比", "实际"]


def test_a_book_with_a_hidden_head_is_not_written_with_one(sheet, tmp_path):
    sheet["A1:B2"].value = [["p", "q"], [1, 2]]
    sheet.tables.add(sheet["A1:B2"]).show_headers = False
    with pytest.raises(NotImplementedError, match="header row"):
        sheet.book.save(tmp_path / "x.xlsx")
