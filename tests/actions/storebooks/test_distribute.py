"""Store workbooks: their own numbers only, live formulas, and nothing overwritten."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import date

import numpy as np
import openpyxl
import pytest

from tests.support.package_check import check_package
from xlplan.actions.stores.distribute import distribute
from xlplan.actions.tasks.making import made_state
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.cells import State
from xlplan.errors import InputError, StructureError
from xlplan.sheets.state.read import read_state
from xlplan.sheets.stores.brief import brief_of
from xlplan.sheets.stores.pages import Brief, Origin, make_handout, store_pages
from xlplan.sheets.tasks.sheet import board_of

STORES = ("甲店", "乙店", "丙店")
FUNCTIONS = {
    "IF", "COUNT", "SUM", "MAX", "MIN", "N", "INDEX", "MATCH", "SUMIFS", "COUNTIFS", "COUNTIF", "ROUND", "ISNUMBER",
    "ADDRESS", "AND", "OR", "NOT", "TODAY", "SUMPRODUCT", "DATE", "MONTH", "EDATE", "HYPERLINK", "MID", "WEEKDAY",
}  # fmt: skip


@pytest.fixture(scope="module")
def laid_out(state_of):
    """The pages of a store with 40 imported and 20 typed days, of which 10 are both."""
    state = state_of(stores=STORES, days=40, year=2026)
    rng = np.random.default_rng(5)
    typed = {
        ("乙店", date(2026, month, 1 + i)): {"gmv": round(rng.uniform(5e3, 9e3), 2), "uv": float(rng.integers(500, 900)), "orders": 80.0, "refund_units": 3.0, "note": "大促"}
        for month in (2, 3)
        for i in range(10)
    }  # fmt: skip
    state = replace(state, daily=typed)
    items = brief_of(board_of(made_state(state, 3)).shown, "乙店", STORES)
    brief = Brief.of("2026-03", items, {"乙店|3": {"value": 50_000.0, "why": "缺货"}}, "乙店")
    handout = make_handout(state.year, "乙店", typed, Origin("b", 1, "2026-03-11 09:00"), brief)
    return store_pages(state.year, "乙店", typed, handout, brief=brief)


def test_no_part_of_a_store_workbook_knows_another_store(handed_out):
    state = read_state(FileBook(handed_out / "计划.xlsx")).state
    plan, actuals = state.year.plan, state.year.actuals
    for path in sorted((handed_out / "门店").rglob("*.xlsx")):
        own = path.name.partition("_")[0]
        mine = known(plan.loc[own]) | known(actuals.loc[own])
        others = [store for store in STORES if store != own]
        theirs = set().union(*(known(frame.loc[store]) for store in others for frame in (plan, actuals)))  # fmt: skip
        secret = {repr(value) for value in theirs - mine if value > 300 and value % 1}
        assert len(secret) > 500
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                text = archive.read(name).decode("utf-8", "replace")
                assert not [store for store in others if store in text], name
                assert not set(re.findall(r"<v>([^<]*)</v>", text)) & secret, name


def known(frame):
    return {float(value) for value in frame.to_numpy().ravel() if value == value}  # noqa: PLR0124


def test_every_formula_of_a_store_workbook_recalculates_to_its_value(laid_out):
    import formualizer

    book = formualizer.load_workbook_bytes(build(laid_out))
    book.evaluate_all()
    wrong = []
    for page in laid_out:
        for (row, column), cell in page.cells.items():
            if cell.formula and not of_today(page.name, row, cell):
                got = book.get_value(page.name, row, column)
                if not agrees(cell.value, got):
                    wrong.append((page.name, row, column, cell.value, got, cell.formula))
    assert wrong[:5] == []


def of_today(sheet, row, cell):
    """Whether what a cell says depends on the day it is looked at."""
    heads = {"说明": 8, "工作计划": 3}
    return row <= heads.get(sheet, 0) or "xlplan_today" in cell.formula


def agrees(wanted, got):
    if wanted in (None, ""):
        return got in (None, "")
    if isinstance(wanted, str) or not isinstance(got, int | float):
        return wanted == got
    return abs(got - wanted) <= 1e-9 * max(1.0, abs(wanted))


def test_month_views_follow_what_is_typed(laid_out):
    """A number typed on 日报 must reach the month view without any import."""
    import formualizer

    book = formualizer.load_workbook_bytes(build(laid_out))
    daily, month = (next(p for p in laid_out if p.name == name) for name in ("日报", "3月"))
    gmv = next(s[1] for s, cell in daily.cells.items() if cell.value == "gmv")
    row = next(s[0] for s, cell in month.cells.items() if cell.value == "gmv" and s[1] > 30)
    column = next(s[1] for s, cell in month.cells.items() if cell.value == "d:2026-03-25")
    book.set_value("日报", 5 + date(2026, 3, 25).timetuple().tm_yday - 1, gmv, 4321.5)
    book.evaluate_all()
    assert book.get_value("3月", row, column) == 4321.5


def test_only_functions_that_every_spreadsheet_program_has(laid_out):
    formulas = {cell.formula for page in laid_out for cell in page.cells.values() if cell.formula}
    used = {name for text in formulas for name in re.findall(r"([A-Z][A-Z0-9.]*)\(", text)}
    assert used <= FUNCTIONS


def test_only_inputs_are_unlocked(laid_out):
    for page in laid_out:
        assert page.protect
        unlocked = {
            spot
            for spot, cell in page.cells.items()
            if cell.style and (not cell.style.locked or cell.style.state is State.INPUT)
        }
        legend = {spot for spot, cell in page.cells.items() if cell.value == "可填写"}
        assert not unlocked - legend or page.name in ("日报", "工作计划", "承诺")
        assert not [spot for spot in unlocked if page.cells[spot].formula]


def test_excel_would_open_it_without_repair(handed_out):
    for path in (handed_out / "门店").rglob("*.xlsx"):
        assert check_package(path.read_bytes(), name=path.name) == []


@pytest.mark.filterwarnings("ignore:Sparkline")
@pytest.mark.filterwarnings("ignore:Conditional Formatting")
def test_it_needs_no_add_in_and_hides_its_tables(handed_out):
    path = next((handed_out / "门店").rglob("甲店*.xlsx"))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[:3] == ["说明", "日报", "1月"]
    hidden = [sheet.title for sheet in book if sheet.sheet_state == "veryHidden"]
    assert hidden == ["_计划", "_实际", "_元数据"]
    assert "xlplan_version" not in book.defined_names
    tasks = [row[3] for row in book["工作计划"].iter_rows(values_only=True)]
    assert "填日报、交班" in tasks
    assert "月度复盘会：目标对实际、原因、补差计划" in tasks
    assert book["承诺"]["B6"].value == "承诺值"


def test_a_store_workbook_is_named_when_taken_for_a_plan_book(handed_out):
    path = next((handed_out / "门店").rglob("甲店*.xlsx"))
    with pytest.raises(StructureError, match="门店表"):
        distribute(FileBook(path))


def test_a_second_distribution_overwrites_nothing_and_is_remembered(desk):
    before = {path: path.read_bytes() for path in desk.files.values()}
    done = distribute(desk.book, out=desk.folder.parent, stores=["乙店"], months=["2月"])
    assert done.facts["version"] == 2
    assert [path.read_bytes() for path in before] == list(before.values())
    assert [line[1] for line in desk.sheet("收集报告") if line[0] in STORES] == ["未交回"] * 3
    note = desk.sheet("变更记录")[-1]
    assert "分发" in note
    with pytest.raises(InputError, match="戊店"):
        distribute(desk.book, stores=["戊店"])
    with pytest.raises(InputError, match="月份"):
        distribute(desk.book, months=[13])
    with pytest.raises(InputError, match="月份"):
        distribute(desk.book, months=["下月"])


def test_a_hand_out_of_some_months_leads_to_these_only(state_of):
    state = state_of(days=20)
    store = state.year.stores[0]
    handout = make_handout(state.year, store, {}, Origin("id", 1, "2026-02-01 10:00"))
    made = store_pages(state.year, store, {}, handout, months=[2])
    months = {target for page in made for target in page.links.values() if target.endswith("月")}
    assert months == {"2月"}


def test_the_daily_sheet_can_be_sorted_and_guards_its_formulas(state_of):
    from xlplan.sheets.daily.page import daily_page
    from xlplan.sheets.state.layout import built_tables

    state = state_of(stores=STORES, days=5, year=2026)
    page = daily_page(state.year, built_tables(state.year), {}, {})
    area = page.filter
    inside = [
        cell
        for (row, column), cell in page.cells.items()
        if area.top < row <= area.bottom and area.left <= column <= area.right
    ]
    assert all(not c.style.locked or c.style.state is State.INPUT for c in inside)
    guarded = {
        column
        for rule in page.validations
        if rule.kind == "custom" and rule.strict
        for column in range(rule.area.left, rule.area.right + 1)
    }
    assert {column for (row, column), cell in page.cells.items() if cell.formula and row == area.bottom} - guarded == {page_place(page)}  # fmt: skip


def page_place(page):
    return next(spot[1] for spot, cell in page.cells.items() if cell.value == "place")


@pytest.mark.libreoffice
def test_libreoffice_recalculates_a_store_workbook_to_its_values(laid_out, tmp_path):
    from xlplan.libreoffice.convert import recalculate

    path = tmp_path / "乙店.xlsx"
    path.write_bytes(build(laid_out))
    values = recalculate(path)
    wrong = [
        (page.name, spot, cell.value, values[page.name].get(spot))
        for page in laid_out
        for spot, cell in page.cells.items()
        if cell.formula
        and not of_today(page.name, spot[0], cell)
        and not agrees(cell.value, values[page.name].get(spot))
    ]
    assert wrong[:5] == []
