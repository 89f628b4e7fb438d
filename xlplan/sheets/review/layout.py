"""Where the rows of 复盘 stand: blocks from top to bottom, a hidden key a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.plan.explain.basis import MARKS, STEPS
from xlplan.plan.explain.reasons import SHIFT
from xlplan.sheets.base.making import Keyed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xlplan.metrics import Registry

KEY_ROW = 3
SAID = 9
#: Stores of last year that the book does not have.
OTHERS = "今年没有的店"
WEEK_ROWS = 6
#: Rows of the 补差计划.
GAP_ROWS = 16
AHEAD = ("month", "quarter", "year")
SCORES = {"error": "平均误差", "bias": "偏差", "hits": "区间含住"}
PLAN_STEPS = ("start", *STEPS, "end")
YEAR_STEPS = ("same", SHIFT, "start", *STEPS, "end")
#: Columns that are printed, and all of them (the figures behind stand to the right).
WIDTH, COLUMNS = 16, 33


def review_as_built(stores: Sequence[str], scopes: Sequence[str], metrics: Registry) -> Keyed:
    """Return the positions of a freshly built 复盘."""
    rows = {"title": 1, "about": 2}
    row = KEY_ROW
    for block in _blocks(stores, scopes, metrics):
        for key in block:
            row += 1
            rows[key] = row
        row += 1  # an empty one
    return Keyed(rows, {f"c:{number}": number for number in range(1, COLUMNS + 1)})


def _blocks(
    stores: Sequence[str], scopes: Sequence[str], metrics: Registry
) -> Iterator[list[str]]:
    yield ["part:say", *(f"say:{n}" for n in range(1, SAID + 1))]
    yield ["part:mark", "head:mark", *(f"mark:{name}" for name in MARKS)]
    yield ["part:plan", "head:plan", *(f"plan:{name}" for name in PLAN_STEPS), "plan:check", "plan:refund", "plan:net"]  # fmt: skip
    yield ["part:ahead", "head:ahead", *(f"ahead:{name}" for name in AHEAD)]
    yield ["part:gap", "head:gap", *(f"gap:{n}" for n in range(1, GAP_ROWS + 1))]
    yield ["part:week", "head:week", *(f"week:{n}" for n in range(1, WEEK_ROWS + 1))]
    yield ["part:channel", "head:channel", *(f"channel:{c.key}" for c in metrics.channels), "channel:own"]  # fmt: skip
    yield ["part:year", "head:year", *(f"year:{name}" for name in YEAR_STEPS), "year:check"]
    yield ["part:score", "head:score", *(f"score:{scope}:{name}" for scope in scopes for name in SCORES)]  # fmt: skip
    yield ["part:base", "head:base", *(f"base:{store}" for store in stores), "base:total", "base:split"]  # fmt: skip
    yield ["part:last", "head:last", *(f"last:{store}" for store in (*stores, OTHERS)), "last:total", "last:split"]  # fmt: skip
