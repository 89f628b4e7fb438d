"""Sheets renamed or deleted, hidden cells edited: a refusal with the way back, never a traceback."""

from __future__ import annotations

import random
from datetime import date

import pytest

from tests.actions.openbook import STORES, OpenBook, planned_book
from xlplan.actions.imports.importing import import_all
from xlplan.cells import Seen, address
from xlplan.commands import ACTIONS, action
from xlplan.errors import PlanError, StructureError
from xlplan.sheets.state.read import read_state

TODAY = date(2026, 9, 30)
#: What each command is told; the others need nothing.
TOLD = {
    "spread": {"metric": "UV", "period": "Q3", "to": "+8%"},
    "hold": {"period": "9月9日", "why": "预售"},
    "release": {"id": "L1"},
    "version": {"do": "snapshot", "name": "年初"},
    "scenario": {"name": "乐观", "lifts": "UV 11月 +10%"},
    "import": {"as_of": TODAY},
    "collect": {"as_of": TODAY},
    "distribute": {"stores": [STORES[1]], "months": [9]},
    "reconcile": {"write": True},
    "trace": {"metric": "UV", "period": "9月9日"},
}
COMMANDS = [each.name for each in ACTIONS if each.book]
JUNK = [None, "", "随便", -1.0, 0.0, 1e308, "2026-02-30", True, "#REF!", "=1+1", 1e17, date(2026, 1, 1), "{", "[]", "\x07"]  # fmt: skip


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A planned book with an import, so that no hidden sheet is empty."""
    folder = tmp_path_factory.mktemp("book")
    path = folder / "计划.xlsx"
    path.write_bytes(planned_book())
    export = folder / "日报.csv"
    lines = "".join(f"2026-03-{day:02d},{day * 800.5},{day * 70}\n" for day in range(1, 20))
    export.write_text(f"日期,支付金额,访客数\n{lines}", "utf-8-sig")
    book = OpenBook(path)
    import_all(book, [export], store=STORES[0], as_of=TODAY)
    return book


def act(book, name, folder):
    """Run a command; a refusal is fine when it says the way back."""
    told = dict(TOLD.get(name, {}))
    if name in ("distribute", "budget"):
        told["out"] = folder / "放这里"
    refused = []
    try:
        action(name).function()(book, **told)
    except PlanError as error:
        refused.append(error)
    for error in refused:
        assert error.message
        assert error.remedy or not isinstance(error, StructureError)


def renamed(book, sheet):
    book.cells = {f"{name}改" if name == sheet else name: cells for name, cells in book.cells.items()}  # fmt: skip


def deleted(book, sheet):
    del book.cells[sheet]


def damage(book, sheet, rng):
    cells = book.cells[sheet]
    spots = list(cells)
    edge = [spot for spot in spots if min(spot) <= 2]
    row, column = rng.choice(edge if edge and rng.random() < 0.4 else spots)
    kind, junk = rng.choice(["cell"] * 4 + ["row", "column", "clear", "shuffle"]), rng.choice(JUNK)
    if kind == "cell":
        cells[row, column] = Seen(junk, "")
    elif kind == "shuffle":
        some = spots[:400]
        for spot, seen in zip(some, rng.sample([cells[s] for s in some], len(some)), strict=True):
            cells[spot] = seen
    else:
        for spot in spots:
            if kind == "clear" or (spot[0] == row if kind == "row" else spot[1] == column):
                del cells[spot]


@pytest.mark.parametrize("seed", range(1))
def test_every_sheet_renamed_or_deleted_is_no_traceback_for_any_command(base, seed, tmp_path):
    rng = random.Random(seed)
    for sheet in base.sheets():
        for change in (renamed, deleted):
            book = base.copied()
            change(book, sheet)
            act(book, rng.choice(COMMANDS), tmp_path)


@pytest.mark.parametrize("sheet", ["首页", "体检"])
@pytest.mark.parametrize("change", [renamed, deleted])
def test_no_command_breaks_over_the_first_or_the_last_look(base, sheet, change, tmp_path):
    for name in ("fill", "check"):
        book = base.copied()
        change(book, sheet)
        act(book, name, tmp_path)


@pytest.mark.parametrize("seed", range(12))
def test_hidden_cells_damaged_at_random_are_no_traceback(base, seed, tmp_path):
    rng = random.Random(seed)
    book = base.copied()
    hidden = [name for name in book.sheets() if name.startswith("_") and book.cells[name]]
    damage(book, rng.choice(hidden), rng)
    act(book, rng.choice(COMMANDS), tmp_path)


def read_all(book):
    read = read_state(book)
    return read.state.year.plan, read.state.year.actuals, read.state.sources


def spot_of(book, sheet, head, row):
    column = next(at[1] for at, seen in book.cells[sheet].items() if at[0] == 1 and seen.value == head)  # fmt: skip
    return row, column


@pytest.mark.parametrize(
    ("sheet", "head", "value"),
    [
        ("_计划", "date", "2026-02-30"),
        ("_计划", "date", date(2026, 1, 2)),
        ("_计划", "date", date(2027, 1, 1)),
        ("_计划", "date", None),
        ("_计划", "store", STORES[1]),
        ("_计划", "store", "没有的店"),
        ("_计划", "key", "x"),
        ("_实际", "date", 0.0),
        ("_实际", "store", None),
        ("_来源", "date", "2026-02-30"),
        ("_来源", "date", None),
        ("_来源", "store", ""),
        ("_来源", "gmv", "12%"),
    ],
)
def test_a_hidden_row_of_another_day_or_store_is_refused_with_its_place(base, sheet, head, value):
    book = base.copied()
    spot = spot_of(book, sheet, head, 400 if sheet != "_来源" else 5)
    book.cells[sheet][spot] = Seen(value, "")
    with pytest.raises(StructureError) as caught:
        read_all(book)
    assert sheet in caught.value.message
    assert "备份" in caught.value.remedy
    if head == "date" or sheet == "_来源":
        assert caught.value.where.cell == address(*spot)


@pytest.mark.parametrize("sheet", ["_计划", "_实际"])
def test_a_column_of_figures_that_lost_its_name_is_refused(base, sheet):
    book = base.copied()
    del book.cells[sheet][spot_of(book, sheet, "gmv", 1)]
    with pytest.raises(StructureError, match=sheet):
        _ = read_state(book).state.year.plan, read_state(book).state.year.actuals


def test_a_stray_figure_beside_a_hidden_table_does_no_harm(base):
    book = base.copied()
    wanted = read_state(book).state.year.plan
    book.cells["_计划"][7, 200] = Seen(5.0, "")
    assert read_state(book).state.year.plan.equals(wanted)


@pytest.mark.parametrize(
    ("key", "value"),
    [("year", "二〇二六"), ("year", None), ("year", -1.0), ("stores", "[]"), ("stores", "{"), ("stores", '["甲","甲"]'), ("channels", "5"), ("channels", None)],
)  # fmt: skip
def test_a_book_that_does_not_know_its_year_or_stores_says_so(base, key, value):
    book = base.copied()
    row = next(at[0] for at, seen in book.cells["_元数据"].items() if at[1] == 1 and seen.value == key)  # fmt: skip
    book.cells["_元数据"][row, 2] = Seen(value, "")
    with pytest.raises(StructureError, match=key):
        _ = read_state(book).state.year.plan
