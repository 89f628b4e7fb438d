"""Cells as they were stored: values, formulas, errors, style indexes."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, NamedTuple

from xlplan.ooxml.serial import CellRange, cell_name, serial_to_date
from xlplan.record import draft, record
from xlplan.regex import regex

if TYPE_CHECKING:
    import datetime as dt
    import re
    from collections.abc import Sequence


@record
class ErrorValue:
    """An error value such as ``#DIV/0!``; deliberately no text and no number."""

    code: str

    def __str__(self) -> str:
        return self.code


StoredValue = float | str | bool | ErrorValue | None


class StoredCell(NamedTuple):
    """One stored cell.

    Attributes:
        value: A number (dates as serials), text, boolean, `ErrorValue`, or None for a
            formula without a cached value.
        formula: Formula text without ``=``; None for an input. Children of a shared
            formula carry their own, shifted text.
        style: Index into the workbook's cell formats (cellXfs).
        is_date: Whether the value is a number whose format shows a day.
    """

    value: StoredValue
    formula: str | None = None
    style: int = 0
    is_date: bool = False


@record
class TablePart:
    """An Excel table: its name, its block with header and totals, its column names."""

    name: str
    block: CellRange
    header_rows: int
    totals_rows: int
    columns: tuple[str, ...]


@draft
class SheetCells:
    """One sheet's cells, sparse; rows and columns are 1-based.

    Attributes:
        name: The sheet's name.
        cells: (row, col) → `StoredCell`, for every cell with a value or a formula.
        blanks: (row, col) → style index, for formatted empty cells.
        merges: Merged blocks.
        arrays: Blocks filled by array formulas and data tables; the cells below the
            first hold values but are computed.
        date1904: Which epoch the serials of this book count from.
    """

    name: str
    cells: dict[tuple[int, int], StoredCell]
    blanks: dict[tuple[int, int], int] = field(default_factory=dict)
    merges: tuple[CellRange, ...] = ()
    arrays: tuple[CellRange, ...] = ()
    date1904: bool = False

    def value(self, row: int, col: int) -> StoredValue:
        """Return the stored value, None for an empty cell."""
        cell = self.cells.get((row, col))
        return None if cell is None else cell.value

    def style(self, row: int, col: int) -> int:
        """Return the cell's own style index, 0 if it has none."""
        cell = self.cells.get((row, col))
        return self.blanks.get((row, col), 0) if cell is None else cell.style

    def date(self, row: int, col: int) -> dt.date | None:
        """Return the day a number stands for, whatever its format; None if it is none."""
        value = self.value(row, col)
        if isinstance(value, bool) or not isinstance(value, float):
            return None
        return serial_to_date(value, date1904=self.date1904)

    def is_computed(self, row: int, col: int) -> bool:
        """Whether a formula puts the value there (its own, or an array formula's)."""
        cell = self.cells.get((row, col))
        if cell is not None and cell.formula is not None:
            return True
        return any(block.holds(row, col) for block in self.arrays)

    def name_of(self, row: int, col: int) -> str:
        """Return ``表名!C7`` for messages."""
        return f"{self.name}!{cell_name(row, col)}"


_ESCAPED = regex(r"_x([0-9A-Fa-f]{4})_")
_ENTITY = regex(r"&(?:#x([0-9A-Fa-f]{1,6})|#([0-9]{1,7})|([a-z]{2,4}));|&")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def unescape(text: str) -> str:
    """Return text with XML entities and Excel's ``_x000D_`` escapes resolved (ValueError if bad)."""
    if "&" in text:
        text = _named_entities(text) if "&#" not in text else _ENTITY.sub(_character, text)
    return unescape_excel(text) if "_x" in text else text


def unescape_all(texts: Sequence[str | None]) -> list[str | None]:
    """Return each text as by `unescape`: in a few steps for all, where there are only entities."""
    done = list(texts)
    marked = {at: text for at, text in enumerate(texts) if text and ("&" in text or "_x" in text)}
    together = "\0".join(marked.values())  # no XML has this character
    if "&#" in together or "_x" in together:
        plain = list(map(unescape, marked.values()))
    else:
        plain = _named_entities(together).split("\0")
    for at, text in zip(marked, plain, strict=False):
        done[at] = text
    return done


def _named_entities(text: str) -> str:
    """Resolve the five named entities without a regular expression, for the hot path."""
    plain = text.replace("&lt;", "<").replace("&gt;", ">")
    if "&quot;" in plain or "&apos;" in plain:
        plain = plain.replace("&quot;", '"').replace("&apos;", "'")
    if plain.count("&") != plain.count("&amp;"):
        raise ValueError(f"{text[:40]!r} holds an unknown entity")
    return plain.replace("&amp;", "&")


def unescape_excel(text: str) -> str:
    """Return text with ``_xHHHH_`` escapes resolved; source: ECMA-376 part 1, 22.9.2.19."""
    return _ESCAPED.sub(lambda found: _unit(int(found[1], 16), found[0]), text)


def _unit(number: int, otherwise: str) -> str:
    return otherwise if 0xD800 <= number < 0xE000 else chr(number)


def _character(found: re.Match[str]) -> str:
    hexa, decimal, name = found.groups()
    if name is not None and name in _NAMED:
        return _NAMED[name]
    if hexa is None and decimal is None:
        raise ValueError(f"{found[0]!r} is not an entity")
    number = int(hexa, 16) if hexa is not None else int(decimal)
    if number in (0x9, 0xA, 0xD) or 0x20 <= number < 0xD800 or 0xE000 <= number < 0x110000:
        return chr(number)
    raise ValueError(f"{found[0]!r} is not a character")
