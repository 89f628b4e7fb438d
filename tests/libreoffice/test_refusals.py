"""What Excel refuses, the engine refuses too: never half of it, never nothing unsaid."""

from __future__ import annotations

import pytest

from xlplan.errors import InputError, PlanError
from xlplan.libreoffice.values import LONGEST_FORMULA

pytestmark = pytest.mark.libreoffice

LONGEST = "=" + "+1" * ((LONGEST_FORMULA - 1) // 2)
TOO_LONG = f"=SUM({'1,' * 4095}1)"


@pytest.fixture
def shut(sheet):
    """A protected sheet with one unlocked cell, C3."""
    sheet["A1:C3"].value = [[1, "b", 3], [4, 5, 6], [7, 8, 9]]
    sheet.impl.call("set_unlocked", (3, 3, 1, 1))
    sheet.api.Protect("geheim")
    yield sheet
    sheet.api.Unprotect("geheim")


def test_a_formula_may_be_as_long_as_in_excel_and_no_longer(sheet):
    assert (len(LONGEST), len(TOO_LONG)) == (8191, 8197)
    sheet["A1"].formula = LONGEST
    assert (sheet["A1"].value, len(sheet["A1"].formula)) == (4095.0, 8191)
    writes = {
        "formula": lambda cells: setattr(cells, "formula", TOO_LONG),
        "formulas": lambda cells: setattr(cells, "formula", [["=1", TOO_LONG]]),
        "value": lambda cells: setattr(cells, "value", TOO_LONG),
        "values": lambda cells: setattr(cells, "value", [["x", TOO_LONG]]),
        "array": lambda cells: setattr(cells, "formula_array", TOO_LONG),
    }
    for name, write in writes.items():
        with pytest.raises(InputError, match="8,197 个字符"):
            write(sheet["B1:C1"])
        assert sheet["B1:C1"].value == [None, None], name
    sheet["B1"].value = "'" + "长" * 9000
    assert len(sheet["B1"].value) == 9000, "a text is no formula"


CHANGES = {
    "value": lambda s: setattr(s["A1"], "value", 9),
    "values": lambda s: setattr(s["B3:C3"], "value", [[9, 9]]),
    "one value for many": lambda s: setattr(s["A1:C3"], "value", 9),
    "a formula as a value": lambda s: setattr(s["A1"], "value", "=9"),
    "formula": lambda s: setattr(s["A1"], "formula", "=9"),
    "formulas": lambda s: setattr(s["A1:B1"], "formula", [["=9", "=9"]]),
    "many formulas": lambda s: setattr(s["E1:E20"], "formula", "=9"),
    "array formula": lambda s: setattr(s["A1:A2"], "formula_array", "=B1:B2"),
    "contents": lambda s: s["A1"].clear_contents(),
    "formats": lambda s: s["C3"].clear_formats(),
    "everything": lambda s: s["C3"].clear(),
    "number format": lambda s: setattr(s["C3"], "number_format", "0.00"),
    "fill": lambda s: setattr(s["C3"], "color", (1, 2, 3)),
    "font": lambda s: setattr(s["C3"].font, "bold", True),
    "width": lambda s: setattr(s["C3"], "column_width", 30),
    "fit": lambda s: s["C3"].autofit(),
    "merge": lambda s: s["C3:D3"].merge(),
    "insert": lambda s: s["C3"].insert("down"),
    "delete": lambda s: s["C3"].delete("up"),
    "copy onto": lambda s: s["C3"].copy(s["A1"]),
    "sort": lambda s: s["A1:C3"].sort(1),
    "note": lambda s: s["C3"].add_note("x"),
    "link": lambda s: s["C3"].add_hyperlink("https://example.org"),
    "table": lambda s: s.tables.add(s["A1:C3"]),
    "chart": lambda s: s.charts.add(),
    "group": lambda s: s["C3"].group("rows"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_protected_sheet_says_so_and_stays_as_it_is(shut, change):
    before = shut["A1:E20"].value
    with pytest.raises(PlanError, match="表受保护，没有改动") as error:
        CHANGES[change](shut)
    assert error.value.code == "protected"
    assert f"“{shut.name}”" in error.value.message
    assert shut["A1:E20"].value == before
    assert shut["C3"].number_format == "General"
    assert shut["C3"].color is None
    assert "改" not in "".join(shut.book.impl.journal.beyond_cells)


def test_a_refused_change_is_not_kept_as_one_that_saving_has_to_carry(shut):
    before = list(shut.book.impl.journal.beyond_cells)
    for change in ("fill", "merge", "sort", "table"):
        with pytest.raises(PlanError, match="受保护"):
            CHANGES[change](shut)
    assert shut.book.impl.journal.beyond_cells == before
    shut.name = "改名"
    with pytest.raises(PlanError, match="受保护"):
        CHANGES["fill"](shut)
    assert shut.book.impl.journal.beyond_cells == [*before, "给工作表改名"]


def test_unlocked_cells_of_a_protected_sheet_take_values_and_formulas(shut):
    shut["C3"].value = 10
    assert shut["C3"].value == 10
    shut["C3"].formula = "=A1+1"
    assert shut["C3"].value == 2
    shut["C3"].clear_contents()
    assert shut["C3"].value is None
    shut["A1"].copy(shut["C3"])
    assert shut["C3"].value == 1


def test_a_sheet_that_is_shut_to_people_only_takes_everything(sheet):
    sheet.api.Protect(UserInterfaceOnly=True)
    for change in CHANGES.values():
        sheet["A1:C3"].unmerge()
        sheet["A1:A2"].clear_contents()  # an array is changed as a whole only
        change(sheet)


@pytest.mark.parametrize("order", ["rows", "columns"])
def test_searching_backwards_finds_the_last_one(sheet, order):
    sheet["A1:B3"].value = [["甲", "x"], ["x", "乙甲"], ["甲", "y"]]
    cells = sheet["A1:B3"]
    last = {"rows": "$A$3", "columns": "$B$2"}[order]
    assert cells.find("甲", order=order).address == "$A$1"
    assert cells.find("甲", order=order, direction="backward").address == last
    assert cells.find("甲", whole=True, order=order, direction="backward").address == "$A$3"
    assert cells.find("没有", direction="backward") is None


def test_what_the_engine_does_not_do_is_not_implemented_rather_than_an_odd_error(sheet, tmp_path):
    sheet["A1:B2"].value = [["p", "q"], [1, 2]]
    table = sheet.tables.add(sheet["A1:B2"])
    undone = [
        lambda: setattr(table, "table_style", "TableStyleMedium2"),
        lambda: sheet.pivot_tables.add(sheet["A1:B2"], sheet["D1"]),
        lambda: sheet["A1"].comment,
        lambda: sheet.api.AutoFilter,
        lambda: sheet["A1"].api.Borders,
        sheet["A1"].copy_picture,
        lambda: sheet.to_html(str(tmp_path / "x.html")),
        lambda: sheet.book.save(tmp_path / "x.xlsb"),
    ]
    for do in undone:
        with pytest.raises(NotImplementedError):
            do()
