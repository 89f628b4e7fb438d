"""One plan drawn in many ways: the tables that operators make of stores × metrics × months."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xlplan.sources.readers.raw import Table

if TYPE_CHECKING:
    from collections.abc import Callable

MONTHS = [f"{month}月" for month in range(1, 13)]
ENGLISH = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
LABELS = {"gmv": "销售额", "uv": "UV", "spend": "推广费"}
MONEY = ("gmv", "spend")
#: Where the unit of money stands, and what a stored 1 is worth.
UNITS = {
    "cell": 1e4, "format": 1e4, "scaled": 1.0, "label": 1e4, "title": 1e4, "sheet": 1e4, "file": 1e4,
    "note": 1e4, "thousand": 1e3, "yuan": 1.0, "none": 1.0,
}  # fmt: skip


@dataclass
class Plan:
    """Store → metric → twelve amounts in yuan or heads."""

    values: dict[str, dict[str, list[float]]]
    unit: str = "none"
    months: list[object] = field(default_factory=lambda: list(MONTHS))

    @property
    def stores(self) -> list[str]:
        return list(self.values)

    @property
    def metrics(self) -> list[str]:
        return list(next(iter(self.values.values())))

    def of(self, store: str, metric: str) -> list[object]:
        return [self.shown(value, metric) for value in self.values[store][metric]]

    def total(self, metric: str) -> list[object]:
        months = zip(*(self.values[store][metric] for store in self.stores), strict=True)
        return [self.shown(sum(month), metric) for month in months]

    def year(self, store: str, metric: str) -> object:
        return self.shown(sum(self.values[store][metric]), metric)

    def shown(self, value: float, metric: str) -> object:
        if metric not in MONEY:
            return value
        if self.unit == "cell":
            return f"{value / 1e4:g}万"
        return round(value / UNITS[self.unit], 6)

    def label(self, metric: str) -> str:
        mark = {"label": "（万元）", "thousand": "(千元)", "yuan": "（元）"}.get(self.unit, "")
        return LABELS[metric] + (mark if metric in MONEY else "")

    def title(self, text: str) -> list[list[object]]:
        return [[f"{text}（单位：万元）" if self.unit == "title" else text]]

    def notes(self) -> list[list[object]]:
        return [["注：单位万元，含税"]] if self.unit == "note" else []

    def table(
        self,
        rows: list[list[object]],
        name: str = "",
        merges: tuple[tuple[int, int, int, int], ...] = (),
    ) -> Table:
        """Return the sheet; formats stand on every number but those of counts."""
        code = {"format": '0.0"万"', "scaled": '0!.0,"万"'}.get(self.unit)
        rows = [*rows, *self.notes()]
        counts = {
            value
            for metrics in self.values.values()
            for v in (metrics.get("uv", []),)
            for value in v
        }
        formats = {
            (at, column): code
            for at, row in enumerate(rows)
            for column, cell in enumerate(row)
            if code and isinstance(cell, float) and cell not in counts
        }
        sheet = (name or "目标") + ("（万元）" if self.unit == "sheet" else "")
        file = "2027目标_万元.xlsx" if self.unit == "file" else "2027目标.xlsx"
        return Table(file, sheet, rows, merges=merges, codes=formats)


def stores_by_months(plan: Plan) -> list[Table]:
    metric = plan.metrics[0]
    rows: list[list[object]] = plan.title(f"2027年{LABELS[metric]}目标表")
    mark = plan.label(metric).removeprefix(LABELS[metric])
    rows += [["店铺" + mark, "全年", *plan.months, "备注"]]
    rows += [
        [store, plan.year(store, metric), *plan.of(store, metric), ""] for store in plan.stores
    ]
    rows += [["合计", None, *plan.total(metric)]]
    return [plan.table(rows)]


def months_by_stores(plan: Plan) -> list[Table]:
    metric = plan.metrics[0]
    mark = plan.label(metric).removeprefix(LABELS[metric])
    rows = plan.title(f"2027年度{LABELS[metric]}目标")
    rows += [["月份" + mark, *plan.stores, "合计"]]
    columns = [plan.of(store, metric) for store in plan.stores]
    total = plan.total(metric)
    rows += [[plan.months[at], *(column[at] for column in columns), total[at]] for at in range(12)]
    rows += [["合计", *(plan.year(store, metric) for store in plan.stores)]]
    return [plan.table(rows)]


def long_list(plan: Plan) -> list[Table]:
    rows = [*plan.title("2027年目标"), ["店铺", "指标", "月份", "目标值"]]
    rows += [
        [store, plan.label(metric), plan.months[at], plan.of(store, metric)[at]]
        for store in plan.stores for metric in plan.metrics for at in range(12)
    ]  # fmt: skip
    return [plan.table(rows)]


def wide_merged(plan: Plan) -> list[Table]:
    rows = [*plan.title("年度目标"), ["店铺", "指标", "全年", *plan.months]]
    merges = []
    for store in plan.stores:
        first = len(rows)
        for at, metric in enumerate(plan.metrics):
            rows.append([None if at else store, plan.label(metric), plan.year(store, metric), *plan.of(store, metric)])  # fmt: skip
        if len(plan.metrics) > 1:
            merges.append((first, 0, len(rows) - 1, 0))
    return [plan.table(rows, merges=tuple(merges))]


def wide_blank(plan: Plan) -> list[Table]:
    return [Table(t.file, t.sheet, t.rows, codes=t.codes) for t in wide_merged(plan)]


def unit_column(plan: Plan) -> list[Table]:
    plan = Plan(plan.values, "none", plan.months)
    rows: list[list[object]] = [["店铺", "指标", "单位", *plan.months]]
    rows += [
        [store, LABELS[metric], "万元" if metric in MONEY else "人",
         *(value / (1e4 if metric in MONEY else 1) for value in plan.values[store][metric])]
        for store in plan.stores for metric in plan.metrics
    ]  # fmt: skip
    return [plan.table(rows)]


def sheet_a_store(plan: Plan) -> list[Table]:
    tables = []
    for store in plan.stores:
        rows = [*plan.title("2027年目标"), ["指标", *plan.months, "全年合计"]]
        rows += [[plan.label(metric), *plan.of(store, metric), plan.year(store, metric)] for metric in plan.metrics]  # fmt: skip
        tables.append(plan.table(rows, store))
    return tables


def stores_over_metrics(plan: Plan) -> list[Table]:
    wide = len(plan.metrics)
    rows = [*plan.title("2027年经营目标"), ["月份"], [None]]
    merges = []
    for at, store in enumerate(plan.stores):
        rows[1] += [store, *[None] * (wide - 1)]
        rows[2] += [plan.label(metric) for metric in plan.metrics]
        if wide > 1:
            merges.append((1, 1 + at * wide, 1, at * wide + wide))
    rows += [
        [plan.months[month], *(plan.of(s, m)[month] for s in plan.stores for m in plan.metrics)]
        for month in range(12)
    ]
    return [plan.table(rows, merges=tuple(merges))]


def metrics_over_months(plan: Plan) -> list[Table]:
    rows = [*plan.title("2027年目标"), ["店铺"], [None]]
    for metric in plan.metrics:
        rows[1] += [plan.label(metric), *[None] * 11]
        rows[2] += plan.months
    rows += [
        [store, *(value for metric in plan.metrics for value in plan.of(store, metric))]
        for store in plan.stores
    ]
    merges = tuple((1, 1 + 12 * at, 1, 12 + 12 * at) for at in range(len(plan.metrics)))
    return [plan.table(rows, merges=merges)]


def target_beside_actual(plan: Plan) -> list[Table]:
    metric = plan.metrics[0]
    rows = plan.title(f"2027年{LABELS[metric]}预算与实际")
    months = plan.months if isinstance(plan.months[0], str) else MONTHS
    heads = [head for month in months for head in (f"{month}预算", f"{month}实际", "达成率")]
    mark = plan.label(metric).removeprefix(LABELS[metric])
    rows += [["店铺" + mark, *heads]]
    rows += [
        [store, *(cell for value in plan.of(store, metric) for cell in (value, None, None))]
        for store in plan.stores
    ]
    return [plan.table(rows)]


def stacked(plan: Plan) -> list[Table]:
    rows: list[list[object]] = []
    for store in plan.stores:
        rows += plan.title(f"{store}2027年目标")
        rows += [["指标", *plan.months]]
        rows += [[plan.label(metric), *plan.of(store, metric)] for metric in plan.metrics]
        rows += [[]]
    return [plan.table(rows)]


def side_by_side(plan: Plan) -> list[Table]:
    metric = plan.metrics[0]
    rows = [*plan.title("2027年目标"), [], []]
    merges = []
    for at, store in enumerate(plan.stores):
        rows[1] += [store, None, None]
        rows[2] += ["月份", plan.label(metric), None]
        merges.append((1, 3 * at, 1, 3 * at + 1))
    rows += [
        [cell for s in plan.stores for cell in (plan.months[at], plan.of(s, metric)[at], None)]
        for at in range(12)
    ]
    return [plan.table(rows, merges=tuple(merges))]


def english(plan: Plan) -> list[Table]:
    names = {"gmv": "GMV", "uv": "Visitors", "spend": "Ad spend"}
    unit = {"title": " (RMB 10k)"}.get(plan.unit, "")
    if plan.unit != "title":
        plan = Plan(plan.values, "none", plan.months)
    rows: list[list[object]] = [
        ["FY2027 Targets" + unit],
        ["Store", "Metric", "Full Year", *ENGLISH],
    ]
    rows += [[store, names[m], plan.year(store, m), *plan.of(store, m)] for store in plan.stores for m in plan.metrics]  # fmt: skip
    return [Table("plan.xlsx", "Plan", rows)]


DRAWINGS: list[Callable[[Plan], list[Table]]] = [
    stores_by_months, months_by_stores, long_list, wide_merged, wide_blank, unit_column, sheet_a_store,
    stores_over_metrics, metrics_over_months, target_beside_actual, stacked, side_by_side, english,
]  # fmt: skip
#: Drawings that show the first metric only.
ONE_METRIC = (stores_by_months, months_by_stores, target_beside_actual, side_by_side)
