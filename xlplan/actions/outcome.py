"""What an action reports: the same for the command line, the ribbon and `--json`."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from xlplan.errors import Level
from xlplan.record import draft

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.errors import Problem


@draft
class Outcome:
    """The result of an action.

    Attributes:
        title: One line, such as 分解完成.
        lines: What was done, in Chinese, one fact a line.
        problems: Findings in the user's data.
        facts: The same facts for machines.
        changed: Number of cells written.
        table: More lines in columns, the first of them the heads.
    """

    title: str
    lines: list[str] = field(default_factory=list)
    problems: Sequence[Problem] = ()
    facts: dict[str, object] = field(default_factory=dict)
    changed: int = 0
    table: Sequence[Sequence[str]] = ()

    def told(self) -> list[str]:
        """Return the lines, those of the table after them."""
        return [*self.lines, *("  ".join(filter(None, row)) for row in self.table[1:])]

    @property
    def errors(self) -> int:
        """Number of findings that are errors."""
        return sum(problem.level is Level.ERROR for problem in self.problems)

    def as_dict(self) -> dict[str, object]:
        """Return the outcome for ``--json``."""
        return {
            "title": self.title,
            "lines": self.told(),
            "changed": self.changed,
            "problems": [problem.as_dict() for problem in self.problems],
            **self.facts,
        }
