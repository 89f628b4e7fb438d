"""计划书 as a sheet of the book; it appears with the first document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sheets.base.sheet import Piece, Sheet, undo_unless_typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Cell, Page, Spot
    from xlplan.sheets.base.find import Keys
    from xlplan.sheets.base.sheet import Reading, View
    from xlplan.sheets.state.book import BookState

WORDS_SHEET, WORDS = "计划书", "words"


def no_words() -> dict[str, str]:
    """Return the slots of a book in which nobody wrote yet."""
    from xlplan.sheets.paper.slots import WORD_SLOTS

    return {slot.key: "" for slot in WORD_SLOTS}


def _page(view: View) -> Page:
    from xlplan.sheets.paper.page import words_page

    return words_page(view.state.own.get(WORDS, {}), view.year.year)


def _find(reading: Reading) -> Keys | None:
    from xlplan.sheets.paper.page import words_found

    return words_found(reading.cells[WORDS_SHEET]) if WORDS_SHEET in reading.there else None


def _built(_: BookState) -> Keys:
    from xlplan.sheets.base.find import Keys
    from xlplan.sheets.paper.page import COLUMNS, FIRST_ROW
    from xlplan.sheets.paper.slots import WORD_SLOTS

    rows = {slot.key: row for row, slot in enumerate(WORD_SLOTS, start=FIRST_ROW)}
    return Keys(WORDS_SHEET, rows, {key: n for n, key in enumerate(COLUMNS, start=1)})


def _said(reading: Reading) -> dict[str, str]:
    from xlplan.sheets.paper.page import read_words

    keys = reading.at[WORDS_SHEET]
    return {} if keys is None else read_words(reading.cells[WORDS_SHEET], keys)


def _cells(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.paper.page import word_cells

    at = view.at[WORDS_SHEET]
    return word_cells(view.state.own.get(WORDS, {}), at.rows, at.columns["text"])


WORDS_PAGE = Sheet(
    WORDS_SHEET,
    _page,
    since="0.3.0",
    find=_find,
    built=_built,
    read={WORDS: _said},
    cells=(Piece((WORDS,), _cells),),
    undo=(undo_unless_typed(WORDS),),
    needed=False,
    shown=lambda state: bool(state.own.get(WORDS)),
)
