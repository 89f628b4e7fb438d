"""One store's share of a plan year, and where its live workbook finds actual values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.cells import letters
from xlplan.plan.year import actual_columns
from xlplan.record import record, replace
from xlplan.sheets.base.names import ACTUAL, PLAN
from xlplan.sheets.base.tables import DATE, TableAt, Tables, table_at
from xlplan.sheets.daily.page import FIRST_ROW, SHEET, input_metrics

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from xlplan.plan.year import Year
    from xlplan.sheets.daily.page import DailyAt

_BEFORE = "_last_month"


def part_of(year: Year, store: str) -> Year:
    """Return the year of one store alone: its plan and imported actuals, no notes."""
    plan, actuals = year.plan.loc[[store]], year.actuals.loc[[store]]
    return replace(year, stores=(store,), plan=plan, actuals=actuals, notes={})


def with_typed(part: Year, typed: Mapping[date, Mapping[str, object]]) -> Year:
    """Return a store's year with the actuals that its month sheets show.

    Typed values come first, then what was imported; last month's same day is looked up
    among them, January's stays as imported.
    """
    actuals = part.actuals.copy()
    days = actuals.index.get_level_values("date")
    for name in input_metrics(part.metrics):
        column = np.array([_number(typed.get(day.date(), {}).get(name)) for day in days])
        actuals[name] = np.where(np.isnan(column), actuals[name].to_numpy(), column)
    for name in (n for n in actual_columns(part.metrics) if n.endswith(_BEFORE)):
        actuals[name] = _month_before(actuals[name.removesuffix(_BEFORE)], actuals[name])
    return replace(part, actuals=actuals)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else np.nan


def _month_before(values: pd.Series, imported: pd.Series) -> pd.Series:
    """Return each day's value a month earlier (clamped at month ends, as EDATE does)."""
    days = pd.DatetimeIndex(values.index.get_level_values("date"))
    earlier = days - pd.DateOffset(months=1)
    known = pd.Series(values.to_numpy(), index=days).reindex(earlier).to_numpy()
    kept = np.where(days.month == 1, imported.to_numpy(), known)
    return pd.Series(kept, index=values.index)


@record
class LiveActual(TableAt):
    """Actual values of a store workbook: what 日报 says, else what was imported before.

    A row number is a row of 日报; the imported table is asked by the same day.
    """

    daily: Mapping[str, int]
    imported: TableAt
    live = True

    def lookup(self, name: str, row: str) -> str:
        """Return a formula giving the value of 日报 row `row`, or of the day's import."""
        if name.endswith(_BEFORE):
            return self._before(name, row)
        day = f"INDEX({self._dates},{row})"
        return (
            self._either(name, row, day) if name in self.daily else f"={self._imported(name, day)}"
        )

    def match(self, scope: str, day: str) -> str:
        """Return a formula giving the row of a day on 日报; `scope` is the only store."""
        del scope
        return f"=MATCH({day},{self._dates},0)"

    @property
    def _dates(self) -> str:
        return self._column("date")

    def _column(self, key: str) -> str:
        letter = letters(self.daily[key])
        return f"{SHEET}!${letter}${FIRST_ROW}:${letter}${FIRST_ROW + self.rows - 1}"

    def _either(self, name: str, row: str, day: str) -> str:
        typed = f"INDEX({self._column(name)},{row})"
        return f'=IF({typed}<>"",{typed},{self._imported(name, day)})'

    def _imported(self, name: str, day: str) -> str:
        found = f"INDEX({self.imported.range(name)},MATCH({day},{self.imported.range(DATE)},0))"
        return f'IF({found}="","",{found})'

    def _before(self, name: str, row: str) -> str:
        day = f"INDEX({self._dates},{row})"
        earlier = f"EDATE({day},-1)"
        there = f"MATCH({earlier},{self._dates},0)"
        found = self._either(name.removesuffix(_BEFORE), there, earlier)[1:]
        return f"=IF(MONTH({day})=1,{self._imported(name, day)},{found})"


def store_tables(year: Year, at: DailyAt) -> Tables:
    """Return the tables of a store workbook, for its year and its 日报."""
    imported = table_at(ACTUAL, year.actual)
    live = LiveActual(ACTUAL, imported.columns, imported.rows, at.columns, imported)
    return Tables(table_at(PLAN, year.planned), live)
