"""What an action changed, key by key, so that it can be taken back and done again.

Days are kept by store and date, lists whole, everything else by its keys; positions on
sheets play no part, so rows and columns may move between an action and its undoing.
"""

from __future__ import annotations

import json
from dataclasses import field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from xlplan.errors import StructureError
from xlplan.record import bundle, replace
from xlplan.sheets import SHEETS
from xlplan.sheets.base.list_changes import changed_list, list_change
from xlplan.sheets.base.packing import (
    pack,
    pack_json,
    pack_places,
    pack_values,
    unpack,
    unpack_places,
    unpack_values,
)
from xlplan.sheets.state.changes import FRAMES, differs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from xlplan.plan.year import Year
    from xlplan.sheets.base.sheet import Undo
    from xlplan.sheets.state.book import BookState

    Floats = NDArray[np.float64]

#: Parts of a delta that are kept as JSON where there are any.
_PLAIN = ("cells", "handed")


@bundle
class ColumnChange:
    """Changed cells of one column: places in the (store, day) grid, old and new values."""

    places: NDArray[np.int64]
    old: Floats
    new: Floats


@bundle
class Delta:
    """Everything an action changed.

    Attributes:
        stores: Stores of the book then.
        columns: (``plan`` or ``actuals``, metric) → changed cells.
        parts: Part → {key: [old, new]}, or [old, new] of a list.
        cells: Cells written as they are (`xlplan.sheets.state.cell_changes`).
        handed: The files of a distribution (`xlplan.actions.stores.handed`); empty for other actions.
    """

    stores: tuple[str, ...]
    columns: Mapping[tuple[str, str], ColumnChange]
    parts: Mapping[str, Any]
    cells: Mapping[str, list[Any]] = field(default_factory=dict)
    handed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many days of metrics changed."""
        return sum(len(column.places) for column in self.columns.values())

    def __bool__(self) -> bool:
        return any((self.columns, self.parts, self.cells, self.handed))


def delta(before: BookState, after: BookState) -> Delta:
    """Return what changed between two states of a book."""
    columns = {}
    for frame in FRAMES:
        if not differs(before, after, frame):
            continue
        old, new = getattr(before.year, frame), getattr(after.year, frame)
        for name in new.columns:
            was, now = old[name].to_numpy(np.float64), new[name].to_numpy(np.float64)
            places = np.flatnonzero((was != now) & ~(np.isnan(was) & np.isnan(now)))
            if places.size:
                columns[frame, str(name)] = ColumnChange(places, was[places], now[places])
    parts: dict[str, Any] = {}
    for undo in undos():
        if differs(before, after, undo.field):
            change = _change(undo, before, after)
            if change:
                parts[undo.part] = change
    return Delta(tuple(before.year.stores), columns, parts)


def _change(undo: Undo, before: BookState, after: BookState) -> Any:
    """Return how a part changed; {} when it did not."""
    old, new = undo.view(before), undo.view(after)
    if undo.is_list:
        return list_change(old, new) if old != new else {}
    keys = [*old, *(key for key in new if key not in old)]
    changed = {key: [old.get(key), new.get(key)] for key in keys if old.get(key) != new.get(key)}
    return undo.named(before, changed) if undo.named and changed else changed


def encode(change: Delta) -> str:
    """Return a delta as text for a cell or several."""
    parts = {"stores": pack_json(change.stores), "parts": pack_json(change.parts)}
    parts |= {name: pack_json(kept) for name in _PLAIN if (kept := getattr(change, name))}
    for (frame, name), column in change.columns.items():
        parts[f"{frame}/{name}/at"] = pack_places(column.places)
        parts[f"{frame}/{name}/old"] = pack_values(column.old)
        parts[f"{frame}/{name}/new"] = pack_values(column.new)
    return pack(parts)


def decode(text: str) -> Delta:
    """Return the delta of a text.

    Raises:
        StructureError: The text was changed by hand.
    """
    parts = unpack(text)
    columns = {}
    for key, data in parts.items():
        frame, _, rest = key.partition("/")
        name, _, kind = rest.partition("/")
        if kind == "at":
            old, new = (unpack_values(parts[f"{frame}/{name}/{end}"]) for end in ("old", "new"))
            columns[frame, name] = ColumnChange(unpack_places(data), old, new)
    plain = {name: json.loads(parts[name]) for name in _PLAIN if name in parts}
    return Delta(tuple(json.loads(parts["stores"])), columns, json.loads(parts["parts"]), **plain)


def replay(state: BookState, change: Delta, *, back: bool) -> BookState:
    """Return the state after a delta is done again, or taken back.

    Raises:
        StructureError: The book has other stores now.
    """
    if change.stores != tuple(state.year.stores):
        raise StructureError("这次操作时的店铺与现在不同，不能自动撤销", "请从“备份”文件夹恢复")
    frames = {
        frame: _frame(state.year, frame, change, back=back)
        for frame in FRAMES
        if any(kind == frame for kind, _ in change.columns)
    }
    made = replace(state, year=replace(state.year, **frames)) if frames else state
    end, known = 0 if back else 1, {undo.part: undo for undo in undos()}
    for part, pairs in change.parts.items():
        undo = known[part]
        if undo.is_list:
            made = undo.put(made, changed_list(undo.view(made), pairs, back=back, key=undo.key))
            continue
        now = dict(undo.view(made))
        for key, pair in (undo.placed(made, pairs) if undo.placed else pairs).items():
            now.pop(key, None)
            if pair[end] is not None:
                now[key] = pair[end]
        made = undo.put(made, now)
    return made


def differing(year: Year, change: Delta, *, back: bool) -> int:
    """Return how many cells do not stand as the delta left (or found) them."""
    count = 0
    for (frame, name), column in change.columns.items():
        there = getattr(year, frame)[name].to_numpy(np.float64)[column.places]
        wanted = column.new if back else column.old
        count += int((~((there == wanted) | (np.isnan(there) & np.isnan(wanted)))).sum())
    return count


def _frame(year: Year, frame: str, change: Delta, *, back: bool) -> pd.DataFrame:
    there: pd.DataFrame = getattr(year, frame)
    mine = {name: c for (kind, name), c in change.columns.items() if kind == frame}
    made = {str(name): there[name].to_numpy(np.float64).copy() for name in there.columns}
    for name, column in mine.items():
        if name in made:
            made[name][column.places] = column.old if back else column.new
    return pd.DataFrame(made, index=there.index)


def undos() -> Iterator[Undo]:
    """Yield what an action keeps of every sheet."""
    for sheet in SHEETS:
        yield from sheet.undo
