"""Regular expressions that are compiled when they are first used.

A click in Excel starts a fresh Python. The modules it imports know a hundred expressions, which
take as long to compile as forty modules to load, and it meets a few of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, AnyStr, cast

if TYPE_CHECKING:
    from re import Pattern


def regex(text: AnyStr, flags: int = 0) -> Pattern[AnyStr]:
    """Return what ``re.compile`` returns, as far as its methods go."""
    return cast("Pattern[AnyStr]", _Later(text, flags))


class _Later:
    def __init__(self, text: str | bytes, flags: int) -> None:
        self._given: Any = text, flags

    def __getattr__(self, name: str) -> Any:
        """Compile, and keep the method: its next use finds it without coming here."""
        found = getattr(re.compile(*self._given), name)
        self.__dict__[name] = found
        return found
