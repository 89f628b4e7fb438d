"""What the plan book remembers of its last distribution, in _元数据."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from xlplan.cells import Cell
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Seen, Spot

ID, VERSION, TIME = "id", "distribution", "distributed"


@record
class Distribution:
    """The last distribution.

    Attributes:
        book: Id of the plan book.
        version: Its number; 0 before the first.
        time: When, local time (ISO, minutes).
    """

    book: str
    version: int = 0
    time: str = ""


def read_distribution(meta: Mapping[str, str]) -> Distribution:
    """Return the last distribution of a book; books without an id get one from what they are."""
    said = "|".join(meta.get(key, "") for key in ("year", "stores", "title"))
    book = meta.get(ID) or hashlib.sha256(said.encode()).hexdigest()[:16]
    number = meta.get(VERSION, "")
    return Distribution(book, int(number) if number.isdigit() else 0, meta.get(TIME, ""))


def distribution_cells(made: Distribution, cells: Mapping[Spot, Seen]) -> dict[Spot, Cell]:
    """Return the cells of _元数据 that remember a distribution."""
    rows = {str(seen.value): row for (row, column), seen in cells.items() if column == 1}
    free = max((row for row, _ in cells), default=0) + 1
    found: dict[Spot, Cell] = {}
    for key, text in ((ID, made.book), (VERSION, str(made.version)), (TIME, made.time)):
        row = rows.get(key)
        if row is None:
            row, free = free, free + 1
        found[row, 1], found[row, 2] = Cell(key), Cell(text)
    return found
