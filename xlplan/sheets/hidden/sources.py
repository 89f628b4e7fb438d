"""The hidden table _来源: what every export said, a row per store, day, source and file.

What staff typed is not copied here: 日报 itself is their contribution. Days are written
as text, so that a row appended to a closed file reads the same in any date system.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from xlplan.cells import Cell, Page, Span, address
from xlplan.errors import StructureError, Where
from xlplan.plan.actuals.contributions import FIXED, no_rows
from xlplan.plan.actuals.merge import stored_metrics
from xlplan.plan.cards.card import PREFIX
from xlplan.sheets.base.tables import TableAt, changed_by_hand

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Seen, Spot

SOURCES = "_来源"
_TEXTS = tuple(name for name in FIXED if name not in ("rank", "partial"))


#: Columns of text as JSON has them.
_WORDS = tuple(name for name in FIXED if name not in ("rank", "partial", "date"))


def sources_at(rows: pd.DataFrame) -> TableAt:
    """Return the positions of a freshly built table."""
    names = (*FIXED, *stored_metrics())
    return TableAt(SOURCES, {name: i for i, name in enumerate(names, start=1)}, len(rows))


def sources_page(rows: pd.DataFrame) -> Page:
    """Return the page; `rows` are contributions."""
    at = sources_at(rows)
    page = Page(SOURCES, cells=sources_cells(rows, at), hidden=True)
    for name, column in at.columns.items():
        page.put(1, column, name)
        page.columns[column] = Span(22 if name in ("file", "time", "saved") else 11)
    page.freeze = (2, len(FIXED) + 1)
    return page


def sources_found(cells: Mapping[Spot, Seen]) -> TableAt:
    """Return the positions of the table as it stands in a book.

    Raises:
        StructureError: The header row lost its fixed columns.
    """
    columns = {str(seen.value): column for (row, column), seen in cells.items() if row == 1 and seen.value is not None}  # fmt: skip
    missing = [name for name in FIXED if name not in columns]
    if missing:
        raise StructureError(
            f"隐藏表 {SOURCES} 缺少列 {'、'.join(missing)}",
            remedy="请从备份恢复这个文件，隐藏表不要手工修改",
            where=Where(sheet=SOURCES, cell="A1"),
        )
    return TableAt(SOURCES, columns, max(row for row, _ in cells) - 1)


def read_sources(at: TableAt, cells: Mapping[Spot, Seen]) -> pd.DataFrame:
    """Return the contributions.

    Raises:
        StructureError: A row lost its store, day or source, or a figure is none.
    """
    lines: dict[int, dict[str, object]] = {}
    names = {column: name for name, column in at.columns.items()}
    for (row, column), seen in cells.items():
        if row > 1 and column in names and seen.value is not None:
            lines.setdefault(row, {})[names[column]] = seen.value
    for row, line in lines.items():
        _require_whole(at, row, line)
    whole = list(lines.values())
    if not whole:
        return no_rows()
    made = {name: _texts(whole, name) for name in _TEXTS}
    made["date"] = pd.to_datetime(made["date"]).astype("datetime64[ns]")
    made["rank"] = _numbers(whole, "rank")
    made["partial"] = _numbers(whole, "partial") == 1
    said = {name for line in whole for name in line}
    metrics = sorted(name for name in said if name in stored_metrics() or name.startswith(PREFIX))
    made |= {name: _numbers(whole, name) for name in metrics}
    return pd.DataFrame(made)[[*FIXED, *metrics]]


def _require_whole(at: TableAt, row: int, line: Mapping[str, object]) -> None:
    """Refuse a row of which it is not known whose figures it holds, and figures that are none."""
    for name in ("store", "date", "source"):
        if not str(line.get(name, "")):
            raise changed_by_hand(SOURCES, address(row, at.columns[name]))
    try:
        date.fromisoformat(str(line["date"])[:10])
    except ValueError:
        raise changed_by_hand(SOURCES, address(row, at.columns["date"])) from None
    for name in ("rank", *stored_metrics()):
        if not isinstance(line.get(name, 0), int | float):
            raise changed_by_hand(SOURCES, address(row, at.columns[name]))


def _texts(lines: Sequence[Mapping[str, object]], name: str) -> pd.Series:
    return pd.Series([str(line.get(name, "")) for line in lines])


def _numbers(lines: Sequence[Mapping[str, object]], name: str) -> pd.Series:
    found = [line.get(name) for line in lines]
    return pd.Series([float(v) if isinstance(v, int | float) else np.nan for v in found])


def sources_cells(rows: pd.DataFrame, at: TableAt) -> dict[Spot, Cell]:
    """Return the cells of all rows, and headers of metrics the table had no column for."""
    cells: dict[Spot, Cell] = {}
    columns = dict(at.columns)
    for name in map(str, rows.columns):
        if name not in columns:
            columns[name] = max(columns.values()) + 1
            cells[1, columns[name]] = Cell(name)
    shown = rows.assign(date=rows["date"].dt.strftime("%Y-%m-%d"), partial=rows["partial"].map({True: 1.0, False: np.nan}))  # fmt: skip
    for name in map(str, shown.columns):
        column = columns[name]
        for number, value in enumerate(shown[name].tolist(), start=2):
            if value not in ("", None) and value == value:  # noqa: PLR0124 - NaN test
                cells[number, column] = Cell(value)
    return cells


def source_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return contributions as JSON rows; what is not known is left out."""
    plain = frame.assign(date=frame["date"].dt.strftime("%Y-%m-%d")) if len(frame) else frame
    return [
        {str(name): value for name, value in row.items() if value == value}  # noqa: PLR0124 - NaN
        for row in plain.to_dict("records")
    ]


def rows_as_frame(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return the contributions of JSON rows."""
    if not rows:
        return no_rows()
    names = [*FIXED, *sorted({name for row in rows for name in row} - set(FIXED))]
    made = pd.DataFrame({name: [row.get(name) for row in rows] for name in names})
    made["date"] = pd.to_datetime(made["date"]).astype("datetime64[ns]")
    made["partial"] = made["partial"].eq(True)
    for name in _WORDS:
        made[name] = made[name].fillna("").astype(str)
    for name in ("rank", *names[len(FIXED) :]):
        made[name] = made[name].astype(np.float64)
    return made
