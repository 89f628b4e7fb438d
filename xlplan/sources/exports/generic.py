"""Any other sheet with a date column and headers that the registry knows: hand-kept days, CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.metrics import METRICS, Add, normal
from xlplan.sources.declare import Column, Source, split_unit
from xlplan.sources.records import headers_in
from xlplan.sources.text import clean, header

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xlplan.sources.readers.raw import Table

DATE = (
    "日期 | 统计日期 | 统计时间 | 数据日期 | 业务日期 | 时间 | date | day | 统计周期 | 周期 | 月份"
)
STORE = "店铺 | 店铺名称 | 店铺名 | 门店 | store | shop | store_name | shop_name"
#: Short names of hand-kept sheets. 佣金 is not among them: beside 补单量 it is not 淘宝客's.
_SHORT = {
    "访客": "uv", "当日访客": "uv", "uv访客": "uv", "支付订单": "orders", "日销量": "orders",
    "关键词": "spend_keyword", "人群": "spend_display", "全站": "spend_sitewide",
    "退款": "refund_amount", "退款额": "refund_amount", "支付买家": "buyers", "件数": "units",
    "询单": "inquiries", "visits": "uv", "unique visitors": "uv", "order count": "orders",
    "refunds": "refund_amount", "ad spend": "spend_other", "customers": "buyers",
}  # fmt: skip
_HEADER_WITHIN = 40
#: Headers of tables about a part of the shop; their 访客数 or 支付金额 is not the shop's.
_PARTS = (
    *(
        "商品ID",
        "商品编号",
        "商品编码",
        "商品名称",
        "SKU",
        "SKU编号",
        "宝贝标题",
        "订单编号",
        "订单号",
    ),
    *(
        "计划ID",
        "计划名字",
        "计划名称",
        "推广计划名称",
        "推广单元名称",
        "创意名称",
        "场景名字",
        "关键词名称",
    ),
    *(
        "展现量",
        "展现数",
        "曝光量",
        "展示次数",
        "流量来源",
        "来源明细",
        "直播间名称",
        "达人昵称",
        "抖音号ID",
    ),
)
#: The plan's side of a metric, and what the program itself looks up in last month.
_NOT_ACTUALS = ("_target", "_last_month")


def guess(table: Table) -> tuple[Source, int] | None:
    """Return a declaration made from a table's own headers, and its header row (0-based)."""
    for row, cells in enumerate(table.rows[:_HEADER_WITHIN]):
        dated = Source(key="", name="", needs=(DATE,), forbids=_PARTS).fits(headers_in(cells))
        columns = tuple(_columns(cells)) if dated else ()
        if columns:
            source = Source(
                key="generic",
                name="按日期的表",
                date=DATE,
                store=STORE,
                columns=columns,
                basis="表内口径",
                rank=30,
            )
            return source, row
    return None


def _columns(cells: Iterable[object]) -> Iterable[Column]:
    """Return a column for each metric; of several that name one, the closest to its definition."""
    named: dict[str, list[str]] = {}
    for cell in cells:
        title = clean(cell) if isinstance(cell, str) else ""
        metric = base_metric(split_unit(title)[0]) if title else ""
        if metric and title not in named.setdefault(metric, []):
            named[metric].append(title)
    for metric, titles in named.items():
        yield Column(metric, tuple(sorted(titles, key=lambda title: closeness(metric, title))))


def closeness(metric: str, title: str) -> int:
    """Return how far a title is from a metric's own name: 0 for the first of its names."""
    own = METRICS[metric]
    wanted = normal(split_unit(title)[0])
    listed = [normal(name) for name in (*own.aliases[:1], own.label, own.name, *own.aliases[1:])]
    return listed.index(wanted) if wanted in listed else len(listed)


def base_metric(name: str) -> str:
    """Return the metric a header names if it is entered and not computed, else ""."""
    short = {header(key): metric for key, metric in _SHORT.items()}.get(header(name))
    if short:
        return short
    found = METRICS.find(name)
    if found is None or found.formula is not None or found.add is Add.DISTINCT:
        return ""
    return "" if found.name.endswith(_NOT_ACTUALS) else found.name
