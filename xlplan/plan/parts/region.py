"""A category or platform in some stores and days: its cells, what the others have, what may move."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.change.grid import Grid, limits_of
from xlplan.plan.change.methods import method_of
from xlplan.plan.days.grains import shared_grain
from xlplan.plan.parts.agreements import KINDS
from xlplan.record import bundle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.plan.change.grid import Region
    from xlplan.plan.change.holds import Hold
    from xlplan.plan.exact.units import Bools, Floats, Ints
    from xlplan.plan.parts.year import PartYear


def whole_months(region: Region) -> bool:
    """Return whether a region is made of whole months."""
    period = region.period
    return period.first.day == (period.last + timedelta(days=1)).day == 1


@bundle
class PartRegion:
    """A part's cells in the months of a region.

    Attributes:
        parts: Its kind over the year.
        number: Its row among the parts.
        region: Stores and days asked for.
        holds: What may not move.
    """

    parts: PartYear
    number: int
    region: Region
    holds: Sequence[Hold] = ()

    @property
    def name(self) -> str:
        """What is asked for, in words."""
        about = self.region.about(self.parts.year)
        return f"{self.parts.names[self.number]} {about.rpartition(' ')[0]}"

    @property
    def word(self) -> str:
        """What the part is called."""
        return KINDS[self.parts.kind]

    @cached_property
    def months(self) -> list[int]:
        """Months touched, 0 to 11."""
        period = self.region.period
        return list(range(period.first.month - 1, period.last.month))

    @cached_property
    def mask(self) -> Bools:
        """The region's cells, (stores, days of the year)."""
        rows = [("gmv", store) for store in self.parts.year.stores]
        return self.region.mask(rows, self.parts.totals.shape[1])

    @cached_property
    def held(self) -> Bools:
        """Cells that may not move: locked, with actuals, or not planned."""
        grid = Grid(self.parts.year, self.holds)
        return np.asarray(limits_of(grid, ["gmv"]).held | np.isnan(grid.columns["gmv"]))

    @cached_property
    def tables(self) -> dict[int, Floats]:
        """Fen of all parts and of nobody's rest by month, (k + 1, stores, days).

        Raises:
            InputError: Shares or agreements do not fit.
        """
        made = {}
        for month in self.months:
            try:
                made[month] = self.parts.grid(month).cells()
            except InfeasibleError as refusal:
                raise InputError(
                    f"{month + 1}月的{self.word}放不下：{refusal.message}",
                    "先改好“品类平台”的占比或“品类约定”的约定",
                ) from None
        return made

    @cached_property
    def cells(self) -> Floats:
        """The part's fen by store and day of the year; 0 outside its months."""
        return self._laid([table[self.number] for table in self.tables.values()])

    @cached_property
    def others(self) -> Floats:
        """What everybody else has in each cell, nobody's rest too."""
        return self._laid([table.sum(axis=0) for table in self.tables.values()]) - self.cells

    @cached_property
    def room(self) -> Floats:
        """What the other parts have in each cell without their agreements."""
        return self._laid([self.giving(month).sum(axis=0) for month in self.months])

    def giving(self, month: int) -> Floats:
        """Return what each other part has there without its agreements, (k, stores, days)."""
        made = self.tables[month][:-1].copy()
        made[self.number] = 0
        for one in self.parts.agreed.get(month, ()):
            made[self.parts.names.index(one.said.part)][one.mask] = 0
        return made

    def _laid(self, tables: Sequence[Floats]) -> Floats:
        """Return tables of the months touched on the grid of the year."""
        made = np.zeros(self.parts.totals.shape)
        for month, table in zip(self.months, tables, strict=True):
            made[:, self.parts.days(month)] = table
        return made

    def nodes(self, method: str, by: str) -> Ints:
        """Return the node of each cell, −1 outside: what a method makes equal or lets grow.

        A node is a day, week, month or quarter of all stores asked for, or a store; one node
        where the method keeps proportions anyway.

        Raises:
            InputError: There is no such level.
        """
        size = self.mask.shape
        level = by or ("month" if whole_months(self.region) else "day")
        labels = self.parts.year.calendar.labels(shared_grain(level))
        made = np.broadcast_to(labels, size)
        if method_of(method).keeps_proportions:
            made = np.zeros(size, dtype=np.int64)
        elif level == "store":
            made = np.broadcast_to(np.arange(size[0])[:, None], size)
        nodes = np.full(size, -1, dtype=np.int64)
        nodes[self.mask] = np.unique(made[self.mask], return_inverse=True)[1]
        return nodes
