"""Shares and amounts of categories and platforms in a target list → 品类平台."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.errors import Level, Problem
from xlplan.plan.parts.splits import Part, Splits
from xlplan.plan.targets.claims import Kind, Span, dated
from xlplan.sheets.parts.page import CATEGORIES, PLATFORMS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xlplan.plan.targets.claims import Claim

#: Kind of part → how many the sheet holds.
_ROOM = {"品类": CATEGORIES, "平台": PLATFORMS}


def splits_of(claims: Iterable[Claim], year: int) -> tuple[Splits, list[Problem]]:
    """Return the year's split, and a Problem for each statement that the sheet cannot hold.

    Shares are taken as typed; amounts (销售额 of a 品类) become shares of their sum.
    """
    found = [claim for claim in (dated(c, year) for c in claims) if _splits(claim, year)]
    stores = {claim.store for claim in found}
    if len(stores) > 1:  # one split serves all stores
        what = "品类、平台的占比按店铺各写了一套；品类平台表各店共用一套，没有采用"
        remedy = "只留一套不写店铺的占比，或在“品类平台”表里填"
        return Splits(), [Problem(found[0].where, what, Level.WARNING, remedy, "品类平台")]
    parts, problems = {}, []
    for kind, room in _ROOM.items():
        listed = _parts([claim for claim in found if claim.scope.kind == kind])
        if len(listed) > room:
            what = f"有 {len(listed)} 个{kind}，品类平台表放得下 {room} 个，没有采用"
            problems.append(
                Problem(found[0].where, what, Level.WARNING, f"合并成 {room} 个以内", "品类平台")
            )
            listed = []
        parts[kind] = listed
    return Splits(parts["品类"], parts["平台"]), problems


def _splits(claim: Claim, year: int) -> bool:
    whole = claim.period is Span.YEAR and claim.year == year and claim.metric == "gmv"
    part = claim.scope.kind in _ROOM and "/" not in claim.scope.name
    return whole and part and claim.kind in (Kind.SHARE, Kind.TARGET)


def _parts(claims: list[Claim]) -> list[Part]:
    shares = {c.scope.name: c.value for c in claims if c.kind is Kind.SHARE}
    amounts = {c.scope.name: c.value for c in claims if c.kind is Kind.TARGET}
    if not shares and sum(amounts.values()) > 0:
        shares = {name: value / sum(amounts.values()) for name, value in amounts.items()}
    return [Part(name, share) for name, share in shares.items()]
