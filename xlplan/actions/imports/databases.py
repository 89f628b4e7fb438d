"""Days of a database → batches: only those that may have changed are read, and what left them goes.

A book remembers, in _元数据 under ``sql:`` and the source's name, which declaration it was read by
and the newest change that was seen. Of a declaration it does not know everything is read.
"""

from __future__ import annotations

import hashlib
from dataclasses import field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from xlplan.errors import Level, Problem, Where
from xlplan.metrics import METRICS, Add
from xlplan.plan.actuals.contributions import FIXED, no_rows
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.plan.actuals.contributions import Batch
    from xlplan.sources.extract import Extract
    from xlplan.sources.sql.config import SqlSource
    from xlplan.sources.sql.lines import Span

#: What the keys in _元数据 begin with; the name of the source follows.
KNOWN = "sql:"


@record
class Before:
    """What a book knows of its databases before they are read.

    Attributes:
        rows: The contributions it holds (`plan.actuals.contributions`).
        meta: _元数据.
        maturity: Days in which refunds still come.
        as_of: The last day that can have actuals.
        since: Read from this day on; None: from where it is needed.
        full: Read everything.
    """

    rows: pd.DataFrame = field(default_factory=no_rows)
    meta: Mapping[str, str] = field(default_factory=dict)
    maturity: int = 7
    as_of: date | None = None
    since: date | None = None
    full: bool = False


@record
class Read:
    """What was read of one declaration.

    Attributes:
        extract: Its days.
        spans: The ranges of days that were read.
        key: The key in _元数据.
        mark: What stands there from now on.
        told: A line about the days that were read.
        codes: Stores and channels nobody knows, as (店铺 or 渠道, code).
    """

    extract: Extract
    spans: Sequence[Span]
    key: str
    mark: str
    told: str
    codes: Sequence[tuple[str, str]] = ()


def read_declared(source: SqlSource, year: int, stores: Sequence[str], before: Before) -> Read:
    """Read the days of a declaration that the book does not have yet, or that may have changed.

    Args:
        source: The declaration.
        year: The book's year.
        stores: The book's stores; the database is asked for no others.
        before: What the book has of databases.
    """
    from xlplan.sources.sql.increment import Since
    from xlplan.sources.sql.orders import load_days, window_of

    window = window_of(source, year, None, None)
    key, digest = f"{KNOWN}{source.name}", _digest(source)
    known, _, changed = before.meta.get(key, "").partition(" ")
    first = _first_day(source, before) if known == digest else before.since
    whole = before.full or bool(source.paths)  # files are read whole in any case
    since = None if whole else Since(first, changed if known == digest else "")
    loaded = load_days(source, window, stores, since)
    spans = [window] if loaded.spans is None and window else list(loaded.spans or ())
    return Read(
        loaded.extract,
        spans,
        key,
        f"{digest} {loaded.changed}".strip(),
        _told(source, spans, window, whole or first is None),
        loaded.codes,
    )


def _first_day(source: SqlSource, before: Before) -> date | None:
    """Return the first day to read again: those of the book whose refunds have not all come yet."""
    if before.since is not None:
        return before.since
    held = before.rows.loc[before.rows["source"] == f"sql:{source.name}", "date"]
    if held.empty:
        return None
    newest: date = held.max().date()
    last = min(newest, before.as_of or date.max)
    return last - timedelta(days=before.maturity)


def _digest(source: SqlSource) -> str:
    """Return what tells one declaration from another; a file that only moved is the same."""
    told = repr(replace(source, file=Path("declaration")))
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _told(source: SqlSource, spans: Sequence[Span], window: Span | None, whole: bool) -> str:  # noqa: FBT001  # a fact
    if whole or list(spans) == [window]:
        return f"{source.name}：取了全年"
    days = "、".join(f"{low:%m-%d} 至 {high:%m-%d}" for low, high in spans)
    return f"{source.name}：只取了 {days}（退款成熟期和改动过的日子；全部重取用 --full）"


def without_gone(
    batch: Batch, held: pd.DataFrame, spans: Sequence[Span], stores: Sequence[str]
) -> tuple[Batch, list[Problem]]:
    """Return a batch in which figures that the book holds and the table no longer has are 0.

    A day that was read whole and has no line left has sold nothing. When nothing at all came back
    the table or the declaration is to be doubted, not the days: they stay as they are.

    Args:
        batch: The days read.
        held: Contributions of the same source that the book holds.
        spans: The ranges of days that were read.
        stores: Stores that were asked for.
    """
    days = held["date"].dt.date
    inside = pd.Series(False, held.index)
    for first, last in spans:
        inside |= (days >= first) & (days <= last)
    here = held[inside & held["store"].isin(stores)].astype({"date": "datetime64[us]"})
    if here.empty:
        return batch, []
    frame = batch.frame
    old = here.drop(columns=[name for name in FIXED if name not in ("store", "date")])
    old = old.set_index(["store", "date"])
    metrics = [m for m in old if _still_told(str(m), frame)]
    old = old.loc[~old.index.duplicated(), metrics]
    whole = frame.reindex(frame.index.union(old.index)).reindex(
        columns=[*frame.columns, *(m for m in metrics if m not in frame)]
    )
    gone = (
        old.notna().reindex(index=whole.index, columns=whole.columns, fill_value=False)
        & whole.isna()
    )
    emptied = gone.loc[~whole.index.isin(frame.index)].any(axis=1).sum()
    problems = []
    if emptied:
        first = whole.index[(gone.any(axis=1) & ~whole.index.isin(frame.index)).to_numpy()][0]
        what = f"{emptied} 个店铺日在库里已经没有付款的订单行（如 {first[0]} {first[1]:%Y-%m-%d}），记为 0"
        problems.append(Problem(Where(batch.file), what, Level.INFO, rule="emptied_day"))
    return replace(batch, frame=whole.mask(gone, 0.0)), problems


def _still_told(metric: str, frame: pd.DataFrame) -> bool:
    """Whether a metric comes from this table still: sales of a channel may be missing on all days."""
    flow = METRICS[metric].add is Add.FLOW
    return flow and (metric in frame or (metric.startswith("gmv_") and "gmv" in frame))


def nothing_left(file: str) -> Problem:
    """Return the warning about a table in which no day is left that the book has."""
    what = "这次取的日子里一行也没有，而计划里原来有数，原来的数没有动"
    return Problem(
        Where(file), what, Level.WARNING, "请用 xlplan sql check 看看表和条件", "all_gone"
    )
