"""锁定 as a sheet of the book."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from xlplan.record import replace
from xlplan.sheets.base.names import HOLDS
from xlplan.sheets.base.sheet import Piece, Sheet, Undo
from xlplan.sheets.hidden.meta import asked_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Cell, Page, Spot
    from xlplan.errors import Problem
    from xlplan.plan.change.holds import Hold
    from xlplan.sheets.base.sheet import Reading, View


def _page(view: View) -> Page:
    from xlplan.sheets.holds.page import holds_page

    return holds_page(view.state.holds, view.year.metrics)


def _said(reading: Reading) -> tuple[Sequence[Hold], Sequence[Problem]]:
    from xlplan.sheets.holds.page import read_holds

    metrics = reading.year.metrics
    return read_holds(reading.cells[HOLDS], metrics, reading.stores, reading.number, reading.file)


def _cells(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.holds.page import hold_cells

    return hold_cells(view.state.holds, view.year.metrics, view.there[HOLDS])


def _texts(hold: Hold) -> dict[str, Any]:
    made = asdict(hold) | {
        "kind": str(hold.kind),
        "first": str(hold.first),
        "last": str(hold.last),
    }
    return made | {"value": None if hold.value != hold.value else hold.value}  # NaN is no JSON


def hold_of(texts: Mapping[str, Any]) -> Hold:
    """Return a hold of its JSON form."""
    from xlplan.plan.change.holds import Hold, HoldKind

    days = {key: date.fromisoformat(texts[key]) for key in ("first", "last")}
    return Hold(**{**texts, **days, "kind": HoldKind(texts["kind"])})


HOLD_UNDO = Undo(
    "holds", "holds", lambda state: [_texts(hold) for hold in state.holds],
    lambda state, rows: replace(state, holds=[hold_of(row) for row in rows]),
    is_list=True, key="id",
)  # fmt: skip
HOLD_SHEET = Sheet(
    HOLDS,
    _page,
    read={"holds": lambda reading: reading.of(_said)[0]},
    problems=lambda reading: reading.of(_said)[1],
    cells=(Piece(("holds",), _cells),),
    undo=(HOLD_UNDO,),
    needed=False,
    shown=lambda state: bool(state.holds) or asked_for(state, HOLDS),
    blank=True,
)
