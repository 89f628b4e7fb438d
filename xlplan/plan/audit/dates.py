"""Targets against the calendar: even splits of an uneven year (R6), days of the wrong kind (R14)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from xlplan.errors import Level, Problem, Where
from xlplan.plan.audit.case import QUARTERS, Case, Figure, View, cite
from xlplan.plan.targets.claims import MONTHS, WHOLE, Claim, Kind, Span
from xlplan.plan.targets.measures import label_of, show

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

WEEKDAYS = "一二三四五六日"
#: Campaigns that make a quarter or month unlike the others.
BIG = ("年货节", "618", "双11", "双12")
#: Parts of the year whose weights differ by less than this are even enough.
EVEN = 1.1


def seasons(case: Case) -> Iterator[Problem]:
    """R6: a year of campaigns is not split evenly."""
    for view in case.views:
        if view.key.kind is Kind.TARGET and view.key.scope == WHOLE and view.key.year == case.year:
            for period, column, indexes in (
                (Span.QUARTER, "quarter", QUARTERS),
                (Span.MONTH, "month", MONTHS),
            ):
                parts = _even(view, period, indexes, case.tolerance)
                if parts:
                    yield from _uneven(case, parts, column)


def _even(
    view: View, period: Span, indexes: Sequence[int], tolerance: float
) -> list[Figure] | None:
    """Return the parts of the year's sales when they are all alike."""
    if each := view.typed("gmv", period):
        return [each] * len(indexes) if each.value > 0 else None
    parts = view.series("gmv", period, indexes)
    if not parts:
        return None
    values = [part.value for part in parts]
    return parts if 0 < max(values) <= min(values) * (1 + tolerance) else None


def _uneven(case: Case, parts: list[Figure], column: str) -> Iterator[Problem]:
    weights = case.days_frame.groupby(column)["weight"].sum()
    if weights.max() <= EVEN * weights.min():
        return
    unit = "季度" if column == "quarter" else "月"
    whole = sum(part.value for part in parts)
    shares = weights / weights.sum()
    split = "、".join(f"{at}{unit} {show(whole * share, 'gmv')}" for at, share in shares.items())
    busy = "、".join(_campaigns(case.days_frame, column, unit))
    what = (
        f"{label_of('gmv')}按{unit}平均分（每{unit} {cite(parts[0].claims[0])}），"
        f"可一年并不平均：{busy or '各期日权重不同'}"
    )
    remedy = f"按日历权重分：{split}（合计 {show(whole, 'gmv')}）"
    yield Problem(parts[0].claims[0].where, what, Level.WARNING, remedy, "R6")


def _campaigns(days: pd.DataFrame, column: str, unit: str) -> Iterator[str]:
    """Yield 2季度有618 …: where each big campaign has most of its weight."""
    for name in BIG:
        on = days[days["event"].str.split("、").map(lambda names, name=name: name in names)]
        if len(on):
            yield f"{on.groupby(column)['weight'].sum().idxmax()}{unit}有{name}"


def dates(case: Case) -> Iterator[Problem]:
    """R14: dates against their weekday, working weekends, holidays."""
    for claim in case.find(kind=Kind.DATE):
        if claim.date:
            yield from _one_day(case, claim, claim.date)
        elif claim.period is Span.MONTH and not claim.index:
            yield from _monthly(case, claim)


def _one_day(case: Case, claim: Claim, day: dt.date) -> Iterator[Problem]:
    stamp = pd.Timestamp(day)
    real = f"周{WEEKDAYS[day.weekday()]}"
    name = claim.label or claim.text
    if (typed := _weekday(claim.text)) and typed != real[-1]:
        what = f"{name} {day} 写的是星期{typed}，实际是{real}"
        yield Problem(claim.where, what, Level.WARNING, f"改日期，或改为{real}", "R14")
    if stamp in case.days_frame.index and case.days_frame.at[stamp, "is_makeup"]:
        what = f"{name} {day}（{real}）是调休上班日：日历上是周末，顾客在上班"
        remedy = "按工作日估流量和排班，或提前到前一个休息日"
        yield Problem(claim.where, what, Level.WARNING, remedy, "R14")


def _weekday(text: str) -> str:
    """Return 一 … 日 from 周日, 星期天, （日); "" when none is written."""
    for mark in ("星期", "礼拜", "周"):
        _, found, rest = text.partition(mark)
        if found and rest[:1] in (*WEEKDAYS, "天") and rest:
            return rest[0].replace("天", "日")
    return ""


def _monthly(case: Case, claim: Claim) -> Iterator[Problem]:
    days = case.days_frame
    index = pd.DatetimeIndex(days.index)
    off = index[(index.day == int(claim.value)) & ~days["is_workday"].to_numpy(bool)]
    if off.empty:
        return
    listed = "、".join(_off(stamp, str(days.at[stamp, "holiday"])) for stamp in off)
    working = index[days["is_workday"].to_numpy(bool)]
    moved = "、".join(f"{day.month}月{day.day}日" for day in _nearest(working, off))
    what = (
        f"{claim.label}每月{int(claim.value)}日，{case.year} 年有 {len(off)} 次不是工作日：{listed}；"
        f"{'而且当月还没过完' if claim.value < 28 else '当月刚过完'}"
    )
    remedy = f"顺到最近的工作日：{moved}；与截至当日的进度目标比，不与整月目标比"
    yield Problem(claim.where, what, Level.WARNING, remedy, "R14")


def _off(stamp: pd.Timestamp, holiday: str) -> str:
    return f"{stamp.month}月（{holiday or f'周{WEEKDAYS[stamp.weekday()]}'}）"


def _nearest(working: pd.DatetimeIndex, off: pd.DatetimeIndex) -> Iterator[pd.Timestamp]:
    for stamp in off:
        yield min(working, key=partial(_distance, stamp))


def _distance(one: pd.Timestamp, other: pd.Timestamp) -> pd.Timedelta:
    return abs(one - other)


def weekday_row(
    header: Sequence[dt.date], weekdays: Sequence[str], *, where: Where | None = None
) -> list[Problem]:
    """Check a row of dates against the row of weekdays under it (R14).

    Args:
        header: Dates as read, with the year the sheet is taken for.
        weekdays: 三, 周三 or 星期三 for each date; "" where none is written.
        where: Place of the header.

    Returns:
        One warning that names the first wrong day and the years whose weekdays would fit.
    """
    typed = [text.strip()[-1:].replace("天", "日") for text in weekdays]
    pairs = [
        (day, word) for day, word in zip(header, typed, strict=True) if word in WEEKDAYS and word
    ]
    wrong = [(day, word) for day, word in pairs if WEEKDAYS[day.weekday()] != word]
    if not wrong:
        return []
    day, word = wrong[0]
    year = day.year
    fitting = [str(past) for past in range(year - 15, year + 1) if _fits(pairs, past)]
    what = (
        f"表头 {day.month}月{day.day}日 写星期{word}，{year} 年是星期{WEEKDAYS[day.weekday()]}"
        f"（{len(wrong)}/{len(pairs)} 天对不上）"
    )
    remedy = (
        f"这样的星期是 {'、'.join(fitting)} 年的：像是旧表，请核对年份" if fitting else "核对日期"
    )
    return [Problem(where or Where(), what, Level.WARNING, remedy, "R14")]


def _fits(pairs: Iterable[tuple[dt.date, str]], year: int) -> bool:
    try:
        return all(WEEKDAYS[day.replace(year=year).weekday()] == word for day, word in pairs)
    except ValueError:  # 29 February
        return False
