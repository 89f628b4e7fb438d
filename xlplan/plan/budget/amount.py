"""One amount of a budget: an account of some stores in some months, in fen."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from xlplan.plan.budget.accounts import parent_of, plain
from xlplan.plan.budget.budget import TAXED
from xlplan.record import bundle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from xlplan.plan.budget.budget import Budget
    from xlplan.plan.exact.units import Ints


@bundle
class Amounts:
    """The current budget, to be asked for single amounts.

    Attributes:
        budget: The budget.
        tax: 含税 or 未税.
    """

    budget: Budget
    tax: str = TAXED

    @cached_property
    def fen(self) -> dict[tuple[str, str], Ints]:
        """(unit, row key) → fen by month."""
        made: dict[tuple[str, str], Ints] = {}
        for line in self.budget.plan:
            months = np.rint((line.gross if self.tax == TAXED else line.net) * 100).astype(
                np.int64
            )
            at = (line.unit.name, line.key)
            made[at] = made[at] + months if at in made else months
        return made

    @cached_property
    def names(self) -> Mapping[str, set[str]]:
        """Name of a unit, store, channel or department → its units."""
        made: dict[str, set[str]] = {}
        for unit in self.budget.units:
            for name in {unit.name, unit.store, unit.channel, unit.department} - {""}:
                made.setdefault(plain(name), set()).add(unit.name)
        return made

    @cached_property
    def details(self) -> Mapping[str, str]:
        """Name of a detail (直通车) → its row key, where only one has it."""
        keys = {key for _, key in self.fen if "/" in key}
        made: dict[str, list[str]] = {}
        for key in sorted(keys):
            made.setdefault(plain(key.partition("/")[2]), []).append(key)
        return {name: found[0] for name, found in made.items() if len(found) == 1}

    def find(self, text: str) -> tuple[str, ...]:
        """Return the accounts or row keys that a code or name means; none for an unknown one."""
        chart = self.budget.chart
        key = chart.find(text)
        if key:
            return (key,)
        detail = self.details.get(plain(text))
        return (detail,) if detail else tuple(parent_of(chart, text))

    def of(
        self, keys: Iterable[str], months: Iterable[int], units: Iterable[str] | None = None
    ) -> int | None:
        """Return fen; None when the budget has no line for it.

        Args:
            keys: Accounts (all their details together) or row keys.
            months: 1 … 12.
            units: Units; None for all.
        """
        wanted, chosen = set(keys), None if units is None else set(units)
        found = [
            values
            for (unit, key), values in self.fen.items()
            if (key in wanted or key.partition("/")[0] in wanted)
            and (chosen is None or unit in chosen)
        ]
        if not found:
            return None
        at = [month - 1 for month in months]
        return int(sum(values[at].sum() for values in found))
