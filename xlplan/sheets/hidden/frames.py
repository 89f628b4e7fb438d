"""The hidden tables as frames."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.cells import address
from xlplan.plan.year import TOTAL, day_grid
from xlplan.sheets.base.tables import DATE, EPOCH, KEY, STORE, changed_by_hand

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Seen, Spot
    from xlplan.sheets.base.tables import TableAt

    Cells = Mapping[Spot, Seen]


def read_table(
    at: TableAt, cells: Cells, names: list[str], stores: list[str], year: int
) -> pd.DataFrame:
    """Return a hidden table as a (store, date) frame over the whole year.

    Raises:
        StructureError: A row's store and date are not those of its key, a day has two rows or
            none, or a column lost its name: figures would be read as another day's.
    """
    index = day_grid(stores, year)
    first, count = date(year, 1, 1), len(index) // len(stores)
    block = {store: i * count for i, store in enumerate(stores)}
    place: dict[int, int] = {}
    key_at, store_at, date_at = (at.columns[name] for name in (KEY, STORE, DATE))
    known = {*block, TOTAL}
    for (row, column), seen in cells.items():
        if column != store_at or row == 1 or seen.value is None:
            continue
        scope, number = str(seen.value), _ordinal(cells.get((row, date_at))) - first.toordinal()
        key = cells.get((row, key_at))
        said = f"{scope}|{number + first.toordinal() - EPOCH}"
        if scope not in known or not 0 <= number < count or key is None or key.value != said:
            raise changed_by_hand(at.sheet, address(row, date_at))
        if scope in block:
            place[row] = block[scope] + number
    if len(set(place.values())) != len(index) or len(place) != len(index):
        raise changed_by_hand(at.sheet, address(1, store_at))
    values = np.full((len(index), len(names)), np.nan)
    column_of = {at.columns[name]: i for i, name in enumerate(names) if name in at.columns}
    for (row, column), seen in cells.items():
        if column in column_of and row in place and isinstance(seen.value, int | float):
            values[place[row], column_of[column]] = seen.value
    return pd.DataFrame(values, index=index, columns=names)


def _ordinal(seen: Seen | None) -> int:
    """Return the day of a date cell; 0 when it holds none."""
    day = seen.value if seen else None
    if isinstance(day, date):
        return day.toordinal()
    if isinstance(day, float) and 0 < day < 100_000:
        return int(day) + EPOCH
    return 0
