"""版本对比: two plans side by side on a sheet, level by level and then day by day."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.run.apply import apply
from xlplan.actions.run.outcome import Outcome
from xlplan.plan.change.holds import label
from xlplan.plan.change.preview import level_lines, preview
from xlplan.record import replace
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.compare.page import SHEET as COMPARE
from xlplan.sheets.compare.page import compare_cells

if TYPE_CHECKING:
    import pandas as pd

    from xlplan.cells import Book, Value
    from xlplan.plan.change.preview import Preview
    from xlplan.plan.year import Year
    from xlplan.sheets.state.read import BookRead

#: Single days told on 版本对比; all of them count in the totals above.
TOLD = 5000


def compare(
    book: Book, read: BookRead, plans: tuple[pd.DataFrame, pd.DataFrame], names: tuple[str, str]
) -> Outcome:
    """Write what differs between two plans on 版本对比 and say it."""
    year, (one, two) = read.state.year, plans
    seen = preview(replace(year, plan=one), two)
    rows = [*_level_rows(seen, year), *_day_rows(one, two, year)]
    title = f"版本对比：左“{names[0]}” 右“{names[1]}”，{seen.count} 格不同"
    cells = compare_cells(title, rows, read.cells[COMPARE])
    changed = apply(
        book, read, read.state, [LogRow(action="版本对比", note=title)], extra={COMPARE: cells}
    )
    facts: dict[str, object] = {
        "cells": seen.cells,
        "levels": [asdict(row) for row in seen.levels],
    }
    lines = [f"{seen.count} 格不同", *level_lines(seen.levels, year), f"逐格列在“{COMPARE}”表" + (f"（前 {TOLD} 格）" if seen.count > TOLD else "")]  # fmt: skip
    return Outcome(title, lines, facts=facts, changed=changed)


def _level_rows(seen: Preview, year: Year) -> list[list[Value]]:
    return [
        [row.level, row.store, row.period, label(row.metric, year.metrics), *_figures(row.before, row.after)]
        for row in seen.levels
    ]  # fmt: skip


def _day_rows(one: pd.DataFrame, two: pd.DataFrame, year: Year) -> list[list[Value]]:
    rows: list[list[Value]] = []
    for name in one.columns:
        was, now = one[name].to_numpy(np.float64), two[name].to_numpy(np.float64)
        for place in np.flatnonzero((was != now) & ~(np.isnan(was) & np.isnan(now))):
            if len(rows) == TOLD:
                return rows
            store, at = one.index[int(place)]
            rows.append(["日", str(store), str(at.date()), label(str(name), year.metrics), *_figures(float(was[place]), float(now[place]))])  # fmt: skip
    return rows


def _figures(before: float, after: float) -> list[Value]:
    shown: list[Value] = [None if np.isnan(value) else value for value in (before, after)]
    if None in shown:
        return [*shown, None, None]
    return [*shown, round(after - before, 6), after / before - 1 if before else None]
