"""_活动: a row a campaign and store that takes part, what 活动目标 adds up; live formulas over the tables.

The days of a store lie together in the hidden tables, so a campaign is a block of rows there: its
first and last row are looked up once a row here, and every sum is over that block.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from xlplan.cells import Cell, Page, letters
from xlplan.plan import rollup
from xlplan.plan.days.taking_part import takes_part
from xlplan.plan.year import DUE
from xlplan.record import bundle, record
from xlplan.sheets.base.names import CAMPAIGN_ROWS
from xlplan.sheets.base.tables import KEY, serial

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Spot, Value
    from xlplan.plan.days.events import Event
    from xlplan.plan.exact.units import Floats
    from xlplan.plan.year import Year
    from xlplan.sheets.base.tables import TableAt, Tables

#: Days before and after a campaign that it is compared with.
BEFORE, AFTER = 28, 14
#: Campaigns that 活动目标 has room for.
SLOTS = 24
#: Sums over the campaign's days: column → (planned, columns of the hidden table).
_PLANNED = {"gmv_t": ("gmv",), "uv_t": ("uv",), "orders_t": ("orders",), "paid_t": ("gmv_paid",)}
_ACTUAL = {"gross": ("gmv",), "out": ("gmv_excluded",), "due": (DUE,), "uv": ("uv",), "orders": ("orders",), "orders_out": ("orders_excluded",), "paid": ("gmv_paid",), "new": ("new_buyers",), "like": ("gmv_like",), "past": ("gmv_past",)}  # fmt: skip
#: Columns of last year's edition besides its sales: the engine's, from a kept year.
LAST = ("last_uv", "last_orders", "last_spend")
COLUMNS = (
    *("name", "store", "start", "end", "p1", "p2", "a1", "a2"),
    *(*_PLANNED, "spend_t", *_ACTUAL, "spend", "known"),
    *("b1", "before", "before_days", "c2", "after", "after_days"),
    *("last_gmv", *LAST),
)
AT = {name: number for number, name in enumerate(COLUMNS, start=1)}
FIRST = 2


def column_range(name: str, stores: int) -> str:
    """Return the absolute range of a column, for formulas on 活动目标."""
    letter = letters(AT[name])
    return f"{CAMPAIGN_ROWS}!${letter}${FIRST}:${letter}${FIRST + SLOTS * stores - 1}"


def listed(year: Year) -> list[Event]:
    """Return the campaigns that are switched on and anchored in the year, by start."""
    found = [e for e in year.calendar.events if e.enabled and e.edition == year.year]
    return sorted(found, key=lambda event: (event.start, event.name))[:SLOTS]


@record
class Pair:
    """A campaign and a store that takes part, as positions in the year.

    Attributes:
        event: The campaign.
        store: The store.
        first: Position of its first day in the year.
        last: Position of its last day.
    """

    event: Event
    store: str
    first: int
    last: int


def pairs(year: Year) -> list[Pair]:
    """Return every campaign with every store that takes part in it."""
    start, count = date(year.year, 1, 1), len(year.calendar.days)
    return [
        Pair(event, store, max((event.start - start).days, 0), min((event.end - start).days, count - 1))
        for event in listed(year)
        for store in year.stores
        if takes_part(event, store, year.platforms) and event.end >= start
    ]  # fmt: skip


@bundle
class PairRows:
    """The rows of _活动.

    Attributes:
        year: The year.
        tables: Where the hidden tables are.
        last: (Campaign, store) → columns of `LAST` that are known of the edition before.
    """

    year: Year
    tables: Tables
    last: Mapping[tuple[str, str], Mapping[str, float]]

    @cached_property
    def rows(self) -> list[Pair]:
        """The pairs, in order."""
        return pairs(self.year)

    @cached_property
    def values(self) -> list[dict[str, float]]:
        """Column → number of each row, NaN where there is none."""
        return [self._numbers(pair) for pair in self.rows]

    @cached_property
    def _spend(self) -> tuple[str, ...]:
        return tuple(f"spend_{channel.key}" for channel in self.year.metrics.channels)

    def _numbers(self, pair: Pair) -> dict[str, float]:
        plan, actual = (
            cube.of_scope(pair.store) for cube in (self.year.planned, self.year.actual)
        )
        inside = slice(pair.first, pair.last + 1)

        def added(table: Mapping[str, Floats], names: Sequence[str], days: slice) -> float:
            return rollup.total(np.concatenate([table[name][days] for name in names]))

        found = {key: added(plan, names, inside) for key, names in _PLANNED.items()}
        found |= {"spend_t": added(plan, self._spend, inside)}
        found |= {key: added(actual, names, inside) for key, names in _ACTUAL.items()}
        found |= {"spend": added(actual, self._spend, inside)}
        before = slice(max(pair.first - BEFORE, 0), pair.first)
        after = slice(pair.last + 1, pair.last + 1 + AFTER)
        for key, days in (("known", inside), ("before_days", before), ("after_days", after)):
            found[key] = float((~np.isnan(actual["gmv"][days])).sum())
        for key, days in (("before", before), ("after", after)):
            out = np.nan_to_num(actual["gmv_excluded"][days]).sum()
            found[key] = float(np.nan_to_num(actual["gmv"][days]).sum() - out)
        before_it = actual["gmv_comparable"][inside]
        found["last_gmv"] = float("nan") if np.isnan(before_it).any() else float(before_it.sum())
        mine = self.last.get((pair.event.name, pair.store), {})
        return found | {key: mine.get(key, float("nan")) for key in LAST}

    def cells(self) -> dict[Spot, Cell]:
        """Return the cells, empty ones where a campaign or store takes part no more."""
        made: dict[Spot, Cell] = {}
        for number, (pair, values) in enumerate(zip(self.rows, self.values, strict=True)):
            row = FIRST + number
            made |= {(row, AT[key]): cell for key, cell in self._row(row, pair, values).items()}
        most = SLOTS * len(self.year.stores)
        rest = range(FIRST + len(self.rows), FIRST + most)
        return made | {(row, column): Cell(None) for row in rest for column in AT.values()}

    def _row(self, row: int, pair: Pair, values: Mapping[str, float]) -> dict[str, Cell]:
        event, ref = pair.event, {key: f"${letters(number)}{row}" for key, number in AT.items()}
        start, end = (date(self.year.year, 1, 1) + timedelta(days=n) for n in (pair.first, pair.last))  # fmt: skip
        fixed: dict[str, Value] = {"name": event.name, "store": pair.store, "start": serial(start), "end": serial(end)}  # fmt: skip
        made = {key: Cell(value) for key, value in fixed.items()}
        made |= self._places(pair, ref)
        for keys, table, rows in (
            (_PLANNED | {"spend_t": self._spend}, self.tables.plan, ("p1", "p2")),
            (_ACTUAL | {"spend": self._spend}, self.tables.actual, ("a1", "a2")),
        ):
            for key, names in keys.items():
                areas = ",".join(_block(table, n, ref[rows[0]], ref[rows[1]]) for n in names)
                made[key] = _number(f'=IF(COUNT({areas})=0,"",SUM({areas}))', values[key])
        known = _block(self.tables.actual, "gmv", ref["a1"], ref["a2"])
        made["known"] = _number(f"=COUNT({known})", values["known"])
        made |= self._around(ref, values)
        former = _block(self.tables.actual, "gmv_comparable", ref["a1"], ref["a2"])
        whole = f"{ref['end']}-{ref['start']}+1"
        made["last_gmv"] = _number(f'=IF(COUNT({former})<{whole},"",SUM({former}))', values["last_gmv"])  # fmt: skip
        return made | {key: _number("", values[key]) for key in LAST}

    def _places(self, pair: Pair, ref: Mapping[str, str]) -> dict[str, Cell]:
        """Return where a campaign begins and ends in the hidden tables, and the days around it."""
        block = self.year.scopes.index(pair.store) * len(self.year.calendar.days) + 1
        count = len(self.year.calendar.days)
        places = {"1": pair.first + block, "2": pair.last + block}
        made = {}
        for kind, table in (("p", self.tables.plan), ("a", self.tables.actual)):
            for end, day in (("1", "start"), ("2", "end")):
                formula = f'=MATCH({ref["store"]}&"|"&{ref[day]},{table.range(KEY)},0)'
                made[kind + end] = Cell(float(places[end]), formula)
        first = f"({ref['start']}-DATE({self.year.year},1,1))"
        left = f"(DATE({self.year.year},12,31)-{ref['end']})"
        made["b1"] = _number(f"={ref['a1']}-MIN({BEFORE},{first})", max(pair.first - BEFORE, 0) + block)  # fmt: skip
        made["c2"] = _number(f"={ref['a2']}+MIN({AFTER},{left})", min(pair.last + AFTER, count - 1) + block)  # fmt: skip
        return made

    def _around(self, ref: Mapping[str, str], values: Mapping[str, float]) -> dict[str, Cell]:
        actual, made = self.tables.actual, {}
        for key, first, last, some in (
            ("before", ref["b1"], f"{ref['a1']}-1", f"{ref['b1']}<{ref['a1']}"),
            ("after", f"{ref['a2']}+1", ref["c2"], f"{ref['c2']}>{ref['a2']}"),
        ):
            sold, out = (_block(actual, name, first, last) for name in ("gmv", "gmv_excluded"))
            made[key] = _number(f"=IF({some},SUM({sold})-SUM({out}),0)", values[key])
            days = f"{key}_days"
            made[days] = _number(f"=IF({some},COUNT({sold}),0)", values[days])
        return made


def _block(table: TableAt, name: str, first: str, last: str) -> str:
    area = table.range(name)
    return f"INDEX({area},{first}):INDEX({area},{last})"


def _number(formula: str, value: float) -> Cell:
    return Cell("" if np.isnan(value) else float(value), formula)


def pairs_page(rows: PairRows) -> Page:
    """Return the hidden sheet."""
    filled = {spot: cell for spot, cell in rows.cells().items() if cell != Cell(None)}
    page = Page(CAMPAIGN_ROWS, hidden=True, protect=True, cells=filled)
    for name, number in AT.items():
        page.put(1, number, name)
    return page
