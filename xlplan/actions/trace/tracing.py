"""追溯: why a cell of the plan is what it is, as a table of cells and numbers."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.actions.change.selecting import find_stores, spot_of
from xlplan.actions.change.selecting_part import PartPlace, part_at
from xlplan.actions.run.outcome import Outcome
from xlplan.actions.run.planning import asked_plan
from xlplan.cells import address
from xlplan.errors import InputError
from xlplan.metrics import METRICS, Unit
from xlplan.plan.actuals.merge import merge_year, staff_rows
from xlplan.plan.actuals.origins import told
from xlplan.plan.change.grid import Grid, Region
from xlplan.plan.change.holds import SPEND, actual_days, label
from xlplan.plan.change.preview import number, unit_of
from xlplan.plan.change.trace import Past, Step, day_chain, fold
from xlplan.plan.days.periods import Period, day, months, parse_period, quarter
from xlplan.plan.year import TOTAL
from xlplan.record import replace
from xlplan.sheets.base.names import PLAN
from xlplan.sheets.base.tables import KEY, serial
from xlplan.sheets.days import page as calendar_page
from xlplan.sheets.history.page import DONE
from xlplan.sheets.state.deltas import decode
from xlplan.sheets.state.read import read_state
from xlplan.sheets.targets import page as targets_page
from xlplan.sheets.year import derived as year_cells

if TYPE_CHECKING:
    from collections.abc import Callable

    from xlplan.cells import Book
    from xlplan.plan.change.grid import Region
    from xlplan.plan.change.holds import Hold
    from xlplan.sheets.state.book import BookState
    from xlplan.sheets.state.read import BookRead

    Said = list[dict[str, object]]


def who_said(state: BookState, metric: str, store: str, period: str) -> Said:
    """Return everyone who told a metric on one day, store by store; [] for anything wider or unknown.

    Raises:
        InputError: The store or the period cannot be understood.
    """
    found = METRICS.find(metric)
    name = found.name.removesuffix("_net").removesuffix("_target") if found else ""
    stores, days = find_stores(store, state.year), parse_period(period, state.year.calendar)
    if name not in METRICS or days.days > 1:
        return []
    return [
        {"store": one, **entry}
        for one in stores
        for entry in trace_source(state, one, days.first, name)
    ]


def actual_at(read: BookRead, at: str) -> Said:
    """Return everyone who told the actual that a cell of a month's sheet shows; [] for other cells."""
    sheet, _, spot = at.strip().replace("'", "").partition("!")
    month = next((one for one in read.at.book.months.values() if one.sheet == sheet), None)
    if month is None:
        return []
    rows = {row: key for key, row in month.rows.items()}
    columns = {column: key for key, column in month.columns.items()}
    row, column = spot_of(spot)
    key, day = rows.get(row, ""), columns.get(column, "")
    name = key.removesuffix("_net")
    if not day.startswith("d:") or key.endswith("_target") or name not in METRICS:
        return []
    scope = read.scopes.get(sheet, "")
    return who_said(read.state, name, scope, day.removeprefix("d:"))


def trace_source(state: BookState, store: str, day: date, metric: str) -> list[dict[str, object]]:
    """Return everyone who told this value, the one that stands first.

    Each entry has metric, value, name, source, file, time, partial and used. A computed
    metric has none of its own: its parts have.
    """
    year = state.year
    typed = {pair: values for pair, values in state.daily.items() if pair == (store, day)}
    rows = state.sources
    rows = rows[(rows["store"] == store) & (rows["date"] == pd.Timestamp(day))]
    merged = merge_year(rows, staff_rows(typed), year)
    return told(rows, staff_rows(typed), merged, metric)


def said_lines(said: Said) -> list[str]:
    """Return one line a source."""
    return [_line(entry) for entry in said]


def _line(entry: dict[str, object]) -> str:
    metric = METRICS[str(entry["metric"])]
    value = number(float(str(entry["value"])), metric.unit)
    stands = "采用" if entry["used"] else "当天未结束，未计入" if entry["partial"] else "没有采用"
    place = "，".join(str(entry[key]) for key in ("file", "time") if entry[key])
    return f"{entry['store']} 实际{metric.label} {value}：{entry['name']}{f'（{place}）' if place else ''}，{stands}"


#: Locks that a chain names.
MOST = 8


def lock_lines(state: BookState, region: Region) -> list[str]:
    """Return a line for each lock that holds some of a region, and one for days with actuals."""
    year, grid = state.year, Grid(state.year)
    names = grid.family(region.metric) if grid.is_flow(region.metric) else []
    inside = region.days(year.year)
    found = [hold for hold in state.holds if _meets(hold, names, region)]
    lines = [f"锁定：{_about(hold, state)}" for hold in found[:MOST]]
    lines += [f"还有 {len(found) - MOST} 个锁定"] if len(found) > MOST else []
    rows = [year.stores.index(store) for store in region.stores]
    known = int(actual_days(year)[rows, inside].sum()) if names else 0
    return lines + ([f"已有实际的 {known} 个店·日，计划不再变"] if known else [])


def _meets(hold: Hold, names: list[str], region: Region) -> bool:
    days = hold.first <= region.period.last and region.period.first <= hold.last
    return days and any(hold.covers(name, store) for name in names for store in region.stores)


def _about(hold: Hold, state: BookState) -> str:
    said = "，".join(part for part in (hold.id, hold.who, hold.when, hold.why) if part)
    return f"{hold.about(state.year.metrics)}（{said}）"


def trace(  # noqa: PLR0913  # the options of one dialog
    book: Book, *, at: str = "", metric: str = "销售额", store: str = "", period: str = "", category: str = "", platform: str = ""
) -> Outcome:  # fmt: skip
    """Tell where a figure of the plan comes from, each step with its cell.

    Of one store's day also who said the actual: every source's value, file and time.

    Args:
        book: The plan book.
        at: One cell such as ``9月!F12``, instead of metric, store and period.
        metric: Metric by any of its names.
        store: Store or 合计.
        period: As in 分摊.
        category: A category of 品类平台, instead of a cell.
        platform: A platform, instead.

    Raises:
        InputError: It is not a cell of the plan, or not planned.
    """
    read = read_state(book)
    place = part_at(read, PartPlace(category, platform, store, period, metric, at))
    if place.part:
        return _trace_part(read, place)
    at, metric, store, period = place.at, place.metric, place.store, place.period
    said = actual_at(read, at) if at else who_said(read.state, metric, store, period)
    try:
        region, tracer = place.regions(read)[0], Tracer(read)
        steps = tracer.steps(region)
    except InputError:
        if not said:
            raise
        return Outcome("追溯", said_lines(said), facts={"actual": said})
    if at and len(region.stores) == region.period.days == 1:
        said = who_said(read.state, region.metric, region.stores[0], str(region.period.first))
    unit = unit_of(region.metric, read.state.year)
    lines = [f"{region.about(read.state.year)} = {number(tracer.grid.total(region), unit)}"]
    rows = [_row(step, tracer.place(step), unit) for step in steps if step.op != "+" or abs(step.number) >= SMALL]  # fmt: skip
    told = [
        {"what": s.what, "op": s.op, "number": s.number, "cell": tracer.place(s)} for s in steps
    ]
    lines += [*lock_lines(read.state, region), *said_lines(said)]
    facts: dict[str, object] = {
        "actual": said,
        "value": tracer.grid.total(region),
        "comes_to": fold(steps),
        "steps": told,
    }
    return Outcome("追溯", lines, facts=facts, table=[("", "数", "怎么来的", "在哪一格"), *rows])


def _trace_part(read: BookRead, place: PartPlace) -> Outcome:
    from xlplan.actions.trace.part import PartTracer

    tracer = PartTracer(read, place)
    steps, total = list(tracer.steps()), tracer.total()
    rows = [_row(step, "".join(step.place), Unit.MONEY) for step in steps if step.op != "+" or abs(step.number) >= SMALL]  # fmt: skip
    told = [
        {"what": s.what, "op": s.op, "number": s.number, "cell": "".join(s.place)} for s in steps
    ]
    facts: dict[str, object] = {"value": total, "comes_to": fold(steps), "steps": told}
    lines = [f"{tracer.there.name} 销售额 = {number(total, Unit.MONEY)}", *tracer.lines()]
    return Outcome("追溯", lines, facts=facts, table=[("", "数", "怎么来的", "在哪一格"), *rows])


#: A step that adds less is not shown: it says that nothing was rounded, locked or changed.
SMALL = 5e-5


def _row(step: Step, place: str, unit: Unit) -> tuple[str, ...]:
    return step.op, number(step.number, step.unit or unit), step.what, place


class Tracer:
    """Chains of one book: what the targets ask for is worked out once."""

    def __init__(self, read: BookRead) -> None:
        self.read, self.year = read, read.state.year
        self.grid = Grid(self.year)

    @cached_property
    def asked(self) -> Grid:
        """The year as the targets ask for it."""
        return Grid(replace(self.year, plan=asked_plan(self.read.state)))

    @cached_property
    def entries(
        self,
    ) -> list[tuple[str, str, dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]]]:
        """Actions since the last 分解: id, words, column → (places, added)."""
        found = []
        for entry in reversed(self.read.state.journal):
            if entry.state != DONE or not entry.payload:
                continue
            if entry.action in ("分解", "新建"):
                break
            change = decode(entry.payload)
            added = {key: (c.places, np.nan_to_num(c.new) - np.nan_to_num(c.old)) for key, c in change.columns.items()}  # fmt: skip
            found.append((entry.id, f"{entry.action} {entry.time}：{entry.note}", added))
        return found[::-1]

    def steps(self, region: Region) -> list[Step]:
        """Return the chain of a cell: of one day, of a sum over its parts, or of a ratio.

        Raises:
            InputError: Nothing is planned there.
        """
        if not self.grid.is_flow(region.metric):
            return self._ratio(region)
        if not self.grid.region_values(region).size:
            raise InputError(
                f"{region.about(self.year)} 还没有计划",
                "先运行“分解”；要看实际数是谁说的，请指明一天",
            )
        if region.metric == SPEND:
            names = self.grid.family(SPEND)
            return self._sum([replace(region, metric=name) for name in names])
        if len(region.stores) > 1:
            return self._sum([replace(region, stores=(store,)) for store in region.stores])
        if region.period.days > 1:
            return self._sum([replace(region, period=part) for part in self._parts(region.period)])
        return self._day(region)

    def _day(self, region: Region) -> list[Step]:
        year = self.year
        place = (region.period.first - date(year.year, 1, 1)).days
        row = year.stores.index(region.stores[0])
        flat = row * self.grid.days + place
        past = []
        for name, what, columns in self.entries:
            places, added = columns.get(("plan", region.metric), (np.array([]), np.array([])))
            at = np.searchsorted(places, flat)
            if at < len(places) and places[at] == flat:
                past.append(Past(name, what, float(added[at])))
        now = float(np.nan_to_num(self.grid.columns[region.metric][row, place]))
        return day_chain(year, self.asked, region.metric, region.stores[0], place, past, now)

    def _sum(self, regions: list[Region]) -> list[Step]:
        return [
            Step(
                part.about(self.year), "+" if i else "=", self.grid.total(part), self._where(part)
            )
            for i, part in enumerate(regions)
        ]

    def _ratio(self, region: Region) -> list[Step]:
        target = f"{region.metric}_target"
        formula = self.year.metrics[target].formula if target in self.year.metrics else None
        if formula is None or len(formula.names) != 2:
            raise InputError(f"“{label(region.metric, self.year.metrics)}”没有计划", "换一个指标")
        parts = [replace(region, metric=name.removesuffix("_target")) for name in formula.names]
        return [Step(part.about(self.year), op, self.grid.total(part), self._where(part), unit_of(part.metric, self.year)) for part, op in zip(parts, "=÷", strict=True)]  # fmt: skip

    def _parts(self, period: Period) -> list[Period]:
        """Return a period's parts: quarters of the year, months of a quarter, else days."""
        number = self.year.year
        if period == months(number, 1, 12, period.label):
            return [quarter(number, q) for q in range(1, 5)]
        for q in range(1, 5):
            if period == quarter(number, q):
                return [months(number, m, m) for m in range(3 * q - 2, 3 * q + 1)]
        return [day(period.first + timedelta(days=n)) for n in range(period.days)]

    def _where(self, region: Region) -> tuple[str, ...]:
        scope = region.stores[0] if len(region.stores) == 1 else TOTAL
        if region.period.days == 1:
            return ("plan", scope, region.metric, str(region.period.first))
        if region.period == months(self.year.year, region.period.first.month, region.period.first.month, region.period.label):  # fmt: skip
            return ("month", scope, region.metric, str(region.period.first.month))
        for q in range(1, 5):
            if region.period == quarter(self.year.year, q):
                return ("month", scope, region.metric, f"q:{q}")
        return ()

    def place(self, step: Step) -> str:
        """Return the cell of a step as people find it, "" where it has none."""
        kind, *keys = step.place or ("",)
        finder: dict[str, Callable[..., str]] = {"target": self._target, "weight": self._weight, "plan": self._plan, "month": self._month}  # fmt: skip
        return finder[kind](*keys) if kind in finder else "".join(keys)

    def _target(self, store: str, metric: str, column: str) -> str:
        at = self.read.at.targets
        return (
            f"{targets_page.SHEET}!{address(at.rows[f't:{store}|{metric}'], at.columns[column])}"
        )

    def _weight(self, place: str) -> str:
        at = self.read.at.calendar
        when = date(self.year.year, 1, 1) + timedelta(days=int(place))
        return f"{calendar_page.SHEET}!{address(at.rows[f'd:{when}'], at.columns['weight'])}"

    def _plan(self, scope: str, metric: str, when: str) -> str:
        at = self.read.at.book.tables.plan
        if metric not in at.columns:
            return ""
        key = f"{scope}|{serial(date.fromisoformat(when))}"
        row = self._rows.get(key)
        return f"{PLAN}!{address(row, at.columns[metric])}" if row else ""

    @cached_property
    def _rows(self) -> dict[str, int]:
        column = self.read.at.book.tables.plan.columns[KEY]
        return {
            str(seen.value): row for (row, c), seen in self.read.cells[PLAN].items() if c == column
        }

    def _month(self, scope: str, metric: str, month: str) -> str:
        at = self.read.at.book.year
        row = at.rows.get(f"{metric}_target")
        if row is None:
            return ""
        key = f"m:{month}" if month.isdigit() else month
        cell = f"{year_cells.SHEET}!{address(row, at.columns[key])}"
        return (
            cell if self.read.scopes[year_cells.SHEET] == scope else f"{cell}（店铺选“{scope}”）"
        )
