"""The beginning of a mapping for a table nobody knows: its columns, to be told what they are."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from xlplan.metrics import METRICS
from xlplan.regex import regex
from xlplan.sources.dates import DateHints, Span, parse_span
from xlplan.sources.declare import names, split_unit
from xlplan.sources.exports.generic import STORE, base_metric
from xlplan.sources.numbers import Number, parse_number
from xlplan.sources.text import clean, header, is_missing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.sources.dates import Order
    from xlplan.sources.readers.raw import Table

_HEADER_WITHIN, _SAMPLES = 40, 20
_ORDERS: tuple[Order, ...] = ("ymd", "dmy", "mdy")
_STORES = frozenset(header(name) for name in names(STORE))
_PAID = regex(r"付款|支付|paid|pay_", re.IGNORECASE)
#: Columns that name a part of the shop; figures of parts are not the shop's until a person says so.
_PART = regex(
    r"商品|宝贝|款[号式名]|货号|sku|spu|订单|单号|计划|单元|创意|关键词|渠道|场景|达人|主播|直播间|省|城市|地区"
    r"|类目|品牌|来源|终端|客服|时段|小时|人群|campaign|product|item|order|channel|source|city|keyword",
    re.IGNORECASE,
)
_ID = regex(r"id$|编[号码]$|号$", re.IGNORECASE)


def header_row(table: Table) -> int:
    """Return the row (0-based) that most likely holds the headers: the one with most cells."""
    rows = table.rows[:_HEADER_WITHIN]
    return max(range(len(rows)), key=lambda row: _filled(rows[row]), default=0)


def starter(table: Table) -> str:
    """Return a mapping file to be completed; "" when the table has no rows to map.

    Imported as it stands it does no harm: what it cannot know (which of two dates, the order
    of day and month, whether rows add up) is left so that the import refuses or asks.
    """
    head = header_row(table)
    body = table.rows[head + 1 : head + 1 + _SAMPLES]
    titles = [clean(cell) for cell in table.rows[head]] if table.rows else []
    columns: dict[str, list[object]] = {}
    for number, title in enumerate(titles):
        if title and title not in columns:  # of two columns of one name neither is clear
            columns[title] = _cells(body, number) if titles.count(title) == 1 else []
    day, orders = _day_column(columns)
    figures = [title for title, cells in columns.items() if title != day and _are_figures(cells)]
    if not figures:
        return ""
    lines = [f"name = {_quoted(table.file.rsplit('/', 1)[-1].partition('.')[0])}"]
    lines += [f"date = {_quoted(day or '日期列的列名')}", *_order_lines(orders)]
    lines += [f"store = {_quoted(title)}" for title in titles if header(title) in _STORES][:1]
    lines += ['rows = "one"  # 一天有几行、要相加的，改成 "sum"', "[columns]"]
    whole = not any(_is_part(title, columns[title], figures) for title in columns)
    taken: set[str] = set()
    for title in figures:
        metric = base_metric(split_unit(title)[0]) if whole else ""
        lines.append(_line(title, "" if metric in taken else metric, columns[title]))
        taken.add(metric)
    return "\n".join(lines)


def _day_column(columns: Mapping[str, Sequence[object]]) -> tuple[str, list[Order]]:
    """Return the column of days and the orders its dates can have; "" where several could be it."""
    dated = {
        title: orders
        for title, cells in columns.items()
        if (orders := [order for order in _ORDERS if _are_dates(cells, order)])
    }
    paid = [title for title in dated if _PAID.search(title)]
    found = list(dated) if len(dated) == 1 else paid
    return (found[0], dated[found[0]]) if len(found) == 1 else ("", [])


def _order_lines(orders: Sequence[Order]) -> list[str]:
    if not orders or "ymd" in orders:
        return []
    if len(orders) == 1:
        return [f'order = "{orders[0]}"']
    return ['# order = "dmy"  # 日月年写 "dmy"，月日年写 "mdy"，写明才读']


def _is_part(title: str, cells: Sequence[object], figures: Sequence[str]) -> bool:
    """Return whether a column tells that rows are parts of the shop: products, plans, orders."""
    return (
        bool(cells)
        and bool(_PART.search(title))
        and (title not in figures or bool(_ID.search(title)))
    )


def has_figures(table: Table) -> bool:
    """Return whether a table holds figures under a head: two rows or columns of them, no mere note."""
    if not table.rows:
        return False
    head = header_row(table)
    body = table.rows[head + 1 : head + 1 + _SAMPLES]
    read = [[isinstance(parse_number(cell), Number) for cell in row] for row in body]
    return sum(map(sum, read)) > 1 and _filled(table.rows[head]) > 1


def _line(title: str, metric: str, cells: Sequence[object]) -> str:
    """Return the entry of a column; what its header does not tell is left for a person."""
    sample = " ".join(clean(cells[0]).split())
    mark, said = ("", METRICS[metric].label) if metric else ("# ", "填指标名")
    return f"{mark}{_quoted(title)} = {_quoted(said)}  # 样例 {sample}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _filled(row: Sequence[object]) -> int:
    return sum(not is_missing(cell) for cell in row)


def _cells(rows: Sequence[Sequence[object]], column: int) -> list[object]:
    found = [row[column] for row in rows if column < len(row)]
    return [cell for cell in found if not is_missing(cell)]


def _are_dates(cells: Sequence[object], order: Order) -> bool:
    """Return whether every sample is a day; a small number is a serial to the grammar, not here."""
    hints = DateHints(order=order)
    days = [isinstance(parse_span(cell, hints), Span) for cell in cells if not isinstance(cell, int | float) or cell > 20_000_000]  # fmt: skip
    return bool(days) and len(days) == len(cells) and all(days)


def _are_figures(cells: Sequence[object]) -> bool:
    return bool(cells) and all(isinstance(parse_number(cell), Number) for cell in cells)
