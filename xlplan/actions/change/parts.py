"""分摊 on a category or platform: its months get new amounts, written as their shares of the month.

By default the part moves and the others keep their amounts, so that month totals move by the
difference; with 保持合计 the totals stay and the other parts absorb in proportion. Single stores,
weeks and days are `xlplan.actions.change.part_regions`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.change.part_regions import moved_region, part_shape
from xlplan.actions.change.references import references
from xlplan.errors import InfeasibleError, InputError
from xlplan.metrics.money import CENT, CENTS_PER_YUAN, MONEY_DIGITS
from xlplan.plan import rollup
from xlplan.plan.change.constraints import FINER
from xlplan.plan.change.grid import Grid, limits_of
from xlplan.plan.change.preview import number
from xlplan.plan.change.request import Edit, Wish, all_taken, look_at_amount, stays_zero
from xlplan.plan.change.spreading import spread_nodes
from xlplan.plan.days.periods import between, months
from xlplan.plan.exact.units import exact_sum, from_cents
from xlplan.plan.parts.agreements import KINDS
from xlplan.plan.parts.region import PartRegion, whole_months
from xlplan.plan.parts.splits import Splits, own_shares, shares_of, with_own_shares
from xlplan.plan.parts.year import PartYear, month_totals
from xlplan.plan.spread import breakback
from xlplan.record import bundle, record
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.parts.agreed_page import SHEET
from xlplan.sheets.parts.shares import share_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from xlplan.actions.change.part_regions import RegionMove
    from xlplan.plan.change.request import References
    from xlplan.plan.exact.units import Bools, Floats
    from xlplan.plan.parts.agreements import Agreement
    from xlplan.plan.parts.splits import Part
    from xlplan.sheets.state.book import BookState
    from xlplan.sheets.state.read import BookRead


#: Lines of one sort that a preview shows.
SHOWN = 8
#: Yuan from which a rounding is told: two steps of the finer unit it is worked out in.
TOLD = CENT / FINER * 2


@bundle
class _Seen:
    """A move, and the part's fen as the changed book has them (a fen may round otherwise)."""

    move: RegionMove
    cells: Floats

    def figures(self, cells: Bools) -> str:
        """Return what some cells come to, before and after."""
        pair = (self.move.there.cells, self.cells)
        was, now = (float(from_cents(each[cells].sum())) for each in pair)
        return f"{number(was)} → {number(now)}" + (f"（{now / was - 1:+.2%}）" if was else "")


def part_region_lines(move: RegionMove, after: BookState) -> list[str]:
    """Return the part before and after by level, and the agreements that come of it."""
    there = move.there
    parts = PartYear(after.year, after.splits, there.parts.kind)
    seen = _Seen(move, PartRegion(parts, there.number, there.region).cells)
    lines = [f"{there.name} 销售额：{seen.figures(there.mask)}"]
    if move.change.any():
        lines += _short([f"  其中 {what}：{seen.figures(cells)}" for what, cells in _nodes(move)])
        lines += [f"{there.parts.names[there.number]} {what} 销售额：{text}" for what, text in _levels(seen)]  # fmt: skip
    shut = int((there.mask & there.held).sum())
    if shut:
        lines.append(f"锁定或已有实际的 {shut} 个店·日不动")
    if move.keep and move.change.any():
        lines.append(f"各店各日合计不变，由其他{there.word}按比例吸收（它们的约定不动）")
    lines += [move.shaped] if move.shaped else []
    off = np.abs(seen.cells - move.exact)[there.mask] / CENTS_PER_YUAN
    lines.append(rounding_line(there.name, "个店·日", off))
    return lines + _short([f"{SHEET}：{text}" for text in _agreed(move)])


def rounding_line(name: str, unit: str, off: Floats) -> str:
    """Return what rounding did to a part: how far its cells are from their exact shares."""
    odd = off > TOLD
    if not odd.any():
        return f"取整：{name} 每个数都正好是整分，没有尾差"
    return f"取整：{name} 有 {int(odd.sum())} {unit}不是精确份额，最多差 {float(off.max()):.4g}；合计一分不差"


def agreement_rows(move: RegionMove) -> list[LogRow]:
    """Return a log row for each agreement that comes, changes or goes."""
    rows = []
    for old, new in _pairs(move):
        one = new or old
        if one is not None:
            was, now = ("" if each is None else number(each.amount) for each in (old, new))
            span = f"{one.first}~{one.last}" if one.first != one.last else str(one.first)
            rows.append(LogRow(sheet=SHEET, store=one.store, date=span, metric=f"{one.part} 销售额", old=was, new=now))  # fmt: skip
    return rows


def _short(lines: list[str]) -> list[str]:
    left = len(lines) - SHOWN
    return lines if left <= 0 else [*lines[:SHOWN], f"  …还有 {left} 行"]


def _nodes(move: RegionMove) -> Iterator[tuple[str, Bools]]:
    """Yield the parts that the method worked on, when there are several."""
    there = move.there
    count = int(move.nodes.max()) + 1
    first = there.region.period.first.replace(month=1, day=1).toordinal()
    for node in range(count) if count > 1 else ():
        cells = move.nodes == node
        days, stores = np.flatnonzero(cells.any(axis=0)), np.flatnonzero(cells.any(axis=1))
        span = between(*(type(there.region.period.first).fromordinal(first + int(d)) for d in days[[0, -1]]))  # fmt: skip
        by_store = len(stores) < len(there.region.stores)
        yield (there.parts.year.stores[stores[0]] if by_store else span.label), cells


def _levels(seen: _Seen) -> Iterator[tuple[str, str]]:
    """Yield months and the year of the company, and the months of one store asked for."""
    there, parts = seen.move.there, seen.move.there.parts
    moved = seen.cells - there.cells
    whole = parts.year.scopes[0]
    row = np.nan_to_num(parts.amounts[there.number])
    change = np.array([moved[:, parts.days(month)].sum() / CENTS_PER_YUAN for month in range(12)])
    if len(there.region.stores) == 1 and len(parts.year.stores) > 1:
        store = parts.year.stores.index(there.region.stores[0])
        for month in there.months:
            days = np.zeros_like(there.mask)
            days[store, parts.days(month)] = True
            if (days == there.mask).all():
                continue
            yield f"{there.region.stores[0]} {month + 1}月", seen.figures(days)
    for month in there.months:
        if change[month] and not there.mask[:, parts.days(month)].all():
            yield f"{whole} {month + 1}月", f"{number(row[month])} → {number(round(row[month] + change[month], MONEY_DIGITS))}"  # fmt: skip
    if change.any():
        yield f"{whole} 全年", f"{number(round(row.sum(), MONEY_DIGITS))} → {number(round(row.sum() + change.sum(), MONEY_DIGITS))}"  # fmt: skip


def _agreed(move: RegionMove) -> Iterator[str]:
    for old, new in _pairs(move):
        if new is None and old is not None:
            yield f"取消 {old.about()}（由新的约定代替）"
        elif old is None and new is not None:
            yield f"记下 {new.about()}"
        elif old is not None and new is not None:
            yield f"随之变动 {new.place}：{number(old.amount)} → {number(new.amount)}"


def _pairs(move: RegionMove) -> Iterator[tuple[Agreement | None, Agreement | None]]:
    """Yield agreements that change, before and after, by where they hold; None is none."""

    def named(listed: Iterable[Agreement]) -> dict[tuple[object, ...], Agreement]:
        return {(a.kind, a.part, a.store, a.first, a.last): a for a in listed}

    old, new = named(move.there.parts.splits.agreements), named(move.agreements)
    fresh = named(one.said for listed in move.fresh.values() for one in listed)
    for key in dict.fromkeys([*fresh, *new, *old]):
        was, now = old.get(key), new.get(key)
        if was is None or now is None or was.amount != now.amount:
            yield was, now


@record
class Chosen:
    """A row of 品类平台: its kind (c or p), its number there, its name.

    `agrees` says whether the book has 品类约定.
    """

    kind: str
    number: int
    name: str
    agrees: bool = True

    @property
    def word(self) -> str:
        """What its kind is called."""
        return KINDS[self.kind]

    def among(self, splits: Splits) -> Sequence[Part]:
        """Return all parts of its kind."""
        return splits.of(self.kind)


@bundle
class PartMove:
    """A part's new amounts, and what the plan must do for them.

    Attributes:
        chosen: The part.
        before: Amounts of all parts of its kind by month, (k, 12).
        after: What they become.
        wish: The change of the totals; no edits when they stay.
        region: How single stores and days move; None where whole months of all stores do.
        notes: Lines on the reference and on what rounding did, where whole months move.
    """

    chosen: Chosen
    before: Floats
    after: Floats
    wish: Wish
    region: RegionMove | None = None
    notes: Sequence[str] = ()

    def splits(self, state: BookState) -> Splits:
        """Return the splits that give these amounts under a state's changed plan.

        Raises:
            InfeasibleError: What is agreed does not fit into it.
        """
        after, agreements = self.after, state.splits.agreements
        if self.region:
            after = np.where(
                np.isnan(self.before), np.nan, from_cents(self.region.amounts(state.year))
            )
            agreements = self.region.agreements
        totals = month_totals(state.year, state.year.scopes[0])
        shares, own = shares_of(after, totals), own_shares(state.splits)
        moved = np.nan_to_num(self.before) != np.nan_to_num(after)
        for month in np.flatnonzero(moved.any(axis=0)):
            for row in np.flatnonzero(~np.isnan(shares[:, month])):
                own[f"{self.chosen.kind}:{row}:{month + 1}"] = float(shares[row, month])
        made = replace(with_own_shares(state.splits, own), agreements=agreements)
        for tight, why in PartYear(state.year, made, self.chosen.kind).misfits():
            if moved[:, tight].any() or agreements != state.splits.agreements:
                what = f"{tight + 1}月的{self.chosen.word}约定放不下：{why}"
                raise InfeasibleError(what, "先改小或取消“品类约定”里的几行，再做一次")
        return made

    def references(self, state: BookState) -> References:
        """Return the references that the wish needs."""
        return self.region.references(state) if self.region else references(state)

    def log(self) -> list[LogRow]:
        """Return log rows of the agreements that change."""
        return agreement_rows(self.region) if self.region else []

    def lines(self, after: BookState) -> list[str]:
        """Return the part by month and in all, before and after, under the state afterwards."""
        if self.region:
            return part_region_lines(self.region, after)
        old, new = self.before[self.chosen.number], self.after[self.chosen.number]
        pairs = [(f"{m + 1}月", old[m], new[m]) for m in np.flatnonzero(old != new)]
        pairs += (
            [
                (
                    "全年",
                    round(rollup.total(old), MONEY_DIGITS),
                    round(rollup.total(new), MONEY_DIGITS),
                )
            ]
            if pairs
            else []
        )
        lines = [f"{self.chosen.name} {when} 销售额：{number(float(was))} → {number(float(now))}" for when, was, now in pairs]  # fmt: skip
        if pairs and not self.wish.edits:
            lines.append(f"各月合计不变，由其他{self.chosen.word}按比例吸收")
        return [*lines, *self.notes]


def chosen_part(read: BookRead, category: str, platform: str) -> Chosen:
    """Return the part that a name on 品类平台 means.

    Raises:
        InputError: There is none, it has no share, or the book cannot hold shares by month.
    """
    if category and platform:
        raise InputError("品类和平台一次只能改一个", "分两次改；品类 × 平台按两者的占比自动算出")
    kind, name = ("c", category.strip()) if category else ("p", platform.strip())
    if share_key(kind, 0) not in read.at.split.rows:
        raise InputError(
            "这份计划表是旧版做的，品类平台没有按月的占比", "用 xlplan new 新建一份再填"
        )
    chosen = Chosen(kind, -1, name)
    parts = chosen.among(read.state.splits)
    for place, part in enumerate(parts):
        if part.name == name:
            return Chosen(kind, place, name, read.at.split.agreed is not None)
    known = "、".join(part.name for part in parts if part.name)
    raise InputError(f"品类平台里没有{chosen.word}“{name}”", f"有：{known or '还没有填'}")


def moved_part(state: BookState, chosen: Chosen, wish: Wish, why: str = "") -> PartMove:
    """Work out what a part's cells become, and what the totals or the other parts do.

    The wish has one edit; if it keeps any totals, all of them stay and the other parts absorb.

    Raises:
        InputError: Not sales; no plan or share there; a book that cannot hold agreements.
        InfeasibleError: Everything is locked, or the other parts cannot give so much.
    """
    edit, gives, keep = wish.edits[0], wish.gives, bool(wish.keep)
    parts = PartYear(state.year, state.splits, chosen.kind)
    there = PartRegion(parts, chosen.number, edit.region, state.holds)
    _look(there)
    agreed = [one for month in there.months for one in parts.agreed.get(month, ())]
    plain = whole_months(edit.region) and edit.region.stores == state.year.stores
    if plain and edit.by in ("", "month", "quarter") and not any(one.said.part == chosen.name for one in agreed):  # fmt: skip
        return _moved_months(state, chosen, there, edit, gives, keep=keep)
    look_at_amount(there.name, edit, from_cents(there.cells[there.mask]))
    move = moved_region(state, there, edit, why, keep=keep)
    if move.agreements and not chosen.agrees:
        raise InputError(
            f"这份计划表是旧版做的，没有“品类约定”表，{chosen.word}只能改各店合计的整月",
            "店铺留空，期间写整月、整季、全年；或用 xlplan new 新建一份再填",
        )
    return PartMove(chosen, parts.amounts, parts.amounts, move.wish(gives), move)


def _look(there: PartRegion) -> None:
    """Refuse what a part does not have."""
    if there.region.metric != "gmv":
        raise InputError(
            f"{there.word}只分销售额，没有自己的其他指标",
            "指标写“销售额”；UV、转化率等按店铺改，不按品类、平台",
        )
    if np.isnan(there.parts.amounts[there.number, there.months]).any():
        raise InputError(
            f"{there.parts.names[there.number]} 有的月没有计划或没有占比",
            "先分解出计划，并在品类平台填它的占比",
        )


def _moved_months(  # noqa: PLR0913  # as `moved_part` has it
    state: BookState, chosen: Chosen, there: PartRegion, edit: Edit, gives: str, *, keep: bool
) -> PartMove:
    """Work out whole months of all stores: no cell needs to be known for them."""
    year, parts = state.year, there.parts
    before = parts.amounts
    period = edit.region.period
    every = np.arange(1, 13)
    inside = np.asarray((every >= period.first.month) & (every <= period.last.month))
    totals = month_totals(year, year.scopes[0])
    after = before.copy()
    shape, shaped = part_shape(state, there, edit.reference) if edit.reference else (None, "")
    cells = before[chosen.number, inside]
    asked = cells, totals[inside], inside, shape
    look_at_amount(there.name, edit, cells)
    try:
        after[chosen.number, inside] = _wanted(state, edit, *asked, CENT)
    except InfeasibleError as refusal:
        raise all_taken(there.name, edit, cells, np.zeros(cells.shape, bool)) or refusal from None
    off = np.abs(after[chosen.number, inside] - _wanted(state, edit, *asked, CENT / FINER))
    notes = [*filter(None, [shaped, stays_zero(there.name, edit, cells)]), rounding_line(there.name, "个月", off)]  # fmt: skip
    change = np.nan_to_num(after - before)[chosen.number].round(MONEY_DIGITS)
    if keep:
        return PartMove(
            chosen, before, _absorbed(chosen, parts, after, change), Wish(()), None, notes
        )
    edits = [
        Edit(
            replace(edit.region, period=months(year.year, m + 1, m + 1)),
            "proportional",
            round(float(totals[m] + change[m]), MONEY_DIGITS),
        )
        for m in map(int, np.flatnonzero(change))
    ]
    return PartMove(chosen, before, after, Wish(tuple(edits), gives), None, notes)


def _wanted(  # noqa: PLR0913, PLR0917  # one spread, twice
    state: BookState, edit: Edit, cells: Floats, totals: Floats, inside: Bools,
    shape: Floats | None, unit: float,
) -> Floats:  # fmt: skip
    """Return the part's new amounts in the months asked for; months that are shut stay.

    Args:
        state: The book.
        edit: What is wanted.
        cells: (m,) amounts of the part in those months.
        totals: (m,) sales of all parts there.
        inside: (12,) which months are asked for.
        shape: (stores, days) of the reference, or None.
        unit: The smallest step.
    """
    grid = Grid(state.year, state.holds)
    limits = limits_of(grid, ["gmv"])
    month = state.year.calendar.days["month"].to_numpy() - 1
    open_days = np.bincount(month, (~limits.held).sum(axis=0), 12)
    held = np.asarray(open_days[inside] == 0)
    if held.all():
        raise InfeasibleError("这些月全部锁定或已有实际，不能再改", "换没有锁定的月，或先解锁")
    reference = None
    if shape is not None:
        found = np.bincount(month, shape.sum(axis=0), 12)[inside]
        reference = np.asarray(found, dtype=np.float64)
    nodes = np.flatnonzero(inside) // 3 if edit.by == "quarter" else None
    made = spread_nodes(
        edit.method, cells, edit.amount, None if nodes is None else nodes - nodes[0], reference=reference, shape=totals, held=held,
        bounds=None, tree=[], unit=unit,
    )  # fmt: skip
    if (made < 0).any():
        raise InputError("品类、平台的销售额不能是负数", "少减一些")
    return made


def _absorbed(chosen: Chosen, parts: PartYear, after: Floats, change: Floats) -> Floats:
    """Let the other parts take the change of each month in proportion, but for what is agreed."""
    before = parts.amounts
    others = np.arange(len(before)) != chosen.number
    for month in np.flatnonzero(change):
        rows = others & ~np.isnan(before[:, month])
        agreed = parts.floors[rows, month]
        there = (before[rows, month] - agreed).round(MONEY_DIGITS)
        left = round(exact_sum(there) - float(change[month]), MONEY_DIGITS)
        if left < 0 or not there.any():
            has = f"一共 {number(float(there.sum()))}{'（约定的除外）' if agreed.any() else ''}"
            raise InfeasibleError(
                f"{month + 1}月其他{chosen.word}{has}，让不出 {number(float(change[month]))}",
                "改小一些，或不保持合计",
                reachable=(
                    0.0,
                    round(float(before[chosen.number, month] + there.sum()), MONEY_DIGITS),
                ),
            )
        after[rows, month] = (agreed + breakback(there, left)).round(MONEY_DIGITS)
    return after
