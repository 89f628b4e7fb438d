"""体检: what a list of targets says against itself, before anything is planned from it.

Rules R1–R16 come from the contradictions found in real plans (DOMAIN §1.6). Two figures
clash only when neither the rounding of what was typed nor the tolerance explains it.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from xlplan.plan.audit.case import Case, DayConvention, Days
from xlplan.plan.audit.dates import dates, seasons, weekday_row
from xlplan.plan.audit.identities import identities, roi_goals
from xlplan.plan.audit.parts import heavy_buyers, sub_targets
from xlplan.plan.audit.shares import budgets, part_sums, shares, store_sums, visits
from xlplan.plan.audit.times import (
    day_counts,
    day_sums,
    doubles,
    possible,
    unstated,
    year_ratios,
    year_sums,
)
from xlplan.plan.audit.years import definitions, growths, implied, offers
from xlplan.plan.targets.claims import Kind, dated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pandas as pd

    from xlplan.errors import Problem
    from xlplan.plan.targets.claims import Claim

__all__ = ["ALONE", "RULES", "DayConvention", "audit", "weekday_row"]

#: Rules that look at each claim by itself, as typed.
ALONE: tuple[Callable[[Case], Iterator[Problem]], ...] = (possible, unstated)
#: Rules that compare claims, in the order findings are shown.
RULES: tuple[Callable[[Case], Iterator[Problem]], ...] = (
    doubles,
    identities,
    day_sums,
    year_sums,
    year_ratios,
    store_sums,
    budgets,
    seasons,
    sub_targets,
    heavy_buyers,
    shares,
    visits,
    part_sums,
    definitions,
    implied,
    growths,
    offers,
    dates,
    day_counts,
    roi_goals,
)


def audit(
    claims: Iterable[Claim],
    *,
    year: int,
    calendar: pd.DataFrame | None = None,
    day_convention: DayConvention = "calendar",
    tolerance: float = 0.005,
) -> list[Problem]:
    """Return what contradicts what, with the numbers and the values that would agree.

    Args:
        claims: The target list (`xlplan.sources.targets.read_targets`).
        year: The year planned; claims without a year belong to it.
        calendar: Day frame of the year (`Calendar.days`: weight, is_workday, is_makeup,
            holiday, event, quarter, month); None for the default calendar.
        day_convention: ``"30"`` when the plan counts 30 days to every month.
        tolerance: Relative difference, beyond rounding, that is still silence.

    Returns:
        Findings, rule by rule: ERROR for contradictions by more than 20% or of kind,
        WARNING for smaller ones, INFO for what is only worth knowing.
    """
    typed = tuple(
        replace(claim, year=claim.year or year) for claim in claims if math.isfinite(claim.value)
    )
    first = Case(typed, year, Days(year, day_convention == "30"), tolerance, calendar)
    case = replace(first, claims=tuple(dated(claim, year) for claim in typed if _is_sound(claim)))
    alone = [found for rule in ALONE for found in rule(first)]
    return alone + [found for rule in RULES for found in rule(case)]


def _is_sound(claim: Claim) -> bool:
    """Return True when a claim can be compared; `possible` has reported negative ones."""
    return claim.value >= 0 or claim.kind is Kind.GROWTH
