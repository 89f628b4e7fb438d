"""What a metric is, and the checks that a set of metrics must pass."""

from __future__ import annotations

import unicodedata
from dataclasses import field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from xlplan.formula import Formula
from xlplan.metrics.money import CENT, MONEY_FORMAT
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from xlplan.metrics.channels import Channel


class Add(StrEnum):
    """How values of a metric combine over days and stores."""

    FLOW = "flow"  # adds
    RATIO = "ratio"  # recomputed from its parts, never added or averaged
    STOCK = "stock"  # the last value stands
    DISTINCT = "distinct"  # de-duplicated: cannot be combined at all


class Unit(StrEnum):
    """What a number counts; decides rounding and display."""

    MONEY = "元"
    COUNT = "个"
    PERCENT = "%"
    TIMES = "倍"

    @property
    def step(self) -> float:
        """Rounding unit of stored flows: `CENT` 元, 1 个; ratios are not rounded (0)."""
        return {"元": CENT, "个": 1.0}.get(self.value, 0.0)

    @property
    def number_format(self) -> str:
        """Excel number format for display."""
        return {"元": MONEY_FORMAT, "个": "#,##0", "%": "0.00%", "倍": "0.00"}[self.value]


class Window(StrEnum):
    """Which days a derived metric's operands cover on a given day."""

    DAY = "day"  # the day itself
    MONTH = "month"  # the whole calendar month
    TO_DATE = "to_date"  # the month's days up to and including the day


@record
class Metric:
    """One metric.

    Attributes:
        name: Column name used everywhere.
        label: What users read.
        unit: What it counts.
        add: How it rolls up over days and stores.
        formula: How it is reported from other metrics; None for base columns.
        planned_from: How the plan derives it, as formula text; "" when not planned.
        window: Days the operands of `formula` cover.
        aliases: Other spellings found in sheets and exports.
        lower_is_better: For attainment bands.
        exclusion: An amount that is only ever subtracted; never planned, hidden by default.
        past: Worked out of last year's sales: in no file, typed nowhere.
        help: One line for people.
    """

    name: str
    label: str
    unit: Unit
    add: Add = Add.FLOW
    formula: Formula | None = None
    planned_from: str = ""
    window: Window = Window.DAY
    aliases: tuple[str, ...] = ()
    lower_is_better: bool = False
    exclusion: bool = False
    past: bool = False
    help: str = ""

    @property
    def last_value_total(self) -> bool:
        """True when a week or month shows its last known value instead of a sum."""
        return self.add is Add.STOCK or self.window is not Window.DAY


@record
class Registry:
    """A consistent set of metrics (checked when made)."""

    metrics: Mapping[str, Metric]
    channels: tuple[Channel, ...] = field(default=())

    def __post_init__(self) -> None:
        _check(self.metrics)

    def __getitem__(self, name: str) -> Metric:
        return self.metrics[name]

    def __contains__(self, name: object) -> bool:
        return name in self.metrics

    @cached_property
    def labels(self) -> dict[str, str]:
        """Normalised label or alias → metric name."""
        found: dict[str, str] = {}
        for metric in (one for one in self.metrics.values() if not one.past):
            for text in (metric.label, metric.name, *metric.aliases):
                found.setdefault(normal(text), metric.name)
        return found

    def find(self, text: str) -> Metric | None:
        """Return the metric a person means by `text`, or None."""
        name = self.labels.get(normal(text))
        return self.metrics[name] if name else None

    def suggest(self, text: str) -> str:
        """Return the label nearest to `text`, or "" when nothing is near."""
        from difflib import get_close_matches

        near = get_close_matches(normal(text), list(self.labels), n=1, cutoff=0.5)
        return self.metrics[self.labels[near[0]]].label if near else ""

    def order(self, names: Iterable[str]) -> list[str]:
        """Return `names` and all they are computed from, operands before results."""
        done: dict[str, None] = {}

        def visit(name: str) -> None:
            formula = self.metrics[name].formula
            for part in formula.names if formula else ():
                if part not in done:
                    visit(part)
            done[name] = None

        for name in names:
            if name not in done:
                visit(name)
        return list(done)


def normal(text: str) -> str:
    """Normalise a header for comparison: NFKC, no blanks, lower case, no unit in brackets."""
    plain = "".join(unicodedata.normalize("NFKC", str(text)).split()).lower()
    for unit in ("(元)", "(%)", "(人)", "(件)", "(笔)", "(单)", "(万元)"):
        plain = plain.removesuffix(unit)
    return plain.strip("：:")


def target_of(name: str) -> str:
    """Return the name of a metric's plan companion (``uv`` → ``uv_target``)."""
    return f"{name}_target"


def _check(metrics: Mapping[str, Metric]) -> None:
    graphs = {
        "formula": {m.name: m.formula.names if m.formula else () for m in metrics.values()},
        "planned_from": {
            m.name: Formula(m.planned_from).names if m.planned_from else ()
            for m in metrics.values()
        },
    }
    for kind, graph in graphs.items():
        for name, parts in graph.items():
            for part in parts:
                if part not in metrics:
                    raise _unknown(kind, name, part, metrics)
            _check_acyclic(kind, graph, name, ())
    for metric in metrics.values():
        if metric.add is Add.RATIO and metric.formula is None:
            raise ValueError(f"ratio {metric.name!r} has no formula")


def _unknown(kind: str, name: str, part: str, metrics: Mapping[str, Metric]) -> ValueError:
    from difflib import get_close_matches

    near = get_close_matches(part, list(metrics), n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return ValueError(f"{kind} of {name!r} names unknown {part!r}{hint}")


def _check_acyclic(
    kind: str, graph: Mapping[str, tuple[str, ...]], name: str, trail: tuple[str, ...]
) -> None:
    if name in trail:
        raise ValueError(f"{kind} goes in a circle: {' → '.join((*trail, name))}")
    for part in graph[name]:
        _check_acyclic(kind, graph, part, (*trail, name))
