"""Fifty returned files with planted conflicts, damage and copies: exact merge, every fault told."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace
from datetime import date, timedelta

import pytest

from xlplan.actions.plan.asking import show_sheet
from xlplan.actions.stores.collect import collect
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.sheets.base.find import find_keys
from xlplan.sheets.collect import page as collect_page
from xlplan.sheets.daily.page import FIRST_ROW, KEY_ROW, DailyAt
from xlplan.sheets.state.layout import pages
from xlplan.sheets.state.read import read_state
from xlplan.sheets.stores.handout import read_handout
from xlplan.sheets.stores.pages import Origin, make_handout, store_pages

BOOK = "fedcba9876543210"
STORES = tuple(f"门店{number:02d}" for number in range(50))
KEYS = ("gmv", "uv", "orders", "buyers", "spend_keyword", "refund_units")
FILLED = range(5, 19)


def on(number):
    return date(2026, 1, 1) + timedelta(days=number)


class Planted:
    """Fifty copies in a folder; knows what must arrive, and what must be told of which file."""

    def __init__(self, folder, staff, book, typed):
        self.folder, self.staff, self.book, self.typed = folder, staff, book, typed
        self.wanted = {(store, day, key): value for (store, day), values in typed.items() for key, value in values.items()}  # fmt: skip
        self.told = {}
        self.missing = []
        self.columns = staff.columns(self.path(0))

    def path(self, number, ending=".xlsx"):
        return self.folder / f"{STORES[number]}_2026日报{ending}"

    def tell(self, number, rule, ending=".xlsx"):
        self.told.setdefault(self.path(number, ending).name, set()).add(rule)

    def fill(self, number, edits, ending=".xlsx", *, arrives=True):
        cells = {}
        for (day, key), value in edits.items():
            cell = value if isinstance(value, Cell) else Cell(value)
            cells[FIRST_ROW + (day - on(0)).days, self.columns[key]] = cell
            if arrives:
                self.wanted[STORES[number], day, key] = cell.value
        self.staff.writes(self.path(number, ending), cells)

    def write(self, number, cells):
        self.staff.writes(self.path(number), cells)

    def keep(self, number, day, key):
        """The plan book's own value stays."""
        old = self.typed.get((STORES[number], day), {}).get(key)
        self.wanted[STORES[number], day, key] = old

    def lose(self, number, rule="", ending=".xlsx"):
        """Nothing of this store arrives."""
        for store, day, key in list(self.wanted):
            if store == STORES[number]:
                self.keep(number, day, key)
        self.missing.append(STORES[number])
        if rule:
            self.tell(number, rule, ending)

    def operator(self, number, day, key, value):
        at = read_rows(self.book)
        self.book.put("日报", (at.rows[STORES[number], day], at.columns[key]), value)
        self.wanted[STORES[number], day, key] = value


def read_rows(book, cache={}):  # noqa: B006 - one book, read once
    if not cache:
        keys, cells = find_keys("日报", book.cells["日报"]), book.cells["日报"]
        store, day = keys.columns["store"], keys.columns["date"]
        spots = [spot for spot in cells if spot[1] == store and spot[0] >= FIRST_ROW]
        rows = {(cells[spot].value, cells[spot[0], day].value): spot[0] for spot in spots}
        cache["at"] = DailyAt(rows, keys.columns)
    return cache["at"]


@pytest.fixture(scope="module")
def planted(state_of, tmp_path_factory, memory_book, staff):
    folder = tmp_path_factory.mktemp("fifty")
    rng = random.Random(11)
    state = state_of(stores=STORES, days=0, year=2026)
    typed = {
        (store, on(i)): {"gmv": float(rng.randint(1000, 9000)), "uv": float(rng.randint(50, 900))}
        for store in STORES
        for i in range(5)
    }
    book = memory_book(pages(replace(state, daily=typed, meta={**state.meta, "id": BOOK})))
    show_sheet(book, sheet=collect_page.SHEET)
    for number in range(len(STORES)):
        book.put(collect_page.SHEET, (collect_page.FIRST_ROW + number, 4), 1.0)
    origin = Origin(BOOK, 1, "2026-01-06 09:00")
    copies(folder, state, typed, origin, staff)
    return Planted(folder, staff, book, typed)


def copies(folder, state, typed, origin, staff):
    """Make the copies of all stores from the first one's: name, memory and figures change."""
    first = STORES[0]
    handout = make_handout(state.year, first, typed, origin)
    model = build(store_pages(state.year, first, typed, handout, months=()))
    for store in STORES:
        path = folder / f"{store}_2026日报.xlsx"
        path.write_bytes(model)
        named = {"xl/worksheets/sheet2.xml": lambda old, store=store: old.replace(first.encode(), store.encode())}  # fmt: skip
        staff.parts(path, named)
        own = make_handout(state.year, store, typed, origin)
        columns = staff.columns(path) if store == first else copies.columns
        copies.columns = columns
        figures = {
            (FIRST_ROW + (day - on(0)).days, columns[key]): Cell(value)
            for day, values in own.base.items()
            for key, value in values.items()
        }
        staff.puts(path, {"_元数据": own.page().cells, "日报": figures})


def plant_edits(made):
    """Everyone fills two weeks; a third corrects an old day, some clear a number."""
    rng = random.Random(7)
    for number in range(len(STORES)):
        edits = {(on(i), key): float(rng.randint(1, 5000)) for i in FILLED for key in KEYS}
        if number % 3 == 0:
            edits[on(0), "gmv"] = 123.0 + number
        if number % 7 == 0:
            edits[on(1), "uv"] = None
        made.fill(number, edits)


def plant_conflicts(made):
    for number in range(5):
        made.operator(number, on(6), "gmv", 77_000.0 + number)
        made.tell(number, "冲突")


def plant_tampering(made):
    for number in (5, 6):
        made.fill(number, {(on(8), "orders"): "一百"}, arrives=False)
        made.keep(number, on(8), "orders")
        made.tell(number, "数值")
    for number in (7, 8):
        made.write(number, {(KEY_ROW + 1, made.columns["buyers"]): Cell("顾客")})
        for i in FILLED:
            made.keep(number, on(i), "buyers")
        made.tell(number, "表头")
    for number in (9, 10):
        made.fill(number, {(on(9), "gmv"): Cell(50.0, "=20+30")})
        made.tell(number, "公式")
    dates = {(FIRST_ROW + i, made.columns["date"]): Cell(on(30 - i)) for i in range(31)}
    made.write(11, dates)
    made.lose(11, "结构")
    made.write(12, {(FIRST_ROW + 10, column): Cell(None) for column in range(1, 60)})
    for key in KEYS:
        made.keep(12, on(10), key)
    made.write(13, {(FIRST_ROW + 2, column): Cell(None) for column in range(1, 60)})
    made.tell(13, "缺行")
    made.write(14, {(KEY_ROW, made.columns["xlplan:key"]): Cell(None)})
    made.lose(14, "结构")


def plant_damage(made):
    cut = made.path(15).read_bytes()[:30_000]
    for number, content, rule in ((15, cut, "damaged"), (16, b"<html>", "not_excel"), (17, b"", "not_excel")):  # fmt: skip
        made.path(number).write_bytes(content)
        made.lose(number, rule)
    made.path(18).rename(made.path(18, ".xls"))
    made.lose(18, "格式", ".xls")


def plant_strangers(made):
    """Another book's copy, another year's, and two stores that never returned."""
    forge(made, 19, book="other")
    made.lose(19, "总表不符")
    forge(made, 20, year=2025)
    made.lose(20, "年份")
    for number in (21, 22):
        made.path(number).unlink()
        made.lose(number)


def forge(made, number, **changes):
    path = made.path(number)
    handout = replace(read_handout(FileBook(path).read("_元数据")), **changes)
    made.staff.puts(path, {"_元数据": handout.page().cells})


def plant_copies(made):
    """Byte for byte; a second version that adds; a second version that disagrees."""
    for number in (23, 24, 25):
        shutil.copyfile(made.path(number), made.path(number, " (1).xlsx"))
    made.tell(23, "重复文件", " (1).xlsx")
    made.fill(24, {(on(7), "new_buyers"): 9.0}, " (1).xlsx")
    made.tell(24, "多份", " (1).xlsx")
    made.fill(25, {(on(7), "gmv"): 8.0}, " (1).xlsx", arrives=False)
    made.keep(25, on(7), "gmv")
    for ending, rules in ((".xlsx", ("冲突",)), (" (1).xlsx", ("冲突", "多份"))):
        for rule in rules:
            made.tell(25, rule, ending)
    (made.folder / "~$锁.xlsx").write_bytes(b"x")


def test_fifty_files_merge_exactly_and_every_planted_fault_is_told(planted):
    plant_edits(planted)
    plant_conflicts(planted)
    plant_tampering(planted)
    plant_damage(planted)
    plant_strangers(planted)
    plant_copies(planted)

    done = collect(planted.book, [planted.folder], take_in=False)

    told: dict[str, set[str]] = {}
    for problem in done.problems:
        told.setdefault(problem.where.file, set()).add(problem.rule)
    assert told == planted.told
    typed = read_state(planted.book).state.daily
    got = {(store, day, key): value for (store, day), values in typed.items() for key, value in values.items()}  # fmt: skip
    assert got == {where: value for where, value in planted.wanted.items() if value is not None}
    assert done.facts["missing"] == sorted(planted.missing)
    assert len(done.facts["conflicts"]) == 7
    saves = planted.book.saves
    again = collect(planted.book, [planted.folder], take_in=False)
    assert (again.title, planted.book.saves) == ("没有变化", saves)
