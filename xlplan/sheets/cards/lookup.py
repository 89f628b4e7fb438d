"""_指标: months of the calendar, the plan, and of every metric that a card takes its actuals from."""

from __future__ import annotations

import calendar
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from xlplan.cells import Cell, Page, Span, letters
from xlplan.metrics import Add, target_of
from xlplan.plan import rollup
from xlplan.plan.cards.card import card_from
from xlplan.plan.cards.fromclaims import takes
from xlplan.plan.cards.measure import Setting, Taken
from xlplan.plan.year import DUE
from xlplan.record import bundle
from xlplan.sheets.base.names import CARD_MONTHS
from xlplan.sheets.base.tables import MONTH, STORE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from xlplan.cells import Spot
    from xlplan.metrics import Metric
    from xlplan.plan.cards.card import Card
    from xlplan.plan.year import Year
    from xlplan.sheets.base.tables import Tables

    Floats = NDArray[np.float64]

_FIRST, _TOTAL = 3, 15
_TARGET = "_target"
#: Sales: what was due of them on the days that are known stands in the book already.
_SALES = ("gmv", "gmv_net")
MONTH_ROW, DAY_ROW, PLAN_ROW, ONE_ROW, PASSED_ROW, TOP = 2, 3, 4, 5, 6, 8
_LABELS = {MONTH_ROW: "月", DAY_ROW: "天数", PLAN_ROW: "计划销售额", ONE_ROW: "平均", PASSED_ROW: "已过"}  # fmt: skip


def month_range(row: int) -> str:
    """Return the twelve months of a line, for formulas on other sheets."""
    return f"{CARD_MONTHS}!${letters(_FIRST)}${row}:${letters(_FIRST + 11)}${row}"


def total_cell(row: int) -> str:
    """Return the year of a line, for formulas on other sheets."""
    return f"{CARD_MONTHS}!${letters(_TOTAL)}${row}"


def source_of(card: Card, year: Year) -> Metric | None:
    """Return the metric a card takes its actuals from; None when there is none that it can take."""
    metric = year.metrics.find(card.source) if card.source else None
    return metric if metric is not None and takes(metric, year.metrics) else None


@bundle
class Lookup:
    """The lines of _指标 for the cards of a state."""

    year: Year
    cards: Sequence[Card]

    @cached_property
    def needed(self) -> dict[tuple[str, str], int]:
        """(Store, metric) → its line; the share of known days of its months stands below it."""
        found: dict[tuple[str, str], None] = {}
        for card in self.cards:
            metric, scope = source_of(card, self.year), self.scope(card)
            if metric and scope:
                names = self.year.metrics.order([metric.name, *self.planned(metric)])
                found |= dict.fromkeys((scope, name) for name in names)
                if metric.name in _SALES:
                    found[scope, DUE] = None
        return {pair: TOP + 2 * number for number, pair in enumerate(found)}

    def planned(self, metric: Metric) -> list[str]:
        """Return the plan's side of a metric, where it has one."""
        name = target_of("gmv" if metric.name == "gmv_net" else metric.name)
        return [name] if name in self.year.metrics else []

    def plan_cells(self, card: Card) -> tuple[str, str] | None:
        """Return the cells with the plan's year of a card's metric, and with what is due of it by now."""
        metric, scope = source_of(card, self.year), self.scope(card)
        if metric is None or not scope or not self.planned(metric):
            return None
        row = self.needed[scope, self.planned(metric)[0]]
        if metric.name in _SALES:
            return total_cell(row), total_cell(self.needed[scope, DUE])
        due = row + 1 if self._has_due(self.planned(metric)[0]) else row
        return total_cell(row), total_cell(due)

    def scope(self, card: Card) -> str:
        """Return the store of a card as the tables name it, "" for one that the book does not have."""
        scope = card.store or self.year.scopes[0]
        return scope if scope in self.year.scopes else ""

    def line(self, card: Card) -> int | None:
        """Return the line of a card's metric; None when it has none."""
        metric = source_of(card, self.year)
        return self.needed.get((self.scope(card), metric.name)) if metric else None

    def first_of(self, name: str) -> str:
        """Return the base metric whose known days count for a metric."""
        metrics = self.year.metrics
        name = name.removesuffix(_TARGET)
        if name not in metrics:
            return "gmv"  # what was due is there where sales are
        leaves = [metrics[one] for one in metrics.order([name]) if metrics[one].formula is None]
        return next((one.name for one in leaves if not one.exclusion), leaves[0].name)

    @cached_property
    def setting(self) -> Setting:
        """What the cards are measured in."""
        days, taken = self._days, {}
        for number, card in enumerate(self.cards):
            metric, scope = source_of(card, self.year), self.scope(card)
            if metric is None or not scope:
                continue
            value = _said(self.months(scope, metric.name)[12])
            known = tuple(self.known(scope, metric.name).tolist())
            taken[number] = Taken(value, known, *self._plan_of(scope, metric))
        return Setting(tuple(days), tuple(self._plan), self._passed, taken)

    def _plan_of(self, scope: str, metric: Metric) -> tuple[float | None, float | None]:
        """Return the plan's year of a metric, and what of it is due on the days that are known."""
        if not self.planned(metric):
            return None, None
        name = self.planned(metric)[0]
        year = _said(self.months(scope, name)[12])
        if metric.name in _SALES:
            return year, _said(self.months(scope, DUE)[12])
        return year, self.due(scope, name) if self._has_due(name) else year

    def _has_due(self, name: str) -> bool:
        """Return whether what is due by now differs from the year: of flows, and of ratios of them."""
        metric = self.year.metrics.metrics[name]
        return metric.add is Add.FLOW or metric.formula is not None

    def due(self, scope: str, name: str) -> float | None:
        """Return what a plan comes to on the days that are known: a ratio, of its parts then."""
        metric = self.year.metrics.metrics[name]
        if metric.add is not Add.FLOW and metric.formula is not None:
            parts = {one: self.due(scope, one) for one in metric.formula.names}
            missing = [one for one, value in parts.items() if value is None]
            return None if missing else _said(float(metric.formula.evaluate({one: np.array(value) for one, value in parts.items()})))  # fmt: skip
        months, known = self.months(scope, name)[:12], self.known(scope, name)
        return None if np.isnan(months).all() else float((np.nan_to_num(months) * known).sum())

    @cached_property
    def _days(self) -> list[float]:
        return [float(calendar.monthrange(self.year.year, month)[1]) for month in range(1, 13)]

    @cached_property
    def _plan(self) -> list[float]:
        groups = self.year.calendar.days["month"].to_numpy() - 1
        sums = rollup.sums(self.year.planned.of_scope(self.year.scopes[0])["gmv"], groups, 12)
        return [float(value) for value in np.nan_to_num(sums)]

    @cached_property
    def _passed(self) -> tuple[float, ...]:
        as_of = self.year.as_of
        if as_of is None:
            return (1.0,) * 12
        first = [date(self.year.year, month, 1) for month in range(1, 13)]
        return tuple(max(0.0, min(1.0, ((as_of - day).days + 1) / count)) for day, count in zip(first, self._days, strict=True))  # fmt: skip

    def months(self, scope: str, name: str) -> Floats:
        """Return a metric's twelve months and its year."""
        return self._values[scope][name]

    @cached_property
    def _values(self) -> dict[str, dict[str, Floats]]:
        groups = self.year.calendar.days["month"].to_numpy() - 1
        made: dict[str, dict[str, Floats]] = {}
        for scope, name in self.needed:  # operands come before what they make
            done, metric = made.setdefault(scope, {}), self.year.metrics.metrics.get(name)
            if metric is None or metric.formula is None:
                months = rollup.sums(self._daily(scope, name), groups, 12)
                done[name] = np.append(months, rollup.total(months))
            elif metric.add is Add.FLOW:
                months = metric.formula.evaluate({n: done[n][:12] for n in metric.formula.names})
                done[name] = np.append(months, rollup.total(months))
            else:
                done[name] = metric.formula.evaluate({n: done[n] for n in metric.formula.names})
        return made

    def _daily(self, scope: str, name: str) -> Floats:
        planned = name.endswith(_TARGET)
        cube = self.year.planned if planned else self.year.actual
        return cube.of_scope(scope)[name.removesuffix(_TARGET)]

    def known(self, scope: str, name: str) -> Floats:
        """Return the share of each month's days that are known of a metric."""
        months = self.year.calendar.days["month"].to_numpy()
        there = ~np.isnan(self.year.actual.of_scope(scope)[self.first_of(name)])
        return np.array([there[months == month].sum() / days for month, days in enumerate(self._days, start=1)])  # fmt: skip

    def cells(self, tables: Tables) -> dict[Spot, Cell]:
        """Return the whole sheet."""
        made = self._heads(tables)
        for (scope, name), row in self.needed.items():
            made |= self._lines(scope, name, row, tables)
        return made

    def _lines(self, scope: str, name: str, row: int, tables: Tables) -> dict[Spot, Cell]:
        """Return a metric's months, and below them what share of their days is known."""
        metric, values = self.year.metrics.metrics.get(name), self.months(scope, name)
        label = metric.label if metric else "应达（有实际的日子）"
        made = {(row, 1): Cell(scope), (row, 2): Cell(label), (row + 1, 1): Cell(scope), (row + 1, 2): Cell(f"{label}·已知天数占比")}  # fmt: skip
        for at in range(13):
            value = _said(values[at])
            formula = self._formula(name, scope, row, at, tables)
            made[row, _FIRST + at] = Cell("" if value is None else value, formula)
        for at, share in enumerate(self.known(scope, name).tolist()):
            made[row + 1, _FIRST + at] = Cell(share, self._known_formula(name, scope, at, tables))
        if name.endswith(_TARGET) and metric and self._has_due(name):
            due = self.due(scope, name)
            made[row + 1, _TOTAL] = Cell("" if due is None else due, self._due_formula(metric, scope, row))  # fmt: skip
        return made

    def _due_formula(self, metric: Metric, scope: str, row: int) -> str:
        if metric.add is not Add.FLOW and metric.formula is not None:
            return metric.formula.to_excel(lambda one: total_cell(self.needed[scope, one] + 1).rpartition("!")[2])  # fmt: skip
        ends = letters(_FIRST), letters(_FIRST + 11)
        block, shares = (f"{ends[0]}{one}:{ends[1]}{one}" for one in (row, row + 1))
        return f'=IF(COUNT({block})=0,"",SUMPRODUCT({block},{shares}))'

    def _heads(self, tables: Tables) -> dict[Spot, Cell]:
        made: dict[Spot, Cell] = {(1, 1): Cell("店铺"), (1, 2): Cell("指标"), (1, _TOTAL): Cell("全年")}  # fmt: skip
        made |= {(row, 2): Cell(label) for row, label in _LABELS.items()}
        plan, number = tables.plan, self.year.year
        for at in range(12):
            column, month = _FIRST + at, at + 1
            letter = letters(column)
            made[1, column] = Cell(f"{month}月")
            made[MONTH_ROW, column], made[ONE_ROW, column] = Cell(month), Cell(1)
            made[DAY_ROW, column] = Cell(int(self._days[at]))
            where = f'{plan.range(STORE)},"{self.year.scopes[0]}",{plan.range(MONTH)},{month}'
            made[PLAN_ROW, column] = Cell(self._plan[at], f"=SUMIFS({plan.range('gmv')},{where})")
            passed = f"(xlplan_asof-DATE({number},{month},1)+1)/{letter}${DAY_ROW}"
            made[PASSED_ROW, column] = Cell(self._passed[at], f"=IF(ISNUMBER(xlplan_asof),MAX(0,MIN(1,{passed})),1)")  # fmt: skip
        return made

    def _formula(self, name: str, scope: str, row: int, at: int, tables: Tables) -> str:
        letter, metric = letters(_FIRST + at), self.year.metrics.metrics.get(name)
        if at == 12 and (metric is None or metric.add is Add.FLOW):
            block = f"{letters(_FIRST)}{row}:{letters(_FIRST + 11)}{row}"
            return f'=IF(COUNT({block})=0,"",SUM({block}))'
        if metric is not None and metric.formula is not None:
            return metric.formula.to_excel(lambda one: f"{letter}{self.needed[scope, one]}")
        table = tables.plan if name.endswith(_TARGET) else tables.actual
        values = table.range(name.removesuffix(_TARGET))
        where = f'{table.range(STORE)},"{scope}",{table.range(MONTH)},{at + 1}'
        return f'=IF(COUNTIFS({where},{values},"<>")=0,"",SUMIFS({values},{where}))'

    def _known_formula(self, name: str, scope: str, at: int, tables: Tables) -> str:
        values, letter = tables.actual.range(self.first_of(name)), letters(_FIRST + at)
        where = f'{tables.actual.range(STORE)},"{scope}",{tables.actual.range(MONTH)},{at + 1}'
        return f'=COUNTIFS({where},{values},"<>")/{letter}${DAY_ROW}'


def _said(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def lookup_of(year: Year, texts: Sequence[Mapping[str, object]]) -> Lookup:
    """Return the lines for cards as the state keeps them."""
    return Lookup(year, [card_from(one) for one in texts])


def lookup_page(lookup: Lookup, tables: Tables) -> Page:
    """Return the hidden sheet."""
    page = Page(CARD_MONTHS, cells=lookup.cells(tables), hidden=True)
    page.columns |= {1: Span(14), 2: Span(24)}
    page.freeze = (2, _FIRST)
    return page


__all__ = ["Lookup", "lookup_of", "lookup_page", "month_range", "source_of", "total_cell"]
