"""A plan book held in memory between saves, and the two-store book that histories start from."""

from __future__ import annotations

import tempfile
from copy import copy
from dataclasses import replace
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

from xlplan.actions.plan.fill import fill
from xlplan.actions.plan.new import NewBook, make_state
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.cells import Seen
from xlplan.plan.parts.splits import Part, Splits
from xlplan.plan.targets.claims import Claim, Span
from xlplan.sheets import SHEETS
from xlplan.sheets.base.lists import LOG
from xlplan.sheets.base.sheet import new_view, seen_on
from xlplan.sheets.hidden import meta
from xlplan.sheets.history.page import UNDO
from xlplan.sheets.state.layout import pages
from xlplan.sheets.state.read import read_state

STORES = ("天猫一店", "京东二店")
FIGURES = {"gmv": 9_060_000.0, "cvr": 0.055, "aov": 100.0, "roi": 3.2, "spend": 1_000_000.0}
GIVEN = {3: 700_000.01, 11: 1_500_000.0}
SPLITS = Splits(
    [Part("女装", 0.5), Part("男装", 0.3), Part("童装", 0.2)],
    [Part("天猫", 0.7), Part("京东", 0.3)],
)


@cache
def first_book():
    """Return the bytes of a book: given months, categories, three days typed on 日报."""
    claims = [Claim(n, v, store=s) for s in STORES for n, v in FIGURES.items()]
    claims += [
        Claim("gmv", v, store=STORES[0], period=Span.MONTH, index=m) for m, v in GIVEN.items()
    ]
    state, _ = make_state(NewBook(2026, list(STORES), claims))
    typed = {(STORES[0], date(2026, 9, d)): {"gmv": 1000.5 * d, "uv": 70.0} for d in (1, 2, 3)}
    return build(pages(replace(state, splits=SPLITS, daily=typed)))


@cache
def empty_sheets():
    """Return the cells of the sheets that come when they first hold something, while they do not."""
    state, _ = make_state(NewBook(2026, list(STORES)))
    view = new_view(state, SHEETS)
    return {sheet.name: seen_on(sheet.page(view)) for sheet in SHEETS if sheet.blank}


@cache
def planned_book():
    """Return the bytes of that book with its year spread."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "计划.xlsx"
        path.write_bytes(first_book())
        book = OpenBook(path)
        fill(book)
        book.reopen()
        return path.read_bytes()


@lru_cache(maxsize=4)
def cells_of(data):
    """Read the bytes of a book; the next test that starts from the same ones does not."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "计划.xlsx"
        path.write_bytes(data)
        book = FileBook(path)
        return {sheet: book.read(sheet) for sheet in book.sheets()}


class CellsBook:
    """A plan book whose cells are in memory: what reading it takes."""

    name = "计划.xlsx"

    def __init__(self, cells):
        self.cells = {sheet: dict(found) for sheet, found in cells.items()}

    def sheets(self):
        return list(self.cells)

    def read(self, sheet):
        return dict(self.cells[sheet])

    def tell(self, text):
        pass

    def grow(self, growths):
        """Take in whole new sheets; lines of an older book are not asked for here."""
        for one in growths:
            listed = list(self.cells.items())
            listed.insert([*self.cells].index(one.after) + 1, (one.page.name, seen_on(one.page)))
            self.cells = {name: dict(cells) for name, cells in listed}


class OpenBook(CellsBook):
    """A closed file held in memory between saves, as a program holds an open book."""

    def __init__(self, path):
        self.path, self.pending, self.saves, self.written = path, {}, 0, 0
        self.grown = []
        self.known = None, None
        self.load()

    def load(self):
        found = cells_of(self.path.read_bytes())
        self.cells = {sheet: dict(cells) for sheet, cells in found.items()}

    def copied(self):
        """Another book that says the same, without reading the file again."""
        made = copy(self)
        made.cells = {sheet: dict(cells) for sheet, cells in self.cells.items()}
        made.pending, made.grown = {}, []
        return made

    def grow(self, growths):
        super().grow(growths)
        self.grown += growths

    def write(self, changes):
        self.written += 1
        for sheet, cells in changes.items():
            self.pending.setdefault(sheet, {}).update(cells)
            for spot, cell in cells.items():
                self.cells[sheet][spot] = Seen(cell.value, cell.formula)

    def save(self):
        self.saves += 1

    def reopen(self):
        book = FileBook(self.path)
        book.grow(self.grown)
        book.write(self.pending)
        book.save()
        self.pending, self.grown = {}, []
        self.written += 1
        self.load()

    def said(self):
        """What it says, read once for as long as nobody writes."""
        if self.known[0] != self.written:
            self.known = self.written, read_state(self)
        return self.known[1]

    def values(self):
        """What it says; a sheet that came and holds nothing says as much as one that is not there."""
        empty = empty_sheets()
        return {
            (sheet, spot): (seen.value if seen.value != "" else None, seen.formula)
            for sheet, cells in self.cells.items()
            if sheet not in (LOG, UNDO, meta.SHEET)
            for spot, seen in cells.items()
            if (seen.value not in (None, "") or seen.formula)
            and empty.get(sheet, {}).get(spot) != seen
        }
