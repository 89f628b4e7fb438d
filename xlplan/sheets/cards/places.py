"""Where the lines of a changed list of cards stand: each where it was, new ones below the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import Cell
from xlplan.plan.cards.card import Weight, card_from
from xlplan.record import replace
from xlplan.sheets.base.names import CARDS
from xlplan.sheets.cards.columns import AIMS, DONE, END, FIGURES
from xlplan.sheets.cards.page import card_cells, weight_cells
from xlplan.sources.numbers import Number, parse_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from xlplan.cells import Seen, Spot
    from xlplan.sheets.base.sheet import View
    from xlplan.sheets.cards.columns import CardsAt
    from xlplan.sheets.state.book import BookState


def placed(at: CardsAt, state: BookState, before: BookState | None) -> CardsAt:
    """Return where a state's lines stand on a sheet that says another one.

    As many lines as there were keep their places; further ones come into the free lines below
    and, beyond the last line, on new ones.
    """
    if before is None:
        return at
    lines = _places(at.lines, len(state.own.get("cards", ())), at.first)
    weights = _places(at.weights, len(state.own.get("card_weights", ())), at.first)
    return replace(at, lines=lines, weights=weights, last=max([at.last, *lines, *weights]))


def _places(there: Sequence[int], count: int, first: int) -> tuple[int, ...]:
    below = max(there, default=first - 1) + 1
    return (*there[:count], *range(below, below + max(0, count - len(there))))


def changed_inputs(was: CardsAt, now: CardsAt, view: View) -> Mapping[Spot, Cell]:
    """Return the typed cells of lines that the state changes; lines that go are emptied.

    Numbers that were typed as text are written as the numbers they say.
    """
    before = view.before.own if view.before else {}
    made: dict[Spot, Cell] = {}
    if now.last > was.last:
        made |= {(was.last, was.mark): Cell(None), (now.last, was.mark): Cell(END)}
        for row in range(was.last + 1, now.last + 1):
            made |= card_cells(None, row, now) | weight_cells(None, row, now)
    after = view.state.own
    rows = _differing(was.lines, now.lines, before.get("cards", ()), after.get("cards", ()))
    for row, texts in rows.items():
        made |= card_cells(card_from(texts) if texts else None, row, now)
    weights = _differing(was.weights, now.weights, before.get("card_weights", ()), after.get("card_weights", ()))  # fmt: skip
    for row, texts in weights.items():
        made |= weight_cells(Weight(**texts) if texts else None, row, now)
    return _as_numbers(now, view.there.get(CARDS, {})) | made


def _as_numbers(at: CardsAt, there: Mapping[Spot, Seen]) -> dict[Spot, Cell]:
    columns = [at.columns[key] for key in (*FIGURES, *AIMS, *DONE)]
    spots = [(row, column) for row in at.lines for column in columns]
    spots += [(row, at.columns["w:value"]) for row in at.weights]
    texts = {spot: seen.value for spot in spots if (seen := there.get(spot)) and isinstance(seen.value, str)}  # fmt: skip
    read = {spot: parse_number(text) for spot, text in texts.items()}
    return {
        spot: Cell(number.value) for spot, number in read.items() if isinstance(number, Number)
    }


def _differing(
    was: Sequence[int], now: Sequence[int], before: Sequence[Any], after: Sequence[Any]
) -> dict[int, Any]:
    """Return line → what it is to say, where that is something else than now; None for nothing."""
    old, new = dict(zip(was, before, strict=False)), dict(zip(now, after, strict=False))
    return {row: new.get(row) for row in {**old, **new} if old.get(row) != new.get(row)}
