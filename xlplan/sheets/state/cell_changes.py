"""Cells that an action writes as they are: what it found and left there, by keys where there are.

Inputs on 日报 go by store, day and column, so rows may be sorted between an action and its
undoing; cells of reports go by the heading or store they stand under, so rows may be inserted.
Reports and hidden memories are only put back while they stand as the action left them.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from xlplan.cells import Cell
from xlplan.sheets.daily import page as daily_page
from xlplan.sheets.month.typed_plan import TYPED, typed_again

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from xlplan.cells import Spot, Value
    from xlplan.sheets.base.sheet import BookRead

    Written: TypeAlias = Mapping[str, Mapping[Spot, Cell]]
    #: Key → [value found, value left].
    Pairs: TypeAlias = Mapping[str, list[Value]]


def cell_pairs(read: BookRead, written: Written) -> dict[str, list[Value]]:
    """Return what changes where, for `xlplan.sheets.state.deltas`; formulas are derived and left out."""
    if not written:
        return {}
    places = {spot: key for key, spot in _inputs(read)} if daily_page.SHEET in written else {}
    made: dict[str, list[Value]] = {}
    for sheet, cells in written.items():
        under = stood_under(read, sheet)
        for spot, cell in cells.items():
            old, new = _value(read, sheet, spot), _plain(cell.value)
            key = places.get(spot) if sheet == daily_page.SHEET else _key(sheet, spot, under)
            if key and not cell.formula and old != new:
                made[key] = [old, new]
    return made


def cells_of(read: BookRead, pairs: Pairs, *, back: bool) -> dict[str, dict[Spot, Cell]]:
    """Return the cells that take the pairs back, or do them again.

    Figures typed over the plan come back where its formula still stands. An input of 日报 that was
    typed over since stays; any other sheet that changed since stays as a whole.
    """
    if not pairs:
        return {}
    typed = typed_again(read, pairs) if back else {}
    named = {key.partition("\t")[0] for key in pairs} & read.cells.keys()
    places = dict(_inputs(read)) if daily_page.SHEET in named else {}
    under = {sheet: dict(stood_under(read, sheet)) for sheet in named}
    made: dict[str, dict[Spot, Cell]] = {}
    moved: set[str] = set()
    for key, (old, new) in pairs.items():
        sheet = key.partition("\t")[0]
        if sheet == TYPED:
            continue
        daily = sheet == daily_page.SHEET
        spot = places.get(key) if daily else _spot(key, under.get(sheet, {}))
        there, wanted = (new, old) if back else (old, new)
        if spot is not None and _value(read, sheet, spot) == there:
            made.setdefault(sheet, {})[spot] = Cell(wanted)
        elif not daily:
            moved.add(sheet)
    return typed | {sheet: cells for sheet, cells in made.items() if sheet not in moved}


def _inputs(read: BookRead) -> Iterator[tuple[str, Spot]]:
    """Yield the key and place of every input on 日报."""
    at, metrics = read.at.daily, read.state.year.metrics
    names = [*daily_page.input_metrics(metrics), daily_page.NOTE]
    columns = [(name, at.columns[name]) for name in names if name in at.columns]
    for (store, day), row in at.rows.items():
        for name, column in columns:
            yield f"{daily_page.SHEET}\t{store}\t{day}\t{name}", (row, column)


def stood_under(read: BookRead, sheet: str) -> list[tuple[str, int]]:
    """Return names and rows of what cells stand under, from the top; none where nothing moves."""
    known = read.reading.sheets.get(sheet)
    if known is None or known.anchors is None:
        return []
    return sorted(known.anchors(read.cells[sheet]).items(), key=lambda pair: pair[1])


def _key(sheet: str, spot: Spot, under: Sequence[tuple[str, int]]) -> str:
    name, top = next(
        (pair for pair in reversed(under) if pair[1] <= spot[0]), (under or [("", 0)])[0]
    )
    return f"{sheet}\t{name}\t{spot[0] - top},{spot[1]}"


def _spot(key: str, under: Mapping[str, int]) -> Spot | None:
    """Return where a cell stands now; None when what it stood under is gone."""
    name, _, place = key.partition("\t")[2].rpartition("\t")
    row, _, column = place.partition(",")
    top = under.get(name) if name else 0
    return None if top is None else (top + int(row), int(column))


def _value(read: BookRead, sheet: str, spot: Spot) -> Value:
    seen = read.cells[sheet].get(spot)
    return _plain(seen.value) if seen else None


def _plain(value: Value) -> Value:
    """Return a value as JSON keeps it: one kind of number, no empty texts."""
    if isinstance(value, date):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return None if value == "" else value
