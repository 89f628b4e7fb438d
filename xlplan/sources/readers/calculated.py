"""Which formula cells hold a writer's placeholder instead of a value.

Programs that cannot calculate write 0 (or an empty text) into every formula cell. A 0 that a
spreadsheet calculated looks the same, so the simple formulas are worked out here, from the
values of the cells they name: one that should not be 0 proves that nobody has calculated.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NoReturn

from xlplan.ooxml.serial import parse_cell
from xlplan.regex import regex

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator, Mapping, Sequence

    #: (sheet, row, column), 1-based → value; the sheet is "" for the formula's own.
    Look = Callable[[str, int, int], object]

_TOKEN = regex(
    r"\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)"
    r"|(?P<ref>(?:(?P<sheet>'(?:[^']|'')+'|[^\W\d][\w.]*)!)?\$?[A-Za-z]{1,3}\$?\d{1,7}(?![\w(])"
    r"(?::\$?[A-Za-z]{1,3}\$?\d{1,7})?)"
    r"|(?P<name>[A-Za-z]+)\(|(?P<sign>[-+*/^(),&%]))"
)
#: Ranges beyond this are not worked out.
_MOST_CELLS = 5_000


class _NotSimpleError(Exception):
    """The formula uses something that is not worked out here."""


def result_of(formula: str, look: Look) -> float | None:
    """Return the value of a simple formula (+ − × ÷, SUM, AVERAGE, ROUND …), None for any other."""
    try:
        tokens = list(_tokens(formula.removeprefix("=")))
        parser = _Parser(tokens, look)
        value = parser.sum()
        return value if not parser.rest and math.isfinite(value) else None
    except (_NotSimpleError, ZeroDivisionError, OverflowError, ValueError):
        return None


def _tokens(text: str) -> Iterator[re.Match[str]]:
    at, text = 0, text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise _NotSimpleError
        yield found
        at = found.end()


class _Parser:
    """Recursive descent over tokens; whatever is unknown ends it."""

    def __init__(self, tokens: Sequence[re.Match[str]], look: Look) -> None:
        self.rest, self.look, self.depth = list(tokens), look, 0

    def take(self, *signs: str) -> str:
        if self.rest and self.rest[0]["sign"] in signs:
            return self.rest.pop(0)["sign"]
        return ""

    def sum(self) -> float:
        self.depth += 1
        if self.depth > 50:
            raise _NotSimpleError
        value = self.product()
        while sign := self.take("+", "-"):
            more = self.product()
            value = value + more if sign == "+" else value - more
        self.depth -= 1
        return value

    def product(self) -> float:
        value = self.factor()
        while sign := self.take("*", "/"):
            more = self.factor()
            value = value * more if sign == "*" else value / more
        return value

    def factor(self) -> float:
        if sign := self.take("+", "-"):
            value = self.factor()
            return -value if sign == "-" else value
        if self.take("("):
            value = self.sum()
            self.close()
            return value
        if not self.rest:
            raise _NotSimpleError
        token = self.rest.pop(0)
        if token["number"]:
            return float(token["number"])
        if token["ref"] and ":" not in token["ref"]:
            return self.single(next(iter(self.cells(token))))
        return self.call(token["name"].upper()) if token["name"] else self.refuse()

    def refuse(self) -> NoReturn:
        raise _NotSimpleError

    def close(self) -> None:
        if not self.take(")"):
            self.refuse()

    def single(self, value: object) -> float:
        if value is None:
            return 0.0
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse()
        return float(value)

    def cells(self, token: re.Match[str]) -> list[object]:
        sheet = (token["sheet"] or "").strip("'").replace("''", "'")
        first, _, last = token["ref"].rpartition("!")[2].partition(":")
        top, left = parse_cell(first)
        bottom, right = parse_cell(last) if last else (top, left)
        if (bottom - top + 1) * (right - left + 1) > _MOST_CELLS:
            self.refuse()
        rows, columns = range(top, bottom + 1), range(left, right + 1)
        return [self.look(sheet, row, column) for row in rows for column in columns]

    def call(self, name: str) -> float:
        values: list[float] = []
        while True:
            if self.rest and self.rest[0]["ref"] and ":" in self.rest[0]["ref"]:
                found = self.cells(self.rest.pop(0))
                values += [self.single(v) for v in found if type(v) in (int, float)]
            else:
                values.append(self.sum())
            if not self.take(","):
                break
        self.close()
        return _called(name, values)


_OF_ALL: dict[str, Callable[[Sequence[float]], float]] = {
    "SUM": math.fsum,
    "AVERAGE": lambda values: math.fsum(values) / len(values),
    "MAX": max,
    "MIN": min,
    "PRODUCT": math.prod,
}


def _called(name: str, values: Sequence[float]) -> float:
    if name in _OF_ALL and (values or name == "SUM"):
        return _OF_ALL[name](values)
    if name == "ROUND" and len(values) == 2:
        return round(values[0], int(values[1]))
    if (name == "IFERROR" and len(values) == 2) or (name in ("ABS", "N") and len(values) == 1):
        return abs(values[0]) if name == "ABS" else values[0]
    raise _NotSimpleError


def is_placeholder(value: object) -> bool:
    """Return whether a formula's stored value is what writers put there that cannot calculate."""
    return value == "" or (type(value) in (int, float) and value == 0)


def uncalculated(
    formulas: Mapping[tuple[str, int, int], str], look: Look, *, asks: bool = False
) -> bool:
    """Return whether a book's formulas hold placeholders.

    Args:
        formulas: (sheet, row, column), 1-based → formula text, of those whose value `is_placeholder`.
        look: Gives the value of a cell.
        asks: The file asks to be calculated when it is opened, and none of its formulas has
            another value than a placeholder.
    """
    results = set()
    for (sheet, _, _), text in formulas.items():
        value = result_of(text, lambda named, row, col, own=sheet: look(named or own, row, col))  # type: ignore[misc]
        if value is not None and abs(value) > 1e-9:
            return True
        results.add(value is not None)
    return asks and bool(formulas) and True not in results
