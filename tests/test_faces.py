"""The closed file and the open book: every action gives the same cells through both."""

from __future__ import annotations

import itertools
import shutil
from datetime import date
from types import SimpleNamespace

import pytest
import xlwings

from xlplan import commands
from xlplan.actions import apply, holding
from xlplan.actions.apply import Stamp
from xlplan.actions.newbook import Typed, new_from
from xlplan.books.file import FileBook
from xlplan.books.live import LiveBook
from xlplan.cells import Cell
from xlplan.ribbon.click import click
from xlplan.sheets import meta, targets_page
from xlplan.sheets.state_read import read_state

YEAR = 2026
STEPS = itertools.count(1)


@pytest.fixture(scope="module")
def both(tmp_path_factory, office_app):
    """The same new plan book as a closed file and open in LibreOffice."""
    folder = tmp_path_factory.mktemp("faces")
    path = folder / "计划.xlsx"
    figures = {"gmv": "906万", "uv": "200万", "cvr": "4.5%", "spend": "80万", "roi": "3.2"}
    new_from(path, Typed(YEAR, stores=["甲店"], figures=figures))
    (folder / "open").mkdir()
    opened = folder / "open" / path.name
    shutil.copyfile(path, opened)
    book = office_app.books.open(str(opened))
    yield path, book
    book.close()


def run(name, both, **options):
    """Run an action through both faces as the same step; what they say must be the same."""
    path, book = both
    function = commands.action(name).function()
    step = next(STEPS)
    mark = Stamp(f"2026-09-12 08:00:{step:02d}", f"a{step:07d}", "店员")
    with pytest.MonkeyPatch.context() as patch:
        for module in (apply, holding):
            patch.setattr(module, "stamp", lambda: mark)
        said = [function(FileBook(path), **options), function(LiveBook(book), **options)]
    closed, opened = (outcome.as_dict() for outcome in said)
    assert closed == opened
    return said[0]


def type_in(both, cells):
    path, book = both
    for face in (FileBook(path), LiveBook(book)):
        face.write(cells)
        face.save()


def differences(both):
    """Return the cells that differ, with both contents."""
    path, book = both
    closed, opened = FileBook(path), LiveBook(book)
    assert closed.sheets() == opened.sheets()
    found = {}
    for sheet in closed.sheets():
        one, other = closed.read(sheet), opened.read(sheet)
        for spot in one.keys() | other.keys():
            pair = one.get(spot, (None, "")), other.get(spot, (None, ""))
            if not agree(*pair):
                found[sheet, spot] = pair
    return found


def agree(one, other):
    (value, formula), (shown, text) = one, other
    if formula != text:
        return False
    if "TODAY()" in formula:
        return isinstance(shown, date)
    if isinstance(value, float) and isinstance(shown, float):
        return abs(value - shown) <= 1e-9 * max(1.0, abs(value))
    return (value or None) == (shown or None) and isinstance(value, bool) == isinstance(
        shown, bool
    )


def targets_at(both):
    return read_state(FileBook(both[0])).at.targets


pytestmark = pytest.mark.libreoffice


def test_spreading_changed_targets_gives_the_same_cells(both):
    at = targets_at(both)
    row = next(row for key, row in at.rows.items() if key.endswith("gmv"))
    type_in(both, {targets_page.SHEET: {(row, at.columns["value"]): Cell(9_500_000.0)}})
    assert run("fill", both).changed > 1000
    assert differences(both) == {}


def test_a_click_on_the_open_book_spreads_it_and_spreading_again_changes_nothing(
    both, tmp_path, monkeypatch
):
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    told = []
    person = SimpleNamespace(ask=None, tell=told.append)
    both[1].set_mock_caller()
    try:
        message = click("fill", person)
    finally:
        del xlwings.Book._mock_caller
    assert message.headline == "没有变化"
    assert told == [message]
    assert both[1].app.status_bar is False
    assert both[1].app.calculation == "automatic"


def test_importing_spreading_locking_undoing_and_examining_give_the_same_cells(both, tmp_path):
    export = tmp_path / "日报.csv"
    days = [f"2026-03-{day:02d},{day * 1000 + 0.5},{day * 100},{day * 7}" for day in range(1, 29)]
    export.write_text("日期,支付金额,访客数,支付订单数\n" + "\n".join(days), "utf-8-sig")
    assert run("import", both, paths=[export], as_of=date(2026, 4, 1)).changed > 28 * 3
    run("hold", both, metric="销售额", period="8月10日")
    assert run("spread", both, metric="销售额", period="8月", to="120万").changed > 100
    run("undo", both)
    before = both[0].read_bytes()
    run("check", both)
    assert both[0].read_bytes() == before
    assert differences(both) == {}


def test_the_open_book_says_to_the_add_in_what_it_holds(both):
    def value(name):
        return both[1].names[name].refers_to_range.value

    assert value("xlplan_has_actuals") is True
    assert value("xlplan_has_plan") is True
    assert value("xlplan_version") == meta.SCHEMA
    assert value("xlplan_undo")
