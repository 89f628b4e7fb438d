"""The hidden tables as frames."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.cells import address
from xlplan.plan.year import day_grid
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
    taken: set[int] = set()
    key_at, store_at, date_at = (at.columns[name] for name in (KEY, STORE, DATE))
    for (row, column), seen in cells.items():
        if column == store_at and row > 1 and seen.value in block:
            number = _ordinal(cells.get((row, date_at))) - first.toordinal()
            here = block[str(seen.value)] + number
            key = cells.get((row, key_at))
            said = f"{seen.value}|{number + first.toordinal() - EPOCH}"
            if not 0 <= number < count or here in taken or key is None or key.value != said:
                raise changed_by_hand(at.sheet, address(row, date_at))
            place[row] = here
            taken.add(here)
    if len(taken) != len(index):
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
