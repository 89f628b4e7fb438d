"""品类平台, 品类约定 and _品类 as sheets of the book."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlplan.record import replace
from xlplan.sheets.base.names import AGREED, PART_STORES, PARTS
from xlplan.sheets.base.sheet import Frame, Piece, Sheet, Undo
from xlplan.sheets.parts.share_names import in_place, with_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Cell, Page, Spot
    from xlplan.errors import Problem
    from xlplan.plan.parts.splits import Splits
    from xlplan.sheets.base.sheet import Reading, View
    from xlplan.sheets.parts.page import SplitAt
    from xlplan.sheets.parts.read_agreed import AgreedRead
    from xlplan.sheets.state.book import BookState


def _page(view: View) -> Page:
    from xlplan.sheets.parts.page import split_page

    return split_page(view.year, view.state.splits, view.at.tables.plan)


def _agreed_page(view: View) -> Page:
    from xlplan.sheets.parts.agreed_page import agreed_page

    return agreed_page(view.year, view.state.splits, view.at.tables.plan)


def _stores_page(view: View) -> Page:
    from xlplan.sheets.parts.agreed_page import stores_page

    return stores_page(view.year, view.state.splits)


def _own(reading: Reading) -> tuple[Splits, SplitAt]:
    """Return what 品类平台 itself says, and where."""
    from xlplan.sheets.parts.page import read_splits, split_found

    cells = reading.cells[PARTS]
    at = split_found(cells)
    return read_splits(cells, at), at


def _agreed(reading: Reading) -> AgreedRead:
    from xlplan.sheets.parts.read_agreed import read_agreed

    return read_agreed(reading.cells, reading.year, reading.of(_own)[0], reading.file)


def _splits(reading: Reading) -> Splits:
    return replace(reading.of(_own)[0], agreements=reading.of(_agreed).agreements)


def _found(reading: Reading) -> SplitAt:
    return replace(reading.of(_own)[1], agreed=reading.of(_agreed).at)


def _built(state: BookState) -> SplitAt:
    from xlplan.sheets.parts.page import split_as_built

    return split_as_built(state.splits)


def _lines(_: Reading) -> SplitAt:
    from xlplan.plan.parts.splits import Splits
    from xlplan.sheets.parts.page import split_as_built

    return split_as_built(Splits())


def _frame(state: BookState) -> Frame:
    from xlplan.sheets.parts.page import split_frame

    page, at = split_frame(state.splits)
    return Frame(page, at.rows, at.columns)


def _problems(reading: Reading) -> Sequence[Problem]:
    from xlplan.sheets.parts.read_agreed import misfits

    said = reading.of(_agreed)
    return [*said.problems, *misfits(reading.year, reading.of(_splits), said.at, reading.file)]


def _cells(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.parts.page import split_cells

    return split_cells(
        view.year, view.scopes[PARTS], view.state.splits, view.at.split, view.at.tables.plan
    )


def _agreed_cells(view: View) -> Mapping[Spot, Cell]:
    """Return the agreements where they change, and always the formulas beside them."""
    from xlplan.sheets.parts.agreed_page import agreed_cells, agreed_share_cells

    at, agreed = view.at.split.agreed, view.state.splits.agreements
    if at is None:
        return {}
    same = view.before is not None and agreed == view.before.splits.agreements
    make = agreed_share_cells if same else agreed_cells
    return make(view.year, agreed, at, view.at.tables.plan)


def _store_cells(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.parts.agreed_page import store_cells

    at = view.at.split.agreed
    return store_cells(view.year, view.state.splits, at.stored) if at else {}


def _shares(state: BookState) -> dict[str, float]:
    from xlplan.plan.parts.splits import own_shares

    return own_shares(state.splits)


def _put_shares(state: BookState, values: Any) -> BookState:
    from xlplan.plan.parts.splits import with_own_shares

    return replace(state, splits=with_own_shares(state.splits, values))


def _agreements(state: BookState) -> list[dict[str, Any]]:
    from xlplan.plan.parts.agreements import agreement_texts

    return [agreement_texts(one) for one in state.splits.agreements]


def _put_agreements(state: BookState, rows: Any) -> BookState:
    from xlplan.plan.parts.agreements import agreement_of

    return replace(state, splits=replace(state.splits, agreements=tuple(map(agreement_of, rows))))


SHARES = Undo(
    "shares", "splits", _shares, _put_shares,
    named=lambda state, shares: with_names(state.splits, shares),
    placed=lambda state, shares: in_place(state.splits, shares),
)  # fmt: skip
AGREEMENTS = Undo(
    "agreements", "splits", _agreements, _put_agreements, is_list=True
)  # fmt: skip

SPLITS = Sheet(
    PARTS,
    _page,
    find=_found,
    built=_built,
    frame=_frame,
    lines=_lines,
    read={"splits": _splits},
    cells=(Piece(("plan", "splits"), _cells),),
    undo=(SHARES,),
    selects=True,
)
AGREEMENT_LIST = Sheet(
    AGREED,
    _agreed_page,
    problems=_problems,
    cells=(Piece(("plan", "splits"), _agreed_cells),),
    undo=(AGREEMENTS,),
    needed=False,
)
BY_STORE = Sheet(
    PART_STORES, _stores_page, cells=(Piece(("plan", "splits"), _store_cells),), needed=False
)
