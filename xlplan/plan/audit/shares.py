"""Parts that must make a whole: budget lines (R5), shares and amounts (R9), stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.errors import Level, Problem
from xlplan.plan.audit.case import (
    Case,
    Figure,
    apart,
    cite,
    figure,
    is_advertising,
    level_of,
    product,
    total,
)
from xlplan.plan.audit.parts import amount
from xlplan.plan.targets.claims import WHOLE, Claim, Kind, Scope, Span
from xlplan.plan.targets.measures import adds, label_of, number, show
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Parts within this much of their whole are meant to be all of it.
NEARLY = 0.9
#: Where visitors come from.
VISITS = ("uv_organic", "uv_paid", "uv_social")
#: Parts that are picked out and never meant to cover the whole.
PICKED = ("活动", "客群", "预算项")


def budgets(case: Case) -> Iterator[Problem]:
    """R5: budget lines add up to the budget, and the budget leaves something of the sales."""
    for store, year in _owners(case):
        view = case.view(store, WHOLE, year, Kind.TARGET)
        if budget := view.annual("budget"):
            yield from _lines(case, budget, store, year)
            if sales := case.known("gmv", year, store):
                yield from _weight(case, budget, sales)


def _owners(case: Case) -> list[tuple[str, int]]:
    return list(dict.fromkeys((claim.store, claim.year) for claim in case.claims))


def _lines(case: Case, budget: Figure, store: str, year: int) -> Iterator[Problem]:
    found = case.find(metric="budget", store=store, year=year, kind=Kind.TARGET, period=Span.YEAR)
    lines = [figure(claim) for claim in found if claim.scope.parent == WHOLE != claim.scope]
    if not lines:
        return
    spent = total(lines, " + ".join(cite(line.claims[0]) for line in lines))
    if spent.agrees(budget, case.tolerance):
        return
    gap = budget.value - spent.value
    over = f"超出 {show(-gap, 'budget')}" if gap < 0 else f"还有 {show(gap, 'budget')} 没分配"
    what = f"预算项合计 {spent.text} = {show(spent.value, 'budget')}，{budget.text} {over}"
    remedy = f"补上没写的预算项，或总预算改为 {show(spent.value, 'budget')}"
    level = Level.ERROR if gap < 0 else Level.WARNING
    yield Problem(budget.claims[0].where, what, level, remedy, "R5")


def _weight(case: Case, budget: Figure, sales: Figure) -> Iterator[Problem]:
    share = budget.value / sales.value if sales.value > 0 else 0.0
    if share < 0.5:
        return
    claim = budget.claims[0]
    ads = case.ad_claims(claim.store, claim.year)
    returns = "、".join(
        f"推广费 {cite(item)} 即整店投产 {number(sales.value / item.value)}"
        for item in ads
        if item.value > 0
    )
    what = f"{budget.text} 是{sales.text}的 {share:.0%}{f'；{returns}' if returns else ''}"
    remedy = "预算不可能不少于销售额：核对两个数的单位和范围" if share >= 1 else ""
    yield Problem(claim.where, what, Level.ERROR if share >= 1 else Level.INFO, remedy, "R5")


@record
class _Group:
    """Shares that divide the same whole."""

    store: str
    year: int
    metric: str
    kind: str
    parent: Scope


def shares(case: Case) -> Iterator[Problem]:
    """R9: shares make 100% and cover every part that sells; shares × whole = amounts."""
    groups: dict[_Group, list[Claim]] = {}
    for claim in case.find(kind=Kind.SHARE):
        key = _Group(claim.store, claim.year, claim.metric, claim.scope.kind, claim.scope.parent)
        groups.setdefault(key, []).append(claim)
        yield from _share_amount(case, claim)
    for group, claims in groups.items():
        outer = [claim for claim in claims if not _inside_another(claim, claims)]
        if group.kind and group.kind not in PICKED and len(outer) > 1:
            yield from _share_sum(case, group, outer)


def _inside_another(claim: Claim, claims: list[Claim]) -> bool:
    """Return True when another share of the group names this part among others (私域及小程序)."""
    names = (other.scope.name for other in claims)
    return any(claim.scope.name in name and claim.scope.name != name for name in names)


def _share_amount(case: Case, claim: Claim) -> Iterator[Problem]:
    part = case.known(claim.metric, claim.year, claim.store, claim.scope)
    whole = amount(case, claim.metric, claim.store, claim.scope.parent, claim.year)
    if not part or not whole or claim.scope == WHOLE or part.value <= 0 or whole.value <= 0:
        return
    computed = product([whole, figure(claim)])
    if not computed.agrees(part, case.tolerance):
        value = show(computed.value, claim.metric)
        what = (
            f"{claim.scope} {whole.text} × {cite(claim)} = {value}，"
            f"与写的{part.text}{apart(computed.value, part.value)}"
        )
        remedy = f"要一致：占比 {show(part.value / whole.value, 'cvr')}，或金额 {value}"
        yield Problem(claim.where, what, level_of(computed.value, part.value), remedy, "R9")


def _share_sum(case: Case, group: _Group, claims: list[Claim]) -> Iterator[Problem]:
    made = total(map(figure, claims), " + ".join(cite(claim) for claim in claims))
    one = Figure(1, 1, 1, "100%", ())
    text = (
        f"{group.year} 年各{group.kind}{label_of(group.metric)}占比 {made.text} = {made.value:.1%}"
    )
    if made.agrees(one, 0.0):
        yield from _uncovered(case, group, claims, text)
        return
    gap = 1 - made.value
    what = f"{text}，{'还差' if gap > 0 else '超出'} {abs(gap):.1%}"
    level = Level.ERROR if gap < 0 else Level.WARNING if gap < 1 - NEARLY else Level.INFO
    remedy = "补上没写的部分，或调到合计 100%" if gap > 0 else "调到合计 100%"
    yield Problem(claims[0].where, what, level, remedy, "R9")


def _uncovered(case: Case, group: _Group, claims: list[Claim], text: str) -> Iterator[Problem]:
    covered = {claim.scope for claim in claims}
    others = [
        claim
        for claim in case.find(store=group.store, year=group.year)
        if claim.scope.kind == group.kind
        and claim.scope.parent == group.parent
        and claim.scope not in covered
        and not any(claim.scope.name in scope.name for scope in covered)
    ]
    if others:
        names = "、".join(dict.fromkeys(claim.scope.name for claim in others))
        what = f"{text}，可{names}也在卖货，没有占比"
        remedy = f"给{names}留出占比（其余相应调低），或写明归到哪个{group.kind}"
        yield Problem(others[0].where, what, Level.WARNING, remedy, "R9")


def part_sums(case: Case) -> Iterator[Problem]:
    """R9: amounts of channels, categories … add up to what they are parts of."""
    groups: dict[_Group, list[Figure]] = {}
    for view in case.plans():
        store, scope, year, _ = view.key
        for metric in filter(adds, view.metrics()):
            part = view.annual(metric)
            if part and scope.kind not in ("", *PICKED) and not is_advertising(part.claims[0]):
                key = _Group(store, year, metric, scope.kind, scope.parent)
                groups.setdefault(key, []).append(part)
    for group, parts in groups.items():
        whole = amount(case, group.metric, group.store, group.parent, group.year)
        if whole and len(parts) > 1:
            name = f"{group.year} 年各{group.kind}{label_of(group.metric)}"
            yield from _compare(case, total(parts, name), whole, group.metric)


def visits(case: Case) -> Iterator[Problem]:
    """R9: free, paid and social visitors make all visitors; R7: none of them is more than all."""
    for view in case.plans():
        whole = view.annual("uv")
        parts = [item for name in VISITS if (item := view.annual(name))]
        if whole and whole.value > 0:
            yield from _beyond(parts, whole, case.tolerance)
            if len(parts) == len(VISITS):
                made = total(parts, " + ".join(part.text for part in parts))
                yield from _compare(case, made, whole, "uv", complete=True)
        shares = [item for name in ("organic_share", "social_share") if (item := view.annual(name))]  # fmt: skip
        if sum(item.low for item in shares) > 1:
            added = " + ".join(item.text for item in shares)
            what = f"{view.name}{added} = {sum(item.value for item in shares):.1%}，超过 100%"
            yield Problem(shares[0].claims[0].where, what, Level.ERROR, "调到合计 100% 以内（余下是付费UV）", "R9")  # fmt: skip


def _beyond(parts: list[Figure], whole: Figure, tolerance: float) -> Iterator[Problem]:
    for part in parts:
        if part.low > whole.high * (1 + tolerance):
            name = label_of(part.claims[0].metric)
            what = f"{part.text} 超过总数 {whole.text}"
            remedy = f"{name}不能多于UV：改小{name}，或把UV改到 {show(part.value, 'uv')} 以上"
            yield Problem(part.claims[0].where, what, Level.ERROR, remedy, "R7")


def store_sums(case: Case) -> Iterator[Problem]:
    """store_sum: the stores add up to the company's row."""
    stores = dict.fromkeys(claim.store for claim in case.claims if claim.store)
    company = case.view("", WHOLE, case.year, Kind.TARGET)
    for metric in filter(adds, company.metrics()):
        whole = company.annual(metric)
        found = [case.view(name, WHOLE, case.year, Kind.TARGET).annual(metric) for name in stores]
        parts = [item for item in found if item]
        if whole and parts:
            made = total(parts, f"{len(parts)} 家店{label_of(metric)}")
            complete = len(parts) == len(stores)
            yield from _compare(case, made, whole, metric, complete=complete)


def _compare(
    case: Case, made: Figure, whole: Figure, metric: str, *, complete: bool | None = None
) -> Iterator[Problem]:
    """Compare stores (`complete`: every store is given) or parts (None) with their whole."""
    if made.agrees(whole, case.tolerance) or whole.value <= 0:
        return
    gap = whole.value - made.value
    value = show(made.value, metric)
    side = "少" if gap > 0 else "多"
    what = f"{made.text}合计 {value}，比总数 {whole.text} {side} {show(abs(gap), metric)}"
    partial = gap > 0 and (made.value < NEARLY * whole.value if complete is None else not complete)
    level = Level.INFO if partial else level_of(made.value, whole.value)
    remedy = f"要一致：总数 {value}，或各部分合计 {show(whole.value, metric)}"
    rule = "R9" if complete is None else "store_sum"
    yield Problem(whole.claims[0].where, what, level, remedy, rule)
