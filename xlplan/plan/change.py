"""Changing the plan: edits at any level as one set of constraints, with locks and followers.

An edit gives a region a new total by a method; locked totals around it are absorbed by free
siblings, locked totals inside it stay, read-only cells never move. All edits of one call hold
at once, in whatever order they were typed. A refusal changes nothing (PLANNING a, c).
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.follow import RATIOS, choose, follow, rounded
from xlplan.plan.grid import Grid, Limits, Region, limits_of
from xlplan.plan.holds import HoldKind, label
from xlplan.plan.keeping import kept_totals
from xlplan.plan.meet import meet
from xlplan.plan.nodes import nodes_of, spread_nodes
from xlplan.plan.obstacles import blocked, renamed
from xlplan.record import bundle, record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd

    from xlplan.plan.follow import Off
    from xlplan.plan.holds import Hold
    from xlplan.plan.units import Bools, Floats, Ints
    from xlplan.plan.year import Year

    #: Name of a reference, rows of (metric, store) → its values, (rows, days).
    References: TypeAlias = Callable[[str, Sequence[tuple[str, str]]], Floats]

#: Methods that give a ratio a new value; the others only make sense for sums.
RATIO_METHODS = ("proportional", "percent", "times", "add")
#: Methods whose amount is a total or a value, never below zero.
_AMOUNTS = ("proportional", "equal", "repeat", "like", "unassigned")
#: Methods that change cells one by one: locked ones are left out, the total follows.
_EACH = ("percent", "times", "like_percent", "repeat")


#: Exact shares are worked out in units this much smaller, to tell what rounding did.
FINER = 1000


@record
class Edit:
    """One wish: a region gets a new total by a method (`xlplan.plan.methods`).

    Attributes:
        region: What is changed.
        method: How.
        amount: What the method needs.
        reference: Name of a reference for the like methods.
        by: Level the method works on: ``day``, ``week``, ``month``, ``quarter`` or ``store``;
            below it, days keep their proportions.
    """

    region: Region
    method: str
    amount: float
    reference: str = ""
    by: str = "day"


@record
class Wish:
    """Edits that are to hold at once.

    Attributes:
        edits: The edits.
        gives: Which driver gives (`xlplan.plan.follow.GIVES`), "" for the usual one.
        keep: Levels whose totals stay (``month``, ``quarter``, ``year``, ``company``).
    """

    edits: tuple[Edit, ...]
    gives: str = ""
    keep: tuple[str, ...] = ()


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
    grid, notes = Grid(year, holds), list[str]()
    before = {name: values.copy() for name, values in grid.columns.items()}
    edits = [flow for edit in wish.edits for flow in _flows(grid, edit, wish.gives)]
    done: list[str] = []
    for names in _families(grid, edits):
        mine = [edit for edit in edits if grid.family(edit.region.metric) == names]
        work = _Work(grid, names, limits_of(grid, names), references, notes)
        grid.put(names, work.edited(mine, wish.keep))
        done += names
    off: dict[str, Off] = {}
    for metric in dict.fromkeys(edit.region.metric for edit in wish.edits):
        if grid.is_flow(metric):
            off |= follow(grid, before, metric, wish.gives, {*done, *off})
    return Changed(grid.frame(), done, [*dict.fromkeys(notes), *rounded(off, year.metrics)])


def _families(grid: Grid, edits: Iterable[Edit]) -> list[list[str]]:
    found = {tuple(grid.family(edit.region.metric)): None for edit in edits}
    return [list(names) for names in found]


def _flows(grid: Grid, edit: Edit, gives: str) -> list[Edit]:
    """Return an edit as edits of flows: a ratio moves its flows by one common factor."""
    metric = edit.region.metric
    if grid.is_flow(metric):
        return [edit]
    name = label(metric, grid.year.metrics)
    if not grid.is_ratio(metric) or metric not in RATIOS:
        raise InputError(
            f"“{name}”不在计划里，不能改",
            "可以改销售额、UV、笔数、推广费等，以及转化率、客单价、ROI、费用占比、退款率",
        )
    if edit.method not in RATIO_METHODS:
        raise InputError(
            f"“{name}”是比率，不能分摊", "比率只能整体改：=4.5%、+8%、*1.1；各格按同一倍数变动"
        )
    now = grid.total(edit.region)
    wanted = {"percent": now * (1 + edit.amount), "times": now * edit.amount, "add": now + edit.amount}.get(edit.method, edit.amount)  # fmt: skip
    if not (now > 0 and wanted > 0):
        raise InputError(
            f"{edit.region.about(grid.year)} 现在是 {now:g}，改不成 {wanted:g}",
            "先有计划，且比率大于 0",
        )
    return [
        replace(edit, region=replace(edit.region, metric=flow), method="times", amount=(wanted / now) ** power)
        for flow, power in choose(RATIOS, metric, gives)
        if grid.is_flow(flow) and grid.region_values(replace(edit.region, metric=flow)).size
    ]  # fmt: skip


@bundle
class _Work:
    grid: Grid
    names: list[str]
    limits: Limits
    references: References
    notes: list[str]

    def edited(self, edits: Sequence[Edit], keep: Sequence[str]) -> Floats:
        """Return the table with the edits and all locked totals met."""
        before = self.grid.stack(self.names)
        base, after = np.nan_to_num(before), np.nan_to_num(before)
        asked: dict[str, tuple[float, Bools]] = {}
        touched = np.zeros(before.shape, dtype=bool)
        masks = {edit: edit.region.mask(self.limits.rows, self.grid.days) for edit in edits}
        for edit in sorted(edits, key=lambda edit: -int(masks[edit].sum())):
            mask = masks[edit]
            after[mask] = self._spread(edit, base, mask)
            name = f"{edit.region.about(self.grid.year)}（改动）"
            _add(asked, name, float(np.rint(after[mask] * 100).sum() / 100), mask)
            touched |= mask
        keeping = (
            {}
            if not keep
            else kept_totals(self.grid, self.limits, base, touched, keep, masks.values())
        )
        unplanned = np.isnan(before) & ~touched
        try:
            made = meet(self.limits, after, asked | keeping, touched, unplanned, self._unit)
        except InfeasibleError as refusal:
            raise renamed(refusal, self.grid, self.limits) from None
        return np.where(unplanned, np.nan, made)

    @property
    def _unit(self) -> float:
        return self.grid.unit(self.names[0])

    def _spread(self, edit: Edit, base: Floats, mask: Bools) -> Floats:
        cells, held = base[mask], self.limits.held[mask]
        rows = self.limits.rows
        reference = self.references(edit.reference, rows)[mask] if edit.reference else None
        shape = reference if reference is not None else self._shape(mask)
        nodes = nodes_of(self.grid, rows, mask, edit.by)
        self._look(edit, cells, held)
        if held.all() and edit.method in _EACH:
            total = _wanted(edit, float(cells.sum()))
            raise blocked(
                self.grid, self.limits, mask, base, total, edit.region.about(self.grid.year)
            )
        bounds = self.limits.bounds

        def by(unit: float, tree: Sequence[Ints]) -> Floats:
            return spread_nodes(
                edit.method, cells, edit.amount, nodes,
                reference=reference, shape=shape, held=held, unit=unit, tree=tree,
                bounds=None if bounds is None else (bounds[0][mask], bounds[1][mask]),
            )  # fmt: skip

        try:
            made = by(self._unit, [level[mask.ravel()] for level in self.limits.tree])
        except InfeasibleError as refusal:
            raise self._refusal(edit, base, mask, refusal) from None
        self._tell_rounding(edit, made - by(self._unit / FINER, ()))
        return made

    def _tell_rounding(self, edit: Edit, off: Floats) -> None:
        """Say how far the cells are from their exact shares, and that the total is not."""
        odd = np.abs(off) > self._unit / FINER * 2
        if odd.any():
            what, widest = edit.region.about(self.grid.year), float(np.abs(off).max())
            self.notes.append(
                f"取整：{what} 有 {int(odd.sum())} 格不是精确份额，最多差 {widest:.4g}；尾差按最大余数分，各级合计一分不差"
            )

    def _look(self, edit: Edit, cells: Floats, held: Bools) -> None:
        """Refuse a total below zero; tell when a shape stands in or locked cells are left out."""
        what = edit.region.about(self.grid.year)
        if edit.amount < 0 and edit.method in _AMOUNTS:
            raise InputError(
                f"{what} 不能是负数 {edit.amount:,.15g}",
                "退款、费用按正数填；要减少请写 减3000 或 减5%",
            )
        if not np.where(held, 0.0, cells).any() and edit.method in ("proportional", "add"):
            self.notes.append(f"{what} 原来为空或为 0：按日历权重（或销售额的形状）分")
        if held.any() and edit.method in _EACH:
            self.notes.append(f"{what} 里锁定或已有实际的 {int(held.sum())} 格不变，只改其余的格")

    def _shape(self, mask: Bools) -> Floats:
        """Return what stands in for cells that are all zero: sales, or else calendar weights."""
        weights = self.grid.year.calendar.days["weight"].to_numpy(dtype=np.float64)
        shape = np.vstack([weights] * len(self.limits.rows))
        sales = np.vstack([np.nan_to_num(self.grid.columns["gmv"])] * len(self.names))
        return (sales if self.names != ["gmv"] and sales[mask].any() else shape)[mask]

    def _refusal(
        self, edit: Edit, base: Floats, mask: Bools, refusal: InfeasibleError
    ) -> InfeasibleError:
        what = edit.region.about(self.grid.year)
        kept = np.where(self.limits.held, base, 0.0)[mask].sum()
        total = _wanted(edit, float(base[mask].sum()))
        if kept > total or self.limits.held[mask].all():
            return blocked(self.grid, self.limits, mask, base, total, what)
        low, high = refusal.reachable or (0.0, np.inf)
        return InfeasibleError(
            f"{what} 改不成 {total:,.15g}：超出各格的上下限",
            f"合计只能在 {low:,.15g} 到 {high:,.15g} 之间；或放宽上下限",
            locks=[
                hold.about(self.grid.year.metrics)
                for hold in self.grid.holds
                if hold.kind is HoldKind.LIMITS
            ],
            reachable=refusal.reachable,
        )


def _wanted(edit: Edit, now: float) -> float:
    """Return the total an edit comes to."""
    wanted = {
        "percent": now * (1 + edit.amount),
        "times": now * edit.amount,
        "add": now + edit.amount,
    }
    fixed = now if edit.method in ("straight_line", "growth") else edit.amount
    return wanted.get(edit.method, fixed)


def _add(asked: dict[str, tuple[float, Bools]], name: str, total: float, mask: Bools) -> None:
    if name in asked and asked[name][0] != total:
        raise InputError(
            f"{name}同时改成了两个数：{asked[name][0]:,.15g} 和 {total:,.15g}", "只留一个"
        )
    asked[name] = (total, mask)
