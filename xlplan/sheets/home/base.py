"""What the parts of 首页 share: the state shown, places, and formulas over the hidden tables."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from xlplan.cells import Area, Cell, letters
from xlplan.record import bundle
from xlplan.sheets.base import look
from xlplan.sheets.base.tables import DATE, MONTH, STORE
from xlplan.sheets.home.figures import Moment, Sales, moment, sales
from xlplan.sheets.home.layout import PERIODS, SCOPE_SPOT, HomeAt
from xlplan.sheets.home.told import AS_OF, TOLD_COLUMN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from xlplan.cells import Spot, Style, Value
    from xlplan.errors import Problem
    from xlplan.plan.days.periods import Period
    from xlplan.plan.year import Year
    from xlplan.sheets.base.tables import Tables

MONEY, RATE, DAY = "#,##0", "0.0%", 'm"月"d"日"'


def fixed_at(spot: Spot) -> str:
    """Return the absolute address of a cell."""
    return Area(*spot, *spot).fixed


def shown(value: float) -> float | str:
    """Return a number for a cell, "" where there is none."""
    return "" if np.isnan(value) else float(value)


def derived(value: Value, formula: str, number: str = "General", **looks: Any) -> Cell:
    """Return a formula with its value."""
    return Cell(value, formula, look.DERIVED.but(number=number, **looks))


@bundle
class Shown:
    """What 首页 is made from.

    Attributes:
        year: The year.
        tables: Where _计划 and _实际 stand.
        scope: The scope chosen.
        told: What was foreseen and found (`xlplan.sheets.home.told`).
        problems: The findings on 问题.
        today: Today.
    """

    year: Year
    tables: Tables
    scope: str
    told: Mapping[str, Any]
    problems: Sequence[Problem]
    today: date

    @cached_property
    def at(self) -> HomeAt:
        """Where things stand."""
        return HomeAt(len(self.year.scopes))

    @cached_property
    def moment(self) -> Moment:
        """The days it is about."""
        return moment(self.year, self.today)

    @cached_property
    def sales(self) -> Sales:
        """Daily sales of the scope chosen."""
        return sales(self.year, self.scope)

    @cached_property
    def chosen(self) -> Mapping[str, Any]:
        """What was foreseen of the scope chosen, as of the last day known; else nothing."""
        found: Mapping[str, Any] = self.told.get("scopes", {}).get(self.scope, {})
        as_of = self.moment.as_of
        return found if as_of and found.get(AS_OF) == as_of.isoformat() else {}

    def number(self, name: str) -> float:
        """Return a figure foreseen of the scope chosen; NaN where it is not said."""
        value = self.chosen.get(name)
        return float("nan") if value is None else float(value)

    def period(self, name: str) -> Period:
        """Return a period."""
        return self.moment.span(name)

    # formulas

    def told_at(self, name: str) -> str:
        """Return the cell of a figure foreseen of the scope chosen."""
        return fixed_at((self.at.chosen, TOLD_COLUMN[name]))

    @property
    def scope_at(self) -> str:
        """The cell of the selector."""
        return fixed_at(SCOPE_SPOT)

    def spanned(self, name: str, column: int) -> str:
        """Return a cell of a period's row below the page."""
        return fixed_at((self.at.span(PERIODS.index(name)), column))

    def planned(self, metric: str, where: str) -> str:
        """Return the formula of a sum over the plan."""
        return f"SUMIFS({self.tables.plan.range(metric)},{where})"

    def counted(self, metric: str, where: str) -> str:
        """Return the formula of how many days of the plan have a metric."""
        return f'COUNTIFS({where},{self.tables.plan.range(metric)},"<>")'

    def has_plan(self, where: str) -> str:
        """Return the formula of whether any sales are planned."""
        return f"{self.counted('gmv', where)}>0"

    def known(self, where: str) -> str:
        """Return the formula of whether anything is known."""
        return f'COUNTIFS({where},{self.tables.actual.range("gmv")},"<>")>0'

    def actual(self, metric: str, where: str) -> str:
        """Return the formula of a sum over the actuals."""
        return f"SUMIFS({self.tables.actual.range(metric)},{where})"

    def net(self, where: str) -> str:
        """Return the formula of net sales."""
        return f"({self.actual('gmv', where)}-{self.actual('gmv_excluded', where)})"

    def plan_where(self, scope: str, *more: str) -> str:
        """Return the conditions for rows of the plan: `more` as column name and test."""
        return _where(self.tables.plan, scope, more)

    def actual_where(self, scope: str, *more: str) -> str:
        """Return the conditions for rows of the actuals."""
        return _where(self.tables.actual, scope, more)


def _where(table: Any, scope: str, more: Sequence[str]) -> str:
    tests = [(table.range(name), test) for name, test in zip(more[::2], more[1::2], strict=True)]
    return ",".join([f"{table.range(STORE)},{scope}", *(f"{area},{test}" for area, test in tests)])


def between(first: str, last: str) -> tuple[str, ...]:
    """Return the conditions of days between two cells."""
    return (DATE, f'">="&{first}', DATE, f'"<="&{last}')


def in_month(month: str) -> tuple[str, ...]:
    """Return the condition of the days of a month."""
    return (MONTH, month)


def block(area: str, scope: int, days: int) -> str:
    """Return the part of a table column that belongs to a scope, counted from 0."""
    start, _, _ = area.partition(":")
    sheet, _, first = start.partition("!")
    column = first.rstrip("0123456789")
    return f"{sheet}!{column}{scope * days + 2}:{column}{(scope + 1) * days + 1}"


def cell_at(row: int, column: int) -> str:
    """Return a relative address."""
    return f"{letters(column)}{row}"


def plain(style: Style) -> Style:
    """Return a style without its border."""
    return style.but(border=False)
