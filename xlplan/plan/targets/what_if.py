"""What-if: change one driver or several, and see what a store would sell, need and spend.

销售额 = UV × 转化率 × 客单价 and 推广费 = 销售额 × 费用占比. What is not typed is as planned; where 销售额
itself is typed, UV gives way, else 转化率, else 客单价; where 推广费 is typed, 费用占比 does. The sheet
年度目标 says the same with formulas.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What can be typed, in the order of the sheet.
TRIED = ("gmv", "uv", "cvr", "aov", "spend", "spend_ratio")
CLASH = "对不上"


def what_if(typed: Mapping[str, float], base: Mapping[str, float]) -> dict[str, float | None]:
    """Return every driver as it would be; None where too little is planned to say.

    Args:
        typed: Driver → the figure tried.
        base: Driver → the plan; absent or NaN where nothing is planned.
    """
    taken = {name: typed.get(name, base.get(name, float("nan"))) for name in TRIED}
    gmv, uv, cvr, aov = (taken[name] for name in TRIED[:4])
    if "gmv" not in typed:
        gmv = uv * cvr * aov
    elif "uv" not in typed:
        uv = _over(gmv, cvr, aov)
    elif "cvr" not in typed:
        cvr = _over(gmv, uv, aov)
    elif "aov" not in typed:
        aov = _over(gmv, uv, cvr)
    ratio, spend = taken["spend_ratio"], taken["spend"]
    if "spend" not in typed:
        spend = gmv * ratio
    elif "spend_ratio" not in typed:
        ratio = _over(spend, gmv)
    found = {"gmv": gmv, "uv": uv, "cvr": cvr, "aov": aov, "spend": spend, "spend_ratio": ratio}
    return {name: value if isfinite(value) else None for name, value in found.items()}


def clashes(typed: Mapping[str, float]) -> set[str]:
    """Return the totals (gmv, spend) whose drivers are all typed and come to something else."""
    found = set()
    if {"gmv", "uv", "cvr", "aov"} <= typed.keys():
        made = typed["uv"] * typed["cvr"] * typed["aov"]
        if abs(made - typed["gmv"]) > 0.0005 * typed["gmv"]:
            found.add("gmv")
    if {"gmv", "spend", "spend_ratio"} <= typed.keys():
        made = typed["gmv"] * typed["spend_ratio"]
        if abs(made - typed["spend"]) > 0.0005 * typed["spend"]:
            found.add("spend")
    return found


def _over(above: float, *below: float) -> float:
    for each in below:
        above = above / each if each > 0 else float("nan")
    return above
