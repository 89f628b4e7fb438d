"""Day weights learned from a daily history, and what they could not learn.

The weekday profile and the level come from ordinary days only (no holiday, no
调休, no event); holidays and events are then measured against weekday × local
level on the same days (PLANNING i; 《数据化管理》). Estimates are shrunk toward the
defaults by how noisy the shop is and how few editions were seen (empirical Bayes).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.errors import Level, Problem, Where
from xlplan.plan.event_table import editions
from xlplan.plan.history import History, daily, local_level, taken_apart, winsorised_mean
from xlplan.plan.lifts import Evidence, learned_lift
from xlplan.plan.weights import DEFAULT_MONTH, Shape, event_factor

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from xlplan.plan.events import Event
    from xlplan.plan.holidays import Announcement

#: Days with sales below which nothing is learned.
_LEAST_DAYS = 28
#: How far weekday and holiday indices are believed to lie from 1 (standard deviations).
_WEEKDAY_SPREAD, _HOLIDAY_SPREAD, _YEAR_TO_YEAR = 0.15, 0.3, 0.1
#: Days a month needs to be seen to teach its level.
_MONTH_DAYS = 10


@dataclass(frozen=True, eq=False)
class Learned:
    """What a history taught.

    Attributes:
        shape: Weekday, month and holiday indices and closed weekdays.
        evidence: What event lifts are judged by; None when the history is too short.
        closures: First and last days of closures found, not repeated by themselves.
        report: Rows of kind, name, value, n (days or editions seen): what was learned.
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


def _note(what: str, rule: str, remedy: str = "") -> Problem:
    return Problem(Where(), what, Level.INFO, remedy, rule)


def _shrink(n: float, noise: float, spread: float) -> float:
    """Return how much of an estimate of n observations to believe, 0 to 1."""
    return n / (n + noise**2 / spread**2)


def _weekday_means(ratio: pd.Series, weekday: pd.Series) -> np.ndarray:
    means = ratio.groupby(weekday).agg(winsorised_mean)
    found = means.reindex(range(1, 8)).to_numpy(dtype=float)
    return np.asarray(found / np.nanmean(found))


def _weekday_and_level(days: pd.DataFrame) -> tuple[np.ndarray, pd.Series]:
    """Alternate between weekday indices and local level; closed weekdays are NaN."""
    ordinary, weekday = days["ordinary"], days["weekday"]
    index = np.ones(7)
    for _ in range(4):
        flat = days["value"] / np.nan_to_num(index, nan=1.0)[weekday - 1]
        level = local_level(flat, ordinary)
        ratio = (days["value"] / level)[ordinary]
        index = _weekday_means(ratio, weekday[ordinary])
    rest = ratio / index[weekday[ordinary] - 1]
    return index, level * winsorised_mean(rest)


def _noise(ratio: pd.Series) -> float:
    """Return the robust standard deviation of log ratios, kept between 0.05 and 1."""
    logs = pd.Series(np.log(ratio[ratio > 0].to_numpy()))
    spread = 1.4826 * float((logs - logs.median()).abs().median()) if len(logs) else 1.0
    return min(max(spread, 0.05), 1.0)


def _believed_weekday(index: np.ndarray, count: pd.Series, noise: float) -> tuple[float, ...]:
    """Shrink open weekdays toward 1; a closed weekday keeps the default (it is closed anyway)."""
    seen = count.reindex(range(1, 8), fill_value=0).to_numpy()
    belief = np.array([_shrink(n, noise, _WEEKDAY_SPREAD) for n in seen])
    shrunk = 1 + belief * (index - 1)
    return tuple(np.where(np.isnan(index), 1.0, shrunk / np.nanmean(shrunk)).tolist())


def _holiday_indices(days: pd.DataFrame, ratio: pd.Series, noise: float) -> pd.DataFrame:
    """Return value and n (years) per holiday key, from days outside events."""
    seen = ratio[(days["key"] != "") & ~days["event"]].dropna().clip(lower=0.02)
    keys = days.loc[seen.index, "key"]
    years = seen.groupby([keys, pd.DatetimeIndex(seen.index).year]).agg(["mean", "size"])
    by_key = years.groupby(level=0).agg(
        mean=("mean", "mean"), size=("size", "mean"), n=("mean", "size")
    )
    spread = np.sqrt(noise**2 / by_key["size"] + _YEAR_TO_YEAR**2)
    belief = by_key["n"] / (by_key["n"] + spread**2 / _HOLIDAY_SPREAD**2)
    return pd.DataFrame({"value": np.exp(belief * np.log(by_key["mean"])), "n": by_key["n"]})


def _month_levels(days: pd.DataFrame, level: pd.Series) -> pd.Series:
    """Return the level of each (year, month) seen for long enough."""
    index = pd.DatetimeIndex(days.index)
    month = [index.year, index.month]
    count = days["value"].notna().groupby(month).sum()
    return level.groupby(month).mean()[count >= _MONTH_DAYS]


def _month_shape(levels: pd.Series) -> np.ndarray:
    """Return twelve month indices: growth taken out where two years allow, gaps by default.

    With less than two years growth and season cannot be told apart; the latest level
    of each month is taken as it is.
    """
    logs = pd.Series(np.log(levels.to_numpy()), index=levels.index)
    time = np.array([year * 12 + month for year, month in logs.index], dtype=float)
    month = np.array([month for _, month in logs.index])
    last = pd.Series(logs.to_numpy()).groupby(month).last()
    if len(logs) >= 24:
        season = np.column_stack([time - time.mean(), month[:, None] == np.arange(1, 13)])
        last = pd.Series(np.linalg.lstsq(season, logs.to_numpy(), rcond=None)[0][1:], range(1, 13))
    default = pd.Series(np.log(DEFAULT_MONTH), index=range(1, 13))
    shape = np.exp(last.reindex(default.index).fillna(default + (last - default).mean()))
    return np.asarray(shape / shape.mean(), dtype=float)


def _unexplained(days: pd.DataFrame, ratio: pd.Series, noise: float) -> list[Problem]:
    odd = ratio[days["ordinary"] & (ratio > max(2.0, float(np.exp(4 * noise))))]
    if odd.empty:
        return []
    top = odd.nlargest(8).sort_index()
    what = "、".join(f"{day:%Y-%m-%d}（{times:.1f}倍）" for day, times in top.items())
    remedy = "如是店庆、直播等会再来的活动，请加入活动表"
    return [_note(f"历史里有 {len(odd)} 天无法解释的高峰：{what}", "unexplained-peak", remedy)]


def _closure_notes(history: History) -> list[Problem]:
    remedy = "今年同样停业的日子请在日历标为停业"
    return [
        _note(f"历史在 {first} 至 {last} 没有销售，按停业处理，未参与学习", "closure", remedy)
        for first, last in history.closures
    ]


def _gap_notes(days: pd.DataFrame, closed: frozenset[int], months: pd.Series) -> list[Problem]:
    found = []
    if closed:
        names = "、".join("周" + "一二三四五六日"[day - 1] for day in sorted(closed))
        found.append(_note(f"{names}几乎没有销售，按每周停业处理（权重 0）", "closed-weekday"))
    missing = sorted(set(range(1, 13)) - {month for _, month in months.index})
    if missing:
        names = "、".join(f"{month}月" for month in missing)
        found.append(_note(f"历史没有覆盖 {names}，这些月的形状用默认值", "month-unseen"))
    if len(days) < 2 * 365:
        found.append(_note("历史不足两年：活动与节假日倍数只见过一次，已向默认值收缩", "one-year"))
    return found


def _event_rows(evidence: Evidence) -> list[tuple[str, str, float, float]]:
    peaks: dict[str, list[float]] = {}
    for event in evidence.events:
        window = evidence.ratio.reindex(pd.DatetimeIndex(event.days())).dropna()
        if len(window):
            peaks.setdefault(event.name, []).append(float(window.max()))
    return [
        ("活动峰值倍数", name, float(np.mean(seen)), len(seen)) for name, seen in peaks.items()
    ]


def _report(
    shape: Shape, days: pd.DataFrame, holiday: pd.DataFrame, evidence: Evidence
) -> pd.DataFrame:
    count = days["ordinary"].groupby(days["weekday"]).sum()
    rows = [
        ("星期指数", "周" + "一二三四五六日"[day - 1], 0.0 if day in shape.closed_weekdays else value, count.get(day, 0))
        for day, value in enumerate(shape.weekday, start=1)
    ]  # fmt: skip
    month = pd.DatetimeIndex(days.index).month
    value = days["value"].fillna(0.0).groupby(month).agg(["mean", "size"])
    share = value["mean"] / value["mean"].sum()
    months = zip(value.index, share, value["size"], strict=True)
    rows += [("月份日均占比", f"{number}月", part, n) for number, part, n in months]
    rows += [("节假日指数", str(name), row["value"], row["n"]) for name, row in holiday.iterrows()]
    rows += _event_rows(evidence)
    return pd.DataFrame(rows, columns=["kind", "name", "value", "n"])


def _too_short(values: pd.Series) -> Learned:
    seen = int((values > 0).sum())
    what = f"历史只有 {seen} 天有销售，少于 {_LEAST_DAYS} 天，日权重用默认值"
    return Learned(Shape(), problems=(_note(what, "history-short", "补充历史日销后重新学习"),))


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
            None for the default table.
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
    index, level = _weekday_and_level(days)
    base = level * np.nan_to_num(index, nan=1.0)[days["weekday"] - 1]
    ratio = days["value"] / base
    noise = _noise(ratio[days["ordinary"]])
    count = days["ordinary"].groupby(days["weekday"]).sum()
    holiday, months = _holiday_indices(days, ratio, noise), _month_levels(days, level)
    shape = Shape(
        weekday=_believed_weekday(index, count, noise),
        month=tuple(_month_shape(months).tolist()) if len(months) else DEFAULT_MONTH,
        holiday={str(name): float(value) for name, value in holiday["value"].items()},
        closed_weekdays=history.closed_weekdays,
    )
    expected = pd.Series(event_factor(pd.DatetimeIndex(days.index), known), index=days.index)
    evidence = Evidence(ratio, expected, noise, known)
    notes = [*_gap_notes(days, history.closed_weekdays, months), *_closure_notes(history)]
    notes += _unexplained(days, ratio, noise)
    report = _report(shape, days, holiday, evidence)
    return Learned(shape, evidence, history.closures, report, tuple(notes))
