"""千牛 order and refund exports: aggregated by day; nothing about a person leaves this room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.metrics.money import HALF_CENT
from xlplan.sources.declare import Combine, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.sources.declare import Row

_PAID = "买家实际支付金额 | 买家实付金额"
_REMARK = "订单备注 | 商家备忘 | 商家备注 | 卖家备注"
_ORDER_ID = "主订单编号 | 订单编号"


def _gross(row: Row) -> float | None:
    """Return what was paid before refunds: 买家实际支付金额 is net of them (DOMAIN §0.8)."""
    paid, refunded = row.number(_PAID), row.number("退款金额")
    if paid is None or refunded is None:
        return row.number("总金额") if paid is None else paid
    total = row.number("总金额")
    if total is not None and abs(total - paid - refunded) > HALF_CENT:
        row.warn(
            f"总金额 {total:,.2f} 不等于 实付 {paid:,.2f} + 退款 {refunded:,.2f}，按后者计",
            "order_sum",
        )
    return round(paid + refunded, 2)


def _is_half_paid(row: Row) -> bool:
    """Return True for presale orders of which only the deposit is paid."""
    stages = row.text("分阶段订单信息")
    return "已付款" in stages and ("未付款" in stages or "等待" in stages)


def _order(row: Row) -> Mapping[str, float | str]:
    gross = _gross(row)
    if gross is None or _is_half_paid(row):
        return {}
    number = row.identity(_ORDER_ID)
    day: dict[str, float | str] = {"gmv": gross, "orders": number or 1.0}
    day["refund_amount"] = row.number("退款金额") or 0.0
    if (units := row.number("宝贝总数量 | 购买数量")) is not None:
        day["units"] = units
    if buyer := row.text("买家会员名 | 买家昵称"):
        day["buyers"] = buyer
    return day | excluded_order(row, gross, number)


def excluded_order(row: Row, gross: float, number: str) -> dict[str, float | str]:
    """Return what is subtracted for orders whose remark begins as the shop agreed (补单)."""
    prefixes = row.options.exclude_prefixes
    if not prefixes or not row.has(_REMARK):
        return {}
    if not row.text(_REMARK).startswith(prefixes):
        return {"gmv_excluded": 0.0, "orders_excluded": 0.0}
    row.info("备注开头表示不计入实际销售，已单独列为扣除项", "excluded_order")
    return {"gmv_excluded": gross, "orders_excluded": number or 1.0}


TAOBAO_ORDERS = Source(
    key="taobao_orders",
    name="千牛 订单",
    platform="天猫",
    needs=("主订单编号 | 订单编号", "订单付款时间", _PAID),
    date="订单付款时间",
    combine=Combine.SUM,
    unpaid=True,
    row=_order,
    key_of="子订单编号 | 订单编号",
    basis="支付时间；退款按支付日归属，近几日会继续上升",
    rank=20,
)


def _refund(row: Row) -> Mapping[str, float | str]:
    status = row.text("退款状态")
    if status and "成功" not in status:
        return {}
    amount = row.number("退给买家金额 | 退款总额 | 退款金额 | 买家退款金额")
    number = row.identity("退款编号 | 订单编号 | 支付宝交易号")
    day: dict[str, float | str] = {"refund_orders": number} if number else {"refund_orders": 1.0}
    if amount is not None:
        day["refund_amount"] = amount
    if (units := row.number("退款件数 | 退货数量 | 商品数量 | 购买数量")) is not None:
        day["refund_units"] = units
    return day


TAOBAO_REFUNDS = Source(
    key="taobao_refunds",
    name="千牛 退款",
    platform="天猫",
    needs=("退款完结时间", "退款状态", "退给买家金额 | 退款总额"),
    date="退款完结时间",
    combine=Combine.SUM,
    unpaid=True,
    row=_refund,
    key_of="退款编号",
    basis="退款完结时间",
    rank=12,
)
LEDGER = Source(
    key="alipay_ledger",
    name="支付宝账务明细",
    needs=("账务流水号", "业务流水号"),
    refuse="账务明细是资金流水（充值、提现、保证金都在内），不是销售或费用，没有写入",
)
