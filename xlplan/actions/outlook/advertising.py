"""推广: what each channel cost and brought, and how a budget is best shared where curves are known.

The sheet 推广 shows it by month and campaign with live formulas.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.change.selecting import find_stores
from xlplan.actions.outlook.ad_wishes import Wishes, wishes
from xlplan.actions.outlook.forecasting import clean
from xlplan.actions.outlook.standing import Standing, from_tomorrow, standings
from xlplan.actions.run.apply import apply
from xlplan.actions.run.outcome import Outcome
from xlplan.errors import InputError, Level, Problem, Where
from xlplan.plan.ads.channel_year import ChannelYear
from xlplan.plan.ads.curves import SURE
from xlplan.plan.ads.sharing import allocate_shared
from xlplan.plan.allocate import (
    Allocation,
    Curve,
    NotEnoughData,
    allocate,
    break_even_roi,
    fit_curve,
    share_short,
)
from xlplan.plan.year import TOTAL
from xlplan.sheets.ads.blocks import AD_TERMS
from xlplan.sheets.ads.record import AdsAsked, ChannelAnswer, with_ads
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.state.read import read_state
from xlplan.sources.numbers import parse_number
from xlplan.sources.text import Unread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.cells import Book
    from xlplan.metrics.channels import Channel
    from xlplan.plan.exact.units import Floats
    from xlplan.sheets.state.book import BookState

LABEL = "平台归因"
_NONE = "—"
#: Weeks over which the shares of a rule are looked at.
_WEEKS = 4


def ads(  # noqa: PLR0913  # the options of one dialog
    book: Book,
    *,
    store: str = "",
    budget: str = "",
    margin: str = "",
    min_roi: str = "",
    roi_is: str = "边际",
    floor: str = "",
    cap: str = "",
    hold: str = "",
    share: str = "",
    as_of: date | None = None,
    dry_run: bool = False,
) -> Outcome:
    """Show channels on 推广, and share a weekly budget where response curves are known.

    Args:
        book: The plan book.
        store: One store; all together otherwise (channels of several stores are not one curve).
        budget: Money a week to share; what the channels with curves cost by the week otherwise.
        margin: Gross margin, for the break-even ROI.
        min_roi: Least ROI, such as 1:2.
        roi_is: Whether that is the 边际 (last yuan) or the 平均 one.
        floor: Least weekly money by channel, such as ``直通车 5000; 钻展 1万``.
        cap: Most weekly money by channel.
        hold: Channels whose weekly money stays; with a figure, at that.
        share: A rule such as ``A类商品 60%: 直通车、全站推广``.
        as_of: Last day to look at; the last one with actuals by default.
        dry_run: Say it, write nothing.

    Raises:
        InputError: No actuals, a number, channel or rule that cannot be read.
        InfeasibleError: Floors need more than there is.
    """
    read = read_state(book)
    whole, channels = _looked_at(read.state, store, as_of)
    typed = str(read.state.own.get(AD_TERMS, {}).get("margin", ""))
    least, rate = _number(min_roi, "ROI 底线"), _number(margin or typed, "毛利率")
    wish = wishes(channels, floor, cap, hold, share)
    plan, told = _allocated(channels, _number(budget, "预算"), least, roi_is, wish)
    told += _share_lines(channels, wish)
    state = _kept(read.state, whole, (channels, plan, wish), (least, roi_is.strip(), rate), told)
    even = _break_even(whole, rate) if rate is not None else None
    changed = 0
    if not dry_run:
        note = f"看各渠道，截止 {whole.as_of}，{whole.scope}"
        changed = apply(book, read, state, [LogRow(action="推广", note=note)])
    return _outcome(whole, (channels, plan), even, told, changed)


def _outcome(
    whole: Standing,
    found: tuple[Sequence[ChannelYear], Allocation | None],
    even: float | None,
    told: Sequence[str],
    changed: int,
) -> Outcome:
    channels, plan = found
    problems = [*from_tomorrow(whole.as_of), *_refusals(channels, whole.scope)]
    lines = [f"截止 {whole.as_of}，{whole.scope}；成交与 ROI 是{LABEL}的，含本来就会来的顾客", *_even_lines(even), *told]  # fmt: skip
    facts: dict[str, object] = {
        "as_of": str(whole.as_of), "store": whole.scope, "break_even_roi": even,
        "channels": [_facts(each, plan) for each in channels],
        "allocation": _plan_facts(plan),
    }  # fmt: skip
    known = sum(channel.curve is not None for channel in channels)
    title = f"推广：{len(channels)} 个渠道，{known} 个能算边际 ROI"
    return Outcome(title, lines, problems, facts, changed, _table(channels, plan))


def _looked_at(
    state: BookState, store: str, as_of: date | None
) -> tuple[Standing, list[ChannelYear]]:
    """Return the scope that is looked at, and its channels."""
    year = state.year
    made = standings(state, as_of)
    scope = _scope(year.stores, find_stores(store, year) if store.strip() else year.stores)
    whole = next(each for each in made if each.scope == scope)
    channels = [found for c in year.metrics.channels if (found := _channel(whole, c))]
    if not channels:
        what = f"{scope} 还没有推广费的实际或计划"
        raise InputError(what, "先导入推广报表，或在年度目标写推广费")
    return whole, channels


def _scope(stores: Sequence[str], chosen: Sequence[str]) -> str:
    if len(chosen) == 1:
        return chosen[0]
    if len(chosen) == len(stores):
        return TOTAL
    raise InputError("一次看一家店或合计", "写一家店名，或留空")


def _number(text: str, what: str) -> float | None:
    found = parse_number(text)
    if isinstance(found, Unread):
        raise InputError(f"{what}“{text}”看不懂：{found.what}", "如 5万、40%、1:2")
    if found is not None and not found.value > 0:
        raise InputError(f"{what}“{text}”不是大于 0 的数", "如 5万、40%、1:2")
    return None if found is None else found.value


def _break_even(whole: Standing, margin: float) -> float:
    refund, sales = whole.known("refund_amount"), whole.sales
    ripe = max(whole.count - whole.year.settings.maturity_days, 0)
    known = ~np.isnan(refund[:ripe]) & ~np.isnan(sales[:ripe])
    total = float(sales[:ripe][known].sum())
    rate = float(refund[:ripe][known].sum()) / total if total > 0 else 0.0
    return round(break_even_roi(margin, min(max(rate, 0.0), 0.99)), 4)


def _even_lines(even: float | None) -> list[str]:
    return [] if even is None else [f"保本 ROI {even:.2f}（1 ÷（毛利率 ×（1 − 退款率）），退款率只取已成熟的日子）"]  # fmt: skip


def _channel(whole: Standing, channel: Channel) -> ChannelYear | None:
    """Return one channel; None when it neither costs nor is planned to."""
    key, label = channel.key, channel.label
    spend, planned = whole.known(f"spend_{key}"), whole.planned(f"spend_{key}")
    if not np.nansum(spend) > 0 and not np.nansum(planned) > 0:
        return None
    sales = whole.known(f"gmv_{key}")
    known = ~np.isnan(spend)
    month = whole.year.calendar.days["month"].to_numpy()
    by_month = {
        m: (float(np.nansum(spend[month == m])), float(np.nansum(planned[month == m])))
        for m in range(1, 13)
    }
    curve, refusal = _curve(whole, spend, sales, label)
    credited = known & ~np.isnan(sales)
    brought = float(sales[credited].sum()) if credited.any() else float("nan")
    return ChannelYear(key, label, float(np.nansum(spend)), float(np.nansum(planned[known])), brought, float(spend[credited].sum()), by_month, curve, refusal, float(np.nansum(spend[max(whole.count - 7 * _WEEKS, 0) : whole.count])), channel.aliases)  # fmt: skip


def _curve(
    whole: Standing, spend: Floats, sales: Floats, label: str
) -> tuple[Curve | None, NotEnoughData | None]:
    if np.isnan(sales).all():
        what = f"{label} 数据不足：没有导入{LABEL}成交，0 周，弹性无从估计"
        return None, NotEnoughData(what, "导入推广报表（带成交金额）至少 12 周", channel=label)
    weeks = _weeks(whole)
    rows = []
    for week in range(int(weeks.max()) + 1):
        mine = weeks == week
        full = mine.sum() == 7 and not np.isnan(spend[mine]).any() and not np.isnan(sales[mine]).any()  # fmt: skip
        if full:
            load = float(whole.year.calendar.days["weight"].to_numpy()[mine].mean())
            rows.append((float(spend[mine].sum()), float(sales[mine].sum()), load))
    table = np.array(rows).reshape(-1, 3)
    try:
        return fit_curve(table[:, 0], table[:, 1], channel=label, weights=table[:, 2]), None
    except NotEnoughData as refusal:
        return None, refusal


def _weeks(whole: Standing) -> np.ndarray:
    """Return the number of each day's week, Monday to Sunday, from 0."""
    first = date(whole.year.year, 1, 1).weekday()
    return np.asarray((np.arange(len(whole.sales)) + first) // 7)


def _allocated(
    channels: Sequence[ChannelYear],
    budget: float | None,
    least: float | None,
    roi_is: str,
    wish: Wishes,
) -> tuple[Allocation | None, list[str]]:
    curves = {each.label: each.curve for each in channels if each.curve}
    if not curves:
        return None, ["没有一个渠道的曲线够格，不给分配建议；各渠道缺什么见下面"]
    total = budget if budget is not None else sum(curve.past for curve in curves.values())
    average = roi_is.strip() == "平均"
    low = {name: value for name, value in wish.floor.items() if name in curves}
    high = {name: value for name, value in wish.cap.items() if name in curves}
    last, mean = (None, least) if average else (least, None)
    rule = wish.rule
    if rule is not None and 0 < sum(name in rule.channels for name in curves) < len(curves):
        made = allocate_shared(curves, total, rule, floor=low, cap=high, min_marginal_roi=last, min_average_roi=mean)  # fmt: skip
    else:
        made = allocate(curves, total, floor=low, cap=high, min_marginal_roi=last, min_average_roi=mean)  # fmt: skip
    floor = "" if least is None else f"，{'平均' if average else '边际'} ROI 不低于 {least:g}"
    lines = [
        f"每周 {total:,.0f} 元在 {len(curves)} 个够格的渠道里分{floor}：带来 {made.response:,.0f}，平均 ROI {made.average_roi:.2f}，边际 ROI {made.marginal_roi:.2f}"
    ]
    return made, lines + ([made.why_unspent] if made.why_unspent else [])


def _share_lines(channels: Sequence[ChannelYear], wish: Wishes) -> list[str]:
    """Say how much of the money of the last four weeks the favoured channels had."""
    if wish.rule is None:
        return []
    spent = {each.label: each.recent for each in channels}
    total = sum(spent.values())
    short = share_short(spent, wish.rule.channels, wish.rule.share)
    if not total > 0:
        return [f"“{wish.rule.name}”：近四周没有花费，看不出占比"]
    have = sum(spent.get(name, 0.0) for name in wish.rule.channels) / total
    much = f"，每周要挪过去 {short / _WEEKS:,.0f}" if short > 0 else "，够了"
    return [f"“{wish.rule.name}”（{'、'.join(wish.rule.channels)}）近四周占推广费 {have:.1%}，要 {wish.rule.share:.0%}{much}"]  # fmt: skip


def _kept(
    state: BookState,
    whole: Standing,
    found: tuple[Sequence[ChannelYear], Allocation | None, Wishes],
    terms: tuple[float | None, str, float | None],
    told: Sequence[str],
) -> BookState:
    """Return the book with what this look found."""
    channels, plan, wish = found
    least, least_is, rate = terms
    answers = tuple(_answer(each, plan, wish) for each in channels)
    after = with_ads(state, AdsAsked(whole.scope, whole.as_of, least, least_is, tuple(told), answers))  # fmt: skip
    if rate is None:
        return after
    return after.with_own({AD_TERMS: {"margin": rate}})


def _answer(each: ChannelYear, plan: Allocation | None, wish: Wishes) -> ChannelAnswer:
    curve, refusal = each.curve, each.refusal
    bounds = wish.floor.get(each.label), wish.cap.get(each.label), each.label in wish.held
    if refusal:
        return ChannelAnswer(each.key, None, None, None, *bounds, refusal.message, refusal.remedy)
    if curve is None:
        return ChannelAnswer(each.key, None, None, None, *bounds)
    low, high = curve.b - SURE * curve.error, curve.b + SURE * curve.error
    gate = f"够格：{curve.weeks} 周，弹性 b {curve.b:.2f}（{low:.2f}～{high:.2f}）"
    proposed = round(plan[each.label], 2) if plan else None
    return ChannelAnswer(each.key, round(curve.marginal_roi(curve.past), 4), round(curve.past, 2), proposed, *bounds, gate)  # fmt: skip


def _refusals(channels: Sequence[ChannelYear], scope: str) -> list[Problem]:
    return [
        Problem(Where(), f"{scope} {each.refusal.message}", Level.INFO, each.refusal.remedy, "ad-curve")
        for each in channels
        if each.refusal
    ]  # fmt: skip


def _facts(each: ChannelYear, plan: Allocation | None) -> dict[str, object]:
    curve, refusal = each.curve, each.refusal
    told: dict[str, object] = {
        "channel": each.label,
        **clean({"spent": each.spent, "planned": each.planned, "attributed": each.brought, "roi": each.roi}),
        "label": LABEL,
        "months": {str(m): [round(a, 2), round(b, 2)] for m, (a, b) in each.months.items() if a or b},
    }  # fmt: skip
    if curve:
        told |= {"weekly": round(curve.past, 2), "marginal_roi": round(curve.marginal_roi(curve.past), 4), "b": round(curve.b, 4), "weeks": curve.weeks}  # fmt: skip
        told["proposed_weekly"] = plan[each.label] if plan else None
    if refusal:
        told["refused"] = {"what": refusal.message, "remedy": refusal.remedy, "weeks": refusal.weeks, "weeks_needed": refusal.weeks_needed, **clean({"spread": refusal.spread, "low": refusal.low, "high": refusal.high})}  # fmt: skip
    return told


def _plan_facts(plan: Allocation | None) -> dict[str, object] | None:
    if plan is None:
        return None
    return {"weekly": dict(plan), **clean({"response": plan.response, "marginal_roi": plan.marginal_roi, "average_roi": plan.average_roi, "unspent": plan.unspent})}  # fmt: skip


def _table(channels: Sequence[ChannelYear], plan: Allocation | None) -> list[list[str]]:
    rows = [
        [
            "渠道",
            "已花",
            "同期计划",
            f"成交({LABEL})",
            "平均ROI",
            "边际ROI",
            "每周现在",
            "每周建议",
        ]
    ]
    for each in channels:
        curve = each.curve
        marginal = curve.marginal_roi(curve.past) if curve else float("nan")
        proposed = plan[each.label] if plan and curve else float("nan")
        money = (each.spent, each.planned, each.brought)
        rows.append([each.label, *(_money(v) for v in money), _roi(each.roi), _roi(marginal), _money(each.weekly), _money(proposed)])  # fmt: skip
    return rows


def _money(value: float) -> str:
    return f"{value:,.0f}" if np.isfinite(value) else _NONE


def _roi(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else _NONE
