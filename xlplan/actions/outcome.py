"""What an action reports: the same for the command line, the ribbon and `--json`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xlplan.errors import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.errors import Problem


@dataclass
class Outcome:
    """The result of an action.

    Attributes:
        title: One line, such as 分解完成.
        lines: What was done, in Chinese, one fact a line.
        problems: Findings in the user's data.
        facts: The same facts for machines.
        changed: Number of cells written.
    """

    title: str
    lines: list[str] = field(default_factory=list)
    problems: Sequence[Problem] = ()
    facts: dict[str, object] = field(default_factory=dict)
    changed: int = 0

    @property
    def errors(self) -> int:
        """Number of findings that are errors."""
        return sum(problem.level is Level.ERROR for problem in self.problems)

    def as_dict(self) -> dict[str, object]:
        """Return the outcome for ``--json``."""
        return {
            "title": self.title,
            "lines": self.lines,
            "changed": self.changed,
            "problems": [problem.as_dict() for problem in self.problems],
            **self.facts,
        }
