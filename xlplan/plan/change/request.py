"""What somebody asks of the plan: edits that are to hold at once, and totals that are to stay.

What makes no sense for the cells that are there is refused before anything is worked out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from xlplan.errors import InfeasibleError, InputError
from xlplan.metrics.money import MONEY_DIGITS
from xlplan.plan.change.methods import SharedBy, method_of
from xlplan.plan.days.grains import grain_label
from xlplan.plan.exact.units import exact_sum
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from xlplan.plan.change.grid import Grid, Limits, Region
    from xlplan.plan.change.methods import Method
    from xlplan.plan.exact.units import Bools, Floats

    #: Name of a reference, rows of (metric, store) → its values, (rows, days).
    References: TypeAlias = Callable[[str, Sequence[tuple[str, str]]], Floats]


@record
class Edit:
    """One wish: a region gets a new total by a method (`xlplan.plan.change.methods`).

    Attributes:
        region: What is changed.
        method: How.
        amount: What the method needs.
        reference: Name of a reference for the like methods.
        by: Level the method works on: ``day``, ``week``, ``month``, ``quarter`` or ``store``;
            below it, days keep their proportions.
    """

    region: Region
    method: str
    amount: float
    reference: str = ""
    by: str = "day"

    @property
    def how(self) -> Method:
        """The method itself.

        Raises:
            InputError: There is no such method.
        """
        return method_of(self.method)

    def total(self, now: float) -> float:
        """Return the total it comes to where there is `now`."""
        return self.how.total(now, self.amount)


@record
class Wish:
    """Edits that are to hold at once.

    Attributes:
        edits: The edits.
        gives: Which driver gives (`xlplan.plan.change.follow.GIVES`), "" for the usual one.
        keep: Levels whose totals stay (``month``, ``quarter``, ``year``, ``company``).
    """

    edits: tuple[Edit, ...]
    gives: str = ""
    keep: tuple[str, ...] = ()


def look_at_amount(what: str, edit: Edit, cells: Floats) -> None:
    """Refuse what would fall below zero, and a like without a reference.

    Raises:
        InputError: It is such an edit; ``what`` names the cells.
    """
    if edit.amount < 0 and edit.how.never_negative:
        raise InputError(
            f"{what} 不能是负数 {edit.amount:,.15g}",
            "退款、费用按正数填；要减少请写 减3000 或 减5%",
        )
    now = exact_sum(cells)
    below = round(edit.total(now), MONEY_DIGITS) < 0
    if edit.how.moves and cells.min(initial=0.0) >= 0 and below:
        raise InputError(
            f"{what} 现在是 {now:,.15g}，这样改会变成负数 {edit.total(now):,.2f}",
            f"最多减 {now:,.15g}（100%）",
        )
    if edit.how.by is SharedBy.REFERENCE and not edit.reference:
        raise InputError(f"{what} 没有说参照什么", "写店铺、版本、去年或权重，如 like 去年")


def stays_zero(what: str, edit: Edit, cells: Floats) -> str:
    """Return the note that a part of nothing is nothing, or ""."""
    if edit.how.moves and edit.how.each and cells.size and not cells.any():
        return f"{what} 现在是 0，按百分比或倍数改还是 0；要有数请写一个数，如 5万"
    return ""


def all_taken(what: str, edit: Edit, cells: Floats, held: Bools) -> InfeasibleError | None:
    """Return the refusal to fill empty cells where there are none."""
    if not edit.how.only_empty or ((cells == 0) & ~held).any():
        return None
    full = exact_sum(cells)
    return InfeasibleError(
        f"{what} 没有空格可分：每一格都已经有数，一共 {full:,.15g}",
        "“剩余”只填空格；要改合计请写 500万、+8% 等，或先把要分的格改成 0",
        reachable=(full, full),
    )


def kept_totals(  # noqa: PLR0913, PLR0917  # one question about one table
    grid: Grid,
    limits: Limits,
    base: Floats,
    touched: Bools,
    keep: Sequence[str],
    edited: Iterable[Bools],
) -> dict[str, tuple[float, Bools]]:
    """Return the totals around the edits that are to stay, with their cells.

    Raises:
        InputError: A whole total is itself edited.
    """
    kept: dict[str, tuple[float, Bools]] = {}
    rows = np.array([store for _, store in limits.rows])
    calendar = grid.year.calendar
    for level in keep:
        if level == "company":
            groups = [
                np.broadcast_to(np.arange(grid.days) == day, base.shape)
                for day in np.flatnonzero(touched.any(axis=0))
            ]
        else:
            labels = calendar.labels(level)
            groups = [
                (rows == store)[:, None] & (labels == number)
                for store in grid.year.stores
                for number in np.unique(labels)
            ]  # fmt: skip
        for number, group in enumerate(groups):
            if not (group & touched).any():
                continue
            if any((group <= mask).all() for mask in edited):
                raise InputError(
                    f"改的就是{'各店之和' if level == 'company' else f'整个{grain_label(level)}'}，不能同时保持它的合计",
                    "把保持的范围放大一级，或不勾“保持合计”",
                )
            kept[f"保持{grain_label(level)}合计 {number + 1}"] = (
                exact_sum(base[group]),
                group,
            )
    return kept
