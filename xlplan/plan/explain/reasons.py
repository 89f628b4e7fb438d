"""Why a period's sales differ from their target or from last year: parts that add up to the gap.

The grain is the period × store. A store whose visits and orders are known on both sides is taken
apart into UV, 转化率 and 客单价; one that is not is a part of its own, said so. Refunds stand on a
line of their own, behind the gap of sales. A driver is named only when it explains enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.errors import InputError
from xlplan.plan.variance import ADDED, MIX, STOPPED, bridge
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: A driver is named when it explains at least this part of the gap.
ENOUGH = 0.6
#: Gaps smaller than this part of the target are no news.
TRIFLE = 0.01
FACTORS = ("UV", "转化率", "客单价")
SHIFT, REFUND, WHOLE = "日历错位", "退款", "未拆分"
#: Days of no campaign.
ORDINARY = "平日"


@record
class Part:
    """One line between start and end.

    Attributes:
        name: What it is.
        amount: What it adds, in 元.
        note: What it covers, or why it was not taken apart.
    """

    name: str
    amount: float
    note: str = ""


@record
class Reasons:
    """A bridge in words and numbers.

    Attributes:
        start: Target, or last year.
        end: Actual.
        parts: What lies between; the amounts add up to end − start.
        refund: What refunds add behind that (negative when more came back than planned); NaN when
            not known.
    """

    start: float
    end: float
    parts: tuple[Part, ...]
    refund: float = float("nan")

    @property
    def gap(self) -> float:
        """Actual minus start."""
        return self.end - self.start

    @property
    def main(self) -> Part | None:
        """The part that explains at least 60 % of the gap, and points the same way."""
        return main_part(self.parts, self.start, self.end)

    def text(self) -> str:
        """Return the finding in one sentence."""
        if abs(self.gap) < TRIFLE * abs(self.start):
            return f"与目标相差 {self.gap:+,.0f}，不到 {TRIFLE:.0%}，没有需要解释的差额"
        word = "少" if self.gap < 0 else "多"
        total = f"{word} {abs(self.gap):,.0f}"
        if self.main:
            part = self.main.amount / self.gap
            return f"{total}，主要因为{self.main.name}（{self.main.amount:+,.0f}，占 {part:.0%}）"
        top = sorted(self.parts, key=lambda part: part.amount / self.gap, reverse=True)[:2]
        named = "、".join(f"{part.name} {part.amount:+,.0f}" for part in top)
        return f"{total}，没有单独一项超过 {ENOUGH:.0%}；最大的是 {named}"


def main_part(parts: Sequence[Part], start: float, end: float) -> Part | None:
    """Return the part that explains most of a gap; None when none explains enough."""
    gap = end - start
    if not parts or abs(gap) < max(TRIFLE * abs(start), 0.005):
        return None
    top = max(parts, key=lambda part: part.amount / gap)
    return top if top.amount / gap >= ENOUGH else None


def reasons(
    before: pd.DataFrame, after: pd.DataFrame, *, shift: float = 0.0, start: float | None = None
) -> Reasons:
    """Return why `after` differs from `before`.

    Args:
        before: A row a segment (store, or store × channel); columns gmv, uv, orders, and refund
            when known. Values are totals of the period over the days that both sides know.
        after: The same of the actuals.
        shift: Against last year: its comparable days minus the same dates (日历错位).
        start: What the bridge starts from, when it is not the sum of `before`; with a shift it is
            last year's same dates.

    Raises:
        InputError: Segments are written twice, or sales are negative on a whole period.
    """
    for side in (before, after):
        if side.index.has_duplicates:
            raise InputError("同一分段写了两次", "每家店（渠道）只一行")
    names = before.index.union(after.index, sort=False)
    old, new = before.reindex(names), after.reindex(names)
    full = _known(old) & _known(new)
    fresh = new["gmv"].notna() & ~(old["gmv"].fillna(0) > 0)
    gone = old["gmv"].notna() & new["gmv"].isna()
    parts = [Part(SHIFT, shift, "可比日期与同一日期之差")] if shift else []
    parts += _factors(old[full & ~fresh], new[full & ~fresh])
    parts += _one_sided(new["gmv"][fresh], ADDED, 1.0)
    parts += _one_sided(old["gmv"][gone & ~fresh], STOPPED, -1.0)
    rest = ~(full | fresh | gone)
    parts += [
        Part(WHOLE, float(new["gmv"][name] - old["gmv"][name]), f"{name} 缺 UV 或笔数")
        for name in names[rest]
        if not (np.isnan(old["gmv"][name]) and np.isnan(new["gmv"][name]))
    ]
    first = float(old["gmv"].sum()) - shift if start is None else start
    last = float(new["gmv"].sum())
    return Reasons(first, last, _closing(parts, first, last), _refund(old, new))


def _known(side: pd.DataFrame) -> pd.Series:
    return (side[["gmv", "uv", "orders"]] > 0).all(axis=1)


def _factors(old: pd.DataFrame, new: pd.DataFrame) -> list[Part]:
    if old.empty:
        return []
    sides = [
        pd.DataFrame(
            {"UV": s["uv"], "转化率": s["orders"] / s["uv"], "客单价": s["gmv"] / s["orders"]}
        )
        for s in (old, new)
    ]
    effects = bridge(*sides, factors=FACTORS)
    several = len(old) > 1
    return [Part(name, effects[name]) for name in FACTORS] + (
        [Part(MIX, effects[MIX], "流量在各店（渠道）之间的占比变了")] if several else []
    )


def _one_sided(amounts: pd.Series, name: str, sign: float) -> list[Part]:
    return [Part(name, sign * float(value), str(store)) for store, value in amounts.items()]


def _closing(parts: list[Part], first: float, last: float) -> tuple[Part, ...]:
    """Return the parts with the last bits of rounding on the largest."""
    if not parts:
        return (Part(WHOLE, last - first),) if last != first else ()
    rest = (last - first) - sum(part.amount for part in parts)
    if abs(rest) > 0.005:  # a start that the segments do not add up to
        return (*parts, Part("其他", rest, "起点与各段之和的差"))
    at = max(range(len(parts)), key=lambda i: abs(parts[i].amount))
    biggest = parts[at]
    parts[at] = Part(biggest.name, biggest.amount + rest, biggest.note)
    return tuple(parts)


def _refund(old: pd.DataFrame, new: pd.DataFrame) -> float:
    if "refund" not in old or "refund" not in new:
        return float("nan")
    both = old["refund"].notna() & new["refund"].notna()
    return float((old["refund"] - new["refund"])[both].sum()) if both.any() else float("nan")


def split_by(
    names: Sequence[str], start: Mapping[str, float], end: Mapping[str, float]
) -> list[Part]:
    """Return the gap of each of several slices (stores, campaigns), the largest first."""
    made = [Part(name, end.get(name, 0.0) - start.get(name, 0.0)) for name in names]
    return sorted(made, key=lambda part: -abs(part.amount))
