"""Splitting month targets over categories, and each category over platforms, exactly.

Parts are differences of rounded running shares (carry-forward rounding, PLANNING b): they
add up to the fen for shares of 100 %, and a sheet can say the same with plain formulas.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

import numpy as np

from xlplan.metrics.money import CENTS_PER_YUAN, MONEY_DIGITS
from xlplan.plan.exact.units import excel_round, to_cents
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from xlplan.plan.parts.agreements import Agreement

    Floats = NDArray[np.float64]


@record
class Part:
    """A category or platform.

    Attributes:
        name: Its name.
        share: Its share of the whole (0 to 1); None is not given.
        months: Month → its own share, where that month has one.
    """

    name: str
    share: float | None = None
    months: Mapping[int, float] = field(default_factory=dict)

    def by_month(self) -> list[float]:
        """Return the share of each month; NaN is not given."""
        usual = float("nan") if self.share is None else self.share
        return [self.months.get(month, usual) for month in range(1, 13)]


@record
class Splits:
    """The two dimensions, nested: platforms inside categories.

    Attributes:
        categories: Categories with their shares.
        platforms: Platforms with theirs.
        agreements: What single stores and days of either are fixed to.
    """

    categories: Sequence[Part] = ()
    platforms: Sequence[Part] = ()
    agreements: Sequence[Agreement] = ()

    def of(self, kind: str) -> Sequence[Part]:
        """Return the categories (c) or the platforms (p)."""
        return self.categories if kind == "c" else self.platforms


def split_shares(amounts: Floats, shares: ArrayLike) -> Floats:
    """Split amounts by shares, carrying the rounding forward.

    Args:
        amounts: Shape (m,), money; NaN is not planned.
        shares: Shape (k,) or (k, m), 0 to 1; None or NaN gives a missing part and takes nothing.

    Returns:
        Shape (k, m) in whole fen; the parts of shares that add up to 1 add up to the amount.
    """
    given = np.array(shares, dtype=np.float64)
    given = given[:, None] if given.ndim == 1 else given
    upto = np.asarray(excel_round(amounts * np.cumsum(np.nan_to_num(given), axis=0), MONEY_DIGITS))
    parts = np.diff(upto, axis=0, prepend=0.0).reshape(len(given), len(amounts))
    return np.where(np.isnan(given), np.nan, parts).round(MONEY_DIGITS)


def shares_of(parts: Floats, amounts: Floats) -> Floats:
    """Return the shares (k, m) that split amounts into just these parts (k, m), to the fen.

    Where the amount is zero there is none: NaN.
    """
    whole = np.where(amounts == 0, np.nan, np.rint(amounts * CENTS_PER_YUAN))
    upto = np.cumsum(to_cents(parts), axis=0) / whole
    return np.where(np.isnan(parts), np.nan, np.diff(upto, axis=0, prepend=0.0))


def own_shares(splits: Splits) -> dict[str, float]:
    """Return the shares of single months by key (``c:0:9``: first category, September)."""
    kinds = {"c": splits.categories, "p": splits.platforms}
    return {
        f"{kind}:{number}:{month}": share
        for kind, parts in kinds.items()
        for number, part in enumerate(parts)
        for month, share in part.months.items()
    }


def with_own_shares(splits: Splits, shares: Mapping[str, float]) -> Splits:
    """Return splits that have just these shares of single months (keys of `own_shares`)."""
    months: dict[tuple[str, int], dict[int, float]] = {}
    for key, share in shares.items():
        kind, number, month = key.split(":")
        months.setdefault((kind, int(number)), {})[int(month)] = share

    def parts(kind: str, there: Sequence[Part]) -> list[Part]:
        return [replace(one, months=months.get((kind, i), {})) for i, one in enumerate(there)]

    return replace(
        splits,
        categories=parts("c", splits.categories),
        platforms=parts("p", splits.platforms),
    )
