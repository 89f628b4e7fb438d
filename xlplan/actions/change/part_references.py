"""What a category or platform can be shaped like: its own figures in a version or a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.change.references import WEIGHTS, references
from xlplan.actions.change.versions import made_current
from xlplan.errors import InputError
from xlplan.plan.exact.units import from_cents
from xlplan.plan.parts.region import PartRegion
from xlplan.plan.parts.year import PartYear

if TYPE_CHECKING:
    from xlplan.plan.exact.units import Floats
    from xlplan.sheets.state.book import BookState


def part_shape(state: BookState, there: PartRegion, name: str) -> tuple[Floats, str]:
    """Return the shape of a reference for a part, and a line that says whose shape it is.

    Its own sales of a version of this year or of another store; last year's figures and actuals
    are known for whole stores only.

    Returns:
        (stores, days) in yuan or weights, 0 where the part has nothing; the line.

    Raises:
        InputError: There is no such reference, or the part has nothing there.
    """
    year, part = state.year, there.parts.names[there.number]
    if name in year.stores:
        own = there.cells[year.stores.index(name)]
        return _some(np.broadcast_to(own, there.cells.shape), name, part)
    if any(v.name == name and int(v.year) == year.year for v in state.versions):
        kept = made_current(state, name)
        parts = PartYear(kept.year, kept.splits, there.parts.kind)
        return _some(PartRegion(parts, there.number, there.region).cells, name, part)
    rows = [("gmv", store) for store in year.stores]
    whose = "日历权重" if name in WEIGHTS else f"各店合计的数（“{name}”里没有分{there.word}的数）"
    return references(state)(name, rows), f"参照“{name}”：用{whose}"


def _some(cells: Floats, name: str, part: str) -> tuple[Floats, str]:
    if not cells.any():
        raise InputError(f"参照“{name}”里没有{part}的数", "换一个参照")
    return from_cents(cells), f"参照“{name}”：用{part}自己在那里的数"
