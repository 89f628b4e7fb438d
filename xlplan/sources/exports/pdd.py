"""拼多多: 交易概况 (MM-DD-YY), 推广 (with a 总计 row), 客服."""

from __future__ import annotations

from xlplan.sources.declare import Combine, Source, columns

PDD_SHOP = Source(
    key="pdd_shop",
    name="拼多多 交易概况",
    platform="拼多多",
    needs=("统计时间", "成交金额", "成交订单数", "成交买家数"),
    date="统计时间",
    order="mdy",
    columns=columns(
        gmv="成交金额",
        orders="成交订单数",
        buyers="成交买家数",
        uv="店铺访客数 | 访客数",
        refund_amount="成功退款金额 | 退款金额",
        refund_orders="成功退款单数 | 退款单数",
    ),
    basis="成交金额",
)
#: 总花费 includes clicks that brought no deal; 成交花费 does not.
PROMOTION = Source(
    key="pdd_promotion",
    name="拼多多 推广",
    platform="拼多多",
    needs=("日期", "交易额", "总花费 | 成交花费"),
    combine=Combine.SUM,
    columns=columns(spend_pdd="总花费 ~ 成交花费", gmv_pdd="交易额", uv_pdd="~ 点击量"),
    basis="平台归因",
)
SERVICE = Source(
    key="pdd_service",
    name="拼多多 客服",
    platform="拼多多",
    needs=("日期", "询单人数", "最终成团人数"),
    columns=columns(inquiries="询单人数", inquiry_orders="最终成团人数"),
    basis="最终成团",
)
