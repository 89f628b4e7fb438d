"""The duties a shop's team starts from: everything here is a default that people change in the book.

The frame (ten slots of a day, a task a weekday, three a month, review on the 25th, counts a month or
quarter, lead times of campaigns, the list of a new shop) is that of the plans this program was asked
to serve; the words are its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.plan.days.event_table import USUAL_SHARES
from xlplan.record import record

if TYPE_CHECKING:
    from xlplan.plan.days.events import Event


@record
class Slot:
    """A stretch of every working day."""

    time: str
    what: str
    owner: str = ""


@record
class Duty:
    """Something that comes back.

    Attributes:
        key: Its name for programs.
        when: When it is due: see `xlplan.plan.tasks.due`.
        what: What is done.
        owner: Whose it is.
        months: Months in which it is due; () for every one.
    """

    key: str
    when: str
    what: str
    owner: str
    months: tuple[int, ...] = ()


@record
class Quota:
    """A count that is owed.

    Attributes:
        key: Its name for programs.
        what: What is counted.
        count: How many.
        per: ``月`` or ``季``.
        parts: How a month's share falls due: ``周`` (each week's last working day), ``半月`` or ``月``.
        unit: What one is called.
        owner: Whose it is.
    """

    key: str
    what: str
    count: int
    per: str = "月"
    parts: str = "月"
    unit: str = "个"
    owner: str = ""


@record
class Opening:
    """An item of a new shop's list, by days from its opening day (negative before it)."""

    key: str
    offset: int
    area: str
    what: str
    owner: str


_LEAD, _GOODS, _MARKET, _SERVICE, _SHIP, _ART = "运营经理", "产品经理", "市场经理", "客服经理", "物流经理", "设计师"  # fmt: skip

SLOTS = (
    Slot("9:00-9:30", "看昨日数据：销售额、UV、转化率对目标差多少", _LEAD),
    Slot("9:30-10:00", "核对库存与上下架，断码缺货的先处理", _GOODS),
    Slot("10:00-11:00", "看同行在做什么活动、什么价，定自己的应对", f"{_LEAD}、{_MARKET}"),
    Slot("11:00-12:00", "排当天的推广：预算、出价、素材、内容发布", f"{_LEAD}、{_MARKET}"),
    Slot("12:00-13:00", "午休"),
    Slot("13:00-14:30", "接待咨询，没下单的逐个跟进", f"{_SERVICE}、{_LEAD}"),
    Slot("14:30-15:30", "处理评价与售后，差评当天有回音", f"{_SERVICE}、{_LEAD}"),
    Slot("15:30-16:30", "盯发货：超时未发、揽收异常清零", f"{_SHIP}、{_LEAD}"),
    Slot("16:30-17:30", "定明天的重点，调整陈列与页面", _LEAD),
    Slot("17:30-18:00", "填日报、交班", _LEAD),
)
#: The slot in which nobody works: it is shown and not counted.
REST = "12:00-13:00"

WEEKLY = (
    Duty("w1:review", "周一", "上周复盘：达成、偏差最大的指标、本周要补什么", f"{_LEAD}、{_MARKET}"),
    Duty("w1:meeting", "周一", "周会：产品、设计、客服、仓库对齐本周安排", _LEAD),
    Duty("w2:pages", "周二", "主图、详情、素材体检并改版", f"{_LEAD}、{_ART}"),
    Duty("w3:campaign", "周三", "活动效果：参与、加购、转化各到哪里", f"{_LEAD}、{_MARKET}"),
    Duty("w3:answers", "周三", "社群产品答疑日", _SERVICE),
    Duty("w4:rivals", "周四", "竞品跟踪：价格、活动、新品，改自己的打法", f"{_LEAD}、{_MARKET}"),
    Duty("w5:new", "周五", "新品进度：到样、拍摄、上架哪一步", f"{_GOODS}、{_LEAD}"),
    Duty("w5:flash", "周五", "社群专属秒杀", f"{_MARKET}、{_SERVICE}"),
    Duty("w6:reviews", "周末", "周末值班：评价与提问当天回复", f"{_SERVICE}、{_LEAD}"),
)  # fmt: skip
MONTHLY = (
    Duty("m:start", "月初", "定本月打法、推广预算与活动排期", f"{_LEAD}、{_MARKET}"),
    Duty("m:users", "10日", "用户行为分析报告", _LEAD),
    Duty("m:roi", "10日", "查各渠道 ROI，低于底线的调出价、换素材或停", _MARKET),
    Duty("m:middle", "15日", "月中检查：拖后腿的商品逐个给出办法", f"{_LEAD}、{_GOODS}"),
    Duty("m:channels", "20日", "渠道效率对比报告", _MARKET),
    Duty("m:review", "25日", "月度复盘会：目标对实际、原因、补差计划", _LEAD),
    Duty("m:together", "25日次日", "跨部门复盘会：协作卡点与下月配合", _LEAD),
    Duty("m:end", "月底", "月度总结：做成了什么、留下什么问题", _LEAD),
    Duty("q:words", "15日", "竞品关键词分析，补自己缺的词", _MARKET, (3, 6, 9, 12)),
    Duty("q:drill", "20日", "应急演练：断货、差评、系统故障各走一遍", _LEAD, (2, 5, 8, 11)),
    Duty("q:targets", "月底", "季度目标校准：下季要不要调", _LEAD, (3, 6, 9, 12)),
)
QUOTAS = (
    Quota("keywords", "更新关键词", 1000, "月", "周", "个", _MARKET),
    Quota("videos", "发布短视频", 2, "月", "半月", "条", _MARKET),
    Quota("pages", "重审详情页", 50, "季", "月", "款", f"{_LEAD}、{_ART}"),
    Quota("offers", "满减活动", 1, "月", "月", "次", _LEAD),
    Quota("gifts", "买赠活动", 1, "月", "月", "款", f"{_LEAD}、{_GOODS}"),
)
#: Besides the lead times that the campaign itself names: days before its start (negative: after
#: its end), and only for campaigns that take at least this share of the year's promotion money.
BIG = 0.05
CAMPAIGN = (
    (25, "定主推款、玩法与预算", _LEAD),
    (0, "开售值守：价格、库存、链接逐项核对", f"{_LEAD}、{_SERVICE}"),
)
AFTER = (2, "活动总结：销售额、ROI、新客对目标", _LEAD)
#: Whose a lead time is, by what it says; the rest is the operator's.
LEAD_OWNERS = {
    "客服": _SERVICE, "库存": _SHIP, "备货": _SHIP, "快递": _SHIP, "停发": _SHIP, "素材": _ART, "选品": _GOODS,
}  # fmt: skip
LEADER = _LEAD

OPENING = (
    Opening("shop", -14, "店铺", "装修模板、首页与分类页定稿", _ART),
    Opening("points", -14, "店铺", "主推两款的卖点与详情页", f"{_GOODS}、{_ART}"),
    Opening("stock", -10, "仓库", "主推款到仓 30–50 件，其余款登记可供数", _SHIP),
    Opening("terms", -10, "仓库", "发货、退换货与运费规则写进店铺说明", _SHIP),
    Opening("money", -10, "资金", "推广、活动与退款备用金到账", _LEAD),
    Opening("titles", -7, "推广", "标题与关键词按搜索习惯排好，避开违规词", _MARKET),
    Opening("skus", -7, "店铺", "上架 40–50 款，分类、规格、价格核对", _GOODS),
    Opening("answers", -5, "客服", "快捷回复、常见问题、售后口径培训", _SERVICE),
    Opening("trial", -3, "店铺", "走一遍下单、付款、发货、退款", f"{_LEAD}、{_SERVICE}"),
    Opening("ads", -2, "推广", "推广计划建好，日预算小额试投", _MARKET),
    Opening("open", 0, "店铺", "开店：老客与会员群通知", _LEAD),
    Opening("first", 1, "客服", "前 50 单逐单跟进，争取好评", _SERVICE),
    Opening("cards", 3, "活动", "店铺会员、优惠券与收藏有礼生效", _MARKET),
    Opening("free", 5, "活动", "报名平台免费资源位", _MARKET),
    Opening("picks", 7, "商品", "看首周数据，换掉点击差的主图", f"{_LEAD}、{_ART}"),
    Opening("groups", 7, "客服", "客户群建起来，第一次群内活动", _SERVICE),
    Opening("paid", 10, "活动", "第一次付费活动，算清盈亏", _MARKET),
    Opening("sums", 14, "复盘", "两周总结：日单量、转化率、好评率对目标", _LEAD),
    Opening("next", 28, "复盘", "满月复盘：定第二个月的目标与款", _LEAD),
)


def is_big(event: Event) -> bool:
    """Return whether a campaign takes, or usually takes, a big part of a year's promotion money."""
    return max(event.budget_share, USUAL_SHARES.get(event.name, 0.0)) >= BIG
