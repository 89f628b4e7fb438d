"""Who said the actual of a day: every source's value, its file and time, the one that stands first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from xlplan.actions.change.selecting import find_stores, spot_of
from xlplan.metrics import METRICS
from xlplan.plan.actuals.merge import merge_year, staff_rows
from xlplan.plan.actuals.origins import told
from xlplan.plan.change.preview import number
from xlplan.plan.days.periods import parse_period

if TYPE_CHECKING:
    from datetime import date

    from xlplan.sheets.state.book import BookState
    from xlplan.sheets.state.read import BookRead

    Said = list[dict[str, object]]


def who_said(state: BookState, metric: str, store: str, period: str) -> Said:
    """Return everyone who told a metric on one day, store by store; [] for anything wider or unknown.

    Raises:
        InputError: The store or the period cannot be understood.
    """
    found = METRICS.find(metric)
    name = found.name.removesuffix("_net").removesuffix("_target") if found else ""
    stores, days = find_stores(store, state.year), parse_period(period, state.year.calendar)
    if name not in METRICS or days.days > 1:
        return []
    return [
        {"store": one, **entry}
        for one in stores
        for entry in trace_source(state, one, days.first, name)
    ]


def actual_at(read: BookRead, at: str) -> Said:
    """Return everyone who told the actual that a cell of a month's sheet shows; [] for other cells."""
    sheet, _, spot = at.strip().replace("'", "").partition("!")
    month = next((one for one in read.at.book.months.values() if one.sheet == sheet), None)
    if month is None:
        return []
    rows = {row: key for key, row in month.rows.items()}
    columns = {column: key for key, column in month.columns.items()}
    row, column = spot_of(spot)
    key, day = rows.get(row, ""), columns.get(column, "")
    name = key.removesuffix("_net")
    if not day.startswith("d:") or key.endswith("_target") or name not in METRICS:
        return []
    scope = read.scopes.get(sheet, "")
    return who_said(read.state, name, scope, day.removeprefix("d:"))


def trace_source(state: BookState, store: str, day: date, metric: str) -> list[dict[str, object]]:
    """Return everyone who told this value, the one that stands first.

    Each entry has metric, value, name, source, file, time, partial and used. A computed
    metric has none of its own: its parts have.
    """
    year = state.year
    typed = {pair: values for pair, values in state.daily.items() if pair == (store, day)}
    rows = state.sources
    rows = rows[(rows["store"] == store) & (rows["date"] == pd.Timestamp(day))]
    merged = merge_year(rows, staff_rows(typed), year)
    return told(rows, staff_rows(typed), merged, metric)


def said_lines(said: Said) -> list[str]:
    """Return one line a source."""
    return [_line(entry) for entry in said]


def _line(entry: dict[str, object]) -> str:
    metric = METRICS[str(entry["metric"])]
    value = number(float(str(entry["value"])), metric.unit)
    stands = "采用" if entry["used"] else "当天未结束，未计入" if entry["partial"] else "没有采用"
    place = "，".join(str(entry[key]) for key in ("file", "time") if entry[key])
    return f"{entry['store']} 实际{metric.label} {value}：{entry['name']}{f'（{place}）' if place else ''}，{stands}"
