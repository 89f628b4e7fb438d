"""Parts against what they belong to: sub-targets and sessions (R7), heavy buyers (R8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.errors import Level, Problem
from xlplan.plan.audit.case import Case, Figure, View, apart, cite, figure, period_name, product
from xlplan.plan.targets.claims import MONTHS, WEEKS, WHOLE, Claim, Kind, Scope, Span
from xlplan.plan.targets.measures import adds, number, show

if TYPE_CHECKING:
    from collections.abc import Iterator


def amount(case: Case, metric: str, store: str, scope: Scope, year: int) -> Figure | None:
    """Return a part's figure: as typed, or its share of the part it belongs to."""
    if (typed := case.known(metric, year, store, scope)) or scope == WHOLE:
        return typed
    share = case.view(store, scope, year, Kind.SHARE).typed(metric)
    base = amount(case, metric, store, scope.parent, year)
    return product([base, share]) if share and base else None


#: Times within a year whose figure cannot exceed it.
_WITHIN = (Span.QUARTER, Span.MONTH, Span.EVENT)


def sub_targets(case: Case) -> Iterator[Problem]:
    """R7: no part, month or campaign exceeds what it belongs to; sessions × frequency fit."""
    for view in case.plans():
        for metric in filter(adds, view.metrics()):
            yield from _part_over(case, view, metric)
        yield from _periods_over(case, view)
    for claim in case.claims:
        if claim.period is Span.SESSION and adds(claim.metric):
            yield from _sessions(case, claim)


def _part_over(case: Case, view: View, metric: str) -> Iterator[Problem]:
    store, scope, year, _ = view.key
    part = view.annual(metric)
    whole = amount(case, metric, store, scope.parent, year) if scope != WHOLE else None
    if part and whole and part.low > whole.high * (1 + case.tolerance):
        yield _over(f"{scope} {part.text}", whole, part, metric)


def _periods_over(case: Case, view: View) -> Iterator[Problem]:
    for (metric, period, which), claims in view.cells.items():
        year = view.typed(metric)
        if period not in _WITHIN or not adds(metric) or not year or "日" in claims[0].basis:
            continue
        part = figure(claims[0])
        over = part.low > year.high * (1 + case.tolerance)
        if over and not view.series(metric, Span.MONTH, MONTHS):
            yield _over(f"{period_name(period, which)}{part.text}", year, part, metric)


def _over(name: str, whole: Figure, part: Figure, metric: str) -> Problem:
    what = f"{name} 超过了它所属的{whole.text}，{apart(part.value, whole.value)}"
    remedy = f"不超过 {show(whole.value, metric)}，或把上级提到 {show(part.value, metric)} 以上"
    return Problem(part.claims[0].where, what, Level.ERROR, remedy, "R7")


def _sessions(case: Case, claim: Claim) -> Iterator[Problem]:
    own = amount(case, claim.metric, claim.store, claim.scope, claim.year)
    roof = own or amount(case, claim.metric, claim.store, WHOLE, claim.year)
    if not roof or claim.value <= 0:
        return
    stated = _frequency(case, claim)
    times = stated.times if stated and stated.times else WEEKS
    made = claim.value * times
    short = (
        claim.scope != WHOLE and own is not None and stated is not None and made * 1.2 < own.value
    )
    if made > roof.high * (1 + case.tolerance) or short:
        yield _session_clash(claim, stated, roof, times)


def _frequency(case: Case, claim: Claim) -> Claim | None:
    """Return the claim that says how often: itself, or the same sessions in another year."""
    same = case.find(
        metric=claim.metric, store=claim.store, scope=claim.scope, period=Span.SESSION
    )
    stated = [item for item in (claim, *same) if item.times]
    return stated[0] if stated else None


def _session_clash(claim: Claim, stated: Claim | None, roof: Figure, times: float) -> Problem:
    needed, made = roof.value / claim.value, claim.value * times
    often = f"按{stated.frequency}" if stated else "没写频次，哪怕每周 1 场"
    if stated and stated.year != claim.year:
        often += f"（{stated.year} 年的频次）"
    what = (
        f"{claim.year} 年{claim.scope if claim.scope != WHOLE else ''}单场 {cite(claim)}，"
        f"{often} = 全年 {show(made, claim.metric)}，{'超过' if made > roof.value else '达不到'}"
        f"{roof.text}{f' = {show(roof.value, claim.metric)}' if '×' in roof.text else ''}"
    )
    remedy = (
        f"正好需要 {needed:,.0f} 场（每周 {number(needed / WEEKS)} 场），"
        f"或单场 {show(roof.value / times, claim.metric)}"
    )
    level = Level.ERROR if stated else Level.WARNING
    return Problem(claim.where, what, level, remedy, "R7")


def heavy_buyers(case: Case) -> Iterator[Problem]:
    """R8: users × share × what each is said to spend cannot pass the sales."""
    for claim in case.find(kind=Kind.SHARE):
        base = case.known(claim.metric, claim.year, claim.store)
        sales = case.known("gmv", claim.year, claim.store)
        if claim.threshold and claim.metric in ("users", "buyers") and base and sales:
            least = base.low * (claim.value - claim.half) * claim.threshold
            if least > sales.high * (1 + case.tolerance):
                yield _too_heavy(claim, base, sales, claim.threshold)


def _too_heavy(claim: Claim, base: Figure, sales: Figure, threshold: float) -> Problem:
    spent = base.value * claim.value * threshold
    what = (
        f"{claim.year} 年{base.text} × {claim.scope.name}占比 {cite(claim)} × 每人至少 "
        f"{threshold:,.0f}元 = {show(spent, 'gmv')}，超过{sales.text}：不可能"
    )
    share = show(sales.value / (base.value * threshold), "cvr")
    each = show(sales.value / (base.value * claim.value), "aov")
    remedy = f"占比至多 {share}，或门槛至多 {each}，或核对人数的口径（注册数还是购买人数）"
    return Problem(claim.where, what, Level.ERROR, remedy, "R8")
