"""A piece of a sentence as a formula and as its value, so that both say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from xlplan.sheets.home.words import fixed, percent, percent_formula, wan, wan_formula

if TYPE_CHECKING:
    from collections.abc import Sequence


class Pair(NamedTuple):
    """A formula without ``=`` and the text it gives."""

    formula: str
    value: str


def lit(text: str) -> Pair:
    """Return fixed words."""
    return Pair('"' + text.replace('"', '""') + '"', text)


def of_text(formula: str, value: str) -> Pair:
    """Return a text that a formula gives."""
    return Pair(formula, value)


def of_wan(formula: str, value: float) -> Pair:
    """Return money in 万."""
    return Pair(wan_formula(formula), "" if np.isnan(value) else wan(value))


def of_percent(formula: str, value: float, digits: int = 0) -> Pair:
    """Return a share."""
    return Pair(
        percent_formula(formula, digits), "" if np.isnan(value) else percent(value, digits)
    )


def of_count(formula: str, value: float) -> Pair:
    """Return a whole number."""
    return Pair(f'TEXT({formula},"#,##0")', "" if np.isnan(value) else fixed(value, 0))


def cat(*pairs: Pair) -> Pair:
    """Return pieces after each other."""
    return Pair("&".join(pair.formula for pair in pairs), "".join(pair.value for pair in pairs))


def when(test: tuple[str, bool], then: Pair, other: Pair) -> Pair:
    """Return one of two pieces, by a condition as a formula and as it holds."""
    asked, holds = test
    return Pair(f"IF({asked},{then.formula},{other.formula})", (then if holds else other).value)


def choose(cell: str, number: int, pairs: Sequence[Pair]) -> Pair:
    """Return the piece with a number, counted from 1."""
    listed = ",".join(pair.formula for pair in pairs)
    return Pair(f"CHOOSE({cell},{listed})", pairs[number - 1].value)
