"""The hidden tables as frames."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.plan.year import day_grid
from xlplan.sheets.base.tables import DATE, EPOCH, STORE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Seen, Spot
    from xlplan.sheets.base.tables import TableAt

    Cells = Mapping[Spot, Seen]


def read_table(
    at: TableAt, cells: Cells, names: list[str], stores: list[str], year: int
) -> pd.DataFrame:
    """Return a hidden table as a (store, date) frame over the whole year."""
    index = day_grid(stores, year)
    first, count = date(year, 1, 1), len(index) // len(stores)
    block = {store: i * count for i, store in enumerate(stores)}
    place: dict[int, int] = {}
    store_at, date_at = at.columns[STORE], at.columns[DATE]
    for (row, column), seen in cells.items():
        if column == store_at and row > 1 and seen.value in block:
            day = cells[row, date_at].value
            number = day.toordinal() if isinstance(day, date) else int(float(str(day))) + EPOCH
            place[row] = block[str(seen.value)] + number - first.toordinal()
    values = np.full((len(index), len(names)), np.nan)
    column_of = {at.columns[name]: i for i, name in enumerate(names) if name in at.columns}
    for (row, column), seen in cells.items():
        if column in column_of and row in place and isinstance(seen.value, int | float):
            values[place[row], column_of[column]] = seen.value
    return pd.DataFrame(values, index=index, columns=names)
