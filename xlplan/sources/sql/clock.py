"""The paid time of a column, whatever its type: its day in Beijing, and which rows lie in a range of days.

The day is computed in the engine as something every engine agrees on (a date, the first letters
of a text, a whole number) and becomes a date only here. A text with its time zone is brought to
Beijing's day in the engine too, so that an order counts once on it however its lines are written.
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
BEIJING_SECONDS = 8 * 3600
_PER_DAY = {"epoch": 86_400, "epoch_ms": 86_400_000}
#: Before this a time is what databases put where there is none (0, 1970-01-01, 0001-01-01).
_FIRST_DAY, _LAST_DAY = dt.date(2000, 1, 1), dt.date(2099, 12, 31)
_TIME = "([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?)?"
_ZONE = "( ?(Z|z|UTC|[+-][0-9]{2}(:?[0-9]{2})?))?"
#: Texts that sort as their days do; others in the column are reported, not guessed.
_SHAPES = {
    "iso": f"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_TIME}{_ZONE}$",
    "yyyymmdd": "^[0-9]{8}([0-9]{4}([0-9]{2})?)?$",
}
_YEAR, _LEAP = "[0-9]{4}", "[0-9]{2}([02468][48]|[13579][26]|[2468]0)"
#: Days there are: an engine must not be asked for the thirtieth of February.
_VALID = {
    form: f"^({_YEAR}{gap}((0[13578]|1[02]){gap}(0[1-9]|[12][0-9]|3[01])|(0[469]|11){gap}(0[1-9]|[12][0-9]|30)"
    f"|02{gap}(0[1-9]|1[0-9]|2[0-8]))|{_LEAP}{gap}02{gap}29)"
    for form, gap in {"iso": "-", "yyyymmdd": ""}.items()
}
#: A time as `Clock.staged` writes it.
_STAGED = "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}$"
_SOME_DAY = {"iso": "2000-01-01", "yyyymmdd": "20000101"}
#: Where a text says its hour and minute.
_PLACES = {"iso": (11, 14), "yyyymmdd": (8, 10)}
_DAY_LETTERS = {"iso": 10, "yyyymmdd": 8}
_MINUTES = 1440


@record
class Clock:
    """How a column tells the day.

    Attributes:
        kind: ``date``, ``timestamp`` (as a clock on the wall showed it), ``instant`` (the engine
            knows the zone), ``iso``, ``yyyymmdd``, ``epoch`` or ``epoch_ms``.
        text: The column is text (``yyyymmdd`` may also be a number).
        ahead: Seconds that Beijing is ahead of times which name no zone.
        convert: An instant must be brought to Beijing first (the engine shows it elsewhere).
    """

    kind: str
    text: bool = False
    ahead: int = 0
    convert: bool = False

    def staged(self, table: Any, name: str, made: str) -> Any:
        """Return `table` with `made`: the column as the other methods want it.

        A text becomes Beijing's ``2026-03-01 23:30``; one that says no day stays as it is, an empty
        one is null. The steps are columns of their own: the engine computes each once.
        """
        if not self.text:
            return table.mutate(**{made: table[name]})
        read, sure, minute = f"{made}_read", f"{made}_sure", f"{made}_minute"
        text = table[name].replace("\u3000", " ").replace("\u00a0", " ").strip().nullif("")
        table = table.mutate(**{read: text})
        fits = table[read].re_search(_SHAPES[self.kind]) & table[read].re_search(_VALID[self.kind])
        table = table.mutate(**{sure: fits.fill_null(False)})
        table = table.mutate(**{minute: self._minute(table[read], table[sure])})
        made_text = self._beijing(table[read], table[sure], table[minute])
        return table.mutate(**{made: made_text}).drop(read, sure, minute)

    def key(self, column: Any) -> Any:
        """Return the engine's expression of the day."""
        if self.kind in ("timestamp", "instant"):
            return self._moment(column).date()
        if self.kind in _PER_DAY:
            scale = _PER_DAY[self.kind]
            return (column.cast("int64") + BEIJING_SECONDS * scale // 86_400) // scale
        return column.left(10) if self.text else column

    def written(self, column: Any) -> Any:
        """Return the engine's expression of the day as text, null where there is none."""
        key = self.key(column)
        if self.kind in _PER_DAY:
            key = (key * 86_400).as_timestamp("s").date()
        return key.cast("string")

    def hour(self, column: Any) -> Any | None:
        """Return the engine's expression of Beijing's hour (0–23); None when only the day is told."""
        if self.kind in ("timestamp", "instant"):
            return self._moment(column).hour()
        if self.kind in _PER_DAY:
            scale = _PER_DAY[self.kind] // 24
            return (column.cast("int64") // scale + BEIJING_SECONDS // 3600) % 24
        return _digits(column, 11, column.re_search(_STAGED)) if self.text else None

    def within(self, column: Any, start: dt.date, end: dt.date) -> Any:
        """Return the engine's condition ``start ≤ day ≤ end``, on the bare column so that it prunes."""
        low, high = self._literal(start), self._literal(end + dt.timedelta(1))
        return (column >= low) & (column < high)

    def known(self, column: Any) -> Any:
        """Return the condition of times that are ones: not empty, no placeholder of a database."""
        there = column.notnull()
        return there if self.text else there & self.within(column, _FIRST_DAY, _LAST_DAY)

    def is_odd(self, column: Any) -> Any | None:
        """Return the condition of rows whose text says no day at all; None when none can."""
        return ~column.re_search(_STAGED) if self.text else None

    def days(self, keys: pd.Series) -> pd.Series:
        """Return dates for what the engine gave; NaT for texts that are none."""
        if self.kind in _PER_DAY:
            return pd.to_datetime(keys.astype("int64"), unit="D")
        if self.kind in _SHAPES:
            form = "%Y-%m-%d" if self.text else "%Y%m%d"
            return pd.to_datetime(keys.astype(str), format=form, errors="coerce")
        return pd.to_datetime(keys)

    def _moment(self, column: Any) -> Any:
        """Return a moment as Beijing's clocks show it."""
        import ibis

        if self.convert:
            return column.cast("timestamp('Asia/Shanghai')")
        return column + ibis.interval(seconds=self.ahead) if self.ahead else column

    def _minute(self, text: Any, sure: Any) -> Any:
        """Return the minute of Beijing's day on the written day: below 0 and above 1439 on others."""
        import ibis

        hour, minute = _PLACES[self.kind]
        timed = sure & (text.length() >= minute + 2)
        clock = _digits(text, hour, timed) * 60 + _digits(text, minute, timed)
        ahead = ibis.literal(self.ahead // 60, "int64")
        if self.kind == "iso":
            ahead = _ahead_of(text, ahead)
        return clock + ibis.ifelse(timed, ahead, 0)

    def _beijing(self, text: Any, sure: Any, minute: Any) -> Any:
        import ibis

        letters = ibis.ifelse(sure, text, _SOME_DAY[self.kind]).left(_DAY_LETTERS[self.kind])
        if self.kind == "yyyymmdd":
            letters = letters.left(4).concat("-", letters.substr(4, 2), "-", letters.substr(6, 2))
        day, one = letters.cast("date"), ibis.interval(days=1)
        moved = ibis.ifelse(minute < 0, day - one, day + one).cast("string").left(10)
        shown = ibis.ifelse((minute >= 0) & (minute < _MINUTES), letters, moved)
        rest = (minute + _MINUTES) % _MINUTES
        clock = _two(rest // 60).concat(":", _two(rest % 60))
        return ibis.ifelse(sure, shown.concat(" ", clock), text)

    def _literal(self, day: dt.date) -> Any:
        if self.kind == "date":
            return day
        moment = dt.datetime.combine(day, dt.time())
        if self.kind in ("timestamp", "instant"):
            return moment - dt.timedelta(seconds=self.ahead)
        if self.kind in _PER_DAY:
            days = (moment - _EPOCH).days
            return days * _PER_DAY[self.kind] - BEIJING_SECONDS * _PER_DAY[self.kind] // 86_400
        return f"{day:%Y-%m-%d}" if self.text else int(f"{day:%Y%m%d}")


def _two(number: Any) -> Any:
    """Return a number below a hundred as two digits."""
    import ibis

    text = number.cast("int64").cast("string")
    return ibis.ifelse(text.length() < 2, ibis.literal("0").concat(text), text)


def _digits(text: Any, at: int, sure: Any) -> Any:
    """Return two digits of a text as a number, 0 where they are not there."""
    import ibis

    return ibis.ifelse(sure, text.substr(at, 2), "00").cast("int64")


def _ahead_of(text: Any, naive: Any) -> Any:
    """Return how many minutes Beijing is ahead of the zone a text ends with, `naive` when with none."""
    import ibis

    beijing, clock = BEIJING_SECONDS // 60, text.length() > _DAY_LETTERS["iso"] + 5
    found = [(clock & text.re_search("(Z|z|UTC)$"), ibis.literal(beijing))]
    for shape, letters in (
        ("[+-][0-9]{2}:[0-9]{2}$", 6),
        ("[+-][0-9]{4}$", 5),
        ("[+-][0-9]{2}$", 3),
    ):
        fits = clock & text.re_search(shape)
        tail = text.right(letters)
        minutes = _digits(tail, 1, fits) * 60
        if letters > 3:
            minutes += _digits(tail, letters - 2, fits)
        east = ibis.ifelse(tail.left(1) == "-", -minutes, minutes)
        found.append((fits, beijing - east))
    return ibis.cases(*found, else_=naive)


def clock_of(
    column: Any, said: str, where: Where, *, offset: int | None = None, convert: bool = False
) -> Clock:
    """Return the clock of an ibis column.

    Args:
        column: The column.
        said: The declared ``time_format``.
        where: The place a refusal is about.
        offset: Seconds that times without a zone are ahead of UTC; None: Beijing's.
        convert: The engine shows instants in their own zone (ClickHouse).
    """
    kind = column.type()
    ahead = 0 if offset is None else BEIJING_SECONDS - offset
    if kind.is_date():
        return Clock("date")
    if kind.is_timestamp():
        # ClickHouse keeps moments and shows those of columns without a zone as its server's
        zoned = kind.timezone is not None or (convert and offset is None)
        return Clock("instant", convert=convert) if zoned else Clock("timestamp", ahead=ahead)
    if kind.is_string() and said in ("auto", "iso", "yyyymmdd"):
        return Clock("iso" if said == "auto" else said, text=True, ahead=ahead)
    if kind.is_integer() and said in ("yyyymmdd", "epoch", "epoch_ms"):
        return Clock(said)
    what = f"时间一列的类型是 {kind}，看不出日期"
    remedy = "请写 time_format：iso、yyyymmdd（文本或整数）、epoch、epoch_ms（整数）"
    raise InputError(what, remedy=remedy, where=where)
