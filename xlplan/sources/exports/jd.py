"""京东: 商智 shop days in both layouts, SKU detail, 京准通 in both layouts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sources.declare import Combine, Source, columns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.sources.declare import Row

JD_SHOP = Source(
    key="jd_shop",
    name="京东商智 店铺",
    platform="京东",
    needs=("时间 | 日期", "成交金额", "成交客户数", "成交单量", "店铺访客数 | 访客数"),
    forbids=("SKU", "SKU编号"),
    date="时间 | 日期",
    columns=columns(
        gmv="成交金额",
        orders="成交单量",
        buyers="成交客户数",
        units="成交商品件数",
        uv="店铺访客数 | 访客数",
        refund_amount="取消及售后退款金额 | 退款金额",
    ),
    basis="成交金额",
)


def _sku(row: Row) -> Mapping[str, float]:
    return {"sold_skus": float((row.number("成交商品件数") or 0) > 0)}


SKUS = Source(
    key="jd_skus",
    name="京东商智 商品明细",
    platform="京东",
    needs=("时间 | 日期", "SKU | SKU编号", "成交商品件数", "成交金额"),
    date="时间 | 日期",
    combine=Combine.SUM,
    row=_sku,
    note="只数动销商品；各商品的成交金额和访客数不能相加成店铺的",
)
#: 全站 and 非全站 are different money: they go to different channels so that both count.
JZT_SITEWIDE = Source(
    key="jzt_sitewide",
    name="京准通 全站营销",
    platform="京东",
    needs=("日期 | 时间", "花费", "全站交易额"),
    date="日期 | 时间",
    combine=Combine.SUM,
    columns=columns(
        spend_sitewide="花费", gmv_sitewide="全站交易额", uv_sitewide="~ 核心位置点击量"
    ),
    basis="平台归因",
)
JZT = Source(
    key="jzt",
    name="京准通（非全站）",
    platform="京东",
    needs=("点击时间 | 日期", "花费", "总订单金额", "点击数"),
    date="点击时间 | 日期",
    combine=Combine.SUM,
    columns=columns(spend_jzt="花费", gmv_jzt="总订单金额", uv_jzt="~ 点击数"),
    basis="平台归因",
)
