"""Edits of ratios: flows that nobody typed move by one common factor until the ratio is what was asked.

A region's ratio is that of its sums, days that may not move among them: a month of which half is
over comes to 6 % as a whole. A percentage or a factor concerns the days that can still move.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InfeasibleError, InputError
from xlplan.metrics import DRIVERS, EDITED_RATIOS, moving
from xlplan.plan.change.follow import moved_by
from xlplan.plan.change.grid import limits_of
from xlplan.plan.change.holds import label
from xlplan.plan.change.preview import number, unit_of
from xlplan.plan.change.refusal import locks_in, way_out
from xlplan.plan.exact.units import exact_sum
from xlplan.record import bundle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from xlplan.plan.change.grid import Grid
    from xlplan.plan.change.request import Edit
    from xlplan.plan.exact.units import Bools

    Moves = Sequence[tuple[str, int]]


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


#: Ratios that only one flow can serve come first, those it would break after them.
SERVING_ORDER = ("refund_rate", "shop_roi", "spend_ratio", "cvr", "aov", "uv_value", "roi")
#: Ratios that cannot pass 1.
UP_TO_ONE = ("cvr", "refund_rate")
#: Rounds until ratios that disturb each other hold.
RATIO_ROUNDS = 8
#: Factors that are tried, as powers of e, and how often their range is halved.
REACH, HALVINGS = 14.0, 60


@bundle
class Wished:
    """A ratio to be met.

    Attributes:
        edit: The edit.
        cells: (s, d) cells whose sums make the ratio.
        value: What it is to be.
    """

    edit: Edit
    cells: Bools
    value: float

    @property
    def metric(self) -> str:
        """The ratio."""
        return self.edit.region.metric


def wished(grid: Grid, edit: Edit) -> Wished:
    """Return the value an edit asks a ratio to have, judged by the plan as it is.

    Raises:
        InputError: No such ratio, a method that only sums have, nothing planned, nothing above zero.
    """
    metric, year = edit.region.metric, grid.year
    name = label(metric, year.metrics)
    if not grid.is_ratio(metric) or metric not in (each.name for each in EDITED_RATIOS):
        raise InputError(
            f"“{name}”不在计划里，不能改",
            "可以改销售额、UV、笔数、推广费等，以及转化率、客单价、ROI、费用占比、退款率",
        )
    if not edit.how.keeps_proportions:
        raise InputError(
            f"“{name}”是比率，不能分摊", "比率只能整体改：=4.5%、+8%、*1.1；各格按同一倍数变动"
        )
    cells = edit.region.mask([(metric, store) for store in year.stores], grid.days)
    if edit.how.each:
        open_cells = cells & ~held_of(grid, metric)
        cells = open_cells if open_cells.any() else cells
    now = Sums(grid, metric, cells).ratio()
    wanted = edit.total(now)
    what, unit = edit.region.about(year), unit_of(metric, year)
    if not now > 0:
        raise InputError(
            f"{what} 还没有计划，改不成 {number(wanted, unit)}",
            "先在“年度目标”填它（或它的两个量）并“分解”",
        )
    if not wanted > 0 or (metric in UP_TO_ONE and wanted > 1):
        whole = "，不超过 100%；4.5 就是 450%，请写 4.5%" if metric in UP_TO_ONE else ""
        raise InputError(
            f"{what} 现在是 {number(now, unit)}，改不成 {number(wanted, unit)}",
            f"{name}要大于 0{whole}",
        )
    return Wished(edit, cells, wanted)


def meet_ratios(
    grid: Grid,
    ratios: Sequence[Wished],
    gives: str,
    flows: Sequence[Edit],
    put: Callable[[Sequence[Edit]], object],
) -> None:
    """Move flows until every ratio is met, the sums that were asked staying as they are.

    Args:
        grid: The plan, changed in place.
        ratios: What is to hold.
        gives: Which driver gives, "" for the first that nobody typed.
        flows: Edits of flows that hold already.
        put: Carries out edits of flows.

    Raises:
        InfeasibleError: What may not move leaves too little, or the edits contradict each other.
    """
    named = {wish.metric for wish in ratios}
    groups = [[w for w in ratios if w.metric == name] for name in SERVING_ORDER if name in named]
    moves = _chosen(grid, groups, gives, flows)
    waiting = groups
    for _ in range(RATIO_ROUNDS):
        for group in waiting:
            put([edit for wish in group for edit in _moved(grid, wish, moves[wish.metric])])
        waiting = [group for group in groups if any(_off(grid, wish) for wish in group)]
        if not waiting:
            return
    raise _contradiction(grid, waiting[0][0], flows, ratios)


def _chosen(
    grid: Grid, groups: Sequence[Sequence[Wished]], gives: str, flows: Sequence[Edit]
) -> dict[str, Moves]:
    """Return which flows serve each ratio: the first choice that breaks nothing that was asked."""
    found: dict[str, Moves] = {}
    settled: list[Wished] = []
    for group in groups:
        metric = group[0].metric
        ways = DRIVERS[metric].gives
        choices = [moved_by(metric, gives)] if gives else [moving(metric, way) for way in ways]
        planned = [_planned(grid, list(choice.items())) for choice in choices]
        fit = [
            choice
            for choice in planned
            if choice
            and not any(_typed(grid, wish, choice, flows) for wish in group)
            and not any(_breaks(grid, choice, wish, other) for wish in group for other in settled)
        ]
        if not fit and any(_off(grid, wish) for wish in group):
            wish = next(wish for wish in group if _off(grid, wish))
            raise _contradiction(grid, wish, flows, [*settled, *group])
        found[metric] = fit[0] if fit else ()
        settled += group
    return found


def _planned(grid: Grid, choice: Moves) -> Moves:
    """Return the flows of a choice that have a plan."""
    return [
        (flow, power)
        for flow, power in choice
        if grid.is_flow(flow) and not np.isnan(grid.stack(grid.family(flow))).all()
    ]


def _typed(grid: Grid, wish: Wished, choice: Moves, flows: Sequence[Edit]) -> bool:
    """Return whether every free cell of a flow that would move was itself asked for."""
    for flow, _ in choice:
        free = wish.cells & ~held_flow(grid, flow)
        rows = [(flow, store) for store in grid.year.stores]
        masks = [edit.region.mask(rows, grid.days) for edit in flows]
        asked = [mask for mask in masks if not (mask & ~wish.cells).any()]
        if free.any() and not (free & ~np.logical_or.reduce([~free, *asked])).any():
            return True
    return False


def _breaks(grid: Grid, choice: Moves, wish: Wished, other: Wished) -> bool:
    """Return whether moving flows for one ratio moves another one that was asked for."""
    if not (wish.cells & other.cells).any():
        return False
    powers = dict(choice)
    return len({powers.get(name, 0) for name in names_of(grid, other.metric)}) > 1


def _moved(grid: Grid, wish: Wished, choice: Moves) -> Iterator[Edit]:
    """Yield the edits of flows that make a ratio what it is to be."""
    factor = _factor(grid, wish, dict(choice)) if choice else 1.0
    for flow, power in choice:
        region = replace(wish.edit.region, metric=flow)
        if grid.region_values(region).size:
            yield replace(wish.edit, region=region, method="times", amount=factor**power)


def _factor(grid: Grid, wish: Wished, powers: dict[str, int]) -> float:
    """Return the factor of the flows, by halving: the ratio grows with it.

    Raises:
        InfeasibleError: What may not move leaves too little.
    """
    sums = Sums(grid, wish.metric, wish.cells)
    low, high = -REACH, REACH
    least, most = sums.ratio(np.exp(low), powers), sums.ratio(np.exp(high), powers)
    if not least < wish.value < most:
        raise _out_of_reach(grid, wish, next(iter(powers)), (least, most))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if sums.ratio(np.exp(middle), powers) < wish.value:
            low = middle
        else:
            high = middle
    return float(np.exp((low + high) / 2))


def _off(grid: Grid, wish: Wished) -> bool:
    """Return whether a ratio is further from what was asked than whole units allow."""
    sums = Sums(grid, wish.metric, wish.cells)
    allowed = 1e-9
    for name, (held, free) in sums.parts.items():
        allowed += grid.unit(grid.family(name)[0]) / max(held + free, 1e-9)
    return not abs(sums.ratio() / wish.value - 1) <= allowed


def _out_of_reach(
    grid: Grid, wish: Wished, flow: str, reach: tuple[float, float]
) -> InfeasibleError:
    """Return the refusal of a ratio that the cells which may not move do not allow."""
    columns = grid.family(flow)
    cells = np.vstack([wish.cells] * len(columns))
    locks = locks_in(grid, limits_of(grid, columns), cells, np.nan_to_num(grid.stack(columns)))
    texts, unit = [text for text, _ in locks], unit_of(wish.metric, grid.year)
    least, most = (number(bound, unit) for bound in reach)
    bound = f"不能低于 {least}" if wish.value <= reach[0] else f"不能高于 {most}"
    bound = f"只能是 {least}" if least == most else bound
    return InfeasibleError(
        f"{wish.edit.region.about(grid.year)} 改不成 {number(wish.value, unit)}：{'、'.join(texts) or label(flow, grid.year.metrics)} 不动，{bound}",
        f"改成做得到的数；{way_out(texts)}",
        locks=texts,
        reachable=reach,
    )


def _contradiction(
    grid: Grid, wish: Wished, flows: Sequence[Edit], ratios: Sequence[Wished]
) -> InputError:
    """Return the refusal of a ratio that other edits of the same cells leave no room for."""
    year = grid.year
    rows = [(wish.metric, store) for store in year.stores]
    others = [
        edit.region
        for edit in (*flows, *(other.edit for other in ratios if other is not wish))
        if (replace(edit.region, metric=wish.metric).mask(rows, grid.days) & wish.cells).any()
    ]
    told = "、".join(dict.fromkeys(region.about(year) for region in others[:4])) or "锁定"
    value = number(wish.value, unit_of(wish.metric, year))
    return InputError(
        f"{wish.edit.region.about(year)} 要改成 {value}，与同时的 {told} 互相矛盾",
        "少改其中一个；或在“由谁来让”里选没有改的那一个",
    )
