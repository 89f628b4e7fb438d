"""Splitting month targets over categories, and each category over platforms, exactly.

Parts are differences of rounded running shares (carry-forward rounding, PLANNING b): they
add up to the fen for shares of 100 %, and a sheet can say the same with plain formulas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.plan.units import excel_round
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@record
class Part:
    """A category or platform: its name and its share of the whole (0 to 1); None is not given."""

    name: str
    share: float | None = None


@record
class Splits:
    """The two dimensions, nested: platforms inside categories."""

    categories: Sequence[Part] = ()
    platforms: Sequence[Part] = ()


def split_shares(amounts: Floats, shares: Sequence[float | None]) -> Floats:
    """Split amounts by shares, carrying the rounding forward.

    Args:
        amounts: Shape (m,), money; NaN is not planned.
        shares: k shares, 0 to 1; None gives a missing part and takes nothing.

    Returns:
        Shape (k, m) in whole fen; the parts of shares that add up to 1 add up to the amount.
    """
    running, before = 0.0, np.zeros_like(amounts)
    parts: list[Floats] = []
    for share in shares:
        if share is None:
            parts.append(np.full_like(amounts, np.nan))
            continue
        running += share
        upto: Floats = np.asarray(excel_round(amounts * running, 2))
        parts.append(upto - before)
        before = upto
    return np.array(parts, dtype=np.float64).reshape(-1, len(amounts)).round(2)
