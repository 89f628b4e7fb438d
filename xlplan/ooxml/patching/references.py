"""Relative references in formula text, moved as Excel moves them when it fills down."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from xlplan.ooxml.serial import MAX_COL, MAX_ROW, column_index, column_name
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Callable

    Piece = str | Callable[[int, int], str]

#: Texts, quoted sheet names and structured references are passed over; then cells,
#: whole columns and whole rows that are not part of a longer name.
_TOKEN = regex(
    r"""
      "(?:[^"]|"")*"
    | '(?:[^']|'')*'
    | \[(?:'.|[^\[\]']|\[(?:'.|[^\[\]'])*\])*\]
    | (?<![\w.\\?$]) (?P<cc>\$?) (?P<col>[A-Za-z]{1,3}) (?P<rr>\$?) (?P<row>[1-9][0-9]{0,6})
      (?![\w.\\?(!\[])
    | (?<![\w.\\?$]) (?P<c1>\$?[A-Za-z]{1,3}):(?P<c2>\$?[A-Za-z]{1,3}) (?![\w.\\?(!$])
    | (?<![\w.\\?$]) (?P<r1>\$?[0-9]{1,7}):(?P<r2>\$?[0-9]{1,7}) (?![\w.\\?(!])
    """,
    re.VERBOSE,
)
_LOST = "#REF!"


def shift_formula(text: str, rows: int, cols: int) -> str:
    """Return the formula as it reads `rows` down and `cols` to the right.

    Relative parts move, ``$`` parts stay; a reference that leaves the grid becomes #REF!.
    Source of the rule: ECMA-376 part 1, 18.3.1.40 (shared formulas).
    """
    return "".join(
        piece if isinstance(piece, str) else piece(rows, cols) for piece in _pieces(text)
    )


@lru_cache(maxsize=512)
def _pieces(text: str) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    done = 0
    for found in _TOKEN.finditer(text):
        mover = _mover(found)
        if mover is not None:
            pieces += [text[done : found.start()], mover]
            done = found.end()
    return (*pieces, text[done:])


def _mover(found: re.Match[str]) -> Callable[[int, int], str] | None:
    if found["row"] is not None and _is_column(found["col"]) and int(found["row"]) <= MAX_ROW:
        col, row = f"{found['cc']}{found['col']}", f"{found['rr']}{found['row']}"
        return lambda rows, cols: _joined("", _moved_col(col, cols), _moved_row(row, rows))
    if found["c1"] is not None and all(_is_column(found[c].lstrip("$")) for c in ("c1", "c2")):
        c1, c2 = found["c1"], found["c2"]
        return lambda _rows, cols: _joined(":", _moved_col(c1, cols), _moved_col(c2, cols))
    if found["r1"] is not None:
        r1, r2 = found["r1"], found["r2"]
        return lambda rows, _cols: _joined(":", _moved_row(r1, rows), _moved_row(r2, rows))
    return None


def _is_column(letters: str) -> bool:
    return len(letters) < len("XFD") or letters.upper() <= "XFD"


def _joined(mark: str, *parts: str | None) -> str:
    return _LOST if None in parts else mark.join(filter(None, parts))


def _moved_col(part: str, by: int) -> str | None:
    if part[0] == "$":
        return part
    col = column_index(part) + by
    return column_name(col) if 1 <= col <= MAX_COL else None


def _moved_row(part: str, by: int) -> str | None:
    if part[0] == "$":
        return part
    row = int(part) + by
    return str(row) if 1 <= row <= MAX_ROW else None
