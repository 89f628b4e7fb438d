"""The budget of a year as one value: what is planned, what stood at the year's start, what happened."""

from __future__ import annotations

from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from xlplan.plan.budget import statement
from xlplan.plan.budget.accounts import GMV, Chart
from xlplan.plan.budget.closed import Closed, with_closed
from xlplan.plan.budget.lines import Line, plan_lines, sales_lines, vat, without_tax
from xlplan.plan.budget.settings import COMMON, Terms
from xlplan.plan.budget.statement import Row, amounts, strict_sum, totals
from xlplan.plan.budget.units import UNSPLIT, Flows, Unit, known_actuals, planned
from xlplan.record import bundle, record

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from xlplan.plan.exact.units import Floats
    from xlplan.plan.parts.splits import Splits
    from xlplan.plan.year import Year

TAXED, UNTAXED = "含税", "未税"
YUAN, WAN = "元", "万元"
DIVISOR = {YUAN: 1, "千元": 1_000, WAN: 10_000}


@record
class View:
    """How amounts are shown: tax in or out, in which unit."""

    tax: str = TAXED
    unit: str = YUAN

    @property
    def divisor(self) -> int:
        """Yuan to one of the unit."""
        return DIVISOR[self.unit]


@record
class Frozen:
    """A line as it was kept: the budget at the year's start, a month's snapshot, the last export."""

    unit: str
    store: str
    channel: str
    account: str
    name: str
    gross: tuple[float, ...]
    net: tuple[float, ...]

    @property
    def key(self) -> str:
        """The row it belongs to."""
        return f"{self.account}/{self.name}" if self.name else self.account


@bundle
class Budget:
    """All of it.

    Attributes:
        year: The plan year.
        units: Units in order.
        plan: Lines of the current budget.
        actual: Lines of actuals, finance's figures before the platforms'.
        platform: Lines of actuals as the platforms say.
        flows: The plan's flows by unit (orders and visitors for 经营指标).
        happened: The actual flows by store.
        terms: What finance set.
        first: Lines at the year's start; None while nothing is frozen.
        closed: Finance's figures.
    """

    year: int
    units: tuple[Unit, ...]
    plan: Sequence[Line]
    actual: Sequence[Line]
    platform: Sequence[Line]
    flows: Flows
    happened: Flows
    terms: Terms
    first: Sequence[Frozen] | None = None
    closed: Sequence[Closed] = field(default_factory=tuple)

    @cached_property
    def chart(self) -> Chart:
        """The chart of accounts."""
        return Chart(self.terms.accounts)

    @cached_property
    def rows(self) -> list[Row]:
        """The statement's rows."""
        lines = [line.key for line in (*self.plan, *self.actual)]
        return statement.statement(self.chart, [*lines, *(line.key for line in self.first or ())])

    def channels(self) -> dict[str, list[Unit]]:
        """Return channel → its units, in order of first appearance."""
        made: dict[str, list[Unit]] = {}
        for unit in self.units:
            made.setdefault(unit.channel, []).append(unit)
        return made

    def costed(self, units: Sequence[Unit]) -> bool:
        """Return True when every unit that sells has a cost of goods: only then is there a profit."""
        return costed(freeze(self.plan), {unit.name for unit in units})

    def first_costed(self, units: Sequence[Unit]) -> bool:
        """Return `costed` of the budget of the year's start."""
        if self.first is None:
            return self.costed(units)
        return costed(self.first, {unit.name for unit in units})

    def leaves(self, unit: Unit, view: View) -> dict[str, Floats]:
        """Return the leaves of a unit's statement, row key → (27,)."""
        plan, actual = _by_key(self.plan, unit, view), _by_key(self.actual, unit, view)
        first = self._first(unit, view)
        none, zero = np.full(12, np.nan), np.zeros(12)
        made = {}
        for key in dict.fromkeys([*plan, *actual, *(first or ())]):
            months = plan.get(key, zero)
            start = months.sum() if first is None else first.get(key, 0.0)
            made[key] = amounts(start, months, actual.get(key, none))
        return made

    def _first(self, unit: Unit, view: View) -> dict[str, float] | None:
        if self.first is None:
            return None
        made: dict[str, float] = {}
        for line in self.first:
            if line.unit == unit.name:
                months = line.gross if view.tax == TAXED else line.net
                made[line.key] = made.get(line.key, 0.0) + sum(months) / view.divisor
        return made

    def amounts(self, units: Sequence[Unit], view: View) -> dict[str, Floats]:
        """Return the statement of some units together, row key → (27,)."""
        known = {"costed": self.costed(units), "first_costed": self.first_costed(units)}
        each = [totals(self.rows, self.leaves(unit, view), **known) for unit in units]
        if len(each) == 1:
            return each[0]
        elsewhere, whole = (
            [self.is_elsewhere(unit) for unit in units],
            [unit.store == COMMON for unit in units],
        )
        found = {
            row.key: strict_sum([one[row.key] for one in each], elsewhere, whole)
            for row in self.rows
            if row.level == 2 or (row.level and not row.parts)
        }
        return totals(self.rows, found, **known)

    def is_elsewhere(self, unit: Unit) -> bool:
        """Return True when a unit's actuals stand on its store's `UNSPLIT` unit."""
        return unit.channel != UNSPLIT and any(
            other.store == unit.store and other.channel == UNSPLIT for other in self.units
        )


def costed(lines: Sequence[Frozen], units: Collection[str]) -> bool:
    """Return True when each of these units that sells has a cost of goods in these lines."""
    with_cost = {line.unit for line in lines if line.account == statement.GOODS}
    selling = {line.unit for line in lines if line.account == GMV and any(line.gross)}
    mine = selling.intersection(units)
    return bool(mine) and mine <= with_cost


def _by_key(lines: Sequence[Line], unit: Unit, view: View) -> dict[str, Floats]:
    made: dict[str, Floats] = {}
    for line in lines:
        if line.unit.name == unit.name:
            months = (line.gross if view.tax == TAXED else line.net) / view.divisor
            before = made.get(line.key)
            made[line.key] = months if before is None else _plus(before, months)
    return made


def _plus(left: Floats, right: Floats) -> Floats:
    both = np.isnan(left) & np.isnan(right)
    return np.where(both, np.nan, np.nan_to_num(left) + np.nan_to_num(right))


def make_budget(  # noqa: PLR0913  # what a budget is made of
    year: Year,
    splits: Splits,
    terms: Terms,
    *,
    first: Sequence[Frozen] | None = None,
    closed: Sequence[Closed] = (),
    stores: Sequence[str] = (),
) -> Budget:
    """Return the budget.

    Args:
        year: Plan and actuals.
        splits: Platforms, for stores that sell on several.
        terms: What finance set.
        first: The budget frozen at the year's start.
        closed: What finance has closed.
        stores: Stores to show; all by default. Of the others nothing is kept, not even names.

    Raises:
        InfeasibleError: Platforms do not fit the plan.
    """
    flows = planned(year, splits, terms)
    lines = plan_lines(year, flows, terms)
    happened = known_actuals(year, terms)
    units = _units(flows.units, happened, closed, first or ())
    platform = _actual_lines(year, happened, units, terms)
    wanted = {unit.name for unit in units if not stores or unit.store in stores}
    units = tuple(unit for unit in units if unit.name in wanted)
    platform = [line for line in platform if line.unit.name in wanted]
    said = [one for one in closed if not stores or one.store in stores]
    return Budget(
        year.year,
        units,
        [line for line in lines if line.unit.name in wanted],
        with_closed(platform, said, units, terms) if said else platform,
        platform,
        _some(flows, wanted),
        _some(happened, {unit.store for unit in units}),
        terms,
        None if first is None else [line for line in first if line.unit in wanted],
        said,
    )


def _some(flows: Flows, wanted: set[str]) -> Flows:
    kept = [number for number, unit in enumerate(flows.units) if unit.name in wanted]
    values = {name: value[kept] for name, value in flows.values.items()}
    return Flows(tuple(flows.units[number] for number in kept), values)


def _units(
    planned: tuple[Unit, ...],
    happened: Flows,
    closed: Sequence[Closed],
    first: Sequence[Frozen],
) -> tuple[Unit, ...]:
    """Return all units: those planned, those that only actuals have, those that only 年初 had."""
    made = list(planned)
    names = {unit.name for unit in made}
    for store in happened.units:
        known = any(not np.isnan(happened.of(store, metric)).all() for metric in happened.values)
        known |= any(one.store == store.store for one in closed)
        name = f"{store.name}·{UNSPLIT}"
        if store.name not in names and name not in names and known:
            made.append(Unit(name, store.store, UNSPLIT, store.department, store.tax))
    rates = {unit.tax for unit in happened.units}
    names = {unit.name for unit in made}
    gone = {line.unit: line for line in first if line.unit not in names}
    made += [Unit(name, line.store, line.channel) for name, line in gone.items()]
    if any(not one.store for one in closed) and len(happened.units) > 1:
        made.append(Unit(COMMON, COMMON, COMMON, "", rates.pop() if len(rates) == 1 else 0.0))
    return tuple(made)


def _actual_lines(year: Year, happened: Flows, units: Sequence[Unit], terms: Terms) -> list[Line]:
    """Return what platforms say, on the unit that takes a store's actuals."""
    made: list[Line] = []
    for store in happened.units:
        unit = next((unit for unit in reversed(units) if unit.store == store.store), None)
        if unit is None or not _has_any(happened, store):
            continue
        sold, back = happened.of(store, "gmv"), happened.of(store, "refund_amount")
        lines = sales_lines(unit, sold, np.where(np.isnan(sold), np.nan, np.nan_to_num(back)))
        for channel in year.metrics.channels:
            months = happened.of(store, f"spend_{channel.key}")
            if not np.isnan(months).all():
                code = terms.account_of(channel.key)
                tax = terms.input_tax.get(code, 0.0)
                net = without_tax(months, tax)
                lines.append(
                    Line(
                        unit, code, channel.label, "实际", tax, months, net, f"spend_{channel.key}"
                    )
                )
        made += [*lines, vat(unit, lines)]
    return made


def _has_any(happened: Flows, store: Unit) -> bool:
    return any(not np.isnan(happened.of(store, metric)).all() for metric in happened.values)


def freeze(lines: Sequence[Line]) -> list[Frozen]:
    """Return lines as they are kept; those that come to nothing are left out."""
    return [
        Frozen(
            line.unit.name,
            line.unit.store,
            line.unit.channel,
            line.account,
            line.name,
            tuple(line.gross.tolist()),
            tuple(line.net.tolist()),
        )
        for line in lines
        if np.any(line.gross) or np.any(line.net)
    ]
