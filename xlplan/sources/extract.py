"""What came out of a file: a frame of days, where it came from, and what was wrong."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from dataclasses import field, replace
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from xlplan.metrics import METRICS, Unit
from xlplan.record import bundle, record
from xlplan.sources.declare import Combine
from xlplan.sources.facts import Reader
from xlplan.sources.shape.around import month_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xlplan.errors import Problem, Where
    from xlplan.sources.facts import Fact
    from xlplan.sources.records import Sheet

    Days = dict[tuple[str, dt.date], dict[str, list[Fact]]]


#: From here on a value of one day is more likely a slip than a success.
_TOO_MUCH = {Unit.MONEY: 1e10, Unit.COUNT: 1e9, Unit.PERCENT: math.inf, Unit.TIMES: math.inf}


@record
class Provenance:
    """Where columns of an extract come from.

    Attributes:
        source: Key of the declaration (``sycm_shop``).
        name: Its name for users.
        file: File (and member of a zip).
        sheet: Sheet name.
        basis: How money is counted (支付时间, 退款完结时间 …).
        rank: Lower is trusted first when two sources tell the same metric.
        time: When the platform made the file, as far as known (Beijing time).
        columns: Metrics it gave.
        partial: Days that were not over when the file was made.
        daily: Whether it has a row for every day, so that a day without one is missing.
        places: Where the first row of a store and day stands.
    """

    source: str
    name: str
    file: str
    sheet: str = ""
    basis: str = ""
    rank: int = 10
    time: dt.datetime | None = None
    columns: tuple[str, ...] = ()
    partial: tuple[dt.date, ...] = ()
    daily: bool = True
    places: Mapping[tuple[str, dt.date], Where] = field(
        default_factory=dict, compare=False, repr=False
    )


class Part(NamedTuple):
    """What one source says in one file: the figures, and where they come from."""

    frame: pd.DataFrame
    about: Provenance


@bundle
class Extract:
    """Daily facts of one file.

    Attributes:
        frame: Index (store, date), one column per metric; NaN is 'not told', never 0.
        source: Keys of the declarations that read it, joined by ``+``; "" when unknown.
        problems: Everything worth showing, with its cell.
        parts: The same figures before they were settled: one part per source and file (a zip
            holds several), so that a book can settle them by its own rules.
        starter: For a table nobody knows, the mapping to begin with (`sources.starter`).
    """

    frame: pd.DataFrame
    source: str = ""
    problems: Sequence[Problem] = ()
    parts: Sequence[Part] = ()
    starter: str = ""

    @property
    def provenance(self) -> tuple[Provenance, ...]:
        """Where the parts come from."""
        return tuple(part.about for part in self.parts)


def empty_frame() -> pd.DataFrame:
    """Return a frame without rows in the shape of every extract."""
    index = pd.MultiIndex.from_arrays([pd.Index([], dtype=object), pd.DatetimeIndex([])])
    return pd.DataFrame(index=index.set_names(["store", "date"]))


def to_frame(days: Mapping[tuple[str, dt.date], Mapping[str, float]]) -> pd.DataFrame:
    """Return {(store, day): {metric: value}} as a sorted frame."""
    if not days:
        return empty_frame()
    keys = sorted(days)
    metrics = sorted({metric for values in days.values() for metric in values})
    index = pd.MultiIndex.from_arrays(
        [[store for store, _ in keys], pd.DatetimeIndex([day for _, day in keys])],
        names=["store", "date"],
    )
    rows = [[days[key].get(metric, math.nan) for metric in metrics] for key in keys]
    return pd.DataFrame(rows, index=index, columns=metrics, dtype=float)


def extract_sheets(sheets: Sequence[Sheet], time: dt.datetime | None) -> Part:
    """Read located sheets of one declaration into one frame and its provenance.

    They are the blocks of one sheet; problems go to its findings.
    """
    sheet = sheets[0]
    grouped: Days = defaultdict(lambda: defaultdict(list))
    places: dict[tuple[str, dt.date], Where] = {}
    readers = [Reader(one) for one in sheets]
    for reader in readers:
        for fact in reader.facts():
            grouped[fact.store, fact.day][fact.metric].append(fact)
            if (fact.store, fact.day) not in places:
                where = reader.sheet.table.where(fact.row, reader.date_column)
                places[fact.store, fact.day] = where
    if sheet.source.combine is Combine.SUM:
        values = {key: _sums(metrics) for key, metrics in grouped.items()}
    else:
        values = {key: _ones(sheet, key[1], metrics) for key, metrics in grouped.items()}
    frame = to_frame({key: metrics for key, metrics in values.items() if metrics})
    if len(readers) == 1:
        sums = {metric: math.fsum(frame[metric].dropna()) for metric in map(str, frame)}
        readers[0].check_totals(sums)
    _check_store(sheet, frame)
    _check_gaps(sheet, frame)
    _check_ranges(sheet, frame)
    _check_month(sheet, frame)
    return Part(frame, replace(_provenance(sheet, frame, time), places=places))


def _sums(metrics: Mapping[str, Iterable[Fact]]) -> dict[str, float]:
    return {metric: _total([fact.value for fact in facts]) for metric, facts in metrics.items()}


def _total(values: Sequence[float | str]) -> float:
    """Return the sum of amounts plus how many different texts there are."""
    amounts = [value for value in values if not isinstance(value, str)]
    return round(math.fsum(amounts), 6) + len(
        {value for value in values if isinstance(value, str)}
    )


def _ones(sheet: Sheet, day: dt.date, metrics: Mapping[str, Sequence[Fact]]) -> dict[str, float]:
    """Return the day's values; repeated equal values stand, different ones are a conflict."""
    kept = {}
    for metric, facts in metrics.items():
        if len({fact.value for fact in facts}) == 1:
            kept[metric] = _total([facts[0].value])
        else:
            _report_conflict(sheet, day, metric, facts)
    if any(len(facts) > 1 for facts in metrics.values()) and kept:
        row = max(facts[-1].row for facts in metrics.values())
        where = sheet.table.where(row)
        sheet.findings.warn(where, f"{day} 出现了不止一行，相同的数只取一次", "repeated_day")
    return kept


def _report_conflict(sheet: Sheet, day: dt.date, metric: str, facts: Sequence[Fact]) -> None:
    said = "、".join(f"{fact.value:,.10g}" for fact in facts if not isinstance(fact.value, str))
    sheet.findings.error(
        sheet.table.where(facts[-1].row, facts[-1].column),
        f"{day} 有不同的数（{said}），都没有写入",
        "conflict",
        remedy="请删去错误的一行后重新导入",
        group=metric,
    )


def _check_store(sheet: Sheet, frame: pd.DataFrame) -> None:
    if "" in frame.index.get_level_values("store"):
        what, remedy = (
            "文件内容和文件名都没有店铺名",
            "导入时指定店铺；单店的计划簿会用它自己的店铺",
        )
        sheet.findings.warn(sheet.table.where(), what, "no_store", remedy=remedy)


def _check_gaps(sheet: Sheet, frame: pd.DataFrame) -> None:
    """Report days missing inside the covered range of a source that has one row a day."""
    if sheet.source.combine is not Combine.ONE:
        return
    for store, rows in frame.groupby(level="store"):
        days = pd.DatetimeIndex(rows.index.get_level_values("date"))
        gaps = pd.date_range(days.min(), days.max()).difference(days)
        if len(gaps):
            shown = "、".join(day.strftime("%m-%d") for day in gaps[:5]) + (
                "…" if len(gaps) > 5 else ""
            )
            what = f"{store or '店铺'}缺 {len(gaps)} 天：{shown}（缺数不是 0）"
            sheet.findings.warn(sheet.table.where(), what, "missing_days", remedy="补导这几天")


def _check_month(sheet: Sheet, frame: pd.DataFrame) -> None:
    """Report a sheet that is named after one month and holds only days of others."""
    said = month_in(sheet.table.sheet)
    months = {day.month for day in frame.index.get_level_values("date")}
    if said and months and said[1] not in months:
        shown = "、".join(f"{month} 月" for month in sorted(months))
        what = f"工作表名是「{sheet.table.sheet}」，里面的日期却在 {shown}，按日期读了"
        sheet.findings.warn(sheet.table.where(), what, "other_month", remedy="请核对日期")


def _check_ranges(sheet: Sheet, frame: pd.DataFrame) -> None:
    """Report values no shop has: kept, because only a person can tell."""
    for name in map(str, frame.columns):
        if name not in METRICS:  # a card's
            continue
        metric = METRICS[name]
        values = frame[name].dropna()
        odd = values.abs() >= _TOO_MUCH[metric.unit]
        if metric.unit is Unit.COUNT:
            odd |= (values < 0) | (values % 1 != 0)
        days = pd.DatetimeIndex(values[odd].index.get_level_values("date"))
        for day, value in zip(days, values[odd], strict=True):
            what = f"{day:%Y-%m-%d} 的{metric.label} {value:,.10g} 不像真的，请核对"
            sheet.findings.warn(sheet.table.where(), what, "odd_value", group=name)


def _provenance(sheet: Sheet, frame: pd.DataFrame, time: dt.datetime | None) -> Provenance:
    source, table = sheet.source, sheet.table
    return Provenance(
        source.key, source.name, table.file, table.sheet, source.basis, source.rank,
        time, tuple(frame.columns), _partial(sheet, frame, time), source.combine is Combine.ONE,
    )  # fmt: skip


def _partial(sheet: Sheet, frame: pd.DataFrame, time: dt.datetime | None) -> tuple[dt.date, ...]:
    """Return the day on which the file was made; only a time of day proves it was not over."""
    if time is None or time.time() == dt.time():
        return ()
    days = frame.index.get_level_values("date").unique()
    open_days = tuple(day.date() for day in days if day.date() >= time.date())
    for day in open_days:
        what = f"{day} 的数导出于 {time:%m-%d %H:%M}，当天还没有结束，不完整"
        sheet.findings.warn(sheet.table.where(), what, "partial_day", remedy="次日重新导出")
    return open_days
