"""预警: which store strays from its plan, by a ratio and an amount, for how many days."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.outlook.standing import Standing, from_tomorrow, standings
from xlplan.actions.run.outcome import Outcome
from xlplan.plan.outlook.alerts import RULES, Alert, alerts
from xlplan.plan.year import TOTAL
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.cells import Book
    from xlplan.plan.exact.units import Floats


def alert(book: Book, *, as_of: date | None = None) -> Outcome:
    """List what strays from the plan on the last days known; nothing is written.

    Args:
        book: The plan book.
        as_of: Last day to look at; the last one with actuals by default.

    Raises:
        InputError: There are no actuals.
    """
    read = read_state(book)
    made = standings(read.state, as_of)
    found = alarms(made)
    day = made[0].as_of
    title = f"截止 {day}：{len(found)} 项预警" if found else f"截止 {day}：没有预警"
    stale = [f"{each.scope} 的实际只到 {last}" for each in made if each.scope != TOTAL and (last := _last(each)) != day]  # fmt: skip
    lines = [*(f"{'⚠ ' if each.severe else ''}{each}" for each in found), *stale]
    return Outcome(title, lines, from_tomorrow(day), {"as_of": str(day), "alerts": [_facts(each) for each in found], "stale": stale})  # fmt: skip


def alarms(made: Sequence[Standing]) -> list[Alert]:
    """Return the alarms of every store, the severe ones first."""
    found = [
        each
        for store in made
        if store.scope != TOTAL
        for each in alerts(store.scope, date(store.year.year, 1, 1), *_values(store), RULES)
    ]
    return sorted(found, key=lambda each: (not each.severe, -abs(each.actual - each.target)))


def _values(store: Standing) -> tuple[dict[str, Floats], dict[str, Floats]]:
    actual = {name: store.known(name) for name in ("uv", "orders", "refund_amount")}
    target = {name: store.planned(name) for name in ("uv", "orders", "refund_amount")}
    spent, planned = store.spend
    young = store.count - store.year.settings.maturity_days
    actual["refund_amount"][max(young, 0) :] = np.nan  # refunds of young days are still coming in
    return {**actual, "gmv": store.sales, "spend": spent}, {**target, "gmv": store.plan, "spend": planned}  # fmt: skip


def _last(store: Standing) -> date | str:
    known = np.flatnonzero(~np.isnan(store.sales))
    if not known.size:
        return "（没有实际）"
    return date.fromordinal(date(store.year.year, 1, 1).toordinal() + int(known[-1]))


def _facts(each: Alert) -> dict[str, object]:
    return {
        "store": each.store, "metric": each.rule.metric, "label": each.rule.label,
        "actual": round(each.actual, 4), "target": round(each.target, 4),
        "first": str(each.first), "last": str(each.last), "days": each.days, "severe": each.severe, "text": str(each),
    }  # fmt: skip
