"""分解 under locks: what the targets ask for, bent to what may not move.

The plan of the targets is worked out as if nothing were locked; read-only cells and days with
actual sales then take their present values, and each store's year, its given months and all
locked totals are met by the free days in proportion. With nothing in the way the plan comes
out untouched, so a second 分解 changes nothing.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InfeasibleError, InputError
from xlplan.metrics.money import HALF_CENT, MONEY_DIGITS
from xlplan.plan.change.grid import Grid, limits_of
from xlplan.plan.change.holds import label
from xlplan.plan.change.meet import meet
from xlplan.plan.change.refusal import has_room, locks_in, renamed, way_out
from xlplan.plan.exact.units import exact_sum
from xlplan.record import bundle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.plan.change.grid import Limits
    from xlplan.plan.change.holds import Hold
    from xlplan.plan.exact.units import Bools, Floats
    from xlplan.plan.fill.windows import Window
    from xlplan.plan.year import Year


@bundle
class Present:
    """The plan there is and its locks, for a new plan to respect.

    Attributes:
        year: The year with its present plan.
        holds: The locks.
    """

    year: Year
    holds: Sequence[Hold] = ()

    def bend(
        self,
        columns: Mapping[str, Floats],
        months: Mapping[str, Floats],
        windows: Mapping[str, Sequence[Window]] | None = None,
    ) -> dict[str, Floats]:
        """Return new (stores, days) columns that respect what is fixed.

        Args:
            columns: Column → values as the targets ask, NaN where not planned.
            months: Column → (stores, 12) months that were given, NaN where free.
            windows: Store → campaigns whose share of the spend stays, where locks leave room.

        Raises:
            InfeasibleError: Locks contradict targets or one another.
        """
        grid, made = Grid(self.year, self.holds), dict(columns)
        for names in {
            tuple(n for n in grid.family(name) if n in columns): None for name in columns
        }:
            limits = limits_of(grid, names)
            now, wanted = grid.stack(names), np.vstack([columns[name] for name in names])
            fixed = limits.held & ~np.isnan(now) & ~np.isnan(wanted)
            after = np.where(fixed, now, wanted)
            touched = _touched(limits, wanted, after)
            if touched.any():
                asked = _asked(grid, limits, wanted, touched, months)
                shares = _windows(limits, wanted, touched, windows or {})
                done = _met_with(grid, limits, after, (asked, shares), touched)
                made |= dict(zip(names, np.split(done, len(names)), strict=True))
        return made


def _touched(limits: Limits, wanted: Floats, after: Floats) -> Bools:
    """Return the cells of rows and totals that cannot stay as the targets ask."""
    differs = (after != wanted) & ~np.isnan(wanted)
    touched = np.broadcast_to(differs.any(axis=1, keepdims=True), differs.shape).copy()
    for hold, cells in limits.totals:
        if abs(np.nansum(wanted[cells]) - hold.value) > HALF_CENT:
            touched |= cells
    if limits.bounds is not None:
        low, high = limits.bounds
        touched |= ((wanted < low) | (wanted > high)).any(axis=1, keepdims=True)
    return touched


def _asked(
    grid: Grid, limits: Limits, wanted: Floats, touched: Bools, months: Mapping[str, Floats]
) -> dict[str, tuple[float, Bools]]:
    """Return the totals of the targets: each row's year, and its months that were given.

    Paid visitors of a channel have no target: on open days they are what the money buys there.
    """
    asked: dict[str, tuple[float, Bools]] = {}
    month = grid.year.calendar.days["month"].to_numpy() - 1
    bought = {f"uv_{channel.key}" for channel in grid.year.metrics.channels}
    for number, (metric, store) in enumerate(limits.rows):
        if not touched[number].any() or metric in bought:
            continue
        name = f"{store} {label(metric, grid.year.metrics)} 全年目标"
        cells = np.zeros(wanted.shape, dtype=bool)
        cells[number] = True
        asked[name] = exact_sum(wanted[number]), cells
        given = months.get(metric)
        place = list(grid.year.stores).index(store)
        for m in range(12) if given is not None and not np.isnan(given[place]).all() else ():
            if not np.isnan(given[place, m]):  # type: ignore[index]
                mine = np.zeros(wanted.shape, dtype=bool)
                mine[number, month == m] = True
                asked[name.replace("全年", f"{m + 1}月")] = exact_sum(wanted[mine]), mine
    return asked


def _windows(
    limits: Limits, wanted: Floats, touched: Bools, windows: Mapping[str, Sequence[Window]]
) -> dict[str, tuple[float, Bools]]:
    """Return what each touched channel spends in the campaigns that have a share of the spend."""
    asked: dict[str, tuple[float, Bools]] = {}
    for number, (metric, store) in enumerate(limits.rows):
        for one in windows.get(store, ()) if metric.startswith("spend_") else ():
            cells = np.zeros(wanted.shape, dtype=bool)
            cells[number, one.first : one.last + 1] = True
            if touched[number].any() and not np.isnan(wanted[cells]).any():
                asked[f"{store} {metric} {one.name} {one.first}"] = exact_sum(wanted[cells]), cells
    return asked


def _met_with(
    grid: Grid,
    limits: Limits,
    after: Floats,
    asked: tuple[dict[str, tuple[float, Bools]], dict[str, tuple[float, Bools]]],
    touched: Bools,
) -> Floats:
    """Meet the targets, and the shares of campaigns where locks leave room for them."""
    targets, shares = asked
    if shares:
        with suppress(InfeasibleError, InputError):
            return _met(grid, limits, after, {**targets, **shares}, touched)
    return _met(grid, limits, after, targets, touched)


def _met(
    grid: Grid,
    limits: Limits,
    after: Floats,
    asked: dict[str, tuple[float, Bools]],
    touched: Bools,
) -> Floats:
    if not asked and not limits.totals:
        return after
    unplanned = np.isnan(after)
    unit = grid.unit(limits.rows[0][0])
    try:
        made = meet(limits, np.nan_to_num(after), asked, touched, unplanned, unit, settled=False)
    except InfeasibleError as refusal:
        told = _against_targets(grid, limits, after, asked)
        raise (told or renamed(refusal, grid, limits)) from None
    return np.where(unplanned, np.nan, made)


def _against_targets(
    grid: Grid, limits: Limits, after: Floats, asked: Mapping[str, tuple[float, Bools]]
) -> InfeasibleError | None:
    """Return the refusal of a target that locks inside it do not allow: the narrowest, or None.

    Said in terms of the lock and the target; the other targets around them are innocent.
    """
    ids = {hold.about(grid.year.metrics): hold.id for hold in grid.holds}
    for name, (total, cells) in sorted(asked.items(), key=lambda one: int(one[1][1].sum())):
        locks = locks_in(grid, limits, cells, after)
        kept = round(sum(size for _, size in locks), MONEY_DIGITS)
        over, room = round(kept - total, MONEY_DIGITS), has_room(limits, cells)
        if not locks or not (over > 0 or (over < 0 and not room)):
            continue
        named = "、".join(f"{ids[text]}（{text}）" if text in ids else text for text, _ in locks)
        more = f"{'多' if over > 0 else '少'} {abs(over):,.15g}"
        change = f"把 {name} 改为{'不少于 ' if room else ' '}{kept:,.15g}"
        return InfeasibleError(
            f"{named} 比 {name}（{total:,.15g}）{more}",
            f"{change}；{way_out(f'{ids[text]}（{text}）' if text in ids else text for text, _ in locks)}",
            locks=[text for text, _ in locks],
            reachable=(kept, np.inf if room else kept),
        )
    return None
