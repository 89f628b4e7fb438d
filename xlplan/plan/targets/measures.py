"""Metrics as target lists speak of them: the registry, and the few words only plans use."""

from __future__ import annotations

from xlplan.metrics import METRICS, Add, Metric, Unit, normal

#: Nouns of target lists that no daily table has.
_PLAN_ONLY = (
    Metric("budget", "预算", Unit.MONEY, aliases=("总预算", "年度预算", "费用预算", "年度总预算")),
    Metric("users", "用户数", Unit.COUNT, Add.STOCK, aliases=("用户规模", "用户", "会员数", "会员规模", "会员")),
    Metric("organic_share", "自然UV占比", Unit.PERCENT, Add.RATIO, aliases=("自然流量占比", "免费流量占比", "自然访客占比")),
    Metric("social_share", "社交UV占比", Unit.PERCENT, Add.RATIO, aliases=("社交流量占比", "社交引流占比", "社交访客占比")),
    Metric("discount", "满减", Unit.MONEY, Add.DISTINCT, aliases=("满减活动", "满减优惠", "满减券")),
)  # fmt: skip
_MORE = {
    "gmv": "业绩 成交额 销售金额",
    "uv": "访客 总流量",
    "orders": "笔数 订单 订单量 目标订单数",
    "aov": "目标平均订单价值",
    "spend": "广告 投放 推广 广告投入 付费推广 广告预算 推广预算 推广花费",
    "gmv_paid": "付费销售额 推广成交额 广告销售额",
    "roi": "付费推广ROI 付费推广投产比 推广投产比 广告投产比",
    "shop_roi": "全店ROI 整店投产比",
    "new_buyers": "新客 新增用户 新增买家 拉新",
    "repurchase_rate": "复购",
}
_KNOWN = {item.name: item for item in _PLAN_ONLY}
_NAMES = {
    normal(alias): item.name for item in _PLAN_ONLY for alias in (item.label, *item.aliases)
} | {normal(alias): name for name, row in _MORE.items() for alias in row.split()}
_LABELS = {"gmv": "销售额", "orders": "订单数", "uv": "UV", "spend": "推广费", "roi": "推广ROI"}
#: Rates that cannot pass 100%.
PARTS = frozenset(
    ("cvr", "refund_rate", "repurchase_rate", "inquiry_rate", "inquiry_cvr", "sell_through", "spend_ratio", "organic_share", "social_share")
)  # fmt: skip


def _metric(name: str) -> Metric | None:
    return _KNOWN.get(name) or METRICS.metrics.get(name)


def metric_name(label: str) -> str:
    """Return the canonical name of a typed label, "" when unknown; 目标X is X."""
    if name := _NAMES.get(normal(label)):
        return name
    found = METRICS.find(label)
    return found.name.removesuffix("_target") if found else ""


def label_of(metric: str) -> str:
    """Return the Chinese label of a metric, or the name itself when it is none of ours."""
    found = _metric(metric)
    return _LABELS.get(metric) or (found.label if found else metric)


def adds(metric: str) -> bool:
    """Return True for flows: metrics that add over days and stores."""
    found = _metric(metric)
    return found is not None and found.add is Add.FLOW


def is_ratio(metric: str) -> bool:
    """Return True for metrics that are recomputed from their parts."""
    found = _metric(metric)
    return found is not None and found.add is Add.RATIO


def show(value: float, metric: str = "") -> str:
    """Write a value the way operators do: 500万元, 2.34亿元, 8,219UV, 0.833%, 41.7元."""
    found = _metric(metric)
    unit = found.unit if found else Unit.TIMES
    if unit is Unit.PERCENT:
        return f"{_digits(value * 100)}%"
    tail = "UV" if metric == "uv" else "元" if unit is Unit.MONEY else ""
    return f"{number(value)}{tail}"


def number(value: float) -> str:
    """Write a number with 万 or 亿 and as many digits as tell it apart."""
    size = abs(value)
    if size >= 99_995_000:
        return f"{_trim(value / 1e8, 2)}亿"
    if size >= 10_000:
        return f"{_trim(value / 1e4, 0 if size >= 1e7 else 1 if size >= 1e6 else 2)}万"
    return f"{value:,.0f}" if size >= 1000 else _digits(value)


def _trim(value: float, places: int) -> str:
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _digits(value: float) -> str:
    """Three digits that count, never in scientific notation."""
    size = abs(value)
    places = 0 if size >= 1000 else 1 if size >= 10 else 2 if size >= 1 else 3
    return _trim(value, places)
