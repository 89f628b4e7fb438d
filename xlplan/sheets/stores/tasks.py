"""工作计划: the team's daily, weekly and monthly duties (seed 004 (d)), to tick off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import PLAIN, Area, Cell, Highlight, Page, Span, Style, Validation
from xlplan.sheets.base import look

if TYPE_CHECKING:
    from collections.abc import Sequence

SHEET = "工作计划"
HEADS = ("时间", "工作内容", "负责人", "完成情况", "备注")
DONE, DOING, OPEN = "√", "进行中", "未完成"
#: (时间, 工作内容, 负责人) of each block, in the seed's order and words.
DAILY = (
    ("9:00-9:30", "查看店铺销售数据，总结前一天销售情况", "运营经理"),
    ("9:30-10:00", "更新产品库存，检查商品上下架情况", "产品经理"),
    ("10:00-11:00", "分析竞争对手的活动和促销策略，制定活动方案", "运营经理、市场经理"),
    ("11:00-12:00", "制定当日的推广计划，包括广告投放、社交媒体更新等", "运营经理、市场经理"),
    ("12:00-13:00", "午饭休息", ""),
    ("13:00-14:30", "跟进店铺客户咨询，回答问题或解决问题", "客服经理、运营经理"),
    ("14:30-15:30", "跟进店铺评价，处理差评或投诉", "客服经理、运营经理"),
    ("15:30-16:30", "跟进订单发货情况，确保订单及时发货", "物流经理、运营经理"),
    ("16:30-17:30", "制定下一天的运营策略，优化店铺布局和页面设计", "运营经理"),
    ("17:30-18:00", "汇报当天工作情况，整理数据报表", "运营经理"),
)
WEEKLY = (
    ("周一", "分析上周销售数据，总结销售趋势和用户需求", "运营经理、市场经理"),
    ("周二", "检查店铺页面和商品图片等素材，进行优化调整", "运营经理、设计师"),
    ("周三", "验证促销活动效果，分析用户参与度和转化率", "运营经理、市场经理"),
    ("周四", "跟进竞争对手动态，及时调整自身的营销策略", "运营经理、市场经理"),
    ("周五", "逐步推进新品上市计划，确保新品及时上架", "产品经理、运营经理"),
    ("周六、周日", "监控店铺客户评价，回应用户疑问和问题", "客服经理、运营经理"),
)
MONTHLY = (
    ("月初", "制定本月的营销策略和推广计划", "运营经理、市场经理"),
    ("月中", "审查店铺各项数据，找出表现较差的产品，并提出改进方案", "运营经理、产品经理"),
    ("月底", "整理月度营销总结报告，总结成功经验和问题反馈", "运营经理"),
)
BLOCKS = (("每日工作计划", DAILY), ("每周工作计划", WEEKLY), ("每月工作计划", MONTHLY))
_TEXT = Style(wrap=True)
_ENTRY = look.TEXT_INPUT.but(size=10)


def tasks_page(year: int) -> Page:
    """Return the page; 负责人, 完成情况 and 备注 are inputs."""
    page = Page(SHEET, tab="#8D6E63", landscape=False)
    page.put(1, 1, f"运营工作计划表 · {year}年", look.TITLE)
    page.put(2, 1, "负责人可改成姓名；完成情况从下拉中选，只给自己看，不收回。", look.HINT)
    row = 4
    for title, tasks in BLOCKS:
        row = _block(page, row, title, tasks) + 2
    page.columns |= {1: Span(14), 2: Span(52), 3: Span(22), 4: Span(11), 5: Span(30)}
    page.rows |= {1: Span(28)}
    page.print_area = Area(1, 1, row - 2, len(HEADS))
    return page


def _block(page: Page, row: int, title: str, tasks: Sequence[tuple[str, str, str]]) -> int:
    page.put(row, 1, title, PLAIN.but(bold=True, color=look.INK, size=12))
    for column, head in enumerate(HEADS, start=1):
        page.put(row + 1, column, head, look.HEAD)
    first, last = row + 2, row + 1 + len(tasks)
    for number, (time, content, who) in enumerate(tasks, start=first):
        page.put(number, 1, time, _TEXT.but(align="center"))
        page.put(number, 2, content, _TEXT)
        page.cells[number, 3] = Cell(who or None, "", _ENTRY)
        page.cells[number, 4] = Cell(None, "", _ENTRY.but(align="center"))
        page.cells[number, 5] = Cell(None, "", _ENTRY)
        page.rows[number] = Span(22)
    area = Area(first, 4, last, 4)
    page.validations.append(
        Validation(area, "list", [DONE, DOING, OPEN], "完成情况", f"做完选“{DONE}”", strict=False)
    )
    page.highlights.append(Highlight(area, f'=$D{first}="{DONE}"', fill=look.GOOD, bold=True))
    page.highlights.append(Highlight(area, f'=$D{first}="{OPEN}"', fill=look.BAD))
    return last
