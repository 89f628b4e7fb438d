"""Amounts of a table, whatever their column is, as whole numbers of their smallest unit.

A text is read by one rule on every engine: written plainly (``1,234.56``, ``¥99``, spaces around)
by the engine itself; anything else goes, each different text once, through the grammar every cell
of a file goes through (`sources.numbers`), and comes back as a value or is refused.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from xlplan.sources.numbers import Number, parse_amount
from xlplan.sources.text import Unread, clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.sources.findings import Findings
    from xlplan.sources.sql.lines import Lines, Span

#: Beyond this an amount is no amount (and NaN compares as beyond everything).
_TOO_MUCH = 1e12
#: Half a unit, and a little for 1.005 × 100 = 100.49999999999999: rounds as Excel does.
_HALF = 0.5000001
#: Different odd texts of one column that are looked at.
_MOST = 500
_DIGITS = "(0|[1-9][0-9]{0,11}|[1-9][0-9]{0,2}(,[0-9]{3})+)([.][0-9]+)?"
_PLAIN = f"^([+-]?[¥￥]?|[¥￥][+-]){_DIGITS}元?$"
_WITHOUT = (",", "¥", "￥", "元", "+")
#: Fen, and thousandths of a piece: some goods are sold by weight.
MONEY_PARTS, PIECES = 100, 1000


def whole(column: Any, factor: int, read: Mapping[str, int] | None = None) -> Any:
    """Return a column as a whole number of its smallest unit; null when it is none.

    Args:
        column: Of whatever type.
        factor: Smallest units in one of the column's.
        read: Odd texts → what they mean, in smallest units.
    """
    import ibis

    kind = column.type()
    if kind.is_string():
        return _of_text(column, factor, read or {})
    if kind.is_integer():
        return column.cast("int64") * factor
    if kind.is_decimal() and kind.scale is not None and factor % 10**kind.scale == 0:
        return (column * factor).cast("int64")
    plain = column.cast("float64")
    plain = ibis.ifelse(plain.abs() < _TOO_MUCH, plain, ibis.null("float64"))
    return _rounded(plain, factor)


def _rounded(plain: Any, factor: int) -> Any:
    import ibis

    size = (plain.abs() * float(factor) + _HALF).floor().cast("int64")
    return ibis.ifelse(plain < 0, -size, size)


def _of_text(column: Any, factor: int, read: Mapping[str, int]) -> Any:
    import ibis

    text = bare(column)
    plain = text.re_search(_PLAIN).fill_null(False)
    digits = text
    for mark in _WITHOUT:
        digits = digits.replace(mark, "")
    figure = ibis.ifelse(plain, digits, ibis.null("string")).cast("float64")
    figure = _rounded(figure, factor)
    if not read:
        return figure
    pairs = ((text == odd, ibis.literal(value, "int64")) for odd, value in read.items())
    return ibis.cases(*pairs, else_=figure)


def bare(column: Any) -> Any:
    """Return a text without blanks around it, those of Chinese typing too."""
    text = column.cast("string")
    return text.replace("\u3000", " ").replace("\u00a0", " ").strip()


def odd_texts(lines: Lines, role: str, span: Span | None) -> Any:
    """Return the texts of a column the engine does not read itself: how many, and one line's id."""
    from xlplan.sources.sql.lines import row_name, within

    table = lines.table.filter(within(lines, span))
    named = table.select(text=table[f"{role}_text"], row=row_name(lines, table))
    odd = (named["text"] != "") & ~named["text"].re_search(_PLAIN)
    named = named.filter(odd.fill_null(False))
    found = named.group_by("text").agg(lines=named.count(), row=named["row"].min())
    return found.order_by([found["lines"].desc(), "text"]).limit(_MOST + 1)


def read_texts(
    lines: Lines, role: str, span: Span | None, findings: Findings
) -> Mapping[str, int]:
    """Return what the odd texts of a column mean in its smallest unit; tell of those that mean none."""
    found = odd_texts(lines, role, span).to_pyarrow().to_pylist()
    parts = PIECES if role == "units" else MONEY_PARTS
    unit = "个" if role == "units" else "元"
    read = {}
    for one in found[:_MOST]:
        value = parse_amount(clean(one["text"]), unit=unit, scale=lines.factor(role) / parts)
        if isinstance(value, Number):
            size = math.floor(abs(value.value) * parts + _HALF)
            read[one["text"]] = -size if value.value < 0 else size
        elif isinstance(value, Unread):
            _refuse(lines, role, one, value.what, findings)
    if len(found) > _MOST:
        what = f"「{lines.found[role]}」里不是数的写法超过 {_MOST} 种，其余的没有计入"
        findings.error(lines.source.where, what, "not_a_number", remedy="请核对声明的是不是金额列")
    return read


def _refuse(
    lines: Lines, role: str, one: Mapping[str, Any], what: str, findings: Findings
) -> None:
    row = f"，{lines.row_title} {one['row']}" if one["row"] else ""
    more = f"（这样的共 {one['lines']} 行）" if one["lines"] > 1 else ""
    findings.error(
        lines.source.where,
        f"「{lines.found[role]}」列{what}{row}{more}，没有计入",
        "not_a_number",
        remedy="请在库里改正，或用 where 排除；缺数不当作 0",
        group=role,
    )
