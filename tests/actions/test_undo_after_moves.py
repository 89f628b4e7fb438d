"""Undo and redo find what they change by key and name: rows may move in between."""

from __future__ import annotations

import pytest

from tests.actions.openbook import STORES, OpenBook, first_book, planned_book
from tests.actions.test_undo_everything import returned, targets, type_over
from xlplan.actions.change.changing import spread
from xlplan.actions.change.holding import hold
from xlplan.actions.change.versions import version
from xlplan.actions.plan.reconcile import reconcile
from xlplan.actions.undo.history import log
from xlplan.actions.undo.undoing import redo, undo
from xlplan.cells import Seen
from xlplan.errors import StructureError
from xlplan.sheets.base.lists import LOG
from xlplan.sheets.collect.collected import read_collected
from xlplan.sheets.month.typed_plan import typed_cells
from xlplan.sheets.state.read import read_state


def move(book, sheet, place):
    """Move the cells of a sheet as a spreadsheet program does, but leave formulas as they are."""
    book.cells[sheet] = {place(*spot): seen for spot, seen in book.cells[sheet].items()}


def insert_row(book, sheet, at):
    move(book, sheet, lambda row, column: (row + (row >= at), column))


def insert_column(book, sheet, at):
    move(book, sheet, lambda row, column: (row, column + (column >= at)))


def turn_over(book, sheet, rows):
    """Sort rows the other way round."""
    to = dict(zip(rows, reversed(rows), strict=True))
    move(book, sheet, lambda row, column: (to.get(row, row), column))


def swap_categories(book, at):
    """Retype two categories in each other's rows, with their shares and those of single months."""
    cells = book.cells["品类平台"]
    months = [f"m:{month}" for month in range(1, 13)]
    for key, names in (("c", ("name", "share")), ("sc", months)):
        for column in (at.columns[name] for name in names):
            one, other = ((at.rows[f"{key}:{number}"], column) for number in (0, 1))
            cells[one], cells[other] = cells[other], cells[one]


def move_everything(book):
    """Insert rows everywhere, sort 日报 and 锁定, let two categories change places."""
    read = read_state(book)
    turn_over(book, "日报", sorted(read.at.daily.rows.values()))
    swap_categories(book, read.at.split)
    insert_row(book, "日报", 40)
    insert_row(book, "年度目标", read.at.targets.rows[f"t:{STORES[1]}|uv"])
    insert_row(book, "品类平台", read.at.split.rows["c:1"])
    insert_row(book, "收集报告", 1)
    insert_row(book, "收集报告", 8)
    insert_row(book, "版本对比", 3)
    insert_row(book, "9月", 6)
    turn_over(book, "锁定", [5, 6])
    insert_row(book, "锁定", 2)
    insert_row(book, LOG, 2)
    insert_column(book, LOG, 3)
    insert_column(book, "体检", 2)


def said(book):
    """Return what a book says, wherever it stands."""
    read = read_state(book)
    state, splits = read.state, read.state.splits
    shares = {
        (part.name, month): share
        for part in (*splits.categories, *splits.platforms)
        for month, share in part.months.items()
    }
    return {
        **{name: getattr(state.year, name).to_numpy().tobytes() for name in ("plan", "actuals")},
        **{name: list(getattr(state, name)) for name in ("versions", "problems")},
        **{name: getattr(state, name) for name in ("daily", "origins")},
        **{sheet: rows_of(read.cells[sheet]) for sheet in ("收集报告", "版本对比")},
        "holds": sorted(state.holds, key=lambda hold: hold.id),
        "typed": [(t.cell.region, t.value) for t in typed_cells(read)],
        "targets": {key: value for key, value in state.typed.values.items() if value is not None},
        "shares": shares,
        "sources": state.sources.to_csv(),
        "copies": read_collected(read.cells["_收集"]),
    }


def rows_of(cells):
    rows = {}
    for (row, _), seen in sorted(cells.items()):
        if seen.value not in (None, ""):
            rows.setdefault(row, []).append(seen.value)
    return list(rows.values())


def actions(book):
    """Yield actions that write into every sheet there is to move things on."""
    yield lambda: reconcile(book, write=True)
    yield lambda: spread(book, category="男装", period="9月", to="+8%")
    yield lambda: hold(book, period="3月3日")
    yield lambda: hold(book, period="4月4日", why="预售")
    yield lambda: version(book, do="snapshot", name="一稿")
    yield lambda: version(book, do="compare", name="一稿")
    yield returned(book)


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A book with figures typed by hand, and what it says after each of several actions."""
    path = tmp_path_factory.mktemp("moved") / "计划.xlsx"
    path.write_bytes(first_book())
    book = OpenBook(path)
    targets(book, "uv", 9_000_000.0)
    type_over(book)
    stood = [said(book)]
    for act in actions(book):
        if act.__qualname__.startswith("returned"):
            stood.append(said(book))  # it handed out before
        assert act().changed > 0
        stood.append(said(book))
    return book, stood


def test_rows_that_moved_are_undone_and_redone_where_they_are_now(lived):
    book, stood = lived
    move_everything(book)
    assert said(book) == stood[-1]
    for before in reversed(stood[:-1]):
        undo(book)
        now = said(book)
        assert {part for part in now if now[part] != before[part]} == set()
    for _ in stood[1:]:
        redo(book)
    assert said(book) == stood[-1]
    assert log(book, verify=True).problems == []
    named = {seen.value for (_, column), seen in book.cells[LOG].items() if column == 4}
    assert {"撤销", "重做", "收集", "协调"} <= named


def test_a_head_of_the_log_that_is_gone_is_named_and_nothing_is_written(tmp_path):
    path = tmp_path / "计划.xlsx"
    path.write_bytes(planned_book())
    book = OpenBook(path)
    spot = next(spot for spot, seen in book.cells[LOG].items() if seen.value == "旧值")
    book.cells[LOG][spot] = Seen("原来的")
    there = book.values()
    with pytest.raises(StructureError, match="表头少了：旧值"):
        hold(book, period="9月9日")
    assert book.values() == there
