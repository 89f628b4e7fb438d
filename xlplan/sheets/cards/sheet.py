"""指标卡 and _指标 as sheets of the book: there once a book has a card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlplan.cells import Cell
from xlplan.sheets.base.names import CARD_MONTHS, CARDS
from xlplan.sheets.base.sheet import Piece, Sheet, own_undo

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Page, Spot
    from xlplan.errors import Problem
    from xlplan.sheets.base.sheet import Reading, View
    from xlplan.sheets.cards.columns import CardsAt
    from xlplan.sheets.cards.read import CardsRead
    from xlplan.sheets.state.book import BookState

#: Parts of the state that are kept on 指标卡.
LINES, WEIGHTS = "cards", "card_weights"


def has_cards(state: BookState) -> bool:
    """Return whether a book has anything to put on 指标卡."""
    return bool(state.own.get(LINES) or state.own.get(WEIGHTS))


def _page(view: View) -> Page:
    from xlplan.sheets.cards.page import cards_page

    return cards_page(view.state)


def said(reading: Reading) -> CardsRead | None:
    """Return what 指标卡 says; None where there is none."""
    from xlplan.sheets.cards.read import read_cards

    if CARDS not in reading.there:
        return None
    return read_cards(reading.cells[CARDS], reading.file)


def _lines(reading: Reading) -> list[dict[str, Any]]:
    found = reading.of(said)
    return found.cards if found else []


def _weights(reading: Reading) -> list[dict[str, Any]]:
    found = reading.of(said)
    return found.weights if found else []


def _found(reading: Reading) -> CardsAt | None:
    found = reading.of(said)
    return found.at if found else None


def _built(state: BookState) -> CardsAt:
    from xlplan.sheets.cards.columns import cards_as_built

    return cards_as_built(state)


def _problems(reading: Reading) -> Sequence[Problem]:
    found = reading.of(said)
    return found.problems if found else ()


def _place(view: View) -> CardsAt:
    """Return where the lines of the new state stand: as they stand now, more of them below."""
    from xlplan.sheets.cards.places import placed

    at: CardsAt = view.at[CARDS]
    return placed(at, view.state, view.before)


def _derived(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.cards.derived import Lines

    return Lines(view.state, _place(view)).cells()


def _typed(view: View) -> Mapping[Spot, Cell]:
    """Return the inputs that the new state changes, and the end mark where the list grew."""
    from xlplan.sheets.cards.places import changed_inputs

    at: CardsAt = view.at[CARDS]
    return changed_inputs(at, _place(view), view)


def _months_page(view: View) -> Page:
    from xlplan.sheets.cards.lookup import lookup_of, lookup_page

    return lookup_page(lookup_of(view.year, view.state.own.get(LINES, ())), view.at.tables)


def _months(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.cards.lookup import lookup_of

    made = lookup_of(view.year, view.state.own.get(LINES, ())).cells(view.at.tables)
    there = view.there.get(CARD_MONTHS, {})
    return {spot: Cell(None) for spot in there if spot not in made} | made


CARD_SHEET = Sheet(
    CARDS,
    _page,
    since="0.3.0",
    find=_found,
    built=_built,
    read={LINES: _lines, WEIGHTS: _weights},
    problems=_problems,
    cells=(Piece(("plan", "actuals", LINES, WEIGHTS), _derived), Piece((LINES, WEIGHTS), _typed)),
    undo=(own_undo(LINES, is_list=True), own_undo(WEIGHTS, is_list=True)),
    needed=False,
    shown=has_cards,
)
MONTH_LOOKUP = Sheet(
    CARD_MONTHS,
    _months_page,
    since="0.3.0",
    cells=(Piece(("plan", "actuals", LINES), _months),),
    needed=False,
    shown=has_cards,
)
