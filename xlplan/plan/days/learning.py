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
from xlplan.plan.days.events import Event, corresponding_day
from xlplan.plan.days.history import History, daily, taken_apart
from xlplan.plan.days.weights import Shape, event_factor
from xlplan.record import bundle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from xlplan.plan.days.events import Event
    from xlplan.plan.days.holidays import Announcement


#: Beliefs (standard deviations): of the slope about 1, of a phase about the slope's lift and
#: of a day about its phase (log units), and of one edition about the next (log units).
_SLOPE_SPREAD, _PHASE_SPREAD, _DAY_SPREAD, _YEAR_TO_YEAR = 0.6, 0.3, 0.3, 0.25
#: What is believed of a campaign's day counts as this part of an edition seen: the second edition
#: of a real peak was 17 % off where one edition moved the belief halfway, 10 % with this.
EXPECTED_COUNTS = 0.35
#: A day without sales counts as this lift, so that logarithms exist.
_LEAST_LIFT = 0.02


@bundle
class Evidence:
    """Past days measured against what was to be expected of them.

    Attributes:
        ratio: Date → actual ÷ (weekday × local level), known days only.
        expected: Date → product of all events' lifts as they were believed beforehand.
        noise: Standard deviation of log ratios on ordinary days.
        events: The editions of events in and around the history.
    """

    ratio: Mapping[date, float]
    expected: Mapping[date, float]
    noise: float
    events: tuple[Event, ...]

    def lift(self, event: Event, day: date) -> float:
        """Return the log lift of one event on a day, other events divided out; NaN if unknown."""
        if day not in self.ratio:
            return float("nan")
        own = _log(event.lift.get(event.offset(day), 1.0))
        return _log(self.ratio[day]) - _log(self.expected[day]) + own


def _log(value: float) -> float:
    return float(np.log(max(value, _LEAST_LIFT)))


def _observed(target: Event, evidence: Evidence) -> np.ndarray:
    """Return editions × days of log lifts, of the editions with at least one day seen."""
    past = [e for e in evidence.events if e.name == target.name and e.edition != target.edition]
    rows = [
        [evidence.lift(source, corresponding_day(day, target, source)) for day in target.days()]
        for source in past
    ]
    return np.array([row for row in rows if np.isfinite(row).any()])


def _slope(prior: np.ndarray, seen: np.ndarray, variance: float) -> float:
    """Return how strongly the shop responds, 1 as the profile says: a ridge regression toward 1."""
    ridge = variance / _SLOPE_SPREAD**2
    return float((prior @ seen + ridge) / (prior @ prior + ridge))


def _phase_shifts(
    rest: np.ndarray, phase: np.ndarray, variance: float, between: float
) -> np.ndarray:
    """Return for each day the believed mean departure of its phase."""
    count = np.bincount(phase)
    mean = np.bincount(phase, rest) / np.maximum(count, 1)
    spread = variance / np.maximum(count, 1) + between
    return np.asarray((mean * _PHASE_SPREAD**2 / (_PHASE_SPREAD**2 + spread))[phase])


def _judged(prior: np.ndarray, seen: np.ndarray, phases: list[object], noise: float) -> np.ndarray:
    """Return the believed log lifts of all days, given editions × days of observed ones."""
    editions = np.isfinite(seen).sum(axis=0)
    known = editions > 0
    mean = np.where(known, np.nansum(seen, axis=0), 0.0)[known] / editions[known]
    between = _YEAR_TO_YEAR**2 / len(seen)
    variance = noise**2 / len(seen) + between
    believed = prior * _slope(prior[known], mean, variance)
    phase = np.unique([str(name) for name in phases], return_inverse=True)[1][known]
    rest = mean - believed[known]
    shift = _phase_shifts(rest, phase, noise**2 / len(seen), between)
    belief = _DAY_SPREAD**2 / (_DAY_SPREAD**2 + variance)
    believed[known] += shift + belief * (rest - shift)
    # what was believed counts as a part of an edition against what was seen of the day itself
    count = editions[known]
    believed[known] = (EXPECTED_COUNTS * believed[known] + count * mean) / (
        EXPECTED_COUNTS + count
    )
    return believed


def learned_lift(target: Event, evidence: Evidence) -> dict[int, float] | None:
    """Return the event's lifts after what past editions showed; None where none was seen."""
    seen = _observed(target, evidence)
    if not len(seen):
        return None
    days = target.days()
    offsets = [target.offset(day) for day in days]
    prior = np.array([_log(target.lift.get(offset, 1.0)) for offset in offsets])
    judged = np.exp(_judged(prior, seen, [target.phase(day) for day in days], evidence.noise))
    return dict(zip(offsets, judged.tolist(), strict=True))


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
