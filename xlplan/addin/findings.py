"""One finding of the add-in's checker, before it becomes a `Problem`."""

from __future__ import annotations

from typing import NamedTuple

from xlplan.errors import Problem, Where


class Finding(NamedTuple):
    """A broken rule.

    Attributes:
        rule: Short id, such as ``ribbon.keytip``.
        place: Part, module or control.
        what: What is wrong, in Chinese.
    """

    rule: str
    place: str
    what: str

    def problem(self, file: str) -> Problem:
        """Return the finding as a value users can read."""
        return Problem(
            Where(file, self.place),
            self.what,
            remedy="请重新生成插件：xlplan addin install",
            rule=self.rule,
        )
