"""Where cells go when lines are put into a sheet: in areas, and in formulas that refer to them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xlplan.ooxml.serial import column_index, column_name
from xlplan.record import bundle, record
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from xlplan.ooxml.patching.writes import NewValue

_CELL = r"\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}"
_AREA = rf"(?:{_CELL}(?::{_CELL})?|\$?[A-Za-z]{{1,3}}:\$?[A-Za-z]{{1,3}}|\$?[0-9]{{1,7}}:\$?[0-9]{{1,7}})"
#: Texts and structured references are passed over; then areas, with the sheet they are on.
_TOKEN = regex(
    rf"""
      "(?:[^"]|"")*"
    | \[(?:'.|[^\[\]']|\[(?:'.|[^\[\]'])*\])*\]
    | (?:(?P<quoted>'(?:[^']|'')*')|(?P<plain>[^\W\d][\w.]*))!(?P<there>{_AREA})(?![\w.(])
    | '(?:[^']|'')*'
    | (?<![\w.\\$!?:])(?P<here>{_AREA})(?![\w.\\(!\[])
    """,
    re.VERBOSE,
)
_PART = regex(r"(\$?)([A-Za-z]*)(\$?)([0-9]*)")


@bundle
class NewLines:
    """Lines that a sheet lacks.

    Attributes:
        sheet: The sheet.
        rows: Where new rows come to stand (ascending, as they stand then) → their row in the donor.
        columns: The same of columns.
        row_places: Row in the donor → row in the book, of lines that are known there.
        column_places: The same of columns.
        fresh: Cells that get the looks of the same cells of the donor.
        values: (row, column) as they stand then → what the new cells say.
    """

    sheet: str
    rows: Mapping[int, int]
    columns: Mapping[int, int]
    row_places: Mapping[int, int]
    column_places: Mapping[int, int]
    values: Mapping[tuple[int, int], NewValue]
    fresh: frozenset[tuple[int, int]] = frozenset()


@bundle
class NewSheet:
    """A sheet that a book lacks, and the one it follows.

    Attributes:
        name: Its name.
        after: The sheet it follows.
        aside: That sheet is the one which had its name so far.
        own: How names begin that the program defines.
    """

    name: str
    after: str
    aside: bool = False
    own: bytes = b""


@record
class Moves:
    """New places of lines: a mapping of rows and one of columns, of one sheet.

    Attributes:
        sheet: The sheet's name.
        row: Old row → new row.
        column: Old column → new column.
    """

    sheet: str
    row: Callable[[int], int]
    column: Callable[[int], int]

    def area(self, text: str) -> str:
        """Return an area (or one cell, whole rows, whole columns) at its new place."""
        return ":".join(map(self._end, text.split(":")))

    def _end(self, text: str) -> str:
        found = _PART.fullmatch(text)
        if found is None:
            return text
        c_fixed, letters, r_fixed, digits = found.groups()
        if not letters:  # a whole row: its sign stands first
            return f"{c_fixed}{self.row(int(digits))}"
        made = f"{c_fixed}{column_name(self.column(column_index(letters)))}"
        return f"{made}{r_fixed}{self.row(int(digits))}" if digits else made

    def areas(self, text: str) -> str:
        """Return a list of areas apart by spaces."""
        return " ".join(map(self.area, text.split()))

    def formula(self, text: str, sheet: str) -> str:
        """Return a formula of a sheet with its references to this one at their new places."""
        own = sheet.lower() == self.sheet.lower()
        if not own and self.sheet.replace("'", "''").lower() not in text.lower():
            return text

        def moved(found: re.Match[str]) -> str:
            if found["here"] is not None:
                return self.area(found["here"]) if own else found[0]
            if found["there"] is None:
                return found[0]
            name = found["plain"] or found["quoted"][1:-1].replace("''", "'")
            if name.lower() != self.sheet.lower():
                return found[0]
            return found[0][: found.start("there") - found.start()] + self.area(found["there"])

        return _TOKEN.sub(moved, text)


def inserted(at: tuple[int, ...]) -> Callable[[int], int]:
    """Return where lines go when new ones come to stand at `at` (ascending, as they stand then)."""

    def moved(line: int) -> int:
        for new in at:
            if line < new:
                break
            line += 1
        return line

    return moved


def mapped(places: Mapping[int, int]) -> Callable[[int], int]:
    """Return where the lines of one sheet stand on another; those between move with the one before."""
    known = sorted(places)

    def moved(line: int) -> int:
        before = next((one for one in reversed(known) if one <= line), known[0] if known else line)
        return line + places.get(before, before) - before

    return moved
