"""What the plan book remembers of its distributions, in _元数据.

A distribution in force has a row ``handed:3`` with its time; the row of one that was recalled
stays, empty, so that its number is never given again and its copies are known when they return.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

ID, VERSION, TIME = "id", "distribution", "distributed"
#: What the keys of distributions begin with; the number follows.
HANDED = "handed:"


@record
class Distribution:
    """The last distribution in force.

    Attributes:
        book: Id of the plan book.
        version: Its number; 0 before the first.
        time: When, local time (ISO, minutes).
        recalled: Numbers of those that were taken back.
    """

    book: str
    version: int = 0
    time: str = ""
    recalled: frozenset[int] = frozenset()

    @property
    def following(self) -> int:
        """The number of the next one: no number is given twice."""
        return max(self.version, *self.recalled, 0) + 1


def read_distribution(meta: Mapping[str, str]) -> Distribution:
    """Return the last distribution of a book; books without an id get one from what they are."""
    said = "|".join(meta.get(key, "") for key in ("year", "stores", "title"))
    book = meta.get(ID) or hashlib.sha256(said.encode()).hexdigest()[:16]
    number = meta.get(VERSION, "")
    rows = {key.removeprefix(HANDED): text for key, text in meta.items() if key.startswith(HANDED)}
    recalled = frozenset(int(key) for key, text in rows.items() if key.isdigit() and not text)
    return Distribution(book, int(number) if number.isdigit() else 0, meta.get(TIME, ""), recalled)


def remembered(made: Distribution) -> dict[str, str]:
    """Return the keys of _元数据 that remember a distribution in force."""
    number = str(made.version)
    return {ID: made.book, VERSION: number, TIME: made.time, f"{HANDED}{number}": made.time}
