"""The typed shorthand for spreading: ``+8%``, ``*1.2``, ``=500万``, ``like 去年``, ``-3000``.

The forms stand with their methods in `xlplan.plan.change.methods.METHODS`. Spreadsheet programs turn
``+8%`` typed into a cell into 0.08, and ``-3000`` into a number; the words 加 and 减 stay as typed.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from xlplan.errors import InputError
from xlplan.plan.change.methods import METHODS, examples
from xlplan.record import record
from xlplan.regex import regex

#: Chinese and Latin multiples of an amount.
MULTIPLES = {"": 1, "百": 100, "千": 1000, "k": 1000, "万": 10**4, "w": 10**4, "十万": 10**5,
             "百万": 10**6, "千万": 10**7, "亿": 10**8}  # fmt: skip
#: Words for the signs, before a figure.
_MORE, _LESS = (
    regex(r"^(?:增加|加|增|涨)(?=\s*[\d.])"),
    regex(r"^(?:减少|减|降)(?=\s*[\d.])"),
)


@record
class Shorthand:
    """What was typed, ready for `xlplan.plan.change.spreading.apply_method`.

    Attributes:
        method: Name of the method.
        amount: Its amount.
        reference: Name of the reference as typed (去年, a version, a store), or empty.
    """

    method: str
    amount: float
    reference: str = ""


def parse_shorthand(text: str) -> Shorthand:
    """Read the typed shorthand; full-width characters are fine.

    Raises:
        InputError: The text is not one of the forms; the message lists them.
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace("−", "-")
    plain = _MORE.sub("+", _LESS.sub("-", plain))
    for method in METHODS.values():
        typed = re.fullmatch(method.form, plain, re.IGNORECASE) if method.form else None
        if typed:
            parts = typed.groupdict()
            return Shorthand(method.name, _amount(parts), parts.get("reference") or "")
    raise InputError(f"看不懂“{text}”", f"可以写：{examples()}")


def _amount(parts: dict[str, str | None]) -> float:
    number = Decimal((parts.get("number") or "0").replace(",", ""))
    number *= MULTIPLES[(parts.get("multiple") or "").lower()]
    if parts.get("percent"):
        number /= 100
    if parts.get("operator") in {"/", "÷"}:
        if not number:
            raise InputError("不能除以 0", "改写成 *0 或另给一个数")
        number = 1 / number
    return float(-number if "-" in (parts.get("sign"), parts.get("minus")) else number)
