"""Text from outside on its way into the program's own sheets and messages: cleaned and cut.

A control character, half an emoji, a column head of a page's length or a file name of another
code page must not stop what it stands beside. Numbers and names that mean something to the plan
never pass here: those are read or refused.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from xlplan.errors import Level, Problem, Where
from xlplan.regex import regex

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable
    from pathlib import Path

#: Characters of a message; a cell could hold more, nobody reads more.
MOST = 1_000
#: Characters of a name: of a file, a sheet or a source.
MOST_NAME = 255
#: Bytes of a file name that are no UTF-8, as Python hands them over.
_BYTES = regex("[\udc80-\udcff]+")
_CONTROL = regex("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NO_CHARACTER = regex("[\ud800-\udfff\ufffe\uffff]")


def legible(text: str, most: int = MOST) -> str:
    """Return a text that any cell can hold and any screen can show.

    Control characters become their pictures (␇), so that two names that differ still do; file
    names of a Chinese code page are read as such, others get their bytes in percent signs.

    Args:
        text: What came from outside.
        most: Characters kept, as Excel counts them; what is cut ends with ``…``.
    """
    if text.isascii() and text.isprintable() and len(text) <= most:
        return text
    clean = _BYTES.sub(_named, text)
    clean = _CONTROL.sub(lambda found: chr(0x2400 + ord(found[0])), clean)
    clean = _NO_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", clean)
    wide = clean.encode("utf-16-le")
    if len(wide) <= 2 * most:
        return clean
    return f"{wide[: 2 * most - 2].decode('utf-16-le', 'ignore')}…"


def _named(found: re.Match[str]) -> str:
    data = found[0].encode(errors="surrogateescape")
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError:
        return "".join(f"%{byte:02X}" for byte in data)


def legible_problems(problems: Iterable[Problem]) -> list[Problem]:
    """Return findings whose every text can be shown and written."""
    return [_legible(problem) for problem in problems]


def _legible(problem: Problem) -> Problem:
    at = problem.where
    where = replace(at, file=legible(at.file, MOST_NAME), sheet=legible(at.sheet, MOST_NAME))
    return replace(
        problem, where=where, what=legible(problem.what), remedy=legible(problem.remedy)
    )


def is_there(path: Path) -> bool:
    """Return whether there is anything of this name; a name no system allows is not there."""
    try:
        return path.exists()
    except OSError:
        return False


def not_a_file(path: Path) -> Problem:
    """Return the finding about a name that leads to no file."""
    what = "不是文件（失效的链接，或设备、管道），没有读"
    return Problem(Where(path.name), what, Level.ERROR, "请放入文件本身", "not_a_file")
