"""目标 and 计划 side by side: where what was typed on 年度目标 is not what the plan comes to.

A change of a total above the months moves the plan, not the figure that was typed; until one of
them gives way, both are shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.cells import Cell, Spot
from xlplan.metrics import Unit, target_of
from xlplan.metrics.money import HALF_CENT
from xlplan.plan import rollup
from xlplan.record import record
from xlplan.sheets.targets.rows import EVERY, target_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from xlplan.plan.exact.units import Floats
    from xlplan.plan.year import Year
    from xlplan.sheets.targets.page import TargetsAt, TypedTargets
    from xlplan.sheets.targets.rows import TargetRow

#: The year's target, and the months', as columns of 年度目标.
COLUMNS = ("value", *(f"m:{month}" for month in range(1, 13)))
#: A ratio of whole orders and visits cannot be met to the last digit.
_NEAR = 0.005
WAYS = "“协调”选“以计划为准”改目标（xlplan reconcile --to-plan --write），或“分解”选“放弃手工调整”回到目标（xlplan fill --fresh）"
_TOLD = 3


@record
class Apart:
    """A target that the plan does not come to.

    Attributes:
        row: Its row.
        column: ``value``, or ``m:`` and the month.
        target: What was typed.
        plan: What the plan comes to.
    """

    row: TargetRow
    column: str
    target: float
    plan: float

    @property
    def text(self) -> str:
        """Both values: ``9月 目标 3,000 / 计划 3,300（+10.0%）``."""
        month = f"{self.column[2:]}月 " if self.column != "value" else ""
        change = f"（{self.plan / self.target - 1:+.1%}）" if self.target else ""
        return f"{month}目标 {self._shown(self.target)} / 计划 {self._shown(self.plan)}{change}"

    def _shown(self, value: float) -> str:
        if self.row.unit is Unit.PERCENT:
            return f"{value:.2%}"
        whole = self.row.unit is Unit.COUNT or (self.row.is_flow and value == round(value))
        return f"{value:,.0f}" if whole else f"{value:,.2f}"


def apart(typed: TypedTargets, year: Year) -> list[Apart]:
    """Return the targets of a book that its plan does not come to, row by row; year before months."""
    found: list[Apart] = []
    for store in year.stores:
        rows = [r for r in target_rows(typed.stores, typed.settings) if r.store == store != EVERY]
        planned = planned_totals(year, store, [row.metric for row in rows])
        found += [each for row in rows if row.metric in planned for each in _of(row, typed, planned[row.metric])]  # fmt: skip
    return found


def _of(row: TargetRow, typed: TypedTargets, plan: Floats) -> Iterator[Apart]:
    for column, value in zip(COLUMNS, plan.tolist(), strict=True):
        target = typed.values.get((row.key, column))
        if isinstance(target, int | float) and value == value and _differs(row, target, value):  # noqa: PLR0124
            yield Apart(row, column, float(target), value)


def _differs(row: TargetRow, target: float, plan: float) -> bool:
    if not row.is_flow:
        return abs(plan - target) > _NEAR * max(abs(target), abs(plan))
    return abs(plan - target) >= (HALF_CENT if row.unit is Unit.MONEY else 1.0)


def planned_totals(year: Year, store: str, metrics: Sequence[str]) -> dict[str, Floats]:
    """Return what the plan of a store comes to: metric → the year, then its twelve months."""
    months = year.calendar.days["month"].to_numpy() - 1
    days = year.planned.of_scope(store)
    sums = rollup.sums(np.stack(list(days.values())), months, 12)
    done = {target_of(name): _with_year(sums[at]) for at, name in enumerate(days)}
    wanted = [target_of(name) for name in metrics if target_of(name) in year.metrics]
    for name in year.metrics.order(wanted):
        formula = year.metrics[name].formula
        if formula is not None:
            done[name] = formula.evaluate({part: done[part] for part in formula.names})
    return {name.removesuffix("_target"): done[name] for name in wanted}


def _with_year(months: Floats) -> Floats:
    return np.round(
        np.concatenate([[rollup.total(months)], months]), 2
    )  # whole fen added as floats


def apart_texts(found: Sequence[Apart]) -> Mapping[str, str]:
    """Return row key → what the row says of its differences, with the two ways to settle them."""
    texts: dict[str, str] = {}
    for key in dict.fromkeys(each.row.key for each in found):
        mine = [each.text for each in found if each.row.key == key]
        more = f" 等 {len(mine)} 处" if len(mine) > _TOLD else ""
        texts[key] = f"{'；'.join(mine[:_TOLD])}{more}。{WAYS}"
    return texts


def apart_cells(typed: TypedTargets, year: Year, at: TargetsAt) -> dict[Spot, Cell]:
    """Return the cells that show target and plan where they differ; the others are empty."""
    texts = apart_texts(apart(typed, year))
    column = at.columns.get("apart")
    rows = [row for row in target_rows(typed.stores, typed.settings) if row.key in at.rows]
    return {(at.rows[row.key], column): Cell(texts.get(row.key)) for row in rows} if column else {}
