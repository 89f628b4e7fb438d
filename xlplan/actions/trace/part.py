"""追溯 of a category or platform: its month's total and share, and which agreements say the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.change.parts import chosen_part
from xlplan.cells import address
from xlplan.errors import InputError
from xlplan.metrics import Unit
from xlplan.plan.change.trace import Step
from xlplan.plan.exact.units import exact_sum, from_cents
from xlplan.plan.parts.region import PartRegion, whole_months
from xlplan.plan.parts.year import PartYear, month_totals
from xlplan.sheets.parts import agreed_page
from xlplan.sheets.parts import page as split_page
from xlplan.sheets.parts.shares import share_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlplan.actions.change.selecting_part import PartPlace
    from xlplan.plan.exact.units import Ints
    from xlplan.plan.parts.agreements import Agreed
    from xlplan.sheets.state.read import BookRead


class PartTracer:
    """The chain of a part's amount in some stores and days."""

    def __init__(self, read: BookRead, place: PartPlace) -> None:
        self.read = read
        chosen = chosen_part(read, place.category, place.platform)
        parts = PartYear(read.state.year, read.state.splits, chosen.kind)
        (region,) = place.regions(read)
        if region.metric != "gmv":
            raise InputError(f"{chosen.word}只分销售额", "指标写“销售额”")
        self.there = PartRegion(parts, chosen.number, region)
        if np.isnan(parts.amounts[chosen.number, self.there.months]).any():
            raise InputError(f"{chosen.name} 有的月没有计划或没有占比", "先分解，并填它的占比")

    @property
    def whole(self) -> bool:
        """Whether shares alone say it: whole months of all stores."""
        region = self.there.region
        return whole_months(region) and region.stores == self.there.parts.year.stores

    def total(self) -> float:
        """Return the amount."""
        if self.whole:
            mine = self.there.parts.amounts[self.there.number, self.there.months]
            return exact_sum(mine)
        return float(from_cents(self.there.cells[self.there.mask].sum()))

    def steps(self) -> Iterator[Step]:
        """Yield the steps; what they fold to is the amount."""
        if not self.whole:
            yield from self._pieces()
        elif len(self.there.months) == 1:
            yield from self._month(self.there.months[0])
        else:
            for place, month in enumerate(self.there.months):
                amount = float(self.there.parts.amounts[self.there.number, month])
                yield Step(f"{month + 1}月", "+" if place else "=", amount, self._at(month))

    def lines(self) -> list[str]:
        """Return what is agreed inside whole months, which their shares do not tell."""
        if not self.whole:
            return []
        return [
            f"其中单独约定：{one.said.about()}（{self._row(one)}）"
            for month in self.there.months
            for one in self._mine(month)
        ]

    def _month(self, month: int) -> Iterator[Step]:
        """The company's month × the part's share of it."""
        year, at = self.there.parts.year, self.read.at.split
        part = self.there.parts.splits.of(self.there.parts.kind)[self.there.number]
        total = float(month_totals(year, year.scopes[0])[month])
        share = part.by_month()[month]
        column = at.columns[f"m:{month + 1}"]
        own = month + 1 in part.months
        key = share_key(self.there.parts.kind, self.there.number)
        where = (at.rows[key], column) if own else (at.rows[f"{self.there.parts.kind}:{self.there.number}"], at.columns["share"])  # fmt: skip
        target = f"{split_page.SHEET}!{address(at.rows[split_page.TARGET], column)}"
        yield Step(f"合计 {month + 1}月 销售额", "=", total, (target,))
        yield Step(f"{month + 1}月自己的占比" if own else "全年占比", "×", share, (f"{split_page.SHEET}!{address(*where)}",), Unit.PERCENT)  # fmt: skip
        amount = float(self.there.parts.amounts[self.there.number, month])
        yield Step("取整（累计占比之差）", "+", amount - total * share)

    def _pieces(self) -> Iterator[Step]:
        """What each agreement has inside the region, and what shares give beside them."""
        first = True
        for month in self.there.months:
            days = self.there.parts.days(month)
            inside, cells = self.there.mask[:, days], self.there.cells[:, days]
            agreed = self._mine(month)
            label = _innermost(agreed, inside.shape)
            for number, one in enumerate([None, *agreed]):
                here = inside & (label == number)
                if not here.any():
                    continue
                amount = float(from_cents(cells[here].sum()))
                own = bool(here.sum() == one.mask.sum()) if one else False
                what = f"{month + 1}月没有约定的按占比分" if one is None else f"约定 {one.said.place}{'' if own else ' 在这里的部分'}"  # fmt: skip
                place = self._row(one) if one else self._at(month)[0]
                yield Step(what, "=" if first else "+", amount, (place,))
                first = False

    def _mine(self, month: int) -> list[Agreed]:
        name = self.there.parts.names[self.there.number]
        mine = [one for one in self.there.parts.agreed.get(month, ()) if one.said.part == name]
        return sorted(mine, key=lambda one: -int(one.mask.sum()))

    def _row(self, one: Agreed) -> str:
        at = self.read.at.split.agreed
        listed = list(self.read.state.splits.agreements)
        row = at.rows[listed.index(one.said)] if at else 0
        return f"{agreed_page.SHEET}!{address(row, at.columns['amount'])}" if at else ""

    def _at(self, month: int) -> tuple[str]:
        at = self.read.at.split
        row = at.rows[f"{self.there.parts.kind}:{self.there.number}"]
        return (f"{split_page.SHEET}!{address(row, at.columns[f'm:{month + 1}'])}",)


def _innermost(agreed: list[Agreed], shape: tuple[int, ...]) -> Ints:
    """Return for each cell the number of the innermost agreement (from 1), 0 for none."""
    label = np.zeros(shape, dtype=np.int64)
    for number, one in enumerate(agreed, start=1):
        label[one.mask] = number
    return label
