"""Day weights learned from a daily history, and what they could not learn.

The weekday profile and the level come from ordinary days only (no holiday, no
调休, no event); holidays and events are then measured against weekday × local
level on the same days (PLANNING i; 《数据化管理》). Estimates are shrunk toward the
defaults by how noisy the shop is and how few editions were seen (empirical Bayes).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.errors import Level, Problem, Where
from xlplan.plan.days import estimates
from xlplan.plan.days.event_table import editions
from xlplan.plan.days.history import History, daily, taken_apart
from xlplan.plan.days.lifts import Evidence, learned_lift
from xlplan.plan.days.weights import Shape, event_factor
from xlplan.record import bundle

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from xlplan.plan.days.events import Event
    from xlplan.plan.days.holidays import Announcement

#: Days with sales below which nothing is learned.
_LEAST_DAYS = 28
_WEEKDAYS = tuple("周" + name for name in "一二三四五六日")


@bundle
class Learned:
    """What a history taught.

    Attributes:
        shape: Weekday, month and holiday indices and closed weekdays.
        evidence: What event lifts are judged by; None when the history is too short.
        closures: First and last days of closures found, not repeated by themselves.
        report: Rows of kind, name, value, n (days, years or editions seen): what was learned.
        problems: What could not be learned, and days nobody explained.
    """

    shape: Shape
    evidence: Evidence | None = None
    closures: tuple[tuple[date, date], ...] = ()
    report: pd.DataFrame | None = None
    problems: tuple[Problem, ...] = ()

    def taught(self, event: Event) -> Event:
        """Return the event with its lifts learned; unchanged where no edition was seen."""
        lift = learned_lift(event, self.evidence) if self.evidence else None
        return replace(event, lift=lift) if lift else event


def learn_weights(
    history: pd.Series | pd.DataFrame,
    *,
    events: Iterable[Event] | None = None,
    announced: Sequence[Announcement] = (),
) -> Learned:
    """Learn weekday, month and holiday indices and event lifts from daily values.

    Args:
        history: Series by date, or DataFrame with date and value. Absent days are unknown,
            zeros are no sales; order, duplicates and outliers do no harm.
        events: Editions of the events; those of other years are filled in by pattern.
            None for the default table. Their lifts are what is believed beforehand.
        announced: Holidays typed or imported.

    Returns:
        What was learned, with a report; a history under 28 selling days teaches nothing
        and says so.

    Raises:
        InputError: Dates or values are not dates and numbers.
    """
    values = daily(history)
    if (values > 0).sum() < _LEAST_DAYS:
        return _too_short(values)
    years = range(values.index[0].year - 1, values.index[-1].year + 2)
    known = editions(years, events)
    return _learned(taken_apart(values, known, announced), known)


def _learned(history: History, known: tuple[Event, ...]) -> Learned:
    days = history.days
    index, level = estimates.weekday_and_level(days)
    ratio = days["value"] / (level * np.nan_to_num(index, nan=1.0)[days["weekday"] - 1])
    noise = estimates.noise_of(ratio[days["ordinary"]])
    count = np.bincount(days.loc[days["ordinary"], "weekday"], minlength=8)[1:]
    holiday = estimates.holiday_indices(days, ratio, noise)
    months = estimates.month_levels(days, level)
    shape = Shape(
        weekday=estimates.believed_weekday(index, count, noise),
        month=estimates.month_shape(months),
        holiday={str(name): float(value) for name, value in holiday["value"].items()},
        closed_weekdays=history.closed_weekdays,
    )
    evidence = _evidence(ratio, noise, known)
    rows = [*_weekday_rows(shape, count), *_month_rows(days), *_event_rows(evidence)]
    rows += [("节假日指数", str(name), row["value"], row["n"]) for name, row in holiday.iterrows()]
    report = pd.DataFrame(rows, columns=["kind", "name", "value", "n"])
    notes = (*_gaps(history, months), *_unexplained(days, ratio, noise))
    return Learned(shape, evidence, history.closures, report, notes)


def _evidence(ratio: pd.Series, noise: float, events: tuple[Event, ...]) -> Evidence:
    known = ratio.dropna()
    index = pd.DatetimeIndex(known.index)
    days = [stamp.date() for stamp in index]
    expected = event_factor(index, events).tolist()
    return Evidence(
        dict(zip(days, known.tolist(), strict=True)),
        dict(zip(days, expected, strict=True)),
        noise,
        events,
    )


_Row = tuple[str, str, float, float]


def _weekday_rows(shape: Shape, count: np.ndarray) -> list[_Row]:
    shut = [day in shape.closed_weekdays for day in range(1, 8)]
    values = zip(_WEEKDAYS, shape.weekday, shut, count, strict=True)
    return [("星期指数", name, 0.0 if closed else value, n) for name, value, closed, n in values]


def _month_rows(days: pd.DataFrame) -> list[_Row]:
    value = (
        days["value"].groupby(pd.DatetimeIndex(days.index).month).agg(["mean", "count"]).dropna()
    )
    share = value["mean"] / value["mean"].sum()
    months = zip(value.index, share, value["count"], strict=True)
    return [("月份日均占比", f"{month}月", part, n) for month, part, n in months]


def _event_rows(evidence: Evidence) -> list[_Row]:
    peaks: dict[str, list[float]] = {}
    for event in evidence.events:
        seen = [evidence.ratio[day] for day in event.days() if day in evidence.ratio]
        if seen:
            peaks.setdefault(event.name, []).append(max(seen))
    return [("活动峰值倍数", name, float(np.mean(top)), len(top)) for name, top in peaks.items()]


def _note(what: str, rule: str, remedy: str = "") -> Problem:
    return Problem(Where(), what, Level.INFO, remedy, rule)


def _too_short(values: pd.Series) -> Learned:
    seen = int((values > 0).sum())
    what = f"历史只有 {seen} 天有销售，少于 {_LEAST_DAYS} 天，日权重用默认值"
    return Learned(Shape(), problems=(_note(what, "history-short", "补充历史日销后重新学习"),))


def _gaps(history: History, months: pd.Series) -> list[Problem]:
    found = []
    if history.closed_weekdays:
        names = "、".join(_WEEKDAYS[day - 1] for day in sorted(history.closed_weekdays))
        found.append(_note(f"{names}几乎没有销售，按每周停业处理（权重 0）", "closed-weekday"))
    unseen = sorted(set(range(1, 13)) - set(months.index.get_level_values(1)))
    if unseen:
        names = "、".join(f"{month}月" for month in unseen)
        found.append(_note(f"历史没有覆盖 {names}，这些月的形状用默认值", "month-unseen"))
    if len(history.days) < 2 * 365:
        what = "历史不足两年：活动与节假日倍数至多见过一两次，已向默认值收缩；月份形状含当年增长"
        found.append(_note(what, "one-year"))
    return found + [_closure(first, last) for first, last in history.closures]


def _closure(first: date, last: date) -> Problem:
    what = f"历史在 {first} 至 {last} 没有销售，按停业处理，未参与学习"
    return _note(what, "closure", "今年同样停业的日子请在日历标为停业")


def _unexplained(days: pd.DataFrame, ratio: pd.Series, noise: float) -> list[Problem]:
    odd = ratio[days["ordinary"] & (ratio > max(2.0, float(np.exp(4 * noise))))]
    if odd.empty:
        return []
    top = odd.nlargest(8).sort_index()
    what = "、".join(f"{day:%Y-%m-%d}（{times:.1f}倍）" for day, times in top.items())
    remedy = "如是店庆、直播等会再来的活动，请加入活动表"
    return [_note(f"历史里有 {len(odd)} 天无法解释的高峰：{what}", "unexplained-peak", remedy)]
