"""_撤销 and _版本: what actions changed, and plans that were kept, in the book itself."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from xlplan.record import record
from xlplan.sheets.base.records import read_records, record_cells, record_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Cell, Page, Seen, Spot

UNDO, VERSIONS = "_撤销", "_版本"
#: States of an entry.
DONE, UNDONE, DROPPED = "已执行", "已撤销", "已作废"
#: Characters of all payloads together; older ones are let go, their log rows stay.
ROOM = 12_000_000


@record
class Entry:
    """What one action changed.

    Attributes:
        id: Action id, as in 变更记录.
        action: Its name.
        time: When.
        who: By whom.
        note: What was done.
        state: `DONE`, `UNDONE`, or `DROPPED` (undone, then something else was done).
        payload: The changes (`xlplan.sheets.state.deltas`); empty when let go.
    """

    id: str
    action: str
    time: str
    who: str
    note: str
    state: str = DONE
    payload: str = ""


@record
class Version:
    """A plan that was kept.

    Attributes:
        name: Its name, unique in the book.
        kind: 预算, 预测, 情景, 快照 or 去年.
        year: The year it plans.
        time: When it was taken.
        who: By whom.
        note: What for.
        frozen: ``是`` when it cannot change any more.
        payload: The plan (`xlplan.sheets.history.kept`).
    """

    name: str
    kind: str
    year: str
    time: str
    who: str
    note: str
    frozen: str
    payload: str


ENTRY_FIELDS = tuple(Entry.__dataclass_fields__)
VERSION_FIELDS = tuple(Version.__dataclass_fields__)


def undo_page(entries: Sequence[Entry]) -> Page:
    """Return the hidden page of actions."""
    return record_page(UNDO, ENTRY_FIELDS, [asdict(entry) for entry in entries])


def versions_page(versions: Sequence[Version]) -> Page:
    """Return the hidden page of versions."""
    return record_page(VERSIONS, VERSION_FIELDS, [asdict(version) for version in versions])


def undo_cells(entries: Sequence[Entry], there: Mapping[Spot, Seen]) -> dict[Spot, Cell]:
    """Return the cells that say these entries."""
    return record_cells(ENTRY_FIELDS, [asdict(entry) for entry in entries], there)


def version_cells(versions: Sequence[Version], there: Mapping[Spot, Seen]) -> dict[Spot, Cell]:
    """Return the cells that say these versions."""
    return record_cells(VERSION_FIELDS, [asdict(version) for version in versions], there)


def read_entries(cells: Mapping[Spot, Seen]) -> list[Entry]:
    """Return the actions, oldest first."""
    return [Entry(**record) for record in read_records(UNDO, ENTRY_FIELDS, cells)]


def read_versions(cells: Mapping[Spot, Seen]) -> list[Version]:
    """Return the versions."""
    return [Version(**record) for record in read_records(VERSIONS, VERSION_FIELDS, cells)]


def with_entry(entries: Sequence[Entry], entry: Entry) -> list[Entry]:
    """Return the entries with a new one: what was undone cannot be redone any more."""
    kept = [replace(e, state=DROPPED) if e.state == UNDONE else e for e in entries]
    return _within_room([*kept, entry])


def _within_room(entries: list[Entry]) -> list[Entry]:
    """Let the oldest payloads go when all together take too much room; the newest stays."""
    size = sum(len(entry.payload) for entry in entries)
    made = list(entries)
    for place, entry in enumerate(entries[:-1]):
        if size <= ROOM:
            break
        size -= len(entry.payload)
        made[place] = replace(entry, payload="")
    return made
