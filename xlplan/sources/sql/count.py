"""What is asked of the engine, in which order, and how much at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from xlplan.sources.findings import Findings
from xlplan.sources.sql.config import FIGURES
from xlplan.sources.sql.facts import (
    buyers,
    days,
    name_stores,
    orders,
    refunds,
    stores,
    sums,
    unread,
)
from xlplan.sources.sql.lines import select_lines, with_texts
from xlplan.sources.sql.oddities import (
    ask_level,
    fetch_rows,
    report_id_twins,
    report_stores,
    report_twins,
    report_unpaid,
    report_versions,
    warn_shifted,
)
from xlplan.sources.sql.oddtexts import read_texts

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from xlplan.sources.sql.lines import Lines, Span

#: Lines whose orders and buyers are counted at once: about a month of a large shop (PERFORMANCE F).
_AT_ONCE = 1_500_000
#: Lines that are enough to judge what a column means.
_SAMPLE = 200_000


@dataclass
class Counted:
    """What came back.

    Attributes:
        lines: The table asked, its stores named.
        sums: Rows per store, day and channel.
        orders: Rows per store and day, in parts; empty when no column names orders.
        buyers: The same for buyers.
        refunds: Refunds by the day they were completed; empty when they go by payment.
        doubted: Roles whose figures cannot be summed before the user has said what they are.
    """

    lines: Lines
    sums: list[pd.DataFrame] = field(default_factory=list)
    orders: list[pd.DataFrame] = field(default_factory=list)
    buyers: list[pd.DataFrame] = field(default_factory=list)
    refunds: list[pd.DataFrame] = field(default_factory=list)
    doubted: tuple[str, ...] = ()


def count(
    lines: Lines, span: Span | None, findings: Findings, book: Sequence[str] = ()
) -> Counted:
    """Return the sums of a range of days, and its different orders and buyers part by part.

    Sums need one pass. Only lines that may come twice are summed part by part too, each part
    with every version of its lines.

    Args:
        lines: The table.
        span: First and last day; None: all.
        findings: Takes what is odd.
        book: The stores of the plan book; lines of others are not asked for.
    """
    lines = _read_texts(lines, span, findings)
    if lines.has("store") and (book or lines.has("line")):
        lines = _with_stores(lines, span, book, findings)
    _report_unread(lines, _fetch(unread(lines, span)), findings)
    counted = _sum_newest(lines, span) if lines.has("line") else _sum(lines, span, findings)
    per_day = _per_day(counted.lines, counted.sums, findings)
    for chunk in _chunks(per_day):
        rows = select_lines(counted.lines, chunk)
        if lines.has("order"):
            counted.orders.append(_fetch(orders(counted.lines, rows)))
        if lines.has("buyer"):
            counted.buyers.append(_fetch(buyers(counted.lines, rows)))
    if lines.refund_clock is not None:
        counted.refunds.append(_fetch(refunds(counted.lines, span)))
    _report(counted, span, per_day, findings)
    return counted


def _read_texts(lines: Lines, span: Span | None, findings: Findings) -> Lines:
    texts = {
        role: read_texts(lines, role, span, findings)
        for role in FIGURES
        if lines.has(role) and lines.stored(role).type().is_string()
    }
    return with_texts(lines, texts) if any(texts.values()) else lines


def _with_stores(
    lines: Lines, span: Span | None, book: Sequence[str], findings: Findings
) -> Lines:
    found = fetch_rows(stores(lines, span))
    lines = name_stores(lines, [one["store"] for one in found], book)
    report_stores(lines, found, findings)
    report_twins(lines, [one["store"] for one in found], findings)
    return lines


def _report(
    counted: Counted, span: Span | None, per_day: pd.Series[int], findings: Findings
) -> None:
    """Tell what is odd; what a column means is judged by the last days, which are enough."""
    lines, sample = counted.lines, _sample(per_day)
    report_versions(lines, span, findings)
    report_unpaid(lines, span, findings)
    if sample is not None:
        report_id_twins(lines, sample, findings)
        warn_shifted(lines, sample, findings)
        counted.doubted = ask_level(lines, sample, findings)


def _sample(per_day: pd.Series[int]) -> Span | None:
    """Return the last days, as many as hold enough lines; None when there are none."""
    if per_day.empty:
        return None
    found = pd.DatetimeIndex(per_day.index).date
    held = per_day[::-1].cumsum()[::-1].to_numpy()
    first = next(
        (day for day, lines in zip(found, held, strict=True) if lines <= _SAMPLE), found[-1]
    )
    return first, found[-1]


def _sum(lines: Lines, span: Span | None, findings: Findings) -> Counted:
    found = _fetch(sums(lines, select_lines(lines, span)))
    if lines.has("store") and lines.only is None:
        values = list(found["store"].unique())
        lines = name_stores(lines, values)
        report_twins(lines, [value for value in values if isinstance(value, str)], findings)
        said = found["store"].astype(object)
        named = said.map(lines.stores.get, na_action="ignore").fillna(said)
        found["store"] = named.fillna(lines.stores.get(None, ""))
    return Counted(lines, [found])


def _sum_newest(lines: Lines, span: Span | None) -> Counted:
    per_day = _per_day(lines, [_fetch(days(lines, span))], Findings())
    found = [_fetch(sums(lines, select_lines(lines, chunk))) for chunk in _chunks(per_day)]
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
        days = lines.clock.days(found["day"])
        since = "" if days.min() is pd.NaT else f"最早在 {days.min():%Y-%m-%d}"
        named = next((found[role].dropna() for role in ("line", "order") if role in found), None)
        row = f"{lines.row_title} {named.min()}" if named is not None and len(named) else ""
        more = "，".join(filter(None, [since, f"如 {row}" if row else ""]))
        what = f"{int(found['lines'].sum())} 行有付款时间但没有能读的金额，没有计入"
        remedy = "请核对金额列，缺数不当作 0"
        more = f"（{more}）" if more else ""
        findings.error(lines.source.where, what + more, "no_amount", remedy=remedy)


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
