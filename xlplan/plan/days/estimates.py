"""Estimators behind `learning`: weekday, level, noise, holidays, months, from one taken-apart history.

All take `History.days` and are pure. Indices are shrunk toward 1 by how noisy the
shop is: belief = n / (n + noise² / spread²).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from xlplan.plan.days.history import local_level, winsorised_mean
from xlplan.plan.days.weights import DEFAULT_MONTH

#: How far weekday and holiday indices are believed to lie from 1, and a holiday's index from
#: one year to the next (standard deviations).
_WEEKDAY_SPREAD, _HOLIDAY_SPREAD, _YEAR_TO_YEAR = 0.15, 0.3, 0.1
#: Days a month needs to be seen to teach its level.
_MONTH_DAYS = 10
#: From this many months on, growth is told apart from season.
_TWO_YEARS = 24
#: Rounds of weekday indices and local level; more change nothing that can be seen.
_ROUNDS = 3


def _weekday_means(ratio: np.ndarray, weekday: np.ndarray) -> np.ndarray:
    groups = [ratio[weekday == day] for day in range(1, 8)]
    found = np.array([winsorised_mean(group) if group.size else np.nan for group in groups])
    return np.asarray(found / np.nanmean(found))


def weekday_and_level(days: pd.DataFrame) -> tuple[np.ndarray, pd.Series]:
    """Alternate between weekday indices and local level; closed weekdays are NaN.

    Returns:
        Seven indices of mean 1, and the level of an ordinary day for every date, such
        that ordinary days average weekday index × level.
    """
    value, ordinary = days["value"], days["ordinary"]
    weekday, seen = days["weekday"].to_numpy(), ordinary.to_numpy()
    index = np.ones(7)
    for _ in range(_ROUNDS):
        level = local_level(value / np.nan_to_num(index, nan=1.0)[weekday - 1], ordinary)
        ratio = (value / level).to_numpy()[seen]
        index = _weekday_means(ratio, weekday[seen])
    return index, level * winsorised_mean(ratio / index[weekday[seen] - 1])


def noise_of(ratio: pd.Series) -> float:
    """Return the robust standard deviation of log ratios, kept between 0.05 and 1."""
    logs = np.log(ratio[ratio > 0].to_numpy(dtype=float))
    if not logs.size:
        return 1.0
    spread = 1.4826 * float(np.median(np.abs(logs - np.median(logs))))
    return min(max(spread, 0.05), 1.0)


def believed_weekday(index: np.ndarray, count: np.ndarray, noise: float) -> tuple[float, ...]:
    """Shrink seven indices toward 1 by days seen; a closed weekday stays at 1."""
    belief = count / (count + noise**2 / _WEEKDAY_SPREAD**2)
    shrunk = 1 + belief * (index - 1)
    return tuple(np.where(np.isnan(index), 1.0, shrunk / np.nanmean(shrunk)).tolist())


def holiday_indices(days: pd.DataFrame, ratio: pd.Series, noise: float) -> pd.DataFrame:
    """Return value and n (years seen) for each holiday key, from days outside events."""
    seen = ratio[(days["key"] != "") & ~days["event"]].dropna().clip(lower=0.02)
    keys = [days.loc[seen.index, "key"], pd.DatetimeIndex(seen.index).year]
    years = seen.groupby(keys).agg(["mean", "size"])
    by_key = years.groupby(level=0)
    n, mean = by_key.size(), by_key["mean"].mean()
    variance = noise**2 / by_key["size"].mean() + _YEAR_TO_YEAR**2
    belief = n / (n + variance / _HOLIDAY_SPREAD**2)
    return pd.DataFrame({"value": np.exp(belief * np.log(mean)), "n": n})


def month_levels(days: pd.DataFrame, level: pd.Series) -> pd.Series:
    """Return the mean level of each (year, month) seen on at least ten days."""
    index = pd.DatetimeIndex(days.index)
    month = [index.year, index.month]
    count = days["value"].notna().groupby(month).sum()
    return level.groupby(month).mean()[count >= _MONTH_DAYS]


def _season(logs: np.ndarray, time: np.ndarray, month: np.ndarray) -> pd.Series:
    """Return the month effects of a regression on a straight line and month dummies."""
    months = np.unique(month)
    design = np.column_stack([time - time.mean(), month[:, None] == months])
    return pd.Series(np.linalg.lstsq(design, logs, rcond=None)[0][1:], index=months)


def month_shape(levels: pd.Series) -> tuple[float, ...]:
    """Return twelve month indices of mean 1; months never seen take the default.

    With two years growth is taken out; with less, growth and season cannot be told
    apart, and the latest level of each month is taken as it is.
    """
    if levels.empty:
        return DEFAULT_MONTH
    logs = np.log(levels.to_numpy(dtype=float))
    month = levels.index.get_level_values(1).to_numpy(dtype=int)
    time = levels.index.get_level_values(0).to_numpy(dtype=int) * 12.0 + month
    known = (
        _season(logs, time, month)
        if len(logs) >= _TWO_YEARS
        else pd.Series(logs).groupby(month).last()
    )
    default = pd.Series(np.log(DEFAULT_MONTH), index=range(1, 13))
    full = known.reindex(default.index).fillna(default + (known - default).mean())
    shape = np.exp(full.to_numpy() - full.max())
    return tuple((shape / shape.mean()).tolist())
