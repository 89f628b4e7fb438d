"""Between statements of a target list and what stands on 年度目标."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

import numpy as np

from xlplan.plan.fill.make import ChannelMix
from xlplan.plan.targets.claims import WHOLE, Claim, Kind, Span
from xlplan.sheets.targets.rows import EVERY, YES, target_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from xlplan.cells import Value
    from xlplan.errors import Problem
    from xlplan.plan.targets.targets import Targets
    from xlplan.plan.year import Settings
    from xlplan.sheets.targets.page import TypedTargets


def stores_of(claims: Iterable[Claim], default: str) -> list[str]:
    """Return the stores a target list names, in order; `default` when it names none."""
    return list(dict.fromkeys(claim.store for claim in claims if claim.store)) or [default]


def values_of(
    claims: Iterable[Claim], targets: Targets, stores: Sequence[str], settings: Settings, year: int
) -> dict[tuple[str, str], Value]:
    """Return what 年度目标 should hold for a target list, by row key and column key.

    Years and months come from `targets` (which adds up quarters, weeks and days); last year's
    actuals, locks and 可信度 from the claims themselves.
    """
    rows = {(row.store, row.metric): row for row in target_rows(list(stores), settings)}
    values: dict[tuple[str, str], Value] = {}
    for store, metric, line in _lines(targets.annual):
        row = rows.get((_store(store, stores), metric))
        if row and not math.isnan(line["value"]):
            values[row.key, "value"] = float(line["value"])
            values[row.key, "locked"] = YES if line["locked"] else None
            values[row.key, "confidence"] = (
                int(line["confidence"]) if line["confidence"] != 3 else None
            )
    for store, metric, line in _lines(targets.monthly):
        row = rows.get((_store(store, stores), metric))
        for month in range(1, 13):
            if row and not math.isnan(line[month]):
                values[row.key, f"m:{month}"] = float(line[month])
    for claim in claims:
        row = rows.get((_store(claim.store, stores), claim.metric))
        if row and _is_last_year(claim, year):
            values[row.key, "last"] = claim.value
    return values


def _lines(frame: pd.DataFrame) -> Iterator[tuple[str, str, pd.Series]]:
    for key, line in frame.iterrows():
        store, metric = cast("tuple[str, str]", key)
        yield store, metric, line


def _store(name: str, stores: Sequence[str]) -> str:
    """A list that names no store speaks of the only one."""
    return name if name in stores else stores[0] if len(stores) == 1 else name


def _is_last_year(claim: Claim, year: int) -> bool:
    whole = claim.scope == WHOLE and claim.period is Span.YEAR
    return whole and claim.kind is Kind.ACTUAL and claim.year == year - 1


def channel_mix(typed: TypedTargets) -> ChannelMix:
    """Return channel shares and costs per visit as typed."""
    shares: dict[str, NDArray[np.float64]] = {}
    cpc: dict[str, NDArray[np.float64]] = {}
    for row in target_rows(typed.stores, typed.settings):
        if row.store == EVERY:
            kind, _, key = row.metric.partition("_")
            known = _by_month(typed.values, row.key)
            if not np.isnan(known).all():
                (shares if kind == "share" else cpc)[key] = known
    return ChannelMix(shares, cpc)


def _by_month(values: Mapping[tuple[str, str], Value], key: str) -> NDArray[np.float64]:
    def number(column: str) -> float:
        value = values.get((key, column))
        return float(value) if isinstance(value, int | float) else float("nan")

    months = np.array([number(f"m:{month}") for month in range(1, 13)])
    return np.where(np.isnan(months), number("value"), months)


def findings_of(problems: Iterable[Problem], rows: Mapping[str, int]) -> dict[str, str]:
    """Return row key → what 体检 says about that row (the first two findings)."""
    by_row = {row: key for key, row in rows.items() if key.startswith("t:")}
    found: dict[str, list[str]] = {}
    for problem in problems:
        digits = "".join(char for char in problem.where.cell if char.isdigit())
        key = by_row.get(int(digits)) if digits else None
        if key:
            found.setdefault(key, []).append(f"[{problem.level}] {problem.what}")
    return {key: "；".join(texts[:2]) for key, texts in found.items()}
