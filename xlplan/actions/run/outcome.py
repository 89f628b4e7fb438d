"""What an action reports: the same for the command line, the ribbon and `--json`."""

from __future__ import annotations

from dataclasses import field
from itertools import islice
from typing import TYPE_CHECKING

from xlplan.errors import Level
from xlplan.record import draft

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xlplan.errors import Problem


#: How many things of one kind an outcome lists; `--json` has them all.
SHOWN = 10


def first_of(lines: Iterable[str], count: int) -> list[str]:
    """Return the first of `count` lines, and how many more there are."""
    more = [f"……另有 {count - SHOWN} 项（--json 可看全部）"] if count > SHOWN else []
    return [*islice(lines, SHOWN), *more]


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
        left_out: How many things of what was given were refused while the rest was done.
    """

    title: str
    lines: list[str] = field(default_factory=list)
    problems: Sequence[Problem] = ()
    facts: dict[str, object] = field(default_factory=dict)
    changed: int = 0
    table: Sequence[Sequence[str]] = ()
    left_out: int = 0

    @property
    def headline(self) -> str:
        """The title, and that it is not the whole of what was asked, where it is not."""
        return f"{self.title}，有 {self.left_out} 处没有收" if self.left_out else self.title

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
            "title": self.headline,
            "lines": self.told(),
            "changed": self.changed,
            "left_out": self.left_out,
            "problems": [problem.as_dict() for problem in self.problems],
            **self.facts,
        }
