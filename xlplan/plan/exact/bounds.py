"""Proportional sharing inside bounds: the KL projection on a box."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from xlplan.plan.exact.units import Bools, Floats, Ints


def project(
    weights: Floats, rest: Floats | Ints, lower: Floats, upper: Floats, free: Bools
) -> tuple[Floats, Bools]:
    """Find x = clip(k·weight, lower, upper) that adds up to ``rest`` in every row.

    Clamp and rescale: only the side that is violated more is clamped in a round, because
    only that side is certain to stay clamped; this ends at the exact minimiser of
    Σ x·ln(x/weight). Once every weighted cell is clamped, the others share equally.

    Args:
        weights: (n, d), not negative.
        rest: (n,) the sum over the free cells; must be reachable within the bounds.
        lower: (n, d), −inf where there is none.
        upper: (n, d), +inf where there is none.
        free: (n, d) cells that take part.

    Returns:
        (n, d) values, 0 outside the free cells, and which of them are not clamped.
    """
    fixed, active = np.zeros(weights.shape), free.copy()
    while True:
        shares = proportional(np.where(active, weights, 0.0), rest - fixed.sum(axis=1), active)
        low = np.where(active, np.maximum(lower - shares, 0.0), 0.0)
        high = np.where(active, np.maximum(shares - upper, 0.0), 0.0)
        balance = (low.sum(axis=1) - high.sum(axis=1))[:, None]
        at_low, at_high = (low > 0) & (balance >= 0), (high > 0) & (balance <= 0)
        if not (at_low.any() or at_high.any()):
            return fixed + shares, active
        fixed[at_low], fixed[at_high] = lower[at_low], upper[at_high]
        active &= ~(at_low | at_high)


def proportional(
    weights: Floats, rest: Floats | Ints, free: Bools, out: Floats | None = None
) -> Floats:
    """Share ``rest`` in proportion to each row's weights; a row of zeros shares equally.

    Args:
        weights: (n, d), zero outside the free cells.
        rest: (n,).
        free: (n, d).
        out: Where to put the result; may be the weights.
    """
    base = weights.sum(axis=1)
    odd = ~((np.abs(base) > 1e-200) & (np.abs(base) < 1e200))
    if odd.any():
        weights, base = _tamed(weights, free, odd)
    return np.multiply(weights, (rest / np.where(base == 0, 1.0, base))[:, None], out=out)


def _tamed(weights: Floats, free: Bools, odd: Bools) -> tuple[Floats, Floats]:
    """Give all-zero rows equal weights and bring extreme rows near 1."""
    weights = weights.copy()
    peak = np.abs(weights[odd]).max(axis=1, keepdims=True, initial=0)
    scaled = np.divide(weights[odd], peak, out=free[odd].astype(np.float64), where=peak > 0)
    weights[odd] = scaled
    return weights, weights.sum(axis=1)
