"""What was typed straight over the plan: cells that should hold a formula and do not."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from xlplan.cells import Cell, address
from xlplan.plan.change.grid import Region
from xlplan.plan.days.periods import Period, between, months, quarter
from xlplan.plan.year import TOTAL
from xlplan.record import record
from xlplan.regex import regex
from xlplan.sheets.base.names import MONTHS, month_name
from xlplan.sheets.month.plan_rows import ENDS, is_plan
from xlplan.sheets.year import derived as year_cells

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from xlplan.cells import Seen, Spot, Value
    from xlplan.plan.year import Year
    from xlplan.sheets.base.sheet import BookRead
    from xlplan.sheets.month.derived import MonthAt
    from xlplan.sheets.year.derived import YearAt


#: ``=120000*1.08`` as people type it; every formula of xlplan refers to cells.
ARITHMETIC = regex(r"=[\d\s.+\-*/()%]+")
#: What keys of typed cells in _撤销 begin with; then sheet, row key and column key.
TYPED = "改动"
#: What keys of columns begin with: days, weeks, months, quarters (and ``y``, the year).
_KINDS = ("d:", "w:", "m:", "q:")


@record
class PlanCell:
    """A cell that shows a part of the plan.

    Attributes:
        sheet: Sheet name.
        spot: Its place.
        region: What it stands for.
    """

    sheet: str
    spot: Spot
    region: Region

    @property
    def name(self) -> str:
        """Return ``sheet!A1``."""
        return f"{self.sheet}!{address(*self.spot)}"


@record
class TypedCell:
    """A plan cell that somebody typed over."""

    cell: PlanCell
    value: Value

    @property
    def text(self) -> str:
        """What was typed, as its author sees it."""
        return f"{self.value:.15g}" if isinstance(self.value, float) else str(self.value)


def plan_cells(read: BookRead, sheet: str) -> dict[Spot, PlanCell]:
    """Return the cells of a sheet that show planned metrics, with what they stand for."""
    rows, columns = _lines(read, sheet)
    stores = _stores(read.state.year, read.scopes.get(sheet, ""))
    found = {}
    for row, metric in rows.items():
        for column, period in columns.items():
            found[row, column] = PlanCell(sheet, (row, column), Region(metric, stores, period))
    return found


def _plan_seen(
    read: BookRead, sheets: Collection[str] | None = None
) -> Iterator[tuple[str, Iterator[tuple[Spot, Seen | None]]]]:
    """Yield each sheet of the plan, and what is seen where its formulas belong."""
    for sheet in (year_cells.SHEET, *map(month_name, read.at.months)):
        if sheets is not None and sheet not in sheets:
            continue
        spots = list(product(_plan_rows(read, sheet), _plan_columns(read, sheet)))
        yield sheet, zip(spots, map(read.cells[sheet].get, spots), strict=True)


def typed_cells(read: BookRead, sheets: Collection[str] | None = None) -> list[TypedCell]:
    """Return what was typed over the plan, sheet by sheet, row by row; of some sheets, or of all."""
    found = []
    for sheet, there in _plan_seen(read, sheets):
        cells = read.cells[sheet]
        # nearly all are formulas that begin with a function or a cell: asked no further
        wanted = [
            spot for spot, seen in there
            if seen and not seen.formula[1:2].isalpha() and _typed(seen)
        ]  # fmt: skip
        named = plan_cells(read, sheet) if wanted else {}
        found += [TypedCell(named[spot], cells[spot].formula or cells[spot].value) for spot in sorted(wanted)]  # fmt: skip
    return found


def cleared_cells(read: BookRead) -> list[PlanCell]:
    """Return the plan cells that somebody emptied: no figure, so no edit, and no formula."""
    found = []
    for sheet, there in _plan_seen(read):
        empty = [spot for spot, seen in there if not seen or (not seen.formula and not _typed(seen))]  # fmt: skip
        named = plan_cells(read, sheet) if empty else {}
        found += [named[spot] for spot in sorted(empty)]
    return found


def typed_pairs(read: BookRead, typed: Collection[TypedCell]) -> dict[str, list[Value]]:
    """Return typed figures that give way to formulas, by keys, for `xlplan.sheets.state.deltas`."""
    keys = {(sheet, spot): key for sheet in {t.cell.sheet for t in typed} for key, spot in _keyed(read, sheet)}  # fmt: skip
    made: dict[str, list[Value]] = {}
    for each in typed:
        value = str(each.value) if isinstance(each.value, date) else each.value
        made[keys[each.cell.sheet, each.cell.spot]] = [value, None]
    return made


def typed_again(read: BookRead, pairs: Mapping[str, list[Value]]) -> dict[str, dict[Spot, Cell]]:
    """Return the typed figures of pairs, where the plan's formula still stands."""
    made: dict[str, dict[Spot, Cell]] = {}
    for sheet, spot, value in _typed_places(read, pairs):
        seen = read.cells[sheet].get(spot)
        if seen is not None and seen.formula and not _typed(seen):
            formula = isinstance(value, str) and ARITHMETIC.fullmatch(value)
            made.setdefault(sheet, {})[spot] = Cell(None, str(value)) if formula else Cell(value)
    return made


def still_typed(read: BookRead, pairs: Mapping[str, list[Value]]) -> set[tuple[str, Spot]]:
    """Return where the typed figures of pairs stand unchanged."""
    found = set()
    for sheet, spot, value in _typed_places(read, pairs):
        seen = read.cells[sheet].get(spot)
        if seen is not None and (seen.formula or seen.value) == value:
            found.add((sheet, spot))
    return found


def _typed_places(
    read: BookRead, pairs: Mapping[str, list[Value]]
) -> Iterator[tuple[str, Spot, Value]]:
    wanted = {key: old for key, (old, _) in pairs.items() if key.startswith(f"{TYPED}\t")}
    for sheet in sorted({key.split("\t")[1] for key in wanted}):
        if sheet in read.cells:
            places = dict(_keyed(read, sheet))
            yield from ((sheet, places[k], v) for k, v in wanted.items() if k in places)


def _keyed(read: BookRead, sheet: str) -> Iterator[tuple[str, Spot]]:
    """Yield the key and place of every plan cell of a sheet."""
    if sheet != year_cells.SHEET and _month(read, sheet) is None:
        return
    place, columns = _place(read, sheet), set(_plan_columns(read, sheet))
    rows = {key: row for key, row in place.rows.items() if is_plan(read.state.year, key)}
    for (name, row), (part, column) in product(rows.items(), place.columns.items()):
        if column in columns:
            yield f"{TYPED}\t{sheet}\t{name}\t{part}", (row, column)


def _typed(seen: Seen) -> bool:
    """Return whether a cell was typed over: a value, or arithmetic that refers to no cell."""
    if seen.formula:
        return bool(ARITHMETIC.fullmatch(seen.formula))
    return seen.value is not None and not (isinstance(seen.value, str) and not seen.value.strip())


def _stores(year: Year, scope: str) -> tuple[str, ...]:
    return year.stores if scope == TOTAL or scope not in year.stores else (scope,)


def _lines(read: BookRead, sheet: str) -> tuple[dict[int, str], dict[int, Period]]:
    """Return row → planned metric and column → days of a sheet."""
    if sheet != year_cells.SHEET and _month(read, sheet) is None:
        return {}, {}
    return _plan_rows(read, sheet), dict(_columns(read.state.year, _place(read, sheet).columns))


def _month(read: BookRead, sheet: str) -> MonthAt | None:
    month = next((m for m in MONTHS if month_name(m) == sheet), 0)
    return read.at.months[month] if month else None


def _place(read: BookRead, sheet: str) -> MonthAt | YearAt:
    """Return where the lines of a month, or of 年度规划, are."""
    return _month(read, sheet) or read.at.year


def _plan_rows(read: BookRead, sheet: str) -> dict[int, str]:
    year, rows = read.state.year, _place(read, sheet).rows
    return {row: key.removesuffix(ENDS) for key, row in rows.items() if is_plan(year, key)}


def _plan_columns(read: BookRead, sheet: str) -> list[int]:
    """Return the columns that stand for days, without working out which."""
    columns = _place(read, sheet).columns
    return [column for key, column in columns.items() if key[:2] in _KINDS or key == "y"]


def _columns(year: Year, columns: Mapping[str, int]) -> Iterator[tuple[int, Period]]:
    number = year.year
    for key, column in columns.items():
        kind, _, rest = key.partition(":")
        if kind == "d":
            at = date.fromisoformat(rest)
            yield column, between(at, at)
        elif kind == "w":
            yield column, week_part(year, rest)
        elif kind == "m":
            yield column, months(number, int(rest), int(rest))
        elif kind == "q":
            yield column, quarter(number, int(rest))
        elif key == "y":
            yield column, months(number, 1, 12, "全年")


def week_part(year: Year, part: str) -> Period:
    """Return the days of a week cut at the month's end."""
    days = year.calendar.days
    places = np.flatnonzero(days["week_part"].to_numpy() == part)
    return between(days.index[places[0]].date(), days.index[places[-1]].date())
