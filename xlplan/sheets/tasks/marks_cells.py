"""里程碑: what is to be reached by when and what may go wrong, with states from the plan's own numbers."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from xlplan.cells import Cell, Style, letters
from xlplan.plan.tasks.marks import (
    ABOVE,
    AHEAD,
    BEHIND,
    BY_HAND,
    CALM,
    CLOSE_BY,
    COUNTED,
    ENDANGERED,
    LOW,
    MISSED,
    NEAR,
    ON_TIME,
    RATE,
    REACHED,
    TRIGGERED,
    UNKNOWN,
    Milestone,
    Risk,
    milestone_state,
    risk_state,
)
from xlplan.plan.year import TOTAL
from xlplan.record import bundle, record
from xlplan.sheets.base import look
from xlplan.sheets.base.tables import DATE, STORE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pandas as pd
    from numpy.typing import NDArray

    from xlplan.cells import Spot, Value
    from xlplan.metrics import Registry
    from xlplan.plan.year import Year
    from xlplan.sheets.base.tables import Tables

    Floats = NDArray[np.float64]

SHEET = "里程碑"
MILESTONES, RISKS = 22, 12
FIELDS = ("name", "start", "end", "metric", "target", "planned", "actual", "due", "rate", "state", "owner", "note")  # fmt: skip
KEY_ROW, HEAD_ROW = 3, 4
#: The month-to-date figures that risks may watch.
WATCHED = (
    "gmv_net",
    "uv",
    "orders_net",
    "cvr",
    "aov",
    "spend",
    "spend_ratio",
    "roi",
    "refund_rate",
)
_LABELS = {"gmv_net": "销售额", "uv": "UV", "orders_net": "笔数", "spend": "推广费"}
_TEXT = look.TEXT_INPUT
_CENTRED = look.TEXT_INPUT.but(align="center", wrap=False)
_DAY = look.INPUT.but(number="yyyy-mm-dd", align="center", size=9)
_NUMBER = look.INPUT.but(number="#,##0;-#,##0;", align="right", size=9)
_STATE = look.DERIVED.but(align="center", bold=True)
#: Thresholds are shares or multiples.
MIXED = "[<=1.5]0.0%;#,##0.00"


@record
class MarksAt:
    """Rows (``k:metric``, ``m:1``, ``r:1``, ``since``) and columns (`FIELDS`) by key."""

    rows: Mapping[str, int]
    columns: Mapping[str, int]

    def spot(self, row: str, column: str) -> Spot:
        """Return a cell's place."""
        return self.rows[row], self.columns[column]

    def ref(self, row: str, column: str) -> str:
        """Return a cell's address."""
        return f"{letters(self.columns[column])}{self.rows[row]}"

    def block(self, kind: str, column: str) -> str:
        """Return the absolute range of a column in a block."""
        rows = [row for key, row in self.rows.items() if key.startswith(f"{kind}:")]
        return f"${letters(self.columns[column])}${min(rows)}:${letters(self.columns[column])}${max(rows)}"  # fmt: skip


def watched_rows(metrics: Registry) -> list[str]:
    """Return the metrics of the month-to-date block: parts before what is made of them."""
    return metrics.order([*WATCHED])


def label_of(metrics: Registry, name: str) -> str:
    """Return what a month-to-date figure is called."""
    return _LABELS.get(name, metrics[name].label)


def marks_as_built(year: Year) -> MarksAt:
    """Return where everything stands on a new sheet."""
    rows = {f"m:{n}": HEAD_ROW + n for n in range(1, MILESTONES + 1)}
    first = HEAD_ROW + MILESTONES + 3
    rows |= {f"r:{n}": first + n - 1 for n in range(1, RISKS + 1)}
    first += RISKS + 2
    rows |= {f"k:{name}": first + n for n, name in enumerate(watched_rows(year.metrics))}
    return MarksAt(rows, {name: number for number, name in enumerate(FIELDS, start=1)})


@bundle
class Marks:
    """The sheet of a book.

    Attributes:
        milestones: Row key → milestone.
        risks: Row key → risk.
        year: The year with plan and actuals.
        tables: The hidden tables, for formulas.
        at: Where the sheet has its rows and columns.
    """

    milestones: Mapping[str, Milestone]
    risks: Mapping[str, Risk]
    year: Year
    tables: Tables
    at: MarksAt

    @cached_property
    def days(self) -> NDArray[np.datetime64]:
        """(stores × days,) the date of each row of plan and actuals."""
        return np.asarray(self.year.plan.index.get_level_values("date"), dtype="datetime64[D]")

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """(stores × days,) whether its sales are known."""
        return np.asarray(~np.isnan(self.year.actuals["gmv"].to_numpy(np.float64)))

    def total(self, frame: pd.DataFrame, name: str, first: date, last: date, *, known: bool = False) -> float:  # fmt: skip
        """Return a metric's sum over days, of all stores; NaN where nothing is known."""
        if name not in frame:
            return float("nan")
        inside = (self.days >= np.datetime64(first)) & (self.days <= np.datetime64(last))
        values = frame[name].to_numpy(np.float64)[inside & self.known if known else inside]
        return float("nan") if np.isnan(values).all() else round(float(np.nansum(values)), 6)

    @cached_property
    def figures(self) -> dict[str, tuple[float, float]]:
        """Metric → (actual, plan of the same days) of the as-of day's month so far."""
        names = watched_rows(self.year.metrics)
        as_of = self.year.as_of
        if as_of is None:
            return dict.fromkeys(names, (float("nan"), float("nan")))
        first, metrics = as_of.replace(day=1), self.year.metrics
        actual: dict[str, Floats] = {}
        plan: dict[str, Floats] = {}
        for name in names:
            formula = metrics[name].formula
            if formula is None:
                actual[name] = np.array([self.total(self.year.actuals, name, first, as_of)])
                plan[name] = np.array([self.total(self.year.plan, name, first, as_of, known=True)])
            else:
                actual[name], plan[name] = formula.evaluate(actual), formula.evaluate(plan)
        return {name: (float(actual[name][0]), float(plan[name][0])) for name in names}

    def cells(self) -> dict[Spot, Cell]:
        """Return every cell that follows from milestones, risks, plan and actuals."""
        cells: dict[Spot, Cell] = {}
        for key in self.at.rows:
            if key.startswith("m:"):
                cells |= self._milestone(key, self.milestones.get(key) or Milestone(""))
            elif key.startswith("r:"):
                cells |= self._risk(key, self.risks.get(key) or Risk(""))
            elif key.startswith("k:"):
                cells |= self._figure(key)
        return cells

    def _sums(self, table: str, name: str, first: str, last: str, *, known: bool = False) -> str:
        """Return a formula's sum of a metric over days, of all stores; rows of 合计 are left out."""
        at = self.tables.plan if table == "plan" else self.tables.actual
        stores, days = at.range(STORE), at.range(DATE)
        where = f'{stores},"<>{TOTAL}",{days},">="&{first},{days},"<="&{last}'
        if known:
            where += f',{self.tables.actual.range("gmv")},"<>"'
        values = at.range(name)
        return f'IF(COUNTIFS({where},{values},"<>")=0,"",SUMIFS({values},{where}))'

    def _figure(self, key: str) -> dict[Spot, Cell]:
        name, at, metrics = key[2:], self.at, self.year.metrics
        metric, (actual, plan) = metrics[name], self.figures[name]
        first = "DATE(YEAR(xlplan_asof),MONTH(xlplan_asof),1)"
        if metric.formula is None:
            sums = {"actual": self._sums("actual", name, first, "xlplan_asof")}
            if name in self.tables.plan.columns and name in self.year.plan:
                sums["planned"] = self._sums("plan", name, first, "xlplan_asof", known=True)
            formulas = {
                side: f'=IF(ISNUMBER(xlplan_asof),{text},"")' for side, text in sums.items()
            }
        else:
            formula = metric.formula
            formulas = {
                side: formula.to_excel(lambda part, side=side: at.ref(f"k:{part}", side))  # type: ignore[misc]
                for side in ("actual", "planned")
            }
        number = look.DERIVED.but(number=look.shown(metric), size=9)
        rate = actual / plan if plan and not np.isnan(actual * plan) else float("nan")
        one, other = at.ref(key, "actual"), at.ref(key, "planned")
        return {
            at.spot(key, "actual"): Cell(_said(actual), formulas["actual"], number),
            at.spot(key, "planned"): Cell(_said(plan), formulas.get("planned", ""), number),
            at.spot(key, "rate"): Cell(
                _said(rate), f'=IF(COUNT({one},{other})<2,"",IF({other}=0,"",{one}/{other}))', look.DERIVED.but(number="0.0%", size=9)
            ),
        }  # fmt: skip

    def _milestone(self, key: str, mark: Milestone) -> dict[Spot, Cell]:
        at = self.at
        planned, actual, due = self.standing(mark)
        target = planned if mark.target is None else mark.target
        scaled = due if mark.target is None or not planned > 0 else due * mark.target / planned
        rate = actual / scaled if scaled > 0 and not np.isnan(actual) else float("nan")
        actual_or_none = 0.0 if np.isnan(actual) else actual
        state = milestone_state(mark, target, actual_or_none, 0.0 if np.isnan(scaled) else scaled, self.year.as_of)  # fmt: skip
        money = look.DERIVED.but(number="#,##0", size=9)
        typed: dict[str, tuple[Value, Style]] = {
            "name": (mark.name or None, _TEXT), "start": (mark.start, _DAY), "end": (mark.end, _DAY),
            "metric": ((mark.metric if mark.name else None) or None, _CENTRED), "target": (mark.target, _NUMBER),
            "owner": (mark.owner or None, _TEXT), "note": (mark.note or None, _TEXT),
        }  # fmt: skip
        cells = {at.spot(key, name): Cell(value, "", style) for name, (value, style) in typed.items()}  # fmt: skip
        formulas = self._standing_formulas(key)
        values = {"planned": planned, "actual": actual, "due": scaled}
        cells |= {at.spot(key, n): Cell(_said(v), formulas[n], money) for n, v in values.items()}
        cells[at.spot(key, "rate")] = Cell(_said(rate), formulas["rate"], look.DERIVED.but(number="0.0%", size=9))  # fmt: skip
        cells[at.spot(key, "state")] = Cell(state, formulas["state"], _STATE)
        return cells

    def standing(self, mark: Milestone) -> tuple[float, float, float]:
        """Return (planned in all, actual so far, due on the known days) of a milestone."""
        name = COUNTED.get(mark.metric)
        if name is None or mark.start is None or mark.end is None:
            return (float("nan"),) * 3
        plan, year = self.year.plan, self.year
        planned = self.total(plan, name, mark.start, mark.end)
        actual = self.total(year.actuals, name, mark.start, mark.end)
        if name != "uv":
            gone = self.total(year.actuals, f"{name}_excluded", mark.start, mark.end)
            actual -= 0.0 if np.isnan(gone) else gone
        return planned, actual, self.total(plan, name, mark.start, mark.end, known=True)

    def _standing_formulas(self, key: str) -> dict[str, str]:
        at = self.at
        start, end, metric, target = (f"${at.ref(key, name)}" for name in ("start", "end", "metric", "target"))  # fmt: skip
        planned, actual, due, rate = (at.ref(key, name) for name in ("planned", "actual", "due", "rate"))  # fmt: skip

        def of(table: str, *, net: bool = False, known: bool = False) -> str:
            said = []
            for label, name in COUNTED.items():
                text = self._sums(table, name, start, end, known=known)
                if net and name != "uv":
                    gone = self._sums(table, f"{name}_excluded", start, end)
                    text = f'IF({text}="","",{text}-N({gone}))'
                said.append(f'IF({metric}="{label}",{text},')
            empty = '""' + ")" * len(said)
            return f'=IF(COUNT({start},{end})<2,"",{"".join(said)}{empty})'

        share = f"IF(ISNUMBER({target}),IF(N({planned})=0,1,{target}/{planned}),1)"
        inner = of("plan", known=True)[1:]
        reached = f"IF(ISNUMBER({target}),{target},N({planned}))"
        state = (
            f'=IF(OR(COUNT({start},{end})<2,{reached}<=0),"",IF(N(xlplan_asof)<{start},"{AHEAD}",IF(N({actual})>={reached},"{REACHED}",'
            f'IF(xlplan_asof>={end},"{MISSED}",IF(N({rate})>=1,"{ON_TIME}",IF(N({rate})>={LOW:g},"{BEHIND}","{ENDANGERED}"))))))'
        )
        return {
            "planned": of("plan"),
            "actual": of("actual", net=True),
            "due": f'=IF(ISNUMBER({inner}),{inner}*{share},"")',
            "rate": f'=IF(COUNT({actual},{due})<2,"",IF({due}=0,"",{actual}/{due}))',
            "state": state,
        }

    def _risk(self, key: str, risk: Risk) -> dict[Spot, Cell]:
        at = self.at
        value = self.watched(risk)
        labels, actuals, rates = (at.block("k", name) for name in ("name", "actual", "rate"))
        metric, side, when, threshold = (at.ref(key, name) for name in ("start", "end", "metric", "target"))  # fmt: skip
        now, place = at.ref(key, "planned"), f"MATCH({metric},{labels},0)"
        found = f'=IF(COUNTIF({labels},{metric})=0,"",IF({side}="{RATE}",INDEX({rates},{place}),INDEX({actuals},{place})))'
        far = f'IF({when}="{ABOVE}",{threshold}-{now},{now}-{threshold})'
        state = (
            f'=IF({at.ref(key, "name")}="","",IF(OR({metric}="",NOT(ISNUMBER({threshold}))),"{BY_HAND}",IF(NOT(ISNUMBER({now})),"{UNKNOWN}",'
            f'IF({far}<0,"{TRIGGERED}",IF({far}<=ABS({threshold})*{CLOSE_BY:g},"{NEAR}","{CALM}")))))'
        )
        mixed = look.INPUT.but(number=MIXED, align="right", size=9)
        has = bool(risk.metric)
        typed: dict[str, tuple[Value, Style]] = {
            "name": (risk.name or None, _TEXT), "start": (risk.metric or None, _CENTRED),
            "end": (risk.side if has else None, _CENTRED), "metric": (risk.when if has else None, _CENTRED),
            "target": (risk.threshold, mixed), "owner": (risk.owner or None, _TEXT),
            "note": (risk.answer or None, _TEXT),
        }  # fmt: skip
        cells = {at.spot(key, name): Cell(said, "", style) for name, (said, style) in typed.items()}  # fmt: skip
        cells[at.spot(key, "planned")] = Cell(_said(value), found, look.DERIVED.but(number=MIXED, size=9))  # fmt: skip
        cells[at.spot(key, "state")] = Cell(risk_state(risk, value), state, _STATE)
        return cells

    def watched(self, risk: Risk) -> float:
        """Return the figure that a risk watches; NaN where there is none."""
        metrics = self.year.metrics
        for name in watched_rows(metrics):
            if label_of(metrics, name) == risk.metric:
                actual, plan = self.figures[name]
                if risk.side != RATE:
                    return actual
                return actual / plan if plan and not np.isnan(actual * plan) else float("nan")
        return float("nan")


def _said(value: float) -> float | str:
    return "" if np.isnan(value) else value
