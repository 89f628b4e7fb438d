"""Changing the plan: edits at any level as one set of constraints, with locks and followers.

An edit gives a region a new total by a method; locked totals around it are absorbed by free
siblings, locked totals inside it stay, read-only cells never move. All edits of one call hold
at once, in whatever order they were typed: sums first, what follows them next, ratios last,
by flows that nobody typed. A refusal changes nothing (PLANNING a, c).
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

import numpy as np

from xlplan.plan.change.constraints import Work
from xlplan.plan.change.follow import follow, rounded
from xlplan.plan.change.grid import Grid, limits_of
from xlplan.plan.change.ratio_edits import meet_ratios, wished
from xlplan.record import bundle

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from xlplan.plan.change.follow import Off
    from xlplan.plan.change.holds import Hold
    from xlplan.plan.change.meet import Asked
    from xlplan.plan.change.request import Edit, References, Wish
    from xlplan.plan.exact.units import Bools
    from xlplan.plan.year import Year


@bundle
class Changed:
    """A change that was worked out.

    Attributes:
        plan: The plan afterwards.
        edited: Columns that were asked for; other changed columns followed.
        notes: What the caller should tell: stand-in shapes, locks that bind.
    """

    plan: pd.DataFrame
    edited: list[str]
    notes: list[str] = field(default_factory=list)


def change(year: Year, wish: Wish, holds: Sequence[Hold], references: References) -> Changed:
    """Work out a change of the plan.

    Raises:
        InfeasibleError: Locks or totals contradict; ``locks`` names them in words.
        InputError: A ratio is to be spread, an unknown metric or method, a total below zero.
        SignError: Values that are not zero add up to zero.
    """
    grid = Grid(year, holds)
    desk = _Desk(grid, references, wish.keep)
    before = {name: values.copy() for name, values in grid.columns.items()}
    flows = [edit for edit in wish.edits if grid.is_flow(edit.region.metric)]
    ratios = [wished(grid, edit) for edit in wish.edits if edit not in flows]
    desk.standing.update(desk.edit(flows))
    off: dict[str, Off] = {}
    stays = _asked_cells(grid, desk.edited, flows)
    for metric in dict.fromkeys(edit.region.metric for edit in flows):
        moved = follow(grid, before, metric, wish.gives, stays, desk.standing)
        stays |= {
            name: stays.get(name, False) | (grid.columns[name] != before[name]) for name in moved
        }
        off |= moved
    meet_ratios(grid, ratios, wish.gives, flows, desk.edit)
    notes = [*dict.fromkeys(desk.notes), *rounded(off, year.metrics)]
    return Changed(grid.frame(), desk.edited, notes)


@bundle
class _Desk:
    """Where edits of flows are carried out, family by family.

    Attributes:
        standing: Family → what was asked and must still hold.
        edited: Columns that were asked for.
    """

    grid: Grid
    references: References
    keep: Sequence[str]
    notes: list[str] = field(default_factory=list)
    standing: dict[tuple[str, ...], Asked] = field(default_factory=dict)
    edited: list[str] = field(default_factory=list)

    def edit(self, edits: Sequence[Edit]) -> dict[tuple[str, ...], Asked]:
        """Change the grid, and return what was asked of each family."""
        asked = {}
        for names in dict.fromkeys(tuple(self.grid.family(e.region.metric)) for e in edits):
            mine = [edit for edit in edits if tuple(self.grid.family(edit.region.metric)) == names]
            limits = limits_of(self.grid, names)
            work = Work(self.grid, list(names), limits, self.references, self.notes)
            made, asked[names] = work.edited(mine, self.keep, self.standing.get(names, {}))
            self.grid.put(names, made)
            self.edited.extend(name for name in names if name not in self.edited)
        return asked


def _asked_cells(grid: Grid, names: Iterable[str], edits: Sequence[Edit]) -> dict[str, Bools]:
    """Return each column's cells that were asked for, which nothing else may move."""
    found = {name: np.zeros(grid.actual.shape, dtype=bool) for name in names}
    for edit in edits:
        for name in grid.family(edit.region.metric):
            found[name] |= edit.region.mask(grid.rows([name]), grid.days)
    return found
