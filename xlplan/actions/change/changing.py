"""分摊: changing a part of the plan and everything that depends on it, with a preview."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.change.agreed import broken
from xlplan.actions.change.parts import chosen_part, moved_part
from xlplan.actions.change.references import references
from xlplan.actions.change.selecting_part import PartPlace, part_at
from xlplan.actions.change.wishing import edits_of, keeps
from xlplan.actions.run.apply import apply
from xlplan.actions.run.outcome import Outcome
from xlplan.actions.run.parting import parted
from xlplan.errors import Level, Problem, Where
from xlplan.plan.change.adjustments import KEY as ADJUSTED
from xlplan.plan.change.adjustments import with_adjusted
from xlplan.plan.change.change import change
from xlplan.plan.change.holds import label
from xlplan.plan.change.preview import level_lines, number, preview, region_lines
from xlplan.plan.change.request import Edit, Wish
from xlplan.plan.days.periods import day
from xlplan.record import replace
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.days.page import SHEET
from xlplan.sheets.month.typed_plan import typed_cells
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from xlplan.actions.change.parts import Chosen, PartMove
    from xlplan.cells import Book
    from xlplan.plan.change.grid import Region
    from xlplan.plan.change.preview import Preview
    from xlplan.plan.year import Year
    from xlplan.sheets.state.read import BookRead


def opened(before: Year, after: Year) -> list[Problem]:
    """Return a Problem that names the closed days which have more sales in `after`."""
    weights = np.vstack([before.day_weights(store) for store in before.stores])
    was, now = (
        np.nan_to_num(year.plan["gmv"].to_numpy(np.float64).reshape(weights.shape))
        for year in (before, after)
    )
    shut = (weights == 0) & (now > was)
    places, now = np.flatnonzero(shut.any(axis=0)), np.where(shut, now, 0.0).sum(axis=0)
    if not places.size:
        return []
    days = [day(before.calendar.days.index[place].date()).label for place in places[:5]]
    named = "、".join(days) + ("…" if len(places) > 5 else "")
    what = f"{named} 停业（日权重为 0），这样改之后有 {now[places].sum():,.2f} 的销售额"
    remedy = "不营业就改用“按比例”或“只在非零格平均”，或先把这几天锁成只读；营业就在日历去掉停业"
    return [Problem(Where("", SHEET), what, Level.WARNING, remedy, "停业")]


#: Single cells told in 变更记录; the whole change is in _撤销.
TOLD = 200


def spread(  # noqa: PLR0913  # the options of one dialog
    book: Book,
    *,
    at: str = "",
    metric: str = "销售额",
    store: str = "",
    period: str = "",
    category: str = "",
    platform: str = "",
    to: str = "",
    method: str = "",
    like: str = "",
    by: str = "",
    keep: str = "",
    gives: str = "",
    why: str = "",
    dry_run: bool = False,
) -> Outcome:
    """Change a part of the plan and everything that depends on it.

    Args:
        book: The plan book.
        at: Selected cells such as ``9月!C9:F9`` or of 品类平台, instead of what is named below.
        metric: Metric, by any of its names.
        store: Store, several, a pattern such as 天猫*, or 合计.
        period: 全年, Q3, 9月, 第36周, 9月9日, a range, a campaign.
        category: A category on 品类平台 whose sales change, in store and period, or else in `at`.
        platform: A platform there, instead.
        to: What is wanted, in shorthand: 500万, +8%, *1.2, =500万 like 去年 …
        method: Method by name (`METHODS`) when `to` is a plain amount.
        like: Reference of the like methods: a store, a version, 去年, 权重.
        by: 日, 周, 月, 季, 店; days by default, months for whole months of a category or platform.
        keep: Totals that stay for this change: 月, 季, 年, 各店 (several with 、).
        gives: Which driver gives: UV, 转化率, 客单价 …
        why: Reason, for 变更记录.
        dry_run: Only show what would change.

    Raises:
        InputError: Something cannot be understood, or a ratio is to be spread.
        InfeasibleError: Locks do not allow it; nothing is written.
    """
    read = read_state(book)
    place = part_at(read, PartPlace(category, platform, store, period, metric, at))
    part = chosen_part(read, place.category, place.platform) if place.part else None
    regions = place.regions(read)
    edits = edits_of(regions, read.state.year, to, method, like, by)
    wish = Wish(edits, gives, keeps(keep))
    move = moved_part(read.state, part, wish, why) if part else None
    said = _said(edits, read.state.year, to or method, why, part)
    return carried_out(book, read, wish, "分摊", said, dry_run=dry_run, move=move)


def carried_out(  # noqa: PLR0913  # an action with its words
    book: Book,
    read: BookRead,
    wish: Wish,
    action: str,
    note: str,
    *,
    dry_run: bool,
    put_back: bool = False,
    move: PartMove | None = None,
) -> Outcome:
    """Work a wish out (that of `move`, if any), write it unless `dry_run`, and say what changes.

    Raises:
        InfeasibleError: Locks do not allow it; nothing is written.
        InputError: A ratio is to be spread, a total below zero …
    """
    state, wish = read.state, move.wish if move else wish
    refer = move.references(state) if move else references(state)
    made = change(state.year, wish, state.holds, refer)
    seen = preview(state.year, made.plan, state.holds, wish)
    noted = with_adjusted(state.meta.get(ADJUSTED, ""), (edit.region for edit in wish.edits))
    after = replace(
        state,
        year=replace(state.year, plan=made.plan),
        meta={**state.meta, ADJUSTED: noted} if seen.count else state.meta,
    )
    lines, changed = list[str](), bool(seen.count)
    if move:
        after = replace(after, splits=move.splits(after))
        lines, changed = move.lines(after), changed or after.splits != state.splits
    if seen.count or not lines:
        asked = [] if move else [edit.region for edit in wish.edits]
        lines += _lines(seen, state.year, after.year, made.notes, asked)
    facts = _facts(seen)
    lost = [*broken(read, after), *opened(state.year, after.year), *parted(read, after)]
    if dry_run or not (changed or put_back):
        title = "预览：没有写入" if changed else "没有变化"
        return Outcome(title, lines, lost, facts)
    rows = [LogRow(action=action, note=note), *(move.log() if move else ()), *told(state.year, made.plan, made.edited)]  # fmt: skip
    done = apply(book, read, after, rows, put_back=put_back)
    return Outcome(f"{action}完成", lines, [*lost, *waiting(read, put_back=put_back)], facts, done)


def waiting(read: BookRead, *, put_back: bool = False) -> list[Problem]:
    """Say which cells typed over the plan are still to be dealt with, of the sheets that were read."""
    typed = [] if put_back else typed_cells(read, read.reading.used)
    if not typed:
        return []
    what = f"还有 {len(typed)} 处直接写在计划上的数没有处理：{'、'.join(t.cell.name for t in typed[:5])}"
    return [
        Problem(
            Where(read.state.meta.get("title", "")),
            what,
            Level.WARNING,
            "运行“识别改动”（xlplan edits）",
            "改动",
        )
    ]


def _lines(
    seen: Preview, year: Year, after: Year, notes: Sequence[str], asked: Sequence[Region]
) -> list[str]:
    """Say what changes, what was asked for first; a part's change has said that and its rounding."""
    if not seen.count:
        return ["没有一格需要变", *notes]
    parts = [f"{label(name, year.metrics)} {count}" for name, count in seen.cells.items()]
    lines = [
        f"变动 {seen.count} 格（店·日）：{'，'.join(parts[:8])}{'…' if len(parts) > 8 else ''}"
    ]
    lines += region_lines(asked, year, after)
    lines += [f"锁定起作用：{text}" for text in seen.binding[:8]]
    lines += notes
    if asked and not any("取整：" in note for note in notes):
        lines.append("取整：每一格都正好是整分、整个，没有尾差")
    metrics = [region.metric for region in asked]
    return lines + [one for one in level_lines(seen.levels, year, metrics) if one not in lines]


def _facts(seen: Preview) -> dict[str, object]:
    levels = [asdict(row) for row in seen.levels]
    return {"cells": seen.cells, "levels": levels, "binding": seen.binding}


def told(year: Year, plan: pd.DataFrame, columns: Sequence[str]) -> list[LogRow]:
    """Return log rows of single cells of the columns asked for: the first `TOLD` of them."""
    rows: list[LogRow] = []
    for name in columns:
        was, now = year.plan[name].to_numpy(np.float64), plan[name].to_numpy(np.float64)
        for place in np.flatnonzero((was != now) & ~(np.isnan(was) & np.isnan(now))):
            if len(rows) == TOLD:
                return rows
            store, day = plan.index[int(place)]
            rows.append(LogRow(sheet="_计划", store=store, date=str(day.date()), metric=label(name, year.metrics), old=number(was[place]), new=number(now[place])))  # fmt: skip
    return rows


def _said(edits: Sequence[Edit], year: Year, to: str, why: str, part: Chosen | None) -> str:
    named = "、".join(edit.region.about(year) for edit in edits[:3])
    named = (f"{part.word}“{part.name}” " if part else "") + named
    return f"{named}{'…' if len(edits) > 3 else ''}：{to}" + (f"；{why}" if why else "")
