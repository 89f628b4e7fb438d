"""Agreements: what a category or platform sells in single stores and days, fixed by itself.

An agreement is a rectangle inside one month (all stores or one, days from–to) with an amount.
Those of one part lie inside one another or apart, never across: what is agreed inside counts
towards what is agreed around it, and that towards the part's month.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from xlplan.plan.days.periods import between
from xlplan.plan.exact.units import from_cents
from xlplan.plan.year import TOTAL
from xlplan.record import bundle, record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from xlplan.plan.exact.units import Bools, Floats

#: What users call the two kinds of parts.
KINDS = {"c": "品类", "p": "平台"}


@record
class Agreement:
    """One agreement.

    Attributes:
        kind: ``c`` category or ``p`` platform.
        part: Its name.
        store: A store, or 合计 for all of them.
        first: First day.
        last: Last day, in the same month.
        amount: Sales.
        who: Who made it.
        when: When, as ``2027-03-01 09:30:00``.
        why: The reason given.
    """

    kind: str
    part: str
    store: str
    first: date
    last: date
    amount: float
    who: str = ""
    when: str = ""
    why: str = ""

    @property
    def place(self) -> str:
        """Return where it holds in words: ``女装 合计 9月9日``."""
        return f"{self.part} {self.store} {between(self.first, self.last).label}"

    def about(self) -> str:
        """Return it in words."""
        return f"{self.place} = {self.amount:,.2f}"

    def mask(self, stores: Sequence[str], days: int) -> Bools:
        """Return its cells on (stores, days of its month)."""
        found = np.zeros((len(stores), days), dtype=bool)
        rows = slice(None) if self.store == TOTAL else [stores.index(self.store)]
        found[rows, self.first.day - 1 : self.last.day] = True
        return found


def agreement_texts(one: Agreement) -> dict[str, Any]:
    """Return an agreement as JSON keeps it."""
    return asdict(one) | {"first": str(one.first), "last": str(one.last)}


def agreement_of(texts: Mapping[str, Any]) -> Agreement:
    """Return the agreement of its JSON form."""
    days = {key: date.fromisoformat(texts[key]) for key in ("first", "last")}
    return Agreement(**{**texts, **days})


@bundle
class Agreed:
    """An agreement on the grid of its month.

    Attributes:
        said: The agreement.
        mask: Its cells, (stores, days of the month).
    """

    said: Agreement
    mask: Bools


def crossing(one: Bools, other: Bools) -> bool:
    """Return whether two rectangles share cells and neither holds the other."""
    both = one & other
    return bool(both.any() and (one & ~other).any() and (other & ~one).any())


def rectangles(mask: Bools) -> Iterator[Bools]:
    """Return cells as rectangles: all stores together where they are alike, else store by store."""
    alike = bool((mask == mask[0]).all())
    for row in range(1 if alike else len(mask)):
        edges = np.flatnonzero(np.diff(mask[row].astype(np.int8), prepend=0, append=0))
        for first, end in edges.reshape(-1, 2):
            made = np.zeros_like(mask)
            made[slice(None) if alike else row, first:end] = True
            yield made


def placed(mask: Bools, like: Agreement, stores: Sequence[str], month: int) -> Agreed:
    """Return a rectangle as an agreement with the words of another one; its amount is 0."""
    whole = len(stores) > 1 and mask.any(axis=1).all()
    days = np.flatnonzero(mask.any(axis=0))
    first, last = (like.first.replace(month=month, day=int(day) + 1) for day in days[[0, -1]])
    store = TOTAL if whole else stores[int(mask.any(axis=1).argmax())]
    return Agreed(replace(like, store=store, first=first, last=last, amount=0.0), mask)


def with_new(older: Sequence[Agreed], fresh: Sequence[Agreed], stores: Sequence[str]) -> list[Agreed]:  # fmt: skip
    """Return agreements of one part in one month after new ones came.

    An older one on just the same cells gives way. One that a new one crosses is cut in two, into
    what lies outside and inside, so that neither loses its amounts; a piece on whose very cells
    another agreement stands is said by that one.
    """
    made = list(older)
    for new in fresh:
        cut = [piece for old in made for piece in _beside(old, new.mask, stores)]
        whole = [one for one in cut if one in made]
        made = list({one.mask.tobytes(): one for one in (*cut, *whole)}.values())
        made.append(new)
    return made


def _beside(old: Agreed, new: Bools, stores: Sequence[str]) -> list[Agreed]:
    if np.array_equal(old.mask, new):
        return []
    if not crossing(old.mask, new):
        return [old]
    pieces = [*rectangles(old.mask & ~new), *rectangles(old.mask & new)]
    return [placed(piece, old.said, stores, old.said.first.month) for piece in pieces]


def with_amounts(agreed: Sequence[Agreed], cells: Floats) -> list[Agreement]:
    """Return the agreements with the amounts their cells (stores, days; in fen) come to."""
    return [replace(one.said, amount=float(from_cents(cells[one.mask].sum()))) for one in agreed]
