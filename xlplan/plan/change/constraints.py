"""Edits of one family of flows as one set of constraints: what was asked, what is kept, what is locked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.change.holds import HoldKind, mask_of
from xlplan.plan.change.meet import meet
from xlplan.plan.change.refusal import against_locks, blocked, renamed
from xlplan.plan.change.request import all_taken, kept_totals, look_at_amount, stays_zero
from xlplan.plan.change.spreading import nodes_of, spread_nodes
from xlplan.plan.exact.units import exact_sum
from xlplan.record import bundle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xlplan.plan.change.grid import Grid, Limits
    from xlplan.plan.change.holds import Hold
    from xlplan.plan.change.meet import Asked
    from xlplan.plan.change.request import Edit, References
    from xlplan.plan.exact.units import Bools, Floats, Ints

#: Exact shares are worked out in units this much smaller, to tell what rounding did.
FINER = 1000


@bundle
class Work:
    """One family of metrics, on which edits of flows are met together with all locked totals."""

    grid: Grid
    names: list[str]
    limits: Limits
    references: References
    notes: list[str]

    def edited(
        self, edits: Sequence[Edit], keep: Sequence[str], standing: Asked
    ) -> tuple[Floats, Asked]:
        """Return the table with the edits, what stands and all locked totals met, and what was asked.

        Args:
            edits: Edits of flows of this family.
            keep: Levels whose totals stay.
            standing: Name → (total, cells) of what was asked before and holds still.
        """
        before = self.grid.stack(self.names)
        base, after = np.nan_to_num(before), np.nan_to_num(before)
        asked: dict[str, tuple[float, Bools]] = {}
        touched = np.zeros(before.shape, dtype=bool)
        masks = {edit: edit.region.mask(self.limits.rows, self.grid.days) for edit in edits}
        for edit in sorted(edits, key=lambda edit: -int(masks[edit].sum())):
            mask = masks[edit]
            after[mask] = self._spread(edit, base, mask)
            name = f"{edit.region.about(self.grid.year)}（改动）"
            _add(asked, name, exact_sum(after[mask]), mask)
            touched |= mask
        keeping = (
            {}
            if not keep
            else kept_totals(self.grid, self.limits, base, touched, keep, masks.values())
        )
        unplanned = np.isnan(before) & ~touched
        refusal = against_locks(self.grid, self.limits, after, asked)
        if refusal:
            raise refusal
        try:
            made = meet(
                self.limits,
                after,
                {**standing, **keeping, **asked},
                touched,
                unplanned,
                self._unit,
            )
        except InfeasibleError as refused:
            raise renamed(refused, self.grid, self.limits) from None
        return np.where(unplanned, np.nan, made), {**keeping, **asked}

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
        if held.all() and edit.how.each:
            total = edit.total(float(cells.sum()))
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
        look_at_amount(what, edit, cells)
        self.notes.extend(filter(None, [stays_zero(what, edit, cells)]))
        if not np.where(held, 0.0, cells).any() and edit.how.needs_shape:
            self.notes.append(f"{what} 原来为空或为 0：按日历权重（或销售额的形状）分")
        if held.any() and edit.how.each:
            self.notes.append(f"{what} 里锁定或已有实际的 {int(held.sum())} 格不变，只改其余的格")

    def _shape(self, mask: Bools) -> Floats:
        """Return what stands in for cells that are all zero: sales, or else calendar weights."""
        shape = np.vstack([self.grid.year.day_weights(store) for _, store in self.limits.rows])
        sales = np.vstack([np.nan_to_num(self.grid.columns["gmv"])] * len(self.names))
        return (sales if self.names != ["gmv"] and sales[mask].any() else shape)[mask]

    def _refusal(
        self, edit: Edit, base: Floats, mask: Bools, refusal: InfeasibleError
    ) -> InfeasibleError:
        what = edit.region.about(self.grid.year)
        kept = np.where(self.limits.held, base, 0.0)[mask].sum()
        total = edit.total(float(base[mask].sum()))
        taken = all_taken(what, edit, base[mask], self.limits.held[mask])
        if taken:
            return taken
        if kept > total or self.limits.held[mask].all():
            return blocked(self.grid, self.limits, mask, base, total, what)
        low, high = refusal.reachable or (0.0, np.inf)
        names = [hold.about(self.grid.year.metrics) for hold in self._limits_on(mask)]
        can = (
            f"不能少于 {low:,.15g}"
            if np.isinf(high)
            else f"只能在 {low:,.15g} 到 {high:,.15g} 之间"
        )
        return InfeasibleError(
            f"{what} 改不成 {total:,.15g}：超出各格的上下限（{'、'.join(names[:3])}）",
            f"合计{can}；或放宽上下限",
            locks=names,
            reachable=refusal.reachable,
        )

    def _limits_on(self, mask: Bools) -> Iterator[Hold]:
        """Yield the limits that some cells have."""
        for hold in self.grid.holds:
            mine = hold.kind is HoldKind.LIMITS and mask_of(hold, self.limits.rows, self.grid.days)
            if np.any(mine & mask):
                yield hold


def _add(asked: dict[str, tuple[float, Bools]], name: str, total: float, mask: Bools) -> None:
    """Ask for a total, under a name of its own where another region is called alike."""
    there = asked.get(name, (total, mask))
    if (there[1] != mask).any():
        name = f"{name}·{len(asked) + 1}"
    elif there[0] != total:
        raise InputError(f"{name}同时改成了两个数：{there[0]:,.15g} 和 {total:,.15g}", "只留一个")
    asked[name] = (total, mask)
