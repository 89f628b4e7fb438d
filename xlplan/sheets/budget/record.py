"""_预算: budgets as they were kept (年初, snapshots, the last export) and finance's closed months."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from xlplan.plan.budget.budget import Frozen
from xlplan.plan.budget.closed import Closed
from xlplan.plan.budget.review import Kept
from xlplan.record import record
from xlplan.sheets.base.packing import pack, pack_json, pack_values, unpack, unpack_values
from xlplan.sheets.base.records import read_records, record_cells, record_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Cell, Page, Seen, Spot

SHEET = "_预算"
FIELDS = ("kind", "name", "time", "who", "payload")
START, SNAPSHOT, LAST, CLOSED = "年初", "快照", "上次导出", "财务实际"
_TEXTS = ("unit", "store", "channel", "account", "name")


@record
class Note:
    """One row: a kept budget, or what finance closed."""

    kind: str
    name: str
    time: str
    who: str
    payload: str


def notes_page(notes: Sequence[Note] = ()) -> Page:
    """Return the hidden page."""
    return record_page(SHEET, FIELDS, [_fields(note) for note in notes])


def read_notes(cells: Mapping[Spot, Seen]) -> list[Note]:
    """Return the rows of the hidden page.

    Raises:
        StructureError: Its header row was changed.
    """
    return [Note(**found) for found in read_records(SHEET, FIELDS, cells)]


def note_cells(notes: Sequence[Note], there: Mapping[Spot, Seen]) -> dict[Spot, Cell]:
    """Return the cells that differ."""
    made = record_cells(FIELDS, [_fields(note) for note in notes], there)
    return {
        spot: cell
        for spot, cell in made.items()
        if (there[spot].value if spot in there else None) != cell.value
    }


def _fields(note: Note) -> dict[str, str]:
    return {name: getattr(note, name) for name in FIELDS}


def keep_lines(lines: Sequence[Frozen]) -> str:
    """Return budget lines as text."""
    texts = [[getattr(line, name) for name in _TEXTS] for line in lines]
    amounts = np.array([[*line.gross, *line.net] for line in lines], dtype=np.float64)
    return pack({"lines": pack_json(texts), "amounts": pack_values(amounts.ravel())})


def kept_lines(payload: str) -> list[Frozen]:
    """Return the lines of `keep_lines`.

    Raises:
        StructureError: The text was changed by hand.
    """
    parts = unpack(payload)
    amounts = unpack_values(parts["amounts"]).reshape(-1, 24).tolist()
    return [
        Frozen(**dict(zip(_TEXTS, texts, strict=True)), gross=tuple(row[:12]), net=tuple(row[12:]))
        for texts, row in zip(json.loads(parts["lines"]), amounts, strict=True)
    ]


def keep_closed(closed: Sequence[Closed]) -> str:
    """Return finance's figures as text."""
    rows = [[one.account, one.month, one.amount, one.store, one.taxed] for one in closed]
    return pack({"closed": pack_json(rows)})


def kept_closed(notes: Sequence[Note]) -> list[Closed]:
    """Return finance's figures that are kept."""
    found = [note for note in notes if note.kind == CLOSED]
    return [Closed(*row) for note in found for row in json.loads(unpack(note.payload)["closed"])]


def kept_budgets(notes: Sequence[Note], kind: str) -> list[Kept]:
    """Return the budgets kept under a kind, oldest first."""
    return [
        Kept(note.name, note.time, kept_lines(note.payload)) for note in notes if note.kind == kind
    ]
