"""下一步: one sentence for the state the book is in, and where it leads."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from xlplan.sheets.base.names import DAILY, DAYS, FINDINGS, TARGETS, YEAR, month_name
from xlplan.sheets.home.base import fixed_at
from xlplan.sheets.home.figures import missing_days
from xlplan.sheets.home.layout import SHAPE_MISSING, SPAN_NAME
from xlplan.sheets.home.pairs import Pair, cat, choose, lit, of_percent, of_text

if TYPE_CHECKING:
    from xlplan.sheets.home.base import Shown

#: A month whose chance to be hit is below this asks for something to be done.
LIKELY = 0.5
NO_PLAN, ERRORS, AHEAD, NOTHING_YET, OVER, LATE, MISSING, UNLIKELY, GOOD, TOO_EARLY = range(1, 11)


def next_step(this: Shown) -> tuple[int, str]:
    """Return the number of the step, and its formula."""
    tests = _tests(this)
    number = next((step for step, (_, holds) in tests.items() if holds), TOO_EARLY)
    formula = str(TOO_EARLY)
    for step, (test, _) in reversed(tests.items()):
        formula = f"IF({test},{step},{formula})"
    return number, f"={formula}"


def _tests(this: Shown) -> dict[int, tuple[str, bool]]:
    """Return step → its condition as a formula, and whether it holds; the first that does is taken."""
    at, when, year = this.at, this.moment, this.year.year
    first, last = f"DATE({year},1,1)", f"DATE({year},12,31)"
    chance, asked = this.number("month_chance"), this.told_at("month_chance")
    planned = not np.isnan(this.year.planned.values["gmv"]).all()
    missing = missing_days(this.year, 0)
    errors = fixed_at(at.errors)
    return {
        NO_PLAN: (f"COUNT({this.tables.plan.range('gmv')})=0", not planned),
        ERRORS: (f"{errors}>0", any(p.level.value == "错误" for p in this.problems)),
        AHEAD: (f"AND(NOT(ISNUMBER(xlplan_asof)),xlplan_today<{first})", when.as_of is None and this.today < date(year, 1, 1)),
        NOTHING_YET: ("NOT(ISNUMBER(xlplan_asof))", when.as_of is None),
        LATE: (f"MIN(xlplan_today-1,{last})>xlplan_asof", _late(this) > 0),
        MISSING: (f"N({_missing_at(this)})>0", isinstance(missing, int) and missing > 0),
        OVER: (f"xlplan_asof>={last}", when.as_of == date(year, 12, 31)),
        UNLIKELY: (f"IF(ISNUMBER({asked}),{asked}<{LIKELY:g},FALSE)", chance < LIKELY),
        GOOD: (f"ISNUMBER({asked})", not np.isnan(chance)),
    }  # fmt: skip


def _late(this: Shown) -> int:
    as_of = this.moment.as_of
    if as_of is None:
        return 0
    last = date(this.year.year, 12, 31)
    return (min(date.fromordinal(this.today.toordinal() - 1), last) - as_of).days


def _missing_at(this: Shown) -> str:
    return fixed_at((this.at.shapes + 1, SHAPE_MISSING))


def step_link(this: Shown) -> tuple[Pair, Pair]:
    """Return the sheet the next step leads to, and the sentence."""
    number, at = next_step(this)[0], this.at
    number_at = fixed_at(at.step)
    errors = sum(p.level.value == "错误" for p in this.problems)
    missing = missing_days(this.year, 0)
    month = Pair(fixed_at((at.span(1), SPAN_NAME)), month_name(this.moment.ahead.month))
    late = Pair(
        f"(MIN(xlplan_today-1,DATE({this.year.year},12,31))-xlplan_asof)", str(_late(this))
    )
    as_of = this.moment.as_of
    day = of_text('IF(ISNUMBER(xlplan_asof),MONTH(xlplan_asof)&"月"&DAY(xlplan_asof)&"日","")', f"{as_of.month}月{as_of.day}日" if as_of else "")  # fmt: skip
    said = [
        (lit(TARGETS), lit("先在“年度目标”里填全年目标，再点“分解”")),
        (lit(FINDINGS), cat(lit("有 "), Pair(fixed_at(at.errors), str(errors)), lit(f" 处错误要先改：看“{FINDINGS}”"))),
        (lit(DAYS), lit(f"计划已就绪：核对“日历”“活动”，{this.year.year}年1月1日起每天填“日报”或点“导入”")),
        (lit(DAILY), lit("还没有实际：每天填“日报”，或点“导入”收平台导出的文件")),
        (lit(YEAR), lit("全年的实际都在了：点“复盘”看全年，再新建明年的计划")),
        (lit(DAILY), cat(lit("实际只到 "), day, lit("，晚了 "), late, lit(" 天：点“导入”，或补填“日报”"))),
        (lit(DAILY), cat(lit("补上缺的 "), Pair(_missing_at(this), str(missing)), lit(" 天：缺在哪家店，看最下面“数据”一列"))),
        (month, cat(month, lit("达成概率只有 "), of_percent(this.told_at("month_chance"), this.number("month_chance")), lit("：点“复盘”看原因，点“重排”把差额分到余下的日子"))),
        (lit(DAILY), lit("照计划走：今天要做多少看“今日应做”，收工后导入实际")),
        (lit(DAILY), lit("再积累几天实际就能预测；先照“今日应做”走")),
    ]  # fmt: skip
    sheets, texts = zip(*said, strict=True)
    return choose(number_at, number, sheets), choose(number_at, number, texts)
