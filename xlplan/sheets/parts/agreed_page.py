"""品类约定: what a category or platform sells in single stores and days, a row each.

Written by 分摊, and typed by people: a row taken away takes the agreement back. The share of the
period is a live formula. `_品类` holds what agreements come to by store and month, for 品类平台.
"""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import TYPE_CHECKING

from xlplan.cells import Area, Cell, Page, Span, Style, Validation, letters
from xlplan.metrics.money import MONEY_FORMAT
from xlplan.plan.parts.agreements import KINDS
from xlplan.plan.parts.year import store_months
from xlplan.plan.year import TOTAL
from xlplan.record import record
from xlplan.sheets.base import look
from xlplan.sheets.base.find import KEY_MARK
from xlplan.sheets.base.tables import DATE, STORE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Spot, Value
    from xlplan.plan.parts.agreements import Agreement
    from xlplan.plan.parts.splits import Splits
    from xlplan.plan.year import Year
    from xlplan.sheets.base.tables import TableAt

SHEET, STORES = "品类约定", "_品类"
KEY_ROW, HEAD_ROW, FIRST_ROW = 3, 4, 5
#: Rows that look like inputs from the start; the list may grow further.
ROOM = 24
#: Rows of `_品类` that the formulas of 品类平台 look at: 14 parts × 20 stores × 12 months.
MOST = 3400
HEADS = {
    "kind": ("种类", 8),
    "part": ("品类/平台", 18),
    "store": ("店铺", 18),
    "first": ("从", 13),
    "last": ("到", 13),
    "amount": ("销售额", 16),
    "share": ("占当期", 10),
    "who": ("谁", 12),
    "when": ("何时", 19),
    "why": ("为什么", 40),
}
TYPED = ("kind", "part", "store", "first", "last", "amount")
_MARK_COLUMN = len(HEADS) + 1
_TEXT = Style(border=False)
_DAY = _TEXT.but(number="yyyy-mm-dd", align="center", locked=False)
#: Also the looks of whole columns, so that rows added to a closed file have them.
_STYLES = {
    "first": _DAY,
    "last": _DAY,
    "amount": _TEXT.but(number=MONEY_FORMAT, locked=False),
    "share": look.DERIVED.but(number="0.0%", align="center", border=False),
    **dict.fromkeys(("kind", "part", "store"), _TEXT.but(locked=False)),
    **dict.fromkeys(("who", "when", "why"), _TEXT),
}


@record
class AgreedAt:
    """Where 品类约定 has its columns, and the rows of its agreements.

    Attributes:
        columns: Column key → number.
        first: First row of the list.
        rows: Rows of the agreements read, in their order.
        used: Spots of the list that hold something, but for rows that could not be read.
        unread: Those rows; they stay as typed.
        stored: Rows of `_品类` that hold something.
    """

    columns: Mapping[str, int]
    first: int = FIRST_ROW
    rows: Sequence[int] = ()
    used: Sequence[Spot] = ()
    unread: Sequence[int] = ()
    stored: int = 0


def agreed_as_built(agreed: Sequence[Agreement]) -> AgreedAt:
    """Return the positions as built."""
    columns = {key: i for i, key in enumerate(HEADS, start=1)}
    return AgreedAt(columns, rows=range(FIRST_ROW, FIRST_ROW + len(agreed)))


def agreed_page(year: Year, splits: Splits, plan: TableAt) -> Page:
    """Return the sheet."""
    page, at = Page(SHEET, tab="#8D6E63"), agreed_as_built(splits.agreements)
    page.put(1, 1, "品类约定", look.TITLE)
    page.put(2, 1, "单独约定的销售额：某家店（或合计）某几天里，一个品类或平台卖多少，不跨月。“分摊”品类、平台时写在这里，也可以直接填；清空一行即取消，别的日子和别的品类按比例补足。", look.HINT)  # fmt: skip
    page.put(KEY_ROW, _MARK_COLUMN, KEY_MARK, look.HIDDEN)
    for key, column in at.columns.items():
        page.put(KEY_ROW, column, key, look.HIDDEN)
        page.put(HEAD_ROW, column, HEADS[key][0], look.HEAD)
        page.columns[column] = Span(HEADS[key][1], style=_STYLES[key])
    page.columns[_MARK_COLUMN] = Span(2, hidden=True)
    for row in range(FIRST_ROW, FIRST_ROW + ROOM):
        for key, column in at.columns.items():
            page.cells[row, column] = Cell(None, "", _look(key))
    page.cells.update(agreed_cells(year, splits.agreements, at, plan))
    page.rows |= {1: Span(28), KEY_ROW: Span(hidden=True), HEAD_ROW: Span(22)}
    _rules(page, at)
    page.freeze, page.pages_tall, page.repeat_rows = (FIRST_ROW, 1), 0, (HEAD_ROW, HEAD_ROW)
    return page


def _look(key: str) -> Style:
    """Return how a cell of the list looks: inputs, and what the program adds."""
    plain = _STYLES[key].but(border=True)
    return look.INPUT.but(number=plain.number, align=plain.align) if key in TYPED else plain


def _rules(page: Page, at: AgreedAt) -> None:
    def area(key: str) -> Area:
        return Area(FIRST_ROW, at.columns[key], FIRST_ROW + 10 * ROOM, at.columns[key])

    days = (date(2000, 1, 1), date(2100, 12, 31))
    page.validations += [
        Validation(area("kind"), "list", list(KINDS.values()), "种类", "选品类或平台"),
        Validation(area("store"), "list", look.STORES, "店铺", f"选一家店，或“{TOTAL}”", strict=False),
        *(Validation(area(key), "date", days, HEADS[key][0], "请填日期，如 2026-09-09；从、到在同一个月") for key in ("first", "last")),
        Validation(area("amount"), "decimal", (0, 1e12), "销售额", "这几天一共卖多少，不能是负数"),
    ]  # fmt: skip


def agreed_cells(
    year: Year, agreed: Sequence[Agreement], at: AgreedAt, plan: TableAt
) -> dict[Spot, Cell]:
    """Return the cells of the list, rows from the top; rows of a longer one are cleared."""
    cells = {spot: Cell(None) for spot in at.used}
    free = (row for row in count(at.first) if row not in at.unread)
    for row, one in zip(free, agreed, strict=False):
        values: dict[str, Value] = {
            "kind": KINDS[one.kind], "part": one.part, "store": one.store, "first": one.first,
            "last": one.last, "amount": one.amount, "who": one.who or None,
            "when": one.when or None, "why": one.why or None,
        }  # fmt: skip
        for key, value in values.items():
            cells[row, at.columns[key]] = Cell(value, "", _look(key))
        cells[row, at.columns["share"]] = _share(year, one, row, at, plan)
    return cells


def agreed_share_cells(
    year: Year, agreed: Sequence[Agreement], at: AgreedAt, plan: TableAt
) -> dict[Spot, Cell]:
    """Return the formulas beside agreements that stay as they stand."""
    pairs = zip(at.rows, agreed, strict=True)
    return {(row, at.columns["share"]): _share(year, one, row, at, plan) for row, one in pairs}


def _share(year: Year, one: Agreement, row: int, at: AgreedAt, plan: TableAt) -> Cell:
    """Return the cell of an agreement's share of its period: amount ÷ what is planned there."""
    store, first, last, amount = (
        f"${letters(at.columns[key])}{row}" for key in ("store", "first", "last", "amount")
    )
    days = f'{plan.range(DATE)},">="&{first},{plan.range(DATE)},"<="&{last}'
    whole = f"SUMIFS({plan.range('gmv')},{plan.range(STORE)},{store},{days})"
    formula = f'=IF(COUNT({amount})=0,"",IF({whole}=0,"",{amount}/{whole}))'
    start = date(year.year, 1, 1).toordinal()
    inside = slice(one.first.toordinal() - start, one.last.toordinal() - start + 1)
    planned = year.planned.of_scope(one.store)["gmv"][inside]
    total = float(planned[planned == planned].sum())  # noqa: PLR0124 - NaN
    return Cell(one.amount / total if total else "", formula, _look("share"))


def stores_page(year: Year, splits: Splits) -> Page:
    """Return the hidden page: what parts sell in a store's month that has agreements."""
    page = Page(STORES, cells=store_cells(year, splits), hidden=True)
    page.columns |= {1: Span(30), 2: Span(14)}
    return page


def store_cells(year: Year, splits: Splits, stored: int = 0) -> dict[Spot, Cell]:
    """Return its cells: a key and an amount a row, and how many there are; old rows are cleared."""
    amounts = store_months(year, splits)
    cells = {(row, column): Cell(None) for row in range(2, stored + 2) for column in (1, 2)}
    cells |= {(1, 1): Cell("key"), (1, 2): Cell("gmv"), (1, 4): Cell(len(amounts))}
    for row, ((kind, number, store, month), value) in enumerate(amounts.items(), start=2):
        cells[row, 1] = Cell(f"{kind}:{number}|{store}|{month}")
        cells[row, 2] = Cell(value)
    return cells


def looked_up(key: str, scope: str, month: str, otherwise: str) -> str:
    """Return what a part sells in a month as a formula text: of its row in `_品类`, if it has one."""
    name = f'"{key}|"&{scope}&"|{month}"'
    keys, amounts = (f"{STORES}!${c}$2:${c}${MOST + 1}" for c in "AB")
    known = f"IF({STORES}!$D$1=0,0,COUNTIF({keys},{name}))"
    return f"IF({known}=0,{otherwise},SUMIFS({amounts},{keys},{name}))"
