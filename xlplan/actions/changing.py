"""分摊: changing a part of the plan and everything that depends on it, with a preview."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.apply import apply
from xlplan.actions.outcome import Outcome
from xlplan.actions.parts import chosen_part, moved_part
from xlplan.actions.references import references
from xlplan.actions.selecting import meant
from xlplan.errors import InputError, Level, Problem, Where
from xlplan.plan.change import change
from xlplan.plan.holds import label
from xlplan.plan.keeping import LEVELS as KEEPS
from xlplan.plan.nodes import LEVELS
from xlplan.plan.preview import level_lines, number, preview
from xlplan.plan.shorthand import Shorthand, parse_shorthand
from xlplan.plan.wish import Edit, Wish
from xlplan.sheets.lists import LogRow
from xlplan.sheets.state_read import read_state
from xlplan.sheets.typed_plan import typed_cells
from xlplan.sources.numbers import parse_number
from xlplan.sources.text import Unread

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from xlplan.actions.parts import Chosen, PartMove
    from xlplan.cells import Book
    from xlplan.plan.grid import Region
    from xlplan.plan.preview import Preview
    from xlplan.plan.year import Year
    from xlplan.sheets.state_read import BookRead

#: What users call the methods.
METHODS = {
    "按比例": "proportional", "平均": "equal", "只在非零格平均": "equal_nonzero", "参照": "like",
    "参照增减": "like_percent", "百分比": "percent", "乘以": "times", "增减": "add", "每格相同": "repeat",
    "直线": "straight_line", "等比": "growth", "只分未分配": "unassigned",
    "平均增减": "additive_equal", "按绝对值增减": "by_absolute",
}  # fmt: skip
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
        at: Selected cells such as ``9月!C9:F9``, instead of metric, store and period.
        metric: Metric, by any of its names.
        store: Store, several, a pattern such as 天猫*, or 合计.
        period: 全年, Q3, 9月, 第36周, 9月9日, a range, a campaign.
        category: A category on 品类平台 whose sales change (with store and period; not `at`).
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
    part = chosen_part(read, category, platform) if category or platform else None
    regions = meant(read, "" if part else at, metric, store, period)
    edits = [_edit(region, to, method, like, by) for region in regions]
    wish = Wish(tuple(edits), gives, keeps(keep))
    move = moved_part(read.state, part, wish, why) if part else None
    wish = move.wish if move else wish
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
    """Work a wish out, write it unless `dry_run`, and say what changes at every level.

    Raises:
        InfeasibleError: Locks do not allow it; nothing is written.
        InputError: A ratio is to be spread, a total below zero …
    """
    state = read.state
    refer = move.references(state) if move else references(state)
    made = change(state.year, wish, state.holds, refer)
    seen = preview(state.year, made.plan, state.holds)
    after = replace(state, year=replace(state.year, plan=made.plan))
    lines, changed = list[str](), bool(seen.count)
    if move:
        after = replace(after, splits=move.splits(after))
        lines, changed = move.lines(after), changed or after.splits != state.splits
    if seen.count or not lines:
        asked = [edit.region.metric for edit in wish.edits]
        lines += _lines(seen, state.year, made.notes, asked)
    facts = _facts(seen)
    if dry_run or not (changed or put_back):
        title = "预览：没有写入" if changed else "没有变化"
        return Outcome(title, lines, facts=facts)
    rows = [LogRow(action=action, note=note), *(move.log() if move else ()), *told(state.year, made.plan, made.edited)]  # fmt: skip
    done = apply(book, read, after, rows, put_back=put_back)
    return Outcome(f"{action}完成", lines, waiting(read, put_back=put_back), facts, done)


def waiting(read: BookRead, *, put_back: bool = False) -> list[Problem]:
    """Say which cells typed over the plan are still to be dealt with."""
    typed = [] if put_back else typed_cells(read)
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


def _lines(seen: Preview, year: Year, notes: Sequence[str], asked: Sequence[str]) -> list[str]:
    if not seen.count:
        return ["没有一格需要变", *notes]
    parts = [f"{label(name, year.metrics)} {count}" for name, count in seen.cells.items()]
    lines = [
        f"变动 {seen.count} 格（店·日）：{'，'.join(parts[:8])}{'…' if len(parts) > 8 else ''}"
    ]
    lines += [f"锁定起作用：{text}" for text in seen.binding[:8]]
    lines += notes
    if not any("取整：" in note for note in notes):
        lines.append("取整：每一格都正好是整分、整个，没有尾差")
    return lines + level_lines(seen.levels, year, asked)


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


def keeps(text: str) -> tuple[str, ...]:
    """Return the levels whose totals stay.

    Raises:
        InputError: There is no such level.
    """
    names = [part for part in re.split(r"[、,，\s]+", text.strip()) if part]
    for name in names:
        if name not in KEEPS and name not in KEEPS.values():
            raise InputError(f"不能保持“{name}”的合计", f"可以写：{'、'.join(KEEPS)}")
    return tuple(KEEPS.get(name, name) for name in names)


def _edit(region: Region, to: str, method: str, like: str, by: str) -> Edit:
    level = LEVELS.get(by, by)
    if method:
        name = METHODS.get(method, method)
        return Edit(region, name, figure(to.strip().removeprefix("=") or "0"), like, level)
    if not to.strip():
        raise InputError("没有说要改成多少", "写 500万、+8%、*1.2、=500万 like 去年 等")
    short = shorthand(to)
    if like and not short.reference:
        return Edit(region, "like", short.amount, like, level)
    return Edit(region, short.method, short.amount, short.reference, level)


def figure(text: str) -> float:
    """Return a figure as typed (500万, 8%, 3.5:1).

    Raises:
        InputError: It is none.
    """
    found = parse_number(text)
    if found is None or isinstance(found, Unread):
        raise InputError(f"“{text}”不是数字", "写 500万、8%、1.2 这样的数")
    return found.value


def shorthand(text: str) -> Shorthand:
    """Return what was typed; 4.5% and 3.5:1 without a sign are a ratio's new value.

    Raises:
        InputError: It is neither shorthand nor a figure.
    """
    plain = text.strip().removeprefix("=").strip()
    signed = plain[:1] in tuple("+-−＋－加增涨减降")
    if (not signed and plain.endswith(("%", "％"))) or re.fullmatch(r"[\d.]+[:：][\d.]+", plain):
        return Shorthand("proportional", figure(plain))
    return parse_shorthand(text)


def _said(edits: Sequence[Edit], year: Year, to: str, why: str, part: Chosen | None) -> str:
    named = "、".join(edit.region.about(year) for edit in edits[:3])
    named = (f"{part.word}“{part.name}” " if part else "") + named
    return f"{named}{'…' if len(edits) > 3 else ''}：{to}" + (f"；{why}" if why else "")
