"""Where the rows of 推广 stand: blocks from top to bottom, a hidden key a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sheets.base.making import Keyed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlplan.metrics import Registry

ADS_KEY_ROW = 3
ADS_SAID = 7
#: Stretches of campaigns that find room, two rows each.
STRETCHES = 48
#: Rows of 口径: key → label.
TERMS = {"margin": "毛利率（可填）", "refund": "退款率（金额，已成熟）", "even": "保本 ROI", "least": "ROI 底线"}  # fmt: skip
#: Rows of a channel by month, and of all together: key → label.
BY_MONTH = {
    "plan": "计划花费",
    "real": "实际花费",
    "brought": "成交（归因）",
    "paid": "有成交数的花费",
    "roi": "平均 ROI",
}
ALL = "all"
ADS_COLUMNS = 20


def ads_as_built(metrics: Registry) -> Keyed:
    """Return the positions of a freshly built 推广."""
    rows = {"title": 1, "about": 2}
    row = ADS_KEY_ROW
    for block in _blocks(metrics):
        for key in block:
            row += 1
            rows[key] = row
        row += 1  # an empty one
    return Keyed(rows, {f"c:{number}": number for number in range(1, ADS_COLUMNS + 1)})


def _blocks(metrics: Registry) -> Iterator[list[str]]:
    keys = [*(channel.key for channel in metrics.channels), ALL]
    yield ["part:say", *(f"say:{n}" for n in range(1, ADS_SAID + 1))]
    yield ["part:term", *(f"term:{name}" for name in TERMS)]
    yield ["part:channel", "head:channel", *(f"channel:{key}" for key in keys)]
    yield ["part:draw", *(f"draw:{n}" for n in range(1, 15))]
    yield ["part:month", "head:month", *(f"month:{key}:{name}" for key in keys for name in BY_MONTH)]  # fmt: skip
    yield ["part:event", "head:event", *(f"event:{n}:{side}" for n in range(1, STRETCHES + 1) for side in ("plan", "real"))]  # fmt: skip
