"""Milestones and risks: what they watch, and how they stand by the plan's own numbers."""

from __future__ import annotations

from datetime import date
from math import isnan
from typing import TYPE_CHECKING, Any

from xlplan.plan.tasks.duties import LEADER, is_big
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.plan.calendar import Calendar

#: What a milestone counts, label → metric.
COUNTED = {"销售额": "gmv", "UV": "uv", "笔数": "orders"}
REACHED, MISSED, ON_TIME, BEHIND, ENDANGERED, AHEAD = "达成", "未达成", "按期", "落后", "有风险", "未开始"  # fmt: skip
TRIGGERED, NEAR, CALM, UNKNOWN, BY_HAND = "触发", "接近", "正常", "无数据", "人工看"
BELOW, ABOVE = "低于", "高于"
ACTUAL, RATE = "实际", "达成率"
#: From which like-for-like attainment a milestone is behind rather than endangered.
LOW = 0.8
#: How near its threshold a figure counts as near, relatively.
CLOSE_BY = 0.05


@record
class Milestone:
    """Something to be reached by a day.

    Attributes:
        name: What it is called.
        start: First day that counts.
        end: By when.
        metric: One of `COUNTED`.
        target: What is to be reached; None takes what the plan has for these days.
        owner: Whose it is.
        note: What people noted.
    """

    name: str
    start: date | None = None
    end: date | None = None
    metric: str = "销售额"
    target: float | None = None
    owner: str = ""
    note: str = ""

    def texts(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "name": self.name, "start": str(self.start or ""), "end": str(self.end or ""),
            "metric": self.metric, "target": self.target, "owner": self.owner, "note": self.note,
        }  # fmt: skip

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Milestone:
        """Return it of its JSON form."""
        days = {
            key: date.fromisoformat(said[key]) if said.get(key) else None
            for key in ("start", "end")
        }
        return cls(**{**said, **days})


@record
class Risk:
    """Something that may go wrong, and what shows it.

    Attributes:
        name: What it is called.
        metric: Label of a month-to-date figure; "" is watched by people.
        side: `ACTUAL` or `RATE` (against the plan of the same days).
        when: `BELOW` or `ABOVE` the threshold it is triggered.
        threshold: The threshold.
        answer: What is done then.
        owner: Who does it.
        note: What people noted.
    """

    name: str
    metric: str = ""
    side: str = RATE
    when: str = BELOW
    threshold: float | None = None
    answer: str = ""
    owner: str = ""
    note: str = ""

    def texts(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "name": self.name, "metric": self.metric, "side": self.side, "when": self.when,
            "threshold": self.threshold, "answer": self.answer, "owner": self.owner, "note": self.note,
        }  # fmt: skip

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Risk:
        """Return it of its JSON form."""
        return cls(**said)


RISKS = (
    Risk("流量下滑", "UV", RATE, BELOW, 0.85, "分渠道查来源；补自然搜索与内容，够格的渠道加投", "市场经理"),
    Risk("转化下滑", "转化率", RATE, BELOW, 0.9, "查主图、价格、评价与客服响应，先改前十款", "运营经理"),
    Risk("推广不划算", "ROI", ACTUAL, BELOW, 2.0, "低于底线的计划降价、换素材或停，钱挪到够格的渠道", "市场经理"),
    Risk("推广超支", "费用占比", RATE, ABOVE, 1.2, "按余下目标重算日预算，封顶到月底", "市场经理"),
    Risk("退款升高", "退款率", RATE, ABOVE, 1.2, "按退款原因排前三，改描述、换批次或下架", "客服经理"),
    Risk("销售落后", "销售额", RATE, BELOW, 0.8, "开补差会，用“重排”比较追赶与按计划", "运营经理"),
    Risk("断货或积压", "", answer="主推款设安全库存，大促 T-3 锁库存，滞销款清仓", owner="物流经理"),
)  # fmt: skip


def default_milestones(calendar: Calendar) -> list[Milestone]:
    """Return the quarters, the year and the big campaigns of a year as milestones."""
    year = calendar.year
    ends = {1: (3, 31), 2: (6, 30), 3: (9, 30), 4: (12, 31)}
    made = [
        Milestone(f"{'一二三四'[quarter - 1]}季度", date(year, 3 * quarter - 2, 1), date(year, *end), owner=LEADER)
        for quarter, end in ends.items()
    ]  # fmt: skip
    made += [
        Milestone(event.name, event.start, event.end, owner=LEADER)
        for event in calendar.events
        if event.enabled and is_big(event) and event.start.year == event.end.year == year
    ]  # fmt: skip
    made.append(Milestone("全年", date(year, 1, 1), date(year, 12, 31), owner=LEADER))
    return sorted(
        made, key=lambda each: (each.end or date.max, -(each.start or date.max).toordinal())
    )


def milestone_state(
    milestone: Milestone, target: float, actual: float, due: float, as_of: date | None
) -> str:
    """Return how a milestone stands.

    Args:
        milestone: The milestone.
        target: What is to be reached in all; NaN when unknown.
        actual: What came on the days that are known.
        due: What was due on those days.
        as_of: The last day with actuals.
    """
    if milestone.start is None or milestone.end is None or isnan(target) or not target > 0:
        return ""
    if as_of is None or as_of < milestone.start:
        return AHEAD
    if actual >= target:
        return REACHED
    if as_of >= milestone.end:
        return MISSED
    rate = actual / due if due > 0 else 0.0
    return ON_TIME if rate >= 1 else BEHIND if rate >= LOW else ENDANGERED


def risk_state(risk: Risk, value: float) -> str:
    """Return 触发, 接近, 正常, 无数据 or 人工看."""
    if not risk.metric or risk.threshold is None:
        return BY_HAND if risk.name else ""
    if isnan(value):
        return UNKNOWN
    margin = abs(risk.threshold) * CLOSE_BY
    far = risk.threshold - value if risk.when == ABOVE else value - risk.threshold
    return TRIGGERED if far < 0 else NEAR if far <= margin else CALM
