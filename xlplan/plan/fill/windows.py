"""预算占比: promotion money of stretches of days that get a given share of the year.

The year's money stays; the days outside all stretches keep their proportions, and so do the days
inside one (least relative change, fitted by iterative proportional scaling). Stretches may overlap
or hold one another, and months that were given stay as given. All of these are intervals of one
line of days, so rounding the running total meets every one of them exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InfeasibleError
from xlplan.metrics.money import CENTS_PER_YUAN
from xlplan.plan.exact.units import excel_round, from_cents, to_cents
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.plan.calendar import Calendar
    from xlplan.plan.exact.units import Bools, Floats, Ints

#: Rounds of fitting; stretches that lie apart need one.
_ROUNDS = 200
#: How often a step that goes too far is halved.
_HALVES = 30
#: A total missed by less than this many yuan is met: the rounding takes care of it.
_CLOSE = 1e-6
#: Sums of money are no more exact than this.
_NOISE = 1e-12


@record
class Window:
    """A stretch of days with a share of a store's promotion money.

    Attributes:
        name: The campaign.
        first: Position of its first day in the year.
        last: Position of its last day.
        share: Its share of the year's money, 0 to 1.
    """

    name: str
    first: int
    last: int
    share: float


def windows_of(calendar: Calendar, store: str) -> tuple[Window, ...]:
    """Return the stretches of the campaigns that a store takes part in and that have a share."""
    mine, count = calendar.of(store), len(calendar.days)
    start = calendar.days.index[0].date()
    found = [
        Window(event.name, max((event.start - start).days, 0), min((event.end - start).days, count - 1), event.budget_share)
        for event in mine.events
        if event.enabled and event.budget_share > 0 and event.edition == calendar.year
    ]  # fmt: skip
    return tuple(window for window in found if window.first <= window.last)


@record
class Stretches:
    """Money by stretches of days that lie within one month and one set of campaigns.

    Attributes:
        money: (g,) yuan of each stretch.
        group: (d,) the stretch of each day.
        month: (g,) the month of each stretch.
    """

    money: Floats
    group: Ints
    month: Ints


def stretched(  # noqa: PLR0913, PLR0917  # one store's money
    store: str,
    monthly: Floats,
    sales: Floats,
    month: Ints,
    windows: Sequence[Window],
    given: Bools,
) -> Stretches:
    """Return a store's promotion money by stretches, every share of the year met to the fen.

    Args:
        store: Its name, for messages.
        monthly: (m,) yuan as the targets ask without campaigns.
        sales: (d,) daily sales, by which money lies within a month.
        month: (d,) the month of each day, ascending.
        windows: The campaigns.
        given: (m,) months whose money was given and stays.

    Raises:
        InfeasibleError: The shares contradict one another or the months that were given.
    """
    cuts = {0, len(month), *(np.flatnonzero(np.diff(month)) + 1).tolist()}
    cuts |= {edge for one in windows for edge in (one.first, one.last + 1)}
    edges = np.array(sorted(cuts))
    group = np.searchsorted(edges, np.arange(len(month)), side="right") - 1
    of_month = month[edges[:-1]]
    base = np.bincount(group, _daily(monthly, sales, month), minlength=len(edges) - 1).astype(
        np.float64
    )
    total = int(to_cents(monthly).sum())
    wanted = [
        *((one.name, one.first, one.last, int(excel_round(total * one.share))) for one in windows),
        *_given(monthly, month, given),
        ("全年", 0, len(month) - 1, total),
    ]
    sums = [
        _Sum(name, int(edges.searchsorted(first)), int(edges.searchsorted(last + 1)), cents)
        for name, first, last, cents in wanted
    ]
    running = np.concatenate([[0.0], np.cumsum(_fitted(store, base, sums, windows))])
    whole = _whole(running * CENTS_PER_YUAN, sums)
    return Stretches(from_cents(np.diff(whole)), group, of_month)


@record
class _Sum:
    """Stretches (from, up to and without) that add up to so many fen."""

    name: str
    first: int
    last: int
    cents: int

    def of(self, made: Floats) -> float:
        """Return what they add up to, in yuan."""
        return float(made[self.first : self.last].sum())


def _given(monthly: Floats, month: Ints, given: Bools) -> list[tuple[str, int, int, int]]:
    found = []
    for m in np.flatnonzero(given).tolist():
        days = np.flatnonzero(month == m)
        found.append((f"{m + 1}月推广费", days[0], days[-1], int(to_cents(monthly[m]))))
    return found


def _daily(monthly: Floats, sales: Floats, month: Ints) -> Floats:
    sold, days = np.bincount(month, sales), np.bincount(month)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(sold[month] > 0, sales / sold[month], 1.0 / days[month])
    return np.asarray(monthly[month] * share, dtype=np.float64)


def _fitted(store: str, base: Floats, sums: Sequence[_Sum], windows: Sequence[Window]) -> Floats:
    """Return money that meets every sum, as like to `base` as can be (least Kullback–Leibler).

    Each sum pulls its stretches by one factor; Newton's method finds the factors in a few steps,
    also where sums lie nearly on one another and scaling them in turn would take thousands.
    """
    made = base.copy()
    for one in sums:  # a campaign on days without sales has money all the same
        if one.cents > 0 and not one.of(made):
            made[one.first : one.last] = 1.0
        elif not one.cents:
            made[one.first : one.last] = 0.0
    inside = np.zeros((len(sums), len(made)))
    for row, one in zip(inside, sums, strict=True):
        row[one.first : one.last] = 1.0
    wanted = np.array([one.cents / CENTS_PER_YUAN for one in sums])
    pull, now = np.zeros(len(sums)), made
    for _ in range(_ROUNDS):
        gap = inside @ now - wanted
        if np.abs(gap).max() < _CLOSE:
            return now
        step = np.linalg.lstsq((inside * now) @ inside.T, -gap, rcond=None)[0]
        pull, now = _pulled(made, inside, wanted, pull, step)
    raise _refusal(store, now, sums, windows)


def _pulled(
    made: Floats, inside: Floats, wanted: Floats, pull: Floats, step: Floats
) -> tuple[Floats, Floats]:
    """Return factors a step further and the money then; a step too far is halved."""

    def off(at: Floats) -> tuple[float, Floats]:
        with np.errstate(over="ignore", invalid="ignore"):
            money = made * np.exp(at @ inside)
        return float(money.sum() - wanted @ at), money

    before, _ = off(pull)
    for half in range(_HALVES):
        there = pull + step / 2**half
        after, money = off(there)
        if after <= before + _NOISE * abs(before):
            break
    return there, money


def _refusal(
    store: str, made: Floats, sums: Sequence[_Sum], windows: Sequence[Window]
) -> InfeasibleError:
    """Return what contradicts what: the sums that fitting could not meet."""
    bad = [one for one in sums if abs(one.of(made) - one.cents / CENTS_PER_YUAN) > 1]
    missed = [
        one.name
        for one in sums
        if one.name != "全年" and any(one.first < b.last and b.first < one.last for b in bad)
    ]
    shares = "、".join(f"{one.name} {one.share:.2%}" for one in windows)
    whole = sum(one.share for one in windows)
    over = f"，合计 {whole:.2%}" if len(windows) > 1 else ""
    return InfeasibleError(
        f"{store} 的活动预算占比放不下：{shares}{over}；合不上的是 {'、'.join(missed) or '全年'}",
        "改到放得下：不重叠的活动合计不超过 100%，套在里面的不超过外面的，并与已填的月推广费一致；"
        "或在“年度目标”把“活动预算占比”改为只作参考",
        locks=missed,
    )


def _whole(running: Floats, sums: Sequence[_Sum]) -> Ints:
    """Round running totals so that all sums are exact: edges tied by a sum are rounded as one."""
    whole = np.floor(running + 0.5).astype(np.int64)
    tied: dict[int, list[tuple[int, int]]] = {}
    for one in sums:
        tied.setdefault(one.first, []).append((one.last, one.cents))
        tied.setdefault(one.last, []).append((one.first, -one.cents))
    seen = set[int]()
    for start in sorted(tied):
        waiting = [] if start in seen else [start]
        seen.add(start)
        while waiting:
            here = waiting.pop()
            for other, cents in tied[here]:
                if other not in seen:
                    whole[other] = whole[here] + cents
                    seen.add(other)
                    waiting.append(other)
    return np.maximum.accumulate(whole)
