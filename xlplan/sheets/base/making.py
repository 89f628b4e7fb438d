"""Cells of a report in the making: found by row key, each able to look at those made before."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from xlplan.cells import Cell, address
from xlplan.plan.exact.units import excel_round
from xlplan.record import bundle, record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Spot


@record
class Keyed:
    """Where rows (by key) and columns (``c:1`` …) of a report are."""

    rows: Mapping[str, int]
    columns: Mapping[str, int]

    def spot(self, key: str, column: int) -> Spot:
        """Return the place of a cell."""
        return self.rows[key], self.columns[f"c:{column}"]

    def ref(self, key: str, column: int) -> str:
        """Return the address of a cell."""
        return address(*self.spot(key, column))

    def down(self, first: str, last: str, column: int) -> str:
        """Return the cells of a column between two rows."""
        return f"{self.ref(first, column)}:{self.ref(last, column)}"


@bundle
class Made:
    """Cells in the making: where they go, and what stands in those made so far."""

    at: Keyed
    cells: dict[Spot, Cell]

    def put(self, key: str, column: int, value: object, formula: str = "") -> None:
        """Put a cell; a number that is not known is empty."""
        kept = "" if isinstance(value, float) and isnan(value) else value
        self.cells[self.at.spot(key, column)] = Cell(kept, formula)  # type: ignore[arg-type]

    def less(self, key: str, column: int, above: str, below: str, value: float) -> None:
        """Put a difference of two cells, without the last bits that programs add up differently."""
        kept = "" if isnan(value) else excel_round(value, 8)
        self.put(key, column, kept, f'=IF(COUNT({above},{below})<2,"",ROUND({above}-{below},8))')

    def ref(self, key: str, column: int) -> str:
        """Return a cell's address."""
        return self.at.ref(key, column)

    def value(self, key: str, column: int) -> object:
        """Return what stands in a cell made before."""
        cell = self.cells.get(self.at.spot(key, column))
        return "" if cell is None or cell.value is None else cell.value

    def number(self, key: str, column: int) -> float:
        """Return the number of a cell made before; NaN without one."""
        value = self.value(key, column)
        return float(value) if isinstance(value, int | float) else float("nan")
