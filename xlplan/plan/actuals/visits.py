"""Where visitors come from, checked: free, paid and social ones make all of them, none is more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import Level, Problem, Where
from xlplan.plan import rollup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from xlplan.plan.year import Cube, Year

    Floats = NDArray[np.float64]

#: Relative difference between the parts and the whole that is nobody's business.
NEAR = 0.01
_FREE, _SOCIAL = "uv_organic", "uv_social"


def visit_findings(year: Year) -> list[Problem]:
    """Return where the visitors of a store and their sources do not fit together.

    Only days count on which all that is compared is known. Paid visitors are held against all of
    them over the year (to date), and month by month where free or social ones are told as well.
    """
    found: list[Problem] = []
    for cube, word in ((year.planned, "计划"), (year.actual, "实际")):
        for scope in year.stores:
            found += _of(year, cube, scope, word)
    return found


def _of(year: Year, cube: Cube, scope: str, word: str) -> Iterator[Problem]:
    values, month = cube.of_scope(scope), year.calendar.days["month"].to_numpy()
    paid = _paid(values)
    where = Where(sheet="年度规划")
    over = _months(values["uv"], paid, month)
    told = ~np.isnan(values[_FREE]) | ~np.isnan(values[_SOCIAL])
    whole = [sum(pair[side] for pair in over.values()) for side in (0, 1)]
    mixed = set(month[told].tolist())
    months = [
        at
        for at, (all_, part) in over.items()
        if part > all_ and (at in mixed or whole[1] > whole[0])
    ]
    if months:
        all_, part = over[months[0]]
        what = f"{scope} {word}付费UV比总UV还多：{_listed(months)}，如 {months[0]}月 {part:,.0f} > {all_:,.0f}"
        remedy = (
            "核对渠道UV有没有重复算、单次成本是不是太低"
            if word == "计划"
            else "核对渠道UV与UV是不是同一口径（去重与否）"
        )
        yield Problem(where, what, Level.WARNING, remedy, "UV来源")
    three = values[_FREE] + values[_SOCIAL] + paid
    sums = _months(values["uv"], three, month)
    apart = [at for at, (all_, part) in sums.items() if abs(part - all_) > NEAR * all_]
    if apart:
        all_, part = sums[apart[0]]
        what = f"{scope} {word}的 自然UV + 付费UV + 社交UV 与 UV 对不上：{_listed(apart)}，如 {apart[0]}月 {part:,.0f} 与 {all_:,.0f}"
        remedy = (
            "改自然UV占比、社交UV占比、推广费或单次成本，使三者合计为 UV"
            if word == "计划"
            else "核对三个来源有没有重叠或漏掉"
        )
        yield Problem(where, what, Level.WARNING, remedy, "UV来源")


def _paid(values: dict[str, Floats]) -> Floats:
    """Return the visitors of all channels by day; missing where no channel is known."""
    known = (_FREE, _SOCIAL, "uv_month")
    channels = [daily for name, daily in values.items() if name.startswith("uv_") and name not in known]  # fmt: skip
    stack = np.stack(channels)
    there = ~np.isnan(stack)
    return np.where(there.any(axis=0), np.where(there, stack, 0.0).sum(axis=0), np.nan)


def _months(
    whole: Floats, part: Floats, month: NDArray[np.intp]
) -> dict[int, tuple[float, float]]:
    """Return month → (whole, part) over the days on which both are known."""
    both = ~np.isnan(whole) & ~np.isnan(part)
    sums = rollup.sums(np.where(both, np.stack([whole, part]), np.nan), month - 1, 12)
    return {at + 1: (float(a), float(b)) for at, (a, b) in enumerate(sums.T) if not np.isnan(a)}


def _listed(months: list[int]) -> str:
    return "、".join(f"{at}月" for at in months[:6]) + ("…" if len(months) > 6 else "")
