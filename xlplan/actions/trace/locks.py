"""The locks on a traced figure: what later changes could not move, by whom and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.plan.change.grid import Grid
from xlplan.plan.change.holds import actual_days

if TYPE_CHECKING:
    from xlplan.plan.change.grid import Region
    from xlplan.plan.change.holds import Hold
    from xlplan.sheets.state.book import BookState

#: Locks that a chain names.
MOST = 8


def lock_lines(state: BookState, region: Region) -> list[str]:
    """Return a line for each lock that holds some of a region, and one for days with actuals."""
    year, grid = state.year, Grid(state.year)
    names = grid.family(region.metric) if grid.is_flow(region.metric) else []
    inside = region.days(year.year)
    found = [hold for hold in state.holds if _meets(hold, names, region)]
    lines = [f"锁定：{_about(hold, state)}" for hold in found[:MOST]]
    lines += [f"还有 {len(found) - MOST} 个锁定"] if len(found) > MOST else []
    rows = [year.stores.index(store) for store in region.stores]
    known = int(actual_days(year)[rows, inside].sum()) if names else 0
    return lines + ([f"已有实际的 {known} 个店·日，计划不再变"] if known else [])


def _meets(hold: Hold, names: list[str], region: Region) -> bool:
    days = hold.first <= region.period.last and region.period.first <= hold.last
    return days and any(hold.covers(name, store) for name in names for store in region.stores)


def _about(hold: Hold, state: BookState) -> str:
    said = "，".join(part for part in (hold.id, hold.who, hold.when, hold.why) if part)
    return f"{hold.about(state.year.metrics)}（{said}）"
