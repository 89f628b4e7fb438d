"""What can go wrong, in two kinds: `Problem` values and `PlanError` exceptions.

Trouble in the user's data is a value (`Problem`), collected and shown with its
cell. Trouble with a command is a `PlanError`: nothing was written, and the
message says what is in the way, where, and what would be possible.
"""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING

from xlplan.record import draft, record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Level(StrEnum):
    """How serious a `Problem` is; the value is what users read."""

    ERROR = "错误"
    WARNING = "警告"
    INFO = "提示"


@record
class Where:
    """A place a person can walk to: file, sheet, cell (each may be empty)."""

    file: str = ""
    sheet: str = ""
    cell: str = ""

    def __lt__(self, other: Where) -> bool:
        return (self.file, self.sheet, self.cell) < (other.file, other.sheet, other.cell)

    def __str__(self) -> str:
        place = "!".join(part for part in (self.sheet, self.cell) if part)
        return " › ".join(part for part in (self.file, place) if part)


@record
class Problem:
    """One finding in the user's data.

    Attributes:
        where: The place, or an empty `Where` when the data has none.
        what: What is wrong, in Chinese, with the offending value.
        level: ERROR stops a write, WARNING is shown, INFO explains.
        remedy: What to do about it, in Chinese; may be empty.
        rule: Short id of the rule that found it (for filters and tests).
    """

    where: Where
    what: str
    level: Level = Level.ERROR
    remedy: str = ""
    rule: str = ""

    def __str__(self) -> str:
        place = f"{self.where}：" if str(self.where) else ""
        remedy = f"（{self.remedy}）" if self.remedy else ""
        return f"[{self.level}] {place}{self.what}{remedy}"

    def as_dict(self) -> dict[str, str]:
        """Return the finding as plain text fields, for `--json` and the 体检 sheet."""
        return {
            "level": str(self.level),
            "rule": self.rule,
            "file": self.where.file,
            "sheet": self.where.sheet,
            "cell": self.where.cell,
            "what": self.what,
            "remedy": self.remedy,
        }


def worst_first(problems: Iterable[Problem]) -> list[Problem]:
    """Return findings by their level, errors first; those of a level stay in their order."""
    levels = list(Level)
    return sorted(problems, key=lambda problem: levels.index(problem.level))


@draft
class PlanError(Exception):
    """A command refused to run; nothing was written.

    Attributes:
        message: Chinese text for the user.
        remedy: What the user can do, in Chinese.
        where: The place it is about.
        problems: Findings that led to the refusal.
    """

    message: str
    remedy: str = ""
    where: Where = field(default_factory=Where)
    problems: Sequence[Problem] = ()

    #: Process exit code of the command line; each kind has its own.
    exit_code = 1

    def __str__(self) -> str:
        place = f"{self.where}：" if str(self.where) else ""
        lines = [f"{place}{self.message}"]
        if self.remedy:
            lines.append(f"怎么办：{self.remedy}")
        return "\n".join(lines)


@draft
class InputError(PlanError):
    """The given values cannot be used (text in a number, unknown name, …)."""

    exit_code = 2


@draft
class StructureError(PlanError):
    """A sheet, header or key row that xlplan needs is missing or was renamed."""

    exit_code = 3


@draft
class FileError(PlanError):
    """A file cannot be read or written (missing, damaged, locked, encrypted, …).

    Attributes:
        code: Stable machine name, such as ``in_use`` or ``password``.
    """

    code: str = "file"
    exit_code = 4


@draft
class InfeasibleError(PlanError):
    """Holds, bounds and totals contradict each other.

    Attributes:
        locks: What is in the way: cell positions or names, as the caller knows them.
        reachable: The totals (low, high) that could be met with these holds; None if unknown.
    """

    locks: Sequence[object] = ()
    reachable: tuple[float, float] | None = None
    exit_code = 5
