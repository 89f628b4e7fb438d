"""Sentences whose numbers are cells: one text, as a formula and as it reads now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import Cell
from xlplan.plan.exact.units import excel_round

if TYPE_CHECKING:
    from xlplan.cells import Style

#: Number formats of TEXT → digits they are rounded to.
_DIGITS = {"#,##0": 0, "+#,##0;-#,##0;0": 0, "#,##0.00": 2, "0": 0, "0.0%": 3, "0%": 2, "+0.0%;-0.0%;0.0%": 3}  # fmt: skip
MONEY, SIGNED, SHARE, WHOLE_SHARE, GROWTH = "#,##0", "+#,##0;-#,##0;0", "0.0%", "0%", "+0.0%;-0.0%;0.0%"  # fmt: skip


def text_of(value: float, shown: str) -> str:
    """Return what TEXT(ROUND(value), shown) gives."""
    kept = excel_round(float(value), _DIGITS[shown]) + 0.0
    sign = "+" if shown.startswith("+") and kept > 0 else "-" if kept < 0 else ""
    if shown.endswith("%"):
        return f"{sign}{abs(kept):.{_DIGITS[shown] - 2}%}"
    digits = _DIGITS[shown]
    return f"{sign}{abs(kept):,.{digits}f}" if "," in shown else f"{sign}{abs(kept):.{digits}f}"


class Words:
    """A sentence in the making: pieces of a formula, and the text they come to."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.text = ""

    def say(self, text: str) -> Words:
        """Add fixed words."""
        if text:
            self.pieces.append('"' + text.replace('"', '""') + '"')
            self.text += text
        return self

    def number(self, cell: str, value: object, shown: str = MONEY) -> Words:
        """Add the number of a cell; nothing when the cell has none."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        self.pieces.append(f'IF(COUNT({cell})=0,"—",TEXT(ROUND({cell},{_DIGITS[shown]}),"{shown}"))')  # fmt: skip
        self.text += text_of(float(value), shown) if is_number else "—"  # type: ignore[arg-type]
        return self

    def cell(self, cell: str, value: object) -> Words:
        """Add the words of a cell."""
        self.pieces.append(cell)
        self.text += str(value)
        return self

    def either(self, test: str, holds: bool, yes: Words, no: Words) -> Words:  # noqa: FBT001
        """Add one of two sentences, by a condition on cells."""
        self.pieces.append(f"IF({test},{yes.formula},{no.formula})")
        self.text += (yes if holds else no).text
        return self

    @property
    def formula(self) -> str:
        """The sentence as an expression."""
        return "&".join(self.pieces) or '""'

    def put(self, style: Style | None = None) -> Cell:
        """Return the sentence as a cell."""
        return Cell(self.text, f"={self.formula}", style)
