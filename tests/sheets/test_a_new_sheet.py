"""A sheet is a declaration in one folder and a line in `SHEETS`; everything else finds it there."""

from __future__ import annotations

import io
import zipfile

import pytest

from xlplan import sheets
from xlplan.actions.run.apply import apply
from xlplan.actions.undo.undoing import undo
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.cells import Area, Cell, Chart, Page, Series
from xlplan.errors import StructureError
from xlplan.record import replace
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.base.sheet import Piece, Sheet, own_undo
from xlplan.sheets.state import deltas, layout, read
from xlplan.sheets.state.deltas import decode, delta, encode, replay
from xlplan.sheets.state.layout import pages
from xlplan.sheets.state.read import read_state

NAME, PART = "便签", "notes_of_the_day"


def toy_page(view):
    """A list of words, how many there are, and the sales planned for each month, drawn."""
    page = Page(NAME)
    page.put(1, 1, NAME)
    for row, (key, word) in enumerate(view.state.own.get(PART, {}).items(), start=3):
        page.put(row, 1, key)
        page.put(row, 2, word)
    page.cells |= toy_cells(view)
    bars = Series("销售额", Area(3, 5, 14, 5), Area(3, 4, 14, 4), "#4A90A4")
    page.charts.append(Chart("column", Area(1, 7, 20, 14), "各月计划", (bars,)))
    return page


def toy_cells(view):
    made = {(1, 2): Cell(len(view.state.own.get(PART, {})))}
    months = view.year.calendar.days["month"].to_numpy()
    sales = view.year.planned.of_scope(view.year.scopes[0])["gmv"]
    for month in range(1, 13):
        made[month + 2, 4] = Cell(f"{month}月")
        made[month + 2, 5] = Cell(float(sales[months == month].sum()))
    return made


def toy_read(reading):
    cells = reading.cells[NAME]
    return {str(cells[r, 1].value): str(cells[r, 2].value) for r, c in cells if c == 1 and r > 2}


def kept_cells(view):
    gone = {(row, column): Cell(None) for row in range(3, 9) for column in (1, 2)}
    return gone | {
        (row, column): Cell(text)
        for row, pair in enumerate(view.state.own.get(PART, {}).items(), start=3)
        for column, text in enumerate(pair, start=1)
    }


TOY = Sheet(
    NAME,
    toy_page,
    read={PART: toy_read},
    cells=(Piece(("plan", PART), toy_cells), Piece((PART,), kept_cells)),
    undo=(own_undo(PART),),
)


@pytest.fixture
def known(monkeypatch):
    """The line that makes it known."""
    every = (*sheets.SHEETS, TOY)
    for module in (sheets, layout, read, deltas):
        monkeypatch.setattr(module, "SHEETS", every)
    return every


@pytest.fixture
def path(known, one, tmp_path):
    state = replace(one, own={**one.own, PART: {"一": "开会"}})
    made = tmp_path / "计划.xlsx"
    made.write_bytes(build(pages(state, known)))
    return made


def test_a_new_book_has_it_with_its_chart(path):
    assert FileBook(path).sheets()[-1] == NAME
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        charts = [name for name in archive.namelist() if "charts/chart" in name]
        (drawn,) = [text for name in charts if "各月计划" in (text := archive.read(name).decode())]
    assert f"{NAME}!$E$3:$E$14" in drawn
    assert drawn.count("<c:v>") >= 24


def test_it_is_read_written_and_undone_like_every_other(path):
    book = FileBook(path)
    before = read_state(book)
    assert dict(before.state.own[PART]) == {"一": "开会"}
    after = replace(before.state, own={**before.state.own, PART: {"一": "开会", "二": "上新"}})
    assert apply(book, before, after, [LogRow(action="便签", note="加一条")]) == 3
    said = read_state(book)
    assert dict(said.state.own[PART]) == {"一": "开会", "二": "上新"}
    assert said.cells[NAME][1, 2].value == 2
    undo(book)
    assert dict(read_state(book).state.own[PART]) == {"一": "开会"}


def test_what_is_kept_of_it_comes_back_from_text(path):
    state = read_state(FileBook(path)).state
    after = replace(state, own={PART: {}})
    change = decode(encode(delta(state, after)))
    assert change.parts == {PART: {"一": ["开会", None]}}
    assert replay(after, change, back=True).own[PART] == {"一": "开会"}


def test_it_follows_the_plan(path):
    book = FileBook(path)
    before = read_state(book)
    plan = before.state.year.plan.copy()
    plan.iloc[0, 0] += 1000.0
    after = replace(before.state, year=replace(before.state.year, plan=plan))
    apply(book, before, after, [LogRow(action="改", note="一月多一千")])
    was, now = (b.cells[NAME][3, 5].value for b in (before, read_state(book)))
    assert now == pytest.approx(was + 1000.0)


def test_a_book_that_lost_it_is_told_so(known, one, tmp_path):
    other = tmp_path / "少一张.xlsx"
    other.write_bytes(build(pages(one, known)[:-1]))
    with pytest.raises(StructureError, match=NAME):
        read_state(FileBook(other))
