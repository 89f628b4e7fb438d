"""Forecasts kept as they were issued, and scored when their month is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date


@record
class Issued:
    """One forecast of a month as it was issued; a row of the log.

    Attributes:
        store: A store, or 合计.
        month: 1 to 12.
        as_of: Last day known when it was made.
        low: Lower end of the 80 % band.
        middle: Estimate.
        high: Upper end.
        target: The month's target then; NaN when there was none.
        chance: Chance to hit it; NaN when there was none.
    """

    store: str
    month: int
    as_of: date
    low: float
    middle: float
    high: float
    target: float = float("nan")
    chance: float = float("nan")


@record
class Score:
    """How good the forecasts of a store were.

    Attributes:
        store: The store.
        count: Forecasts whose month is over.
        error: Mean absolute error, part of the actual.
        bias: Mean error; positive when too much was foreseen.
        hits: Share of actuals inside the band.
    """

    store: str
    count: int
    error: float
    bias: float
    hits: float


def scores(issued: Iterable[Issued], actual: Mapping[tuple[str, int], float]) -> list[Score]:
    """Score the forecasts whose month is over, by store.

    Args:
        issued: Forecasts in any order; of one store, month and as-of day the last one counts.
        actual: (store, month) → what the month came to; months not over are absent.
    """
    by_store: dict[str, list[tuple[Issued, float]]] = {}
    for each, came in _over(issued, actual):
        by_store.setdefault(each.store, []).append((each, came))
    return [_score(store, pairs) for store, pairs in by_store.items()]


def month_scores(
    issued: Iterable[Issued], actual: Mapping[tuple[str, int], float]
) -> dict[tuple[str, int], Score]:
    """Score the forecasts of each store and month that is over (see `scores`)."""
    by_month: dict[tuple[str, int], list[tuple[Issued, float]]] = {}
    for each, came in _over(issued, actual):
        by_month.setdefault((each.store, each.month), []).append((each, came))
    return {key: _score(key[0], pairs) for key, pairs in by_month.items()}


def _over(
    issued: Iterable[Issued], actual: Mapping[tuple[str, int], float]
) -> Iterator[tuple[Issued, float]]:
    """Yield the forecasts whose month is over, with what it came to."""
    last = {(each.store, each.month, each.as_of): each for each in issued}
    for each in last.values():
        came = actual.get((each.store, each.month))
        if came is not None and came > 0:
            yield each, came


def _score(store: str, pairs: list[tuple[Issued, float]]) -> Score:
    errors = np.array([each.middle / came - 1 for each, came in pairs])
    hits = np.mean([each.low <= came <= each.high for each, came in pairs])
    return Score(
        store, len(pairs), float(np.abs(errors).mean()), float(errors.mean()), float(hits)
    )
