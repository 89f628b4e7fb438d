"""分摊 on a category or platform: its months get new amounts, written as their shares of the month.

By default the part moves and the others keep their amounts, so that month totals move by the
difference; with 保持合计 the totals stay and the other parts absorb in proportion.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.references import references
from xlplan.errors import InfeasibleError, InputError
from xlplan.plan import rollup
from xlplan.plan.change import Edit, Wish
from xlplan.plan.grid import Grid, limits_of
from xlplan.plan.nodes import spread_nodes
from xlplan.plan.part_year import month_totals
from xlplan.plan.periods import months
from xlplan.plan.preview import number
from xlplan.plan.splits import (
    Splits,
    own_shares,
    shares_of,
    split_shares,
    with_own_shares,
)
from xlplan.plan.spread import breakback
from xlplan.record import bundle, record
from xlplan.sheets.split_shares import share_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.plan.splits import Part
    from xlplan.plan.units import Bools, Floats
    from xlplan.sheets.state import BookState
    from xlplan.sheets.state_read import BookRead


@record
class Chosen:
    """A row of 品类平台: its kind (c or p), its number there, its name."""

    kind: str
    number: int
    name: str

    @property
    def word(self) -> str:
        """What its kind is called."""
        return "品类" if self.kind == "c" else "平台"

    def among(self, splits: Splits) -> Sequence[Part]:
        """Return all parts of its kind."""
        return splits.categories if self.kind == "c" else splits.platforms


@bundle
class PartMove:
    """A part's new amounts, and what the plan must do for them.

    Attributes:
        chosen: The part.
        before: Amounts of all parts of its kind by month, (k, 12).
        after: What they become.
        wish: The change of the month totals; no edits when they stay.
    """

    chosen: Chosen
    before: Floats
    after: Floats
    wish: Wish

    def splits(self, state: BookState) -> Splits:
        """Return the splits that give these amounts under a state's changed plan."""
        totals = month_totals(state.year, state.year.scopes[0])
        shares, own = shares_of(self.after, totals), own_shares(state.splits)
        moved = np.nan_to_num(self.before) != np.nan_to_num(self.after)
        for month in np.flatnonzero(moved.any(axis=0)):
            for row in np.flatnonzero(~np.isnan(shares[:, month])):
                own[f"{self.chosen.kind}:{row}:{month + 1}"] = float(shares[row, month])
        return with_own_shares(state.splits, own)

    def lines(self) -> list[str]:
        """Return the part by month and in all, before and after."""
        old, new = self.before[self.chosen.number], self.after[self.chosen.number]
        pairs = [(f"{m + 1}月", old[m], new[m]) for m in np.flatnonzero(old != new)]
        pairs += (
            [("全年", round(rollup.total(old), 2), round(rollup.total(new), 2))] if pairs else []
        )
        lines = [f"{self.chosen.name} {when} 销售额：{number(float(was))} → {number(float(now))}" for when, was, now in pairs]  # fmt: skip
        if pairs and not self.wish.edits:
            lines.append(f"各月合计不变，由其他{self.chosen.word}按比例吸收")
        return lines


def chosen_part(read: BookRead, category: str, platform: str) -> Chosen:
    """Return the part that a name on 品类平台 means.

    Raises:
        InputError: There is none, it has no share, or the book cannot hold shares by month.
    """
    if category and platform:
        raise InputError("品类和平台一次只能改一个", "分两次改；品类 × 平台按两者的占比自动算出")
    kind, name = ("c", category.strip()) if category else ("p", platform.strip())
    if share_key(kind, 0) not in read.at.split.rows:
        raise InputError(
            "这份计划表是旧版做的，品类平台没有按月的占比", "用 xlplan new 新建一份再填"
        )
    chosen = Chosen(kind, -1, name)
    parts = chosen.among(read.state.splits)
    for place, part in enumerate(parts):
        if part.name == name:
            return Chosen(kind, place, name)
    known = "、".join(part.name for part in parts if part.name)
    raise InputError(f"品类平台里没有{chosen.word}“{name}”", f"有：{known or '还没有填'}")


def moved_part(
    state: BookState, chosen: Chosen, edit: Edit, gives: str, *, keep: bool
) -> PartMove:
    """Work out what a part's months become, and what the totals or the other parts do.

    Raises:
        InputError: Not whole months, not sales, not all stores; no plan or share there.
        InfeasibleError: Every month is locked, or the other parts cannot give so much.
    """
    year = state.year
    inside = _months(state, chosen, edit)
    totals = month_totals(year, year.scopes[0])
    before = split_shares(totals, [part.by_month() for part in chosen.among(state.splits)])
    if np.isnan(before[chosen.number, inside]).any():
        raise InputError(
            f"{chosen.name} 有的月没有计划或没有占比", "先分解出计划，并在品类平台填它的占比"
        )
    after = before.copy()
    after[chosen.number, inside] = _wanted(
        state, edit, before[chosen.number, inside], totals[inside], inside
    )
    change = np.nan_to_num(after - before)[chosen.number].round(2)
    if keep:
        return PartMove(chosen, before, _absorbed(chosen, before, after, change), Wish(()))
    edits = [
        Edit(
            replace(edit.region, period=months(year.year, m + 1, m + 1)),
            "proportional",
            round(float(totals[m] + change[m]), 2),
        )
        for m in map(int, np.flatnonzero(change))
    ]
    return PartMove(chosen, before, after, Wish(tuple(edits), gives))


def _months(state: BookState, chosen: Chosen, edit: Edit) -> Bools:
    """Return which months are asked for."""
    region, year = edit.region, state.year
    if region.metric != "gmv":
        raise InputError(
            f"{chosen.word}只分销售额，没有自己的其他指标",
            "指标写“销售额”；UV、转化率等按店铺改，不按品类、平台",
        )
    if region.stores != year.stores:
        raise InputError(
            f"{chosen.word}的占比各店共用，不能只改一家店的{chosen.word}",
            "店铺留空（合计）；要改一家店，就不选品类、平台",
        )
    first, last = region.period.first, region.period.last
    whole = months(year.year, first.month, last.month)
    if (whole.first, whole.last) != (first, last):
        raise InputError(
            f"{chosen.word}的计划只到月，不能改“{region.period.label}”",
            "期间写整月：9月、Q3、全年、3月到5月；月里各日按店铺的日计划走",
        )
    if edit.by not in ("day", "month"):
        raise InputError(f"{chosen.word}的计划按月分，不能分到周、季或店", "“分到”留空")
    every = np.arange(1, 13)
    return np.asarray((every >= first.month) & (every <= last.month))


def _wanted(state: BookState, edit: Edit, cells: Floats, totals: Floats, inside: Bools) -> Floats:
    """Return the part's new amounts in the months asked for; months that are shut stay."""
    grid = Grid(state.year, state.holds)
    limits = limits_of(grid, ["gmv"])
    month = state.year.calendar.days["month"].to_numpy() - 1
    open_days = np.bincount(month, (~limits.held).sum(axis=0), 12)
    held = np.asarray(open_days[inside] == 0)
    if held.all():
        raise InfeasibleError("这些月全部锁定或已有实际，不能再改", "换没有锁定的月，或先解锁")
    reference = None
    if edit.reference:
        found = references(state)(edit.reference, limits.rows).sum(axis=0)
        reference = np.asarray(np.bincount(month, found, 12)[inside], dtype=np.float64)
    made = spread_nodes(
        edit.method, cells, edit.amount, None, reference=reference, shape=totals, held=held,
        bounds=None, tree=[], unit=0.01,
    )  # fmt: skip
    if (made < 0).any():
        raise InputError("品类、平台的销售额不能是负数", "少减一些")
    return made


def _absorbed(chosen: Chosen, before: Floats, after: Floats, change: Floats) -> Floats:
    """Let the other parts take the change of each month in proportion."""
    others = np.arange(len(before)) != chosen.number
    for month in np.flatnonzero(change):
        rows = others & ~np.isnan(before[:, month])
        there = before[rows, month]
        left = round(float(np.rint(there * 100).sum() / 100 - change[month]), 2)
        if left < 0 or not there.any():
            raise InfeasibleError(
                f"{month + 1}月其他{chosen.word}一共 {number(float(there.sum()))}，让不出 {number(float(change[month]))}",
                "改小一些，或不保持合计",
            )
        after[rows, month] = breakback(there, left)
    return after
