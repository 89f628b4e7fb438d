"""What 首页 says in words: the verdict, and what would close the month's gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.sheets.home.base import cell_at, fixed_at
from xlplan.sheets.home.layout import FIRST_PERIOD, SCOPE_SPOT, SPAN_NAME
from xlplan.sheets.home.pairs import Pair, cat, lit, of_count, of_percent, of_text, of_wan, when

if TYPE_CHECKING:
    from xlplan.sheets.home.base import Shown

_NOTHING = lit("")


class _Month:
    """The month's figures as cells and as numbers."""

    def __init__(self, this: Shown) -> None:
        period = this.period("month")
        row = FIRST_PERIOD + 1
        self.reached = this.sales.of(period)
        self.label = of_text(this.spanned("month", SPAN_NAME), period.label)
        self.target_at, self.sold_at = cell_at(row, 3), cell_at(row, 7)
        self.rate_at, self.gap_at = cell_at(row, 9), cell_at(row, 10)
        self.middle_at, self.middle = this.told_at("month_middle"), this.number("month_middle")
        self.short_at = f"({self.target_at}-{self.middle_at})"
        self.short = self.reached.target - self.middle
        self.foreseen = f"COUNT({self.target_at},{self.middle_at})=2", not np.isnan(self.short)


def verdict(this: Shown) -> Pair:
    """Return one sentence: how far the month is, where month and year will land."""
    month = _Month(this)
    scope = of_text(fixed_at(SCOPE_SPOT), this.scope)
    year = this.period("year")
    whole, whole_at = this.sales.of(year).target, cell_at(FIRST_PERIOD + 3, 3)
    planned = not np.isnan(whole)
    target = of_wan(month.target_at, month.reached.target)
    months_target = when((f"ISNUMBER({month.target_at})", not np.isnan(month.reached.target)), cat(lit("，"), month.label, lit(" "), target), _NOTHING)  # fmt: skip
    before = cat(lit("全年目标 "), of_wan(whole_at, whole), months_target, lit("；还没有实际"))
    begun = when(("ISNUMBER(xlplan_asof)", this.moment.as_of is not None), cat(_so_far(month), _month_end(this, month), _year_end(this)), before)  # fmt: skip
    return cat(scope, lit("："), when((f"ISNUMBER({whole_at})", planned), begun, lit("还没有分解目标")))  # fmt: skip


def _so_far(month: _Month) -> Pair:
    reached = month.reached
    over = when((f"{month.gap_at}<0", reached.gap < 0), lit("（差 "), lit("（超 "))
    rate = cat(month.label, lit("至今达成 "), of_percent(month.rate_at, reached.rate, 1), over, of_wan(f"ABS({month.gap_at})", abs(reached.gap)), lit("）"))  # fmt: skip
    none = cat(month.label, lit("还没有实际"))
    return when((f"ISNUMBER({month.rate_at})", not np.isnan(reached.rate)), rate, none)


def _month_end(this: Shown, month: _Month) -> Pair:
    chance = of_percent(this.told_at("month_chance"), this.number("month_chance"))
    said = cat(lit("，预计 "), of_wan(month.middle_at, month.middle), lit(" / 目标 "), of_wan(month.target_at, month.reached.target), lit("，达成概率 "), chance, _left_out(this))  # fmt: skip
    return when(month.foreseen, said, _NOTHING)


def _left_out(this: Shown) -> Pair:
    """Return that days without actuals are not in what is foreseen."""
    at, missing = this.told_at("month_missing"), this.number("month_missing")
    said = cat(lit("（缺 "), of_count(at, missing), lit(" 天没算进）"))
    return when((f"N({at})>0", missing > 0), said, _NOTHING)


def _year_end(this: Shown) -> Pair:
    middle, chance = this.number("year_middle"), this.number("year_chance")
    cells = this.told_at("year_middle"), this.told_at("year_chance")
    said = cat(lit("；全年预计 "), of_wan(cells[0], middle), lit("，概率 "), of_percent(cells[1], chance))  # fmt: skip
    known = not (np.isnan(middle) or np.isnan(chance))
    return when((f"COUNT({cells[0]},{cells[1]})=2", known), said, _NOTHING)


def closing(this: Shown) -> list[Pair]:
    """Return the lines of 缺口与补法: what is missing, and four ways to make it up."""
    month = _Month(this)
    lack, lack_at = str(this.chosen.get("lack", "")), this.told_at("lack")
    none = when((f'{lack_at}=""', not lack), lit("有了三周以上的实际，这里写月底差多少、怎么补"), of_text(lack_at, lack))  # fmt: skip
    over = cat(month.label, lit("预计超过目标 "), of_wan(f"-{month.short_at}", -month.short))
    sold = float(np.nan_to_num(month.reached.sold))
    left = f"N({month.middle_at})>N({month.sold_at})", month.middle > sold
    able = when(left, lit("，下面任一项可补上："), lit("，没有余下的日子了"))
    under = cat(month.label, lit("预计差 "), of_wan(month.short_at, month.short), able)
    first = when(month.foreseen, when((f"{month.short_at}>0", month.short > 0), under, over), none)
    return [first, *(_way(this, month, name) for name in ("uv", "cvr", "aov", "spend_ratio"))]


def _way(this: Shown, month: _Month, name: str) -> Pair:
    needed = {"uv": ("cvr", "aov", "days_left"), "spend_ratio": ("spend_ratio",)}.get(
        name, (name,)
    )
    cells, values = [this.told_at(n) for n in needed], [this.number(n) for n in needed]
    tests = ",".join([month.middle_at, month.target_at, *cells])
    holds = not np.isnan([month.short, *values]).any()
    # the product is never zero where it is divided by: the shop sells, and days are left
    free = f"AND(COUNT({tests})={2 + len(cells)},N({month.target_at})>N({month.middle_at}),N({month.middle_at})>N({month.sold_at}))"
    sold = float(np.nan_to_num(month.reached.sold))
    able = holds and month.short > 0 and month.middle > sold
    said = _ways(month, name, cells, values, sold) if able else _ways(month, name, cells, [float("nan")] * 3, sold)  # fmt: skip
    return when((free, able), said, _NOTHING)


def _ways(month: _Month, name: str, cells: list[str], values: list[float], sold: float) -> Pair:
    if name == "uv":
        cvr, aov, days = values
        more = month.short / (cvr * aov) / days
        return cat(lit("· 每天多 "), of_count(f"{month.short_at}/({cells[0]}*{cells[1]})/{cells[2]}", more), lit(" UV（近况转化率、客单价不变）"))  # fmt: skip
    if name == "spend_ratio":
        return cat(lit("· 多投 "), of_wan(f"{month.short_at}*{cells[0]}", month.short * values[0]), lit("（近况费比 "), of_percent(cells[0], values[0], 1), lit("）"))  # fmt: skip
    scale_at = f"({month.target_at}-N({month.sold_at}))/({month.middle_at}-N({month.sold_at}))"
    scale = (
        (month.reached.target - sold) / (month.middle - sold)
        if values[0] == values[0]
        else float("nan")
    )
    if name == "cvr":
        return cat(lit("· 转化率 "), of_percent(cells[0], values[0], 2), lit(" → "), of_percent(f"{cells[0]}*{scale_at}", values[0] * scale, 2))  # fmt: skip
    return cat(lit("· 客单价 "), of_count(cells[0], values[0]), lit(" → "), of_count(f"{cells[0]}*{scale_at}", values[0] * scale))  # fmt: skip
