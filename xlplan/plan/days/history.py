"""A daily sales history made fit to learn from: closed days, gaps, ordinary days, local level.

Missing is not zero: absent days are NaN and teach nothing; zeros count, unless they
are a closed weekday or a run that can only be a closure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.errors import InputError
from xlplan.plan.days.holidays import Announcement, holidays
from xlplan.plan.days.weights import holiday_key
from xlplan.record import bundle

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from xlplan.plan.days.events import Event

#: A weekday is closed when at least this share of its days sold nothing.
_CLOSED_SHARE = 0.9
#: Zeros this many days running are a closure, in a shop that otherwise sells nearly daily.
_CLOSURE_DAYS = 3
_RARE_ZERO = 0.1
#: Ordinary days each open weekday needs, else every day counts as ordinary.
_WEEKS = 5
#: Days of the centred window of the local level, and ordinary days it needs.
_WINDOW, _ENOUGH = 35, 10


@bundle
class History:
    """A history taken apart.

    Attributes:
        days: One row a day from first to last: value (NaN where nothing can be learned),
            weekday, key (holiday index key or ""), event (in an event's window), ordinary.
        closed_weekdays: Weekdays (1 to 7) on which nothing is ever sold.
        closures: First and last days of closures.
    """

    days: pd.DataFrame
    closed_weekdays: frozenset[int]
    closures: tuple[tuple[date, date], ...]


def _column(history: pd.DataFrame) -> pd.Series:
    if "date" in history.columns:
        history = history.set_index("date")
    if history.shape[1] != 1 and "value" not in history.columns:
        raise InputError("历史数据要有日期和一列数值（date, value）")
    return history["value"] if "value" in history.columns else history.iloc[:, 0]


def daily(history: pd.Series | pd.DataFrame) -> pd.Series:
    """Return one value a day from the first date to the last; absent days are NaN.

    Values of the same date are added up; infinite ones count as missing.

    Raises:
        InputError: Dates or values are not dates and numbers.
    """
    column = _column(history) if isinstance(history, pd.DataFrame) else history
    try:
        index = pd.DatetimeIndex(column.index).normalize()
        values = column.to_numpy(dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError("历史数据里有不是日期或不是数字的内容") from error
    clean = pd.Series(np.where(np.isfinite(values), values, np.nan), index=index)
    clean = clean[clean.index.notna()].groupby(level=0).sum(min_count=1)
    return clean.asfreq("D") if len(clean) else clean


def _closed_weekdays(values: pd.Series, weekday: np.ndarray) -> frozenset[int]:
    silent = values.fillna(0) <= 0
    share = silent.groupby(weekday).mean()
    count = silent.groupby(weekday).size()
    closed = share.index[(share >= _CLOSED_SHARE) & (count >= 4)]
    return frozenset(int(day) for day in closed) if len(closed) < 7 else frozenset()


def _closures(values: pd.Series) -> list[list[pd.Timestamp]]:
    """Find runs of zeros on open days (the index holds open days only)."""
    seen = values.dropna()
    zero = seen <= 0
    runs = [list(run.index) for _, run in zero[zero].groupby((~zero).cumsum()[zero])]
    long = [run for run in runs if len(run) >= _CLOSURE_DAYS]
    others = zero.drop([day for run in long for day in run])
    return long if len(others) and others.mean() <= _RARE_ZERO else []


def _marks(
    index: pd.DatetimeIndex, events: Sequence[Event], announced: Sequence[Announcement]
) -> pd.DataFrame:
    """Return holiday key and event mark for each day."""
    years = range(index[0].year, index[-1].year + 1)
    off = pd.concat([holidays(year, announced) for year in years]).reindex(index)
    moved = [pd.Timestamp(day) for event in events if event.enabled for day in event.days()]
    return pd.DataFrame({"key": holiday_key(off), "event": index.isin(pd.DatetimeIndex(moved))})


def taken_apart(
    values: pd.Series, events: Sequence[Event], announced: Iterable[Announcement] = ()
) -> History:
    """Mark closed days, closures, holidays and event days in a daily series (see `daily`)."""
    index = pd.DatetimeIndex(values.index)
    weekday = index.day_of_week.to_numpy() + 1
    closed = _closed_weekdays(values, weekday)
    usable = values.where(~np.isin(weekday, list(closed)))
    gaps = _closures(usable[~np.isin(weekday, list(closed))])
    usable.loc[[day for gap in gaps for day in gap]] = np.nan
    days = _marks(index, events, tuple(announced))
    days.insert(0, "value", usable.clip(lower=0))
    days["weekday"] = weekday
    days["ordinary"] = usable.notna() & (days["key"] == "") & ~days["event"]
    if days["ordinary"].groupby(weekday).sum().drop(list(closed)).min() < _WEEKS:
        days["ordinary"] = usable.notna()
    return History(days, closed, tuple((gap[0].date(), gap[-1].date()) for gap in gaps))


def winsorised_mean(values: np.ndarray) -> float:
    """Return the mean after clipping to three robust standard deviations about the median."""
    middle = np.median(values)
    reach = 3 * 1.4826 * np.median(np.abs(values - middle))
    clipped = np.clip(values, middle - reach, middle + reach) if reach else values
    return float(clipped.mean())


def local_level(value: pd.Series, ordinary: pd.Series) -> pd.Series:
    """Return the level of ordinary days around each day: a centred running median.

    Stretches without ordinary days (long campaigns, gaps) are bridged by a straight line.
    """
    known = value.where(ordinary)
    rolling = known.rolling(_WINDOW, center=True, min_periods=_ENOUGH)
    level = rolling.median()
    level = level.where(level > 0, rolling.mean()).where(
        known.rolling(7, center=True, min_periods=1).count() > 0
    )
    level = level.where(level > 0).interpolate(limit_direction="both")
    overall = float(known.mean())
    return level.fillna(overall if overall > 0 else 1.0)
