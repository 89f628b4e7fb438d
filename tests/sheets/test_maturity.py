"""Refunds that still grow are grey: on their day, and in every total that has such a day."""

from __future__ import annotations

from datetime import date

import pytest

from xlplan.cells import letters
from xlplan.sheets.base import look
from xlplan.sheets.month.derived import DATE_ROW, FIRST_COLUMN, month_as_built
from xlplan.sheets.month.page import REFUNDS

EPOCH = date(1899, 12, 30)


def greys(page):
    return [rule for rule in page.highlights if getattr(rule, "color", "") == look.YOUNG]


def is_grey(formula: str, row: list[object], as_of: date) -> bool:
    """Evaluate a conditional format over one row of dates and texts, in row `DATE_ROW`."""
    formualizer = pytest.importorskip("formualizer")
    book = formualizer.Workbook()
    book.add_sheet("S")
    for column, value in enumerate(row, 1):
        if isinstance(value, date):
            days = float((value - EPOCH).days)
            book.set_value("S", DATE_ROW, column, formualizer.LiteralValue.number(days))
        elif value:
            book.set_value("S", DATE_ROW, column, formualizer.LiteralValue.text(str(value)))
    book.set_formula("S", 99, 1, formula.replace("xlplan_asof", str((as_of - EPOCH).days)))
    return bool(book.evaluate_cell("S", 99, 1))


def greys_of_month(page, at, as_of: date) -> set[str]:
    row = [getattr(page.cells.get((DATE_ROW, n)), "value", "") for n in range(1, 50)]
    formula = greys(page)[0].formula
    start, here = letters(FIRST_COLUMN - 2), letters(FIRST_COLUMN)
    found = set()
    for key, column in at.columns.items():
        moved = formula.replace(f"{start}$", f"{letters(column - 2)}$")
        moved = moved.replace(f":{here}$", f":{letters(column)}$")
        found |= {key} if is_grey(moved, row, as_of) else set()
    return found


def test_the_last_days_and_the_totals_they_are_in_are_grey(one, one_pages):
    september, august = one_pages["9月"], one_pages["8月"]
    assert {rule.area.top for rule in greys(september)} == {month_as_built(one.year, 9).rows[key] for key in REFUNDS}  # fmt: skip
    found = greys_of_month(august, month_as_built(one.year, 8), date(2026, 9, 3))
    days = {key for key in found if key.startswith("d:")}
    assert days == {"d:2026-08-28", "d:2026-08-29", "d:2026-08-30", "d:2026-08-31"}
    assert found - days == {"w:2026-W35-08", "w:2026-W36-08", "m:8"}
    assert greys_of_month(august, month_as_built(one.year, 8), date(2026, 9, 7)) == set()
    begun = greys_of_month(september, month_as_built(one.year, 9), date(2026, 9, 7))
    assert {"w:2026-W36-09", "w:2026-W37-09", "m:9", "d:2026-09-01"} <= begun


def test_the_year_and_the_daily_rows_grey_the_same_days(one_pages):
    year, daily = one_pages["年度规划"], one_pages["日报"]
    keys = {column: key for key, column in zip_columns(year)}
    grey = {keys[rule.area.left] for rule in greys(year) if is_grey(rule.formula, [], date(2026, 9, 3))}  # fmt: skip
    assert grey == {"m:8", "m:9", "q:3", "y"}
    (rule,) = greys(daily)
    here = rule.formula.replace(f"$A{rule.area.top}", f"A{DATE_ROW}")
    told = [is_grey(here, [date(2026, 9, day)], date(2026, 9, 12)) for day in (5, 6, 12, 13)]
    assert told == [False, True, True, False]


def zip_columns(page):
    from xlplan.sheets.year.page import KEY_ROW

    return [(str(cell.value), spot[1]) for spot, cell in page.cells.items() if spot[0] == KEY_ROW]
