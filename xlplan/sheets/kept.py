"""Versions as kept in the book: a plan frame as text and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.plan.year import day_grid
from xlplan.sheets.packing import pack, pack_json, pack_values, unpack, unpack_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.sheets.history_page import Version


def keep_plan(plan: pd.DataFrame, stores: Sequence[str]) -> str:
    """Return a plan (or actuals) as text; columns without any value are left out."""
    parts = {"stores": pack_json(list(stores))}
    for name in plan.columns:
        values = plan[name].to_numpy(np.float64)
        if not np.isnan(values).all():
            parts[f"column/{name}"] = pack_values(values)
    return pack(parts)


def kept_plan(version: Version) -> pd.DataFrame:
    """Return the plan of a version: index (store, date) over its year.

    Raises:
        StructureError: The text was changed by hand.
    """
    parts = unpack(version.payload)
    stores = json.loads(parts["stores"])
    columns = {
        key.partition("/")[2]: unpack_values(data)
        for key, data in parts.items()
        if key.startswith("column/")
    }
    return pd.DataFrame(columns, index=day_grid(stores, int(version.year)))


def in_shape(plan: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    """Return a kept plan with the rows and columns of another; what it lacks is not planned."""
    return plan.reindex(index=like.index, columns=like.columns).astype(np.float64)
