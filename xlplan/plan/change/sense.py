"""Edits that make no sense for what is there, told before anything is worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InfeasibleError, InputError

if TYPE_CHECKING:
    from xlplan.plan.change.request import Edit
    from xlplan.plan.exact.units import Bools, Floats

#: Methods whose amount is a total or a value, never below zero.
AMOUNTS = ("proportional", "equal", "repeat", "like", "unassigned")
#: Methods that move what is there; all but the first leave zero as it is.
_MOVES = ("add", "percent", "times")


def total_wanted(edit: Edit, now: float) -> float:
    """Return the total an edit comes to where there is `now`."""
    wanted = {
        "percent": now * (1 + edit.amount),
        "times": now * edit.amount,
        "add": now + edit.amount,
    }
    fixed = now if edit.method in ("straight_line", "growth") else edit.amount
    return wanted.get(edit.method, fixed)


def look_at_amount(what: str, edit: Edit, cells: Floats) -> None:
    """Refuse what would fall below zero, and a like without a reference.

    Raises:
        InputError: It is such an edit; ``what`` names the cells.
    """
    if edit.amount < 0 and edit.method in AMOUNTS:
        raise InputError(
            f"{what} 不能是负数 {edit.amount:,.15g}",
            "退款、费用按正数填；要减少请写 减3000 或 减5%",
        )
    now = float(np.rint(cells * 100).sum() / 100)
    below = round(total_wanted(edit, now), 2) < 0
    if edit.method in _MOVES and cells.min(initial=0.0) >= 0 and below:
        raise InputError(
            f"{what} 现在是 {now:,.15g}，这样改会变成负数 {total_wanted(edit, now):,.2f}",
            f"最多减 {now:,.15g}（100%）",
        )
    if edit.method in ("like", "like_percent") and not edit.reference:
        raise InputError(f"{what} 没有说参照什么", "写店铺、版本、去年或权重，如 like 去年")


def stays_zero(what: str, edit: Edit, cells: Floats) -> str:
    """Return the note that a part of nothing is nothing, or ""."""
    if edit.method in _MOVES[1:] and cells.size and not cells.any():
        return f"{what} 现在是 0，按百分比或倍数改还是 0；要有数请写一个数，如 5万"
    return ""


def all_taken(what: str, edit: Edit, cells: Floats, held: Bools) -> InfeasibleError | None:
    """Return the refusal to fill empty cells where there are none."""
    if edit.method != "unassigned" or ((cells == 0) & ~held).any():
        return None
    full = float(np.rint(cells * 100).sum() / 100)
    return InfeasibleError(
        f"{what} 没有空格可分：每一格都已经有数，一共 {full:,.15g}",
        "“剩余”只填空格；要改合计请写 500万、+8% 等，或先把要分的格改成 0",
        reachable=(full, full),
    )
