"""What a review rests on, store by store: sums over the same days on both sides.

Days with actual sales are compared with the plan of those days. Where visits and orders are known
too, a store can be taken apart into UV, 转化率 and 客单价; its other days stand apart. The sheet 复盘
says the same with formulas; both must come to the same numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.plan.explain.reasons import FACTORS, WHOLE
from xlplan.plan.variance import ADDED, MIX, STOPPED, log_mean
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from xlplan.plan.exact.units import Bools, Floats
    from xlplan.plan.year import Year

#: How a segment enters the bridge: by its factors, as one amount, new, or gone.
SPLIT, LUMP = "拆分", "整笔"
#: The lines of a bridge between start and end, in order.
STEPS = (*FACTORS, MIX, ADDED, STOPPED, WHOLE)
#: Attainment from which a metric counts as under way; below it is at risk. Costs the other way.
_ON_TRACK, _COSTLY = 0.8, 1.2
#: A target missed by less than this part of it is reached: 客单价 99.99 for 100 is no gap.
NEAR = 0.001


@record
class Segment:
    """A store (or channel) on both sides.

    Attributes:
        name: The store.
        days: Days on which sales, visits and orders are known.
        start: Sales, visits and orders of these days before (plan, or last year); 0 unknown.
        end: The same of the actuals.
        rest: Sales before and now of days that lack visits or orders; (0, 0) when there are none.
        rest_days: How many such days.
        gone: It was there before and is not now: a store that closed.
    """

    name: str
    days: int
    start: tuple[float, float, float]
    end: tuple[float, float, float]
    rest: tuple[float, float] = (0.0, 0.0)
    rest_days: int = 0
    gone: bool = False

    @property
    def how(self) -> str:
        """`SPLIT`, `LUMP`, 新增 or 停止; "" when no day is known in full."""
        if self.gone:
            return STOPPED
        if not self.days:
            return ""
        if min(*self.start, *self.end) > 0:
            return SPLIT
        return LUMP if self.start[0] > 0 else ADDED

    @property
    def before(self) -> float:
        """Sales before, of all days compared."""
        return self.start[0] + self.rest[0]

    @property
    def now(self) -> float:
        """Sales now, of all days compared."""
        return self.end[0] + self.rest[1]


@record
class Basis(Segment):
    """A store's plan and actuals of a period.

    Attributes:
        known: Days with actual sales.
        lacking: Days planned to sell, up to the as-of day, without actuals.
        spend: Promotion money and sales of days that know both: planned, planned, actual, actual.
        refunds: Numerator and denominator of 退款率 of settled days: planned, planned, actual, actual.
        refund: Refund money, planned and actual, of days that know it.
    """

    known: int = 0
    lacking: int = 0
    spend: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    refunds: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    refund: tuple[float, float] = (0.0, 0.0)


@record
class Mark:
    """One metric of a review.

    Attributes:
        metric: Its name.
        label: What people call it.
        target: Of the days compared.
        actual: Of the same days.
        lower_is_better: Whether less is better.
        percent: Whether it is a ratio in percent.
    """

    metric: str
    label: str
    target: float
    actual: float
    lower_is_better: bool = False
    percent: bool = False

    @property
    def met(self) -> bool:
        """Whether the target of these days is reached (or missed by a trifle, `NEAR`)."""
        if self.lower_is_better:
            return self.actual <= self.target * (1 + NEAR)
        return self.actual >= self.target * (1 - NEAR)

    @property
    def band(self) -> str:
        """达成, 进行中 or 有风险 (DOMAIN: ≥1, ≥0.8; lower is better: ≤1, ≤1.2)."""
        if self.met:
            return "达成"
        ratio = self.actual / self.target if self.target else float("inf")
        near = ratio <= _COSTLY if self.lower_is_better else ratio >= _ON_TRACK
        return "进行中" if near else "有风险"

    def shown(self, value: float) -> str:
        """Return a value as people write it."""
        return f"{value:.2%}" if self.percent else f"{value:,.0f}"


#: Metric → (label, lower is better, percent), in the order of the sheet.
MARKS = {
    "gmv": ("销售额", False, False),
    "uv": ("UV", False, False),
    "cvr": ("转化率", False, True),
    "aov": ("客单价", False, False),
    "spend_ratio": ("费用占比", True, True),
    "refund_rate": ("退款率", True, True),
}


def refund_parts(year: Year) -> tuple[str, str]:
    """Return what 退款率 is a quotient of, under the settings of a book."""
    formula = year.metrics["refund_rate"].formula
    assert formula is not None  # noqa: S101 - the registry defines it
    above, below = formula.names
    return above, below


def basis(year: Year, store: str, first: date, last: date, as_of: date) -> Basis:
    """Return a store's sums over a period up to the as-of day."""
    days = year.calendar.days.index
    start = (first - days[0].date()).days
    stop = (min(last, as_of) - days[0].date()).days + 1
    ripe = (as_of - days[0].date()).days + 1 - year.settings.maturity_days
    inside, settled = slice(start, max(stop, start)), slice(start, max(min(stop, ripe), start))
    real, plan = year.actual.of_scope(store), year.planned.of_scope(store)
    gmv, uv, orders = (real[name][inside] for name in ("gmv", "uv", "orders"))
    sales = gmv - np.nan_to_num(real["gmv_excluded"][inside])
    made = orders - np.nan_to_num(real["orders_excluded"][inside])
    known = ~np.isnan(gmv)
    full = known & ~np.isnan(uv) & ~np.isnan(orders)
    aims = [np.nan_to_num(plan[name][inside]) for name in ("gmv", "uv", "orders")]
    rest = known & ~full
    back = real["refund_amount"][inside]
    told = known & ~np.isnan(back)
    return Basis(
        store, int(full.sum()), _three(aims, full), _three([sales, uv, made], full),
        (_sum(aims[0], rest), _sum(sales, rest)), int(rest.sum()),
        known=int(known.sum()), lacking=int((~known & (aims[0] > 0)).sum()),
        spend=_spend(year, real, plan, inside), refunds=_refunds(year, real, plan, settled),
        refund=(_sum(np.nan_to_num(plan["refund_amount"][inside]), told), _sum(back, told)),
    )  # fmt: skip


def _three(values: Sequence[Floats], mask: Bools) -> tuple[float, float, float]:
    one, two, three = (_sum(each, mask) for each in values)
    return one, two, three


def _sum(values: Floats, mask: Bools) -> float:
    return float(values[mask].sum())


def _spend(
    year: Year, real: Mapping[str, Floats], plan: Mapping[str, Floats], inside: slice
) -> tuple[float, float, float, float]:
    names = [f"spend_{channel.key}" for channel in year.metrics.channels]
    spent = np.vstack([real[name][inside] for name in names])
    meant = np.vstack([plan[name][inside] for name in names])
    mask = ~np.isnan(spent).all(axis=0) & ~np.isnan(real["gmv"][inside])
    sales = real["gmv"][inside] - np.nan_to_num(real["gmv_excluded"][inside])
    return (
        _sum(np.nan_to_num(meant).sum(axis=0), mask), _sum(np.nan_to_num(plan["gmv"][inside]), mask),
        _sum(np.nan_to_num(spent).sum(axis=0), mask), _sum(sales, mask),
    )  # fmt: skip


def _refunds(
    year: Year, real: Mapping[str, Floats], plan: Mapping[str, Floats], settled: slice
) -> tuple[float, float, float, float]:
    names = refund_parts(year)
    mask = ~np.isnan(real[names[0]][settled]) & ~np.isnan(real[names[1]][settled])
    planned = [_sum(np.nan_to_num(plan[name][settled]), mask) for name in names]
    came = [_sum(real[name][settled], mask) for name in names]
    return planned[0], planned[1], came[0], came[1]


def effects(segments: Sequence[Segment]) -> list[dict[str, float]]:
    """Return what each segment adds to each line of the bridge (LMDI-I; see `plan.variance`)."""
    split = [one for one in segments if one.how == SPLIT]
    visits = [sum(side[1] for side in sides) for sides in ([s.start for s in split], [s.end for s in split])]  # fmt: skip
    return [_effect(one, *visits) for one in segments]


def _effect(one: Segment, before: float, now: float) -> dict[str, float]:
    made = dict.fromkeys(STEPS, 0.0)
    if one.how == SPLIT:
        (g0, u0, o0), (g1, u1, o1) = one.start, one.end
        mean = log_mean(g1, g0)
        made["UV"] = mean * float(np.log(now / before))
        made["转化率"] = mean * float(np.log((o1 / u1) / (o0 / u0)))
        made["客单价"] = mean * float(np.log((g1 / o1) / (g0 / o0)))
        made[MIX] = mean * float(np.log((u1 / now) / (u0 / before)))
    elif one.how == STOPPED:
        made[STOPPED] = -one.start[0]
    elif one.how == ADDED:
        made[ADDED] = one.end[0] - one.start[0]
    elif one.how == LUMP:
        made[WHOLE] = one.end[0] - one.start[0]
    if one.rest_days:
        made[WHOLE if one.rest[0] > 0 else ADDED] += one.rest[1] - one.rest[0]
    return made


def bridge_steps(segments: Sequence[Segment]) -> dict[str, float]:
    """Return the lines between start and end; they add up to the gap."""
    each = effects(segments)
    return {name: sum(effect[name] for effect in each) for name in STEPS}


def marks(found: Sequence[Basis]) -> list[Mark]:
    """Return the metrics of a review, each over the days that know it; unknown ones left out."""
    sums = {name: np.array([getattr(one, name) for one in found], dtype=np.float64).sum(axis=0) for name in ("start", "end", "spend", "refunds")}  # fmt: skip
    (_, u0, o0), (_, u1, o1) = sums["start"], sums["end"]
    (g0, _, _), (g1, _, _) = sums["start"], sums["end"]
    pairs = {
        "gmv": (sum(one.before for one in found), sum(one.now for one in found)),
        "uv": (u0, u1),
        "cvr": (_over(o0, u0), _over(o1, u1)),
        "aov": (_over(g0, o0), _over(g1, o1)),
        "spend_ratio": (_over(*sums["spend"][:2]), _over(*sums["spend"][2:])),
        "refund_rate": (_over(*sums["refunds"][:2]), _over(*sums["refunds"][2:])),
    }
    return [
        Mark(name, label, float(pairs[name][0]), float(pairs[name][1]), lower, percent)
        for name, (label, lower, percent) in MARKS.items()
        if np.isfinite(pairs[name]).all() and pairs[name][0] > 0
    ]


def _over(above: float, below: float) -> float:
    return float(above / below) if below > 0 else float("nan")
