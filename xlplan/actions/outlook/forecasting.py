"""预测: where month, quarter and year will land, what is missing, and how good earlier ones were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.outlook.forecast_log import issued_of, with_issued
from xlplan.actions.outlook.foreseeing import RECENT, Outlook, foreseen, recent
from xlplan.actions.outlook.standing import from_tomorrow, standings
from xlplan.actions.run.apply import apply
from xlplan.actions.run.outcome import Outcome
from xlplan.errors import InputError, Level, Problem, Where
from xlplan.plan.outlook.saleshistory import joined
from xlplan.plan.outlook.scoring import Issued, scores
from xlplan.plan.reforecast import Pace, uv_to_go
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.hidden.forecasts import months_over
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from xlplan.actions.outlook.standing import Standing
    from xlplan.cells import Book
    from xlplan.plan.days.periods import Period
    from xlplan.plan.outlook.scoring import Score
    from xlplan.sheets.state.book import BookState

__all__ = ["RECENT", "Outlook", "forecast", "foreseen", "outlook_facts", "pace_lines", "recent", "scored", "spend_lines", "uv_lines"]  # fmt: skip

_NONE = "—"


def forecast(  # noqa: PLR0913  # the options of one dialog
    book: Book | None,
    *,
    as_of: date | None = None,
    dry_run: bool = False,
    backtest: Path | None = None,
    events: Path | None = None,
    closed: Path | None = None,
) -> Outcome:
    """Foresee month, quarter and year of every store, and keep what was foreseen in the book.

    Args:
        book: The plan book; not needed for a backtest.
        as_of: Last day to look at; the last one with actuals by default.
        dry_run: Do not keep it.
        backtest: A file of daily sales: how well month ends would have been foreseen on it.
        events: Campaigns of the backtest.
        closed: Closed days of the backtest.

    Raises:
        InputError: No actuals, or a day outside the year; a file of the backtest cannot be read.
    """
    if backtest is not None:
        from xlplan.actions.outlook.backtesting import backtested

        return backtested(backtest, events, closed)
    if events or closed:
        raise InputError("--events 和 --closed 要与 --backtest 一起用", "计划表里的活动、停业在“活动”“日历”里")  # fmt: skip
    if book is None:
        raise InputError("没有给计划表", "xlplan forecast 计划表.xlsx，或 --backtest 每日销售.csv")
    read = read_state(book)
    made = [foreseen(read.state, each) for each in standings(read.state, as_of)]
    issued = [row for each in made for row in _issued(each)]
    state, dropped = with_issued(read.state, issued)
    changed = 0
    if issued and not dry_run:
        note = f"截止 {made[0].standing.as_of} 的预测 {len(issued)} 条"
        changed = apply(book, read, state, [LogRow(action="预测", note=note)])
    marks = scored(state)
    problems = [*from_tomorrow(made[0].standing.as_of), *_problems(made), *dropped]
    return Outcome(
        _title(made[0]),
        [*_lines(made[0]), *_score_lines(marks)],
        problems,
        _facts(made, marks),
        changed,
        _table(made),
    )


def uv_lines(standing: Standing, month: Period) -> dict[str, float]:
    """Return 本月所需UV and 缺口 by the plan's ratios and by the recent ones (NaN where unknown)."""
    inside, target = standing.inside(month), standing.target(month)
    plan = {name: standing.planned(name)[inside] for name in ("gmv", "uv", "orders")}
    total = {name: float(np.nansum(values)) for name, values in plan.items()}
    so_far = float(np.nansum(standing.known("uv")[inside]))
    made = dict.fromkeys(("uv_needed", "uv_gap", "uv_needed_rest", "uv_short_rest"), float("nan"))
    if total["uv"] > 0 and total["orders"] > 0 and target == target:  # noqa: PLR0124 - NaN test
        cvr, aov = total["orders"] / total["uv"], total["gmv"] / total["orders"]
        made["uv_needed"], made["uv_gap"] = uv_to_go(target, cvr, aov, uv_so_far=so_far)
    now = recent(standing)
    if now["cvr"] * now["aov"] > 0 and target == target:  # noqa: PLR0124 - NaN test
        known = float(np.nansum(standing.sales[inside]))
        rest, _ = uv_to_go(target, now["cvr"], now["aov"], actual=known)
        planned = float(np.nansum(standing.planned("uv")[max(standing.count, inside.start) : inside.stop]))  # fmt: skip
        made["uv_needed_rest"], made["uv_short_rest"] = rest, rest - planned
    return made


def spend_lines(standing: Standing, month: Period) -> dict[str, float]:
    """Return promotion money of the month: spent, planned, and what the rest takes at today's 费比."""
    inside, target = standing.inside(month), standing.target(month)
    spent, planned = (float(np.nansum(each[inside])) for each in standing.spend)
    rest = max(target - float(np.nansum(standing.sales[inside])), 0.0)
    needed = rest * recent(standing)["spend_ratio"]
    return {"spent": spent, "planned": planned, "needed_rest": needed, "short": needed - (planned - spent)}  # fmt: skip


def _issued(made: Outlook) -> list[Issued]:
    if "month" not in made.landings:
        return []
    period, landing = made.landings["month"]
    target = made.standing.target(period)
    chance = landing.chance(target) if target == target else float("nan")  # noqa: PLR0124
    return [Issued(made.standing.scope, period.first.month, made.standing.as_of, landing.low, landing.middle, landing.high, target, chance)]  # fmt: skip


def scored(state: BookState) -> list[Score]:
    """Return how good the forecasts kept in a book were, months over only."""
    return scores(issued_of(state), months_over(state.year))


def _title(made: Outlook) -> str:
    if made.lack:
        return f"{made.standing.scope}：{made.lack}"
    period, landing = made.landings["month"]
    target = made.standing.target(period)
    if target != target:  # noqa: PLR0124 - NaN test
        return f"{period.label}预计 {landing.middle:,.0f}（没有月目标）"
    return f"{period.label}预计 {landing.middle:,.0f}，目标 {target:,.0f}，达成概率 {landing.chance(target):.0%}"  # fmt: skip


def _lines(made: Outlook) -> list[str]:
    standing = made.standing
    lines = [f"截止 {standing.as_of}，{standing.scope}"]
    if made.pace:
        lines += pace_lines(made.pace, made.month)
    for period, landing in made.landings.values():
        lines.append(f"{period.label}：{landing.low:,.0f} ～ {landing.middle:,.0f} ～ {landing.high:,.0f}（80% 区间），已有 {landing.known:,.0f}，余 {landing.days_left} 天")  # fmt: skip
    if made.year:
        lines.append(f"全年：{made.year.low:,.0f} ～ {made.year.middle:,.0f} ～ {made.year.high:,.0f}{_year_chance(made)}；{made.year.note}")  # fmt: skip
    uv, spend = uv_lines(standing, made.month), spend_lines(standing, made.month)
    if uv["uv_needed"] == uv["uv_needed"]:
        lines.append(f"本月所需UV（按计划转化率、客单价）{uv['uv_needed']:,.0f}，缺口 {uv['uv_gap']:,.0f}")  # fmt: skip
    if uv["uv_needed_rest"] == uv["uv_needed_rest"]:
        lines.append(f"余下所需UV（按近 {RECENT} 天转化率、客单价）{uv['uv_needed_rest']:,.0f}，比余下计划多 {uv['uv_short_rest']:,.0f}")  # fmt: skip
    if spend["needed_rest"] == spend["needed_rest"]:
        lines.append(f"推广费：已花 {spend['spent']:,.0f}，计划 {spend['planned']:,.0f}；按近况费比余下要 {spend['needed_rest']:,.0f}，缺 {max(spend['short'], 0):,.0f}")  # fmt: skip
    return lines


def _year_chance(made: Outlook) -> str:
    target = float(np.nansum(made.standing.plan))
    return (
        f"，目标 {target:,.0f}，达成概率 {made.year.chance(target):.0%}"
        if made.year and target > 0
        else ""
    )


def pace_lines(made: Pace, period: Period) -> list[str]:
    """Return a period's progress in words."""
    lines = []
    if made.days_known:
        lines.append(f"{period.label}已过 {made.days_known} 天：实际 {made.actual:,.0f}，同样这些天的目标 {made.plan_to_date:,.0f}（{made.attainment:.1%}）")  # fmt: skip
    if made.days_missing:
        lines.append(f"{period.label}中间缺 {made.days_missing} 天实际，没有当作 0")
    if made.stretch == made.stretch:
        lines.append(f"单位权重值：至今 {made.unit_actual:,.2f}，余下 {made.days_left} 天要 {made.unit_required:,.2f}（{made.stretch:.2f} 倍）")  # fmt: skip
    return lines


def _score_lines(marks: Sequence[Score]) -> list[str]:
    return [
        f"{each.store} 以往 {each.count} 次预测：平均误差 {each.error:.1%}，偏差 {each.bias:+.1%}，区间含住 {each.hits:.0%}"
        for each in marks
    ]


def _problems(made: Sequence[Outlook]) -> list[Problem]:
    found = [
        Problem(Where(), f"{each.standing.scope}：{each.lack}", Level.WARNING, "补上实际后再预测", "history-short")
        for each in made
        if each.lack
    ]  # fmt: skip
    ahead = made[0].standing
    names = [
        d.name for d in ahead.weights.doubts if not d.expected and max(d.places) >= ahead.count
    ]
    if names:
        what = f"活动没有预期倍数：{joined(list(dict.fromkeys(names)))}；按平日计，没有猜"
        found.append(Problem(Where(sheet="活动"), what, Level.WARNING, "在“活动”里写上预期倍数", "lift-missing"))  # fmt: skip
    return found


def _table(made: Sequence[Outlook]) -> list[list[str]]:
    rows = [["店铺", "低", "中", "高", "月目标", "达成概率"]]
    for each in made:
        if "month" not in each.landings:
            rows.append([each.standing.scope, *[_NONE] * 5])
            continue
        period, landing = each.landings["month"]
        target = each.standing.target(period)
        known = target == target  # noqa: PLR0124 - NaN test
        told = [f"{target:,.0f}", f"{landing.chance(target):.0%}"] if known else [_NONE, _NONE]
        rows.append([each.standing.scope, *(f"{v:,.0f}" for v in (landing.low, landing.middle, landing.high)), *told])  # fmt: skip
    return rows


def _facts(made: Sequence[Outlook], marks: Sequence[Score]) -> dict[str, object]:
    return {
        "as_of": str(made[0].standing.as_of),
        "forecast": {each.standing.scope: outlook_facts(each) for each in made},
        "scores": [{"store": m.store, "n": m.count, "error": round(m.error, 4), "bias": round(m.bias, 4), "coverage": round(m.hits, 4)} for m in marks],
    }  # fmt: skip


def outlook_facts(made: Outlook) -> dict[str, object]:
    """Return one scope foreseen, for machines; what cannot be said is absent or None."""
    told: dict[str, object] = {"month": made.month.label, "lacking": made.lack or None}
    for name, (period, landing) in made.landings.items():
        target = made.standing.target(period)
        known = target == target  # noqa: PLR0124 - NaN test
        told[f"{name}_end"] = {
            "period": period.label, "low": round(landing.low, 2), "middle": round(landing.middle, 2), "high": round(landing.high, 2),
            "known": round(landing.known, 2), "days_left": landing.days_left,
            "target": round(target, 2) if known else None, "chance": round(landing.chance(target), 4) if known else None,
        }  # fmt: skip
    if made.year:
        told["year_end"] = {"low": round(made.year.low, 2), "middle": round(made.year.middle, 2), "high": round(made.year.high, 2), "chance": round(made.year.chance(float(np.nansum(made.standing.plan))), 4), "basis": made.year.basis, "growth": round(made.year.growth, 4)}  # fmt: skip
    if made.pace:
        told["pace"] = clean({name: getattr(made.pace, name) for name in ("target", "actual", "plan_to_date", "attainment", "days_known", "days_left", "days_missing", "unit_actual", "unit_required", "stretch", "run_rate", "gap")})  # fmt: skip
    told["uv"] = clean(uv_lines(made.standing, made.month))
    told["spend"] = clean(spend_lines(made.standing, made.month))
    return told


def clean(values: dict[str, float]) -> dict[str, float | None]:
    """Return numbers fit for JSON: rounded, None for what is not known."""
    return {
        name: round(value, 4) if np.isfinite(value) else None for name, value in values.items()
    }
