"""预警: what strays from its target by a ratio and by an amount, for days on end.

Both conditions must hold: a ratio alone cries over trifles, an amount alone over large shops.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.plan.exact.units import Bools, Floats


@record
class AlertRule:
    """When to call.

    Attributes:
        metric: What it watches.
        label: What people call it.
        ratio: Relative distance from the target that is too much.
        amount: Distance that is too much (of a percentage: 0.01 is a point).
        days: Days running on which both must hold.
        lower_is_better: Too much is bad; else too little.
        percent: Shown as a percentage.
        numerator: Flow that a ratio is made of; "" of a flow.
        denominator: Flow it is divided by.
    """

    metric: str
    label: str
    ratio: float
    amount: float
    days: int = 1
    lower_is_better: bool = False
    percent: bool = False
    numerator: str = ""
    denominator: str = ""


@record
class Alert:
    """One alarm.

    Attributes:
        store: Where.
        rule: Which condition.
        first: First day of the run.
        last: Last day of the run, the last one known.
        actual: Of the last day.
        target: Of the last day.
    """

    store: str
    rule: AlertRule
    first: date
    last: date
    actual: float
    target: float

    @property
    def days(self) -> int:
        """How many days running."""
        return (self.last - self.first).days + 1

    @property
    def severe(self) -> bool:
        """Whether it strays twice as far as is too much."""
        return abs(self.actual - self.target) >= 2 * self.rule.ratio * abs(self.target)

    def __str__(self) -> str:
        shown = "{:.2%}" if self.rule.percent else "{:,.0f}"
        word = "高于" if self.rule.lower_is_better else "低于"
        far = abs(self.actual / self.target - 1) if self.target else float("inf")
        most = f"{far:.0%}" if np.isfinite(far) else ""
        return (
            f"{self.store} {self.rule.label} {shown.format(self.actual)}，{word}目标 "
            f"{shown.format(self.target)} {most}，连续 {self.days} 天（{self.first:%m-%d} 至 {self.last:%m-%d}）"
        )


#: The conditions of a new book (DOMAIN 2: ratio and absolute).
RULES = (
    AlertRule("gmv", "销售额", 0.20, 500.0, 2),
    AlertRule("uv", "UV", 0.30, 100.0, 2),
    AlertRule("cvr", "转化率", 0.25, 0.01, 2, percent=True, numerator="orders", denominator="uv"),
    AlertRule("aov", "客单价", 0.20, 10.0, 3, numerator="gmv", denominator="orders"),
    AlertRule("spend", "推广费", 0.20, 300.0, 3, lower_is_better=True),
    AlertRule("spend_ratio", "费用占比", 0.20, 0.01, 3, lower_is_better=True, percent=True, numerator="spend", denominator="gmv"),
    AlertRule("refund_amount", "退款金额", 0.30, 300.0, 3, lower_is_better=True),
)  # fmt: skip


def alerts(
    store: str,
    first: date,
    actual: Mapping[str, Floats],
    target: Mapping[str, Floats],
    rules: Sequence[AlertRule] = RULES,
) -> list[Alert]:
    """Return the alarms that stand on the last day known.

    Args:
        store: Whose numbers these are.
        first: Date of the first day.
        actual: Metric → (days,) values, NaN where not known; ratios are made of their flows.
        target: Metric → (days,) targets.
        rules: Conditions.
    """
    found = []
    for rule in rules:
        values, goals = _of(rule, actual), _of(rule, target)
        if values is None or goals is None:
            continue
        bad = strays(values, goals, rule)
        known = np.flatnonzero(~np.isnan(values) & ~np.isnan(goals))
        run = _run(bad[known])
        if run >= rule.days:
            begin, end = int(known[-run]), int(known[-1])
            days = first + timedelta(days=begin), first + timedelta(days=end)
            found.append(Alert(store, rule, *days, float(values[end]), float(goals[end])))
    return found


def strays(values: Floats, goals: Floats, rule: AlertRule) -> Bools:
    """Return the days on which both conditions of a rule hold."""
    over = (values - goals) * (1 if rule.lower_is_better else -1)
    with np.errstate(invalid="ignore"):
        return np.asarray((over >= rule.amount) & (over >= rule.ratio * np.abs(goals)))


def _of(rule: AlertRule, values: Mapping[str, Floats]) -> Floats | None:
    if not rule.numerator:
        return values.get(rule.metric)
    top, low = values.get(rule.numerator), values.get(rule.denominator)
    if top is None or low is None:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(low > 0, top / np.where(low > 0, low, 1.0), np.nan)


def _run(bad: Bools) -> int:
    """Return how many of the last entries hold without a break."""
    good = np.flatnonzero(~bad)
    return len(bad) - (int(good[-1]) + 1 if good.size else 0)
