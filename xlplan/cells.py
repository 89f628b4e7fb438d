"""Where sheets and books meet: cells, pages (a sheet as data) and the Book protocol."""

from __future__ import annotations

from dataclasses import field, replace
from datetime import date
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, Protocol

from xlplan.record import bundle, draft, record
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: What a cell can hold; None is an empty cell.
Value = None | bool | int | float | str | date

#: One-based (row, column).
Spot = tuple[int, int]


#: Sheet names that Excel shows without quotes: no digit in front, not like a cell's address.
_BARE = regex(r"(?![A-Za-z]{1,3}\d+$|[RrCc]\d*$)[^\W\d][\w.]*")


class State(StrEnum):
    """What a cell is to its reader; each is a named cell style that users can restyle once."""

    NONE = ""
    INPUT = "xlplan_输入"
    DERIVED = "xlplan_计算"
    HELD = "xlplan_锁定"
    ACTUAL = "xlplan_实际"
    PROVISIONAL = "xlplan_预估"


@record
class Style:
    """How a cell looks. The state gives fill, font colour and lock; the rest adds to it."""

    state: State = State.NONE
    number: str = "General"
    bold: bool = False
    italic: bool = False
    align: str = ""
    fill: str = ""
    color: str = ""
    size: float = 10
    wrap: bool = False
    border: bool = True
    rotate: bool = False
    indent: int = 0
    locked: bool = True
    underline: bool = False

    def but(self, **changes: object) -> Style:
        """Return the style with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


PLAIN = Style(border=False)


class Cell(NamedTuple):
    """A cell to write: the value, or a formula together with its value."""

    value: Value = None
    formula: str = ""
    style: Style | None = None


class Seen(NamedTuple):
    """A cell as read; `formula` is "" for a plain value."""

    value: Value = None
    formula: str = ""


@record
class Span:
    """Width or height, visibility and outline level of a column or row; `style` for columns."""

    size: float | None = None
    hidden: bool = False
    level: int = 0
    collapsed: bool = False
    style: Style | None = None


@record
class Area:
    """A rectangle of cells, one-based and inclusive."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        first, last = address(self.top, self.left), address(self.bottom, self.right)
        return first if first == last else f"{first}:{last}"

    @property
    def fixed(self) -> str:
        """The rectangle with absolute references (``$A$1:$B$2``)."""
        first = f"${letters(self.left)}${self.top}"
        last = f"${letters(self.right)}${self.bottom}"
        return first if first == last else f"{first}:{last}"


@record
class Validation:
    """What an input accepts, and what it says in Chinese when it does not.

    Attributes:
        area: The cells.
        kind: ``list``, ``decimal``, ``integer``, ``date``, ``text`` or ``custom``.
        allowed: List entries, the (low, high) limits, or a custom formula.
        title: Title of the messages.
        message: Shown beside the selected cell; also the error text.
        strict: False lets the user keep another value after a warning.
    """

    area: Area
    kind: str
    allowed: object
    title: str
    message: str
    strict: bool = True


@record
class Highlight:
    """A conditional format: a formula relative to the area's first cell, and a look."""

    area: Area
    formula: str
    fill: str = ""
    color: str = ""
    bold: bool = False
    border: bool = False


@record
class Icons:
    """Three-way icons for attainment: bands from `low` and `high`."""

    area: Area
    low: float
    high: float


@record
class Sparkline:
    """A line (or columns) in one cell over a row of numbers on the same page."""

    at: Spot
    area: Area
    column: bool = False


@record
class Series:
    """One series of a chart, of cells on the same page.

    Attributes:
        name: Its name in the legend.
        values: One row or column of numbers.
        labels: What stands along the axis, as many cells as values.
        color: ``#RRGGBB``; chosen by the program when empty.
        line: Drawn as a line over columns.
        second: Measured on a second axis at the right.
        dashed: Drawn dashed (a plan, an estimate).
        blank: Takes its room and is not seen, nor named in the legend (what a waterfall stands on).
        told: Number format of the values written at it; "" writes none.
        outline: Only its edge is drawn (IBCS: a plan).
        hatched: Filled with hatching (IBCS: a forecast).
    """

    name: str
    values: Area
    labels: Area
    color: str = ""
    line: bool = False
    second: bool = False
    dashed: bool = False
    blank: bool = False
    told: str = ""
    outline: bool = False
    hatched: bool = False


@record
class Chart:
    """A chart on a page, over an area of it.

    Attributes:
        kind: ``column``, ``bar``, ``line``, ``area`` or ``pie``.
        area: The cells it covers.
        title: Its title.
        series: What it shows.
        stacked: Series stand on each other.
        number: Number format of the axis.
        second: Number format of the second axis.
        overlap: How far columns stand before each other, in percent.
        step: Distance of the axis' lines; chosen by the program when 0.
    """

    kind: str
    area: Area
    title: str
    series: tuple[Series, ...]
    stacked: bool = False
    number: str = "#,##0"
    second: str = "0%"
    overlap: int = 0
    step: float = 0


@draft
class Page:
    """A sheet as data: cells and structure, independent of how it is written."""

    name: str
    cells: dict[Spot, Cell] = field(default_factory=dict)
    columns: dict[int, Span] = field(default_factory=dict)
    rows: dict[int, Span] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    validations: list[Validation] = field(default_factory=list)
    highlights: list[Highlight | Icons] = field(default_factory=list)
    sparklines: list[Sparkline] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    notes: dict[Spot, str] = field(default_factory=dict)
    links: dict[Spot, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    freeze: Spot = (0, 0)
    repeat_rows: tuple[int, int] | None = None
    repeat_columns: tuple[int, int] | None = None
    print_area: Area | None = None
    landscape: bool = True
    large_paper: bool = False
    pages_wide: int = 1
    pages_tall: int = 1
    filter: Area | None = None
    protect: bool = True
    sortable: bool = False
    hidden: bool = False
    tab: str = ""
    zoom: int = 100

    def put(self, row: int, column: int, value: Value, style: Style | None = None) -> None:
        """Place a plain value."""
        self.cells[row, column] = Cell(value, "", style)


@bundle
class Growth:
    """What a sheet of an older book lacks: itself, or some of its rows and columns.

    Attributes:
        page: The sheet as it is built.
        after: The sheet it follows, when all of it is new.
        aside: A sheet of its name is there, of another layout: it is put aside, hidden, under the
            name `after`, and what led to it follows it.
        rows: Where new rows come to stand (ascending) → their row on the page.
        columns: The same of columns.
        row_places: Row of the page → row of the book then, of the others.
        column_places: The same of columns.
        fresh: Cells where nothing stands yet and the page has something, on a sheet that is as built.
        retired: Another sheet took its place: it is hidden, with all that people put there.
    """

    page: Page
    after: str = ""
    aside: bool = False
    rows: Mapping[int, int] = field(default_factory=dict)
    columns: Mapping[int, int] = field(default_factory=dict)
    row_places: Mapping[int, int] = field(default_factory=dict)
    column_places: Mapping[int, int] = field(default_factory=dict)
    fresh: frozenset[Spot] = frozenset()
    retired: bool = False

    def spot(self, row: int, column: int) -> Spot | None:
        """Return where a cell of the page comes to stand; None where it has no place."""
        rows = {built: now for now, built in self.rows.items()} | dict(self.row_places)
        columns = {built: now for now, built in self.columns.items()} | dict(self.column_places)
        return (rows[row], columns[column]) if row in rows and column in columns else None

    @property
    def new_cells(self) -> dict[Spot, Cell]:
        """The cells of new rows and columns, where they come to stand."""
        rows, columns = set(self.rows.values()), set(self.columns.values())
        return {
            spot: cell
            for (row, column), cell in self.page.cells.items()
            if (row in rows or column in columns) and (spot := self.spot(row, column))
        }


class Book(Protocol):
    """A workbook, closed or open: the only thing actions know about files and Excel."""

    @property
    def name(self) -> str:
        """File name, for messages."""

    def sheets(self) -> list[str]:
        """Return the sheet names in order."""

    def read(self, sheet: str) -> dict[Spot, Seen]:
        """Return the used cells of a sheet; raises StructureError when it does not exist."""

    def write(self, changes: Mapping[str, Mapping[Spot, Cell]]) -> None:
        """Write cells, all or none; styles are kept unless a cell brings one."""

    def grow(self, growths: Sequence[Growth]) -> None:
        """Put in what an older book lacks, before cells are written; all or none."""

    def save(self) -> None:
        """Make what was written durable."""

    def tell(self, text: str) -> None:
        """Show progress where the user looks."""


@cache
def letters(column: int) -> str:
    """Return the column's letters (1 → ``A``)."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def address(row: int, column: int) -> str:
    """Return the A1 address of a one-based spot."""
    return f"{letters(column)}{row}"


def quoted(sheet: str) -> str:
    """Return the sheet name as a formula prefix, quoted where Excel shows quotes (``'9月'!``)."""
    if _BARE.fullmatch(sheet):
        return f"{sheet}!"
    return "'" + sheet.replace("'", "''") + "'!"
