"""How the budget workbook looks: finance's number formats, levels, sheet names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import State, Style
from xlplan.regex import regex
from xlplan.sheets.base import look

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Negatives in brackets, nothing as a dash, as finance writes them.
MONEY = '#,##0.00_);(#,##0.00);"-"_)'
COUNT = '#,##0_);(#,##0);"-"_)'
SHARE = '0.00%_);(0.00%);"-"_)'
TIMES = '0.00_);(0.00);"-"_)'

LEVEL_FILL = {0: look.PALE, 1: "#F3F5F8", 2: "", 3: ""}


def label(level: int) -> Style:
    """Return the look of a row's name."""
    return Style(
        bold=level < 2,
        indent=max(level - 1, 0),
        fill=LEVEL_FILL[level],
        color=look.INK if level == 0 else "",
        size=9 if level == 3 else 10,
    )


def amount(level: int, number: str = MONEY) -> Style:
    """Return the look of a row's amounts."""
    return Style(
        State.DERIVED,
        number=number,
        bold=level < 2,
        fill=LEVEL_FILL[level],
        size=9 if level == 3 else 10,
    )


def share(level: int) -> Style:
    """Return the look of a row's shares."""
    return amount(level, SHARE).but(color="#757575", size=9)


TEXT = Style(wrap=True)
CHECK = Style(State.DERIVED, number='0.00;-0.00;"0"', size=9, color="#757575")

_NOT_IN_NAMES = regex(r"[\[\]:*?/\\\x00-\x1f\x7f]")
LONGEST = 31


def sheet_titles(
    names: Iterable[str], taken: Iterable[str], longest: int = LONGEST
) -> dict[str, str]:
    """Return name → a sheet name that every program accepts, no two alike.

    Args:
        names: Names that people typed.
        taken: Sheet names that are used already.
        longest: Most letters of a name.
    """
    used = {name.casefold() for name in taken} | {"history"}
    made: dict[str, str] = {}
    for name in names:
        stem = _NOT_IN_NAMES.sub("_", name).strip().strip("'")[:longest].strip("' ") or "店"
        title, number = stem, 1
        while title.casefold() in used:
            number += 1
            tail = f"_{number}"
            title = f"{stem[: longest - len(tail)]}{tail}"
        used.add(title.casefold())
        made[name] = title
    return made
