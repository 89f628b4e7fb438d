"""What can be typed on 年度目标: settings, targets per store, and channel shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.metrics import Unit
from xlplan.record import record

if TYPE_CHECKING:
    from xlplan.plan.year import Settings

#: Store name of targets that hold for every store.
EVERY = "各店"
YES = "√"
#: Columns of 试算, which is beside the targets and none of them: key → head.
TRY_HEADS = {"if": "如果", "plan": "计划", "taken": "取值", "then": "试算", "off": "试算 − 计划"}


@record
class SettingRow:
    """A convention of the book: code → what the user picks; free text when there are no choices."""

    name: str
    label: str
    choices: dict[str, str]
    help: str


SETTING_ROWS = (
    SettingRow("day_convention", "天数口径", {"calendar": "实际天数", "30": "每月30天"}, "日目标 = 月目标 ÷ 天数；“每月30天”只影响 日目标 的显示口径，分摊始终按真实日历"),
    SettingRow("aov_base", "客单价口径", {"orders": "按笔数", "buyers": "按买家数"}, "客单价与转化率使用同一口径：支付金额 ÷ 笔数（或买家数）"),
    SettingRow("refund_base", "退款率口径", {"units": "件数", "amount": "金额", "orders": "笔数"}, "退款率 = 退款件数 ÷ 支付件数，或按金额、按笔数"),
    SettingRow("show_excluded", "显示补单行", {"": "不显示", "1": "显示"}, "补单只用于扣除，不设目标、不参与预测与预算"),
    SettingRow("maturity_days", "退款成熟天数", {str(n): str(n) for n in (3, 7, 10, 14, 15, 30)}, "距今不足这些天的退款标为“未成熟”，不用于退款率结论"),
    SettingRow("staff_first", "以店员为准的指标", {}, "日报与导出不同时，默认用导出的数。写指标名用顿号隔开，如 退款件数、询单人数；写“全部”则都以日报为准"),
    SettingRow("tolerance", "来源差异提示", {"0.01": "超过1%", "0.0": "有差就提示", "0.005": "超过0.5%", "0.02": "超过2%", "0.05": "超过5%"}, "同一个数在两个来源里相差超过这个比例时，列入“体检”"),
    SettingRow("platforms", "店铺平台", {}, "店名里有平台名（天猫、京东、抖音…）的不用写，其余写 甲店=天猫、乙店=京东：各店的推广费只分给自己平台的渠道，只参加自己平台的活动"),
    SettingRow("campaign_money", "活动预算占比", {"": "只作参考", "1": "移动推广费"}, "“移动推广费”：活动表写的占比就是活动期间（开始到结束）占全年推广费的比例，全年不变，其余日子按销售额分"),
)  # fmt: skip


@record
class TargetRow:
    """One target: the metric (or ``share_<channel>``, ``cpc_<channel>``) of a store."""

    store: str
    metric: str
    label: str
    unit: Unit
    help: str = ""

    @property
    def key(self) -> str:
        """Row key on the sheet."""
        return f"t:{self.store}|{self.metric}"

    @property
    def is_flow(self) -> bool:
        """True when the months must add up to the year."""
        return self.metric in ("gmv", "uv", "spend")


_TARGETS = (
    ("gmv", "销售额", Unit.MONEY, "支付金额，未扣退款。可写 500万"),
    ("uv", "UV", Unit.COUNT, "按日访客累计。留空则由 销售额 ÷（转化率 × 客单价）得出"),
    ("cvr", "转化率", Unit.PERCENT, "可写 4% 或 0.04。留空则由其余三项得出"),
    ("aov", "客单价", Unit.MONEY, "留空则由其余三项得出"),
    ("spend", "推广费", Unit.MONEY, "留空则由 销售额 × 费用占比 得出"),
    ("spend_ratio", "费用占比", Unit.PERCENT, "推广费 ÷ 销售额"),
    ("roi", "ROI", Unit.TIMES, "推广销售额 ÷ 推广费；可写 3.5:1 或 1:2"),
    ("refund_rate", "退款率", Unit.PERCENT, "口径见上方设置"),
    (
        "organic_share",
        "自然UV占比",
        Unit.PERCENT,
        "自然流量占UV；付费UV由推广费 ÷ 单次成本得出。三者合计应为 UV",
    ),
    ("social_share", "社交UV占比", Unit.PERCENT, "社交、私域引流占UV"),
    ("units_per_order", "连带率(件/笔)", Unit.TIMES, "每笔件数，留空按 1"),
)
#: Metric → what it is called as a target.
LABELS = {metric: label for metric, label, *_ in _TARGETS}


def target_rows(stores: list[str], settings: Settings) -> list[TargetRow]:
    """Return the rows: each store's targets, then channel shares and costs per visit."""
    rows = [TargetRow(store, *fields) for store in stores for fields in _TARGETS]
    for channel in settings.registry.channels:
        if channel.key in settings.channels:
            share = f"占推广费的比例；各渠道合计 100%。留空平分剩余部分（{channel.label}）"
            rows.append(
                TargetRow(
                    EVERY, f"share_{channel.key}", f"{channel.label}·占比", Unit.PERCENT, share
                )
            )
            cost = f"每个访客的推广成本，默认 {channel.cpc:g} 元"
            rows.append(
                TargetRow(
                    EVERY, f"cpc_{channel.key}", f"{channel.label}·单次成本", Unit.MONEY, cost
                )
            )
    return rows
