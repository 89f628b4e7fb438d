"""One year against another (R10–R12), and offers against the average order (R13)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from xlplan.errors import Level, Problem
from xlplan.plan.audit.case import Case, Figure, cite, figure
from xlplan.plan.targets.claims import WHOLE, Claim, Kind
from xlplan.plan.targets.measures import label_of, show

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A printed rate this near to the computed one may be due to rounding.
SLIGHT = 0.02
#: (numerator, denominator, levers that all push their quotient up)
IMPLIED = (
    ("gmv", "users", ("aov", "repurchase_rate", "cvr")),
    ("gmv", "buyers", ("aov", "repurchase_rate")),
    ("gmv", "uv", ("aov", "cvr")),
    ("gmv", "orders", ("aov",)),
)


def definitions(case: Case) -> Iterator[Problem]:
    """R10: a metric keeps its definition from one year to the next."""
    named = [claim for claim in case.claims if claim.scope.name or claim.basis]
    for old in (claim for claim in named if claim.metric and claim.year < case.year):
        for new in case.find(metric=old.metric, kind=old.kind, store=old.store, year=old.year):
            if _widened(old, new) and figure(old).agrees(figure(new), 0.0):
                yield _renamed(old, new)
        for new in case.find(metric=old.metric, scope=old.scope, store=old.store):
            if new.year == old.year + 1 and old.basis and new.basis and old.basis != new.basis:
                yield _rebased(old, new)


def _widened(old: Claim, new: Claim) -> bool:
    """Return True when `new` names a piece of what `old` names."""
    wide, narrow = old.scope, new.scope
    inside = narrow.name in wide.name and narrow.name != wide.name
    return bool(narrow.name) and wide.kind == narrow.kind and inside and "/" not in wide.name


def _renamed(old: Claim, new: Claim) -> Problem:
    what = (
        f"口径变了：{old.year} 年 {cite(old)} 是“{old.scope.name}”的"
        f"{label_of(old.metric)}{old.kind}，同一个数又写成“{new.scope.name}”的（{cite(new)}）"
    )
    remedy = f"拆出{new.scope.name}自己的 {old.year} 年数，或 {old.year + 1} 年目标也按“{old.scope.name}”写"
    return Problem(new.where, what, Level.WARNING, remedy, "R10")


def _rebased(old: Claim, new: Claim) -> Problem:
    what = (
        f"口径变了：{label_of(old.metric)} {old.year} 年按“{old.basis}”{cite(old)}，"
        f"{new.year} 年按“{new.basis}”{cite(new)}"
    )
    return Problem(new.where, what, Level.WARNING, "换算到同一口径再比较", "R10")


def implied(case: Case) -> Iterator[Problem]:
    """R11: what two targets imply (GMV per user) moves with the levers stated, not against."""
    for store in dict.fromkeys(claim.store for claim in case.claims):
        for top, bottom, levers in IMPLIED:
            now = [case.known(name, case.year, store) for name in (top, bottom)]
            was = [case.known(name, case.year - 1, store) for name in (top, bottom)]
            figures = [item for item in (*now, *was) if item and item.value > 0]
            if len(figures) == 4 and (up := _rising(case, store, levers)):
                yield from _against(case, top, bottom, figures, up)


def _rising(case: Case, store: str, levers: tuple[str, ...]) -> list[str]:
    """Return the levers whose target is above last year's, with both values."""
    found = []
    for name in levers:
        now, was = (case.known(name, year, store) for year in (case.year, case.year - 1))
        if now and was and now.low > was.high:
            values = f"{cite(was.claims[0])}→{cite(now.claims[0])}"
            found.append(f"{label_of(name)} {values}")
    for now_share in case.find(kind=Kind.SHARE, metric="users", year=case.year, store=store):
        for was_share in case.find(
            kind=Kind.SHARE, scope=now_share.scope, year=case.year - 1, store=store
        ):
            if now_share.value > was_share.value:
                values = f"{cite(was_share)}→{cite(now_share)}"
                found.append(f"{now_share.scope.name}占比 {values}")
    return found


def _against(
    case: Case, top: str, bottom: str, figures: list[Figure], up: list[str]
) -> Iterator[Problem]:
    sales, base, sales_was, base_was = figures
    now, was = sales.value / base.value, sales_was.value / base_was.value
    if now >= was * (1 - case.tolerance):
        return
    what = (
        f"{label_of(top)}÷{label_of(bottom)} 由 {show(was, 'aov')} 变为 {show(now, 'aov')}"
        f"（{now / was - 1:+.1%}，{sales.text} ÷ {base.text}），可要它上升的都在上升：{'、'.join(up)}"
    )
    remedy = (
        f"至少不降：{label_of(top)} {show(was * base.value, top)}，"
        f"或{label_of(bottom)} {show(sales.value / was, bottom)}"
    )
    yield Problem(sales.claims[0].where, what, Level.WARNING, remedy, "R11")


def growths(case: Case) -> Iterator[Problem]:
    """R12: a printed growth or attainment equals what the two figures give."""
    for claim in case.claims:
        if claim.kind is Kind.GROWTH:
            now = case.known(claim.metric, claim.year, claim.store, claim.scope)
            was = case.known(claim.metric, claim.year - 1, claim.store, claim.scope)
            yield from _printed(claim, now, was, 1.0)
        elif claim.kind is Kind.ATTAINMENT:
            done = case.view(claim.store, claim.scope, claim.year, Kind.ACTUAL)
            plan = case.view(claim.store, claim.scope, claim.year, Kind.TARGET)
            yield from _printed(claim, done.annual(claim.metric), plan.annual(claim.metric), 0.0)


def _printed(
    claim: Claim, now: Figure | None, was: Figure | None, less: float
) -> Iterator[Problem]:
    if not now or not was or was.low <= 0:
        return
    exact = now.value / was.value - less
    off = abs(exact - claim.value)
    if off <= claim.half * (1 + 1e-9) + 1e-12:
        return
    loose = now.low / was.high - less <= claim.value <= now.high / was.low - less
    minor = off <= 4 * claim.half or (loose and off < SLIGHT)
    what = (
        f"{claim.kind}写 {cite(claim)}，按{now.text} 与 {was.text} 算是 {_rate(exact, claim.half)}"
        f"{'（只是取舍差）' if minor else ''}"
    )
    remedy = f"{claim.kind}应写 {_rate(exact, claim.half)}"
    yield Problem(claim.where, what, Level.INFO if minor else Level.WARNING, remedy, "R12")


def _rate(value: float, half: float) -> str:
    """Return a rate to as many places as the claim it is held against; zero has no sign."""
    places = max(2, min(6, round(-math.log10(2 * half * 100)))) if half > 0 else 2
    return f"{round(value, places + 2) + 0.0:.{places}%}"


def offers(case: Case) -> Iterator[Problem]:
    """R13: an order at the average price that earns the discount nets less than the target."""
    for claim in case.find(kind=Kind.PROMO):
        view = case.view(claim.store, claim.scope, claim.year, Kind.TARGET)
        whole = case.view(claim.store, WHOLE, claim.year, Kind.TARGET)
        aov = view.typed("aov") or whole.typed("aov")
        if aov and claim.threshold and claim.threshold <= aov.value:
            yield _netted(claim, aov)


def _netted(claim: Claim, aov: Figure) -> Problem:
    net = aov.value - claim.value
    what = (
        f"{cite(claim)}：{aov.text} 的一单正好满足条件，实付 {show(net, 'aov')}"
        f"（让利 {claim.value / aov.value:.0%}）"
    )
    gross = show(aov.value + claim.value, "aov")
    remedy = (
        f"要让实付仍是 {show(aov.value, 'aov')}，折前客单价需 {gross}；"
        f"想拉高客单价，门槛应高于 {show(aov.value, 'aov')}"
    )
    return Problem(claim.where, what, Level.WARNING, remedy, "R13")
