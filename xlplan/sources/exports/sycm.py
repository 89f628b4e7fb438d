"""生意参谋: shop days, product ranking, inquiries, traffic sources; week and month pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sources.channels import channel_of
from xlplan.sources.declare import Combine, Source, columns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.sources.declare import Row

#: 支付金额 counts presale on the day it is fully paid and is not lowered by later refunds.
SYCM_SHOP = Source(
    key="sycm_shop",
    name="生意参谋 店铺",
    platform="天猫",
    needs=("统计日期 | 统计周期", "访客数", "支付金额"),
    forbids=("商品ID", "流量来源"),
    date="统计日期 | 统计周期",
    columns=columns(
        gmv="支付金额",
        uv="访客数",
        buyers="支付买家数",
        units="支付件数",
        orders="支付父订单数 | 支付订单数 ~ 支付子订单数",
        new_buyers="支付新买家数",
        repeat_buyers="支付老买家数",
        refund_amount="成功退款金额",
        spend_sitewide="全站推广花费",
        spend_keyword="关键词推广花费 | 直通车花费 | 直通车消耗",
        spend_display="精准人群推广花费 | 人群推广花费 | 引力魔方花费 | 钻展消耗",
        spend_smart="智能场景花费 | 超级推荐花费",
        spend_affiliate="淘宝客佣金",
        gmv_campaign="聚划算支付金额",
    ),
)


def _item(row: Row) -> Mapping[str, float]:
    """Count products, not money: Σ of products is more than the shop (DOMAIN §0.10)."""
    status = row.text("商品状态")
    listed = status in ("", "当前在线")
    sold = listed and (row.number("支付件数") or 0) > 0
    counts = {"sold_skus": float(sold)}
    return {**counts, "listed_skus": float(listed)} if status else counts


ITEMS = Source(
    key="sycm_items",
    name="生意参谋 商品排行",
    platform="天猫",
    needs=("统计日期", "商品ID", "支付件数", "支付金额"),
    date="统计日期",
    combine=Combine.SUM,
    drop={"商品ID": frozenset(("-", ""))},
    row=_item,
    columns=columns(gmv_campaign="聚划算支付金额"),
    note="只数动销和在售商品；各商品的支付金额和访客数不能相加成店铺的",
)
INQUIRIES = Source(
    key="sycm_inquiries",
    name="生意参谋 业绩询单",
    platform="天猫",
    needs=("日期", "询单人数", "最终付款人数"),
    columns=columns(inquiries="询单人数", inquiry_orders="最终付款人数"),
    basis="最终付款（含次日）",
)


def _source_visits(row: Row) -> Mapping[str, float]:
    """Return the visitors of a paid source; the detail names it, or else the source itself."""
    name = row.text("来源明细")
    key = channel_of(row.text("流量来源") if name in ("", "汇总", "整体") else name)
    visitors = row.number("访客数")
    return {f"uv_{key}": visitors} if key and visitors is not None else {}


TRAFFIC = Source(
    key="sycm_traffic",
    name="生意参谋 流量来源",
    platform="天猫",
    needs=("流量来源", "来源明细", "访客数"),
    date="统计日期 | 日期",
    combine=Combine.SUM,
    from_file=True,
    row=_source_visits,
    basis="各来源访客数（来源之间不去重）",
    rank=20,
)
