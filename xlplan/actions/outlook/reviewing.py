"""复盘: a month on its review day, or a week on Monday: what came, why, what will come, what to do."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.change.selecting import find_stores
from xlplan.actions.outlook.compared import Sides, cell_of, sides
from xlplan.actions.outlook.forecasting import clean, foreseen, outlook_facts, recent
from xlplan.actions.outlook.standing import Standing, from_tomorrow, last_year, standings
from xlplan.actions.run.outcome import Outcome
from xlplan.errors import InputError
from xlplan.plan.days.periods import Period, between, months
from xlplan.plan.explain.reasons import SHIFT, main_part
from xlplan.plan.year import TOTAL
from xlplan.record import record
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.cells import Book
    from xlplan.plan.exact.units import Floats
    from xlplan.sheets.state.book import BookState
    from xlplan.sheets.state.read import BookRead

KINDS = ("月度", "每周")
#: Who usually answers for a metric (the seed's duties).
_OWNERS = {"gmv": "运营经理", "uv": "市场经理", "cvr": "运营经理", "aov": "运营经理", "spend_ratio": "市场经理", "refund_rate": "客服经理"}  # fmt: skip
#: Attainment from which a metric counts as on its way; below it is at risk.
_ON_TRACK, _COSTLY = 0.8, 1.2


@record
class Mark:
    """One metric of a review.

    Attributes:
        metric: Its name.
        label: What people call it.
        target: Of the days with actuals.
        actual: Of the same days.
        lower_is_better: Whether less is better.
        percent: Whether it is a ratio in percent.
    """

    metric: str
    label: str
    target: float
    actual: float
    lower_is_better: bool = False
    percent: bool = False

    @property
    def met(self) -> bool:
        """Whether the target of these days is reached."""
        return self.actual <= self.target if self.lower_is_better else self.actual >= self.target

    @property
    def band(self) -> str:
        """达成, 进行中 or 有风险 (DOMAIN: ≥1, ≥0.8; lower is better: ≤1, ≤1.2)."""
        if self.met:
            return "达成"
        ratio = self.actual / self.target if self.target else float("inf")
        near = ratio <= _COSTLY if self.lower_is_better else ratio >= _ON_TRACK
        return "进行中" if near else "有风险"

    def shown(self, value: float) -> str:
        """Return a value as people write it."""
        return f"{value:.2%}" if self.percent else f"{value:,.0f}"


def review(
    book: Book, *, kind: str = "月度", store: str = "", as_of: date | None = None
) -> Outcome:
    """Review the month (to its to-date target, with month-end forecast) or the week; nothing is written.

    Args:
        book: The plan book.
        kind: 月度 or 每周.
        store: One store; all together otherwise.
        as_of: Last day to look at; the last one with actuals by default.

    Raises:
        InputError: No actuals or targets, or an unknown kind or store.
    """
    if kind not in KINDS:
        raise InputError(f"没有“{kind}”复盘", f"可以是：{'、'.join(KINDS)}")
    read = read_state(book)
    year = read.state.year
    made = standings(read.state, as_of)
    chosen = find_stores(store, year) if store.strip() else year.stores
    if 1 < len(chosen) < len(year.stores):
        raise InputError("一次复盘一家店或合计", "写一家店名，或留空")
    scope = chosen[0] if len(chosen) == 1 else TOTAL
    mine = next(each for each in made if each.scope == scope)
    span = _month(mine) if kind == KINDS[0] else _week(mine)
    both = sides(made, span, scope)
    if not both.known or not both.before["gmv"].sum() > 0:
        raise InputError(f"{span.label}没有实际或没有目标，复盘不了", "先分解目标、导入实际")
    marks = marks_of(mine, span)
    rows = actions_for(mine, span, marks)
    facts = _facts(read, both, mine, marks, rows)
    lines = [*_lines(both, mine, marks), *_last_year_lines(read.state, mine, span), *_ahead(read, mine)]  # fmt: skip
    title = f"{span.label}{kind}复盘（截止 {mine.as_of}，{scope}）：{both.why().text()}"
    return Outcome(title, lines, from_tomorrow(mine.as_of), facts, table=_table(rows))


def _month(standing: Standing) -> Period:
    return months(standing.year.year, standing.as_of.month, standing.as_of.month)


def _week(standing: Standing) -> Period:
    """Return the last full week, Monday to Sunday, cut at the ends of the year."""
    sunday = standing.as_of - timedelta(days=(standing.as_of.weekday() + 1) % 7)
    year = standing.year.year
    first = max(sunday - timedelta(days=6), date(year, 1, 1))
    if sunday.year != year:
        return between(date(year, 1, 1), standing.as_of)
    return between(first, sunday)


def review_day(standing: Standing) -> date:
    """Return the month's review day: the 25th, or the working day before."""
    days = standing.year.calendar.days
    at = date(standing.year.year, standing.as_of.month, 25)
    place = (at - date(at.year, 1, 1)).days
    working = np.flatnonzero(days["is_workday"].to_numpy()[: place + 1])
    return date(at.year, 1, 1) + timedelta(days=int(working[-1])) if working.size else at


def marks_of(standing: Standing, span: Period) -> list[Mark]:
    """Return the metrics of a period, over the days that both sides know."""
    inside = standing.inside(span)
    spent, spend_plan = standing.spend
    sides_of = {
        "gmv": (standing.sales, standing.plan),
        "spend": (spent, spend_plan),
        **{name: (standing.known(name), standing.planned(name)) for name in ("uv", "orders", "refund_units", "units")},
    }  # fmt: skip

    def pair(name: str, *also: str) -> tuple[float, float]:
        """Return target and actual of a flow on the days all named flows know."""
        known = np.ones(inside.stop - inside.start, dtype=bool)
        for each in (name, *also):
            known &= ~np.isnan(sides_of[each][0][inside]) & ~np.isnan(sides_of[each][1][inside])
        real, plan = sides_of[name]
        if not known.any():
            return float("nan"), float("nan")
        return float(plan[inside][known].sum()), float(real[inside][known].sum())

    made = [Mark(name, label, *pair(name)) for name, label in (("gmv", "销售额"), ("uv", "UV"))]
    for name, label, top, low, worse in (
        ("cvr", "转化率", "orders", "uv", False),
        ("aov", "客单价", "gmv", "orders", False),
        ("spend_ratio", "费用占比", "spend", "gmv", True),
        ("refund_rate", "退款率", "refund_units", "units", True),
    ):
        (plan_top, real_top), (plan_low, real_low) = pair(top, low), pair(low, top)
        if plan_low > 0 and real_low > 0:
            made.append(Mark(name, label, plan_top / plan_low, real_top / real_low, worse, name != "aov"))  # fmt: skip
    return [mark for mark in made if np.isfinite([mark.target, mark.actual]).all()]


def actions_for(
    standing: Standing, span: Period, marks: Sequence[Mark]
) -> list[dict[str, object]]:
    """Return the 补差计划: a row for each metric not met, with owner and date, to be completed by people."""
    ahead = standing.inside(span).stop - standing.count
    due = span.last if ahead > 0 else standing.as_of + timedelta(days=7)
    return [
        {
            "metric": mark.label,
            "target": mark.shown(mark.target),
            "actual": mark.shown(mark.actual),
            "band": mark.band,
            "action": _action(standing, mark, max(ahead, 0)),
            "owner": _OWNERS.get(mark.metric, ""),
            "due": str(due),
        }
        for mark in marks
        if not mark.met
    ]


def _action(standing: Standing, mark: Mark, ahead: int) -> str:
    short = abs(mark.target - mark.actual)
    now = recent(standing)
    if mark.metric == "uv" and ahead:
        value = now["cvr"] * now["aov"] * now["spend_ratio"]
        money = f"，按近况约需推广费 {short * value:,.0f}" if np.isfinite(value) else ""
        return f"补 {short:,.0f} 个 UV：余下 {ahead} 天每天多 {short / ahead:,.0f}{money}"
    if mark.metric == "gmv" and ahead:
        return f"余下 {ahead} 天补 {short:,.0f}，每天多 {short / ahead:,.0f}；走法见“重排”"
    texts = {
        "cvr": f"转化率差 {short:.2%}：查详情页、客服响应、库存断码",
        "aov": f"客单价差 {short:,.2f}：查满减门槛、搭配、赠品",
        "spend_ratio": f"费用占比高 {short:.2%}：先停边际 ROI 最低的渠道（见“推广”）",
        "refund_rate": f"退款率高 {short:.2%}：按退款原因与商品排查",
    }
    return texts.get(mark.metric, f"差 {short:,.0f}，期间已过，计入下期")


def _lines(both: Sides, mine: Standing, marks: Sequence[Mark]) -> list[str]:
    found = both.why()
    lines = [
        *([f"复盘日 {review_day(mine)}"] if both.period == _month(mine) else []),
        f"有实际的 {both.known} 天对同样这些天的目标：{found.start:,.0f} → {found.end:,.0f}（{found.gap:+,.0f}）",
        "；".join(f"{part.name} {part.amount:+,.0f}" for part in found.parts) or "没有差额",
    ]
    if both.missing:
        named = "、".join(f"{name} {count} 天" for name, count in both.missing.items())
        lines.append(f"缺实际、没有当作 0：{named}")
    if np.isfinite(found.refund):
        young = f"（最近 {both.immature} 天未成熟，还会增加）" if both.immature else ""
        lines.append(f"退款另计 {found.refund:+,.0f}{young}")
    return lines + [
        f"{mark.label}：目标 {mark.shown(mark.target)}，实际 {mark.shown(mark.actual)}，{mark.band}"
        for mark in marks
    ]


def _last_year_lines(state: BookState, mine: Standing, span: Period) -> list[str]:
    told = against_last_year(state, mine, span)
    if told is None:
        return ["没有去年的数，不与去年比（用“版本”导入去年的计划表）"]
    return [f"去年可比日期 {told['comparable']:,.0f} → 实际 {told['actual']:,.0f}（{told['growth']:+.1%}）；{SHIFT} {told['shift']:+,.0f}"]  # fmt: skip


def against_last_year(state: BookState, mine: Standing, span: Period) -> dict[str, float] | None:
    """Return last year's comparable days, the shift from its same dates, and the growth; None without it."""
    past = last_year(state, mine.scope)
    if past is None:
        return None
    inside = mine.inside(span)
    known = ~np.isnan(mine.sales[inside]) & ~np.isnan(past[inside])
    if not known.any() or not past[inside][known].sum() > 0:
        return None
    same = _same_dates(state, mine)
    comparable = float(past[inside][known].sum())
    actual = float(mine.sales[inside][known].sum())
    shift = 0.0 if same is None else comparable - float(np.nansum(same[inside][known]))
    return {"comparable": round(comparable, 2), "actual": round(actual, 2), "shift": round(shift, 2), "growth": round(actual / comparable - 1, 4)}  # fmt: skip


def _same_dates(state: BookState, mine: Standing) -> Floats | None:
    """Return (days,) last year's sales on the same month and day."""
    from xlplan.sheets.history.kept import kept_plan
    from xlplan.sheets.history.page import LAST_YEAR

    kept = [v for v in state.versions if v.kind == LAST_YEAR]
    if not kept:
        return None
    plan = kept_plan(kept[-1])
    stores = plan.index.unique("store")
    names = list(stores) if mine.scope == TOTAL or len(stores) == 1 else [mine.scope]
    by_day = plan["gmv"].unstack("store")[names].sum(axis=1, min_count=1)
    days = state.year.calendar.days.index
    same = [day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day) for day in days]  # fmt: skip
    return np.asarray(by_day.reindex(same), dtype=np.float64)


def _ahead(read: BookRead, mine: Standing) -> list[str]:
    made = foreseen(read.state, mine)
    if made.lack:
        return [f"月末预测：{made.lack}"]
    period, landing = made.landings["month"]
    target = mine.target(period)
    chance = f"，目标 {target:,.0f}，达成概率 {landing.chance(target):.0%}" if target > 0 else ""
    return [f"{period.label}末预计 {landing.low:,.0f} ～ {landing.middle:,.0f} ～ {landing.high:,.0f}{chance}"]  # fmt: skip


def _facts(
    read: BookRead,
    both: Sides,
    mine: Standing,
    marks: Sequence[Mark],
    rows: list[dict[str, object]],
) -> dict[str, object]:
    found, span = both.why(), both.period
    main = main_part(found.parts, found.start, found.end)
    return {
        "period": span.label, "first": str(span.first), "last": str(span.last), "as_of": str(mine.as_of), "store": mine.scope,
        "review_day": str(review_day(mine)),
        "bridge": {
            "start": round(found.start, 2), "end": round(found.end, 2), "main": main.name if main else None,
            "parts": [{"name": p.name, "amount": round(p.amount, 2), "note": p.note} for p in found.parts],
            **clean({"refund": found.refund}),
            "cells": {"target": cell_of(read, "gmv_target", span, mine.scope), "actual": cell_of(read, "gmv_net", span, mine.scope)},
        },
        "metrics": [{"metric": m.metric, "label": m.label, **clean({"target": m.target, "actual": m.actual}), "band": m.band} for m in marks],
        "missing": dict(both.missing), "immature_days": both.immature,
        "stores": [{"name": p.name, "amount": round(p.amount, 2)} for p in both.by_store()] if len(both.stores) > 1 else [],
        "last_year": against_last_year(read.state, mine, span),
        "forecast": outlook_facts(foreseen(read.state, mine)),
        "actions": rows,
    }  # fmt: skip


def _table(rows: Sequence[dict[str, object]]) -> list[list[str]]:
    heads = {"metric": "未达标", "target": "目标", "actual": "实际", "band": "状态", "action": "补差计划", "owner": "负责人", "due": "日期"}  # fmt: skip
    return [list(heads.values()), *([str(row[key]) for key in heads] for row in rows)] if rows else []  # fmt: skip
