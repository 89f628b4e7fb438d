"""The plan as arrays while it is being changed: one table of rows × days per family of metrics.

A family is a flow that stands alone, or all channels of the spend: what is fixed for the
sum of the channels must see every channel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.metrics import Add
from xlplan.metrics.money import CENT
from xlplan.plan.change.holds import SPEND, HoldKind, actual_days, label, mask_of, touching
from xlplan.plan.exact.units import exact_sum
from xlplan.plan.year import TOTAL
from xlplan.record import bundle, record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.plan.change.holds import Hold
    from xlplan.plan.days.periods import Period
    from xlplan.plan.exact.units import Bools, Floats, Ints
    from xlplan.plan.year import Year

    Row = tuple[str, str]


@record
class Region:
    """A part of the plan: a metric, some stores, some days.

    Attributes:
        metric: Planned flow, ``spend``, or a ratio of flows.
        stores: Store names.
        period: The days.
    """

    metric: str
    stores: tuple[str, ...]
    period: Period

    def about(self, year: Year) -> str:
        """Return the region in words."""
        several = len(self.stores) > 1
        whole = several and self.stores == year.stores
        place = (
            TOTAL if whole else "、".join(self.stores[:3]) + ("…" if len(self.stores) > 3 else "")
        )
        return f"{place} {self.period.label} {label(self.metric, year.metrics)}"

    def days(self, year: int) -> slice:
        """Return the days as positions in the year."""
        start = self.period.first.replace(year=year, month=1, day=1).toordinal()
        return slice(
            self.period.first.toordinal() - start, self.period.last.toordinal() - start + 1
        )

    def mask(self, rows: Sequence[Row], days: int) -> Bools:
        """Return its cells on a grid of (metric, store) rows × days."""
        mask = np.zeros((len(rows), days), dtype=bool)
        inside = self.days(self.period.first.year)
        for number, (metric, store) in enumerate(rows):
            named = metric == self.metric or (self.metric == SPEND and metric.startswith("spend_"))
            if named and store in self.stores:
                mask[number, inside] = True
        return mask


class Grid:
    """The plan's columns as (stores, days) arrays, changed in place."""

    def __init__(self, year: Year, holds: Sequence[Hold] = ()) -> None:
        self.year, self.holds = year, list(holds)
        count = len(year.stores)
        self.columns: dict[str, Floats] = {
            str(name): year.plan[name].to_numpy(dtype=np.float64).reshape(count, -1).copy()
            for name in year.plan.columns
        }
        self.actual = actual_days(year)
        self.days = self.actual.shape[1]

    def unit(self, metric: str) -> float:
        """Return the smallest step of a planned metric."""
        return self.year.metrics[metric].unit.step or CENT

    def is_flow(self, metric: str) -> bool:
        """Return whether a metric can be spread: a planned column, or the spend."""
        return metric in self.columns or metric == SPEND

    def is_ratio(self, metric: str) -> bool:
        """Return whether a metric is a ratio of planned flows."""
        metrics = self.year.metrics
        return f"{metric}_target" in metrics and metrics[f"{metric}_target"].add is Add.RATIO

    def family(self, metric: str) -> list[str]:
        """Return the columns that must be seen together with a metric."""
        if metric == SPEND or metric.startswith("spend_"):
            return [name for name in self.columns if name.startswith("spend_")]
        return [metric]

    def rows(self, names: Sequence[str]) -> list[Row]:
        """Return the (metric, store) rows of some columns."""
        return [(name, store) for name in names for store in self.year.stores]

    def stack(self, names: Sequence[str]) -> Floats:
        """Return some columns as one (rows, days) table."""
        return np.vstack([self.columns[name] for name in names])

    def put(self, names: Sequence[str], values: Floats) -> None:
        """Set some columns from one table."""
        parts = np.split(values, len(names))
        self.columns |= dict(zip(names, parts, strict=True))

    def region_values(self, region: Region) -> Floats:
        """Return the known values of a flow's region, flat."""
        names = self.family(region.metric)
        values = self.stack(names)[region.mask(self.rows(names), self.days)]
        return values[~np.isnan(values)]

    def total(self, region: Region) -> float:
        """Return a region's value: a sum of flows, exact in hundredths, or a ratio of sums."""
        if self.is_flow(region.metric):
            return exact_sum(self.region_values(region))
        formula = self.year.metrics[f"{region.metric}_target"].formula
        assert formula is not None  # noqa: S101 - ratios have one
        parts = {}
        for name in formula.names:
            flow = name.removesuffix("_target")
            parts[name] = np.array([self.total(Region(flow, region.stores, region.period))])
        return float(formula.evaluate(parts)[0])

    def frame(self) -> pd.DataFrame:
        """Return the plan as the book keeps it."""
        data = {name: values.ravel() for name, values in self.columns.items()}
        return pd.DataFrame(data, index=self.year.plan.index)


@bundle
class Limits:
    """What may not move on one table of rows × days.

    Attributes:
        held: Cells that keep their value: read-only areas and days with actual sales.
        totals: Locked totals, each with its cells.
        bounds: Least and greatest values, or None.
        tree: Row, quarter and month of each cell, flat, to round through.
    """

    rows: list[Row]
    held: Bools
    totals: list[tuple[Hold, Bools]]
    bounds: tuple[Floats, Floats] | None
    tree: list[Ints]


def limits_of(grid: Grid, names: Sequence[str]) -> Limits:
    """Return what may not move in some columns."""
    rows = grid.rows(names)
    held = np.vstack([grid.actual] * len(names)) & ~np.isnan(grid.stack(names))
    totals: list[tuple[Hold, Bools]] = []
    low, high = np.where(grid.stack(names) < 0, -np.inf, 0.0), np.full(held.shape, np.inf)
    bounded = False
    for hold in touching(grid.holds, rows):
        mask = mask_of(hold, rows, grid.days)
        if hold.kind is HoldKind.AREA:
            held |= mask
        elif hold.kind is HoldKind.TOTAL:
            totals.append((hold, mask))
        else:
            bounded |= bool(mask.any())
            low[mask] = np.maximum(low[mask], -np.inf if hold.lower is None else hold.lower)
            high[mask] = np.minimum(high[mask], np.inf if hold.upper is None else hold.upper)
    tree = _tree(grid, len(rows))
    return Limits(rows, held, totals, (low, high) if bounded else None, tree)


def _tree(grid: Grid, rows: int) -> list[Ints]:
    days = grid.year.calendar.days
    row = np.repeat(np.arange(rows), grid.days)
    quarter, month = (np.tile(days[name].to_numpy(), rows) for name in ("quarter", "month"))
    return [row, row * 5 + quarter, row * 13 + month]
