"""The header of a targets table: which column says what, and which columns are times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.plan.targets.claims import Span
from xlplan.record import record
from xlplan.regex import regex
from xlplan.sources.target_words import Time, parse_time, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Role of a column → the headers people give it.
COLUMNS = {
    "store": "店铺 店 店名 店铺名称 门店",
    "metric": "指标 项目 目标项 指标名称 名称 kpi",
    "time": "周期 时间 期间 时段",
    "value": "数值 目标 目标值 值 数据 金额",
    "scope": "范围 部分 对象 拆分",
    "kind": "类型 口径/类型 类型/口径 性质",
    "basis": "口径 统计口径",
    "frequency": "频次 频率",
    "threshold": "门槛 条件",
    "unit": "单位",
    "year": "年份 年度",
    "before": "上年 去年 上年实际 去年实际 基期",
    "locked": "锁定",
    "confidence": "可信度",
    "note": "备注 说明",
}
_ROLES = {name: role for role, names in COLUMNS.items() for name in names.split()}
SCALES = {"万": 1e4, "万元": 1e4, "亿": 1e8, "亿元": 1e8, "千": 1e3, "千元": 1e3, "%": 0.01}
_UNIT = regex(r"(.+?)[(](.+?)[)]")
NO_HEAD = "找不到目标表的表头：需要“指标”和“数值”两列，或“指标”和 1月…12月"
HEAD_REMEDY = "第一行写列名：店铺、指标、周期、数值、范围、类型、频次、备注"
#: Rows above the header that may hold a title.
_PREAMBLE = 10


@record
class Head:
    """A header row: where each role stands, and which columns are times."""

    row: int
    roles: dict[str, int]
    times: dict[int, Time]
    unit: str = ""


def find_head(rows: Sequence[Sequence[object]]) -> Head | None:
    """Return the header row of a table of targets, None when it has none."""
    for at, cells in enumerate(rows[:_PREAMBLE]):
        head = _head(at, cells)
        if "metric" in head.roles and ("value" in head.roles or head.times):
            return head
    return None


def _head(at: int, cells: Sequence[object]) -> Head:
    roles: dict[str, int] = {}
    times: dict[int, Time] = {}
    unit = ""
    for column, cell in enumerate(cells):
        text = plain(cell).lower()
        if found := _UNIT.fullmatch(text):
            text, unit = found[1], found[2]
        if role := _ROLES.get(text):
            roles.setdefault(role, column)
        elif (time := parse_time(text)) and time.span in (Span.YEAR, Span.QUARTER, Span.MONTH):
            times[column] = time
    return Head(at, roles, times, unit)
