"""What a change of a category or platform over stores and days does, in words and in log rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.metrics.money import CENT, CENTS_PER_YUAN, MONEY_DIGITS
from xlplan.plan.change.constraints import FINER
from xlplan.plan.change.preview import number
from xlplan.plan.days.periods import between
from xlplan.plan.exact.units import from_cents
from xlplan.plan.parts.region import PartRegion
from xlplan.plan.parts.year import PartYear
from xlplan.record import bundle
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.parts.agreed_page import SHEET

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from xlplan.actions.change.part_regions import RegionMove
    from xlplan.plan.exact.units import Bools, Floats
    from xlplan.plan.parts.agreements import Agreement
    from xlplan.sheets.state.book import BookState

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


def region_lines(move: RegionMove, after: BookState) -> list[str]:
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
