"""Store workbooks handed out by small plan books, and staff who edit them."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from xlplan.actions.collect import collect
from xlplan.actions.distribute import distribute
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.sheets.daily_page import FIRST_ROW, HEAD_ROW, KEY_ROW
from xlplan.sheets.state import pages
from xlplan.sheets.state_read import read_state

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
        book = FileBook(path)
        book.write({sheet: cells})
        book.save()
        shutil.rmtree(path.parent / "备份", ignore_errors=True)
        if saved:
            self.stamps(path, saved)

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


@pytest.fixture
def desk(handed_out, tmp_path):
    """Return a copy of it all: the book, the folder, one path per store, and short-hands."""
    shutil.copytree(handed_out, tmp_path, dirs_exist_ok=True)
    book, folder = tmp_path / "计划.xlsx", next((tmp_path / "门店").iterdir())
    files = {path.name.partition("_")[0]: path for path in folder.iterdir()}

    def run(*paths, **options):
        given = paths or (folder,)
        return collect(FileBook(book), given, take_in=False, **options)

    def said(store, on, key):
        return read_state(FileBook(book)).state.daily.get((store, on), {}).get(key)

    def sheet(name):
        cells = FileBook(book).read(name)
        rows = sorted({row for row, _ in cells})
        width = max(column for _, column in cells)
        return [[cells[row, c].value if (row, c) in cells else None for c in range(1, width + 1)] for row in rows]  # fmt: skip

    return SimpleNamespace(
        book=book, folder=Path(folder), files=files, run=run, said=said, sheet=sheet
    )
