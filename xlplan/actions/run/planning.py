"""What the targets of a book come to, and its totals in words and for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.actions.plan.targets import channel_mix
from xlplan.errors import InfeasibleError
from xlplan.metrics.money import HALF_CENT
from xlplan.plan.change.adjustments import (
    KEY,
    PLAN_MARK,
    adjustment_text,
    adjustments,
    as_holds,
    mark_of,
)
from xlplan.plan.change.holds import actual_days
from xlplan.plan.fill.make import make_plan
from xlplan.record import bundle

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from xlplan.plan.change.adjustments import Adjustment
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


@bundle
class Around:
    """A plan worked out around what people adjusted.

    Attributes:
        plan: The plan.
        kept: The adjustments that stay, as the book keeps them.
        lines: What became of them, for people.
    """

    plan: pd.DataFrame
    kept: str
    lines: Sequence[str] = ()


def plan_around(state: BookState, asked: pd.DataFrame, *, fresh: bool = False) -> Around:
    """Return the plan of a book's targets that keeps what people adjusted.

    While the targets stay as they were at the last 分解, the plan stays as it is. When they
    have changed, adjustments are worked around like locks, the oldest giving way first where
    they leave no room.

    Args:
        state: The book.
        asked: Its `asked_plan`.
        fresh: Give all adjustments up.
    """
    now, noted = state.year.plan, state.meta.get(KEY, "")
    same = state.meta.get(BASIS) == mark_of(asked)
    ours = state.meta.get(PLAN_MARK, "") in ("", mark_of(now))
    if fresh or not (same and ours):
        return _around(state, asked, adjustments("" if fresh else noted), same=same)
    days = differing_days(plan_of(state, asked), now)
    if not days:
        return Around(now, noted)
    remedy = "要完全按目标重新分解，用“放弃手工调整”（xlplan fill --fresh）"
    return Around(now, noted, [f"保留手工调整过的 {days} 个店·日；{remedy}"])


def _around(
    state: BookState, asked: pd.DataFrame, tuned: list[Adjustment], *, same: bool
) -> Around:
    from xlplan.plan.fill.refill import Present

    given_up: list[Adjustment] = []
    plan = None
    while tuned and plan is None:
        holds = [*state.holds, *as_holds(tuned, state.year)]
        try:
            plan = _plan(state, Present(state.year, holds))
        except InfeasibleError:
            given_up.append(tuned.pop(0))
    plan = plan_of(state, asked) if plan is None else plan
    lines = []
    if tuned:
        lines.append(f"保留手工调整 {len(tuned)} 处：{_named(tuned, state)}")
    if given_up:
        lines.append(
            f"与新目标不合、已让位的手工调整：{_named(given_up, state)}；要保住请先“锁定”"
        )
    lost = differing_days(plan, state.year.plan) if same else 0
    if lost and not tuned:
        lines.append(f"手工调整过的 {lost} 个店·日已按目标重新分解；要恢复请“撤销”")
    return Around(plan, adjustment_text(tuned), lines)


def _named(tuned: Sequence[Adjustment], state: BookState) -> str:
    names = [one.about(state.year) for one in tuned]
    return "、".join(names[:5]) + ("…" if len(names) > 5 else "")


def differing_days(one: pd.DataFrame, other: pd.DataFrame) -> int:
    """Return how many store days differ between two plans."""
    near = (one - other).abs() < HALF_CENT
    return int((~(near | (one.isna() & other.isna()))).any(axis=1).sum())


def _plan(state: BookState, present: Present | None) -> pd.DataFrame:
    year, mix = state.year, channel_mix(state.typed)
    return make_plan(year.targets, year.calendar, year.settings, year.stores, mix, present)


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


def campaign_lines(year: Year) -> list[str]:
    """Return who does not take part in which campaigns, and what their shares of the spend do."""
    events = [e for e in year.calendar.events if e.enabled and e.edition == year.year]
    lines = []
    for store, own in year.calendar.own.items():
        names = {event.name for event in own.events}
        out = [event.name for event in events if event.name not in names]
        if out:
            lines.append(f"{store} 不参加：{'、'.join(out[:6])}{'…' if len(out) > 6 else ''}")
    shares = [f"{e.name} {e.budget_share:.1%}" for e in events if e.budget_share > 0]
    if shares and year.settings.campaign_money:
        lines.append(f"活动预算占比（占参加店全年推广费）：{'、'.join(shares)}")
    elif shares:
        lines.append(
            "活动表的预算占比只作参考，没有移动推广费；要它起作用，在“年度目标”把“活动预算占比”改为移动推广费"
        )
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
