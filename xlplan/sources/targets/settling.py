"""From placed figures to claims: which column counts, growth over last year, totals checked."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from xlplan.errors import Level, Problem
from xlplan.plan.targets.claims import WHOLE, Claim, Kind, Span
from xlplan.plan.targets.measures import adds, label_of, show

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xlplan.sources.targets.facts import Drawn, Reading


def settle(reading: Reading, year: int) -> list[Drawn]:
    """Return the figures that count, each once; what was chosen and checked goes to `told`."""
    drawn = _of_years(reading, year)
    drawn = _chosen(reading, drawn, year)
    drawn = _without_subtotals(reading, _without_parents(reading, drawn))
    drawn = _without_stretches(reading, drawn)
    return _grown(reading, drawn)


def _tell(reading: Reading, item: Drawn, what: str, level: Level = Level.INFO) -> None:
    reading.told.append(Problem(item.claim.where, what, level, "", "targets"))


def _of_years(reading: Reading, year: int) -> list[Drawn]:
    """Leave out targets of other years, and say so."""
    others = [
        item for item in reading.drawn
        if item.claim.year > year or (item.claim.kind is Kind.TARGET and item.claim.year < year and not item.firm)
    ]  # fmt: skip
    for found in sorted({item.claim.year for item in others}):
        items = [item for item in others if item.claim.year == found]
        _tell(
            reading,
            items[0],
            f"{found} 年的 {len(items)} 个数不属于 {year} 年，没有读",
            Level.WARNING,
        )
    out = {id(item) for item in others}
    return [item for item in reading.drawn if id(item) not in out]


def _key(item: Drawn) -> tuple[object, ...]:
    claim = item.claim
    return (claim.store, claim.scope, claim.metric or claim.label, claim.period, claim.index, item.months,
            claim.year, claim.frequency, claim.basis)  # fmt: skip


def _chosen(reading: Reading, drawn: list[Drawn], year: int) -> list[Drawn]:
    """Of several columns for one target keep the one whose head says most clearly that it is it."""
    groups: dict[tuple[object, ...], list[Drawn]] = {}
    for item in drawn:
        if item.claim.kind is Kind.TARGET and item.claim.year == year and not item.group:
            groups.setdefault(_key(item), []).append(item)
    dropped: dict[int, str] = {}
    for items in groups.values():
        _choose(items, dropped)
        _clash(reading, [item for item in items if id(item) not in dropped])
    _told_columns(reading, [item for item in drawn if id(item) in dropped], dropped)
    actual = [item for item in drawn if item.claim.kind is Kind.ACTUAL and item.claim.year == year]
    wide = [item for item in actual if item.headed]
    for item in wide:
        dropped[id(item)] = f"是 {year} 年的实际，不是目标"
    _told_columns(reading, wide, dropped)
    derived: list[Drawn] = []
    for item in drawn:
        if item.claim.kind in (Kind.SHARE, Kind.ATTAINMENT) and item.headed:
            share = item.claim.kind is Kind.SHARE
            dropped[id(item)] = "占比由别的数得出" if share else "达成率不是目标"
            derived.append(item)
    _told_columns(reading, derived, dropped)
    return [item for item in drawn if id(item) not in dropped]


def _choose(items: list[Drawn], dropped: dict[int, str]) -> None:
    if len(items) < 2:
        return
    firm = [item for item in items if item.firm]
    plain = [item for item in items if not item.firm and not item.total]
    if (
        firm
        and plain
        and {item.order[1] for item in firm}.isdisjoint(item.order[1] for item in plain)
    ):
        for item in plain:
            dropped[id(item)] = f"列名没写是目标，旁边的“{firm[0].column}”写了"
        items = [item for item in items if id(item) not in dropped]
    best = max(item.rank for item in items)
    chosen = next(item for item in items if item.rank == best)
    for item in items:
        if item.rank < best:
            dropped[id(item)] = f"采用了“{chosen.column}”"


def _clash(reading: Reading, items: list[Drawn]) -> None:
    """Report two figures of one row that would be one target; lists are left to the audit."""
    for one, two in pairwise(items):
        beside = one.order[0] == two.order[0] and one.claim.where.sheet == two.claim.where.sheet
        apart = abs(one.claim.value - two.claim.value) > one.claim.half + two.claim.half
        if beside and apart and not one.total and not two.total:
            what = (
                f"与 {one.claim.where.cell} 是同一个目标的两个数："
                f"{two.claim.text}（“{two.column}”）与 {one.claim.text}（“{one.column}”）"
            )
            reading.problems.append(
                Problem(
                    two.claim.where, what, Level.ERROR, "用列名说清各是什么，或只留一个", "targets"
                )
            )


def _told_columns(reading: Reading, items: Sequence[Drawn], why: dict[int, str]) -> None:
    """Say once for all columns alike what was not taken."""
    groups: dict[str, list[Drawn]] = {}
    for item in items:
        groups.setdefault(why[id(item)].partition("“")[0], []).append(item)
    for same in groups.values():
        heads = list(dict.fromkeys(item.column for item in same))
        listed = "、".join(heads[:3]) + (f" 等 {len(heads)} 列" if len(heads) > 3 else "")
        _tell(reading, same[0], f"“{listed}”没有读：{why[id(same[0])]}")


def _without_parents(reading: Reading, drawn: list[Drawn]) -> list[Drawn]:
    """Leave out 天猫 above 天猫旗舰店 and 天猫专营店 where it is their sum."""
    stores: dict[str, dict[tuple[object, ...], Drawn]] = {}
    for item in drawn:
        claim = item.claim
        if claim.store and adds(claim.metric) and claim.kind is Kind.TARGET:
            stores.setdefault(claim.store, {})[_key(item)[1:]] = item
    out = set()
    for store, own in stores.items():
        below = [
            found for name, found in stores.items() if name != store and name.startswith(store)
        ]
        if len(below) > 1 and all(
            abs(sum(found[key].claim.value for found in below if key in found) - item.claim.value)
            <= item.claim.half + 1e-6 * abs(item.claim.value)
            for key, item in own.items()
        ):
            out.add(store)
            first = next(iter(own.values()))
            _tell(reading, first, f"“{store}”是下面几家店的合计，没有相加", Level.WARNING)
    return [item for item in drawn if item.claim.store not in out]


def _without_subtotals(reading: Reading, drawn: list[Drawn]) -> list[Drawn]:
    """Check subtotals of some stores against the rows above them, and leave them out."""
    kept: list[Drawn] = []
    last: dict[int, int] = {}
    for item in drawn:
        if not item.group:
            kept.append(item)
            continue
        claim = item.claim
        above = [
            other for other in kept
            if not other.total and other.claim.metric == claim.metric and other.claim.period is claim.period
            and other.claim.index == claim.index and other.claim.year == claim.year
            and other.claim.kind is claim.kind and other.order[1] == item.order[1]
        ]  # fmt: skip
        same, rows = [other.claim for other in above], [other.order[0] for other in above]
        since = [
            part for part, row in zip(same, rows, strict=True) if row > last.get(item.order[1], -1)
        ]
        last[item.order[1]] = item.order[0]
        if adds(claim.metric) and same and not _some_tail(same, claim):
            named = sum(other.value for other in since or same)
            what = (
                f"“{item.group}”小计写 {show(claim.value, claim.metric)}，上面各行合计 {show(named, claim.metric)}，"
                "按各行读，小计没有采用"
            )
            _tell(reading, item, what, Level.WARNING)
        else:
            what = f"“{item.group}”小计只作核对，没有相加"
            if not any(found.what == what for found in reading.told):
                _tell(reading, item, what)
    return kept


def _some_tail(parts: list[Claim], whole: Claim) -> bool:
    """Whether some run of the rows above adds up to a subtotal."""
    for start in range(len(parts)):
        total, half = 0.0, whole.half
        for part in parts[start:]:
            total, half = total + part.value, half + part.half
            if abs(total - whole.value) <= half + 1e-6 * abs(whole.value):
                return True
    return False


def _without_stretches(reading: Reading, drawn: list[Drawn]) -> list[Drawn]:
    """Check 上半年 and the like against their months; alone they make the year only."""
    kept = [item for item in drawn if item.months is None]
    halves: dict[tuple[object, ...], list[Drawn]] = {}
    for item in drawn:
        if item.months is None:
            continue
        claim = item.claim
        parts = _parts(kept, item)
        if parts is None:
            halves.setdefault(
                (claim.store, claim.scope, claim.metric, claim.year, claim.kind), []
            ).append(item)
            continue
        total = sum(part.value for part in parts)
        if adds(claim.metric) and abs(total - claim.value) > claim.half + 1e-6 * abs(claim.value):
            what = f"{item.column}写 {show(claim.value, claim.metric)}，各月合计 {show(total, claim.metric)}，按各月读"
            _tell(reading, item, what, Level.WARNING)
    for items in halves.values():
        kept += _year_of_halves(reading, items, kept)
    return kept


def _parts(kept: Iterable[Drawn], item: Drawn) -> list[Claim] | None:
    """Return the months (or quarters) a stretch is the sum of, None when they are not all there."""
    first, last = item.months or (1, 12)
    claim = item.claim
    same = [
        other.claim for other in kept
        if (other.claim.store, other.claim.scope, other.claim.metric, other.claim.year, other.claim.kind)
        == (claim.store, claim.scope, claim.metric, claim.year, claim.kind)
    ]  # fmt: skip
    months = [c for c in same if c.period is Span.MONTH and first <= c.index <= last]
    if len({c.index for c in months}) == last - first + 1:
        return months
    quarters = [
        c
        for c in same
        if c.period is Span.QUARTER and first <= c.index * 3 - 2 and c.index * 3 <= last
    ]
    return quarters if len({c.index for c in quarters}) * 3 == last - first + 1 else None


def _year_of_halves(reading: Reading, items: list[Drawn], kept: list[Drawn]) -> list[Drawn]:
    claim = items[0].claim
    spans = {item.months for item in items}
    if not adds(claim.metric) or spans != {(1, 6), (7, 12)} or len(items) != 2:
        for item in items:
            reading.problems.append(Problem(
                item.claim.where, f"“{item.column}”不是月、季或年，没有位置", Level.ERROR, "写成各月、各季或全年", "targets"
            ))  # fmt: skip
        return []
    total = sum(item.claim.value for item in items)
    years = [o.claim for o in kept if _same_year(o.claim, claim)]
    what = f"上半年、下半年没有位置，只留全年 {show(total, claim.metric)}"
    if years and abs(years[0].value - total) > years[0].half + claim.half * 2:
        what = f"上、下半年合计 {show(total, claim.metric)}，全年写 {show(years[0].value, claim.metric)}，按全年读"
    _tell(reading, items[0], what, Level.WARNING)
    if years:
        return []
    made = replace(claim, value=total, half=sum(item.claim.half for item in items), period=Span.YEAR, index=0,
                   text=" + ".join(item.claim.text for item in items))  # fmt: skip
    return [replace(items[0], claim=made, months=None)]


def _same_year(one: Claim, two: Claim) -> bool:
    return one.period in (Span.YEAR, Span.NONE) and (one.store, one.scope, one.metric, one.year, one.kind) == (
        two.store, two.scope, two.metric, two.year, two.kind
    )  # fmt: skip


def _grown(reading: Reading, drawn: list[Drawn]) -> list[Drawn]:
    """Turn growth over last year into a target where only the growth was typed."""
    found = []
    for item in drawn:
        found.append(item)
        claim = item.claim
        if claim.kind is not Kind.GROWTH or not adds(claim.metric) or claim.scope != WHOLE:
            continue
        if any(_is_target(other.claim, claim) for other in drawn):
            continue
        base = last_year(drawn, claim)
        if base is None:
            continue
        value = round(base.value * (1 + claim.value), 6)
        whole = claim.period if claim.period is not Span.NONE else Span.YEAR
        target = replace(
            claim, kind=Kind.TARGET, value=value, half=base.half * (1 + claim.value) + base.value * claim.half,
            period=whole, text=f"{base.text}×(1+{claim.value:g})",
        )  # fmt: skip
        _tell(reading, item, (
            f"{claim.store or '目标'} {label_of(claim.metric)} = 去年 {show(base.value, claim.metric)} × (1 + {claim.value:.4g})"
            f" = {show(value, claim.metric)}"
        ))  # fmt: skip
        found[-1] = replace(item, claim=target, unit=item.unit or "增长")
    return found


def _is_target(other: Claim, growth: Claim) -> bool:
    same = (other.store, other.metric, other.year, other.scope) == (growth.store, growth.metric, growth.year, growth.scope)  # fmt: skip
    return same and other.kind is Kind.TARGET


def last_year(drawn: Iterable[Drawn], claim: Claim) -> Claim | None:
    """Return last year's figure a growth builds on: the same time, or its months added up."""
    past = [
        item.claim for item in drawn
        if item.claim.kind is Kind.ACTUAL and item.claim.year == claim.year - 1 and not item.months
        and (item.claim.store, item.claim.metric, item.claim.scope) == (claim.store, claim.metric, claim.scope)
    ]  # fmt: skip
    if claim.period in (Span.YEAR, Span.NONE):
        years = [item for item in past if item.period in (Span.YEAR, Span.NONE)]
        months = {item.index: item for item in past if item.period is Span.MONTH}
        if years:
            return years[0]
        if len(months) == 12:
            return replace(past[0], value=sum(m.value for m in months.values()), half=sum(m.half for m in months.values()), text="去年12个月合计")  # fmt: skip
        return None
    return next((c for c in past if (c.period, c.index) == (claim.period, claim.index)), None)
