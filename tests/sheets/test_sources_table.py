"""_来源: contributions in the book, found by their headers."""

from __future__ import annotations

import pandas as pd
import pytest

from xlplan.cells import Cell, Seen
from xlplan.errors import StructureError
from xlplan.plan.actuals.contributions import Batch, no_rows, upsert
from xlplan.sheets.base.tables import TableAt
from xlplan.sheets.hidden.sources import (
    read_sources,
    sources_at,
    sources_cells,
    sources_found,
    sources_page,
)


def rows() -> pd.DataFrame:
    index = pd.MultiIndex.from_product([["甲店"], pd.date_range("2026-09-01", periods=2)], names=["store", "date"])  # fmt: skip
    frame = pd.DataFrame({"gmv": [1.5, 0.0], "spend_qianchuan": [None, 3.0]}, index=index)
    partial = frozenset({pd.Timestamp("2026-09-02").date()})
    batch = Batch(
        frame, "sycm_shop", "生意参谋 店铺", "a.xlsx", "2026-09-02 09:00", partial=partial
    )
    return upsert(no_rows(), [batch.rows()]).rows


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    texts = dict.fromkeys(other.columns[~other.columns.isin(["date", "rank", "partial"])][:6], str)
    pd.testing.assert_frame_equal(one.astype(texts), other.astype(texts))


def seen(cells: dict[tuple[int, int], Cell]) -> dict[tuple[int, int], Seen]:
    return {spot: Seen(cell.value) for spot, cell in cells.items() if cell.value is not None}


def test_what_is_written_is_read_again():
    page = sources_page(rows())
    assert page.hidden
    cells = seen(page.cells)
    same(read_sources(sources_found(cells), cells), rows())


def test_an_empty_table_reads_as_no_contributions():
    cells = seen(sources_page(no_rows()).cells)
    assert read_sources(sources_found(cells), cells).empty


def test_columns_may_stand_anywhere():
    at = sources_at(rows())
    turned = TableAt(
        at.sheet, {name: 200 - column for name, column in at.columns.items()}, at.rows
    )
    heads = {(1, column): Cell(name) for name, column in turned.columns.items()}
    cells = seen(heads | sources_cells(rows(), turned))
    same(read_sources(sources_found(cells), cells), rows())


def test_a_metric_without_a_column_gets_one_at_the_end():
    at = sources_at(rows())
    older = TableAt(at.sheet, {n: c for n, c in at.columns.items() if n != "spend_qianchuan"}, 2)
    heads = {(1, column): Cell(name) for name, column in older.columns.items()}
    made = sources_cells(rows(), older)
    assert made[1, max(older.columns.values()) + 1].value == "spend_qianchuan"
    cells = seen(heads | made)
    same(read_sources(sources_found(cells), cells), rows())


def test_a_lost_header_is_named():
    cells = seen(sources_page(rows()).cells)
    del cells[1, sources_at(rows()).columns["source"]]
    with pytest.raises(StructureError, match="source"):
        sources_found(cells)
