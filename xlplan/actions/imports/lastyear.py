"""Days of the year before among what is imported: they are last year's actuals, not a slip."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from xlplan.actions.plan.lastyear import Recalled, with_last_year
from xlplan.plan.actuals.contributions import no_rows, upsert
from xlplan.plan.actuals.merge import merge, rules_of
from xlplan.plan.actuals.merge_findings import accept
from xlplan.record import replace as renewed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.plan.actuals.contributions import Batch
    from xlplan.plan.actuals.merge_findings import Limits
    from xlplan.sheets.state.book import BookState


def split_last_year(batches: Sequence[Batch], limits: Limits) -> tuple[list[Batch], list[Batch]]:
    """Return the batches without, and with only, the days of the year before.

    Days of stores that are not the book's stay with the others, which are refused by name.
    """
    now: list[Batch] = []
    past: list[Batch] = []
    for batch in batches:
        index = batch.frame.index
        days = pd.DatetimeIndex(index.get_level_values("date"))
        ours = index.get_level_values("store").isin(limits.stores)
        before = (days.year == limits.year - 1) & ours
        if not before.any():
            now.append(batch)
            continue
        kept, _ = accept(replace(batch, frame=batch.frame[before]), renewed(limits, year=limits.year - 1))  # fmt: skip
        past.append(kept)
        if not before.all():
            now.append(replace(batch, frame=batch.frame[~before]))
    return now, past


def last_year_taken(state: BookState, past: Sequence[Batch]) -> Recalled:
    """Return a book that knows the days of the year before; sources settle as this year's do."""
    if not past:
        return Recalled(state, (), ())
    year = state.year
    rows = upsert(no_rows(), [batch.rows() for batch in past]).rows
    merged = merge(
        rows,
        no_rows(),
        stores=year.stores,
        year=year.year - 1,
        metrics=year.metrics,
        rules=rules_of(year.settings),
    )
    files = "、".join(dict.fromkeys(batch.file for batch in past))
    return with_last_year(state, merged.actuals, f"来自 {files[:200]}")
