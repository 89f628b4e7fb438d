"""What is to be written into a cell, and how it reads as XML."""

from __future__ import annotations

import datetime as dt
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple, cast

from xlplan.errors import InputError
from xlplan.ooxml.cells import ErrorValue
from xlplan.ooxml.serial import to_serial
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TEXT = 32_767
MAX_FORMULA = 8_192
_FORBIDDEN = regex("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LOOKS_ESCAPED = regex("_(?=x[0-9A-Fa-f]{4}_)")

NewValue = float | str | bool | dt.date | ErrorValue | None


class Write(NamedTuple):
    """One change of a cell.

    Attributes:
        value: The new value; None clears the cell. With a formula: the value it shows
            before anything recalculates.
        formula: Formula text, with or without the leading ``=``.
        style: New style index; None keeps the cell's look.
    """

    value: NewValue
    formula: str | None = None
    style: int | None = None


class Writer:
    """Renders cells for one sheet.

    Args:
        prefix: Namespace prefix of the sheet's elements with its colon, mostly empty.
        date1904: The epoch of the book.
    """

    def __init__(self, prefix: str = "", *, date1904: bool = False) -> None:
        self.prefix = prefix
        self.date1904 = date1904

    def cell(self, name: str, write: Write, style: str) -> str:
        """Return the `<c>` element; ``""`` for an empty cell without a look of its own."""
        p, (value, formula, _) = self.prefix, write
        kind, text = typed_text(value, date1904=self.date1904)
        look = f' s="{style}"' if style not in ("", "0") else ""
        if formula is not None:
            kind = "str" if kind == "inlineStr" else kind
            content = f"<{p}f>{escape(formula_text(formula))}</{p}f>"
            content += self._value(kind, text) if text is not None else ""
        elif text is not None:
            content = self._value(kind, text)
        else:
            return f'<{p}c r="{name}"{look}/>' if look else ""
        mark = f' t="{kind}"' if kind else ""
        return f'<{p}c r="{name}"{look}{mark}>{content}</{p}c>'

    def _value(self, kind: str, text: str) -> str:
        p = self.prefix
        if not kind:
            return f"<{p}v>{text}</{p}v>"  # a number has nothing to escape
        if kind == "inlineStr":
            return f"<{p}is><{p}t{_space(text)}>{escape(text)}</{p}t></{p}is>"
        return f"<{p}v{_space(text)}>{escape(text)}</{p}v>"


def typed_text(value: object, *, date1904: bool = False) -> tuple[str, str | None]:
    """Return (cell type, text) of a value: ``""`` is a number, text None an empty cell.

    Raises:
        InputError: For a number that is not finite, text too long or with control
            characters, and objects that no cell can hold.
    """
    if not isinstance(value, float) and hasattr(value, "item"):
        value = value.item()  # a numpy scalar
    if isinstance(value, str):
        return "inlineStr", checked_text(value)
    if value is None:
        return "", None
    if isinstance(value, bool):
        return "b", "1" if value else "0"
    if isinstance(value, (float, int)):
        return "", number_text(value)
    if isinstance(value, ErrorValue):
        return "e", value.code
    if isinstance(value, dt.date):
        return "", number_text(to_serial(value, date1904=date1904))
    raise InputError(f"单元格不能存放 {type(value).__name__} 类型的值")


def number_text(value: float) -> str:
    """Return a number with all its digits (the shortest form that reads back the same)."""
    try:
        text = float.__repr__(float(value) + 0.0)  # no negative zero
    except OverflowError:
        text = "inf"
    if text[-1] in "fn":
        raise InputError("单元格不能存放无穷大或非数字")
    return text.removesuffix(".0")


def as_digits(
    writes: Mapping[tuple[int, int], Write],
) -> dict[tuple[int, int], tuple[bytes, bytes]]:
    """Return the writes of plain numbers as (what stands before the digits, the digits).

    What stands before them in their cells is the formula, if any, and the value's tag. All are
    made together, in a quarter of the time.
    """
    plain = {
        at: write
        for at, write in writes.items()
        if type(write[0]) is float and isfinite(write[0]) and write[2] is None
    }
    formulas = "\0".join([(write[1] or "").removeprefix("=") for write in plain.values()])
    leads = f"<f>{escape(formulas)}</f><v>".replace("\0", "</f><v>\0<f>")
    before = leads.encode(errors="surrogatepass").split(b"\0")
    values = cast("list[float]", [write[0] for write in plain.values()])
    numbers = repr([value + 0.0 for value in values])[1:-1].encode().split(b", ")
    if len(before) != len(plain):
        return {}
    return {
        at: (b"<v>" if write[1] is None else lead, number.removesuffix(b".0"))
        for (at, write), lead, number in zip(plain.items(), before, numbers, strict=True)
    }


def checked_text(text: str) -> str:
    """Return the text with Excel's escapes, or refuse what no cell can hold."""
    if (
        len(text) > MAX_TEXT // 2
        and len(text.encode("utf-16-le", "surrogatepass")) // 2 > MAX_TEXT
    ):
        raise InputError(f"文字超过 {MAX_TEXT:,} 个字符，单元格放不下")
    if _FORBIDDEN.search(text):
        raise InputError("文字里有控制字符，单元格不能存放", remedy="请删除不可见的控制字符")
    if "_x" in text:
        text = _LOOKS_ESCAPED.sub("_x005F_", text)
    return text.replace("\r", "_x000D_") if "\r" in text else text


def formula_text(formula: str) -> str:
    """Return the formula as stored: no leading ``=``, checked for length and characters."""
    text = formula.removeprefix("=")
    plain = text.isprintable() or not _FORBIDDEN.search(text)  # mostly the first says it
    if not plain or not text.strip() or len(text) > MAX_FORMULA:
        raise InputError(f"公式为空、过长或含控制字符：{text[:40]!r}")
    return text


def escape(text: str) -> str:
    """Return text for use between tags."""
    if "&" in text or "<" in text or ">" in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text


def _space(text: str) -> str:
    edges = text[:1].isspace() or text[-1:].isspace()
    return ' xml:space="preserve"' if edges else ""
