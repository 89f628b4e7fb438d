"""The typed shorthand for spreading: ``+8%``, ``*1.2``, ``=500万``, ``like 去年``, ``-3000``.

| typed | means |
|---|---|
| ``500万``, ``=500万``, ``=-3000`` | new total, in proportion |
| ``+3000``, ``-3000``, ``加3000``, ``减3000`` | add to the total, in proportion |
| ``+8%``, ``-5%``, ``加8%``, ``减5%`` | every cell up or down |
| ``*1.2``, ``/2`` | every cell times, divided |
| ``=500万 平均`` | new total, equal |
| ``=500万 like 去年`` | new total, in the shape of a reference |
| ``like 去年``, ``like 去年 +10%`` | the reference itself, changed by a part |
| ``!3000`` | this value in every cell |
| ``剩余 500万`` | new total, only over empty cells |

Spreadsheet programs turn ``+8%`` typed into a cell into 0.08, and ``-3000`` into a number; the
words 加 and 减 stay as typed.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from xlplan.errors import InputError
from xlplan.record import record
from xlplan.regex import regex

#: Chinese and Latin multiples of an amount.
MULTIPLES = {"": 1, "百": 100, "千": 1000, "k": 1000, "万": 10**4, "w": 10**4, "十万": 10**5,
             "百万": 10**6, "千万": 10**7, "亿": 10**8}  # fmt: skip

_AMOUNT = (
    r"(?P<number>\d+(?:,\d{3})*(?:\.\d+)?|\.\d+)\s*"
    r"(?P<multiple>十万|百万|千万|[百千万亿kw]?)\s*(?:元|块)?"
)
_REFERENCE = r"(?:like|照|同|参照|按)\s*(?P<reference>\S+)"
_FORMS = (
    ("percent", r"(?P<sign>[+-])\s*(?P<number>\d+(?:\.\d+)?|\.\d+)\s*%"),
    ("times", r"(?P<operator>[*×/÷])\s*(?P<number>\d+(?:\.\d+)?|\.\d+)"),
    ("equal", rf"=?\s*{_AMOUNT}\s*(?:平均|均分|平分|equal)"),
    ("like", rf"=?\s*{_AMOUNT}\s*{_REFERENCE}"),
    (
        "like_percent",
        rf"{_REFERENCE}(?:\s+(?P<sign>[+-])\s*(?P<number>\d+(?:\.\d+)?|\.\d+)\s*%)?",
    ),
    ("repeat", rf"!\s*{_AMOUNT}"),
    ("unassigned", rf"(?:剩余|未分)\s*=?\s*{_AMOUNT}"),
    ("add", rf"(?P<sign>[+-])\s*{_AMOUNT}"),
    ("proportional", rf"(?:=\s*(?P<minus>-)?\s*)?{_AMOUNT}"),
)


#: Words for the signs, before a figure.
_MORE, _LESS = (
    regex(r"^(?:增加|加|增|涨)(?=\s*[\d.])"),
    regex(r"^(?:减少|减|降)(?=\s*[\d.])"),
)


@record
class Shorthand:
    """What was typed, ready for `xlplan.plan.change.methods.apply_method`.

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
    for method, form in _FORMS:
        found = re.fullmatch(form, plain, re.IGNORECASE)
        if found:
            parts = found.groupdict()
            return Shorthand(method, _amount(method, parts), parts.get("reference") or "")
    raise InputError(
        f"看不懂“{text}”",
        "可以写：500万、=500万、加3000、减3000、+8%、减5%、*1.2、=500万 平均、=500万 like 去年、"
        "like 去年 +10%、!3000、剩余 500万",
    )


def _amount(method: str, parts: dict[str, str | None]) -> float:
    number = Decimal((parts.get("number") or "0").replace(",", ""))
    number *= MULTIPLES[(parts.get("multiple") or "").lower()]
    if method in {"percent", "like_percent"}:
        number /= 100
    if parts.get("operator") in {"/", "÷"}:
        if not number:
            raise InputError("不能除以 0", "改写成 *0 或另给一个数")
        number = 1 / number
    return float(-number if "-" in (parts.get("sign"), parts.get("minus")) else number)
