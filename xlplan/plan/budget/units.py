"""Budget units: a store, or a store on one platform; what each sells and spends by month.

All amounts are whole fen; what is shared out adds up to what was there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InfeasibleError
from xlplan.metrics import CHANNELS
from xlplan.plan import rollup
from xlplan.plan.exact.rounding import largest_remainder
from xlplan.plan.parts.year import PartYear
from xlplan.record import bundle, record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.plan.budget.settings import Terms
    from xlplan.plan.exact.units import Floats
    from xlplan.plan.parts.splits import Splits
    from xlplan.plan.year import Year

UNSPLIT = "未分平台"
_PLATFORM = {channel.key: channel.platform for channel in CHANNELS}


@record
class Unit:
    """What has its own column of numbers: a store, or what it sells on one platform.

    Attributes:
        name: Shown and unique.
        store: Its store.
        channel: The sheet it is added up on.
        department: 部门 in forms.
        tax: Rate of output VAT.
    """

    name: str
    store: str
    channel: str
    department: str = ""
    tax: float = 0.0


@bundle
class Flows:
    """Monthly amounts of all units.

    Attributes:
        units: The units in order.
        values: Metric → (units, 12); NaN is not known.
    """

    units: tuple[Unit, ...]
    values: Mapping[str, Floats]

    def of(self, unit: Unit, metric: str) -> Floats:
        """Return the months of a metric, NaN where nothing is known."""
        found = self.values.get(metric)
        return np.full(12, np.nan) if found is None else found[self.units.index(unit)]


def metrics_of(year: Year) -> list[str]:
    """Return the plan metrics that a budget reads."""
    spends = [f"spend_{channel.key}" for channel in year.metrics.channels]
    return ["gmv", "refund_amount", *spends, "orders", "uv"]


def by_store(year: Year, *, actual: bool) -> dict[str, Floats]:
    """Return metric → (stores, 12) sums of the plan or the actuals, in fen and whole counts."""
    frame = year.actuals if actual else year.plan
    groups = year.calendar.days["month"].to_numpy() - 1
    made = {}
    for name in metrics_of(year):
        if name not in frame:
            continue
        days = frame[name].to_numpy(np.float64).reshape(len(year.stores), -1)
        taken = f"{name}_excluded"
        if actual and taken in frame:
            away = frame[taken].to_numpy(np.float64).reshape(len(year.stores), -1)
            days = days - np.nan_to_num(away)
        made[name] = rollup.sums(np.rint(days * 100), groups, 12) / 100
    return made


def split_by_platform(year: Year, splits: Splits, terms: Terms) -> bool:
    """Return True when units are stores on platforms: 品类平台 has platforms, 预算 no channels."""
    named = any(platform.name for platform in splits.platforms)
    return named and not any(terms.store(store).channel for store in year.stores)


def store_units(year: Year, terms: Terms) -> tuple[Unit, ...]:
    """Return a unit for every store."""
    made = []
    for store in year.stores:
        said = terms.store(store)
        made.append(Unit(store, store, said.channel or store, said.department, said.rate))
    return tuple(made)


def planned(year: Year, splits: Splits, terms: Terms) -> Flows:
    """Return the plan by unit.

    Raises:
        InfeasibleError: Shares or agreements of platforms do not fit the plan.
    """
    sums = {name: np.nan_to_num(values) for name, values in by_store(year, actual=False).items()}
    units = store_units(year, terms)
    if not split_by_platform(year, splits, terms):
        return Flows(units, sums)
    weights, names = _platform_fen(year, splits)
    unit_of = [
        Unit(f"{unit.store}·{name}", unit.store, name, unit.department, unit.tax)
        for unit in units
        for name in names
    ]
    values = {name: _shared(name, sums[name], weights, names) for name in sums}
    used = [
        number for number, unit in enumerate(unit_of)
        if unit.channel != UNSPLIT or any(np.any(value[number]) for value in values.values())
    ]  # fmt: skip
    kept = {name: value[used] for name, value in values.items()}
    return Flows(tuple(unit_of[number] for number in used), kept)


def _platform_fen(year: Year, splits: Splits) -> tuple[Floats, list[str]]:
    """Return what each store sells on each platform by month in fen, (stores, parts, 12)."""
    parts = PartYear(year, splits, "p")
    named = [number for number, name in enumerate(parts.names) if name]
    rows = [*named, len(parts.names)]
    try:
        months = [parts.grid(month).stores()[rows] for month in range(12)]
    except InfeasibleError as refusal:
        raise InfeasibleError(
            f"品类平台的占比、约定与计划合不上，预算分不到平台：{refusal.message}",
            "先按“体检”的提示改好品类平台，再导出预算",
        ) from refusal
    names = [*(parts.names[number] for number in named), UNSPLIT]
    return np.stack(months, axis=-1).transpose(1, 0, 2), names


def _shared(metric: str, sums: Floats, weights: Floats, names: Sequence[str]) -> Floats:
    """Share a metric's store months out to platforms, (stores · parts, 12)."""
    stores, count, _ = weights.shape
    home = _PLATFORM.get(metric.removeprefix("spend_"), "") if metric.startswith("spend_") else ""
    scale = 1 if metric in ("orders", "uv") else 100
    whole = np.rint(sums * scale)
    if metric == "gmv":
        return weights.reshape(stores * count, 12) / 100
    made = np.zeros_like(weights)
    if home in names:
        made[:, list(names).index(home)] = whole
    else:
        for store in range(stores):
            made[store] = share_out(whole[store], weights[store])
    return made.reshape(stores * count, 12) / scale


def share_out(whole: Floats, weights: Floats) -> Floats:
    """Share whole amounts (12,) out by weights (parts, 12): whole parts, sums exact.

    Where a month has no weights the year's count; where there are none at all, the last part
    takes it.
    """
    year = weights.sum(axis=1)
    last = np.zeros(len(weights))
    last[-1] = 1
    made = np.zeros_like(weights)
    for month in range(12):
        share = weights[:, month] if weights[:, month].sum() > 0 else year
        share = share if share.sum() > 0 else last
        quotas = whole[month] * share / share.sum()
        sign = -1 if whole[month] < 0 else 1
        total = np.array([round(abs(whole[month]))], dtype=np.int64)
        made[:, month] = sign * largest_remainder(np.abs(quotas)[None], total)[0]
    return made


def known_actuals(year: Year, terms: Terms) -> Flows:
    """Return the actuals by store: exports do not say on which platform a store's row was sold."""
    return Flows(store_units(year, terms), by_store(year, actual=True))
