"""From cells selected on 品类平台 to a category or platform, its stores and its months."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from xlplan.actions.change.selecting import meant, sheet_of, spots_of
from xlplan.errors import InputError, Where
from xlplan.record import record
from xlplan.sheets.parts.page import SHEET

if TYPE_CHECKING:
    from xlplan.plan.change.grid import Region
    from xlplan.sheets.state.read import BookRead


@record
class PartPlace:
    """A category or platform in some stores and days, as typed or selected.

    Attributes:
        category: Name of a category, or "".
        platform: Name of a platform, or "".
        store: Stores.
        period: Days.
        metric: The metric.
        at: The selection that says stores, days and, without a part, the metric; "" when typed.
    """

    category: str
    platform: str
    store: str
    period: str
    metric: str
    at: str = ""

    @property
    def part(self) -> bool:
        """Whether it is one category or platform, not the sales of all."""
        return bool(self.category or self.platform)

    def regions(self, read: BookRead) -> list[Region]:
        """Return its stores and days; one area where it is a part.

        Raises:
            InputError: It cannot be understood, is not of the plan, or a part has several areas.
        """
        found = meant(read, self.at, self.metric, self.store, self.period)
        if self.part and len(found) > 1:
            raise InputError(
                "品类、平台一次只能改一片", "只选销售额一行里连着的格，或写店铺和期间"
            )
        return found


def part_at(read: BookRead, typed: PartPlace) -> PartPlace:
    """Return what is meant: the part typed, or that of the cells selected on 品类平台.

    A part typed with neither store nor period is meant in the cells selected.

    Raises:
        InputError: Several rows, a row that follows from others, months that lie apart.
    """
    at = typed.at
    if not at or (typed.part and (typed.store or typed.period)):
        return replace(typed, at="")
    if sheet_of(at) != SHEET:
        return typed
    spots = spots_of(at, ())
    where = Where("", SHEET, at.rpartition("!")[2])
    period = _period(read, {column for _, column in spots}, where)
    if typed.part:
        return replace(typed, store=read.scopes[SHEET], period=period, at="")
    rows = {row for row, _ in spots}
    names = {row: key for key, row in read.at.split.rows.items()}
    kind, _, number = names.get(rows.pop(), "").partition(":") if len(rows) == 1 else ("", "", "")
    parts = read.state.splits.of(kind) if kind in ("c", "p") else ()
    name = parts[int(number)].name if parts and int(number) < len(parts) else ""
    if not name and kind != "target":
        raise InputError(
            "请只选一个品类、一个平台或“月目标”的一行",
            "品类 × 平台和未分配的由它们算出，改品类或平台就跟着变",
            where,
        )
    category, platform = (name if kind == each else "" for each in ("c", "p"))
    return PartPlace(category, platform, read.scopes[SHEET], period, "销售额")


def _period(read: BookRead, columns: set[int], where: Where) -> str:
    """Return the months of some columns: one quarter or the year, or months side by side."""
    keys = {column: key for key, column in read.at.split.columns.items()}
    chosen = [keys.get(column, "") for column in sorted(columns)]
    months = [int(key[2:]) for key in chosen if key.startswith("m:")]
    if len(chosen) == 1 and chosen[0] == "y":
        return "全年"
    if len(chosen) == 1 and chosen[0].startswith("q:"):
        return f"Q{chosen[0][2:]}"
    beside = months == list(range(months[0], months[-1] + 1)) if months else False
    if not beside or any(not key.startswith(("m:", "q:")) for key in chosen):
        raise InputError("请选月、季或全年的格", "几个月要连在一起，不与全年一起选", where)
    return f"{months[0]}月-{months[-1]}月" if len(months) > 1 else f"{months[0]}月"
