"""The plan book as one value.

`BookState` is what a plan book says; `layout.pages` lays it out for a new file,
`read_state` reads it from a book, `update` gives the cells that a book must
change to say it.
"""

from __future__ import annotations

from dataclasses import MISSING, field, fields
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from xlplan.plan.actuals.contributions import no_rows
from xlplan.plan.parts.splits import Splits
from xlplan.plan.year import Year, actual_columns, day_grid, plan_columns
from xlplan.record import bundle, replace
from xlplan.sheets.base.places import Overlaid
from xlplan.sheets.days.page import NOTHING_TYPED, TypedDays

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from xlplan.cells import Value
    from xlplan.errors import Problem
    from xlplan.plan.change.holds import Hold
    from xlplan.plan.days.weights import Shape
    from xlplan.plan.year import Settings
    from xlplan.sheets.base.lists import LogRow
    from xlplan.sheets.history.page import Entry, Version
    from xlplan.sheets.targets.page import TypedTargets

NO_SPLITS = Splits()


@bundle
class BookState:
    """Everything a plan book says.

    Attributes:
        year: Targets, calendar, plan and actuals.
        typed: 年度目标 as typed, with findings.
        shape: Weekday, month and holiday indices on 日历.
        days: What is typed on 日历.
        daily: What staff typed on 日报, by (store, date).
        meta: Keys of _元数据.
        problems: The findings on 体检.
        log: The rows of 变更记录.
        sources: What exports said (_来源), as contribution rows.
        splits: Categories and platforms with their shares (品类平台) and agreements (品类约定).
        origins: Who said the actuals that stand, in words, by (store, day).
        holds: What may not move.
        versions: Plans that were kept.
        journal: What each action changed, oldest first.
        own: What other sheets keep, by part: values as JSON has them.
    """

    year: Year
    typed: TypedTargets
    shape: Shape
    days: TypedDays = NOTHING_TYPED
    daily: Mapping[tuple[str, date], Mapping[str, Value]] = field(default_factory=dict)
    meta: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    log: Sequence[LogRow] = ()
    sources: pd.DataFrame = field(default_factory=no_rows)
    origins: Mapping[tuple[str, date], str] = field(default_factory=dict)
    holds: Sequence[Hold] = ()
    versions: Sequence[Version] = ()
    journal: Sequence[Entry] = ()
    splits: Splits = NO_SPLITS
    own: Mapping[str, Any] = field(default_factory=dict)

    def with_own(self, values: Mapping[str, Any]) -> Self:
        """Return the state with other values of what sheets keep; the rest stays unread."""
        return replace(self, own=Overlaid(self.own, values))


def nothing(part: str) -> Any:
    """Return what a part of the state is while a book says nothing of it."""
    known = {one.name: one for one in fields(BookState)}[part]
    return known.default if known.default_factory is MISSING else known.default_factory()


@bundle
class BookYear(Year):
    """The year of a book, which knows its number before it knows its days."""

    number: int = 0

    @property
    def year(self) -> int:
        """The calendar year."""
        return self.number


def empty_plan(stores: Sequence[str], year: int, settings: Settings) -> pd.DataFrame:
    """Return a plan that plans nothing yet."""
    return _empty(stores, year, plan_columns(settings.registry))


def empty_actuals(stores: Sequence[str], year: int, settings: Settings) -> pd.DataFrame:
    """Return actuals that know nothing yet."""
    return _empty(stores, year, actual_columns(settings.registry))


def _empty(stores: Sequence[str], year: int, names: list[str]) -> pd.DataFrame:
    return pd.DataFrame(np.nan, index=day_grid(stores, year), columns=names, dtype=np.float64)
