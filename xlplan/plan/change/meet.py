"""Meeting what was asked and every locked total it touches, all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.plan.days.periods import between
from xlplan.plan.exact.totals import families, solve_totals
from xlplan.plan.exact.units import to_cents

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from xlplan.plan.change.grid import Limits
    from xlplan.plan.exact.units import Bools, Floats

    Group = tuple[str, Hashable]
    Asked = Mapping[str, tuple[float, Bools]]

#: Rounds of clamping cells at their limits under crossing totals.
CLAMP_ROUNDS = 60


def meet(  # noqa: PLR0913, PLR0917  # one question about one table
    limits: Limits,
    values: Floats,
    asked: Asked,
    touched: Bools,
    closed: Bools,
    unit: float,
    *,
    settled: bool = True,
) -> Floats:
    """Return the values with all totals met: those asked and the locked ones they reach.

    Args:
        limits: What may not move.
        values: (r, d) after the edits, before anything else reacts.
        asked: Name → (total, cells); the cells add up to it unless the asked contradict.
        touched: Cells that the edits concern.
        closed: Cells that are not planned.
        unit: The smallest step.
        settled: What was asked may be met already by its cells.

    Raises:
        InfeasibleError: They contradict each other or the locks.
        InputError: Three directions of totals cross.
    """
    locked = _reached(limits, touched)
    if not locked and settled and _met(asked, values):
        return values
    together = {**asked, **locked}
    totals: dict[Group, float] = {("", name): total for name, (total, _) in together.items()}
    members: dict[Group, Bools] = {
        ("", name): cells.ravel() for name, (_, cells) in together.items()
    }
    fixed = (limits.held | closed).ravel()
    flat = values.ravel()
    if limits.bounds is None:
        made = solve_totals(flat, totals, members, fixed, tree=limits.tree, unit=unit)
        return made.reshape(values.shape)
    low, high = (bound.ravel() for bound in limits.bounds)
    if len(families(dict.fromkeys(totals, 0), members)) == 1:
        made = solve_totals(flat, totals, members, fixed, bounds=(low, high), unit=unit)
        return made.reshape(values.shape)
    return _clamped(flat, totals, members, fixed, (low, high), unit).reshape(values.shape)


def _met(asked: Asked, values: Floats) -> bool:
    return all(to_cents(values[cells]).sum() == to_cents(total) for total, cells in asked.values())


def _reached(limits: Limits, touched: Bools) -> dict[str, tuple[float, Bools]]:
    """Return the locked totals that the change reaches, also through one another."""
    found: dict[str, tuple[float, Bools]] = {}
    reach = touched.copy()
    waiting = list(limits.totals)
    while True:
        here = [(hold, cells) for hold, cells in waiting if (cells & reach).any()]
        if not here:
            return found
        for hold, cells in here:
            place = f"{between(hold.first, hold.last).label} {hold.store}"
            found[f"锁定 {hold.id}（{place}）"] = (hold.value, cells)
            reach |= cells
        waiting = [pair for pair in waiting if pair not in here]


def _clamped(  # noqa: PLR0913, PLR0917  # one question about one table
    flat: Floats,
    totals: Mapping[Group, float],
    members: Mapping[Group, Bools],
    fixed: Bools,
    bounds: tuple[Floats, Floats],
    unit: float,
) -> Floats:
    """Solve crossing totals within bounds: the side that is further out stays at its bound."""
    low, high = bounds
    values, fixed = flat, fixed.copy()
    made = flat
    for _ in range(CLAMP_ROUNDS):
        made = solve_totals(values, totals, members, fixed, unit=unit)
        under, over = np.clip(low - made, 0, None), np.clip(made - high, 0, None)
        under[fixed], over[fixed] = 0, 0
        if not (under.any() or over.any()):
            break
        side = under if under.sum() >= over.sum() else over
        values = np.where(side > 0, np.clip(made, low, high), values)
        fixed |= side > 0
    return made
