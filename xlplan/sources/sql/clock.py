"""The paid time of a column, whatever its type: its day, and which rows lie in a range of days.

The day is computed in the engine as something every engine agrees on (a date,
the first ten letters, a whole number) and becomes a date only here.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd

from xlplan.errors import InputError
from xlplan.record import record

if TYPE_CHECKING:
    from xlplan.errors import Where

_EPOCH = dt.datetime(1970, 1, 1)
_BEIJING = 8 * 3600
_PER_DAY = {"epoch": 86_400, "epoch_ms": 86_400_000}
#: Texts that sort as their days do; others in the column are reported, not guessed.
_SHAPES = {"iso": "____-__-__%", "yyyymmdd": "________%"}


@record
class Clock:
    """How a column tells the day.

    Attributes:
        kind: ``date``, ``timestamp``, ``iso``, ``yyyymmdd``, ``epoch`` or ``epoch_ms``.
        text: The column is text (``yyyymmdd`` may also be a number).
    """

    kind: str
    text: bool = False

    def key(self, column: Any) -> Any:
        """Return the engine's expression of the day."""
        if self.kind == "timestamp":
            return column.date()
        if self.kind in _PER_DAY:
            scale = _PER_DAY[self.kind]
            return (column.cast("int64") + _BEIJING * scale // 86_400) // scale
        if self.text:
            return column.left(10 if self.kind == "iso" else 8)
        return column

    def written(self, column: Any) -> Any:
        """Return the engine's expression of the day as text, null where there is none."""
        key = self.key(column)
        if self.kind in _PER_DAY:
            key = (key * 86_400).as_timestamp("s").date()
        return key.cast("string")

    def within(self, column: Any, start: dt.date, end: dt.date) -> Any:
        """Return the engine's condition ``start ≤ day ≤ end``, on the bare column so that it prunes."""
        low, high = self._literal(start), self._literal(end + dt.timedelta(1))
        return (column >= low) & (column < high)

    def is_odd(self, column: Any) -> Any | None:
        """Return the condition of rows whose text says no day at all; None when none can."""
        return ~column.like(_SHAPES[self.kind]) if self.text else None

    def days(self, keys: pd.Series) -> pd.Series:
        """Return dates for what the engine gave; NaT for texts that are none."""
        if self.kind in _PER_DAY:
            return pd.to_datetime(keys.astype("int64"), unit="D")
        if self.kind in _SHAPES:
            form = "%Y-%m-%d" if self.kind == "iso" else "%Y%m%d"
            return pd.to_datetime(keys.astype(str), format=form, errors="coerce")
        return pd.to_datetime(keys)

    def _literal(self, day: dt.date) -> Any:
        if self.kind == "date":
            return day
        moment = dt.datetime.combine(day, dt.time())
        if self.kind == "timestamp":
            return moment
        if self.kind in _PER_DAY:
            days = (moment - _EPOCH).days
            return days * _PER_DAY[self.kind] - _BEIJING * _PER_DAY[self.kind] // 86_400
        written = f"{day:%Y-%m-%d}" if self.kind == "iso" else f"{day:%Y%m%d}"
        return written if self.text else int(written)


def clock_of(column: Any, said: str, where: Where) -> Clock:
    """Return the clock of an ibis column; `said` is the declared ``time_format``."""
    kind = column.type()
    if kind.is_timestamp() or kind.is_date():
        return Clock("date" if kind.is_date() else "timestamp")
    if kind.is_string() and said in ("auto", "iso", "yyyymmdd"):
        return Clock("iso" if said == "auto" else said, text=True)
    if kind.is_integer() and said in ("yyyymmdd", "epoch", "epoch_ms"):
        return Clock(said)
    what = f"付款时间一列的类型是 {kind}，看不出日期"
    remedy = "请写 time_format：iso、yyyymmdd（文本或整数）、epoch、epoch_ms（整数）"
    raise InputError(what, remedy=remedy, where=where)
