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
from xlplan.plan.days.taking_part import takes_part
from xlplan.plan.year import DUE
from xlplan.record import bundle, record
from xlplan.sheets.base.names import CAMPAIGN_ROWS
from xlplan.sheets.base.tables import KEY, serial

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Spot
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
_DIGITS = 6
#: Stands for the row in a formula.
_ROW = "\0"


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

    @cached_property
    def _sums(self) -> dict[str, _Running]:
        """Column → running sums of what it adds up, each table once for all campaigns."""
        plan, actual = self.year.planned.values, self.year.actual.values
        made = {key: _Running.of([plan[n] for n in names]) for key, names in _PLANNED.items()}
        made["spend_t"] = _Running.of([plan[name] for name in self._spend])
        made |= {key: _Running.of([actual[n] for n in names]) for key, names in _ACTUAL.items()}
        made["spend"] = _Running.of([actual[name] for name in self._spend])
        return made | {"last_gmv": _Running.of([actual["gmv_comparable"]])}

    def _numbers(self, pair: Pair) -> dict[str, float]:
        row, sums = self.year.scopes.index(pair.store), self._sums
        first, last = pair.first, pair.last + 1
        found = {key: each.total(row, first, last) for key, each in sums.items()}
        if sums["last_gmv"].count(row, first, last) < last - first:
            found["last_gmv"] = float("nan")
        around = {
            "before": (max(first - BEFORE, 0), first),
            "after": (last, min(last + AFTER, len(self.year.calendar.days))),
        }
        found["known"] = float(sums["gross"].count(row, first, last))
        for key, (start, end) in around.items():
            sold, out = (sums[name].total(row, start, end) for name in ("gross", "out"))
            found[key] = float(np.nan_to_num(sold) - np.nan_to_num(out))
            found[f"{key}_days"] = float(sums["gross"].count(row, start, end))
        mine = self.last.get((pair.event.name, pair.store), {})
        return found | {key: mine.get(key, float("nan")) for key in LAST}

    def cells(self) -> dict[Spot, Cell]:
        """Return the cells, empty ones where a campaign or store takes part no more."""
        made: dict[Spot, Cell] = {}
        for row, (pair, values) in enumerate(zip(self.rows, self.values, strict=True), FIRST):
            fixed, text = self._fixed(pair), str(row)
            for key, column in AT.items():
                value = fixed.get(key, values.get(key, float("nan")))
                shown = "" if value != value else value  # noqa: PLR0124 - NaN test
                made[row, column] = Cell(shown, self._formulas.get(key, "").replace(_ROW, text))
        most = SLOTS * len(self.year.stores)
        rest = range(FIRST + len(self.rows), FIRST + most)
        return made | {(row, column): Cell(None) for row in rest for column in AT.values()}

    def _fixed(self, pair: Pair) -> dict[str, str | float]:
        """Return the name, the store and the days of a row, and where they lie in the tables."""
        year, count = date(self.year.year, 1, 1), len(self.year.calendar.days)
        block = self.year.scopes.index(pair.store) * count + 1
        start, end = (serial(year + timedelta(days=n)) for n in (pair.first, pair.last))
        first, last = float(pair.first + block), float(pair.last + block)
        return {
            "name": pair.event.name, "store": pair.store, "start": float(start), "end": float(end),
            "p1": first, "p2": last, "a1": first, "a2": last,
            "b1": float(max(pair.first - BEFORE, 0) + block),
            "c2": float(min(pair.last + AFTER, count - 1) + block),
        }  # fmt: skip

    @cached_property
    def _formulas(self) -> dict[str, str]:
        """Column → its formula, with `_ROW` for the row."""
        plan, actual = self.tables
        ref = {key: f"${letters(number)}{_ROW}" for key, number in AT.items()}
        made = self._places(ref)
        for keys, table, ends in (
            (_PLANNED | {"spend_t": self._spend}, plan, ("p1", "p2")),
            (_ACTUAL | {"spend": self._spend}, actual, ("a1", "a2")),
        ):
            for key, names in keys.items():
                areas = ",".join(_block(table, n, ref[ends[0]], ref[ends[1]]) for n in names)
                made[key] = f'=IF(COUNT({areas})=0,"",SUM({areas}))'
        made["known"] = f"=COUNT({_block(actual, 'gmv', ref['a1'], ref['a2'])})"
        former = _block(actual, "gmv_comparable", ref["a1"], ref["a2"])
        whole = f"{ref['end']}-{ref['start']}+1"
        made["last_gmv"] = f'=IF(COUNT({former})<{whole},"",SUM({former}))'
        for key, first, last, some in (
            ("before", ref["b1"], f"{ref['a1']}-1", f"{ref['b1']}<{ref['a1']}"),
            ("after", f"{ref['a2']}+1", ref["c2"], f"{ref['c2']}>{ref['a2']}"),
        ):
            sold, out = (_block(actual, name, first, last) for name in ("gmv", "gmv_excluded"))
            made[key] = f"=IF({some},SUM({sold})-SUM({out}),0)"
            made[f"{key}_days"] = f"=IF({some},COUNT({sold}),0)"
        return made

    def _places(self, ref: Mapping[str, str]) -> dict[str, str]:
        """Return the formulas of where a campaign, and the days around it, lie in the tables."""
        year, made = self.year.year, {}
        for kind, table in (("p", self.tables.plan), ("a", self.tables.actual)):
            for end, day in (("1", "start"), ("2", "end")):
                made[kind + end] = f'=MATCH({ref["store"]}&"|"&{ref[day]},{table.range(KEY)},0)'
        made["b1"] = f"={ref['a1']}-MIN({BEFORE},{ref['start']}-DATE({year},1,1))"
        made["c2"] = f"={ref['a2']}+MIN({AFTER},DATE({year},12,31)-{ref['end']})"
        return made


@bundle
class _Running:
    """Running sums of daily values, and of how many are known; (scopes, days + 1)."""

    sums: Floats
    known: Floats

    @classmethod
    def of(cls, tables: Sequence[Floats]) -> _Running:
        sums = np.sum([np.nan_to_num(table) for table in tables], axis=0)
        known = np.sum([~np.isnan(table) for table in tables], axis=0)
        both = (np.pad(np.cumsum(each, axis=1), ((0, 0), (1, 0))) for each in (sums, known))
        return cls(*both)

    def total(self, row: int, first: int, last: int) -> float:
        """Return the sum of the days first … last − 1; NaN when none is known."""
        if not self.count(row, first, last):
            return float("nan")
        # what running sums lose is far below this
        return round(float(self.sums[row, last] - self.sums[row, first]), _DIGITS)

    def count(self, row: int, first: int, last: int) -> int:
        """Return how many of these days are known."""
        return int(self.known[row, last] - self.known[row, first])


def _block(table: TableAt, name: str, first: str, last: str) -> str:
    area = table.range(name)
    return f"INDEX({area},{first}):INDEX({area},{last})"


def pairs_page(rows: PairRows) -> Page:
    """Return the hidden sheet."""
    filled = {spot: cell for spot, cell in rows.cells().items() if cell != Cell(None)}
    page = Page(CAMPAIGN_ROWS, hidden=True, protect=True, cells=filled)
    for name, number in AT.items():
        page.put(1, number, name)
    return page
