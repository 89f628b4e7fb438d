"""What finance sets for a budget: tax, channels of stores, rates, lines typed once."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from xlplan.metrics import CHANNELS
from xlplan.plan.budget.accounts import CHART, Account
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What a rate is a share of; the value is what people choose.
BASES = {"gmv": "支付金额", "turnover": "营业额", "revenue": "营业收入"}
#: How a year's amount comes to months.
EVEN, BY_SALES = "平均", "按销售额"
#: The unit that amounts without a store belong to.
COMMON = "公共"
DEFAULT_TAX = 0.13


@record
class StoreTerms:
    """Finance's terms of a store.

    Attributes:
        channel: Sheet it is added up on (天猫, 抖音 …); the store itself when empty.
        department: 部门 in forms.
        tax: Rate of output VAT; None where it was not given (`DEFAULT_TAX` stands in, and is told).
    """

    channel: str = ""
    department: str = ""
    tax: float | None = None

    @property
    def rate(self) -> float:
        """The rate that is used."""
        return DEFAULT_TAX if self.tax is None else self.tax


@record
class CostLine:
    """A line typed once on 预算: a rate, an amount of the year, or amounts by month.

    Attributes:
        account: 科目编码.
        store: Its store; "" for all (rates: each by its own sales; amounts: shared by sales).
        rate: Share of `base`; None for amounts.
        base: A key of `BASES`.
        year: Yuan of the year, spread to months by `shape`.
        months: Month (1 … 12) → yuan, where months are given; the others take what is left of
            `year`, or nothing.
        shape: `EVEN` or `BY_SALES`.
        name: What people call it; the account's name when empty.
        why: The reason.
    """

    account: str
    store: str = ""
    rate: float | None = None
    base: str = "revenue"
    year: float | None = None
    months: Mapping[int, float] = field(default_factory=dict)
    shape: str = EVEN
    name: str = ""
    why: str = ""


@record
class Terms:
    """All that finance sets.

    Attributes:
        accounts: Chart of accounts.
        mapping: Channel key of the plan → 科目编码.
        reasons: Channel key → why it is booked there.
        stores: Store → its terms.
        input_tax: 科目编码 → rate of input VAT that can be deducted; none where it is missing.
        lines: Lines typed once.
        total: The whole budget that was approved, in yuan; None where nobody said.
    """

    accounts: tuple[Account, ...] = CHART
    mapping: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    stores: Mapping[str, StoreTerms] = field(default_factory=dict)
    input_tax: Mapping[str, float] = field(default_factory=dict)
    lines: tuple[CostLine, ...] = ()
    total: float | None = None

    def store(self, name: str) -> StoreTerms:
        """Return the terms of a store."""
        return self.stores.get(name, StoreTerms())

    def account_of(self, channel: str) -> str:
        """Return the account that a promotion channel's money is booked to."""
        return self.mapping.get(channel) or default_account(channel, self.accounts)


#: Why a channel's cost is booked where it is, by the default account's name.
WHY = {
    "平台推广费": "平台内付费流量",
    "平台佣金及手续费": "按活动收的坑位费、扣点，属平台收费",
    "分佣佣金": "按成交付佣金，随收入走",
    "广告宣传费用": "站外与会员触达，属广告宣传",
}


def default_account(channel: str, accounts: tuple[Account, ...] = CHART) -> str:
    """Return the account code a channel is booked to when nobody chose one."""
    wanted = next((each.account for each in CHANNELS if each.key == channel), "平台推广费")
    named = {account.name: account.code for account in accounts}
    return named.get(wanted) or named.get("平台推广费") or accounts[0].code


def default_reason(channel: str) -> str:
    """Return why, in words."""
    name = next((each.account for each in CHANNELS if each.key == channel), "平台推广费")
    return WHY.get(name, "")
