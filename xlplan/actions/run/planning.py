"""What the targets of a book come to, and its totals in words and for machines."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.plan.targets import channel_mix
from xlplan.plan.change.holds import actual_days
from xlplan.plan.fill.make import make_plan

if TYPE_CHECKING:
    import pandas as pd

    from xlplan.plan.fill.refill import Present
    from xlplan.plan.year import Year
    from xlplan.sheets.state.book import BookState

#: Key of _元数据 that says what the targets came to at the last 分解.
BASIS = "basis"


def asked_plan(state: BookState) -> pd.DataFrame:
    """Return what a book's targets come to, as if nothing were locked."""
    return _plan(state, None)


def plan_of(state: BookState, asked: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the plan of a book's targets, bent to locks and days with actual sales.

    Args:
        state: The book.
        asked: Its `asked_plan`, if that is known: where nothing is fixed it is the plan.
    """
    if not state.holds and not actual_days(state.year).any():
        return asked_plan(state) if asked is None else asked
    from xlplan.plan.fill.refill import Present

    return _plan(state, Present(state.year, state.holds))


def _plan(state: BookState, present: Present | None) -> pd.DataFrame:
    year, mix = state.year, channel_mix(state.typed)
    return make_plan(year.targets, year.calendar, year.settings, year.stores, mix, present)


def basis(plan: pd.DataFrame) -> str:
    """Return a short mark of a plan: equal for equal plans."""
    whole = np.rint(plan.to_numpy(np.float64, na_value=-1.0) * 100).astype(np.int64)
    return f"b{sha256(whole.tobytes()).hexdigest()[:15]}"


def plan_lines(year: Year) -> list[str]:
    """Return the plan's totals in words."""
    lines = []
    for scope in year.scopes:
        facts = _totals(year, scope)
        parts = [f"{label} {facts[name]:,.0f}" for name, label in _SHOWN if name in facts]
        lines.append(f"{scope}：{'，'.join(parts) or '没有可分解的销售额目标'}")
    total = year.planned.of_scope(year.scopes[0])["gmv"].sum()
    if total == total and total > 0:  # noqa: PLR0124 - NaN test
        value = year.calendar.unit_weight_value(float(total))
        lines.append(f"单位权重值 {value:,.2f} 元（平均每天；权重为 1 的日子的目标）")
    return lines


_SHOWN = (("gmv", "销售额"), ("uv", "UV"), ("orders", "笔数"), ("spend", "推广费"))


def _totals(year: Year, scope: str) -> dict[str, float]:
    values = year.planned.of_scope(scope)
    spend = sum(values[f"spend_{channel.key}"] for channel in year.metrics.channels)
    totals = {name: float(values[name].sum()) for name in ("gmv", "uv", "orders")}
    totals["spend"] = float(spend.sum())  # type: ignore[union-attr]
    return {name: value for name, value in totals.items() if value == value}  # noqa: PLR0124


def plan_facts(year: Year) -> dict[str, object]:
    """Return the plan's totals for machines."""
    return {"year": year.year, "plan": {scope: _totals(year, scope) for scope in year.scopes}}
