"""What a number format makes of a number before people see it: ``0.0"万"``, ``0!.0,"万"``."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from xlplan.regex import regex

_SECTION = regex(r'(?:"[^"]*"|\\.|[^;"\\])+')
_CONDITION = regex(r"\[(<=|>=|<>|<|>|=)(-?[0-9.]+)\]")
_BRACKET = regex(r"\[[^\]]*\]")
_LITERAL = regex(r'"([^"]*)"|[\\!](.)|_.|\*.')
_DIGIT = "[0#?]"
#: What a unit in a format multiplies by; K and M as English formats have them.
_UNITS = {
    "百万": 1e6, "千万": 1e7, "万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8, "千": 1e3,
    "K": 1e3, "k": 1e3, "M": 1e6,
}  # fmt: skip
_UNIT = regex(r"百万|千万|[万萬亿億千]|[KkM](?![A-Za-z])")
_BARE_UNIT = regex(r"百万|千万|[万萬亿億千]")
_WORTH_A_LOOK = regex(rf"[万萬亿億千KkM]|{_DIGIT},+(?!{_DIGIT})|[\\!]\.|\"\.\"")


class ShownScale(NamedTuple):
    """What a format does to a number.

    Attributes:
        divisor: What is shown is the number divided by this (``0,`` → 1,000).
        unit: What the unit that the format writes beside it stands for (万 → 10,000), 1 for none.
    """

    divisor: float
    unit: float


@lru_cache(maxsize=4096)
def shown_scale(code: str | None, sign: int = 1) -> ShownScale | None:
    """Return what format `code` does to a number of that sign; None if nothing that matters.

    Conditions such as ``[>=10000]`` are asked by `scale_of`.
    """
    if not code or not _WORTH_A_LOOK.search(code):
        return None
    sections = _SECTION.findall(code)
    if not sections:
        return None
    return _scale(sections[1] if sign < 0 and len(sections) > 1 else sections[0])


def scale_of(code: str | None, value: float) -> ShownScale | None:
    """Return what format `code` does to `value`; None if nothing that matters."""
    if not code or not _WORTH_A_LOOK.search(code):
        return None
    if not _CONDITION.search(code):
        return shown_scale(code, -1 if value < 0 else 1)
    for section in _SECTION.findall(code):
        condition = _CONDITION.search(section)
        if condition is None or _holds(value, condition[1], float(condition[2])):
            return _scale(section)
    return None


def _holds(value: float, sign: str, limit: float) -> bool:
    match sign:
        case "<":
            return value < limit
        case ">":
            return value > limit
        case "<=":
            return value <= limit
        case ">=":
            return value >= limit
        case "=":
            return value == limit
    return value != limit


@lru_cache(maxsize=1024)
def _scale(section: str) -> ShownScale | None:
    plain = _BRACKET.sub("", section)
    written = "".join(found[1] or found[2] or "" for found in _LITERAL.finditer(plain))
    bare = _LITERAL.sub("", plain)
    unit = _UNIT.search(written) or _BARE_UNIT.search(bare)
    divisor = _divisor(plain, bare)
    if divisor == 1 and unit is None:
        return None
    return ShownScale(divisor, _UNITS[unit[0]] if unit else 1.0)


def _divisor(plain: str, bare: str) -> float:
    """Return what commas behind the last digit and a written decimal point divide by."""
    commas = re.search(rf"{_DIGIT}(,+)(?!{_DIGIT})", re.sub(r"[^0#?,.]", "", bare))
    point = re.search(rf'(?:[\\!]|")\.(?:")?(?P<digits>{_DIGIT}+)', plain)
    return 1000.0 ** len(commas[1] if commas else "") * 10.0 ** len(
        point["digits"] if point else ""
    )
