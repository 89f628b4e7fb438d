"""The sheets' live formulas, recalculated by independent engines, against the engine's numbers."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from xlplan.actions.outlook.telling import with_outlook
from xlplan.actions.plan.fill import fill
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.cells import Cell, address
from xlplan.formula import Formula
from xlplan.metrics import registry
from xlplan.plan.change.holds import Hold, HoldKind
from xlplan.plan.parts.agreements import Agreement
from xlplan.plan.parts.splits import Part, Splits
from xlplan.plan.year import Settings
from xlplan.sheets.state.layout import pages

CLOSE = 1e-9


def open_sunday_to_friday():
    """Two years of sales without Saturdays."""
    days = pd.date_range("2024-01-01", "2025-12-31")
    sales = 1000.0 + 100 * days.day_of_week + 7 * days.month
    return pd.Series(np.where(days.day_of_week == 5, 0.0, sales), days)


LOCKS = (
    Hold("L1", HoldKind.TOTAL, "gmv", "示例店", dt.date(2026, 11, 1), dt.date(2026, 11, 30), 9e5),
    Hold("L2", HoldKind.AREA, "uv", "示例店", dt.date(2026, 2, 9), dt.date(2026, 2, 10)),
)
SPLIT = Splits(
    [Part("面膜", 0.35, {9: 0.2}), Part("防晒", 0.333, {9: 0.5}), Part("护手霜", 0.317)],
    [Part("天猫", 0.6, {2: 0.55}), Part("抖音", 0.25), Part("京东", 0.15)],
    (
        Agreement("c", "面膜", "合计", dt.date(2026, 9, 7), dt.date(2026, 9, 13), 30_000.0),
        Agreement("c", "面膜", "乙店", dt.date(2026, 9, 9), dt.date(2026, 9, 9), 5_000.01, "运营"),
        Agreement("p", "抖音", "甲店", dt.date(2026, 11, 1), dt.date(2026, 11, 30), 80_000.0),
    ),
)
CASES = {
    "one store": {},
    "three stores, part of the year": {"stores": ("甲店", "乙店", "丙店"), "days": 45},
    "no actuals": {"days": 0},
    "30-day months, buyers, refunds by amount, more channels": {
        "settings": Settings(
            "30", "buyers", "amount", ("keyword", "display", "sitewide"), show_excluded=True
        )
    },
    "categories and platforms": {
        "stores": ("甲店", "乙店"),
        "days": 10,
        "splits": SPLIT,
    },
    "leap year": {"year": 2028, "days": 100},
    "sales only": {"figures": {"gmv": 1_000_000.0}, "days": 30},
    "closed on Saturdays, with locks": {
        "history": open_sunday_to_friday(),
        "holds": LOCKS,
        "days": 40,
    },
    "foreseen": {"stores": ("甲店", "乙店"), "days": 200, "foreseen": True},
    "eight stores": {"stores": tuple(f"{n}店" for n in range(1, 9)), "days": 20},
}


def laid_out_as(state_of, *, foreseen=False, **case):
    """The pages of a case; `foreseen`: 首页 has its forecasts."""
    state = state_of(**case)
    return pages(with_outlook(state, state, always=True) if foreseen else state)


def derived(laid_out):
    return {
        (page.name, *spot): cell
        for page in laid_out
        for spot, cell in page.cells.items()
        if cell.formula and "TODAY()" not in cell.formula
    }


def agrees(wanted, got) -> bool:
    if wanted in (None, ""):
        return got in (None, "")
    if isinstance(wanted, dt.date):
        wanted = (wanted - dt.date(1899, 12, 30)).days
    if isinstance(got, dt.datetime | dt.date):
        got = (dt.date(got.year, got.month, got.day) - dt.date(1899, 12, 30)).days
    if isinstance(wanted, str):
        return wanted == got
    if not isinstance(got, int | float):
        return False
    return abs(got - wanted) <= CLOSE * max(1.0, abs(wanted))


def disagreements(laid_out, got_of):
    return [
        f"{sheet}!{address(row, column)} engine {cell.value!r}, sheet {got!r}: {cell.formula}"
        for (sheet, row, column), cell in derived(laid_out).items()
        if not agrees(cell.value, got := got_of(sheet, row, column))
    ]


def by_formualizer(data: bytes):
    import formualizer

    book = formualizer.load_workbook_bytes(data)
    book.evaluate_all()
    return book.get_value


@pytest.fixture(scope="module")
def made(request, state_of):
    """The pages of a case, and the bytes of their book."""
    laid_out = laid_out_as(state_of, **CASES[request.param])
    return laid_out, build(laid_out)


@pytest.mark.parametrize("made", CASES, indirect=True)
def test_every_derived_cell_recalculates_to_the_engines_number(made):
    laid_out, data = made
    found = disagreements(laid_out, by_formualizer(data))
    assert found[:10] == []
    assert len(derived(laid_out)) > 30_000


@pytest.mark.libreoffice
@pytest.mark.parametrize(
    "made",
    ["one store", "foreseen", "closed on Saturdays, with locks"],
    indirect=True,
)
def test_libreoffice_recalculates_to_the_engines_numbers(made, tmp_path):
    from xlplan.libreoffice.convert import recalculate

    laid_out, data = made
    path = tmp_path / "计划.xlsx"
    path.write_bytes(data)
    values = recalculate(path)
    found = disagreements(laid_out, lambda sheet, row, column: values[sheet].get((row, column)))
    assert found[:10] == []


def test_the_values_kept_in_the_file_are_those_of_the_stores_chosen(state_of, tmp_path):
    """Each sheet shows the store of its own selector, and 体检 compares what is shown."""
    path = tmp_path / "计划.xlsx"
    path.write_bytes(build(pages(state_of(stores=("甲店", "乙店"), days=40, splits=SPLIT))))
    book = FileBook(path)
    for sheet, store in (
        ("年度规划", "甲店"),
        ("1月", "乙店"),
        ("3月", "甲店"),
        ("品类平台", "乙店"),
    ):
        cells = book.read(sheet)
        spot = next(spot for spot, seen in cells.items() if seen.value == "合计" and spot[0] < 5)
        book.write({sheet: {spot: Cell(store)}})
    book.save()
    assert fill(FileBook(path)).changed > 1000
    kept = FileBook(path)
    got = by_formualizer(path.read_bytes())
    found = [
        f"{sheet}!{address(*spot)} in the file {seen.value!r}, sheet {got(sheet, *spot)!r}"
        for sheet in kept.sheets()
        for spot, seen in kept.read(sheet).items()
        if seen.formula
        and "TODAY()" not in seen.formula
        and not agrees(seen.value, got(sheet, *spot))
    ]
    assert found[:5] == []
    assert got("体检", 2, 12) == 0


@pytest.mark.parametrize("wrong", ["aov", "spend_ratio", "attainment", "growth", "uv_needed"])
def test_a_wrong_formula_in_the_registry_is_noticed(state_of, wrong):
    """Spoil what the sheet says, keep what the engine computes: the comparison must fail."""
    state = state_of(days=40)
    right = state.year.metrics
    formula = right[wrong].formula
    spoiled = Formula(f"{formula.text} + 0.001", formula.optional, formula.floor)

    class Liar(Formula):
        def to_excel(self, ref):
            return spoiled.to_excel(ref)

    lie = replace(right[wrong], formula=Liar(formula.text, formula.optional, formula.floor))
    metrics = replace(right, metrics={**right.metrics, wrong: lie})
    year = replace(state.year)
    object.__setattr__(year, "metrics", metrics)
    laid_out = pages(replace(state, year=year))
    assert disagreements(laid_out, by_formualizer(build(laid_out)))


def test_checks_all_show_zero_and_notice_a_broken_level(state_of):
    state = state_of(stores=("甲店", "乙店"), days=60, splits=SPLIT)
    laid_out = pages(state)
    got = by_formualizer(build(laid_out))
    check = next(page for page in laid_out if page.name == "体检")
    shown = [got("体检", row, 14) for row, column in check.cells if column == 14 and row > 3]
    assert len(shown) > 100
    assert set(shown) == {0}
    assert got("体检", 2, 12) == 0
    plan = next(page for page in laid_out if page.name == "_计划")
    spot = next(
        spot
        for spot, cell in plan.cells.items()
        if spot[0] > 400 and isinstance(cell.value, float)
    )
    plan.cells[spot] = plan.cells[spot]._replace(value=plan.cells[spot].value + 1)
    agreed = next(page for page in laid_out if page.name == "品类约定").cells
    for spot, value in {
        (5, 2): "鞋",
        (6, 3): "丙店",
        (7, 5): dt.date(2027, 1, 2),
        (5, 6): 9e6,
    }.items():
        agreed[spot] = agreed[spot]._replace(value=value)
    got = by_formualizer(build(laid_out))
    assert got("体检", 2, 12) > 4
    assert "处核对不一致" in got("体检", 1, 7)
    assert got("体检", 2, 7).startswith("第一处不一致：")
    last = max(row for row, column in check.cells if column == 15)
    assert [got("体检", row, 15) for row in range(last - 3, last + 1)] == ["✗"] * 4


def test_only_functions_that_excel_2016_wps_and_libreoffice_share(state_of):
    import re

    allowed = {
        "IF", "COUNT", "SUM", "MAX", "MIN", "N", "INDEX", "MATCH", "LOOKUP", "SUMIFS", "COUNTIFS", "COUNTIF",
        "ROUND", "AVERAGE", "HYPERLINK", "ISNUMBER", "AND", "OR", "TODAY", "SUMPRODUCT", "DATE", "YEAR",
        "MONTH", "DAY", "TEXT", "CHOOSE", "ABS", "NOT", "INT", "ADDRESS", "LEFT", "SEARCH",
    }  # fmt: skip
    formulas = {
        cell.formula
        for page in pages(state_of(days=20))
        for cell in page.cells.values()
        if cell.formula
    }
    used = {name for text in formulas for name in re.findall(r"([A-Z][A-Z0-9.]*)\(", text)}
    assert used <= allowed
    assert sum("TODAY()" in text for text in formulas) == 1


def test_registries_of_all_settings_are_consistent():
    for aov in ("orders", "buyers"):
        for refund in ("units", "amount", "orders"):
            assert "refund_rate_target" in registry(aov_base=aov, refund_base=refund)
