"""What a change does before it is written: cells, totals by level, rounding, locks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.metrics import Unit
from xlplan.metrics.money import CENTS_PER_YUAN
from xlplan.plan.change.grid import Grid
from xlplan.plan.change.holds import SPEND, label
from xlplan.plan.exact.units import to_cents
from xlplan.plan.year import TOTAL
from xlplan.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from xlplan.plan.change.grid import Region
    from xlplan.plan.change.holds import Hold
    from xlplan.plan.change.request import Wish
    from xlplan.plan.exact.units import Bools, Floats
    from xlplan.plan.year import Year

_PERIODS = (("年", "全年"), *(("季", f"Q{q}") for q in range(1, 5)), *(("月", f"{m}月") for m in range(1, 13)))  # fmt: skip
#: Ratios shown beside changed flows.
RATIOS = ("cvr", "aov", "roi", "spend_ratio", "refund_rate")


@record
class LevelRow:
    """A total before and after."""

    level: str
    store: str
    period: str
    metric: str
    before: float
    after: float


@record
class Preview:
    """What changes.

    Attributes:
        cells: Metric → number of changed store days.
        levels: Totals by year, quarter, month and store that change.
        binding: Locks that touch the changed part.
    """

    cells: dict[str, int]
    levels: list[LevelRow]
    binding: list[str]

    @property
    def count(self) -> int:
        """Changed store days of all metrics."""
        return sum(self.cells.values())


def preview(
    year: Year, plan: pd.DataFrame, holds: Sequence[Hold] = (), wish: Wish | None = None
) -> Preview:
    """Compare the present plan with another one.

    Of a wish the locks bind whose cells stay where others of the part asked for move.
    """
    before, after = Grid(year), Grid(replace(year, plan=plan))
    moved = {name: _moved(before.columns[name], after.columns[name]) for name in before.columns}
    cells = {name: int(mask.sum()) for name, mask in moved.items() if mask.any()}
    levels = list(_levels(before, after, moved))
    wanted = _wanted(year, before.actual.shape, wish)
    return Preview(cells, levels, list(_binding(year, holds, moved, wanted)))


def _wanted(year: Year, shape: tuple[int, ...], wish: Wish | None) -> Bools:
    """Return the (s, d) cells that a wish asks for, and those whose totals it keeps."""
    wanted = np.zeros(shape, dtype=bool)
    for edit in wish.edits if wish else ():
        region = edit.region
        mine = region.mask([(region.metric, store) for store in year.stores], shape[1])
        stores, inside = mine.any(axis=1), mine.any(axis=0)
        for level in wish.keep if wish else ():
            if level == "company":
                stores = np.ones_like(stores)
            else:
                labels = year.calendar.labels(level)
                inside = inside | np.isin(labels, labels[inside])
        wanted |= np.outer(stores, inside)
    return wanted


def _moved(one: Floats, other: Floats) -> Bools:
    return np.asarray(~((one == other) | (np.isnan(one) & np.isnan(other))))


def _levels(before: Grid, after: Grid, moved: dict[str, Bools]) -> Iterator[LevelRow]:
    year = before.year
    touched = {name for name, mask in moved.items() if mask.any()}
    names = [name for name in before.columns if name in touched and not name.startswith("spend_")]
    names += [SPEND] * any(name.startswith("spend_") for name in touched)
    names += [name for name in RATIOS if before.is_ratio(name)] if touched else []
    scopes = [TOTAL] * (len(year.stores) > 1) + list(year.stores)
    for metric in names:
        old, new = _sums(before, metric), _sums(after, metric)
        for i, j in np.argwhere(_moved(old, new)):
            level, period = _PERIODS[j]
            yield LevelRow(level, scopes[i], period, metric, float(old[i, j]), float(new[i, j]))


def _sums(grid: Grid, metric: str) -> Floats:
    """Return a metric by scope (合计 first) and period, in the order of `_PERIODS`."""
    if not grid.is_flow(metric):
        formula = grid.year.metrics[f"{metric}_target"].formula
        assert formula is not None  # noqa: S101 - ratios have one
        parts = {n: _sums(grid, n.removesuffix("_target")) for n in formula.names}
        return np.asarray(formula.evaluate(parts), dtype=np.float64)
    values = np.sum([np.nan_to_num(grid.columns[name]) for name in grid.family(metric)], axis=0) if metric == SPEND else np.nan_to_num(grid.columns[metric])  # fmt: skip
    month = grid.year.calendar.days["month"].to_numpy()
    by_month = np.add.reduceat(to_cents(values), np.flatnonzero(np.diff(month, prepend=0)), axis=1)
    if len(grid.year.stores) > 1:
        by_month = np.vstack([by_month.sum(axis=0), by_month])
    quarters = by_month.reshape(len(by_month), 4, 3).sum(axis=2)
    return np.hstack([by_month.sum(axis=1, keepdims=True), quarters, by_month]) / CENTS_PER_YUAN


def _binding(
    year: Year, holds: Sequence[Hold], moved: Mapping[str, Bools], wanted: Bools
) -> Iterator[str]:
    """Name the locks on cells that move, or that stay among wanted cells while others move."""
    for hold in holds:
        inside = hold.days(year.year)
        for name, mask in moved.items():
            rows = [i for i, store in enumerate(year.stores) if hold.covers(name, store)]
            bound = mask | wanted if mask.any() else mask
            if bound[rows][:, inside].any():
                yield hold.about(year.metrics)
                break


def level_lines(
    rows: Sequence[LevelRow], year: Year, first: Sequence[str] = (), most: int = 14
) -> list[str]:
    """Return totals in words: metrics asked for at every level, what followed by the year."""
    order = {"年": 0, "季": 1, "月": 2}
    ranked = sorted(rows, key=lambda row: (order[row.level], row.store != TOTAL))
    asked = [row for row in ranked if not first or row.metric in first][: most - 4]
    rest = [row for row in ranked if first and row.metric not in first and row.level == "年"]
    scope = rest[0].store if rest else ""
    shown = [*asked, *(row for row in rest if row.store == scope)][:most]
    lines = [f"{row.store} {row.period} {label(row.metric, year.metrics)}：{figures(row, year)}{_part(row)}" for row in shown]  # fmt: skip
    if len(rows) > len(shown):
        lines.append(f"还有 {len(rows) - len(shown)} 个合计也变（--json 可看全部）")
    return lines


def region_lines(asked: Sequence[Region], year: Year, after: Year, most: int = 8) -> list[str]:
    """Return in words what regions come to before and after."""
    old, new = Grid(year), Grid(after)
    lines = []
    for region in dict.fromkeys(asked):
        row = LevelRow("", "", "", region.metric, _value(old, region), _value(new, region))
        same = f"{number(row.after, unit_of(region.metric, year))}（不变）"
        lines.append(f"{region.about(year)}：{same if row.before == row.after else figures(row, year) + _part(row)}")  # fmt: skip
    more = len(lines) - most
    return [*lines[:most], *([f"还有 {more} 处改动"] if more > 0 else [])]


def _value(grid: Grid, region: Region) -> float:
    """Return what a region comes to; NaN for a sum that is not planned."""
    if grid.is_flow(region.metric) and not grid.region_values(region).size:
        return np.nan
    return grid.total(region)


def figures(row: LevelRow, year: Year) -> str:
    """Return a total before and after, as its unit has it."""
    unit = unit_of(row.metric, year)
    return f"{number(row.before, unit)} → {number(row.after, unit)}"


def unit_of(metric: str, year: Year) -> Unit:
    """Return what a planned metric counts."""
    return Unit.MONEY if metric == SPEND else year.metrics[metric].unit


def _part(row: LevelRow) -> str:
    return f"（{row.after / row.before - 1:+.2%}）" if row.before > 0 else ""


def number(value: float, unit: Unit | None = None) -> str:
    """Return a figure for people: sums to the fen, ratios as their unit has them.

    What is no whole fen or piece (a rounding, a factor) shows four digits.
    """
    if np.isnan(value):
        return "空"
    if unit is Unit.PERCENT:
        return f"{value:.4%}".rstrip("%").rstrip("0").rstrip(".") + "%"
    if abs(value - round(value, 2)) > 1e-9 and (unit is not None or abs(value) >= 1):
        return f"{value:,.4f}"
    if abs(value) < 1 and value != round(value, 2):
        return f"{value:.4f}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")
