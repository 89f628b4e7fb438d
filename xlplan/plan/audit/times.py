"""The same metric at several times.

Days × daily (R2), unstated times (R3), a value typed twice (R4), parts of the year that
must add up, and the day-count convention (R15).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.errors import Level, Problem
from xlplan.plan.audit.case import (
    QUARTERS,
    Case,
    Days,
    Figure,
    FigureAt,
    View,
    apart,
    cite,
    event_name,
    figure,
    level_of,
    period_name,
    total,
)
from xlplan.plan.targets.claims import MONTHS, Claim, Kind, Span
from xlplan.plan.targets.measures import PARTS, adds, label_of, number, show

if TYPE_CHECKING:
    from collections.abc import Iterator

_FINE = (Span.DAY, Span.WEEK)


def unstated(case: Case) -> Iterator[Problem]:
    """R3: a figure without its time, or a campaign's traffic without 每日 or 合计."""
    for claim in case.claims:
        if claim.kind is not Kind.TARGET or not adds(claim.metric):
            continue
        if claim.period is Span.NONE:
            what = f"{label_of(claim.metric)} {cite(claim)} 没写周期，按全年理解"
            yield Problem(claim.where, what, Level.INFO, "在“周期”列写 年、3月 或 每日", "R3")
        elif claim.period is Span.EVENT and claim.metric == "uv" and not claim.basis:
            yield _campaign(case, claim)


def _campaign(case: Case, claim: Claim) -> Problem:
    view = case.view(claim.store, claim.scope, claim.year, Kind.TARGET)
    daily = _typical_days(view)
    readings = [f"若为每日，是{text}的 {claim.value / value:.1f} 倍" for text, value in daily]
    if (annual := view.annual("uv")) and annual.value > 0:
        share = claim.value / annual.value
        readings.append(f"若为活动期间合计，只占{annual.text}的 {share:.1%}")
    name = event_name(claim.index)
    what = f"{name} {figure(claim).text} 没写是每日还是合计：{'；'.join(readings)}"
    return Problem(claim.where, what, Level.WARNING, "在“口径”列写 每日 或 合计", "R3")


def _typical_days(view: View) -> list[tuple[str, float]]:
    found = []
    if (day := view.typed("uv", Span.DAY)) and day.value > 0:
        found.append((f"每日{day.text}", day.value))
    if (year := view.typed("uv")) and year.value > 0:
        value = year.value / view.days.of(Span.YEAR)
        found.append((f"{year.text}折合每日 {value:,.0f} ", value))
    return found


def doubles(case: Case) -> Iterator[Problem]:
    """R4: the same quantity typed twice with two values."""
    for view in case.views:
        for claims in view.cells.values():
            yield from _differing(case, claims)
    for store, year in dict.fromkeys((claim.store, claim.year) for claim in case.claims):
        claims = case.ad_claims(store, year)
        if len({claim.metric for claim in claims}) > 1:
            yield from _differing(case, claims)


def _differing(case: Case, claims: list[Claim]) -> Iterator[Problem]:
    first = claims[0]
    for other in claims[1:]:
        if not figure(first).agrees(figure(other), case.tolerance):
            ratio = apart(other.value, first.value)
            what = (
                f"{first.store}{period_name(first.period, first.index)}{label_of(first.metric)}"
                f"写了两个数：{cite(first)} 与 {cite(other)}，{ratio}"
            )
            yield Problem(other.where, what, Level.ERROR, "只留一个，或写明各自的范围", "R4")


def day_sums(case: Case) -> Iterator[Problem]:
    """R2: a daily (or weekly) figure × its days equals the month's and the year's."""
    for view in case.plans():
        for metric in filter(adds, view.metrics()):
            thirty = bool(_thirty_months(view, metric))
            for fine, coarse, days in _pairs(view, metric, thirty=thirty):
                if coarse.value > 0 and not fine.agrees(coarse, case.tolerance):
                    yield _day_clash(view, metric, fine, coarse, days)


def _pairs(
    view: View, metric: str, *, thirty: bool
) -> Iterator[tuple[Figure, Figure, tuple[Span, int]]]:
    """Yield (days added up, what was typed for them, time)."""
    if year := view.typed(metric):
        for fine in view.year_sums(metric):
            if fine.claims[0].period in _FINE and not (thirty and fine.claims[0].index):
                yield fine, year, (Span.YEAR, 0)
    for month in MONTHS:
        day = view.typed(metric, Span.DAY, month)
        typed = view.typed(metric, Span.MONTH, month)
        if day and typed and not thirty:
            days = view.days.of(Span.MONTH, month)
            text = f"{month}月每日{day.text} × {days:.0f}天"
            yield total([day.times(days)], text), typed, (Span.MONTH, month)


def _day_clash(
    view: View, metric: str, fine: Figure, coarse: Figure, when: tuple[Span, int]
) -> Problem:
    days = view.days.of(*when)
    what = (
        f"{view.name}{fine.text} = {show(fine.value, metric)}，与{period_name(*when)}"
        f"{coarse.text}{apart(fine.value, coarse.value)}"
    )
    remedy = (
        f"要一致：每日 {coarse.value / days:,.0f}，或{period_name(*when)}{label_of(metric)} "
        f"{show(fine.value, metric)}{_implied_sales(view, metric, fine)}"
    )
    return Problem(coarse.claims[0].where, what, level_of(fine.value, coarse.value), remedy, "R2")


def _implied_sales(view: View, metric: str, fine: Figure) -> str:
    cvr, aov = view.typed("cvr"), view.typed("aov")
    if metric != "uv" or not cvr or not aov:
        return ""
    sales = show(fine.value * cvr.value * aov.value, "gmv")
    return f"（那样按{cvr.text}、{aov.text}，销售额会是 {sales}）"


def year_sums(case: Case) -> Iterator[Problem]:
    """time_sum: months add up to their quarter, quarters and months to the year."""
    for view in case.plans():
        for metric in filter(adds, view.metrics()):
            for parts, whole in _sums(view, metric):
                if not parts.agrees(whole, case.tolerance) and whole.value:
                    yield _sum_clash(view, metric, parts, whole)
            yield from _missing_months(view, metric)


def _sums(view: View, metric: str) -> Iterator[tuple[Figure, Figure]]:
    if year := view.typed(metric):
        for parts in view.year_sums(metric):
            if parts.claims[0].period not in _FINE:
                yield parts, year
    for quarter in QUARTERS:
        whole = view.typed(metric, Span.QUARTER, quarter)
        months = view.series(metric, Span.MONTH, range(quarter * 3 - 2, quarter * 3 + 1))
        if whole and months:
            name = f"{quarter * 3 - 2}–{quarter * 3}月{label_of(metric)}合计"
            value = show(sum(item.value for item in months), metric)
            yield total(months, f"{name} {value}"), whole


def _sum_clash(view: View, metric: str, parts: Figure, whole: Figure) -> Problem:
    claim = whole.claims[0]
    gap = whole.value - parts.value
    what = (
        f"{view.name}{parts.text}，与{period_name(claim.period, claim.index)}{whole.text}"
        f"{apart(parts.value, whole.value)}"
    )
    side = "少" if gap > 0 else "多"
    remedy = f"各期{side}了 {show(abs(gap), metric)}；或把{label_of(metric)}改为 {show(parts.value, metric)}"
    return Problem(claim.where, what, level_of(parts.value, whole.value), remedy, "time_sum")


def _missing_months(view: View, metric: str) -> Iterator[Problem]:
    given = [month for month in MONTHS if view.typed(metric, Span.MONTH, month)]
    if not 0 < len(given) < len(MONTHS) or view.annual(metric):
        return
    lacking = "、".join(f"{month}月" for month in MONTHS if month not in given)
    first = view.cells[FigureAt(metric, Span.MONTH, given[0])][0]
    what = f"{view.name}{label_of(metric)}缺 {lacking}，又没写全年，合不出年度目标"
    yield Problem(first.where, what, Level.WARNING, "补上缺的月份，或写全年", "months_missing")


def year_ratios(case: Case) -> Iterator[Problem]:
    """ratio_range: a year's ratio lies between the lowest and highest of its twelve months."""
    for view in case.plans():
        for metric in view.metrics():
            year = view.typed(metric)
            months = view.series(metric, Span.MONTH, MONTHS)
            if year and months and metric in (*PARTS, "aov", "roi", "shop_roi"):
                yield from _outside(view, metric, year, months)


def _outside(view: View, metric: str, year: Figure, months: list[Figure]) -> Iterator[Problem]:
    low, high = min(item.low for item in months), max(item.high for item in months)
    if year.high < low or year.low > high:
        span = f"{show(low, metric)}～{show(high, metric)}"
        what = f"{view.name}全年{year.text}不在各月 {span} 之间，加权平均不可能得到它"
        yield Problem(
            year.claims[0].where, what, Level.WARNING, f"填 {span} 之间的数", "ratio_range"
        )


def possible(case: Case) -> Iterator[Problem]:
    """Range: shares and rates lie between 0 and 100%, nothing typed is negative."""
    for claim in case.claims:
        part = claim.kind is Kind.SHARE or (claim.kind is Kind.TARGET and claim.metric in PARTS)
        if claim.value < 0 and claim.kind is not Kind.GROWTH:
            what = f"{claim.label or label_of(claim.metric)} {cite(claim)} 是负数"
            yield Problem(claim.where, what, Level.ERROR, "填正数", "range")
        elif part and claim.value > 1:
            what = f"{claim.label or label_of(claim.metric)} {cite(claim)} 即 {claim.value:.0%}，超过 100%"
            slip = f"想写的是 {number(claim.value)}% 吗？请带上“%”"
            remedy = "改到 100% 以内" if "%" in claim.text else slip
            yield Problem(claim.where, what, Level.ERROR, remedy, "range")


def _thirty_months(view: View, metric: str) -> list[tuple[int, Figure, Figure]]:
    """Return (month, daily, monthly) when they were divided by 30 and not by real days."""
    found = []
    for month in MONTHS:
        day = view.typed(metric, Span.DAY, month)
        whole = view.typed(metric, Span.MONTH, month)
        if day and whole and day.value > 0 and whole.value > 0:
            found.append((month, day, whole))
    real = Days(view.key.year)
    thirty = all(abs(30 * day.value / whole.value - 1) < 0.01 for _, day, whole in found)
    wrong = any(
        abs(real.of(Span.MONTH, month) * day.value / whole.value - 1) > 0.01
        for month, day, whole in found
    )
    return found if thirty and wrong else []


def day_counts(case: Case) -> Iterator[Problem]:
    """R15: months divided by 30 lose or gain days; say how much against real days."""
    for view in case.plans():
        for metric in filter(adds, view.metrics()):
            if months := _thirty_months(view, metric):
                yield _convention(case, view, metric, months)


def _convention(
    case: Case, view: View, metric: str, months: list[tuple[int, Figure, Figure]]
) -> Problem:
    real = Days(view.key.year)
    planned = sum(whole.value for _, _, whole in months)
    lived = sum(day.value * real.of(Span.MONTH, month) for month, day, _ in months)
    worst = min(months, key=lambda item: real.of(Span.MONTH, item[0]))[0]
    short = real.of(Span.MONTH, worst) / 30 - 1
    what = (
        f"{view.name}日{label_of(metric)}是按每月 30 天算的：按 {view.key.year} 年真实天数合计 "
        f"{show(lived, metric)}，比各月目标 {show(planned, metric)} {lived / planned - 1:+.1%}"
        f"（{worst}月 {short:+.1%}）"
    )
    level = Level.INFO if case.days.thirty else Level.WARNING
    remedy = "把天数口径设为“每月30天”，或用 月目标÷当月天数 重算日目标"
    return Problem(months[0][1].claims[0].where, what, level, remedy, "R15")
