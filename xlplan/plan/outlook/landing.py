"""Landing: what a period will come to, with a band and the chance to reach a target.

Landing = what is known + level × Σ weights of the days to come. The level is the mean of sales per
unit of weight, faded with a half-life of ten days. The band comes from the method's own errors:
every past day is asked what it would have foreseen for as many days as are to come now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.errors import InputError
from xlplan.plan.outlook.dayweights import OPEN
from xlplan.record import bundle, record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.plan.exact.units import Floats
    from xlplan.plan.outlook.dayweights import DayWeights, Doubt

#: Days after which a day's say about the level has halved.
LEVEL_HALF_LIFE = 10.0
#: A day counts for at most this many ordinary days, and at most so many times its month's median.
_HEAVIEST, _CUT = 1.5, 3.0
#: Spread of window errors believed beforehand (21 days), and how many windows that is worth.
_PRIOR_SPREAD, _PRIOR_WINDOWS = 0.16, 3.0
#: Days after which a past error's say has halved, and the largest error that counts in full.
_ERROR_HALF_LIFE, _WILD = 120.0, 0.4
_DRAWS, _SEED, _WARM = 4000, 20261, 14
#: The band holds eight cases of ten.
LOW, HIGH = 0.1, 0.9


@record
class WindowErrors:
    """How far past forecasts of as many days were off, in logs.

    Attributes:
        bias: Mean error that is carried on (shrunk).
        spread: Standard deviation (shrunk).
        windows: How many windows that do not overlap it rests on.
    """

    bias: float
    spread: float
    windows: float


@bundle
class Landing:
    """What a period will come to.

    Attributes:
        known: What is known of it.
        middle: Best estimate.
        low: One in ten lands below.
        high: One in ten lands above.
        level: Today's sales of a day of weight 1.
        weight_left: Σ weights of the days to come.
        days_left: Days to come on which there is trade.
        draws: (draws,) what it may come to, sorted.
    """

    known: float
    middle: float
    low: float
    high: float
    level: float
    weight_left: float
    days_left: int
    draws: Floats

    def chance(self, target: float) -> float:
        """Return the chance to reach a target, 0 to 1."""
        return hit_probability(self.draws, target)


def hit_probability(draws: Floats, target: float) -> float:
    """Return the share of equally likely outcomes that reach a target.

    Args:
        draws: (n,) outcomes, in any order.
        target: What is to be reached.

    Raises:
        InputError: There are no outcomes, or the target is not a number.
    """
    outcomes = np.asarray(draws, dtype=np.float64)
    if not outcomes.size or np.isnan(outcomes).any() or np.isnan(target):
        raise InputError("没有可用的推演结果或目标，算不出达成概率", "先有实际与月目标")
    return float((outcomes >= target - 1e-9).mean())


def levels(values: Floats, weights: Floats) -> Floats:
    """Return the level as seen at the end of each day: sales of a day of weight 1.

    Args:
        values: (days,) sales, NaN not known.
        weights: (days,) their weights.

    Returns:
        (days,), NaN until something is known.
    """
    used = ~np.isnan(values) & (weights > OPEN)
    unit = np.where(used, values / np.where(used, weights, 1.0), np.nan)
    median = pd.Series(unit).rolling(29, min_periods=5).median().bfill().to_numpy()
    cut = np.where(median > 0, np.clip(unit, median / _CUT, median * _CUT), unit)
    say = np.where(used, np.minimum(weights, _HEAVIEST), 0.0)
    top = pd.Series(np.where(used, cut, 0.0) * say).ewm(halflife=LEVEL_HALF_LIFE).mean()
    low = pd.Series(say).ewm(halflife=LEVEL_HALF_LIFE).mean()
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (top / low.where(low > 0)).to_numpy()
    return np.maximum(np.asarray(found, dtype=np.float64), 0.0)


def window_errors(values: Floats, weights: Floats, seen: Floats, days: int) -> WindowErrors:
    """Return how far off the method was over past windows of as many open days.

    Args:
        values: (known days,) sales.
        weights: (known days,) weights.
        seen: (known days,) `levels`.
        days: Open days to come.
    """
    prior = _PRIOR_SPREAD * np.sqrt(0.35 + 0.65 * days / 21)
    used = ~np.isnan(values) & (weights > OPEN)
    sales, weight, level = values[used], weights[used], seen[used]
    count = len(sales) - days - _WARM
    if count <= 0:
        return WindowErrors(0.0, float(prior), 0.0)
    total, load = (np.concatenate([[0.0], np.cumsum(each)]) for each in (sales, weight))
    ends = np.arange(_WARM, _WARM + count)
    real = total[ends + 1 + days - 1] - total[ends]
    foreseen = level[ends - 1] * (load[ends + days] - load[ends])
    usable = foreseen > 0
    if not usable.any():
        return WindowErrors(0.0, float(prior), 0.0)
    errors = np.log(np.maximum(real[usable] / foreseen[usable], 0.05))
    fade = 0.5 ** (np.arange(len(errors))[::-1] / _ERROR_HALF_LIFE)
    windows = float(fade.sum()) / days
    mean = float(np.average(errors, weights=fade))
    own = float(np.average(np.minimum(np.abs(errors - mean), _WILD) ** 2, weights=fade))
    spread = np.sqrt((windows * own + _PRIOR_WINDOWS * prior**2) / (windows + _PRIOR_WINDOWS))
    return WindowErrors(mean * windows / (windows + 4), float(spread), windows)


def land(values: Floats, weights: DayWeights, first: int, last: int) -> Landing:
    """Return what the days `first` to `last` will come to.

    Args:
        values: (known days,) sales so far, NaN not known.
        weights: Weights of at least the days up to `last`.
        first: Position of the period's first day.
        last: Position of its last day.
    """
    count = len(values)
    known = float(np.nansum(values[first:count])) if first < count else 0.0
    start = max(first, count)
    ahead = weights.values[start : last + 1]
    days = int((ahead > OPEN).sum())
    path = levels(values, weights.values[:count])
    level = float(path[-1]) if count and not np.isnan(path[-1]) else 0.0
    middle = known + level * float(ahead.sum())
    if not days or not level:
        return Landing(known, middle, middle, middle, level, float(ahead.sum()), days, np.full(1, middle))  # fmt: skip
    horizon = days + int((weights.values[count:start] > OPEN).sum())
    off = window_errors(values, weights.values[:count], path, horizon)
    draws = np.sort(known + level * _drawn(ahead, weights.doubts, start, off))
    low, high = np.quantile(draws, [LOW, HIGH])
    return Landing(known, middle, min(float(low), middle), max(float(high), middle), level, float(ahead.sum()), days, draws)  # fmt: skip


def _drawn(ahead: Floats, doubts: Sequence[Doubt], start: int, off: WindowErrors) -> Floats:
    """Return equally likely sums of weights to come, the method's errors included."""
    random = np.random.default_rng(_SEED)
    load = np.full(_DRAWS, ahead.sum())
    for doubt in doubts:
        swing = random.standard_normal(_DRAWS)
        for place, spread in zip(doubt.places, doubt.spreads, strict=True):
            if start <= place < start + len(ahead):
                load = load + ahead[place - start] * (np.exp(swing * spread) - 1.0)
    swing = np.exp(off.bias + off.spread * random.standard_normal(_DRAWS))
    return np.asarray(np.maximum(load, 0.0) * swing)
