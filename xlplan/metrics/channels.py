"""Paid-traffic channels as data: names change every few years, the money does not."""

from __future__ import annotations

from xlplan.record import record


@record
class Channel:
    """A promotion channel.

    Attributes:
        key: Part of the generated metric names (``spend_<key>`` …).
        label: The seed's row name where it has one.
        aliases: Other and newer names on the platforms' pages and exports.
        platform: Where it is bought; "" when it has no single home.
        since: First year it existed; 0 when it always did.
        until: Last year of the name; 9999 while current.
        account: Finance account of its cost (DOMAIN: the brand's chart of accounts).
        cpc: Default cost per visit in 元, until the shop's own figures are known.
    """

    key: str
    label: str
    aliases: tuple[str, ...] = ()
    platform: str = "天猫"
    since: int = 0
    until: int = 9999
    account: str = "平台推广费"
    cpc: float = 1.5

    @property
    def names(self) -> tuple[str, ...]:
        """Label first, then the other names."""
        return (self.label, *self.aliases)


CHANNELS: tuple[Channel, ...] = (
    Channel("display", "钻展", ("钻石展位", "引力魔方", "人群推广", "精准人群推广"), cpc=1.2),
    Channel("keyword", "直通车", ("关键词推广", "搜索推广"), cpc=1.5),
    Channel("juhuasuan", "聚划算", (), account="平台佣金及手续费", cpc=0.8),
    Channel("affiliate", "淘宝客", ("淘宝联盟", "淘客"), account="分佣佣金", cpc=1.0),
    Channel(
        "crm", "老客户推广", ("会员推广", "短信推广"), platform="", account="广告宣传费用", cpc=0.3
    ),
    Channel("smart", "智能场景", ("超级推荐", "万相台"), since=2018, cpc=1.2),
    Channel("sitewide", "全站推广", ("货品全站推广",), since=2023, cpc=1.2),
    Channel("qianchuan", "千川", ("巨量千川",), platform="抖音", since=2021, cpc=1.6),
    Channel("jzt", "京准通", ("京东快车", "京东全站"), platform="京东", cpc=1.6),
    Channel("pdd", "多多推广", ("多多搜索", "多多场景", "拼多多推广"), platform="拼多多", cpc=0.6),
    Channel("kol", "达人推广", ("KOL", "达人佣金"), platform="", account="广告宣传费用", cpc=1.0),
    Channel("other", "其他推广", (), platform="", cpc=1.0),
)

#: The seed's rows, in the seed's order; a new book starts with these.
SEED_CHANNELS = ("display", "keyword", "juhuasuan", "affiliate", "crm")
