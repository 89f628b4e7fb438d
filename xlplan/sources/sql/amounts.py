"""Amounts of a table, whatever their column is, as whole numbers of their smallest unit.

A text is read by one rule on every engine: written plainly (``1,234.56``, ``¥99``, spaces around)
by the engine itself; anything else goes, each different text once, through the grammar every cell
of a file goes through (`sources.numbers`), and comes back as a value or is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Beyond this an amount is no amount (and NaN compares as beyond everything).
_TOO_MUCH = 1e12
#: Half a unit, and a little for 1.005 × 100 = 100.49999999999999: rounds as Excel does.
HALF = 0.5000001
_DIGITS = "(0|[1-9][0-9]{0,11}|[1-9][0-9]{0,2}(,[0-9]{3})+)([.][0-9]+)?"
PLAIN_AMOUNT = f"^([+-]?[¥￥]?|[¥￥][+-]){_DIGITS}元?$"
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

    size = (plain.abs() * float(factor) + HALF).floor().cast("int64")
    return ibis.ifelse(plain < 0, -size, size)


def _of_text(column: Any, factor: int, read: Mapping[str, int]) -> Any:
    import ibis

    text = bare(column)
    plain = text.re_search(PLAIN_AMOUNT).fill_null(False)
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
