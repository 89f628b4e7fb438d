"""The driver tree: how each flow comes from another one, and what gives when a number is edited.

销售额 = UV × 转化率 × 客单价, 推广费 = 销售额 × 费用占比, 推广销售额 = 推广费 × ROI, 退款 = what was sold × 退款率.
Planning, following an edit, 追溯, 体检 and 协调 all read this one tree.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from xlplan.metrics.channels import CHANNELS
from xlplan.metrics.model import Unit
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Rates that plans use and no table reports: name → what people call it, what it counts.
RATES = {
    "units_per_order": ("连带率", Unit.TIMES),
    "cost_per_visit": ("单次成本", Unit.MONEY),
    "channel_share": ("费用占比 × 渠道占比", Unit.PERCENT),
    "organic_share": ("自然UV占比", Unit.PERCENT),
    "social_share": ("社交UV占比", Unit.PERCENT),
}


@record
class Driver:
    """What drives a flow, or what gives when a flow or ratio is edited.

    Attributes:
        name: The flow or ratio.
        root: The flow it comes from; "" for the sales, where the plan begins, and for ratios.
        ratio: What stands between the two: a metric or one of `RATES`.
        divides: It is the root ÷ the ratio, not the root × the ratio.
        days_by: The flow by which its months are shared out over their days.
        moves_with: The flow whose every change it follows, "" for one that may stay behind.
        checked: A target list that states all three must agree with it.
        steps_back: A flow in whose presence it is not checked: the ratio is then about that one.
        gives: What can give when it is edited, the usual first → the flows that move, each with
            a minus where it moves the other way. What moves with one of them is not listed; the
            edited flow is, where what moves with it follows.
    """

    name: str
    root: str = ""
    ratio: str = ""
    divides: bool = False
    days_by: str = "gmv"
    moves_with: str = ""
    checked: bool = True
    steps_back: str = ""
    gives: Mapping[str, str] = field(default_factory=dict)

    @property
    def product(self) -> tuple[str, tuple[str, str]]:
        """The same as a product: the flow that it makes, and its two factors."""
        if self.divides:
            return self.root, (self.name, self.ratio)
        return self.name, (self.root, self.ratio)


#: Flows that a plan holds, each with the one it comes from.
FLOWS = (
    Driver("gmv", gives={"uv": "orders uv spend gmv_paid gmv", "cvr": "orders gmv", "aov": "gmv", "none": ""}),
    Driver("uv", "orders", "cvr", divides=True, gives={"cvr": "", "gmv": "gmv orders", "aov": "orders", "none": ""}),
    Driver("uv_organic", "uv", "organic_share", days_by="uv", moves_with="uv", checked=False),
    Driver("uv_social", "uv", "social_share", days_by="uv", moves_with="uv", checked=False),
    Driver("orders", "gmv", "aov", divides=True, gives={"aov": "orders", "gmv": "gmv orders", "uv": "gmv orders uv", "none": ""}),
    Driver("buyers", "gmv", "aov", divides=True, moves_with="orders", checked=False),
    Driver("units", "orders", "units_per_order", days_by="orders", moves_with="orders", checked=False),
    Driver("spend", "gmv", "spend_ratio", gives={"uv": "gmv_paid", "roi": "", "none": ""}),
    Driver("gmv_paid", "spend", "roi", days_by="spend"),
    Driver("refund_units", "units", "refund_rate", days_by="units", moves_with="orders"),
    Driver("refund_orders", "orders", "refund_rate", days_by="orders", moves_with="orders", checked=False),
    Driver("refund_amount", "gmv", "refund_rate", moves_with="gmv", steps_back="refund_units"),
)  # fmt: skip
#: Ratios that can be edited, and the flows that serve them.
EDITED_RATIOS = (
    Driver("cvr", gives={"uv": "-uv", "gmv": "gmv orders", "aov": "orders"}),
    Driver("aov", gives={"uv": "-orders -uv", "cvr": "-orders", "gmv": "gmv"}),
    Driver("uv_value", gives={"uv": "-uv", "gmv": "gmv"}),
    Driver("roi", gives={"gmv": "gmv_paid", "uv": "-spend"}),
    Driver("shop_roi", gives={"uv": "-spend"}),
    Driver("spend_ratio", gives={"uv": "spend"}),
    Driver("refund_rate", gives={"none": "refund_units refund_orders refund_amount"}),
)
#: What also holds between flows, without being a way to plan them.
ALSO_TRUE = (
    Driver("spend", "gmv", "shop_roi", divides=True),
    Driver("inquiries", "uv", "inquiry_rate"),
    Driver("inquiry_orders", "inquiries", "inquiry_cvr"),
)
#: What users call the thing that gives.
GIVES = {
    "UV": "uv",
    "转化率": "cvr",
    "客单价": "aov",
    "销售额": "gmv",
    "ROI": "roi",
    "都不动": "none",
}
_CHANNELS = frozenset(channel.key for channel in CHANNELS)
#: Every flow and ratio that can be edited or planned.
DRIVERS = {each.name: each for each in (*FLOWS, *EDITED_RATIOS)}


def driver_of(flow: str) -> Driver:
    """Return what a planned flow comes from; channels have their part of the spend.

    Raises:
        KeyError: It is no planned flow.
    """
    driver = DRIVERS.get(flow)
    if driver and driver not in EDITED_RATIOS:
        return driver
    kind, _, channel = flow.partition("_")
    if kind in ("uv", "spend") and channel in _CHANNELS:
        paid = Driver(flow, f"spend_{channel}", "cost_per_visit", divides=True)
        return paid if kind == "uv" else Driver(flow, "gmv", "channel_share")
    raise KeyError(flow)


def planned_from(flow: str) -> str:
    """Return how a flow is planned, as formula text over metrics; "" for one that is not."""
    try:
        driver = driver_of(flow)
    except KeyError:
        return ""
    if driver.ratio == "channel_share":
        return "spend"
    if not driver.root or driver.ratio in RATES:
        return driver.root
    return f"{driver.root} {'/' if driver.divides else '*'} {driver.ratio}"


def moving(edited: str, gives: str) -> dict[str, int]:
    """Return the flows that move where something is edited and `gives` gives, with their powers.

    Flows that follow every change of another one are among them; what was edited is not.
    """
    listed = DRIVERS[edited].gives[gives].split()
    powers = {name.removeprefix("-"): -1 if name.startswith("-") else 1 for name in listed}
    powers |= {each.name: powers[each.moves_with] for each in FLOWS if each.moves_with in powers}
    return {name: power for name, power in powers.items() if name != edited}


def products() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each flow with the factors it is the product of, the sales with all three first."""
    sales, factors = DRIVERS["orders"].product
    yield sales, (*DRIVERS["uv"].product[1], factors[1])
    for driver in (*FLOWS, *ALSO_TRUE):
        if driver.root and driver.checked:
            yield driver.product
