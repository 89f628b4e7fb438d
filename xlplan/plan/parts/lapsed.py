"""Agreements against a plan: which of them it does not keep, and what they come to instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InfeasibleError
from xlplan.metrics.money import CENTS_PER_YUAN, MONEY_DIGITS
from xlplan.plan.parts.agreements import KINDS
from xlplan.plan.parts.grid import MonthGrid
from xlplan.plan.parts.year import PartYear
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlplan.plan.exact.units import Floats
    from xlplan.plan.parts.agreements import Agreement
    from xlplan.plan.parts.splits import Splits
    from xlplan.plan.year import Year


@record
class Lapsed:
    """An agreement that a plan does not keep.

    Attributes:
        said: The agreement.
        comes: What its stores and days come to instead; NaN where the shares do not fit either.
        room: What all parts together have there.
        fits: False where the whole month stands by shares alone, since agreements do not fit.
        why: The reason.
    """

    said: Agreement
    comes: float
    room: float
    fits: bool
    why: str

    def about(self) -> str:
        """Return what was agreed and what it comes to, in words."""
        if np.isnan(self.comes):
            return f"“{self.said.about()}”"
        away = self.comes - self.said.amount
        return f"“{self.said.about()}”现在是 {self.comes:,.2f}（{away:+,.2f}）"


def lapsed(year: Year, splits: Splits) -> list[Lapsed]:
    """Return the agreements that a year's plan does not keep, to the fen."""
    if not splits.agreements:
        return []
    return [one for kind in KINDS for one in _of_kind(PartYear(year, splits, kind))]


def _of_kind(parts: PartYear) -> Iterator[Lapsed]:
    for month, listed in parts.agreed.items():
        grid = parts.grid(month)
        try:
            grid.stores()
            comes, fits, why = grid.agreed() / CENTS_PER_YUAN, True, ""
        except InfeasibleError as refusal:
            comes, fits, why = _by_share(grid), False, refusal.message
        for one, value in zip(listed, comes, strict=True):
            if value != round(one.said.amount, MONEY_DIGITS):
                room = float(grid.totals[one.mask].sum()) / CENTS_PER_YUAN
                own = float(parts.amounts[parts.names.index(one.said.part), month])
                reason = why or f"{one.said.part}{month + 1}月一共只有 {own:,.2f}"
                if one.said.amount > room:
                    reason = f"那里各{KINDS[parts.kind]}一共只有 {room:,.2f}"
                yield Lapsed(one.said, float(value), room, fits, reason)


def _by_share(grid: MonthGrid) -> Floats:
    """Return what the cells of each agreement have in proportion, in yuan."""
    try:
        cells = MonthGrid(grid.totals, grid.amounts).cells()
    except InfeasibleError:
        return np.full(len(grid.held), np.nan)
    return np.array([cells[held.part][held.mask].sum() for held in grid.held]) / CENTS_PER_YUAN
