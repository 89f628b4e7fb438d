"""What a book must change to say a new state: cells whose parts change, differences only."""

from __future__ import annotations

from datetime import date
from math import isclose
from typing import TYPE_CHECKING

from xlplan.cells import Cell
from xlplan.formula import same_formula
from xlplan.record import replace
from xlplan.sheets.base.sheet import View
from xlplan.sheets.state.changes import changes, differs
from xlplan.sheets.state.fixed import fixed_cells

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Mapping

    from xlplan.cells import Seen, Spot
    from xlplan.sheets.base.sheet import BookRead, Piece, Sheet
    from xlplan.sheets.state.book import BookState

#: Relative difference below which a stored result is the same number.
CLOSE = 1e-12


def update(  # noqa: PLR0913  # what is left alone, and what is looked at all the same
    read: BookRead,
    state: BookState,
    keep: Container[tuple[str, Spot]] = (),
    near: dict[str, dict[Spot, Cell]] | None = None,
    *,
    whole: bool = False,
    also: Collection[str] = (),
) -> dict[str, dict[Spot, Cell]]:
    """Return the cells to change, by sheet, for the book that was read to say `state`.

    Cells whose parts of the state do not change are neither laid out nor compared. Inputs are only
    touched where the state itself changes them; cells that already say it are left out, so that a
    second run changes nothing.

    Args:
        read: The book as read.
        state: What it should say.
        keep: (sheet, spot) of cells to leave alone: typed over the plan, not yet dealt with.
        near: Takes the cells that say it but for the last bits of a number.
        whole: Compare every cell, whatever changes.
        also: Sheets to compare all the same.
    """
    changed: dict[str, dict[Spot, Cell]] = {}
    for sheet, cells in derived_cells(read, state, whole=whole, also=also).items():
        other = _unlike(read.cells[sheet], cells)
        differing = {
            spot: cell for spot, cell, alike in other if not alike and (sheet, spot) not in keep
        }
        if differing:
            changed[sheet] = differing
        if near is not None:
            near[sheet] = {
                spot: cell
                for spot, cell, alike in other
                if alike and isinstance(cell.value, float) and "TODAY()" not in cell.formula
            }
    return changed


def derived_cells(
    read: BookRead, state: BookState, *, whole: bool = True, also: Collection[str] = ()
) -> dict[str, dict[Spot, Cell]]:
    """Return every cell that follows from a state, by sheet, at the positions of a book.

    Args:
        read: The book.
        state: What it should say.
        whole: Of all sheets; otherwise of what changes.
        also: Sheets to lay out all the same.
    """
    touched = touched_pieces(read, state, whole=whole, also=also)
    view = View(state, read.at, read.scopes, read.cells, read.state)
    if not whole:
        differing = changes(read.state, state)
        view = replace(view, changed=differing.parts, months=differing.of_days)
    framed = {sheet.name for sheet, piece in touched if piece is sheet.cells[0]}
    made = _labels(read, state, framed)
    for sheet, piece in touched:
        made.setdefault(sheet.name, {}).update(piece.cells(view))
    return made


def _labels(
    read: BookRead, state: BookState, sheets: Collection[str]
) -> dict[str, dict[Spot, Cell]]:
    """Return the fixed cells that a state asks for, and empty ones where another day was named."""
    made = fixed_cells(read, sheets, state)
    if differs(read.state, state, "calendar"):
        for name, cells in fixed_cells(read, sheets).items():
            gone = dict.fromkeys(cells.keys() - made[name].keys(), Cell(None))
            made[name] = {**gone, **made[name]}
    return made


def touched_pieces(
    read: BookRead, state: BookState, *, whole: bool = False, also: Collection[str] = ()
) -> list[tuple[Sheet, Piece]]:
    """Return the pieces of the book's sheets that a change of state touches."""
    sheets = [sheet for name, sheet in read.reading.sheets.items() if name in read.cells]
    found = [(sheet, piece) for sheet in sheets for piece in sheet.cells]
    if whole:
        return found
    differing = changes(read.state, state)
    return [pair for pair in found if pair[0].name in also or differing.touch(pair[1])]


def _unlike(
    there: Mapping[Spot, Seen], wanted: Mapping[Spot, Cell]
) -> list[tuple[Spot, Cell, bool]]:
    """Return the cells that are not equal to the last bit, and whether they say it all the same.

    Most are equal and asked no further.
    """
    return [
        (spot, cell, same(seen, cell))
        for (spot, cell), seen in zip(wanted.items(), map(there.get, wanted), strict=True)
        if seen != cell[:2] or isinstance(cell[0], bool)
    ]


def same(seen: Seen | None, cell: Cell) -> bool:
    """Return whether a cell already says what it should."""
    value, formula, _ = cell
    if seen is None:
        return not formula and value in (None, "")
    if not same_formula(formula, seen[1]):
        return False
    return _same_value(seen[0], value) or "TODAY()" in formula


def _same_value(there: object, wanted: object) -> bool:
    if type(there) is float and type(wanted) is float:  # nearly always
        return isclose(there, wanted, rel_tol=CLOSE)
    if there in (None, "") or wanted in (None, ""):
        return (there in (None, "")) and (wanted in (None, ""))
    if isinstance(there, bool) or isinstance(wanted, bool):
        return there is wanted
    if isinstance(there, int | float) and isinstance(wanted, int | float):
        return isclose(there, wanted, rel_tol=CLOSE)
    if isinstance(wanted, date) and isinstance(there, date):
        return there == wanted
    return str(there) == str(wanted)
