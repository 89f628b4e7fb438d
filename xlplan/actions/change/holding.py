"""锁定 and 解锁: what may not move, with who, when and why, in the book itself."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.change.selecting import find_metric, find_stores, selected
from xlplan.actions.change.wishing import figure
from xlplan.actions.run.apply import apply, stamp
from xlplan.actions.run.outcome import Outcome
from xlplan.errors import InputError, Level, Problem, Where
from xlplan.plan.change.grid import Grid, Region
from xlplan.plan.change.holds import EVERYTHING, Hold, HoldKind, label, mask_of
from xlplan.plan.days.periods import parse_period
from xlplan.plan.year import TOTAL
from xlplan.record import replace
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.holds.page import SHEET as HOLDS
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from xlplan.cells import Book
    from xlplan.plan.year import Year
    from xlplan.sheets.state.read import BookRead

ALL = ("全部", "*", "all")


def hold(  # noqa: PLR0913  # the options of one dialog
    book: Book,
    *,
    at: str = "",
    metric: str = "销售额",
    store: str = "",
    period: str = "",
    kind: str = "",
    lower: str = "",
    upper: str = "",
    why: str = "",
) -> Outcome:
    """Lock a cell, a total, an area, or limits per cell.

    Args:
        book: The plan book.
        at: Selected cells such as ``9月!C9:F9``, instead of metric, store and period.
        metric: Metric by any of its names; 全部 for every metric (只读 only).
        store: Store, several, a pattern, or 合计.
        period: As in 分摊.
        kind: 合计 fixes the sum, 只读 every cell, 上下限 keeps each cell within limits; by
            default one cell is 只读 and anything larger 合计.
        lower: Least value of a cell (上下限).
        upper: Greatest value of a cell (上下限).
        why: Reason, kept with the lock.

    Raises:
        InputError: A ratio is to be locked, or limits are missing.
    """
    read = read_state(book)
    year = read.state.year
    regions = selected(read, at) if at else [_region(year, metric, store, period)]
    wanted = [made for region in regions for made in _holds(read, region, _kind(kind, lower, upper), (lower, upper), why)]  # fmt: skip
    fresh = [made for made in wanted if not any(_same(made, there) for there in read.state.holds)]
    if not fresh:
        return Outcome("已经锁定", [made.about(year.metrics) for made in wanted])
    after = replace(read.state, holds=[*read.state.holds, *fresh])
    named = "、".join(made.about(year.metrics) for made in fresh[:3])
    note = f"锁定 {named}{f'；{why}' if why else ''}"
    changed = apply(book, read, after, [LogRow(action="锁定", note=note), *_rows(fresh, year)])
    outside = [found for made in fresh if (found := _outside(made, year))]
    lines = [f"{made.id} {made.about(year.metrics)}" for made in fresh]
    lines.append("全部锁定列在“锁定”表；解锁用“解锁”（xlplan release）")
    return Outcome("锁定完成", lines, outside, {"holds": [made.id for made in fresh]}, changed)


def _outside(made: Hold, year: Year) -> Problem | None:
    """Return a Problem when cells lie outside the limits that were just set for them."""
    if made.kind is not HoldKind.LIMITS:
        return None
    grid = Grid(year)
    names = [name for name in grid.columns if made.covers(name, made.store)]
    inside = mask_of(made, grid.rows(names), grid.days)
    values = grid.stack(names)[inside]
    low, high = made.lower or 0.0, np.inf if made.upper is None else made.upper
    odd = int(((values < low) | (values > high)).sum())
    if not odd:
        return None
    what = f"{made.id} 现在就有 {odd} 格不在这个范围里（共 {values.size} 格）"
    remedy = "上下限管每一天，不管合计；改到范围里之前，这些天的分摊可能做不到"
    return Problem(Where("", HOLDS), what, Level.WARNING, remedy, HOLDS)


def release(  # noqa: PLR0913  # the options of one dialog
    book: Book,
    *,
    id: str = "",  # noqa: A002  # the word users know
    at: str = "",
    metric: str = "",
    store: str = "",
    period: str = "",
    why: str = "",
) -> Outcome:
    """Release locks: by number, all (``全部``), or those on a part of the plan.

    Raises:
        InputError: There is no such lock.
    """
    read = read_state(book)
    year = read.state.year
    gone = _chosen(read, id, at, (metric, store, period))
    if not gone:
        listed = [f"{there.id} {there.about(year.metrics)}" for there in read.state.holds[:10]]
        raise InputError(
            "没有这样的锁定", "现有：" + "；".join(listed) if listed else "这本计划没有锁定"
        )
    after = replace(read.state, holds=[there for there in read.state.holds if there not in gone])
    named = [there.about(year.metrics) for there in gone]
    note = f"解锁 {'、'.join(named[:3])}" + (f"；{why}" if why else "")
    changed = apply(book, read, after, [LogRow(action="解锁", note=note), *_rows(gone, year)])
    return Outcome(
        "解锁完成", named, facts={"released": [there.id for there in gone]}, changed=changed
    )


def _kind(kind: str, lower: str, upper: str) -> HoldKind | None:
    if not kind:
        return HoldKind.LIMITS if lower or upper else None
    try:
        return HoldKind(kind)
    except ValueError:
        raise InputError(f"没有“{kind}”这种锁定", f"可以是：{'、'.join(HoldKind)}") from None


def _region(year: Year, metric: str, store: str, period: str) -> Region:
    name = find_metric(metric, year, everything=True)
    return Region(name, find_stores(store, year), parse_period(period, year.calendar))


def _holds(
    read: BookRead, region: Region, kind: HoldKind | None, limits: tuple[str, str], why: str
) -> Iterator[Hold]:
    """Return the locks of a region: one for all stores together, or one a store."""
    grid, mark = Grid(read.state.year), stamp()
    several = len(region.stores) > 1
    one = region.period.days == 1 and not several
    chosen = kind or (HoldKind.AREA if one or region.metric == EVERYTHING else HoldKind.TOTAL)
    _check(grid, region, chosen, limits)
    whole = region.stores == read.state.year.stores and several
    ids = _numbers(read.state.holds)
    for name in (TOTAL,) if whole else region.stores:
        stores = region.stores if name == TOTAL else (name,)
        value = grid.total(replace(region, stores=stores)) if chosen is HoldKind.TOTAL else 0.0
        yield Hold(
            f"L{next(ids)}", chosen, region.metric, name, region.period.first, region.period.last, value,
            figure(limits[0], "") if limits[0] else None, figure(limits[1], "") if limits[1] else None,
            mark.who, mark.time, why,
        )  # fmt: skip


def _check(grid: Grid, region: Region, kind: HoldKind, limits: tuple[str, str]) -> None:
    what = region.about(grid.year)
    if region.metric == EVERYTHING:
        if kind is not HoldKind.AREA:
            raise InputError("“全部指标”只能锁成“只读”", "要锁合计，请指定一个指标")
    elif not grid.is_flow(region.metric):
        raise InputError(f"{what} 是比率，不能锁定", "请锁定它的两个量，例如转化率就锁定笔数和 UV")
    elif kind is HoldKind.TOTAL and not grid.region_values(region).size:
        raise InputError(f"{what} 还没有计划，没有可锁的合计", "先“分解”，或锁成“只读”")
    if kind is HoldKind.LIMITS:
        if not any(limits):
            raise InputError("没有给上限或下限", "至少给一个：--lower 100 或 --upper 5000")
        if any(figure(text, "") < 0 for text in limits if text):
            raise InputError("上下限不能是负数", "计划里的数都在 0 以上")
        if all(limits) and figure(limits[0], "") > figure(limits[1], ""):
            raise InputError(f"下限 {limits[0]} 大于上限 {limits[1]}", "对调一下")


def _numbers(holds: Iterable[Hold]) -> Iterator[int]:
    used = [int(found[1]) for there in holds if (found := re.fullmatch(r"L(\d+)", there.id))]
    return count(max(used, default=0) + 1)


def _same(one: Hold, other: Hold) -> bool:
    def key(there: Hold) -> tuple[object, ...]:
        return (
            there.kind,
            there.metric,
            there.store,
            there.first,
            there.last,
            there.lower,
            there.upper,
        )

    return key(one) == key(other)


def _chosen(read: BookRead, ids: str, at: str, typed: tuple[str, str, str]) -> list[Hold]:
    holds = read.state.holds
    if ids.strip() in ALL:
        return list(holds)
    if ids.strip():
        wanted = {part.strip().upper() for part in re.split(r"[、,，\s]+", ids) if part.strip()}
        return [there for there in holds if there.id.upper() in wanted]
    year = read.state.year
    if not at and not any(typed):
        raise InputError("没有说解锁哪一个", "写编号（L1、L2）、“全部”，或指标、店铺、期间")
    regions = selected(read, at) if at else [_region(year, *typed)]
    return [there for there in holds if any(_meets(there, region, year) for region in regions)]


def _meets(there: Hold, region: Region, year: Year) -> bool:
    """Return whether a lock shares cells with a region."""
    metric = EVERYTHING in (region.metric, there.metric) or region.metric == there.metric
    store = (
        (region.stores == year.stores) if there.store == TOTAL else there.store in region.stores
    )
    days = there.first <= region.period.last and region.period.first <= there.last
    return metric and store and days


def _rows(holds: Sequence[Hold], year: Year) -> list[LogRow]:
    return [
        LogRow(sheet="锁定", store=there.store, date=f"{there.first}~{there.last}", metric=label(there.metric, year.metrics), note=f"{there.id} {there.about(year.metrics)}")
        for there in holds
    ]  # fmt: skip
