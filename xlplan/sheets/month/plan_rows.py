"""Which rows of a sheet show the plan: planned flows and ratios of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.metrics import Add

if TYPE_CHECKING:
    from xlplan.plan.year import Year

ENDS = "_target"


def is_plan(year: Year, key: str) -> bool:
    """Return whether a row key shows a planned flow or ratio (not one per day, not an actual)."""
    if not key.endswith(ENDS) or key not in year.metrics:
        return False
    metric = year.metrics[key]
    return metric.formula is None or metric.add is Add.RATIO or key == f"spend{ENDS}"
