"""One kind of parts (categories or platforms) over a year: amounts by month, agreements, grids."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InfeasibleError
from xlplan.metrics.money import CENTS_PER_YUAN
from xlplan.plan import rollup
from xlplan.plan.exact.units import to_cents
from xlplan.plan.parts.agreements import KINDS, Agreed
from xlplan.plan.parts.splits import split_shares
from xlplan.plan.year import TOTAL
from xlplan.record import bundle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlplan.plan.exact.units import Floats, Ints
    from xlplan.plan.parts.grid import MonthGrid
    from xlplan.plan.parts.splits import Splits
    from xlplan.plan.year import Year


def month_totals(year: Year, scope: str) -> Floats:
    """Return the sales planned by month, shape (12,)."""
    groups = year.calendar.days["month"].to_numpy() - 1
    return rollup.sums(year.planned.of_scope(scope)["gmv"], groups, 12)


@bundle
class PartYear:
    """The parts of a kind under a year's plan.

    Attributes:
        year: The year.
        splits: All parts with their shares and agreements.
        kind: ``c`` or ``p``.
    """

    year: Year
    splits: Splits
    kind: str

    @cached_property
    def names(self) -> list[str]:
        """Names of the parts, "" where a row of 品类平台 is empty."""
        return [part.name for part in self.splits.of(self.kind)]

    @cached_property
    def amounts(self) -> Floats:
        """Sales by month, (k, 12) in yuan; NaN without a plan or a share."""
        totals = month_totals(self.year, self.year.scopes[0])
        return split_shares(totals, [part.by_month() for part in self.splits.of(self.kind)])

    @cached_property
    def totals(self) -> Floats:
        """Fen planned by store and day of the year."""
        values = self.year.plan["gmv"].to_numpy(np.float64).reshape(len(self.year.stores), -1)
        return to_cents(values)

    @cached_property
    def month(self) -> Ints:
        """Month of each day, 0 to 11."""
        return np.asarray(self.year.calendar.days["month"].to_numpy() - 1)

    def days(self, month: int) -> slice:
        """Return the days of a month (0 to 11) as positions in the year."""
        first, last = np.flatnonzero(self.month == month)[[0, -1]]
        return slice(int(first), int(last) + 1)

    @cached_property
    def agreed(self) -> dict[int, list[Agreed]]:
        """Agreements by month (0 to 11); those of parts and stores that are gone do not count."""
        made: dict[int, list[Agreed]] = {}
        for one in self.splits.agreements:
            known = one.part in self.names and one.store in (TOTAL, *self.year.stores)
            if one.kind == self.kind and known:
                days = self.days(one.first.month - 1)
                mask = one.mask(self.year.stores, days.stop - days.start)
                made.setdefault(one.first.month - 1, []).append(Agreed(one, mask))
        return made

    def grid(self, month: int) -> MonthGrid:
        """Return the grid of a month."""
        from xlplan.plan.parts.grid import Held, MonthGrid  # few books need one

        rows = {name: row for row, name in enumerate(self.names) if name}
        held = [
            Held(rows[one.said.part], one.mask, float(to_cents(one.said.amount)))
            for one in self.agreed.get(month, ())
        ]
        amounts = to_cents(self.amounts[:, month])
        return MonthGrid(self.totals[:, self.days(month)], amounts, held)

    @cached_property
    def floors(self) -> Floats:
        """What each part has agreed by month, (k, 12) in yuan; inner agreements count once."""
        made = np.zeros((len(self.names), 12))
        for month, listed in self.agreed.items():
            for one in listed:
                around = (
                    other.said.part == one.said.part and other is not one and (other.mask | one.mask == other.mask).all()
                    for other in listed
                )  # fmt: skip
                if not any(around):
                    made[self.names.index(one.said.part), month] += one.said.amount
        return made

    def misfits(self) -> Iterator[tuple[int, str]]:
        """Yield the months whose agreements do not fit, with the reason."""
        for month in self.agreed:
            try:
                self.grid(month).stores()
            except InfeasibleError as refusal:
                yield month, refusal.message


def store_months(year: Year, splits: Splits) -> dict[tuple[str, int, str, int], float]:
    """Return what parts sell in a single store's month, where shares alone do not say it.

    Returns:
        (kind, number of the part, store, month 1 to 12) → yuan, for months with agreements.
    """
    made: dict[tuple[str, int, str, int], float] = {}
    for kind in KINDS if splits.agreements and len(year.stores) > 1 else ():
        parts = PartYear(year, splits, kind)
        for month in sorted(parts.agreed):
            try:
                table = parts.grid(month).stores() / CENTS_PER_YUAN
            except InfeasibleError:  # told by 体检; the shares stand alone
                continue
            for number in np.flatnonzero(~np.isnan(parts.amounts[:, month])).tolist():
                for store, value in zip(year.stores, table[number].tolist(), strict=True):
                    made[kind, number, store, month + 1] = value
    return made
