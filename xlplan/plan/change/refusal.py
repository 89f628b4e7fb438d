"""What stands in the way of a change: the locks by name, the fewest to release, the reach."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InfeasibleError
from xlplan.metrics.money import HALF_CENT, MONEY_DIGITS
from xlplan.plan.change.holds import HoldKind, label, mask_of
from xlplan.plan.change.preview import number
from xlplan.plan.days.periods import between
from xlplan.plan.exact.units import exact_sum
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from xlplan.plan.change.grid import Grid, Limits
    from xlplan.plan.change.holds import Hold
    from xlplan.plan.change.meet import Asked
    from xlplan.plan.exact.units import Bools, Floats

_PLACE = regex(r"第 (\d+) 格")
#: What days with actual sales are called among locks; nobody can release them.
KNOWN = "已有实际的"


def locks_in(grid: Grid, limits: Limits, cells: Bools, values: Floats) -> list[tuple[str, float]]:
    """Return the locks on some cells, in words, with what they keep there, largest first."""
    found = []
    left = cells & limits.held
    for hold in grid.holds:
        if hold.kind is HoldKind.AREA:
            mine = mask_of(hold, limits.rows, grid.days) & left
            if mine.any():
                found.append((hold.about(grid.year.metrics), exact_sum(values[mine])))
                left &= ~mine
    if left.any():
        found.append((_known_days(grid, left), exact_sum(values[left])))
    for hold, mask in _totals_in(limits, cells):
        rest = hold.value - exact_sum(values[mask & limits.held])
        found.append((hold.about(grid.year.metrics), rest))
    return sorted(found, key=lambda lock: -lock[1])


def _totals_in(limits: Limits, cells: Bools) -> Iterator[tuple[Hold, Bools]]:
    """Yield the locked totals that lie wholly in some cells, the widest of those that overlap."""
    seen = np.zeros(cells.shape, dtype=bool)
    for hold, mask in sorted(limits.totals, key=lambda pair: -int(pair[1].sum())):
        if not (mask & ~cells).any() and not (mask & seen).any():
            seen |= mask
            yield hold, mask


def has_room(limits: Limits, cells: Bools) -> bool:
    """Return whether some of the cells are free of locks and of locked totals inside them."""
    open_cells = cells & ~limits.held
    for _, mask in _totals_in(limits, cells):
        open_cells &= ~mask
    return bool(open_cells.any())


def blocked(  # noqa: PLR0913, PLR0917  # one question about one table
    grid: Grid, limits: Limits, cells: Bools, values: Floats, total: float, what: str
) -> InfeasibleError:
    """Return the refusal of a total that the locks on its cells do not allow."""
    locks = locks_in(grid, limits, cells, values)
    kept = float(np.round(sum(size for _, size in locks), MONEY_DIGITS))
    shut = not has_room(limits, cells)
    named = "、".join(text for text, _ in locks) or "上下限"
    low = number(kept)
    why = "没有可以调整的格" if shut else "锁定的已超过它"
    fewest = list(_fewest(locks, kept - total, shut=shut))
    return InfeasibleError(
        f"{what} 改不成 {number(round(total, MONEY_DIGITS))}：{why}（{named}，共 {low}）",
        f"合计{'只能是' if shut else '不能少于'} {low}；{way_out(fewest)}",
        locks=[text for text, _ in locks],
        reachable=(kept, kept if shut else np.inf),
    )


def against_locks(
    grid: Grid, limits: Limits, after: Floats, asked: Asked
) -> InfeasibleError | None:
    """Return the refusal of edits that a locked total around them does not allow, or None.

    Only what is plain: edits that lie side by side in the locked total; the rest is for the solver.
    """
    for hold, mask in sorted(limits.totals, key=lambda pair: int(pair[1].sum())):
        here = {name: cells for name, (_, cells) in asked.items() if (cells & mask).any()}
        depth = np.sum(list(here.values()), axis=0) if here else 0
        if not here or np.max(depth) > 1 or (np.asarray(depth, dtype=bool) & ~mask).any():
            continue
        inside = np.asarray(depth, dtype=bool)
        fixed, free = mask & limits.held & ~inside, mask & ~limits.held & ~inside
        for other, there in limits.totals:
            if other is not hold and not (there & ~(mask & ~inside)).any():
                free &= ~there
                fixed |= there
        edited, rest = exact_sum(after[inside]), exact_sum(after[fixed])
        short = round(edited + rest - hold.value, MONEY_DIGITS)
        if short > 0 or (short and not (free & ~np.isnan(after)).any()):
            return _too_much(hold, list(here), (edited, rest), grid, room=bool(free.any()))
    return None


def _too_much(
    hold: Hold, names: list[str], sums: tuple[float, float], grid: Grid, *, room: bool
) -> InfeasibleError:
    edited, rest = sums
    most, what = (
        round(hold.value - rest, MONEY_DIGITS),
        "、".join(name.removesuffix("（改动）") for name in names),
    )
    about = hold.about(grid.year.metrics)
    beside = f"，其中别处锁定或已有实际的占 {rest:,.15g}" if rest else ""
    reach = (0.0, max(most, 0.0)) if room else (most, most)
    can = f"{'最多' if room else '只能'}改成 {most:,.15g}；或" if most >= 0 else ""
    return InfeasibleError(
        f"{what} 改不成 {number(edited)}：锁定了 {about}（{hold.id}）{beside}",
        f"{can}先解锁 {hold.id}（{about}）再改",
        locks=[about],
        reachable=reach,
    )


def renamed(refusal: InfeasibleError, grid: Grid, limits: Limits) -> InfeasibleError:
    """Return a refusal that names cells as people do instead of by number."""

    def named(text: str) -> str:
        plain = text.replace("（改动）的合计", "改成").replace("（改动）", "")
        return _PLACE.sub(lambda found: cell_name(grid, limits, int(found[1]) - 1), plain)

    locks = [
        cell_name(grid, limits, lock) if isinstance(lock, int) else lock[1] if isinstance(lock, tuple) else lock
        for lock in refusal.locks
    ]  # fmt: skip
    return InfeasibleError(
        named(refusal.message),
        named(refusal.remedy),
        locks=locks,
        reachable=refusal.reachable,
    )


def cell_name(grid: Grid, limits: Limits, place: int) -> str:
    """Return what people call a cell of the table."""
    row, number = divmod(place, grid.days)
    metric, store = limits.rows[row]
    at = date(grid.year.year, 1, 1) + timedelta(days=number)
    return f"{store} {at.month}月{at.day}日 {label(metric, grid.year.metrics)}"


def way_out(locks: Iterable[str]) -> str:
    """Say which of some locks to release; days with actual sales are no lock anybody can release."""
    ours = [text for text in locks if not text.startswith(KNOWN)]
    return (
        f"或先解锁 {'、'.join(ours)}" if ours else f"{KNOWN}日子不再改计划，请选还没有实际的期间"
    )


def _fewest(locks: list[tuple[str, float]], excess: float, *, shut: bool) -> Iterator[str]:
    """Name the fewest locks whose release makes room: the largest first, none if all are too few."""
    ours = [(text, size) for text, size in locks if not text.startswith(KNOWN)]
    if not shut and excess > sum(size for _, size in ours) + HALF_CENT:
        return
    for text, size in ours:
        yield text
        excess -= size
        if shut or excess <= 0:
            return


def _known_days(grid: Grid, cells: Bools) -> str:
    numbers = np.flatnonzero(cells.any(axis=0))
    start = date(grid.year.year, 1, 1)
    first, last = (start + timedelta(days=int(number)) for number in numbers[[0, -1]])
    return f"{KNOWN} {between(first, last).label}（{numbers.size} 天）"
