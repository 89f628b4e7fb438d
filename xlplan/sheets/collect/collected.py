"""_收集: what each returned copy said when it was collected, so that its next edition merges.

A store goes on filling the same file all year. What was taken over from it last time is the
base of its next edition: a corrected number is then an edit by the store, not a conflict
with its own earlier number. Kept as key and value rows; rows are appended or rewritten.
"""

from __future__ import annotations

import json
from dataclasses import field
from datetime import date
from typing import TYPE_CHECKING

from xlplan.cells import Cell, Page, Span
from xlplan.plan.actuals.threeway import same
from xlplan.record import draft
from xlplan.sheets.stores.handout import Days, pack_day, unpack_day

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Seen, Spot

SHEET = "_收集"
_HEADS = ("key", "value")
_SPLIT = "|"


@draft
class Copy:
    """One returned copy as last collected.

    Attributes:
        version: The distribution it belongs to.
        digest: SHA-256 of its bytes.
        saved: When it was saved, as the file itself says (ISO, UTC); "" unknown.
        days: What it said where that differs from what was handed out; {} is an emptied day.
    """

    version: int = 0
    digest: str = ""
    saved: str = ""
    days: Days = field(default_factory=dict)

    def base(self, handed: Days) -> Days:
        """Return what the copy said then, over all days."""
        return {**handed, **self.days}

    def remember(self, handed: Days, said: Days) -> None:
        """Keep what the copy says now."""
        days = sorted(handed.keys() | said.keys())
        self.days = {
            day: said.get(day, {})
            for day in days
            if not same_day(handed.get(day, {}), said.get(day, {}))
        }


def same_day(a: Mapping[str, object], b: Mapping[str, object]) -> bool:
    """Return whether two days say the same."""
    return all(same(a.get(key), b.get(key)) for key in a.keys() | b.keys())  # type: ignore[arg-type]


#: (store, file name) → the copy.
Copies = dict[tuple[str, str], Copy]


def collected_page() -> Page:
    """Return the empty hidden page of a new book."""
    page = Page(SHEET, hidden=True)
    for column, head in enumerate(_HEADS, start=1):
        page.put(1, column, head)
    page.columns |= {1: Span(40), 2: Span(60)}
    return page


def read_collected(cells: Mapping[Spot, Seen]) -> Copies:
    """Return the copies; rows that cannot be read are as if they were not there."""
    rows = {str(cells[spot].value): str(cells.get((row, 2), cells[spot]).value) for spot in cells if (row := spot[0]) > 1 and spot[1] == 1}  # fmt: skip
    copies: Copies = {}
    for key, text in rows.items():
        store, _, rest = key.partition(_SPLIT)
        file, _, day = rest.rpartition(_SPLIT)
        try:
            said = unpack_day(text)
            copy = copies.setdefault((store, file), Copy())
            if day:
                copy.days[date.fromisoformat(day)] = said
            else:
                copy.version, copy.digest, copy.saved = int(said["version"] or 0), str(said["digest"]), str(said["saved"])  # fmt: skip
        except (ValueError, KeyError, TypeError):
            continue
    return copies


def collected_cells(copies: Copies, cells: Mapping[Spot, Seen]) -> dict[Spot, Cell]:
    """Return the cells to change for the sheet to hold `copies`; equal rows are left out."""
    rows = {str(seen.value): row for (row, column), seen in cells.items() if row > 1 and column == 1 and seen.value is not None}  # fmt: skip
    free = max((row for row, _ in cells), default=1) + 1
    made: dict[Spot, Cell] = {}
    wanted = dict(_texts(copies))
    for key, text in wanted.items():
        row = rows.get(key)
        if row is None:
            row, free = free, free + 1
            made[row, 1] = Cell(key)
        seen = cells.get((row, 2))
        if seen is None or seen.value != text:
            made[row, 2] = Cell(text)
    for key, row in rows.items():
        if key not in wanted:
            made[row, 1], made[row, 2] = Cell(None), Cell(None)
    return made


def _texts(copies: Copies) -> list[tuple[str, str]]:
    listed = []
    for (store, file), copy in copies.items():
        head = f"{store}{_SPLIT}{file}{_SPLIT}"
        about = {"version": copy.version, "digest": copy.digest, "saved": copy.saved}
        listed.append((head, json.dumps(about, ensure_ascii=False, separators=(",", ":"))))
        listed += [(f"{head}{day}", pack_day(values)) for day, values in copy.days.items()]
    return listed
