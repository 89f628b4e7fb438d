"""Cells of other sheets of the budget workbook, for formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.cells import Cell, Style, letters, quoted
from xlplan.plan.budget.budget import TAXED
from xlplan.plan.exact.units import excel_round
from xlplan.sheets.budget.quotients import attained, attained_text, quotient, quotient_text
from xlplan.sheets.budget.settings_page import DIVIDE, TAX
from xlplan.sheets.budget.statement_page import COLUMN_OF

if TYPE_CHECKING:
    from xlplan.cells import Value
    from xlplan.plan.budget.budget import View
    from xlplan.sheets.budget.statement_page import StatementView


#: A cell's address and its value.
Ref = tuple[str, "Value"]


def amount_of(view: StatementView, key: str, number: int) -> tuple[str, float | str]:
    """Return the cell of a statement's amount and its value ("" when not known)."""
    cell = f"{quoted(view.tab.sheet)}{letters(COLUMN_OF[number])}{view.places[key]}"
    value = view.values[key][number]
    return cell, "" if np.isnan(value) else float(value)


def taken(view: StatementView, key: str, number: int, style: Style) -> Cell:
    """Return a cell that shows a statement's amount."""
    cell, value = amount_of(view, key, number)
    return Cell(value, f'=IF(COUNT({cell})=0,"",{cell})', style)


def kept(both: tuple[float, float], view: View, style: Style) -> Cell:
    """Return a cell of an amount that was kept, shown in the unit and basis chosen."""
    value = both[0] if view.tax == TAXED else both[1]
    if np.isnan(value):  # a profit without a cost of goods
        return Cell("", "", style)
    text = f'=IF({TAX}="{TAXED}",{both[0]:.2f},{both[1]:.2f})/{DIVIDE}'
    return Cell(value / view.divisor, text, style)


def ratio(above: Ref, below: Ref, style: Style) -> Cell:
    """Return a guarded quotient of two cells."""
    return Cell(quotient(above[1], below[1]), quotient_text(above[0], below[0]), style)


def attainment(done: Ref, plan: Ref, style: Style) -> Cell:
    """Return 达成率 of two cells."""
    return Cell(attained(done[1], plan[1]), attained_text(done[0], plan[0]), style)


def less(left: Ref, right: Ref, style: Style) -> Cell:
    """Return a guarded difference of two cells, to a fen of the largest unit (万元)."""
    text = f'=IF(COUNT({left[0]},{right[0]})<2,"",ROUND({left[0]}-{right[0]},6))'
    both = isinstance(left[1], float) and isinstance(right[1], float)
    value = excel_round(float(left[1]) - float(right[1]), 6) if both else ""  # type: ignore[arg-type]
    return Cell(value, text, style)


def growth(now: Ref, last: Ref, style: Style) -> Cell:
    """Return a guarded growth over last year's cell."""
    text = f'=IF(COUNT({now[0]},{last[0]})<2,"",IF({last[0]}=0,"",{now[0]}/{last[0]}-1))'
    value = quotient(now[1], last[1])
    return Cell(value - 1 if isinstance(value, float) else "", text, style)
