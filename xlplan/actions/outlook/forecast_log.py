"""Forecasts kept in the book as they were issued: one text in _元数据, scored on 复盘."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.errors import Level, Problem, Where
from xlplan.record import replace
from xlplan.sheets.hidden.forecasts import issued_of
from xlplan.sheets.hidden.meta import FORECASTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.plan.outlook.scoring import Issued
    from xlplan.sheets.state.book import BookState

__all__ = ["issued_of", "with_issued"]

#: A cell holds 32,767 characters; the oldest forecasts go first.
ROOM = 32_000


def with_issued(state: BookState, rows: Sequence[Issued]) -> tuple[BookState, list[Problem]]:
    """Return the book with further forecasts; of one store, month and as-of day the last counts."""
    keys = {(row.store, row.month, row.as_of) for row in rows}
    kept = [r for r in issued_of(state) if (r.store, r.month, r.as_of) not in keys]
    lines = [_line(row) for row in (*kept, *rows)]
    gone = 0
    while len("\n".join(lines)) > ROOM:
        lines, gone = lines[1:], gone + 1
    what = f"预测记录放满了，最早的 {gone} 条不再保留"
    told = [Problem(Where(), what, Level.INFO, rule="forecast-log")] if gone else []
    return replace(state, meta={**state.meta, FORECASTS: "\n".join(lines)}), told


def _line(row: Issued) -> str:
    figures = (row.low, row.middle, row.high, row.target)
    numbers = [f"{value:.2f}" if value == value else "" for value in figures]  # noqa: PLR0124
    chance = f"{row.chance:.4f}" if row.chance == row.chance else ""
    return "\t".join([row.store, str(row.month), str(row.as_of), *numbers, chance])
