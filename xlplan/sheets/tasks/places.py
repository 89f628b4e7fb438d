"""Where 工作计划 has its rows and columns: fixed rows by key, so that a closed file can be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import letters
from xlplan.plan.tasks.duties import SLOTS
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SHEET, REST_SHEET = "工作计划", "_工作计划"
#: Rows of a month's list, and of the counts.
ROWS, COUNTS = 120, 8
KEY_ROW, HEAD_ROW, DAY_ROW, FIRST_ROW = 4, 5, 6, 7
LIST_HEAD = FIRST_ROW + len(SLOTS) + 1
LIST_ROW = LIST_HEAD + 1
COUNT_HEAD = LIST_ROW + ROWS + 1
#: The fields of a row, before and behind the stores' columns.
BEFORE = ("date", "weekday", "when", "what", "owner", "quota")
BEHIND = ("state", "note")
DAYS = tuple(range(1, 32))


@record
class BoardAt:
    """Rows and columns by key: ``d:1``, ``t:1``, ``n:1`` and ``month``; fields, ``s:店``, ``day:1``."""

    rows: Mapping[str, int]
    columns: Mapping[str, int]

    def block(self, letter: str) -> list[int]:
        """Return the rows of a block (``d``, ``t``, ``n``) from the top."""
        return sorted(row for key, row in self.rows.items() if key.startswith(f"{letter}:"))

    def stores(self, stores: Sequence[str]) -> list[int]:
        """Return the columns of the stores that are there."""
        return [self.columns[f"s:{store}"] for store in stores if f"s:{store}" in self.columns]

    def range(self, column: str, letter: str = "t") -> str:
        """Return the absolute range of a column in a block."""
        rows, name = self.block(letter), letters(self.columns[column])
        return f"${name}${rows[0]}:${name}${rows[-1]}"


def board_as_built(stores: Sequence[str]) -> BoardAt:
    """Return where everything stands on a new sheet."""
    names = [*BEFORE, *(f"s:{store}" for store in stores), *BEHIND]
    columns = {name: number for number, name in enumerate(names, start=1)}
    first = len(names) + 2
    columns |= {f"day:{day}": first + day - 1 for day in DAYS}
    columns |= {"id": first + 32, "made": first + 33}
    rows = {"month": 3}
    rows |= {f"d:{n}": FIRST_ROW + n - 1 for n in range(1, len(SLOTS) + 1)}
    rows |= {f"t:{n}": LIST_ROW + n - 1 for n in range(1, ROWS + 1)}
    rows |= {f"n:{n}": COUNT_HEAD + n for n in range(1, COUNTS + 1)}
    return BoardAt(rows, columns)
