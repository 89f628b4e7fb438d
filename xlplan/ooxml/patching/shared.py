"""Shared formulas whose master cell is overwritten: the other cells get their own text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from xlplan.ooxml.cells import unescape
from xlplan.ooxml.patching.references import shift_formula

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from xlplan.ooxml.patching.spans import CellSpan, Formula, RowSpan, Spans

    Touched = Mapping[int, Mapping[int, object]]


class _Master(NamedTuple):
    row: int
    col: int
    text: str
    is_changed: bool


def orphaned_formulas(spans: Spans, touched: Touched) -> dict[int, dict[int, str]]:
    """Return row → column → formula text of the cells whose master is about to go.

    Args:
        spans: The sheet.
        touched: Row → columns that will be overwritten.
    """
    if b"shared" not in spans.data:
        return {}
    formulas = (
        spans.formula(cell)
        for row in spans.rows
        if row.row in touched
        for cell in _touched_cells(spans, row, touched[row.row])
    )
    broken = {_index(formula) for formula in formulas if formula and formula.text} - {""}
    return _children(spans, touched, broken) if broken else {}


def _touched_cells(spans: Spans, row: RowSpan, cols: Iterable[int]) -> Iterator[CellSpan]:
    for col in cols:
        cell = spans.locate(row, col)
        if not isinstance(cell, int):
            yield cell


def _children(spans: Spans, touched: Touched, broken: set[str]) -> dict[int, dict[int, str]]:
    masters: dict[str, _Master] = {}
    found: dict[int, dict[int, str]] = {}
    for row in spans.rows:
        changed = touched.get(row.row, {})
        for cell in spans.cells(row):
            formula = spans.formula(cell)
            if formula is None or (index := _index(formula)) not in broken:
                continue
            if formula.text:
                masters[index] = _Master(
                    row.row, cell.col, unescape(formula.text), cell.col in changed
                )
            elif index in masters and masters[index].is_changed and cell.col not in changed:
                found.setdefault(row.row, {})[cell.col] = _text(masters[index], row.row, cell.col)
    return found


def _index(formula: Formula) -> str:
    """Return the group a shared formula belongs to, ``""`` for any other."""
    shared = formula.attributes.get("t") == "shared"
    return formula.attributes.get("si", "0") if shared else ""


def _text(master: _Master, row: int, col: int) -> str:
    return shift_formula(master.text, row - master.row, col - master.col)
