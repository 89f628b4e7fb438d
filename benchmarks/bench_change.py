"""A year edit re-spread over 20 stores × 365 days and every flow that follows, against writing it.

The peer, in the same run and in processor time (median of three): patching exactly the plan's
cells that changed into the closed book, as `FileBook` does.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.plan.new import NewBook, make_state, new
from xlplan.books.file import FileBook
from xlplan.plan.change.change import change
from xlplan.plan.change.grid import Grid, Region
from xlplan.plan.change.request import Edit, Wish
from xlplan.plan.days.periods import parse_period
from xlplan.plan.targets.claims import Claim
from xlplan.sheets.base.tables import table_cells
from xlplan.sheets.state.layout import built_tables

if TYPE_CHECKING:
    from collections.abc import Callable

STORES = 20
#: Re-spreading ÷ writing; must not be exceeded.
LIMITS = {"writing": 0.25}
FIGURES = {"cvr": 0.05, "aov": 120.0, "spend_ratio": 0.1, "roi": 3.0, "refund_rate": 0.06}


def wanted() -> NewBook:
    stores = [f"店{number}" for number in range(1, STORES + 1)]
    claims = [Claim("gmv", 1e6 * (i + 1), store=name) for i, name in enumerate(stores)]
    claims += [Claim(metric, value, store=s) for s in stores for metric, value in FIGURES.items()]
    return NewBook(2026, stores, claims)


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def run() -> dict[str, float]:
    """Print both times and the ratio; return the ratio."""
    year = make_state(wanted())[0].year
    region = Region("gmv", year.stores, parse_period("全年", year.calendar))
    wish = Wish((Edit(region, "percent", 0.08),))

    def spread() -> None:
        change(year, wish, (), lambda _name, _rows: np.zeros(0))

    made = change(year, wish, (), lambda _name, _rows: np.zeros(0))
    after = replace(year, plan=made.plan)
    assert Grid(after).total(region) == round(Grid(year).total(region) * 1.08, 2)
    tables = built_tables(year)
    was, now = (table_cells(tables.plan, y.planned, 2026) for y in (year, after))
    cells = {spot: cell for spot, cell in now.items() if was.get(spot) != cell}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "计划.xlsx"
        new(path, wanted())

        def write() -> None:
            book = FileBook(path)
            book.write({"_计划": cells})
            book.save()

        rounds = [(seconds(spread), seconds(write)) for _ in range(3)]
    cost, peer = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"year edit, {STORES} stores, {len(cells):,} plan cells: {cost:.2f} s")
    print(f"  writing them: {peer:.2f} s, ratio {cost / peer:.3f} (limit {LIMITS['writing']})")
    return {"writing": cost / peer}


if __name__ == "__main__":
    run()
