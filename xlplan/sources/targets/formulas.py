"""Formulas of a sheet without stored values: sums, products and references are worked out here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.ooxml.serial import parse_cell
from xlplan.regex import regex
from xlplan.sources.numbers import Number, parse_number
from xlplan.sources.text import NOT_CALCULATED

if TYPE_CHECKING:
    from xlplan.sources.readers.raw import Table

_TOKEN = regex(
    r"\s*(?:(?P<num>\d+\.?\d*(?:[eE][-+]?\d+)?)|(?P<ref>\$?[A-Za-z]{1,3}\$?\d{1,7})(?![A-Za-z0-9_(!])"
    r"|(?P<name>[A-Za-z]+)(?=\()|(?P<op>[-+*/^%():,]))"
)
_FUNCTIONS = ("SUM", "ROUND", "AVERAGE", "MAX", "MIN")
_DEEPEST = 200


class _CannotError(Exception):
    """The formula is beyond this little reckoner."""


def worked_out(table: Table, cells: list[list[object]]) -> list[tuple[tuple[int, int], str]]:
    """Fill in the values of formulas that were saved without any.

    A writer that does not calculate leaves no value or a placeholder 0. A 0 among calculated
    formulas that the formula itself contradicts is reported.

    Returns:
        Cells whose stored 0 cannot be right, with what is wrong.
    """
    sheet = _Sheet(table, cells)
    blank = all(not _stored(cells, at) for at in table.formulas)
    troubles = []
    for at in table.formulas:
        stored = _stored(cells, at)
        if stored:
            continue
        found = sheet.value(at)
        if blank or cells[at[0]][at[1]] == NOT_CALCULATED:
            sheet.results[at] = found
        elif found:
            troubles.append((at, f"公式存的值是 0，按式子应为 {found:g}：可能没有算过"))
    for (row, column), value in sheet.results.items():
        if value is not None:
            cells[row][column] = value
        elif (row, column) in table.formulas and not _stored(cells, (row, column)):
            cells[row][column] = NOT_CALCULATED
    return troubles


def _stored(cells: list[list[object]], at: tuple[int, int]) -> bool:
    value = cells[at[0]][at[1]] if at[0] < len(cells) and at[1] < len(cells[at[0]]) else None
    return value not in (None, 0, "", NOT_CALCULATED)


class _Sheet:
    """The values of a sheet, formulas as they are needed."""

    def __init__(self, table: Table, cells: list[list[object]]) -> None:
        self.table = table
        self.cells = cells
        self.results: dict[tuple[int, int], float | None] = {}
        self.open: set[tuple[int, int]] = set()

    def value(self, at: tuple[int, int]) -> float | None:
        """Return what a formula comes to, None when it cannot be told."""
        try:
            return self.number(at)
        except (_CannotError, ZeroDivisionError, OverflowError, ValueError):
            return None

    def number(self, at: tuple[int, int]) -> float:
        """Return the number of a cell; blank cells and text count 0 as in SUM."""
        row, column = at
        if row >= len(self.cells) or column >= len(self.cells[row]):
            return 0.0
        if at in self.table.formulas and not _stored(self.cells, at):
            if at in self.open or len(self.open) > _DEEPEST:
                raise _CannotError
            self.open.add(at)
            try:
                return _Reckoner(self.table.formulas[at], self).result()
            finally:
                self.open.discard(at)
        read = parse_number(self.cells[row][column])
        if isinstance(read, Number):
            return read.value
        if read is None:
            return 0.0
        raise _CannotError


class _Reckoner:
    """Recursive descent over one formula."""

    def __init__(self, text: str, sheet: _Sheet) -> None:
        self.sheet = sheet
        self.tokens: list[tuple[str, str]] = []
        at = 0
        text = text.strip().lstrip("=")
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None or found.lastgroup is None:
                raise _CannotError
            self.tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()
            if not text[at:].strip():
                break
        self.at = 0

    def result(self) -> float:
        """Return the value of the whole formula."""
        value = self.sum()
        if self.at < len(self.tokens):
            raise _CannotError
        return value

    def take(self, *wanted: str) -> str:
        """Return the next operator when it is one of these, "" otherwise."""
        if self.at < len(self.tokens) and self.tokens[self.at][0] == "op":
            sign = self.tokens[self.at][1]
            if sign in wanted:
                self.at += 1
                return sign
        return ""

    def sum(self) -> float:
        """Read terms with + and -."""
        value = self.product()
        while sign := self.take("+", "-"):
            value += self.product() if sign == "+" else -self.product()
        return value

    def product(self) -> float:
        """Read factors with * and /."""
        value = self.power()
        while sign := self.take("*", "/"):
            value = value * self.power() if sign == "*" else value / self.power()
        return value

    def power(self) -> float:
        """Read signs, ^ and %."""
        if sign := self.take("+", "-"):
            return self.power() if sign == "+" else -self.power()
        value = self.single()
        while self.take("%"):
            value /= 100
        if self.take("^"):
            value = float(value ** self.power())
        return value

    def single(self) -> float:
        """Read a number, a cell, a bracket or a function."""
        if self.take("("):
            value = self.sum()
            self.close()
            return value
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        self.at += 1
        if kind == "num":
            return float(text)
        if kind == "ref":
            return self.sheet.number(_at(text))
        if kind == "name" and text.upper() in _FUNCTIONS:
            return self.function(text.upper())
        raise _CannotError

    def close(self) -> None:
        """Read a closing bracket."""
        if not self.take(")"):
            raise _CannotError

    def function(self, name: str) -> float:
        """Read the arguments of a function and apply it."""
        if not self.take("("):
            raise _CannotError
        values = self.argument()
        while self.take(","):
            values += self.argument()
        self.close()
        if name == "ROUND" and len(values) == 2:
            return round(values[0] + 1e-12, int(values[1]))
        if name == "AVERAGE" and values:
            return sum(values) / len(values)
        if name in ("MAX", "MIN") and values:
            return max(values) if name == "MAX" else min(values)
        if name == "SUM":
            return sum(values)
        raise _CannotError

    def argument(self) -> list[float]:
        """Read one argument: a range, or an expression."""
        kinds = [kind for kind, _ in self.tokens[self.at : self.at + 3]]
        if kinds == ["ref", "op", "ref"] and self.tokens[self.at + 1][1] == ":":
            (top, left), (low, right) = (
                _at(self.tokens[self.at][1]),
                _at(self.tokens[self.at + 2][1]),
            )
            self.at += 3
            return [
                self.sheet.number((row, column))
                for row in range(top, low + 1)
                for column in range(left, right + 1)
                if self._counts(row, column)
            ]
        return [self.sum()]

    def _counts(self, row: int, column: int) -> bool:
        """Whether a cell of a range holds a number: text and blanks are passed over."""
        if (row, column) in self.sheet.table.formulas:
            return True
        cells = self.sheet.cells
        cell = cells[row][column] if row < len(cells) and column < len(cells[row]) else None
        return isinstance(cell, int | float)


def _at(name: str) -> tuple[int, int]:
    row, column = parse_cell(name.replace("$", ""))
    return row - 1, column - 1
