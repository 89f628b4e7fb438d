"""A plan (or last year's actuals) kept in the book as a version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.actions.run.apply import stamp
from xlplan.errors import InputError
from xlplan.sheets.history.kept import keep_plan, with_versions
from xlplan.sheets.history.page import Version

if TYPE_CHECKING:
    import pandas as pd

    from xlplan.sheets.state.book import BookState

CURRENT, BUDGET = "当前计划", "预算"
_YES = "是"


def with_version(  # noqa: PLR0913, PLR0917  # what a version is
    state: BookState, name: str, kind: str, note: str, plan: pd.DataFrame, year: int = 0
) -> BookState:  # what a version is
    """Return the state with a version added, or replaced when it may be."""
    plain = name.strip()
    if not plain:
        raise InputError("没有写版本名", f"1–40 个字，不能叫“{CURRENT}”")
    if plain == CURRENT or len(plain) > 40:
        raise InputError(f"“{name}”不能作版本名", f"1–40 个字，不能叫“{CURRENT}”")
    there = next((version for version in state.versions if version.name == plain), None)
    if there and there.frozen:
        raise InputError(f"“{plain}”是冻结的{there.kind}，不能改", "换一个名字")
    if there and there.kind != kind:
        raise InputError(f"已经有叫“{plain}”的{there.kind}", "换一个名字")
    mark = stamp()
    stores = list(plan.index.unique("store"))
    frozen = _YES if kind == BUDGET else ""
    splits = None if year else state.splits
    made = Version(plain, kind, str(year or state.year.year), mark.time, mark.who, note, frozen, keep_plan(plan, stores, splits))  # fmt: skip
    rest = [version for version in state.versions if version.name != plain]
    return with_versions(state, [*rest, made])
