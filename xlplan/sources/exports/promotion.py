"""Paid traffic of Tmall: 万相台无界, the older 直通车 and 钻展 sheets, 淘宝联盟."""

from __future__ import annotations

from xlplan.sources.declare import Combine, Source, columns

_TOTAL_WORDS = frozenset(("合计", "汇总", "全部", "总计"))
_WXT = columns(
    spend__="花费",
    gmv__="总成交金额",
    uv__="引导访问人数 ~ 点击量",
)
WXT_PLANS = Source(
    key="wxt_plans",
    name="万相台无界 计划报表",
    platform="天猫",
    needs=("日期", "场景名字", "计划ID", "花费", "总成交金额"),
    forbids=("主体ID",),
    combine=Combine.SUM,
    scene="场景名字",
    columns=_WXT,
    basis="平台归因",
    rank=12,
)
WXT_ITEMS = Source(
    key="wxt_items",
    name="万相台无界 商品报表",
    platform="天猫",
    needs=("日期", "场景名字", "主体ID", "花费", "总成交金额"),
    combine=Combine.SUM,
    scene="场景名字",
    columns=_WXT,
    basis="平台归因",
    rank=14,
    note="商品报表和计划报表是同一笔花费，只取其一，绝不相加；有计划报表时以计划为准",
)
#: The attribution window of the old sheets stands in the sheet name (计划日报表-15天效果转化周期).
OLD_SHEETS = Source(
    key="promotion_sheet",
    name="推广日报（直通车、钻展等）",
    platform="天猫",
    needs=("日期 | 时间", "花费 | 消耗", "展现量 | 展现数 | 展现 | 点击量 | 点击数 | 点击"),
    forbids=(
        *("场景名字", "点击时间", "总订单金额", "全站交易额", "交易额", "整体消耗"),
        *("支付金额", "访客数", "UV", "销售额", "日销售额", "成交客户数"),
    ),
    date="日期 | 时间",
    combine=Combine.SUM,
    columns=columns(
        spend__="花费 | 消耗",
        gmv__="总成交金额 | 成交金额 | 成交订单金额",
        uv__="引导访问人数 | 访客 ~ 点击量 | 点击数 | 点击",
    ),
    basis="平台归因",
    rank=15,
)
AFFILIATE = Source(
    key="affiliate",
    name="淘宝联盟 CPS",
    platform="天猫",
    needs=("日期", "付款金额", "付款佣金支出"),
    combine=Combine.SUM,
    drop={"数据内容": _TOTAL_WORDS},
    columns=columns(
        spend_affiliate="付款支出费用 ~ 付款佣金支出",
        gmv_affiliate="付款金额",
        uv_affiliate="点击人数(即进店人数) | 点击人数 ~ 点击量(即进店量)",
    ),
    basis="付款（佣金+服务费），不是结算",
    rank=12,
)
