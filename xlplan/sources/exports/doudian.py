"""抖店 orders: by the day they were paid, whenever they were placed; what was never paid is no sale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sources.declare import Combine, Source
from xlplan.sources.exports.orders import excluded_order

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.sources.declare import Row

_AMOUNT = "订单应付金额 | 用户实付金额 | 订单实付金额 | 实付金额"
_ORDER = "主订单编号 | 订单编号 | 子订单编号"


def _order(row: Row) -> Mapping[str, float | str]:
    """Return what a line adds to the day it was paid; refunds later do not lower it."""
    paid = row.number(_AMOUNT)
    if paid is None or row.text("订单状态") in ("待支付", "待付款", "未支付"):
        return {}
    number = row.identity(_ORDER)
    day: dict[str, float | str] = {"gmv": paid, "orders": number or 1.0}
    if (units := row.number("商品数量 | 商品数量(件) | 购买数量")) is not None:
        day["units"] = units
    if (refund := row.number("实际退款金额 | 退款金额 | 已退款金额")) is not None:
        day["refund_amount"] = refund
    return day | excluded_order(row, paid, number)


ORDERS = Source(
    key="doudian_orders",
    name="抖店 订单",
    platform="抖音",
    needs=(_ORDER, "支付完成时间 | 支付时间", _AMOUNT, "订单提交时间 | 订单创建时间 | 下单时间"),
    date="支付完成时间 | 支付时间",
    combine=Combine.SUM,
    unpaid=True,
    row=_order,
    key_of="子订单编号 | 订单编号",
    basis="支付时间；应付金额不扣以后的退款",
    rank=20,
)
