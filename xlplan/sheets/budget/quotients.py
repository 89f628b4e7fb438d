"""Guarded quotients: the formula and the number it comes to, "" where there is none."""

from __future__ import annotations

from math import isnan


def quotient_text(above: str, below: str) -> str:
    """Return the formula of a quotient of two cells."""
    return f'=IF(COUNT({above},{below})<2,"",IF({below}=0,"",{above}/{below}))'


def quotient(above: object, below: object) -> float | str:
    """Return the quotient; "" where one is not known or the divisor is zero."""
    if not _is_number(above) or not _is_number(below) or below == 0:
        return ""
    return float(above) / float(below)  # type: ignore[arg-type]


def attained_text(done: str, plan: str) -> str:
    """Return the formula of 达成率: against a budget of nothing or less it means nothing."""
    return f'=IF(COUNT({done},{plan})<2,"",IF({plan}<=0,"",{done}/{plan}))'


def attained(done: object, plan: object) -> float | str:
    """Return 达成率."""
    return quotient(done, plan) if _is_number(plan) and float(plan) > 0 else ""  # type: ignore[arg-type]


def _is_number(value: object) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool) and not isnan(value)
