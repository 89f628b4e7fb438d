"""分解 on a book that exists: what it writes, what it leaves alone, what a second run does."""

from __future__ import annotations

import datetime as dt
import warnings
from io import BytesIO

import openpyxl
import pytest

from xlplan.actions.plan.check import check
from xlplan.actions.plan.fill import fill
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.ooxml.patching.patch import Write, patch_package
from xlplan.ooxml.patching.spans import Spans
from xlplan.ooxml.reader import open_workbook
from xlplan.sheets.base.lists import LOG
from xlplan.sheets.state.layout import pages
from xlplan.sheets.state.read import read_state
from xlplan.sheets.state.write import derived_cells, update
from xlplan.sheets.targets.page import SHEET as TARGETS

SALES = 9_060_000.0


@pytest.fixture(scope="module")
def built(state_of):
    return build(pages(state_of(days=100)))


@pytest.fixture
def path(built, tmp_path):
    file = tmp_path / "计划.xlsx"
    file.write_bytes(built)
    return file


def write(path, sheet, spot, cell):
    book = FileBook(path)
    book.write({sheet: {spot: cell}})
    book.save()


def spot_of(path, sheet, value):
    return next(spot for spot, seen in FileBook(path).read(sheet).items() if seen.value == value)


def with_other_sales(path):
    write(path, TARGETS, spot_of(path, TARGETS, SALES), Cell(9_900_000.0))
    return path


def test_a_book_that_says_it_already_is_not_touched(path, built):
    outcome = fill(FileBook(path))

    assert outcome.changed == 0
    assert path.read_bytes() == built


def test_a_second_run_changes_nothing(path):
    assert fill(FileBook(with_other_sales(path))).changed > 1000
    once = path.read_bytes()

    assert fill(FileBook(path)).changed == 0
    assert path.read_bytes() == once


def test_every_derived_cell_holds_its_formula_and_value_after_a_run(path):
    fill(FileBook(with_other_sales(path)))

    read = read_state(FileBook(path))
    values = loaded(path)
    wanted = derived_cells(read, read.state)
    assert sum(map(len, wanted.values())) > 40_000
    for sheet in (wanted.keys() - {LOG}) & set(values.sheetnames):  # some come when needed
        page = values[sheet]
        for spot, cell in wanted[sheet].items():
            if "TODAY()" in cell.formula:
                continue
            if cell.formula:
                assert read.cells[sheet][spot].formula == cell.formula, (sheet, spot)
            assert says(page.cell(*spot).value, cell.value), (sheet, spot)


def loaded(path):
    """What another library reads there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl knows no sparklines
        return openpyxl.load_workbook(BytesIO(path.read_bytes()), data_only=True)


def says(there, wanted):
    if wanted in (None, ""):
        return there in (None, "")
    if isinstance(there, dt.datetime):
        return there.date() == wanted
    if isinstance(wanted, int | float):
        return there == pytest.approx(wanted, rel=1e-12)
    return there == wanted


def test_the_log_gets_one_line_that_counts_the_cells(path):
    outcome = fill(FileBook(with_other_sales(path)))

    notes = [s.value for s in FileBook(path).read(LOG).values() if "单元格" in str(s.value)]
    assert notes == [f"分解 2026 年目标到 1 家店的每一天（{outcome.changed} 个单元格）"]


@pytest.mark.parametrize("typed", [Cell(123.0), Cell("文字"), Cell(1.0, "=1+1"), Cell(None)])
def test_an_overwritten_formula_is_named_and_restored(path, typed):
    sheet, spot = "3月", (20, 5)
    formula = FileBook(path).read(sheet)[spot].formula
    assert formula.startswith("=")
    write(path, sheet, spot, typed)

    assert any(problem.where.cell == "E20" for problem in check(FileBook(path)).problems)
    assert fill(FileBook(path)).changed == 1
    assert FileBook(path).read(sheet)[spot].formula == formula


def test_a_value_that_differs_in_the_last_bit_is_the_same_number(path):
    sheet = "_计划"
    spot = next(
        spot
        for spot, seen in FileBook(path).read(sheet).items()
        if spot[0] > 200 and isinstance(seen.value, float) and seen.value % 1
    )
    value = FileBook(path).read(sheet)[spot].value
    write(path, sheet, spot, Cell(value * (1 + 1e-15)))

    assert update(read_state(FileBook(path)), read_state(FileBook(path)).state) == {}
    write(path, sheet, spot, Cell(value + 0.01))
    assert fill(FileBook(path)).changed >= 1
    assert FileBook(path).read(sheet)[spot].value == value


def test_a_number_that_is_no_longer_planned_is_emptied(path):
    sheet = "_计划"
    rows = {row for row, _ in FileBook(path).read(sheet)}
    write(path, sheet, (max(rows), 60), Cell(5.0))

    assert fill(FileBook(path)).changed == 1
    assert (max(rows), 60) not in FileBook(path).read(sheet)


def test_other_figures_everywhere_leave_the_same_bytes_by_either_way_of_writing(
    state_of, monkeypatch
):
    data = build(pages(state_of(stores=("甲店", "乙店"), days=60)))
    changes = {
        sheet.name: {
            spot: Write(cell.value * 1.1 + 0.37, cell.formula)
            for spot, cell in sheet.cells.items()
            if type(cell.value) is float
        }
        for sheet in open_workbook(data)
    }
    quick = patch_package(data, changes)
    monkeypatch.setattr(Spans, "digits", lambda *_: None)
    assert quick == patch_package(data, changes)


def test_dearer_visits_in_mid_year_leave_what_is_over_and_buy_fewer_from_then_on(path):
    """Paid visitors have no target of their own that past days could exceed."""
    read = read_state(FileBook(path))
    row, column = (read.at.targets.rows["t:各店|cpc_keyword"], read.at.targets.columns["value"])
    book = FileBook(path)
    book.write({"年度目标": {(row, column): Cell(60.0)}})
    book.save()
    fill(FileBook(path))
    was, now = (state.year.plan for state in (read.state, read_state(FileBook(path)).state))
    over = read.state.year.actuals["gmv"].notna().to_numpy()
    assert now["uv_keyword"][over].equals(was["uv_keyword"][over])
    later = now[~over]
    assert later["uv_keyword"].sum() == pytest.approx(
        later["spend_keyword"].sum() / 60.0, rel=0.02
    )
