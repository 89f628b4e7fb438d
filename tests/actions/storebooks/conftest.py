"""Store workbooks handed out by small plan books, and staff who edit them."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from dataclasses import replace
from datetime import date

import pytest

from tests.actions.openbook import CellsBook
from xlplan.actions.stores.collect import collect
from xlplan.actions.stores.distribute import distribute
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.cells import Cell, Seen
from xlplan.ooxml.patching.patch import patch_package
from xlplan.ooxml.patching.writes import Write
from xlplan.sheets.daily.page import FIRST_ROW, HEAD_ROW, KEY_ROW
from xlplan.sheets.state.layout import pages
from xlplan.sheets.state.read import read_state

DAILY = "日报"
STORES = ("甲店", "乙店", "丙店")


class Staff:
    """Edits files as staff do in a spreadsheet program."""

    def columns(self, path):
        cells = FileBook(path).read(DAILY)
        return {seen.value: spot[1] for spot, seen in cells.items() if spot[0] == KEY_ROW}

    def spot(self, path, on, key):
        return FIRST_ROW + on.timetuple().tm_yday - 1, self.columns(path)[key]

    def header(self, path, key):
        return HEAD_ROW, self.columns(path)[key]

    def types(self, path, values, saved=""):
        """Write {(day, key): value} into 日报; `saved` is the ISO time the program notes."""
        columns = self.columns(path)
        cells = {}
        for (on, key), value in values.items():
            row = FIRST_ROW + on.timetuple().tm_yday - 1
            cells[row, columns[key]] = value if isinstance(value, Cell) else Cell(value)
        self.writes(path, cells, saved)

    def writes(self, path, cells, saved="", sheet=DAILY):
        self.puts(path, {sheet: cells})
        if saved:
            self.stamps(path, saved)

    def puts(self, path, changes):
        """Save as a program does: without the backup and the care of our own saving."""
        written = {
            sheet: {spot: Write(cell.value, cell.formula[1:] or None) for spot, cell in cells.items()}
            for sheet, cells in changes.items()
        }  # fmt: skip
        path.write_bytes(patch_package(path.read_bytes(), written))

    def stamps(self, path, saved):
        modified = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
        new = rb"\g<1>" + saved.encode() + b"Z"
        self.parts(path, {"docProps/core.xml": lambda old: modified.sub(new, old)})

    def parts(self, path, changes):
        """Rewrite parts of the package: name → function of the old bytes, or the new bytes."""
        made = io.BytesIO()
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
            for info in old.infolist():
                change = changes.get(info.filename)
                data = old.read(info.filename)
                new.writestr(info.filename, change(data) if callable(change) else data)
            for name, content in changes.items():
                if not callable(content):
                    new.writestr(name, content)
        path.write_bytes(made.getvalue())


@pytest.fixture(scope="session")
def staff():
    return Staff()


@pytest.fixture(scope="session")
def handed_out(state_of, tmp_path_factory):
    """Three stores with two days typed, and their workbooks of the first distribution."""
    folder = tmp_path_factory.mktemp("handed")
    state = state_of(stores=STORES, days=2, year=2026)
    typed = {
        (store, date(2026, 1, number)): {"gmv": 1000.5 * number + i, "uv": 100.0 + i}
        for i, store in enumerate(STORES)
        for number in (1, 2)
    }
    path = folder / "计划.xlsx"
    meta = {**state.meta, "id": "0123456789abcdef"}
    path.write_bytes(build(pages(replace(state, daily=typed, meta=meta))))
    done = distribute(FileBook(path), out=folder / "门店", months=[1])
    assert len(done.facts["files"]) == 3
    return folder


class DeskBook(CellsBook):
    """A plan book in memory: the Book protocol over cells, for fast tests."""

    def __init__(self, cells, path=None):
        super().__init__(cells)
        self.path = path
        self.waiting = {}
        self.saves = 0

    def write(self, changes):
        for sheet, cells in changes.items():
            self.waiting.setdefault(sheet, {}).update(cells)

    def save(self):
        self.saves += 1
        for sheet, cells in self.waiting.items():
            for spot, cell in cells.items():
                self.put(sheet, spot, cell.value, cell.formula)
        self.waiting = {}

    def put(self, sheet, spot, value, formula=""):
        if value in (None, "") and not formula:
            self.cells[sheet].pop(spot, None)
        else:
            number = isinstance(value, int) and not isinstance(value, bool)
            self.cells[sheet][spot] = Seen(float(value) if number else value, formula)


class Desk:
    """An operator's desk: the plan book, the folder with one workbook per store, short-hands."""

    def __init__(self, book, folder):
        self.book, self.folder = book, folder
        self.files = {path.name.partition("_")[0]: path for path in folder.iterdir()}

    def run(self, *paths, **options):
        return collect(self.book, paths or (self.folder,), take_in=False, **options)

    def changes_nothing(self, *paths, **options):
        before = {sheet: dict(cells) for sheet, cells in self.book.cells.items()}
        saves = self.book.saves
        done = self.run(*paths, **options)
        return done.title == "没有变化" and (self.book.saves, self.book.cells) == (saves, before)

    def chosen(self):
        """Carry out choices only."""
        return collect(self.book, take_in=False)

    def at(self):
        return read_state(self.book).at.daily

    def said(self, store, on, key):
        return read_state(self.book).state.daily.get((store, on), {}).get(key)

    def types(self, store, on, key, value):
        """Type into the plan book's own 日报."""
        at = self.at()
        self.book.put(DAILY, (at.rows[store, on], at.columns[key]), value)

    def choose(self, choice, row=0):
        cells = self.book.cells["收集报告"]
        rows = sorted(spot[0] for spot, seen in cells.items() if spot[1] == 2 and seen.value == "冲突")  # fmt: skip
        self.book.put("收集报告", (rows[row], 9), choice)

    def sheet(self, name):
        cells = self.book.cells[name]
        width = max(column for _, column in cells)
        return [
            [cells[row, c].value if (row, c) in cells else None for c in range(1, width + 1)]
            for row in sorted({row for row, _ in cells})
        ]


@pytest.fixture(scope="session")
def memory_book():
    """Return a function: pages → a book in memory."""

    def made(laid_out):
        book = DeskBook({page.name: {} for page in laid_out})
        for page in laid_out:
            for spot, cell in page.cells.items():
                book.put(page.name, spot, cell.value, cell.formula)
        return book

    return made


@pytest.fixture(scope="session")
def plan_cells(handed_out):
    book = FileBook(handed_out / "计划.xlsx")
    return {name: book.read(name) for name in book.sheets()}


@pytest.fixture
def desk(handed_out, plan_cells, tmp_path):
    shutil.copytree(handed_out / "门店", tmp_path / "门店")
    return Desk(DeskBook(plan_cells, tmp_path / "计划.xlsx"), next((tmp_path / "门店").iterdir()))
