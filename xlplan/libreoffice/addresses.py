"""Addresses as people write them, and areas: (row, column, rows, columns) counted from 1."""

from __future__ import annotations

import re

CellArea = tuple[int, int, int, int]

ROWS, COLUMNS = 1_048_576, 16_384
_CELLS = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})(?::\$?([A-Za-z]{1,3})\$?(\d{1,7}))?")
_COLUMNS = re.compile(r"\$?([A-Za-z]{1,3}):\$?([A-Za-z]{1,3})")
_ROWS = re.compile(r"\$?(\d{1,7}):\$?(\d{1,7})")
_PLAIN = re.compile(r"[^\W\d][\w.]*")


def column_number(letters: str) -> int:
    """Column number of its letters: "A" -> 1."""
    value = 0
    for letter in letters.upper():
        value = value * 26 + ord(letter) - 64
    return value


def column_letters(number: int) -> str:
    """Letters of a column number: 28 -> "AB"."""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def parse_area(text: str) -> CellArea | None:
    """The area of "B2", "$A$1:C3", "A:C" or "1:3"; None if the text is something else."""
    if found := _CELLS.fullmatch(text):
        left, top, right, bottom = found.groups()
        ends = (int(top), column_number(left), int(bottom or top), column_number(right or left))
    elif found := _COLUMNS.fullmatch(text):
        ends = (1, column_number(found[1]), ROWS, column_number(found[2]))
    elif found := _ROWS.fullmatch(text):
        ends = (int(found[1]), 1, int(found[2]), COLUMNS)
    else:
        return None
    return _checked(*ends)


def _checked(top: int, left: int, bottom: int, right: int) -> CellArea | None:
    area = span((top, left, 1, 1), (bottom, right, 1, 1))
    inside = area[0] + area[2] - 1 <= ROWS and area[1] + area[3] - 1 <= COLUMNS
    return area if inside and area[0] and area[1] else None


def span(one: CellArea, other: CellArea) -> CellArea:
    """The smallest area that holds both."""
    top, left = min(one[0], other[0]), min(one[1], other[1])
    bottom = max(one[0] + one[2], other[0] + other[2])
    right = max(one[1] + one[3], other[1] + other[3])
    return top, left, bottom - top, right - left


def area_text(area: CellArea, *, fix_rows: bool = True, fix_columns: bool = True) -> str:
    """An area as text: "$A$1:$B$2"; whole columns as "$A:$B", whole rows as "$1:$2"."""
    row, column, rows, columns = area
    down, across = "$" if fix_rows else "", "$" if fix_columns else ""
    if rows >= ROWS and columns < COLUMNS:
        return f"{across}{column_letters(column)}:{across}{column_letters(column + columns - 1)}"
    if columns >= COLUMNS and rows < ROWS:
        return f"{down}{row}:{down}{row + rows - 1}"
    first = f"{across}{column_letters(column)}{down}{row}"
    if rows == columns == 1:
        return first
    return f"{first}:{across}{column_letters(column + columns - 1)}{down}{row + rows - 1}"


def quoted_sheet(sheet: str) -> str:
    """A sheet name as it stands before "!", in quotes where it needs them."""
    return sheet if _PLAIN.fullmatch(sheet) else "'" + sheet.replace("'", "''") + "'"


def split(text: str) -> tuple[str | None, str]:
    """Sheet name (None if there is none) and the rest of "Sheet!A1", "='My sheet'!A1"."""
    sheet, mark, rest = text.strip().rpartition("!")
    if not mark:
        return None, rest
    return sheet.lstrip("=").strip("'").replace("''", "'"), rest
