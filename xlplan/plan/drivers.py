"""Driver trees: reconcile targets with their identities, solve for the free one (PLANNING d).

Reconciling moves values by the least relative change: minimise Σ w·(ln v − ln v₀)² subject
to the identities. For products this is a closed form (as in Stone's method for national
accounts, data "most reliable are modified least"); sums are linearised and repeated.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.fill.daydrivers import Annual, Curves, DayDrivers, plan_drivers
from xlplan.plan.targets.identities import Identity, parse
from xlplan.plan.targets.ratios import ramp, scale_ratio, weighted_ratio

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from xlplan.plan.exact.units import Floats
    from xlplan.plan.targets.identities import Side

__all__ = [
    "Annual",
    "Curves",
    "DayDrivers",
    "plan_drivers",
    "ramp",
    "reconcile",
    "scale_ratio",
    "solve",
    "weighted_ratio",
]

#: Largest relative gap of an identity that counts as met.
CLOSE = 1e-9
#: Weight of a value that nobody gave: it follows the others.
UNSTATED = 1e-6


def reconcile(
    values: Mapping[str, float | None],
    identities: Sequence[str],
    *,
    locked: Collection[str] = (),
    weight: Mapping[str, float] | None = None,
) -> dict[str, float]:
    """Make all identities hold with the least relative change of the values not locked.

    Args:
        values: Targets by name, not negative. A missing one (absent, None, NaN) is first
            worked out from the others and then follows them; a zero stays zero.
        identities: ``"gmv = uv * cvr * aov"``, ``"spend = spend_a + spend_b"`` …
        locked: Names that must not move.
        weight: Reliability by name, default 1; twice the weight moves half as far.

    Returns:
        All given values and those worked out; locked and unaffected ones bit for bit.

    Raises:
        InfeasibleError: Locked values contradict an identity; ``locks`` names them.
        InputError: Unknown or negative values, unreadable identities.
    """
    parsed = [parse(text) for text in identities]
    known = _known(values)
    _check_names(known, locked)
    full = _propagate(known, parsed)
    names = _names(parsed)
    missing = [name for name in names if name not in full]
    if missing:
        raise InputError(f"缺少 {'、'.join(missing)}，由其他目标也算不出来", "至少填上其中一个")
    free = [name for name in names if name not in locked and full[name] > 0]
    weights = {name: UNSTATED for name in free if name not in known} | dict(weight or {})
    moved = _least_change(full, parsed, free, weights)
    _check_met(moved, parsed, [name for name in names if name not in free])
    return moved


def solve(
    values: Mapping[str, float | None],
    identities: Sequence[str],
    *,
    unknown: str | Collection[str],
) -> dict[str, float]:
    """Work out the unknown values from the others, all of which are taken as given.

    Args:
        values: Given values by name; entries for the unknown are ignored.
        identities: As in `reconcile`.
        unknown: One or more names.

    Raises:
        InfeasibleError: The given values contradict an identity, or only a negative or
            infinite value would do.
        InputError: The identities do not determine every unknown.
    """
    wanted = {unknown} if isinstance(unknown, str) else set(unknown)
    parsed = [parse(text) for text in identities]
    given = {name: value for name, value in _known(values).items() if name not in wanted}
    known = _propagate(given, parsed)
    pending = sorted(name for name in wanted if name not in known)
    unusable = sorted({*_names(parsed)} - {*known} - wanted)
    if unusable:
        raise InputError(f"缺少 {'、'.join(unusable)}", "填上它，或把它也列为待求")
    if pending:
        known = _simultaneous(known, parsed, pending)
    _check_met(known, parsed, sorted(given))
    return known


def _known(values: Mapping[str, float | None]) -> dict[str, float]:
    known = {}
    for name, value in values.items():
        if value is None or math.isnan(value):
            continue
        if not 0 <= value < math.inf:
            raise InputError(f"{name} 是 {value}，不能为负或无穷", "退款、费用等按正数填")
        known[name] = float(value)
    return known


def _names(parsed: Sequence[Identity]) -> list[str]:
    return list(dict.fromkeys(name for identity in parsed for name in identity.names))


def _check_names(known: Mapping[str, float], locked: Collection[str]) -> None:
    for name in locked:
        if name not in known:
            raise InputError(f"锁定的 {name} 没有值", "填上它的值，或去掉锁定")


def _propagate(known: Mapping[str, float], parsed: Sequence[Identity]) -> dict[str, float]:
    """Work out, one after the other, names that are the only unknown of an identity."""
    full, waiting = dict(known), list(parsed)
    while waiting:
        ready = [identity for identity in waiting if len(_unknown(identity, full)) <= 1]
        if not ready:
            break
        for identity in ready:
            waiting.remove(identity)
            for name in _unknown(identity, full):
                full[name] = _single(identity, name, full)
    return full


def _unknown(identity: Identity, known: Mapping[str, float]) -> list[str]:
    return [name for name in identity.names if name not in known]


def _single(identity: Identity, name: str, known: Mapping[str, float]) -> float:
    """Solve an identity for the one name that is not known."""
    powers = {p for term in (*identity.left, *identity.right) if (p := term.power(name))}
    if len(powers) > 1:
        raise InputError(f"“{identity.text}”解不出 {name}：它以不同次方出现", "改写这个恒等式")
    power, probe = powers.pop(), {**known, name: 1.0}
    try:
        slope = _part(identity.left, name, probe) - _part(identity.right, name, probe)
        rest = _rest(identity.right, name, probe) - _rest(identity.left, name, probe)
        found = slope / rest if power == -1 else (rest / slope) ** (1 / power)
    except ZeroDivisionError:
        found = math.nan
    if isinstance(found, complex) or not 0 <= found < math.inf:
        names = [other for other in identity.names if other != name]
        raise InfeasibleError(
            f"“{identity.text}”要求 {name} 为负或除以 0", f"检查 {'、'.join(names)}", locks=names
        )
    return found


def _part(side: Side, name: str, values: Mapping[str, float]) -> float:
    return sum(term.value(values) for term in side if term.power(name))


def _rest(side: Side, name: str, values: Mapping[str, float]) -> float:
    return sum(term.value(values) for term in side if not term.power(name))


def _gap(identity: Identity, values: Mapping[str, float]) -> float:
    """Return ln(left ÷ right); 0 if both are zero, infinite if one is."""
    left = sum(term.value(values) for term in identity.left)
    right = sum(term.value(values) for term in identity.right)
    if left > 0 and right > 0:
        return math.log(left / right)
    return 0.0 if left == right else math.inf


def _slopes(identity: Identity, values: Mapping[str, float], free: Sequence[str]) -> Floats:
    """Return the derivatives of the gap by the logarithms of the free values."""
    row = np.zeros(len(free))
    for side, sign in ((identity.left, 1.0), (identity.right, -1.0)):
        sizes = [term.value(values) for term in side]
        for term, size in zip(side, sizes, strict=True):
            for place, name in enumerate(free):
                row[place] += sign * term.power(name) * size / (sum(sizes) or 1.0)
    return row


def _least_change(
    start: Mapping[str, float],
    parsed: Sequence[Identity],
    free: Sequence[str],
    weights: Mapping[str, float],
) -> dict[str, float]:
    """Find the nearest values that meet the identities (Gauss–Newton on logarithms)."""
    ease = np.array([_ease(name, weights) for name in free])
    shift, values = np.zeros(len(free)), dict(start)
    for _ in range(100):
        gaps = np.array([_gap(identity, values) for identity in parsed])
        if not np.isfinite(gaps).all() or not len(free):
            break
        slopes = np.array([_slopes(identity, values, free) for identity in parsed])
        root = np.linalg.lstsq(slopes * ease, slopes @ shift - gaps, rcond=1e-12)[0] * ease
        step = np.clip(root - shift, -2, 2)
        shift = shift + np.where(np.abs(step) < 1e-16, 0, step)
        values |= {
            name: start[name] * math.exp(move) if abs(move) > 1e-15 else start[name]
            for name, move in zip(free, shift, strict=True)
        }
        if np.abs(step).max() < 1e-14:
            break
    return values


def _ease(name: str, weights: Mapping[str, float]) -> float:
    weight = weights.get(name, 1.0)
    if not 0 < weight < math.inf:
        raise InputError(f"{name} 的可信度 {weight} 不是正数", "不想改动的目标请锁定")
    return 1.0 / math.sqrt(weight)


def _simultaneous(
    known: Mapping[str, float], parsed: Sequence[Identity], pending: Sequence[str]
) -> dict[str, float]:
    start = {**known, **dict.fromkeys(pending, 1.0)}
    found = _least_change(start, parsed, pending, {})
    slopes = np.array([_slopes(identity, found, pending) for identity in parsed])
    if np.linalg.matrix_rank(slopes, tol=1e-9) < len(pending):
        raise InputError(f"条件不够，定不下 {'、'.join(pending)}", "再给出一个值或一个恒等式")
    return found


def _check_met(
    values: Mapping[str, float], parsed: Sequence[Identity], fixed: Collection[str]
) -> None:
    gaps = [abs(_gap(identity, values)) for identity in parsed]
    if max(gaps, default=0.0) <= CLOSE:
        return
    closed = [i for i in range(len(parsed)) if gaps[i] > CLOSE and {*parsed[i].names} <= {*fixed}]
    worst = parsed[closed[0] if closed else gaps.index(max(gaps))]
    names = [name for name in worst.names if name in fixed] or [*fixed]
    shown = "、".join(f"{name}={values[name]:.10g}" for name in names)
    raise InfeasibleError(
        f"“{worst.text}”无法成立：{shown} 已固定且互相矛盾",
        f"放开 {' 或 '.join(names)} 中的一个，或改它的值",
        locks=names,
    )
