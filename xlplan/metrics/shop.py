"""The shop's metrics as data: labels of the 店铺每周运营计划表, spellings of the exports.

Definitions follow 生意参谋: 支付金额 counts refunds in; 客单价 and 转化率 share one base.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlplan.formula import Formula
from xlplan.metrics.model import Add, Metric, Unit, Window

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xlplan.metrics.channels import Channel


_M, _C, _P, _T = Unit.MONEY, Unit.COUNT, Unit.PERCENT, Unit.TIMES


def ratio(name: str, label: str, unit: Unit, text: str, **more: Any) -> Metric:
    """Return a ratio metric defined by formula `text`; `more` are other fields of `Metric`."""
    return Metric(name, label, unit, Add.RATIO, Formula(text), **more)


def shop_metrics() -> list[Metric]:
    """Return the metrics every shop has, in the seed table's order where it has them."""
    net = frozenset({"gmv_excluded", "orders_excluded"})
    return [
        Metric("gmv", "日销售额", _M, aliases=("支付金额", "销售额", "成交金额", "营业额", "GMV", "revenue", "sales"), help="支付金额，未扣退款"),
        Metric("gmv_campaign", "活动销售额", _M, aliases=("活动支付金额", "聚划算支付金额")),
        Metric("gmv_paid", "推广销售额", _M, aliases=("总成交金额", "推广成交金额"), help="平台归因，可能重复计算"),
        Metric("gmv_excluded", "人气销售额(补单)", _M, exclusion=True, aliases=("补单金额", "人气销售额"), help="只用于扣除，不设目标"),
        Metric("gmv_net", "实际销售额", _M, formula=Formula("gmv - gmv_excluded", net), planned_from="gmv", aliases=("净销售额",), help="日销售额 − 人气销售额"),
        Metric("orders", "日销笔数", _C, aliases=("支付订单数", "支付父订单数", "订单数", "成交订单数", "成交单量", "单量", "支付笔数")),
        Metric("orders_excluded", "人气笔数(补单)", _C, exclusion=True, aliases=("补单量", "补单笔数", "人气笔数")),
        Metric("orders_net", "实际笔数", _C, formula=Formula("orders - orders_excluded", net), planned_from="orders", help="日销笔数 − 人气笔数"),
        Metric("orders_last_month", "上月同期日销笔数", _C, help="上月同一天；上月没有这一天时取月末"),
        Metric("gmv_last_month", "上月同日销售额", _M, help="上月同一天的实际销售额"),
        Metric("buyers", "买家数", _C, aliases=("支付买家数", "成交客户数", "成交买家数", "成交人数", "成交用户数")),
        Metric("new_buyers", "新客数", _C, aliases=("支付新买家数", "新买家数", "成交新客数")),
        Metric("repeat_buyers", "复购买家数", _C, aliases=("支付老买家数", "老买家数", "复购人数")),
        Metric("units", "支付件数", _C, aliases=("成交件数", "成交商品件数", "销量", "件数")),
        Metric("uv", "当日UV", _C, aliases=("访客数", "UV", "日UV", "店铺访客数", "流量", "visitors", "sessions", "sessions_est"), help="按日相加为“累计”，不等于去重的月访客数"),
        Metric("uv_organic", "自然UV", _C, aliases=("自然流量", "免费流量", "自然访客", "免费访客", "自然搜索UV", "免费UV"), help="没有花推广费的访客"),
        Metric("uv_social", "社交UV", _C, aliases=("社交流量", "社交引流", "社交访客", "私域UV", "社媒UV"), help="社交、私域、达人内容带来的访客"),
        Metric("uv_month", "月访客数(去重)", _C, Add.DISTINCT, aliases=("月访客数", "月UV"), help="平台去重口径，不与日访客之和比较"),
        Metric("inquiries", "询单人数", _C, aliases=("咨询人数",)),
        Metric("inquiry_orders", "询单付款人数", _C, aliases=("最终付款人数", "询单成交人数")),
        Metric("refund_units", "退款件数", _C, lower_is_better=True, aliases=("退货件数",)),
        Metric("refund_orders", "退款笔数", _C, lower_is_better=True, aliases=("退款单数", "退款订单数", "退货订单")),
        Metric("refund_amount", "退款金额", _M, lower_is_better=True, aliases=("成功退款金额", "退款总额", "refund", "refund_amt")),
        Metric("sold_skus", "动销商品数", _C, Add.STOCK, aliases=("动销数", "动销SKU", "active_sku")),
        Metric("listed_skus", "在售商品数", _C, Add.STOCK, aliases=("在售数", "在架商品数")),
        ratio("sell_through", "全店动销率", _P, "sold_skus / listed_skus", aliases=("动销率", "sell_through_rate")),
        ratio("growth", "平均增长比", _P, "gmv_net / gmv_last_month - 1", window=Window.TO_DATE, help="本月至今日均 ÷ 上月同期日均 − 1"),
        ratio("aov", "客单价", _M, "gmv_net / orders_net", aliases=("笔单价", "件单价", "平均订单价值")),
        ratio("cvr", "转化率", _P, "orders_net / uv", aliases=("支付转化率", "成交转化率", "店铺成交转化率", "CVR")),
        ratio("uv_value", "UV价值", _M, "gmv_net / uv", aliases=("访客价值", "平均访客价值")),
        ratio("inquiry_rate", "询单率", _P, "inquiries / uv"),
        ratio("inquiry_cvr", "询单转化率", _P, "inquiry_orders / inquiries", aliases=("询单最终付款转化率",)),
        ratio("repurchase_rate", "复购率", _P, "repeat_buyers / buyers", aliases=("老客占比",)),
        ratio("roi", "ROI", _T, "gmv_paid / spend", aliases=("投产比", "投入产出比", "推广ROI", "广告ROI", "付费ROI"), help="推广销售额 ÷ 推广费（平台归因）"),
        ratio("shop_roi", "整店投产", _T, "gmv_net / spend", aliases=("整店ROI", "店铺ROI")),
        ratio("spend_ratio", "费用占比", _P, "spend / gmv_net", lower_is_better=True, aliases=("费比", "推广费占比", "推广费用占比", "营销费用占比")),
        ratio("refund_rate", "退款率", _P, "refund_units / units", lower_is_better=True, aliases=("退货率",)),
    ]  # fmt: skip


def channel_metrics(channels: Iterable[Channel]) -> list[Metric]:
    """Return spend, visits, attributed sales and ROI of each channel, and the spend total."""
    made: list[Metric] = []
    for c in channels:
        names = c.names
        made += [
            Metric(f"spend_{c.key}", c.label, _M, lower_is_better=True,
                   aliases=tuple(f"{n}{w}" for n in names for w in ("花费", "费用", "推广费", "消耗", "佣金")) + names[1:]),
            Metric(f"uv_{c.key}", f"{c.label}UV", _C,
                   aliases=tuple(f"{n}{w}" for n in names for w in ("访客", "UV", "访客数", "点击量"))),
            Metric(f"gmv_{c.key}", f"{c.label}成交", _M,
                   aliases=tuple(f"{n}{w}" for n in names for w in ("成交金额", "销售额"))),
            ratio(f"roi_{c.key}", f"{c.label}ROI", _T, f"gmv_{c.key} / spend_{c.key}",
                   aliases=tuple(f"{n}投产比" for n in names)),
        ]  # fmt: skip
    total = " + ".join(f"spend_{c.key}" for c in channels)
    paid = " + ".join(f"uv_{c.key}" for c in channels)
    made.append(
        Metric(
            "uv_paid",
            "付费UV",
            _C,
            formula=Formula(paid),
            aliases=("付费流量", "付费访客", "付费引流", "推广UV"),
            help="各推广渠道UV之和",
        )
    )
    made.append(
        Metric(
            "spend",
            "推广费合计",
            _M,
            formula=Formula(total),
            lower_is_better=True,
            aliases=(
                "推广费",
                "总推广费",
                "推广费用",
                "总花费",
                "花费",
                "广告费",
                "广告投放",
                "合计",
            ),
        )
    )
    return made
