"""Forecasts kept in _元数据 as they were issued, and what their months came to."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from xlplan.plan.days.periods import months
from xlplan.plan.outlook.scoring import Issued
from xlplan.sheets.hidden.meta import FORECASTS

if TYPE_CHECKING:
    from xlplan.plan.year import Year
    from xlplan.sheets.state.book import BookState

#: A month with more than this part of its days missing is not over: it says nothing.
_MISSING = 0.2


def issued_of(state: BookState) -> list[Issued]:
    """Return the forecasts a book keeps, oldest first."""
    lines = state.meta.get(FORECASTS, "").split("\n")
    return [row for line in lines if (row := _read(line))]


def _read(line: str) -> Issued | None:
    """Return the forecast of a line; None of one that nobody here wrote."""
    parts = line.split("\t")
    if len(parts) != 8:
        return None
    try:
        figures = [float(text) if text else float("nan") for text in parts[3:]]
        low, middle, high, target, chance = figures
        day = date.fromisoformat(parts[2])
        return Issued(parts[0], int(parts[1]), day, low, middle, high, target, chance)
    except ValueError:
        return None


def months_over(year: Year) -> dict[tuple[str, int], float]:
    """Return (scope, month) → what it came to, of the months that are over and known."""
    last = year.as_of
    if last is None:
        return {}
    came: dict[tuple[str, int], float] = {}
    start = date(year.year, 1, 1)
    for scope in year.scopes:
        actual = year.actual.of_scope(scope)
        net = actual["gmv"] - np.nan_to_num(actual["gmv_excluded"])
        for number in range(1, 13):
            period = months(year.year, number, number)
            days = net[(period.first - start).days : (period.last - start).days + 1]
            if period.last <= last and np.isnan(days).mean() <= _MISSING:
                came[scope, number] = float(np.nansum(days))
    return came
