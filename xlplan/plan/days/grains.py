"""The one list of levels at which a plan is summed, shared out, kept and locked.

The list of commands reads it at every click: nothing heavy is imported here.
"""

from __future__ import annotations

from xlplan.errors import InputError
from xlplan.record import record


@record
class Grain:
    """One level.

    Attributes:
        name: What code calls it.
        label: What users call it.
        column: The column of the calendar's days that tells its parts apart; "" where a level
            is not a part of the year.
        shares: A method can work on its totals (分到).
        kept: What 保持合计 calls its totals; "" where they cannot be kept.
    """

    name: str
    label: str
    column: str = ""
    shares: bool = True
    kept: str = ""


GRAINS = (
    Grain("day", "日"),
    Grain("week", "周", "week_part"),
    Grain("month", "月", "month", kept="月合计"),
    Grain("quarter", "季", "quarter", kept="季合计"),
    Grain("year", "年", shares=False, kept="全年合计"),
    Grain("store", "店"),
    Grain("company", "各店", shares=False, kept="各店之和"),
)
SHARED = tuple(grain for grain in GRAINS if grain.shares)
KEPT = tuple(grain for grain in GRAINS if grain.kept)
_BY_NAME = {grain.name: grain for grain in GRAINS}


def shared_grain(text: str) -> str:
    """Return the level that a method is to work on, by its name or label; "" stays "".

    Raises:
        InputError: There is no such level.
    """
    for grain in SHARED:
        if text in ("", grain.name, grain.label):
            return grain.name if text else ""
    raise InputError(f"没有层级“{text}”", f"可以是：{'、'.join(grain.label for grain in SHARED)}")


def kept_grain(text: str) -> str:
    """Return the level whose totals are to stay, by its name or label.

    Raises:
        InputError: There is no such level.
    """
    for grain in KEPT:
        if text in (grain.name, grain.label):
            return grain.name
    raise InputError(
        f"不能保持“{text}”的合计", f"可以写：{'、'.join(grain.label for grain in KEPT)}"
    )


def grain_label(name: str) -> str:
    """Return what users call a level."""
    return _BY_NAME[name].label


def grain_column(name: str) -> str:
    """Return the calendar's column of a level, "" for one that is no part of the year."""
    return _BY_NAME[name].column
