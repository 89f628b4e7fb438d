"""A table or view that has a row a store and day already: read as it is, checked, never summed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from xlplan.errors import InputError
from xlplan.metrics import METRICS, Unit
from xlplan.sources.declare import split_unit
from xlplan.sources.extract import empty_frame
from xlplan.sources.mapping import importable_metric
from xlplan.sources.numbers import Number, parse_amount
from xlplan.sources.sql.clock import Clock, clock_of
from xlplan.sources.text import Unread, clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.sources.findings import Findings
    from xlplan.sources.sql.config import SqlSource
    from xlplan.sources.sql.lines import Span

#: Names the day has, beside what the declaration says.
DAYS = ("日期", "统计日期", "date", "day", "dt", "stat_date", "biz_date", "ds")
_STORES = ("店铺名称", "店铺名", "店铺", "store", "shop", "store_name", "shop_name")
_KEYS = ["store", "date"]


def read_daily(
    source: SqlSource, table: Any, span: Span | None, findings: Findings
) -> pd.DataFrame:
    """Return the frame of a table of days.

    Raises:
        InputError: No column of it is a day, or none a metric.
    """
    day, store = _column(source, table, "paid_at", DAYS), _column(source, table, "store", _STORES)
    if day is None:
        what = f"找不到日期列。看到的列：{'、'.join(table.columns[:40])}"
        raise InputError(what, remedy='请在 [columns] 里写 paid_at = "日期列"', where=source.where)
    clock = clock_of(table[day], source.time_format, source.where, offset=source.offset)
    metrics = daily_metrics(source, table, (day, store))
    if not metrics:
        what = f"没有一列认得是哪个指标。看到的列：{'、'.join(table.columns[:40])}"
        raise InputError(what, remedy='请在 [metrics] 里写 指标 = "列名"', where=source.where)
    rows = _rows(table, day, store, metrics, clock, span)
    rows["date"] = clock.days(rows.pop("day")).astype("datetime64[us]")
    stores = rows["store"] if store else pd.Series("", rows.index)
    rows["store"] = [_store(source, one) for one in stores]
    rows = _once(source, rows.dropna(subset=["date"]), findings)
    if rows.empty:
        return empty_frame()
    for metric, name in metrics.items():
        rows[metric] = [_value(source, metric, name, row, findings) for _, row in rows.iterrows()]
    frame = rows.set_index(_KEYS)[sorted(metrics)].astype(float)
    return frame.dropna(how="all").sort_index()


def daily_metrics(
    source: SqlSource, table: Any, taken: tuple[str | None, ...] = ()
) -> Mapping[str, str]:
    """Return metric → column: those the declaration names, else those called like a metric."""
    if source.metrics:
        if missing := [name for name in source.metrics.values() if name not in table.columns]:
            what = f"没有列「{missing[0]}」。看到的列：{'、'.join(table.columns[:40])}"
            raise InputError(what, remedy="请按表里的列名改 [metrics]", where=source.where)
        return source.metrics
    found: dict[str, str] = {}
    for name in table.columns:
        if name in taken:
            continue
        title = split_unit(name)[0]
        try:
            metric = importable_metric(title)
        except ValueError:
            continue
        if metric in METRICS:
            found.setdefault(metric, name)
    return found


def _column(source: SqlSource, table: Any, role: str, usual: tuple[str, ...]) -> str | None:
    wanted = [source.columns[role]] if role in source.columns else list(usual)
    titles = {split_unit(name)[0]: name for name in reversed(table.columns)}
    return next((titles[name] for name in wanted if name in titles), None)


def _rows(  # noqa: PLR0913, PLR0917  # the parts of one query
    table: Any,
    day: str,
    store: str | None,
    metrics: Mapping[str, str],
    clock: Clock,
    span: Span | None,
) -> pd.DataFrame:
    table = clock.staged(table, day, "xlplan_day")
    kept = [clock.known(table["xlplan_day"])]
    if span is not None:
        kept.append(clock.within(table["xlplan_day"], *span))
    table = table.filter(kept)
    columns = {f"xlplan_{metric}": table[name] for metric, name in metrics.items()}
    if store:
        columns["store"] = table[store].cast("string")
    chosen = table.select(day=clock.key(table["xlplan_day"]), **columns)
    found: pd.DataFrame = chosen.to_pyarrow().to_pandas(date_as_object=False)
    return found


def _store(source: SqlSource, value: object) -> str:
    text = "" if value is None or value != value else str(value).strip()  # noqa: PLR0124  # NaN
    return source.stores.get(text, text) or source.store


def _once(source: SqlSource, rows: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Return the rows without store-days that come more than once: which is right cannot be told."""
    twice = rows.duplicated(_KEYS, keep=False)
    if twice.any():
        first = rows[twice].iloc[0]
        count = int(rows[twice].groupby(_KEYS).ngroups)
        what = (
            f"{count} 个店铺日不止一行（如 {first['store']} {first['date']:%Y-%m-%d}），都没有计入"
        )
        remedy = '表要一家店一天一行；一天几行就在视图里汇总好，或写 grain = "lines"'
        findings.error(source.where, what, "day_twice", remedy=remedy)
    return rows[~twice]


def _value(
    source: SqlSource, metric: str, name: str, row: pd.Series, findings: Findings
) -> float | None:
    money = METRICS[metric].unit is Unit.MONEY
    scale = split_unit(name)[1]
    if money and scale == 1:
        scale = source.units.get(metric, source.fen) / 100
    read = parse_amount(row[f"xlplan_{metric}"], unit="元" if money else "个", scale=scale)
    if isinstance(read, Unread):
        what = f"「{name}」列{read.what}，{row['store']} {row['date']:%Y-%m-%d}，没有计入"
        findings.error(source.where, clean(what), read.code, remedy="请在库里改正", group=name)
        return None
    return read.value if isinstance(read, Number) else None
