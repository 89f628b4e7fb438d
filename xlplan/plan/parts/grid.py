"""What every category or platform sells per store and day: its months and what is agreed, in fen.

Within a month the parts stand against the store days. Margins are the parts' amounts (what is
agreed apart from the rest) and the store days' totals; between them every part has its share of
every cell, as proportional fitting finds it. Without agreements that is plain proportion. The
result is rounded to the fen with both margins exact: first by store, then each store's days.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InfeasibleError
from xlplan.plan.exact.crossing import round_near
from xlplan.plan.exact.margins import fit_margins
from xlplan.plan.exact.rounding import round_to_sum
from xlplan.record import bundle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.plan.exact.units import Bools, Floats, Ints


@bundle
class Held:
    """An agreement as the grid needs it: its part, its cells (stores, days), its fen."""

    part: int
    mask: Bools
    amount: float


@bundle
class _Sets:
    """The cells of each part, split into what is agreed and the rest.

    Attributes:
        part: (s,) part of each set.
        cells: (s, n) which cells are its own.
        amounts: (s,) fen.
    """

    part: Ints
    cells: Bools
    amounts: Floats


@bundle
class MonthGrid:
    """One kind of parts in one month.

    Attributes:
        totals: (stores, days) fen planned.
        amounts: (k,) fen of each part; what they leave is nobody's.
        held: What is agreed; of one part inside one another or apart.
    """

    totals: Floats
    amounts: Floats
    held: Sequence[Held] = field(default_factory=tuple)

    def stores(self) -> Floats:
        """Return the fen of each part and of nobody's rest by store, (k + 1, stores).

        Raises:
            InfeasibleError: The amounts do not fit in one another.
        """
        return self._by_part(*self._by_store())

    def agreed(self) -> Floats:
        """Return the fen that each agreement comes to: not its own where the month decides.

        Raises:
            InfeasibleError: The amounts do not fit in one another.
        """
        sets = self._sets()
        mine = [(sets.part == held.part) & ~sets.cells[:, ~held.mask.ravel()].any(axis=1) for held in self.held]  # fmt: skip
        return np.array([sets.amounts[inside].sum() for inside in mine])

    def cells(self) -> Floats:
        """Return the fen of each part and of nobody's rest by cell, (k + 1, stores, days).

        Raises:
            InfeasibleError: The amounts do not fit in one another.
        """
        sets, by_store = self._by_store()
        exact = self._fitted(sets)
        made = np.empty_like(exact)
        for store, days in enumerate(self.totals):
            made[:, store] = _rounded(exact[:, store], by_store[:, store], days)
        return self._by_part(sets, made)

    def _by_part(self, sets: _Sets, table: Floats) -> Floats:
        made = np.zeros((len(self.amounts) + 1, *table.shape[1:]))
        np.add.at(made, sets.part, table)
        return made

    def _by_store(self) -> tuple[_Sets, Floats]:
        sets = self._sets()
        exact = self._fitted(sets).sum(axis=2)
        return sets, _rounded(exact, sets.amounts, self.totals.sum(axis=1))

    def _sets(self) -> _Sets:
        """Return the sets of all parts, and one for what is nobody's."""
        count, size = len(self.amounts), self.totals.size
        parts, cells, amounts = [], [], []
        for part, amount in enumerate(self.amounts):
            mine = [held for held in self.held if held.part == part]
            label, own = _own(mine, amount, self.totals.ravel() > 0)
            parts += [part] * len(own)
            cells += [label == number for number in range(len(own))]
            amounts += own.tolist()
        rest = self.totals.sum() - self.amounts.sum()
        if rest < 0:
            raise InfeasibleError("占比合起来超过 100%")
        made = np.array([*parts, count]), np.vstack([*cells, np.ones(size, dtype=bool)])
        return _Sets(*made, np.array([*amounts, rest]))

    def _fitted(self, sets: _Sets) -> Floats:
        """Return the exact table, (sets, stores, days): cells that allow the same sets are one."""
        totals = self.totals.ravel()
        kinds, kind = np.unique(sets.cells, axis=1, return_inverse=True)
        kind = kind.ravel()
        wholes = np.bincount(kind, totals)
        seed = kinds * np.outer(np.maximum(sets.amounts, 1), np.maximum(wholes, 1))
        try:
            fitted = fit_margins(seed, sets.amounts, wholes)
        except InfeasibleError as refusal:
            raise InfeasibleError("约定的数与那几家店、那几天的计划合不上") from refusal
        share = np.divide(totals, wholes[kind], out=np.zeros(totals.shape), where=wholes[kind] > 0)
        return np.asarray((fitted[:, kind] * share).reshape(-1, *self.totals.shape))


def _own(held: Sequence[Held], amount: float, planned: Bools) -> tuple[Ints, Floats]:
    """Return the number of the innermost set of each cell (0 the rest), and the sets' own fen.

    Where all is agreed, or more than there is, the part's month decides: what is agreed gives
    in proportion.
    """
    label, own = np.zeros(planned.shape, dtype=np.int64), [amount]
    for number, one in enumerate(sorted(held, key=lambda one: -int(one.mask.sum())), start=1):
        inside = one.mask.ravel()
        own[int(label[inside][0])] -= one.amount
        label[inside] = number
        own.append(one.amount)
    made = np.array(own)
    if min(own[1:], default=0) < 0:
        raise InfeasibleError("约定里面的约定加起来比它还多")
    if held and (made[0] < 0 or (made[0] and not planned[label == 0].any())) and made[1:].any():
        made = np.append(0.0, round_to_sum(made[1:], amount))
    return label, made


def _rounded(exact: Floats, rows: Floats, columns: Floats) -> Floats:
    near = np.rint(exact)
    values = np.where(np.abs(exact - near) <= 1e-6, near, exact)
    return round_near(values, rows.astype(np.int64), columns.astype(np.int64))
