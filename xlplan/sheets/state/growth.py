"""What a book of an earlier version lacks, so that the first action that writes brings it up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlplan import __version__
from xlplan.cells import Cell, Growth, Page, State
from xlplan.record import replace
from xlplan.sheets.base.names import CHECKUP, FORMER_CHECKS, FORMER_PROBLEMS, month_name
from xlplan.sheets.base.places import Places
from xlplan.sheets.base.sheet import View, by_text
from xlplan.sheets.hidden.meta import PROGRAM, number_of, version_of
from xlplan.sheets.state.fixed import places_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from xlplan.sheets.base.growing import Lacking
    from xlplan.sheets.base.sheet import BookRead, Reading, Sheet
    from xlplan.sheets.state.book import BookState

#: New rows and columns of a sheet that are named when a book grows.
_NAMED = 4


def is_older(reading: Reading) -> bool:
    """Return whether a book belongs to an earlier version of the program."""
    return version_of(reading.about) < number_of(__version__)


def brought_up(state: BookState) -> BookState:
    """Return a state that belongs to this version."""
    return replace(state, meta={**state.meta, PROGRAM: f"xlplan {__version__}"})


def growths(read: BookRead) -> list[Growth]:
    """Return what a book lacks: lines of its sheets, then whole sheets in their order."""
    reading = read.reading
    for name, sheet in reading.sheets.items():
        if (sheet.lines or sheet.replaced) and name in reading.there:
            reading.cells[name]  # now it is known what it lacks
    found = [
        _lines(reading, reading.sheets[name], reading.page(name), lines)
        for name, lines in reading.lacking.items()
        if lines
    ]
    instead = [Growth(reading.page(n), _free(reading, n), aside=True) for n in reading.replaced]
    return [*found, *_fresh(reading), *instead, *_sheets(reading), *_retired(reading)]


def _free(reading: Reading, name: str) -> str:
    """Return a free name for a sheet that is put aside."""
    names = (f"{name}_旧{number or ''}" for number in range(99))
    return next(text for text in names if text not in reading.there)


def _retired(reading: Reading) -> Iterator[Growth]:
    """Yield the sheets whose place another one takes; what people put there stays, hidden."""
    if CHECKUP not in reading.there:
        former = (name for name in (FORMER_CHECKS, FORMER_PROBLEMS) if name in reading.there)
        yield from (Growth(Page(name), retired=True) for name in former)


def _fresh(reading: Reading) -> Iterator[Growth]:
    """Yield the cells that sheets without keys get at fixed places, for their looks."""
    for name, sheet in reading.sheets.items():
        if name not in reading.there or not sheet.cells or sheet.find or sheet.undo:
            continue
        page, there = reading.page(name), reading.cells[name]
        new = (
            spot
            for spot, cell in page.cells.items()
            if cell.style and (cell.formula or cell.value)
        )
        spots = frozenset(spot for spot in new if spot not in there)
        if spots and not page.hidden:
            yield Growth(page, fresh=spots)


def _lines(reading: Reading, sheet: Sheet, page: Page, lines: Lacking) -> Growth:
    assert sheet.lines  # noqa: S101 - it was compared with them
    built, at = sheet.lines(reading), reading.at[sheet.name]
    places = places_of(page, (built.rows, built.columns), (at.rows, at.columns), reading.cells[sheet.name])  # fmt: skip
    rows, columns = by_text(built.rows), by_text(built.columns)
    new_rows = {now: rows[key] for now, key in lines.rows.items()}
    new_columns = {now: columns[key] for now, key in lines.columns.items()}
    row_places = {one: now for one, now in places[0].items() if one not in new_rows.values()}
    column_places = {one: now for one, now in places[1].items() if one not in new_columns.values()}
    return Growth(
        page,
        rows=new_rows,
        columns=new_columns,
        row_places=row_places,
        column_places=column_places,
    )


def _sheets(reading: Reading) -> Iterator[Growth]:
    before = ""
    for name, sheet in reading.sheets.items():
        if name not in reading.there:
            if sheet.shown:
                continue
            yield Growth(reading.page(name), before or reading.there[-1])
        before = name


def comings(read: BookRead, state: BookState, written: Collection[str] = ()) -> list[Growth]:
    """Return the sheets that a book lacks and a state is the first to have anything for.

    Hidden ones come first: formulas of the others look things up there, and an open book takes a
    sheet that is not there yet for a name.

    Args:
        read: The book.
        state: What it is to say.
        written: Sheets that cells are written on.
    """
    reading = read.reading
    new = [
        name
        for name, sheet in reading.sheets.items()
        if sheet.shown
        and name not in reading.there
        and (sheet.shown(state) or (sheet.blank and name in written))
    ]
    if not new:
        return []
    at = Places([*reading.sheets], lambda name: _place_of(reading, name, state, new))
    view = View(state, at, read.scopes, {})
    order, found = list(reading.sheets), []
    there = {*reading.there, *(n for n, sheet in reading.sheets.items() if not sheet.shown)}
    pages = [reading.sheets[name].page(view) for name in new]
    for page in sorted(pages, key=lambda page: not page.hidden):
        before = [one for one in order[: order.index(page.name)] if one in there]
        found.append(Growth(page, before[-1]))
        there.add(page.name)
    return found


def _place_of(reading: Reading, name: str, state: BookState, new: Sequence[str]) -> Any:
    sheet = reading.sheets[name]
    return sheet.built(state) if name in new and sheet.built else reading.at[name]


def what_grew(found: list[Growth]) -> str:
    """Say what a book got: sheets that got the same are named together, long lists cut."""
    got: dict[str, list[str]] = {}
    for one in found:
        if not (one.fresh or one.retired):
            words = _new_words(one)
            more = f"（原来的隐藏为“{one.after}”，内容都在）" if one.aside else ""
            cut = "、".join(words[:_NAMED]) + (
                f" 等 {len(words)} 项" if len(words) > _NAMED else ""
            )
            got.setdefault(f"的{cut}" if words else more, []).append(one.page.name)
    return "；".join(f"“{_sheets_named(names)}”表{what}" for what, names in got.items())


def _new_words(one: Growth) -> list[str]:
    """Return what the new rows and columns of a sheet are called."""
    cells = one.page.cells
    rows = [
        str(_label(one.page, row, cell).value)
        for (row, column), cell in cells.items()
        if cell.value and not cell.formula and row in one.rows.values() and column == 2
    ]
    heads = [cells[4, column] for column in one.columns.values() if (4, column) in cells]
    return [*rows, *(str(head.value) for head in heads)]


def _sheets_named(names: list[str]) -> str:
    months = [month_name(number) for number in range(1, 13)]
    if set(months) <= set(names):
        names = [f"{months[0]}–{months[-1]}", *(name for name in names if name not in months)]
    return "、".join(names)


def _label(page: Page, row: int, cell: Cell) -> Cell:
    """Return what a row is called: its name stands before what is typed in it."""
    typed = cell.style is not None and cell.style.state is State.INPUT
    return page.cells.get((row, 1), cell) if typed else cell
