"""The registry of metrics and channels: the one place that says what a number means.

A metric's `add` says how it rolls up, `formula` how it is reported,
the driver tree (`Driver`) how it is planned and what gives when it is edited; both graphs are checked for cycles when this
package is imported.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from xlplan.formula import Formula
from xlplan.metrics.channels import CHANNELS, SEED_CHANNELS, Channel
from xlplan.metrics.drivers import (
    DRIVERS,
    EDITED_RATIOS,
    FLOWS,
    GIVES,
    RATES,
    Driver,
    driver_of,
    moving,
    planned_from,
    products,
)
from xlplan.metrics.model import Add, Metric, Registry, Unit, Window, normal, target_of
from xlplan.metrics.shop import channel_metrics, ratio, shop_metrics

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CHANNELS",
    "DRIVERS",
    "EDITED_RATIOS",
    "FLOWS",
    "GIVES",
    "METRICS",
    "RATES",
    "SEED_CHANNELS",
    "Add",
    "Channel",
    "Driver",
    "Metric",
    "Registry",
    "Unit",
    "Window",
    "driver_of",
    "moving",
    "normal",
    "products",
    "registry",
    "target_of",
]

_COUNT, _PERCENT = Unit.COUNT, Unit.PERCENT


def _companions(metrics: Mapping[str, Metric]) -> list[Metric]:
    """The plan's side of each planned metric: ``gmv_target``, ``cvr_target`` and so on."""
    flows = {"gmv"} | {m.name for m in metrics.values() if m.planned_from}
    same = {"gmv_net": "gmv", "orders_net": "orders"}  # a plan knows no exclusions

    def rename(name: str) -> str:
        return target_of(same.get(name, name))

    made = []
    for m in metrics.values():
        parts = {same.get(name, name) for name in m.formula.names} if m.formula else set()
        if m.formula and m.window is Window.DAY and parts <= flows and m.name not in same:
            made.append(_companion(m, m.formula.renamed(rename)))
        elif m.name in flows - set(same):
            made.append(_companion(m, None))
    return made


def _companion(metric: Metric, formula: Formula | None) -> Metric:
    short = metric.label.removeprefix("当日").removeprefix("日销").removeprefix("日")
    label = f"目标{'销售额' if metric.name == 'gmv' else short}"
    return replace(
        metric,
        name=target_of(metric.name),
        label=label,
        formula=formula,
        planned_from="",
        aliases=(f"目标{metric.label}", *(f"目标{a}" for a in metric.aliases)),
        help=f"计划的{metric.label}",
    )


def _against_plan() -> list[Metric]:
    return [
        ratio("attainment", "达成率", _PERCENT, "gmv_net / gmv_target"),
        Metric("uv_needed", "本月所需UV", _COUNT, formula=Formula("gmv_target / (cvr_target * aov_target)"),
               window=Window.MONTH, help="月目标 ÷（目标转化率 × 目标客单价）"),
        Metric("uv_gap", "本月UV缺口", _COUNT, formula=Formula("uv_needed - uv"), window=Window.TO_DATE,
               help="本月所需UV − 累计UV"),
        Metric("uv_short", "UV缺额", _COUNT, formula=Formula("uv_target - uv", floor=0), help="当日目标UV − 当日UV，不低于 0"),
    ]  # fmt: skip


def _against_last_year() -> list[Metric]:
    return [
        Metric("gmv_target_like", "目标(去年有数的日子)", Unit.MONEY, past=True, help="去年同一日期有数的日子的目标销售额"),
        Metric("gmv_last_year", "去年实际", Unit.MONEY, past=True, help="去年同一日期的实际销售额"),
        Metric("gmv_comparable", "去年同期", Unit.MONEY, past=True, help="去年可比日期（见日历）的实际销售额"),
        Metric("gmv_past", "去年同期(有实际的日子)", Unit.MONEY, past=True, help="只算今年已有实际、去年可比日期也有数的日子"),
        Metric("gmv_like", "可比实际", Unit.MONEY, past=True, help="去年可比日期也有数的日子的实际销售额"),
        ratio("yoy", "同比", _PERCENT, "gmv_like / gmv_past - 1", past=True, help="可比实际 ÷ 去年同期 − 1：按可比日期，缺数的日子两边都不算"),
        ratio("target_growth", "目标同比", _PERCENT, "gmv_target_like / gmv_last_year - 1", past=True, help="目标销售额 ÷ 去年实际 − 1：去年缺数的日子两边都不算"),
    ]  # fmt: skip


@cache
def registry(
    *, channels: tuple[str, ...] = (), aov_base: str = "orders", refund_base: str = "units"
) -> Registry:
    """Return the registry for a book's settings.

    Args:
        channels: Channel keys whose spend makes up 合计; all known channels when empty.
        aov_base: ``"orders"`` (客单价 and 转化率 per order) or ``"buyers"`` (per buyer).
        refund_base: 退款率 over ``"units"`` (件数), ``"amount"`` (金额) or ``"orders"`` (笔数).

    Raises:
        ValueError: A formula names an unknown metric or goes in a circle.
    """
    chosen = tuple(c for c in CHANNELS if not channels or c.key in channels)
    base = (*shop_metrics(), *channel_metrics(chosen))
    metrics = {
        m.name: replace(m, planned_from=m.planned_from or planned_from(m.name)) for m in base
    }
    if aov_base == "buyers":
        metrics["aov"] = replace(metrics["aov"], formula=Formula("gmv_net / buyers"))
        metrics["cvr"] = replace(metrics["cvr"], formula=Formula("buyers / uv"))
    else:  # nobody plans buyers then
        metrics["buyers"] = replace(metrics["buyers"], planned_from="")
    refund = {
        "units": "refund_units / units",
        "amount": "refund_amount / gmv",
        "orders": "refund_orders / orders",
    }
    metrics["refund_rate"] = replace(metrics["refund_rate"], formula=Formula(refund[refund_base]))
    metrics |= {m.name: m for m in _companions(metrics)}
    metrics |= {m.name: m for m in _against_plan()}
    metrics |= {m.name: m for m in _against_last_year()}
    return Registry(metrics, chosen)


METRICS = registry()
