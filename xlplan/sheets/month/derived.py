"""The derived cells of a month sheet: each a live formula together with its value."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from functools import cached_property
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np

from xlplan.cells import Cell, Spot, State, Style, letters
from xlplan.metrics import Add, Window
from xlplan.plan import rollup
from xlplan.plan.year import DUE
from xlplan.record import bundle, record
from xlplan.sheets.base import look
from xlplan.sheets.base.names import month_name
from xlplan.sheets.base.tables import DATE, LATE, STORE
from xlplan.sheets.month.doubt_row import ROW as DOUBT_ROW
from xlplan.sheets.month.rows import RowSpec, month_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from xlplan.plan.year import Year
    from xlplan.sheets.base.tables import Tables

TITLE_ROW, SCOPE_ROW, KEY_ROW, PLAN_ROW, ACTUAL_ROW, DATE_ROW, WEEKDAY_ROW, EVENT_ROW = range(1, 9)
FIRST_ROW, GROUP_COLUMN, ITEM_COLUMN, FIRST_COLUMN = 9, 1, 2, 3
SCOPE_SPOT = (SCOPE_ROW, FIRST_COLUMN)


@record
class Column:
    """A day column (one position) or a total over several days."""

    key: str
    label: str
    days: NDArray[np.intp]

    @cached_property
    def is_day(self) -> bool:
        """True for a single day."""
        return self.key.startswith("d:")


@record
class Line:
    """A column at its place on a sheet, ready for filling in templates.

    `before` is the letter of the day before ("" on the first), `days` those that a total
    covers, `weeks` the week totals that the month adds.
    """

    number: int
    letter: str
    before: str = ""
    days: tuple[str, ...] = ()
    weeks: tuple[str, ...] = ()


@record
class MonthAt:
    """Where the rows and columns of a month sheet are: as built, or as found in a book."""

    sheet: str
    rows: Mapping[str, int]
    columns: Mapping[str, int]
    scope: Spot = SCOPE_SPOT
    plan_row: int = PLAN_ROW
    actual_row: int = ACTUAL_ROW
    date_row: int = DATE_ROW


#: Keys of the rows above the table: selector, places in _计划 and in _实际, dates.
SPECIAL = ("row:scope", "row:plan", "row:actual", "row:date")


def month_columns(year: int, month: int) -> list[Column]:
    """Return the columns in order; positions are days of the month from 0."""
    parts = np.array(_week_parts(year, month))
    made: list[Column] = []
    for number, part in enumerate(parts):
        day = date(year, month, number + 1)
        made.append(Column(f"d:{day}", "", np.array([number], dtype=np.intp)))
        if number + 1 == len(parts) or parts[number + 1] != part:
            made.append(Column(f"w:{part}", "周合计", np.flatnonzero(parts == part)))
    made.append(Column(f"m:{month}", "月合计", np.arange(len(parts))))
    return made


def _week_parts(year: int, month: int) -> list[str]:
    """Return for each day of a month its week, cut at the month's ends (``2026-W36-09``)."""
    days = (date(year, month, number) for number in range(1, monthrange(year, month)[1] + 1))
    weeks = (day.isocalendar() for day in days)
    return [f"{week.year}-W{week.week:02d}-{month:02d}" for week in weeks]


def special_rows(at: MonthAt) -> dict[str, int]:
    """Return the keys of the rows above the table."""
    return dict(zip(SPECIAL, (at.scope[0], at.plan_row, at.actual_row, at.date_row), strict=True))


def month_as_built(year: Year, month: int) -> MonthAt:
    """Return the positions of a freshly built month sheet."""
    rows = {row.key: FIRST_ROW + i for i, row in enumerate(month_rows(year.settings))}
    rows[DOUBT_ROW] = FIRST_ROW + len(rows)
    columns = {c.key: FIRST_COLUMN + i for i, c in enumerate(month_columns(year.year, month))}
    return MonthAt(month_name(month), rows, columns)


#: Measured against what was due on the days whose actuals are known, never against all days.
ATTAINED = "attainment"


@bundle
class MonthView:
    """One month of one scope at given positions."""

    year: Year
    month: int
    scope: str
    at: MonthAt
    tables: Tables

    @cached_property
    def columns(self) -> list[Column]:
        """The columns in order."""
        return month_columns(self.year.year, self.month)

    @cached_property
    def lines(self) -> tuple[list[Line], list[Line]]:
        """The days and the totals at their places, each in order."""
        letter = {column.key: letters(self.at.columns[column.key]) for column in self.columns}
        every = [letter[column.key] for column in self.columns if column.is_day]
        weeks = tuple(letter[column.key] for column in self.columns if column.key[0] == "w")
        days: list[Line] = []
        totals: list[Line] = []
        for column in self.columns:
            number, first = self.at.columns[column.key], int(column.days[0])
            if column.is_day:
                before = every[first - 1] if first else ""
                days.append(Line(number, letter[column.key], before))
            else:
                covered = tuple(every[first : first + len(column.days)])
                added = weeks if column.key[0] == "m" else ()
                totals.append(Line(number, letter[column.key], "", covered, added))
        return days, totals

    @cached_property
    def values(self) -> dict[str, NDArray[np.float64]]:
        """Row key → values over the day columns followed by weeks and the month."""
        year = self.year
        days = np.flatnonzero(year.calendar.days["month"].to_numpy() == self.month)
        base = {name: v[days] for name, v in year.actual.of_scope(self.scope).items()}
        planned = year.planned.of_scope(self.scope)
        base |= {f"{name}_target": v[days] for name, v in planned.items()}
        totals = [column.days for column in self.columns if not column.is_day]
        names = [row.metric for row in month_rows(year.settings)]
        made = rollup.table(year.metrics, names, base, totals)
        due = rollup.with_sums(base[DUE], totals)
        formula = year.metrics[ATTAINED].formula
        assert formula is not None  # noqa: S101 - it is a ratio
        reached = formula.evaluate({"gmv_net": made["gmv_net"], "gmv_target": due})
        return made | {ATTAINED: reached}

    def cells(self) -> dict[Spot, Cell]:
        """Return the derived cells."""
        cells = self._lookup_rows()
        for row in month_rows(self.year.settings):
            cells.update(_RowWriter(row, self).cells(self.values[row.key]))
        return cells

    def _lookup_rows(self) -> dict[Spot, Cell]:
        """Fill the two hidden rows that find each day in the hidden tables."""
        cells: dict[Spot, Cell] = {}
        at = self.at
        start = self.year.scopes.index(self.scope) * len(self.year.calendar.days)
        start += date(self.year.year, self.month, 1).timetuple().tm_yday
        scope, day = f"${letters(at.scope[1])}${at.scope[0]}", f"{{c}}${at.date_row}"
        for row, table in ((at.plan_row, self.tables.plan), (at.actual_row, self.tables.actual)):
            template = table.match(scope, day)
            for place, line in enumerate(self.lines[0], start):
                formula = template.replace("{c}", line.letter)
                cells[row, line.number] = Cell(place, formula, look.HIDDEN)
        return cells


class _RowWriter:
    """Writes one row: a formula template per kind of column, then column letters filled in."""

    def __init__(self, row: RowSpec, view: MonthView) -> None:
        self.row, self.at, self.tables = row, view.at, view.tables
        self.days, self.totals = view.lines
        self.registry = view.year.metrics
        self.metric = self.registry[row.metric]
        self.number = view.at.rows[row.key]
        self.keeps_last = self.metric.last_value_total or row.is_to_date
        self.is_monthly = self.metric.window is Window.MONTH and self.metric.formula is not None
        self.adds = self.metric.add is Add.FLOW

    def cells(self, values: NDArray[np.float64]) -> Iterator[tuple[Spot, Cell]]:
        plain, total = self._styles()
        spots = [(self.number, line.number) for line in (*self.days, *self.totals)]
        shown = ["" if v != v else v for v in values.tolist()]  # noqa: PLR0124 - NaN test
        formulas = [*self._day_formulas(), *map(self._total, self.totals)]
        looks = [plain] * len(self.days) + [total] * len(self.totals)
        # thirty thousand cells: made without a step of Python for each
        made = map(tuple.__new__, repeat(Cell), zip(shown, formulas, looks, strict=True))
        return zip(spots, made, strict=True)

    def _day_formulas(self) -> list[str]:
        pieces = self._day_template().split("{c}")  # joining pieces is cheaper than replacing
        made = [line.letter.join(pieces) for line in self.days]
        if self.row.is_to_date:
            made = [f.replace("{p}", line.before) for f, line in zip(made, self.days, strict=True)]
            made[0] = self._first_to_date().replace("{c}", self.days[0].letter)
        return made

    def _ref(self, key: str) -> str:
        return f"{{c}}{self.at.rows[key]}"

    def _day_template(self) -> str:
        metric, formula = self.metric, self.metric.formula
        if self.row.is_to_date:
            own = self._ref(metric.name)
            return f'=IF(COUNT({{p}}{self.number},{own})=0,"",SUM({{p}}{self.number},{own}))'
        if formula is None:
            plan, actual = self.tables
            if metric.name.endswith("_target"):
                return plan.lookup(
                    metric.name.removesuffix("_target"), f"{{c}}${self.at.plan_row}"
                )
            return actual.lookup(metric.name, f"{{c}}${self.at.actual_row}")
        if metric.window is Window.MONTH:
            return f"=${self.totals[-1].letter}{self.number}"
        if metric.window is Window.TO_DATE:
            own = ",".join(self._ref(name) for name in formula.names)
            inner = formula.to_excel(self._ref_to_date)[1:]
            return f'=IF(COUNT({own})<{len(formula.names)},"",{inner})'
        is_attained = metric.name == ATTAINED
        return self._attained(self._due_of_day()) if is_attained else formula.to_excel(self._ref)

    def _ref_to_date(self, name: str) -> str:
        key = rollup.to_date_name(name)
        return self._ref(key if rollup.is_cumulated(self.registry[name]) else name)

    def _first_to_date(self) -> str:
        own = self._ref(self.metric.name)
        return f'=IF(COUNT({own})=0,"",SUM({own}))'

    def _total(self, line: Line) -> str:
        number = self.number
        if self.metric.name == ATTAINED:
            return self._attained(self._due_of(line)).replace("{c}", line.letter)
        if self.is_monthly and not line.weeks:
            return f"=${self.totals[-1].letter}{number}"
        if self.keeps_last and not self.is_monthly:
            return f"={last_known([f'{part}{number}' for part in line.weeks or line.days])}"
        if self.adds and not self.is_monthly:
            cells = f"{line.days[0]}{number}:{line.days[-1]}{number}"
            if line.weeks:  # the month adds its weeks, so that no day counts twice
                cells = ",".join([f"{week}{number}" for week in line.weeks])
            return f'=IF(COUNT({cells})=0,"",SUM({cells}))'
        return self._own_template.replace("{c}", line.letter)

    def _attained(self, due: str) -> str:
        """Return 达成率 against what was due: days without actuals count on neither side."""
        assert self.metric.formula is not None  # noqa: S101 - it is a ratio
        return self.metric.formula.to_excel(
            lambda name: due if name == "gmv_target" else self._ref(name)
        )

    def _due_of_day(self) -> str:
        actual = self.tables.actual
        if actual.live:
            return self._ref("gmv_target")
        return f"INDEX({actual.range(DUE)},{{c}}${self.at.actual_row})"

    def _due_of(self, line: Line) -> str:
        """Return what was due on the days of a total: by the hidden table, or by the days above."""
        first, last, at = line.days[0], line.days[-1], self.at
        if self.tables.actual.live:
            known, target = (
                f"{first}{at.rows[k]}:{last}{at.rows[k]}" for k in ("gmv", "gmv_target")
            )
            dates = f"{first}${at.date_row}:{last}${at.date_row}"  # totals have words there
            return f'SUMPRODUCT(({dates}<{LATE})*({known}<>""),{target})'
        actual, scope = self.tables.actual, f"${letters(at.scope[1])}${at.scope[0]}"
        days = actual.range(DATE)
        where = f'{actual.range(STORE)},{scope},{days},">="&{first}${at.date_row},{days},"<="&{last}${at.date_row}'
        return f"SUMIFS({actual.range(DUE)},{where})"

    @cached_property
    def _own_template(self) -> str:
        assert self.metric.formula is not None  # noqa: S101 - such metrics have one
        return self.metric.formula.to_excel(self._ref)

    def _styles(self) -> tuple[Style, Style]:
        actual = self.metric.formula is None and not self.metric.name.endswith("_target")
        state = State.ACTUAL if actual and not self.row.companion else State.DERIVED
        return look.of_row(state, look.shown(self.metric), 9 if self.row.companion else 10)


def last_known(cells: Sequence[str]) -> str:
    """Return a formula body giving the last cell with a number, "" when there is none.

    Plain tests from the end: approximate look-ups differ between programs on mixed ranges.
    """
    body = '""'
    for cell in cells:
        body = f"IF(ISNUMBER({cell}),{cell},{body})"
    return body
