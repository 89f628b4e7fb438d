"""The places in the written plan for people's own words, chapter by chapter."""

from __future__ import annotations

from xlplan.record import record

CHAPTERS = ("总结", "目标", "策略", "资源", "风险", "监控")


@record
class WordSlot:
    """A place for people's words.

    Attributes:
        key: Its name for programs.
        chapter: One of `CHAPTERS`; "" is the cover.
        head: Its heading.
        hint: What belongs there.
    """

    key: str
    chapter: str
    head: str
    hint: str


WORD_SLOTS = (
    WordSlot("title", "", "标题", "留空为“某年电商运营计划书”"),
    WordSlot("team", "", "部门与编制人", "如 电商运营部 · 王敏"),
    WordSlot("intent", "", "这份计划要解决什么", "两三句话，写给没参与的人看"),
    WordSlot("wins", "总结", "做成了什么", "每行一条，写结果和做法"),
    WordSlot("gaps", "总结", "没做好什么、为什么", "每行一条，写差多少、原因、谁来改"),
    WordSlot("market", "总结", "市场与同行", "需求在变什么，主要对手在做什么"),
    WordSlot("means", "总结", "家底盘点", "人手、技能、工具、预算，缺哪一块"),
    WordSlot("direction", "目标", "总的方向", "今年最要紧的一件事"),
    WordSlot("customers", "目标", "用户目标", "新客、会员、复购各到多少"),
    WordSlot("efficiency", "目标", "效率目标", "库存周转、发货时效、人效各到多少"),
    WordSlot("brand", "目标", "品牌与团队目标", "口碑、内容、培养谁"),
    WordSlot("goods", "策略", "商品与定价", "主推、引流、利润各是哪些款，怎么定价"),
    WordSlot("traffic", "策略", "流量与推广", "自然、付费、内容各做什么，底线 ROI"),
    WordSlot("members", "策略", "会员与私域", "分几层，各给什么，怎么唤回"),
    WordSlot("content", "策略", "内容与直播", "多少条、多少场、谁来做"),
    WordSlot("channels", "策略", "平台与渠道", "守哪个，试哪个，什么时候算试成了"),
    WordSlot("service", "策略", "客服与履约", "响应、发货、退换货的标准"),
    WordSlot("people", "资源", "团队分工", "谁管什么，要补谁"),
    WordSlot("tools", "资源", "系统与技术", "要上什么、什么时候能用"),
    WordSlot("supply", "资源", "供应链与备货", "备多少、什么时候到、放在哪"),
    WordSlot("dangers", "风险", "另外要提防的", "表里没有的，写什么情况下做什么"),
    WordSlot("rhythm", "监控", "会议与汇报", "哪天开什么会，谁看什么数"),
    WordSlot("reward", "监控", "考核与奖励", "看哪几个数，怎么算"),
)  # fmt: skip
