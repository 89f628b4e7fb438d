"""The derived cells of 年度规划: twelve months, four quarters and the year."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from xlplan.cells import Cell, Spot, State, Style, letters
from xlplan.metrics import Add, Metric
from xlplan.plan import rollup
from xlplan.plan.year import DUE
from xlplan.record import bundle, record
from xlplan.sheets.base import look
from xlplan.sheets.base.tables import MONTH, STORE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from xlplan.metrics import Registry
    from xlplan.plan.year import Year
    from xlplan.sheets.base.tables import TableAt, Tables

    Floats = NDArray[np.float64]

SHEET = "年度规划"
#: Column keys in sheet order: each quarter after its months, the year last.
COLUMNS = (
    *tuple(
        key
        for q in range(1, 5)
        for key in (*(f"m:{m}" for m in range(3 * q - 2, 3 * q + 1)), f"q:{q}")
    ),
    "y",
)
#: Column keys in the order of value arrays: months, quarters, year.
ORDER = (*(f"m:{m}" for m in range(1, 13)), *(f"q:{q}" for q in range(1, 5)), "y")
PLAN_GROUP, ACTUAL_GROUP, TEXT_GROUP, FREE_GROUP = "目标", "实际", "安排", "自定"
#: What the keys of texts and of people's own rows begin with; a store's own text ends with ``@店``.
TEXT, FREE = "text:", "free:"
FREE_ROWS = 4
DAYS = "days"
PER_DAY = "@day"
GAP = "gap"
#: Measured against what was due on the days whose actuals are known.
ATTAINED = "attainment"


@record
class YearRow:
    """One row: a metric, a metric per day (``gmv_target@day``), ``days``, ``gap`` or a text."""

    key: str
    label: str
    group: str
    companion: bool = False

    @property
    def is_typed(self) -> bool:
        """Whether people write in it: texts of the months, rows of their own."""
        return self.key.startswith((TEXT, FREE))


_PLAN_ROWS = (
    ("gmv_target", "月目标"),
    (DAYS, "天数"),
    ("gmv_target@day", "日目标"),
    ("uv_target@day", "日目标UV"),
    ("aov_target", "客单价"),
    ("cvr_target", "转化率"),
    ("spend_target", "推广费"),
    ("roi_target", "ROI"),
    ("spend_ratio_target", "费用占比"),
    ("refund_rate_target", "退款率"),
    ("uv_paid_target", "付费UV"),
    ("uv_organic_target", "自然UV"),
    ("uv_social_target", "社交UV"),
    ("target_growth", "目标同比"),
)
_ACTUAL_ROWS = (
    ("gmv_net", "实际销售额"),
    ("attainment", "达成率"),
    (GAP, "缺口"),
    ("gmv_last_year", "去年实际"),
    ("yoy", "同比(可比日期)"),
    ("orders_net", "实际笔数"),
    ("uv", "累计UV"),
    ("uv_paid", "付费UV"),
    ("uv_organic", "自然UV"),
    ("uv_social", "社交UV"),
    ("aov", "客单价"),
    ("cvr", "转化率"),
    ("spend", "推广费"),
    ("roi", "ROI"),
    ("spend_ratio", "费用占比"),
    ("refund_rate", "退款率"),
)
TEXT_ROWS = (
    ("text:hero", "爆品"),
    ("text:stage", "阶段概述"),
    ("text:campaign", "活动"),
    ("text:gift", "赠品规划"),
    ("text:new", "新品计划"),
)


def year_rows(metrics: Registry, stores: Sequence[str] = ()) -> list[YearRow]:
    """Return the rows; operands that are not shown follow as companions.

    Args:
        metrics: The registry.
        stores: The stores of the book: several have texts each, besides those of all.
    """
    rows: dict[str, YearRow] = {}
    main = {key for key, _ in (*_PLAN_ROWS, *_ACTUAL_ROWS)}
    for group, listed in ((PLAN_GROUP, _PLAN_ROWS), (ACTUAL_GROUP, _ACTUAL_ROWS)):
        for key, label in listed:
            rows[key] = YearRow(key, label, group)
            for part in _operands(metrics, key):
                if part not in main and part not in rows:
                    label_of = metrics[part].label
                    rows[part] = YearRow(part, label_of, group, companion=True)
    texts = [YearRow(key, label, TEXT_GROUP) for key, label in TEXT_ROWS]
    for store in stores if len(stores) > 1 else ():
        texts += [YearRow(store_text(key, store), label, store) for key, label in TEXT_ROWS]
    own = [YearRow(f"{FREE}{n}", "", FREE_GROUP) for n in range(1, FREE_ROWS + 1)]
    return [*rows.values(), *texts, *own]


def store_text(key: str, store: str) -> str:
    """Return the key of a store's own text."""
    return f"{key}@{store}"


def _operands(metrics: Registry, key: str) -> list[str]:
    if key.endswith(PER_DAY):
        return metrics.order([key.removesuffix(PER_DAY)])
    return [name for name in metrics.order([key]) if name != key] if key in metrics else []


@record
class YearAt:
    """Where the rows and columns of 年度规划 are."""

    rows: Mapping[str, int]
    columns: Mapping[str, int]
    scope: Spot


@bundle
class YearView:
    """年度规划 of one scope at given positions."""

    year: Year
    scope: str
    at: YearAt
    tables: Tables

    @cached_property
    def day_counts(self) -> Floats:
        """Days of each column under the book's convention."""
        real = self.year.calendar.days.groupby("month").size().to_numpy()
        months = np.array([self.year.settings.day_count(int(n)) for n in real], dtype=np.float64)
        return _with_quarters(months)

    @cached_property
    def values(self) -> dict[str, Floats]:
        """Row key → values in `ORDER`."""
        base = self._monthly()
        metrics = self.year.metrics
        names = [r.key for r in year_rows(metrics) if r.key in metrics]
        done: dict[str, Floats] = {}
        for name in metrics.order(names):
            formula = metrics[name].formula
            if formula is None:
                done[name] = _with_quarters(base.get(name, np.full(12, np.nan)))
            elif metrics[name].add is Add.FLOW:
                parts = {n: done[n][:12] for n in formula.names}
                done[name] = _with_quarters(formula.evaluate(parts))
            else:
                done[name] = formula.evaluate({n: done[n] for n in formula.names})
        reached = metrics[ATTAINED].formula
        assert reached is not None  # noqa: S101 - it is a ratio
        due = _with_quarters(base[DUE])
        done[ATTAINED] = reached.evaluate({"gmv_net": done["gmv_net"], "gmv_target": due})
        done[DAYS] = self.day_counts
        for key in ("gmv_target", "uv_target"):
            done[key + PER_DAY] = done[key] / self.day_counts
        done[GAP] = done["gmv_target"] - done["gmv_net"]
        return done

    def _monthly(self) -> dict[str, Floats]:
        groups = self.year.calendar.days["month"].to_numpy() - 1
        made: dict[str, Floats] = {}
        for suffix, cube in (("", self.year.actual), ("_target", self.year.planned)):
            days = cube.of_scope(self.scope)
            months = rollup.sums(np.stack(list(days.values())), groups, 12)
            made |= {name + suffix: months[i] for i, name in enumerate(days)}
        return made

    def cells(self) -> dict[Spot, Cell]:
        """Return the derived cells (text rows are inputs and stay out)."""
        made: dict[Spot, Cell] = {}
        for row in year_rows(self.year.metrics):
            if not row.is_typed:
                values = self.values[row.key].tolist()
                plain, total = self._styles(row)
                for place, key in enumerate(ORDER):
                    value = values[place]
                    cell = Cell(
                        value if value == value else "",  # noqa: PLR0124 - NaN test
                        self._formula(row.key, key),
                        plain if key.startswith("m:") else total,
                    )
                    made[self.at.rows[row.key], self.at.columns[key]] = cell
        return made

    def _formula(self, row: str, column: str) -> str:
        letter, number = letters(self.at.columns[column]), self.at.rows[row]
        rows = self.at.rows
        if row == DAYS:
            return "" if column.startswith("m:") else f"=SUM({self._parts(column, number)})"
        if row.endswith(PER_DAY):
            total = f"{letter}{rows[row.removesuffix(PER_DAY)]}"
            return f'=IF(COUNT({total})=0,"",{total}/{letter}{rows[DAYS]})'
        if row == GAP:
            target, sold = f"{letter}{rows['gmv_target']}", f"{letter}{rows['gmv_net']}"
            return f'=IF(COUNT({target},{sold})<2,"",{target}-{sold})'
        metric = self.year.metrics[row]
        if metric.add is Add.FLOW and not column.startswith("m:"):
            parts = self._parts(column, number)
            return f'=IF(COUNT({parts})=0,"",SUM({parts}))'
        if metric.formula is None:
            return self._from_table(metric, column)
        other = {"gmv_target": self._due(column)} if row == ATTAINED else {}
        return metric.formula.to_excel(lambda name: other.get(name) or f"{letter}{rows[name]}")

    def _parts(self, column: str, row: int) -> str:
        """A quarter adds its months, the year its quarters."""
        if column == "y":
            parts = [self.at.columns[f"q:{q}"] for q in range(1, 5)]
            return ",".join(f"{letters(part)}{row}" for part in parts)
        quarter = int(column[2:])
        months = [self.at.columns[f"m:{m}"] for m in range(3 * quarter - 2, 3 * quarter + 1)]
        return ",".join(f"{letters(month)}{row}" for month in months)

    def _from_table(self, metric: Metric, column: str) -> str:
        is_plan = metric.name.endswith("_target")
        table: TableAt = self.tables.plan if is_plan else self.tables.actual
        name = metric.name.removesuffix("_target") if is_plan else metric.name
        scope = f"${letters(self.at.scope[1])}${self.at.scope[0]}"
        where = f"{table.range(STORE)},{scope},{table.range(MONTH)},{column[2:]}"
        values = table.range(name)
        return f'=IF(COUNTIFS({where},{values},"<>")=0,"",SUMIFS({values},{where}))'

    def _due(self, column: str) -> str:
        """Return what was due on the days of a column whose actuals are known."""
        table, scope = self.tables.actual, f"${letters(self.at.scope[1])}${self.at.scope[0]}"
        months = table.range(MONTH)
        where = f"{table.range(STORE)},{scope}"
        if column.startswith("m:"):
            where += f",{months},{column[2:]}"
        elif column.startswith("q:"):
            quarter = int(column[2:])
            where += f',{months},">={3 * quarter - 2}",{months},"<={3 * quarter}"'
        return f"SUMIFS({table.range(DUE)},{where})"

    def _styles(self, row: YearRow) -> tuple[Style, Style]:
        return look.of_row(State.DERIVED, self._number(row.key), 9 if row.companion else 10)

    def _number(self, key: str) -> str:
        name = key.removesuffix(PER_DAY)
        if name in (DAYS, GAP):
            return "#,##0"
        return look.shown(self.year.metrics[name])


def _with_quarters(months: Floats) -> Floats:
    quarters = months.reshape(4, 3)
    summed = np.array([rollup.total(quarter) for quarter in quarters])
    return np.concatenate([months, summed, [rollup.total(summed)]])
