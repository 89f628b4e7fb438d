"""Which rows of a sheet show the plan's own numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.metrics import Add

if TYPE_CHECKING:
    from xlplan.plan.year import Year

_ENDS = "_target"


def is_plan(year: Year, key: str) -> bool:
    """Return whether a row shows a planned flow or ratio (not one per day, not an actual)."""
    if not key.endswith(_ENDS) or key not in year.metrics:
        return False
    metric = year.metrics[key]
    return metric.formula is None or metric.add is Add.RATIO or key == f"spend{_ENDS}"
