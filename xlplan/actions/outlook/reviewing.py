"""复盘: a month on its review day, or a week on Monday: what came, why, what will come, what to do.

What it finds is written to the sheet 复盘, with formulas, so that it follows the book afterwards;
the command says the sheet's own sentences.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.change.selecting import find_stores
from xlplan.actions.outlook.compared import Sides, cell_of, sides
from xlplan.actions.outlook.forecasting import Outlook, clean, foreseen, outlook_facts, recent
from xlplan.actions.outlook.last_year import LastYear, by_channel, last_year_of
from xlplan.actions.outlook.standing import Standing, from_tomorrow, standings
from xlplan.actions.run.apply import apply
from xlplan.actions.run.outcome import Outcome
from xlplan.errors import InputError, Level, Problem, Where
from xlplan.plan.days.periods import Period, between, months
from xlplan.plan.explain.basis import SPLIT, Basis, Mark, basis, bridge_steps, marks
from xlplan.plan.explain.reasons import main_part
from xlplan.plan.year import TOTAL
from xlplan.record import replace
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.base.names import REVIEW
from xlplan.sheets.base.sheet import View
from xlplan.sheets.review.gaps import Gap, merged_gaps
from xlplan.sheets.review.record import (
    Ahead,
    ChannelVisits,
    Review,
    as_text,
    review_of,
    with_review,
)
from xlplan.sheets.review.sheet import GAPS
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.cells import Book
    from xlplan.sheets.state.book import BookState
    from xlplan.sheets.state.read import BookRead

KINDS = ("月度", "每周")
#: Who usually answers for a metric (the seed's duties).
_OWNERS = {"gmv": "运营经理", "uv": "市场经理", "cvr": "运营经理", "aov": "运营经理", "spend_ratio": "市场经理", "refund_rate": "客服经理"}  # fmt: skip
#: Characters a cell holds, with room to spare.
_ROOM = 32_000


def review(
    book: Book,
    *,
    kind: str = "月度",
    store: str = "",
    as_of: date | None = None,
    dry_run: bool = False,
) -> Outcome:
    """Review the month (to its to-date target, with month-end forecast) or the week, on 复盘.

    Args:
        book: The plan book.
        kind: 月度 or 每周.
        store: One store; all together otherwise.
        as_of: Last day to look at; the last one with actuals by default.
        dry_run: Say it, write nothing.

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
    found = marks_of(mine, span)
    rows = actions_for(mine, span, found)
    past = last_year_of(read.state, mine, span)
    ahead = foreseen(read.state, mine)
    state, told = _with(read.state, _review(read.state, (mine, span, kind), past, ahead), rows)
    changed = 0
    if not dry_run:
        note = f"{span.label}{kind}复盘，截止 {mine.as_of}，{scope}"
        changed = apply(book, read, state, [LogRow(action="复盘", note=note)])
    facts = _facts(read, both, mine, found, rows) | {"last_year": _year_facts(past), "forecast": outlook_facts(ahead)}  # fmt: skip
    title = f"{span.label}{kind}复盘（截止 {mine.as_of}，{scope}）：{both.why().text()}"
    return Outcome(title, _lines(read, state), [*from_tomorrow(mine.as_of), *told], facts, changed, table=_table(rows))  # fmt: skip


def _month(standing: Standing) -> Period:
    number = standing.as_of.month
    return months(standing.year.year, number, number, f"{number}月")


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


def _bases(standing: Standing, span: Period) -> list[Basis]:
    stores = [s for s in standing.year.stores if standing.scope in (s, TOTAL)]
    return [basis(standing.year, store, span.first, span.last, standing.as_of) for store in stores]


def marks_of(standing: Standing, span: Period) -> list[Mark]:
    """Return the metrics of a period, store by store over the days that both sides know."""
    return marks(_bases(standing, span))


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


def _review(
    state: BookState,
    asked: tuple[Standing, Period, str],
    past: LastYear | None,
    ahead: Outlook,
) -> Review:
    """Return what the book keeps of it."""
    mine, span, kind = asked
    channels, note = by_channel(state, mine, span, past) if past else ((), "")
    return Review(
        kind, mine.scope, span.label, span.first, span.last, mine.as_of, review_day(mine),
        _ahead(ahead), ahead.lack, past.segments if past else (), past.shift if past else 0.0,
        _visits(mine, span), channels, note,
    )  # fmt: skip


def _ahead(made: Outlook) -> tuple[Ahead, ...]:
    rows = []
    for period, landing in made.landings.values():
        target = made.standing.target(period)
        known = target == target  # noqa: PLR0124 - NaN test
        note = f"已有 {landing.known:,.0f}，余 {landing.days_left} 天"
        rows.append(Ahead(period.label, landing.low, landing.middle, landing.high, target if known else None, landing.chance(target) if known else None, note))  # fmt: skip
    if made.year:
        target = float(np.nansum(made.standing.plan))
        aim = target if target > 0 else None
        rows.append(Ahead("全年", made.year.low, made.year.middle, made.year.high, aim, made.year.chance(target) if aim else None, made.year.note))  # fmt: skip
    return tuple(rows)


def _visits(mine: Standing, span: Period) -> tuple[ChannelVisits, ...]:
    """Return planned and actual visits by channel, on the days and stores that are taken apart."""
    found = [one for one in _bases(mine, span) if one.how == SPLIT]
    inside = mine.inside(span)
    inside = slice(inside.start, max(min(inside.stop, mine.count), inside.start))
    sums: dict[str, list[float]] = {}
    for one in found:
        real, plan = (cube.of_scope(one.name) for cube in (mine.year.actual, mine.year.planned))
        full = ~np.isnan(np.vstack([real[name][inside] for name in ("gmv", "uv", "orders")])).any(axis=0)  # fmt: skip
        for channel in mine.year.metrics.channels:
            name = f"uv_{channel.key}"
            told = full & ~np.isnan(real[name][inside])
            if told.sum() == full.sum():  # a channel nobody reported is no channel without visits
                mean = sums.setdefault(channel.label, [0.0, 0.0])
                mean[0] += float(np.nansum(plan[name][inside][full]))
                mean[1] += float(real[name][inside][full].sum())
    sums = {name: pair for name, pair in sums.items() if any(pair)}
    if not sums:
        return ()
    before, now = (
        sum(side) for side in zip(*((o.start[1], o.end[1]) for o in found), strict=True)
    )
    effect = bridge_steps(found)["UV"]
    each = effect / (now - before) if now != before else 0.0
    sums["自然与未报的渠道"] = [before - sum(p for p, _ in sums.values()), now - sum(r for _, r in sums.values())]  # fmt: skip
    return tuple(ChannelVisits(name, round(plan, 2), round(real, 2), round((real - plan) * each, 2)) for name, (plan, real) in sums.items())  # fmt: skip


def _with(
    state: BookState, made: Review, rows: Sequence[dict[str, object]]
) -> tuple[BookState, list[Problem]]:
    """Return the book with a review and its 补差计划, and what found no room."""
    now = [Gap(**{name: str(row[name]) for name in ("metric", "target", "actual", "band", "action", "owner", "due")}, period=made.label, scope=made.scope) for row in rows]  # fmt: skip
    old = review_of(state)
    there = [Gap(**row) for row in state.own.get(GAPS, [])]
    gaps, full = merged_gaps(there, old.proposed if old else {}, now)
    made = replace(made, proposed={gap.key: gap.proposal for gap in now})
    if len(as_text(made)) > _ROOM:  # hundreds of stores: last year as one
        made = replace(made, last_year=())
    kept = [{name: getattr(gap, name) for name in Gap.__dataclass_fields__} for gap in gaps]
    after = with_review(state.with_own({GAPS: kept}), made)
    what = f"补差计划放满了，最早的 {full} 行不再保留"
    return after, [Problem(Where(sheet=REVIEW), what, Level.INFO, "做完的行选 √，或删去", "gaps-full")] if full else []  # fmt: skip


def _lines(read: BookRead, state: BookState) -> list[str]:
    """Return the sentences of the sheet, as they will stand there."""
    from xlplan.sheets import SHEETS
    from xlplan.sheets.base.sheet import new_view
    from xlplan.sheets.review.blocks import review_cells
    from xlplan.sheets.review.layout import SAID, review_as_built

    year = state.year
    at = review_as_built(year.stores, year.scopes, year.metrics)
    view = new_view(state, SHEETS)
    view = View(state, read.at, view.scopes, view.there)
    cells = review_cells(view, at)
    texts = [cells[at.spot(f"say:{number}", 1)].value for number in range(1, SAID + 1)]
    return [str(text) for text in (cells[at.spot("about", 1)].value, *texts) if text]


def against_last_year(state: BookState, mine: Standing, span: Period) -> dict[str, float] | None:
    """Return last year's comparable days, the shift from its same dates, and the growth; None without it."""
    return _year_facts(last_year_of(state, mine, span))


def _year_facts(past: LastYear | None) -> dict[str, float] | None:
    if past is None:
        return None
    before, now = sum(one.before for one in past.segments), sum(one.now for one in past.segments)
    return {"comparable": round(before, 2), "actual": round(now, 2), "shift": past.shift, "growth": round(now / before - 1, 4), **{name: round(value, 2) for name, value in bridge_steps(past.segments).items()}}  # fmt: skip


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
        "actions": rows,
    }  # fmt: skip


def _table(rows: Sequence[dict[str, object]]) -> list[list[str]]:
    heads = {"metric": "未达标", "target": "目标", "actual": "实际", "band": "状态", "action": "补差计划", "owner": "负责人", "due": "日期"}  # fmt: skip
    return [list(heads.values()), *([str(row[key]) for key in heads] for row in rows)] if rows else []  # fmt: skip
