"""What is doubtful about the days of a year, in words: missing days, and figures nobody confirmed yet.

A missing day is one with a target and no sales, from a store's first day with sales to the as-of
day; it is counted and never taken for zero. Doubtful figures are those of `plausibility.flagged`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.plan.actuals.plausibility import flagged
from xlplan.plan.year import TOTAL

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from xlplan.plan.year import Year

#: What the keys of confirmations in _元数据 begin with; the mark of the question follows.
CONFIRMED = "confirmed:"
#: How words about a day begin: without sales, with figures to be confirmed.
MISSING, DOUBTFUL = "缺", "存疑"
#: Stores named for 合计.
_NAMED = 3


def confirmed_marks(meta: Mapping[str, str]) -> frozenset[str]:
    """Return the marks a book holds as confirmed."""
    return frozenset(
        key.removeprefix(CONFIRMED)
        for key, text in meta.items()
        if key.startswith(CONFIRMED) and text
    )


def missing_grid(year: Year) -> NDArray[np.bool_]:
    """Return (stores, days): the days that are missing."""
    shape = (len(year.stores), -1)
    sold = year.actuals["gmv"].to_numpy(np.float64).reshape(shape)
    plan = year.plan["gmv"].to_numpy(np.float64).reshape(shape)
    known = ~np.isnan(sold)
    begun = np.logical_or.accumulate(known, axis=1)
    last = np.flatnonzero(known.any(axis=0))
    passed = np.arange(sold.shape[1]) <= (last[-1] if last.size else -1)
    return np.asarray(begun & passed & ~known & (np.nan_to_num(plan) > 0))


def day_words(year: Year, confirmed: Collection[str] = ()) -> list[str]:
    """Return for each scope and day ``缺``, ``存疑·日销售额·`` or "", scope by scope.

    合计 names the stores: ``缺：乙店；存疑·日销售额·（甲店）``.
    """
    missing = missing_grid(year)
    figures = _figures(year, confirmed)
    rows = [
        [MISSING if gone else _doubt(labels) for gone, labels in zip(line, of, strict=True)]
        for line, of in zip(missing.tolist(), figures, strict=True)
    ]
    if TOTAL in year.scopes:
        rows.insert(0, _of_all(year.stores, missing, figures))
    return [text for row in rows for text in row]


def _figures(year: Year, confirmed: Collection[str]) -> list[list[list[str]]]:
    """Return the labels of doubtful figures by store and day, in the order of the metrics."""
    place = {store: number for number, store in enumerate(year.stores)}
    days = len(year.calendar.days)
    made: list[list[list[str]]] = [[[] for _ in range(days)] for _ in year.stores]
    order = {name: number for number, name in enumerate(year.metrics.metrics)}
    for store, day, metric in sorted(flagged(year, confirmed), key=lambda one: order[one[2]]):
        made[place[store]][day.timetuple().tm_yday - 1].append(year.metrics[metric].label)
    return made


def _doubt(labels: Sequence[str]) -> str:
    return f"{DOUBTFUL}·{'·'.join(labels)}·" if labels else ""


def _of_all(
    stores: Sequence[str], missing: NDArray[np.bool_], figures: Sequence[Sequence[Sequence[str]]]
) -> list[str]:
    made = []
    for day in range(missing.shape[1]):
        gone = [stores[at] for at in np.flatnonzero(missing[:, day]).tolist()]
        odd = {stores[at]: of[day] for at, of in enumerate(figures) if of[day]}
        labels = list(dict.fromkeys(label for each in odd.values() for label in each))
        parts = [f"{MISSING}：{_named(gone)}"] if gone else []
        parts += [f"{_doubt(labels)}（{_named(list(odd))}）"] if odd else []
        made.append("；".join(parts))
    return made


def _named(stores: Sequence[str]) -> str:
    more = f" 等 {len(stores)} 家店" if len(stores) > _NAMED else ""
    return "、".join(stores[:_NAMED]) + more
