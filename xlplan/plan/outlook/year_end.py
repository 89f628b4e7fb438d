"""Year-end: what is known, this month's landing, and the months to come by last year or by plan."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InputError
from xlplan.record import record

if TYPE_CHECKING:
    from xlplan.plan.exact.units import Floats

#: Growth beyond this in either direction is damped: a few weeks say little about a whole year.
_FURTHEST = 3.0
#: Relative spread of the rest of the year is this × its share of the year: mean errors of 26, 11 and
#: 3.7 % of the year were measured after 3, 6 and 9 months.
_SPREAD_OF_REST = 0.57
#: One in ten lies beyond this many standard deviations.
_TENTH = 1.2816


@record
class YearEnd:
    """What the year will come to.

    Attributes:
        known: Sales known.
        middle: Best estimate.
        low: One in ten lands below.
        high: One in ten lands above.
        growth: Growth on last year (or attainment of the plan) that is carried on.
        basis: ``last_year`` or ``plan``.
        note: In Chinese, what it rests on.
    """

    known: float
    middle: float
    low: float
    high: float
    growth: float
    basis: str
    note: str

    def chance(self, target: float) -> float:
        """Return the chance to reach a target, read off the band as of a normal distribution."""
        spread = (self.high - self.middle) / _TENTH
        if spread <= 0:
            return float(self.middle >= target - 0.005)
        return 0.5 * math.erfc((target - self.middle) / spread / math.sqrt(2))


def year_end(actual: Floats, plan: Floats, last_year: Floats | None = None) -> YearEnd:
    """Foresee the year from the days known.

    Args:
        actual: (days,) sales, NaN where not known.
        plan: (days,) the plan; its shape serves where last year is not known.
        last_year: (days,) last year's sales on comparable days, NaN where not known.

    Raises:
        InputError: Nothing is known, or neither a plan nor last year says anything of those days.
    """
    done = ~np.isnan(actual)
    if not done.any():
        raise InputError("今年还没有实际，年末无从预测", "先导入实际")
    known = float(actual[done].sum())
    basis, shape = "plan", np.nan_to_num(plan)
    if last_year is not None and not np.isnan(last_year).all():
        whole = not (np.isnan(last_year).mean() > 0.1)
        basis, shape = ("last_year", np.nan_to_num(last_year)) if whole else (basis, shape)
    past, rest = float(shape[done].sum()), float(shape[_ahead(done)].sum())
    if past <= 0:
        raise InputError(
            "已过的日子没有计划，也没有去年同期，年末无从预测", "先分解计划或导入去年"
        )
    growth = float(np.clip(known / past, 1 / _FURTHEST, _FURTHEST))
    middle = known + rest * growth
    share = rest / (rest + past)
    reach = _TENTH * _SPREAD_OF_REST * share * rest * growth
    note = (
        f"去年余下的可比日期 × 今年至今的增长 {growth - 1:+.1%}"
        if basis == "last_year"
        else f"没有去年的数，按计划自己的月份形状 × 至今达成 {growth:.1%}"
    )
    return YearEnd(known, middle, max(known, middle - reach), middle + reach, growth, basis, note)


def _ahead(done: np.ndarray) -> slice:
    """Return the days after the last one known; days missing before it are nobody's sales."""
    return slice(int(np.flatnonzero(done)[-1]) + 1, None)
