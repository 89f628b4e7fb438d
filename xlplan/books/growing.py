"""What an older book lacks, put into an open workbook: new lines and new sheets with their looks.

The program that has it open makes the room, so everything people have there follows as it always
does. Looks, heights and rules come from a sheet as it is built, copied across for as long as needed.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from xlplan.books.calm import let_programs_write, patient, quiet
from xlplan.cells import letters

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from xlplan.cells import Cell, Growth, Page, Spot


class OpenBook(Protocol):
    """What growing asks of an open book (`xlplan.books.live.LiveBook`)."""

    book: Any

    @property
    def app(self) -> Any:
        """The program that has it open."""

    def sheets(self) -> list[str]:
        """Return the sheet names in order."""

    def add(self, pages: Sequence[Page], *, after: str = "") -> None:
        """Put in new sheets with their formulas."""

    def put_sheets(self, pages: Sequence[Page], after: str) -> None:
        """Put in sheets as they are built."""

    def write(self, changes: Mapping[str, Mapping[Spot, Cell]]) -> None:
        """Write cells."""

    def forget(self, sheet: str) -> None:
        """Read a sheet anew when it is needed next."""


#: Name of the sheet that looks are copied from while a book grows.
_DONOR = "xlplan_新"


def grow_open(book: OpenBook, growths: Sequence[Growth]) -> None:
    """Put new lines and sheets into an open book; when something fails, none of the lines stay."""
    done: list[Growth] = []
    try:
        for growth in growths:
            if growth.retired:
                book.book.sheets[growth.page.name].visible = False
            elif growth.aside:
                _instead(book, growth)
            elif growth.after:
                book.add([growth.page], after=growth.after)
            else:
                done.append(growth)
                _lines(book, growth)
    except BaseException:
        with quiet(book.app):
            for growth in reversed(done):
                with suppress(Exception):
                    _taken_out(book.book.sheets[growth.page.name], growth)
        raise


def _instead(book: OpenBook, growth: Growth) -> None:
    """Put a sheet in the place of one of its name, which is kept, hidden, under another."""
    name, aside = growth.page.name, growth.after
    old = book.book.sheets[name]
    patient(lambda: setattr(old, "name", aside))
    book.forget(name)
    try:
        book.add([growth.page], after=aside)
    except BaseException:
        with suppress(Exception):
            old.name = name
        raise
    for key, refers in growth.page.names.items():
        patient(lambda key=key, refers=refers: _named(book.book, key, refers))  # type: ignore[misc]
    with suppress(Exception):
        book.book.sheets[name].activate()
    old.visible = False


def _named(workbook: Any, name: str, refers: str) -> None:
    """Let a name of the workbook lead to new cells; copies that came with a sheet go."""
    for each in list(workbook.names):
        if each.name != name and each.name.endswith(f"!{name}"):
            each.delete()
    if name in workbook.names:
        workbook.names[name].refers_to = refers
    else:
        workbook.names.add(name, refers)


def _lines(book: OpenBook, growth: Growth) -> None:
    sheet = book.book.sheets[growth.page.name]
    with quiet(book.app), _donor(book, growth) as donor:
        patient(lambda: let_programs_write(sheet))
        for line in _whole(growth):
            way = "down" if line[0].isdigit() else "right"
            patient(lambda line=line, way=way: sheet.range(line).insert(way))  # type: ignore[misc]
        for source, target in _blocks(growth):
            patient(lambda s=source, t=target: donor.range(*s).copy(sheet.range(t)))  # type: ignore[misc]
        for now, built in growth.rows.items():
            _shape(sheet.range(f"{now}:{now}"), growth, built)
        for now, built in growth.columns.items():
            width = growth.page.columns.get(built)
            if width is not None and width.size is not None:
                with suppress(Exception):
                    sheet.range((1, now)).column_width = width.size
    book.forget(growth.page.name)
    book.write({growth.page.name: _words(growth)})


def _whole(growth: Growth) -> list[str]:
    """Return the addresses of the new lines, in the order in which room is made for them."""
    rows = [f"{row}:{row}" for row in growth.rows]
    return rows + [f"{letters(column)}:{letters(column)}" for column in growth.columns]


def _taken_out(sheet: Any, growth: Growth) -> None:
    for line in reversed(_whole(growth)):
        sheet.range(line).delete("up" if line[0].isdigit() else "left")


@contextmanager
def _donor(book: OpenBook, growth: Growth) -> Iterator[Any]:
    """Copy the sheet as built to the end of the book; it goes again afterwards."""
    page = replace(growth.page, name=_DONOR, names={}, hidden=False, links={}, charts=[])
    book.put_sheets([page], book.sheets()[-1])
    donor = book.book.sheets[_DONOR]
    try:
        yield donor
    finally:
        alerts = suppress(Exception)
        with alerts:
            book.app.display_alerts = False
        with suppress(Exception):
            donor.delete()
        with alerts:
            book.app.display_alerts = True


def _blocks(growth: Growth) -> Iterator[tuple[tuple[Spot, Spot], Spot]]:
    """Yield what to copy where: a stretch of a line of the page, and its first cell in the book."""
    for spot in sorted(growth.fresh):
        yield (spot, spot), spot
    for now, built in growth.rows.items():
        for first, last in _runs(growth.column_places):
            yield ((built, first), (built, last)), (now, growth.column_places[first])
    for now, built in growth.columns.items():
        for first, last in _runs(growth.row_places):
            yield ((first, built), (last, built)), (growth.row_places[first], now)


def _runs(places: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Yield stretches of lines that stay side by side."""
    lines = sorted(places)
    start = 0
    for i in range(1, len(lines) + 1):
        if i == len(lines) or (lines[i] - lines[i - 1], places[lines[i]] - places[lines[i - 1]]) != (1, 1):  # fmt: skip
            yield lines[start], lines[i - 1]
            start = i


def _shape(row: Any, growth: Growth, built: int) -> None:
    """Give a new row its height, outline and visibility, where the program knows them."""
    span = growth.page.rows.get(built)
    if span is None:
        return
    if span.size is not None:
        with suppress(Exception):
            row.row_height = span.size
    with suppress(Exception):
        if span.level:
            row.api.OutlineLevel = span.level + 1
        row.api.Hidden = span.hidden


def _words(growth: Growth) -> dict[Spot, Cell]:
    return {
        spot: cell._replace(style=None)
        for spot, cell in growth.new_cells.items()
        if not cell.formula and cell.value not in (None, "")
    }
