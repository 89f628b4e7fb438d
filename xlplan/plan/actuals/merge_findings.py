"""What taking actuals in has to say: refused rows, gaps, restatements, disagreements."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from xlplan.errors import Level, Problem, Where
from xlplan.metrics import METRICS
from xlplan.plan.actuals.merge import STAFF, is_daily_metric
from xlplan.plan.cards.card import PREFIX
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from xlplan.plan.actuals.contributions import Batch, Upserted
    from xlplan.plan.actuals.merge import Merged

    #: Where a person finds what staff typed for (store, day, metric).
    Find = Callable[[str, date, str], Where]

_SHOWN = 5


@record
class Limits:
    """What rows a book takes.

    Attributes:
        stores: Its stores.
        year: Its year.
        as_of: The last day that can have actuals.
    """

    stores: Sequence[str]
    year: int
    as_of: date


def accept(batch: Batch, limits: Limits) -> tuple[Batch, list[Problem]]:
    """Return the batch without the rows and columns that the book cannot take, and why."""
    frame, problems = batch.frame, []
    days = pd.DatetimeIndex(frame.index.get_level_values("date"))
    known = frame.index.get_level_values("store").isin(limits.stores)
    for store, rows in frame[~known].groupby(level="store"):
        alone = frame.index.unique("store").size == 1
        problems.append(_unknown_store(str(store), rows, batch.where(rows), limits, alone=alone))
    other = days.year != limits.year
    if (known & other).any():
        where = batch.where(frame[known & other])
        what = f"{_listed(days[known & other])} 不在 {limits.year} 年，没有写入"
        problems.append(Problem(where, what, Level.WARNING, f"请导入到那一年的计划表；日期没写年份时请核对是否该是 {limits.year} 年", "other_year"))  # fmt: skip
    late = days > pd.Timestamp(limits.as_of)
    if (known & ~other & late).any():
        where = batch.where(frame[known & ~other & late])
        what = f"{_listed(days[known & ~other & late])} 晚于 {limits.as_of}，还没有发生，没有写入"
        problems.append(Problem(where, what, Level.ERROR, "请核对日期；确要导入请指明截止日（--as-of）", "future"))  # fmt: skip
    kept = frame[known & ~other & ~late]
    wrong = [
        name
        for name in map(str, kept.columns)
        if not (is_daily_metric(name) or name.startswith(PREFIX))
    ]
    if wrong:
        labels = "、".join(METRICS[n].label if n in METRICS else n for n in wrong)
        what = f"{labels}：去重或比率口径，不能与每日数相加，没有写入"
        problems.append(Problem(Where(batch.file), what, Level.INFO, rule="not_daily"))
    return replace(batch, frame=kept.drop(columns=wrong)), problems


def _unknown_store(
    store: str, rows: pd.DataFrame, where: Where, limits: Limits, *, alone: bool
) -> Problem:
    """Return the refusal of a store; in a file of several none may be filed under another."""
    named = f"店铺“{store}”不在本计划里" if store else "看不出是哪家店铺"
    days = _listed(pd.DatetimeIndex(rows.index.get_level_values("date")))
    remedy = f"店铺是：{'、'.join(limits.stores)}；"
    remedy += (
        "导入时指明归到哪家店（--store），或放进以店铺命名的文件夹"
        if alone
        else "请把工作表或列里的店铺名改成计划里的写法，或拆成一家店一个文件"
    )
    return Problem(where, f"{named}，{days} 没有写入", Level.ERROR, remedy, "unknown_store")


def _listed(days: Iterable[pd.Timestamp]) -> str:
    unique = sorted({day.strftime("%Y-%m-%d") for day in days})
    more = f" 等 {len(unique)} 天" if len(unique) > _SHOWN else ""
    return "、".join(unique[:_SHOWN]) + more


def gaps(rows: pd.DataFrame, batches: Sequence[Batch], closed: Iterable[date]) -> list[Problem]:
    """Report days missing inside what the batches of one source cover; never filled with zero."""
    shut = pd.DatetimeIndex(list(closed))
    spans: dict[tuple[str, str], list[Batch]] = {}
    for batch in batches:
        if batch.daily and len(batch.frame):
            for store in batch.frame.index.unique("store"):
                spans.setdefault((str(store), batch.source), []).append(batch)
    problems = []
    for (store, source), members in sorted(spans.items(), key=lambda item: item[0]):
        told = [_days(batch, store) for batch in members]
        held = rows.loc[(rows["store"] == store) & (rows["source"] == source), "date"]
        wanted = pd.date_range(min(d.min() for d in told), max(d.max() for d in told))
        missing = wanted.difference(pd.DatetimeIndex(held)).difference(shut)
        if len(missing):
            files = {batch.file for batch in members}
            where = Where(files.pop() if len(files) == 1 else "")
            what = f"{store} 的{members[0].name}缺 {len(missing)} 天：{_listed(missing)}（缺数不是 0）"
            problems.append(Problem(where, what, Level.WARNING, "补导这几天", "missing_days"))
    return problems


def _days(batch: Batch, store: str) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(batch.frame.xs(store, level="store").index)


def dropped(held: pd.DataFrame, batches: Sequence[Batch]) -> list[Problem]:
    """Report days that a file gave before and does not give any more; they are kept."""
    problems = []
    for batch in batches:
        before = held[(held["source"] == batch.source) & (held["file"] == batch.file)]
        if before.empty:
            continue
        pairs = pd.MultiIndex.from_frame(before[["store", "date"]])
        gone = pairs[~pairs.isin(batch.frame.index)]
        if len(gone):
            days = _listed(pd.DatetimeIndex(gone.get_level_values("date")))
            what = f"这次的文件里没有 {days}，以前从同名文件导入的数仍然保留"
            remedy = "确实不要这些数，请导入一份写着正确数的文件"
            problems.append(Problem(Where(batch.file), what, Level.WARNING, remedy, "dropped_days"))  # fmt: skip
    return problems


def changes(taken: Upserted) -> list[Problem]:
    """Report restatements that look like an incomplete export, and figures that came too late."""
    problems = []
    old, new = taken.restated["old"], taken.restated["new"]
    low = taken.restated[(old > 0) & (new < old / 2)]
    for (file, name), cells in low.groupby(["file", "name"]):
        first = cells.iloc[0]
        what = (
            f"{name}的 {len(cells)} 个数比以前少一半以上，如 {_spot(first)} "
            f"{first['old']:,.10g} → {first['new']:,.10g}（原来自 {first['old_file']}）"
        )
        remedy = "已按较晚的导出采用；若这份文件没有包含整天，请重新导出完整的一份"
        problems.append(Problem(Where(str(file)), what, Level.WARNING, remedy, "restated_low"))
    for file, cells in taken.outdated.groupby("file"):
        what = f"有 {len(cells)} 个数比已导入的旧，没有采用（同一来源以较晚的导出为准）"
        problems.append(Problem(Where(str(file)), what, Level.INFO, rule="outdated"))
    return problems


def _spot(cell: pd.Series) -> str:
    name = str(cell["metric"])
    label = METRICS[name].label if name in METRICS else name.removeprefix(PREFIX)
    return f"{cell['store']} {cell['date']:%Y-%m-%d} {label}"


def disputes(merged: Merged, find: Find) -> list[Problem]:
    """Report where two sources differ beyond the tolerance: with both values, largest first.

    What staff typed is named cell by cell; two exports are told once per metric and pair.
    """
    frame = merged.disputes
    ours = (frame["other_source"] == STAFF) | (frame["source"] == STAFF)
    problems = [_staff_dispute(row, find) for _, row in frame[ours].iterrows()]
    pairs = ["store", "metric", "name", "other_name"]
    for _, cells in frame[~ours].groupby(pairs, sort=True):
        apart = (cells["value"] - cells["other"]).abs().sort_values(ascending=False, kind="stable")
        most = cells.loc[apart.index[0]]
        label = METRICS[str(most["metric"])].label
        what = (
            f"{most['store']} {label}：{most['name']} 与 {most['other_name']} 有 {len(cells)} 天不同，"
            f"采用前者：{_both(cells.loc[apart.index])}"
        )
        remedy = f"核对两份文件：{most['file']}、{most['other_file']}"
        problems.append(Problem(Where(str(most["file"])), what, Level.WARNING, remedy, "dispute"))
    return problems


def _both(cells: pd.DataFrame) -> str:
    """Return the values of both sources, day by day."""
    said = [f"{cell['date']:%Y-%m-%d} {cell['value']:,.10g} 与 {cell['other']:,.10g}" for _, cell in cells.head(_SHOWN).iterrows()]  # fmt: skip
    return "；".join(said) + (" 等" if len(cells) > _SHOWN else "")


def _staff_dispute(row: pd.Series, find: Find) -> Problem:
    where = find(str(row["store"]), row["date"].date(), str(row["metric"]))
    name, other = row["name"], row["other_name"]
    what = (
        f"{_spot(row)}：{name} {row['value']:,.10g}，{other} {row['other']:,.10g}，采用{name}的数"
    )
    remedy = "日报没有改动；请核对，或在“年度目标”设置里写明以店员为准的指标"
    return Problem(where, what, Level.WARNING, remedy, "dispute")


def folded(merged: Merged) -> list[Problem]:
    """Tell which channels have no row in the book and went to 其他推广."""
    return [
        Problem(Where(), f"{METRICS[name].label} 在本计划没有单独的行，合计 {total:,.2f} 记入其他推广", Level.INFO, "要单独一行，请在新建计划时加上这个渠道", "folded")
        for name, total in sorted(merged.folded.items()) if name.startswith("spend_") and total
    ]  # fmt: skip
