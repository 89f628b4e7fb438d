"""试算 on 年度目标: live, beside the targets and never one of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from openpyxl.formula.translate import Translator

from tests.actions.outlook.test_outlook_commands import planned
from tests.test_agreement import by_formualizer, disagreements
from xlplan.actions.plan.fill import fill
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.cells import Cell, address
from xlplan.sheets import SHEETS
from xlplan.sheets.base.names import ACTUAL, PLAN, TARGETS
from xlplan.sheets.state.layout import pages
from xlplan.sheets.state.read import read_state
from xlplan.sheets.targets.page import targets_as_built
from xlplan.sheets.targets.trying import SPAN_ROW

TRIED = {
    "nothing": ({}, ""),
    "a month with another conversion": ({"t:甲店|cvr": 0.06}, "9月"),
    "sales and money": ({"t:甲店|gmv": 9e6, "t:乙店|aov": 150.0, "t:乙店|spend": 1e6}, "全年"),
    "all four of one, three of another": ({"t:甲店|gmv": 9e6, "t:甲店|uv": 2e6, "t:甲店|cvr": 0.05, "t:甲店|aov": 100.0, "t:乙店|gmv": 9e6, "t:乙店|uv": 2e6, "t:乙店|cvr": 0.05}, "2月"),
    "money against its share": ({"t:甲店|gmv": 9e6, "t:甲店|spend": 5.0, "t:甲店|spend_ratio": 0.1}, "明年"),
}  # fmt: skip


def laid_out(tried, span):
    state = planned()
    state = replace(state, typed=replace(state.typed, tried=tried, span=span))
    return state, pages(state, [s for s in SHEETS if s.name in (TARGETS, PLAN, ACTUAL)])


@pytest.mark.parametrize("case", TRIED)
def test_the_formulas_come_to_the_engines_numbers(case):
    _, found = laid_out(*TRIED[case])
    assert disagreements(found, by_formualizer(build(found))) == []


def test_sorted_rows_still_find_each_other():
    """Sort the stores' rows by metric, as a person would; own-row references go with their row."""
    state, found = laid_out(*TRIED["sales and money"])
    page, at = found[0], targets_as_built(state.typed)
    rows = [row for key, row in at.rows.items() if key.startswith(("t:甲店", "t:乙店"))]
    order = sorted(rows, key=lambda row: (str(page.cells[row, at.columns["label"]].value), row))
    moved = {}
    for new, old in zip(rows, order, strict=True):
        for (row, column), cell in page.cells.items():
            if row == old:
                text = Translator(cell.formula, address(old, column)).translate_formula(address(new, column)) if cell.formula else ""  # fmt: skip
                moved[new, column] = cell._replace(formula=text)
    page.cells = {spot: cell for spot, cell in page.cells.items() if spot[0] not in rows} | moved
    assert disagreements(found, by_formualizer(build(found))) == []


def test_what_is_tried_is_kept_and_is_no_target(tmp_path):
    path = tmp_path / "计划.xlsx"
    path.write_bytes(build(pages(planned())))
    book = FileBook(path)
    before = read_state(book)
    at = before.at.targets
    tried = {(at.rows["t:甲店|gmv"], at.columns["if"]): Cell(9e6), (at.rows["t:甲店|aov"], at.columns["if"]): Cell("很多")}  # fmt: skip
    book.write({TARGETS: {**tried, (at.rows[SPAN_ROW], at.columns["plan"]): Cell("11月")}})
    book.save()
    fill(FileBook(path))
    after = read_state(FileBook(path))
    assert dict(after.state.typed.values) == dict(before.state.typed.values)
    assert after.state.year.plan.equals(before.state.year.plan)
    assert after.state.typed.tried == {"t:甲店|gmv": 9e6}
    assert after.state.typed.span == "11月"
    assert [after.cells[TARGETS][spot].value for spot in tried] == [9e6, "很多"]
