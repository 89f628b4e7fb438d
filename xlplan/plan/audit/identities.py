"""Identities between metrics (R1) and what ROI goals mean (R16)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from xlplan.errors import Level, Problem
from xlplan.metrics import DRIVERS, products
from xlplan.plan.audit.case import (
    Case,
    Figure,
    View,
    apart,
    cite,
    figure,
    level_of,
    period_name,
    product,
)
from xlplan.plan.targets.claims import Kind, Span
from xlplan.plan.targets.measures import PARTS, adds, label_of, number, show
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlplan.plan.targets.claims import Claim

#: Rounding may explain even this much; then it is said, as information.
COARSE = 1.1
#: A floor this many times below the planned average needs no word.
ROOMY = 2


def times_of(view: View) -> list[tuple[Span, int]]:
    """Return the times a view speaks of, the year first."""
    found = {(cell.period, cell.which) for cell in view.cells}
    order = list(Span)
    return sorted(found | {(Span.YEAR, 0)}, key=lambda item: (order.index(item[0]), item[1]))


def at(view: View, metric: str, period: Span, index: int) -> Figure | None:
    """Return a metric at a time; a ratio of the month holds on its days, the year's on 每日."""
    if period is Span.YEAR:
        return view.annual(metric)
    typed = view.typed(metric, period, index)
    if typed or adds(metric):
        return typed
    if period is Span.DAY and index:
        return view.typed(metric, Span.MONTH, index)
    return None if index else view.typed(metric)


@record
class Clash:
    """An identity that does not hold."""

    view: View
    period: Span
    index: int
    result: Figure
    parts: tuple[tuple[str, Figure], ...]
    metric: str

    @property
    def computed(self) -> Figure:
        """The product of the parts."""
        return product(part for _, part in self.parts)

    @property
    def factor(self) -> float:
        """Computed over typed."""
        return self.computed.value / self.result.value


def identities(case: Case) -> Iterator[Problem]:
    """R1: a flow equals the product of its factors, within the rounding of what was typed."""
    for view in case.plans():
        for period, index in times_of(view):
            for metric, parts in products():
                clash = _clash(view, period, index, metric, parts)
                if clash:
                    yield from _judge(case, clash)


def _judge(case: Case, clash: Clash) -> Iterator[Problem]:
    if not clash.computed.agrees(clash.result, case.tolerance):
        yield _explain(clash)
    elif not 1 / COARSE < clash.factor < COARSE:
        yield _too_coarse(clash)


def _too_coarse(clash: Clash) -> Problem:
    computed = show(clash.computed.value, clash.metric)
    far = apart(clash.computed.value, clash.result.value)
    what = (
        f"{clash.view.name}{period_name(clash.period, clash.index)}：{clash.computed.text} = {computed}，"
        f"与{clash.result.text}{far}；数写得粗，取整说得通"
    )
    return Problem(clash.result.claims[0].where, what, Level.INFO, "多写一位数字才看得准", "R1")


def _clash(
    view: View, period: Span, index: int, metric: str, parts: tuple[str, ...]
) -> Clash | None:
    result = at(view, metric, period, index)
    other = DRIVERS[metric].steps_back if metric in DRIVERS else ""
    if other:
        result = None if at(view, other, period, index) else result
    found = [(name, at(view, name, period, index)) for name in parts]
    complete = tuple((name, item) for name, item in found if item and item.value > 0)
    if not result or result.value <= 0 or len(complete) < len(found):
        return None
    return Clash(view, period, index, result, complete, metric)


def _explain(clash: Clash) -> Problem:
    computed = clash.computed
    when = period_name(clash.period, clash.index)
    what = (
        f"{clash.view.name}{when}对不上：{computed.text} = {show(computed.value, clash.metric)}，"
        f"与{clash.result.text}{apart(computed.value, clash.result.value)}"
    )
    cures = [_cure(clash, name, part) for name, part in clash.parts]
    cures.append(f"{label_of(clash.metric)} {show(computed.value, clash.metric)}")
    remedy = f"要一致，改其中一个：{'，或 '.join(cures)}{_slip(clash.factor)}"
    return Problem(
        clash.result.claims[0].where,
        what,
        level_of(computed.value, clash.result.value),
        remedy,
        "R1",
    )


def _cure(clash: Clash, name: str, part: Figure) -> str:
    value = part.value / clash.factor
    daily = ""
    if adds(name) and clash.period in (Span.YEAR, Span.QUARTER, Span.MONTH):
        days = clash.view.days.of(clash.period, clash.index)
        daily = f"（每日 {value / days:,.0f}）"
    beyond = "（超过 100%，不可能）" if name in PARTS and value > 1 else ""
    return f"{label_of(name)} {show(value, name)}{daily}{beyond}"


def _slip(factor: float) -> str:
    """Name the slip of the pen that a round factor points to."""
    for size, word in ((1e4, "少写或多写了“万”"), (1e8, "少写或多写了“亿”"), (100, "漏了“%”")):
        if abs(math.log(max(factor, 1 / factor) / size)) < 0.02:
            return f"；正好差 {number(size)} 倍，像是{word}"
    return ""


def roi_goals(case: Case) -> Iterator[Problem]:
    """R16: read ROI one way (GMV ÷ spend) and hold floors against what the plan implies."""
    for claim in case.claims:
        if claim.metric in ("roi", "shop_roi"):
            yield from _orientation(claim)
            if claim.kind is Kind.FLOOR:
                yield from _room(case, claim)


def _orientation(claim: Claim) -> Iterator[Problem]:
    if ":" in claim.text.replace("：", ":"):
        what = (
            f"{label_of(claim.metric)}“{claim.text}”按 销售额÷花费 = {number(claim.value)} 理解"
            f"（每花 1 元带来 {number(claim.value)} 元）"
        )
        yield Problem(claim.where, what, Level.INFO, "", "R16")
    elif 0 < claim.value < 1:
        what = f"{label_of(claim.metric)} {cite(claim)} 小于 1：花 1 元收不回 1 元"
        remedy = f"若写的是 花费÷销售额，应填 {number(1 / claim.value)}"
        yield Problem(claim.where, what, Level.INFO, remedy, "R16")


def _room(case: Case, floor: Claim) -> Iterator[Problem]:
    sales = case.known("gmv", floor.year, floor.store)
    for spend in map(figure, case.ad_claims(floor.store, floor.year)):
        if (
            sales
            and sales.value > 0
            and spend.value > 0
            and sales.value < ROOMY * floor.value * spend.value
        ):
            yield _room_left(floor, sales, spend)


def _room_left(floor: Claim, sales: Figure, spend: Figure) -> Problem:
    implied = sales.value / spend.value
    room = 1 - floor.value / implied
    stated = f"{sales.text} ÷ {spend.text} = 整店投产 {number(implied)}"
    if implied < floor.value:
        most = show(sales.value / floor.value, "spend")
        what = f"就算销售额全由推广带来，也低于 ROI 底线 {cite(floor)}：{stated}"
        remedy = f"推广费不超过 {most}，或底线不高于 {number(implied)}"
        return Problem(floor.where, what, Level.ERROR, remedy, "R16")
    what = f"ROI 底线 {cite(floor)} 距计划平均只有 {room:.0%} 余地：{stated}"
    remedy = "低于底线就调整：留意边际 ROI，不只看平均"
    return Problem(floor.where, what, Level.INFO, remedy, "R16")
