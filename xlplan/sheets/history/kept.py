"""Versions as kept in the book: a plan frame as text and back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.plan.parts.agreements import KINDS, agreement_of, agreement_texts
from xlplan.plan.parts.splits import own_shares, with_own_shares
from xlplan.plan.year import TOTAL, day_grid
from xlplan.record import replace as renewed
from xlplan.sheets.base.packing import pack, pack_json, pack_values, unpack, unpack_values
from xlplan.sheets.parts.share_names import in_place, with_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.plan.parts.splits import Splits
    from xlplan.sheets.history.page import Version
    from xlplan.sheets.state.book import BookState

#: The kind of a version that holds actuals of the year before.
LAST_YEAR = "去年"


def keep_plan(plan: pd.DataFrame, stores: Sequence[str], splits: Splits | None = None) -> str:
    """Return a plan (or actuals) as text; columns without any value are left out.

    Args:
        plan: The plan.
        stores: Its stores.
        splits: Shares of single months and agreements that go with it.
    """
    parts = {"stores": pack_json(list(stores))}
    if splits is not None:
        said = [agreement_texts(one) for one in splits.agreements]
        parts["splits"] = pack_json(
            {"shares": with_names(splits, own_shares(splits)), "agreements": said}
        )
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


def kept_splits(version: Version, splits: Splits) -> Splits:
    """Return splits with the months' shares and agreements of a version; older ones have none.

    Agreements of parts and stores that are there no more are left out.
    """
    parts = unpack(version.payload)
    if "splits" not in parts:
        return splits
    said, stores = json.loads(parts["splits"]), {*json.loads(parts["stores"]), TOTAL}
    shares = in_place(splits, said["shares"])
    agreed = (agreement_of(texts) for texts in said["agreements"])
    named = {kind: {part.name for part in splits.of(kind)} for kind in KINDS}
    there = tuple(one for one in agreed if one.part in named[one.kind] and one.store in stores)
    return replace(with_own_shares(splits, shares), agreements=there)


def last_of(versions: Sequence[Version], year: int, stores: Sequence[str]) -> pd.DataFrame | None:
    """Return last year's actuals among kept versions, of the book's stores; None when there are none.

    Args:
        versions: What the book keeps.
        year: The plan year.
        stores: The book's stores; a book of one store takes the only store of its last year.
    """
    kept = [v for v in versions if v.kind == LAST_YEAR and int(v.year) == year - 1]
    if not kept:
        return None
    found = kept_plan(kept[-1])
    named = list(found.index.unique("store"))
    if len(named) == 1 and len(stores) == 1:
        found = found.rename(index={named[0]: stores[0]}, level="store")
    return found[found.index.get_level_values("store").isin(stores)]


def with_versions(state: BookState, versions: Sequence[Version]) -> BookState:
    """Return a state that keeps these versions; what it says of last year follows from them."""
    last = last_of(versions, state.year.year, state.year.stores)
    return renewed(state, versions=versions, year=renewed(state.year, last=last))


def in_shape(plan: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    """Return a kept plan with the rows and columns of another; what it lacks is not planned."""
    return plan.reindex(index=like.index, columns=like.columns).astype(np.float64)
