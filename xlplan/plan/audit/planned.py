"""What a plan says that cannot be: more paid visitors than visitors, money on another platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import Level, Problem, Where
from xlplan.metrics.money import CENT
from xlplan.metrics.platforms import sells_here
from xlplan.plan.fill.windows import windows_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.plan.exact.units import Floats
    from xlplan.plan.year import Year

#: Months that a finding names.
_NAMED = 3
#: Shares of the spend that differ by less are the same.
_SHARE_CLOSE = 0.0005


def planned_problems(year: Year, cells: Mapping[str, str] | None = None) -> list[Problem]:
    """Return what is odd about the visitors and the promotion money of a plan.

    Args:
        year: The year with its plan.
        cells: Store → the cell of 年度目标 that a remedy starts from.
    """
    found = []
    for store in year.stores:
        where = Where(sheet="年度目标", cell=(cells or {}).get(store, ""))
        odd = (*_paid_above_total(year, store), *_elsewhere(year, store), *_shares(year, store))
        for what, remedy in odd:
            found.append(Problem(where, f"{store} {what}", Level.WARNING, remedy, "渠道"))
    return found


def _months(year: Year, store: str, name: str) -> Floats:
    """Return (12,) planned sums of a column, 0 where nothing is planned."""
    month = year.calendar.days["month"].to_numpy() - 1
    values = year.plan[name].to_numpy(np.float64).reshape(len(year.stores), -1)
    mine = np.nan_to_num(values[year.stores.index(store)])
    return np.bincount(month, mine, minlength=12).astype(np.float64)


def _paid_above_total(year: Year, store: str) -> list[tuple[str, str]]:
    keys = [channel.key for channel in year.metrics.channels]
    paid = np.sum([_months(year, store, f"uv_{key}") for key in keys], axis=0)
    total = _months(year, store, "uv")
    over = np.flatnonzero((total > 0) & (paid > total))
    if not over.size:
        return []
    told = "、".join(f"{m + 1}月 {paid[m]:,.0f} > {total[m]:,.0f}" for m in over[:_NAMED])
    more = f" 等 {over.size} 个月" if over.size > _NAMED else ""
    what = f"计划的付费UV超过当月UV：{told}{more}"
    worst = max(over, key=lambda m: paid[m] / total[m])
    return [(what, f"渠道单次成本提到 {paid[worst] / total[worst]:.2f} 倍以上，或减推广费、加UV目标（降转化率、客单价）")]  # fmt: skip


def _elsewhere(year: Year, store: str) -> list[tuple[str, str]]:
    """Return money on channels that the store's platform does not have: edited, or planned before."""
    platform = year.platforms[store]
    lost = {
        channel.label: money
        for channel in year.metrics.channels
        if not sells_here(channel.key, platform)
        and (money := float(_months(year, store, f"spend_{channel.key}").sum())) >= CENT
    }
    if not lost:
        return []
    named = "、".join(f"{label} {money:,.2f}" for label, money in lost.items())
    what = f"在{platform}，计划里却有别的平台的推广费：{named}"
    return [(what, "运行“分解”（手工调整过的要选“放弃手工调整”）；店铺平台不对就在“年度目标”改")]


def _shares(year: Year, store: str) -> list[tuple[str, str]]:
    """Return campaigns whose days have another share of the spend than 活动 says."""
    if not year.settings.campaign_money:
        return []
    names = [f"spend_{channel.key}" for channel in year.metrics.channels]
    table = year.plan[names].xs(store, level="store").to_numpy(np.float64)
    spend, total = np.nansum(table, axis=1), float(np.nansum(table))
    found = []
    for one in windows_of(year.calendar, store) if total > 0 else ():
        share = float(spend[one.first : one.last + 1].sum()) / total
        if abs(share - one.share) > _SHARE_CLOSE:
            what = f"活动“{one.name}”的预算占比写 {one.share:.2%}，计划里它的推广费占 {share:.2%}"
            found.append(
                (what, "改过活动就“分解”；锁定、已有实际或手工调整的天不让它达到时，解锁或改占比")
            )
    return found
