"""抖音: 罗盘 自助取数, live sessions, 巨量千川."""

from __future__ import annotations

from xlplan.sources.declare import Combine, Source, columns

#: 统计日期 is the whole range asked for; the day is 日期, there only for 自然日累计.
DOUYIN_SHOP = Source(
    key="douyin_shop",
    name="抖音罗盘 自助取数",
    platform="抖音",
    needs=("统计日期", "店铺名称", "成交金额 | 用户支付金额"),
    forbids=("商品ID", "访客数"),
    date="日期 | 统计日期",
    columns=columns(
        gmv="成交金额 ~ 用户支付金额",
        orders="成交订单数",
        buyers="成交人数 | 成交用户数",
        units="成交件数",
        uv="商品点击人数",
        refund_amount="成功退款金额 | 退款金额",
    ),
    basis="成交金额（含平台补贴，未扣退款）",
)
LIVE = Source(
    key="douyin_live",
    name="抖音罗盘 直播",
    platform="抖音",
    needs=("日期 | 统计日期", "直播间成交金额", "投放消耗(店铺绑定) | 投放消耗"),
    date="日期 | 统计日期",
    combine=Combine.SUM,
    columns=columns(spend_qianchuan="投放消耗(店铺绑定) | 投放消耗"),
    rank=20,
    basis="平台归因",
    note="直播间成交金额只是店铺成交的一部分，不写入销售额；投放消耗以千川报表为准",
)
QIANCHUAN = Source(
    key="qianchuan",
    name="巨量千川",
    platform="抖音",
    needs=("日期", "整体消耗", "整体成交金额"),
    combine=Combine.SUM,
    columns=columns(
        spend_qianchuan="整体消耗", gmv_qianchuan="整体成交金额", uv_qianchuan="~ 整体点击次数"
    ),
    basis="平台归因",
)
