"""Cell values between Python and the worker: whole columns at a time, because that is fast.

The worker's matrix holds numbers and texts only. What a date, truth value or error is travels
beside it as areas (`kinds`), because that is how LibreOffice knows it too: by number format.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from xlplan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

#: Number formats Excel gives typed values written into cells without one.
DAY, MOMENT, DURATION, CLOCK, TRUTH = (
    "m/d/yyyy",
    "m/d/yyyy h:mm",
    "[h]:mm:ss",
    "h:mm:ss",
    "BOOLEAN",
)
_EPOCH = dt.date(1899, 12, 30).toordinal()
_SECONDS = 86_400
_NUMBER = re.compile(r"\s*[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?\s*")
#: First characters of texts that may mean something else: formula, escape, number, truth value.
_MAYBE = frozenset("='+-.0123456789 tTfF")
_LONG = 2**31 - 1
#: Characters of a formula that Excel takes, the sign "=" included.
LONGEST_FORMULA = 8192

FormatPlace = tuple[int, int, int, int]  # row, column, last row, last column, from 0


class CellError(str):
    """An error value such as "#DIV/0!"; behaves as its text."""

    __slots__ = ()


class Encoded(NamedTuple):
    """A matrix ready for the worker: rows, formulas ``(row, column, text)``, formats -> places."""

    rows: list[tuple[Any, ...]]
    formulas: list[tuple[int, int, str]]
    formats: dict[str, list[FormatPlace]]


class _Column:
    """One column being encoded: what its cells become, their formats and formulas."""

    def __init__(self, is_text: Callable[[int], bool]) -> None:
        self.is_text = is_text
        self.formats: dict[str, list[int]] = {}
        self.formulas: list[tuple[int, str]] = []

    def typed(self, row: int, code: str, number: float) -> float:
        self.formats.setdefault(code, []).append(row)
        return number

    def cell(self, row: int, value: Any) -> float | str:
        """One value as a number or text; dates, durations and truths note their format."""
        if value is None:
            return ""  # None itself would become #N/A
        if isinstance(value, str):
            return self.text(row, value)
        code = _code(value)
        return self.typed(row, code, _number(value)) if code else float(value)

    def text(self, row: int, value: str) -> float | str:
        """A text as Excel takes it: formulas, plain numbers and TRUE/FALSE are not texts."""
        if value[:1] not in _MAYBE or not value:
            return value
        if value[0] == "'":
            return value[1:]
        if value[0] == "=" and len(value) > 1:
            require_short(value)
            self.formulas.append((row, value))
            return ""
        return self.number(row, value)

    def number(self, row: int, value: str) -> float | str:
        if value.upper() in ("TRUE", "FALSE") and not self.is_text(row):
            return self.typed(row, TRUTH, float(value.upper() == "TRUE"))
        if _NUMBER.fullmatch(value) and not self.is_text(row):
            return float(value)
        return value

    def encode(self, values: Sequence[Any]) -> Sequence[Any]:
        kinds = set(map(type, values))
        if kinds == {float}:
            return values
        if kinds == {int}:
            return values if max(map(abs, values)) <= _LONG else list(map(float, values))
        if kinds == {str} and not any(value[:1] in _MAYBE for value in values if value):
            return values
        return [self.cell(row, value) for row, value in enumerate(values)]


def _code(value: Any) -> str:
    """The number format a typed value needs; "" for plain numbers."""
    if isinstance(value, dt.datetime):
        return MOMENT if value.time() != dt.time() else DAY
    kinds = ((bool, TRUTH), (dt.date, DAY), (dt.timedelta, DURATION), (dt.time, CLOCK))
    return next((code for kind, code in kinds if isinstance(value, kind)), "")


def _number(value: Any) -> float:
    """A date, time, duration or truth value as the number a cell holds."""
    if isinstance(value, dt.datetime):
        return day_number(value)
    if isinstance(value, dt.date):
        return float(value.toordinal() - _EPOCH)
    if isinstance(value, dt.timedelta):
        return value / dt.timedelta(days=1)
    return _clock(value) if isinstance(value, dt.time) else float(value)


def day_number(moment: dt.datetime) -> float:
    """A moment as a day number since 1899-12-30; a time zone is dropped, as Excel has none."""
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second + moment.microsecond / 1e6
    return moment.toordinal() - _EPOCH + seconds / _SECONDS


def _clock(time: dt.time) -> float:
    return (time.hour * 3600 + time.minute * 60 + time.second) / _SECONDS


def require_short(text: str) -> None:
    """Refuse a formula that Excel refuses for its length (this office would cut it, unsaid).

    Raises:
        InputError: More than 8,192 characters.
    """
    if text[:1] == "=" and len(text) > LONGEST_FORMULA:
        raise InputError(
            f"公式有 {len(text):,} 个字符，表格程序最多 {LONGEST_FORMULA:,} 个：{text[:40]}…",
            "请把它拆成几格",
        )


def encoded(
    matrix: Sequence[Sequence[Any]], is_text: Callable[[int, int], bool] = lambda _r, _c: False
) -> Encoded:
    """Turn rows of Python values into what the worker writes.

    Args:
        matrix: Rows of equal length.
        is_text: Whether the cell (row, column from 0) has the text format "@"; asked only for
            texts that read as numbers.

    Raises:
        ValueError: rows of different length.
    """
    formats: dict[str, list[FormatPlace]] = {}
    formulas: list[tuple[int, int, str]] = []
    columns = []
    for index, values in enumerate(zip(*matrix, strict=True)):
        column = _Column(lambda row, index=index: is_text(row, index))  # type: ignore[misc]
        columns.append(column.encode(values))
        formulas += ((row, index, text) for row, text in column.formulas)
        for code, rows in column.formats.items():
            places = ((first, index, last, index) for first, last in runs(rows))
            formats.setdefault(code, []).extend(places)
    joined = {code: _side_by_side(places) for code, places in formats.items()}
    return Encoded(list(zip(*columns, strict=True)), formulas, joined)


def runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Rising numbers as (first, last) of their unbroken runs."""
    made = []
    for _, group in itertools.groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        run = [number for _, number in group]
        made.append((run[0], run[-1]))
    return made


def _side_by_side(places: list[FormatPlace]) -> list[FormatPlace]:
    """Join places of the same rows in neighbouring columns."""
    made: list[FormatPlace] = []
    for top, left, bottom, right in sorted(places, key=lambda p: (p[0], p[2], p[1])):
        before = made[-1] if made else None
        if before and before[::2] == (top, bottom) and before[3] == left - 1:
            made[-1] = (top, before[1], bottom, right)
        else:
            made.append((top, left, bottom, right))
    return made


def decoded(reply: Any, rows: int, columns: int) -> list[list[Any]]:
    """Turn the worker's answer into rows of Python values, padded to the size asked for.

    Numbers are floats, dates and times datetimes, truths bools, errors `CellError`,
    blanks "" or None.
    """
    matrix, kinds, errors, zero = reply
    moments = _Moments(dt.datetime(*(zero or (1899, 12, 30))))  # cells have no zone
    for top, left, bottom, right, kind in kinds:
        convert: Callable[[float], Any] = bool if kind == "b" else moments
        for row in matrix[top : bottom + 1]:
            for column in range(left, right + 1):
                if type(row[column]) is float:
                    row[column] = convert(row[column])
    for row, column, text in errors:
        matrix[row][column] = CellError(text)
    return _padded(matrix, rows, columns)


class _Moments:
    """Day numbers as moments, each distinct one computed once."""

    def __init__(self, zero: dt.datetime) -> None:
        self.zero = zero
        self.known: dict[float, dt.datetime | float] = {}

    def __call__(self, days: float) -> dt.datetime | float:
        if days not in self.known:
            self.known[days] = self._moment(days)
        return self.known[days]

    def _moment(self, days: float) -> dt.datetime | float:
        try:
            return self.zero + dt.timedelta(milliseconds=round(days * _SECONDS * 1000))
        except OverflowError:
            return days


def _padded(matrix: list[list[Any]], rows: int, columns: int) -> list[list[Any]]:
    if matrix and len(matrix[0]) < columns:
        rest = [None] * (columns - len(matrix[0]))
        matrix = [row + rest for row in matrix]
    return matrix + [[None] * columns for _ in range(rows - len(matrix))]


_MADE_BY_OFFICE = frozenset({float, str, bool})


def cleaned(
    data: Sequence[Sequence[Any]], moment: Any, empty: Any, number: Any, *, errors_as_text: bool
) -> list[list[Any]]:
    """What xlwings' options ask of raw values: blanks, dates, numbers and errors their way.

    Rows that need nothing are passed on as they are.
    """
    fine = _MADE_BY_OFFICE - {float} if number else _MADE_BY_OFFICE
    if moment is dt.datetime:
        fine |= {dt.datetime}

    def one(value: Any) -> Any:
        if value is None or value == "":
            return empty
        kind = type(value)
        if kind is float:
            return number(value) if number else value
        if kind is CellError:
            return str(value) if errors_as_text else None
        return _moment_as(moment, value) if kind is dt.datetime else value

    return [
        list(row) if fine.issuperset(map(type, row)) and "" not in row else [one(v) for v in row]
        for row in data
    ]


def _moment_as(builder: Any, value: dt.datetime) -> Any:
    return builder(
        month=value.month,
        day=value.day,
        year=value.year,
        hour=value.hour,
        minute=value.minute,
        second=value.second,
        microsecond=value.microsecond,
        tzinfo=None,
    )
