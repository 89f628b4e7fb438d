"""From what was typed into 分摊 to what is wanted of the plan: methods, amounts, totals that stay."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from xlplan.errors import InputError
from xlplan.plan.change.grid import Grid
from xlplan.plan.change.methods import AmountKind, method_of
from xlplan.plan.change.request import Edit
from xlplan.plan.change.shorthand import Shorthand, parse_shorthand
from xlplan.plan.days.grains import kept_grain, shared_grain
from xlplan.sources.numbers import Number, parse_amount, parse_number
from xlplan.sources.text import Unread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.plan.change.grid import Region
    from xlplan.plan.change.methods import Method
    from xlplan.plan.year import Year


def keeps(text: str) -> tuple[str, ...]:
    """Return the levels whose totals stay.

    Raises:
        InputError: There is no such level.
    """
    names = [part for part in re.split(r"[、,，\s]+", text.strip()) if part]
    return tuple(kept_grain(name) for name in names)


def edits_of(  # noqa: PLR0913, PLR0917  # what one dialog says
    regions: Sequence[Region], year: Year, to: str, method: str, like: str, by: str
) -> tuple[Edit, ...]:
    """Return what is wanted of each region; one total is not meant for several of them.

    Raises:
        InputError: It cannot be understood, or is a total for areas that lie apart.
    """
    level, grid = shared_grain(by), Grid(year)
    edits = [replace(_edit(region, grid, to, method, like), by=level) for region in regions]
    for edit in edits if len(edits) > 1 else ():
        if not edit.how.each and grid.is_flow(edit.region.metric):
            raise InputError(
                f"选了分开的 {len(edits)} 处，“{to.strip() or method}”是一个合计，不知道怎么分给它们",
                "分开的几处可以写 +8%、*1.2、!3000（各格一样地变）；要改合计请选连在一起的格",
            )
    return tuple(edits)


def _edit(region: Region, grid: Grid, to: str, method: str, like: str) -> Edit:
    if method:
        how = method_of(method)
        if how.never_negative and to.strip().endswith(("%", "％")):
            meant_for(region, to, grid)
        sums = how.amount in (
            AmountKind.TOTAL,
            AmountKind.VALUE,
            AmountKind.CHANGE,
        ) and grid.is_flow(region.metric)
        typed = to.strip().removeprefix("=").strip()
        return Edit(region, how.name, _amount(how, typed, "" if sums else "%"), like)
    if not to.strip():
        raise InputError("没有说要改成多少", "写 500万、+8%、*1.2、=500万 like 去年 等")
    short = meant_for(region, to, grid)
    if like and not short.reference:
        return Edit(region, "like", short.amount, like)
    return Edit(region, short.method, short.amount, short.reference)


def _amount(method: Method, text: str, unit: str) -> float:
    """Return what a method named by its own needs; 8% of a straight line is 1.08 times at its end.

    Raises:
        InputError: No figure, none where one is needed, or a growth that was meant as a factor.
    """
    if not text and not method.optional:
        raise InputError("没有说要改成多少", f"写出数：{method.needs}")
    return method.read(figure(text or "0", unit), text)


def figure(text: str, unit: str = "%") -> float:
    """Return a figure as typed (500万, 8%, 3.5:1).

    Args:
        text: What was typed.
        unit: What the place holds (`sources.numbers.parse_amount`); anything by default.

    Raises:
        InputError: It is none, or none of this kind.
    """
    found = parse_amount(text, unit=unit)
    if isinstance(found, Unread) and found.code in ("wrong_kind", "wrong_unit"):
        raise InputError(found.what, "写 500万、12000 这样的数")
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
