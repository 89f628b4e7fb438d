"""Day weights: month shape × weekday × holiday × events × what the operator typed.

A raw weight is in units of an ordinary day of an ordinary month. The weight of a
day is its raw weight over the year's mean, so weights average 1 and an edit
moves money between days and never the total (日权重指数 of Chinese retail planning).
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.errors import InputError
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from xlplan.plan.days.events import Event

#: Monday to Sunday of a shop nobody has measured: nearly flat (a judgement, to be learned).
DEFAULT_WEEKDAY = (1.02, 1.02, 1.01, 1.0, 0.97, 0.97, 1.01)
#: January to December without the campaigns, which come on top (a judgement, to be learned).
DEFAULT_MONTH = (0.96, 0.92, 1.0, 0.98, 1.0, 1.0, 0.95, 0.96, 1.0, 1.03, 1.12, 1.08)
#: The factor columns a history can teach.
LEARNABLE = ("month_factor", "weekday_factor", "holiday_factor", "event_factor")
#: The factor columns whose product is the raw weight.
FACTORS = (*LEARNABLE, "multiplier")
#: Holiday index of a weekend day worked for 调休.
MAKEUP = "调休"


@record
class Shape:
    """What a shop's days look like apart from its events.

    Attributes:
        weekday: Seven indices, Monday first.
        month: Twelve indices of an ordinary day's level, January first.
        holiday: Holiday name (or 调休) → index; those not named count 1.
        closed_weekdays: Weekdays (1 to 7) on which the shop does not sell.
    """

    weekday: Sequence[float] = DEFAULT_WEEKDAY
    month: Sequence[float] = DEFAULT_MONTH
    holiday: Mapping[str, float] = field(default_factory=dict)
    closed_weekdays: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        _check(self.weekday, 7, "星期权重")
        _check(self.month, 12, "月份形状")
        if not self.closed_weekdays <= set(range(1, 8)):
            raise InputError("停业星期只能是 1（周一）到 7（周日）")


def _check(values: Sequence[float], count: int, what: str) -> None:
    numbers = np.asarray(values, dtype=float)
    if numbers.shape != (count,):
        raise InputError(f"{what}要 {count} 个数，得到 {numbers.size} 个")
    if not np.isfinite(numbers).all() or (numbers < 0).any() or not numbers.any():
        raise InputError(f"{what}必须是不小于 0 的数，且不能全为 0")


def event_factor(index: pd.DatetimeIndex, events: Iterable[Event]) -> np.ndarray:
    """Return the product of the enabled events' lifts for each day."""
    product: dict[date, float] = {}
    for event in events:
        for offset, lift in event.lift.items() if event.enabled else ():
            day = event.day(offset)
            product[day] = product.get(day, 1.0) * lift
    return np.array([product.get(stamp.date(), 1.0) for stamp in index])


def holiday_key(days: pd.DataFrame) -> pd.Series:
    """Return which holiday index a day takes: 调休, the holiday's name, or ""."""
    return days["holiday"].where(days["is_holiday"], "").mask(days["is_makeup"], MAKEUP)


def _holiday_factor(days: pd.DataFrame, shape: Shape) -> np.ndarray:
    """Look up the holiday index; where an event speaks about the day, the event alone counts."""
    index = holiday_key(days).map(lambda name: shape.holiday.get(name, 1.0)).astype(float)
    return index.mask(days["event"] != "", 1.0).to_numpy()


def factors(days: pd.DataFrame, events: Iterable[Event], shape: Shape) -> pd.DataFrame:
    """Return the factor columns, closed and typed_weight for a frame of calendar days.

    Args:
        days: Index of dates; columns month, weekday, holiday, is_holiday, is_makeup, event.
        events: The events whose lifts apply.
        shape: Weekday, month and holiday indices.
    """
    index = pd.DatetimeIndex(days.index)
    found = pd.DataFrame(index=index)
    found["month_factor"] = np.asarray(shape.month, dtype=float)[days["month"] - 1]
    found["weekday_factor"] = np.asarray(shape.weekday, dtype=float)[days["weekday"] - 1]
    found["holiday_factor"] = _holiday_factor(days, shape)
    found["event_factor"] = event_factor(index, events)
    found["multiplier"] = 1.0
    found["typed_weight"] = np.nan
    found["closed"] = days["weekday"].isin(shape.closed_weekdays)
    return found


def weighed(days: pd.DataFrame) -> pd.DataFrame:
    """Return the days with raw_weight and weight computed from the factor columns.

    Raises:
        InputError: Every day of the year would weigh 0.
    """
    product = days[list(FACTORS)].prod(axis=1).where(~days["closed"], 0.0)
    raw = days["typed_weight"].fillna(product)
    mean = raw.mean()
    if not np.isfinite(mean) or mean <= 0:
        raise InputError("全年每一天的权重都是 0，无法分摊", remedy="至少留一天不停业、权重大于 0")
    return days.assign(raw_weight=raw, weight=raw / mean)


def on_days(days: pd.DataFrame, values: Mapping[date, float], what: str) -> pd.Series:
    """Return typed numbers as a series over the days they name.

    Raises:
        InputError: A number is negative or not finite, or a date is outside the year.
    """
    typed = pd.Series(dict(values), dtype=float)
    typed.index = pd.DatetimeIndex(typed.index)
    bad = typed[~np.isfinite(typed) | (typed < 0)]
    if len(bad):
        raise InputError(f"{bad.index[0]:%Y-%m-%d} 的{what}“{bad.iloc[0]}”不是不小于 0 的数")
    outside = pd.DatetimeIndex(typed.index).difference(pd.DatetimeIndex(days.index))
    if len(outside):
        raise InputError(f"{what}的日期 {outside[0]:%Y-%m-%d} 不在 {days.index[0]:%Y} 年")
    return typed


def edited(days: pd.DataFrame, column: str, typed: pd.Series) -> pd.DataFrame:
    """Return the days with one column replaced on the days typed, weighed anew."""
    merged = days[column].copy()
    merged.loc[typed.index] = typed
    return weighed(days.assign(**{column: merged}))
