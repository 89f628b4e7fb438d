"""What is asked of the engine, in which order, and how much at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from xlplan.sources.findings import Findings
from xlplan.sources.sql.facts import buyers, days, name_stores, orders, stores, sums, unread
from xlplan.sources.sql.lines import select_lines

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from xlplan.sources.sql.lines import Lines, Span

#: Lines whose orders and buyers are counted at once: about a month of a large shop (PERFORMANCE F).
_AT_ONCE = 1_500_000


@dataclass
class Counted:
    """What came back.

    Attributes:
        lines: The table asked, its stores named.
        sums: Rows per store, day and channel.
        orders: Rows per store and day, in parts; empty when no column names orders.
        buyers: The same for buyers.
    """

    lines: Lines
    sums: list[pd.DataFrame] = field(default_factory=list)
    orders: list[pd.DataFrame] = field(default_factory=list)
    buyers: list[pd.DataFrame] = field(default_factory=list)


def count(lines: Lines, span: Span | None, findings: Findings) -> Counted:
    """Return the sums of a range of days, and its different orders and buyers part by part.

    Sums need one pass. Only lines that may come twice are summed part by part too, each part
    with every version of its lines.
    """
    _report_unread(lines, _fetch(unread(lines, span)), findings)
    counted = _sum_newest(lines, span, findings) if lines.has("line") else _sum(lines, span)
    per_day = _per_day(counted.lines, counted.sums, findings)
    for chunk in _chunks(per_day):
        rows = select_lines(counted.lines, chunk)
        if lines.has("order"):
            counted.orders.append(_fetch(orders(counted.lines, rows)))
        if lines.has("buyer"):
            counted.buyers.append(_fetch(buyers(counted.lines, rows)))
    return counted


def _sum(lines: Lines, span: Span | None) -> Counted:
    found = _fetch(sums(lines, select_lines(lines, span)))
    if lines.has("store"):
        lines = name_stores(lines, found["store"].unique())
        said = found["store"].astype(object)
        named = said.map(lines.stores.get, na_action="ignore").fillna(said)
        found["store"] = named.fillna(lines.stores.get(None, ""))
    return Counted(lines, [found])


def _sum_newest(lines: Lines, span: Span | None, findings: Findings) -> Counted:
    if lines.has("store"):
        lines = name_stores(lines, _fetch(stores(lines))["store"])
    per_day = _per_day(lines, [_fetch(days(lines, span))], Findings())
    found = [_fetch(sums(lines, select_lines(lines, chunk))) for chunk in _chunks(per_day)]
    kept = int(_per_day(lines, found, Findings()).sum()) if found else 0
    if again := int(per_day.sum()) - kept:
        what = f"{again} 行是重复的明细（编号相同），只算了最新的一次"
        findings.info(lines.source.where, what, "repeated_row")
    return Counted(lines, found)


def _fetch(expression: Any) -> pd.DataFrame:
    """Return what the engine answers; its days stay numbers, a Python object each would be slow."""
    frame: pd.DataFrame = expression.to_pyarrow().to_pandas(date_as_object=False)
    return frame


def _per_day(lines: Lines, parts: list[pd.DataFrame], findings: Findings) -> pd.Series[int]:
    """Return how many lines each day has; report times that are no day."""
    if not parts:
        return pd.Series(dtype="int64", index=pd.DatetimeIndex([]))
    found = pd.concat([part[["day", "lines"]] for part in parts])
    found = found.groupby("day").sum().reset_index()
    found["date"] = lines.clock.days(found["day"])
    if len(odd := found[found["date"].isna()]):
        texts = "、".join(f"「{text}」" for text in odd["day"].astype(str)[:5])
        findings.error(
            lines.source.where,
            f"{int(odd['lines'].sum())} 行的付款时间不是日期，没有计入：{texts}",
            "not_a_date",
            remedy="文本时间要写成 2026-09-01 的样子，或在 time_format 里说明",
        )
    return found.dropna(subset=["date"]).set_index("date")["lines"].sort_index()


def _report_unread(lines: Lines, found: pd.DataFrame, findings: Findings) -> None:
    if len(found):
        first = lines.clock.days(found["day"]).min()
        since = "" if first is pd.NaT else f"（最早在 {first:%Y-%m-%d}）"
        what = f"{int(found['lines'].sum())} 行有付款时间但没有能读的金额，没有计入{since}"
        remedy = "请核对金额列，缺数不当作 0"
        findings.error(lines.source.where, what, "no_amount", remedy=remedy)


def _chunks(per_day: pd.Series[int]) -> Iterator[Span]:
    """Yield ranges of whole days with at most `_AT_ONCE` lines, or one day that has more."""
    first, held = None, 0
    previous: dt.date | None = None
    for day, lines in zip(pd.DatetimeIndex(per_day.index).date, per_day, strict=True):
        if first is not None and previous is not None and held + lines > _AT_ONCE:
            yield first, previous
            first, held = None, 0
        first, held, previous = first or day, held + int(lines), day
    if first is not None and previous is not None:
        yield first, previous
