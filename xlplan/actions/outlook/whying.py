"""为什么: one deterministic answer why a period is over or under its target, with cells."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.change.selecting import find_stores
from xlplan.actions.outlook.compared import Sides, cell_of, sides
from xlplan.actions.outlook.forecasting import foreseen
from xlplan.actions.outlook.standing import Standing, from_tomorrow, month_at, standings
from xlplan.actions.run.outcome import Outcome
from xlplan.errors import InputError, PlanError
from xlplan.plan.days.periods import Period, months, parse_period
from xlplan.plan.year import TOTAL
from xlplan.regex import regex
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from xlplan.cells import Book
    from xlplan.plan.explain.reasons import Part, Reasons
    from xlplan.plan.year import Year
    from xlplan.sheets.state.read import BookRead

#: Bytes of an answer as JSON.
MOST_BYTES = 4096
#: Row of 年度规划 that shows what a part is about.
_ROWS = {"UV": "uv", "转化率": "cvr", "客单价": "aov", "退款": "refund_rate"}
_ABOUT = regex(r"(\d{1,2}月\d{1,2}[日号]|(?<!\d)\d{1,2}月(?:份)?|[qQ][1-4]|第?[一二三四1-4]季度?|[上下]半年|全年|今年|本年|本月|这个月|上月|上个月|第\d{1,2}周)")  # fmt: skip
_SHOWN = 5


def why(
    book: Book, *, question: str = "", period: str = "", store: str = "", as_of: date | None = None
) -> Outcome:
    """Say why a period is over or under its target: parts that add up to the gap, each with its cell.

    Only days with actuals are compared, with the target of the same days.

    Args:
        book: The plan book.
        question: As people ask it, such as ``9月为什么没达标``; period and store are found in it.
        period: The period, if the question does not say; the last month with actuals otherwise.
        store: The store; all together otherwise.
        as_of: Last day to look at; the last one with actuals by default.

    Raises:
        InputError: No actuals, no target, or a period or store that cannot be understood.
    """
    read = read_state(book)
    year = read.state.year
    made = standings(read.state, as_of)
    scope = _scope(year, store, question)
    span = _span(year, made[0], period, question)
    both = sides(made, span, scope)
    if not both.known:
        raise InputError(f"{span.label}还没有实际，说不出为什么", "选有实际的期间，或先导入实际")
    if not both.before["gmv"].sum() > 0:
        raise InputError(f"{span.label}没有目标，没有可以比的", "先写年度目标并分解")
    answer = _answer(read, made, both, scope)
    return Outcome(_title(both, scope), _lines(answer), from_tomorrow(made[0].as_of), answer, table=_table(answer))  # fmt: skip


def _scope(year: Year, store: str, question: str) -> str:
    if store.strip():
        found = find_stores(store, year)
        if len(found) > 1 and len(found) < len(year.stores):
            raise InputError(f"一次只说一家店或合计，这里有 {len(found)} 家", "写一家店名，或留空看合计")  # fmt: skip
        return found[0] if len(found) == 1 else TOTAL
    named = [name for name in year.stores if name in question]
    longest = max(named, key=len, default="")
    return longest or (TOTAL if len(year.stores) > 1 else year.stores[0])


def _span(year: Year, whole: Standing, period: str, question: str) -> Period:
    if period.strip():
        return parse_period(period, year.calendar)
    last = months(year.year, whole.as_of.month, whole.as_of.month)
    found = _ABOUT.search(question)
    if not found:
        return _campaign(year, question) or last
    text = found[0].replace("份", "")
    if text in ("本月", "这个月"):
        return last
    if text in ("上月", "上个月"):
        if whole.as_of.month == 1:
            raise InputError("上月在去年，不在这份计划里", f"选 {year.year} 年的月份")
        return months(year.year, whole.as_of.month - 1, whole.as_of.month - 1)
    return parse_period({"今年": "全年", "本年": "全年"}.get(text, text), year.calendar)


def _campaign(year: Year, question: str) -> Period | None:
    """Return the days of a campaign that a question names."""
    names = sorted({e.name for e in year.calendar.events if e.enabled}, key=len, reverse=True)
    for name in names:
        if name in question:
            try:
                return parse_period(name, year.calendar)
            except PlanError:
                return None
    return None


def _answer(
    read: BookRead, made: Sequence[Standing], both: Sides, scope: str
) -> dict[str, object]:
    """Return the answer for machines; cut to `MOST_BYTES` by what matters least."""
    found, span = both.why(), both.period
    inside = made[0].inside(span)
    events = read.state.year.calendar.days["event"].to_numpy()[inside]
    answer: dict[str, object] = {
        "period": span.label, "store": scope, "as_of": str(made[0].as_of),
        "target": round(found.start, 2), "actual": round(found.end, 2), "gap": round(found.gap, 2),
        "attainment": round(found.end / found.start, 4),
        "days": {"known": both.known, "past": both.days, "missing": both.missing},
        "target_whole": None if np.isnan(both.whole) else round(both.whole, 2),
        "cells": {"target": cell_of(read, "gmv_target", span, scope), "actual": cell_of(read, "gmv_net", span, scope)},
        "parts": _told(read, found.parts, found.gap, span, scope),
        "main": found.main.name if found.main else None,
        "text": found.text(),
        "stores": [_part(part, found.gap) for part in both.by_store()] if len(both.stores) > 1 else [],
        "campaigns": [_part(part, found.gap) for part in both.by_campaign([str(e) for e in events])],
        "refund": _refund(read, found, both, scope),
        "outlook": _outlook(read, made, span, scope),
    }  # fmt: skip
    return _cut(answer)


def _told(
    read: BookRead, parts: Sequence[Part], gap: float, span: Period, scope: str
) -> list[dict[str, object]]:
    """Return the parts in fen; what rounding leaves goes to the largest."""
    cents = [round(part.amount, 2) for part in parts]
    if cents:
        at = max(range(len(parts)), key=lambda i: abs(cents[i]))
        cents[at] = round(cents[at] + round(gap, 2) - sum(cents), 2)
    return [
        {
            "name": part.name,
            "amount": amount,
            "share": round(amount / gap, 4) if abs(gap) >= 0.01 else None,
            "note": part.note,
            "cell": cell_of(read, _ROWS.get(part.name, "gap"), span, scope),
        }
        for part, amount in zip(parts, cents, strict=True)
    ]


def _part(part: Part, gap: float) -> dict[str, object]:
    return {"name": part.name, "amount": round(part.amount, 2), "share": round(part.amount / gap, 4) if abs(gap) >= 0.01 else None}  # fmt: skip


def _refund(read: BookRead, found: Reasons, both: Sides, scope: str) -> dict[str, object] | None:
    if np.isnan(found.refund):
        return None
    return {
        "amount": round(found.refund, 2),
        "net_gap": round(found.gap + found.refund, 2),
        "immature_days": both.immature,
        "cell": cell_of(read, "refund_rate", both.period, scope),
    }


def _outlook(
    read: BookRead, made: Sequence[Standing], span: Period, scope: str
) -> dict[str, object] | None:
    """Return where the period will land, when it is the month under way."""
    mine = next(each for each in made if each.scope == scope)
    if month_at(mine) != Period(span.first, span.last, month_at(mine).label):
        return None
    made_out = foreseen(read.state, mine)
    if "month" not in made_out.landings:
        return {"lacking": made_out.lack}
    landing = made_out.landings["month"][1]
    target = mine.target(span)
    chance = None if np.isnan(target) else round(landing.chance(target), 4)
    return {"low": round(landing.low, 2), "middle": round(landing.middle, 2), "high": round(landing.high, 2), "chance": chance}  # fmt: skip


def _cut(answer: dict[str, object]) -> dict[str, object]:
    """Keep the answer within `MOST_BYTES`: the small ends of long lists are joined into one line."""
    for most in (12, 8, 5, 3, 1):
        if len(json.dumps(answer, ensure_ascii=False).encode()) <= MOST_BYTES - 600:
            break
        for key in ("stores", "campaigns", "parts"):
            answer[key] = _joined(answer[key], most)  # type: ignore[arg-type]
    return answer


def _joined(parts: list[dict[str, object]], most: int) -> list[dict[str, object]]:
    if len(parts) <= most + 1:
        return parts
    amounts = [float(str(part["amount"])) for part in parts]
    largest = sorted(range(len(parts)), key=lambda place: -abs(amounts[place]))[:most]
    kept = [parts[place] for place in sorted(largest)]
    rest = [amounts[place] for place in range(len(parts)) if place not in largest]
    total = round(sum(rest), 2)
    return [*kept, {"name": f"其余 {len(rest)} 项", "amount": total, "share": None}]


def _title(both: Sides, scope: str) -> str:
    found = both.why()
    return f"{both.period.label} {scope}：{found.text()}"


def _lines(answer: dict[str, object]) -> list[str]:
    days: dict[str, object] = answer["days"]  # type: ignore[assignment]
    lines = [
        f"有实际的 {days['known']} 天：目标 {answer['target']:,.0f}，实际 {answer['actual']:,.0f}，差 {answer['gap']:+,.0f}（达成 {answer['attainment']:.1%}）"
    ]
    missing: dict[str, int] = days["missing"]  # type: ignore[assignment]
    if missing:
        named = "、".join(f"{name} {count} 天" for name, count in list(missing.items())[:_SHOWN])
        lines.append(f"缺实际、没有当作 0：{named}")
    for key, word in (("stores", "按店铺"), ("campaigns", "按活动")):
        parts: list[dict[str, object]] = answer[key]  # type: ignore[assignment]
        if parts:
            named = "、".join(f"{part['name']} {part['amount']:+,.0f}" for part in parts[:_SHOWN])
            lines.append(f"{word}：{named}")
    refund: dict[str, object] | None = answer["refund"]  # type: ignore[assignment]
    if refund:
        young = (
            f"；最近 {refund['immature_days']} 天的退款还会增加" if refund["immature_days"] else ""
        )
        lines.append(
            f"退款另计 {refund['amount']:+,.0f}，扣掉后净差 {refund['net_gap']:+,.0f}{young}"
        )
    outlook: dict[str, float] | None = answer["outlook"]  # type: ignore[assignment]
    if outlook and "middle" in outlook:
        chance = "" if outlook["chance"] is None else f"，达成概率 {outlook['chance']:.0%}"
        lines.append(
            f"月末预计 {outlook['low']:,.0f} ～ {outlook['middle']:,.0f} ～ {outlook['high']:,.0f}{chance}"
        )
    return lines


def _table(answer: dict[str, object]) -> list[list[str]]:
    rows = [["因素", "影响", "占差额", "说明", "看哪一格"]]
    parts: list[dict[str, object]] = answer["parts"]  # type: ignore[assignment]
    for part in parts:
        share = "" if part["share"] is None else f"{part['share']:.0%}"
        rows.append([str(part["name"]), f"{part['amount']:+,.0f}", share, str(part.get("note", "")), str(part.get("cell", ""))])  # fmt: skip
    rows.append(["合计", f"{answer['gap']:+,.0f}", "", "", answer["cells"]["actual"]])  # type: ignore[index]
    return rows
