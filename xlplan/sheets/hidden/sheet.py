"""_计划, _实际, _来源 and _元数据 as sheets of the book."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlplan.cells import Cell
from xlplan.record import replace
from xlplan.sheets.base.names import ACTUAL, META, PLAN, SOURCES
from xlplan.sheets.base.sheet import Piece, Sheet, Undo

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from xlplan.cells import Page, Spot
    from xlplan.sheets.base.sheet import Reading, View
    from xlplan.sheets.base.tables import TableAt
    from xlplan.sheets.state.book import BookState


def _plan_page(view: View) -> Page:
    from xlplan.sheets.base.tables import table_page

    page = table_page(view.at.tables.plan, view.year.planned, view.year.year)
    page.cells.update(_marks(view))
    return page


def _actual_page(view: View) -> Page:
    from xlplan.sheets.base.tables import table_page

    page = table_page(view.at.tables.actual, view.year.actual, view.year.year)
    page.cells.update(_word_cells(view))
    return page


def _sources_page(view: View) -> Page:
    from xlplan.sheets.hidden.sources import sources_page

    return sources_page(view.state.sources)


def _meta_page(view: View) -> Page:
    from xlplan.sheets.hidden.meta import meta_page

    return meta_page(view.state.meta, view.year, view.at.tables)


def _table(sheet: str, reading: Reading) -> TableAt:
    from xlplan.sheets.base.tables import table_found

    return table_found(sheet, reading.cells[sheet])


def _plan_found(reading: Reading) -> TableAt:
    from xlplan.plan.year import plan_columns
    from xlplan.sheets.base.tables import changed_by_hand, with_new_columns
    from xlplan.sheets.state.growth import is_older

    found, names = _table(PLAN, reading), plan_columns(reading.year.metrics)
    if is_older(reading):
        return with_new_columns(found, names)
    if not set(names) <= found.columns.keys():
        raise changed_by_hand(PLAN, "A1")
    return found


def _actual_found(reading: Reading) -> TableAt:
    from xlplan.plan.days.lastyear import PAST
    from xlplan.plan.year import DUE, actual_columns
    from xlplan.sheets.base.tables import with_new_columns
    from xlplan.sheets.month.doubt_row import with_doubts

    names = [*actual_columns(reading.year.metrics), DUE, *PAST]
    return with_doubts(with_new_columns(_table(ACTUAL, reading), names))


def _plan_built(state: BookState) -> TableAt:
    from xlplan.sheets.base.tables import table_at
    from xlplan.sheets.month.held_row import with_column

    return with_column(table_at(PLAN, state.year.planned))


def _actual_built(state: BookState) -> TableAt:
    from xlplan.sheets.base.tables import table_at
    from xlplan.sheets.month.doubt_row import with_doubts

    return with_doubts(table_at(ACTUAL, state.year.actual))


def _plan(reading: Reading) -> pd.DataFrame:
    from xlplan.plan.year import plan_columns
    from xlplan.sheets.hidden.frames import read_table

    names = plan_columns(reading.year.metrics)
    return read_table(reading.at[PLAN], reading.cells[PLAN], names, reading.stores, reading.number)


def _actuals(reading: Reading) -> pd.DataFrame:
    from xlplan.plan.year import actual_columns
    from xlplan.sheets.hidden.frames import read_table

    names, at = actual_columns(reading.year.metrics), reading.at[ACTUAL]
    return read_table(at, reading.cells[ACTUAL], names, reading.stores, reading.number)


def _sources_found(reading: Reading) -> TableAt:
    from xlplan.sheets.hidden.sources import sources_found

    return sources_found(reading.cells[SOURCES])


def _sources(reading: Reading) -> pd.DataFrame:
    from xlplan.sheets.hidden.sources import read_sources

    return read_sources(reading.at.sources, reading.cells[SOURCES])


def _meta_found(reading: Reading) -> Mapping[str, int]:
    from xlplan.sheets.hidden.meta import meta_rows

    return meta_rows(reading.cells[META])


def _marks(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.month.held_row import mark_cells

    return mark_cells(view.at.tables.plan, view.marks)


def _plan_cells(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.base.tables import table_cells

    at = view.at.tables.plan
    cells = {**table_cells(at, view.year.planned, view.year.year), **_marks(view)}
    return cells | _emptied(view, cells, at)


def _actual_cells(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.base.tables import table_cells

    at = view.at.tables.actual
    cells = {**table_cells(at, view.year.actual, view.year.year), **_word_cells(view)}
    return cells | _emptied(view, cells, at)


def _word_cells(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.month.doubt_row import word_cells

    return word_cells(view.at.tables.actual, view.doubts)


def _source_cells(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.hidden.sources import sources_cells

    cells = sources_cells(view.state.sources, view.at.sources)
    return cells | _emptied(view, cells, view.at.sources)


def _emptied(view: View, wanted: Mapping[Spot, Cell], at: TableAt) -> dict[Spot, Cell]:
    """Return the table cells that hold a number but should not any more."""
    last = at.rows + 1
    return {
        spot: Cell(None)
        for spot, seen in view.there[at.sheet].items()
        if 1 < spot[0] <= last and spot not in wanted and seen.value is not None
    }


def _meta_state(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.hidden.meta import state_cells

    return state_cells(view.year, view.at.tables, view.at.meta)


def _meta_values(view: View) -> Mapping[Spot, Cell]:
    """Return the keys whose values the new state changes."""
    before, after = view.before.meta if view.before else {}, view.state.meta
    rows, last = dict(view.at.meta), max(view.at.meta.values(), default=0)
    cells: dict[Spot, Cell] = {}
    for key in {**before, **after}:
        if before.get(key, "") == after.get(key, ""):
            continue
        if key not in rows:
            last += 1
            rows[key] = last
            cells[last, 1] = Cell(key)
        cells[rows[key], 2] = Cell(after.get(key) or None)
    return cells


def _turns(key: str) -> bool:
    """Return whether an action turns this key of _元数据, and undoing it turns it back."""
    from xlplan.plan.change.adjustments import KEY as ADJUSTED
    from xlplan.sheets.hidden.meta import ADS, FORECASTS, HOLIDAYS, REVIEW
    from xlplan.sheets.stores.distribution import HANDED, TIME, VERSION

    named = ("basis", ADJUSTED, HOLIDAYS, FORECASTS, REVIEW, ADS, VERSION, TIME)
    return key in named or key.startswith((HANDED, "confirmed:"))


def _turned(state: BookState) -> dict[str, str]:
    return {key: text for key, text in state.meta.items() if text and _turns(key)}


def _put_meta(state: BookState, values: Mapping[str, str]) -> BookState:
    from xlplan.sheets.hidden.meta import HOLIDAYS
    from xlplan.sheets.state.holidays import with_holidays

    kept = {key: "" if _turns(key) else text for key, text in state.meta.items()}
    after = replace(state, meta={**kept, **values})
    official = after.meta.get(HOLIDAYS, "")
    same = official == state.meta.get(HOLIDAYS, "")
    return after if same else with_holidays(after, official)


def _source_rows(state: BookState) -> list[dict[str, Any]]:
    from xlplan.sheets.hidden.sources import source_rows

    return source_rows(state.sources)


def _put_sources(state: BookState, rows: Any) -> BookState:
    from xlplan.sheets.hidden.sources import rows_as_frame

    return replace(state, sources=rows_as_frame(rows))


PLAN_TABLE = Sheet(
    PLAN, _plan_page, find=_plan_found, built=_plan_built, read={"plan": _plan},
    cells=(Piece(("plan", "holds"), _plan_cells),),
)  # fmt: skip
ACTUAL_TABLE = Sheet(
    ACTUAL, _actual_page, find=_actual_found, built=_actual_built, read={"actuals": _actuals},
    cells=(Piece(("actuals", "plan", "last", "calendar", "doubts"), _actual_cells),),
)  # fmt: skip
SOURCE_TABLE = Sheet(
    SOURCES, _sources_page, find=_sources_found, read={"sources": _sources},
    cells=(Piece(("sources",), _source_cells),),
    undo=(Undo("sources", "sources", _source_rows, _put_sources, is_list=True),),
)  # fmt: skip
ABOUT = Sheet(
    META, _meta_page, find=_meta_found, read={"meta": lambda reading: reading.about},
    cells=(Piece(("plan", "actuals"), _meta_state), Piece(("meta",), _meta_values)),
    undo=(Undo("meta", "meta", _turned, _put_meta),),
)  # fmt: skip
