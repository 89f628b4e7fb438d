"""Collects problems of one file, without burying the user under the same line a thousand times."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from xlplan.errors import Level, Problem

if TYPE_CHECKING:
    from xlplan.errors import Where

_SHOWN = 5


class Findings:
    """Problems in the order they were found; more than a few of one kind are counted only."""

    def __init__(self) -> None:
        self._kept: list[Problem] = []
        self._counts: Counter[tuple[str, str]] = Counter()
        self._last: dict[tuple[str, str], Problem] = {}
        #: Codes nobody knows, as (what they name, code): a place to map them can be made of these.
        self.codes: dict[tuple[str, str], None] = {}

    def _add(self, problem: Problem, group: str) -> None:
        kind = (problem.rule, group)
        self._counts[kind] += 1
        if self._counts[kind] <= _SHOWN:
            self._kept.append(problem)
        self._last[kind] = problem

    def error(
        self, where: Where, what: str, rule: str, *, remedy: str = "", group: str = ""
    ) -> None:
        """Add an ERROR; those of one `rule` and `group` beyond the fifth are only counted."""
        self._add(Problem(where, what, Level.ERROR, remedy, rule), group)

    def warn(
        self, where: Where, what: str, rule: str, *, remedy: str = "", group: str = ""
    ) -> None:
        """Add a WARNING."""
        self._add(Problem(where, what, Level.WARNING, remedy, rule), group)

    def info(
        self, where: Where, what: str, rule: str, *, remedy: str = "", group: str = ""
    ) -> None:
        """Add an INFO."""
        self._add(Problem(where, what, Level.INFO, remedy, rule), group)

    def problems(self) -> list[Problem]:
        """Return what is to be shown."""
        more = [
            Problem(self._last[kind].where, f"同类问题另有 {count - _SHOWN} 处，最后一处在这里",
                    self._last[kind].level, self._last[kind].remedy, kind[0])
            for kind, count in self._counts.items() if count > _SHOWN
        ]  # fmt: skip
        return [*self._kept, *more]
