"""What a ratio's flows add up to in a part of the plan: what may not move, and the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.plan.change.grid import limits_of
from xlplan.plan.exact.units import exact_sum

if TYPE_CHECKING:
    from xlplan.plan.change.grid import Grid
    from xlplan.plan.exact.units import Bools


class Sums:
    """What a ratio's flows add up to on some cells: what may not move, and the rest."""

    def __init__(self, grid: Grid, metric: str, cells: Bools) -> None:
        self.formula = grid.year.metrics[f"{metric}_target"].formula
        self.parts: dict[str, tuple[float, float]] = {}
        for name in names_of(grid, metric):
            columns = grid.family(name)
            values = np.nan_to_num(grid.stack(columns))
            inside = np.vstack([cells] * len(columns))
            held = limits_of(grid, columns).held
            self.parts[name] = tuple(exact_sum(values[inside & part]) for part in (held, ~held))  # type: ignore[assignment]

    def ratio(self, factor: float = 1.0, powers: dict[str, int] | None = None) -> float:
        """Return the ratio once flows have moved by powers of a factor."""
        powers = powers or {}
        values = {
            f"{name}_target": np.array([held + free * factor ** powers.get(name, 0)])
            for name, (held, free) in self.parts.items()
        }
        assert self.formula is not None  # noqa: S101 - ratios have one
        return float(self.formula.evaluate(values)[0])


def names_of(grid: Grid, metric: str) -> list[str]:
    """Return the flows a ratio is made of."""
    formula = grid.year.metrics[f"{metric}_target"].formula
    assert formula is not None  # noqa: S101 - ratios have one
    return [name.removesuffix("_target") for name in formula.names]


def held_of(grid: Grid, metric: str) -> Bools:
    """Return the (s, d) cells where a flow of a ratio may not move."""
    held = [held_flow(grid, name) for name in names_of(grid, metric)]
    return np.asarray(np.logical_or.reduce(held))


def held_flow(grid: Grid, flow: str) -> Bools:
    """Return the (s, d) cells where no column of a flow may move."""
    columns = grid.family(flow)
    held = np.split(limits_of(grid, columns).held, len(columns))
    return np.asarray(np.logical_and.reduce(held))
