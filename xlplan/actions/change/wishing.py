"""From what was typed into 分摊 to what is wanted of the plan: methods, amounts, totals that stay."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from xlplan.errors import InputError
from xlplan.plan.change.constraints import EACH
from xlplan.plan.change.grid import Grid
from xlplan.plan.change.keeping import LEVELS as KEEPS
from xlplan.plan.change.nodes import LEVELS
from xlplan.plan.change.request import Edit
from xlplan.plan.change.sense import AMOUNTS
from xlplan.plan.change.shorthand import Shorthand, parse_shorthand
from xlplan.sources.numbers import Number, parse_number
from xlplan.sources.text import Unread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.plan.change.grid import Region
    from xlplan.plan.year import Year

#: What users call the methods.
METHODS = {
    "按比例": "proportional", "平均": "equal", "只在非零格平均": "equal_nonzero", "参照": "like",
    "参照增减": "like_percent", "百分比": "percent", "乘以": "times", "增减": "add", "每格相同": "repeat",
    "直线": "straight_line", "等比": "growth", "只分未分配": "unassigned",
    "平均增减": "additive_equal", "按绝对值增减": "by_absolute",
}  # fmt: skip
#: What the amount of a method is, where it is no total.
NEEDS = {
    "straight_line": "末格比首格多 8% 写 8%，或写倍数 1.08",
    "growth": "每格比前一格多 2% 写 2%",
    "repeat": "每一格的数，如 3000",
    "percent": "如 8%、-5%",
    "times": "倍数，如 1.2",
    "add": "增减的数，如 3000、-3000",
}


def keeps(text: str) -> tuple[str, ...]:
    """Return the levels whose totals stay.

    Raises:
        InputError: There is no such level.
    """
    names = [part for part in re.split(r"[、,，\s]+", text.strip()) if part]
    for name in names:
        if name not in KEEPS and name not in KEEPS.values():
            raise InputError(f"不能保持“{name}”的合计", f"可以写：{'、'.join(KEEPS)}")
    return tuple(KEEPS.get(name, name) for name in names)


def edits_of(  # noqa: PLR0913, PLR0917  # what one dialog says
    regions: Sequence[Region], year: Year, to: str, method: str, like: str, by: str
) -> tuple[Edit, ...]:
    """Return what is wanted of each region; one total is not meant for several of them.

    Raises:
        InputError: It cannot be understood, or is a total for areas that lie apart.
    """
    level, grid = LEVELS.get(by, by), Grid(year)
    edits = [replace(_edit(region, grid, to, method, like), by=level) for region in regions]
    for edit in edits if len(edits) > 1 else ():
        if edit.method not in EACH and grid.is_flow(edit.region.metric):
            raise InputError(
                f"选了分开的 {len(edits)} 处，“{to.strip() or method}”是一个合计，不知道怎么分给它们",
                "分开的几处可以写 +8%、*1.2、!3000（各格一样地变）；要改合计请选连在一起的格",
            )
    return tuple(edits)


def _edit(region: Region, grid: Grid, to: str, method: str, like: str) -> Edit:
    if method:
        name = METHODS.get(method, method)
        if name in AMOUNTS and to.strip().endswith(("%", "％")):
            meant_for(region, to, grid)
        return Edit(region, name, _amount(name, to.strip().removeprefix("=").strip()), like)
    if not to.strip():
        raise InputError("没有说要改成多少", "写 500万、+8%、*1.2、=500万 like 去年 等")
    short = meant_for(region, to, grid)
    if like and not short.reference:
        return Edit(region, "like", short.amount, like)
    return Edit(region, short.method, short.amount, short.reference)


def _amount(method: str, text: str) -> float:
    """Return what a method named by its own needs; 8% of a straight line is 1.08 times at its end.

    Raises:
        InputError: No figure, none where one is needed, or a growth that was meant as a factor.
    """
    if not text and method != "like_percent":
        raise InputError("没有说要改成多少", f"写出数：{NEEDS.get(method, '合计，如 500万')}")
    amount, part = figure(text or "0"), text.endswith(("%", "％"))
    if method == "straight_line" and part:
        return 1 + amount
    if method == "growth" and not part and amount >= 1:
        raise InputError(
            f"等比写的是增长率，{text} 是每格比前一格多 {amount:.0%}",
            f"每格是前一格的 {text} 倍请写 {amount - 1:.4g}",
        )
    return amount


def figure(text: str) -> float:
    """Return a figure as typed (500万, 8%, 3.5:1).

    Raises:
        InputError: It is none.
    """
    found = parse_number(text)
    if found is None or isinstance(found, Unread):
        raise InputError(f"“{text}”不是数字", "写 500万、8%、1.2 这样的数")
    return found.value


def meant_for(region: Region, text: str, grid: Grid) -> Shorthand:
    """Return what was typed for a region; 4.5% and 3.5:1 without a sign are a ratio's new value.

    Raises:
        InputError: It is neither shorthand nor a figure, or a ratio for what is a sum.
    """
    plain = unicodedata.normalize("NFKC", text).strip().removeprefix("=").strip()
    signed = plain[:1] in tuple("+-−加增涨减降")
    alone = not signed and plain.endswith("%") and isinstance(parse_number(plain), Number)
    if not alone and not re.fullmatch(r"[\d.]+:[\d.]+", plain):
        return parse_shorthand(text)
    if not grid.is_flow(region.metric):
        return Shorthand("proportional", figure(plain))
    raise InputError(
        f"{region.about(grid.year)} 不能改成“{text.strip()}”：它是数量，不是比率",
        f"要增减写 +{plain}、-{plain}；要改成一个数写那个数" if alone else "写 500万、+8%、*1.2",
    )
