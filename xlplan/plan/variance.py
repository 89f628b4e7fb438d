"""The variance bridge: what each driver contributes to a difference, exactly (LMDI-I, Ang 2005).

V = Σ Π x. The effect of factor k is Σ L(V¹, V⁰)·ln(x¹/x⁰) with the logarithmic mean
L(a, b) = (a − b) / (ln a − ln b). The parts add up to the difference, do not depend on an order and
change sign when both sides are swapped. Zeros take the analytic limits (Ang & Liu 2007). What stands
on one side only is 新增 or 停止, never spread over factors. Use it at the grain of period totals ×
store × channel; bridges of days must not be added up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from xlplan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.plan.exact.units import Floats

#: Parts besides the factors; they appear when there are segments.
MIX, ADDED, STOPPED = "结构", "新增", "停止"


def bridge(plan: Any, actual: Any, *, factors: Sequence[str]) -> dict[str, float]:
    """Return what each factor contributes to actual − plan.

    Args:
        plan: Values of the factors: a mapping factor → number, or for segments a frame (a row a
            segment, a column a factor), a mapping segment → mapping, or a mapping factor →
            numbers of equally many segments.
        actual: The same of the other side.
        factors: Names whose product is the amount. Of segments the first one must add up over them
            (UV): its total and its shares (结构) are told apart.

    Returns:
        Factor → effect; of segments also 结构, 新增 and 停止. They add up to the difference.

    Raises:
        InputError: A factor is missing, negative or not a number; refunds are a line of their own.
    """
    names = list(factors)
    if not names or len(set(names)) < len(names):
        raise InputError("因素没有写，或写重了", "例如 UV、转化率、客单价")
    before, after = _frame(plan, names), _frame(actual, names)
    if len(before.index) == len(after.index) == 1 and _single(plan) and _single(actual):
        effects, delta = _effects(before.to_numpy(), after.to_numpy())
        return _exact(dict(zip(names, effects, strict=True)), delta)
    return _of_segments(before, after, names)


def _of_segments(before: pd.DataFrame, after: pd.DataFrame, names: list[str]) -> dict[str, float]:
    both = before.index.union(after.index, sort=False)
    old, new = before.reindex(both).to_numpy(), after.reindex(both).to_numpy()
    was, now = _present(old), _present(new)
    here = was & now
    parts = dict.fromkeys([*names, MIX, ADDED, STOPPED], 0.0)
    if here.any():
        wide = _with_shares(old[here]), _with_shares(new[here])
        effects, _ = _effects(*wide)
        parts |= dict(zip([names[0], MIX, *names[1:]], effects, strict=True))
    parts[ADDED] = float(np.prod(new[now & ~was], axis=1).sum())
    parts[STOPPED] = -float(np.prod(old[was & ~now], axis=1).sum())
    delta = float(np.prod(new[now], axis=1).sum() - np.prod(old[was], axis=1).sum())
    return _exact(parts, delta)


def _single(side: Any) -> bool:
    """Return whether a side is one amount and not a table of segments."""
    if isinstance(side, pd.DataFrame):
        return False
    values = list(side.values()) if hasattr(side, "values") else list(side)
    return all(np.ndim(value) == 0 and not hasattr(value, "keys") for value in values)


def _frame(side: Any, names: list[str]) -> pd.DataFrame:
    """Return a side as a frame: a row a segment, a column a factor."""
    if isinstance(side, pd.DataFrame):
        made = side
    elif hasattr(side, "keys") and side and all(hasattr(v, "keys") for v in side.values()):
        made = pd.DataFrame.from_dict({k: dict(v) for k, v in side.items()}, orient="index")
    elif hasattr(side, "keys"):
        made = pd.DataFrame({name: np.atleast_1d(value) for name, value in dict(side).items()})
    else:
        made = pd.DataFrame([list(side)], columns=names)
    absent = [name for name in names if name not in made.columns]
    if absent:
        raise InputError(f"缺少因素：{'、'.join(absent)}", f"两边都要有 {'、'.join(names)}")
    if made.index.has_duplicates:
        raise InputError("同一分段写了两次", "每个店铺 × 渠道只一行")
    return made[names].astype(np.float64)


def _present(table: Floats) -> np.ndarray:
    """Return which segments exist on a side: their first factor is more than nothing.

    Raises:
        InputError: A segment is half known, or a factor is negative.
    """
    gone = np.isnan(table).all(axis=1)
    here = ~gone & ~(table[:, 0] == 0)
    kept = table[here]
    if not np.isfinite(kept).all():
        raise InputError("有分段只写了一部分因素", "补上缺的因素，或整段留空")
    if (kept < 0).any():
        raise InputError("因素里有负数，乘积拆解对负数不成立", "退款等减项单列一行，不作因素")
    return np.asarray(here)


def _with_shares(table: Floats) -> Floats:
    """Return total of the first factor, share of it, and the other factors by segment."""
    total = table[:, 0].sum()
    return np.column_stack([np.full(len(table), total), table[:, 0] / total, table[:, 1:]])


def _effects(old: Floats, new: Floats) -> tuple[Floats, float]:
    """Return the effects of the columns, and the difference of the sums of products."""
    if not (np.isfinite(old).all() and np.isfinite(new).all()):
        raise InputError("因素里有空值", "补上数值；没有的分段整段留空")
    if (old < 0).any() or (new < 0).any():
        raise InputError("因素里有负数，乘积拆解对负数不成立", "退款等减项单列一行，不作因素")
    amount_old, amount_new = old.prod(axis=1), new.prod(axis=1)
    effects = np.zeros(old.shape[1])
    for row in range(len(old)):
        effects += _row(old[row], new[row], float(amount_old[row]), float(amount_new[row]))
    return effects, float(amount_new.sum() - amount_old.sum())


def _row(old: Floats, new: Floats, before: float, after: float) -> Floats:
    if before > 0 and after > 0:
        return log_mean(after, before) * np.log(new / old)
    if before == after:
        return np.zeros(len(old))
    zero = (old == 0) != (new == 0)  # the factors that came from nothing or went to it
    zero = zero if zero.any() else (old == 0) | (new == 0)
    return np.where(zero, (after - before) / zero.sum(), 0.0)


def log_mean(one: float, other: float) -> float:
    """Return the logarithmic mean of two positive numbers; of equal ones the number itself."""
    gap = np.log(one / other)
    if abs(gap) < 1e-9:
        return (one + other) / 2
    return float((one - other) / gap)


def _exact(parts: dict[str, float], delta: float) -> dict[str, float]:
    """Put the last bits of rounding on the largest part, so that they add up to the difference."""
    largest = max(parts, key=lambda name: abs(parts[name]))
    rest = sum(value for name, value in parts.items() if name != largest)
    return {name: (delta - rest if name == largest else float(v)) for name, v in parts.items()}
