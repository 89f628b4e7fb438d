"""A worksheet as one thing: how it is built, found, read back, written, and undone.

Every folder of `xlplan.sheets` declares its sheets in ``sheet.py``; `xlplan.sheets.SHEETS` lists
them. Building, reading, writing and undoing are loops over that list. A book is read through `Reading`: each sheet when something on it is asked
for, and no other, so that an action reads what it uses and no sheet can be forgotten.
"""

from __future__ import annotations

import json
from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from xlplan.cells import Seen
from xlplan.record import bundle, lazily, record, replace
from xlplan.sheets.base import names
from xlplan.sheets.base.growing import grown_cells, lacking
from xlplan.sheets.base.places import Later, Places

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from xlplan.cells import Book, Cell, Page, Spot
    from xlplan.errors import Problem
    from xlplan.plan.targets.claims import Claim
    from xlplan.plan.year import Year
    from xlplan.sheets.base.growing import Lacking
    from xlplan.sheets.state.book import BookState

    Cells: TypeAlias = Mapping[Spot, Seen]

#: Parts that are fields of the state, of its year, or of what was read.
_FIELDS = frozenset(
    "targets calendar settings plan actuals notes last typed shape days daily meta problems sources "
    "origins holds versions journal splits claims".split()
)
#: The version whose books have all sheets that do not say otherwise.
FIRST = "0.1.0"
V = TypeVar("V")


@bundle
class View:
    """What a sheet is laid out from: a state, and where things stand.

    Attributes:
        state: What the book is to say.
        at: Where the sheets have their rows and columns, as built or as found.
        scopes: Sheet → the store its selector shows.
        there: Sheet → what stands on it now; empty in a new book.
        before: What the book says now; None in a new book.
        changed: The parts of the state that change; None lays everything out.
        months: Months whose plan or actuals change.
    """

    state: BookState
    at: Places
    scopes: Mapping[str, str]
    there: Mapping[str, Cells]
    before: BookState | None = None
    changed: frozenset[str] | None = None
    months: frozenset[int] = frozenset()

    @property
    def year(self) -> Year:
        """The plan year."""
        return self.state.year

    @cached_property
    def marks(self) -> Sequence[str]:
        """The words under each day that tell what is locked."""
        from xlplan.plan.change.holds import marks

        return marks(self.year, self.state.holds)

    @cached_property
    def doubts(self) -> Sequence[str]:
        """What is doubtful about each scope and day: missing, or figures to be confirmed."""
        from xlplan.plan.actuals.daymarks import confirmed_marks, day_words

        return day_words(self.year, confirmed_marks(self.state.meta))


@record
class Piece:
    """Cells that follow from some parts of the state.

    Attributes:
        of: Those parts (`xlplan.sheets.state.changes.PARTS`); while none of them changes, the cells
            are neither laid out nor compared.
        cells: Returns the cells at the places of a book.
        month: Only days of this month count, of plan, actuals and locks; 0 stands for the year.
    """

    of: tuple[str, ...]
    cells: Callable[[View], Mapping[Spot, Cell]]
    month: int = 0


@record
class Undo:
    """What an action keeps of a part of the state, so that it can be taken back.

    Attributes:
        part: The name it is kept under.
        field: The part of the state (`xlplan.sheets.state.changes.PARTS`).
        view: Returns it as JSON values: a mapping, or a list.
        put: Returns a state with it.
        is_list: It is a list.
        key: The field that names an item of the list; "" compares items whole.
        named: Changes as they are kept, given the state before.
        placed: Changes as they apply to a state, given how they are kept.
    """

    part: str
    field: str
    view: Callable[[BookState], Any]
    put: Callable[[BookState, Any], BookState]
    is_list: bool = False
    key: str = ""
    named: Callable[[BookState, Mapping[str, Any]], Mapping[str, Any]] | None = None
    placed: Callable[[BookState, Mapping[str, Any]], Mapping[str, Any]] | None = None


@bundle
class Frame:
    """Headings and labels of a sheet as built, with the rows and columns they stand on by key."""

    page: Page
    rows: Mapping[str, int]
    columns: Mapping[str, int]


@record
class Sheet:
    """One worksheet of a plan book.

    Attributes:
        name: Its name.
        page: Returns it as a new book has it.
        since: The version of xlplan whose books first have it.
        find: Returns where its rows and columns stand in a book (`Places`).
        built: Returns where they stand in a new book.
        read: Part of the state → its value as the sheet says it.
        problems: Returns what on it cannot be understood.
        cells: What follows from the state, piece by piece.
        undo: What an action keeps of it.
        frame: Returns its headings and labels as built, and where they stand then; they are compared
            with the first piece.
        lines: Returns its rows and columns by key as they are built (``rows``, ``columns``), so that
            an older book gets those it lacks.
        anchors: Returns the rows that its cells stand under, for cells that actions write as they
            are (`xlplan.sheets.state.cell_changes`).
        replaced: Tells by its cells that an older program laid it out in another way: it is put aside,
            and built anew.
        selects: Whether it has a store selector, at ``scope`` of its place.
        needed: A book without it is damaged (or older than `since`); others come and go.
        shown: Whether a state has anything to put on it: the sheet comes with the first such state;
            None is always.
        blank: Where it is not there, it is read as a new book has it that has nothing for it; the
            first cell written on it brings it.
    """

    name: str
    page: Callable[[View], Page]
    since: str = FIRST
    find: Callable[[Reading], Any] | None = None
    built: Callable[[BookState], Any] | None = None
    read: Mapping[str, Callable[[Reading], Any]] = field(default_factory=dict)
    problems: Callable[[Reading], Sequence[Problem]] | None = None
    cells: tuple[Piece, ...] = ()
    undo: tuple[Undo, ...] = ()
    frame: Callable[[BookState], Frame] | None = None
    lines: Callable[[Reading], Any] | None = None
    anchors: Callable[[Cells], Mapping[str, int]] | None = None
    replaced: Callable[[Cells], bool] | None = None
    selects: bool = False
    needed: bool = True
    shown: Callable[[BookState], bool] | None = None
    blank: bool = False


@bundle
class BookRead:
    """A plan book as read; each field, and each part of it, when it is first used.

    Attributes:
        state: What it says.
        at: Where things stand.
        cells: The cells of each sheet, for comparing with what should be there.
        claims: The targets as statements, for 体检.
        problems: What could not be understood, with cells.
        scopes: Sheet → the store its selector shows.
        reading: How the book is read.
    """

    state: BookState
    at: Places
    cells: Mapping[str, Cells]
    claims: Sequence[Claim]
    problems: Sequence[Problem]
    scopes: Mapping[str, str]
    reading: Reading

    def problems_of(self, *sheets: str) -> list[Problem]:
        """Return what could not be understood on some sheets."""
        return self.reading.problems(sheets)


def new_view(state: BookState, sheets: Sequence[Sheet]) -> View:
    """Return what the sheets of a new book are laid out from."""
    built = {sheet.name: sheet.built for sheet in sheets if sheet.built}

    def place(name: str) -> Any:
        return built[name](state)

    scopes = {sheet.name: state.year.scopes[0] for sheet in sheets if sheet.selects}
    there = Later[Any]([sheet.name for sheet in sheets], lambda _: {})
    return View(state, Places(list(built), place), scopes, there)


def seen_on(page: Page) -> Cells:
    """Return what a book reads on a page: blanks are not there."""
    return {
        spot: Seen(cell.value, cell.formula)
        for spot, cell in page.cells.items()
        if cell.formula or cell.value not in (None, "")
    }


def by_text(lines: Mapping[Any, int]) -> dict[str, int]:
    """Return the lines that are found by a key on the sheet, not by what they say."""
    return {key: place for key, place in lines.items() if isinstance(key, str)}


class Reading:
    """What a book says, part by part, each worked out once.

    Args:
        book: The book.
        sheets: The sheets that are known.
    """

    def __init__(self, book: Book, sheets: Sequence[Sheet]) -> None:
        self.book, self.sheets = book, {sheet.name: sheet for sheet in sheets}
        self.there = book.sheets()
        #: Sheet → the lines that it lacks; known once it was read.
        self.lacking: dict[str, Lacking] = {}
        #: Sheets of another layout, which are put aside; known once they were read.
        self.replaced: list[str] = []
        blank = [sheet.name for sheet in sheets if sheet.blank and sheet.name not in self.there]
        self.cells = Later([*self.there, *blank], self._read)
        self.at = Places([s.name for s in sheets if s.find], self._find)
        self.scopes = Later([s.name for s in sheets if s.selects], self._scope)
        self._done: dict[Any, Any] = {}
        self._as_read: dict[str, Cells] = {}

    def as_read(self, name: str) -> Cells:
        """Return what a sheet of the book says, of whatever version; it is read once."""
        if name not in self._as_read:
            self._as_read[name] = self.book.read(name)
        return self._as_read[name]

    def of(self, work: Callable[[Reading], V]) -> V:
        """Return what a function makes of this book; it is called once."""
        if work not in self._done:
            self._done[work] = work(self)
        made: V = self._done[work]
        return made

    def grow(self) -> None:
        """Read the book as if it had what its program did not know yet."""
        new = [
            name
            for name, sheet in self.sheets.items()
            if name not in self.there and (sheet.blank or not sheet.shown)
        ]
        self.cells = Later([*self.there, *new], self._grown)

    def _read(self, name: str) -> Cells:
        return self.as_read(name) if name in self.there else seen_on(self.page(name))

    def _grown(self, name: str) -> Cells:
        sheet = self.sheets.get(name)
        if name not in self.there:
            return seen_on(self.page(name))
        cells = self.as_read(name)
        if sheet and sheet.replaced and sheet.replaced(cells):
            self.replaced.append(name)
            return seen_on(self.page(name))
        if sheet is None or sheet.lines is None:
            return cells
        built = sheet.lines(self)
        lines = lacking(name, cells, by_text(built.rows), by_text(built.columns))
        self.lacking[name] = lines
        return grown_cells(cells, lines) if lines else cells

    def page(self, name: str) -> Page:
        """Return a sheet as a new book has it that says the same."""
        sheet = self.sheets[name]
        state = (
            self.state if name in self.there or not sheet.blank else _without(self.state, sheet)
        )
        return sheet.page(new_view(state, list(self.sheets.values())))

    @property
    def used(self) -> frozenset[str]:
        """The sheets that were read so far."""
        return self.cells.used & set(self.there)

    @property
    def file(self) -> str:
        """The book's name, for messages."""
        return self.book.name

    @cached_property
    def about(self) -> Mapping[str, str]:
        """What _元数据 says, as text."""
        from xlplan.sheets.hidden.meta import read_meta

        return read_meta(self.cells[names.META], self.file)

    @cached_property
    def number(self) -> int:
        """The plan year."""
        return int(self.about["year"])

    @cached_property
    def stores(self) -> list[str]:
        """The book's stores."""
        return list(json.loads(self.about["stores"]))

    @cached_property
    def year(self) -> Year:
        """The year, each of its fields when it is first used."""
        from xlplan.sheets.state.book import BookYear

        return lazily(BookYear, self.part, stores=tuple(self.stores), number=self.number)

    @cached_property
    def state(self) -> BookState:
        """What the book says, each part when it is first used."""
        from xlplan.sheets.state.book import BookState

        return lazily(BookState, self.part, year=self.year, log=())

    @property
    def read(self) -> BookRead:
        """The book as read."""
        return lazily(
            BookRead, self._field, at=self.at, cells=self.cells, scopes=self.scopes, reading=self
        )  # fmt: skip

    def _field(self, name: str) -> Any:
        if name == "state":
            return self.state
        return self.problems() if name == "problems" else self.part(name)

    def part(self, name: str) -> Any:
        """Return a part of the state (or the claims) from the sheet that says it."""
        if name == "own":
            return self._own
        return self.of(self._readers[name])

    @cached_property
    def _own(self) -> Mapping[str, Any]:
        return Later([part for part in self._readers if part not in _FIELDS], self.part)

    @cached_property
    def _readers(self) -> dict[str, Callable[[Reading], Any]]:
        return {part: read for sheet in self.sheets.values() for part, read in sheet.read.items()}

    def problems(self, sheets: Sequence[str] = ()) -> list[Problem]:
        """Return what could not be understood, on some sheets or on all."""
        return [
            problem
            for sheet in self.sheets.values()
            if sheet.problems and (not sheets or sheet.name in sheets)
            for problem in self.of(sheet.problems)
        ]

    def _find(self, name: str) -> Any:
        find = self.sheets[name].find
        return self.of(find) if find else None

    def _scope(self, name: str) -> str:
        """Return the store a selector shows; an unknown one falls back to the first choice."""
        seen = self.cells[name].get(self.at[name].scope)
        text = str(seen.value).strip() if seen and seen.value is not None else ""
        return text if text in self.year.scopes else self.year.scopes[0]


def _without(state: BookState, sheet: Sheet) -> BookState:
    """Return a state that has nothing of what a sheet says."""
    from xlplan.sheets.state.book import nothing

    return replace(state, **{part: nothing(part) for part in sheet.read})


def own_undo(part: str, *, is_list: bool = False, key: str = "") -> Undo:
    """Return what an action keeps of a part that is JSON as it is (`BookState.own`)."""

    def view(state: BookState) -> Any:
        return state.own.get(part, [] if is_list else {})

    def put(state: BookState, value: Any) -> BookState:
        return state.with_own({part: value})

    return Undo(part, part, view, put, is_list, key)


def undo_unless_typed(part: str) -> Undo:
    """Return what an action keeps of a part by row: rows that people changed since stay."""

    def placed(state: BookState, changes: Mapping[str, Any]) -> dict[str, Any]:
        there = state.own.get(part, {})
        stays = {
            key: there.get(key) for key, pair in changes.items() if there.get(key) not in pair
        }
        return {key: [stays[key]] * 2 if key in stays else pair for key, pair in changes.items()}

    return replace(own_undo(part), placed=placed)
