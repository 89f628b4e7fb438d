"""The chart of accounts: what finance calls what the plan knows, and where each amount belongs.

The default follows the budget workbook of a real brand (GMV, 售退, 营业收入, 营业成本, 销售费用 …).
Codes are those of the Chinese accounting standard's chart with sub-accounts; both are settings.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable


class Group(StrEnum):
    """Where an account stands in the statement; the value is what finance reads."""

    COST = "营业成本"
    SELLING = "销售费用"
    ADMIN = "管理费用"
    TAX = "税金及附加"
    INCOME_TAX = "所得税"
    CASH = "现金（不计成本）"


@record
class Account:
    """An account that costs are booked to.

    Attributes:
        code: 科目编码.
        name: 科目名称.
        group: Its place in the statement.
        aliases: Other names that forms use.
        why: Why it stands here, for the sheet 科目.
    """

    code: str
    name: str
    group: Group
    aliases: tuple[str, ...] = ()
    why: str = ""


#: Rows that are no cost account: key, code, name, other names.
GMV, REFUND, TURNOVER, REVENUE, VAT = "gmv", "refund", "turnover", "revenue", "vat"
SPECIAL: dict[str, tuple[str, str, tuple[str, ...]]] = {
    GMV: ("GMV", "支付金额", ("GMV", "GMV合计", "成交金额", "销售额")),
    REFUND: ("TK", "售退", ("退款", "退款金额", "减：售退")),
    TURNOVER: ("NET", "营业额合计", ("营业额", "净销售额")),
    REVENUE: ("6001", "营业收入", ("主营业务收入", "一、营业收入", "收入")),
    VAT: ("2221", "增值税", ("应交增值税",)),
}

CHART: tuple[Account, ...] = (
    Account("6401.01", "商品成本", Group.COST, ("采购成本", "商品采购成本"), "进货成本；填成本率后才有毛利"),
    Account("6401.02", "赠品及样品", Group.COST, ("赠品", "样品")),
    Account("6401.03", "分佣佣金", Group.COST, ("达人佣金", "CPS佣金", "分销佣金"), "按成交付的佣金随收入走，放成本；财务要放销售费用时改科目"),
    Account("6401.04", "仓储物流", Group.COST, ("物流费", "快递费", "运费", "物流")),
    Account("6401.05", "发货耗材", Group.COST, ("包材", "耗材")),
    Account("6601.01", "人工成本", Group.SELLING, ("人力", "工资", "客服", "人员工资")),
    Account("6601.02", "福利", Group.SELLING, ("社保福利",)),
    Account("6601.03", "平台推广费", Group.SELLING, ("推广费", "广告费", "站内推广"), "平台内付费流量，按渠道列明细"),
    Account("6601.04", "平台佣金及手续费", Group.SELLING, ("平台扣点", "扣点", "佣金扣点", "手续费")),
    Account("6601.05", "广告宣传费用", Group.SELLING, ("站外推广", "达人推广", "内容费", "KOL"), "达人、内容、短信等站外投放"),
    Account("6601.06", "品牌费用", Group.SELLING),
    Account("6601.07", "业务费用", Group.SELLING),
    Account("6601.08", "房租", Group.SELLING, ("场地费", "租金")),
    Account("6601.09", "售后费用", Group.SELLING, ("售后", "损耗")),
    Account("6601.10", "系统使用费用", Group.SELLING, ("技术", "软件费", "技术服务费")),
    Account("6601.11", "平台年费", Group.SELLING, ("年费", "软件服务年费")),
    Account("6601.99", "其他", Group.SELLING, ("其他费用",)),
    Account("6602", "管理费用", Group.ADMIN, ("行政费用",)),
    Account("6403", "税金及附加", Group.TAX, ("附加税",)),
    Account("6801", "所得税", Group.INCOME_TAX, ("所得税费用",)),
    Account("1221", "保证金", Group.CASH, ("店铺保证金", "平台保证金"), "可退回，是现金占用，不是成本"),
)  # fmt: skip


class Chart:
    """Accounts found by code, name or another name.

    Args:
        accounts: The accounts in the order of the statement.
    """

    def __init__(self, accounts: Iterable[Account] = CHART) -> None:
        self.accounts = tuple(accounts)
        self.by_code = {account.code: account for account in self.accounts}
        self._keys: dict[str, str] = {}
        for key, (code, name, others) in SPECIAL.items():
            self._name(key, code, name, *others)
        for account in self.accounts:
            self._name(account.code, account.code, account.name)
        for account in self.accounts:
            self._name(account.code, *account.aliases)

    def _name(self, key: str, *names: str) -> None:
        for name in names:
            self._keys.setdefault(plain(name), key)

    def find(self, text: str) -> str | None:
        """Return the key of the account that a code or name means: a code, or one of `SPECIAL`."""
        return self._keys.get(plain(text))

    def of(self, group: Group) -> list[Account]:
        """Return the accounts of a group, in order."""
        return [account for account in self.accounts if account.group is group]


def plain(text: str) -> str:
    """Return a code or name without signs that forms add (减：, 一、, blanks)."""
    kept = "".join(text.split()).lstrip("'").casefold()
    for lead in ("减:", "减：", "其中:", "其中：", "一、", "二、", "三、", "二：", "加："):
        kept = kept.removeprefix(lead)
    return kept


#: Names of whole groups, as forms write them.
_GROUPS = {
    "营业成本": Group.COST,
    "主营业务成本": Group.COST,
    "销售费用": Group.SELLING,
}


def parent_of(chart: Chart, text: str) -> list[str]:
    """Return the codes under a parent account given by code or name; none for anything else."""
    group = _GROUPS.get(plain(text))
    if group:
        return [account.code for account in chart.of(group)]
    lead = f"{plain(text)}."
    return [account.code for account in chart.accounts if account.code.startswith(lead)]
