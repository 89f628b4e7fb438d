"""What an action changed, key by key, so that it can be taken back and done again.

Days are kept by store and date, lists whole, everything else by its keys; positions on
sheets play no part, so rows and columns may move between an action and its undoing.
"""

from __future__ import annotations

import json
from dataclasses import asdict, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from xlplan.errors import Level, Problem, StructureError, Where
from xlplan.plan.change.adjustments import KEY as ADJUSTED
from xlplan.plan.change.holds import Hold, HoldKind
from xlplan.plan.parts.agreements import agreement_of, agreement_texts
from xlplan.plan.parts.splits import own_shares, with_own_shares
from xlplan.record import bundle
from xlplan.sheets.base.list_changes import changed_list, frame_of, list_change, rows_of
from xlplan.sheets.base.packing import (
    pack,
    pack_json,
    pack_places,
    pack_values,
    unpack,
    unpack_places,
    unpack_values,
)
from xlplan.sheets.hidden import meta
from xlplan.sheets.history.page import Version
from xlplan.sheets.parts.share_names import in_place, with_names
from xlplan.sheets.state.inputs import with_holidays
from xlplan.sheets.stores.distribution import HANDED, TIME, VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from xlplan.plan.year import Year
    from xlplan.sheets.state.book import BookState

    Floats = NDArray[np.float64]

FRAMES = ("plan", "actuals")
SHARES = "shares"
#: Parts of a delta that are kept as JSON where there are any.
_PLAIN = ("cells", "handed")
#: Keys of _元数据 that actions change, besides the numbers of distributions in force.
META = ("basis", ADJUSTED, meta.HOLIDAYS, meta.FORECASTS, VERSION, TIME)
#: List → the field that names its items.
NAMED = {"holds": "id", "versions": "name"}


@bundle
class Column:
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
        cells: Cells written as they are (`xlplan.sheets.base.cell_changes`).
        handed: The files of a distribution (`xlplan.actions.stores.handed`); empty for other actions.
    """

    stores: tuple[str, ...]
    columns: Mapping[tuple[str, str], Column]
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
        old, new = getattr(before.year, frame), getattr(after.year, frame)
        for name in new.columns if new is not old else ():
            was, now = old[name].to_numpy(np.float64), new[name].to_numpy(np.float64)
            places = np.flatnonzero((was != now) & ~(np.isnan(was) & np.isnan(now)))
            if places.size:
                columns[frame, str(name)] = Column(places, was[places], now[places])
    parts: dict[str, Any] = {}
    for part, view in _MAPPINGS.items():
        old, new = view(before), view(after)
        keys = [*old, *(key for key in new if key not in old)]
        changed = {
            key: [old.get(key), new.get(key)] for key in keys if old.get(key) != new.get(key)
        }
        if changed:
            parts[part] = with_names(before.splits, changed) if part == SHARES else changed
    for part, view_list in _LISTS.items():
        was_list, now_list = view_list(before), view_list(after)
        if was_list != now_list:
            parts[part] = list_change(was_list, now_list)
    return Delta(tuple(before.year.stores), columns, parts)


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
            columns[frame, name] = Column(unpack_places(data), old, new)
    plain = {name: json.loads(parts[name]) for name in _PLAIN if name in parts}
    return Delta(tuple(json.loads(parts["stores"])), columns, json.loads(parts["parts"]), **plain)


def replay(state: BookState, change: Delta, *, back: bool) -> BookState:
    """Return the state after a delta is done again, or taken back.

    Raises:
        StructureError: The book has other stores now.
    """
    if change.stores != tuple(state.year.stores):
        raise StructureError("这次操作时的店铺与现在不同，不能自动撤销", "请从“备份”文件夹恢复")
    plan, actuals = (_frame(state.year, frame, change, back=back) for frame in FRAMES)
    made = replace(state, year=replace(state.year, plan=plan, actuals=actuals))
    end = 0 if back else 1
    for part, pairs in change.parts.items():
        if part in _LISTS:
            key = NAMED.get(part, "")
            listed = changed_list(_LISTS[part](made), pairs, back=back, key=key)
            made = _SET[part](made, listed)
        else:
            now = dict(_MAPPINGS[part](made))
            there = in_place(made.splits, pairs) if part == SHARES else pairs
            for key, pair in there.items():
                now.pop(key, None)
                if pair[end] is not None:
                    now[key] = pair[end]
            made = _SET[part](made, now)
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
    if not mine:
        return there
    made = {str(name): there[name].to_numpy(np.float64).copy() for name in there.columns}
    for name, column in mine.items():
        if name in made:
            made[name][column.places] = column.old if back else column.new
    return pd.DataFrame(made, index=there.index)


def _turns(key: str) -> bool:
    """Return whether an action turns this key of _元数据."""
    return key in META or key.startswith((HANDED, "confirmed:"))


def _pair_text(values: Mapping[tuple[Any, Any], Any]) -> dict[str, Any]:
    return {f"{one}\t{other}": value for (one, other), value in values.items()}


def _text_pair(text: str) -> tuple[str, str]:
    one, _, other = text.partition("\t")
    return one, other


def _hold_texts(hold: Hold) -> dict[str, Any]:
    made = asdict(hold) | {
        "kind": str(hold.kind),
        "first": str(hold.first),
        "last": str(hold.last),
    }
    return made | {"value": None if hold.value != hold.value else hold.value}  # NaN is no JSON


def hold_of(texts: Mapping[str, Any]) -> Hold:
    """Return a hold of its JSON form."""
    days = {key: date.fromisoformat(texts[key]) for key in ("first", "last")}
    return Hold(**{**texts, **days, "kind": HoldKind(texts["kind"])})


def _problem_of(texts: Mapping[str, str]) -> Problem:
    where = Where(texts["file"], texts["sheet"], texts["cell"])
    return Problem(where, texts["what"], Level(texts["level"]), texts["remedy"], texts["rule"])


_MAPPINGS: dict[str, Callable[[BookState], dict[str, Any]]] = {
    "typed": lambda state: _pair_text(state.typed.values),
    "findings": lambda state: dict(state.typed.findings),
    "meta": lambda state: {key: text for key, text in state.meta.items() if text and _turns(key)},
    "origins": lambda state: _pair_text(state.origins),
    SHARES: lambda state: own_shares(state.splits),
}
_LISTS: dict[str, Callable[[BookState], list[Any]]] = {
    "holds": lambda state: [_hold_texts(hold) for hold in state.holds],
    "versions": lambda state: [asdict(version) for version in state.versions],
    "agreements": lambda state: [agreement_texts(one) for one in state.splits.agreements],
    "problems": lambda state: [problem.as_dict() for problem in state.problems],
    "sources": lambda state: rows_of(state.sources),
}


def _set_typed(state: BookState, values: Mapping[str, Any]) -> BookState:
    typed = {_text_pair(key): value for key, value in values.items()}
    return replace(state, typed=replace(state.typed, values=typed))


def _set_findings(state: BookState, values: Mapping[str, Any]) -> BookState:
    return replace(state, typed=replace(state.typed, findings=dict(values)))


def _set_origins(state: BookState, values: Mapping[str, Any]) -> BookState:
    pairs = {_text_pair(key): value for key, value in values.items()}
    made = {(store, date.fromisoformat(day)): value for (store, day), value in pairs.items()}
    return replace(state, origins=made)


def _set_meta(state: BookState, values: Mapping[str, str]) -> BookState:
    kept = {key: "" if _turns(key) else text for key, text in state.meta.items()}
    after = replace(state, meta={**kept, **values})
    official = after.meta.get(meta.HOLIDAYS, "")
    same = official == state.meta.get(meta.HOLIDAYS, "")
    return after if same else with_holidays(after, official)


_SET: dict[str, Callable[[BookState, Any], BookState]] = {
    "typed": _set_typed,
    "findings": _set_findings,
    "meta": _set_meta,
    "origins": _set_origins,
    SHARES: lambda state, values: replace(state, splits=with_own_shares(state.splits, values)),
    "versions": lambda state, rows: replace(state, versions=[Version(**row) for row in rows]),
    "holds": lambda state, rows: replace(state, holds=[hold_of(row) for row in rows]),
    "agreements": lambda state, rows: replace(
        state, splits=replace(state.splits, agreements=tuple(map(agreement_of, rows)))
    ),
    "sources": lambda state, rows: replace(state, sources=frame_of(rows)),
    "problems": lambda state, rows: replace(state, problems=[_problem_of(row) for row in rows]),
}
