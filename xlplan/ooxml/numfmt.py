"""Whether a number format shows a date: the only thing that tells a day from a number."""

from __future__ import annotations

import re
from functools import lru_cache

from xlplan.regex import regex

#: Built-in formats that show a day, the Chinese ones (27–36, 50–58) included.
_BUILTIN_DATES = frozenset({*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58})
_BUILTIN_LIMIT = 164
_LITERAL = regex(r'"[^"]*"?|\\.|_.|\*.')
_BRACKET = regex(r"\[[^\]]*\]")
_ELAPSED = regex(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_AM_PM = regex(r"am/pm|a/p|上午/下午", re.IGNORECASE)
_MINUTES = regex(r"(?<=h)[^a-z]*m{1,2}|m{1,2}(?=[^a-z]*s)", re.IGNORECASE)


def is_date_format(number: int, code: str | None) -> bool:
    """Whether format `number` (with `code` if it is a custom one) shows a calendar day.

    Clock times and elapsed times are not days. Weekday formats (``aaaa``,
    ``[$-804]aaaa``) and year-month formats are. Source: ECMA-376 part 1, 18.8.30.
    """
    if code is None:
        return number < _BUILTIN_LIMIT and number in _BUILTIN_DATES
    return _shows_day(code)


@lru_cache(maxsize=1024)
def _shows_day(code: str) -> bool:
    first = _LITERAL.sub("", code).split(";")[0]
    if _ELAPSED.search(first):
        return False
    bare = _AM_PM.sub("", _BRACKET.sub("", first)).lower()
    if "general" in bare or "g/通用" in bare:
        return False
    bare = _MINUTES.sub("", bare)
    return any(letter in bare for letter in "ydmaeg") and not re.search(r"[0#?]e[+-]", bare)
