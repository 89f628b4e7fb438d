"""The rows of the month sheet: the seed's 店铺每周运营计划表, in the seed's order."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from xlplan.metrics import Window, target_of
from xlplan.plan.rollup import is_cumulated, to_date_name
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlplan.metrics import Registry
    from xlplan.plan.year import Settings

SHOP, SPEND, PAID, CORE = "店铺运营", "推广费用明细", "付费流量统计", "核心指标"


@record
class RowSpec:
    """One row: `key` is the metric (or ``<metric>@mtd``); companions are outline rows."""

    key: str
    label: str
    group: str
    companion: bool = False
    hidden: bool = False

    @property
    def metric(self) -> str:
        """The metric behind the row."""
        return self.key.partition("@")[0]

    @property
    def is_to_date(self) -> bool:
        """True for a running sum from the first of the month."""
        return "@" in self.key


#: Metric → companions under it, besides its own plan and running sum.
UNDER = {
    "sell_through": ("sold_skus", "listed_skus"),
    "growth": ("gmv_last_month",),
    "gmv_net": ("attainment", "gmv_comparable", "yoy"),
    "inquiry_rate": ("inquiries",),
    "inquiry_cvr": ("inquiry_orders",),
    "refund_units": ("units", "refund_amount", "refund_orders"),
    "spend": ("shop_roi",),
    "aov": ("buyers",),
}
_TOP = (
    "gmv_target sell_through gmv growth gmv_campaign gmv_paid gmv_excluded gmv_net orders "
    "orders_excluded orders_net orders_last_month aov uv cvr uv_needed uv_gap"
).split()
_CORE = ("inquiry_rate", "inquiry_cvr", "roi", "refund_units", "refund_rate")
#: Channels whose visits have a row in the seed.
SEED_VISITS = ("keyword", "display", "affiliate")


@cache
def month_rows(settings: Settings) -> tuple[RowSpec, ...]:
    """Return the rows of a month sheet, companions after the row they belong to."""
    metrics = settings.registry
    keys = [channel.key for channel in metrics.channels]
    keys.sort(key=lambda key: settings.channels.index(key) if key in settings.channels else 99)
    visits = [key for key in SEED_VISITS if key in keys]
    visits += [key for key in keys if key not in (*visits, "juhuasuan", "crm", "other")]
    groups = (
        (SHOP, _TOP),
        (SPEND, [*(f"spend_{key}" for key in keys), "spend", "spend_ratio"]),
        (PAID, [*(f"uv_{key}" for key in visits), "uv_short"]),
        (CORE, _CORE),
    )
    main = {name for _, names in groups for name in names}
    rows: dict[str, RowSpec] = {}
    for group, names in groups:
        for name in names:
            for row in _with_companions(metrics, name, group, shown=settings.show_excluded):
                if not (row.companion and row.key in main):
                    rows.setdefault(row.key, row)
    return tuple(rows.values())


def _with_companions(
    metrics: Registry, name: str, group: str, *, shown: bool
) -> Iterator[RowSpec]:
    metric = metrics[name]
    label = {"spend": "合计"}.get(name, metric.label)
    hidden = (metric.exclusion and not shown) or name == "spend_other"
    yield RowSpec(name, label, group, hidden=hidden)
    under = [*UNDER.get(name, ())]
    if target_of(name) in metrics and name != "gmv":
        under.insert(0, target_of(name))
    for other in under:
        yield RowSpec(other, metrics[other].label, group, companion=True)
        yield from _missing_parts(metrics, other, group)
    for key in _running_sums(metrics, name):
        yield RowSpec(
            key,
            f"累计{metrics[key.partition('@')[0]].label.removeprefix('当日')}",
            group,
            companion=True,
        )
    yield from _missing_parts(metrics, name, group)


def _missing_parts(metrics: Registry, name: str, group: str) -> Iterator[RowSpec]:
    """Operands must be on the sheet for the formula to read; absent ones become companions."""
    formula = metrics[name].formula
    for part in formula.names if formula else ():
        yield RowSpec(part, metrics[part].label, group, companion=True)
        yield from _missing_parts(metrics, part, group)


def _running_sums(metrics: Registry, name: str) -> list[str]:
    metric = metrics[name]
    if metric.window is not Window.TO_DATE or metric.formula is None:
        return []
    return [to_date_name(part) for part in metric.formula.names if is_cumulated(metrics[part])]
