"""Order lines in a database, or too many for a sheet → daily facts; only the days come back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from xlplan.errors import InputError, Where
from xlplan.record import bundle
from xlplan.sources.extract import Extract, Part, empty_frame
from xlplan.sources.findings import Findings
from xlplan.sources.sql.config import load_sql
from xlplan.sources.sql.connect import connect
from xlplan.sources.sql.count import count
from xlplan.sources.sql.daily import read_daily
from xlplan.sources.sql.files import BEIJING, load_files, made_at
from xlplan.sources.sql.frame import facts_frame, provenance
from xlplan.sources.sql.increment import Since, newest_change, spans_since
from xlplan.sources.sql.lines import find_lines
from xlplan.sources.sql.place import open_place

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    import pandas as pd

    from xlplan.sources.sql.config import SqlSource
    from xlplan.sources.sql.lines import Span


def read_sql(  # noqa: PLR0913  # what is asked of a table
    config_path: str | os.PathLike[str],
    *,
    store: str | None = None,
    year: int | None = None,
    start: dt.date | None = None,
    end: dt.date | None = None,
    stores: Sequence[str] = (),
) -> Extract:
    """Aggregate order lines in their engine and return the days.

    Args:
        config_path: TOML declaration (`xlplan.sources.sql.config`).
        store: Store of lines that name none; goes over the declaration's.
        year: Only days of this year.
        start: First day, included.
        end: Last day, included.
        stores: Stores of the plan book: only their lines are asked for; none: all.

    Returns:
        An extract like that of a file: gmv (refunds counted in), orders, buyers, units,
        refund_amount by day of payment, excluded orders, ``gmv_<channel>``.

    Raises:
        InputError: The declaration is wrong, or a reference leads nowhere.
        FileError: The engine or a file refused (code ``database`` for engines).
    """
    source = load_sql(config_path)
    source = replace(source, store=store or source.store)
    window = window_of(source, year, start, end)
    return load_days(source, window, stores).extract


@bundle
class Loaded:
    """What was read of a declaration.

    Attributes:
        extract: The days.
        spans: The ranges of days that were read; None stands for all there are.
        changed: The newest change there was (`increment.newest_change`).
        codes: Stores and channels nobody knows, as (店铺 or 渠道, code).
    """

    extract: Extract
    spans: Sequence[Span] | None
    changed: str = ""
    codes: Sequence[tuple[str, str]] = ()


def load_days(
    source: SqlSource, window: Span | None, stores: Sequence[str] = (), since: Since | None = None
) -> Loaded:
    """Read the days of a declaration; with `since` only those that may have changed.

    Raises:
        InputError: The declaration does not fit the table.
        FileError: The engine or a file refused.
    """
    findings, changed, frames = Findings(), "", []
    spans: Sequence[Span] | None = None if window is None else [window]
    with connect(source) as backend:
        source, table = open_table(source, backend, findings)
        if source.grain == "days":
            frames.append(read_daily(source, table, window, findings))
        else:
            lines = find_lines(source, table, backend)
            if window is not None and since is not None:
                spans, changed = spans_since(lines, window, since), newest_change(lines)
            asked = [None] if spans is None else spans
            frames += [facts_frame(count(lines, one, findings, stores), findings) for one in asked]
    frame = _under_each_other(frames)
    said = provenance(source, frame, made_at(source) if source.paths else _now())
    _report(source, frame, said.partial, findings)
    extract = Extract(frame, "sql", findings.problems(), (Part(frame, said),))
    return Loaded(extract, spans, changed, tuple(findings.codes))


def _under_each_other(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    told = [frame for frame in frames if len(frame)]
    if len(told) < 2:
        return told[0] if told else empty_frame()
    whole = pd.concat(told)
    return whole.reindex(columns=sorted(whole.columns)).sort_index()


def _now() -> dt.datetime:
    return dt.datetime.now(BEIJING).replace(tzinfo=None, microsecond=0)


def window_of(
    source: SqlSource, year: int | None, start: dt.date | None, end: dt.date | None
) -> Span | None:
    """Return the first and last day that are asked for; None when all are."""
    if year is None and start is None and end is None:
        return None
    first, last = start or dt.date(year or 2000, 1, 1), end or dt.date(year or 2099, 12, 31)
    if year is not None:
        first, last = max(first, dt.date(year, 1, 1)), min(last, dt.date(year, 12, 31))
    if first > last:
        raise InputError(f"起止日期 {first} 至 {last} 里没有一天", where=Where(source.file.name))
    return first, last


def open_table(source: SqlSource, backend: Any, findings: Findings) -> tuple[SqlSource, Any]:
    """Return the ibis table of a declaration's files or tables, and what the declaration is now."""
    if source.paths:
        return load_files(source, backend, findings)
    return source, open_place(source, backend, findings)


def _report(
    source: SqlSource, frame: pd.DataFrame, partial: tuple[dt.date, ...], findings: Findings
) -> None:
    if frame.empty:
        what, remedy = "这段时间里没有一行付过款的订单", "请核对日期范围和付款时间一列"
        findings.warn(source.where, what, "no_lines", remedy=remedy)
    elif "" in frame.index.get_level_values("store"):
        remedy = "写 store，或在 [columns] 里指明店铺列；单店的计划簿会用它自己的店铺"
        findings.warn(source.where, "有订单没有店铺名", "no_store", remedy=remedy)
    for day in partial:
        what, remedy = f"取数时 {day} 还没有结束，数不完整", "次日重新取数后再导入"
        findings.warn(source.where, what, "partial_day", remedy=remedy)
