"""The names of the sheets that others speak of, and the months."""

from __future__ import annotations

HOME, TARGETS, DAYS, EVENTS, YEAR = "首页", "年度目标", "日历", "活动", "年度规划"
PARTS, AGREED, DAILY, CHECKUP, LOG, HOLDS = "品类平台", "品类约定", "日报", "体检", "变更记录", "锁定"  # fmt: skip
#: Where findings are listed; everything that leads to them goes here.
FINDINGS = CHECKUP
REVIEW, ADS = "复盘", "推广"
COMPARE, COLLECT, MAPPING, BUDGET = "版本对比", "收集报告", "导入映射", "预算"
CARDS, CARD_MONTHS = "指标卡", "_指标"
CAMPAIGNS, CAMPAIGN_ROWS = "活动目标", "_活动"
PLAN, ACTUAL = "_计划", "_实际"
SOURCES, PART_STORES, COLLECTED, BUDGETS, UNDO, VERSIONS, META = "_来源", "_品类", "_收集", "_预算", "_撤销", "_版本", "_元数据"  # fmt: skip
#: Sheets of 0.1.0 that are one now: 体检.
FORMER_CHECKS, FORMER_PROBLEMS = "核对", "问题"
MONTHS = tuple(range(1, 13))


def month_name(month: int) -> str:
    """Return the name of a month sheet (``9月``)."""
    return f"{month}月"
