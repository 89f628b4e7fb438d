"""What every Book must do, closed or open: the same tests for all of them."""

from __future__ import annotations

from datetime import date

import pytest

from xlplan.cells import Area, Cell, Page, Seen, State, Style
from xlplan.errors import StructureError

DAY = Style(number="yyyy-mm-dd")
TYPED = {
    (2, 2): "文字",
    (2, 3): 1.5,
    (2, 4): 8,
    (2, 5): True,
    (2, 6): date(2026, 9, 1),
    (3, 2): "001",
    (3, 3): "2026-11-11",
    (3, 4): "=1+1",
    (3, 5): "TRUE",
    (3, 6): "-5%",
    (4, 2): "9-11",
    (4, 3): "'quoted",
    (4, 4): "1e5",
    (4, 5): "多行\n文字",
    (4, 6): "  前后空格 ",
    (5, 2): 0.1 + 0.2,
    (5, 3): -1e-9,
    (5, 4): 123456789012.34,
    (5, 5): "#N/A",
    (5, 6): False,
}


@pytest.fixture(
    params=[
        "file",
        pytest.param("libreoffice", marks=pytest.mark.libreoffice),
        pytest.param("excel", marks=pytest.mark.excel),
    ]
)
def way(request):
    return request.param


def plain(name="9月", cells=None, **more):
    page = Page(name, protect=False, **more)
    page.put(1, 1, "标题")
    for spot, value in (cells or {}).items():
        page.put(*spot, value, DAY if isinstance(value, date) else None)
    return page


def shown(book, sheet="9月"):
    return {spot: seen.value for spot, seen in book.read(sheet).items()}


def test_sheets_come_in_order_with_the_hidden_ones(hold, way):
    held = hold([plain("首页"), plain("9月"), plain("_计划", hidden=True)], way)
    assert held.book().sheets() == ["首页", "9月", "_计划"]


def test_the_name_is_the_files(hold, way):
    held = hold([plain()], way)
    assert held.book().name == held.path.name


def test_every_type_reads_back_as_it_was_stored(hold, way):
    stored = {spot: value for spot, value in TYPED.items() if value != "#N/A"}
    read = shown(hold([plain(cells=stored)], way).book())
    assert read == {(1, 1): "标题", **stored}
    assert {spot: type(read[spot]) for spot in stored if isinstance(read[spot], bool)} == {
        (2, 5): bool,
        (5, 6): bool,
    }


def test_every_type_reads_back_as_it_was_written(hold, way):
    held = hold([plain(cells={(2, 6): date(2000, 1, 1)})], way)
    book = held.book()
    book.write({"9月": {spot: Cell(value) for spot, value in TYPED.items()}})
    book.save()
    read = held.again().read("9月")
    assert {spot: read[spot] for spot in TYPED} == {s: Seen(v, "") for s, v in TYPED.items()}


def test_a_sheet_that_does_not_exist_is_named_with_those_that_do(hold, way):
    book = hold([plain("9月")], way).book()
    with pytest.raises(StructureError, match="10月") as error:
        book.read("10月")
    assert "9月" in error.value.remedy


def test_an_empty_sheet_reads_as_nothing(hold, way):
    assert hold([Page("空", protect=False)], way).book().read("空") == {}


def test_a_sheet_with_one_cell_reads_as_that_cell(hold, way):
    page = Page("一", protect=False)
    page.put(3, 4, 7)
    assert hold([page], way).book().read("一") == {(3, 4): Seen(7, "")}


def test_formulas_come_with_their_text_and_value(hold, way):
    page = plain(cells={(2, 1): 2, (2, 2): 3})
    page.cells[3, 1] = Cell(6, "=A2*B2", Style())
    page.cells[3, 2] = Cell("", '=IF(A2>5,"大","")', Style())
    read = hold([page], way).book().read("9月")
    assert read[3, 1] == Seen(6, "=A2*B2")
    assert read[3, 2] == Seen("", '=IF(A2>5,"大","")')


def test_formulas_and_values_of_one_block_are_written_together(hold, way):
    page = plain("9月", {(2, 2): date(2026, 9, 1), (2, 4): "001"})
    held = hold([page, plain("8月", {(1, 2): 10})], way)
    book = held.book()
    written = {
        (2, 1): Cell(5.0),
        (2, 2): Cell(date(2026, 9, 2)),
        (2, 3): Cell(15.0, "=A2+'8月'!B1"),
        (2, 4): Cell("002"),
        (2, 5): Cell(True),
    }
    book.write({"9月": written})
    book.save()
    read = held.again().read("9月")
    assert {spot: read[spot] for spot in written} == {
        spot: Seen(cell.value, cell.formula) for spot, cell in written.items()
    }


def test_none_clears_a_cell_and_its_formula(hold, way):
    page = plain(cells={(2, 1): 2})
    page.cells[3, 1] = Cell(4, "=A2*2", Style())
    held = hold([page], way)
    book = held.book()
    book.write({"9月": {(2, 1): Cell(None), (3, 1): Cell(None)}})
    book.save()
    assert shown(held.again()) == {(1, 1): "标题"}


def test_cells_between_the_written_ones_stay(hold, way):
    kept = {(2, 2): "人写的", (3, 3): 3.25, (4, 2): date(2026, 1, 1)}
    page = plain(cells=kept)
    page.cells[5, 5] = Cell(2, "=1+1", Style())
    held = hold([page], way)
    book = held.book()
    corners = {(2, 1): Cell(1.0), (2, 6): Cell(2.0), (6, 1): Cell(3.0), (6, 6): Cell(4.0)}
    book.write({"9月": corners})
    book.save()
    read = held.again().read("9月")
    assert {spot: read[spot].value for spot in kept} == kept
    assert read[5, 5] == Seen(2, "=1+1")
    assert {spot: read[spot].value for spot in corners} == {s: c.value for s, c in corners.items()}


def test_number_formats_and_inputs_keep_their_look(hold, way):
    page = plain()
    page.put(2, 1, 0.5, Style(State.INPUT, number="0.0%"))
    page.put(2, 2, date(2026, 9, 1), DAY)
    held = hold([page], way)
    book = held.book()
    book.write({"9月": {(2, 1): Cell(0.25), (2, 2): Cell(date(2026, 9, 3))}})
    book.save()
    assert shown(held.again())[2, 2] == date(2026, 9, 3)
    if held.open:
        assert held.open.sheets["9月"]["A2"].number_format == "0.0%"
        assert held.open.sheets["9月"]["B2"].number_format == "yyyy-mm-dd"


def test_protected_sheets_are_written_and_stay_protected(hold, way):
    page = plain(cells={(2, 1): 1})
    page.protect = True
    held = hold([page], way)
    book = held.book()
    book.write({"9月": {(2, 1): Cell(2.0), (2, 2): Cell("新")}})
    book.save()
    assert shown(held.again()) == {(1, 1): "标题", (2, 1): 2, (2, 2): "新"}
    if held.open:
        assert held.open.sheets["9月"].api.ProtectContents


def test_merged_cells_take_a_value_in_their_corner(hold, way):
    page = plain(cells={(2, 1): "旧"})
    page.put(2, 2, None, Style())
    page.merges.append(Area(2, 1, 3, 2))
    held = hold([page], way)
    book = held.book()
    book.write({"9月": {(2, 1): Cell("新"), (4, 1): Cell(1.0)}})
    book.save()
    assert shown(held.again()) == {(1, 1): "标题", (2, 1): "新", (4, 1): 1}


def test_a_sheet_that_does_not_exist_stops_the_whole_write(hold, way):
    held = hold([plain(cells={(2, 1): 1})], way)

    def write(book):
        book.write({"9月": {(2, 1): Cell(2.0)}, "没有": {(1, 1): Cell(1.0)}})
        book.save()

    with pytest.raises(StructureError, match="没有"):
        write(held.book())
    assert shown(held.again())[2, 1] == 1


def test_writing_the_same_again_changes_nothing(hold, way):
    page = plain(cells={(2, 1): 2})
    page.cells[3, 1] = Cell(4, "=A2*2", Style())
    held = hold([page], way)
    before = held.book().read("9月")
    for _ in range(2):
        book = held.again()
        book.write({"9月": {spot: Cell(*seen) for spot, seen in book.read("9月").items()}})
        book.save()
    assert held.again().read("9月") == before


def test_progress_can_always_be_told(hold, way):
    hold([plain()], way).book().tell("正在读取…")
