"""Who said the actual of a day: every source's value, its file and time, the one that stands first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.actions.selecting import find_stores
from xlplan.metrics import METRICS
from xlplan.plan.periods import parse_period
from xlplan.plan.preview import number

if TYPE_CHECKING:
    from xlplan.sheets.state import BookState

    Said = list[dict[str, object]]


def who_said(state: BookState, metric: str, store: str, period: str) -> Said:
    """Return everyone who told a metric on one day, store by store; [] for anything wider or unknown.

    Raises:
        InputError: The store or the period cannot be understood.
    """
    from xlplan.actions.importing import trace_source

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


def said_lines(said: Said) -> list[str]:
    """Return one line a source."""
    return [_line(entry) for entry in said]


def _line(entry: dict[str, object]) -> str:
    metric = METRICS[str(entry["metric"])]
    value = number(float(str(entry["value"])), metric.unit)
    stands = "采用" if entry["used"] else "当天未结束，未计入" if entry["partial"] else "没有采用"
    place = "，".join(str(entry[key]) for key in ("file", "time") if entry[key])
    return f"{entry['store']} 实际{metric.label} {value}：{entry['name']}{f'（{place}）' if place else ''}，{stands}"
