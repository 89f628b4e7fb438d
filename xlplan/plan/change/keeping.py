"""保持合计: the totals around an edit that are to stay for this one change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xlplan.plan.change.grid import Grid, Limits
    from xlplan.plan.exact.units import Bools, Floats

#: What users call the levels whose totals can stay.
LEVELS = {"月": "month", "季": "quarter", "年": "year", "各店": "company"}
_LEVEL_LABELS = {"month": "月", "quarter": "季", "year": "年", "company": "各店"}


def kept_totals(  # noqa: PLR0913, PLR0917  # one question about one table
    grid: Grid,
    limits: Limits,
    base: Floats,
    touched: Bools,
    keep: Sequence[str],
    edited: Iterable[Bools],
) -> dict[str, tuple[float, Bools]]:
    """Return the totals around the edits that are to stay, with their cells.

    Raises:
        InputError: A whole total is itself edited.
    """
    found: dict[str, tuple[float, Bools]] = {}
    rows = np.array([store for _, store in limits.rows])
    days = grid.year.calendar.days
    for level in keep:
        if level == "company":
            groups = [
                np.broadcast_to(np.arange(grid.days) == day, base.shape)
                for day in np.flatnonzero(touched.any(axis=0))
            ]
        else:
            labels = np.zeros(grid.days) if level == "year" else days[level].to_numpy()
            groups = [
                (rows == store)[:, None] & (labels == number)
                for store in grid.year.stores
                for number in np.unique(labels)
            ]  # fmt: skip
        for number, group in enumerate(groups):
            if not (group & touched).any():
                continue
            if any((group <= mask).all() for mask in edited):
                raise InputError(
                    f"改的就是{'各店之和' if level == 'company' else f'整个{_LEVEL_LABELS[level]}'}，不能同时保持它的合计",
                    "把保持的范围放大一级，或不勾“保持合计”",
                )
            found[f"保持{_LEVEL_LABELS[level]}合计 {number + 1}"] = (
                float(np.rint(base[group] * 100).sum() / 100),
                group,
            )
    return found
