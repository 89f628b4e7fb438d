"""Dates, names and heads that formulas and readers hang on: told when typed over, and put back."""

from __future__ import annotations

import random

import pytest

from tests.actions.openbook import OpenBook, planned_book
from xlplan.actions.plan.check import check
from xlplan.actions.plan.fill import fill
from xlplan.cells import Cell, address
from xlplan.errors import StructureError
from xlplan.sheets.base.lists import LOG
from xlplan.sheets.state.fixed import fixed_cells
from xlplan.sheets.state.read import read_state

TARGETS = "年度目标"


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    path = tmp_path_factory.mktemp("fixed") / "计划.xlsx"
    path.write_bytes(planned_book())
    return OpenBook(path)


@pytest.fixture
def book(opened):
    return opened.copied()


def fixed(book):
    read = book.said()
    return fixed_cells(read)


def type_over(book, sheet, spot, value):
    book.write({sheet: {spot: Cell(value)}})


def test_a_new_book_holds_every_fixed_cell(book):
    found = fixed(book)
    assert len(found) == 15
    assert len(found["9月"]) > 150
    for sheet, cells in found.items():
        for spot, cell in cells.items():
            assert book.read(sheet)[spot].value == cell.value, (sheet, spot)
    assert fill(book).changed == 0


def changes(seed):
    """Pick three fixed cells of every sheet and something to type over each."""
    return random.Random(seed), ("", "x", 7, 46_000, "2026-05-05", None)


@pytest.mark.parametrize("seed", range(3))
def test_a_fixed_cell_typed_over_is_told_and_put_back(book, seed):
    dice, values = changes(seed)
    typed = []
    for sheet, cells in fixed(book).items():
        # names of 年度目标 that become those of other rows are refused: tested below
        for spot in dice.sample(sorted(cells), 3):
            type_over(book, sheet, spot, dice.choice(values))
            typed.append((sheet, spot, cells[spot].value))
    told = {(p.where.sheet, p.where.cell) for p in check(book).problems}
    assert {(sheet, address(*spot)) for sheet, spot, _ in typed} <= told
    fill(book)
    for sheet, spot, value in typed:
        assert book.read(sheet)[spot].value == value
    assert any("放回原样" in str(seen.value) for seen in book.read(LOG).values())
    assert fill(book).changed == 0


def test_a_date_that_was_changed_does_not_show_another_days_figures(book):
    read = book.said()
    at = read.at.book.months[9]
    spot = at.date_row, at.columns["d:2026-09-10"]
    type_over(book, "9月", spot, "2026-09-20")
    problems = [p for p in check(book).problems if p.where.cell == address(*spot)]
    assert "2026-09-10" in problems[0].what
    fill(book)
    assert str(book.read("9月")[spot].value) == "2026-09-10"


def test_names_are_found_where_a_column_was_put_in_before_them(book):
    cells = book.read("9月")
    moved = {(row, column + 1): seen for (row, column), seen in cells.items()}
    book.cells["9月"] = moved
    found = fixed(book)["9月"]
    assert len(found) > 150
    for spot, cell in found.items():
        assert moved[spot].value == cell.value


def test_rows_of_targets_sorted_without_their_keys_are_refused(book):
    read = book.said()
    at, cells = read.at.targets, book.read(TARGETS)
    one, other = at.rows["t:天猫一店|gmv"], at.rows["t:京东二店|gmv"]
    swapped = {}
    for column in range(1, at.columns["finding"]):
        for row, source in ((one, other), (other, one)):
            seen = cells.get((source, column))
            swapped[row, column] = Cell(seen.value if seen else None)
    book.write({TARGETS: swapped})
    before = book.values()
    for action in (fill, check, lambda book: read_state(book).state.typed):
        with pytest.raises(StructureError, match="看到的行名与隐藏的键不符") as refusal:
            action(book)
        assert "京东二店·销售额" in str(refusal.value)
    assert book.values() == before


def test_a_name_of_a_target_that_is_nobodys_is_put_back(book):
    at = book.said().at.targets
    spot = at.rows["t:天猫一店|uv"], at.columns["label"]
    type_over(book, TARGETS, spot, "访客")
    assert any(p.where.cell == address(*spot) for p in check(book).problems)
    fill(book)
    assert book.read(TARGETS)[spot].value == "UV"


def constants_of(book, sheet):
    """Cells of a sheet that formulas or readers hang on, as a new book has them."""
    read = book.said()
    at = read.at.book
    if sheet == "日历":
        calendar = at.calendar
        days = [(row, calendar.columns["month_factor"]) for row in calendar.rows.values()]
        return [*days, *((row, calendar.shape_column - 1) for row in calendar.shape_rows.values())]
    if sheet == "日报":
        return [(row, at.daily.columns["weekday"]) for row in at.daily.rows.values()]
    if sheet == "体检":
        return [spot for spot, seen in book.read(sheet).items() if spot[0] > 5 and spot[1] == at.checkup.checks.columns[0] and not seen.formula]  # fmt: skip
    table = at.tables.plan if sheet == "_计划" else at.tables.actual
    return [(row, table.columns["key"]) for row in range(2, table.rows + 2)]


@pytest.mark.parametrize("sheet", ["日历", "日报", "体检", "_计划", "_实际"])
def test_a_constant_typed_over_is_told_and_put_back_on_other_sheets_too(book, sheet):
    dice = random.Random(sheet)
    before = book.read(sheet)
    spots = dice.sample(sorted(constants_of(book, sheet)), 4)
    for spot in spots:
        type_over(book, sheet, spot, dice.choice(["x", 7, 46_000]))
    told = {p.where.cell for p in check(book).problems if p.where.sheet == sheet}
    assert {address(*spot) for spot in spots} <= told
    fill(book)
    for spot in spots:
        assert book.read(sheet)[spot].value == before[spot].value
    assert sum("放回原样" in str(seen.value) for seen in book.read(LOG).values()) == len(spots)


@pytest.mark.parametrize("kind", ["days", "shape"])
def test_days_sorted_without_their_keys_are_refused(book, kind):
    at, cells = book.said().at.calendar, book.read("日历")
    if kind == "days":
        one, other, columns = at.rows["d:2026-03-08"], at.rows["d:2026-11-11"], range(1, 14)
    else:
        one, other = at.shape_rows["weekday:1"], at.shape_rows["weekday:7"]
        columns = range(at.shape_column - 1, at.shape_column + 1)
    swapped = {
        (row, column): Cell(seen.value if (seen := cells.get((source, column))) else None)
        for column in columns
        for row, source in ((one, other), (other, one))
    }
    book.write({"日历": swapped})
    before = book.values()
    with pytest.raises(StructureError, match="看到的行名与隐藏的键不符"):
        fill(book)
    assert book.values() == before
